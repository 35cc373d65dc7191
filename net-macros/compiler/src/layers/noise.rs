//! `GaussianNoise`, `GaussianDropout` and `AlphaDropout`: random numbers while training, nothing in inference.

use std::rc::Rc;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::dropout::{facts, rate};
use super::signature::{Arity, Signature};
use super::{Backward, Facts, Inferred, Layer, Use, elements, float, integer, runtime_layer, single};
use crate::arguments::Parameter;
use crate::shape::Shape;

pub(super) const ALPHA_DROPOUT: Signature = Signature {
    name: "AlphaDropout",
    parameters: &[Parameter::required("rate")],
    operands: Arity::One,
    build: |arguments| {
        Some(Rc::new(Noise { name: "AlphaDropout", field: "rate", amount: rate(arguments)?, adds: false }))
    },
};

pub(super) const GAUSSIAN_DROPOUT: Signature = Signature {
    name: "GaussianDropout",
    parameters: &[Parameter::required("rate")],
    operands: Arity::One,
    build: |arguments| {
        Some(Rc::new(Noise { name: "GaussianDropout", field: "rate", amount: rate(arguments)?, adds: false }))
    },
};

pub(super) const GAUSSIAN_NOISE: Signature = Signature {
    name: "GaussianNoise",
    parameters: &[Parameter::required("stddev")],
    operands: Arity::One,
    build: |arguments| {
        let amount = arguments.number_within("stddev", None, |stddev| stddev >= 0.0, "at least 0")?;
        Some(Rc::new(Noise { name: "GaussianNoise", field: "stddev", amount, adds: true }))
    },
};

#[derive(Debug)]
struct Noise {
    name: &'static str,
    /// The descriptor's field that says how much.
    field: &'static str,
    amount: f32,
    /// Whether what is drawn is added, so that the gradient does not depend on it.
    adds: bool,
}

impl Layer for Noise {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let facts = facts(single(operands));
        Ok(if self.adds { Facts { backward: Backward::default(), ..facts } } else { facts })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let (path, len) = (self.runtime_path(), integer(elements(of.output)));
        let (field, amount) = (Ident::new(self.field, Span::call_site()), float(self.amount));
        let stream = Literal::u64_unsuffixed(of.stream);
        quote!(#path { len: #len, #field: #amount, layer: #stream })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name)
    }
}
