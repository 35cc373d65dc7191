//! What the programs here share: which case is wanted, how it is timed, how a line looks, as in the project's
//! `examples/benchmark`.

use std::time::{Duration, Instant};

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Forward, losses, backward, Adam.
    Train,
    /// Forward alone, softmax included.
    Infer,
}

/// One call of what is timed.
pub type Step = Box<dyn FnMut()>;

/// Calls are timed for that long.
const TIMED: Duration = Duration::from_secs(1);
/// They are at least and at most so many.
const TIMED_CALLS: (usize, usize) = (5, 1000);
/// Calls before go on for that long, and are at least so many.
const WARM_UP: (Duration, usize) = (Duration::from_millis(200), 3);

/// Times the case that the command line names, as `detector train 32`: `make` makes what is timed, or nothing where the rival
/// cannot.
pub fn time(rival: &str, make: impl FnOnce(&str, Mode, usize) -> Option<Step>) {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [network, mode_name, batch] = &words[..] else { panic!("write NETWORK train|infer BATCH") };
    let mode = match mode_name.as_str() {
        "train" => Mode::Train,
        "infer" => Mode::Infer,
        _ => panic!("`{mode_name}` is neither train nor infer"),
    };
    let batch = batch.parse().expect("the batch is a number");
    let Some(step) = make(network, mode, batch) else { panic!("{rival} does not {mode_name} `{network}` here") };
    let (median, least) = milliseconds(step);
    println!("{rival},{network},{mode_name},{batch},{median:.6},{least:.6}");
}

/// Median and minimum.
fn milliseconds(mut step: Step) -> (f64, f64) {
    let (begin, mut calls) = (Instant::now(), 0);
    while calls < WARM_UP.1 || begin.elapsed() < WARM_UP.0 {
        step();
        calls += 1;
    }
    let (begin, mut times) = (Instant::now(), Vec::new());
    while times.len() < TIMED_CALLS.0 || begin.elapsed() < TIMED && times.len() < TIMED_CALLS.1 {
        let start = Instant::now();
        step();
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[0])
}
