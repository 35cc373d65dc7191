//! What recurrent layers have in common: how they go through the steps of a sequence.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::signature::{Arity, NamedOperand};
use super::{
    Backward, Facts, Holder, Initial, Meaning, Misfit, Parameter as Weight, Read, Reads, Saved, Setting, Takes,
    TensorType, Values, Weights, float, integer,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const ACTIVATION: Parameter<'static> = Parameter::named("activation", "tanh");
pub(super) const RECURRENT_ACTIVATION: Parameter<'static> = Parameter::named("recurrent_activation", "sigmoid");
pub(super) const SEQUENCES: Parameter<'static> = Parameter::named("sequences", "false");
pub(super) const STATES: Parameter<'static> = Parameter::named("states", "false");
pub(super) const REVERSE: Parameter<'static> = Parameter::named("reverse", "false");
pub(super) const BIAS: Parameter<'static> = Parameter::named("bias", "true");
pub(super) const UNIT_FORGET_BIAS: Parameter<'static> = Parameter::named("unit_forget_bias", "true");
pub(super) const DROPOUT: Parameter<'static> = Parameter::named("dropout", "0");
pub(super) const RECURRENT_DROPOUT: Parameter<'static> = Parameter::named("recurrent_dropout", "0");

/// Operands of a layer with one state.
pub(super) const ONE_STATE: Arity =
    Arity::Named(&[NamedOperand::required("x"), NamedOperand::optional("state"), NamedOperand::named("mask")]);

/// Operands of a layer with a hidden state and a cell state.
pub(super) const TWO_STATES: Arity = Arity::Named(&[
    NamedOperand::required("x"),
    NamedOperand::optional("h").with("c"),
    NamedOperand::optional("c").with("h"),
    NamedOperand::named("mask"),
]);

/// Functions of one element whose derivative their result tells.
const ACTIVATIONS: &[&str] = &[
    "tanh",
    "sigmoid",
    "hard_sigmoid",
    "relu",
    "relu6",
    "elu",
    "selu",
    "softplus",
    "softsign",
    "log_sigmoid",
    "sparse_plus",
    "sparse_sigmoid",
    "exp",
    "linear",
];

/// Functions of one element, by their names here and in Keras, that are none of these: their derivative is computed from what goes in,
/// which no step keeps, or they have arguments.
const OTHERS: &[&str] = &[
    "abs",
    "celu",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "log_softmax",
    "mish",
    "silu",
    "soft_shrink",
    "softmax",
    "sparsemax",
    "square",
    "squareplus",
    "swish",
    "tanh_shrink",
    "threshold",
];

/// The function that is given as this parameter, or `default`.
pub(super) fn activation(
    arguments: &mut Arguments<'_>,
    parameter: Parameter<'_>,
    default: &'static str,
) -> Option<&'static str> {
    let help =
        "recurrent layers take functions whose derivative follows from their result, for that is what a step keeps";
    arguments.word_or(parameter.name, default, ACTIVATIONS, |word| OTHERS.contains(&word).then_some(help))
}

/// The functions of a kind with gates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Functions {
    /// That of the candidate, and of a cell state.
    pub(super) activation: &'static str,
    /// That of the gates.
    pub(super) recurrent: &'static str,
}

impl Functions {
    pub(super) fn of(arguments: &mut Arguments<'_>) -> Option<Self> {
        let of_candidate = activation(arguments, ACTIVATION, "tanh");
        let of_gates = activation(arguments, RECURRENT_ACTIVATION, "sigmoid");
        Some(Self { activation: of_candidate?, recurrent: of_gates? })
    }

