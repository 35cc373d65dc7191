//! Scratch memory for as many tasks as work at once.

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, TryLockError};

use crate::tensor::aligned::{AlignedBuffer, LINE};

/// Slots at most; beyond, tasks wait for each other.
const MOST: usize = 64;

thread_local! {
    /// Whether this thread works with a piece.
    static HELD: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread works with a piece, so that it divides nothing: while it waited for another thread's half, it could go on with a task of
/// the same slots, and wait for its own piece for ever.
pub(super) fn held() -> bool {
    HELD.get()
}

/// Says what was so before, however the work ends.
struct Before(bool);

impl Drop for Before {
    fn drop(&mut self) {
        HELD.set(self.0);
    }
}

/// Pieces of scratch memory, of which a task takes a free one while it works. With a piece for each task instead, hundreds of
/// tasks would go through more memory than a cache holds, one after the other.
///
/// What a task finds in its piece is any numbers, and which piece it gets depends on the other threads.
pub(crate) struct Slots<'a> {
    slots: [Mutex<&'a mut [f32]>; MOST],
    count: usize,
}

impl<'a> Slots<'a> {
    /// Pieces of `len` floats for so many tasks, which may be done by several threads.
    pub fn new(threads: bool, tasks: usize, memory: &'a mut AlignedBuffer, len: usize) -> Self {
        let all = count(tasks);
        let count = if threads { all } else { 1 };
        let len = rounded(len);
        // Whether threads serve may be otherwise at the next call, which is to need no more memory.
        let mut pieces = memory.take(all * len).chunks_exact_mut(len.max(1));
        Self { slots: std::array::from_fn(|_| Mutex::new(pieces.next().unwrap_or_default())), count }
    }

    /// Makes room for so many tasks.
    pub fn reserve(tasks: usize, memory: &mut AlignedBuffer, len: usize) {
        memory.take(count(tasks) * rounded(len));
    }

    /// Does a task with a free piece. What it divides is done by this thread.
    pub fn with<R>(&self, task: impl FnOnce(&mut [f32]) -> R) -> R {
        let mut free = self.free();
        let _before = Before(HELD.replace(true));
        task(&mut free)
    }

    fn free(&self) -> MutexGuard<'_, &'a mut [f32]> {
        // A thread begins with the piece that it had before, which may still be in its cache.
        let own = rayon::current_thread_index().unwrap_or_default() % self.count;
        for slot in self.slots[own..self.count].iter().chain(&self.slots[..own]) {
            match slot.try_lock() {
                Ok(free) => return free,
                // The task that panicked is over, and told by the thread pool.
                Err(TryLockError::Poisoned(free)) => return free.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        self.slots[own].lock().unwrap_or_else(|free| free.into_inner())
    }
}

/// Pieces for so many tasks.
fn count(tasks: usize) -> usize {
    rayon::current_num_threads().min(tasks).clamp(1, MOST)
}

/// Whole cache lines: no two threads write to one.
fn rounded(len: usize) -> usize {
    len.next_multiple_of(LINE)
}

#[cfg(test)]
mod tests {
    use super::super::{for_each_part, join};
    use super::*;

    #[test]
    fn a_piece_belongs_to_one_task_at_a_time() {
        let mut memory = AlignedBuffer::default();
        for (threads, tasks) in [(1, 5), (3, 2), (3, 200)] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut alone = vec![0.0; tasks];
            pool.install(|| {
                let slots = Slots::new(true, tasks, &mut memory, 70);
                assert!(slots.count <= threads.min(tasks));
                for_each_part(true, tasks, &|part| part, &mut alone, (&mut [], 0), &|part, alone, _| {
                    slots.with(|piece| {
                        assert!(piece.len() >= 70);
                        piece.fill(part as f32);
                        std::thread::sleep(std::time::Duration::from_micros(50));
                        alone[0] = f32::from(u8::from(piece.iter().all(|value| *value == part as f32)));
                    });
                });
            });
            assert!(alone.iter().all(|alone| *alone == 1.0));
        }
    }

    #[test]
    fn who_has_a_piece_divides_nothing() {
        let here = || std::thread::current().id();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let divided = || {
            let (mut first, mut second) = (None, None);
            let slowly = || {
                std::thread::sleep(std::time::Duration::from_millis(5));
                Some(here())
            };
            join(true, || first = slowly(), || second = slowly());
            first != second
        };
        let mut memory = AlignedBuffer::default();
        pool.install(|| {
            let slots = Slots::new(true, 3, &mut memory, 16);
            assert!(!slots.with(|_| divided()));
            let panicked =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| slots.with(|_| panic!("on purpose"))));
            assert!(panicked.is_err() && !held());
            assert!((0..100).any(|_| divided()));
        });
    }

    #[test]
    fn one_thread_has_one_piece_and_pieces_may_be_empty() {
        let mut memory = AlignedBuffer::default();
        assert_eq!(Slots::new(false, 9, &mut memory, 16).count, 1);
        assert!(Slots::new(true, 9, &mut memory, 0).with(|piece| piece.is_empty()));
    }
}
