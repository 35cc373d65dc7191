//! The logarithm of the softmax of rows.

use super::softmax::{largest, power};
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, math, store_at};
use crate::parallel::for_each_rows;
use crate::tensor::param::Write;

/// `y = x − log Σ exp(x)` for every row.
pub(crate) fn forward(classes: usize, x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len());
    for_each_rows(y, classes, |first, y| {
        let x = &x[first * classes..][..y.len()];
        // SAFETY: both slices have the same whole rows; this machine has the instruction set.
        unsafe { forward_rows(Isa::current(), classes, x, y) };
    });
}

/// The gradient by the input of every row, from the output: `dx = dy − exp(y) · Σ dy`.
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

#[inline(always)]
unsafe fn forward_generic<S: Simd>(classes: usize, x: &[f32], y: &mut [f32]) {
    for (x, y) in x.chunks_exact(classes).zip(y.chunks_exact_mut(classes)) {
        let (x, y) = (x.as_ptr(), y.as_mut_ptr());
        // SAFETY: both rows have `classes` elements.
        unsafe {
            let largest = largest::<S>(x, classes);
            let mut sum = S::splat(0.0);
            for at in (0..classes).step_by(S::LANES) {
                sum = S::add(sum, power::<S>(x, classes, at, largest));
            }
            let log = S::splat(S::sum(sum).ln());
            for at in (0..classes).step_by(S::LANES) {
                // The largest one first: it can be as large as both others together.
                let distance = S::sub(load_at::<S>(x, classes, at, largest), largest);
                store_at::<S>(y, classes, at, S::sub(distance, log));
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
            let zero = S::splat(0.0);
            let mut sum = zero;
            for at in (0..classes).step_by(S::LANES) {
                sum = S::add(sum, load_at::<S>(dy, classes, at, zero));
            }
            let sum = S::splat(S::sum(sum));
            for at in (0..classes).step_by(S::LANES) {
                let probability = math::exp_of_negative::<S>(load_at::<S>(y, classes, at, zero));
                let mut value = S::sub(load_at::<S>(dy, classes, at, zero), S::mul(probability, sum));
                if write == Write::Add {
                    value = S::add(value, load_at::<S>(dx, classes, at, zero));
                }
                store_at::<S>(dx, classes, at, value);
            }
        }
    }
}
