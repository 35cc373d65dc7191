//! How weights follow their gradients.
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Line(x: [1]) -> (y: [1]) {
//!         let y = x -> Dense(1);
//!         loss y: MeanSquaredError;
//!     }
//! }
//!
//! fn error_after_training(optimizer: impl Optimizer) -> Result<f64, Error> {
//!     let x: Vec<f32> = (0..64).map(|i| i as f32 / 32.0 - 1.0).collect();
//!     let y = x.iter().map(|x| 3.0 * x - 1.0).collect();
//!     let samples = LineSamples { x: Batch::from_vec(x)?, y: Batch::from_vec(y)? };
//!     let mut trainer = Trainer::new(Line::new(1), optimizer);
//!     let history = trainer.fit(&samples).epochs(60).silent().run()?;
//!     Ok(history.last("loss").unwrap())
//! }
//!
//! # fn main() -> Result<(), Error> {
//! assert!(error_after_training(Sgd::new(0.1).momentum(0.9))? < 1e-3);
//! assert!(error_after_training(Adam::new(0.1).clip_global_norm(1.0))? < 1e-3);
//! assert!(error_after_training(AdamW::new(Schedule::cosine(0.1, 120)).weight_decay(1e-4))? < 1e-3);
//! # Ok(())
//! # }
//! ```
//!
//! | which | when |
//! | --- | --- |
//! | [`Adam`], [`AdamW`], [`Nadam`], [`Adamax`] | the first to try: they hardly depend on the scale of gradients |
//! | [`Sgd`] | with momentum and a rate that falls, for images; the least memory |
//! | [`RmsProp`], [`Adadelta`], [`Adagrad`] | the ancestors of these; [`Adagrad`] for rare features |
//! | [`Lion`] | half of Adam's memory |
//! | [`Adafactor`] | hardly any memory, for large matrices and tables |
//! | [`Muon`] | matrices of hidden layers |
//! | [`ScheduleFreeAdamW`] | where nobody knows how long a training will be |
//! | [`Lamb`] | very large batches |
//! | [`Ftrl`] | wide linear models whose weights should mostly be 0 |
//!
//! What all of them can have: a [`Schedule`] instead of a learning rate, [weight decay](Optimizer::weight_decay), a
//! [rate of their own](Optimizer::rate) for some parameters, [averages of weights](Optimizer::average_weights), and limits to gradients,
//! [`clip_value`](Optimizer::clip_value), [`clip_norm`](Optimizer::clip_norm) and [`clip_global_norm`](Optimizer::clip_global_norm).
//!
//! The formulas are those of Keras 3.15 on TensorFlow, in `f32`, and `Adam::default()` has its learning rate, too. `w` is a weight,
//! `g` its gradient, `rate` the learning rate of the step. A trainer takes an optimizer as it is; by hand,
//! [`for_network`](Optimizer::for_network) gives it a memory that fits a network: `let mut adam =
//! Adam::new(2e-4).for_network(&net); adam.step(&mut net, &gradients)?;`
//!
//! Nothing is checked while an optimizer is put together; settings that make no sense are an error of the first step, or of
//! [`validate`](Optimizer::validate).
//!
//! # An optimizer of one's own
//!
//! Signs of averages (signSGD with momentum, Bernstein et al. 2018): a step of one size in the direction of an average.
//!
//! ```
//! use net_runtime::optimizers::{ClippedGradient, Moment, Optimizer, Parameter, Schedule, Settings, Step};
//!
//! #[derive(Clone, Debug)]
//! pub struct SignSgd {
//!     settings: Settings,
//! }
//!
//! impl SignSgd {
//!     pub fn new(learning_rate: impl Into<Schedule>) -> Self {
//!         Self { settings: Settings::new(learning_rate) }
//!     }
//! }
//!
//! impl Optimizer for SignSgd {
//!     type Moments = [Moment; 1];
//!     const NAME: &'static str = "SignSgd";
//!
//!     fn settings(&self) -> &Settings {
//!         &self.settings
//!     }
//!
//!     fn settings_mut(&mut self) -> &mut Settings {
//!         &mut self.settings
//!     }
//!
//!     fn moments(&self, parameter: Parameter<'_>) -> [Moment; 1] {
//!         [Moment::zeros("momentum", parameter.len())]
//!     }
//!
//!     fn update(
//!         &self,
//!         step: &Step,
//!         param: &mut [f32],
//!         gradient: ClippedGradient<'_>,
//!         [momentum]: &mut [Moment; 1],
//!     ) {
//!         for ((w, g), m) in param.iter_mut().zip(gradient.iter()).zip(momentum.iter_mut()) {
//!             *m = 0.9 * *m + 0.1 * g;
//!             let sign = if *m == 0.0 { 0.0 } else { m.signum() };
//!             *w = step.decay(*w) - step.learning_rate * sign;
//!         }
//!     }
//! }
//!
//! // Decay and clipping come with the trait.
//! let sign_sgd = SignSgd::new(1e-2).weight_decay(0.1).clip_value(1.0);
//! let mut param = [1.0, -1.0];
//! let mut moments = sign_sgd.moments(Parameter { name: "price_dense.bias", dims: &[2], values: &param });
//! let step = Step { number: 1, learning_rate: 1e-2, weight_decay: 0.1 };
//! sign_sgd.update(&step, &mut param, (&[0.5, -3.0][..]).into(), &mut moments);
//! assert!((param[0] - 0.989).abs() < 1e-6 && (param[1] + 0.989).abs() < 1e-6);
//! ```

mod adadelta;
mod adafactor;
mod adagrad;
pub(crate) mod adam;
mod adamax;
mod adamw;
pub(crate) mod clipping;
pub(crate) mod for_network;
mod ftrl;
mod lamb;
mod lion;
pub(crate) mod moment;
mod muon;
mod nadam;
mod require;
mod rms_prop;
pub(crate) mod schedule;
mod schedule_free_adamw;
mod setters;
pub(crate) mod settings;
mod sgd;
#[cfg(test)]
mod tests;

pub use crate::kernels::optimizers::clipped_gradient::ClippedGradient;
pub use crate::kernels::optimizers::step::Step;
pub use adadelta::Adadelta;
pub use adafactor::{Adafactor, AdafactorMoments};
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamax::Adamax;
pub use adamw::AdamW;
pub use for_network::OptimizerFor;
pub use ftrl::Ftrl;
pub use lamb::Lamb;
pub use lion::Lion;
pub use moment::{Moment, Parameter};
pub use muon::{Muon, MuonMoments};
pub use nadam::Nadam;
pub use rms_prop::RmsProp;
pub use schedule::{Cosine, CosineRestarts, Exponential, InverseTime, OneCycle, Polynomial, Schedule};
pub use schedule_free_adamw::ScheduleFreeAdamW;
pub use settings::{Averaging, Settings};
pub use sgd::Sgd;

use crate::error::Error;
use crate::network::traits::Network;

/// A rule by which weights follow their gradients. The [module](self#an-optimizer-of-ones-own) has a full example.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no optimizer, as `Adam::new(1e-3)` is one",
    label = "no optimizer"
)]
pub trait Optimizer: Clone + Send + Sync {
    /// What it remembers of one parameter from step to step: an array of as many [`Moment`]s as it needs, or a type that has them beside
    /// what else it knows of the parameter, such as the lengths of its axes.
    type Moments: AsRef<[Moment]> + AsMut<[Moment]> + Clone + Send;
    /// Its name in saved training states, so that one with moments of the same names is not taken for another's. It is
    /// written down rather than derived from the type, whose path may change while the moments do not.
    const NAME: &'static str;
    /// Whether [`update`](Self::update) changes every weight by nothing but that weight, its gradient and its moments, and
    /// reads gradients by [`ClippedGradient::for_each_piece`]. A trainer may then leave it to that function to compute the
    /// gradients of large dense layers, piece by piece, so that they never go through memory.
    const ELEMENTWISE: bool = false;

