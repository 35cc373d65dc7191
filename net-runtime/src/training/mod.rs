//! Training a network on data.

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
