//! The losses that a head may have.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use crate::graph::{Element, Shape, Target};
use crate::layers::Distribution;

/// A loss with its arguments.
#[derive(Clone, Debug)]
pub enum Loss {
    /// One-hot targets (or other distributions) against probabilities.
    CategoricalCrossentropy {
        /// Share of the target that is spread over all classes.
        label_smoothing: f32,
    },
    /// Class numbers against probabilities.
    SparseCategoricalCrossentropy,
    /// Independent probabilities.
    BinaryCrossentropy {
        /// Share by which the target is drawn towards 1/2.
        label_smoothing: f32,
    },
    /// Mean of squares.
    MeanSquaredError,
    /// Mean of absolute values.
    MeanAbsoluteError,
    /// Quadratic near zero, linear beyond `delta`.
    Huber {
        /// Where it becomes linear.
        delta: f32,
    },
    /// The user's own: an expression whose type implements `net_runtime::losses::Loss` with targets in `f32`.
    Custom {
        /// The expression, e.g. `crate::Dice` or `losses::Dice { smooth: 1.0 }`.
        expression: TokenStream,
    },
}

impl Loss {
    /// What it compares an output of this shape with.
    pub fn target(&self, output: &Shape) -> Target {
        match self {
            Self::SparseCategoricalCrossentropy => {
                Target { element: Element::U32, shape: output[..output.len().saturating_sub(1)].to_vec() }
            }
            Self::CategoricalCrossentropy { .. }
            | Self::BinaryCrossentropy { .. }
            | Self::MeanSquaredError
            | Self::MeanAbsoluteError
            | Self::Huber { .. }
            | Self::Custom { .. } => Target { element: Element::F32, shape: output.clone() },
        }
    }

    /// The distribution whose logits it can take instead of the probabilities.
    pub fn takes_logits_of(&self) -> Option<Distribution> {
        match self {
            Self::CategoricalCrossentropy { .. } | Self::SparseCategoricalCrossentropy => Some(Distribution::Softmax),
            Self::BinaryCrossentropy { .. } => Some(Distribution::Sigmoid),
            Self::MeanSquaredError | Self::MeanAbsoluteError | Self::Huber { .. } | Self::Custom { .. } => None,
        }
    }

    /// The runtime's loss, an expression. `from_logits`: it gets the logits instead of the output.
    pub fn descriptor(&self, from_logits: bool) -> TokenStream {
        let here = Span::mixed_site();
        let input = if from_logits {
            quote_spanned! { here => ::net_runtime::losses::Input::Logits }
        } else {
            quote_spanned! { here => ::net_runtime::losses::Input::Probabilities }
        };
        match self {
            Self::CategoricalCrossentropy { label_smoothing } => quote_spanned! { here =>
                ::net_runtime::losses::CategoricalCrossentropy { label_smoothing: #label_smoothing, input: #input }
            },
            Self::SparseCategoricalCrossentropy => quote_spanned! { here =>
                ::net_runtime::losses::SparseCategoricalCrossentropy { input: #input }
            },
            Self::BinaryCrossentropy { label_smoothing } => quote_spanned! { here =>
                ::net_runtime::losses::BinaryCrossentropy { label_smoothing: #label_smoothing, input: #input }
            },
            Self::MeanSquaredError => quote_spanned! { here => ::net_runtime::losses::MeanSquaredError },
            Self::MeanAbsoluteError => quote_spanned! { here => ::net_runtime::losses::MeanAbsoluteError },
            Self::Huber { delta } => quote_spanned! { here => ::net_runtime::losses::Huber { delta: #delta } },
            Self::Custom { expression } => expression.clone(),
        }
    }
}
