//! Training a network on data.
//!
//! A [`Trainer`] owns a network and its optimizer. [`fit`](Trainer::fit) trains over epochs; what else a run is told stands between it and
//! [`run`](Fit::run), which returns the [`History`]: a value an epoch of each loss and metric, which prints, and is saved as CSV or drawn.
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     /// Inside of a circle or not?
//!     network Circle(point: [2]) -> (inside: [1]) {
//!         let inside = point -> Dense(16) -> tanh -> Dense(1) -> sigmoid;
//!         loss inside: BinaryCrossentropy;
//!         metric inside: Accuracy;
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! # let folder = std::env::temp_dir().join(format!("net-runtime-{}-training", std::process::id()));
//! # let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
//! let place = |i: usize| (i % 25) as f32 / 12.0 - 1.0;
//! let points: Vec<[f32; 2]> = (0..625).map(|i| [place(i * 7), place(i * 7 / 25)]).collect();
//! let samples = CircleSamples {
//!     point: Batch::from_samples(points.iter().map(|point| &point[..]))?,
//!     inside: Batch::from_vec(points.iter().map(|[x, y]| f32::from(x * x + y * y < 0.5)).collect())?,
//! };
//!
//! let mut trainer = Trainer::new(Circle::new(42), Adam::new(0.05));
//! let mut stopping = EarlyStopping::new("val_loss").patience(10).restore_best_weights();
//! let history = trainer
//!     .fit(&samples)
//!     .epochs(60)
//!     .batch_size(50)
//!     .validation_split(0.2)
//!     .callback(&mut stopping)
//!     .callback(ReduceLrOnPlateau::new("val_loss").patience(5))
//!     .callback(Checkpoint::best(path("best.safetensors"), "val_loss"))
//!     .silent()
//!     .run()?;
//!
//! assert_eq!(history.names(), ["loss", "accuracy", "val_loss", "val_accuracy"]);
//! assert!(history.last("loss").unwrap() < history.get("loss").unwrap()[0]);
//! history.save_csv(path("history.csv"))?;
//! history.plot().save(path("history.svg"))?;
//!
//! let values = trainer.evaluate(&samples)?;
//! assert!(values.get("accuracy").unwrap() > 0.8);
//! trainer.save_state(path("later.safetensors"))?; // weights, moments, and where the run stands
//! let net = trainer.into_network();
//! # let _ = net;
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok(())
//! # }
//! ```
//!
//! | for | is |
//! | --- | --- |
//! | training by epochs, or step by step | [`Trainer::fit`], [`Trainer::step`] |
//! | judging | [`Trainer::evaluate`], [`Logs`] |
//! | stopping in time, smaller steps, files | [`EarlyStopping`], [`ReduceLrOnPlateau`], [`Checkpoint`] |
//! | code of your own in a run | [`Callback`], [`Fit::on_epoch_end`], [`Control`] |
//! | going on later | [`Trainer::save_state`], [`Trainer::load_state`], [`Fit::initial_epoch`] |
//! | some weights alone | [`Trainer::freeze`], [`Trainer::thaw`] |
//! | loops of your own | [`Trainable`](crate::Trainable), with an [optimizer](crate::optimizers) and [`in_threads`](crate::in_threads()) |
//!
//! Losses and metrics have Keras's names: `loss` is the sum of all with their factors and of regularizers; where several outputs
//! have one, each stands there, too, as `class_loss`; metrics follow, with the output before them where there are several outputs,
//! and then the same of the validation, with `val_` before them.
//!
//! # Names of other libraries
//!
//! Those of losses, metrics, initial values and layers the compiler knows, and says in a message what they are called here; their tables
//! are in the documentation of [`network!`](crate::network). What a trainer is given is Rust:
//!
//! | Keras, PyTorch | here |
//! | --- | --- |
//! | `SGD`, `Adam`, `AdamW`, `Adamax`, `Adadelta`, `Adafactor`, `Adagrad`, `Ftrl`, `Lion`, `Muon`, `ScheduleFreeAdamW` | [the same](crate::optimizers), `Sgd` |
//! | `RMSprop`; `Nadam`, `NAdam`; `Lamb`, `LAMB` | [`RmsProp`](crate::optimizers::RmsProp), [`Nadam`](crate::optimizers::Nadam), [`Lamb`](crate::optimizers::Lamb) |
//! | `clipvalue`, `clip_grad_value_`; `clipnorm`; `global_clipnorm`, `clip_grad_norm_` | [`clip_value`](crate::optimizers::Optimizer::clip_value), [`clip_norm`](crate::optimizers::Optimizer::clip_norm), [`clip_global_norm`](crate::optimizers::Optimizer::clip_global_norm) |
//! | `use_ema`, `AveragedModel` | [`average_weights`](crate::optimizers::Optimizer::average_weights) |
//! | `ExponentialDecay`, `ExponentialLR`, `StepLR` | [`Schedule::exponential`](crate::optimizers::Schedule::exponential), `staircase` |
//! | `PiecewiseConstantDecay`, `MultiStepLR` | [`Schedule::piecewise`](crate::optimizers::Schedule::piecewise) |
//! | `CosineDecay`, `CosineAnnealingLR` | [`Schedule::cosine`](crate::optimizers::Schedule::cosine) |
//! | `CosineDecayRestarts`, `CosineAnnealingWarmRestarts` | [`Schedule::cosine_restarts`](crate::optimizers::Schedule::cosine_restarts) |
//! | `PolynomialDecay`, `PolynomialLR` | [`Schedule::polynomial`](crate::optimizers::Schedule::polynomial) |
//! | `InverseTimeDecay` | [`Schedule::inverse_time`](crate::optimizers::Schedule::inverse_time) |
//! | `OneCycleLR` | [`Schedule::one_cycle`](crate::optimizers::Schedule::one_cycle) |
//! | `ReduceLROnPlateau`, `EarlyStopping` | [`ReduceLrOnPlateau`], [`EarlyStopping`] |
//! | `ModelCheckpoint`, `BackupAndRestore` | [`Checkpoint::best`], [`Checkpoint::every`], [`Trainer::load_state`] |
//! | `LambdaCallback`, `LearningRateScheduler` | [`Fit::on_epoch_end`], [`Control::set_learning_rate`] |
//! | `CSVLogger`, `History` | [`History::save_csv`], what [`Fit::run`] returns |
//! | `TerminateOnNaN` | always |

mod callback;
mod checkpoint;
mod early_stopping;
mod fit;
mod history;
mod history_plot;
mod logs;
mod monitor;
mod progress;
mod reduce_lr_on_plateau;
mod share;
mod short;
mod state;
mod tally;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod toy;
mod trainer;

pub use crate::network::traits::{Head, MetricVisitor};
pub use callback::{Callback, Control, IntoCallback};
pub use checkpoint::Checkpoint;
pub use early_stopping::EarlyStopping;
pub use fit::Fit;
pub use history::History;
pub use history_plot::HistoryPlot;
pub use logs::Logs;
pub use monitor::Direction;
pub use progress::Progress;
pub use reduce_lr_on_plateau::ReduceLrOnPlateau;
#[doc(hidden)]
pub use short::{WithCallback, WithValidation};
pub use trainer::Trainer;
