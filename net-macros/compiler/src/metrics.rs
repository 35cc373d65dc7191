//! The metrics that a head may have.

use proc_macro2::TokenStream;

/// A metric with its arguments.
#[derive(Clone, Debug)]
pub enum Metric {
    /// What Keras's "accuracy" picks for the head.
    Accuracy,
    /// Whether the true class is among the `k` likeliest.
    TopK {
        /// How many.
        k: usize,
    },
    /// Mean of absolute values.
    MeanAbsoluteError,
    /// Mean of squares.
    MeanSquaredError,
    /// The user's own: an expression whose type implements `net_runtime::metrics::Metric`.
    Custom {
        /// The expression.
        expression: TokenStream,
    },
}