    /// What every optimizer has: learning rate, weight decay, clipping.
    fn settings(&self) -> &Settings;

    /// What every optimizer has, for writing.
    fn settings_mut(&mut self) -> &mut Settings;

    /// The moments of a parameter before the first step. One that these settings do not need has length 0.
    fn moments(&self, parameter: Parameter<'_>) -> Self::Moments;

    /// Changes one parameter, given in row-major order with its gradient and its moments: the only work of a step.
    ///
    /// It should be one loop over all of them that allocates nothing, and calls [`Step::decay`] on every weight.
    fn update(&self, step: &Step, param: &mut [f32], gradient: ClippedGradient<'_>, moments: &mut Self::Moments);

    /// The weight decay of a parameter with these moments, unless it is [excluded](Self::exclude_from_weight_decay).
    fn decay_of(&self, moments: &Self::Moments) -> f32 {
        let _ = moments;
        self.settings().weight_decay
    }

    /// Texts in names of parameters by which this optimizer tells some from others, beside those of its settings, and the function that
    /// they were given to: one that is in no name is an error of the first step.
    fn names(&self) -> (&'static str, &[String]) {
        ("", &[])
    }

    /// The largest magnitude of an element of a gradient, as clipped, of which a step with this learning rate computes nothing
    /// infinite: with a larger one no step is done. As large as there are numbers, if nothing else is said.
    fn largest_gradient(&self, learning_rate: f32) -> f32 {
        let _ = learning_rate;
        f32::MAX
    }

    /// Looks whether the settings make sense. An optimizer with settings of its own checks those too.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] that names the setting and what it should be.
    fn validate(&self) -> Result<(), Error> {
        self.settings().validate()
    }

    /// Before every step, takes `decay` times the learning rate off each weight in proportion: `w -= w·decay·rate`, of all
    /// parameters, biases too, as Keras's `weight_decay`.
    fn weight_decay(mut self, decay: f32) -> Self {
        self.settings_mut().weight_decay = decay;
        self
    }

    /// Leaves parameters out of [`weight_decay`](Self::weight_decay) whose names have one of these texts in them, as Keras's
    /// `exclude_from_weight_decay`: `["bias", "gamma", "beta"]` are biases and what normalizations scale and shift by. A text that is
    /// in no name is an error of the first step. One with a `*` is a pattern, as for [`rate`](Self::rate). It is to be said before
    /// there is a memory of a network.
    fn exclude_from_weight_decay<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.settings_mut().without_decay = names.into_iter().map(Into::into).collect();
        self
    }

    /// Multiplies the learning rate by `factor`, at least 0, for the parameters that a pattern means, in which `*` stands for any text:
    /// a whole name, `features_conv2d.kernel` or `*.bias`, or what is before one of its dots, a layer or an inner network, `features*`.
    /// The last pattern that means a parameter counts. A schedule goes on as before, and [decay](Self::weight_decay) is by the rate
    /// that the parameter has. A pattern that means no parameter is an error of the first step. It is to be said before there is a
    /// memory of a network.
    ///
    /// ```
    /// # use net_runtime::optimizers::{Adam, Optimizer};
    /// let careful = Adam::new(1e-3).rate("features*", 0.1).rate("*.bias", 2.0);
    /// # assert!(careful.validate().is_ok());
    /// ```
    fn rate(mut self, pattern: impl Into<String>, factor: f32) -> Self {
        self.settings_mut().rates.push((pattern.into(), factor));
        self
    }

    /// Keeps an average of every trained parameter over the steps, `average = momentum·average + (1 - momentum)·w`, which begins
    /// with the first step's result: Keras's `use_ema` and `ema_momentum`. At the end of [`fit`](crate::training::Trainer::fit)
    /// the averages replace the weights. It is to be said before there is a memory of a network.
    #[doc(alias = "use_ema")]
    #[doc(alias = "ema_momentum")]
    #[doc(alias = "AveragedModel")]
    fn average_weights(mut self, momentum: f32) -> Self {
        let averaging = self.settings_mut().averaging.get_or_insert_default();
        averaging.momentum = momentum;
        self
    }

    /// Lets the averages replace the weights also after each so many steps, which go on from there; Keras's
    /// `ema_overwrite_frequency`. Averages have their default momentum where [`average_weights`](Self::average_weights) does not
    /// say another one: 0.99.
    fn overwrite_weights_every(mut self, steps: u64) -> Self {
        self.settings_mut().averaging.get_or_insert_default().overwrite_every = Some(steps);
        self
    }

    /// Keeps every element of a gradient within ±`limit`. Keras's `clipvalue`; only one kind of clipping can be used.
    #[doc(alias = "clipvalue")]
    #[doc(alias = "clip_grad_value_")]
    fn clip_value(mut self, limit: f32) -> Self {
        self.settings_mut().clip_value = Some(limit);
        self
    }

    /// Shortens the gradient of each parameter to this Euclidean norm, where it is longer. Keras's `clipnorm`; only one
    /// kind of clipping can be used.
    #[doc(alias = "clipnorm")]
    fn clip_norm(mut self, norm: f32) -> Self {
        self.settings_mut().clip_norm = Some(norm);
        self
    }

    /// Shortens the gradient of all parameters together to this Euclidean norm, where it is longer. Keras's
    /// `global_clipnorm`; only one kind of clipping can be used.
    #[doc(alias = "global_clipnorm")]
    #[doc(alias = "clip_grad_norm_")]
    fn clip_global_norm(mut self, norm: f32) -> Self {
        self.settings_mut().clip_global_norm = Some(norm);
        self
    }

    /// Gives the optimizer a memory for the parameters of a network.
    fn for_network<N: Network>(self, net: &N) -> OptimizerFor<N, Self> {
        OptimizerFor::new(self, net)
    }
}

/// A step without a memory of the steps before, which no optimizer does: [`OptimizerFor`] has a `step` of its own. It is there for
/// the message of the compiler, which is short because what is missing is this trait itself, and no bound of a function.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` alone does no step, for it remembers none: write `let mut optimizer = Adam::new(1e-3).for_network(&net);`"
)]
pub trait StepAlone<N, G> {
    /// Never called.
    fn step(&mut self, net: &mut N, gradients: &G) -> Result<(), Error>;
}

#[diagnostic::do_not_recommend]
impl<O: Optimizer, N: NeedsNoMemory, G> StepAlone<N, G> for O {
    fn step(&mut self, _net: &mut N, _gradients: &G) -> Result<(), Error> {
        Ok(())
    }
}

/// What no type is. With it rustc finds [`StepAlone::step`], and only then that there is none.
#[doc(hidden)]
pub trait NeedsNoMemory {}
