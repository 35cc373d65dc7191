//! NEON of aarch64: four floats.

use std::arch::aarch64::*;

use super::Simd;

/// Stands for NEON.
#[derive(Clone, Copy)]
pub(crate) struct Neon;

// SAFETY of all blocks: the trait's functions are called with NEON at hand, on pointers to four floats.
impl Simd for Neon {
    type Vector = float32x4_t;
    type Choices = [u8; 4];
    type Half = Self;
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
    unsafe fn div(a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vdivq_f32(a, b) }
    }

    #[inline(always)]
    unsafe fn sqrt(a: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vsqrtq_f32(a) }
    }

    #[inline(always)]
    unsafe fn abs(a: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vabsq_f32(a) }
    }

    #[inline(always)]
    unsafe fn sums([a, b, c, d]: [float32x4_t; 4]) -> [f32; 4] {
        // SAFETY: see above.
        unsafe {
            let mut sums = [0.0; 4];
            vst1q_f32(sums.as_mut_ptr(), vpaddq_f32(vpaddq_f32(a, b), vpaddq_f32(c, d)));
            sums
        }
    }

    #[inline(always)]
    unsafe fn near_rsqrt(a: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe {
            let near = vrsqrteq_f32(a);
            vmulq_f32(near, vrsqrtsq_f32(vmulq_f32(a, near), near))
        }
    }

    #[inline(always)]
    unsafe fn near_reciprocal(a: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe {
            let near = vrecpeq_f32(a);
            vmulq_f32(near, vrecpsq_f32(a, near))
        }
    }

    #[inline(always)]
    unsafe fn exponent(a: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe {
            let biased = vshrq_n_s32::<23>(vreinterpretq_s32_f32(a));
            vcvtq_f32_s32(vsubq_s32(biased, vdupq_n_s32(127)))
        }
    }

    #[inline(always)]
    unsafe fn max(a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vbslq_f32(vcgtq_f32(a, b), a, b) }
    }

    #[inline(always)]
    unsafe fn min(a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vbslq_f32(vcltq_f32(a, b), a, b) }
    }

    #[inline(always)]
    unsafe fn if_less(a: float32x4_t, b: float32x4_t, yes: float32x4_t, no: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vbslq_f32(vcltq_f32(a, b), yes, no) }
    }

    #[inline(always)]
    unsafe fn any_less(a: float32x4_t, b: float32x4_t) -> bool {
        // SAFETY: see above.
        unsafe { vmaxvq_u32(vcltq_f32(a, b)) != 0 }
    }

    #[inline(always)]
    unsafe fn if_equal(a: float32x4_t, b: float32x4_t, yes: float32x4_t, no: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vbslq_f32(vceqq_f32(a, b), yes, no) }
    }

    #[inline(always)]
    unsafe fn scale(a: float32x4_t, n: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe {
            let n = vcvtnq_s32_f32(n);
            let half = vshrq_n_s32::<1>(n);
            let power = |n| vreinterpretq_f32_s32(vshlq_n_s32::<23>(vaddq_s32(n, vdupq_n_s32(127))));
            vmulq_f32(vmulq_f32(a, power(half)), power(vsubq_s32(n, half)))
        }
    }

    #[inline(always)]
    unsafe fn load_choices(from: *const u8) -> [u8; 4] {
        // SAFETY: see above; there are four bytes.
        unsafe { from.cast::<[u8; 4]>().read() }
    }

    #[inline(always)]
    unsafe fn choose(four: *const f32, choices: [u8; 4]) -> float32x4_t {
        // SAFETY: see above; there are four floats, and the numbers are below four.
        unsafe {
            let lanes = choices.map(|choice| *four.add(usize::from(choice & 3)));
            Self::load(lanes.as_ptr())
        }
    }

    #[inline(always)]
    fn prefetch(_from: *const f32) {}

    #[inline(always)]
    fn prefetch_later(_from: *const f32) {}
}
