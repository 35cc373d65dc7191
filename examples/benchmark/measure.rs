//! What is measured of a network, and how.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use net_runtime::Error;

use crate::subject::{Step, Subject};

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Training steps, one after the other within the thread pool, as `fit` has them.
    Train,
    /// Predictions, in the same way.
    Infer,
    /// Predictions of which one begins each millisecond, on the thread that asks for them: waking other threads would cost
    /// more than the work of a small network.
    Paced,
    /// The resident memory of training, beside what a rival's network takes by itself.
    Memory,
    /// The same, beside the whole program of a rival.
    Resident,
}

/// Calls are timed for that long.
const TIMED: Duration = Duration::from_secs(1);
/// They are at least and at most so many.
const TIMED_CALLS: (usize, usize) = (5, 1000);
/// Calls before go on for that long, and are at least so many.
const WARM_UP: (Duration, usize) = (Duration::from_millis(200), 3);
/// What begins each millisecond begins so often.
const PACED_CALLS: usize = 1000;

impl Mode {
    /// All that there are.
    pub const ALL: [Self; 5] = [Self::Train, Self::Infer, Self::Paced, Self::Memory, Self::Resident];

    /// Its word on the command line and in lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Infer => "infer",
            Self::Paced => "paced",
            Self::Memory => "memory",
            Self::Resident => "resident",
        }
    }

    /// What is called.
    pub fn step(self, network: &dyn Subject, batch: usize) -> Step {
        match self {
            Self::Train | Self::Memory | Self::Resident => network.training(batch),
            Self::Infer | Self::Paced => network.prediction(batch),
        }
    }
}

/// Two numbers of a case: median and least milliseconds, or twice the megabytes that the whole program has taken at most.
pub fn measure(network: &dyn Subject, mode: Mode, batch: usize) -> Result<[f64; 2], Error> {
    let mut step = mode.step(network, batch);
    match mode {
        // The pool is entered once, which takes as long as a pass of a small network: who has many calls does the same.
        Mode::Train | Mode::Infer => net_runtime::in_threads(|| time(&mut step)),
        Mode::Paced => time_paced(&mut step),
        Mode::Memory | Mode::Resident => {
            (0..WARM_UP.1).try_for_each(|_| step())?;
            Ok([peak_memory()?; 2])
        }
    }
}

/// Times calls that follow each other.
fn time(step: &mut Step) -> Result<[f64; 2], Error> {
    let begin = Instant::now();
    let mut calls = 0;
    while calls < WARM_UP.1 || begin.elapsed() < WARM_UP.0 {
        step()?;
        calls += 1;
    }
    let mut times = Vec::with_capacity(TIMED_CALLS.1);
    let begin = Instant::now();
    while times.len() < TIMED_CALLS.0 || begin.elapsed() < TIMED && times.len() < TIMED_CALLS.1 {
        times.push(milliseconds(step)?);
    }
    Ok(median_and_least(times))
}

/// Times calls of which one begins each millisecond.
fn time_paced(step: &mut Step) -> Result<[f64; 2], Error> {
    let mut times = Vec::with_capacity(PACED_CALLS);
    (0..WARM_UP.1).try_for_each(|_| step())?;
    let mut next = Instant::now();
    for _ in 0..PACED_CALLS {
        next += Duration::from_millis(1);
        thread::sleep(next.saturating_duration_since(Instant::now()));
        times.push(milliseconds(step)?);
    }
    Ok(median_and_least(times))
}

fn milliseconds(step: &mut Step) -> Result<f64, Error> {
    let start = Instant::now();
    step()?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

fn median_and_least(mut times: Vec<f64>) -> [f64; 2] {
    times.sort_by(f64::total_cmp);
    [times[times.len() / 2], times[0]]
}

/// The most resident memory that this process has had, in megabytes (2^20 bytes), from Linux.
fn peak_memory() -> Result<f64, Error> {
    let unknown = || Error::Invalid("only Linux tells the peak of the resident memory".to_owned());
    let status = fs::read_to_string("/proc/self/status").map_err(|_| unknown())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or_else(unknown)?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().map_err(|_| unknown())?;
    Ok(kilobytes / 1024.0)
}