    /// The fields of a descriptor for those that are not as usual.
    pub(super) fn settings(self) -> Vec<TokenStream> {
        let mut settings = Vec::new();
        if self.activation != "tanh" {
            let function = function(self.activation);
            settings.push(quote!(activation: #function));
        }
        if self.recurrent != "sigmoid" {
            let function = function(self.recurrent);
            settings.push(quote!(recurrent_activation: #function));
        }
        settings
    }
}

/// The runtime's function of this name.
fn function(name: &str) -> TokenStream {
    let function = format_ident!("{name}");
    match name {
        "linear" => quote!(::net_runtime::activations::Activation::Linear),
        "elu" => quote!(::net_runtime::activations::elu(1.0)),
        _ => quote!(::net_runtime::activations::#function()),
    }
}

/// Weights of a recurrent layer.
static WITH_BIAS: Holder = Holder { name: "Recurrent", parameters: &["kernel", "recurrent_kernel", "bias"] };

/// The same with `bias = false`.
static WITHOUT_BIAS: Holder = Holder { name: "RecurrentLinear", parameters: &["kernel", "recurrent_kernel"] };

/// The order of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Forward,
    /// From the last step, the results of all steps too.
    Reverse,
    /// From the last step, each result where its step is.
    ReverseAligned,
}

/// What the result of a masked step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MaskedResult {
    Before,
    Zeros,
}

/// How a layer goes through its steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sequence {
    /// Whether all hidden states are the result, and not the last one.
    pub(super) sequences: bool,
    /// Whether the states at the end are results, too.
    states: bool,
    bias: bool,
    dropout: f32,
    recurrent_dropout: f32,
    direction: Direction,
    /// What the result of a masked step is.
    masked: MaskedResult,
    /// Whether the last operand is a mask.
    has_mask: bool,
}

impl Sequence {
    pub(super) fn of(arguments: &mut Arguments<'_>) -> Option<Self> {
        let sequences = arguments.flag(SEQUENCES.name, false);
        let states = arguments.flag(STATES.name, false);
        let reverse = arguments.flag(REVERSE.name, false);
        let bias = arguments.flag(BIAS.name, true);
        let [dropout, recurrent_dropout] = [DROPOUT, RECURRENT_DROPOUT].map(|rate| {
            arguments.number_within(rate.name, Some(0.0), |rate| (0.0..1.0).contains(&rate), "at least 0 and below 1")
        });
        Some(Self {
            sequences: sequences?,
            states: states?,
            bias: bias?,
            dropout: dropout?,
            recurrent_dropout: recurrent_dropout?,
            direction: if reverse? { Direction::Reverse } else { Direction::Forward },
            masked: MaskedResult::Before,
            has_mask: false,
        })
    }

    /// The same with a mask as the last operand.
    pub(super) fn with_mask(self) -> Self {
        Self { has_mask: true, ..self }
    }

    /// Both directions.
    pub(super) fn halves(self) -> [Self; 2] {
        let masked = if self.sequences { MaskedResult::Zeros } else { MaskedResult::Before };
        [Direction::Forward, Direction::ReverseAligned].map(|direction| Self { direction, masked, ..self })
    }

    /// Number of results of a layer with so many states.
    pub(super) fn results(self, states: usize) -> usize {
        if self.states { 1 + states } else { 1 }
    }

    /// Those of these names that results have.
    pub(super) fn result_names(self, names: &'static [&'static str]) -> &'static [&'static str] {
        if self.states { names } else { &[] }
    }

