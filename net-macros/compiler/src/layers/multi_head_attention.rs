//! `MultiHeadAttention` and `GroupQueryAttention`: steps that look at other steps, with several heads.

use std::rc::Rc;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::attention_operands::{KEY, MASK, QUERY, Shapes, Sources, VALUE};
use super::signature::{Arity, Given, Signature};
use super::{
    Backward, Facts, Holder, Inferred, Initial, Layer, Meaning, Parameter as Weight, Reads, Saved, Takes, Use, Values,
    Weights, array, float, integer, runtime_layer,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

const OPERANDS: Arity = Arity::Named(&[QUERY, KEY, VALUE, MASK]);

const HEADS: Parameter<'_> = Parameter::required_by_name("heads");
const KEY_DIM: Parameter<'_> = Parameter::required_by_name("key_dim");
const OUTPUTS: Parameter<'_> = Parameter::named("outputs", "features");
const CAUSAL: Parameter<'_> = Parameter::named("causal", "false");
const DROPOUT: Parameter<'_> = Parameter::named("dropout", "0.0");
const BIAS: Parameter<'_> = Parameter::named("bias", "true");

pub(super) const MULTI_HEAD_ATTENTION: Signature = Signature {
    name: "MultiHeadAttention",
    parameters: &[HEADS, KEY_DIM, Parameter::named("value_dim", "key_dim"), OUTPUTS, CAUSAL, DROPOUT, BIAS],
    operands: OPERANDS,
    build: multi_head,
};

pub(super) const GROUP_QUERY_ATTENTION: Signature = Signature {
    name: "GroupQueryAttention",
    parameters: &[HEADS, Parameter::required_by_name("key_heads"), KEY_DIM, CAUSAL, DROPOUT, BIAS],
    operands: OPERANDS,
    build: group_query,
};

static WITH_BIAS: Holder = Holder {
    name: "MultiHead",
    parameters: &[
        "query_kernel",
        "query_bias",
        "key_kernel",
        "key_bias",
        "value_kernel",
        "value_bias",
        "output_kernel",
        "output_bias",
    ],
};
static WITHOUT_BIAS: Holder =
    Holder { name: "MultiHeadLinear", parameters: &["query_kernel", "key_kernel", "value_kernel", "output_kernel"] };

/// Numbers that are kept of the scores of a query and head: the largest, and what their exponentials add up to.
const STATISTICS: usize = 2;

#[derive(Clone, Debug)]
struct MultiHeadAttention {
    name: &'static str,
    heads: usize,
    /// Heads of keys and values.
    key_heads: usize,
    key_dim: usize,
    value_dim: usize,
    /// `None` for the features of the query.
    outputs: Option<usize>,
    causal: bool,
    dropout: f32,
    bias: bool,
    /// What is given in this use.
    sources: Sources,
}

fn multi_head(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let heads = arguments.count("heads", None);
    let key_dim = arguments.count("key_dim", None);
    // No count that is given is 0.
    let value_dim = arguments.count("value_dim", Some(0));
    let outputs = arguments.count("outputs", Some(0));
    let layer = common("MultiHeadAttention", arguments, heads, heads, key_dim);
    let (value_dim, outputs) = (value_dim?, outputs?);
    let layer = layer?;
    let value_dim = if value_dim == 0 { layer.key_dim } else { value_dim };
    Some(Rc::new(MultiHeadAttention { value_dim, outputs: (outputs > 0).then_some(outputs), ..layer }))
}

fn group_query(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let heads = arguments.count("heads", None);
    let key_heads = arguments.count("key_heads", None);
    let key_dim = arguments.count("key_dim", None);
    if let (Some(heads), Some(key_heads)) = (heads, key_heads)
        && !heads.is_multiple_of(key_heads)
    {
        let text =
            format!("`key_heads` of `GroupQueryAttention` must divide its {heads} heads, but this is {key_heads}");
        arguments.reject("key_heads", text);
        return None;
    }
    let layer = common("GroupQueryAttention", arguments, heads, key_heads, key_dim)?;
    Some(Rc::new(layer))
}

/// What both have in common.
fn common(
    name: &'static str,
    arguments: &mut Arguments<'_>,
    heads: Option<usize>,
    key_heads: Option<usize>,
    key_dim: Option<usize>,
) -> Option<MultiHeadAttention> {
    let causal = arguments.flag("causal", false);
    let of_rate = |rate| (0.0..1.0).contains(&rate);
    let dropout = arguments.number_within("dropout", Some(0.0), of_rate, "at least 0 and below 1");
    let bias = arguments.flag("bias", true);
    Some(MultiHeadAttention {
        name,
        heads: heads?,
        key_heads: key_heads?,
        key_dim: key_dim?,
        value_dim: key_dim?,
        outputs: None,
        causal: causal?,
        dropout: dropout?,
        bias: bias?,
        sources: Sources::ONE,
    })
}

impl MultiHeadAttention {
    fn weights_holder(&self) -> &'static Holder {
        if self.bias { &WITH_BIAS } else { &WITHOUT_BIAS }
    }

    fn outputs(&self, shapes: &Shapes) -> usize {
        self.outputs.unwrap_or(shapes.inputs[0])
    }

    fn weights(&self, shapes: &Shapes) -> Weights {
        let Self { heads, key_heads, key_dim, value_dim, .. } = *self;
        let [query, key, value] = shapes.inputs;
        let outputs = self.outputs(shapes);
        let kernels = [
            (vec![query, heads, key_dim], vec![heads, key_dim]),
            (vec![key, key_heads, key_dim], vec![key_heads, key_dim]),
            (vec![value, key_heads, value_dim], vec![key_heads, value_dim]),
            (vec![heads, value_dim, outputs], vec![outputs]),
        ];
        let parameters = kernels.into_iter().flat_map(|(kernel, bias)| {
            let bias = self.bias.then(|| Weight::trained(bias, Initial::ZEROS));
            std::iter::once(Weight::trained(kernel, Initial::GLOROT_UNIFORM)).chain(bias)
        });
        Weights { holder: self.weights_holder(), parameters: parameters.collect() }
    }

    fn multiply_adds(&self, shapes: &Shapes) -> u64 {
        let Self { heads, key_heads, key_dim, value_dim, .. } = *self;
        let Shapes { queries, keys, inputs: [query, key, value] } = *shapes;
        let products = [
            [queries, query, heads, key_dim],
            [keys, key, key_heads, key_dim],
            [keys, value, key_heads, value_dim],
            [queries, keys, heads, key_dim],
            [queries, keys, heads, value_dim],
            [queries, heads, value_dim, self.outputs(shapes)],
        ];
        let of = |factors: [usize; 4]| factors.iter().fold(1_u64, |all, factor| all.saturating_mul(*factor as u64));
        products.into_iter().fold(0, |sum, factors| sum.saturating_add(of(factors)))
    }

    /// Floats that are kept of a sample: queries, keys, values and results of all heads, and what is left of the scores.
    fn kept(&self, shapes: &Shapes) -> usize {
        let Self { heads, key_heads, key_dim, value_dim, .. } = *self;
        let of_query = heads.saturating_mul(key_dim.saturating_add(value_dim).saturating_add(STATISTICS));
        let of_key = key_heads.saturating_mul(key_dim.saturating_add(value_dim));
        shapes.queries.saturating_mul(of_query).saturating_add(shapes.keys.saturating_mul(of_key))
    }
}

