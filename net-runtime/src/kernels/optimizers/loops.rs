//! Loops of optimizers: one pass over a parameter, its gradient and its moments.
//!
//! They are plain loops over one element after the other, compiled for every instruction set and left to the compiler's
//! vectoriser: there is no sum whose order could differ, and no product is fused with a sum, so that the results are the
//! same to the bit on all of them.

#![expect(clippy::extra_unused_type_parameters, reason = "the loops are the same for every vector, their code is not")]

use super::clipped_gradient::ClippedGradient;
use super::step::Step;
use crate::kernels::elementwise::flush::{flush_moment, square};
use crate::kernels::simd::{Isa, dispatch};

/// The numbers of a step of gradient descent.
#[derive(Clone, Copy)]
pub(crate) struct Sgd<'a> {
    pub step: &'a Step,
    pub momentum: f32,
    pub nesterov: bool,
}

/// A step of gradient descent; without momentum its moment is empty.
pub(crate) fn sgd(sgd: Sgd<'_>, param: &mut [f32], gradient: ClippedGradient<'_>, moment: &mut [f32]) {
    let isa = Isa::current();
    let piece = |gradient: ClippedGradient<'_>, param: &mut [f32], moment: &mut [f32]| {
        // SAFETY: the loops are safe; this machine has the instruction set.
        unsafe { sgd_piece(isa, sgd, param, gradient, moment) };
    };
    if moment.is_empty() {
        gradient.for_each_piece([param], &|gradient, [param]| piece(gradient, param, &mut []));
    } else {
        gradient.for_each_piece([param, moment], &|gradient, [param, moment]| piece(gradient, param, moment));
    }
}

dispatch! {
    unsafe fn sgd_piece(
        sgd: Sgd<'_>,
        param: &mut [f32],
        gradient: ClippedGradient<'_>,
        moment: &mut [f32],
    ) = sgd_generic
}

#[inline(always)]
unsafe fn sgd_generic<S>(sgd: Sgd<'_>, param: &mut [f32], gradient: ClippedGradient<'_>, moment: &mut [f32]) {
    let Sgd { step, momentum, nesterov } = sgd;
    let rate = step.learning_rate;
    let weights = param.iter_mut().zip(gradient.iter());
    if moment.is_empty() {
        for (w, g) in weights {
            *w = step.decay(*w) - g * rate;
        }
    } else if nesterov {
        for ((w, g), m) in weights.zip(moment) {
            *m = flush_moment(*m * momentum - g * rate);
            *w = step.decay(*w) + (*m * momentum - g * rate);
        }
    } else {
        for ((w, g), m) in weights.zip(moment) {
            *m = flush_moment(*m * momentum - g * rate);
            *w = step.decay(*w) + *m;
        }
    }
}

/// The numbers of a step of RMSprop.
#[derive(Clone, Copy)]
pub(crate) struct RmsProp<'a> {
    pub step: &'a Step,
    /// `rho`, `1 - rho`.
    pub rho: [f32; 2],
    pub momentum: f32,
    pub epsilon: f32,
}

/// A step of RMSprop; where it is not centered the average is empty, without momentum the momentum.
pub(crate) fn rms_prop(
    rms_prop: RmsProp<'_>,
    param: &mut [f32],
    gradient: ClippedGradient<'_>,
    velocity: &mut [f32],
    average: &mut [f32],
    momentum: &mut [f32],
) {
    let isa = Isa::current();
    let piece = |gradient: ClippedGradient<'_>, param: &mut [f32], v: &mut [f32], a: &mut [f32], m: &mut [f32]| {
        // SAFETY: the loops are safe; this machine has the instruction set.
        unsafe { rms_prop_piece(isa, rms_prop, param, gradient, v, a, m) };
    };
    match (average.is_empty(), momentum.is_empty()) {
        (true, true) => {
            gradient.for_each_piece([param, velocity], &|gradient, [w, v]| piece(gradient, w, v, &mut [], &mut []));
        }
        (true, false) => {
            let slices = [param, velocity, momentum];
            gradient.for_each_piece(slices, &|gradient, [w, v, m]| piece(gradient, w, v, &mut [], m));
        }
        (false, true) => {
            let slices = [param, velocity, average];
            gradient.for_each_piece(slices, &|gradient, [w, v, a]| piece(gradient, w, v, a, &mut []));
        }
        (false, false) => {
            let slices = [param, velocity, average, momentum];
            gradient.for_each_piece(slices, &|gradient, [w, v, a, m]| piece(gradient, w, v, a, m));
        }
    }
}

dispatch! {
    unsafe fn rms_prop_piece(
        rms_prop: RmsProp<'_>,
        param: &mut [f32],
        gradient: ClippedGradient<'_>,
        velocity: &mut [f32],
        average: &mut [f32],
        momentum: &mut [f32],
    ) = rms_prop_generic
}

