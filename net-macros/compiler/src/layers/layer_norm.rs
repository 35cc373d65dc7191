//! `LayerNorm`, `RmsNorm` and `UnitNorm`: every row by itself, along the last axes.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Backward, Facts, Fuses, Holder, Inferred, Initial, Layer, Meaning, Misfit, Parameter as Weight, Reads, Saved,
    Takes, Use, Values, Weights, axes_help, elements, float, integer, runtime_layer, single,
};
use crate::arguments::{Arguments, Axis, Parameter};
use crate::shape::Shape;

/// Numbers that are kept of a row: its mean, and what it is multiplied by.
const KEPT: usize = 2;

static SCALED_AND_SHIFTED: Holder = Holder { name: "ScaledAndShifted", parameters: &["gamma", "beta"] };
static SCALED: Holder = Holder { name: "Scaled", parameters: &["gamma"] };
static SHIFTED: Holder = Holder { name: "Shifted", parameters: &["beta"] };

/// The struct that holds factors, and what is added, where a layer has them.
pub(super) fn factors(center: bool, scale: bool) -> Option<&'static Holder> {
    match (center, scale) {
        (true, true) => Some(&SCALED_AND_SHIFTED),
        (false, true) => Some(&SCALED),
        (true, false) => Some(&SHIFTED),
        (false, false) => None,
    }
}

/// Its weights, of which each has these dimensions.
pub(super) fn factor_weights(holder: &'static Holder, dims: &[usize]) -> Weights {
    let of = |name: &&str| {
        let initial = if *name == "gamma" { Initial::ONES } else { Initial::ZEROS };
        Weight::trained(dims.to_vec(), initial)
    };
    Weights { holder, parameters: holder.parameters.iter().map(of).collect() }
}

pub(super) const LAYER_NORM: Signature = Signature {
    name: "LayerNorm",
    parameters: &[
        Parameter::named("axis", "-1"),
        Parameter::named("epsilon", "0.001"),
        Parameter::named("center", "true"),
        Parameter::named("scale", "true"),
    ],
    operands: Arity::One,
    build: |arguments| {
        let axes = arguments.axes("axis");
        let epsilon = epsilon(arguments, 0.001);
        let (center, scale) = (arguments.flag("center", true), arguments.flag("scale", true));
        let holder = factors(center?, scale?);
        let runtime = if holder.is_some() { "LayerNorm" } else { "LayerNormPlain" };
        Some(Rc::new(RowNorm { name: "LayerNorm", runtime, axes: axes?, epsilon: Some(epsilon?), holder }))
    },
};

pub(super) const RMS_NORM: Signature = Signature {
    name: "RmsNorm",
    parameters: &[Parameter::named("axis", "-1"), Parameter::named("epsilon", "0.000001")],
    operands: Arity::One,
    build: |arguments| {
        let axes = arguments.axes("axis");
        let epsilon = epsilon(arguments, 1e-6);
        let name = "RmsNorm";
        Some(Rc::new(RowNorm { name, runtime: name, axes: axes?, epsilon: Some(epsilon?), holder: Some(&SCALED) }))
    },
};

pub(super) const UNIT_NORM: Signature = Signature {
    name: "UnitNorm",
    parameters: &[Parameter::named("axis", "-1")],
    operands: Arity::One,
    build: |arguments| {
        let axes = arguments.axes("axis")?;
        Some(Rc::new(RowNorm { name: "UnitNorm", runtime: "UnitNorm", axes, epsilon: None, holder: None }))
    },
};

/// What is added to a variance before its root is taken.
pub(super) fn epsilon(arguments: &mut Arguments<'_>, default: f32) -> Option<f32> {
    arguments.number_within("epsilon", Some(default), |epsilon| epsilon > 0.0, "above 0")
}

#[derive(Debug)]
struct RowNorm {
    name: &'static str,
    /// The runtime's descriptor.
    runtime: &'static str,
    /// What belongs to a row; the last axis where there is none.
    axes: Vec<Axis>,
    epsilon: Option<f32>,
    holder: Option<&'static Holder>,
}

impl RowNorm {
    /// The first of the axes that belong to a row.
    fn first(&self, operand: &Shape) -> Result<usize, Misfit> {
        let rank = operand.len();
        let mut axes = Vec::new();
        let last = [Axis::Index(-1)];
        for axis in if self.axes.is_empty() { &last } else { self.axes.as_slice() } {
            let axis = axis.within(rank).map_err(|fault| {
                Misfit::argument("axis", format!("{{0}} is {operand:?} and has {fault}")).help(axes_help(rank))
            })?;
            axes.push(axis);
        }
        axes.sort_unstable();
        axes.dedup();
        let first = rank - axes.len();
        if axes.iter().copied().eq(first..rank) {
            return Ok(first);
        }
        let text = format!("`{}` works along the last axes of {{0}}, which is {operand:?}", self.name);
        Err(Misfit::argument("axis", text).help("`Permute` before it brings others there, and one behind it back"))
    }
}

impl Layer for RowNorm {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        let first = self.first(operand)?;
        let input = Reads { weights: self.holder.is_some(), operands: true, ..Reads::default() };
        Ok(Facts {
            weights: self.holder.map(|holder| factor_weights(holder, &operand[first..])),
            saved: vec![Saved { name: "kept", floats: KEPT * elements(&operand[..first]) }],
            backward: Backward { weights: Reads { weights: false, ..input }, input, ..Backward::default() },
            fuses: Fuses { activation: true, ..Fuses::default() },
            takes: Takes { scratch: self.holder.is_some(), ..Takes::default() },
            meaning: Meaning { keeps_shape: true, values: Values::Any, ..Meaning::default() },
            ..Facts::of(operand.clone())
        })
    }

    fn holder(&self) -> Option<&'static Holder> {
        self.holder
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let first = self.first(of.output).unwrap_or(0);
        let [rows, len] = [&of.output[..first], &of.output[first..]].map(|axes| integer(elements(axes)));
        let epsilon = self.epsilon.map(float).map(|epsilon| quote!(, epsilon: #epsilon));
        let path = self.descriptor_type();
        quote!(#path { rows: #rows, len: #len #epsilon })
    }

    fn descriptor_type(&self) -> TokenStream {
        runtime_layer(self.runtime)
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name)
    }
}
