//! What most programs need: `use net_runtime::prelude::*;`.
//!
//! | for | are |
//! | --- | --- |
//! | declaring | [`network!`](crate::network) |
//! | samples | [`Batch`], [`View`], [`Shape0`] to [`Shape5`] |
//! | training | [`Trainer`], [`History`], [`Logs`], [`Progress`], the optimizers and [`Schedule`] |
//! | callbacks | [`Callback`], [`Control`], [`EarlyStopping`], [`ReduceLrOnPlateau`], [`Checkpoint`], [`Direction`] |
//! | code for any network | [`Network`], [`Trainable`], [`Samples`], [`Workspace`], [`Gradients`], [`Shape`], [`Optimizer`] |
//! | passes | [`Mode`], [`Arithmetic`] |
//! | results | [`Error`] |
//!
//! Losses, metrics and layers are named in `network!` alone, and are not here: a program that implements or computes them takes them from
//! [`losses`](crate::losses), [`metrics`](crate::metrics) and [`layers`](crate::layers). `Direction` is that of a watched value.

#[doc(hidden)]
pub use crate::optimizers::StepAlone as _;
pub use crate::optimizers::{
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, Muon, Nadam, Optimizer, RmsProp, Schedule,
    ScheduleFreeAdamW, Sgd,
};
pub use crate::training::{
    Callback, Checkpoint, Control, Direction, EarlyStopping, History, Logs, Progress, ReduceLrOnPlateau, Trainer,
};
#[doc(hidden)]
pub use crate::training::{WithCallback as _, WithValidation as _};
pub use crate::{
    Arithmetic, Batch, Error, Gradients, Mode, Network, Samples, Shape, Shape0, Shape1, Shape2, Shape3, Shape4, Shape5,
    Trainable, View, Workspace, network,
};
