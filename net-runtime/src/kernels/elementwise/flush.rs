//! Numbers that are all but nothing become 0.
//!
//! What shrinks by a factor in every step, a moment without a gradient or a gradient on its way back through hundreds of steps, ends
//! among the subnormal numbers and stays there: rounded to the next one, the least of them times 0.7 is itself. A processor takes a
//! hundred times as long for a multiply-add with one, so that a whole step of training took twenty times as long.

use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};

/// The least moment that an optimizer keeps: far below anything that moves a weight.
const MOMENT: f32 = 1e-37;

/// The least gradient that goes back to a step before, or into a moment: products with weights, slopes of gates and an optimizer's shares are
/// no subnormal numbers yet.
pub(crate) const CARRIED: f32 = 1e-30;

/// The least gradient whose square goes into a moment, for the same reason. What an optimizer divides by has 1e-15 or more beside it.
const SQUARED: f32 = 1e-16;

/// The least derivative of a cross-entropy by a logit, a difference of numbers between 0 and 1 of which one is exact to 1e-7: layers before
/// may make it smaller by many powers of ten.
pub(crate) const DERIVATIVE: f32 = 1e-20;

/// The number, or 0 where it is less than `least`; a NaN stays one.
#[inline(always)]
pub(crate) fn flush(number: f32, least: f32) -> f32 {
    if number.abs() < least { 0.0 } else { number }
}

/// The same of an optimizer's moment.
#[inline(always)]
pub(crate) fn flush_moment(moment: f32) -> f32 {
    flush(moment, MOMENT)
}

/// The same of each of a vector.
#[inline(always)]
pub(crate) unsafe fn flush_vector<S: Simd>(numbers: S::Vector, least: f32) -> S::Vector {
    // SAFETY: the caller has the instruction set.
    unsafe { S::zero_where_less(S::abs(numbers), S::splat(least), numbers) }
}

/// The same of moments.
#[inline(always)]
pub(crate) unsafe fn flush_moment_vector<S: Simd>(moments: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe { flush_vector::<S>(moments, MOMENT) }
}

/// The same of moments that are no less than 0.
#[inline(always)]
pub(crate) unsafe fn flush_positive<S: Simd>(moments: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe { S::zero_where_less(moments, S::splat(MOMENT), moments) }
}

/// The same of all, where they are.
pub(crate) fn flush_all(isa: Isa, numbers: &mut [f32], least: f32) {
    // SAFETY: the instruction set comes from `Isa::available`.
    unsafe { flush_slice(isa, numbers, least) }
}

dispatch! {
    unsafe fn flush_slice(numbers: &mut [f32], least: f32) = flush_slice_generic
}

#[inline(always)]
unsafe fn flush_slice_generic<S: Simd>(numbers: &mut [f32], least: f32) {
    let (len, numbers) = (numbers.len(), numbers.as_mut_ptr());
    for first in (0..len).step_by(S::LANES) {
        // SAFETY: there are `len` numbers; the caller has the instruction set.
        unsafe {
            let vector = load_at::<S>(numbers, len, first, S::splat(0.0));
            store_at::<S>(numbers, len, first, flush_vector::<S>(vector, least));
        }
    }
}

/// The square of a gradient.
#[inline(always)]
pub(crate) fn square(gradient: f32) -> f32 {
    let gradient = flush(gradient, SQUARED);
    gradient * gradient
}

/// The same of a vector of them.
#[inline(always)]
pub(crate) unsafe fn square_vector<S: Simd>(gradients: S::Vector) -> S::Vector {
    // SAFETY: the caller has the instruction set.
    unsafe {
        // The processor leaves out a product that the mask does not want.
        S::zero_where_less(S::abs(gradients), S::splat(SQUARED), S::mul(gradients, gradients))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_less_becomes_zero() {
        let numbers =
            [1e-30, -1e-30, 9e-31, -9e-31, 1e-45, -1e-45, 0.0, -0.0, 1.0, -1.0, f32::INFINITY, f32::NEG_INFINITY];
        let expected = [1e-30, -1e-30, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, -1.0, f32::INFINITY, f32::NEG_INFINITY];
        assert_eq!(numbers.map(|number| flush(number, CARRIED)), expected);
        assert!(flush(f32::NAN, CARRIED).is_nan());
        for isa in Isa::available() {
            // Whole vectors, and a rest.
            let mut all = [&numbers[..], &numbers, &numbers, &[f32::NAN]].concat();
            flush_all(isa, &mut all, CARRIED);
            assert!(all.pop().is_some_and(f32::is_nan), "{isa:?}");
            assert_eq!(all, expected.repeat(3), "{isa:?}");
        }
    }

    #[test]
    fn a_share_of_a_square_is_zero_or_normal() {
        for exponent in -45..=18 {
            for gradient in [10_f32.powi(exponent), -3.0 * 10_f32.powi(exponent)] {
                let share = 1e-4 * square(gradient);
                assert!(share == 0.0 || share.is_normal(), "{gradient}");
                assert!(gradient.abs() < 1e-16 || square(gradient) == gradient * gradient, "{gradient}");
            }
        }
        assert!(square(f32::NAN).is_nan());
    }
}
