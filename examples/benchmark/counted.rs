//! How much faster networks may be on more cores than there are, by counting: a call is recorded on one thread with all places where it is
//! divided, each part with its time, and the parts are given to simulated cores.
//!
//! A core goes on with the first half of a fork and leaves the second one to whoever has nothing to do, or takes it up itself; the last to
//! arrive at the end of a fork goes on behind it. That is what the pool does, but that a thread of the pool that waits for the other half
//! takes up something else meanwhile. What is not simulated: that cores share memory, caches and power, and that a pass enters the pool.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use net_runtime::Error;
use net_runtime::machine::{Division, division};

use crate::measure::Mode;
use crate::subject::Subject;

/// Simulated machines: how many cores, and whether their threads are kept awake in a pass, as those of a pool of at most eight are; and what
/// would be if those of larger pools were, too.
pub const MACHINES: [(usize, bool); 6] = [(2, true), (8, true), (16, false), (64, false), (16, true), (64, true)];

/// Nanoseconds until a thread that looks for work has what another one has left.
const HANDING: u64 = 1_000;
/// A thread that finds nothing for so many nanoseconds sleeps, unless it is kept awake.
const PATIENCE: u64 = 10_000;
/// Nanoseconds until a thread that sleeps is there.
const WAKING: u64 = 15_000;

/// Calls are recorded for that long, and at least so often; the shortest time of each part counts.
const RECORDED: (Duration, usize) = (Duration::from_millis(500), 5);

/// What was counted of a case.
pub struct Counted {
    /// Milliseconds on one thread.
    pub one: f64,
    /// The part of that which no other thread can help with, in percent.
    pub alone: f64,
    /// How many operations are divided.
    pub operations: usize,
    /// Units of work of an operation, on average.
    pub units: f64,
    /// How many times the mean the longest unit of an operation is, weighed with the time of operations.
    pub spread: f64,
    /// How many times as fast each of the machines is as one core.
    pub faster: [f64; MACHINES.len()],
}

/// Counts a case.
pub fn count(network: &dyn Subject, mode: Mode, batch: usize) -> Result<Counted, Error> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let pool = pool.map_err(|error| Error::Invalid(error.to_string()))?;
    let [asleep, awake] = pool.install(|| -> Result<_, Error> {
        Ok([record(network, mode, batch, false)?, record(network, mode, batch, true)?])
    })?;
    let times = MACHINES.map(|(cores, is_awake)| {
        let division = if is_awake { &awake } else { &asleep };
        division.total().as_nanos() as f64 / Simulation::new(division, cores, is_awake).run() as f64
    });
    let (mut units, mut spread, mut divided) = (0, 0.0, 0.0);
    for fork in &awake.forks {
        let of_fork: Vec<f64> = fork.iter().flat_map(Division::units).map(|unit| unit.as_secs_f64()).collect();
        let (sum, most) = (of_fork.iter().sum::<f64>(), of_fork.iter().copied().fold(0.0, f64::max));
        units += of_fork.len();
        spread += most * of_fork.len() as f64;
        divided += sum;
    }
    let (one, operations) = (awake.total().as_secs_f64(), awake.forks.len());
    Ok(Counted {
        one: one * 1e3,
        alone: awake.undivided().as_secs_f64() / one * 100.0,
        operations,
        units: units as f64 / operations.max(1) as f64,
        spread: if divided > 0.0 { spread / divided } else { 1.0 },
        faster: times,
    })
}

fn record(network: &dyn Subject, mode: Mode, batch: usize, awake: bool) -> Result<Division, Error> {
    let mut step = mode.step(network, batch);
    let mut done = Ok(());
    let mut once = || division(awake, || done = step());
    for _ in 0..2 {
        once();
    }
    let mut least = once();
    let begin = Instant::now();
    let mut calls = 1;
    while calls < RECORDED.1 || begin.elapsed() < RECORDED.0 {
        least = least.least(once());
        calls += 1;
    }
    done.map(|()| least)
}

/// Undivided parts one after the other, with forks between them: the whole, or half of a fork.
struct Series {
    /// Nanoseconds.
    parts: Vec<u64>,
    forks: Vec<[usize; 2]>,
    /// The series with the fork that this is half of, and its number.
    half_of: Option<(usize, usize)>,
    /// How many halves of each fork are left.
    left: Vec<usize>,
}

/// A core that will have done a part of a series, the first to be done the greatest.
type Busy = Reverse<(u64, usize, usize, usize)>;

struct Simulation {
    series: Vec<Series>,
    awake: bool,
    /// What each core has left to others or for later, with the time since then.
    waiting: Vec<Vec<(u64, usize)>>,
    busy: BinaryHeap<Busy>,
    /// Cores without work, with the time since then; nobody has had any before the beginning.
    idle: Vec<(Option<u64>, usize)>,
}

impl Simulation {
    fn new(division: &Division, cores: usize, awake: bool) -> Self {
        let mut simulation = Self {
            series: Vec::new(),
            awake,
            waiting: vec![Vec::new(); cores],
            busy: BinaryHeap::new(),
            idle: (1..cores).map(|core| (None, core)).collect(),
        };
        simulation.add(division, None);
        simulation
    }

    fn add(&mut self, division: &Division, half_of: Option<(usize, usize)>) -> usize {
        let index = self.series.len();
        let parts = division.alone.iter().map(|part| part.as_nanos() as u64).collect();
        let left = vec![2; division.forks.len()];
        self.series.push(Series { parts, forks: Vec::new(), half_of, left });
        for (fork, halves) in division.forks.iter().enumerate() {
            let halves = halves.each_ref().map(|half| self.add(half, Some((index, fork))));
            self.series[index].forks.push(halves);
        }
        index
    }

    /// Nanoseconds until all is done.
    fn run(mut self) -> u64 {
        self.start(0, 0, 0, 0);
        while let Some(Reverse((now, core, series, part))) = self.busy.pop() {
            if let Some(&[first, second]) = self.series[series].forks.get(part) {
                self.waiting[core].push((now, second));
                self.start(core, first, 0, now);
            } else if let Some((around, fork)) = self.series[series].half_of {
                let left = &mut self.series[around].left[fork];
                *left -= 1;
                if *left == 0 {
                    self.start(core, around, fork + 1, now);
                } else if let Some((_, own)) = self.waiting[core].pop() {
                    self.start(core, own, 0, now);
                } else {
                    self.idle.push((Some(now), core));
                }
            } else {
                return now;
            }
            self.hand_over(now);
        }
        unreachable!("the whole has an end")
    }

    fn start(&mut self, core: usize, series: usize, part: usize, now: u64) {
        self.busy.push(Reverse((now + self.series[series].parts[part], core, series, part)));
    }

    /// Gives what was left first to the cores that have been without work for the shortest time.
    fn hand_over(&mut self, now: u64) {
        while let Some(next) = (0..self.idle.len()).max_by_key(|&index| self.idle[index].0) {
            let oldest = (0..self.waiting.len()).filter(|&core| !self.waiting[core].is_empty());
            let Some(from) = oldest.min_by_key(|&core| self.waiting[core][0].0) else { return };
            let (_, series) = self.waiting[from].remove(0);
            let (since, core) = self.idle.swap_remove(next);
            let looks = self.awake || since.is_some_and(|since| now - since < PATIENCE);
            self.start(core, series, 0, now + if looks { HANDING } else { WAKING });
        }
    }
}
