//! Functions of vectors: exponential, hyperbolic tangent and what is made of them, by polynomials.
//!
//! The errors that are said here are the largest ones found by trying every 509th of all `f32` (see the tests) against `f64`,
//! in units in the last place of the result, the same bound on every instruction set. A NaN gives a NaN.
//! The polynomials are the ones with the smallest largest error (Remez) of functions written such that the leading term is exact.

use super::Simd;

/// ln 2 in two parts: products of the first one with small whole numbers are exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];

/// Added to a small number and subtracted again, it leaves the nearest whole number.
const WHOLE: f32 = 12_582_912.0;

/// `c[0] + c[1]·x + c[2]·x² + …`
#[inline(always)]
pub(super) unsafe fn polynomial<S: Simd, const N: usize>(x: S::Vector, coefficients: [f32; N]) -> S::Vector {
    // SAFETY: the caller has the instruction set; so below.
    unsafe {
        let mut sum = S::splat(coefficients[N - 1]);
        for coefficient in coefficients.into_iter().rev().skip(1) {
            sum = S::mul_add(sum, x, S::splat(coefficient));
        }
        sum
    }
}

/// The whole number n and the rest r, at most (ln 2)/2 large, such that x = n·ln 2 + r; and eʳ − 1.
#[inline(always)]
unsafe fn reduced<S: Simd>(x: S::Vector) -> (S::Vector, S::Vector) {
    // SAFETY: see above.
    unsafe {
        let (n, r) = whole_and_rest::<S>(x);
        (n, exp_m1_of_rest::<S>(r))
    }
}

/// The whole number n and the rest r, at most (ln 2)/2 large, such that x = n·ln 2 + r.
#[inline(always)]
unsafe fn whole_and_rest<S: Simd>(x: S::Vector) -> (S::Vector, S::Vector) {
    // SAFETY: see above.
    unsafe {
        let whole = S::splat(WHOLE);
        let n = S::sub(S::mul_add(x, S::splat(std::f32::consts::LOG2_E), whole), whole);
        let r = S::mul_add(n, S::splat(-LN_2[0]), x);
        (n, S::mul_add(n, S::splat(-LN_2[1]), r))
    }
}

/// eʳ − 1 of such a rest.
#[inline(always)]
unsafe fn exp_m1_of_rest<S: Simd>(r: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        // (eʳ − 1 − r) / r²
        let rest = polynomial::<S, 5>(r, [0.5, 0.166_665_2, 0.041_666_206, 0.008_368_89, 0.001_395_049]);
        S::mul_add(S::mul(r, r), rest, r)
    }
}

/// ln 2⁻¹²⁶, below which exponentials are subnormal numbers.
const LEAST: f32 = -87.336_54;

/// eˣ, within 2 units in the last place; infinity above 88.73, and 0 below -87.33, where it would be a subnormal number, on which
/// processors are slow.
#[inline(always)]
pub(crate) unsafe fn exp<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        let least = S::splat(LEAST);
        let (n, power) = reduced::<S>(S::min(S::splat(89.0), S::max(least, x)));
        S::if_less(x, least, S::splat(0.0), S::scale(S::add(power, S::splat(1.0)), n))
    }
}

/// eˣ of an x that is at most 0, within 2 units in the last place; 0 below -87.33, as above.
#[inline(always)]
pub(crate) unsafe fn exp_of_negative<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        let least = S::splat(LEAST);
        let (n, power) = reduced::<S>(S::max(least, x));
        S::if_less(x, least, S::splat(0.0), S::scale_normal(S::add(power, S::splat(1.0)), n))
    }
}

/// The same of an x and what is missing to it, which is so small that a rest may be that much larger.
#[inline(always)]
unsafe fn exp_of_negative_and<S: Simd>(x: S::Vector, missing: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        let least = S::splat(LEAST);
        let (n, rest) = whole_and_rest::<S>(S::max(least, x));
        let power = exp_m1_of_rest::<S>(S::add(rest, missing));
        S::if_less(x, least, S::splat(0.0), S::scale_normal(S::add(power, S::splat(1.0)), n))
    }
}

/// eˣ − 1 for x that are at most 0, within 2 units in the last place.
#[inline(always)]
pub(crate) unsafe fn exp_m1_of_negative<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        let one = S::splat(1.0);
        let (n, power) = reduced::<S>(S::max(S::splat(-25.0), x));
        let scale = S::scale(one, n);
        S::mul_add(scale, power, S::sub(scale, one))
    }
}

