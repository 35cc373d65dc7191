//! Units of work: results are cut between samples, heads and blocks of steps.

use ndarray::{ArrayViewMut4, Axis};

use crate::parallel;

/// Results `[samples, steps, heads, ..]` that are cut alike.
pub(super) struct Units<'a, const N: usize> {
    pub results: [ArrayViewMut4<'a, f32>; N],
    /// Steps of a unit; not even then are there several if all results do not have as many steps.
    pub block: usize,
}

const SAMPLES: usize = 0;
const STEPS: usize = 1;
const HEADS: usize = 2;

/// Work on the results of a unit, which begins at `[sample, first step, head]`.
type Work<'a, const N: usize> = dyn Fn([usize; 3], [ArrayViewMut4<'_, f32>; N]) + Sync + 'a;

impl<const N: usize> Units<'_, N> {
    /// How many there are.
    pub fn count(&self) -> usize {
        let (samples, steps, heads, _) = self.results[0].dim();
        samples * heads * steps.div_ceil(self.block)
    }

    /// Calls `work([sample, first step, head], results)` for each.
    pub fn for_each(self, threads: bool, work: &Work<N>) {
        if self.count() > 0 {
            self.split(threads, [0; 3], work);
        }
    }

    fn split(self, threads: bool, at: [usize; 3], work: &Work<N>) {
        let Self { results, block } = self;
        let len = |axis: usize| results[0].len_of(Axis(axis));
        let (axis, middle) = if len(SAMPLES) > 1 {
            (SAMPLES, len(SAMPLES) / 2)
        } else if len(HEADS) > 1 {
            (HEADS, len(HEADS) / 2)
        } else if len(STEPS) > block {
            (STEPS, len(STEPS).div_ceil(block) / 2 * block)
        } else {
            return work(at, results);
        };
        let mut halves = results.map(|result| {
            let (before, after) = result.split_at(Axis(axis), middle);
            [Some(before), Some(after)]
        });
        let mut half = |index: usize| halves.each_mut().map(|halves| halves[index].take().expect("it is taken once"));
        let [before, after] = [0, 1].map(|index| Units { results: half(index), block });
        let mut at_after = at;
        at_after[axis] += middle;
        parallel::join(threads, || before.split(threads, at, work), || after.split(threads, at_after, work));
    }
}
