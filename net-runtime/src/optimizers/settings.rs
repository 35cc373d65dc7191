//! What all optimizers have in common.

use super::clipping::Clipping;
use super::schedule::Schedule;
use crate::error::Error;

/// Learning rate, weight decay and clipping.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The learning rate of every step.
    pub learning_rate: Schedule,
    /// What share of a weight a learning rate of 1 would take off it in a step; 0 is none.
    pub weight_decay: f32,
    /// The limit of every element of a gradient.
    pub clip_value: Option<f32>,
    /// The limit of the Euclidean norm of each parameter's gradient.
    pub clip_norm: Option<f32>,
    /// The limit of the Euclidean norm of all gradients together.
    pub clip_global_norm: Option<f32>,
}

impl Settings {
    /// A learning rate, without decay and clipping.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self {
            learning_rate: learning_rate.into(),
            weight_decay: 0.0,
            clip_value: None,
            clip_norm: None,
            clip_global_norm: None,
        }
    }

    /// Looks whether they make sense.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if a learning rate or the decay is negative or not finite, a limit is not above zero, or more
    /// than one kind of clipping is asked for.
    pub fn validate(&self) -> Result<(), Error> {
        self.learning_rate.validate()?;
        require("`weight_decay`", self.weight_decay, self.weight_decay >= 0.0, "at least 0")?;
        for (name, limit) in [
            ("`clip_value`", self.clip_value),
            ("`clip_norm`", self.clip_norm),
            ("`clip_global_norm`", self.clip_global_norm),
        ] {
            if let Some(limit) = limit {
                require(name, limit, limit > 0.0, "above 0")?;
            }
        }
        self.clipping().map(drop)
    }

    /// The one kind of clipping that is asked for.
    pub(super) fn clipping(&self) -> Result<Clipping, Error> {
        match (self.clip_value, self.clip_norm, self.clip_global_norm) {
            (None, None, None) => Ok(Clipping::None),
            (Some(limit), None, None) => Ok(Clipping::Value(limit)),
            (None, Some(norm), None) => Ok(Clipping::Norm(norm)),
            (None, None, Some(norm)) => Ok(Clipping::GlobalNorm(norm)),
            _ => Err(Error::Invalid(
                "only one of `clip_value`, `clip_norm` and `clip_global_norm` can be used, as in Keras".into(),
            )),
        }
    }
}

/// An error unless a setting is finite and in its range.
pub(super) fn require(setting: &str, value: f32, in_range: bool, range: &str) -> Result<(), Error> {
    if in_range && value.is_finite() {
        return Ok(());
    }
    Err(Error::Invalid(format!("{setting} should be {range}, but is {value}")))
}

/// One step of training, as an optimizer's update sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Its number, from 1.
    pub number: u64,
    /// The learning rate that the schedule has for it.
    pub learning_rate: f32,
    /// The decay of [`Settings::weight_decay`].
    pub weight_decay: f32,
}

impl Step {
    /// A weight after decay: `w - w·decay·rate`.
    #[inline(always)]
    pub fn decay(&self, weight: f32) -> f32 {
        weight - weight * self.weight_decay * self.learning_rate
    }
}
