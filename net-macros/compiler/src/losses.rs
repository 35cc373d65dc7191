//! The losses that a head may have.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

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
        fields: Vec<Field>,
        /// Whether the loss of a batch is more than the mean over its samples.
        mixes_samples: bool,
        /// How many labels a target has at most, if it is labels that it compares.
        labels: Option<usize>,
    },
    /// The user's own: an expression whose type implements `net_runtime::losses::Loss` with targets in `f32`.
    Own {
        /// The expression, e.g. `crate::Dice` or `losses::Dice { smooth: 1.0 }`.
        expression: TokenStream,
    },
}

/// A field of a descriptor, with its value.
type Field = (&'static str, TokenStream);

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Targets {
    /// Numbers in the output's shape.
    Numbers,
    /// A class number for each row of the last axis.
    Classes,
    /// So many class numbers as the argument `labels` says, which belong to no row.
    Labels,
    /// Nothing.
    Nothing,
}

/// What the numbers of an output should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Any.
    Numbers,
    /// Probabilities of any kind.
    Probabilities,
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
    /// Whether, with these arguments, the loss of a batch is more than the mean over its samples.
    mixes_samples: fn(&mut Arguments<'_>) -> bool,
    /// What is wrong with the shape of an output, if anything is, and what to do about it. `{}` stands for the output's name, the
    /// number is that of labels.
    misfit: fn(&Shape, usize) -> Option<(String, String)>,
    /// What does the same for the other distribution than it needs, if anything does.
    counterpart: Option<&'static str>,
    /// Whether it can take the logits of the distribution that it needs, in place of the probabilities.
    takes_logits: bool,
    /// The fields of the descriptor that arguments decide, with their values.
    fields: fn(&mut Arguments<'_>) -> Option<Vec<Field>>,
}

/// One that compares any numbers and has no arguments.
const PLAIN: Kind = Kind {
    name: "",
    parameters: &[],
    targets: Targets::Numbers,
    needs: Needs::Numbers,
    mixes_samples: |_| false,
    misfit: |_, _| None,
    counterpart: None,
    takes_logits: false,
    fields: |_| Some(Vec::new()),
};

/// One that is computed from logits behind their distribution; `counterpart` is for the other distribution.
const fn of_logits(distribution: Distribution, counterpart: &'static str) -> Kind {
    Kind { needs: Needs::Distribution(distribution), counterpart: Some(counterpart), takes_logits: true, ..PLAIN }
}

/// One that is computed from probabilities.
const fn of_probabilities(needs: Needs) -> Kind {
    Kind { needs, ..PLAIN }
}

const MARGIN: &[Parameter<'static>] = &[Parameter::optional("margin", "1.0")];
const LABEL_SMOOTHING: &[Parameter<'static>] = &[Parameter::optional("label_smoothing", "0.0")];

/// Every loss, sorted by name.
static LOSSES: &[Kind] = &[
    Kind {
        name: "BinaryCrossentropy",
        parameters: LABEL_SMOOTHING,
        fields: |arguments| Some(vec![label_smoothing(arguments)?]),
        ..of_logits(Distribution::Sigmoid, "CategoricalCrossentropy")
    },
    Kind {
        name: "BinaryFocalCrossentropy",
        parameters: &[
            Parameter::optional("gamma", "2.0"),
            Parameter::named("alpha", "none"),
            Parameter::named("label_smoothing", "0.0"),
        ],
        fields: |arguments| {
            let alpha = arguments.number_or_none("alpha", is_share, SHARE);
            Some(vec![gamma(arguments)?, ("alpha", option(alpha?.map(float))), label_smoothing(arguments)?])
        },
        ..of_logits(Distribution::Sigmoid, "CategoricalFocalCrossentropy")
    },
    Kind {
        name: "CategoricalCrossentropy",
        parameters: LABEL_SMOOTHING,
        fields: |arguments| Some(vec![label_smoothing(arguments)?]),
        ..of_logits(Distribution::Softmax, "BinaryCrossentropy")
    },
    Kind {
        name: "CategoricalFocalCrossentropy",
        parameters: &[
            Parameter::optional("gamma", "2.0"),
            Parameter::named("alpha", "0.25"),
            Parameter::named("label_smoothing", "0.0"),
        ],
        fields: |arguments| {
            let alpha = number(arguments, "alpha", 0.25, |alpha| alpha > 0.0, "above 0");
            Some(vec![gamma(arguments)?, alpha?, label_smoothing(arguments)?])
        },
        counterpart: Some("BinaryFocalCrossentropy"),
        ..of_probabilities(Needs::Distribution(Distribution::Softmax))
    },
    Kind { name: "CategoricalHinge", ..PLAIN },
    Kind {
        name: "Contrastive",
        parameters: MARGIN,
        fields: |arguments| Some(vec![number(arguments, "margin", 1.0, |margin| margin > 0.0, "above 0")?]),
        ..PLAIN
    },
    Kind { name: "CosineSimilarity", ..PLAIN },
    Kind {
        name: "Ctc",
        parameters: &[Parameter::required("labels")],
        targets: Targets::Labels,
        misfit: |shape, labels| match **shape {
            [steps, _] if labels <= steps => None,
            [steps, _] => Some((
                format!("`{{}}` has {steps} steps, in which no {labels} labels can be"),
                format!("write `Ctc({steps})` or fewer, or let the output have more steps"),
            )),
            _ => Some((
                format!("`Ctc` needs an output `[steps, classes]`, but `{{}}` is {shape:?}"),
                "its class 0 is the blank between labels".to_owned(),
            )),
        },
        ..of_logits(Distribution::Softmax, "BinaryCrossentropy")
    },
    Kind {
        name: "Dice",
        parameters: &[Parameter::named("over", "batch")],
        mixes_samples: takes_batch_as_one,
        fields: |arguments| Some(vec![over(arguments)?]),
        ..of_probabilities(Needs::Probabilities)
    },
    Kind {
        name: "GeneralizedCrossentropy",
        targets: Targets::Classes,
        parameters: &[Parameter::optional("q", "0.5")],
        fields: |arguments| Some(vec![number(arguments, "q", 0.5, |q| q > 0.0 && q < 1.0, "between 0 and 1")?]),
        ..of_probabilities(Needs::Distribution(Distribution::Softmax))
    },
    Kind { name: "Hinge", ..PLAIN },
    Kind {
        name: "Huber",
        parameters: &[Parameter::optional("delta", "1.0")],
        fields: |arguments| Some(vec![number(arguments, "delta", 1.0, |delta| delta > 0.0, "above 0")?]),
        ..PLAIN
    },
    Kind { name: "KlDivergence", ..of_probabilities(Needs::Distribution(Distribution::Softmax)) },
    Kind { name: "LogCosh", ..PLAIN },
    Kind { name: "MeanAbsoluteError", ..PLAIN },
    Kind { name: "MeanAbsolutePercentageError", ..PLAIN },
    Kind { name: "MeanSquaredError", ..PLAIN },
    Kind { name: "MeanSquaredLogarithmicError", ..PLAIN },
    Kind { name: "Minimize", targets: Targets::Nothing, ..PLAIN },
    Kind { name: "Poisson", ..PLAIN },
    Kind {
        name: "SparseCategoricalCrossentropy",
        parameters: &[Parameter::named("ignore", "none")],
        targets: Targets::Classes,
        mixes_samples: |arguments| arguments.is_given("ignore"),
        fields: |arguments| {
            let ignore = arguments.whole_or_none("ignore")?.map(Literal::i64_unsuffixed);
            Some(vec![("ignore", option(ignore))])
        },
        ..of_logits(Distribution::Softmax, "BinaryCrossentropy")
    },
    Kind { name: "SquaredHinge", ..PLAIN },
    Kind {
        name: "Triplet",
        parameters: MARGIN,
        targets: Targets::Nothing,
        misfit: |shape, _| match shape.last() {
            Some(2) => None,
            _ => Some((
                format!("`Triplet` compares two distances along the last axis, but `{{}}` is {shape:?}"),
                "put together the distance to what is alike and that to what is not: \
                 `((x, same) -> Distance, (x, other) -> Distance) -> Concat`"
                    .to_owned(),
            )),
        },
        fields: |arguments| Some(vec![number(arguments, "margin", 1.0, |margin| margin >= 0.0, "at least 0")?]),
        ..PLAIN
    },
    Kind {
        name: "Tversky",
        parameters: &[
            Parameter::optional("alpha", "0.5"),
            Parameter::optional("beta", "0.5"),
            Parameter::named("over", "batch"),
        ],
        mixes_samples: takes_batch_as_one,
        fields: |arguments| {
            let alpha = number(arguments, "alpha", 0.5, |alpha| alpha >= 0.0, "at least 0");
            let beta = number(arguments, "beta", 0.5, |beta| beta >= 0.0, "at least 0");
            Some(vec![alpha?, beta?, over(arguments)?])
        },
        ..of_probabilities(Needs::Probabilities)
    },
];

/// The names of all losses.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    LOSSES.iter().map(|kind| kind.name)
}

/// How each of them is written: its name, and that with its arguments and their defaults.
pub fn usages() -> impl Iterator<Item = (&'static str, String)> {
    LOSSES.iter().map(|kind| (kind.name, arguments::usage(kind.name, kind.parameters)))
}

/// A field that is an argument of the same name.
fn number(
    arguments: &mut Arguments<'_>,
    name: &'static str,
    default: f32,
    valid: fn(f32) -> bool,
    range: &str,
) -> Option<Field> {
    Some((name, float(arguments.number_within(name, Some(default), valid, range)?)))
}

fn label_smoothing(arguments: &mut Arguments<'_>) -> Option<Field> {
    number(arguments, "label_smoothing", 0.0, is_share, SHARE)
}

fn gamma(arguments: &mut Arguments<'_>) -> Option<Field> {
    number(arguments, "gamma", 2.0, |gamma| gamma >= 0.0, "at least 0")
}

/// Of what elements an overlap is.
const OVER: [&str; 2] = ["batch", "sample"];

fn over(arguments: &mut Arguments<'_>) -> Option<Field> {
    let over = match arguments.word("over", OVER[0], &OVER)? {
        "sample" => quote!(::net_runtime::losses::Over::EachSample),
        _ => quote!(::net_runtime::losses::Over::WholeBatch),
    };
    Some(("over", over))
}

/// As Keras's default.
fn takes_batch_as_one(arguments: &mut Arguments<'_>) -> bool {
    arguments.word("over", OVER[0], &OVER) == Some(OVER[0])
}

/// An option in generated code.
pub(crate) fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        None => quote!(::core::option::Option::None),
        Some(value) => quote!(::core::option::Option::Some(#value)),
    }
}

fn is_share(number: f32) -> bool {
    (0.0..=1.0).contains(&number)
}

/// [`is_share`] in words.
const SHARE: &str = "from 0 to 1";

impl Loss {
    /// What it compares an output of this shape with; `None` if with nothing.
    pub fn target(&self, output: &Shape) -> Option<Target> {
        let (targets, labels) = match self {
            Self::BuiltIn { kind, labels, .. } => (kind.targets, labels.unwrap_or(0)),
            Self::Own { .. } => (Targets::Numbers, 0),
        };
        match targets {
            Targets::Nothing => None,
            Targets::Numbers => Some(Target { element: Element::F32, shape: output.clone() }),
            Targets::Labels => Some(Target { element: Element::U32, shape: vec![labels] }),
            Targets::Classes => {
                Some(Target { element: Element::U32, shape: output[..output.len().saturating_sub(1)].to_vec() })
            }
        }
    }

    /// What is wrong with the shape of an output, if anything is, and what to do about it; `{}` stands for the output's name.
    pub fn misfit(&self, output: &Shape) -> Option<(String, String)> {
        match self {
            Self::BuiltIn { kind, labels, .. } => (kind.misfit)(output, labels.unwrap_or(0)),
            Self::Own { .. } => None,
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

    /// The loss that does the same for the other distribution than this one needs.
    pub fn counterpart(&self) -> Option<&'static str> {
        match self {
            Self::BuiltIn { kind, .. } => kind.counterpart,
            Self::Own { .. } => None,
        }
    }

    /// Whether the loss of a batch is more than the mean over its samples, so that a batch cannot be divided.
    pub fn mixes_samples(&self) -> bool {
        match self {
            Self::BuiltIn { mixes_samples, .. } => *mixes_samples,
            Self::Own { .. } => false,
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
        let Self::BuiltIn { kind, fields, .. } = self else { return path };
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
        let names = names();
        errors.push(match elsewhere::loss(&name) {
            Some(help) => message.help(help),
            None => message.help(unknown_help(&name, names, "losses", "loss")),
        });
        return None;
    };
    let items = stage.arguments.as_ref().map_or([].as_slice(), |arguments| &arguments.items);
    let mut arguments =
        arguments::bind(stage.name(), &name, items, kind.parameters, Beside::Nothing, constants, errors);
    let fields = (kind.fields)(&mut arguments).filter(|_| arguments.sound)?;
    let mixes_samples = (kind.mixes_samples)(&mut arguments);
    let labels = match kind.targets {
        Targets::Labels => Some(arguments.count("labels", None)?),
        Targets::Numbers | Targets::Classes | Targets::Nothing => None,
    };
    Some(Loss::BuiltIn { kind, fields, mixes_samples, labels })
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
