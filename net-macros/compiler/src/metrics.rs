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
        /// The whole numbers among the arguments that the shape of an output bounds.
        bounded: Vec<usize>,
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

/// What is wrong with a shape, given the numbers that it bounds, and what to do about it.
type Misfit = fn(&Shape, &[usize]) -> Option<(String, String)>;

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
    /// The whole numbers among the arguments that the shape of an output bounds.
    bounded: fn(&mut Arguments<'_>) -> Option<Vec<usize>>,
    /// What is wrong with the shape of an output, if anything is, given those numbers, and what to do about it. `{}` stands for the
    /// output's name.
    misfit: Misfit,
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
        bounded: |_| Some(Vec::new()),
        misfit: |_, _| None,
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
    Kind { parameters: OF_CONFUSION, of_classes: Some(of_classes), fields: of_confusion_fields, ..plain(name) }
}

fn of_confusion_fields(arguments: &mut Arguments<'_>) -> Option<Vec<Field>> {
    let threshold = threshold(arguments).map(|field| field.only_with(Element::F32));
    let ignore = option(arguments.whole_or_none("ignore")?.map(Literal::i64_unsuffixed));
    Some(vec![threshold?, Field::new(arguments, "ignore", ignore).only_with(Element::U32)])
}

/// One of how the elements of a row go together.
const fn of_several(name: &'static str) -> Kind {
    Kind {
        misfit: |shape, _| match shape.last() {
            Some(1) => Some((
                "a correlation is that of the elements along the last axis, of which `{}` has one".to_owned(),
                "`R2` is over the samples".to_owned(),
            )),
            _ => None,
        },
        ..plain(name)
    }
}

/// Those of the best of one share while another is at least so much.
const fn of_least(least: &'static str) -> [Parameter<'static>; 2] {
    [Parameter::required(least), Parameter::named("thresholds", "200")]
}

