//! What most programs need: `use net_runtime::prelude::*;`.

#[doc(hidden)]
pub use crate::optimizers::StepAlone as _;
pub use crate::optimizers::{
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, Muon, Nadam, Optimizer, RmsProp, Schedule,
    ScheduleFreeAdamW, Sgd,
};
pub use crate::training::{
    Callback, Checkpoint, Control, Direction, EarlyStopping, History, Logs, Progress, ReduceLrOnPlateau, Trainer,
};
pub use crate::{
    Arithmetic, Batch, Error, Gradients, Mode, Network, Samples, Shape, Shape0, Shape1, Shape2, Shape3, Shape4, Shape5,
    Trainable, View, Workspace, network,
};
