//! The mean of each window, without the padding.

use super::windows::{AHEAD, Geometry, Window};
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::tensor::param::Write;

/// The mean of each window, without the padding.
pub(crate) fn forward(geometry: &Geometry, x: &[f32], y: &mut [f32]) {
    let isa = Isa::current();
    geometry.for_each_row(x, y, |x, row, y| {
        // SAFETY: a whole sample and a whole row of the output, whose geometry was checked; this machine has the instruction set.
        unsafe { forward_row(isa, geometry, row, x, y) };
    });
}

dispatch! {
    /// The means of one row of windows of a sample.
    unsafe fn forward_row(geometry: &Geometry, row: usize, x: &[f32], y: &mut [f32]) = forward_row_generic
}

#[inline(always)]
unsafe fn forward_row_generic<S: Simd>(geometry: &Geometry, row: usize, x: &[f32], y: &mut [f32]) {
    for (column, y) in y.chunks_exact_mut(geometry.channels).enumerate() {
        let window = geometry.window(row, column);
        assert!(window.last() + y.len() <= x.len(), "a window reaches beyond its sample");
        // SAFETY: the last input was checked. The usual size is a constant, so that its loops are unrolled.
        unsafe {
            match window.size {
                [1, 2, 2] => forward_pixel::<S>(Window { size: [1, 2, 2], ..window }, x.as_ptr(), y),
                _ => forward_pixel::<S>(window, x.as_ptr(), y),
            }
        }
    }
}

#[inline(always)]
unsafe fn forward_pixel<S: Simd>(window: Window, x: *const f32, y: &mut [f32]) {
    let Window { first, size: [planes, rows, columns], steps } = window;
    for at in (0..y.len()).step_by(S::LANES) {
        // SAFETY: the caller has checked that the window's last input has as many channels as `y`.
        unsafe {
            let x = x.add(first);
            let mut sum = S::splat(0.0);
            for plane in 0..planes {
                for row in 0..rows {
                    for column in 0..columns {
                        let from = x.add(plane * steps[0] + row * steps[1] + column * steps[2]);
                        S::prefetch(from.wrapping_add(AHEAD + at));
                        sum = S::add(sum, load_at::<S>(from, y.len(), at, S::splat(0.0)));
                    }
                }
            }
            store_at::<S>(y.as_mut_ptr(), y.len(), at, S::div(sum, S::splat(window.len() as f32)));
        }
    }
}

/// The gradient of a window, shared equally among its inputs.
pub(crate) fn backward(geometry: &Geometry, dy: &[f32], dx: &mut [f32], write: Write) {
    let isa = Isa::current();
    geometry.for_each_sample(dx, |sample, dx| {
        let dy = &dy[sample * geometry.output()..][..geometry.output()];
        // SAFETY: whole samples, whose geometry was checked; this machine has the instruction set.
        unsafe { backward_sample(isa, geometry, dy, dx, write) };
    });
}

dispatch! {
    /// The gradient of one sample.
    unsafe fn backward_sample(geometry: &Geometry, dy: &[f32], dx: &mut [f32], write: Write) = backward_generic
}

#[inline(always)]
unsafe fn backward_generic<S: Simd>(geometry: &Geometry, dy: &[f32], dx: &mut [f32], write: Write) {
    let channels = geometry.channels;
    let mut zeroed = 0;
    for (row, dy) in dy.chunks_exact(geometry.output_row()).enumerate() {
        if write == Write::Set {
            // Just before something is added there, so that it is still in the cache.
            zeroed = geometry.zero(row, zeroed, dx);
        }
        for (column, dy) in dy.chunks_exact(channels).enumerate() {
            let window = geometry.window(row, column);
            assert!(window.last() + channels <= dx.len(), "a window reaches beyond its sample");
            // SAFETY: the last input was checked. The usual size is a constant, so that its loops are unrolled.
            unsafe {
                match window.size {
                    [1, 2, 2] => backward_pixel::<S>(Window { size: [1, 2, 2], ..window }, dy, dx),
                    _ => backward_pixel::<S>(window, dy, dx),
                }
            }
        }
    }
    if write == Write::Set {
        dx[zeroed..].fill(0.0);
    }
}

#[inline(always)]
unsafe fn backward_pixel<S: Simd>(window: Window, dy: &[f32], dx: &mut [f32]) {
    let Window { first, size: [planes, rows, columns], steps } = window;
    for at in (0..dy.len()).step_by(S::LANES) {
        // SAFETY: the caller has checked that the window's last input has as many channels as `dy`.
        unsafe {
            let (zero, dx) = (S::splat(0.0), dx.as_mut_ptr().add(first));
            let share = S::div(load_at::<S>(dy.as_ptr(), dy.len(), at, zero), S::splat(window.len() as f32));
            for plane in 0..planes {
                for row in 0..rows {
                    for column in 0..columns {
                        let to = dx.add(plane * steps[0] + row * steps[1] + column * steps[2]);
                        let sum = S::add(load_at::<S>(to, dy.len(), at, zero), share);
                        store_at::<S>(to, dy.len(), at, sum);
                    }
                }
            }
        }
    }
}
