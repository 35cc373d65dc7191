//! `Attention` and `AdditiveAttention`: steps that look at other steps as they are, with one head and no kernels.

use std::rc::Rc;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::attention_operands::{KEY, MASK, QUERY, Shapes, Sources, VALUE};
use super::signature::{Arity, Given, NamedOperand, Signature};
use super::{
    Backward, Facts, Holder, Inferred, Initial, Layer, Meaning, Misfit, Parameter as Weight, Read, Reads, Saved, Takes,
    Use, Values, Weights, float, integer, multiply_adds, runtime_layer,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

/// The name of the operand that says which queries count.
const QUERY_MASK: &str = "query_mask";
const OPERANDS: Arity = Arity::Named(&[QUERY, KEY, VALUE, MASK, NamedOperand::named(QUERY_MASK)]);

const CAUSAL: Parameter<'_> = Parameter::named("causal", "false");
const DROPOUT: Parameter<'_> = Parameter::named("dropout", "0.0");

pub(super) const ATTENTION: Signature = Signature {
    name: "Attention",
    parameters: &[Parameter::named("score", "dot"), Parameter::named("scale", "false"), CAUSAL, DROPOUT],
    operands: OPERANDS,
    build: |arguments| {
        let score = arguments.word("score", "dot", &["dot", "concat"]);
        let scale = arguments.flag("scale", false);
        let layer = common("Attention", arguments);
        let score = if score? == "dot" { Score::Dot } else { Score::Concat };
        Some(Rc::new(Attention { score, scale: scale?, ..layer? }))
    },
};

pub(super) const ADDITIVE_ATTENTION: Signature = Signature {
    name: "AdditiveAttention",
    parameters: &[Parameter::named("scale", "true"), CAUSAL, DROPOUT],
    operands: OPERANDS,
    build: |arguments| {
        let scale = arguments.flag("scale", true);
        let layer = common("AdditiveAttention", arguments);
        Some(Rc::new(Attention { score: Score::Additive, scale: scale?, ..layer? }))
    },
};

static SCALED: Holder = Holder { name: "ScaledScore", parameters: &["scale"] };
static CONCAT: Holder = Holder { name: "ConcatScore", parameters: &["concat_score_weight"] };
static SCALED_CONCAT: Holder = Holder { name: "ScaledConcatScore", parameters: &["scale", "concat_score_weight"] };
static ADDITIVE: Holder = Holder { name: "AdditiveScore", parameters: &["scale"] };

/// Numbers that are kept of the scores of a query: the largest, and what their exponentials add up to.
const STATISTICS: usize = 2;

/// What the score of a query and a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Score {
    /// scale · q · k
    Dot,
    /// weight · Σ tanh(scale · (q + k))
    Concat,
    /// Σ scale · tanh(q + k), with a scale for each feature
    Additive,
}

#[derive(Clone, Debug)]
struct Attention {
    name: &'static str,
    score: Score,
    scale: bool,
    causal: bool,
    dropout: f32,
    /// What is given in this use.
    sources: Sources,
    query_mask: bool,
}

/// What both have in common.
fn common(name: &'static str, arguments: &mut Arguments<'_>) -> Option<Attention> {
    let causal = arguments.flag("causal", false);
    let of_rate = |rate| (0.0..1.0).contains(&rate);
    let dropout = arguments.number_within("dropout", Some(0.0), of_rate, "at least 0 and below 1");
    Some(Attention {
        name,
        score: Score::Dot,
        scale: false,
        causal: causal?,
        dropout: dropout?,
        sources: Sources::ONE,
        query_mask: false,
    })
}

impl Attention {
    fn shapes(&self, operands: &[Shape]) -> Result<Shapes, Misfit> {
        let shapes = self.sources.shapes(self.name, operands)?;
        let [query, key, _] = shapes.inputs;
        if query != key {
            let text = format!(
                "query and key of `{}` need equally many features, but {{0}} is {:?} and {{1}} is {:?}",
                self.name, operands[0], operands[1]
            );
            return Err(Misfit::operand(1, text).help(format!("`-> Dense({query})` gives {{1}} as many")));
        }
        if let Some(index) = self.query_mask().filter(|index| operands[*index] != [shapes.queries]) {
            let text = format!(
                "the `{QUERY_MASK}` of `{}` is [{}], but {{{index}}} is {:?}",
                self.name, shapes.queries, operands[index]
            );
            return Err(Misfit::operand(index, text)
                .help("it has a number for each step of the query: 0 where the output is to be zeros"));
        }
        Ok(shapes)
    }

