//! `Dense`: every feature to every unit.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, Holder, Inferred, Layer, Misfit, OnColumns, Use, Weights, elements, integer, single};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature = Signature {
    name: "Dense",
    parameters: &[Parameter::required("units"), Parameter::named("bias", "true")],
    operands: Arity::One,
    build,
};

#[derive(Debug)]
struct Dense {
    units: usize,
    holder: &'static Holder,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let units = arguments.count("units", None);
    let holder = Holder::of_kernel(arguments);
    Some(Rc::new(Dense { units: units?, holder: holder? }))
}

impl Layer for Dense {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        let (inputs, output) = match operand.as_slice() {
            [inputs] => (*inputs, vec![self.units]),
            [steps, inputs] => (*inputs, vec![*steps, self.units]),
            _ => {
                let text = format!("`Dense` needs [features] or [steps, features], but {{0}} is {operand:?}");
                let flatten = "put `Flatten` before it to use every element";
                let help = match operand.len() {
                    3 => format!("{flatten}, or `GlobalAvgPool2d` for one number per channel"),
                    _ => format!("{flatten}; if the first axis is the batch, leave it out: it is never written"),
                };
                return Err(Misfit::stage(text).help(help));
            }
        };
        let multiply_adds = (elements(operand) as u64).saturating_mul(self.units as u64);
        let weights = Weights::kernel(self.holder, vec![inputs, self.units]);
        Ok(Facts { on_columns: OnColumns::Of(vec![inputs]), ..Facts::of_kernel(output, weights, multiply_adds) })
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.holder)
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let (inputs, rows) = single(of.operands).split_last().map_or((1, 1), |(last, rows)| (*last, elements(rows)));
        let [rows, inputs, outputs] = [rows, inputs, self.units].map(integer);
        quote!(::net_runtime::layers::Dense { rows: #rows, inputs: #inputs, outputs: #outputs })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Dense)
    }
}
