//! `glu`: one half along an axis, gated by the other.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Backward, Facts, Inferred, Layer, Meaning, Misfit, Reads, Use, Values, axes_help, elements, integer, single,
};
use crate::arguments::{Arguments, Axis, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature =
    Signature { name: "glu", parameters: &[Parameter::named("axis", "-1")], operands: Arity::One, build };

#[derive(Debug)]
struct Glu {
    axis: Axis,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(Glu { axis: arguments.axis("axis", Axis::Index(-1))? }))
}

impl Layer for Glu {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        let axis = self.axis.within(operand.len()).map_err(|fault| {
            Misfit::argument("axis", format!("{{0}} is {operand:?} and has {fault}")).help(axes_help(operand.len()))
        })?;
        if !operand[axis].is_multiple_of(2) {
            let text = format!("`glu` halves axis {axis} of {{0}}, which is {operand:?}: {} is odd", operand[axis]);
            return Err(Misfit::stage(text));
        }
        let mut result = operand.clone();
        result[axis] /= 2;
        Ok(Facts {
            backward: Backward { input: Reads { operands: true, ..Reads::default() }, ..Backward::default() },
            meaning: Meaning { values: Values::Any, ..Meaning::default() },
            ..Facts::of(result)
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let axis = self.axis.within(of.output.len()).unwrap_or(0);
        let [outer, half] = [&of.output[..axis], &of.output[axis..]].map(|axes| integer(elements(axes)));
        quote!(::net_runtime::layers::Glu { outer: #outer, half: #half })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Glu)
    }
}
