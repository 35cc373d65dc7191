//! `Lstm`, `Gru`, `SimpleRnn`: the same weights at every step, and states that go from step to step.

use std::rc::Rc;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::signature::{Arity, Given, NamedOperand, Signature};
use super::{
    Backward, Facts, Holder, Inferred, Initial, Layer, Meaning, Misfit, Parameter as Weight, Read, Reads, Saved,
    Setting, Takes, TensorType, Use, Values, Weights, float, integer, single,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

const UNITS: Parameter<'static> = Parameter::required("units");
const SEQUENCES: Parameter<'static> = Parameter::named("sequences", "false");
const STATES: Parameter<'static> = Parameter::named("states", "false");
const REVERSE: Parameter<'static> = Parameter::named("reverse", "false");
const BIAS: Parameter<'static> = Parameter::named("bias", "true");
const DROPOUT: Parameter<'static> = Parameter::named("dropout", "0");

const ONE_STATE: Arity =
    Arity::Named(&[NamedOperand::required("x"), NamedOperand::optional("state"), NamedOperand::named("mask")]);

pub(super) const LSTM: Signature = Signature {
    name: "Lstm",
    parameters: &[UNITS, SEQUENCES, STATES, REVERSE, BIAS, DROPOUT],
    operands: Arity::Named(&[
        NamedOperand::required("x"),
        NamedOperand::optional("h").with("c"),
        NamedOperand::optional("c").with("h"),
        NamedOperand::named("mask"),
    ]),
    build: |arguments| build(arguments, |_| Some(Kind::Lstm)),
};

pub(super) const GRU: Signature = Signature {
    name: "Gru",
    parameters: &[UNITS, SEQUENCES, STATES, REVERSE, Parameter::named("reset_after", "true"), BIAS, DROPOUT],
    operands: ONE_STATE,
    build: |arguments| {
        build(arguments, |arguments| Some(Kind::Gru { reset_after: arguments.flag("reset_after", true)? }))
    },
};

pub(super) const SIMPLE_RNN: Signature = Signature {
    name: "SimpleRnn",
    parameters: &[UNITS, Parameter::named("activation", "tanh"), SEQUENCES, STATES, REVERSE, BIAS, DROPOUT],
    operands: ONE_STATE,
    build: |arguments| {
        build(arguments, |arguments| {
            Some(Kind::SimpleRnn { activation: arguments.word("activation", "tanh", ACTIVATIONS)? })
        })
    },
};

/// Functions of one element whose derivative their result tells.
const ACTIVATIONS: &[&str] = &["tanh", "relu", "sigmoid", "hard_sigmoid", "softplus", "elu", "selu", "linear"];

static WITH_BIAS: Holder = Holder { name: "Recurrent", parameters: &["kernel", "recurrent_kernel", "bias"] };
static WITHOUT_BIAS: Holder = Holder { name: "RecurrentLinear", parameters: &["kernel", "recurrent_kernel"] };

/// What is done at a step.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Lstm,
    Gru { reset_after: bool },
    SimpleRnn { activation: &'static str },
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Lstm => "Lstm",
            Self::Gru { .. } => "Gru",
            Self::SimpleRnn { .. } => "SimpleRnn",
        }
    }

    /// Gates of a unit.
    fn gates(self) -> usize {
        match self {
            Self::Lstm => 4,
            Self::Gru { .. } => 3,
            Self::SimpleRnn { .. } => 1,
        }
    }

    /// Numbers that are kept of each unit and step beside its hidden state.
    fn kept(self) -> usize {
        match self {
            Self::Lstm => 6,
            Self::Gru { .. } => 4,
            Self::SimpleRnn { .. } => 1,
        }
    }

    /// What its states are called as operands.
    fn states(self) -> &'static [&'static str] {
        match self {
            Self::Lstm => &["h", "c"],
            Self::Gru { .. } | Self::SimpleRnn { .. } => &["state"],
        }
    }

    /// What its results are called.
    fn results(self) -> &'static [&'static str] {
        match self {
            Self::Lstm => &["output", "hidden", "cell"],
            Self::Gru { .. } | Self::SimpleRnn { .. } => &["output", "state"],
        }
    }

    fn bias(self, units: usize) -> Weight {
        match self {
            Self::Lstm => Weight::trained(vec![4 * units], Initial::fixed("forget_bias")),
            Self::Gru { reset_after: true } => Weight::trained(vec![2, 3 * units], Initial::ZEROS),
            Self::Gru { reset_after: false } | Self::SimpleRnn { .. } => {
                Weight::trained(vec![self.gates() * units], Initial::ZEROS)
            }
        }
    }
}

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