#[inline(always)]
unsafe fn rms_prop_generic<S>(
    rms_prop: RmsProp<'_>,
    param: &mut [f32],
    gradient: ClippedGradient<'_>,
    velocity: &mut [f32],
    average: &mut [f32],
    momentum: &mut [f32],
) {
    let RmsProp { step, rho: [rho, rest], momentum: share, epsilon } = rms_prop;
    let rate = step.learning_rate;
    let moving = |average: f32, value: f32| flush_moment(rho * average + rest * value);
    let plain = |g: f32, v: &mut f32| {
        *v = moving(*v, square(g));
        rate * g / (*v + epsilon).sqrt()
    };
    let centered = |g: f32, v: &mut f32, a: &mut f32| {
        *v = moving(*v, square(g));
        *a = moving(*a, g);
        // A variance; where rounding makes it less than nothing, its root would be a NaN.
        rate * g / ((*v - *a * *a).max(0.0) + epsilon).sqrt()
    };
    let keep = |m: &mut f32, change: f32| {
        *m = flush_moment(share * *m + change);
        *m
    };
    let weights = param.iter_mut().zip(gradient.iter()).zip(velocity);
    match (average.is_empty(), momentum.is_empty()) {
        (true, true) => {
            for ((w, g), v) in weights {
                *w = step.decay(*w) - plain(g, v);
            }
        }
        (true, false) => {
            for (((w, g), v), m) in weights.zip(momentum) {
                *w = step.decay(*w) - keep(m, plain(g, v));
            }
        }
        (false, true) => {
            for (((w, g), v), a) in weights.zip(average) {
                *w = step.decay(*w) - centered(g, v, a);
            }
        }
        (false, false) => {
            for ((((w, g), v), a), m) in weights.zip(average).zip(momentum) {
                *w = step.decay(*w) - keep(m, centered(g, v, a));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Step = Step { number: 2, learning_rate: 0.01, weight_decay: 0.1 };

    fn numbers(salt: usize) -> Vec<f32> {
        (0..77).map(|i| ((i * 7919 + salt * 104_729) % 1009) as f32 / 1009.0 + 0.1).collect()
    }

    /// Runs a step on every instruction set on [weights, three moments], which must come to the same bits, those that
    /// `expected` says to within rounding; then on moments that are all but subnormal, with gradients of 0.
    fn check(
        run: impl Fn(Isa, &[f32], &mut [Vec<f32>; 4]),
        expected: impl Fn(f64, [f64; 4]) -> [f64; 4],
        moments: std::ops::Range<usize>,
    ) {
        let (start, gradient) = ([0, 1, 2, 3].map(numbers), numbers(4));
        let mut first: Option<[Vec<f32>; 4]> = None;
        for isa in Isa::available() {
            let mut found = start.clone();
            run(isa, &gradient, &mut found);
            for i in 0..77 {
                let before = [0, 1, 2, 3].map(|value| f64::from(start[value][i]));
                let expected = expected(f64::from(gradient[i]), before);
                for (found, expected) in found.iter().map(|values| f64::from(values[i])).zip(expected) {
                    assert!((found - expected).abs() < 1e-6, "{isa:?}: {found} for {expected}");
                }
            }
            match &first {
                None => first = Some(found),
                Some(first) => assert_eq!(*first, found, "{isa:?}"),
            }
            let mut tiny = start.clone();
            tiny[moments.clone()].iter_mut().for_each(|moment| moment.fill(1e-38));
            run(isa, &[0.0; 77], &mut tiny);
            assert!(tiny[moments.clone()].iter().flatten().all(|moment| *moment == 0.0), "{isa:?}");
        }
    }

    fn decayed(w: f64) -> f64 {
        w - w * 0.1 * 0.01
    }

    #[test]
    fn gradient_descent_is_right_on_every_instruction_set() {
        for (momentum, nesterov) in [(0.0, false), (0.9, false), (0.9, true)] {
            let sgd = Sgd { step: &STEP, momentum, nesterov };
            check(
                |isa, g, [w, m, ..]| {
                    let m = if momentum == 0.0 { &mut [][..] } else { m };
                    // SAFETY: the instruction set comes from `Isa::available`, here and below.
                    unsafe { sgd_piece(isa, sgd, w, g.into(), m) }
                },
                |g, [w, m, more, other]| {
                    if momentum == 0.0 {
                        return [decayed(w) - g * 0.01, m, more, other];
                    }
                    let m = m * 0.9 - g * 0.01;
                    [decayed(w) + if nesterov { m * 0.9 - g * 0.01 } else { m }, m, more, other]
                },
                if momentum == 0.0 { 1..1 } else { 1..2 },
            );
        }
    }

    #[test]
    fn rms_prop_is_right_on_every_instruction_set() {
        for (centered, momentum) in [(false, 0.0), (false, 0.5), (true, 0.0), (true, 0.5)] {
            let rms_prop = RmsProp { step: &STEP, rho: [0.9, 0.1], momentum, epsilon: 2.0 };
            check(
                |isa, g, [w, v, a, m]| {
                    let a = if centered { a } else { &mut [][..] };
                    let m = if momentum == 0.0 { &mut [][..] } else { m };
                    // SAFETY: see above.
                    unsafe { rms_prop_piece(isa, rms_prop, w, g.into(), v, a, m) }
                },
                |g, [w, v, mut a, mut m]| {
                    let v = 0.9 * v + 0.1 * g * g;
                    let mut variance = v;
                    if centered {
                        a = 0.9 * a + 0.1 * g;
                        variance = (v - a * a).max(0.0);
                    }
                    let mut change = 0.01 * g / (variance + 2.0).sqrt();
                    if momentum != 0.0 {
                        m = 0.5 * m + change;
                        change = m;
                    }
                    [decayed(w) - change, v, a, m]
                },
                1..if centered { 3 } else { 2 },
            );
        }
    }
}
