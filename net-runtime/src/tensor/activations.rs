//! Activation functions, as Keras 3 defines them.
//!
//! Exponentials are computed by polynomials, of which each result of `sigmoid`, `tanh`, `softplus` and the exponential itself is
//! within 3 units in the last place, on every machine; the last digits differ between instruction sets.

use crate::kernels::elementwise::activations;
use crate::layers::Softmax;
use crate::parallel;

/// A function of one element, made by the functions of this module.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// x
    Linear,
    /// See [`relu`].
    Relu,
    /// See [`leaky_relu`].
    LeakyRelu {
        /// Factor of negative values, at least 0.
        slope: f32,
    },
    /// See [`elu`].
    Elu {
        /// Limit far to the left, negated; at least 0.
        alpha: f32,
    },
    /// See [`selu`].
    Selu,
    /// See [`gelu`].
    Gelu {
        /// Whether the form with tanh is meant.
        approximate: bool,
    },
    /// See [`silu`].
    Silu,
    /// See [`sigmoid`].
    Sigmoid,
    /// See [`hard_sigmoid`].
    HardSigmoid,
    /// See [`tanh`].
    Tanh,
    /// See [`softplus`].
    Softplus,
}

/// max(x, 0)
///
/// A NaN stays a NaN; the gradient at 0 is 0.
pub const fn relu() -> Activation {
    Activation::Relu
}

/// x for x > 0, else slope · x
///
/// The gradient at 0 is the slope.
///
/// # Panics
///
/// If the slope is negative, which Keras refuses too.
pub const fn leaky_relu(slope: f32) -> Activation {
    assert!(slope >= 0.0, "the slope of a leaky relu must not be negative");
    Activation::LeakyRelu { slope }
}

/// x for x > 0, else alpha · (eˣ − 1)
///
/// # Panics
///
/// If alpha is negative: the function would not be monotonic.
pub const fn elu(alpha: f32) -> Activation {
    assert!(alpha >= 0.0, "the alpha of an elu must not be negative");
    Activation::Elu { alpha }
}

/// scale · x for x > 0, else scale · alpha · (eˣ − 1), with scale = 1.0507… and alpha = 1.6732… (Klambauer, Unterthiner,
/// Mayr, Hochreiter, "Self-Normalizing Neural Networks", 2017)
pub const fn selu() -> Activation {
    Activation::Selu
}

/// x · Φ(x), where Φ is the normal distribution's cumulative function; if `approximate`,
/// x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))) (Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016)
pub const fn gelu(approximate: bool) -> Activation {
    Activation::Gelu { approximate }
}

/// x / (1 + e⁻ˣ), also called swish
pub const fn silu() -> Activation {
    Activation::Silu
}

/// 1 / (1 + e⁻ˣ)
pub const fn sigmoid() -> Activation {
    Activation::Sigmoid
}

/// x/6 + 1/2, at least 0 and at most 1
///
/// The gradient at both edges is 0.
pub const fn hard_sigmoid() -> Activation {
    Activation::HardSigmoid
}

/// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)
pub const fn tanh() -> Activation {
    Activation::Tanh
}

/// ln(1 + eˣ)
pub const fn softplus() -> Activation {
    Activation::Softplus
}

/// eˣ, divided by the sum of eˣ over the last axis, of which there are `rows` of length `classes` in a sample
pub const fn softmax(rows: usize, classes: usize) -> Softmax {
    Softmax { rows, classes }
}

impl Activation {
    /// Whether its derivative is computed from the input; else it is from the output. The compiler's table of layers says
    /// the same (`Derivative::FromOperand`), and hands over one of them alone.
    const fn reads_input(self) -> bool {
        matches!(self, Self::Gelu { .. } | Self::Silu)
    }

    /// `y = f(y)` on the calling thread.
    pub(crate) fn apply_part(self, y: &mut [f32]) {
        if self != Self::Linear {
            activations::apply_part(self, y);
        }
    }

    /// `y = f(y)`
    pub fn apply(self, y: &mut [f32]) {
        if self != Self::Linear {
            parallel::for_each_rows(y, 1, |_, part| self.apply_part(part));
        }
    }

    /// `y = f(x)`
    ///
    /// # Panics
    ///
    /// If the lengths differ; here and below.
    pub fn forward(self, x: &[f32], y: &mut [f32]) {
        assert_eq!(x.len(), y.len(), "an activation's output is as long as its input");
        activations::forward(self, x, y);
    }

    /// From the output alone: `dy`, the gradient after the activation, becomes the gradient before it.
    ///
    /// # Panics
    ///
    /// For `gelu` and `silu`, whose output does not decide their derivative.
    pub fn backward_in_place(self, y: &[f32], dy: &mut [f32]) {
        assert_eq!(y.len(), dy.len(), "an activation's gradient is as long as its output");
        match self {
            Self::Linear => {}
            _ if self.reads_input() => panic!("the derivative of {self:?} needs the input"),
            _ => activations::backward_in_place(self, y, dy),
        }
    }

    /// `dx = f'(x) · dy`, or added to it, from the input `x` and the output `y`.
    pub fn backward(
        self,
        x: &[f32],
        y: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        store: impl Into<crate::tensor::param::Store>,
    ) {
        assert!(
            [x.len(), y.len(), dy.len()] == [dx.len(); 3],
            "an activation's input, output and gradients are as long"
        );
        let of = if self.reads_input() { x } else { y };
        activations::backward(self, of, dy, dx, store.into());
    }
}
