//! The functions of one element.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// A function of one element, as Keras 3 defines it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// max(x, 0)
    Relu,
    /// x for x > 0, else slope · x
    LeakyRelu(f32),
    /// x for x > 0, else alpha · (eˣ − 1)
    Elu(f32),
    /// scale · x for x >= 0, else scale · alpha · (eˣ − 1)
    Selu,
    /// x · Φ(x), with Φ of the normal distribution
    Gelu,
    /// x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))
    GeluApproximate,
    /// x / (1 + e⁻ˣ)
    Silu,
    /// 1 / (1 + e⁻ˣ)
    Sigmoid,
    /// x/6 + 1/2 within 0 and 1
    HardSigmoid,
    /// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)
    Tanh,
    /// ln(1 + eˣ)
    Softplus,
    /// min(x, max) for x > threshold, else slope · (x − threshold)
    ReluOf {
        /// The slope.
        slope: f32,
        /// The largest value.
        max: f32,
        /// What is not above it counts as negative.
        threshold: f32,
    },
    /// x · (x/6 + 1/2 within 0 and 1)
    HardSilu,
    /// x · tanh(ln(1 + eˣ))
    Mish,
    /// x / (1 + |x|)
    Softsign,
    /// x for x > 0, else alpha · (e^(x/alpha) − 1)
    Celu(f32),
    /// −ln(1 + e⁻ˣ)
    LogSigmoid,
    /// 0 within ±threshold
    HardShrink(f32),
    /// 0 within ±threshold, which the rest is nearer to 0 by
    SoftShrink(f32),
    /// x − tanh x
    TanhShrink,
    /// (x + √(x² + b)) / 2
    Squareplus(f32),
    /// (x + 1)² / 4 within ±1, 0 to the left and x to the right
    SparsePlus,
    /// x/2 + 1/2 within 0 and 1
    SparseSigmoid,
    /// x within both
    Clip(f32, f32),
    /// x²
    Square,
    /// |x|
    Abs,
    /// −x
    Neg,
    /// x within 0 and 6
    Relu6,
    /// x within ±1
    HardTanh,
    /// x for x > threshold, else value
    Threshold(f32, f32),
}

const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;

