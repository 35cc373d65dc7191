//! Times work beside the peak of the cores that do it, and prints a line of a table for each.

use std::fs;
use std::time::{Duration, Instant};

use net_runtime::machine;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Part of the peak, or of the time, that may be lost to others before a case is thrown away.
const TOLERANCE: f64 = 0.05;

/// How often a case is begun again after it was thrown away.
const TRIES: usize = 3;

/// How long a case is repeated, and how often at least.
const DURATION: Duration = Duration::from_millis(600);
const REPETITIONS: usize = 7;

/// Something that can be timed.
pub struct Work<'a> {
    /// Whose it is.
    pub by: &'static str,
    /// Does it once.
    pub run: Box<dyn FnMut() + Send + 'a>,
}

impl<'a> Work<'a> {
    /// Does something once at each call.
    pub fn new(by: &'static str, run: impl FnMut() + Send + 'a) -> Self {
        Self { by, run: Box::new(run) }
    }
}

/// Cores on which cases are timed.
pub struct Bench {
    pool: ThreadPool,
    threads: usize,
    /// The highest that was measured.
    peak: f64,
}

impl Bench {
    /// So many threads.
    pub fn new(threads: usize) -> Self {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("the system gives threads");
        Self { pool, threads, peak: 0.0 }
    }

    /// Prints the heads of the columns.
    pub fn heads() {
        println!(
            "| case | by | threads | median ms | share of peak | least ms | share of peak | peak before, after: GFLOP/s |"
        );
        println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    }

    /// Times a case done by some, in turn, and prints a line for each: `operations` floating-point operations, as the
    /// definition of what is computed says.
    ///
    /// If the peak is more than a twentieth below the highest before or after it, or a twentieth of the time was spent
    /// waiting for a core, somebody else was using the cores: then the case is begun again, and after some tries the line
    /// says so in place of the median.
    pub fn time(&mut self, case: &str, operations: usize, mut works: Vec<Work<'_>>) {
        for tries_left in (0..TRIES).rev() {
            let before = self.peak();
            let (waited, start) = (time_waited(), Instant::now());
            let times = self.pool.install(|| repeat(&mut works));
            let waited = time_waited().saturating_sub(waited).as_secs_f64();
            let waited = waited / (start.elapsed().as_secs_f64() * self.threads as f64);
            let after = self.peak();
            let quiet = before.min(after) >= (1.0 - TOLERANCE) * self.peak && waited <= TOLERANCE;
            if quiet || tries_left == 0 {
                for (work, times) in works.iter().zip(&times) {
                    self.print(case, work.by, operations, (before, after), times, quiet);
                }
                return;
            }
        }
    }

    fn print(
        &self,
        case: &str,
        by: &str,
        operations: usize,
        (before, after): (f64, f64),
        times: &[Duration],
        quiet: bool,
    ) {
        let [median, least] = [times[times.len() / 2], times[0]].map(|time| time.as_secs_f64());
        let share = |time: f64| 100.0 * operations as f64 / time / 1e9 / before.min(after);
        print!("| {case} | {by} | {} | ", self.threads);
        if quiet {
            print!("{:.3} | {:.0} % | ", median * 1e3, share(median));
        } else {
            print!("disturbed, thrown away | | ");
        }
        println!("{:.3} | {:.0} % | {before:.0}, {after:.0} |", least * 1e3, share(least));
    }

    /// GFLOP/s of all threads at once.
    fn peak(&mut self) -> f64 {
        let peak = self.pool.broadcast(|_| machine::fma_peak()).iter().sum();
        self.peak = self.peak.max(peak);
        peak
    }
}

/// Does all works in turn until there are times enough; sorted times of each.
fn repeat(works: &mut [Work<'_>]) -> Vec<Vec<Duration>> {
    works.iter_mut().for_each(|work| (work.run)());
    let mut times = vec![Vec::new(); works.len()];
    let start = Instant::now();
    while times[0].len() < REPETITIONS || start.elapsed() < DURATION * works.len() as u32 {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let start = Instant::now();
            (work.run)();
            times.push(start.elapsed());
        }
    }
    times.iter_mut().for_each(|times| times.sort());
    times
}

/// How long the threads of this process have waited for a core so far; 0 where the system does not tell.
fn time_waited() -> Duration {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    // Nanoseconds on a core, nanoseconds of waiting for one, number of turns.
    let waited = tasks.filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    Duration::from_nanos(waited.sum())
}