/// 1 / (1 + e⁻ˣ), within 3 units in the last place; what would be a subnormal number is 0.
#[inline(always)]
pub(crate) unsafe fn sigmoid<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        let (zero, one, least) = (S::splat(0.0), S::splat(1.0), S::splat(LEAST));
        // Nothing of an exponential that is smaller remains beside 1. One that is larger is not wanted, whatever becomes of it.
        let (n, power) = reduced::<S>(S::max(least, S::sub(zero, x)));
        let power = S::scale_normal(S::add(power, one), n);
        S::if_less(x, least, zero, S::div(one, S::add(one, power)))
    }
}

/// (tanh(x)/x − 1) / x² of an x that is at most 0.625 large, from x².
#[inline(always)]
unsafe fn tanh_rest<S: Simd>(squared: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        polynomial::<S, 5>(squared, [-0.333_332_84, 0.133_314_91, -0.053_743_497, 0.020_650_58, -0.005_717_036_5])
    }
}

/// tanh x, within 6 units in the last place, never beyond 1: a quotient x·p(x²) / q(x²) with the smallest largest relative error, 8e-9, whose
/// coefficients were rounded in the best of some thousand ways.
#[inline(always)]
pub(crate) unsafe fn tanh<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        // It is 1 there.
        let x = S::max(S::splat(-8.2), S::min(S::splat(8.2), x));
        let squared = S::mul(x, x);
        let above = [0.522_490_7, 0.070_181_54, 0.001_858_329_4, 1.130_517_6e-5, 7.753_907e-9];
        let below = [0.522_490_7, 0.244_345_07, 0.013_641_319, 1.769_374_2e-4, 4.373_505e-7];
        let (above, below) = (polynomial::<S, 5>(squared, above), polynomial::<S, 5>(squared, below));
        let quotient = S::div(S::mul(x, above), below);
        S::max(S::splat(-1.0), S::min(S::splat(1.0), quotient))
    }
}

/// x − tanh x, within 32 units in the last place: that of a small x is x³/3, of which the difference has lost everything.
#[inline(always)]
pub(crate) unsafe fn tanh_shrink<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        let squared = S::mul(x, x);
        let small = S::mul(S::mul(squared, tanh_rest::<S>(squared)), S::sub(S::splat(0.0), x));
        S::if_less(S::abs(x), S::splat(0.625), small, S::sub(x, tanh::<S>(x)))
    }
}

/// ln x, within 2 units in the last place; −∞ of 0 and a NaN below.
#[inline(always)]
pub(crate) unsafe fn ln<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        let (zero, one) = (S::splat(0.0), S::splat(1.0));
        let normal = S::splat(f32::MIN_POSITIVE);
        // Numbers that are not normal are made so.
        let far = S::if_less(x, normal, S::splat(32.0), zero);
        let value = S::if_less(x, normal, S::mul(x, S::splat(4_294_967_296.0)), x);
        // x = m·2ⁿ with an m around 1.
        let n = S::exponent(S::mul(value, S::splat(std::f32::consts::SQRT_2)));
        let m = S::scale(value, S::sub(zero, n));
        let n = S::sub(n, far);
        // ln m = 2·artanh(s)
        let s = S::div(S::sub(m, one), S::add(m, one));
        let (squared, twice) = (S::mul(s, s), S::add(s, s));
        // The first terms of (artanh(s)/s − 1) / s²: the next one is below 1e-8 here.
        let rest = polynomial::<S, 4>(squared, [1.0 / 3.0, 0.2, 1.0 / 7.0, 1.0 / 9.0]);
        let of_m = S::mul_add(S::mul(squared, rest), twice, twice);
        let sum = S::mul_add(n, S::splat(LN_2[0]), S::mul_add(n, S::splat(LN_2[1]), of_m));
        let infinity = S::splat(f32::INFINITY);
        let of_positive = S::if_equal(x, infinity, infinity, sum);
        let others = S::if_equal(x, zero, S::splat(f32::NEG_INFINITY), S::splat(f32::NAN));
        S::if_less(zero, x, of_positive, others)
    }
}

