use super::*;

const ALL: [Activation; 37] = [
    Activation::Linear,
    Activation::Relu,
    Activation::LeakyRelu { slope: 0.3 },
    Activation::Elu { alpha: 1.5 },
    Activation::Selu,
    Activation::Gelu { approximate: false },
    Activation::Gelu { approximate: true },
    Activation::Silu,
    Activation::Sigmoid,
    Activation::HardSigmoid,
    Activation::Tanh,
    Activation::Softplus,
    Activation::LeakyRelu { slope: 0.0 },
    Activation::RectifiedLinear { slope: 0.0, max: 2.5, threshold: 0.0 },
    Activation::RectifiedLinear { slope: 0.1, max: 2.5, threshold: 0.5 },
    Activation::RectifiedLinear { slope: 0.0, max: f32::INFINITY, threshold: 1.5 },
    Activation::HardSilu,
    Activation::Mish,
    Activation::Softsign,
    Activation::Celu { alpha: 0.7 },
    Activation::LogSigmoid,
    Activation::HardShrink { threshold: 0.5 },
    Activation::SoftShrink { threshold: 0.5 },
    Activation::TanhShrink,
    Activation::Squareplus { b: 4.0 },
    Activation::SparsePlus,
    Activation::SparseSigmoid,
    Activation::Threshold { threshold: -0.3, value: 2.0 },
    Activation::Clip { low: -0.5, high: 1.5 },
    Activation::Exp,
    Activation::Log,
    Activation::Square,
    Activation::Sqrt,
    Activation::Rsqrt,
    Activation::Reciprocal,
    Activation::Abs,
    Activation::Neg,
];

/// Where it has a value.
fn defined(activation: Activation, x: f32) -> f32 {
    match activation {
        Activation::Log | Activation::Sqrt | Activation::Rsqrt => x.abs(),
        _ => x,
    }
}

fn exact(activation: Activation, x: f64) -> f64 {
    let sigmoid = 1.0 / (1.0 + (-x).exp());
    let elu = |alpha: f32| if x > 0.0 { x } else { f64::from(alpha) * x.exp_m1() };
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
        Activation::Elu { alpha } => elu(alpha),
        Activation::Selu => f64::from(SELU_SCALE) * elu(SELU_ALPHA),
        Activation::Gelu { approximate: false } => x * 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2),
        Activation::Gelu { approximate: true } => {
            let argument = f64::from(SQRT_2_OVER_PI) * (x + f64::from(GELU_CUBE) * x * x * x);
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

/// What the derivative is taken from.
fn of(activation: Activation, x: f32) -> f32 {
    if activation.derivative_from_input() { x } else { exact(activation, f64::from(x)) as f32 }
}

#[test]
fn values_and_derivatives_are_right_on_every_instruction_set() {
    let x: Vec<f32> = (0..203).map(|i| (i as f32 - 101.3) * 0.07).collect();
    let dy: Vec<f32> = (0..203).map(|i| (i % 7) as f32 - 2.5).collect();
    for (isa, activation) in Isa::available().into_iter().flat_map(|isa| ALL.map(|activation| (isa, activation))) {
        let close = |found: f32, expected: f64| {
            assert!(
                (f64::from(found) - expected).abs() <= 2e-6 * (1.0 + expected.abs()),
                "{isa:?} {activation:?}: {found} for {expected}"
            );
        };
        let x: Vec<f32> = x.iter().map(|x| defined(activation, *x)).collect();
        let a: Vec<f32> = x.iter().map(|x| of(activation, *x)).collect();
        let mut y = vec![f32::NAN; x.len()];
        let mut dx = vec![f32::NAN; x.len()];
        let mut added = vec![1.0; x.len()];
        let places = |dx: &mut [f32]| Places { a: a.as_ptr(), dy: dy.as_ptr(), dx: dx.as_mut_ptr(), len: a.len() };
        // SAFETY: all slices are as long; the instruction set comes from `Isa::available`.
        unsafe {
            map(isa, activation, x.as_ptr(), y.as_mut_ptr(), x.len());
            derivative(isa, activation, places(&mut dx), Store::Set);
            derivative(isa, activation, places(&mut added), Store::Add);
        }
        for (index, &x) in x.iter().enumerate() {
            let x = f64::from(x);
            close(y[index], exact(activation, x));
            let slope = (exact(activation, x + 1e-5) - exact(activation, x - 1e-5)) / 2e-5;
            close(dx[index], slope * f64::from(dy[index]));
            assert_eq!(added[index], 1.0 + dx[index], "{isa:?} {activation:?}");
        }
    }
}

#[test]
fn the_last_elements_are_computed_as_all_others() {
    let x: Vec<f32> = (0..100).map(|i| (i as f32 - 50.7) * 0.3).collect();
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    for (isa, activation) in Isa::available().into_iter().flat_map(|isa| ALL.map(|activation| (isa, activation))) {
        let x: Vec<f32> = x.iter().map(|x| defined(activation, *x)).collect();
        let (mut whole, mut parts) = (x.clone(), x.clone());
        // SAFETY: the pointers are those of slices of these lengths; the instruction set comes from `Isa::available`.
        unsafe { map(isa, activation, x.as_ptr(), whole.as_mut_ptr(), x.len()) };
        for part in parts.chunks_mut(7) {
            // SAFETY: as above, in place.
            unsafe { map(isa, activation, part.as_ptr(), part.as_mut_ptr(), part.len()) };
        }
        assert_eq!(bits(&whole), bits(&parts), "{isa:?} {activation:?}");
    }
}

#[test]
fn a_nan_stays_one() {
    for (isa, activation) in Isa::available().into_iter().flat_map(|isa| ALL.map(|activation| (isa, activation))) {
        let mut values = [f32::NAN; 21];
        // SAFETY: the pointers are those of one slice; the instruction set comes from `Isa::available`.
        unsafe { map(isa, activation, values.as_ptr(), values.as_mut_ptr(), values.len()) };
        assert!(values.iter().all(|value| value.is_nan()), "{isa:?} {activation:?}");
    }
}