const AT_RECALL: &[Parameter<'static>] = &of_least("recall");
const AT_PRECISION: &[Parameter<'static>] = &of_least("precision");
const AT_SPECIFICITY: &[Parameter<'static>] = &of_least("specificity");
const AT_SENSITIVITY: &[Parameter<'static>] = &of_least("sensitivity");

fn at_least(arguments: &mut Arguments<'_>, least: &'static str) -> Option<Vec<Field>> {
    let share = float(arguments.number_within(least, None, is_share, SHARE)?);
    Some(vec![Field::new(arguments, least, share), thresholds(arguments)?])
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
            Some(vec![Field::new(arguments, "curve", curve), thresholds(arguments)?])
        },
        ..plain("Auc")
    },
    Kind { of_numbers: "ThresholdAccuracy", ..against_threshold("BinaryAccuracy") },
    plain("BinaryCrossentropy"),
    Kind { of_classes: Some("SparseCategoricalCrossentropy"), ..plain("CategoricalCrossentropy") },
    plain("CategoricalHinge"),
    of_several("ConcordanceCorrelation"),
    plain("CosineSimilarity"),
    Kind {
        parameters: &[Parameter::optional("average", "macro"), Parameter::named("threshold", "none")],
        of_classes: Some("SparseF1"),
        fields: |arguments| Some(vec![average(arguments)?, threshold_or_none(arguments)?]),
        ..plain("F1")
    },
    Kind {
        parameters: &[
            Parameter::optional("beta", "1.0"),
            Parameter::named("average", "macro"),
            Parameter::named("threshold", "none"),
        ],
        of_classes: Some("SparseFBeta"),
        fields: |arguments| {
            let beta = float(arguments.number_within("beta", Some(1.0), |beta| beta > 0.0, "above 0")?);
            let beta = Field::new(arguments, "beta", beta);
            Some(vec![beta, average(arguments)?, threshold_or_none(arguments)?])
        },
        ..plain("FBeta")
    },
    against_threshold("FalseNegatives"),
    against_threshold("FalsePositives"),
    plain("Hinge"),
    Kind {
        parameters: &[
            Parameter::required("classes"),
            Parameter::named("threshold", "0.5"),
            Parameter::named("ignore", "none"),
        ],
        bounded: |arguments| arguments.wholes("classes"),
        misfit: |shape, classes| {
            // One number is yes or no.
            let count = shape.last().map_or(2, |classes| (*classes).max(2));
            let class = classes.iter().find(|class| **class >= count)?;
            let text = format!("`{{}}` has {count} classes, counted from 0, and {class} is none");
            Some((text, format!("the last one is {}", count - 1)))
        },
        fields: |arguments| {
            let classes = arguments.wholes("classes")?.into_iter().map(Literal::usize_unsuffixed);
            let classes = Field::new(arguments, "classes", quote!(&[#(#classes),*]));
            Some([vec![classes], of_confusion_fields(arguments)?].concat())
        },
        ..of_confusion("Iou", "SparseIou")
    },
    plain("KlDivergence"),
    plain("LogCosh"),
    of_confusion("Mcc", "SparseMcc"),
    plain("MeanAbsoluteError"),
    plain("MeanAbsolutePercentageError"),
    of_confusion("MeanIou", "SparseMeanIou"),
    plain("MeanSquaredError"),
    plain("MeanSquaredLogarithmicError"),
    of_several("PearsonCorrelation"),
    plain("Poisson"),
    against_threshold("Precision"),
    Kind { parameters: AT_RECALL, fields: |arguments| at_least(arguments, "recall"), ..plain("PrecisionAtRecall") },
    plain("R2"),
    against_threshold("Recall"),
    Kind {
        parameters: AT_PRECISION,
        fields: |arguments| at_least(arguments, "precision"),
        ..plain("RecallAtPrecision")
    },
    plain("RootMeanSquaredError"),
    Kind {
        parameters: AT_SPECIFICITY,
        fields: |arguments| at_least(arguments, "specificity"),
        ..plain("SensitivityAtSpecificity")
    },
    Kind {
        parameters: AT_SENSITIVITY,
        fields: |arguments| at_least(arguments, "sensitivity"),
        ..plain("SpecificityAtSensitivity")
    },
    plain("SquaredHinge"),
    Kind {
        parameters: &[Parameter::optional("k", "5")],
        of_classes: Some("SparseTopK"),
        bounded: |arguments| Some(vec![arguments.count("k", Some(5))?]),
        misfit: |shape, numbers| {
            let classes = shape.last().copied().unwrap_or(0);
            let k = *numbers.first().filter(|k| **k >= classes)?;
            let noun = if classes == 1 { "class" } else { "classes" };
            let text = format!("`k` is {k}, but `{{}}` has {classes} {noun}: it would always be 1");
            let help = match classes {
                0..=2 => "use `Accuracy`".to_owned(),
                _ => format!("write a smaller one, e.g. `TopK({})`", classes - 1),
            };
            Some((text, help))
        },
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

/// How each of them is written: its name, and that with its arguments and their defaults.
pub fn usages() -> impl Iterator<Item = (&'static str, String)> {
    METRICS.iter().map(|kind| (kind.name, arguments::usage(kind.name, kind.parameters)))
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

/// As many as two, and 200 where nothing is said.
fn thresholds(arguments: &mut Arguments<'_>) -> Option<Field> {
    let thresholds = arguments.count("thresholds", Some(200))?;
    if thresholds < 2 {
        let text = format!("`thresholds` of `{}` must be at least 2, but this is 1", arguments.callee());
        arguments.reject("thresholds", text);
        return None;
    }
    let thresholds = Literal::usize_unsuffixed(thresholds);
    Some(Field::new(arguments, "thresholds", quote!(#thresholds)))
}

fn average(arguments: &mut Arguments<'_>) -> Option<Field> {
    let average = match arguments.word("average", "macro", &["macro", "micro", "weighted"]) {
        Some("macro") => quote!(::net_runtime::metrics::Average::Macro),
        Some("micro") => quote!(::net_runtime::metrics::Average::Micro),
        _ => quote!(::net_runtime::metrics::Average::Weighted),
    };
    Some(Field::new(arguments, "average", average))
}

fn threshold_or_none(arguments: &mut Arguments<'_>) -> Option<Field> {
    let threshold = arguments.number_or_none("threshold", is_share, SHARE)?.map(float);
    Some(Field::new(arguments, "threshold", option(threshold)).only_with(Element::F32))
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

    /// What is wrong with the shape of an output, if anything is, and what to do about it; `{}` stands for the output's name.
    pub fn misfit(&self, output: &Shape) -> Option<(String, String)> {
        match self {
            Self::BuiltIn { kind, bounded, .. } => (kind.misfit)(output, bounded),
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
    let bounded = (kind.bounded)(&mut arguments)?;
    Some(Metric::BuiltIn { kind, fields, bounded })
}
