//! Activation functions, as Keras 3 defines them.

use crate::kernels::{elementwise, parallel};
use crate::layers::Softmax;

/// Scale of [`selu`], 1.05070098735548… (Klambauer et al. 2017), as the nearest `f32`.
const SELU_SCALE: f32 = 1.050_701;
/// Alpha of [`selu`], 1.67326324235437… (Klambauer et al. 2017), as the nearest `f32`.
const SELU_ALPHA: f32 = 1.673_263_2;
/// √(2/π) = 0.79788456080286…, as the nearest `f32`.
const SQRT_2_OVER_PI: f32 = 0.797_884_6;
/// Coefficient of the cube in the approximation of [`gelu`] (Hendrycks and Gimpel 2016).
const GELU_CUBE: f32 = 0.044_715;

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

/// The comparisons are such that a NaN is passed on.
fn relu_of(x: f32) -> f32 {
    if x <= 0.0 { 0.0 } else { x }
}

fn elu_of(x: f32, alpha: f32) -> f32 {
    if x > 0.0 { x } else { alpha * x.exp_m1() }
}

/// e⁻ˣ overflows to infinity far to the left, where the quotient is 0 as it should be.
fn sigmoid_of(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

fn hard_sigmoid_of(x: f32) -> f32 {
    let shifted = x + 3.0;
    if shifted <= 0.0 {
        0.0
    } else if shifted >= 6.0 {
        1.0
    } else {
        shifted / 6.0
    }
}

/// e to the power of something negative only, so that nothing overflows.
fn softplus_of(x: f32) -> f32 {
    relu_of(x) + (-x.abs()).exp().ln_1p()
}

/// Φ(x), by the complementary error function, which is exact far to the left, where 1 + erf cancels.
fn normal_of(x: f32) -> f32 {
    0.5 * libm::erfcf(-x * std::f32::consts::FRAC_1_SQRT_2)
}

/// The argument of the tanh of the approximate gelu.
fn gelu_argument(x: f32) -> f32 {
    SQRT_2_OVER_PI * (x + GELU_CUBE * x * x * x)
}

fn gelu_derivative(x: f32) -> f32 {
    // 1/√(2π) = √(2/π) / 2
    normal_of(x) + x * (-0.5 * x * x).exp() * SQRT_2_OVER_PI / 2.0
}

fn gelu_approximate_derivative(x: f32) -> f32 {
    let tanh = gelu_argument(x).tanh();
    let inner = SQRT_2_OVER_PI * (1.0 + 3.0 * GELU_CUBE * x * x);
    0.5 * (1.0 + tanh) + 0.5 * x * (1.0 - tanh * tanh) * inner
}

fn silu_derivative(x: f32) -> f32 {
    let sigmoid = sigmoid_of(x);
    sigmoid * (1.0 + x * (1.0 - sigmoid))
}

/// Runs an expression with `$f` bound to a closure of the kind's own, so that each kind gets a loop of its own.
macro_rules! with_function {
    ($activation:expr, $f:ident => $loop:expr) => {{
        match $activation {
            Activation::Linear => {
                let $f = |x: f32| x;
                $loop
            }
            Activation::Relu => {
                let $f = relu_of;
                $loop
            }
            Activation::LeakyRelu { slope } => {
                let $f = move |x: f32| if x > 0.0 { x } else { slope * x };
                $loop
            }
            Activation::Elu { alpha } => {
                let $f = move |x: f32| elu_of(x, alpha);
                $loop
            }
            Activation::Selu => {
                let $f = |x: f32| SELU_SCALE * elu_of(x, SELU_ALPHA);
                $loop
            }
            Activation::Gelu { approximate: false } => {
                let $f = |x: f32| x * normal_of(x);
                $loop
            }
            Activation::Gelu { approximate: true } => {
                let $f = |x: f32| 0.5 * x * (1.0 + gelu_argument(x).tanh());
                $loop
            }
            Activation::Silu => {
                let $f = |x: f32| x * sigmoid_of(x);
                $loop
            }
            Activation::Sigmoid => {
                let $f = sigmoid_of;
                $loop
            }
            Activation::HardSigmoid => {
                let $f = hard_sigmoid_of;
                $loop
            }
            Activation::Tanh => {
                let $f = f32::tanh;
                $loop
            }
            Activation::Softplus => {
                let $f = softplus_of;
                $loop
            }
        }
    }};
}

/// Runs an expression with `$f` bound to a closure (y, dy) -> dz, for the kinds whose derivative the output decides.
macro_rules! with_backward_from_output {
    ($activation:expr, $f:ident => $loop:expr, $($others:pat => $other:expr),+) => {{
        match $activation {
            Activation::Relu => {
                let $f = |y: f32, dy: f32| if y > 0.0 { dy } else { 0.0 };
                $loop
            }
            Activation::LeakyRelu { slope } => {
                let $f = move |y: f32, dy: f32| if y > 0.0 { dy } else { slope * dy };
                $loop
            }
            Activation::Elu { alpha } => {
                // The minimum passes over a NaN: as in TensorFlow, the gradient there is that of 0.
                let $f = move |y: f32, dy: f32| if y > 0.0 { dy } else { dy * (y.min(0.0) + alpha) };
                $loop
            }
            Activation::Selu => {
                let $f = |y: f32, dy: f32| {
                    // At 0 the right side counts, as in TensorFlow.
                    if y < 0.0 { dy * (y + SELU_SCALE * SELU_ALPHA) } else { dy * SELU_SCALE }
                };
                $loop
            }
            Activation::Sigmoid => {
                let $f = |y: f32, dy: f32| dy * y * (1.0 - y);
                $loop
            }
            Activation::HardSigmoid => {
                let $f = |y: f32, dy: f32| if y > 0.0 && y < 1.0 { dy / 6.0 } else { 0.0 };
                $loop
            }
            Activation::Tanh => {
                let $f = |y: f32, dy: f32| dy * (1.0 - y * y);
                $loop
            }
            Activation::Softplus => {
                // The derivative is sigmoid(x) = 1 - e⁻ʸ.
                let $f = |y: f32, dy: f32| -dy * (-y).exp_m1();
                $loop
            }
            $($others => $other),+
        }
    }};
}

impl Activation {
    /// `y = f(y)` on the calling thread.
    pub(crate) fn apply_part(self, y: &mut [f32]) {
        if self != Self::Linear {
            with_function!(self, f => y.iter_mut().for_each(|y| *y = f(*y)));
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
        with_function!(self, f => elementwise::map(x, y, f));
    }

    /// From the output alone: `dy`, the gradient after the activation, becomes the gradient before it.
    ///
    /// # Panics
    ///
    /// For `gelu` and `silu`, whose output does not decide their derivative.
    pub fn backward_in_place(self, y: &[f32], dy: &mut [f32]) {
        assert_eq!(y.len(), dy.len(), "an activation's gradient is as long as its output");
        with_backward_from_output!(
            self,
            f => elementwise::backward_in_place(y, dy, f),
            Self::Linear => {},
            Self::Gelu { .. } | Self::Silu => panic!("the derivative of {self:?} needs the input")
        );
    }

    /// `dx = f'(x) · dy`, or added to it, from the input `x` and the output `y`.
    pub fn backward(self, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], store: impl Into<crate::Store>) {
        let store = store.into();
        assert!(
            [x.len(), y.len(), dy.len()] == [dx.len(); 3],
            "an activation's input, output and gradients are as long"
        );
        with_backward_from_output!(
            self,
            f => elementwise::backward(y, dy, dx, store, f),
            Self::Linear => elementwise::backward(y, dy, dx, store, |_, dy| dy),
            Self::Gelu { approximate: false } => elementwise::backward(x, dy, dx, store, |x, dy| dy * gelu_derivative(x)),
            Self::Gelu { approximate: true } => {
                elementwise::backward(x, dy, dx, store, |x, dy| dy * gelu_approximate_derivative(x));
            },
            Self::Silu => elementwise::backward(x, dy, dx, store, |x, dy| dy * silu_derivative(x))
        );
    }
}
