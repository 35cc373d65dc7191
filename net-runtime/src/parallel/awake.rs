//! Threads that are kept awake during a pass, and take what is divided in it at once.
//!
//! A thread of the pool that has found nothing to do for ten microseconds sleeps. A pass of many small operations is slower then on two
//! threads than on one: by measurements on two cores, a fork whose halves take 10 microseconds each took 11.5 while the other thread looked
//! for work, and 27 if it had to be waked.
//!
//! Small operations are divided only among cores that are [near](super::distance) to each other. In a residual network at batch 1 that made a
//! prediction 1.4 times as fast where both share a cache, or a chip, and 1.2 times slower, a training step 2.8 times, where they do not.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::distance;

/// Threads of the largest pool that is kept awake: each one costs the caller six microseconds if it sleeps at first.
const MOST: usize = 8;

/// How long a thread waits for work at most. Then an operation has come that is long for one thread, and a thread that waited within
/// another pass's work would hold that up.
const PATIENCE: Duration = Duration::from_micros(200);

/// How often a thread looks for work between two looks at the clock.
const LOOKS: usize = 64;

/// What the other threads are needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Nothing,
    /// Operations so small that near threads alone serve.
    Operations,
    /// Shares of a batch, which begin together.
    Shares,
}

thread_local! {
    /// Whether this thread works in a pass whose threads are awake, or waits for work of one.
    static HERE: Cell<bool> = const { Cell::new(false) };
}

/// Whether what is divided here is taken at once.
pub(crate) fn here() -> bool {
    HERE.get()
}

/// Says whether it is, for a thread without a pass whose threads are awake.
pub(super) fn set_here(here: bool) {
    HERE.set(here);
}

/// Says that a thread is no longer where it was, however that ends.
struct Left;

impl Drop for Left {
    fn drop(&mut self) {
        HERE.set(false);
    }
}

/// Says that the work is over, however it ends.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Does the work on this thread. If they are needed, the other threads of the pool stay awake until it is over, and do what is divided
/// in it. A caller outside of the pool, or in a large one, has no such help; who has it already, needs no more.
pub(crate) fn during<R: Send>(need: Need, work: impl FnOnce() -> R + Send) -> R {
    if need == Need::Nothing || here() || rayon::current_thread_index().is_none() {
        return work();
    }
    let others = rayon::current_num_threads() - 1;
    if !(1..MOST).contains(&others) {
        return work();
    }
    let near = distance::is_near();
    if !near && need == Need::Operations {
        return work();
    }
    let (mut work, mut result) = (Some(work), None);
    let over = AtomicBool::new(false);
    with_others(others, (&over, near), &mut || {
        let _ends = (Over(&over), Left);
        HERE.set(near);
        result = work.take().map(|work| work());
    });
    result.expect("the work is done before the others are let go")
}

/// Those who wait are asked for before anything that the work divides, so each is taken first.
fn with_others(count: usize, until: (&AtomicBool, bool), work: &mut (dyn FnMut() + Send)) {
    if count == 0 {
        return work();
    }
    rayon::join(|| with_others(count - 1, until, work), || wait(until));
}

/// Does what others divide until the work is over. A thread that waits here within a pass, its own or another one, goes on with that.
fn wait((over, near): (&AtomicBool, bool)) {
    if here() {
        return;
    }
    let _left = Left;
    HERE.set(near);
    let mut since = Instant::now();
    loop {
        for _ in 0..LOOKS {
            if over.load(Ordering::Acquire) {
                return;
            }
            if rayon::yield_now() == Some(rayon::Yield::Executed) {
                since = Instant::now();
            } else {
                std::hint::spin_loop();
            }
        }
        if since.elapsed() > PATIENCE {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::AssertUnwindSafe;

    use super::*;

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    #[test]
    fn who_waits_for_work_ends_with_it() {
        for threads in [1, 2, 3, MOST + 1] {
            let pool = pool(threads);
            for need in [Need::Nothing, Need::Operations, Need::Shares] {
                assert_eq!(pool.install(|| during(need, || 7)), 7);
                let fail = || during(need, || -> usize { panic!("on purpose") });
                let panicked = std::panic::catch_unwind(AssertUnwindSafe(|| pool.install(fail)));
                assert!(panicked.is_err(), "{threads} threads");
                assert!(!pool.install(here));
            }
        }
    }

    #[test]
    fn those_who_wait_take_what_is_divided() {
        let pool = pool(2);
        let here = || (std::thread::current().id(), here());
        let taken = || {
            // The other thread needs some time to wake.
            let longer = || {
                std::thread::sleep(Duration::from_micros(100));
                here()
            };
            let (first, second) = rayon::join(longer, here);
            first.0 != second.0 && first.1 == second.1
        };
        assert!(pool.install(|| during(Need::Shares, || (0..1000).any(|_| taken()))));
    }

    #[test]
    fn passes_at_the_same_time_do_not_wait_for_each_other() {
        for threads in [2, 3, 4] {
            let pool = pool(threads);
            let sum = |from: usize| {
                during(Need::Shares, || {
                    (from..from + 50).map(|i| rayon::join(|| i, || during(Need::Shares, || i)).1).sum::<usize>()
                })
            };
            let (first, (second, third)) =
                pool.install(|| rayon::join(|| sum(0), || rayon::join(|| sum(100), || sum(200))));
            assert_eq!([first, second, third], [1225, 6225, 11225]);
        }
    }
}
