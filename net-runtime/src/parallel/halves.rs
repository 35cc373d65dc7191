//! Work in two halves, on two threads of the pool.
//!
//! Whose half is done first waits for the other one, which a thread of the pool does for a dozen looks around and then sleeps: by measurements
//! on two cores, a seventh of a prediction at batch 1 was in falling asleep and being waked. Here a thread stays awake for as long as a half
//! of a small operation takes, and does meanwhile what others have divided, as the pool does.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// What is done by another thread.
pub(super) type Work<'a> = dyn FnMut() + Send + 'a;

/// How long a thread stays awake for the other half.
const PATIENCE: Duration = Duration::from_micros(200);

/// How often it looks for it before it looks for other work, and at the clock.
const LOOKS: usize = 32;

/// Nobody else has taken the second half.
const HERE: u8 = 0;
const TAKEN: u8 = 1;
const DONE: u8 = 2;

/// Says that the second half is done, however that ends.
struct Done<'a>(&'a AtomicU8);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(DONE, Ordering::Release);
    }
}

/// Does both. A thread outside of the pool enters it.
pub(super) fn join(first: &mut Work, second: &mut Work) {
    let second_is = AtomicU8::new(HERE);
    rayon::join(
        || {
            first();
            wait(&second_is);
        },
        || {
            second_is.store(TAKEN, Ordering::Release);
            let _done = Done(&second_is);
            second();
        },
    );
}

/// Waits for a second half that another thread has taken. One that is still here is done by this thread afterwards.
fn wait(second: &AtomicU8) {
    if second.load(Ordering::Acquire) != TAKEN {
        return;
    }
    let mut since = Instant::now();
    loop {
        for _ in 0..LOOKS {
            if second.load(Ordering::Acquire) == DONE {
                return;
            }
            std::hint::spin_loop();
        }
        // Looking around disturbs those who divide.
        if rayon::yield_now() == Some(rayon::Yield::Executed) {
            since = Instant::now();
        } else if since.elapsed() > PATIENCE {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread::sleep;

    use super::*;

    /// Adds up a range in halves; who reaches the last number may panic.
    fn sum(from: usize, until: usize, fails: Option<usize>) -> usize {
        if until - from == 1 {
            assert!(fails != Some(from), "on purpose");
            return from;
        }
        let middle = from.midpoint(until);
        let (mut before, mut after) = (0, 0);
        join(&mut || before = sum(from, middle, fails), &mut || after = sum(middle, until, fails));
        before + after
    }

    #[test]
    fn both_halves_are_done_and_a_panic_goes_on() {
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for _ in 0..20 {
                assert_eq!(pool.install(|| sum(0, 1000, None)), 499_500, "{threads} threads");
            }
            for fails in [0, 400, 999] {
                let failed = catch_unwind(AssertUnwindSafe(|| pool.install(|| sum(0, 1000, Some(fails)))));
                assert!(failed.is_err(), "{threads} threads, {fails}");
            }
        }
    }

    #[test]
    fn a_half_that_takes_longer_than_patience_is_waited_for() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        for long in [Duration::ZERO, PATIENCE / 4, 20 * PATIENCE] {
            let mut done = [false; 2];
            let [first, second] = &mut done;
            pool.install(|| {
                let first = &mut || {
                    // The other thread needs some time to take the second half.
                    sleep(PATIENCE);
                    *first = true;
                };
                join(first, &mut || {
                    sleep(long);
                    *second = true;
                });
            });
            assert_eq!(done, [true; 2], "{long:?}");
        }
    }
}
