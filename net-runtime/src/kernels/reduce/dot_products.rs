//! Dot products, row by row.

use crate::kernels::simd::{Isa, Simd, dispatch, load_at};
use crate::tensor::exact::{product, sum};

/// The dot products of rows of two matrices, of `len` elements each and so far apart.
pub(crate) fn dot_products(isa: Isa, len: usize, a: (&[f32], usize), b: (&[f32], usize), products: &mut [f32]) {
    let rows = products.len();
    if rows == 0 || len == 0 {
        return products.fill(0.0);
    }
    for (values, distance) in [a, b] {
        assert!(distance >= len && values.len() >= sum(&[product(&[rows - 1, distance]), len]));
    }
    // SAFETY: so many rows of both, at such distances.
    unsafe { dot_products_of_rows(isa, len, (a.0.as_ptr(), a.1), (b.0.as_ptr(), b.1), products) }
}

dispatch! {
    unsafe fn dot_products_of_rows(len: usize, a: (*const f32, usize), b: (*const f32, usize), products: &mut [f32])
        = dot_products_generic
}

#[inline(always)]
unsafe fn dot_products_generic<S: Simd>(
    len: usize,
    a: (*const f32, usize),
    b: (*const f32, usize),
    products: &mut [f32],
) {
    for (row, product) in products.iter_mut().enumerate() {
        // SAFETY: the caller has so many rows of `len` elements.
        unsafe {
            let [a, b] = [a, b].map(|(first, distance)| first.add(row * distance));
            let zero = S::splat(0.0);
            let mut sum = zero;
            for at in (0..len).step_by(S::LANES) {
                sum = S::mul_add(load_at::<S>(a, len, at, zero), load_at::<S>(b, len, at, zero), sum);
            }
            *product = S::sum(sum);
        }
    }
}