#[derive(Clone, Copy, Debug)]
struct Recurrent {
    kind: Kind,
    units: usize,
    sequences: bool,
    states: bool,
    bias: bool,
    dropout: f32,
    direction: Direction,
    /// What the result of a masked step is.
    masked: MaskedResult,
    /// Whether the last operand is a mask.
    has_mask: bool,
}

fn build(arguments: &mut Arguments<'_>, kind: impl Fn(&mut Arguments<'_>) -> Option<Kind>) -> Option<Rc<dyn Layer>> {
    let kind = kind(arguments);
    let units = arguments.count("units", None);
    let sequences = arguments.flag("sequences", false);
    let states = arguments.flag("states", false);
    let reverse = arguments.flag("reverse", false);
    let bias = arguments.flag("bias", true);
    let dropout =
        arguments.number_within("dropout", Some(0.0), |rate| (0.0..1.0).contains(&rate), "at least 0 and below 1");
    Some(Rc::new(Recurrent {
        kind: kind?,
        units: units?,
        sequences: sequences?,
        states: states?,
        bias: bias?,
        dropout: dropout?,
        direction: if reverse? { Direction::Reverse } else { Direction::Forward },
        masked: MaskedResult::Before,
        has_mask: false,
    }))
}

impl Recurrent {
    fn weights_holder(&self) -> &'static Holder {
        if self.bias { &WITH_BIAS } else { &WITHOUT_BIAS }
    }

    fn weights(&self, inputs: usize) -> Weights {
        let (units, columns) = (self.units, self.kind.gates() * self.units);
        let all = [
            Weight::trained(vec![inputs, columns], Initial::GLOROT_UNIFORM),
            Weight::trained(vec![units, columns], Initial::random("orthogonal").with(Setting::Number(1.0))),
            self.kind.bias(units),
        ];
        let holder = self.weights_holder();
        Weights { holder, parameters: all.into_iter().take(holder.parameters.len()).collect() }
    }

    /// Numbers that a sample keeps, as `Sequence::kept` of the runtime says.
    fn kept(&self, steps: usize, inputs: usize) -> usize {
        let hidden = usize::from(!self.sequences || self.has_mask);
        let per_unit = (self.kind.kept() + hidden) * steps + self.kind.states().len();
        per_unit * self.units + if self.dropout > 0.0 { inputs } else { 0 }
    }

    /// Steps and features of what goes in.
    fn sequence(&self, operands: &[Shape]) -> Result<[usize; 2], Misfit> {
        let (operand, name) = (single(operands), self.kind.name());
        operand.as_slice().try_into().map_err(|_| {
            let text = format!("`{name}` needs [steps, features], but {{0}} is {operand:?}");
            Misfit::stage(text).help(match operand.as_slice() {
                [features] => format!("`Reshape({features}, 1)` before it makes {features} steps of one feature"),
                _ => "`Reshape(steps, features)` before it makes steps of other shapes".to_owned(),
            })
        })
    }

    /// Whether states and mask have the shapes that they should have.
    fn check_others(&self, operands: &[Shape], steps: usize) -> Result<(), Misfit> {
        let (name, units) = (self.kind.name(), self.units);
        let states = operands.len() - usize::from(self.has_mask);
        for (index, operand) in operands.iter().enumerate().skip(1) {
            let is_state = index < states;
            let expected = vec![if is_state { units } else { steps }];
            if *operand == expected {
                continue;
            }
            let what = match self.kind.states() {
                _ if !is_state => "mask".to_owned(),
                [_] => "state".to_owned(),
                names => format!("state `{}`", names[index - 1]),
            };
            let text = format!("the {what} of `{name}({units})` is {expected:?}, but {{{index}}} is {operand:?}");
            return Err(Misfit::operand(index, text).help(match is_state {
                true => format!("`Dense({units})` before it makes a state of features"),
                false => "a mask has a number for each step, 0 for one that does not count".to_owned(),
            }));
        }
        Ok(())
    }
}

