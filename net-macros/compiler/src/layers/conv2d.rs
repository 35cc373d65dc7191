//! `Conv2d`: a convolution over height and width.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::table::{Arity, Signature};
use super::window::{Padding, Window};
use super::{Container, Layer, Lowering, Misfit, Weights, array, elements, image, single};
use crate::arguments::{Arguments, Parameter};
use crate::graph::Shape;

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
    window: Window,
    bias: bool,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let filters = arguments.count("filters", None);
    let size = arguments.pair("kernel", None);
    let stride = arguments.pair("stride", Some([1, 1]));
    let padding = Padding::argument(arguments);
    let dilation = arguments.pair("dilation", Some([1, 1]));
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
    fn output(&self, operands: &[Shape]) -> Result<Shape, Misfit> {
        let image = image("Conv2d", operands)?;
        let [height, width] = self.window.output("Conv2d", "kernel", image)?;
        Ok(vec![height, width, self.filters])
    }

    fn weights(&self, operands: &[Shape]) -> Option<Weights> {
        let channels = *single(operands).last()?;
        let container = if self.bias { Container::Affine } else { Container::Linear };
        let [rows, columns] = self.window.size;
        Some(Weights { container, kernel: vec![rows, columns, channels, self.filters] })
    }

    fn multiply_adds(&self, operands: &[Shape], output: &Shape) -> u64 {
        let channels = single(operands).last().map_or(1, |channels| *channels as u64);
        let [rows, columns] = self.window.size.map(|size| size as u64);
        [rows, columns, channels]
            .iter()
            .fold(elements(output) as u64, |product, factor| product.saturating_mul(*factor))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Weighted { within: true }
    }

    fn descriptor(&self, operands: &[Shape], output: &Shape, _stream: u64) -> TokenStream {
        self.part(single(operands), output, [single(operands), output])
    }

    fn covers(&self, operand: &Shape, result: &Shape) -> Option<Shape> {
        Some(self.window.covers(operand, result))
    }

    fn part_descriptor(&self, operand: &Shape, output: &Shape, parts: [&Shape; 2]) -> Option<TokenStream> {
        Some(self.part(operand, output, parts))
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Conv2d)
    }
}

impl Conv2d {
    fn part(&self, operand: &Shape, output: &Shape, parts: [&Shape; 2]) -> TokenStream {
        let padding = array(&self.window.padding_before(operand, output));
        let [input, output] = parts.map(|part| array(part));
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
}
