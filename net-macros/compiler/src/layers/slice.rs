//! `Slice`: some places of an axis, and `Reverse`: all of them backwards.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Along, Facts, InPlace, Inferred, Layer, Misfit, Use, integer, single};
use crate::arguments::{Arguments, Axis, Parameter};
use crate::shape::Shape;

pub(super) const SLICE: Signature = Signature {
    name: "Slice",
    parameters: &[
        Parameter::optional("start", "0"),
        Parameter::optional("end", "length"),
        Parameter::named("axis", "-1"),
        Parameter::named("step", "1"),
    ],
    operands: Arity::One,
    build: build_slice,
};

pub(super) const REVERSE: Signature = Signature {
    name: "Reverse",
    parameters: &[Parameter::required("axis")],
    operands: Arity::One,
    build: |arguments| {
        let axis = arguments.axis("axis", Axis::Index(0))?;
        Some(Rc::new(Reverse { axis }))
    },
};

/// Stands for the end of any axis.
const END: i64 = i64::MAX;

#[derive(Debug)]
struct Slice {
    /// The first place, and the one behind the last.
    bounds: [i64; 2],
    axis: Axis,
    step: usize,
}

fn build_slice(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let start = arguments.place("start", 0);
    let end = arguments.place("end", END);
    let axis = arguments.axis("axis", Axis::Index(-1));
    let step = arguments.count("step", Some(1));
    Some(Rc::new(Slice { bounds: [start?, end?], axis: axis?, step: step? }))
}

impl Slice {
    /// The axis, the first place and how many there are.
    fn places(&self, operand: &Shape) -> Result<(Along, usize, usize), Misfit> {
        let along = Along::new(self.axis, operand)?;
        let length = i64::try_from(along.length).unwrap_or(END);
        let place = |name: &'static str, place: i64| {
            let from_start = match place {
                END => length,
                place if place < 0 => place + length,
                place => place,
            };
            usize::try_from(from_start).ok().filter(|place| *place <= along.length).ok_or_else(|| {
                let text = format!(
                    "`{name}` of `Slice` is {place}, but axis {} of {{0}}, which is {operand:?}, has {length}",
                    along.axis
                );
                Misfit::argument(name, text)
            })
        };
        let [start, end] = [place("start", self.bounds[0])?, place("end", self.bounds[1])?];
        if start >= end {
            let text = format!(
                "`Slice` from {start} to {end} has nothing of axis {} of {{0}}, which is {operand:?}",
                along.axis
            );
            let misfit = Misfit::stage(text);
            return Err(match self.step {
                1 if end > 0 => misfit.help("the end is behind the last place; `Reverse` goes backwards"),
                _ => misfit,
            });
        }
        Ok((along, start, (end - start).div_ceil(self.step)))
    }
}

impl Layer for Slice {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let (along, _, count) = self.places(single(operands))?;
        let mut result = single(operands).clone();
        result[along.axis] = count;
        Ok(Facts::of(result))
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let (along, start, count) = self.places(single(of.operands)).unwrap_or_default();
        let fields = along.fields();
        let [start, step, count] = [start, self.step, count].map(integer);
        quote!(::net_runtime::layers::Slice { #fields, start: #start, step: #step, count: #count })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Slice)
    }
}

#[derive(Debug)]
struct Reverse {
    axis: Axis,
}

impl Layer for Reverse {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        Along::new(self.axis, single(operands))?;
        Ok(Facts { in_place: InPlace::Stores, ..Facts::of(single(operands).clone()) })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let fields = Along::new(self.axis, single(of.operands)).unwrap_or_default().fields();
        quote!(::net_runtime::layers::Reverse { #fields })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Reverse)
    }
}
