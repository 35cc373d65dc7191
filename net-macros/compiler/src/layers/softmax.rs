//! `softmax` and its kin: what a row along an axis becomes.

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Along, Backward, Distribution, Facts, Inferred, Layer, Meaning, Read, Reads, Takes, Use, Values, elements, integer,
    runtime_layer, single,
};
use crate::arguments::{Arguments, Axis, Parameter};
use crate::shape::Shape;

pub(super) const SOFTMAX: Signature = of_rows("softmax", |arguments| {
    build(arguments, "Softmax", [Values::Probabilities(Distribution::Softmax), Values::UnitInterval])
});

pub(super) const LOG_SOFTMAX: Signature = of_rows("log_softmax", |arguments| {
    build(arguments, "LogSoftmax", [Values::LogProbabilities(Distribution::Softmax), Values::Any])
});

// Its probabilities can be 0, and no loss is computed from what goes in: as Keras does, one compares what comes out.
pub(super) const SPARSEMAX: Signature =
    of_rows("sparsemax", |arguments| build(arguments, "Sparsemax", [Values::Unknown; 2]));

type Build = fn(&mut Arguments<'_>) -> Option<Rc<dyn Layer>>;

const fn of_rows(name: &'static str, build: Build) -> Signature {
    Signature { name, parameters: const { &[Parameter::named("axis", "-1")] }, operands: Arity::One, build }
}

#[derive(Debug)]
struct Softmax {
    /// The runtime's descriptor, along the last axis.
    name: &'static str,
    axis: Axis,
    /// What is known of the results along the last axis, and along another one.
    values: [Values; 2],
}

fn build(arguments: &mut Arguments<'_>, name: &'static str, values: [Values; 2]) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(Softmax { name, axis: arguments.axis("axis", Axis::Index(-1))?, values }))
}

impl Softmax {
    /// Whether it is written to work along the last axis.
    fn is_plain(&self) -> bool {
        matches!(self.axis, Axis::Index(-1))
    }
}

impl Layer for Softmax {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        let along = Along::new(self.axis, operand)?;
        let values = self.values[usize::from(along.axis + 1 < operand.len())];
        Ok(Facts {
            takes: Takes { scratch: !self.is_plain(), ..Takes::default() },
            backward: Backward { input: Reads { results: Read::All, ..Reads::default() }, ..Backward::default() },
            meaning: Meaning { keeps_shape: true, values, ..Meaning::default() },
            ..Facts::of(operand.clone())
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        if !self.is_plain() {
            let (path, function) = (self.descriptor_type(), Ident::new(self.name, Span::call_site()));
            let fields = Along::new(self.axis, single(of.operands)).unwrap_or_default().fields();
            return quote!(#path { #fields, function: ::net_runtime::layers::RowFunction::#function });
        }
        let (classes, rows) = single(of.operands).split_last().map_or((1, 1), |(last, rows)| (*last, elements(rows)));
        let [rows, classes] = [rows, classes].map(integer);
        let path = self.runtime_path();
        quote!(#path { rows: #rows, classes: #classes })
    }

    fn descriptor_type(&self) -> TokenStream {
        runtime_layer(if self.is_plain() { self.name } else { "RowsAlong" })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name)
    }
}
