//! The sizes of a dense layer, and what they decide.

use crate::kernels::simd::ROWS;
use crate::parallel;

/// Rows of a product that one task computes at most.
pub(crate) const BLOCK: usize = 96;

/// Tasks that a product is cut into at least, where there are rows enough: so many that two or four threads get equal shares.
pub(super) const FEWEST_TASKS: usize = 4;

/// Elements of a product that is cut along its inner axis, at most.
const SMALL: usize = 32 << 10;

/// Elements of a product from which on its factors may stand for it.
const WORTH_FACTORS: usize = 256 << 10;

/// Elements of a product by which a task goes on: they stay in the nearest cache while they are used.
pub(crate) const PIECE: usize = 4 << 10;

/// Sizes of a dense layer's matrices: x is `rows` x `inputs`, its result `rows` x `outputs`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub rows: usize,
    pub inputs: usize,
    pub outputs: usize,
}

impl Sizes {
    /// How long a product takes, in multiply-adds: for few samples it is the weights that are read.
    #[inline]
    pub fn cost(self) -> usize {
        self.rows.max(parallel::READ).saturating_mul(self.inputs).saturating_mul(self.outputs)
    }

    /// Whether the factors of `xᵀ · dy` are so much smaller than the product that it pays to compute that where it is used,
    /// and not to write it.
    pub fn factors_pay(self) -> bool {
        let Self { rows, inputs, outputs } = self;
        inputs * outputs >= WORTH_FACTORS && 2 * rows <= outputs.min(inputs)
    }

    /// Whether a small product is cut along its inner axis, if that is so `long`.
    pub fn is_cut_within(self, long: usize) -> bool {
        self.rows * self.outputs <= SMALL && self.inputs >= long && self.cost() >= parallel::FORK
    }

    #[inline]
    pub fn pays(self) -> bool {
        parallel::pays(self.cost())
    }

    /// Tasks that so many rows of a product are cut into: [equal shares](Self::share) where these are few.
    pub fn tasks(self, rows: usize) -> usize {
        let tasks = self.few_tasks(rows).map(|tasks| tasks.min(rows.div_ceil(ROWS)));
        tasks.unwrap_or_else(|| rows.div_ceil(BLOCK))
    }

    /// How many equal shares so many rows are, unless there are many blocks of them, or too little to do.
    #[inline]
    fn few_tasks(self, rows: usize) -> Option<usize> {
        let tasks = rows.div_ceil(BLOCK).next_power_of_two();
        let few = tasks <= 2 * FEWEST_TASKS && self.cost() >= parallel::FORK_AWAKE;
        few.then(|| tasks.max(FEWEST_TASKS))
    }

    /// Where the share of a task of so many rows begins: at a whole tile, so that half of the tasks have half of the tiles.
    pub fn share(self, rows: usize, task: usize) -> usize {
        let tasks = self.tasks(rows).max(1);
        if tasks > 2 * FEWEST_TASKS {
            return rows.min(task * BLOCK);
        }
        rows.min(rows.div_ceil(ROWS) * task / tasks * ROWS)
    }

    /// Rows of a product of so many rows that one task computes: equal shares where the tasks are few.
    #[inline]
    pub fn block(self, rows: usize) -> usize {
        self.few_tasks(rows).map_or(BLOCK, |tasks| rows.div_ceil(tasks).next_multiple_of(ROWS))
    }

    /// The same for a product with few rows, whose inner axis is long: of as many tasks as there are at least, the last one would
    /// be much smaller than the others.
    pub fn small_block(self, rows: usize) -> usize {
        if self.cost() < parallel::FORK_AWAKE {
            return BLOCK;
        }
        rows.div_ceil(2 * FEWEST_TASKS).next_multiple_of(ROWS).clamp(ROWS, BLOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_whole_tiles_and_both_halves_of_the_tasks_have_as_many() {
        for rows in 1..2000 {
            let sizes = Sizes { rows, inputs: 512, outputs: 512 };
            let tasks = sizes.tasks(rows);
            let begins: Vec<_> = (0..=tasks).map(|task| sizes.share(rows, task)).collect();
            assert_eq!((begins[0], begins[tasks]), (0, rows));
            assert!(
                begins.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= BLOCK),
                "{rows}: {begins:?}"
            );
            assert!(begins[..tasks].iter().all(|begin| begin.is_multiple_of(ROWS)), "{rows}: {begins:?}");
            let tiles = |tasks: std::ops::Range<usize>| (begins[tasks.end] - begins[tasks.start]).div_ceil(ROWS);
            let (before, after) = (tiles(0..tasks / 2), tiles(tasks / 2..tasks));
            assert!(tasks > 2 * FEWEST_TASKS || before.abs_diff(after) <= 1, "{rows}: {before} and {after}");
        }
    }
}
