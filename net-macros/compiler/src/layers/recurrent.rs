//! `Lstm`, `Gru`, `SimpleRnn`: the same weights at every step, and states that go from step to step.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::sequence::{
    ACTIVATION, BIAS, DROPOUT, Functions, ONE_STATE, RECURRENT_ACTIVATION, RECURRENT_DROPOUT, REVERSE, SEQUENCES,
    STATES, Sequence, TWO_STATES, UNIT_FORGET_BIAS, activation, lstm_bias,
};
use super::signature::{Given, Signature};
use super::{Holder, Inferred, Initial, Layer, Misfit, Parameter as Weight, Use, Weights, runtime_layer, single};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

const UNITS: Parameter<'static> = Parameter::required("units");

pub(super) const LSTM: Signature = Signature {
    name: "Lstm",
    parameters: &[
        UNITS,
        ACTIVATION,
        RECURRENT_ACTIVATION,
        SEQUENCES,
        STATES,
        REVERSE,
        BIAS,
        UNIT_FORGET_BIAS,
        DROPOUT,
        RECURRENT_DROPOUT,
    ],
    operands: TWO_STATES,
    build: |arguments| {
        build(arguments, |arguments| {
            let (functions, forget) = (Functions::of(arguments), arguments.flag(UNIT_FORGET_BIAS.name, true));
            Some(Kind::Lstm { functions: functions?, unit_forget_bias: forget? })
        })
    },
};

pub(super) const GRU: Signature = Signature {
    name: "Gru",
    parameters: &[
        UNITS,
        ACTIVATION,
        RECURRENT_ACTIVATION,
        SEQUENCES,
        STATES,
        REVERSE,
        Parameter::named("reset_after", "true"),
        BIAS,
        DROPOUT,
        RECURRENT_DROPOUT,
    ],
    operands: ONE_STATE,
    build: |arguments| {
        build(arguments, |arguments| {
            let (functions, reset_after) = (Functions::of(arguments), arguments.flag("reset_after", true));
            Some(Kind::Gru { functions: functions?, reset_after: reset_after? })
        })
    },
};

pub(super) const SIMPLE_RNN: Signature = Signature {
    name: "SimpleRnn",
    parameters: &[UNITS, ACTIVATION, SEQUENCES, STATES, REVERSE, BIAS, DROPOUT, RECURRENT_DROPOUT],
    operands: ONE_STATE,
    build: |arguments| {
        build(arguments, |arguments| Some(Kind::SimpleRnn { activation: activation(arguments, ACTIVATION, "tanh")? }))
    },
};

