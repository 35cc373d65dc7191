//! Sums over differences of rows, and what distances are made of.

use super::elementwise::arithmetic::combined_at;
use super::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::parallel;
use crate::tensor::param::Store;

/// What is summed of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// Its square.
    Squares,
    /// Its absolute value.
    Magnitudes,
}

/// The sum over each row of a − b.
pub(crate) fn sums(of: Of, a: &[f32], b: &[f32], sums: &mut [f32]) {
    let rows = sums.len().max(1);
    assert!(a.len() == b.len() && a.len().is_multiple_of(rows));
    // SAFETY: rows of equal length, as many of both.
    unsafe { sums_of_rows(Isa::current(), of, a.len() / rows, a, b, sums) }
}

dispatch! {
    unsafe fn sums_of_rows(of: Of, len: usize, a: &[f32], b: &[f32], sums: &mut [f32]) = sums_generic
}

#[inline(always)]
unsafe fn sums_generic<S: Simd>(of: Of, len: usize, a: &[f32], b: &[f32], sums: &mut [f32]) {
    for (row, place) in sums.iter_mut().enumerate() {
        // SAFETY: the caller has so many rows of `len` elements.
        unsafe {
            let [a, b] = [a, b].map(|values| values.as_ptr().add(row * len));
            let zero = S::splat(0.0);
            let mut sum = zero;
            for at in (0..len).step_by(S::LANES) {
                let difference = S::sub(load_at::<S>(a, len, at, zero), load_at::<S>(b, len, at, zero));
                sum = match of {
                    Of::Squares => S::mul_add(difference, difference, sum),
                    Of::Magnitudes => S::add(sum, S::abs(difference)),
                };
            }
            *place = S::sum(sum);
        }
    }
}

/// What the gradient by a row is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Slope {
    /// Multiples of both rows.
    Mix([f32; 2]),
    /// So many times a − b. The difference comes first: of rows that are nearly equal, multiples would differ by their rounding.
    Difference(f32),
    /// This much where a is above b, minus so much where it is below, and 0 where they are equal.
    Sign(f32),
}

/// The gradient by each row, `slope(row)` of `a` and `b`.
pub(crate) fn gradients(
    len: usize,
    [a, b]: [&[f32]; 2],
    slope: impl Fn(usize) -> Slope + Sync,
    gradient: &mut [f32],
    write: Store,
) {
    let isa = Isa::current();
    parallel::for_each_rows(gradient, len, |first, gradients| {
        for (row, gradient) in (first..).zip(gradients.chunks_exact_mut(len)) {
            let (a, b) = (&a[row * len..][..len], &b[row * len..][..len]);
            // SAFETY: three rows of one length.
            unsafe { gradient_of_row(isa, a, b, slope(row), gradient, write) }
        }
    });
}

dispatch! {
    unsafe fn gradient_of_row(a: &[f32], b: &[f32], slope: Slope, gradient: &mut [f32], write: Store) = gradient_generic
}

#[inline(always)]
unsafe fn gradient_generic<S: Simd>(a: &[f32], b: &[f32], slope: Slope, gradient: &mut [f32], write: Store) {
    let (len, gradient) = (gradient.len(), gradient.as_mut_ptr());
    for at in (0..len).step_by(S::LANES) {
        // SAFETY: the caller has three rows of `len` elements.
        unsafe {
            let zero = S::splat(0.0);
            let [a, b] = [a, b].map(|row| load_at::<S>(row.as_ptr(), len, at, zero));
            let value = match slope {
                Slope::Mix([of_a, of_b]) => S::mul_add(a, S::splat(of_a), S::mul(b, S::splat(of_b))),
                Slope::Difference(size) => S::mul(S::sub(a, b), S::splat(size)),
                Slope::Sign(size) => {
                    // A NaN is neither above nor below.
                    let difference = S::sub(a, b);
                    let below = S::if_less(difference, zero, S::splat(-size), S::mul(difference, zero));
                    S::if_less(zero, difference, S::splat(size), below)
                }
            };
            store_at::<S>(gradient, len, at, combined_at::<S>(write, gradient, len, at, value));
        }
    }
}
