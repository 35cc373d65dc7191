//! `Rescaling`: numbers times a factor, plus an offset.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, InPlace, Inferred, Layer, Misfit, Use, elements, float, integer, single};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature = Signature {
    name: "Rescaling",
    parameters: &[Parameter::required("scale"), Parameter::optional("offset", "0")],
    operands: Arity::One,
    build,
};

#[derive(Debug)]
struct Rescaling {
    /// One, or one for each channel.
    scale: Vec<f32>,
    offset: Vec<f32>,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let scale = arguments.numbers("scale", None);
    let offset = arguments.numbers("offset", Some(0.0));
    Some(Rc::new(Rescaling { scale: scale?, offset: offset? }))
}

impl Layer for Rescaling {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        let channels = operand.last().copied().unwrap_or(1);
        for (name, numbers) in [("scale", &self.scale), ("offset", &self.offset)] {
            if numbers.len() != 1 && numbers.len() != channels {
                let text = format!(
                    "`{name}` of `Rescaling` has {} numbers, but the last axis of {{0}}, which is {operand:?}, has {channels}",
                    numbers.len()
                );
                return Err(Misfit::argument(name, text).help("one number is for all, else there is one for each"));
            }
        }
        Ok(Facts { in_place: InPlace::Stores, ..Facts::of(operand.clone()) })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let len = integer(elements(single(of.operands)));
        let [scale, offset] = [&self.scale, &self.offset].map(|numbers| {
            let numbers = numbers.iter().copied().map(float);
            quote!(&[#(#numbers),*])
        });
        quote!(::net_runtime::layers::Rescaling { len: #len, scale: #scale, offset: #offset })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Rescaling)
    }
}
