//! The step of Adam, by which most networks learn: in small batches it takes a good part of the time.
//!
//! The root and the quotient that it is made of, for which a processor has one slow unit, are [nearly so](math::over_root).

use super::clipped_gradient::ClippedGradient;
use super::step::Step;
use crate::kernels::elementwise::flush::{flush_moment_vector, flush_positive, square_vector};
use crate::kernels::simd::{Isa, MOST_LANES, Simd, dispatch, math};
use crate::tensor::aligned::LINE;

/// Elements that are worked on between requests for what comes later.
const BLOCK: usize = 64;

/// How far ahead that is: a page, at whose end the processor stops to look ahead by itself.
const AHEAD: usize = 1024;

/// The numbers of a step of Adam.
#[derive(Clone, Copy)]
pub(crate) struct Adam<'a> {
    pub step: &'a Step,
    /// What the quotient of the moments is multiplied by.
    pub alpha: f32,
    /// `1 - beta1`, `1 - beta2`.
    pub rest: [f32; 2],
    pub epsilon: f32,
}

/// A step of Adam on all threads that pay.
pub(crate) fn adam(
    adam: Adam<'_>,
    param: &mut [f32],
    gradient: ClippedGradient<'_>,
    momentum: &mut [f32],
    velocity: &mut [f32],
) {
    let isa = Isa::current();
    gradient.for_each_piece([param, momentum, velocity], &|gradient, values| {
        // SAFETY: this machine has the instruction set.
        unsafe { piece(isa, adam, gradient, values) };
    });
}

dispatch! {
    /// A step of weights, their momenta and velocities.
    unsafe fn piece(adam: Adam<'_>, gradient: ClippedGradient<'_>, values: [&mut [f32]; 3]) = piece_generic
}

#[inline(always)]
unsafe fn piece_generic<S: Simd>(adam: Adam<'_>, gradient: ClippedGradient<'_>, values: [&mut [f32]; 3]) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        if gradient.is_as_it_is() {
            vectors_generic::<S, false>(adam, gradient, values);
        } else {
            vectors_generic::<S, true>(adam, gradient, values);
        }
    }
}

/// The same of a gradient that has something to `CLIP`, or nothing.
#[inline(always)]
unsafe fn vectors_generic<S: Simd, const CLIP: bool>(
    adam: Adam<'_>,
    gradient: ClippedGradient<'_>,
    values: [&mut [f32]; 3],
) {
    let (gradient, clip) = gradient.parts();
    let (len, [param, momentum, velocity]) = (gradient.len(), values);
    let lens = [param.len(), momentum.len(), velocity.len()];
    assert!(lens == [len; 3], "a weight has a gradient and its moments");
    let whole = len - len % S::LANES;
    let places = [param, momentum, velocity].map(|values| values.as_mut_ptr());
    for first in (0..whole).step_by(BLOCK) {
        for line in (0..BLOCK).step_by(LINE) {
            for values in places {
                S::prefetch(values.wrapping_add(first + AHEAD + line));
            }
        }
        for at in (first..whole.min(first + BLOCK)).step_by(S::LANES) {
            // SAFETY: the caller has the instruction set; a whole vector of all four begins here.
            unsafe {
                let [param, momentum, velocity] = places;
                let g = clip.of_vector::<S, CLIP>(S::load(gradient.as_ptr().add(at)));
                vector_generic::<S>(adam, g, [param.add(at), momentum.add(at), velocity.add(at)]);
            }
        }
    }
    let rest = len - whole;
    if rest > 0 {
        // SAFETY: so many are left of all, and are copied to where whole vectors are.
        unsafe {
            let mut last = [[0.0; MOST_LANES]; 4];
            let [g, others @ ..] = &mut last;
            let from = gradient.as_ptr().add(whole);
            g.as_mut_ptr().copy_from_nonoverlapping(from, rest);
            for (last, values) in others.iter_mut().zip(places) {
                last.as_mut_ptr().copy_from_nonoverlapping(values.add(whole), rest);
            }
            let g = clip.of_vector::<S, CLIP>(S::load(g.as_ptr()));
            vector_generic::<S>(adam, g, others.each_mut().map(|last| last.as_mut_ptr()));
            for (last, values) in others.iter().zip(places) {
                values.add(whole).copy_from_nonoverlapping(last.as_ptr(), rest);
            }
        }
    }
}

