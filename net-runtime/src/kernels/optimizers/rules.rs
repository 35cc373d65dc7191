//! Steps that every weight takes alone, each a rule for one weight.
//!
//! As in [`loops`](super::loops), the compiler's vectoriser makes the loops, for every instruction set the same bits.

use std::ops::Range;

use super::clipped_gradient::ClippedGradient;
use super::step::Step;
use crate::kernels::elementwise::flush::{flush_moment, square};
use crate::kernels::reduce::reductions::sum_of_squares;
use crate::kernels::simd::{Isa, Simd, dispatch};
use crate::parallel;

/// What a step makes of a weight and the moments that belong to it.
pub(crate) trait Rule<const N: usize>: Copy + Sync {
    /// The weight and its moments after the step, from the gradient and those before: the weight after decay.
    fn apply(self, gradient: f32, before: [f32; N]) -> [f32; N];
}

/// A step by a rule of one parameter and its moments, in one pass on all threads that pay.
pub(crate) fn apply<R: Rule<N>, const N: usize>(
    rule: R,
    step: &Step,
    gradient: ClippedGradient<'_>,
    values: [&mut [f32]; N],
) {
    let isa = Isa::current();
    gradient.for_each_piece(values, &|gradient, values| {
        // SAFETY: the loop is safe; this machine has the instruction set.
        unsafe { piece(isa, rule, step, gradient, values) };
    });
}

dispatch! {
    unsafe fn piece[R: Rule<N>, const N: usize][R, N](
        rule: R,
        step: &Step,
        gradient: ClippedGradient<'_>,
        values: [&mut [f32]; N],
    ) = piece_generic
}

#[inline(always)]
unsafe fn piece_generic<S: Simd, R: Rule<N>, const N: usize>(
    rule: R,
    step: &Step,
    gradient: ClippedGradient<'_>,
    values: [&mut [f32]; N],
) {
    let len = gradient.len();
    // Said once, so that the loop checks nothing.
    assert!(values.iter().all(|values| values.len() == len), "a weight has a gradient and its moments");
    for (index, gradient) in gradient.iter().enumerate() {
        let mut before: [f32; N] = std::array::from_fn(|of| values[of][index]);
        before[0] = step.decay(before[0]);
        for (of, after) in rule.apply(gradient, before).into_iter().enumerate() {
            values[of][index] = if of == 0 { after } else { flush_moment(after) };
        }
    }
}

/// `v + (g² - v)·rest` and the like.
#[inline(always)]
fn towards(average: f32, value: f32, rest: f32) -> f32 {
    average + (value - average) * rest
}

/// The larger one, of numbers.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a < b { b } else { a }
}

/// Adam with the largest velocity so far: weight, momentum, velocity, its largest.
#[derive(Clone, Copy)]
pub(crate) struct AmsGrad {
    /// What the quotient of the moments is multiplied by.
    pub alpha: f32,
    /// `1 - beta1`, `1 - beta2`.
    pub rest: [f32; 2],
    pub epsilon: f32,
}

impl Rule<4> for AmsGrad {
    #[inline(always)]
    fn apply(self, g: f32, [w, m, v, largest]: [f32; 4]) -> [f32; 4] {
        let (m, v) = (towards(m, g, self.rest[0]), towards(v, square(g), self.rest[1]));
        let largest = larger(largest, v);
        [w - m * self.alpha / (largest.sqrt() + self.epsilon), m, v, largest]
    }
}

/// Weight, sum of squares.
#[derive(Clone, Copy)]
pub(crate) struct Adagrad {
    pub rate: f32,
    pub epsilon: f32,
}

impl Rule<2> for Adagrad {
    #[inline(always)]
    fn apply(self, g: f32, [w, sum]: [f32; 2]) -> [f32; 2] {
        let sum = sum + square(g);
        [w - self.rate * g / (sum + self.epsilon).sqrt(), sum]
    }
}

/// Weight, average squared gradient, average squared change.
#[derive(Clone, Copy)]
pub(crate) struct Adadelta {
    pub rate: f32,
    /// `rho`, `1 - rho`.
    pub rho: [f32; 2],
    pub epsilon: f32,
}

impl Rule<3> for Adadelta {
    #[inline(always)]
    fn apply(self, g: f32, [w, of_gradient, of_change]: [f32; 3]) -> [f32; 3] {
        let [rho, rest] = self.rho;
        let of_gradient = rho * of_gradient + rest * square(g);
        let change = -((of_change + self.epsilon).sqrt() * g / (of_gradient + self.epsilon).sqrt());
        [w + self.rate * change, of_gradient, rho * of_change + rest * square(change)]
    }
}

/// Weight, momentum, norm.
#[derive(Clone, Copy)]
pub(crate) struct Adamax {
    pub rate: f32,
    /// `1 - beta1`.
    pub rest: f32,
    pub beta2: f32,
    /// `1 - beta1ᵗ`.
    pub correction: f32,
    pub epsilon: f32,
}

