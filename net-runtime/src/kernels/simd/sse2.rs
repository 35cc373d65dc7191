//! SSE2, which every x86-64 has: four floats. What it computes is what [portable](super::portable) arrays do, to the bit; but that arrays are
//! vectors, the compiler would have to find out: kernels of arrays took it nearly twice as long as these.

use std::arch::x86_64::*;

use super::Simd;

/// Stands for SSE2.
#[derive(Clone, Copy)]
pub(crate) struct Sse2;

/// `yes` where the mask is set, else `no`.
#[inline(always)]
unsafe fn select(mask: __m128, yes: __m128, no: __m128) -> __m128 {
    // SAFETY: every x86-64 has SSE2.
    unsafe { _mm_or_ps(_mm_and_ps(mask, yes), _mm_andnot_ps(mask, no)) }
}

// SAFETY of all blocks: every x86-64 has SSE2; the trait's functions are called on pointers to four floats.
impl Simd for Sse2 {
    type Vector = __m128;
    type Choices = [u8; 4];
    type Half = Self;
    const LANES: usize = 4;
    const VECTORS: usize = 2;

    #[inline(always)]
    unsafe fn splat(value: f32) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, vector: __m128) {
        // SAFETY: see above.
        unsafe { _mm_storeu_ps(to, vector) }
    }

    #[inline(always)]
    unsafe fn add(a: __m128, b: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_add_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn sub(a: __m128, b: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_sub_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul(a: __m128, b: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_mul_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul_add(a: __m128, b: __m128, c: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_add_ps(_mm_mul_ps(a, b), c) }
    }

    #[inline(always)]
    unsafe fn relu(a: __m128) -> __m128 {
        // `maxps` gives its second operand where one is a NaN, or both are 0.
        // SAFETY: see above.
        unsafe { _mm_max_ps(_mm_setzero_ps(), a) }
    }

    #[inline(always)]
    unsafe fn div(a: __m128, b: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_div_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn sqrt(a: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_sqrt_ps(a) }
    }

    #[inline(always)]
    unsafe fn abs(a: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_andnot_ps(_mm_set1_ps(-0.0), a) }
    }

    #[inline(always)]
    unsafe fn sums([a, b, c, d]: [__m128; 4]) -> [f32; 4] {
        // SAFETY: see above.
        unsafe {
            let ab = _mm_add_ps(_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
            let cd = _mm_add_ps(_mm_unpacklo_ps(c, d), _mm_unpackhi_ps(c, d));
            let mut sums = [0.0; 4];
            _mm_storeu_ps(sums.as_mut_ptr(), _mm_add_ps(_mm_movelh_ps(ab, cd), _mm_movehl_ps(cd, ab)));
            sums
        }
    }

    #[inline(always)]
    unsafe fn near_rsqrt(a: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_rsqrt_ps(a) }
    }

    #[inline(always)]
    unsafe fn near_reciprocal(a: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_rcp_ps(a) }
    }

    #[inline(always)]
    unsafe fn exponent(a: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe {
            let biased = _mm_srli_epi32::<23>(_mm_castps_si128(a));
            _mm_cvtepi32_ps(_mm_sub_epi32(biased, _mm_set1_epi32(127)))
        }
    }

    #[inline(always)]
    unsafe fn max(a: __m128, b: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_max_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn min(a: __m128, b: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_min_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn if_less(a: __m128, b: __m128, yes: __m128, no: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { select(_mm_cmplt_ps(a, b), yes, no) }
    }

    #[inline(always)]
    unsafe fn any_less(a: __m128, b: __m128) -> bool {
        // SAFETY: see above.
        unsafe { _mm_movemask_ps(_mm_cmplt_ps(a, b)) != 0 }
    }

    #[inline(always)]
    unsafe fn if_equal(a: __m128, b: __m128, yes: __m128, no: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { select(_mm_cmpeq_ps(a, b), yes, no) }
    }

    #[inline(always)]
    unsafe fn where_positive(mask: __m128, a: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe { _mm_and_ps(_mm_cmplt_ps(_mm_setzero_ps(), mask), a) }
    }

    #[inline(always)]
    unsafe fn scale(a: __m128, n: __m128) -> __m128 {
        // SAFETY: see above.
        unsafe {
            let n = _mm_cvtps_epi32(n);
            let half = _mm_srai_epi32::<1>(n);
            let power = |n| _mm_castsi128_ps(_mm_slli_epi32::<23>(_mm_add_epi32(n, _mm_set1_epi32(127))));
            _mm_mul_ps(_mm_mul_ps(a, power(half)), power(_mm_sub_epi32(n, half)))
        }
    }

    #[inline(always)]
    unsafe fn scale_normal(a: __m128, n: __m128) -> __m128 {
        // Added to the exponent.
        // SAFETY: see above.
        unsafe {
            let n = _mm_slli_epi32::<23>(_mm_cvtps_epi32(n));
            _mm_castsi128_ps(_mm_add_epi32(_mm_castps_si128(a), n))
        }
    }

    #[inline(always)]
    unsafe fn store_columns(to: *mut f32, step: usize, [mut a, mut b, mut c, mut d]: [__m128; 4]) {
        // SAFETY: see above; there are four floats at each place.
        unsafe {
            _MM_TRANSPOSE4_PS(&mut a, &mut b, &mut c, &mut d);
            for (lane, column) in [a, b, c, d].into_iter().enumerate() {
                _mm_storeu_ps(to.add(lane * step), column);
            }
        }
    }

    #[inline(always)]
    unsafe fn load_choices(from: *const u8) -> [u8; 4] {
        // SAFETY: there are four bytes.
        unsafe { from.cast::<[u8; 4]>().read() }
    }

    #[inline(always)]
    unsafe fn choose(four: *const f32, [a, b, c, d]: [u8; 4]) -> __m128 {
        // SAFETY: there are four floats; the numbers are below four.
        unsafe {
            let of = |choice: u8| *four.add(usize::from(choice & 3));
            _mm_setr_ps(of(a), of(b), of(c), of(d))
        }
    }

    #[inline(always)]
    unsafe fn sum(a: __m128) -> f32 {
        // SAFETY: see above.
        unsafe {
            let two = _mm_add_ps(a, _mm_movehl_ps(a, a));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }

    #[inline(always)]
    unsafe fn largest(a: __m128) -> f32 {
        // SAFETY: see above.
        unsafe {
            let two = _mm_max_ps(a, _mm_movehl_ps(a, a));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps::<1>(two, two)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::portable::Portable;

    /// Zeros, infinities, a NaN, the smallest and the largest numbers, and some between, of both signs.
    const VALUES: [f32; 12] = [
        0.0,
        -0.0,
        1.0,
        -1.5,
        2.75,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        f32::MIN_POSITIVE,
        -f32::MIN_POSITIVE / 4.0,
        f32::MAX,
        -3.0e-20,
    ];

    /// The four results of an operation on vectors of four of the values each, which begin at the given places.
    unsafe fn results<S: Simd>(places: [usize; 4]) -> Vec<[u32; 4]> {
        let four = |place: usize| std::array::from_fn::<_, 4, _>(|lane| VALUES[(place + 5 * lane) % VALUES.len()]);
        // SAFETY: both need what every x86-64 has, and vectors of four floats.
        unsafe {
            let [a, b, c, d] = places.map(|place| S::load(four(place).as_ptr()));
            let whole = S::load([-160.0_f32, -3.0, 0.0, 127.0].as_ptr());
            let normal = S::load([1.0_f32, 3.5, 1.0e-30, 1.0e30].as_ptr());
            let choices = S::load_choices([3_u8, 0, 2, 1].as_ptr());
            let mut results = vec![
                S::add(a, b),
                S::sub(a, b),
                S::mul(a, b),
                S::div(a, b),
                S::mul_add(a, b, c),
                S::sqrt(a),
                S::relu(a),
                S::max(a, b),
                S::min(a, b),
                S::if_less(a, b, c, d),
                S::if_equal(a, b, c, d),
                S::where_positive(a, b),
                S::scale(b, whole),
                S::exponent(normal),
                S::choose(four(places[0]).as_ptr(), choices),
                S::splat(S::sum(normal)),
                S::splat(S::largest(normal)),
            ];
            for count in 0..4 {
                results.push(S::load_part(four(places[1]).as_ptr(), count, a));
                let mut to = four(places[2]);
                S::store_part(to.as_mut_ptr(), count, b);
                results.push(S::load(to.as_ptr()));
            }
            let mut columns = [0.0; 16];
            S::store_columns(columns.as_mut_ptr(), 4, [a, b, c, d]);
            results.extend(columns.chunks_exact(4).map(|column| S::load(column.as_ptr())));
            let bits = |vector| {
                let mut lanes = [0.0; 4];
                S::store(lanes.as_mut_ptr(), vector);
                // Which NaN it is, nobody says.
                lanes.map(|lane: f32| if lane.is_nan() { f32::NAN.to_bits() } else { lane.to_bits() })
            };
            results.into_iter().map(bits).collect()
        }
    }

    #[test]
    fn it_computes_what_arrays_do() {
        for a in 0..VALUES.len() {
            for b in 0..VALUES.len() {
                let places = [a, b, a + 3, b + 7];
                // SAFETY: see above.
                let [ours, arrays] = unsafe { [results::<Sse2>(places), results::<Portable>(places)] };
                assert_eq!(ours, arrays, "{places:?}");
            }
        }
    }
}
