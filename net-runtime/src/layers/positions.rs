//! Where a step stands, for layers that do not go from step to step.

use super::{check, check_parameter};
use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::reduce::reductions::column_sums;
use crate::memory::scratch::Scratch;
use crate::parallel::for_each_rows;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::Table;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// Adds sines and cosines of a step's number to its features (Vaswani et al., "Attention Is All You Need", 2017, section 3.5):
/// `[steps, features]` to the same.
///
/// ```text
/// y[step, 2·i]     = x[step, 2·i]     + sin(step / max_wavelength^(2·i / features))
/// y[step, 2·i + 1] = x[step, 2·i + 1] + cos(step / max_wavelength^(2·i / features))
/// ```
///
/// keras_hub's `SinePositionEncoding` gives what is added here.
///
/// # In `network!`
///
/// `SinePositions(max_wavelength = 10000)` on `[steps, features]`. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Order(text: u32[20]) -> (steps: [20, 16]) {
///         let words = text -> Embedding(100, 16);
///         let steps = (words -> SinePositions, words -> LearnedPositions) -> Average -> SinePositions(max_wavelength = 100.0);
///     }
/// }
/// assert_eq!(Order::PARAMETERS, 100 * 16 + 20 * 16);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SinePositions {
    /// Steps of a sample.
    pub steps: usize,
    /// Features of a step.
    pub features: usize,
    /// 1 / 2π of the longest wave, in steps: 10,000 in the paper.
    pub max_wavelength: f32,
}

/// Pairs of a sine and a cosine that are worked on together.
const TOGETHER: usize = 8;

impl SinePositions {
    /// What is added to a sample. Steps are turned by their angle one by one, in `f64`: after a million the error is below 10⁻⁹.
    fn fill(&self, table: &mut [f32]) {
        let Self { features, .. } = *self;
        for first in (0..features.div_ceil(2)).step_by(TOGETHER) {
            let angle = |pair: usize| {
                let exponent = -2.0 * (first + pair) as f64 / features as f64;
                f64::from(self.max_wavelength).powf(exponent)
            };
            let turns: [(f64, f64); TOGETHER] = std::array::from_fn(|pair| angle(pair).sin_cos());
            let mut now = [(0.0, 1.0); TOGETHER];
            for row in table.chunks_exact_mut(features) {
                let pairs = row[2 * first..].chunks_mut(2);
                for (place, (sine, cosine)) in pairs.zip(now) {
                    place[0] = sine as f32;
                    place[1..].fill(cosine as f32);
                }
                for ((sine, cosine), (turn_sine, turn_cosine)) in now.iter_mut().zip(turns) {
                    (*sine, *cosine) =
                        (*sine * turn_cosine + *cosine * turn_sine, *cosine * turn_cosine - *sine * turn_sine);
                }
            }
        }
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32], scratch: &mut Scratch) {
        check("x", x, n, &[self.steps, self.features]);
        check("y", y, n, &[self.steps, self.features]);
        let table = scratch.work.take(product(&[self.steps, self.features]));
        self.fill(table);
        add(table, x, self.features, y);
    }

    /// Computes the gradient by the input, which is that by the result.
    pub fn backward_input(
        &self,
        n: usize,
        dy: &[f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        _scratch: &mut Scratch,
    ) {
        check("dy", dy, n, &[self.steps, self.features]);
        check("dx", dx, n, &[self.steps, self.features]);
        pass(dy, dx, store.into());
    }
}

/// Adds a row of a table that is learnt to each step: `[steps, features]` to the same.
///
/// ```text
/// y[step] = x[step] + embeddings[step]
/// ```
///
/// keras_hub's `PositionEmbedding` gives what is added here.
///
/// # In `network!`
///
/// `LearnedPositions` on `[steps, features]`. The weights are a [`Table`](crate::weights::Table) `[steps, features]`, at first
/// `glorot_uniform`. The example is at [`SinePositions`].
#[derive(Clone, Copy, Debug)]
pub struct LearnedPositions {
    /// Steps of a sample, rows of the table.
    pub steps: usize,
    /// Features of a step.
    pub features: usize,
}

impl LearnedPositions {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], weights: &Table, y: &mut [f32]) {
        check("x", x, n, &[self.steps, self.features]);
        check("y", y, n, &[self.steps, self.features]);
        check_parameter("table", weights.embeddings.values().len(), &[self.steps, self.features]);
        add(weights.embeddings.values(), x, self.features, y);
    }

    /// Contributes to the gradient of the table: the sum of the gradients by the results of all samples.
    pub fn backward_weights(&self, n: usize, dy: &[f32], gradients: &mut Table<Gradient>) {
        check("dy", dy, n, &[self.steps, self.features]);
        check_parameter("table", gradients.embeddings.len(), &[self.steps, self.features]);
        let (values, write) = gradients.embeddings.contribute();
        column_sums(dy, values, write);
    }

    /// Computes the gradient by the input, which is that by the result.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        check("dy", dy, n, &[self.steps, self.features]);
        check("dx", dx, n, &[self.steps, self.features]);
        pass(dy, dx, store.into());
    }
}

/// Adds the rows of a table to those of every sample.
fn add(table: &[f32], x: &[f32], features: usize, y: &mut [f32]) {
    for_each_rows(y, features, |first, y| {
        let rows = table.chunks_exact(features).cycle().skip(first % (table.len() / features));
        let pairs = y.chunks_exact_mut(features).zip(x[first * features..].chunks_exact(features));
        for ((y, x), row) in pairs.zip(rows) {
            y.iter_mut().zip(x).zip(row).for_each(|((y, x), added)| *y = x + added);
        }
    });
}

/// Leaves a gradient as it is.
fn pass(dy: &[f32], dx: &mut [f32], store: Store) {
    for_each_rows(dx, 1, |first, dx| put(store, dx, dy[first..].iter().copied()));
}