impl Rule<3> for Adamax {
    #[inline(always)]
    fn apply(self, g: f32, [w, m, u]: [f32; 3]) -> [f32; 3] {
        let (m, u) = (towards(m, g, self.rest), larger(self.beta2 * u, g.abs()));
        [w - self.rate * m / (self.correction * (u + self.epsilon)), m, u]
    }
}

/// Weight, momentum, velocity.
#[derive(Clone, Copy)]
pub(crate) struct Nadam {
    pub rate: f32,
    /// `1 - beta1`, `1 - beta2`.
    pub rest: [f32; 2],
    /// What the new momentum and the gradient are multiplied by.
    pub shares: [f32; 2],
    /// `1 - beta2ᵗ`.
    pub correction: f32,
    pub epsilon: f32,
}

impl Rule<3> for Nadam {
    #[inline(always)]
    fn apply(self, g: f32, [w, m, v]: [f32; 3]) -> [f32; 3] {
        let (m, v) = (towards(m, g, self.rest[0]), towards(v, square(g), self.rest[1]));
        let direction = self.shares[0] * m + self.shares[1] * g;
        [w - direction * self.rate / ((v / self.correction).sqrt() + self.epsilon), m, v]
    }
}

/// Weight, momentum.
#[derive(Clone, Copy)]
pub(crate) struct Lion {
    pub rate: f32,
    /// `beta1`, `1 - beta1`.
    pub beta1: [f32; 2],
    /// `beta2`, `1 - beta2`.
    pub beta2: [f32; 2],
}

impl Rule<2> for Lion {
    #[inline(always)]
    fn apply(self, g: f32, [w, m]: [f32; 2]) -> [f32; 2] {
        let direction = m * self.beta1[0] + g * self.beta1[1];
        let sign = if direction == 0.0 { 0.0 } else { 1.0_f32.copysign(direction) };
        [w - self.rate * sign, m * self.beta2[0] + g * self.beta2[1]]
    }
}

/// Weight, sum of squares, linear term.
#[derive(Clone, Copy)]
pub(crate) struct Ftrl {
    pub rate: f32,
    pub l1: f32,
    /// With the share of `beta`.
    pub l2: f32,
    pub shrinkage: f32,
}

impl Rule<3> for Ftrl {
    #[inline(always)]
    fn apply(self, g: f32, [w, sum, linear]: [f32; 3]) -> [f32; 3] {
        let Self { rate, l1, l2, shrinkage } = self;
        let new_sum = sum + square(g);
        let sigma = (new_sum.sqrt() - sum.sqrt()) / rate;
        let linear = linear + (g + 2.0 * shrinkage * w - sigma * w);
        let clipped = if linear > l1 {
            l1
        } else if linear < -l1 {
            -l1
        } else {
            linear
        };
        [(clipped - linear) / (new_sum.sqrt() / rate + 2.0 * l2), new_sum, linear]
    }
}

/// Weight, place of the steps, velocity.
#[derive(Clone, Copy)]
pub(crate) struct ScheduleFree {
    pub rate: f32,
    /// `beta1`, `1 - beta1`.
    pub beta1: [f32; 2],
    /// `1 - beta2`.
    pub rest: f32,
    /// `1 - beta2ᵗ`.
    pub correction: f32,
    pub epsilon: f32,
    /// That of the new place in the average of all.
    pub share: f32,
}

impl Rule<3> for ScheduleFree {
    #[inline(always)]
    fn apply(self, g: f32, [w, place, v]: [f32; 3]) -> [f32; 3] {
        let [beta1, rest] = self.beta1;
        let v = towards(v, square(g), self.rest);
        let average = (w - rest * place) / beta1;
        let place = place - self.rate * g / ((v / self.correction).sqrt() + self.epsilon);
        let average = (1.0 - self.share) * average + self.share * place;
        [rest * place + beta1 * average, place, v]
    }
}

/// The moments of Adam, and the decay of the weight: weight, momentum, velocity.
#[derive(Clone, Copy)]
pub(crate) struct LambMoments {
    /// `1 - beta1`, `1 - beta2`.
    pub rest: [f32; 2],
}

impl Rule<3> for LambMoments {
    #[inline(always)]
    fn apply(self, g: f32, [w, m, v]: [f32; 3]) -> [f32; 3] {
        [w, towards(m, g, self.rest[0]), towards(v, square(g), self.rest[1])]
    }
}

/// What Lamb makes of the moments of a weight.
#[derive(Clone, Copy)]
pub(crate) struct LambUpdate {
    /// `1 - beta1ᵗ`, `1 - beta2ᵗ`.
    pub corrections: [f32; 2],
    pub epsilon: f32,
}

impl LambUpdate {
    #[inline(always)]
    pub fn of(self, m: f32, v: f32) -> f32 {
        (m / self.corrections[0]) / ((v / self.corrections[1]).sqrt() + self.epsilon)
    }
}

