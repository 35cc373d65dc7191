//! `Flatten`: one axis of all elements.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, Inferred, Layer, Meaning, Use, elements, single};
use crate::shape::{Element, Shape};

pub(super) const SIGNATURE: Signature =
    Signature { name: "Flatten", parameters: &[], operands: Arity::One, build: |_| Some(Rc::new(Flatten)) };

#[derive(Debug)]
struct Flatten;

impl Layer for Flatten {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let output = vec![elements(single(operands))];
        Ok(Facts { meaning: Meaning { alias: true, ..Meaning::default() }, ..Facts::of(output) })
    }

    fn takes(&self, _operand: usize) -> Option<Element> {
        None
    }

    fn descriptor(&self, _of: &Use<'_>) -> TokenStream {
        self.runtime_path()
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Flatten)
    }
}
