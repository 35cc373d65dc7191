//! The metrics that a head may have.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use crate::arguments::{self, Arguments, Beside, Parameter};
use crate::constants::Constants;
use crate::elsewhere;
use crate::errors::{Errors, Message};
use crate::layers::float;
use crate::losses::{custom, is_path, option, unknown_help};
use crate::shape::{Element, Shape, Target};
use crate::syntax::Stage;

/// A metric with its arguments.
#[derive(Clone, Debug)]
pub enum Metric {
    /// One of the table.
    BuiltIn {
        /// Which.
        kind: &'static Kind,
        /// The fields of the runtime's descriptor that arguments decide.
        fields: Vec<Field>,
        /// Among how many of the likeliest classes the true one is to be, if that is what is asked.
        top: Option<usize>,
    },
    /// The user's own: an expression whose type implements `net_runtime::metrics::Metric`.
    Own {
        /// Its type, e.g. `crate::Iou`.
        path: TokenStream,
        /// The expression, e.g. `crate::Iou { threshold: 0.5 }`.
        expression: TokenStream,
    },
}

/// A field of a descriptor.
#[derive(Clone, Debug)]
pub struct Field {
    name: &'static str,
    value: TokenStream,
    /// The targets with which the descriptor has it; both kinds where nothing is said.
    only_with: Option<Element>,
    /// Whether the user has said something.
    given: bool,
}

/// A metric, as the compiler knows it.
#[derive(Debug)]
pub struct Kind {
    /// What the user calls it.
    name: &'static str,
    parameters: &'static [Parameter<'static>],
    /// The runtime's descriptor for outputs with one element along the last axis, if that is another.
    of_one: Option<&'static str>,
    /// For targets in the output's shape.
    of_numbers: &'static str,
    /// For class numbers, if it compares them.
    of_classes: Option<&'static str>,
    /// Whether it asks for one of the `k` likeliest classes.
    counts_top: bool,
    fields: fn(&mut Arguments<'_>) -> Option<Vec<Field>>,
}

/// One of numbers alone, without arguments.
const fn plain(name: &'static str) -> Kind {
    Kind {
        name,
        parameters: &[],
        of_one: None,
        of_numbers: name,
        of_classes: None,
        counts_top: false,
        fields: |_| Some(Vec::new()),
    }
}