/// What is done at a step.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Lstm { functions: Functions, unit_forget_bias: bool },
    Gru { functions: Functions, reset_after: bool },
    SimpleRnn { activation: &'static str },
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Lstm { .. } => "Lstm",
            Self::Gru { .. } => "Gru",
            Self::SimpleRnn { .. } => "SimpleRnn",
        }
    }

    /// Gates of a unit.
    fn gates(self) -> usize {
        match self {
            Self::Lstm { .. } => 4,
            Self::Gru { .. } => 3,
            Self::SimpleRnn { .. } => 1,
        }
    }

    /// Numbers that are kept of each unit and step beside its hidden state.
    fn kept(self) -> usize {
        match self {
            Self::Lstm { .. } => 6,
            Self::Gru { .. } => 4,
            Self::SimpleRnn { .. } => 1,
        }
    }

    /// What its states are called as operands.
    fn states(self) -> &'static [&'static str] {
        match self {
            Self::Lstm { .. } => &["h", "c"],
            Self::Gru { .. } | Self::SimpleRnn { .. } => &["state"],
        }
    }

    /// What its results are called.
    fn results(self) -> &'static [&'static str] {
        match self {
            Self::Lstm { .. } => &["output", "hidden", "cell"],
            Self::Gru { .. } | Self::SimpleRnn { .. } => &["output", "state"],
        }
    }

    /// The fields of its descriptor beside the sequence that are not as usual.
    fn settings(self) -> Vec<TokenStream> {
        let functions = match self {
            Self::Lstm { functions, .. } | Self::Gru { functions, .. } => functions,
            Self::SimpleRnn { activation } => Functions { activation, recurrent: "sigmoid" },
        };
        let mut settings = functions.settings();
        if let Self::Gru { reset_after: false, .. } = self {
            settings.push(quote!(reset_after: false));
        }
        settings
    }

    fn bias(self, units: usize) -> Weight {
        match self {
            Self::Lstm { unit_forget_bias, .. } => lstm_bias(units, unit_forget_bias),
            Self::Gru { reset_after: true, .. } => Weight::trained(vec![2, 3 * units], Initial::ZEROS),
            Self::Gru { .. } | Self::SimpleRnn { .. } => Weight::trained(vec![self.gates() * units], Initial::ZEROS),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Recurrent {
    kind: Kind,
    units: usize,
    sequence: Sequence,
}

fn build(arguments: &mut Arguments<'_>, kind: impl Fn(&mut Arguments<'_>) -> Option<Kind>) -> Option<Rc<dyn Layer>> {
    let kind = kind(arguments);
    let units = arguments.count("units", None);
    let sequence = Sequence::of(arguments);
    Some(Rc::new(Recurrent { kind: kind?, units: units?, sequence: sequence? }))
}

impl Recurrent {
    fn weights(&self, inputs: usize) -> Weights {
        let (units, columns) = (self.units, self.kind.gates() * self.units);
        self.sequence.weights(vec![inputs, columns], vec![units, columns], self.kind.bias(units))
    }

    /// Steps and features of what goes in.
    fn sequence(&self, operands: &[Shape]) -> Result<[usize; 2], Misfit> {
        let (operand, name) = (single(operands), self.kind.name());
        operand.as_slice().try_into().map_err(|_| {
            let text = format!("`{name}` needs [steps, features], but {{0}} is {operand:?}");
            Misfit::stage(text).without_steps(0).help(match operand.as_slice() {
                [features] => format!("`Reshape({features}, 1)` before it makes {features} steps of one feature"),
                _ => "`Reshape(steps, features)` before it makes steps of other shapes".to_owned(),
            })
        })
    }
}

impl Layer for Recurrent {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let [steps, inputs] = self.sequence(operands)?;
        let (kind, units, state) = (self.kind, self.units, vec![self.units]);
        let layer = format!("{}({units})", kind.name());
        let help = |_: &Shape| format!("`Dense({units})` before it makes a state of features");
        self.sequence.check_others((&layer, steps), kind.states(), &state, operands, help)?;
        let per_step = ((inputs + units) as u64).saturating_mul((kind.gates() * units) as u64);
        let of_weights = (self.weights(inputs), per_step.saturating_mul(steps as u64));
        Ok(self.sequence.facts([steps, inputs], &state, [kind.states().len(), kind.kept()], operands, of_weights))
    }

    fn given(&self, operands: &Given) -> Option<Rc<dyn Layer>> {
        let sequence = self.sequence.with_mask();
        operands.has("mask").then(|| Rc::new(Self { sequence, ..*self }) as Rc<dyn Layer>)
    }

    fn halves(&self) -> Option<[Rc<dyn Layer>; 2]> {
        Some(self.sequence.halves().map(|sequence| Rc::new(Self { sequence, ..*self }) as Rc<dyn Layer>))
    }

    fn results(&self) -> usize {
        self.sequence.results(self.kind.states().len())
    }

    fn result_names(&self) -> &'static [&'static str] {
        self.sequence.result_names(self.kind.results())
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.sequence.holder())
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let [steps, inputs] = [0, 1].map(|axis| single(of.operands).get(axis).copied().unwrap_or(1));
        let sequence = self.sequence.descriptor([steps, inputs, self.units], of.stream);
        let (path, settings) = (self.runtime_path(), self.kind.settings());
        match settings.is_empty() {
            true => quote!(#path::new(#sequence)),
            false => quote!(#path { #(#settings,)* ..#path::new(#sequence) }),
        }
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.kind.name())
    }
}
