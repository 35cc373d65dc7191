//! What all optimizers have in common.

use super::clipping::Clipping;
use super::require::require;
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

/// The largest number whose square is one, just below 2⁶⁴.
pub(super) const LARGEST_SQUARED: f32 = f32::from_bits(((127 + 64) << 23) - 1);