/// Takes so much of Lamb's update off each weight that the step is `rate` times as long as the parameter.
pub(crate) fn lamb(update: LambUpdate, rate: f32, param: &mut [f32], momentum: &[f32], velocity: &[f32]) {
    let squares = |piece: Range<usize>| {
        let moments = momentum[piece.clone()].iter().zip(&velocity[piece.clone()]);
        [sum_of_squares(param[piece].iter().copied()), sum_of_squares(moments.map(|(&m, &v)| update.of(m, v)))]
    };
    let [of_weights, of_update] = parallel::reduce(
        parallel::elements_pay(param.len()),
        0..param.len(),
        parallel::ELEMENTS,
        &squares,
        &|[a, b], [c, d]| [a + c, b + d],
    );
    let ratio = if of_weights > 0.0 && of_update > 0.0 { (of_weights / of_update).sqrt() } else { 1.0 };
    let share = (ratio * f64::from(rate)) as f32;
    parallel::for_each_piece([param], &|first, [param]| {
        let moments = momentum[first..].iter().zip(&velocity[first..]);
        for (w, (&m, &v)) in param.iter_mut().zip(moments) {
            *w -= share * update.of(m, v);
        }
    });
}

/// `momentum = share·momentum + g`.
pub(crate) fn accumulate(share: f32, gradient: ClippedGradient<'_>, momentum: &mut [f32]) {
    gradient.for_each_piece([momentum], &|gradient, [momentum]| {
        for (m, g) in momentum.iter_mut().zip(gradient.iter()) {
            *m = flush_moment(share * *m + g);
        }
    });
}

/// Takes `size` times the learning rate of an update off each weight.
pub(crate) fn subtract(step: &Step, size: f32, update: &[f32], param: &mut [f32]) {
    parallel::for_each_piece([param], &|first, [param]| {
        for (w, &update) in param.iter_mut().zip(&update[first..]) {
            *w = step.decay(*w) - step.learning_rate * update * size;
        }
    });
}

/// Moves averages of weights towards the weights: `average = momentum·average + (1 - momentum)·w`.
pub(crate) fn average(momentum: f32, param: &[f32], average: &mut [f32]) {
    parallel::for_each_piece([average], &|first, [average]| {
        for (average, &w) in average.iter_mut().zip(&param[first..]) {
            *average = momentum * *average + (1.0 - momentum) * w;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rule on every instruction set: the same bits everywhere, those of the rule itself, for pieces of every length.
    fn check<R: Rule<N>, const N: usize>(rule: R) {
        let step = Step { number: 2, learning_rate: 0.01, weight_decay: 0.1 };
        let numbers = |salt: usize, len: usize| -> Vec<f32> {
            (0..len).map(|i| ((i * 7919 + salt * 104_729) % 1009) as f32 / 1009.0 + 0.1).collect()
        };
        for len in [0, 1, 7, 64, 77] {
            let start: [Vec<f32>; N] = std::array::from_fn(|of| numbers(of, len));
            let gradient: Vec<f32> = numbers(9, len).iter().map(|g| g - 0.5).collect();
            for isa in Isa::available() {
                let mut found = start.clone();
                // SAFETY: the instruction set comes from `Isa::available`.
                unsafe { piece(isa, rule, &step, gradient[..].into(), found.each_mut().map(|values| &mut values[..])) };
                for index in 0..len {
                    let mut before: [f32; N] = std::array::from_fn(|of| start[of][index]);
                    before[0] = step.decay(before[0]);
                    let expected = rule.apply(gradient[index], before);
                    assert_eq!(std::array::from_fn(|of| found[of][index]), expected, "{isa:?}, {index} of {len}");
                }
            }
        }
    }

    #[test]
    fn rules_are_the_same_on_every_instruction_set() {
        check(AmsGrad { alpha: 0.02, rest: [0.1, 0.001], epsilon: 1e-7 });
        check(Adagrad { rate: 0.01, epsilon: 1e-7 });
        check(Adadelta { rate: 0.01, rho: [0.95, 0.05], epsilon: 1e-7 });
        check(Adamax { rate: 0.01, rest: 0.1, beta2: 0.999, correction: 0.2, epsilon: 1e-7 });
        check(Nadam { rate: 0.01, rest: [0.1, 0.001], shares: [0.7, 0.4], correction: 0.002, epsilon: 1e-7 });
        check(Lion { rate: 0.01, beta1: [0.9, 0.1], beta2: [0.99, 0.01] });
        check(Ftrl { rate: 0.01, l1: 0.1, l2: 0.2, shrinkage: 0.3 });
        check(ScheduleFree {
            rate: 0.01,
            beta1: [0.9, 0.1],
            rest: 0.001,
            correction: 0.002,
            epsilon: 1e-8,
            share: 0.5,
        });
        check(LambMoments { rest: [0.1, 0.001] });
    }
}
