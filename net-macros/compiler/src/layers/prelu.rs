//! `PRelu`: a ReLU with slopes that are learnt.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Backward, Facts, Holder, Inferred, Initial, Layer, Meaning, Misfit, Parameter as Weight, Reads, Takes, Use, Values,
    Weights, axes_help, elements, integer, runtime_layer, single,
};
use crate::arguments::{Axis, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature = Signature {
    name: "PRelu",
    parameters: &[Parameter::named("shared_axes", "()")],
    operands: Arity::One,
    build: |arguments| Some(Rc::new(PRelu { shared: arguments.axes("shared_axes")? })),
};

static SLOPES: Holder = Holder { name: "Slopes", parameters: &["alpha"] };

#[derive(Debug)]
struct PRelu {
    /// The axes along which the slopes are the same.
    shared: Vec<Axis>,
}

impl PRelu {
    /// How many axes share slopes: the first ones.
    fn shared(&self, operand: &Shape) -> Result<usize, Misfit> {
        let rank = operand.len();
        let mut axes = Vec::new();
        for axis in &self.shared {
            axes.push(axis.within(rank).map_err(|fault| {
                Misfit::argument("shared_axes", format!("{{0}} is {operand:?} and has {fault}")).help(axes_help(rank))
            })?);
        }
        axes.sort_unstable();
        axes.dedup();
        if axes.iter().copied().eq(0..axes.len()) {
            return Ok(axes.len());
        }
        let text = format!(
            "the axes along which a `PRelu` shares its slopes are the first ones of {{0}}, which is {operand:?}"
        );
        Err(Misfit::argument("shared_axes", text)
            .help("on an image, `(height, width)` leaves a slope for each channel"))
    }
}

impl Layer for PRelu {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        let shared = self.shared(operand)?;
        let dims = operand.iter().enumerate().map(|(axis, length)| if axis < shared { 1 } else { *length });
        let alpha = Weight::trained(dims.collect(), Initial::ZEROS);
        let input = Reads { weights: true, operands: true, ..Reads::default() };
        Ok(Facts {
            weights: Some(Weights { holder: &SLOPES, parameters: vec![alpha] }),
            backward: Backward { weights: Reads { weights: false, ..input }, input, ..Backward::default() },
            takes: Takes { scratch: true, ..Takes::default() },
            meaning: Meaning { keeps_shape: true, values: Values::Any, ..Meaning::default() },
            ..Facts::of(operand.clone())
        })
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(&SLOPES)
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let shared = self.shared(of.output).unwrap_or(0);
        let [shared, slopes] = [&of.output[..shared], &of.output[shared..]].map(|axes| integer(elements(axes)));
        let path = self.runtime_path();
        quote!(#path { shared: #shared, slopes: #slopes })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer("PRelu")
    }
}
