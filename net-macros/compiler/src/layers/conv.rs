//! `Conv1d` and `Conv2d`: a convolution over steps, and over height and width.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::window::{Padding, Window};
use super::{AFFINE, Facts, Fuses, Holder, Inferred, LINEAR, Layer, Meaning, Use, Weights, multiply_adds, spatial};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

const PARAMETERS: &[Parameter<'static>] = &[
    Parameter::required("filters"),
    Parameter::required("kernel"),
    Parameter::named("stride", "1"),
    Parameter::named("padding", "valid"),
    Parameter::named("dilation", "1"),
    Parameter::named("bias", "true"),
];

pub(super) const CONV1D: Signature =
    Signature { name: "Conv1d", parameters: PARAMETERS, operands: Arity::One, build: build::<1> };

pub(super) const CONV2D: Signature =
    Signature { name: "Conv2d", parameters: PARAMETERS, operands: Arity::One, build: build::<2> };

#[derive(Debug)]
struct Conv<const AXES: usize> {
    filters: usize,
    window: Window<AXES>,
    bias: bool,
}

fn build<const AXES: usize>(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let filters = arguments.count("filters", None);
    let size = arguments.extents("kernel", None);
    let stride = arguments.extents("stride", Some([1; AXES]));
    let padding = Padding::argument_over::<AXES>(arguments);
    let dilation = arguments.extents("dilation", Some([1; AXES]));
    let bias = arguments.flag("bias", true);
    let (stride, dilation) = (stride?, dilation?);
    if stride != [1; AXES] && dilation != [1; AXES] {
        let name = Conv::<AXES>::NAME;
        arguments.reject("dilation", format!("`{name}` can have a stride or a dilation above 1, but not both"));
        return None;
    }
    let window = Window { size: size?, stride, dilation, padding: padding? };
    Some(Rc::new(Conv { filters: filters?, window, bias: bias? }))
}

impl<const AXES: usize> Layer for Conv<AXES> {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let (extents, channels) = spatial(Self::NAME, operands)?;
        let output = self.window.output(Self::NAME, "kernel", (extents, channels))?;
        let output = [&output[..], &[self.filters]].concat();
        let kernel = [&self.window.size[..], &[channels, self.filters]].concat();
        let multiply_adds = multiply_adds(&output, &kernel[..=AXES]);
        let facts = Facts::of_kernel(output, Weights::kernel(self.kernel_holder(), kernel), multiply_adds);
        let is_image = AXES == 2;
        Ok(Facts {
            fuses: Fuses { concatenation: is_image, pool: is_image, ..facts.fuses },
            meaning: Meaning { of_image: is_image, ..facts.meaning },
            ..facts
        })
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.kernel_holder())
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        self.window.descriptor(&self.runtime_path(), of)
    }

    fn covers(&self, operand: &Shape, result: &Shape) -> Option<Shape> {
        Some(self.window.covers(operand, result))
    }

    fn runtime_path(&self) -> TokenStream {
        match AXES {
            1 => quote!(::net_runtime::layers::Conv1d),
            _ => quote!(::net_runtime::layers::Conv2d),
        }
    }
}

impl<const AXES: usize> Conv<AXES> {
    const NAME: &'static str = match AXES {
        1 => "Conv1d",
        _ => "Conv2d",
    };

    fn kernel_holder(&self) -> &'static Holder {
        if self.bias { &AFFINE } else { &LINEAR }
    }
}
