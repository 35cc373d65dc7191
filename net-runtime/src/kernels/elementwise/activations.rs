//! The loops of the activations: functions of one element, on vectors of every instruction set.
//!
//! What is left of the last vector is computed as a vector, too: results do not depend on where a slice was cut.

use crate::kernels::simd::{Isa, Simd, dispatch, load_at, math, store_at};
use crate::parallel::for_each_rows;
use crate::tensor::activation::Activation;
use crate::tensor::param::Store;

/// Scale of `selu`, 1.05070098735548… (Klambauer et al. 2017), as the nearest `f32`.
const SELU_SCALE: f32 = 1.050_701;
/// Alpha of `selu`, 1.67326324235437… (Klambauer et al. 2017), as the nearest `f32`.
const SELU_ALPHA: f32 = 1.673_263_2;
/// √(2/π) = 0.79788456080286…, as the nearest `f32`.
const SQRT_2_OVER_PI: f32 = 0.797_884_6;
/// Coefficient of the cube in the approximation of `gelu` (Hendrycks and Gimpel 2016).
const GELU_CUBE: f32 = 0.044_715;

/// `y = f(y)` on the calling thread.
pub(crate) fn apply_part(activation: Activation, y: &mut [f32]) {
    if activation == Activation::Linear {
        return;
    }
    // SAFETY: both pointers are those of a slice of this length; this machine has the instruction set.
    unsafe { map(Isa::current(), activation, y.as_ptr(), y.as_mut_ptr(), y.len()) };
}

/// `y = f(y)`
pub(crate) fn apply(activation: Activation, y: &mut [f32]) {
    for_each_rows(y, 1, |_, part| apply_part(activation, part));
}

/// `y = f(x)`
pub(crate) fn forward(activation: Activation, x: &[f32], y: &mut [f32]) {
    for_each_rows(y, 1, |first, y| {
        let x = &x[first..][..y.len()];
        // SAFETY: as above: both slices are as long.
        unsafe { map(Isa::current(), activation, x.as_ptr(), y.as_mut_ptr(), y.len()) };
    });
}

/// `dx = f'(x) · dy`, or added to it; `a` is the output, for `gelu` and `silu` the input.
pub(crate) fn backward(activation: Activation, a: &[f32], dy: &[f32], dx: &mut [f32], write: Store) {
    for_each_rows(dx, 1, |first, dx| {
        let (a, dy) = (&a[first..][..dx.len()], &dy[first..][..dx.len()]);
        let places = Places { a: a.as_ptr(), dy: dy.as_ptr(), dx: dx.as_mut_ptr(), len: dx.len() };
        // SAFETY: all three slices are as long.
        unsafe { derivative(Isa::current(), activation, places, write) };
    });
}

/// `dy = f'(x) · dy`; `a` is the output, for `gelu` and `silu` the input.
pub(crate) fn backward_in_place(activation: Activation, a: &[f32], dy: &mut [f32]) {
    for_each_rows(dy, 1, |first, dy| {
        let a = &a[first..][..dy.len()];
        let places = Places { a: a.as_ptr(), dy: dy.as_ptr(), dx: dy.as_mut_ptr(), len: dy.len() };
        // SAFETY: both slices are as long; each element is read before it is written.
        unsafe { derivative(Isa::current(), activation, places, Store::Set) };
    });
}

/// The slices of a derivative; `dx` may be `dy`.
#[derive(Clone, Copy)]
struct Places {
    a: *const f32,
    dy: *const f32,
    dx: *mut f32,
    len: usize,
}

dispatch! {
    /// `y = f(x)` for `len` elements; `y` may be `x`.
    unsafe fn map(activation: Activation, x: *const f32, y: *mut f32, len: usize) = map_generic
}

dispatch! {
    /// `dx = f'(a) · dy`
    unsafe fn derivative(activation: Activation, places: Places, write: Store) = derivative_generic
}

/// Sets each vector of `y` to an expression of that of `x`. Not a function with a closure: the closure would not have the
/// instruction set, and so nothing could be inlined into it.
macro_rules! each {
    (($x:ident, $y:ident, $len:ident), |$value:ident| $result:expr) => {
        for at in (0..$len).step_by(S::LANES) {
            let $value = load_at::<S>($x, $len, at, S::splat(0.0));
            store_at::<S>($y, $len, at, $result);
        }
    };
}

/// Sets each vector of `dx` to an expression of those of `a` and `dy`, or adds it.
macro_rules! each_pair {
    (($places:ident, $write:ident), |$a:ident, $dy:ident| $result:expr) => {{
        let Places { a, dy, dx, len } = $places;
        for at in (0..len).step_by(S::LANES) {
            let zero = S::splat(0.0);
            let ($a, $dy) = (load_at::<S>(a, len, at, zero), load_at::<S>(dy, len, at, zero));
            let result = $result;
            let result = match $write {
                Store::Set => result,
                Store::Add => S::add(result, load_at::<S>(dx, len, at, zero)),
                Store::Mask => S::where_positive(load_at::<S>(dx, len, at, zero), result),
            };
            store_at::<S>(dx, len, at, result);
        }
    }};
}

