//! `Stack`: tensors of one shape side by side along an axis of their own.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, InPlace, Inferred, Layer, Misfit, Takes, Use, array, elements, integer, single};
use crate::arguments::{Arguments, Axis, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature =
    Signature { name: "Stack", parameters: &[Parameter::optional("axis", "-1")], operands: Arity::Several, build };

#[derive(Debug)]
struct Stack {
    /// Of the result.
    axis: Axis,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(Stack { axis: arguments.axis("axis", Axis::Index(-1))? }))
}

impl Layer for Stack {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let first = single(operands);
        let axis = self.axis.within(first.len() + 1).map_err(|fault| {
            let text = format!("the result of `Stack` has {} axes and {fault}", first.len() + 1);
            Misfit::argument("axis", text)
        })?;
        if let Some(index) = operands.iter().position(|operand| operand != first) {
            let operand = &operands[index];
            let text = format!("`Stack` needs equal shapes, but {{0}} is {first:?} and {{{index}}} is {operand:?}");
            let misfit = Misfit::operand(index, text);
            return Err(match first.len() == operand.len() {
                true => misfit.help("`Concat` joins them along an axis that they have"),
                false => misfit,
            });
        }
        let mut result = first.clone();
        result.insert(axis, operands.len());
        Ok(Facts {
            in_place: InPlace::Stores,
            takes: Takes { operand_list: true, ..Takes::default() },
            ..Facts::of(result)
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let first = single(of.operands);
        let axis = self.axis.within(first.len() + 1).unwrap_or(0);
        let outer = integer(elements(&first[..axis]));
        let runs = array(&vec![elements(&first[axis..]); of.operands.len()]);
        quote!(::net_runtime::layers::Stack { outer: #outer, runs: &#runs })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Stack)
    }
}