/// ln(1 + x) for x from 0 to 1, within 2 units in the last place.
#[inline(always)]
unsafe fn ln_1p_of_fraction<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        // 2·artanh(s) = 2·(s + s³/3 + s⁵/5 + …)
        let s = S::div(x, S::add(x, S::splat(2.0)));
        let (squared, twice) = (S::mul(s, s), S::add(s, s));
        // (artanh(s)/s − 1) / s²
        let rest = polynomial::<S, 5>(squared, [0.333_333_38, 0.199_994_39, 0.143_084_42, 0.107_138_29, 0.121_504_69]);
        S::mul_add(S::mul(squared, rest), twice, twice)
    }
}

/// ln(1 + e⁻ˣ) for x that are at least 0, within 3 units in the last place.
#[inline(always)]
pub(crate) unsafe fn ln_1p_exp_minus<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe { ln_1p_of_fraction::<S>(exp_of_negative::<S>(S::sub(S::splat(0.0), x))) }
}

/// ln(1 + eˣ), within 3 units in the last place; 0 below -87.33.
#[inline(always)]
pub(crate) unsafe fn softplus<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe { S::add(S::relu(x), ln_1p_exp_minus::<S>(S::abs(x))) }
}

/// 1 / (√v + ε) of a finite v that is no less than 0, within 8 units in the last place; one below 1e-37 counts as that. The root and the
/// quotient, for which a processor has one slow unit, are each made by a step of Newton's method from what is nearly so.
#[inline(always)]
pub(crate) unsafe fn over_root<S: Simd>(v: S::Vector, epsilon: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        let v = S::max(S::splat(1e-37), v);
        let near = S::near_rsqrt(v);
        let root = S::mul(v, near);
        let rest = S::mul_add(root, S::mul(near, S::splat(-0.5)), S::splat(0.5));
        let below = S::add(S::mul_add(root, rest, root), epsilon);
        let near = S::near_reciprocal(below);
        let rest = S::mul_add(S::sub(S::splat(0.0), below), near, S::splat(1.0));
        S::mul_add(near, rest, near)
    }
}

/// sin x and cos x of an x that is at most π/4 large, within 2 units in the last place.
#[inline(always)]
pub(crate) unsafe fn sine_and_cosine<S: Simd>(x: S::Vector) -> (S::Vector, S::Vector) {
    // SAFETY: see above.
    unsafe {
        let square = S::mul(x, x);
        // (sin x − x) / x³ and (cos x − 1 + x²/2) / x⁴
        let sine = polynomial::<S, 3>(square, [-0.166_666_55, 0.008_332_161, -1.951_529_6e-4]);
        let cosine = polynomial::<S, 3>(square, [0.041_666_646, -0.001_388_731_6, 2.443_315_7e-5]);
        let near_one = S::mul_add(square, S::splat(-0.5), S::splat(1.0));
        (S::mul_add(S::mul(x, square), sine, x), S::mul_add(S::mul(square, square), cosine, near_one))
    }
}

/// e to the power of −x²/2, within 2 units in the last place, of an x that is at most 15 large; 0 beyond 13.2, as above.
#[inline(always)]
pub(crate) unsafe fn bell<S: Simd>(x: S::Vector) -> S::Vector {
    // SAFETY: see above.
    unsafe {
        // x² in two parts (Veltkamp), for an error of it would be one of the exponential x²/2 times as large.
        let far = S::mul(x, S::splat(4097.0));
        let high = S::sub(far, S::sub(far, x));
        let half = S::splat(-0.5);
        let rest = S::mul(S::mul(S::sub(x, high), S::add(x, high)), half);
        exp_of_negative_and::<S>(S::mul(S::mul(high, high), half), rest)
    }
}

#[cfg(test)]
mod tests {
    use super::super::gelu::{gelu, gelu_derivative};
    use super::super::{Isa, Simd, dispatch};
    use super::*;

    /// Which function.
    #[derive(Clone, Copy, Debug)]
    enum Of {
        Exp,
        ExpOfNegative,
        ExpM1,
        Sigmoid,
        Tanh,
        Softplus,
        Gelu,
        GeluDerivative,
        TanhShrink,
        Ln,
        OverRoot,
        Sine,
        Cosine,
    }

    dispatch! {
        unsafe fn apply(of: Of, x: &[f32; 16], y: &mut [f32; 16]) = apply_generic
    }

