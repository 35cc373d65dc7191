//! Training a network on data.
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
mod state;
mod tally;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod toy;
mod trainer;

pub use crate::network::traits::{HasLoss, Head, MetricVisitor};
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
pub use trainer::Trainer;