pub(super) fn draw(random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    // The edges of what arguments may be, as well.
    let argument = random.pick(&[0.0, 0.0, 0.1, 0.3, 1.0, 1.5]);
    let threshold = random.pick(&[0.0, 0.25, 0.5]);
    Some(Rc::new(match random.below(35) {
        0..=4 => Activation::Relu,
        5 => Activation::LeakyRelu(argument),
        6 => Activation::Elu(argument),
        7 => Activation::Selu,
        8 => Activation::Gelu,
        9 => Activation::GeluApproximate,
        10 => Activation::Silu,
        11 => Activation::Sigmoid,
        12 => Activation::HardSigmoid,
        13 | 14 => Activation::Tanh,
        15 => Activation::Softplus,
        16 => Activation::ReluOf { slope: argument, max: random.pick(&[0.5, 1.0, 6.0]), threshold },
        17 => Activation::HardSilu,
        18 => Activation::Mish,
        19 => Activation::Softsign,
        20 => Activation::Celu(random.pick(&[0.5, 1.0, 2.0])),
        21 => Activation::LogSigmoid,
        22 => Activation::HardShrink(threshold),
        23 => Activation::SoftShrink(threshold),
        24 => Activation::TanhShrink,
        25 => Activation::Squareplus(random.pick(&[0.5, 4.0])),
        26 => Activation::SparsePlus,
        27 => Activation::SparseSigmoid,
        28 => Activation::Clip(-0.5, random.pick(&[0.25, 1.0])),
        29 => Activation::Square,
        30 => Activation::Abs,
        31 => Activation::Relu6,
        32 => Activation::HardTanh,
        33 => Activation::Threshold(threshold, random.pick(&[0.0, -1.0])),
        // No exponential: several one behind the other leave no number finite.
        _ => Activation::Neg,
    }))
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Φ(x) = 1/2 + 1/√(2π) · Σ (-1)ᵏ x²ᵏ⁺¹ / (2ᵏ k! (2k + 1)), which converges everywhere; further out than 6 it is 0 or 1 within
/// what matters here.
fn normal(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    // φ(x) · (x + x³/3 + x⁵/(3·5) + …): all terms of one sign.
    let (mut term, mut sum, mut k) = (x, x, 1.0);
    while term.abs() > 1e-18 * sum.abs() {
        k += 2.0;
        term *= x * x / k;
        sum += term;
    }
    0.5 + bell(x) * sum
}

/// The density of the normal distribution.
fn bell(x: f64) -> f64 {
    (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

impl Activation {
    /// The value at a point.
    pub fn value(self, x: f64) -> f64 {
        match self {
            Self::Relu => x.max(0.0),
            Self::LeakyRelu(slope) => {
                if x > 0.0 {
                    x
                } else {
                    f64::from(slope) * x
                }
            }
            Self::Elu(alpha) => {
                if x > 0.0 {
                    x
                } else {
                    f64::from(alpha) * x.exp_m1()
                }
            }
            Self::Selu => SELU_SCALE * Self::elu(x, SELU_ALPHA),
            Self::Gelu => x * normal(x),
            Self::GeluApproximate => 0.5 * x * (1.0 + gelu_argument(x).0.tanh()),
            Self::Silu => x * sigmoid(x),
            Self::Sigmoid => sigmoid(x),
            Self::HardSigmoid => (x / 6.0 + 0.5).clamp(0.0, 1.0),
            Self::Tanh => x.tanh(),
            Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Self::ReluOf { slope, max, threshold } => {
                let [slope, max, threshold] = [slope, max, threshold].map(f64::from);
                if x > threshold { x.min(max) } else { slope * (x - threshold) }
            }
            Self::HardSilu => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
            Self::Mish => x * Self::Softplus.value(x).tanh(),
            Self::Softsign => x / (1.0 + x.abs()),
            Self::Celu(alpha) => {
                let alpha = f64::from(alpha);
                Self::elu(x / alpha, 1.0) * alpha
            }
            Self::LogSigmoid => -Self::Softplus.value(-x),
            Self::HardShrink(threshold) => {
                if x.abs() > f64::from(threshold) {
                    x
                } else {
                    0.0
                }
            }
            Self::SoftShrink(threshold) => x.signum() * (x.abs() - f64::from(threshold)).max(0.0),
            Self::TanhShrink => x - x.tanh(),
            Self::Squareplus(b) => (x + (x * x + f64::from(b)).sqrt()) / 2.0,
            Self::SparsePlus => {
                if x < 1.0 {
                    (x.max(-1.0) + 1.0).powi(2) / 4.0
                } else {
                    x
                }
            }
            Self::SparseSigmoid => (x / 2.0 + 0.5).clamp(0.0, 1.0),
            Self::Clip(low, high) => x.clamp(low.into(), high.into()),
            Self::Square => x * x,
            Self::Abs => x.abs(),
            Self::Neg => -x,
            Self::Relu6 => x.clamp(0.0, 6.0),
            Self::HardTanh => x.clamp(-1.0, 1.0),
            Self::Threshold(threshold, value) => {
                if x > f64::from(threshold) {
                    x
                } else {
                    value.into()
                }
            }
        }
    }

    fn elu(x: f64, alpha: f64) -> f64 {
        if x > 0.0 { x } else { alpha * x.exp_m1() }
    }

    /// The derivative at a point; at a kink what TensorFlow says.
    pub fn slope(self, x: f64) -> f64 {
        match self {
            Self::Relu => {
                if x > 0.0 {
                    1.0
                } else {
                    0.0
                }
            }
            Self::LeakyRelu(slope) => {
                if x > 0.0 {
                    1.0
                } else {
                    f64::from(slope)
                }
            }
            Self::Elu(alpha) => {
                if x > 0.0 {
                    1.0
                } else {
                    f64::from(alpha) * x.exp()
                }
            }
            Self::Selu => SELU_SCALE * if x >= 0.0 { 1.0 } else { SELU_ALPHA * x.exp() },
            Self::Gelu => normal(x) + x * bell(x),
            Self::GeluApproximate => {
                let (argument, slope) = gelu_argument(x);
                let tanh = argument.tanh();
                0.5 * (1.0 + tanh) + 0.5 * x * (1.0 - tanh * tanh) * slope
            }
            Self::Silu => sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x))),
            Self::Sigmoid => sigmoid(x) * (1.0 - sigmoid(x)),
            Self::HardSigmoid => {
                if x > -3.0 && x < 3.0 {
                    1.0 / 6.0
                } else {
                    0.0
                }
            }
            Self::Tanh => 1.0 - x.tanh() * x.tanh(),
            Self::Softplus => sigmoid(x),
            Self::ReluOf { slope, max, threshold } => {
                if x > f64::from(threshold) {
                    within(x, f64::NEG_INFINITY, max.into())
                } else if self.value(x) == f64::from(max) {
                    // Nothing tells it from the other side.
                    0.0
                } else {
                    slope.into()
                }
            }
            Self::HardSilu => {
                if x < 3.0 {
                    within(x, -3.0, 3.0) * (x / 3.0 + 0.5)
                } else {
                    1.0
                }
            }
            Self::Mish => {
                let tanh = Self::Softplus.value(x).tanh();
                tanh + x * (1.0 - tanh * tanh) * sigmoid(x)
            }
            Self::Softsign => (1.0 + x.abs()).powi(-2),
            Self::Celu(alpha) => (x.min(0.0) / f64::from(alpha)).exp(),
            Self::LogSigmoid => sigmoid(-x),
            Self::HardShrink(threshold) | Self::SoftShrink(threshold) => {
                if x.abs() > f64::from(threshold) {
                    1.0
                } else {
                    0.0
                }
            }
            Self::TanhShrink => x.tanh().powi(2),
            Self::Squareplus(b) => (1.0 + x / (x * x + f64::from(b)).sqrt()) / 2.0,
            Self::SparsePlus => ((x + 1.0) / 2.0).clamp(0.0, 1.0),
            Self::SparseSigmoid => within(x, -1.0, 1.0) / 2.0,
            Self::Clip(low, high) => {
                if x < f64::from(low) || x > f64::from(high) {
                    0.0
                } else {
                    1.0
                }
            }
            Self::Square => 2.0 * x,
            Self::Abs => {
                if x == 0.0 {
                    0.0
                } else {
                    x.signum()
                }
            }
            Self::Neg => -1.0,
            Self::Relu6 => within(x, 0.0, 6.0),
            Self::HardTanh => Self::Clip(-1.0, 1.0).slope(x),
            Self::Threshold(threshold, _) => {
                if x > f64::from(threshold) {
                    1.0
                } else {
                    0.0
                }
            }
        }
    }

    /// Where the derivative jumps.
    fn kinks(self) -> [Option<f64>; 2] {
        match self {
            Self::Relu | Self::LeakyRelu(_) | Self::Elu(_) | Self::Selu | Self::Abs => [Some(0.0), None],
            Self::HardSigmoid | Self::HardSilu => [Some(-3.0), Some(3.0)],
            Self::ReluOf { max, threshold, .. } => [Some(threshold.into()), Some(max.into())],
            Self::HardShrink(threshold) | Self::SoftShrink(threshold) => {
                [Some(-f64::from(threshold)), Some(threshold.into())]
            }
            Self::SparseSigmoid => [Some(-1.0), Some(1.0)],
            Self::Clip(low, high) => [Some(low.into()), Some(high.into())],
            Self::Relu6 => [Some(0.0), Some(6.0)],
            Self::HardTanh => [Some(-1.0), Some(1.0)],
            Self::Threshold(threshold, _) => [Some(threshold.into()), None],
            _ => [None; 2],
        }
    }
}

