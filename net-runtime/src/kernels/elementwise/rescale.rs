//! A factor and an offset for all numbers, or for each place of their rows.

#![expect(clippy::extra_unused_type_parameters, reason = "the loops are the same for every vector, their code is not")]

use super::arithmetic::put;
use crate::kernels::simd::{Isa, dispatch};
use crate::parallel::for_each_rows;
use crate::tensor::param::Store;

/// `y = scale * x + offset`; each of both has one number, or one for each place of a row.
pub(crate) fn forward(scale: &[f32], offset: &[f32], x: &[f32], y: &mut [f32]) {
    let (isa, row) = (Isa::current(), scale.len().max(offset.len()));
    for_each_rows(y, row, |first, y| {
        let x = &x[first * row..][..y.len()];
        // SAFETY: the loops are safe; this machine has the instruction set.
        unsafe { forward_rows(isa, scale, offset, x, y) };
    });
}

dispatch! {
    unsafe fn forward_rows(scale: &[f32], offset: &[f32], x: &[f32], y: &mut [f32]) = forward_generic
}

#[inline(always)]
unsafe fn forward_generic<S>(scale: &[f32], offset: &[f32], x: &[f32], y: &mut [f32]) {
    if let (&[scale], &[offset]) = (scale, offset) {
        y.iter_mut().zip(x).for_each(|(y, x)| *y = scale * x + offset);
        return;
    }
    let row = scale.len().max(offset.len());
    for (y, x) in y.chunks_exact_mut(row).zip(x.chunks_exact(row)) {
        match (scale, offset) {
            (&[scale], offsets) => {
                y.iter_mut().zip(x).zip(offsets).for_each(|((y, x), offset)| *y = scale * x + offset);
            }
            (scales, &[offset]) => {
                y.iter_mut().zip(x).zip(scales).for_each(|((y, x), scale)| *y = scale * x + offset);
            }
            (scales, offsets) => {
                let factors = scales.iter().zip(offsets);
                y.iter_mut().zip(x).zip(factors).for_each(|((y, x), (scale, offset))| *y = scale * x + offset);
            }
        }
    }
}

/// `dx = scale * dy`.
pub(crate) fn backward(scale: &[f32], dy: &[f32], dx: &mut [f32], store: Store) {
    let (isa, row) = (Isa::current(), scale.len());
    for_each_rows(dx, row, |first, dx| {
        let dy = &dy[first * row..][..dx.len()];
        // SAFETY: the loops are safe; this machine has the instruction set.
        unsafe { backward_rows(isa, scale, dy, dx, store) };
    });
}

dispatch! {
    unsafe fn backward_rows(scale: &[f32], dy: &[f32], dx: &mut [f32], store: Store) = backward_generic
}

#[inline(always)]
unsafe fn backward_generic<S>(scale: &[f32], dy: &[f32], dx: &mut [f32], store: Store) {
    if let &[scale] = scale {
        put(store, dx, dy.iter().map(|dy| scale * dy));
        return;
    }
    for (dx, dy) in dx.chunks_exact_mut(scale.len()).zip(dy.chunks_exact(scale.len())) {
        put(store, dx, dy.iter().zip(scale).map(|(dy, scale)| scale * dy));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_the_factor_of_its_place_on_every_instruction_set() {
        let three = ([0.5, -2.0, 3.0], [1.0, 0.25, -4.0]);
        for isa in Isa::available() {
            for (scale, offset) in
                [(&three.0[..], &three.1[..]), (&[0.5], &three.1), (&three.0, &[2.0]), (&[3.0], &[0.5])]
            {
                for len in [0, 3, 33, 60_000] {
                    let x: Vec<f32> = (0..len).map(|i| (i % 17) as f32 - 8.0).collect();
                    let (mut y, mut dx) = (vec![f32::NAN; len], vec![f32::NAN; len]);
                    isa.force(|| forward(scale, offset, &x, &mut y));
                    isa.force(|| backward(scale, &x, &mut dx, Store::Set));
                    for i in 0..len {
                        let (factor, more) = (scale[i % scale.len()], offset[i % offset.len()]);
                        assert_eq!([y[i], dx[i]], [factor * x[i] + more, factor * x[i]], "{isa:?} {len}");
                    }
                    let mut place: Vec<f32> = (0..len).map(|i| (i % 2) as f32).collect();
                    isa.force(|| backward(scale, &x, &mut place, Store::Mask));
                    assert!((0..len).all(|i| place[i] == if i % 2 == 1 { dx[i] } else { 0.0 }));
                }
            }
        }
    }
}
