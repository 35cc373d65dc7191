//! The loops of the activations: functions of one element, on vectors of every instruction set.
//!
//! What is left of the last vector is computed as a vector, too: results do not depend on where a slice was cut.

use super::arithmetic::put_values;
use super::quick::Quick;
use crate::kernels::simd::gelu::{self, SQRT_2_OVER_PI};
use crate::kernels::simd::{Isa, MOST_LANES, Simd, dispatch, math};
use crate::parallel::{for_each_row_of, for_each_rows};
use crate::tensor::activation::Activation;
use crate::tensor::columns::Columns;
use crate::tensor::param::Store;

/// Scale of `selu`, 1.05070098735548… (Klambauer et al. 2017), as the nearest `f32`.
const SELU_SCALE: f32 = 1.050_701;
/// Alpha of `selu`, 1.67326324235437… (Klambauer et al. 2017), as the nearest `f32`.
const SELU_ALPHA: f32 = 1.673_263_2;
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

/// The same of an operand that is a part of a larger tensor.
pub(crate) fn forward_of(columns: Columns, activation: Activation, x: &[f32], y: &mut [f32]) {
    let isa = Isa::current();
    for_each_rows(y, columns.count, |first, y| {
        for (index, y) in y.chunks_exact_mut(columns.count).enumerate() {
            let x = columns.row(x, first + index);
            // SAFETY: as above: both slices are as long.
            unsafe { map(isa, activation, x.as_ptr(), y.as_mut_ptr(), y.len()) };
        }
    });
}

/// `dx = f'(x) · dy`, or added to it; `a` is the output, or the input where the derivative is computed from that.
pub(crate) fn backward(activation: Activation, a: &[f32], dy: &[f32], dx: &mut [f32], write: Store) {
    for_each_rows(dx, 1, |first, dx| {
        let (a, dy) = (&a[first..][..dx.len()], &dy[first..][..dx.len()]);
        let places = Places { a: a.as_ptr(), dy: dy.as_ptr(), dx: dx.as_mut_ptr(), len: dx.len() };
        // SAFETY: all three slices are as long.
        unsafe { derivative(Isa::current(), activation, places, write) };
    });
}

/// The same, where `dx` is a part of a larger tensor; so is `a`, if it is the input.
pub(crate) fn backward_of(
    columns: Columns,
    activation: Activation,
    a: &[f32],
    dy: &[f32],
    dx: &mut [f32],
    write: Store,
) {
    let isa = Isa::current();
    let alone = Columns { start: 0, count: columns.count, of: columns.count };
    let of_a = if activation.derivative_from_input() { columns } else { alone };
    for_each_row_of(columns, dx, |row, dx| {
        let (a, dy) = (of_a.row(a, row), alone.row(dy, row));
        let places = Places { a: a.as_ptr(), dy: dy.as_ptr(), dx: dx.as_mut_ptr(), len: dx.len() };
        // SAFETY: all three slices are as long: a row of the part.
        unsafe { derivative(isa, activation, places, write) };
    });
}

/// `dy = f'(x) · dy`; `a` is the output, or the input where the derivative is computed from that.
pub(crate) fn backward_in_place(activation: Activation, a: &[f32], dy: &mut [f32]) {
    for_each_rows(dy, 1, |first, dy| {
        let a = &a[first..][..dy.len()];
        let places = Places { a: a.as_ptr(), dy: dy.as_ptr(), dx: dy.as_mut_ptr(), len: dy.len() };
        // SAFETY: both slices are as long; each element is read before it is written.
        unsafe { derivative(Isa::current(), activation, places, Store::Set) };
    });
}

/// `a = f'(x) · dy` on the calling thread, where `a` is the output.
pub(crate) fn backward_over_part(activation: Activation, a: &mut [f32], dy: &[f32]) {
    assert_eq!(a.len(), dy.len());
    let (len, dx) = (a.len(), a.as_mut_ptr());
    let places = Places { a: dx, dy: dy.as_ptr(), dx, len };
    // SAFETY: both slices are as long; each element is read before it is written.
    unsafe { derivative(Isa::current(), activation, places, Store::Set) };
}

