//! The functions of one element, by name.

/// A function of one element, made by the functions of [`activations`](crate::activations).
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
    /// See [`rectified_linear`].
    RectifiedLinear {
        /// Factor of what is below the threshold, at least 0.
        slope: f32,
        /// The largest value, at least 0; infinity for none.
        max: f32,
        /// What is not above it counts as negative; at least 0.
        threshold: f32,
    },
    /// See [`hard_silu`].
    HardSilu,
    /// See [`mish`].
    Mish,
    /// See [`softsign`].
    Softsign,
    /// See [`celu`].
    Celu {
        /// Limit far to the left, negated; above 0.
        alpha: f32,
    },
    /// See [`log_sigmoid`].
    LogSigmoid,
    /// See [`hard_shrink`].
    HardShrink {
        /// What is no larger becomes 0; at least 0.
        threshold: f32,
    },
    /// See [`soft_shrink`].
    SoftShrink {
        /// What values become nearer to 0 by; at least 0.
        threshold: f32,
    },
    /// See [`tanh_shrink`].
    TanhShrink,
    /// See [`squareplus`].
    Squareplus {
        /// How smooth it is; above 0.
        b: f32,
    },
    /// See [`sparse_plus`].
    SparsePlus,
    /// See [`sparse_sigmoid`].
    SparseSigmoid,
    /// See [`threshold`].
    Threshold {
        /// What is not above it is replaced.
        threshold: f32,
        /// By what.
        value: f32,
    },
    /// See [`clip`].
    Clip {
        /// The smallest value.
        low: f32,
        /// The largest one.
        high: f32,
    },
    /// See [`exp`].
    Exp,
    /// See [`log`].
    Log,
    /// See [`square`].
    Square,
    /// See [`sqrt`].
    Sqrt,
    /// See [`rsqrt`].
    Rsqrt,
    /// See [`reciprocal`].
    Reciprocal,
    /// See [`abs`].
    Abs,
    /// See [`neg`].
    Neg,
}

/// max(x, 0) (Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", 2010)
///
/// In `network!`: `relu(max_value = none, slope = 0, threshold = 0)`.
///
/// A NaN stays a NaN; the gradient at 0 is 0. With arguments it is [`leaky_relu`] or [`rectified_linear`].
pub const fn relu() -> Activation {
    Activation::Relu
}

/// x for x > 0, else slope · x (Maas, Hannun, Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013)
///
/// In `network!`: `leaky_relu(slope = 0.2)`.
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

/// x for x > 0, else alpha · (eˣ − 1) (Clevert, Unterthiner, Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear
/// Units", 2015)
///
/// In `network!`: `elu(alpha = 1)`.
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
///
/// In `network!`: `gelu(approximate = false)`.
pub const fn gelu(approximate: bool) -> Activation {
    Activation::Gelu { approximate }
}

/// x / (1 + e⁻ˣ), also called swish (Ramachandran, Zoph, Le, "Searching for Activation Functions", 2017)
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

/// max for x >= max; x for threshold < x < max; else slope · (x − threshold)
///
/// What `relu(slope = .., max_value = .., threshold = ..)` is, as Keras's layer `ReLU`. The gradient at the threshold is the slope, that at
/// the largest value 0: the one of Keras's `relu6`.
///
/// # Panics
///
/// If an argument is negative, which Keras refuses too.
pub const fn rectified_linear(slope: f32, max: f32, threshold: f32) -> Activation {
    assert!(slope >= 0.0 && max >= 0.0 && threshold >= 0.0, "the arguments of a relu must not be negative");
    Activation::RectifiedLinear { slope, max, threshold }
}

/// x, at least 0 and at most 6 (Howard et al., "MobileNets", 2017)
///
/// The gradient at both edges is 0.
pub const fn relu6() -> Activation {
    rectified_linear(0.0, 6.0, 0.0)
}

/// x · [`hard_sigmoid`]\(x), also called hard swish (Howard et al., "Searching for MobileNetV3", 2019)
///
/// The gradient at −3 is 0, that at 3 is 1.
pub const fn hard_silu() -> Activation {
    Activation::HardSilu
}

