//! `softmax` and its kin: what a row along the last axis becomes.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Backward, Distribution, Facts, Inferred, Layer, Meaning, Read, Reads, Use, Values, elements, integer,
    runtime_layer, single,
};
use crate::shape::Shape;

pub(super) const SOFTMAX: Signature = of_rows("softmax", |_| {
    Some(Rc::new(Softmax { name: "Softmax", values: Values::Probabilities(Distribution::Softmax) }))
});

pub(super) const LOG_SOFTMAX: Signature = of_rows("log_softmax", |_| {
    Some(Rc::new(Softmax { name: "LogSoftmax", values: Values::LogProbabilities(Distribution::Softmax) }))
});

// Its probabilities can be 0, and no loss is computed from what goes in: as Keras does, one compares what comes out.
pub(super) const SPARSEMAX: Signature =
    of_rows("sparsemax", |_| Some(Rc::new(Softmax { name: "Sparsemax", values: Values::Unknown })));

type Build = fn(&mut crate::arguments::Arguments<'_>) -> Option<Rc<dyn Layer>>;

const fn of_rows(name: &'static str, build: Build) -> Signature {
    Signature { name, parameters: &[], operands: Arity::One, build }
}

#[derive(Debug)]
struct Softmax {
    /// The runtime's descriptor.
    name: &'static str,
    values: Values,
}

impl Layer for Softmax {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        Ok(Facts {
            backward: Backward { input: Reads { results: Read::All, ..Reads::default() }, ..Backward::default() },
            meaning: Meaning { keeps_shape: true, values: self.values, ..Meaning::default() },
            ..Facts::of(single(operands).clone())
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let (classes, rows) = single(of.operands).split_last().map_or((1, 1), |(last, rows)| (*last, elements(rows)));
        let [rows, classes] = [rows, classes].map(integer);
        let path = self.runtime_path();
        quote!(#path { rows: #rows, classes: #classes })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name)
    }
}
