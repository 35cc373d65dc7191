//! The metrics that a head may have.

use proc_macro2::TokenStream;
use quote::quote;

use crate::arguments::{self, Arguments, Parameter};
use crate::constants::Constants;
use crate::errors::{Errors, Message};
use crate::graph::{Element, Shape, Target};
use crate::losses::{custom, is_path, unknown_help};
use crate::suggest;
use crate::syntax::Stage;

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

impl Metric {
    /// The runtime's descriptor, an expression.
    pub fn descriptor(&self, output: &Shape, target: &Target) -> TokenStream {
        let classes = match target.element {
            Element::U32 => true,
            Element::F32 => false,
        };
        match self {
            Self::Accuracy if classes => quote!(::net_runtime::metrics::SparseCategoricalAccuracy),
            Self::Accuracy if output.last() == Some(&1) => quote!(::net_runtime::metrics::BinaryAccuracy),
            Self::Accuracy => quote!(::net_runtime::metrics::CategoricalAccuracy),
            Self::TopK { k } => {
                let k = proc_macro2::Literal::usize_unsuffixed(*k);
                if classes {
                    quote!(::net_runtime::metrics::SparseTopK { k: #k })
                } else {
                    quote!(::net_runtime::metrics::TopK { k: #k })
                }
            }
            Self::MeanAbsoluteError => quote!(::net_runtime::metrics::MeanAbsoluteError),
            Self::MeanSquaredError => quote!(::net_runtime::metrics::MeanSquaredError),
            Self::Custom { expression } => expression.clone(),
        }
    }
}

/// How a metric is written.
struct Signature {
    name: &'static str,
    parameters: &'static [Parameter],
    build: fn(&mut Arguments<'_>) -> Option<Metric>,
}

/// Every metric, sorted by name.
static METRICS: &[Signature] = &[
    Signature { name: "Accuracy", parameters: &[], build: |_| Some(Metric::Accuracy) },
    Signature { name: "MeanAbsoluteError", parameters: &[], build: |_| Some(Metric::MeanAbsoluteError) },
    Signature { name: "MeanSquaredError", parameters: &[], build: |_| Some(Metric::MeanSquaredError) },
    Signature {
        name: "TopK",
        parameters: &[Parameter::optional("k", "5")],
        build: |arguments| Some(Metric::TopK { k: arguments.count("k", Some(5))? }),
    },
];

/// The metric that the user wrote; `None` if there is no such, which has been told.
pub fn resolve(stage: &Stage, constants: &Constants, errors: &mut Errors) -> Option<Metric> {
    if is_path(stage) {
        return custom(stage, errors).map(|expression| Metric::Custom { expression });
    }
    let name = stage.name().to_string();
    let Some(signature) = METRICS.iter().find(|signature| signature.name == name) else {
        let message = Message::new(stage.name().span(), format!("unknown metric `{name}`"));
        let names = METRICS.iter().map(|signature| signature.name);
        errors.push(match suggest::metric_elsewhere(&name) {
            Some(here) => message.help(format!("here it is called `{here}`")),
            None => message.help(unknown_help(&name, names, "metrics", "metric")),
        });
        return None;
    };
    let items = stage.arguments.as_ref().map_or([].as_slice(), |arguments| &arguments.items);
    let mut arguments = arguments::bind(stage.name(), &name, items, signature.parameters, false, constants, errors)?;
    (signature.build)(&mut arguments)
}
