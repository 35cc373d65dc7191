//! Each row with mean 0 and variance 1, or with another size of 1.

use crate::kernels::norm::rows::{KNOWN, Rows, Spread};
use crate::layers::{check, check_parameter};
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::{FactorWeights, Scaled};
use crate::tensor::activation::Activation;
use crate::tensor::param::{Param, Write};

/// y = activation((x − mean) / √(variance + epsilon) · gamma + beta), with mean and variance of each row, as Keras's
/// `LayerNormalization`: `[rows, len]` to the same (Ba, Kiros, Hinton, "Layer Normalization", 2016). The variance is the mean squared
/// distance from the mean.
///
/// # In `network!`
///
/// `LayerNorm(axis = -1, epsilon = 0.001, center = true, scale = true)` on any shape, which stays; the axis is the last one, or are
/// several of the last ones, `(1, 2)`. The weights are gamma, of the lengths of these axes, ones at first, unless `scale = false`,
/// and beta, zeros at first, unless `center = false`.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Rows(x: [20, 64]) -> (layer: [20, 64], rms: [20, 64], unit: [20, 64]) {
///         let layer = x -> LayerNorm;
///         let rms = x -> RmsNorm;
///         let unit = x -> UnitNorm;
///     }
/// }
/// assert_eq!(Rows::PARAMETERS, 2 * 64 + 64);
/// ```
///
/// # In generated code
///
/// What is kept of a training pass, two numbers a row, is in `kept`; an empty one is computed again where it is needed.
#[derive(Clone, Copy, Debug)]
pub struct LayerNorm {
    /// Product of the axes before those that are normalised.
    pub rows: usize,
    /// Product of those that are: the last ones.
    pub len: usize,
    /// Added to variances, above 0.
    pub epsilon: f32,
}

/// [`LayerNorm`] without gamma and beta: `center = false, scale = false`.
#[derive(Clone, Copy, Debug)]
pub struct LayerNormPlain {
    /// Product of the axes before those that are normalised.
    pub rows: usize,
    /// Product of those that are: the last ones.
    pub len: usize,
    /// Added to variances, above 0.
    pub epsilon: f32,
}

/// y = activation(x / √(mean of x² + epsilon) · gamma), with the mean of each row, as Keras's `RMSNormalization`: `[rows, len]` to the same
/// (Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019).
///
/// In `network!`: `RmsNorm(axis = -1, epsilon = 0.000001)`, with axes as of [`LayerNorm`], where the example is. The weight is
/// gamma, of the lengths of these axes, ones at first.
///
/// What is kept is as of [`LayerNorm`].
#[derive(Clone, Copy, Debug)]
pub struct RmsNorm {
    /// Product of the axes before those that are normalised.
    pub rows: usize,
    /// Product of those that are: the last ones.
    pub len: usize,
    /// Added to mean squares, above 0.
    pub epsilon: f32,
}

/// y = x / √(Σ x²), with the sum of each row, as Keras's `UnitNormalization`: `[rows, len]` to the same. A length below 1e-12 counts as
/// that.
///
/// In `network!`: `UnitNorm(axis = -1)`, with axes as of [`LayerNorm`], where the example is. There are no weights.
///
/// What is kept is as of [`LayerNorm`].
#[derive(Clone, Copy, Debug)]
pub struct UnitNorm {
    /// Product of the axes before those that are normalised.
    pub rows: usize,
    /// Product of those that are: the last ones.
    pub len: usize,
}

/// Keras's least length.
const LEAST_LENGTH: f32 = 1e-12;

/// What all of them do.
#[derive(Clone, Copy)]
struct Shape {
    rows: usize,
    len: usize,
    spread: Spread,
}

impl Shape {
    fn check(&self, n: usize, tensors: &[(&str, &[f32])], kept: &[f32]) {
        for (name, tensor) in tensors {
            check(name, tensor, n, &[self.rows, self.len]);
        }
        if !kept.is_empty() {
            check("kept", kept, n, &[self.rows, KNOWN]);
        }
    }