impl Layer for Recurrent {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let [steps, inputs] = self.sequence(operands)?;
        self.check_others(operands, steps)?;
        let (units, state) = (self.units, vec![self.units]);
        let output = if self.sequences { vec![steps, units] } else { state.clone() };
        let results = [output, state.clone(), state].map(TensorType::numbers);
        let per_step = ((inputs + units) as u64).saturating_mul((self.kind.gates() * units) as u64);
        let reads = Reads { operands: true, results: Read::All, ..Reads::default() };
        Ok(Facts {
            results: results.into_iter().take(self.results()).collect(),
            weights: Some(self.weights(inputs)),
            saved: vec![Saved { name: "kept", floats: self.kept(steps, inputs) }],
            multiply_adds: per_step.saturating_mul(steps as u64),
            backward: Backward {
                begin: Some(Reads { weights: true, ..reads }),
                weights: Reads { upstream: false, ..reads },
                input: Reads { weights: true, upstream: false, ..Reads::default() },
            },
            without_gradient: if self.has_mask { vec![operands.len() - 1] } else { Vec::new() },
            takes: Takes { operand_list: true, result_list: true, scratch: true, random: true },
            meaning: Meaning { values: Values::Any, ..Meaning::default() },
            ..Facts::of(Shape::new())
        })
    }

    fn given(&self, operands: &Given) -> Option<Rc<dyn Layer>> {
        operands.has("mask").then(|| Rc::new(Self { has_mask: true, ..*self }) as Rc<dyn Layer>)
    }

    fn halves(&self) -> Option<[Rc<dyn Layer>; 2]> {
        let masked = if self.sequences { MaskedResult::Zeros } else { MaskedResult::Before };
        let half = |direction| Rc::new(Self { direction, masked, ..*self }) as Rc<dyn Layer>;
        Some([half(Direction::Forward), half(Direction::ReverseAligned)])
    }

    fn results(&self) -> usize {
        if self.states { 1 + self.kind.states().len() } else { 1 }
    }

    fn result_names(&self) -> &'static [&'static str] {
        if self.states { self.kind.results() } else { &[] }
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.weights_holder())
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let Self { units, sequences, dropout, direction, masked, has_mask, .. } = *self;
        let [steps, inputs] = [0, 1].map(|axis| integer(single(of.operands).get(axis).copied().unwrap_or(1)));
        let units = integer(units);
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
        if dropout > 0.0 {
            let (dropout, stream) = (float(dropout), Literal::u64_unsuffixed(of.stream));
            fields.extend([quote!(dropout: #dropout), quote!(stream: #stream)]);
        }
        let plain = quote!(::net_runtime::layers::Sequence::new(#steps, #inputs, #units));
        let sequence = match fields.is_empty() {
            true => plain,
            false => quote!(::net_runtime::layers::Sequence { #(#fields,)* ..#plain }),
        };
        let path = self.runtime_path();
        match self.kind {
            Kind::Lstm => quote!(#path { sequence: #sequence }),
            Kind::Gru { reset_after } => quote!(#path { sequence: #sequence, reset_after: #reset_after }),
            Kind::SimpleRnn { activation } => {
                let function = format_ident!("{activation}");
                let activation = match activation {
                    "linear" => quote!(::net_runtime::activations::Activation::Linear),
                    "elu" => quote!(::net_runtime::activations::elu(1.0)),
                    _ => quote!(::net_runtime::activations::#function()),
                };
                quote!(#path { sequence: #sequence, activation: #activation })
            }
        }
    }

    fn runtime_path(&self) -> TokenStream {
        let name = format_ident!("{}", self.kind.name());
        quote!(::net_runtime::layers::#name)
    }
}