impl Layer for MultiHeadAttention {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let shapes = self.sources.shapes(self.name, operands)?;
        let read_weights = Reads { weights: true, ..Reads::default() };
        Ok(Facts {
            weights: Some(self.weights(&shapes)),
            saved: vec![Saved { name: "kept", floats: self.kept(&shapes) }],
            multiply_adds: self.multiply_adds(&shapes),
            backward: Backward {
                begin: Some(Reads { operands: true, random: true, ..read_weights }),
                weights: Reads { operands: true, ..Reads::default() },
                input: Reads { upstream: false, ..read_weights },
            },
            without_gradient: self.sources.mask().into_iter().collect(),
            takes: Takes { operand_list: true, random: true, scratch: true, ..Takes::default() },
            meaning: Meaning { values: Values::Any, ..Meaning::default() },
            ..Facts::of(vec![shapes.queries, self.outputs(&shapes)])
        })
    }

    fn given(&self, operands: &Given) -> Option<Rc<dyn Layer>> {
        Some(Rc::new(Self { sources: Sources::of(operands), ..self.clone() }))
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.weights_holder())
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let shapes = self.sources.shapes(self.name, of.operands).unwrap_or(Shapes::STAND_IN);
        let mask = self.sources.mask_kind(of.operands);
        let inputs = array(&shapes.inputs);
        let [queries, keys, outputs] = [shapes.queries, shapes.keys, self.outputs(&shapes)].map(integer);
        let [heads, key_heads] = [self.heads, self.key_heads].map(integer);
        let [key_dim, value_dim, sources] = [self.key_dim, self.value_dim, self.sources.count].map(integer);
        let (causal, dropout) = (self.causal, float(self.dropout));
        let stream = Literal::u64_unsuffixed(of.stream);
        quote!(::net_runtime::layers::MultiHeadAttention {
            queries: #queries,
            keys: #keys,
            inputs: #inputs,
            heads: #heads,
            key_heads: #key_heads,
            key_dim: #key_dim,
            value_dim: #value_dim,
            outputs: #outputs,
            sources: #sources,
            mask: #mask,
            causal: #causal,
            dropout: #dropout,
            layer: #stream
        })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name)
    }
}
