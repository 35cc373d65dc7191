//! NEON of aarch64: four floats.

use std::arch::aarch64::*;

use super::Simd;

/// Stands for NEON.
#[derive(Clone, Copy)]
pub(crate) struct Neon;

// SAFETY of all blocks: the trait's functions are called with NEON at hand, on pointers to four floats.
impl Simd for Neon {
    type Vector = float32x4_t;
    const LANES: usize = 4;
    // 6 rows of 4 vectors are 24 of 32 registers.
    const VECTORS: usize = 4;

    #[inline(always)]
    unsafe fn splat(value: f32) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vdupq_n_f32(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vld1q_f32(from) }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, vector: float32x4_t) {
        // SAFETY: see above.
        unsafe { vst1q_f32(to, vector) }
    }

    #[inline(always)]
    unsafe fn add(a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vaddq_f32(a, b) }
    }

    #[inline(always)]
    unsafe fn sub(a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vsubq_f32(a, b) }
    }

    #[inline(always)]
    unsafe fn mul(a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vmulq_f32(a, b) }
    }

    #[inline(always)]
    unsafe fn mul_add(a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vfmaq_f32(c, a, b) }
    }

    #[inline(always)]
    unsafe fn relu(a: float32x4_t) -> float32x4_t {
        // `fmax` gives a NaN where one is a NaN.
        // SAFETY: see above.
        unsafe { vmaxq_f32(a, vdupq_n_f32(0.0)) }
    }

    #[inline(always)]
    fn prefetch(_from: *const f32) {}

    #[inline(always)]
    fn prefetch_later(_from: *const f32) {}
}
