//! Comparisons of each element with a number: `NotEqual(0)` makes the mask of padded text.

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, Inferred, Layer, Meaning, Use, Values, elements, float, integer, single};
use crate::arguments::{Arguments, Parameter};
use crate::shape::{Element, Shape};

pub(super) const EQUAL: Signature = signature("Equal", |arguments| build("Equal", arguments));
pub(super) const GREATER: Signature = signature("Greater", |arguments| build("Greater", arguments));
pub(super) const LESS: Signature = signature("Less", |arguments| build("Less", arguments));
pub(super) const NOT_EQUAL: Signature = signature("NotEqual", |arguments| build("NotEqual", arguments));

const PARAMETERS: &[Parameter<'static>] = &[Parameter::required("value")];

const fn signature(name: &'static str, build: fn(&mut Arguments<'_>) -> Option<Rc<dyn Layer>>) -> Signature {
    Signature { name, parameters: PARAMETERS, operands: Arity::One, build }
}

#[derive(Debug)]
struct Comparison {
    name: &'static str,
    value: f32,
}

fn build(name: &'static str, arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(Comparison { name, value: arguments.number("value", None)? }))
}

impl Layer for Comparison {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        Ok(Facts {
            without_gradient: vec![0],
            meaning: Meaning { keeps_shape: true, values: Values::UnitInterval, ..Meaning::default() },
            ..Facts::of(single(operands).clone())
        })
    }

    fn takes(&self, _operand: usize) -> Option<Element> {
        None
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let (kind, len, value) = (self.runtime_path(), integer(elements(of.output)), float(self.value));
        quote!(#kind { len: #len, value: #value })
    }

    fn runtime_path(&self) -> TokenStream {
        let name = Ident::new(self.name, Span::mixed_site());
        quote!(::net_runtime::layers::#name)
    }
}
