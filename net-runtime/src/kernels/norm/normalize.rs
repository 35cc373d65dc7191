//! Numbers minus their means, times a scale, plus a shift, and what stands behind that.

use crate::kernels::elementwise::activations::apply_part;
use crate::kernels::elementwise::quick::Quick;
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::tensor::activation::Activation;

/// `y = activation((x − mean) · scale + shift)`, in rows as long as the factors; the last one may be shorter.
///
/// # Safety
///
/// `y` is as long as `x`, the factors are as long as each other.
pub(super) unsafe fn normalize(isa: Isa, x: &[f32], factors: [&[f32]; 3], activation: Activation, y: &mut [f32]) {
    let quick = Quick::of(activation);
    // SAFETY: the caller's promise.
    unsafe { with_quick(isa, x, factors, quick.unwrap_or_default(), y) };
    if quick.is_none() {
        apply_part(activation, y);
    }
}

dispatch! {
    /// The same with an activation that is applied in registers.
    unsafe fn with_quick(x: &[f32], factors: [&[f32]; 3], quick: Quick, y: &mut [f32]) = with_quick_generic
}

#[inline(always)]
unsafe fn with_quick_generic<S: Simd>(x: &[f32], [mean, scale, shift]: [&[f32]; 3], quick: Quick, y: &mut [f32]) {
    let wide = mean.len();
    for (x, y) in x.chunks(wide).zip(y.chunks_mut(wide)) {
        let len = y.len();
        for at in (0..len).step_by(S::LANES) {
            // SAFETY: the caller has the instruction set, rows of one length, and factors at least as long.
            unsafe {
                let distance = S::sub(vector::<S>(x, len, at), vector::<S>(mean, len, at));
                let value = S::mul_add(distance, vector::<S>(scale, len, at), vector::<S>(shift, len, at));
                let mut value = [[value]];
                quick.apply::<S, 1, 1>(&mut value);
                store_at::<S>(y.as_mut_ptr(), len, at, value[0][0]);
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
