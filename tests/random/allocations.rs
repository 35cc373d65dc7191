//! Passes of a network that has warmed up take no memory. Requests are counted over all threads, so this runs in a process of its
//! own, one network after the other on one thread.

use std::alloc::System;
use std::env;
use std::process::Command;

use net_reference::{open, program, text};
use net_runtime::Arithmetic;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use crate::{SEED, cases, compare, expected};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Says that this process is the one that counts.
const COUNTS: &str = "NETWORK_RANDOM_ALLOCATIONS";

/// What the allocator has been asked for so far.
fn requests() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// Starts the process that counts, or is it.
pub fn check() {
    if env::var_os(COUNTS).is_some() {
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        return alone.install(count);
    }
    let output = Command::new(env::current_exe().expect("a test has a file"))
        .args(["--exact", "passes_take_no_memory_once_they_have_some", "--nocapture"])
        .env(COUNTS, "")
        .output()
        .expect("a test can be run again");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn count() {
    let mut faults = Vec::new();
    for (index, mut subject) in cases() {
        let program = program(SEED, index);
        let graph = open(&program).expect("a program that fits");
        let order = compare::order(&graph, &*subject).expect("the same weights");
        let questions = expected::questions(&graph, SEED, index, 0);
        let tasks = compare::tasks(&graph, &questions, 0.0, &order);
        for task in tasks.iter().filter(|task| task.arithmetic == Arithmetic::Fast) {
            let mut taken = || subject.requests_when_warm(task, &requests);
            // The harness takes some, too, when it says after a minute that the test is still running: but once.
            let taken = if taken() > 0 { taken() } else { 0 };
            if taken > 0 {
                faults.push(format!("program {index}, {}: {taken} requests\n{}", task.name, text::source(&program)));
            }
        }
    }
    assert!(faults.is_empty(), "programs of seed {SEED}:\n{}", faults.join("\n"));
}