const THRESHOLD: &[Parameter<'static>] = &[Parameter::optional("threshold", "0.5")];

/// One of numbers against a threshold.
const fn against_threshold(name: &'static str) -> Kind {
    Kind { parameters: THRESHOLD, fields: |arguments| Some(vec![threshold(arguments)?]), ..plain(name) }
}

const OF_CONFUSION: &[Parameter<'static>] = &[Parameter::named("threshold", "0.5"), Parameter::named("ignore", "none")];

/// One of classes, that may ignore one, or of numbers against a threshold.
const fn of_confusion(name: &'static str, of_classes: &'static str) -> Kind {
    Kind {
        parameters: OF_CONFUSION,
        of_classes: Some(of_classes),
        fields: |arguments| {
            let threshold = threshold(arguments).map(|field| field.only_with(Element::F32));
            let ignore = option(arguments.whole_or_none("ignore")?.map(Literal::i64_unsuffixed));
            Some(vec![threshold?, Field::new(arguments, "ignore", ignore).only_with(Element::U32)])
        },
        ..plain(name)
    }
}

/// Every metric, sorted by name.
static METRICS: &[Kind] = &[
    Kind {
        of_one: Some("BinaryAccuracy"),
        of_numbers: "CategoricalAccuracy",
        of_classes: Some("SparseCategoricalAccuracy"),
        ..plain("Accuracy")
    },
    Kind {
        parameters: &[Parameter::optional("curve", "roc"), Parameter::named("thresholds", "200")],
        fields: |arguments| {
            let curve = match arguments.word("curve", "roc", &["roc", "pr"]) {
                Some("roc") => quote!(::net_runtime::metrics::Curve::Roc),
                _ => quote!(::net_runtime::metrics::Curve::Pr),
            };
            let thresholds = arguments.count("thresholds", Some(200))?;
            if thresholds < 2 {
                arguments.reject("thresholds", "`thresholds` of `Auc` must be at least 2, but this is 1");
                return None;
            }
            let thresholds = Literal::usize_unsuffixed(thresholds);
            Some(vec![Field::new(arguments, "curve", curve), Field::new(arguments, "thresholds", quote!(#thresholds))])
        },
        ..plain("Auc")
    },
    Kind { of_numbers: "ThresholdAccuracy", ..against_threshold("BinaryAccuracy") },
    plain("BinaryCrossentropy"),
    plain("CategoricalCrossentropy"),
    plain("CategoricalHinge"),
    plain("CosineSimilarity"),
    Kind {
        parameters: &[Parameter::optional("average", "macro"), Parameter::named("threshold", "none")],
        of_classes: Some("SparseF1"),
        fields: |arguments| {
            let average = match arguments.word("average", "macro", &["macro", "micro", "weighted"]) {
                Some("macro") => quote!(::net_runtime::metrics::Average::Macro),
                Some("micro") => quote!(::net_runtime::metrics::Average::Micro),
                _ => quote!(::net_runtime::metrics::Average::Weighted),
            };
            let threshold = arguments.number_or_none("threshold", is_share, SHARE)?.map(float);
            let threshold = Field::new(arguments, "threshold", option(threshold)).only_with(Element::F32);
            Some(vec![Field::new(arguments, "average", average), threshold])
        },
        ..plain("F1")
    },
    against_threshold("FalseNegatives"),
    against_threshold("FalsePositives"),
    plain("Hinge"),
    plain("KlDivergence"),
    plain("LogCosh"),
    of_confusion("Mcc", "SparseMcc"),
    plain("MeanAbsoluteError"),
    plain("MeanAbsolutePercentageError"),
    of_confusion("MeanIou", "SparseMeanIou"),
    plain("MeanSquaredError"),
    plain("MeanSquaredLogarithmicError"),
    plain("Poisson"),
    against_threshold("Precision"),
    plain("R2"),
    against_threshold("Recall"),
    plain("RootMeanSquaredError"),
    plain("SquaredHinge"),
    Kind {
        parameters: &[Parameter::optional("k", "5")],
        of_classes: Some("SparseTopK"),
        counts_top: true,
        fields: |arguments| {
            let k = Literal::usize_unsuffixed(arguments.count("k", Some(5))?);
            Some(vec![Field::new(arguments, "k", quote!(#k))])
        },
        ..plain("TopK")
    },
    against_threshold("TrueNegatives"),
    against_threshold("TruePositives"),
];

/// The names of all metrics.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    METRICS.iter().map(|kind| kind.name)
}

impl Field {
    fn new(arguments: &Arguments<'_>, name: &'static str, value: TokenStream) -> Self {
        Self { name, value, only_with: None, given: arguments.is_given(name) }
    }

    fn only_with(self, element: Element) -> Self {
        Self { only_with: Some(element), ..self }
    }
}

fn threshold(arguments: &mut Arguments<'_>) -> Option<Field> {
    let threshold = arguments.number_within("threshold", Some(0.5), is_share, SHARE)?;
    Some(Field::new(arguments, "threshold", float(threshold)))
}

fn is_share(number: f32) -> bool {
    (0.0..=1.0).contains(&number)
}

/// [`is_share`] in words.
const SHARE: &str = "from 0 to 1";

impl Metric {
    /// Whether it is the user's own.
    pub fn is_own(&self) -> bool {
        matches!(self, Self::Own { .. })
    }

    /// The runtime's type for an output of this shape that is compared with this target.
    pub fn path(&self, output: &Shape, target: &Target) -> TokenStream {
        match self {
            Self::BuiltIn { kind, .. } => {
                // As Keras picks by the shapes of the head and of its targets.
                let of_one = kind.of_one.filter(|_| output.last() == Some(&1));
                let of_classes = kind.of_classes.filter(|_| target.element == Element::U32);
                let name = format_ident!("{}", of_one.or(of_classes).unwrap_or(kind.of_numbers));
                quote!(::net_runtime::metrics::#name)
            }
            Self::Own { path, .. } => path.clone(),
        }
    }

    /// The runtime's metric, an expression.
    pub fn descriptor(&self, output: &Shape, target: &Target) -> TokenStream {
        match self {
            Self::BuiltIn { fields, .. } => {
                let path = self.path(output, target);
                let fields = fields.iter().filter(|field| field.only_with.is_none_or(|with| with == target.element));
                let (names, values): (Vec<Ident>, Vec<_>) =
                    fields.map(|field| (format_ident!("{}", field.name), &field.value)).unzip();
                if names.is_empty() { path } else { quote!(#path { #(#names: #values),* }) }
            }
            Self::Own { expression, .. } => expression.clone(),
        }
    }

    /// What the user calls it, if it is not the user's own.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Self::BuiltIn { kind, .. } => Some(kind.name),
            Self::Own { .. } => None,
        }
    }

    /// Whether it can be compared with targets of this kind.
    pub fn compares(&self, element: Element) -> bool {
        match self {
            Self::BuiltIn { kind, .. } => element == Element::F32 || kind.of_classes.is_some(),
            Self::Own { .. } => true,
        }
    }

    /// An argument that the user gives, and that is for other targets than these.
    pub fn surplus(&self, element: Element) -> Option<&'static str> {
        let Self::BuiltIn { fields, .. } = self else { return None };
        let surplus = |field: &&Field| field.given && field.only_with.is_some_and(|with| with != element);
        fields.iter().find(surplus).map(|field| field.name)
    }

    /// Among how many of the likeliest classes the true one is to be, if that is what is asked.
    pub fn top(&self) -> Option<usize> {
        match self {
            Self::BuiltIn { top, .. } => *top,
            Self::Own { .. } => None,
        }
    }
}

/// The metric that the user wrote; `None` if there is no such, which has been told.
pub fn resolve(stage: &Stage, constants: &Constants, errors: &mut Errors) -> Option<Metric> {
    if is_path(stage) {
        let path = &stage.path;
        return custom(stage, errors).map(|expression| Metric::Own { path: quote!(#path), expression });
    }
    let name = stage.name().to_string();
    let Some(kind) = METRICS.iter().find(|kind| kind.name == name) else {
        let message = Message::new(stage.name().span(), format!("unknown metric `{name}`"));
        let names = names();
        errors.push(match elsewhere::metric(&name) {
            Some(help) => message.help(help),
            None => message.help(unknown_help(&name, names, "metrics", "metric")),
        });
        return None;
    };
    let items = stage.arguments.as_ref().map_or([].as_slice(), |arguments| &arguments.items);
    let mut arguments =
        arguments::bind(stage.name(), &name, items, kind.parameters, Beside::Nothing, constants, errors);
    let fields = (kind.fields)(&mut arguments).filter(|_| arguments.sound)?;
    let top = if kind.counts_top { arguments.count("k", Some(5)) } else { None };
    Some(Metric::BuiltIn { kind, fields, top })
}