    fn rows<'a>(&self, weights: &'a impl FactorWeights<Param>) -> Rows<'a> {
        let (gamma, beta) = weights.parts();
        for part in [gamma, beta].into_iter().flatten() {
            check_parameter("weight of each element of a row", part.values().len(), &[self.len]);
        }
        Rows { len: self.len, spread: self.spread, gamma: gamma.map(Param::values) }
    }

    fn forward(
        &self,
        n: usize,
        x: &[f32],
        weights: &impl FactorWeights<Param>,
        activation: Activation,
        (y, kept): (&mut [f32], &mut [f32]),
    ) {
        self.check(n, &[("x", x), ("y", y)], kept);
        let rows = self.rows(weights);
        rows.forward(x, weights.parts().1.map(Param::values), activation, y, kept);
    }

    fn backward_weights(
        &self,
        n: usize,
        (x, dy): (&[f32], &[f32]),
        kept: &[f32],
        gradients: &mut impl FactorWeights<Gradient>,
        scratch: &mut Scratch,
    ) {
        self.check(n, &[("x", x), ("dy", dy)], kept);
        let rows = Rows { len: self.len, spread: self.spread, gamma: None };
        let known = if kept.is_empty() {
            let known = scratch.packed.take(n * self.rows * KNOWN);
            rows.known(x, known);
            known
        } else {
            kept
        };
        let (gamma, beta) = gradients.parts_mut();
        for part in [&gamma, &beta].into_iter().flatten() {
            check_parameter("weight of each element of a row", part.len(), &[self.len]);
        }
        let [gamma, beta] = [gamma, beta].map(|gradient| gradient.map(Gradient::contribute));
        rows.backward_factors((x, dy), known, gamma, beta, scratch.work.take(2 * self.len));
    }

    fn backward_input(
        &self,
        n: usize,
        weights: &impl FactorWeights<Param>,
        (x, dy): (&[f32], &[f32]),
        kept: &[f32],
        (dx, write): (&mut [f32], Write),
    ) {
        self.check(n, &[("x", x), ("dy", dy), ("dx", dx)], kept);
        self.rows(weights).backward((x, dy), kept, dx, write);
    }
}

macro_rules! with_weights {
    ($layer:ident, $spread:ident, $($weights:tt)+) => {
        impl $layer {
            fn shape(&self) -> Shape {
                Shape { rows: self.rows, len: self.len, spread: Spread::$spread(self.epsilon) }
            }

            /// Computes `y` from `x`.
            #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
            pub fn forward(
                &self,
                n: usize,
                x: &[f32],
                weights: &$($weights)+<Param>,
                activation: Activation,
                y: &mut [f32],
                kept: &mut [f32],
                _scratch: &mut Scratch,
            ) {
                self.shape().forward(n, x, weights, activation, (y, kept));
            }

            /// Contributes to the gradients of gamma, Σ dy · x̂, and beta, Σ dy, where x̂ is what gamma is multiplied with; `dy` is before
            /// the activation.
            pub fn backward_weights(
                &self,
                n: usize,
                x: &[f32],
                dy: &[f32],
                kept: &mut [f32],
                gradients: &mut $($weights)+<Gradient>,
                scratch: &mut Scratch,
            ) {
                self.shape().backward_weights(n, (x, dy), kept, gradients, scratch);
            }

            /// Computes the gradient by the input; `dy` is before the activation.
            #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
            pub fn backward_input(
                &self,
                n: usize,
                weights: &$($weights)+<Param>,
                x: &[f32],
                dy: &[f32],
                kept: &mut [f32],
                dx: &mut [f32],
                write: Write,
                _scratch: &mut Scratch,
            ) {
                self.shape().backward_input(n, weights, (x, dy), kept, (dx, write));
            }
        }
    };
}

with_weights!(LayerNorm, Deviation, impl FactorWeights);
with_weights!(RmsNorm, RootMeanSquare, Scaled);

impl LayerNormPlain {
    fn shape(&self) -> Shape {
        Shape { rows: self.rows, len: self.len, spread: Spread::Deviation(self.epsilon) }
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], activation: Activation, y: &mut [f32], kept: &mut [f32]) {
        self.shape().forward(n, x, &(), activation, (y, kept));
    }

    /// Computes the gradient by the input; `dy` is before the activation.
    pub fn backward_input(&self, n: usize, x: &[f32], dy: &[f32], kept: &mut [f32], dx: &mut [f32], write: Write) {
        self.shape().backward_input(n, &(), (x, dy), kept, (dx, write));
    }
}

impl UnitNorm {
    fn shape(&self) -> Shape {
        Shape { rows: self.rows, len: self.len, spread: Spread::Length(LEAST_LENGTH) }
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], activation: Activation, y: &mut [f32], kept: &mut [f32]) {
        self.shape().forward(n, x, &(), activation, (y, kept));
    }

    /// Computes the gradient by the input; `dy` is before the activation.
    pub fn backward_input(&self, n: usize, x: &[f32], dy: &[f32], kept: &mut [f32], dx: &mut [f32], write: Write) {
        self.shape().backward_input(n, &(), (x, dy), kept, (dx, write));
    }
}
