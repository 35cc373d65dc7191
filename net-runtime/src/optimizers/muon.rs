//! Steps along orthogonal matrices.

use super::Optimizer;
use super::moment::{Moment, Parameter};
use super::require::{require, require_share};
use super::schedule::Schedule;
use super::setters::{setters, settings_field};
use super::settings::{LARGEST_SQUARED, Settings};
use crate::error::Error;
use crate::kernels::optimizers::clipped_gradient::ClippedGradient;
use crate::kernels::optimizers::step::Step;
use crate::kernels::optimizers::{adam, newton_schulz, rules};

/// Muon (Jordan et al. 2024; Liu et al. 2025), as Keras's `Muon`: the step of a matrix is its momentum made orthogonal, so that it goes
/// equally far in all directions; all else takes steps of [`AdamW`](super::AdamW).
///
/// `m = momentum·m + g`, then `w -= rate·rms_rate·sqrt(max(rows, columns))·orthogonal(momentum·m + g)`, where five steps of a
/// Newton-Schulz iteration make `U·S'·Vᵀ` of a matrix `U·S·Vᵀ`, with all of `S'` near 1.
///
/// A parameter is a matrix if it has two axes, `embedding` is not in its name, and none of what is [excluded](Self::exclude) is.
/// The last layer should be excluded. A kernel of more axes, as a convolution's, is none. The iteration takes some fifteen products of
/// matrices for each; the least learning rates are those of Adam.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // Of hidden layers; the last one's steps are Adam's.
/// let optimizer = Muon::new(1e-3).exclude(["class_dense"]);
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Muon {
    settings: Settings,
    momentum: f32,
    nesterov: bool,
    iterations: usize,
    rms_rate: Option<f32>,
    excluded: Vec<String>,
    adam_beta1: f64,
    adam_beta2: f64,
    adam_epsilon: f32,
    adam_rate_ratio: f32,
    adam_weight_decay: f32,
}

impl Muon {
    /// With Keras's defaults: momentum 0.95 as Nesterov's, 5 iterations, a root mean square of 0.2, a weight decay of 0.004 of both
    /// kinds; for what is no matrix beta1 0.9, beta2 0.999, epsilon 1e-7 and the same learning rate.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self {
            settings: Settings { weight_decay: 0.004, ..Settings::new(learning_rate) },
            momentum: 0.95,
            nesterov: true,
            iterations: 5,
            rms_rate: Some(0.2),
            excluded: Vec::new(),
            adam_beta1: 0.9,
            adam_beta2: 0.999,
            adam_epsilon: 1e-7,
            adam_rate_ratio: 1.0,
            adam_weight_decay: 0.004,
        }
    }

    /// Leaves parameters to Adam whose names have one of these texts in them, e.g. `["class_dense"]` of the last layer. Keras's
    /// `exclude_layers`, where they are regular expressions. A text that is in no name is an error of the first step. It is to be said
    /// before there is a memory of a network.
    pub fn exclude<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.excluded = names.into_iter().map(Into::into).collect();
        self
    }

    /// Makes the momentum itself orthogonal, and not the sum of the gradient and what the momentum will be.
    pub fn without_nesterov(mut self) -> Self {
        self.nesterov = false;
        self
    }

    setters! {
        /// The share of the momentum that a step keeps, from 0 to below 1.
        momentum: f32,
        /// How many iterations make a matrix orthogonal; Keras's `ns_steps`.
        iterations: usize,
        /// What the root of the mean square of a step is times the learning rate, about; `None` for steps as long as those of an
        /// orthogonal matrix.
        rms_rate: Option<f32>,
        /// Adam's share of the average gradient that a step keeps, from 0 to below 1.
        adam_beta1: f64,
        /// Adam's share of the average squared gradient that a step keeps, from 0 to below 1.
        adam_beta2: f64,
        /// What Adam adds to the root of the average squared gradient, above 0; Keras's `epsilon`.
        adam_epsilon: f32,
        /// What the learning rate is multiplied by for Adam; Keras's `adam_lr_ratio`.
        adam_rate_ratio: f32,
        /// The weight decay of what Adam moves. That of matrices is [`weight_decay`](Optimizer::weight_decay).
        adam_weight_decay: f32,
    }

    fn is_matrix(&self, Parameter { name, dims, .. }: Parameter<'_>) -> bool {
        let is_excluded = self.excluded.iter().any(|text| name.contains(text.as_str()));
        dims.len() == 2 && !name.to_lowercase().contains("embedding") && !is_excluded
    }

    fn adam(
        &self,
        step: &Step,
        param: &mut [f32],
        gradient: ClippedGradient<'_>,
        [momentum, velocity]: [&mut Moment; 2],
    ) {
        let rate = step.learning_rate * self.adam_rate_ratio;
        let alpha = rate * (1.0 - step.power(self.adam_beta2)).sqrt() / (1.0 - step.power(self.adam_beta1));
        let rest = [(1.0 - self.adam_beta1) as f32, (1.0 - self.adam_beta2) as f32];
        let adam = adam::Adam { step, alpha, rest, epsilon: self.adam_epsilon };
        adam::adam(adam, param, gradient, momentum, velocity);
    }
}

