//! The Gaussian error linear unit x·Φ(x), where Φ is the normal distribution's cumulative function, and its derivative.
//!
//! With v = −|x|/2, Φ(−|x|) is p(v)⁸/2, where the eighth root of 2·Φ is so smooth that a polynomial of the ninth degree gives it
//! to 2e-8: neither an exponential nor a quotient. Farther out than [`FAR`], where few numbers are, the tail's own formula
//! keeps its digits.

use super::Simd;
use super::math::{bell, exp_of_negative, polynomial};

/// √(2/π) = 0.79788456080286…, as the nearest `f32`.
pub(crate) const SQRT_2_OVER_PI: f32 = 0.797_884_6;

/// How large an x is of the tail.
const FAR: f32 = 4.0;

/// How large an x is looked at as no larger: the density is 0 long before.
const FARTHEST: f32 = 15.0;

/// x·Φ(x), within 8 units in the last place for x from 0 on and 40 below; 0 below -13.2, where it would be a subnormal number, and NaN of −∞.
#[inline(always)]
pub(crate) unsafe fn gelu<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: the caller has the instruction set; so below.
    unsafe {
        // x·Φ(x) = max(x, 0) − |x|·Φ(−|x|) on both sides.
        let (large, far) = (S::abs(x), S::splat(FAR));
        let v = S::mul(large, S::splat(-0.5));
        let mut beside = S::mul(v, twice_normal::<S>(v));
        if S::any_less(far, large) {
            let (ratio, density) = tail::<S>(large);
            // Of −∞ a NaN, as in Keras: −∞·0.
            let minus = S::sub(S::splat(0.0), S::abs(S::min(S::splat(FARTHEST), x)));
            beside = S::if_less(far, large, S::mul(minus, S::mul(ratio, density)), beside);
        }
        S::add(S::relu(x), beside)
    }
}

/// Its derivative Φ(x) + x·Φ'(x), within 8 units in the last place but from −2 to 0, where it goes through 0; 0 below −13.2, and
/// NaN of both infinities, as in Keras.
#[inline(always)]
pub(crate) unsafe fn gelu_derivative<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        // That of x and that of −x are together 1.
        let (large, far) = (S::abs(x), S::splat(FAR));
        let v = S::mul(large, S::splat(-0.5));
        let slope = S::mul(v, S::splat(SQRT_2_OVER_PI));
        let bell = exp_of_negative::<S>(S::mul(S::mul(v, v), S::splat(-2.0)));
        let mut left = S::mul_add(slope, bell, S::mul(twice_normal::<S>(v), S::splat(0.5)));
        if S::any_less(far, large) {
            let (ratio, density) = tail::<S>(large);
            left = S::if_less(far, large, S::mul(S::sub(ratio, large), density), left);
        }
        S::if_less(S::splat(0.0), x, S::sub(S::splat(1.0), left), left)
    }
}

/// 2·Φ(2v) of a v from −2 to 0.
#[inline(always)]
unsafe fn twice_normal<S: Simd>(v: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        let root = polynomial::<S, 10>(
            v,
            [
                1.0,
                0.199_471_04,
                -0.139_261_65,
                0.005_907_701,
                0.026_368_897,
                -0.001_008_229_6,
                -0.004_028_971,
                -0.000_947_257_4,
                -5.410_922e-5,
                3.465_471_5e-6,
            ],
        );
        let square = S::mul(root, root);
        let fourth = S::mul(square, square);
        S::mul(fourth, fourth)
    }
}

/// Of a large z from [`FAR`] on: Mills' ratio Φ(−z) / Φ'(z), of which z times is a polynomial of 1/z² here, and the density
/// Φ'(z).
#[inline(always)]
unsafe fn tail<S: Simd>(large: S::Vector) -> (S::Vector, S::Vector) {
    // SAFETY: see above.
    unsafe {
        let z = S::min(S::splat(FARTHEST), large);
        let inverse = S::div(S::splat(1.0), z);
        let ratio = polynomial::<S, 7>(
            S::mul(inverse, inverse),
            [1.0, -0.999_991, 2.997_485_2, -14.730_003, 90.452_7, -495.489_4, 1_486.141_8],
        );
        // 1/√(2π) = √(2/π) / 2
        (S::mul(ratio, inverse), S::mul(bell::<S>(z), S::splat(SQRT_2_OVER_PI / 2.0)))
    }
}
