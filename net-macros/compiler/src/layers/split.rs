//! `Split`: the parts of a tensor along an axis.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Facts, InPlace, Inferred, Layer, Meaning, Misfit, Runs, Takes, TensorType, Use, array, axes_help, elements,
    integer, single,
};
use crate::arguments::{Arguments, Axis, Counts, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature = Signature {
    name: "Split",
    parameters: &[Parameter::required("sections"), Parameter::named("axis", "-1")],
    operands: Arity::One,
    build,
};

/// Most parts: each is a tensor with a name, and more are a slip.
const MOST: usize = 256;

#[derive(Debug)]
struct Split {
    /// A number of equal parts, or the length of each.
    sections: Counts,
    axis: Axis,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let sections = arguments.counts("sections");
    let axis = arguments.axis("axis", Axis::Index(-1));
    let layer = Split { sections: sections?, axis: axis? };
    if layer.results() > MOST {
        arguments.reject("sections", format!("`Split` gives at most {MOST} parts, but these are {}", layer.results()));
        return None;
    }
    Some(Rc::new(layer))
}

impl Split {
    /// The axis, and the length of each part along it.
    fn parts(&self, operand: &Shape) -> Result<(usize, Vec<usize>), Misfit> {
        let axis = self.axis.within(operand.len()).map_err(|fault| {
            Misfit::argument("axis", format!("{{0}} is {operand:?} and has {fault}")).help(axes_help(operand.len()))
        })?;
        let length = operand[axis];
        match &self.sections {
            Counts::One(sections) if length.is_multiple_of(*sections) => Ok((axis, vec![length / sections; *sections])),
            Counts::One(sections) => {
                let text =
                    format!("axis {axis} of {{0}}, which is {operand:?}, cannot be cut into {sections} equal parts");
                let rest = length.saturating_sub(sections - 1);
                let misfit = Misfit::argument("sections", text);
                Err(match (*sections, rest) {
                    (_, 0) => misfit,
                    (2, _) => misfit.help(format!(
                        "give the length of each: `Split(({}, {}))`",
                        length / 2,
                        length - length / 2
                    )),
                    _ => misfit.help("give the length of each in a tuple"),
                })
            }
            Counts::Several(lengths) => {
                let sum = lengths.iter().fold(0_usize, |sum, length| sum.saturating_add(*length));
                if sum == length {
                    return Ok((axis, lengths.clone()));
                }
                let text = format!(
                    "the sections of `Split` are {sum} together, but axis {axis} of {{0}}, which is {operand:?}, has {length}"
                );
                Err(Misfit::argument("sections", text))
            }
        }
    }

    /// How the parts lie in the operand.
    fn runs(&self, operand: &Shape) -> Runs {
        let (axis, lengths) = self.parts(operand).unwrap_or_default();
        let within = elements(operand.get(axis + 1..).unwrap_or_default());
        Runs {
            outer: elements(operand.get(..axis).unwrap_or_default()),
            lens: lengths.iter().map(|length| length * within).collect(),
        }
    }
}

impl Layer for Split {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        let (axis, lengths) = self.parts(operand)?;
        let part = |length: usize| {
            let mut shape = operand.clone();
            shape[axis] = length;
            TensorType::numbers(shape)
        };
        Ok(Facts {
            results: lengths.into_iter().map(part).collect(),
            in_place: InPlace::Stores,
            takes: Takes { result_list: true, ..Takes::default() },
            meaning: Meaning { parts: Some(self.runs(operand)), ..Meaning::default() },
            ..Facts::of(Shape::new())
        })
    }

    fn results(&self) -> usize {
        match &self.sections {
            Counts::One(sections) => *sections,
            Counts::Several(lengths) => lengths.len(),
        }
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let Runs { outer, lens } = self.runs(single(of.operands));
        let (outer, runs) = (integer(outer), array(&lens));
        quote!(::net_runtime::layers::Split { outer: #outer, runs: &#runs })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Split)
    }
}
