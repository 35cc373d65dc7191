//! Random networks: outputs, losses, every gradient and trained weights are those of a naive interpreter in `f64`, on every
//! instruction set; and the same to the bit on one, two and three threads. Warmed-up passes take no memory.
//!
//! A build script writes the programs. `net_reference` says what is drawn and how it is interpreted. Other programs, and more:
//!
//! ```console
//! $ NETWORK_SEED=7 NETWORK_COUNT=300 cargo test --test random
//! ```
//!
//! A failure prints its program and what it computes wrong. It is built and run alone with its number:
//!
//! ```console
//! $ NETWORK_SEED=7 NETWORK_ONLY=123 cargo test --test random
//! ```

mod allocations;
mod compare;
mod expected;
mod processes;
#[macro_use]
mod subject;

use std::sync::Mutex;

use net_reference::{program, text};
use subject::Subject;

include!(concat!(env!("OUT_DIR"), "/random_networks.rs"));

/// The networks with their numbers, each to be taken once.
fn queue() -> Mutex<Vec<(u64, Box<dyn Subject>)>> {
    Mutex::new(cases())
}

/// Does something with every network, on all cores.
fn for_each_case(work: impl Fn(u64, &mut dyn Subject) + Sync) {
    let queue = queue();
    let next = || queue.lock().expect("no panic while it is held").pop();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((index, mut subject)) = next() {
                    work(index, &mut *subject);
                }
            });
        }
    });
}

/// The most programs of a hundred of which nothing may be certain, since rounding decides something there.
const UNCERTAIN: usize = 10;

#[test]
fn random_networks_compute_what_a_naive_interpreter_does() {
    let (known, failures) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let fail = |index: u64, faults: String| failures.lock().expect("no panic").push((index, faults));
    for_each_case(|index, subject| match compare::check(index, subject) {
        Ok(answers) => known.lock().expect("no panic").extend(answers),
        Err(faults) => fail(index, faults),
    });
    let mut known = known.into_inner().expect("no panic");
    known.sort_by_key(|known| known.index);
    for simd in ["portable", "avx2"] {
        for (index, faults) in processes::check(simd, &known) {
            fail(index, format!("with NETWORK_SIMD={simd}: {faults}"));
        }
    }

    let failures = failures.into_inner().expect("no panic");
    let all = cases().len();
    println!("{} of {all} programs compared, {} wrong", known.len(), failures.len());
    // Near 1, tolerances are too small: what is right would fail with other numbers.
    let mut used: Vec<(f64, u64, String)> = known
        .iter()
        .map(|known| (known.closest(), known.index))
        .map(|((used, which), index)| (used, index, which))
        .collect();
    used.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (used, index, which) in used.iter().take(3) {
        println!("program {index} used {used:.2} of the tolerance of {which}");
    }
    let told = failures
        .iter()
        .map(|(index, faults)| format!("program {index}: {faults}\n{}", text::source(&program(SEED, *index))));
    assert!(failures.is_empty(), "programs of seed {SEED}:\n{}", told.collect::<Vec<_>>().join("\n"));
    let uncertain = all - known.len();
    assert!(uncertain * 100 <= UNCERTAIN * all, "of {uncertain} of {all} programs nothing is certain");
}

#[test]
fn passes_take_no_memory_once_they_have_some() {
    allocations::check();
}

/// What another process of this test asks for; nothing by itself.
#[test]
fn results_for_another_process() {
    processes::answer();
}
