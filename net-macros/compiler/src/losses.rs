//! The losses that a head may have.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

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
    /// One of the table.
    BuiltIn {
        /// Which.
        kind: &'static Kind,
        /// The fields of the runtime's descriptor that arguments decide, with their values.
        fields: Vec<(&'static str, TokenStream)>,
    },
    /// The user's own: an expression whose type implements `net_runtime::losses::Loss` with targets in `f32`.
    Own {
        /// The expression, e.g. `crate::Dice` or `losses::Dice { smooth: 1.0 }`.
        expression: TokenStream,
    },
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Targets {
    /// Numbers in the output's shape.
    Numbers,
    /// A class number for each row of the last axis.
    Classes,
}

/// What the numbers of an output should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Any.
    Numbers,
    /// Those of a distribution.
    Distribution(Distribution),
}

/// A loss, as the compiler knows it.
#[derive(Debug)]
pub struct Kind {
    /// What the user calls it, and the name of the runtime's descriptor.
    name: &'static str,
    parameters: &'static [Parameter<'static>],
    targets: Targets,
    needs: Needs,
    /// Whether it can take the logits of the distribution that it needs, in place of the probabilities.
    takes_logits: bool,
    /// The fields of the descriptor that arguments decide, with their values.
    fields: fn(&mut Arguments<'_>) -> Option<Vec<(&'static str, TokenStream)>>,
}

/// One that compares any numbers and has no arguments.
const PLAIN: Kind = Kind {
    name: "",
    parameters: &[],
    targets: Targets::Numbers,
    needs: Needs::Numbers,
    takes_logits: false,
    fields: |_| Some(Vec::new()),
};

/// One that is computed from logits behind their distribution.
const fn of_logits(distribution: Distribution) -> Kind {
    Kind { needs: Needs::Distribution(distribution), takes_logits: true, ..PLAIN }
}

const LABEL_SMOOTHING: &[Parameter<'static>] = &[Parameter::optional("label_smoothing", "0.0")];

/// Every loss, sorted by name.
static LOSSES: &[Kind] = &[
    Kind {
        name: "BinaryCrossentropy",
        parameters: LABEL_SMOOTHING,
        fields: |arguments| Some(vec![label_smoothing(arguments)?]),
        ..of_logits(Distribution::Sigmoid)
    },
    Kind {
        name: "CategoricalCrossentropy",
        parameters: LABEL_SMOOTHING,
        fields: |arguments| Some(vec![label_smoothing(arguments)?]),
        ..of_logits(Distribution::Softmax)
    },
    Kind {
        name: "Huber",
        parameters: &[Parameter::optional("delta", "1.0")],
        fields: |arguments| Some(vec![number(arguments, "delta", 1.0, |delta| delta > 0.0, "above 0")?]),
        ..PLAIN
    },
    Kind { name: "MeanAbsoluteError", ..PLAIN },
    Kind { name: "MeanSquaredError", ..PLAIN },
    Kind { name: "SparseCategoricalCrossentropy", targets: Targets::Classes, ..of_logits(Distribution::Softmax) },
];

/// A field that is an argument of the same name.
fn number(
    arguments: &mut Arguments<'_>,
    name: &'static str,
    default: f32,
    valid: fn(f32) -> bool,
    range: &str,
) -> Option<(&'static str, TokenStream)> {
    Some((name, float(arguments.number_within(name, Some(default), valid, range)?)))
}

fn label_smoothing(arguments: &mut Arguments<'_>) -> Option<(&'static str, TokenStream)> {
    number(arguments, "label_smoothing", 0.0, |share| (0.0..=1.0).contains(&share), "from 0 to 1")
}

impl Loss {
    /// What it compares an output of this shape with.
    pub fn target(&self, output: &Shape) -> Target {
        match self {
            Self::BuiltIn { kind: Kind { targets: Targets::Classes, .. }, .. } => {
                Target { element: Element::U32, shape: output[..output.len().saturating_sub(1)].to_vec() }
            }
            Self::BuiltIn { .. } | Self::Own { .. } => Target { element: Element::F32, shape: output.clone() },
        }
    }

    /// Whether it is the user's own.
    pub fn is_own(&self) -> bool {
        matches!(self, Self::Own { .. })
    }

    /// What the numbers of an output should be.
    pub fn needs(&self) -> Needs {
        match self {
            Self::BuiltIn { kind, .. } => kind.needs,
            Self::Own { .. } => Needs::Numbers,
        }
    }

    /// The distribution whose logits it can take instead of the probabilities.
    pub fn takes_logits_of(&self) -> Option<Distribution> {
        match self {
            Self::BuiltIn { kind: Kind { needs: Needs::Distribution(needed), takes_logits: true, .. }, .. } => {
                Some(*needed)
            }
            Self::BuiltIn { .. } | Self::Own { .. } => None,
        }
    }

    /// The runtime's descriptor, an expression. `from_logits`: whether it is given what was before the softmax or
    /// sigmoid.
    pub fn descriptor(&self, from_logits: bool) -> TokenStream {
        let path = self.path();
        let Self::BuiltIn { kind, fields } = self else { return path };
        let (mut names, mut values): (Vec<Ident>, Vec<TokenStream>) =
            fields.iter().map(|(name, value)| (format_ident!("{name}"), value.clone())).unzip();
        if kind.takes_logits {
            names.push(format_ident!("input"));
            values.push(match from_logits {
                true => quote!(::net_runtime::losses::Input::Logits),
                false => quote!(::net_runtime::losses::Input::Probabilities),
            });
        }
        if names.is_empty() { path } else { quote!(#path { #(#names: #values),* }) }
    }

    /// What the user calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::BuiltIn { kind, .. } => kind.name,
            Self::Own { .. } => "this loss",
        }
    }

    /// The descriptor's type; for one of the user's own, the expression.
    pub fn path(&self) -> TokenStream {
        match self {
            Self::BuiltIn { kind, .. } => {
                let name = format_ident!("{}", kind.name);
                quote!(::net_runtime::losses::#name)
            }
            Self::Own { expression } => expression.clone(),
        }
    }
}

/// The loss that the user wrote; `None` if there is no such, which has been told.
pub fn resolve(stage: &Stage, constants: &Constants, errors: &mut Errors) -> Option<Loss> {
    if is_path(stage) {
        return custom(stage, errors).map(|expression| Loss::Own { expression });
    }
    let name = stage.name().to_string();
    let Some(kind) = LOSSES.iter().find(|kind| kind.name == name) else {
        let message = Message::new(stage.name().span(), format!("unknown loss `{name}`"));
        let names = LOSSES.iter().map(|kind| kind.name);
        errors.push(match elsewhere::loss(&name) {
            Some(help) => message.help(help),
            None => message.help(unknown_help(&name, names, "losses", "loss")),
        });
        return None;
    };
    let items = stage.arguments.as_ref().map_or([].as_slice(), |arguments| &arguments.items);
    let mut arguments = arguments::bind(stage.name(), &name, items, kind.parameters, Beside::Nothing, constants, errors);
    let fields = (kind.fields)(&mut arguments);
    fields.filter(|_| arguments.sound).map(|fields| Loss::BuiltIn { kind, fields })
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