    #[inline(always)]
    unsafe fn apply_generic<S: Simd>(of: Of, x: &[f32; 16], y: &mut [f32; 16]) {
        for at in (0..16).step_by(S::LANES) {
            // SAFETY: sixteen elements are whole vectors.
            unsafe {
                let x = S::load(x.as_ptr().add(at));
                let value = match of {
                    Of::Exp => exp::<S>(x),
                    Of::ExpOfNegative => exp_of_negative::<S>(x),
                    Of::ExpM1 => exp_m1_of_negative::<S>(x),
                    Of::Sigmoid => sigmoid::<S>(x),
                    Of::Tanh => tanh::<S>(x),
                    Of::Softplus => softplus::<S>(x),
                    Of::Gelu => gelu::<S>(x),
                    Of::GeluDerivative => gelu_derivative::<S>(x),
                    Of::TanhShrink => tanh_shrink::<S>(x),
                    Of::Ln => ln::<S>(x),
                    Of::OverRoot => over_root::<S>(x, S::splat(1e-7)),
                    Of::Sine => sine_and_cosine::<S>(x).0,
                    Of::Cosine => sine_and_cosine::<S>(x).1,
                };
                S::store(y.as_mut_ptr().add(at), value);
            }
        }
    }

    impl Of {
        fn exact(self, x: f64) -> f64 {
            match self {
                Self::Exp | Self::ExpOfNegative => x.exp(),
                Self::ExpM1 => x.exp_m1(),
                Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
                Self::Tanh => x.tanh(),
                Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
                Self::Gelu => x * normal(x),
                Self::GeluDerivative => normal(x) + x * (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt(),
                // The difference of an x below this has lost what the second term is.
                Self::TanhShrink if x.abs() < 1e-3 => x.powi(3) / 3.0 - 2.0 / 15.0 * x.powi(5),
                Self::TanhShrink => x - x.tanh(),
                Self::Ln => x.ln(),
                Self::OverRoot => 1.0 / (x.sqrt() + f64::from(1e-7_f32)),
                Self::Sine => x.sin(),
                Self::Cosine => x.cos(),
            }
        }
    }

    /// The share of a normal distribution below x.
    fn normal(x: f64) -> f64 {
        0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
    }

    /// Distance in units in the last place of the exact result.
    fn units(found: f32, exact: f64) -> f64 {
        let nearest = exact as f32;
        if found == nearest || (found.is_nan() && nearest.is_nan()) {
            return 0.0;
        }
        let exponent = (exact.abs().log2().floor() as i32).clamp(-126, 127);
        (f64::from(found) - exact).abs() / 2.0_f64.powi(exponent - 23)
    }

    /// The largest error over all `f32` that this is true of, in steps of 509.
    fn largest_error(isa: Isa, of: Of, concerns: impl Fn(f32) -> bool) -> (f64, f32) {
        let mut worst = (0.0, 0.0);
        let mut all = (0..=u32::MAX).step_by(509).map(f32::from_bits).filter(|x| concerns(*x));
        loop {
            let mut x = [0.0; 16];
            let mut count = 0;
            for (place, value) in x.iter_mut().zip(&mut all) {
                *place = value;
                count += 1;
            }
            if count == 0 {
                return worst;
            }
            let mut y = [0.0; 16];
            // SAFETY: the instruction set comes from `Isa::available`.
            unsafe { apply(isa, of, &x, &mut y) };
            for (x, y) in x.into_iter().zip(y).take(count) {
                let error = units(y, of.exact(f64::from(x)));
                if error.is_nan() || error > worst.0 {
                    worst = (error, x);
                }
            }
        }
    }

