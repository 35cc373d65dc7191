//! `CategoryEncoding`: whole numbers as rows of zeros and ones, or of counts.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, Inferred, Layer, Meaning, Use, Values, elements, integer, single};
use crate::arguments::{Arguments, Parameter};
use crate::shape::{Element, Shape};

pub(super) const SIGNATURE: Signature = Signature {
    name: "CategoryEncoding",
    parameters: &[Parameter::required("tokens"), Parameter::named("mode", "multi_hot")],
    operands: Arity::One,
    build,
};

#[derive(Debug)]
struct CategoryEncoding {
    tokens: usize,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// A row for each number.
    OneHot,
    /// A row for all numbers of the last axis, 1 where one of them is.
    MultiHot,
    /// The same with how often each of them comes.
    Count,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let tokens = arguments.count("tokens", None);
    let mode = arguments.word("mode", "multi_hot", &["one_hot", "multi_hot", "count"]).map(|word| match word {
        "one_hot" => Mode::OneHot,
        "multi_hot" => Mode::MultiHot,
        _ => Mode::Count,
    });
    Some(Rc::new(CategoryEncoding { tokens: tokens?, mode: mode? }))
}

impl CategoryEncoding {
    /// Shape of the result without the tokens, and how many numbers a row is of.
    fn rows(&self, operand: &Shape) -> (Shape, usize) {
        match operand.split_last() {
            // One number on the last axis is that of a row, as Keras has it.
            Some((numbers, outer)) if self.mode != Mode::OneHot || *numbers == 1 => (outer.to_vec(), *numbers),
            _ => (operand.clone(), 1),
        }
    }
}

impl Layer for CategoryEncoding {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let (mut result, _) = self.rows(single(operands));
        result.push(self.tokens);
        let values = if self.mode == Mode::Count { Values::Any } else { Values::UnitInterval };
        Ok(Facts { fallible: true, meaning: Meaning { values, ..Meaning::default() }, ..Facts::of(result) })
    }

    fn takes(&self, _operand: usize) -> Option<Element> {
        Some(Element::U32)
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let (outer, numbers) = self.rows(single(of.operands));
        let [rows, numbers, tokens] = [elements(&outer), numbers, self.tokens].map(integer);
        let count = self.mode == Mode::Count;
        quote! {
            ::net_runtime::layers::CategoryEncoding { rows: #rows, numbers: #numbers, tokens: #tokens, count: #count }
        }
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::CategoryEncoding)
    }
}
