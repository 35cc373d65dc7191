//! A second thread for work that is forked again and again after a microsecond or two, as the steps of a recurrent layer are.
//!
//! A fork of the pool takes one to five microseconds there: who has divided something looks for other work before it waits. Here one thread
//! waits at a place where the other one lays down what is to be done, which each sees as soon as a cache line has come over. By
//! measurements on two cores, a fork took 0.2 microseconds where these share a cache, and 0.65 where they do not.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a companion waits for work before it offers its core to others between two looks: the thread that it waits for may have lost its
/// own, or does something long.
const PATIENCE: Duration = Duration::from_micros(200);

/// How long it waits at most. Who has left does not come back.
const WAIT: Duration = Duration::from_millis(20);

/// How long a companion is waited for before the first work: as long as a thread that is awake takes to come.
const ARRIVAL: Duration = Duration::from_micros(3);

/// Looks at the place between two looks at the clock, or until the core is offered to others.
const LOOKS: usize = 1 << 10;

/// Nobody waits for work yet.
const EXPECTED: u32 = 0;
/// Somebody does.
const FREE: u32 = 1;
/// Work lies there.
const GIVEN: u32 = 2;
/// It is being done.
const TAKEN: u32 = 3;
/// It is done, and whoever gave it has not seen that.
const DONE: u32 = 4;
/// It panicked.
const FAILED: u32 = 5;
/// There will be no more.
const OVER: u32 = 6;
/// Nobody waits for work yet, who was waited for.
const LATE: u32 = 7;
/// Nobody waits for work any more.
const GONE: u32 = 8;

/// What is done by a companion.
type Work<'a> = dyn FnMut() + Send + 'a;

/// A place where a thread waits for another one's work. In cache lines of its own.
#[repr(align(128))]
pub(crate) struct Companion {
    state: AtomicU32,
    /// Written by the thread that gives work before it says [`GIVEN`], read by the one that has said [`TAKEN`].
    work: UnsafeCell<MaybeUninit<*mut Work<'static>>>,
}

// SAFETY: the state says which of two threads may touch the work, which is `Send`.
unsafe impl Sync for Companion {}

/// Says that there will be no more work, however that ends.
struct Over<'a>(&'a Companion);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.state.store(OVER, Ordering::Release);
    }
}

/// Says that work has failed, unless it is forgotten.
struct Failed<'a>(&'a Companion);

impl Drop for Failed<'_> {
    fn drop(&mut self) {
        self.0.state.store(FAILED, Ordering::Release);
    }
}

/// Waits for work that was given, or takes it back, however that ends.
struct Given<'a>(&'a Companion);

impl Given<'_> {
    /// Whether nobody has begun with it. Else it is over.
    fn is_back(&self) -> bool {
        let state = &self.0.state;
        if state.compare_exchange(GIVEN, FREE, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            return true;
        }
        let mut looks = 0;
        while state.load(Ordering::Acquire) == TAKEN {
            looks += 1;
            if looks % LOOKS == 0 {
                // The other one may need this core.
                std::thread::yield_now();
            }
        }
        false
    }
}

impl Drop for Given<'_> {
    fn drop(&mut self) {
        self.is_back();
    }
}

impl Companion {
    /// Does the work on this thread, with another one of the pool as a companion if that is `wanted` and one comes.
    pub fn during<R: Send>(wanted: bool, work: impl FnOnce(Option<&Self>) -> R + Send) -> R {
        if !wanted || rayon::current_num_threads() == 1 {
            return work(None);
        }
        let place = Self { state: AtomicU32::new(EXPECTED), work: UnsafeCell::new(MaybeUninit::uninit()) };
        let (mut work, mut result) = (Some(work), None);
        both(
            &mut || {
                let _over = Over(&place);
                result = work.take().map(|work| work(Some(&place)));
            },
            &|| place.wait(),
        );
        result.expect("the work is done by now")
    }

    /// Does both, the second one on the companion's thread if that waits.
    pub fn join(&self, mut first: impl FnMut(), mut second: impl FnMut() + Send) {
        self.join_both(&mut first, &mut second);
    }

    fn join_both(&self, first: &mut dyn FnMut(), second: &mut Work<'_>) {
        if self.is_free() {
            let work: *mut Work<'_> = second;
            // SAFETY: only the lifetime is another one. The pointer is used by who has said `TAKEN`, for which `Given` waits: it is not
            // left before that is over, and what was not taken by then never is.
            let work: *mut Work<'static> = unsafe { std::mem::transmute(work) };
            // SAFETY: nobody reads the place before it is said that work is `GIVEN`, which this thread alone says.
            unsafe { (*self.work.get()).write(work) };
            if self.state.compare_exchange(FREE, GIVEN, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                let given = Given(self);
                first();
                let is_back = given.is_back();
                std::mem::forget(given);
                if !is_back {
                    assert!(self.state.load(Ordering::Relaxed) == DONE, "the other part of this work has panicked");
                    self.state.store(FREE, Ordering::Release);
                    return;
                }
                return second();
            }
        }
        first();
        second();
    }