/// The slices of a derivative; where it is set, `dx` may be `dy`, or `a`.
#[derive(Clone, Copy)]
struct Places {
    a: *const f32,
    dy: *const f32,
    dx: *mut f32,
    len: usize,
}

/// Floats of a derivative that are added or masked at a time: they stay near until that is done.
const PIECE: usize = 256;

/// `y = f(x)` for `len` elements; `y` may be `x`.
///
/// # Safety
///
/// There are as many of both.
unsafe fn map(isa: Isa, activation: Activation, x: *const f32, y: *mut f32, len: usize) {
    let rest = len % isa.lanes();
    let whole = len - rest;
    // SAFETY: the caller's promise. What is left of the last vector is worked on in a whole one, where it is copied to.
    unsafe {
        map_vectors(isa, activation, x, y, whole);
        if rest > 0 {
            let mut last = [0.0; MOST_LANES];
            last.as_mut_ptr().copy_from_nonoverlapping(x.add(whole), rest);
            map_vectors(isa, activation, last.as_ptr(), last.as_mut_ptr(), isa.lanes());
            y.add(whole).copy_from_nonoverlapping(last.as_ptr(), rest);
        }
    }
}

/// `dx = f'(a) · dy`, put as `write` says.
///
/// # Safety
///
/// There are as many of all three as is said.
unsafe fn derivative(isa: Isa, activation: Activation, places: Places, write: Store) {
    let Places { a, dy, dx, len } = places;
    let rest = len % isa.lanes();
    let whole = len - rest;
    // SAFETY: the caller's promise; the last vector as in `map`.
    unsafe {
        if write == Store::Set {
            differentiate_vectors(isa, activation, Places { len: whole, ..places });
        } else {
            let mut piece = [0.0; PIECE];
            for at in (0..whole).step_by(PIECE) {
                let len = PIECE.min(whole - at);
                let places = Places { a: a.add(at), dy: dy.add(at), dx: piece.as_mut_ptr(), len };
                differentiate_vectors(isa, activation, places);
                put_values(write, std::slice::from_raw_parts_mut(dx.add(at), len), &piece[..len]);
            }
        }
        if rest > 0 {
            let [mut of, mut upstream] = [[0.0; MOST_LANES]; 2];
            of.as_mut_ptr().copy_from_nonoverlapping(a.add(whole), rest);
            upstream.as_mut_ptr().copy_from_nonoverlapping(dy.add(whole), rest);
            let dx_of = upstream.as_mut_ptr();
            let len = isa.lanes();
            differentiate_vectors(isa, activation, Places { a: of.as_ptr(), dy: dx_of, dx: dx_of, len });
            put_values(write, std::slice::from_raw_parts_mut(dx.add(whole), rest), &upstream[..rest]);
        }
    }
}

dispatch! {
    /// `y = f(x)` for `len` elements, whole vectors; `y` may be `x`.
    unsafe fn map_vectors(activation: Activation, x: *const f32, y: *mut f32, len: usize) = map_generic
}

dispatch! {
    /// `dx = f'(a) · dy`, of whole vectors.
    unsafe fn differentiate_vectors(activation: Activation, places: Places) = derivative_generic
}

/// Sets each vector of `y` to an expression of that of `x`. Not a function with a closure: the closure would not have the
/// instruction set, and so nothing could be inlined into it.
macro_rules! each {
    (($x:ident, $y:ident, $len:ident), |$value:ident| $result:expr) => {
        for at in (0..$len).step_by(S::LANES) {
            let $value = S::load($x.add(at));
            S::store($y.add(at), $result);
        }
    };
}

/// Sets each vector of `dx` to an expression of those of `a` and `dy`.
macro_rules! each_pair {
    ($places:ident, |$a:ident, $dy:ident| $result:expr) => {{
        let Places { a, dy, dx, len } = $places;
        for at in (0..len).step_by(S::LANES) {
            let ($a, $dy) = (S::load(a.add(at)), S::load(dy.add(at)));
            S::store(dx.add(at), $result);
        }
    }};
}

