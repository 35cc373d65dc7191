//! `GlobalAvgPool2d` and `GlobalMaxPool2d`: one number per channel.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::table::{Arity, Signature};
use super::{InPlace, Layer, Lowering, Misfit, array, image, single};
use crate::graph::Shape;

pub(super) const GLOBAL_AVG_POOL2D: Signature = Signature {
    name: "GlobalAvgPool2d",
    parameters: &[],
    operands: Arity::One,
    build: |_| Some(Rc::new(GlobalPool2d::Avg)),
};

pub(super) const GLOBAL_MAX_POOL2D: Signature = Signature {
    name: "GlobalMaxPool2d",
    parameters: &[],
    operands: Arity::One,
    build: |_| Some(Rc::new(GlobalPool2d::Max)),
};

#[derive(Debug)]
enum GlobalPool2d {
    Avg,
    Max,
}

impl Layer for GlobalPool2d {
    fn output(&self, operands: &[Shape]) -> Result<Shape, Misfit> {
        let name = match self {
            Self::Avg => "GlobalAvgPool2d",
            Self::Max => "GlobalMaxPool2d",
        };
        let [_, _, channels] = image(name, operands)?;
        Ok(vec![channels])
    }

    fn lowering(&self) -> Lowering {
        match self {
            Self::Avg => Lowering::Unary { reads_input: false, reads_output: false, in_place: InPlace::Stores },
            Self::Max => Lowering::Unary { reads_input: true, reads_output: true, in_place: InPlace::Never },
        }
    }

    fn descriptor(&self, operands: &[Shape], _output: &Shape, _stream: u64) -> TokenStream {
        let path = self.runtime_path();
        let input = array(single(operands));
        quote!(#path { input: #input })
    }

    fn runtime_path(&self) -> TokenStream {
        match self {
            Self::Avg => quote!(::net_runtime::layers::GlobalAvgPool2d),
            Self::Max => quote!(::net_runtime::layers::GlobalMaxPool2d),
        }
    }
}