/// 1 between both, else 0.
fn within(x: f64, low: f64, high: f64) -> f64 {
    if x > low && x < high { 1.0 } else { 0.0 }
}

/// What the tanh of the approximate gelu is taken of, and the derivative of that.
fn gelu_argument(x: f64) -> (f64, f64) {
    let factor = (2.0 / std::f64::consts::PI).sqrt();
    (factor * (x + 0.044_715 * x * x * x), factor * (1.0 + 3.0 * 0.044_715 * x * x))
}

impl Layer for Activation {
    fn kind(&self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::LeakyRelu(_) => "leaky_relu",
            Self::Elu(_) => "elu",
            Self::Selu => "selu",
            Self::Gelu | Self::GeluApproximate => "gelu",
            Self::Silu => "silu",
            Self::Sigmoid => "sigmoid",
            Self::HardSigmoid => "hard_sigmoid",
            Self::Tanh => "tanh",
            Self::Softplus => "softplus",
            Self::ReluOf { .. } => "relu",
            Self::HardSilu => "hard_silu",
            Self::Mish => "mish",
            Self::Softsign => "softsign",
            Self::Celu(_) => "celu",
            Self::LogSigmoid => "log_sigmoid",
            Self::HardShrink(_) => "hard_shrink",
            Self::SoftShrink(_) => "soft_shrink",
            Self::TanhShrink => "tanh_shrink",
            Self::Squareplus(_) => "squareplus",
            Self::SparsePlus => "sparse_plus",
            Self::SparseSigmoid => "sparse_sigmoid",
            Self::Clip(..) => "clip",
            Self::Square => "square",
            Self::Abs => "abs",
            Self::Neg => "neg",
            Self::Relu6 => "relu6",
            Self::HardTanh => "hard_tanh",
            Self::Threshold(..) => "threshold",
        }
    }

    fn arguments(&self) -> Vec<String> {
        match self {
            Self::LeakyRelu(slope) => vec![format!("slope = {slope:?}")],
            Self::Elu(alpha) | Self::Celu(alpha) => vec![format!("alpha = {alpha:?}")],
            Self::ReluOf { slope, max, threshold } => {
                vec![format!("max_value = {max:?}"), format!("slope = {slope:?}"), format!("threshold = {threshold:?}")]
            }
            Self::HardShrink(threshold) | Self::SoftShrink(threshold) => vec![format!("{threshold:?}")],
            Self::Squareplus(b) => vec![format!("{b:?}")],
            Self::Threshold(threshold, value) => vec![format!("{threshold:?}"), format!("{value:?}")],
            Self::Clip(low, high) => vec![format!("{low:?}"), format!("{high:?}")],
            Self::GeluApproximate => vec!["approximate = true".to_owned()],
            _ => Vec::new(),
        }
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        Some(vec![single(operands)?.clone()])
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let kinks: Vec<f64> = self.kinks().into_iter().flatten().collect();
        for (element, kink) in x[0].data.iter().flat_map(|element| kinks.iter().map(move |kink| (element, kink))) {
            call.choose(usize::from(element > kink), element == kink);
        }
        vec![x[0].map(|element| self.value(element))]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        Gradients::of(x[0].zip(dy[0], |element, upstream| self.slope(element) * upstream))
    }
}
