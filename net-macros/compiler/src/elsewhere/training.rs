//! What a trainer is given, and what weights are held to: nothing of it is a stage.

use super::stage::Here;
use super::{constraint, missing, regularizer};

/// What is here for an optimizer, a learning rate or a callback of another library.
pub fn training(name: &str) -> Option<Here> {
    optimizer(name).or_else(|| schedule(name)).or_else(|| callback(name))
}

/// `help` where one is written as a stage.
pub fn outside(name: &str) -> Option<String> {
    if regularizer(name).is_some() {
        return Some("a regularizer is an argument of the layer: `kernel_regularizer = l2(0.01)`".to_owned());
    }
    if constraint(name).is_some() {
        return Some("a constraint is an argument of the layer: `kernel_constraint = max_norm(2)`".to_owned());
    }
    training(name).map(|here| match here {
        Here::Called(here) => format!("it belongs to training, in Rust: `{here}`"),
        Here::OtherDefaults(text) | Here::Otherwise(text) | Here::Outside(text) => {
            format!("it belongs to training, in Rust: {text}")
        }
        Here::Missing(what) => missing(what),
    })
}

fn optimizer(name: &str) -> Option<Here> {
    Some(Here::Called(match name {
        "Adadelta" => "Adadelta",
        "Adafactor" => "Adafactor",
        "Adagrad" => "Adagrad",
        "Adam" => "Adam",
        "AdamW" => "AdamW",
        "Adamax" => "Adamax",
        "Ftrl" => "Ftrl",
        "LAMB" | "Lamb" => "Lamb",
        "Lion" => "Lion",
        "Muon" => "Muon",
        "NAdam" | "Nadam" => "Nadam",
        "RMSProp" | "RMSprop" | "RmsProp" => "RmsProp",
        "SGD" | "Sgd" => "Sgd",
        "ScheduleFreeAdamW" | "AdamWScheduleFree" => "ScheduleFreeAdamW",
        "Optimizer" => {
            return Some(Here::Otherwise("one of your own implements `optimizers::Optimizer`"));
        }
        "AveragedModel" | "EMA" | "ExponentialMovingAverage" => {
            return Some(Here::Otherwise("`.average_weights(0.99)` of any optimizer averages the weights"));
        }
        "LossScaleOptimizer" | "GradScaler" => {
            return Some(Here::Outside("everything is computed in `f32`, which needs no scale of the loss"));
        }
        "MultiOptimizer" | "OptimizerMap" => return Some(Here::Missing("several optimizers for one network are")),
        "LBFGS" => return Some(Here::Missing("optimizers of second order (`LBFGS`) are")),
        "ASGD" => return Some(Here::Otherwise("`.average_weights(0.99)` of any optimizer averages the weights")),
        "RAdam" | "Rprop" | "SparseAdam" => return Some(Here::Missing("these optimizers are")),
        _ => return None,
    }))
}

fn schedule(name: &str) -> Option<Here> {
    Some(Here::Called(match name {
        "CosineDecay" | "CosineAnnealingLR" => "Schedule::cosine",
        "CosineDecayRestarts" | "CosineAnnealingWarmRestarts" => "Schedule::cosine_restarts",
        "ExponentialDecay" | "ExponentialLR" => "Schedule::exponential",
        "InverseTimeDecay" => "Schedule::inverse_time",
        "PiecewiseConstantDecay" | "MultiStepLR" => "Schedule::piecewise",
        "PolynomialDecay" | "PolynomialLR" => "Schedule::polynomial",
        "OneCycleLR" => "Schedule::one_cycle",
        "StepLR" => return Some(Here::Otherwise("`Schedule::exponential(rate, steps, gamma).staircase()`")),
        "LearningRateSchedule" | "LearningRateScheduler" | "LRScheduler" | "LambdaLR" | "MultiplicativeLR" => {
            return Some(Here::Otherwise("a callback calls `control.set_learning_rate(rate)`"));
        }
        "CyclicLR" | "LinearLR" | "ConstantLR" | "ChainedScheduler" | "SequentialLR" => {
            return Some(Here::Otherwise("a callback calls `control.set_learning_rate(rate)`"));
        }
        _ => return None,
    }))
}

fn callback(name: &str) -> Option<Here> {
    Some(match name {
        "EarlyStopping" => Here::Called("EarlyStopping"),
        "ReduceLROnPlateau" => Here::Called("ReduceLrOnPlateau"),
        "ModelCheckpoint" => Here::Otherwise("`Checkpoint::best(path)`, `Checkpoint::every(path)`"),
        "BackupAndRestore" => Here::Otherwise("`Checkpoint::every(path)` saves, `Trainer::load_state` goes on"),
        "StochasticWeightAveraging" => {
            Here::Otherwise("`.average_weights(0.99)` of any optimizer averages the weights")
        }
        "LearningRateMonitor" => Here::Otherwise("a callback reads `control.constant_learning_rate()`"),
        "DataLoader" | "TensorDataset" | "Dataset" => Here::Otherwise(
            "samples are the fields of a struct, `DetectorSamples { image, class }`, and `fit` makes the batches",
        ),
        "Trainer" | "LightningModule" => Here::Otherwise("`Trainer::new(network, optimizer)`"),
        "CSVLogger" => Here::Otherwise("`history.save_csv(path)`"),
        "History" => Here::Otherwise("`run` returns it"),
        "ProgbarLogger" => Here::Otherwise("`fit(..).progress(..)`, a bar where nothing is said"),
        "TerminateOnNaN" => Here::Otherwise("a loss that is not finite stops every run"),
        "LambdaCallback" => Here::Otherwise("`fit(..).on_epoch_end(|epoch, logs, control| Ok(()))`"),
        "Callback" => Here::Otherwise("one of your own implements `training::Callback`"),
        "CallbackList" => Here::Otherwise("`fit(..).callback(a).callback(b)`"),
        "SwapEMAWeights" => Here::Otherwise(
            "`.average_weights(0.99)` of the optimizer; a copy of the network is evaluated after `use_averages`",
        ),
        "TensorBoard" | "RemoteMonitor" => Here::Missing("what sends a history to other programs is"),
        "OrbaxCheckpoint" => Here::Missing("checkpoints in other formats are"),
        _ => return None,
    })
}