    /// Whether a companion waits for work. The first one to ask waits for it to come.
    fn is_free(&self) -> bool {
        let state = || self.state.load(Ordering::Relaxed);
        if state() != EXPECTED {
            return state() == FREE;
        }
        let since = Instant::now();
        while state() == EXPECTED && since.elapsed() < ARRIVAL {
            std::hint::spin_loop();
        }
        self.state.compare_exchange(EXPECTED, LATE, Ordering::Relaxed, Ordering::Relaxed) == Err(FREE)
    }

    /// Waits for work and does it, until there is no more.
    fn wait(&self) {
        let comes = |from: u32| self.state.compare_exchange(from, FREE, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if !comes(EXPECTED) && !comes(LATE) {
            return;
        }
        let mut since = Instant::now();
        loop {
            for _ in 0..LOOKS {
                let state = self.state.load(Ordering::Relaxed);
                if state == OVER {
                    return;
                }
                let taken = || self.state.compare_exchange(GIVEN, TAKEN, Ordering::AcqRel, Ordering::Relaxed).is_ok();
                if state == GIVEN && taken() {
                    let failed = Failed(self);
                    // SAFETY: `GIVEN` was said after the place had been written; the work lives, and nobody else uses it, until the state
                    // is no longer `TAKEN`.
                    unsafe { (*(*self.work.get()).assume_init())() };
                    std::mem::forget(failed);
                    self.state.store(DONE, Ordering::Release);
                    since = Instant::now();
                }
            }
            let waited = since.elapsed();
            let leaves = || self.state.compare_exchange(FREE, GONE, Ordering::AcqRel, Ordering::Relaxed).is_ok();
            if waited > WAIT && leaves() {
                return;
            }
            if waited > PATIENCE {
                std::thread::yield_now();
            }
        }
    }
}

/// Compiled once.
fn both(work: &mut (dyn FnMut() + Send), wait: &(dyn Fn() + Sync)) {
    rayon::join(work, wait);
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    #[test]
    fn both_parts_are_done_once_whoever_comes() {
        for threads in [1, 2, 3] {
            for wanted in [false, true] {
                let mut counts = [0_u64; 2];
                let mut others = 0;
                pool(threads).install(|| {
                    let here = std::thread::current().id();
                    Companion::during(wanted, |companion| {
                        for round in 0..20_000 {
                            let [first, second] = &mut counts;
                            let mut there = here;
                            let work = (
                                || *first += round,
                                || {
                                    *second += round;
                                    there = std::thread::current().id();
                                },
                            );
                            match companion {
                                Some(companion) => companion.join(work.0, work.1),
                                None => {
                                    let (mut first, mut second) = work;
                                    first();
                                    second();
                                }
                            }
                            others += usize::from(there != here);
                            if round % 5000 == 0 {
                                std::thread::sleep(PATIENCE / 2);
                            }
                        }
                    });
                });
                assert_eq!(counts, [20_000 * 19_999 / 2; 2], "{threads} threads");
                assert!(others == 0 || (wanted && threads > 1));
            }
        }
    }

    #[test]
    fn somebody_comes() {
        let came = || {
            Companion::during(true, |companion| {
                let here = std::thread::current().id();
                (0..10).any(|_| {
                    let mut there = here;
                    let sleep = || std::thread::sleep(Duration::from_micros(20));
                    companion.unwrap().join(sleep, || there = std::thread::current().id());
                    there != here
                })
            })
        };
        // Who has come may lose its core for longer than it waits.
        assert!(pool(2).install(|| (0..1000).any(|_| came())));
    }

    #[test]
    fn who_has_come_stays_while_something_long_is_done() {
        let stayed = || {
            Companion::during(true, |companion| {
                let here = std::thread::current().id();
                let came = |first: &dyn Fn()| {
                    let mut there = here;
                    companion.unwrap().join(first, || there = std::thread::current().id());
                    there != here
                };
                let sleep = || std::thread::sleep(Duration::from_micros(20));
                let before = (0..10).any(|_| came(&sleep));
                std::thread::sleep(8 * PATIENCE);
                before && came(&sleep)
            })
        };
        assert!(pool(2).install(|| (0..1000).any(|_| stayed())));
    }

    #[test]
    fn panics_of_both_parts_come_through() {
        for part in [0, 1] {
            for threads in [1, 2] {
                let fail = |is_mine: bool, round: usize| assert!(!is_mine || round < 50, "on purpose");
                let panicked = catch_unwind(AssertUnwindSafe(|| {
                    pool(threads).install(|| {
                        Companion::during(true, |companion| {
                            for round in 0..100 {
                                let first = || {
                                    std::thread::sleep(Duration::from_micros(20));
                                    fail(part == 0, round);
                                };
                                let second = || fail(part == 1, round);
                                match companion {
                                    Some(companion) => companion.join(first, second),
                                    None => {
                                        first();
                                        second();
                                    }
                                }
                            }
                        });
                    });
                }));
                assert!(panicked.is_err(), "part {part} on {threads} threads");
            }
        }
    }
}
