//! What all optimizers have in common.

use super::clipping::Clipping;
use super::require::require;
use super::schedule::Schedule;
use crate::error::Error;
use crate::tensor::pattern;

/// Averages of weights over the steps; see [`Optimizer::average_weights`](crate::optimizers::Optimizer::average_weights).
#[derive(Clone, Debug, PartialEq)]
pub struct Averaging {
    /// The share of an average that a step keeps.
    pub momentum: f32,
    /// After how many steps, again and again, the averages replace the weights.
    pub overwrite_every: Option<u64>,
}

/// With Keras's momentum, 0.99, and the weights replaced at the end alone.
impl Default for Averaging {
    fn default() -> Self {
        Self { momentum: 0.99, overwrite_every: None }
    }
}

/// Learning rate, weight decay, averages and clipping.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The learning rate of every step.
    pub learning_rate: Schedule,
    /// What share of a weight a learning rate of 1 would take off it in a step; 0 is none.
    pub weight_decay: f32,
    /// Texts in the names of parameters that do not decay. A memory of a network has what was said before it.
    pub without_decay: Vec<String>,
    /// What the learning rate is multiplied by for the parameters that a pattern means; the last one that means it counts. A memory of
    /// a network has what was said before it.
    pub rates: Vec<(String, f32)>,
    /// Averages of weights, if there are any. A memory of a network has those that were asked for before it.
    pub averaging: Option<Averaging>,
    /// The limit of every element of a gradient.
    pub clip_value: Option<f32>,
    /// The limit of the Euclidean norm of each parameter's gradient.
    pub clip_norm: Option<f32>,
    /// The limit of the Euclidean norm of all gradients together.
    pub clip_global_norm: Option<f32>,
}

impl Settings {
    /// A learning rate, without decay, averages and clipping.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self {
            learning_rate: learning_rate.into(),
            weight_decay: 0.0,
            without_decay: Vec::new(),
            rates: Vec::new(),
            averaging: None,
            clip_value: None,
            clip_norm: None,
            clip_global_norm: None,
        }
    }

    /// What the learning rate of the parameter of this name is multiplied by.
    pub(super) fn rate_of(&self, name: &str) -> f32 {
        let said = self.rates.iter().rfind(|(pattern, _)| pattern::matches(pattern, name));
        said.map_or(1.0, |(_, factor)| *factor)
    }

    /// Whether the parameter of this name decays.
    pub(super) fn decays(&self, name: &str) -> bool {
        !self.without_decay.iter().any(|text| is_left_out(text, name))
    }

    /// What is wrong if something is said of parameters that are not among these.
    pub(super) fn unknown(&self, names: &[&str]) -> Option<String> {
        let none = |is: &dyn Fn(&str) -> bool| !names.iter().any(|name| is(name));
        if let Some(text) = self.without_decay.iter().find(|text| none(&|name| is_left_out(text, name))) {
            return Some(format!("`exclude_from_weight_decay` has `{text}`, but no parameter has that in its name"));
        }
        let (pattern, _) = self.rates.iter().find(|(pattern, _)| none(&|name| pattern::matches(pattern, name)))?;
        Some(pattern::unknown("rate", pattern, &mut names.iter().copied()))
    }

    /// The largest learning rate that a parameter has where the schedule says `rate`.
    pub(super) fn largest_rate(&self, rate: f32) -> f32 {
        self.rates.iter().map(|(_, factor)| rate * factor).fold(rate, f32::max)
    }

    /// Looks whether they make sense.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if a learning rate or the decay is negative or not finite, a limit is not above zero, the
    /// momentum of averages is no share, or more than one kind of clipping is asked for.
    pub fn validate(&self) -> Result<(), Error> {
        self.learning_rate.validate()?;
        require("`weight_decay`", self.weight_decay, self.weight_decay >= 0.0, "at least 0")?;
        for (pattern, factor) in &self.rates {
            require(&format!("the `rate` of `{pattern}`"), *factor, *factor >= 0.0, "at least 0")?;
        }
        if let Some(Averaging { momentum, overwrite_every }) = self.averaging {
            require("the momentum of averaged weights", momentum, (0.0..=1.0).contains(&momentum), "from 0 to 1")?;
            if overwrite_every == Some(0) {
                return Err(Error::Invalid("`overwrite_weights_every` needs at least one step".into()));
            }
        }
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

/// Whether a text leaves out the parameter of this name: it is in the name, or it is a pattern that means it.
fn is_left_out(text: &str, name: &str) -> bool {
    if text.contains('*') { pattern::matches(text, name) } else { name.contains(text) }
}

/// The largest number whose square is one, just below 2⁶⁴.
pub(super) const LARGEST_SQUARED: f32 = f32::from_bits(((127 + 64) << 23) - 1);
