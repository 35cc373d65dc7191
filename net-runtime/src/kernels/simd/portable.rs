//! What every machine has: arrays, which the compiler makes vectors of where it can.

use super::Simd;

/// Stands for no instruction set in particular.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

/// Four floats: a vector of SSE2, which every x86-64 has, and of most others.
type Vector = [f32; 4];

#[inline(always)]
fn zip(a: Vector, b: Vector, f: impl Fn(f32, f32) -> f32) -> Vector {
    [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])]
}

impl Simd for Portable {
    type Vector = Vector;
    type Choices = [u8; 4];
    type Half = Self;
    const LANES: usize = 4;
    const VECTORS: usize = 2;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Vector {
        [value; 4]
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Vector {
        // SAFETY: the caller's promise; an array of floats is as aligned as a float.
        unsafe { from.cast::<Vector>().read() }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, vector: Vector) {
        // SAFETY: as above.
        unsafe { to.cast::<Vector>().write(vector) }
    }

    #[inline(always)]
    unsafe fn add(a: Vector, b: Vector) -> Vector {
        zip(a, b, |a, b| a + b)
    }

    #[inline(always)]
    unsafe fn sub(a: Vector, b: Vector) -> Vector {
        zip(a, b, |a, b| a - b)
    }

    #[inline(always)]
    unsafe fn mul(a: Vector, b: Vector) -> Vector {
        zip(a, b, |a, b| a * b)
    }

    #[inline(always)]
    unsafe fn mul_add(a: Vector, b: Vector, c: Vector) -> Vector {
        // `f32::mul_add` would be a call of a library function here.
        zip(zip(a, b, |a, b| a * b), c, |product, c| product + c)
    }

    #[inline(always)]
    unsafe fn relu(a: Vector) -> Vector {
        a.map(|a| if a < 0.0 { 0.0 } else { a })
    }

    #[inline(always)]
    unsafe fn div(a: Vector, b: Vector) -> Vector {
        zip(a, b, |a, b| a / b)
    }

    #[inline(always)]
    unsafe fn sqrt(a: Vector) -> Vector {
        a.map(f32::sqrt)
    }

    #[inline(always)]
    unsafe fn abs(a: Vector) -> Vector {
        a.map(f32::abs)
    }

    #[inline(always)]
    unsafe fn sums([a, b, c, d]: [Vector; 4]) -> [f32; 4] {
        [a, b, c, d].map(|vector| vector.into_iter().sum())
    }

    #[inline(always)]
    unsafe fn near_rsqrt(a: Vector) -> Vector {
        a.map(|a| 1.0 / a.sqrt())
    }

    #[inline(always)]
    unsafe fn near_reciprocal(a: Vector) -> Vector {
        a.map(|a| 1.0 / a)
    }

    #[inline(always)]
    unsafe fn exponent(a: Vector) -> Vector {
        a.map(|a| ((a.to_bits() >> 23).cast_signed() - 127) as f32)
    }

    #[inline(always)]
    unsafe fn max(a: Vector, b: Vector) -> Vector {
        zip(a, b, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    unsafe fn min(a: Vector, b: Vector) -> Vector {
        zip(a, b, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    unsafe fn if_less(a: Vector, b: Vector, yes: Vector, no: Vector) -> Vector {
        let pick = |lane: usize| if a[lane] < b[lane] { yes[lane] } else { no[lane] };
        [pick(0), pick(1), pick(2), pick(3)]
    }

    #[inline(always)]
    unsafe fn any_less(a: Vector, b: Vector) -> bool {
        a.into_iter().zip(b).any(|(a, b)| a < b)
    }

    #[inline(always)]
    unsafe fn if_equal(a: Vector, b: Vector, yes: Vector, no: Vector) -> Vector {
        let pick = |lane: usize| if a[lane] == b[lane] { yes[lane] } else { no[lane] };
        [pick(0), pick(1), pick(2), pick(3)]
    }

    #[inline(always)]
    unsafe fn scale(a: Vector, n: Vector) -> Vector {
        /// Added to a small whole number, its bits are the number, from those of 1.5 * 2^23 on.
        const WHOLE: f32 = 12_582_912.0;
        zip(a, n, |a, n| {
            let n = (n + WHOLE).to_bits().wrapping_sub(WHOLE.to_bits()).cast_signed();
            let power = |n: i32| f32::from_bits((n.wrapping_add(127) << 23).cast_unsigned());
            a * power(n >> 1) * power(n.wrapping_sub(n >> 1))
        })
    }

    #[inline(always)]
    unsafe fn load_choices(from: *const u8) -> [u8; 4] {
        // SAFETY: the caller's promise.
        unsafe { from.cast::<[u8; 4]>().read() }
    }

    #[inline(always)]
    unsafe fn choose(four: *const f32, choices: [u8; 4]) -> Vector {
        // SAFETY: the caller's promise; the numbers are below four.
        choices.map(|choice| unsafe { *four.add(usize::from(choice & 3)) })
    }

    #[inline(always)]
    fn prefetch(_from: *const f32) {}

    #[inline(always)]
    fn prefetch_later(_from: *const f32) {}
}
