//! `Dense`: every feature to every unit.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::table::{Arity, Signature};
use super::{Container, Layer, Lowering, Misfit, Weights, elements, integer, single};
use crate::arguments::{Arguments, Parameter};
use crate::graph::Shape;

pub(super) const SIGNATURE: Signature = Signature {
    name: "Dense",
    parameters: &[Parameter::required("units"), Parameter::named("bias", "true")],
    operands: Arity::One,
    build,
};

#[derive(Debug)]
struct Dense {
    units: usize,
    bias: bool,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let units = arguments.count("units", None);
    let bias = arguments.flag("bias", true);
    Some(Rc::new(Dense { units: units?, bias: bias? }))
}

impl Layer for Dense {
    fn output(&self, operands: &[Shape]) -> Result<Shape, Misfit> {
        let operand = single(operands);
        match operand.as_slice() {
            [_] => Ok(vec![self.units]),
            [steps, _] => Ok(vec![*steps, self.units]),
            _ => {
                let text = format!("`Dense` needs [features] or [steps, features], but {{0}} is {operand:?}");
                let flatten = "put `Flatten` before it to use every element";
                let help = match operand.len() {
                    3 => format!("{flatten}, or `GlobalAvgPool2d` for one number per channel"),
                    _ => format!("{flatten}; if the first axis is the batch, leave it out: it is never written"),
                };
                Err(Misfit::stage(text).help(help))
            }
        }
    }

    fn weights(&self, operands: &[Shape]) -> Option<Weights> {
        let inputs = *single(operands).last()?;
        let container = if self.bias { Container::Affine } else { Container::Linear };
        Some(Weights { container, kernel: vec![inputs, self.units] })
    }

    fn multiply_adds(&self, operands: &[Shape], _output: &Shape) -> u64 {
        (elements(single(operands)) as u64).saturating_mul(self.units as u64)
    }

    fn lowering(&self) -> Lowering {
        Lowering::Weighted { within: false }
    }

    fn descriptor(&self, operands: &[Shape], _output: &Shape, _stream: u64) -> TokenStream {
        let (inputs, rows) = single(operands).split_last().map_or((1, 1), |(last, rows)| (*last, elements(rows)));
        let [rows, inputs, outputs] = [rows, inputs, self.units].map(integer);
        quote!(::net_runtime::layers::Dense { rows: #rows, inputs: #inputs, outputs: #outputs })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Dense)
    }
}
