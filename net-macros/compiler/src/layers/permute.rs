//! `Permute`: the axes in another order.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, Inferred, Layer, Misfit, Use, array, axes_help, single};
use crate::arguments::{Arguments, Axis, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature =
    Signature { name: "Permute", parameters: &[Parameter::list("axes")], operands: Arity::One, build };

#[derive(Debug)]
struct Permute {
    axes: Vec<Axis>,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(Permute { axes: arguments.axes("axes")? }))
}

impl Permute {
    /// Which axis of the operand each axis of the result is.
    fn order(&self, operand: &Shape) -> Result<Vec<usize>, Misfit> {
        let rank = operand.len();
        let mut order = Vec::new();
        for axis in &self.axes {
            let index = axis.within(rank).map_err(|fault| {
                Misfit::argument("axes", format!("{{0}} is {operand:?} and has {fault}")).help(axes_help(rank))
            })?;
            if order.contains(&index) {
                return Err(Misfit::argument("axes", format!("`Permute` names axis {index} of {{0}} twice")));
            }
            order.push(index);
        }
        if order.len() != rank {
            let text = format!(
                "`Permute` has to name all {rank} axes of {{0}}, which is {operand:?}, but names {}",
                order.len()
            );
            return Err(Misfit::argument("axes", text).help(axes_help(rank)));
        }
        Ok(order)
    }
}

impl Layer for Permute {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        Ok(Facts::of(self.order(operand)?.into_iter().map(|axis| operand[axis]).collect()))
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let operand = single(of.operands);
        let axes = array(&self.order(operand).unwrap_or_default());
        let input = array(operand);
        quote!(::net_runtime::layers::Permute { input: &#input, axes: &#axes })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Permute)
    }
}
