//! The losses that a head may have.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use crate::arguments::{self, Arguments, Beside, Parameter};
use crate::constants::Constants;
use crate::elsewhere;
use crate::errors::{Errors, Message};
use crate::layers::{Distribution, float};
use crate::shape::{Element, Shape, Target};
use crate::suggest;
use crate::syntax::{self, Stage};

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

    /// Whether it is the user's own.
    pub fn is_own(&self) -> bool {
        matches!(self, Self::Custom { .. })
    }

    /// The distribution whose logits it can take instead of the probabilities.
    pub fn takes_logits_of(&self) -> Option<Distribution> {
        match self {
            Self::CategoricalCrossentropy { .. } | Self::SparseCategoricalCrossentropy => Some(Distribution::Softmax),
            Self::BinaryCrossentropy { .. } => Some(Distribution::Sigmoid),
            Self::MeanSquaredError | Self::MeanAbsoluteError | Self::Huber { .. } | Self::Custom { .. } => None,
        }
    }

    /// The runtime's descriptor, an expression. `from_logits`: whether it is given what was before the softmax or
    /// sigmoid.
    pub fn descriptor(&self, from_logits: bool) -> TokenStream {
        let input = if from_logits {
            quote!(::net_runtime::losses::Input::Logits)
        } else {
            quote!(::net_runtime::losses::Input::Probabilities)
        };
        let path = self.path();
        match self {
            Self::CategoricalCrossentropy { label_smoothing } | Self::BinaryCrossentropy { label_smoothing } => {
                let label_smoothing = float(*label_smoothing);
                quote!(#path { label_smoothing: #label_smoothing, input: #input })
            }
            Self::SparseCategoricalCrossentropy => quote!(#path { input: #input }),
            Self::Huber { delta } => {
                let delta = float(*delta);
                quote!(#path { delta: #delta })
            }
            Self::MeanSquaredError | Self::MeanAbsoluteError | Self::Custom { .. } => path,
        }
    }

    /// What the user calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CategoricalCrossentropy { .. } => "CategoricalCrossentropy",
            Self::SparseCategoricalCrossentropy => "SparseCategoricalCrossentropy",
            Self::BinaryCrossentropy { .. } => "BinaryCrossentropy",
            Self::MeanSquaredError => "MeanSquaredError",
            Self::MeanAbsoluteError => "MeanAbsoluteError",
            Self::Huber { .. } => "Huber",
            Self::Custom { .. } => "this loss",
        }
    }

    /// The descriptor's type; for one of the user's own, the expression.
    pub fn path(&self) -> TokenStream {
        match self {
            Self::CategoricalCrossentropy { .. } => quote!(::net_runtime::losses::CategoricalCrossentropy),
            Self::SparseCategoricalCrossentropy => quote!(::net_runtime::losses::SparseCategoricalCrossentropy),
            Self::BinaryCrossentropy { .. } => quote!(::net_runtime::losses::BinaryCrossentropy),
            Self::MeanSquaredError => quote!(::net_runtime::losses::MeanSquaredError),
            Self::MeanAbsoluteError => quote!(::net_runtime::losses::MeanAbsoluteError),
            Self::Huber { .. } => quote!(::net_runtime::losses::Huber),
            Self::Custom { expression } => expression.clone(),
        }
    }
}

/// How a loss is written.
struct Signature {
    name: &'static str,
    parameters: &'static [Parameter<'static>],
    build: fn(&mut Arguments<'_>) -> Option<Loss>,
}

