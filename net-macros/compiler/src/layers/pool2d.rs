//! `MaxPool2d` and `AvgPool2d`.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::table::{Arity, Signature};
use super::window::{Padding, Window};
use super::{InPlace, Layer, Lowering, Misfit, array, image, single};
use crate::arguments::{Arguments, Parameter};
use crate::graph::Shape;

const PARAMETERS: &[Parameter<'static>] =
    &[Parameter::optional("size", "2"), Parameter::named("stride", "size"), Parameter::named("padding", "valid")];

pub(super) const MAX_POOL2D: Signature = Signature {
    name: "MaxPool2d",
    parameters: PARAMETERS,
    operands: Arity::One,
    build: |arguments| build(Kind::Max, arguments),
};

pub(super) const AVG_POOL2D: Signature = Signature {
    name: "AvgPool2d",
    parameters: PARAMETERS,
    operands: Arity::One,
    build: |arguments| build(Kind::Avg, arguments),
};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Max,
    Avg,
}

#[derive(Debug)]
struct Pool2d {
    kind: Kind,
    window: Window,
}

fn build(kind: Kind, arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let size = arguments.pair("size", Some([2, 2]));
    let stride = arguments.pair("stride", Some(size.unwrap_or([2, 2])));
    let padding = Padding::argument(arguments);
    let window = Window { size: size?, stride: stride?, dilation: [1, 1], padding: padding? };
    Some(Rc::new(Pool2d { kind, window }))
}

impl Pool2d {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Max => "MaxPool2d",
            Kind::Avg => "AvgPool2d",
        }
    }

    fn part(&self, operand: &Shape, output: &Shape, parts: [&Shape; 2]) -> TokenStream {
        let path = self.runtime_path();
        let padding = array(&self.window.padding_before(operand, output));
        let [input, output] = parts.map(|part| array(part));
        let [size, stride] = [self.window.size, self.window.stride].map(|pair| array(&pair));
        quote!(#path { input: #input, output: #output, size: #size, stride: #stride, padding: #padding })
    }
}

impl Layer for Pool2d {
    fn output(&self, operands: &[Shape]) -> Result<Shape, Misfit> {
        let image = image(self.name(), operands)?;
        let [height, width] = self.window.output(self.name(), "size", image)?;
        Ok(vec![height, width, image[2]])
    }

    fn lowering(&self) -> Lowering {
        let apart = (0..2).all(|axis| self.window.stride[axis] >= self.window.size[axis]);
        match self.kind {
            Kind::Max => {
                let in_place = if apart { InPlace::Replaces } else { InPlace::Never };
                Lowering::Unary { reads_input: true, reads_output: true, in_place }
            }
            Kind::Avg => Lowering::Unary { reads_input: false, reads_output: false, in_place: InPlace::Never },
        }
    }

    fn pools_pairs(&self, operand: &Shape, output: &Shape) -> bool {
        let pairs = matches!(self.kind, Kind::Max) && self.window.size == [2, 2] && self.window.stride == [2, 2];
        pairs && (0..2).all(|axis| operand[axis] == 2 * output[axis])
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
        match self.kind {
            Kind::Max => quote!(::net_runtime::layers::MaxPool2d),
            Kind::Avg => quote!(::net_runtime::layers::AvgPool2d),
        }
    }
}
