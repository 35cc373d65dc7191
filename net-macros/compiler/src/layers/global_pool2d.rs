//! `GlobalAvgPool2d` and `GlobalMaxPool2d`: one number per channel.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Backward, Facts, InPlace, Inferred, Layer, Read, Reads, Use, array, image, single};
use crate::shape::Shape;

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
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let name = match self {
            Self::Avg => "GlobalAvgPool2d",
            Self::Max => "GlobalMaxPool2d",
        };
        let [_, _, channels] = image(name, operands)?;
        let facts = Facts::of_image(vec![channels]);
        Ok(match self {
            Self::Avg => Facts { in_place: InPlace::Stores, ..facts },
            Self::Max => {
                let input = Reads { operands: true, results: Read::All, ..Reads::default() };
                Facts { backward: Backward { input, ..Backward::default() }, ..facts }
            }
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let path = self.runtime_path();
        let input = array(single(of.operands));
        quote!(#path { input: #input })
    }

    fn runtime_path(&self) -> TokenStream {
        match self {
            Self::Avg => quote!(::net_runtime::layers::GlobalAvgPool2d),
            Self::Max => quote!(::net_runtime::layers::GlobalMaxPool2d),
        }
    }
}
