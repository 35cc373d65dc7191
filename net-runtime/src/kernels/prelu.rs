//! A ReLU with slopes that are learnt: a matrix, of which each column has a slope of its own.

use std::ops::Range;

use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::norm::columns::{self, repeat, wide};
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::parallel::for_each_rows;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::param::Write;

/// `y = x` where that is positive, else `slope · x`.
pub(crate) fn forward(x: &[f32], slopes: &[f32], y: &mut [f32], work: &mut AlignedBuffer) {
    let slopes = repeated(slopes, work);
    assert_eq!(x.len(), y.len());
    for_each_rows(y, slopes.len(), |first, y| {
        let x = &x[first * slopes.len()..][..y.len()];
        // SAFETY: both slices are as long; this machine has the instruction set.
        unsafe { forward_rows(Isa::current(), x, slopes, y) };
    });
}

/// The gradient by x: `dy` where x is positive, `slope · dy` where it is negative, else 0, as both sides of Keras's have it.
pub(crate) fn backward(
    (x, dy): (&[f32], &[f32]),
    slopes: &[f32],
    (dx, write): (&mut [f32], Write),
    work: &mut AlignedBuffer,
) {
    let slopes = repeated(slopes, work);
    assert!(x.len() == dx.len() && dy.len() == dx.len());
    for_each_rows(dx, slopes.len(), |first, dx| {
        let [x, dy] = [x, dy].map(|tensor| &tensor[first * slopes.len()..][..dx.len()]);
        // SAFETY: all three slices are as long; this machine has the instruction set.
        unsafe { backward_rows(Isa::current(), (x, dy), slopes, dx, write) };
    });
}

/// The gradient by the slopes: the sum of `dy · min(x, 0)` of each column.
pub(crate) fn backward_slopes(
    (x, dy): (&[f32], &[f32]),
    (gradient, write): (&mut [f32], Write),
    work: &mut AlignedBuffer,
) {
    let count = gradient.len();
    let wide = wide(count);
    assert!(x.len() == dy.len() && count > 0 && x.len().is_multiple_of(count), "x and dy have whole rows");
    let (sums, others) = work.take(2 * wide).split_at_mut(wide);
    let rows = x.len() / wide;
    let body = rows * wide;
    let isa = Isa::current();
    let leaf = |rows: Range<usize>, first: usize, sums: &mut [f32], others: &mut [f32]| {
        let range = rows.start * wide + first..(rows.end - 1) * wide + first + sums.len();
        others.fill(0.0);
        // SAFETY: both slices have so many rows, `wide` apart, of `sums.len()` elements each.
        unsafe { sum_rows(isa, (&x[range.clone()], &dy[range]), (rows.len(), wide), sums) };
    };
    sums.fill(0.0);
    if rows > 0 {
        columns::reduce(rows, sums, others, &leaf, &columns::add);
    }
    let of_column = |column: usize| {
        let whole = (column..wide).step_by(count).map(|at| f64::from(sums[at]));
        let rest = (body + column..x.len()).step_by(count).map(|at| f64::from(dy[at]) * f64::from(negative(x[at])));
        whole.chain(rest).sum::<f64>() as f32
    };
    put(write, gradient, (0..count).map(of_column));
}

/// 0 where it is positive; a NaN stays one.
fn negative(x: f32) -> f32 {
    if x > 0.0 { 0.0 } else { x }
}

/// Slopes, repeated such that there are several vectors of them.
fn repeated<'a>(slopes: &[f32], work: &'a mut AlignedBuffer) -> &'a [f32] {
    assert!(!slopes.is_empty(), "there is a slope");
    let place = work.take(wide(slopes.len()));
    repeat(slopes, place);
    place
}

dispatch! {
    unsafe fn forward_rows(x: &[f32], slopes: &[f32], y: &mut [f32]) = forward_generic
}

dispatch! {
    unsafe fn backward_rows(pair: (&[f32], &[f32]), slopes: &[f32], dx: &mut [f32], write: Write) = backward_generic
}

dispatch! {
    /// The sums of `dy · min(x, 0)` of the first `sums.len()` elements of some rows: (how many, how far apart).
    unsafe fn sum_rows(pair: (&[f32], &[f32]), rows: (usize, usize), sums: &mut [f32]) = sum_generic
}

#[inline(always)]
unsafe fn forward_generic<S: Simd>(x: &[f32], slopes: &[f32], y: &mut [f32]) {
    for (x, y) in x.chunks(slopes.len()).zip(y.chunks_mut(slopes.len())) {
        let len = y.len();
        for at in (0..len).step_by(S::LANES) {
            // SAFETY: rows of one length, and slopes at least as long.
            unsafe {
                let zero = S::splat(0.0);
                let [x, slope] = [x, slopes].map(|of| load_at::<S>(of.as_ptr(), len, at, zero));
                store_at::<S>(y.as_mut_ptr(), len, at, S::if_less(zero, x, x, S::mul(slope, x)));
            }
        }
    }
}

#[inline(always)]
unsafe fn backward_generic<S: Simd>((x, dy): (&[f32], &[f32]), slopes: &[f32], dx: &mut [f32], write: Write) {
    let chunks = x.chunks(slopes.len()).zip(dy.chunks(slopes.len())).zip(dx.chunks_mut(slopes.len()));
    for ((x, dy), dx) in chunks {
        let len = dx.len();
        for at in (0..len).step_by(S::LANES) {
            // SAFETY: rows of one length, and slopes at least as long.
            unsafe {
                let zero = S::splat(0.0);
                let [x, dy, slope] = [x, dy, slopes].map(|of| load_at::<S>(of.as_ptr(), len, at, zero));
                let left = S::if_less(x, zero, S::mul(slope, dy), zero);
                let mut value = S::if_less(zero, x, dy, left);
                if write == Write::Add {
                    value = S::add(value, load_at::<S>(dx.as_ptr(), len, at, zero));
                }
                store_at::<S>(dx.as_mut_ptr(), len, at, value);
            }
        }
    }
}

#[inline(always)]
unsafe fn sum_generic<S: Simd>((x, dy): (&[f32], &[f32]), (rows, step): (usize, usize), sums: &mut [f32]) {
    let len = sums.len();
    for at in (0..len).step_by(S::LANES) {
        // SAFETY: the caller has checked that every row has `len` elements.
        unsafe {
            let zero = S::splat(0.0);
            let mut sum = zero;
            for row in 0..rows {
                let [x, dy] = [x, dy].map(|of| load_at::<S>(of.as_ptr().add(row * step), len, at, zero));
                sum = S::mul_add(dy, S::if_less(zero, x, zero, x), sum);
            }
            store_at::<S>(sums.as_mut_ptr(), len, at, sum);
        }
    }
}