/// What [`Muon`] remembers of a parameter.
#[derive(Clone, Debug)]
pub struct MuonMoments {
    /// Rows and columns, if it is taken as a matrix.
    matrix: Option<[usize; 2]>,
    /// The momentum, and Adam's velocity of what is no matrix.
    moments: [Moment; 2],
}

impl AsRef<[Moment]> for MuonMoments {
    fn as_ref(&self) -> &[Moment] {
        &self.moments
    }
}

impl AsMut<[Moment]> for MuonMoments {
    fn as_mut(&mut self) -> &mut [Moment] {
        &mut self.moments
    }
}

/// With Keras's learning rate: 0.001.
impl Default for Muon {
    fn default() -> Self {
        Self::new(1e-3)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for Muon {
    type Moments = MuonMoments;
    const NAME: &'static str = "Muon";

    settings_field!();

    fn moments(&self, parameter: Parameter<'_>) -> MuonMoments {
        let len = parameter.len();
        let matrix = match *parameter.dims {
            [rows, columns] if self.is_matrix(parameter) => Some([rows, columns]),
            _ => None,
        };
        let velocity = Moment::zeros("velocity", if matrix.is_some() { 0 } else { len });
        MuonMoments { matrix, moments: [Moment::zeros("momentum", len), velocity] }
    }

    fn names(&self) -> (&'static str, &[String]) {
        ("exclude", &self.excluded)
    }

    fn decay_of(&self, moments: &MuonMoments) -> f32 {
        match moments.matrix {
            Some(_) => self.settings.weight_decay,
            None => self.adam_weight_decay,
        }
    }

    fn update(&self, step: &Step, param: &mut [f32], gradient: ClippedGradient<'_>, moments: &mut MuonMoments) {
        let MuonMoments { matrix, moments: [momentum, velocity] } = moments;
        let Some([rows, columns]) = *matrix else {
            return self.adam(step, param, gradient, [momentum, velocity]);
        };
        rules::accumulate(self.momentum, gradient, momentum);
        // Keras's `momentum·m + g`, or `m` itself.
        let shares = if self.nesterov { [self.momentum, 1.0] } else { [1.0, 0.0] };
        let size = self.rms_rate.map_or(1.0, |rate| rate * (rows.max(columns) as f32).sqrt());
        newton_schulz::orthogonal([rows, columns], self.iterations, (shares, gradient, momentum), |update| {
            rules::subtract(step, size, update, param);
        });
    }

    fn largest_gradient(&self, _: f32) -> f32 {
        LARGEST_SQUARED
    }

    fn validate(&self) -> Result<(), Error> {
        require_share("`momentum`", f64::from(self.momentum))?;
        require_share("`adam_beta1`", self.adam_beta1)?;
        require_share("`adam_beta2`", self.adam_beta2)?;
        require("`adam_epsilon`", self.adam_epsilon, self.adam_epsilon > 0.0, "above 0")?;
        require("`adam_rate_ratio`", self.adam_rate_ratio, self.adam_rate_ratio >= 0.0, "at least 0")?;
        require("`adam_weight_decay`", self.adam_weight_decay, self.adam_weight_decay >= 0.0, "at least 0")?;
        if let Some(rate) = self.rms_rate {
            require("`rms_rate`", rate, rate > 0.0, "above 0")?;
        }
        self.settings.validate()
    }
}
