//! `softmax`: probabilities along the last axis.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Backward, Distribution, Facts, Inferred, Layer, Meaning, Read, Reads, Use, Values, elements, integer, single,
};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature =
    Signature { name: "softmax", parameters: &[], operands: Arity::One, build: |_| Some(Rc::new(Softmax)) };

#[derive(Debug)]
struct Softmax;

impl Layer for Softmax {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let values = Values::Probabilities(Distribution::Softmax);
        Ok(Facts {
            backward: Backward { input: Reads { results: Read::All, ..Reads::default() }, ..Backward::default() },
            meaning: Meaning { keeps_shape: true, values, ..Meaning::default() },
            ..Facts::of(single(operands).clone())
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let (classes, rows) = single(of.operands).split_last().map_or((1, 1), |(last, rows)| (*last, elements(rows)));
        let [rows, classes] = [rows, classes].map(integer);
        quote!(::net_runtime::layers::Softmax { rows: #rows, classes: #classes })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Softmax)
    }
}
