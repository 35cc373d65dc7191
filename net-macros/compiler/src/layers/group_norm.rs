//! `GroupNorm`: each group of channels of a sample with mean 0 and variance 1.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::layer_norm::{epsilon, factor_weights, factors};
use super::signature::{Arity, Signature};
use super::{
    Backward, Facts, Fuses, Holder, Inferred, Layer, Meaning, Misfit, Reads, Saved, Takes, Use, Values, elements,
    float, integer, runtime_layer, single,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature = Signature {
    name: "GroupNorm",
    parameters: &[
        Parameter::optional("groups", "32"),
        Parameter::named("epsilon", "0.001"),
        Parameter::named("center", "true"),
        Parameter::named("scale", "true"),
    ],
    operands: Arity::One,
    build,
};

#[derive(Debug)]
struct GroupNorm {
    groups: usize,
    epsilon: f32,
    holder: Option<&'static Holder>,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let groups = arguments.count("groups", Some(32));
    let epsilon = epsilon(arguments, 0.001);
    let (center, scale) = (arguments.flag("center", true), arguments.flag("scale", true));
    Some(Rc::new(GroupNorm { groups: groups?, epsilon: epsilon?, holder: factors(center?, scale?) }))
}

impl Layer for GroupNorm {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        let channels = operand.last().copied().unwrap_or(1);
        let groups = self.groups;
        if !channels.is_multiple_of(groups) {
            let text = format!(
                "the {channels} channels of {{0}}, which is {operand:?}, cannot be cut into {groups} equal groups"
            );
            let most = (1..=channels.min(groups)).rev().find(|groups| channels.is_multiple_of(*groups));
            let help = format!(
                "write e.g. `GroupNorm({})`; as many groups as channels normalise each channel by itself",
                most.unwrap_or(1)
            );
            return Err(Misfit::argument("groups", text).help(help));
        }
        let weighted = self.holder.is_some();
        let both = Reads { weights: weighted, operands: true, ..Reads::default() };
        let begin = Some(Reads { weights: false, ..both });
        Ok(Facts {
            weights: self.holder.map(|holder| factor_weights(holder, &[channels])),
            saved: vec![Saved { name: "kept", floats: 2 * groups + 2 * channels }],
            backward: Backward { begin, weights: Reads { weights: false, ..both }, input: both },
            fuses: Fuses { activation: true, ..Fuses::default() },
            takes: Takes { scratch: true, ..Takes::default() },
            meaning: Meaning { keeps_shape: true, values: Values::Any, ..Meaning::default() },
            ..Facts::of(operand.clone())
        })
    }

    fn holder(&self) -> Option<&'static Holder> {
        self.holder
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let (channels, positions) = of.output.split_last().map_or((1, 1), |(last, others)| (*last, elements(others)));
        let [positions, channels, groups] = [positions, channels, self.groups].map(integer);
        let epsilon = float(self.epsilon);
        let path = self.descriptor_type();
        quote!(#path { positions: #positions, channels: #channels, groups: #groups, epsilon: #epsilon })
    }

    fn descriptor_type(&self) -> TokenStream {
        runtime_layer(if self.holder.is_some() { "GroupNorm" } else { "GroupNormPlain" })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer("GroupNorm")
    }
}
