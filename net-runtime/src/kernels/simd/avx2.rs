//! AVX2 with FMA: eight floats.

use std::arch::x86_64::*;

use super::Simd;

/// Stands for AVX2 and FMA.
#[derive(Clone, Copy)]
pub(crate) struct Avx2;

/// The mask of the first lanes.
#[inline(always)]
unsafe fn first(count: usize) -> __m256i {
    // SAFETY: the caller has AVX2.
    unsafe { _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)) }
}

// SAFETY of all blocks: the trait's functions are called with AVX2 and FMA at hand, on pointers to eight floats.
impl Simd for Avx2 {
    type Vector = __m256;
    type Choices = __m256i;
    type Half = Self;
    const LANES: usize = 8;
    const VECTORS: usize = 2;

    #[inline(always)]
    unsafe fn splat(value: f32) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, vector: __m256) {
        // SAFETY: see above.
        unsafe { _mm256_storeu_ps(to, vector) }
    }

    #[inline(always)]
    unsafe fn add(a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn sub(a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_sub_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul(a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul_add(a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn relu(a: __m256) -> __m256 {
        // `maxps` gives its second operand where one is a NaN.
        // SAFETY: see above.
        unsafe { _mm256_max_ps(_mm256_setzero_ps(), a) }
    }

    #[inline(always)]
    unsafe fn div(a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_div_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn sqrt(a: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_sqrt_ps(a) }
    }

    #[inline(always)]
    unsafe fn abs(a: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_andnot_ps(_mm256_set1_ps(-0.0), a) }
    }

    #[inline(always)]
    unsafe fn sums([a, b, c, d]: [__m256; 4]) -> [f32; 4] {
        // SAFETY: see above.
        unsafe {
            let all = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
            let mut sums = [0.0; 4];
            let halves = _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps::<1>(all));
            _mm_storeu_ps(sums.as_mut_ptr(), halves);
            sums
        }
    }

    #[inline(always)]
    unsafe fn near_rsqrt(a: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_rsqrt_ps(a) }
    }

    #[inline(always)]
    unsafe fn near_reciprocal(a: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_rcp_ps(a) }
    }

    #[inline(always)]
    unsafe fn exponent(a: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe {
            let biased = _mm256_srli_epi32::<23>(_mm256_castps_si256(a));
            _mm256_cvtepi32_ps(_mm256_sub_epi32(biased, _mm256_set1_epi32(127)))
        }
    }

    #[inline(always)]
    unsafe fn max(a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_max_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn min(a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_min_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn if_less(a: __m256, b: __m256, yes: __m256, no: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_blendv_ps(no, yes, _mm256_cmp_ps::<_CMP_LT_OQ>(a, b)) }
    }

    #[inline(always)]
    unsafe fn any_less(a: __m256, b: __m256) -> bool {
        // SAFETY: see above.
        unsafe { _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LT_OQ>(a, b)) != 0 }
    }

    #[inline(always)]
    unsafe fn if_equal(a: __m256, b: __m256, yes: __m256, no: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_blendv_ps(no, yes, _mm256_cmp_ps::<_CMP_EQ_OQ>(a, b)) }
    }

    #[inline(always)]
    unsafe fn scale(a: __m256, n: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe {
            let n = _mm256_cvtps_epi32(n);
            let half = _mm256_srai_epi32::<1>(n);
            let power = |n| _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_add_epi32(n, _mm256_set1_epi32(127))));
            _mm256_mul_ps(_mm256_mul_ps(a, power(half)), power(_mm256_sub_epi32(n, half)))
        }
    }

    #[inline(always)]
    unsafe fn scale_normal(a: __m256, n: __m256) -> __m256 {
        // Added to the exponent.
        // SAFETY: see above.
        unsafe {
            let n = _mm256_slli_epi32::<23>(_mm256_cvtps_epi32(n));
            _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), n))
        }
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize, fill: __m256) -> __m256 {
        // What the mask leaves out is not touched.
        // SAFETY: see above.
        unsafe { _mm256_blendv_ps(fill, _mm256_maskload_ps(from, first(count)), _mm256_castsi256_ps(first(count))) }
    }

    #[inline(always)]
    unsafe fn store_part(to: *mut f32, count: usize, vector: __m256) {
        // Not by a mask: AMD's processors take a store with one apart into dozens of steps, here 22 % of LeNet's products.
        // SAFETY: see above; the caller has `count` floats there, which are four, two and one of these.
        unsafe {
            let (mut to, mut left) = (to, _mm256_castps256_ps128(vector));
            if count & 4 != 0 {
                _mm_storeu_ps(to, left);
                (to, left) = (to.add(4), _mm256_extractf128_ps::<1>(vector));
            }
            if count & 2 != 0 {
                _mm_storel_pd(to.cast(), _mm_castps_pd(left));
                (to, left) = (to.add(2), _mm_movehl_ps(left, left));
            }
            if count & 1 != 0 {
                _mm_store_ss(to, left);
            }
        }
    }

    #[inline(always)]
    unsafe fn store_columns(to: *mut f32, step: usize, [a, b, c, d]: [__m256; 4]) {
        // SAFETY: see above; there are four floats at each place.
        unsafe {
            let (ab, ab_high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
            let (cd, cd_high) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
            // In each half of a register, one lane of all four.
            let columns = [
                _mm256_shuffle_ps::<0x44>(ab, cd),
                _mm256_shuffle_ps::<0xee>(ab, cd),
                _mm256_shuffle_ps::<0x44>(ab_high, cd_high),
                _mm256_shuffle_ps::<0xee>(ab_high, cd_high),
            ];
            for (lane, column) in columns.into_iter().enumerate() {
                _mm_storeu_ps(to.add(lane * step), _mm256_castps256_ps128(column));
                _mm_storeu_ps(to.add((4 + lane) * step), _mm256_extractf128_ps::<1>(column));
            }
        }
    }

    #[inline(always)]
    unsafe fn store_bytes(to: *mut u8, count: usize, vector: __m256) {
        let mut bytes = [0_u8; 8];
        // SAFETY: see above; there is room for `count` bytes.
        unsafe {
            let words = _mm256_cvttps_epi32(vector);
            let halves = _mm_packs_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            let packed = _mm_packus_epi16(halves, halves);
            if count >= Self::LANES {
                _mm_storel_epi64(to.cast(), packed);
            } else {
                _mm_storel_epi64(bytes.as_mut_ptr().cast(), packed);
                to.copy_from_nonoverlapping(bytes.as_ptr(), count);
            }
        }
    }

    #[inline(always)]
    unsafe fn load_bytes(from: *const u8, count: usize) -> __m256 {
        let mut bytes = [0_u8; 8];
        // SAFETY: see above; there are `count` bytes.
        unsafe {
            let whole = if count >= Self::LANES {
                _mm_loadl_epi64(from.cast())
            } else {
                from.copy_to_nonoverlapping(bytes.as_mut_ptr(), count);
                _mm_loadl_epi64(bytes.as_ptr().cast())
            };
            _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(whole))
        }
    }

    #[inline(always)]
    unsafe fn load_choices(from: *const u8) -> __m256i {
        // SAFETY: see above; there are eight bytes.
        unsafe { _mm256_cvtepu8_epi32(_mm_loadl_epi64(from.cast())) }
    }

    #[inline(always)]
    unsafe fn choose(four: *const f32, choices: __m256i) -> __m256 {
        // SAFETY: see above; there are four floats.
        unsafe {
            let four = _mm_loadu_ps(four);
            _mm256_permutevar_ps(_mm256_set_m128(four, four), choices)
        }
    }

    #[inline(always)]
    unsafe fn sum(a: __m256) -> f32 {
        // SAFETY: see above.
        unsafe {
            let four = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
    }

    #[inline(always)]
    unsafe fn largest(a: __m256) -> f32 {
        // SAFETY: see above.
        unsafe {
            let four = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
            let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)))
        }
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