#[inline(always)]
unsafe fn map_generic<S: Simd>(activation: Activation, x: *const f32, y: *mut f32, len: usize) {
    // SAFETY: the caller's promise: the instruction set, and `len` elements.
    unsafe {
        let zero = S::splat(0.0);
        if let Some(quick) = Quick::of(activation) {
            let several = len - len % (4 * S::LANES);
            for at in (0..several).step_by(4 * S::LANES) {
                let mut values = [[zero; 4]];
                for (v, value) in values[0].iter_mut().enumerate() {
                    *value = S::load(x.add(at + v * S::LANES));
                }
                quick.apply::<S, 4, 1>(&mut values);
                for (v, value) in values[0].into_iter().enumerate() {
                    S::store(y.add(at + v * S::LANES), value);
                }
            }
            for at in (several..len).step_by(S::LANES) {
                let mut value = [[S::load(x.add(at))]];
                quick.apply::<S, 1, 1>(&mut value);
                S::store(y.add(at), value[0][0]);
            }
            return;
        }
        match activation {
            Activation::Elu { alpha } => each!((x, y, len), |x| elu::<S>(x, alpha)),
            Activation::Selu => each!((x, y, len), |x| S::mul(S::splat(SELU_SCALE), elu::<S>(x, SELU_ALPHA))),
            Activation::Gelu { approximate: false } => each!((x, y, len), |x| gelu::gelu::<S>(x)),
            Activation::Gelu { approximate: true } => each!((x, y, len), |x| S::mul(x, approximate_normal::<S>(x))),
            Activation::Silu => each!((x, y, len), |x| S::mul(x, math::sigmoid::<S>(x))),
            Activation::Sigmoid => each!((x, y, len), |x| math::sigmoid::<S>(x)),
            Activation::HardSigmoid => each!((x, y, len), |x| hard_sigmoid::<S>(x)),
            Activation::HardSilu => each!((x, y, len), |x| S::mul(x, hard_sigmoid::<S>(x))),
            Activation::Tanh => each!((x, y, len), |x| math::tanh::<S>(x)),
            Activation::Softplus => each!((x, y, len), |x| math::softplus::<S>(x)),
            // No product with the slope: that of 0 and an infinity is a NaN.
            Activation::RectifiedLinear { slope: 0.0, max, threshold } => each!((x, y, len), |x| {
                let lower = S::if_equal(x, x, zero, x);
                S::if_less(S::splat(threshold), x, S::min(S::splat(max), x), lower)
            }),
            Activation::RectifiedLinear { slope, max, threshold } => each!((x, y, len), |x| {
                let lower = S::mul(S::splat(slope), S::sub(x, S::splat(threshold)));
                S::if_less(S::splat(threshold), x, S::min(S::splat(max), x), lower)
            }),
            Activation::Mish => each!((x, y, len), |x| S::mul(x, tanh_of_softplus::<S>(x).0)),
            Activation::Softsign => each!((x, y, len), |x| S::div(x, S::add(S::splat(1.0), S::abs(x)))),
            Activation::Celu { alpha } => each!((x, y, len), |x| {
                let alpha = S::splat(alpha);
                S::if_less(zero, x, x, S::mul(alpha, math::exp_m1_of_negative::<S>(S::div(x, alpha))))
            }),
            Activation::LogSigmoid => {
                each!((x, y, len), |x| S::sub(S::min(zero, x), math::ln_1p_exp_minus::<S>(S::abs(x))))
            }
            Activation::HardShrink { threshold } => each!((x, y, len), |x| {
                // A NaN is not within the threshold.
                let beyond = S::splat(threshold);
                S::if_less(beyond, S::abs(x), x, S::if_equal(x, x, zero, x))
            }),
            Activation::SoftShrink { threshold } => each!((x, y, len), |x| {
                let (right, left) = (S::splat(threshold), S::splat(-threshold));
                let inner = S::if_equal(x, x, zero, x);
                S::if_less(right, x, S::sub(x, right), S::if_less(x, left, S::sub(x, left), inner))
            }),
            Activation::TanhShrink => each!((x, y, len), |x| math::tanh_shrink::<S>(x)),
            Activation::Squareplus { b } => each!((x, y, len), |x| squareplus::<S>(x, b)),
            Activation::SparsePlus => each!((x, y, len), |x| {
                let one = S::splat(1.0);
                let above = S::add(S::max(S::splat(-1.0), x), one);
                S::if_less(x, one, S::mul(S::mul(above, above), S::splat(0.25)), x)
            }),
            Activation::SparseSigmoid => each!((x, y, len), |x| {
                let value = S::mul(S::add(x, S::splat(1.0)), S::splat(0.5));
                S::min(S::splat(1.0), S::max(zero, value))
            }),
            Activation::Threshold { threshold, value } => {
                each!((x, y, len), |x| S::if_less(S::splat(threshold), x, x, S::if_equal(x, x, S::splat(value), x)))
            }
            Activation::Exp => each!((x, y, len), |x| math::exp::<S>(x)),
            Activation::Log => each!((x, y, len), |x| math::ln::<S>(x)),
            Activation::Square => each!((x, y, len), |x| S::mul(x, x)),
            Activation::Sqrt => each!((x, y, len), |x| S::sqrt(x)),
            Activation::Rsqrt => each!((x, y, len), |x| S::div(S::splat(1.0), S::sqrt(x))),
            Activation::Reciprocal => each!((x, y, len), |x| S::div(S::splat(1.0), x)),
            Activation::Abs => each!((x, y, len), |x| S::abs(x)),
            Activation::Neg => each!((x, y, len), |x| S::sub(zero, x)),
            Activation::Linear | Activation::Relu | Activation::LeakyRelu { .. } | Activation::Clip { .. } => {
                unreachable!("these are quick")
            }
        }
    }
}

