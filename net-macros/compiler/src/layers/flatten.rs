//! `Flatten`: one axis of all elements.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::table::{Arity, Signature};
use super::{Layer, Lowering, Misfit, elements, single};
use crate::graph::Shape;

pub(super) const SIGNATURE: Signature =
    Signature { name: "Flatten", parameters: &[], operands: Arity::One, build: |_| Some(Rc::new(Flatten)) };

#[derive(Debug)]
struct Flatten;

impl Layer for Flatten {
    fn output(&self, operands: &[Shape]) -> Result<Shape, Misfit> {
        Ok(vec![elements(single(operands))])
    }

    fn lowering(&self) -> Lowering {
        Lowering::Alias
    }

    fn descriptor(&self, _operands: &[Shape], _output: &Shape, _stream: u64) -> TokenStream {
        self.runtime_path()
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Flatten)
    }
}
