//! Training a network on data.

mod callback;
mod checkpoint;
mod early_stopping;
mod fit;
mod history;
mod logs;
mod monitor;
mod progress;
mod share;
mod state;
mod tally;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod toy;
mod trainer;

pub use callback::{Callback, Control};
pub use checkpoint::Checkpoint;
pub use early_stopping::EarlyStopping;
pub use fit::Fit;
pub use history::History;
pub use logs::Logs;
pub use monitor::Direction;
pub use progress::Progress;
pub use trainer::Trainer;

/// An output that has a loss or a metric.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The output's name.
    pub name: &'static str,
    /// Whether it has a loss; with metrics alone it has not.
    pub has_loss: bool,
}

/// Takes the index of a head, the name of a metric, and its value.
pub type MetricVisitor<'v> = &'v mut dyn FnMut(usize, &'static str, f32);
