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