    /// Where the mask of queries is among the operands: it is the last.
    fn query_mask(&self) -> Option<usize> {
        self.query_mask.then(|| self.sources.count + usize::from(self.sources.masked))
    }

    /// The lengths and beginnings of its weights, in the order of their holder.
    fn weights(&self, features: usize) -> Option<Weights> {
        let one = || Weight::trained(vec![1], Initial::ONES);
        let holder = self.weights_holder()?;
        let parameters = match self.score {
            Score::Additive => vec![Weight::trained(vec![features], Initial::GLOROT_UNIFORM)],
            Score::Dot | Score::Concat => holder.parameters.iter().map(|_| one()).collect(),
        };
        Some(Weights { holder, parameters })
    }

    fn weights_holder(&self) -> Option<&'static Holder> {
        match (self.score, self.scale) {
            (Score::Dot, true) => Some(&SCALED),
            (Score::Concat, true) => Some(&SCALED_CONCAT),
            (Score::Concat, false) => Some(&CONCAT),
            (Score::Additive, true) => Some(&ADDITIVE),
            (Score::Dot | Score::Additive, false) => None,
        }
    }

    /// Floats that are kept of a sample: the gradients by query, key and value, and by the factors of additive scores, and what is
    /// left of the scores.
    fn kept(&self, shapes: &Shapes) -> usize {
        let Shapes { queries, keys, inputs: [features, _, values] } = *shapes;
        let factors = if self.score == Score::Dot { 0 } else { features };
        let of_queries = queries.saturating_mul(features.saturating_add(STATISTICS));
        let of_keys = keys.saturating_mul(features.saturating_add(values));
        of_queries.saturating_add(of_keys).saturating_add(factors)
    }
}

impl Layer for Attention {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let shapes = self.shapes(operands)?;
        let Shapes { queries, keys, inputs: [features, _, values] } = shapes;
        let weights = self.weights_holder().is_some();
        Ok(Facts {
            weights: self.weights(features),
            saved: vec![Saved { name: "kept", floats: self.kept(&shapes) }],
            multiply_adds: multiply_adds(&[queries, keys], &[features.saturating_add(values)]),
            backward: Backward {
                begin: Some(Reads { weights, operands: true, results: Read::All, random: true, upstream: true }),
                weights: Reads { operands: true, upstream: false, ..Reads::default() },
                input: Reads { weights, upstream: false, ..Reads::default() },
            },
            without_gradient: self.sources.mask().into_iter().chain(self.query_mask()).collect(),
            takes: Takes { operand_list: true, random: true, scratch: true, ..Takes::default() },
            meaning: Meaning { values: Values::Any, ..Meaning::default() },
            ..Facts::of(vec![queries, values])
        })
    }

    fn given(&self, operands: &Given) -> Option<Rc<dyn Layer>> {
        let (sources, query_mask) = (Sources::of(operands), operands.has(QUERY_MASK));
        Some(Rc::new(Self { sources, query_mask, ..self.clone() }))
    }

    fn holder(&self) -> Option<&'static Holder> {
        self.weights_holder()
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let Shapes { queries, keys, inputs: [features, _, values] } =
            self.shapes(of.operands).unwrap_or(Shapes::STAND_IN);
        let [queries, keys, features, values] = [queries, keys, features, values].map(integer);
        let score = if self.score == Score::Dot { "Product" } else { "Additive" };
        let score = Ident::new(score, Span::mixed_site());
        let sources = integer(self.sources.count);
        let mask = self.sources.mask_kind(of.operands);
        let (query_mask, causal, dropout) = (self.query_mask, self.causal, float(self.dropout));
        let stream = Literal::u64_unsuffixed(of.stream);
        let layer = quote!(::net_runtime::layers::Attention {
            queries: #queries,
            keys: #keys,
            dim: #features,
            value_dim: #values,
            score: ::net_runtime::layers::AttentionScore::#score,
            sources: #sources,
            mask: #mask,
            query_mask: #query_mask,
            causal: #causal,
            dropout: #dropout,
            layer: #stream
        });
        match self.weights_holder() {
            Some(_) => layer,
            None => quote!(::net_runtime::layers::AttentionPlain(#layer)),
        }
    }

    fn descriptor_type(&self) -> TokenStream {
        runtime_layer(if self.weights_holder().is_some() { "Attention" } else { "AttentionPlain" })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name)
    }
}
