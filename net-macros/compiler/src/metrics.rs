//! The metrics that a head may have.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use crate::graph::{Element, Shape, Target};

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
        /// Its type, e.g. `crate::Iou`.
        path: TokenStream,
        /// The expression, e.g. `crate::Iou { threshold: 0.5 }`.
        expression: TokenStream,
    },
}

impl Metric {
    /// The runtime's type for an output of this shape that is compared with this target.
    pub fn path(&self, output: &Shape, target: &Target) -> TokenStream {
        let here = Span::mixed_site();
        match (self, target.element) {
            // As Keras picks by the shapes of the head and of its targets.
            (Self::Accuracy, _) if output.last() == Some(&1) => {
                quote_spanned! { here => ::net_runtime::metrics::BinaryAccuracy }
            }
            (Self::Accuracy, Element::U32) => {
                quote_spanned! { here => ::net_runtime::metrics::SparseCategoricalAccuracy }
            }
            (Self::Accuracy, Element::F32) => quote_spanned! { here => ::net_runtime::metrics::CategoricalAccuracy },
            (Self::TopK { .. }, Element::U32) => quote_spanned! { here => ::net_runtime::metrics::SparseTopK },
            (Self::TopK { .. }, Element::F32) => quote_spanned! { here => ::net_runtime::metrics::TopK },
            (Self::MeanAbsoluteError, _) => quote_spanned! { here => ::net_runtime::metrics::MeanAbsoluteError },
            (Self::MeanSquaredError, _) => quote_spanned! { here => ::net_runtime::metrics::MeanSquaredError },
            (Self::Custom { path, .. }, _) => path.clone(),
        }
    }

    /// The runtime's metric, an expression.
    pub fn descriptor(&self, output: &Shape, target: &Target) -> TokenStream {
        let path = self.path(output, target);
        match self {
            Self::Accuracy | Self::MeanAbsoluteError | Self::MeanSquaredError => path,
            Self::TopK { k } => quote_spanned! { Span::mixed_site() => #path { k: #k } },
            Self::Custom { expression, .. } => expression.clone(),
        }
    }
}
