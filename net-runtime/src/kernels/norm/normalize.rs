//! Numbers minus their means, times a scale, plus a shift.

use crate::kernels::simd::{Simd, dispatch, load_at, store_at};

dispatch! {
    /// `y = (x − mean) · scale + shift`, in rows as long as the factors; the last one may be shorter.
    ///
    /// # Safety
    ///
    /// `y` is as long as `x`, the factors are as long as each other.
    pub(super) unsafe fn normalize(x: &[f32], factors: [&[f32]; 3], y: &mut [f32]) = normalize_generic
}

#[inline(always)]
unsafe fn normalize_generic<S: Simd>(x: &[f32], [mean, scale, shift]: [&[f32]; 3], y: &mut [f32]) {
    let wide = mean.len();
    for (x, y) in x.chunks(wide).zip(y.chunks_mut(wide)) {
        let len = y.len();
        for at in (0..len).step_by(S::LANES) {
            // SAFETY: the caller has the instruction set, rows of one length, and factors at least as long.
            unsafe {
                let distance = S::sub(vector::<S>(x, len, at), vector::<S>(mean, len, at));
                let value = S::mul_add(distance, vector::<S>(scale, len, at), vector::<S>(shift, len, at));
                store_at::<S>(y.as_mut_ptr(), len, at, value);
            }
        }
    }
}

/// The vector from element `at` on of the first `len` elements.
#[inline(always)]
pub(super) unsafe fn vector<S: Simd>(values: &[f32], len: usize, at: usize) -> S::Vector {
    // SAFETY: the caller has the instruction set, and `len` elements, of which `at` is one.
    unsafe { load_at::<S>(values.as_ptr(), len, at, S::splat(0.0)) }
}
