//! One half of a row, gated by the other: `y = a · sigmoid(b)` of `x = [a, b]`.

use crate::kernels::simd::{Isa, Simd, dispatch, load_at, math, store_at};
use crate::parallel::for_each_rows;
use crate::tensor::param::Write;

/// `y` of every row of `x`, each of which has twice as many elements as that of `y`: twice `half`.
pub(crate) fn forward(half: usize, x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), 2 * y.len());
    for_each_rows(y, half, |first, y| {
        let x = &x[2 * first * half..][..2 * y.len()];
        // SAFETY: the slices have as many whole rows; this machine has the instruction set.
        unsafe { forward_rows(Isa::current(), half, x, y) };
    });
}

/// The gradients by both halves.
pub(crate) fn backward(half: usize, x: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
    assert!(x.len() == dx.len() && dx.len() == 2 * dy.len());
    for_each_rows(dx, 2 * half, |first, dx| {
        let (x, dy) = (&x[2 * first * half..][..dx.len()], &dy[first * half..][..dx.len() / 2]);
        // SAFETY: the slices have as many whole rows; this machine has the instruction set.
        unsafe { backward_rows(Isa::current(), half, (x, dy), dx, write) };
    });
}

dispatch! {
    unsafe fn forward_rows(half: usize, x: &[f32], y: &mut [f32]) = forward_generic
}

dispatch! {
    unsafe fn backward_rows(half: usize, pair: (&[f32], &[f32]), dx: &mut [f32], write: Write) = backward_generic
}

#[inline(always)]
unsafe fn forward_generic<S: Simd>(half: usize, x: &[f32], y: &mut [f32]) {
    for (x, y) in x.chunks_exact(2 * half).zip(y.chunks_exact_mut(half)) {
        let (a, b) = x.split_at(half);
        for at in (0..half).step_by(S::LANES) {
            // SAFETY: both halves, and the row of `y`, have `half` elements.
            unsafe {
                let [a, b] = [a, b].map(|of| load_at::<S>(of.as_ptr(), half, at, S::splat(0.0)));
                store_at::<S>(y.as_mut_ptr(), half, at, S::mul(a, math::sigmoid::<S>(b)));
            }
        }
    }
}

#[inline(always)]
unsafe fn backward_generic<S: Simd>(half: usize, (x, dy): (&[f32], &[f32]), dx: &mut [f32], write: Write) {
    for ((x, dy), dx) in x.chunks_exact(2 * half).zip(dy.chunks_exact(half)).zip(dx.chunks_exact_mut(2 * half)) {
        let ((a, b), (da, db)) = (x.split_at(half), dx.split_at_mut(half));
        for at in (0..half).step_by(S::LANES) {
            // SAFETY: all halves, and the row of `dy`, have `half` elements.
            unsafe {
                let zero = S::splat(0.0);
                let dy = load_at::<S>(dy.as_ptr(), half, at, zero);
                let gate = math::sigmoid::<S>(load_at::<S>(b.as_ptr(), half, at, zero));
                let of_a = S::mul(dy, gate);
                let slope = S::mul(load_at::<S>(a.as_ptr(), half, at, zero), S::sub(S::splat(1.0), gate));
                let of_b = S::mul(of_a, slope);
                let before = |of: *const f32| match write {
                    Write::Set => zero,
                    Write::Add => load_at::<S>(of, half, at, zero),
                };
                let (da, db) = (da.as_mut_ptr(), db.as_mut_ptr());
                let (of_a, of_b) = (S::add(of_a, before(da)), S::add(of_b, before(db)));
                store_at::<S>(da, half, at, of_a);
                store_at::<S>(db, half, at, of_b);
            }
        }
    }
}
