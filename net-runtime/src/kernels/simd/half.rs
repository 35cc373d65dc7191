//! Eight floats on a machine with AVX-512: half a vector, for rows that have no more. Some processors multiply whole vectors in two
//! halves, for which half of one takes half the time; on the others it takes no longer than a whole one.

use std::arch::x86_64::*;

use super::Simd;
use super::avx2::Avx2;

/// Stands for the half vectors of AVX-512VL.
#[derive(Clone, Copy)]
pub(crate) struct Half;

/// Functions that are those of AVX2.
macro_rules! as_of_avx2 {
    ($(fn $name:ident($($argument:ident: $kind:ty),*) $(-> $result:ty)?;)*) => {$(
        #[inline(always)]
        unsafe fn $name($($argument: $kind),*) $(-> $result)? {
            // SAFETY: the caller's promise; a machine with AVX-512 has AVX2.
            unsafe { Avx2::$name($($argument),*) }
        }
    )*};
}

/// The mask of the first lanes, at most eight.
#[inline(always)]
fn first(count: usize) -> __mmask8 {
    ((1_u32 << count) - 1) as __mmask8
}

impl Simd for Half {
    type Vector = <Avx2 as Simd>::Vector;
    type Choices = <Avx2 as Simd>::Choices;
    type Half = Self;
    const LANES: usize = 8;
    const STORED: usize = 16;
    const VECTORS: usize = 4;
    const MASKS: bool = true;

    as_of_avx2! {
        fn splat(value: f32) -> Self::Vector;
        fn load(from: *const f32) -> Self::Vector;
        fn store(to: *mut f32, vector: Self::Vector);
        fn add(a: Self::Vector, b: Self::Vector) -> Self::Vector;
        fn sub(a: Self::Vector, b: Self::Vector) -> Self::Vector;
        fn mul(a: Self::Vector, b: Self::Vector) -> Self::Vector;
        fn mul_add(a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
        fn relu(a: Self::Vector) -> Self::Vector;
        fn div(a: Self::Vector, b: Self::Vector) -> Self::Vector;
        fn sqrt(a: Self::Vector) -> Self::Vector;
        fn abs(a: Self::Vector) -> Self::Vector;
        fn near_rsqrt(a: Self::Vector) -> Self::Vector;
        fn near_reciprocal(a: Self::Vector) -> Self::Vector;
        fn exponent(a: Self::Vector) -> Self::Vector;
        fn max(a: Self::Vector, b: Self::Vector) -> Self::Vector;
        fn min(a: Self::Vector, b: Self::Vector) -> Self::Vector;
        fn if_less(a: Self::Vector, b: Self::Vector, yes: Self::Vector, no: Self::Vector) -> Self::Vector;
        fn any_less(a: Self::Vector, b: Self::Vector) -> bool;
        fn if_equal(a: Self::Vector, b: Self::Vector, yes: Self::Vector, no: Self::Vector) -> Self::Vector;
        fn scale(a: Self::Vector, n: Self::Vector) -> Self::Vector;
        fn sums(vectors: [Self::Vector; 4]) -> [f32; 4];
        fn load_choices(from: *const u8) -> Self::Choices;
        fn choose(four: *const f32, choices: Self::Choices) -> Self::Vector;
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize, fill: Self::Vector) -> Self::Vector {
        // What the mask leaves out is not touched.
        // SAFETY: the caller has AVX-512VL, and so many floats.
        unsafe { _mm256_mask_loadu_ps(fill, first(count), from) }
    }

    #[inline(always)]
    unsafe fn store_part(to: *mut f32, count: usize, vector: Self::Vector) {
        // What the mask leaves out is not touched.
        // SAFETY: see above.
        unsafe { _mm256_mask_storeu_ps(to, first(count), vector) }
    }

    #[inline(always)]
    fn prefetch(from: *const f32) {
        Avx2::prefetch(from);
    }

    #[inline(always)]
    fn prefetch_later(from: *const f32) {
        Avx2::prefetch_later(from);
    }
}