const LABEL_SMOOTHING: &[Parameter<'static>] = &[Parameter::optional("label_smoothing", "0.0")];

/// Every loss, sorted by name.
static LOSSES: &[Signature] = &[
    Signature {
        name: "BinaryCrossentropy",
        parameters: LABEL_SMOOTHING,
        build: |arguments| Some(Loss::BinaryCrossentropy { label_smoothing: label_smoothing(arguments)? }),
    },
    Signature {
        name: "CategoricalCrossentropy",
        parameters: LABEL_SMOOTHING,
        build: |arguments| Some(Loss::CategoricalCrossentropy { label_smoothing: label_smoothing(arguments)? }),
    },
    Signature {
        name: "Huber",
        parameters: &[Parameter::optional("delta", "1.0")],
        build: |arguments| {
            let delta = arguments.number_within("delta", Some(1.0), |delta| delta > 0.0, "above 0")?;
            Some(Loss::Huber { delta })
        },
    },
    Signature { name: "MeanAbsoluteError", parameters: &[], build: |_| Some(Loss::MeanAbsoluteError) },
    Signature { name: "MeanSquaredError", parameters: &[], build: |_| Some(Loss::MeanSquaredError) },
    Signature {
        name: "SparseCategoricalCrossentropy",
        parameters: &[],
        build: |_| Some(Loss::SparseCategoricalCrossentropy),
    },
];

fn label_smoothing(arguments: &mut Arguments<'_>) -> Option<f32> {
    arguments.number_within("label_smoothing", Some(0.0), |share| (0.0..=1.0).contains(&share), "from 0 to 1")
}

/// The loss that the user wrote; `None` if there is no such, which has been told.
pub fn resolve(stage: &Stage, constants: &Constants, errors: &mut Errors) -> Option<Loss> {
    if is_path(stage) {
        return custom(stage, errors).map(|expression| Loss::Custom { expression });
    }
    let name = stage.name().to_string();
    let Some(signature) = LOSSES.iter().find(|signature| signature.name == name) else {
        let message = Message::new(stage.name().span(), format!("unknown loss `{name}`"));
        let names = LOSSES.iter().map(|signature| signature.name);
        errors.push(match elsewhere::loss(&name) {
            Some(help) => message.help(help),
            None => message.help(unknown_help(&name, names, "losses", "loss")),
        });
        return None;
    };
    let items = stage.arguments.as_ref().map_or([].as_slice(), |arguments| &arguments.items);
    let mut arguments =
        arguments::bind(stage.name(), &name, items, signature.parameters, Beside::Nothing, constants, errors);
    let built = (signature.build)(&mut arguments);
    built.filter(|_| arguments.sound)
}

/// Whether the user means an item of the surrounding crate.
pub(crate) fn is_path(stage: &Stage) -> bool {
    stage.path.leading_colon.is_some() || stage.path.segments.len() > 1
}

/// What to do about an unknown loss or metric: a name that is near, or a path.
pub(crate) fn unknown_help<'a>(
    name: &str,
    names: impl Iterator<Item = &'a str> + Clone,
    plural: &str,
    singular: &str,
) -> String {
    let own = format!("your own {singular} is written as a path, e.g. `self::{name}`");
    match suggest::nearest(name, names.clone()) {
        Some(near) => format!("did you mean `{near}`? {own}"),
        None => format!("the {plural} are {}; {own}", suggest::quoted(&names.collect::<Vec<_>>())),
    }
}

/// An expression of the surrounding crate: a path, a call, or with named arguments a struct.
pub(crate) fn custom(stage: &Stage, errors: &mut Errors) -> Option<TokenStream> {
    let path = &stage.path;
    let Some(syntax::Arguments { items, .. }) = &stage.arguments else { return Some(quote!(#path)) };
    let named: Vec<_> = items.iter().filter_map(|item| item.name.as_ref()).collect();
    let values = items.iter().map(|item| &item.value);
    // At the user's name, so that rustc marks nothing but that where the type is a wrong one.
    let place = stage.name().span();
    if named.is_empty() {
        return Some(quote_spanned!(place => #path(#(#values),*)));
    }
    if named.len() < items.len() {
        errors.error(
            named[0].span(),
            format!("the arguments of `{}` have to be all named or all without names", stage.name()),
        );
        return None;
    }
    Some(quote_spanned!(place => #path { #(#named: #values),* }))
}
