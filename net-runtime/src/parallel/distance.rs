//! How far the cores of the pool's threads are from each other.
//!
//! Cores that share a cache see each other's writes after some 30 nanoseconds, those of one chip with a cache in each (a Xeon) after 80 to 110.
//! Those on different chips of one processor (an EPYC), or as a virtual machine's host places them, after 165: then what one has written is
//! read, and overwritten, so much later by the other that small operations are faster on one thread. Nobody tells which is so, and it may
//! change; so it is measured again and again.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Nanoseconds from a write until another core sees it, up to which that is near: between what was measured where small operations gain by
/// two threads and where they lose. With 100, predictions of fourteen networks at batch 1 took 0.76 times as long, and training steps 0.92 times.
const NEAR: f64 = 135.0;

/// How long a measurement counts. One takes three microseconds.
const COUNTS: Duration = Duration::from_millis(100);

/// How long one counts for which the other thread has not come: it slept, which says nothing of where it is. So what was known before goes on
/// counting, but fifty microseconds of waiting are not spent in each pass.
const UNANSWERED: Duration = Duration::from_millis(2);

/// How long the other thread is waited for.
const PATIENCE: Duration = Duration::from_micros(50);

/// How often a number goes to the other core and back.
const ROUNDS: u32 = 8;

/// Looks at that number until the other thread is given up: it has lost its core.
const LOOKS: usize = 20_000;

/// A number that ends a measurement.
const OVER: u32 = u32::MAX;

thread_local! {
    /// Until when this thread does not measure again, and whether another one was near when it last answered.
    static LAST: Cell<Option<(Instant, bool)>> = const { Cell::new(None) };
}

/// Whether another thread of the caller's pool is near.
pub(super) fn is_near() -> bool {
    let (until, known) = LAST.get().unzip();
    let known = known.unwrap_or_default();
    if until.is_some_and(|until| Instant::now() < until) {
        return known;
    }
    let (near, counts) = match measure() {
        Some(nanoseconds) => (nanoseconds < NEAR, COUNTS),
        None => (known, UNANSWERED),
    };
    LAST.set(Some((Instant::now() + counts, near)));
    near
}

/// Nanoseconds from a write until another thread sees it; nothing if none has come.
fn measure() -> Option<f64> {
    let number = AtomicU32::new(0);
    rayon::join(|| ask(&number), || answer(&number)).0
}

/// Waits for a number, or for the end.
fn see(number: &AtomicU32, expected: u32) -> Option<()> {
    for _ in 0..LOOKS {
        match number.load(Ordering::Acquire) {
            OVER => return None,
            found if found == expected => return Some(()),
            // Without a hint that this is a loop of waiting: that alone takes as long on some processors.
            _ => {}
        }
    }
    None
}

/// Sets even numbers, for which odd ones come back.
fn ask(number: &AtomicU32) -> Option<f64> {
    let begin = Instant::now();
    while number.load(Ordering::Acquire) == 0 {
        if begin.elapsed() > PATIENCE {
            break;
        }
    }
    let measured = (number.load(Ordering::Acquire) == 1).then(|| {
        let begin = Instant::now();
        for round in 1..=ROUNDS {
            number.store(2 * round, Ordering::Release);
            see(number, 2 * round + 1)?;
        }
        Some(begin.elapsed().as_secs_f64() * 1e9 / f64::from(2 * ROUNDS))
    });
    // Who comes now, has nothing to answer.
    number.store(OVER, Ordering::Release);
    measured.flatten()
}

fn answer(number: &AtomicU32) {
    if number.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Acquire).is_err() {
        return;
    }
    for round in 1..=ROUNDS {
        if see(number, 2 * round).is_none() {
            return;
        }
        // The end may have been said meanwhile.
        let next = (2 * round, 2 * round + 1);
        if number.compare_exchange(next.0, next.1, Ordering::AcqRel, Ordering::Acquire).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_ends_whoever_comes() {
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for _ in 0..100 {
                let measured = pool.install(measure);
                assert!(measured.is_none_or(|nanoseconds| nanoseconds > 0.0 && threads > 1), "{threads} threads");
            }
        }
    }

    #[test]
    fn who_comes_late_or_not_at_all_holds_nobody_up() {
        let number = AtomicU32::new(0);
        assert_eq!(ask(&number), None);
        answer(&number);
        assert_eq!(number.into_inner(), OVER);
        // Who has said that he is there, and is gone.
        assert_eq!(ask(&AtomicU32::new(1)), None);
    }

    #[test]
    fn a_measurement_counts_for_a_while() {
        let kept = Some((Instant::now() + COUNTS, true));
        LAST.set(kept);
        assert!(is_near());
        assert_eq!(LAST.get(), kept);
        // Outside of a pool of two threads nobody answers, which is asked again soon and changes nothing of what was known.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        for known in [false, true] {
            let (near, until) = pool.install(|| {
                LAST.set(Some((Instant::now(), known)));
                (is_near(), LAST.get().map(|(until, _)| until))
            });
            assert_eq!(near, known);
            assert!(until.is_some_and(|until| until <= Instant::now() + UNANSWERED));
        }
    }
}
