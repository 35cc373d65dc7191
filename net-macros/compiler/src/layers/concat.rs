//! `Concat`: tensors one behind the other along an axis.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Facts, InPlace, Inferred, Layer, Meaning, Misfit, OnColumns, Runs, Takes, Use, array, axes_help, elements, integer,
    same_images, single,
};
use crate::arguments::{Arguments, Axis, Parameter, axis_names};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature =
    Signature { name: "Concat", parameters: &[Parameter::optional("axis", "-1")], operands: Arity::Several, build };

#[derive(Debug)]
struct Concat {
    axis: Axis,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(Concat { axis: arguments.axis("axis", Axis::Index(-1))? }))
}

/// The concatenation along the last axis.
pub(super) fn along_last() -> Rc<dyn Layer> {
    Rc::new(Concat { axis: Axis::Index(-1) })
}

/// A layer that makes a copy of its operand: a concatenation of one.
pub fn copy() -> Rc<dyn Layer> {
    Rc::new(Concat { axis: Axis::Index(0) })
}

impl Concat {
    /// How operands that fit together lie in the result.
    fn runs(&self, operands: &[Shape]) -> Runs {
        let first = single(operands);
        let axis = self.axis.within(first.len()).unwrap_or(0);
        Runs {
            outer: elements(&first[..axis]),
            lens: operands.iter().map(|operand| elements(&operand[axis..])).collect(),
        }
    }
}

impl Layer for Concat {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let first = single(operands);
        let axis = self.axis.within(first.len()).map_err(|fault| {
            Misfit::argument("axis", format!("{{0}} is {first:?} and has {fault}")).help(axes_help(first.len()))
        })?;
        let mut output = first.clone();
        for (index, operand) in operands.iter().enumerate().skip(1) {
            if operand.len() != first.len() {
                let text = format!(
                    "`Concat` needs shapes with the same number of axes, but {{0}} is {first:?} and {{{index}}} is {operand:?}"
                );
                let help = "`Flatten` or `GlobalAvgPool2d` makes one axis of an image";
                return Err(Misfit::operand(index, text).help(help));
            }
            let differs = |other: &usize| *other != axis && operand[*other] != first[*other];
            if let Some(other) = (0..first.len()).find(differs) {
                let text = format!(
                    "`Concat` along axis {axis} needs shapes that are equal elsewhere, but {{0}} is {first:?} and {{{index}}} is {operand:?}"
                );
                let misfit = Misfit::operand(index, text).fact(format!("they differ on axis {other}"));
                let alone = (0..first.len()).all(|axis| axis == other || operand[axis] == first[axis]);
                return Err(match axis_names(first.len()).get(other) {
                    Some(name) if alone => misfit.help(format!("`Concat(axis = {name})` joins them along that axis")),
                    _ if first.len() == 3 && other < 2 => misfit.help(same_images(first, operand)),
                    _ => misfit,
                });
            }
            output[axis] = output[axis].saturating_add(operand[axis]);
        }
        Ok(Facts {
            in_place: InPlace::Stores,
            on_columns: OnColumns::Of(self.runs(operands).lens),
            takes: Takes { operand_list: true, ..Takes::default() },
            meaning: Meaning { concatenation: Some(self.runs(operands)), ..Meaning::default() },
            ..Facts::of(output)
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let Runs { outer, lens } = self.runs(of.operands);
        let (outer, runs) = (integer(outer), array(&lens));
        quote!(::net_runtime::layers::Concat { outer: #outer, runs: &#runs })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Concat)
    }
}
