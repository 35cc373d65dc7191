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
}

const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;

pub(super) fn draw(random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    // The edges of what arguments may be, as well.
    let argument = random.pick(&[0.0, 0.0, 0.1, 0.3, 1.0, 1.5]);
    Some(Rc::new(match random.below(16) {
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
        _ => Activation::Softplus,
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
        }
    }

    /// Where the derivative jumps.
    fn kinks(self) -> &'static [f64] {
        match self {
            Self::Relu | Self::LeakyRelu(_) | Self::Elu(_) | Self::Selu => &[0.0],
            Self::HardSigmoid => &[-3.0, 3.0],
            Self::Gelu | Self::GeluApproximate | Self::Silu | Self::Sigmoid | Self::Tanh | Self::Softplus => &[],
        }
    }
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
        }
    }

    fn arguments(&self) -> Vec<String> {
        match self {
            Self::LeakyRelu(slope) => vec![format!("slope = {slope:?}")],
            Self::Elu(alpha) => vec![format!("alpha = {alpha:?}")],
            Self::GeluApproximate => vec!["approximate = true".to_owned()],
            _ => Vec::new(),
        }
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        Some(vec![single(operands)?.clone()])
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        for (element, kink) in x[0].data.iter().flat_map(|element| self.kinks().iter().map(move |kink| (element, kink)))
        {
            call.choose(usize::from(element > kink), element == kink);
        }
        vec![x[0].map(|element| self.value(element))]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        Gradients::of(x[0].zip(dy[0], |element, upstream| self.slope(element) * upstream))
    }
}
