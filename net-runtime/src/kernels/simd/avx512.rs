//! AVX-512F: sixteen floats.

use std::arch::x86_64::*;

use super::Simd;

/// Stands for AVX-512F.
#[derive(Clone, Copy)]
pub(crate) struct Avx512;

/// The mask of the first lanes, at most sixteen.
#[inline(always)]
fn first(count: usize) -> __mmask16 {
    ((1_u32 << count) - 1) as __mmask16
}

// SAFETY of all blocks: the trait's functions are called with AVX-512F at hand, on pointers to sixteen floats.
impl Simd for Avx512 {
    type Vector = __m512;
    type Choices = __m512i;
    type Half = super::half::Half;
    const LANES: usize = 16;
    const VECTORS: usize = 4;
    const MASKS: bool = true;

    #[inline(always)]
    unsafe fn splat(value: f32) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, vector: __m512) {
        // SAFETY: see above.
        unsafe { _mm512_storeu_ps(to, vector) }
    }

    #[inline(always)]
    unsafe fn add(a: __m512, b: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn sub(a: __m512, b: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_sub_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul(a: __m512, b: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_mul_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul_add(a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn relu(a: __m512) -> __m512 {
        // `maxps` gives its second operand where one is a NaN.
        // SAFETY: see above.
        unsafe { _mm512_max_ps(_mm512_setzero_ps(), a) }
    }

    #[inline(always)]
    unsafe fn div(a: __m512, b: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_div_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn sqrt(a: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_sqrt_ps(a) }
    }

    #[inline(always)]
    unsafe fn abs(a: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_abs_ps(a) }
    }

    #[inline(always)]
    unsafe fn sums([a, b, c, d]: [__m512; 4]) -> [f32; 4] {
        // SAFETY: see above.
        unsafe {
            // Quarters of two, then of four; each quarter is of one of them then.
            let ab = _mm512_add_ps(_mm512_shuffle_f32x4::<0x44>(a, b), _mm512_shuffle_f32x4::<0xEE>(a, b));
            let cd = _mm512_add_ps(_mm512_shuffle_f32x4::<0x44>(c, d), _mm512_shuffle_f32x4::<0xEE>(c, d));
            let all = _mm512_add_ps(_mm512_shuffle_f32x4::<0x88>(ab, cd), _mm512_shuffle_f32x4::<0xDD>(ab, cd));
            let all = _mm512_add_ps(all, _mm512_permute_ps::<0x4E>(all));
            let all = _mm512_add_ps(all, _mm512_permute_ps::<0xB1>(all));
            let mut sums = [0.0; 4];
            _mm_storeu_ps(sums.as_mut_ptr(), _mm512_castps512_ps128(_mm512_maskz_compress_ps(0x1111, all)));
            sums
        }
    }

    #[inline(always)]
    unsafe fn near_rsqrt(a: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_rsqrt14_ps(a) }
    }

    #[inline(always)]
    unsafe fn near_reciprocal(a: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_rcp14_ps(a) }
    }

    #[inline(always)]
    unsafe fn exponent(a: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe {
            let biased = _mm512_srli_epi32::<23>(_mm512_castps_si512(a));
            _mm512_cvtepi32_ps(_mm512_sub_epi32(biased, _mm512_set1_epi32(127)))
        }
    }

    #[inline(always)]
    unsafe fn max(a: __m512, b: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_max_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn min(a: __m512, b: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_min_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn if_less(a: __m512, b: __m512, yes: __m512, no: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_LT_OQ>(a, b), no, yes) }
    }

    #[inline(always)]
    unsafe fn zero_where_less(a: __m512, b: __m512, value: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_maskz_mov_ps(_mm512_cmp_ps_mask::<_CMP_NLT_UQ>(a, b), value) }
    }

    #[inline(always)]
    unsafe fn any_less(a: __m512, b: __m512) -> bool {
        // SAFETY: see above.
        unsafe { _mm512_cmp_ps_mask::<_CMP_LT_OQ>(a, b) != 0 }
    }

    #[inline(always)]
    unsafe fn if_equal(a: __m512, b: __m512, yes: __m512, no: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_EQ_OQ>(a, b), no, yes) }
    }

    #[inline(always)]
    unsafe fn scale(a: __m512, n: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_scalef_ps(a, n) }
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize, fill: __m512) -> __m512 {
        // What the mask leaves out is not touched.
        // SAFETY: see above.
        unsafe { _mm512_mask_loadu_ps(fill, first(count), from) }
    }

    #[inline(always)]
    unsafe fn store_part(to: *mut f32, count: usize, vector: __m512) {
        // SAFETY: see above.
        unsafe { _mm512_mask_storeu_ps(to, first(count), vector) }
    }

    #[inline(always)]
    unsafe fn store_columns(to: *mut f32, step: usize, [a, b, c, d]: [__m512; 4]) {
        // SAFETY: see above; there are four floats at each place.
        unsafe {
            let (ab, ab_high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
            let (cd, cd_high) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
            // In each quarter of a register, one lane of all four.
            let columns = [
                _mm512_shuffle_ps::<0x44>(ab, cd),
                _mm512_shuffle_ps::<0xee>(ab, cd),
                _mm512_shuffle_ps::<0x44>(ab_high, cd_high),
                _mm512_shuffle_ps::<0xee>(ab_high, cd_high),
            ];
            for (lane, column) in columns.into_iter().enumerate() {
                let to = |quarter: usize| to.add((4 * quarter + lane) * step);
                _mm_storeu_ps(to(0), _mm512_castps512_ps128(column));
                _mm_storeu_ps(to(1), _mm512_extractf32x4_ps::<1>(column));
                _mm_storeu_ps(to(2), _mm512_extractf32x4_ps::<2>(column));
                _mm_storeu_ps(to(3), _mm512_extractf32x4_ps::<3>(column));
            }
        }
    }

    #[inline(always)]
    unsafe fn store_bytes(to: *mut u8, count: usize, vector: __m512) {
        let mask = if count >= Self::LANES { !0 } else { first(count) };
        // What the mask leaves out is not touched.
        // SAFETY: see above; there is room for `count` bytes.
        unsafe { _mm512_mask_cvtepi32_storeu_epi8(to.cast(), mask, _mm512_cvttps_epi32(vector)) }
    }

    #[inline(always)]
    unsafe fn load_bytes(from: *const u8, count: usize) -> __m512 {
        let mut bytes = [0_u8; 16];
        // SAFETY: see above; there are `count` bytes.
        unsafe {
            let whole = if count >= Self::LANES {
                _mm_loadu_si128(from.cast())
            } else {
                from.copy_to_nonoverlapping(bytes.as_mut_ptr(), count);
                _mm_loadu_si128(bytes.as_ptr().cast())
            };
            _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(whole))
        }
    }

    #[inline(always)]
    unsafe fn load_choices(from: *const u8) -> __m512i {
        // SAFETY: see above; there are sixteen bytes.
        unsafe { _mm512_cvtepu8_epi32(_mm_loadu_si128(from.cast())) }
    }

    #[inline(always)]
    unsafe fn choose(four: *const f32, choices: __m512i) -> __m512 {
        // SAFETY: see above; there are four floats.
        unsafe { _mm512_permutevar_ps(_mm512_broadcast_f32x4(_mm_loadu_ps(four)), choices) }
    }

    #[inline(always)]
    unsafe fn sum(a: __m512) -> f32 {
        // SAFETY: see above.
        unsafe { _mm512_reduce_add_ps(a) }
    }

    #[inline(always)]
    unsafe fn largest(a: __m512) -> f32 {
        // SAFETY: see above.
        unsafe { _mm512_reduce_max_ps(a) }
    }

    #[inline(always)]
    fn prefetch(from: *const f32) {
        // SAFETY: a prefetch of any address does nothing that a program could see.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
    }

    #[inline(always)]
    fn prefetch_later(from: *const f32) {
        // SAFETY: as above.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(from.cast()) }
    }
}
