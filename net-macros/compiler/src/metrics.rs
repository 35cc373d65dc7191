//! The metrics that a head may have.

use proc_macro2::TokenStream;
use quote::quote;

use crate::arguments::{self, Arguments, Beside, Parameter};
use crate::constants::Constants;
use crate::elsewhere;
use crate::errors::{Errors, Message};
use crate::losses::{custom, is_path, unknown_help};
use crate::shape::{Element, Shape, Target};
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
        /// Its type, e.g. `crate::Iou`.
        path: TokenStream,
        /// The expression, e.g. `crate::Iou { threshold: 0.5 }`.
        expression: TokenStream,
    },
}

impl Metric {
    /// Whether it is the user's own.
    pub fn is_own(&self) -> bool {
        matches!(self, Self::Custom { .. })
    }

    /// The runtime's type for an output of this shape that is compared with this target.
    pub fn path(&self, output: &Shape, target: &Target) -> TokenStream {
        match (self, target.element) {
            // As Keras picks by the shapes of the head and of its targets.
            (Self::Accuracy, _) if output.last() == Some(&1) => quote!(::net_runtime::metrics::BinaryAccuracy),
            (Self::Accuracy, Element::U32) => quote!(::net_runtime::metrics::SparseCategoricalAccuracy),
            (Self::Accuracy, Element::F32) => quote!(::net_runtime::metrics::CategoricalAccuracy),
            (Self::TopK { .. }, Element::U32) => quote!(::net_runtime::metrics::SparseTopK),
            (Self::TopK { .. }, Element::F32) => quote!(::net_runtime::metrics::TopK),
            (Self::MeanAbsoluteError, _) => quote!(::net_runtime::metrics::MeanAbsoluteError),
            (Self::MeanSquaredError, _) => quote!(::net_runtime::metrics::MeanSquaredError),
            (Self::Custom { path, .. }, _) => path.clone(),
        }
    }

    /// The runtime's metric, an expression.
    pub fn descriptor(&self, output: &Shape, target: &Target) -> TokenStream {
        let path = self.path(output, target);
        match self {
            Self::Accuracy | Self::MeanAbsoluteError | Self::MeanSquaredError => path,
            Self::TopK { k } => {
                let k = proc_macro2::Literal::usize_unsuffixed(*k);
                quote!(#path { k: #k })
            }
            Self::Custom { expression, .. } => expression.clone(),
        }
    }
}

/// How a metric is written.
struct Signature {
    name: &'static str,
    parameters: &'static [Parameter<'static>],
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
        let path = &stage.path;
        return custom(stage, errors).map(|expression| Metric::Custom { path: quote!(#path), expression });
    }
    let name = stage.name().to_string();
    let Some(signature) = METRICS.iter().find(|signature| signature.name == name) else {
        let message = Message::new(stage.name().span(), format!("unknown metric `{name}`"));
        let names = METRICS.iter().map(|signature| signature.name);
        errors.push(match elsewhere::metric(&name) {
            Some(help) => message.help(help),
            None => message.help(unknown_help(&name, names, "metrics", "metric")),
        });
        return None;
    };
    let items = stage.arguments.as_ref().map_or([].as_slice(), |arguments| &arguments.items);
    let mut arguments =
        arguments::bind(stage.name(), &name, items, signature.parameters, Beside::Nothing, constants, errors);
    let built = (signature.build)(&mut arguments);
    built.filter(|_| arguments.sound)
}
