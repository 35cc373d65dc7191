//! Moments of rows and columns.

use super::Optimizer;
use super::moment::{Moment, Parameter};
use super::require::require;
use super::schedule::Schedule;
use super::setters::{setters, settings_field};
use super::settings::{LARGEST_SQUARED, Settings};
use crate::error::Error;
use crate::kernels::optimizers::adafactor as kernels;
use crate::kernels::optimizers::clipped_gradient::ClippedGradient;
use crate::kernels::optimizers::step::Step;

/// Adafactor (Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost", 2018), as Keras's `Adafactor`: of
/// a matrix it remembers an average for each row and each column only, and steps are as large as the parameter.
///
/// In step t, from 1, with `beta = 1 - t^beta2_decay` and the means over columns and over rows:
/// `r = beta·r + (1 - beta)·mean(g² + epsilon1)`, `c` alike, `v = r·c / mean(r)`, `u = g / sqrt(v)`,
/// `w -= max(epsilon2, rms(w))·min(rate, 1/sqrt(t))·u / max(1, rms(u) / clip_threshold)`. Of more than two axes the last two are rows
/// and columns; a parameter of one has `v = beta·v + (1 - beta)·(g² + epsilon1)`.
///
/// The learning rate is limited by `1/sqrt(t)` always, as in Keras, whose `relative_step` changes nothing.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // Little memory for large tables and matrices.
/// let optimizer = Adafactor::new(0.01).weight_decay(1e-3);
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adafactor {
    settings: Settings,
    beta2_decay: f64,
    epsilon1: f32,
    epsilon2: f32,
    clip_threshold: f32,
}

impl Adafactor {
    /// With Keras's defaults: a decay of -0.8, epsilons of 1e-30 and 1e-3, a threshold of 1.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self {
            settings: Settings::new(learning_rate),
            beta2_decay: -0.8,
            epsilon1: 1e-30,
            epsilon2: 1e-3,
            clip_threshold: 1.0,
        }
    }

    setters! {
        /// The power of the step that is the share of a new square in the averages, below 0.
        beta2_decay: f64,
        /// What is added to squared gradients, above 0.
        epsilon1: f32,
        /// The least size of a parameter, above 0.
        epsilon2: f32,
        /// The largest root mean square of a step, before its size and the learning rate, above 0.
        clip_threshold: f32,
    }
}

/// What [`Adafactor`] remembers of a parameter.
#[derive(Clone, Debug)]
pub struct AdafactorMoments {
    /// Rows and columns of each matrix, if there are any.
    matrix: Option<[usize; 2]>,
    /// Averages of rows, of columns, and of the elements of what has none.
    moments: [Moment; 3],
}

impl AsRef<[Moment]> for AdafactorMoments {
    fn as_ref(&self) -> &[Moment] {
        &self.moments
    }
}

impl AsMut<[Moment]> for AdafactorMoments {
    fn as_mut(&mut self) -> &mut [Moment] {
        &mut self.moments
    }
}

/// With Keras's learning rate: 0.001.
impl Default for Adafactor {
    fn default() -> Self {
        Self::new(1e-3)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for Adafactor {
    type Moments = AdafactorMoments;
    const NAME: &'static str = "Adafactor";

    settings_field!();

    fn moments(&self, parameter: Parameter<'_>) -> AdafactorMoments {
        let len = parameter.len();
        let matrix = match *parameter.dims {
            [.., rows, columns] => Some([rows, columns]),
            _ => None,
        };
        let [of_rows, of_columns, of_elements] = match matrix {
            Some([rows, columns]) => [len / columns.max(1), len / rows.max(1), 0],
            None => [0, 0, len],
        };
        let moments = [
            Moment::zeros("row_velocity", of_rows),
            Moment::zeros("column_velocity", of_columns),
            Moment::zeros("velocity", of_elements),
        ];
        AdafactorMoments { matrix, moments }
    }

    fn update(&self, step: &Step, param: &mut [f32], gradient: ClippedGradient<'_>, moments: &mut AdafactorMoments) {
        let root = (1.0 / (step.number as f64).sqrt()) as f32;
        let rate = step.learning_rate.min(root);
        let rest = (step.number as f64).powf(self.beta2_decay) as f32;
        let settings = kernels::Adafactor {
            step,
            rate,
            beta: [1.0 - rest, rest],
            epsilons: [self.epsilon1, self.epsilon2],
            threshold: self.clip_threshold,
        };
        let AdafactorMoments { matrix, moments: [of_rows, of_columns, of_elements] } = moments;
        match *matrix {
            Some(sizes) => settings.matrices(sizes, param, gradient, [of_rows, of_columns]),
            None => settings.elements(param, gradient, of_elements),
        }
    }

    fn largest_gradient(&self, _: f32) -> f32 {
        LARGEST_SQUARED
    }

    fn validate(&self) -> Result<(), Error> {
        let decay = self.beta2_decay as f32;
        require("`beta2_decay`", decay, decay < 0.0, "below 0")?;
        require("`epsilon1`", self.epsilon1, self.epsilon1 > 0.0, "above 0")?;
        require("`epsilon2`", self.epsilon2, self.epsilon2 > 0.0, "above 0")?;
        require("`clip_threshold`", self.clip_threshold, self.clip_threshold > 0.0, "above 0")?;
        self.settings.validate()
    }
}