/// x/6 + 1/2, at least 0 and at most 1
#[inline(always)]
unsafe fn hard_sigmoid<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let six = S::splat(6.0);
        S::div(S::min(six, S::max(S::splat(0.0), S::add(x, S::splat(3.0)))), six)
    }
}

#[inline(always)]
unsafe fn derivative_generic<S: Simd>(activation: Activation, places: Places) {
    // SAFETY: the caller's promise: the instruction set, and as many elements as `places` says.
    unsafe {
        let (zero, one) = (S::splat(0.0), S::splat(1.0));
        match activation {
            Activation::Linear => each_pair!(places, |_a, dy| dy),
            Activation::Relu => each_pair!(places, |y, dy| S::if_less(zero, y, dy, zero)),
            Activation::LeakyRelu { slope } => {
                each_pair!(places, |y, dy| S::if_less(zero, y, dy, S::mul(S::splat(slope), dy)));
            }
            Activation::Elu { alpha } => each_pair!(places, |y, dy| {
                // The minimum passes over a NaN: as in TensorFlow, the gradient there is that of 0.
                S::if_less(zero, y, dy, S::mul(dy, S::add(S::min(y, zero), S::splat(alpha))))
            }),
            Activation::Selu => each_pair!(places, |y, dy| {
                // At 0 the right side counts, as in TensorFlow.
                let left = S::add(y, S::splat(SELU_SCALE * SELU_ALPHA));
                S::mul(dy, S::if_less(y, zero, left, S::splat(SELU_SCALE)))
            }),
            Activation::Gelu { approximate: false } => {
                each_pair!(places, |x, dy| S::mul(dy, gelu::gelu_derivative::<S>(x)));
            }
            Activation::Gelu { approximate: true } => each_pair!(places, |x, dy| {
                let normal = approximate_normal::<S>(x);
                let square = S::mul(S::splat(3.0 * GELU_CUBE), S::mul(x, x));
                let inner = S::mul(S::splat(2.0 * SQRT_2_OVER_PI), S::add(one, square));
                let slope = S::mul(S::mul(x, S::sub(one, normal)), inner);
                S::mul(dy, S::mul(normal, S::add(one, slope)))
            }),
            Activation::Silu => each_pair!(places, |x, dy| {
                let sigmoid = math::sigmoid::<S>(x);
                S::mul(dy, S::mul(sigmoid, S::add(one, S::mul(x, S::sub(one, sigmoid)))))
            }),
            Activation::Sigmoid => each_pair!(places, |y, dy| S::mul(S::mul(dy, y), S::sub(one, y))),
            Activation::HardSigmoid => each_pair!(places, |y, dy| {
                let slope = S::div(dy, S::splat(6.0));
                S::if_less(zero, y, S::if_less(y, one, slope, zero), zero)
            }),
            Activation::Tanh => each_pair!(places, |y, dy| S::mul(dy, S::sub(one, S::mul(y, y)))),
            Activation::Softplus => each_pair!(places, |y, dy| {
                // The derivative is sigmoid(x) = 1 - e⁻ʸ.
                let minus = S::sub(zero, y);
                S::mul(S::sub(zero, dy), math::exp_m1_of_negative::<S>(minus))
            }),
            Activation::RectifiedLinear { slope, max, .. } => {
                // Without a largest value no result is it, an infinity either.
                let max = S::splat(if max == f32::INFINITY { f32::NAN } else { max });
                each_pair!(places, |y, dy| {
                    S::if_equal(y, max, zero, S::if_less(zero, y, dy, S::mul(S::splat(slope), dy)))
                });
            }
            Activation::HardSilu => each_pair!(places, |x, dy| {
                let inner = S::mul(dy, S::mul_add(x, S::splat(1.0 / 3.0), S::splat(0.5)));
                let left = S::if_less(S::splat(-3.0), x, inner, zero);
                S::if_less(x, S::splat(3.0), left, dy)
            }),
            Activation::Mish => each_pair!(places, |x, dy| {
                let (tanh, sigmoid) = tanh_of_softplus::<S>(x);
                let slope = S::mul(S::mul(x, S::sub(one, S::mul(tanh, tanh))), sigmoid);
                S::mul(dy, S::add(tanh, slope))
            }),
            Activation::Softsign => each_pair!(places, |y, dy| {
                // 1 / (1 + |x|) = 1 - |y|
                let rest = S::sub(one, S::abs(y));
                S::mul(dy, S::mul(rest, rest))
            }),
            Activation::Celu { alpha } => each_pair!(places, |y, dy| {
                let left = S::add(S::div(S::min(y, zero), S::splat(alpha)), one);
                S::if_less(zero, y, dy, S::mul(dy, left))
            }),
            Activation::LogSigmoid => each_pair!(places, |y, dy| {
                // 1 - sigmoid(x) = 1 - eʸ
                S::mul(S::sub(zero, dy), math::exp_m1_of_negative::<S>(y))
            }),
            Activation::HardShrink { .. } | Activation::SoftShrink { .. } => {
                each_pair!(places, |y, dy| S::if_equal(y, zero, zero, dy));
            }
            Activation::TanhShrink => each_pair!(places, |x, dy| {
                let tanh = math::tanh::<S>(x);
                S::mul(dy, S::mul(tanh, tanh))
            }),
            Activation::Squareplus { b } => each_pair!(places, |y, dy| {
                // y² / (y² + b/4), where no square can be too large.
                S::mul(dy, S::div(y, S::add(y, S::div(S::splat(0.25 * b), y))))
            }),
            Activation::SparsePlus => each_pair!(places, |y, dy| S::mul(dy, S::min(one, S::sqrt(y)))),
            Activation::SparseSigmoid => each_pair!(places, |y, dy| {
                let slope = S::mul(dy, S::splat(0.5));
                S::if_less(zero, y, S::if_less(y, one, slope, zero), zero)
            }),
            Activation::Threshold { threshold, .. } => {
                each_pair!(places, |x, dy| S::if_less(S::splat(threshold), x, dy, zero));
            }
            Activation::Clip { low, high } => each_pair!(places, |x, dy| {
                S::if_less(x, S::splat(low), zero, S::if_less(S::splat(high), x, zero, dy))
            }),
            Activation::Exp => each_pair!(places, |y, dy| S::mul(dy, y)),
            Activation::Log => each_pair!(places, |x, dy| S::div(dy, x)),
            Activation::Square => each_pair!(places, |x, dy| S::mul(dy, S::add(x, x))),
            Activation::Sqrt => each_pair!(places, |y, dy| S::div(S::mul(dy, S::splat(0.5)), y)),
            Activation::Rsqrt => {
                each_pair!(places, |y, dy| S::mul(S::mul(dy, S::splat(-0.5)), S::mul(S::mul(y, y), y)))
            }
            Activation::Reciprocal => each_pair!(places, |y, dy| S::mul(S::sub(zero, dy), S::mul(y, y))),
            Activation::Abs => {
                each_pair!(places, |x, dy| S::if_less(zero, x, dy, S::if_less(x, zero, S::sub(zero, dy), zero)))
            }
            Activation::Neg => each_pair!(places, |_y, dy| S::sub(zero, dy)),
        }
    }
}

