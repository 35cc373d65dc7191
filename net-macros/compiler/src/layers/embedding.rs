//! `Embedding`: a row of a table for each whole number.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Backward, Facts, Holder, Inferred, Initial, Layer, Meaning, Parameter as Weight, Reads, Setting, Use, Values,
    Weights, elements, integer, single,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::{Element, Shape};

pub(super) const SIGNATURE: Signature = Signature {
    name: "Embedding",
    parameters: &[Parameter::required("rows"), Parameter::required("width")],
    operands: Arity::One,
    build,
};

static TABLE: Holder = Holder { name: "Table", parameters: &["embeddings"] };

/// Rows begin uniform in so much to both sides, as Keras's do.
const LIMIT: f32 = 0.05;

#[derive(Debug)]
struct Embedding {
    rows: usize,
    width: usize,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let rows = arguments.count("rows", None);
    let width = arguments.count("width", None);
    Some(Rc::new(Embedding { rows: rows?, width: width? }))
}

impl Layer for Embedding {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let mut result = single(operands).clone();
        result.push(self.width);
        let table = Weight::trained(
            vec![self.rows, self.width],
            Initial::random("random_uniform").with(Setting::Number(-LIMIT)).with(Setting::Number(LIMIT)),
        );
        Ok(Facts {
            weights: Some(Weights { holder: &TABLE, parameters: vec![table] }),
            backward: Backward { weights: Reads { operands: true, ..Reads::default() }, ..Backward::default() },
            fallible: true,
            meaning: Meaning { values: Values::Any, ..Meaning::default() },
            ..Facts::of(result)
        })
    }

    fn takes(&self, _operand: usize) -> Option<Element> {
        Some(Element::U32)
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(&TABLE)
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let [len, rows, width] = [elements(single(of.operands)), self.rows, self.width].map(integer);
        quote!(::net_runtime::layers::Embedding { len: #len, rows: #rows, width: #width })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Embedding)
    }
}
