//! `Lstm`: a memory that learns what to keep from step to step.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, NamedOperand, Signature};
use super::{
    Backward, Facts, Holder, Inferred, Initial, Layer, Meaning, Misfit, Parameter as Weight, Reads, Saved, Takes,
    TensorType, Use, Values, Weights, integer, single,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature = Signature {
    name: "Lstm",
    parameters: &[
        Parameter::required("units"),
        Parameter::named("sequences", "false"),
        Parameter::named("states", "false"),
        Parameter::named("bias", "true"),
    ],
    operands: Arity::Named(&[
        NamedOperand::required("x"),
        NamedOperand::optional("h").with("c"),
        NamedOperand::optional("c").with("h"),
    ]),
    build,
};

/// Gates of a unit: input, forget, candidate, output.
const GATES: usize = 4;

/// Numbers that are kept of each unit and step beside its gates: the cell state, its tanh, the hidden state.
const STATES: usize = 3;

static WITH_BIAS: Holder = Holder { name: "Recurrent", parameters: &["kernel", "recurrent_kernel", "bias"] };
static WITHOUT_BIAS: Holder = Holder { name: "RecurrentLinear", parameters: &["kernel", "recurrent_kernel"] };

#[derive(Debug)]
struct Lstm {
    units: usize,
    sequences: bool,
    states: bool,
    bias: bool,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let units = arguments.count("units", None);
    let sequences = arguments.flag("sequences", false);
    let states = arguments.flag("states", false);
    let bias = arguments.flag("bias", true);
    Some(Rc::new(Lstm { units: units?, sequences: sequences?, states: states?, bias: bias? }))
}

impl Lstm {
    fn weights_holder(&self) -> &'static Holder {
        if self.bias { &WITH_BIAS } else { &WITHOUT_BIAS }
    }

    fn weights(&self, inputs: usize) -> Weights {
        let gates = GATES * self.units;
        let all = [
            Weight::trained(vec![inputs, gates], Initial::GLOROT_UNIFORM),
            Weight::trained(vec![self.units, gates], Initial::random("orthogonal")),
            Weight::trained(vec![gates], Initial::fixed("forget_bias")),
        ];
        let holder = self.weights_holder();
        Weights { holder, parameters: all.into_iter().take(holder.parameters.len()).collect() }
    }
}

impl Layer for Lstm {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        let units = self.units;
        let &[steps, inputs] = operand.as_slice() else {
            let text = format!("`Lstm` needs [steps, features], but {{0}} is {operand:?}");
            return Err(Misfit::stage(text).help(match operand.as_slice() {
                [features] => format!("`Reshape({features}, 1)` before it makes {features} steps of one feature"),
                _ => "`Reshape(steps, features)` before it makes steps of other shapes".to_owned(),
            }));
        };
        let state = vec![units];
        if let Some(index) = operands.iter().skip(1).position(|operand| *operand != state) {
            let (index, name) = (index + 1, ["h", "c"][index]);
            let text =
                format!("the state `{name}` of `Lstm({units})` is {state:?}, but {{{index}}} is {:?}", operands[index]);
            return Err(
                Misfit::operand(index, text).help(format!("`Dense({units})` before it makes a state of features"))
            );
        }
        let output = if self.sequences { vec![steps, units] } else { state.clone() };
        let results = [output, state.clone(), state].map(TensorType::numbers);
        let reads = Reads { upstream: false, ..Reads::default() };
        let per_step = ((inputs + units) as u64).saturating_mul((GATES * units) as u64);
        Ok(Facts {
            results: results.into_iter().take(self.results()).collect(),
            weights: Some(self.weights(inputs)),
            saved: vec![Saved { name: "kept", floats: ((GATES + STATES) * steps + 2) * units }],
            multiply_adds: per_step.saturating_mul(steps as u64),
            backward: Backward {
                begin: Some(Reads { weights: true, operands: true, ..Reads::default() }),
                weights: Reads { operands: true, ..reads },
                input: Reads { weights: true, ..reads },
            },
            takes: Takes { operand_list: true, result_list: true, scratch: true, ..Takes::default() },
            meaning: Meaning { values: Values::Any, ..Meaning::default() },
            ..Facts::of(Shape::new())
        })
    }

    fn results(&self) -> usize {
        if self.states { 3 } else { 1 }
    }

    fn result_names(&self) -> &'static [&'static str] {
        if self.states { &["output", "hidden", "cell"] } else { &[] }
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.weights_holder())
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let [steps, inputs] = [0, 1].map(|axis| integer(single(of.operands).get(axis).copied().unwrap_or(1)));
        let (units, sequences) = (integer(self.units), self.sequences);
        quote!(::net_runtime::layers::Lstm { steps: #steps, inputs: #inputs, units: #units, sequences: #sequences })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Lstm)
    }
}
