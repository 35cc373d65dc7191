//! `Conv2d`: a convolution over height and width.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::window::{Padding, Window};
use super::{
    AFFINE, Backward, Facts, Fuses, Holder, InPlace, Inferred, LINEAR, Layer, Meaning, Reads, Takes, Use, Values,
    Weights, array, elements, image,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature = Signature {
    name: "Conv2d",
    parameters: &[
        Parameter::required("filters"),
        Parameter::required("kernel"),
        Parameter::named("stride", "1"),
        Parameter::named("padding", "valid"),
        Parameter::named("dilation", "1"),
        Parameter::named("bias", "true"),
    ],
    operands: Arity::One,
    build,
};

#[derive(Debug)]
struct Conv2d {
    filters: usize,
    window: Window<2>,
    bias: bool,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let filters = arguments.count("filters", None);
    let size = arguments.extents("kernel", None);
    let stride = arguments.extents("stride", Some([1, 1]));
    let padding = Padding::argument(arguments);
    let dilation = arguments.extents("dilation", Some([1, 1]));
    let bias = arguments.flag("bias", true);
    let (stride, dilation) = (stride?, dilation?);
    if stride != [1, 1] && dilation != [1, 1] {
        arguments.reject("dilation", "`Conv2d` can have a stride or a dilation above 1, but not both");
        return None;
    }
    let window = Window { size: size?, stride, dilation, padding: padding? };
    Some(Rc::new(Conv2d { filters: filters?, window, bias: bias? }))
}

impl Layer for Conv2d {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let [height, width, channels] = image("Conv2d", operands)?;
        let [height, width] = self.window.output("Conv2d", "kernel", ([height, width], channels))?;
        let [rows, columns] = self.window.size;
        let kernel = vec![rows, columns, channels, self.filters];
        let output = vec![height, width, self.filters];
        let per_output = kernel[..3].iter().fold(1_u64, |product, length| product.saturating_mul(*length as u64));
        Ok(Facts {
            multiply_adds: per_output.saturating_mul(elements(&output) as u64),
            weights: Some(Weights::kernel(self.kernel_holder(), kernel)),
            backward: Backward {
                weights: Reads { operands: true, ..Reads::default() },
                input: Reads { weights: true, ..Reads::default() },
                ..Backward::default()
            },
            in_place: InPlace::Stores,
            fuses: Fuses { activation: true, concatenation: true, pool: true },
            takes: Takes { scratch: true, ..Takes::default() },
            meaning: Meaning { values: Values::Any, of_image: true, ..Meaning::default() },
            ..Facts::of(output)
        })
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.kernel_holder())
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let padding = array(&self.window.padding_before(&of.operands[0], of.output));
        let [input, output] = of.parts.map(|part| array(part));
        let Window { size, stride, dilation, padding: _ } = &self.window;
        let [kernel, stride, dilation] = [size, stride, dilation].map(|pair| array(pair));
        quote! {
            ::net_runtime::layers::Conv2d {
                input: #input,
                output: #output,
                kernel: #kernel,
                stride: #stride,
                dilation: #dilation,
                padding: #padding,
            }
        }
    }

    fn covers(&self, operand: &Shape, result: &Shape) -> Option<Shape> {
        Some(self.window.covers(operand, result))
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Conv2d)
    }
}

impl Conv2d {
    fn kernel_holder(&self) -> &'static Holder {
        if self.bias { &AFFINE } else { &LINEAR }
    }
}
