use super::*;

#[path = "../../../../tests/layers/activations/formulas.rs"]
mod formulas;

use formulas::formula;

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

/// What the derivative is taken from.
fn of(activation: Activation, x: f32) -> f32 {
    if activation.derivative_from_input() { x } else { formula(activation, f64::from(x)) as f32 }
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
            close(y[index], formula(activation, x));
            let slope = (formula(activation, x + 1e-5) - formula(activation, x - 1e-5)) / 2e-5;
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
