//! `argmax`: the class that scores speak for.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, Inferred, Layer, Meaning, Use, Values, elements, integer, single};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature =
    Signature { name: "argmax", parameters: &[], operands: Arity::One, build: |_| Some(Rc::new(Argmax)) };

#[derive(Debug)]
struct Argmax;

impl Layer for Argmax {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let mut result = single(operands).clone();
        // A tensor has an axis at least.
        match result.as_mut_slice() {
            [only] => *only = 1,
            _ => drop(result.pop()),
        }
        Ok(Facts {
            without_gradient: vec![0],
            meaning: Meaning { values: Values::Any, ..Meaning::default() },
            ..Facts::of(result)
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let (classes, rows) = single(of.operands).split_last().map_or((1, 1), |(last, rows)| (*last, elements(rows)));
        let [rows, classes] = [rows, classes].map(integer);
        quote!(::net_runtime::layers::Argmax { rows: #rows, classes: #classes })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Argmax)
    }
}
