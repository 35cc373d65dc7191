//! What all optimizers are told of a step.

use crate::kernels::simd::Simd;

/// One step of training, as an optimizer's update sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Its number, from 1.
    pub number: u64,
    /// The learning rate that the schedule has for it.
    pub learning_rate: f32,
    /// The decay of [`Settings::weight_decay`](crate::optimizers::Settings::weight_decay).
    pub weight_decay: f32,
}

impl Step {
    /// `betaᵗ`, with t the number of the step. Keras raises the `f32` value to the power, in `f32`: in the first steps one can see it
    /// in the fifth digit of `1 - betaᵗ`.
    pub(crate) fn power(&self, beta: f64) -> f32 {
        f64::from(beta as f32).powf(self.number as f64) as f32
    }

    /// A weight after decay: `w - w·decay·rate`.
    #[inline(always)]
    pub fn decay(&self, weight: f32) -> f32 {
        weight - weight * self.weight_decay * self.learning_rate
    }

    /// The same of a vector of weights.
    #[inline(always)]
    pub(super) unsafe fn decay_vector<S: Simd>(&self, weights: S::Vector) -> S::Vector {
        // SAFETY: the caller has the instruction set.
        unsafe { S::mul_add(weights, S::splat(-self.weight_decay * self.learning_rate), weights) }
    }
}
