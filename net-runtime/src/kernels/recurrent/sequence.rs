//! How a recurrent layer goes through its steps: in which order, in which groups of samples, and which steps count.

use std::ops::Range;

use crate::parallel::{self, Cut};
use crate::tensor::exact;

/// Samples of a group at most: so many rows share each reading of the recurrent weights.
const GROUP: usize = 24;

/// Rows that inputs are multiplied for at once: as many as keep both factors and the result in the second cache.
const BLOCK: usize = 96;

/// The order of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// As they come.
    Forward,
    /// The last one first; results of all steps are in that order, too, as Keras has them with `go_backwards`.
    Reverse,
    /// The last one first; each result is where its step is.
    ReverseAligned,
}

/// What the result of a masked step is; it changes no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaskedResult {
    /// The result before, zeros at first.
    Before,
    /// Zeros.
    Zeros,
}

/// Sizes of a recurrence, and the order of its steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub samples: usize,
    pub steps: usize,
    pub inputs: usize,
    pub units: usize,
    pub direction: Direction,
}

impl Sizes {
    /// Multiply-adds of all products with kernels of so many columns a unit.
    pub fn cost(self, gates: usize) -> usize {
        let Self { samples, steps, inputs, units, .. } = self;
        exact::product(&[samples, steps, gates, units, exact::sum(&[inputs, units])])
    }

    /// Rows of all samples.
    pub fn rows(self) -> usize {
        exact::product(&[self.samples, self.steps])
    }

    /// Samples that go through all steps together: as many as give each thread its share, for whoever has more of them reads the weights less
    /// often. No result depends on it, as no sample does on another.
    pub fn group(self, gates: usize) -> usize {
        let groups = self.samples.div_ceil(GROUP).next_multiple_of(rayon::current_num_threads());
        let shared = self.samples.div_ceil(groups.max(1)).next_multiple_of(2);
        if self.cost(gates) < parallel::FORK { GROUP } else { shared.min(GROUP) }
    }

    /// Steps whose inputs are multiplied at once, in a group of so many samples.
    pub fn block(self, group: usize) -> usize {
        (BLOCK / group).clamp(1, self.steps.max(1))
    }

    /// The step that is the `turn`th one to be done.
    pub fn step(self, turn: usize) -> usize {
        match self.direction {
            Direction::Forward => turn,
            Direction::Reverse | Direction::ReverseAligned => self.steps - 1 - turn,
        }
    }

    /// The steps of some turns.
    pub fn steps_of(self, turns: Range<usize>) -> Range<usize> {
        match self.direction {
            Direction::Forward => turns,
            Direction::Reverse | Direction::ReverseAligned => self.steps - turns.end..self.steps - turns.start,
        }
    }

    /// Where a turn's result is among those of all steps.
    pub fn place(self, turn: usize) -> usize {
        match self.direction {
            Direction::Forward | Direction::Reverse => turn,
            Direction::ReverseAligned => self.step(turn),
        }
    }
}

/// Which steps of which samples count: `[samples, steps]`, 0 for those that do not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mask<'a> {
    pub values: &'a [f32],
    pub result: MaskedResult,
}

impl Mask<'_> {
    /// Whether a step does not count.
    pub fn hides(&self, sizes: Sizes, sample: usize, step: usize) -> bool {
        self.values[sample * sizes.steps + step] == 0.0
    }
}

/// `values *= factors`
pub(crate) fn multiply(values: &mut [f32], factors: &[f32]) {
    values.iter_mut().zip(factors).for_each(|(value, factor)| *value *= factor);
}

/// `values *= factors`, where each sample has so many values for each step, and factors that are the same for all steps.
pub(crate) fn multiply_steps(values: &mut [f32], steps: usize, factors: &[f32], of_step: usize) {
    for (row, values) in values.chunks_exact_mut(of_step).enumerate() {
        multiply(values, &factors[row / steps * of_step..][..of_step]);
    }
}

/// `sums += more`
pub(crate) fn add(sums: &mut [f32], more: &[f32]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// Something of every sample, side by side.
pub(crate) struct Rows<'a> {
    pub values: &'a mut [f32],
    /// Floats of a sample.
    pub sample: usize,
}

impl<'a> Rows<'a> {
    /// So many floats of each sample.
    pub fn new(sizes: Sizes, sample: usize, values: &'a mut [f32]) -> Self {
        assert_eq!(values.len(), exact::product(&[sizes.samples, sample]));
        Self { values, sample }
    }

    /// What a sample has from a place on.
    pub fn at(&mut self, sample: usize, place: usize, len: usize) -> &mut [f32] {
        &mut self.values[sample * self.sample + place..][..len]
    }
}

/// Cut between samples.
impl Cut for Rows<'_> {
    fn cut(self, at: usize) -> (Self, Self) {
        let (before, after) = self.values.split_at_mut(at * self.sample);
        (Self { values: before, ..self }, Self { values: after, ..self })
    }
}

/// The hidden states of all steps, behind a forward pass.
#[derive(Clone, Copy)]
pub(crate) struct Hidden<'a> {
    pub sizes: Sizes,
    /// `[samples, steps, units]`, in the order of results.
    pub values: &'a [f32],
    /// `[samples, units]`, before the first turn; nothing stands for zeros.
    pub start: Option<&'a [f32]>,
}

impl<'a> Hidden<'a> {
    /// The one before a turn of a sample; nothing stands for zeros.
    pub fn before(self, sample: usize, turn: usize) -> Option<&'a [f32]> {
        let Sizes { steps, units, .. } = self.sizes;
        match turn {
            0 => self.start.map(|start| &start[sample * units..][..units]),
            _ => Some(&self.values[(sample * steps + self.sizes.place(turn - 1)) * units..][..units]),
        }
    }

    /// Those before every step, `[samples, steps, units]` in the order of the steps.
    pub fn all_before(self, before: &mut [f32]) {
        let Sizes { steps, units, .. } = self.sizes;
        parallel::for_each_rows(before, units, |first, before| {
            for (row, place) in (first..).zip(before.chunks_exact_mut(units)) {
                // The turn of a step has the number that the step of a turn has.
                match self.before(row / steps, self.sizes.step(row % steps)) {
                    Some(hidden) => place.copy_from_slice(hidden),
                    None => place.fill(0.0),
                }
            }
        });
    }
}
