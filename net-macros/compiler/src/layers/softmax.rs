//! `softmax`: probabilities along the last axis.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::table::{Arity, Signature};
use super::{Distribution, InPlace, Layer, Lowering, Misfit, elements, integer, single};
use crate::graph::Shape;

pub(super) const SIGNATURE: Signature =
    Signature { name: "softmax", parameters: &[], operands: Arity::One, build: |_| Some(Rc::new(Softmax)) };

#[derive(Debug)]
struct Softmax;

impl Layer for Softmax {
    fn output(&self, operands: &[Shape]) -> Result<Shape, Misfit> {
        Ok(single(operands).clone())
    }

    fn lowering(&self) -> Lowering {
        Lowering::Unary { reads_input: false, reads_output: true, in_place: InPlace::Never }
    }

    fn distribution(&self) -> Option<Distribution> {
        Some(Distribution::Softmax)
    }

    fn descriptor(&self, operands: &[Shape], _output: &Shape, _stream: u64) -> TokenStream {
        let (classes, rows) = single(operands).split_last().map_or((1, 1), |(last, rows)| (*last, elements(rows)));
        let [rows, classes] = [rows, classes].map(integer);
        quote!(::net_runtime::layers::Softmax { rows: #rows, classes: #classes })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Softmax)
    }
}
