//! `Dropout`: zeros at random places while training.

use std::rc::Rc;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Backward, Facts, InPlace, Inference, Inferred, Layer, Meaning, Reads, Takes, Use, elements, float, integer, single,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature =
    Signature { name: "Dropout", parameters: &[Parameter::required("rate")], operands: Arity::One, build };

#[derive(Debug)]
struct Dropout {
    rate: f32,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let rate = arguments.number_within("rate", None, |rate| (0.0..1.0).contains(&rate), "at least 0 and below 1")?;
    Some(Rc::new(Dropout { rate }))
}

impl Layer for Dropout {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        Ok(Facts {
            backward: Backward { input: Reads { random: true, ..Reads::default() }, ..Backward::default() },
            in_place: InPlace::Stores,
            takes: Takes { random: true, ..Takes::default() },
            inference: Inference::Identity,
            meaning: Meaning { keeps_shape: true, ..Meaning::default() },
            ..Facts::of(single(operands).clone())
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let len = integer(elements(of.output));
        let rate = float(self.rate);
        let stream = Literal::u64_unsuffixed(of.stream);
        quote!(::net_runtime::layers::Dropout { len: #len, rate: #rate, layer: #stream })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Dropout)
    }
}