/// x · tanh([`softplus`]\(x)) (Misra, "Mish", 2019)
pub const fn mish() -> Activation {
    Activation::Mish
}

/// x / (1 + |x|)
pub const fn softsign() -> Activation {
    Activation::Softsign
}

/// x for x > 0, else alpha · (e^(x / alpha) − 1) (Barron, "Continuously Differentiable Exponential Linear Units", 2017)
///
/// In `network!`: `celu(alpha = 1)`.
///
/// The gradient at 0 is 1. Keras says 2, for it adds both sides.
///
/// # Panics
///
/// If alpha is not above 0.
pub const fn celu(alpha: f32) -> Activation {
    assert!(alpha > 0.0, "the alpha of a celu must be above 0");
    Activation::Celu { alpha }
}

/// ln(1 / (1 + e⁻ˣ))
pub const fn log_sigmoid() -> Activation {
    Activation::LogSigmoid
}

/// x for |x| > threshold, else 0
///
/// In `network!`: `hard_shrink(threshold = 0.5)`.
///
/// # Panics
///
/// If the threshold is negative; so below.
pub const fn hard_shrink(threshold: f32) -> Activation {
    assert!(threshold >= 0.0, "the threshold of a hard shrinkage must not be negative");
    Activation::HardShrink { threshold }
}

/// x − threshold for x > threshold, x + threshold for x < −threshold, else 0
///
/// In `network!`: `soft_shrink(threshold = 0.5)`.
pub const fn soft_shrink(threshold: f32) -> Activation {
    assert!(threshold >= 0.0, "the threshold of a soft shrinkage must not be negative");
    Activation::SoftShrink { threshold }
}

/// x − tanh(x)
pub const fn tanh_shrink() -> Activation {
    Activation::TanhShrink
}

/// (x + √(x² + b)) / 2 (Barron, "Squareplus", 2021)
///
/// In `network!`: `squareplus(b = 4)`.
///
/// # Panics
///
/// If b is not above 0.
pub const fn squareplus(b: f32) -> Activation {
    assert!(b > 0.0, "the b of a squareplus must be above 0");
    Activation::Squareplus { b }
}

/// x for x >= 1, 0 for x <= −1, else (x + 1)² / 4
pub const fn sparse_plus() -> Activation {
    Activation::SparsePlus
}

/// (x + 1) / 2, at least 0 and at most 1
///
/// The gradient at both edges is 0.
pub const fn sparse_sigmoid() -> Activation {
    Activation::SparseSigmoid
}

/// x for x > threshold, else the value
///
/// In `network!`: `threshold(threshold, value)`.
pub const fn threshold(threshold: f32, value: f32) -> Activation {
    Activation::Threshold { threshold, value }
}

/// x, at least `low` and at most `high`
///
/// In `network!`: `clip(low, high)`.
///
/// The gradient at both edges is 1, as in Keras.
///
/// # Panics
///
/// If there is nothing between them.
pub const fn clip(low: f32, high: f32) -> Activation {
    assert!(low < high, "the lower end of a clip must be below the upper one");
    Activation::Clip { low, high }
}

/// x, at least −1 and at most 1: [`clip`] as an activation
pub const fn hard_tanh() -> Activation {
    clip(-1.0, 1.0)
}

/// eˣ; 0 below −87.33, where it would be a subnormal number
///
/// Keras's activation `exponential`.
pub const fn exp() -> Activation {
    Activation::Exp
}

/// ln x; −∞ of 0 and a NaN below
pub const fn log() -> Activation {
    Activation::Log
}

/// x²
pub const fn square() -> Activation {
    Activation::Square
}

/// √x; a NaN below 0
///
/// The gradient at 0 is infinite.
pub const fn sqrt() -> Activation {
    Activation::Sqrt
}

/// 1 / √x
pub const fn rsqrt() -> Activation {
    Activation::Rsqrt
}

/// 1 / x
pub const fn reciprocal() -> Activation {
    Activation::Reciprocal
}

/// |x|
///
/// The gradient at 0 is 0.
pub const fn abs() -> Activation {
    Activation::Abs
}

/// −x
pub const fn neg() -> Activation {
    Activation::Neg
}
