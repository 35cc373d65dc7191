//! The merges that work element by element: `Add`, `Sub`, `Mul`, `Average`, `Maximum`, `Minimum`. Axes of length 1 are
//! broadcast.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Backward, Facts, Inferred, Layer, Meaning, Misfit, OnColumns, Reads, Takes, Use, array, same_images};
use crate::shape::Shape;

pub(super) const ADD: Signature = signature("Add", Arity::Several, |_| Some(Rc::new(Merge::Add)));
pub(super) const SUB: Signature = signature("Sub", Arity::Two, |_| Some(Rc::new(Merge::Sub)));
pub(super) const MUL: Signature = signature("Mul", Arity::Several, |_| Some(Rc::new(Merge::Mul)));
pub(super) const AVERAGE: Signature = signature("Average", Arity::Several, |_| Some(Rc::new(Merge::Average)));
pub(super) const MAXIMUM: Signature = signature("Maximum", Arity::Several, |_| Some(Rc::new(Merge::Maximum)));
pub(super) const MINIMUM: Signature = signature("Minimum", Arity::Several, |_| Some(Rc::new(Merge::Minimum)));

type Build = fn(&mut crate::arguments::Arguments<'_>) -> Option<Rc<dyn Layer>>;

const fn signature(name: &'static str, operands: Arity, build: Build) -> Signature {
    Signature { name, parameters: &[], operands, build }
}

/// What `Add` is.
pub(super) fn sum() -> Rc<dyn Layer> {
    Rc::new(Merge::Add)
}

/// What `Mul` is.
pub(super) fn product() -> Rc<dyn Layer> {
    Rc::new(Merge::Mul)
}

/// What `Average` is.
pub(super) fn average() -> Rc<dyn Layer> {
    Rc::new(Merge::Average)
}

#[derive(Clone, Copy, Debug)]
enum Merge {
    Add,
    Sub,
    Mul,
    Average,
    Maximum,
    Minimum,
}

impl Merge {
    fn name(self) -> &'static str {
        match self {
            Self::Add => "Add",
            Self::Sub => "Sub",
            Self::Mul => "Mul",
            Self::Average => "Average",
            Self::Maximum => "Maximum",
            Self::Minimum => "Minimum",
        }
    }
}

impl Layer for Merge {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let mut output = operands.first().cloned().unwrap_or_default();
        // Which operand gave each axis its length, so that the message names two that really differ.
        let mut from = vec![0; output.len()];
        for (index, operand) in operands.iter().enumerate().skip(1) {
            if operand.len() != output.len() {
                return Err(unequal(self.name(), operands, 0, index, "they have different numbers of axes".to_owned()));
            }
            for axis in 0..output.len() {
                if output[axis] == 1 && operand[axis] != 1 {
                    output[axis] = operand[axis];
                    from[axis] = index;
                } else if operand[axis] != output[axis] && operand[axis] != 1 {
                    return Err(unequal(
                        self.name(),
                        operands,
                        from[axis],
                        index,
                        format!("they differ on axis {axis}"),
                    ));
                }
            }
        }
        let reads_operands = match self {
            Self::Add | Self::Sub | Self::Average => false,
            Self::Mul | Self::Maximum | Self::Minimum => true,
        };
        let sum = matches!(self, Self::Add) && operands.iter().all(|operand| *operand == output);
        Ok(Facts {
            meaning: Meaning { sum, ..Meaning::default() },
            backward: Backward { input: Reads { operands: reads_operands, ..Reads::default() }, ..Backward::default() },
            on_columns: OnColumns::Any,
            takes: Takes { operand_list: true, ..Takes::default() },
            ..Facts::of(output)
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let path = self.runtime_path();
        let inputs = of.operands.iter().map(|operand| array(operand));
        let output = array(of.output);
        quote!(#path { inputs: &[#(&#inputs),*], output: &#output })
    }

    fn runtime_path(&self) -> TokenStream {
        match self {
            Self::Add => quote!(::net_runtime::layers::Add),
            Self::Sub => quote!(::net_runtime::layers::Sub),
            Self::Mul => quote!(::net_runtime::layers::Mul),
            Self::Average => quote!(::net_runtime::layers::Average),
            Self::Maximum => quote!(::net_runtime::layers::Maximum),
            Self::Minimum => quote!(::net_runtime::layers::Minimum),
        }
    }
}

fn unequal(name: &str, operands: &[Shape], left: usize, right: usize, fact: String) -> Misfit {
    let (first, second) = (&operands[left], &operands[right]);
    let text = format!("`{name}` needs equal shapes, but {{{left}}} is {first:?} and {{{right}}} is {second:?}");
    let misfit = Misfit::operand(right, text).fact(fact);
    match (first.as_slice(), second.as_slice()) {
        ([h, w, channels], [h2, w2, _]) if h == h2 && w == w2 => {
            misfit.help(format!("let {{{right}}} have {channels} channels, e.g. by `-> Conv2d({channels}, 1)`"))
        }
        ([_, _, channels], [features]) if channels == features => misfit.help(per_channel(right, *features)),
        ([features], [_, _, channels]) if channels == features => misfit.help(per_channel(left, *features)),
        ([features], [_]) => {
            misfit.help(format!("let {{{right}}} have {features} features, e.g. by `-> Dense({features})`"))
        }
        ([_, _, _], [_, _, _]) => misfit.help(same_images(first, second)),
        (first, second) if first.len() != second.len() => {
            misfit.help("`Flatten` or `Reshape` brings both to one number of axes")
        }
        _ => misfit,
    }
}

/// How a vector meets an image of as many channels.
fn per_channel(operand: usize, channels: usize) -> String {
    format!("`-> Reshape(1, 1, {channels})` makes {{{operand}}} count for every row and column")
}
