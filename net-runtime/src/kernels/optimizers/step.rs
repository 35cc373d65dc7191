//! What all optimizers are told of a step.

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
    /// A weight after decay: `w - w·decay·rate`.
    #[inline(always)]
    pub fn decay(&self, weight: f32) -> f32 {
        weight - weight * self.weight_decay * self.learning_rate
    }
}