#[inline(always)]
unsafe fn elu<S: Simd>(x: S::Vector, alpha: f32) -> S::Vector {
    // SAFETY: the caller has the instruction set.
    unsafe { S::if_less(S::splat(0.0), x, x, S::mul(S::splat(alpha), math::exp_m1_of_negative::<S>(x))) }
}

/// tanh(softplus(x)) and sigmoid(x), without a logarithm: with e = e⁻ˣ the one is (1 + 2e) / (1 + 2e + 2e²), and the same by eˣ
/// to the left, so that no power is too large.
#[inline(always)]
unsafe fn tanh_of_softplus<S: Simd>(x: S::Vector) -> (S::Vector, S::Vector) {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let (zero, one, two) = (S::splat(0.0), S::splat(1.0), S::splat(2.0));
        let power = math::exp_of_negative::<S>(S::sub(zero, S::abs(x)));
        let (twice, square) = (S::add(power, power), S::mul(power, power));
        let right = S::add(one, twice);
        let left = S::add(square, twice);
        let numerator = S::if_less(x, zero, left, right);
        let rest = S::if_less(x, zero, two, S::add(square, square));
        let sigmoid = S::div(S::if_less(x, zero, power, one), S::add(one, power));
        (S::div(numerator, S::add(numerator, rest)), sigmoid)
    }
}