    #[test]
    fn errors_are_as_small_as_it_says() {
        for isa in Isa::available() {
            let check = |of: Of, limit: f64, concerns: fn(f32) -> bool| {
                let (error, at) = largest_error(isa, of, concerns);
                println!("{isa:?} {of:?}: {error:.3} at {at:e}");
                assert!(error <= limit, "{isa:?} {of:?}: {error} units at {at:e}");
            };
            check(Of::Exp, 2.0, |x| x.is_nan() || x > -87.33);
            check(Of::ExpOfNegative, 2.0, |x| x.is_nan() || (-87.33..=0.0).contains(&x));
            check(Of::ExpM1, 2.0, |x| x <= 0.0 || x.is_nan());
            check(Of::Sigmoid, 3.0, |x| x.is_nan() || x > -87.0);
            check(Of::Tanh, 6.0, |_| true);
            check(Of::Softplus, 3.0, |x| x.is_nan() || x > -87.33);
            check(Of::Gelu, 8.0, |x| x.is_nan() || (x >= 0.0 && x.is_normal()));
            check(Of::Gelu, 40.0, |x| (-13.0..0.0).contains(&x) && x.is_normal());
            // It goes through 0 near -0.75.
            check(Of::GeluDerivative, 8.0, |x| x.is_nan() || x >= 0.0);
            check(Of::GeluDerivative, 8.0, |x| (-13.0..-2.0).contains(&x));
            // The cube of what is smaller is no normal number.
            check(Of::TanhShrink, 32.0, |x| x.is_nan() || x.abs() > 1e-12);
            check(Of::Ln, 2.0, |_| true);
            check(Of::OverRoot, 8.0, |x| x.is_nan() || (1e-37..f32::INFINITY).contains(&x));
            let to_an_eighth = |x: f32| x.is_nan() || x.abs() <= std::f32::consts::FRAC_PI_4;
            // A subnormal number is far from the next one.
            check(Of::Sine, 2.0, |x| x.is_nan() || (1e-37..std::f32::consts::FRAC_PI_4).contains(&x.abs()));
            check(Of::Cosine, 2.0, to_an_eighth);
        }
    }

    #[test]
    fn nothing_is_beyond_the_ends() {
        for isa in Isa::available() {
            for at in (0..8).map(|step| 7.0 + 0.25 * step as f32) {
                for first in (at.to_bits()..(at + 0.25).to_bits()).step_by(16) {
                    let x: [f32; 16] = std::array::from_fn(|index| f32::from_bits(first + index as u32));
                    let mut y = [0.0; 16];
                    // SAFETY: the instruction set comes from `Isa::available`.
                    unsafe { apply(isa, Of::Tanh, &x, &mut y) };
                    assert!(y.iter().all(|y| *y <= 1.0), "{isa:?}: tanh of {x:?} is {y:?}");
                }
            }
        }
    }

    #[test]
    fn the_ends_are_right() {
        for isa in Isa::available() {
            let (infinity, nan) = (f32::INFINITY, f32::NAN);
            let check = |of: Of, x: f32, expected: f32| {
                let mut y = [0.0; 16];
                // SAFETY: the instruction set comes from `Isa::available`.
                unsafe { apply(isa, of, &[x; 16], &mut y) };
                assert!(
                    y.iter().all(|y| *y == expected || (y.is_nan() && expected.is_nan())),
                    "{isa:?} {of:?} of {x}: {y:?}"
                );
            };
            for of in [Of::Exp, Of::ExpM1, Of::Sigmoid, Of::Tanh, Of::Softplus, Of::Gelu, Of::GeluDerivative] {
                check(of, nan, nan);
                check(of, 0.0, of.exact(0.0) as f32);
            }
            for (of, left, right) in [
                (Of::Exp, 0.0, infinity),
                (Of::Sigmoid, 0.0, 1.0),
                (Of::Tanh, -1.0, 1.0),
                (Of::Softplus, 0.0, infinity),
            ] {
                check(of, -infinity, left);
                check(of, infinity, right);
                check(of, f32::MIN, left);
            }
            check(Of::ExpM1, -infinity, -1.0);
            check(Of::Gelu, -infinity, nan);
            check(Of::Gelu, f32::MIN, 0.0);
            check(Of::Gelu, infinity, infinity);
            check(Of::GeluDerivative, -infinity, nan);
            check(Of::GeluDerivative, f32::MIN, 0.0);
            check(Of::GeluDerivative, f32::MAX, 1.0);
            check(Of::GeluDerivative, infinity, nan);
            check(Of::ExpOfNegative, nan, nan);
            check(Of::ExpOfNegative, -infinity, 0.0);
            check(Of::ExpOfNegative, -87.34, 0.0);
            check(Of::Exp, 88.73, infinity);
            check(Of::Exp, -87.34, 0.0);
            check(Of::Softplus, f32::MAX, f32::MAX);
            check(Of::TanhShrink, nan, nan);
            check(Of::TanhShrink, infinity, infinity);
            check(Of::OverRoot, 0.0, 1e7);
            check(Of::OverRoot, nan, nan);
            check(Of::Ln, 0.0, -infinity);
            check(Of::Ln, infinity, infinity);
            check(Of::Ln, -infinity, nan);
            check(Of::Ln, -1e-40, nan);
            check(Of::Ln, nan, nan);
        }
    }
}
