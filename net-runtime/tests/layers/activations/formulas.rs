//! The activations' formulas in f64, as the documentation has them: for the kernels' tests and for those of the public functions.

use super::Activation;

pub const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;

pub fn formula(activation: Activation, x: f64) -> f64 {
    let sigmoid = 1.0 / (1.0 + (-x).exp());
    let elu = |alpha: f64| if x > 0.0 { x } else { alpha * x.exp_m1() };
    match activation {
        Activation::Linear => x,
        Activation::Relu => x.max(0.0),
        Activation::LeakyRelu { slope } => {
            if x > 0.0 {
                x
            } else {
                f64::from(slope) * x
            }
        }
        Activation::Elu { alpha } => elu(alpha.into()),
        Activation::Selu => SELU_SCALE * elu(SELU_ALPHA),
        Activation::Gelu { approximate: false } => x * 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2),
        Activation::Gelu { approximate: true } => {
            let argument = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x);
            0.5 * x * (1.0 + argument.tanh())
        }
        Activation::Silu => x * sigmoid,
        Activation::Sigmoid => sigmoid,
        Activation::HardSigmoid => (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Activation::Tanh => x.tanh(),
        Activation::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        Activation::RectifiedLinear { slope, max, threshold } => {
            let threshold = f64::from(threshold);
            if x > threshold { x.min(max.into()) } else { f64::from(slope) * (x - threshold) }
        }
        Activation::HardSilu => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Activation::Mish => x * x.exp().ln_1p().tanh(),
        Activation::Softsign => x / (1.0 + x.abs()),
        Activation::Celu { alpha } => x.max(0.0) + f64::from(alpha) * (x.min(0.0) / f64::from(alpha)).exp_m1(),
        Activation::LogSigmoid => -(-x).exp().ln_1p(),
        Activation::HardShrink { threshold } => {
            if x.abs() > threshold.into() {
                x
            } else {
                0.0
            }
        }
        Activation::SoftShrink { threshold } => x.signum() * (x.abs() - f64::from(threshold)).max(0.0),
        Activation::TanhShrink => x - x.tanh(),
        Activation::Squareplus { b } => (x + (x * x + f64::from(b)).sqrt()) / 2.0,
        Activation::SparsePlus => {
            if x > 1.0 {
                x
            } else {
                (x.max(-1.0) + 1.0).powi(2) / 4.0
            }
        }
        Activation::SparseSigmoid => (x / 2.0 + 0.5).clamp(0.0, 1.0),
        Activation::Threshold { threshold, value } => {
            if x > threshold.into() {
                x
            } else {
                value.into()
            }
        }
        Activation::Clip { low, high } => x.clamp(low.into(), high.into()),
        Activation::Exp => x.exp(),
        Activation::Log => x.ln(),
        Activation::Square => x * x,
        Activation::Sqrt => x.sqrt(),
        Activation::Rsqrt => 1.0 / x.sqrt(),
        Activation::Reciprocal => 1.0 / x,
        Activation::Abs => x.abs(),
        Activation::Neg => -x,
    }
}
