//! `MaxPool2d` and `AvgPool2d`.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::window::{Padding, Window};
use super::{Backward, Facts, InPlace, Inferred, Layer, Meaning, Read, Reads, Use, array, image};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

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
}

impl Layer for Pool2d {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let image = image(self.name(), operands)?;
        let [height, width] = self.window.output(self.name(), "size", image)?;
        let facts = Facts::of_image(vec![height, width, image[2]]);
        let Window { size, stride, .. } = self.window;
        Ok(match self.kind {
            Kind::Avg => facts,
            Kind::Max => Facts {
                backward: Backward {
                    input: Reads { operands: true, results: Read::All, ..Reads::default() },
                    ..Backward::default()
                },
                in_place: if (0..2).all(|axis| stride[axis] >= size[axis]) {
                    InPlace::Replaces
                } else {
                    InPlace::Never
                },
                meaning: Meaning { pairs: size == [2, 2] && stride == [2, 2], ..facts.meaning },
                ..facts
            },
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let path = self.runtime_path();
        let padding = array(&self.window.padding_before(&of.operands[0], of.output));
        let [input, output] = of.parts.map(|part| array(part));
        let [size, stride] = [self.window.size, self.window.stride].map(|pair| array(&pair));
        quote!(#path { input: #input, output: #output, size: #size, stride: #stride, padding: #padding })
    }

    fn covers(&self, operand: &Shape, result: &Shape) -> Option<Shape> {
        Some(self.window.covers(operand, result))
    }

    fn runtime_path(&self) -> TokenStream {
        match self.kind {
            Kind::Max => quote!(::net_runtime::layers::MaxPool2d),
            Kind::Avg => quote!(::net_runtime::layers::AvgPool2d),
        }
    }
}
