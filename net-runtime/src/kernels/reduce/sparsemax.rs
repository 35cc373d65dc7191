//! Sparsemax of rows: the probabilities that are nearest to them.

use super::softmax::largest;
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::parallel::for_each_rows;
use crate::tensor::param::Write;

/// `y = max(x − τ, 0)` for every row, with the τ for which the sum is 1.
pub(crate) fn forward(classes: usize, x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len());
    for_each_rows(y, classes, |first, y| {
        let x = &x[first * classes..][..y.len()];
        // SAFETY: both slices have the same whole rows; this machine has the instruction set.
        unsafe { forward_rows(Isa::current(), classes, x, y) };
    });
}

/// The gradient by the input of every row, from the output: where that is positive, `dy` less its mean over these places.
pub(crate) fn backward(classes: usize, y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
    assert!(y.len() == dx.len() && dy.len() == dx.len());
    for_each_rows(dx, classes, |first, dx| {
        let [y, dy] = [y, dy].map(|tensor| &tensor[first * classes..][..dx.len()]);
        // SAFETY: all three slices have the same whole rows; this machine has the instruction set.
        unsafe { backward_rows(Isa::current(), classes, (y, dy), dx, write) };
    });
}

dispatch! {
    unsafe fn forward_rows(classes: usize, x: &[f32], y: &mut [f32]) = forward_generic
}

dispatch! {
    unsafe fn backward_rows(classes: usize, pair: (&[f32], &[f32]), dx: &mut [f32], write: Write) = backward_generic
}

/// Sum and number of the distances from the largest element that are above `least`. A NaN is above everything in the sum, and so spoils
/// its row.
#[inline(always)]
unsafe fn above<S: Simd>(x: *const f32, classes: usize, largest: S::Vector, least: f32) -> (f32, f32) {
    // SAFETY: the caller's promise.
    unsafe {
        let (zero, one, least) = (S::splat(0.0), S::splat(1.0), S::splat(least));
        let (mut sum, mut count) = (zero, zero);
        for at in (0..classes).step_by(S::LANES) {
            let value = S::sub(load_at::<S>(x, classes, at, S::splat(f32::NEG_INFINITY)), largest);
            sum = S::add(sum, S::if_less(least, value, value, S::if_equal(value, value, zero, value)));
            count = S::add(count, S::if_less(least, value, one, zero));
        }
        (S::sum(sum), S::sum(count))
    }
}

#[inline(always)]
unsafe fn forward_generic<S: Simd>(classes: usize, x: &[f32], y: &mut [f32]) {
    for (x, y) in x.chunks_exact(classes).zip(y.chunks_exact_mut(classes)) {
        let (x, y) = (x.as_ptr(), y.as_mut_ptr());
        // SAFETY: both rows have `classes` elements.
        unsafe {
            let largest = largest::<S>(x, classes);
            // Of the elements that are above the threshold so far, the threshold: it grows, so that fewer and fewer are
            // (Michelot, 1986), until none is left out any more. Not above −1 are those that never are.
            let (mut threshold, mut before) = (-1.0, f32::INFINITY);
            loop {
                let (sum, count) = above::<S>(x, classes, largest, threshold);
                if count >= before || count == 0.0 {
                    break;
                }
                (threshold, before) = ((sum - 1.0) / count, count);
            }
            for at in (0..classes).step_by(S::LANES) {
                let value = S::sub(load_at::<S>(x, classes, at, largest), largest);
                // The maximum gives its second operand where one is a NaN.
                store_at::<S>(y, classes, at, S::max(S::splat(0.0), S::sub(value, S::splat(threshold))));
            }
        }
    }
}

#[inline(always)]
unsafe fn backward_generic<S: Simd>(classes: usize, (y, dy): (&[f32], &[f32]), dx: &mut [f32], write: Write) {
    for ((y, dy), dx) in y.chunks_exact(classes).zip(dy.chunks_exact(classes)).zip(dx.chunks_exact_mut(classes)) {
        let (y, dy, dx) = (y.as_ptr(), dy.as_ptr(), dx.as_mut_ptr());
        // SAFETY: all three rows have `classes` elements.
        unsafe {
            let (zero, one) = (S::splat(0.0), S::splat(1.0));
            let (mut sum, mut count) = (zero, zero);
            for at in (0..classes).step_by(S::LANES) {
                let y = load_at::<S>(y, classes, at, zero);
                sum = S::add(sum, S::where_positive(y, load_at::<S>(dy, classes, at, zero)));
                count = S::add(count, S::where_positive(y, one));
            }
            let mean = S::splat(S::sum(sum) / S::sum(count).max(1.0));
            for at in (0..classes).step_by(S::LANES) {
                let y = load_at::<S>(y, classes, at, zero);
                let mut value = S::where_positive(y, S::sub(load_at::<S>(dy, classes, at, zero), mean));
                if write == Write::Add {
                    value = S::add(value, load_at::<S>(dx, classes, at, zero));
                }
                store_at::<S>(dx, classes, at, value);
            }
        }
    }
}