/// (x + √(x² + b)) / 2, to the left as b / (2 · (√(x² + b) − x)), which is no difference of large numbers.
#[inline(always)]
unsafe fn squareplus<S: Simd>(x: S::Vector, b: f32) -> S::Vector {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let large = S::abs(x);
        // Of an x whose square is infinite, the root is |x|; the maximum gives its second operand where one is a NaN.
        let square = S::min(S::splat(f32::MAX), S::mul(x, x));
        let root = S::max(S::sqrt(S::add(square, S::splat(b))), large);
        let half = S::splat(0.5);
        let mean = S::add(S::mul(root, half), S::mul(large, half));
        S::if_less(x, S::splat(0.0), S::div(S::splat(0.25 * b), mean), mean)
    }
}

/// What the approximate gelu takes for the distribution function of the normal distribution, (1 + tanh u) / 2, as sigmoid(2u): the sum would
/// lose what a tanh near −1 is more than −1.
#[inline(always)]
unsafe fn approximate_normal<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let cube = S::mul(S::mul(S::splat(GELU_CUBE), S::mul(x, x)), x);
        math::sigmoid::<S>(S::mul(S::splat(2.0 * SQRT_2_OVER_PI), S::add(x, cube)))
    }
}

#[cfg(test)]
mod tests;