    pub(super) fn holder(self) -> &'static Holder {
        if self.bias { &WITH_BIAS } else { &WITHOUT_BIAS }
    }

    /// The weights, from the dimensions of both kernels and the bias.
    pub(super) fn weights(self, kernel: Shape, recurrent: Shape, bias: Weight) -> Weights {
        let all = [
            Weight::trained(kernel, Initial::GLOROT_UNIFORM),
            Weight::trained(recurrent, Initial::random("orthogonal").with(Setting::Number(1.0))),
            bias,
        ];
        let holder = self.holder();
        Weights { holder, parameters: all.into_iter().take(holder.parameters.len()).collect() }
    }

    /// Whether states and mask have the shapes that they should have: states that are called so of `layer`, of the shape `state`; `help` is
    /// for those that have another one.
    pub(super) fn check_others(
        self,
        (layer, steps): (&str, usize),
        names: &[&str],
        state: &Shape,
        operands: &[Shape],
        help: impl Fn(&Shape) -> String,
    ) -> Result<(), Misfit> {
        let states = operands.len() - usize::from(self.has_mask);
        for (index, operand) in operands.iter().enumerate().skip(1) {
            let is_state = index < states;
            let expected = if is_state { state.clone() } else { vec![steps] };
            if *operand == expected {
                continue;
            }
            let what = match names {
                _ if !is_state => "mask".to_owned(),
                [_] => "state".to_owned(),
                names => format!("state `{}`", names[index - 1]),
            };
            let text = format!("the {what} of `{layer}` is {expected:?}, but {{{index}}} is {operand:?}");
            return Err(Misfit::operand(index, text).help(match is_state {
                true => help(operand),
                false => "a mask has a number for each step, 0 for one that does not count".to_owned(),
            }));
        }
        Ok(())
    }

    /// The facts of a layer whose steps have so many `inputs`, whose `states` have this shape, and which keeps so many `columns` of each
    /// element of a state and step beside its hidden state.
    pub(super) fn facts(
        self,
        [steps, inputs]: [usize; 2],
        state: &Shape,
        [states, columns]: [usize; 2],
        operands: &[Shape],
        (weights, multiply_adds): (Weights, u64),
    ) -> Facts {
        let output = if self.sequences { [&[steps], &state[..]].concat() } else { state.clone() };
        let results = [output, state.clone(), state.clone()].map(TensorType::numbers);
        let reads = Reads { operands: true, results: Read::All, ..Reads::default() };
        Facts {
            results: results.into_iter().take(self.results(states)).collect(),
            weights: Some(weights),
            saved: vec![Saved {
                name: "kept",
                floats: self.kept([steps, inputs], state.iter().product(), [states, columns]),
            }],
            multiply_adds,
            turns: steps,
            backward: Backward {
                begin: Some(Reads { weights: true, ..reads }),
                weights: Reads { upstream: false, ..reads },
                input: Reads { weights: true, upstream: false, ..Reads::default() },
            },
            without_gradient: if self.has_mask { vec![operands.len() - 1] } else { Vec::new() },
            takes: Takes { operand_list: true, result_list: true, scratch: true, random: true },
            meaning: Meaning {
                values: Values::Any,
                every_step: (!self.sequences).then_some("sequences = true"),
                ..Meaning::default()
            },
            ..Facts::of(Shape::new())
        }
    }

    /// Numbers that a sample keeps, as `Sequence::kept` of the runtime says.
    fn kept(self, [steps, inputs]: [usize; 2], units: usize, [states, columns]: [usize; 2]) -> usize {
        let hidden = usize::from(!self.sequences || self.has_mask);
        let per_unit = (columns + hidden) * steps + states;
        let factors = if self.dropout > 0.0 { inputs } else { 0 };
        let state_factors = if self.recurrent_dropout > 0.0 { units } else { 0 };
        per_unit * units + factors + state_factors
    }

    /// The runtime's `Sequence`.
    pub(super) fn descriptor(self, [steps, inputs, units]: [usize; 3], stream: u64) -> TokenStream {
        let Self { sequences, dropout, recurrent_dropout, direction, masked, has_mask, .. } = self;
        let [steps, inputs, units] = [steps, inputs, units].map(integer);
        let mut fields = Vec::new();
        if sequences {
            fields.push(quote!(sequences: true));
        }
        if direction != Direction::Forward {
            let direction = format_ident!("{direction:?}");
            fields.push(quote!(direction: ::net_runtime::layers::Direction::#direction));
        }
        if has_mask {
            let masked = format_ident!("{masked:?}");
            fields.push(quote!(mask: ::core::option::Option::Some(::net_runtime::layers::MaskedResult::#masked)));
        }
        for (name, rate) in [("dropout", dropout), ("recurrent_dropout", recurrent_dropout)] {
            if rate > 0.0 {
                let (name, rate) = (format_ident!("{name}"), float(rate));
                fields.push(quote!(#name: #rate));
            }
        }
        if dropout > 0.0 || recurrent_dropout > 0.0 {
            let stream = Literal::u64_unsuffixed(stream);
            fields.push(quote!(stream: #stream));
        }
        let plain = quote!(::net_runtime::layers::Sequence::new(#steps, #inputs, #units));
        match fields.is_empty() {
            true => plain,
            false => quote!(::net_runtime::layers::Sequence { #(#fields,)* ..#plain }),
        }
    }
}

/// The bias of an LSTM with so many units; the forget gate's part of it is 1 at first if that is wanted.
pub(super) fn lstm_bias(units: usize, unit_forget_bias: bool) -> Weight {
    let initial = if unit_forget_bias { Initial::fixed("forget_bias") } else { Initial::ZEROS };
    Weight::trained(vec![4 * units], initial)
}