#[inline(always)]
unsafe fn map_generic<S: Simd>(activation: Activation, x: *const f32, y: *mut f32, len: usize) {
    // SAFETY: the caller's promise: the instruction set, and `len` elements.
    unsafe {
        let zero = S::splat(0.0);
        match activation {
            Activation::Linear => each!((x, y, len), |x| x),
            Activation::Relu => each!((x, y, len), |x| S::relu(x)),
            Activation::LeakyRelu { slope } => {
                each!((x, y, len), |x| S::if_less(zero, x, x, S::mul(S::splat(slope), x)));
            }
            Activation::Elu { alpha } => each!((x, y, len), |x| elu::<S>(x, alpha)),
            Activation::Selu => each!((x, y, len), |x| S::mul(S::splat(SELU_SCALE), elu::<S>(x, SELU_ALPHA))),
            Activation::Gelu { approximate: false } => each!((x, y, len), |x| S::mul(x, math::normal::<S>(x).0)),
            Activation::Gelu { approximate: true } => each!((x, y, len), |x| {
                let half = S::mul(S::splat(0.5), x);
                S::mul(half, S::add(S::splat(1.0), math::tanh::<S>(gelu_argument::<S>(x))))
            }),
            Activation::Silu => each!((x, y, len), |x| S::mul(x, math::sigmoid::<S>(x))),
            Activation::Sigmoid => each!((x, y, len), |x| math::sigmoid::<S>(x)),
            Activation::HardSigmoid => each!((x, y, len), |x| {
                let six = S::splat(6.0);
                S::div(S::min(six, S::max(zero, S::add(x, S::splat(3.0)))), six)
            }),
            Activation::Tanh => each!((x, y, len), |x| math::tanh::<S>(x)),
            Activation::Softplus => each!((x, y, len), |x| math::softplus::<S>(x)),
        }
    }
}

#[inline(always)]
unsafe fn derivative_generic<S: Simd>(activation: Activation, places: Places, write: Store) {
    // SAFETY: the caller's promise: the instruction set, and as many elements as `places` says.
    unsafe {
        let (zero, one) = (S::splat(0.0), S::splat(1.0));
        match activation {
            Activation::Linear => each_pair!((places, write), |_a, dy| dy),
            Activation::Relu => each_pair!((places, write), |y, dy| S::if_less(zero, y, dy, zero)),
            Activation::LeakyRelu { slope } => {
                each_pair!((places, write), |y, dy| S::if_less(zero, y, dy, S::mul(S::splat(slope), dy)));
            }
            Activation::Elu { alpha } => each_pair!((places, write), |y, dy| {
                // The minimum passes over a NaN: as in TensorFlow, the gradient there is that of 0.
                S::if_less(zero, y, dy, S::mul(dy, S::add(S::min(y, zero), S::splat(alpha))))
            }),
            Activation::Selu => each_pair!((places, write), |y, dy| {
                // At 0 the right side counts, as in TensorFlow.
                let left = S::add(y, S::splat(SELU_SCALE * SELU_ALPHA));
                S::mul(dy, S::if_less(y, zero, left, S::splat(SELU_SCALE)))
            }),
            Activation::Gelu { approximate: false } => each_pair!((places, write), |x, dy| {
                let (normal, bell) = math::normal::<S>(x);
                // 1/√(2π) = √(2/π) / 2
                let density = S::mul(bell, S::splat(SQRT_2_OVER_PI / 2.0));
                S::mul(dy, S::add(normal, S::mul(x, density)))
            }),
            Activation::Gelu { approximate: true } => each_pair!((places, write), |x, dy| {
                let tanh = math::tanh::<S>(gelu_argument::<S>(x));
                let square = S::mul(S::splat(3.0 * GELU_CUBE), S::mul(x, x));
                let inner = S::mul(S::splat(SQRT_2_OVER_PI), S::add(one, square));
                let slope = S::mul(S::mul(x, S::sub(one, S::mul(tanh, tanh))), inner);
                S::mul(dy, S::mul(S::splat(0.5), S::add(S::add(one, tanh), slope)))
            }),
            Activation::Silu => each_pair!((places, write), |x, dy| {
                let sigmoid = math::sigmoid::<S>(x);
                S::mul(dy, S::mul(sigmoid, S::add(one, S::mul(x, S::sub(one, sigmoid)))))
            }),
            Activation::Sigmoid => each_pair!((places, write), |y, dy| S::mul(S::mul(dy, y), S::sub(one, y))),
            Activation::HardSigmoid => each_pair!((places, write), |y, dy| {
                let slope = S::div(dy, S::splat(6.0));
                S::if_less(zero, y, S::if_less(y, one, slope, zero), zero)
            }),
            Activation::Tanh => each_pair!((places, write), |y, dy| S::mul(dy, S::sub(one, S::mul(y, y)))),
            Activation::Softplus => each_pair!((places, write), |y, dy| {
                // The derivative is sigmoid(x) = 1 - e⁻ʸ.
                let minus = S::sub(zero, y);
                S::mul(S::sub(zero, dy), math::exp_m1_of_negative::<S>(minus))
            }),
        }
    }
}

#[inline(always)]
unsafe fn elu<S: Simd>(x: S::Vector, alpha: f32) -> S::Vector {
    // SAFETY: the caller has the instruction set.
    unsafe { S::if_less(S::splat(0.0), x, x, S::mul(S::splat(alpha), math::exp_m1_of_negative::<S>(x))) }
}

/// The argument of the tanh of the approximate gelu.
#[inline(always)]
unsafe fn gelu_argument<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let cube = S::mul(S::mul(S::splat(GELU_CUBE), S::mul(x, x)), x);
        S::mul(S::splat(SQRT_2_OVER_PI), S::add(x, cube))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Activation; 13] = [
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
    ];

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
        }
    }

    /// What the derivative is taken from: the output but for these.
    fn of(activation: Activation, x: f32) -> f32 {
        match activation {
            Activation::Gelu { .. } | Activation::Silu => x,
            _ => exact(activation, f64::from(x)) as f32,
        }
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
}