/// A step of a vector of weights with their moments, which begin there.
#[inline(always)]
unsafe fn vector_generic<S: Simd>(adam: Adam<'_>, g: S::Vector, [param, momentum, velocity]: [*mut f32; 3]) {
    let Adam { step, alpha, rest, epsilon } = adam;
    // SAFETY: the caller has the instruction set, and a vector of each.
    unsafe {
        let (m, v) = (S::load(momentum), S::load(velocity));
        let m = flush_moment_vector::<S>(S::mul_add(S::sub(g, m), S::splat(rest[0]), m));
        let v = flush_positive::<S>(S::mul_add(S::sub(square_vector::<S>(g), v), S::splat(rest[1]), v));
        S::store(momentum, m);
        S::store(velocity, v);
        let w = step.decay_vector::<S>(S::load(param));
        S::store(param, S::mul_add(S::mul(m, S::splat(-alpha)), math::over_root::<S>(v, S::splat(epsilon)), w));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::elementwise::flush::{flush_moment, square};

    #[test]
    fn a_step_is_right_on_every_instruction_set() {
        let step = Step { number: 2, learning_rate: 0.01, weight_decay: 0.1 };
        let adam = Adam { step: &step, alpha: 0.02, rest: [0.1, 0.001], epsilon: 1e-7 };
        let numbers = |salt: usize, len: usize| -> Vec<f32> {
            (0..len).map(|i| ((i * 7919 + salt * 104_729) % 1009) as f32 / 1009.0 + 0.1).collect()
        };
        for len in [0, 1, 7, 64, 77, 200] {
            let start = [0, 1, 2].map(|of| numbers(of, len));
            let mut gradient: Vec<f32> = numbers(9, len).iter().map(|g| g - 0.5).collect();
            // Numbers that are all but nothing, and those that are none.
            for (place, odd) in gradient.iter_mut().zip([0.0, 1e-38, -2e-31, 3e-17, f32::NAN]) {
                *place = odd;
            }
            for isa in Isa::available() {
                let mut found = start.clone();
                // SAFETY: the instruction set comes from `Isa::available`.
                unsafe { piece(isa, adam, gradient[..].into(), found.each_mut().map(|values| &mut values[..])) };
                for (index, g) in ClippedGradient::from(&gradient[..]).iter().enumerate() {
                    let [w, m, v] = [0, 1, 2].map(|of| start[of][index]);
                    let m = flush_moment(m + (g - m) * 0.1);
                    let v = flush_moment(v + (square(g) - v) * 0.001);
                    let expected = step.decay(w) - m * 0.02 / (v.sqrt() + 1e-7);
                    for (of, expected) in [expected, m, v].into_iter().enumerate() {
                        let found = found[of][index];
                        let right =
                            (found - expected).abs() < 2e-7 || found == expected || found.is_nan() && expected.is_nan();
                        assert!(right, "{isa:?}, {index} of {len}: {found} for {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn moments_that_are_all_but_nothing_end() {
        let step = Step { number: 2, learning_rate: 0.01, weight_decay: 0.0 };
        let adam = Adam { step: &step, alpha: 0.02, rest: [0.1, 0.001], epsilon: 1e-7 };
        for isa in Isa::available() {
            let (mut w, mut m, mut v) = ([1.0; 77], [-1e-38; 77], [1e-38; 77]);
            // SAFETY: as above.
            unsafe { piece(isa, adam, [0.0; 77][..].into(), [&mut w, &mut m, &mut v]) };
            assert_eq!((w, m, v), ([1.0; 77], [0.0; 77], [0.0; 77]), "{isa:?}");
        }
    }
}
