//! `Resize`: an image of another size.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, Inferred, Layer, Use, array, image, single};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature = Signature {
    name: "Resize",
    parameters: &[
        Parameter::required("height"),
        Parameter::required("width"),
        Parameter::named("interpolation", "bilinear"),
    ],
    operands: Arity::One,
    build,
};

/// How a value between pixels is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interpolation {
    Nearest,
    Bilinear,
    Bicubic,
}

impl Interpolation {
    pub(super) fn argument(arguments: &mut Arguments<'_>, default: &'static str) -> Option<Self> {
        arguments.word("interpolation", default, &["nearest", "bilinear", "bicubic"]).map(|word| match word {
            "nearest" => Self::Nearest,
            "bilinear" => Self::Bilinear,
            _ => Self::Bicubic,
        })
    }
}

#[derive(Debug)]
struct Resize {
    size: [usize; 2],
    interpolation: Interpolation,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let height = arguments.count("height", None);
    let width = arguments.count("width", None);
    let interpolation = Interpolation::argument(arguments, "bilinear");
    Some(Rc::new(Resize { size: [height?, width?], interpolation: interpolation? }))
}

/// The runtime's descriptor for images of these shapes.
pub(super) fn resize(input: &Shape, output: &Shape, interpolation: Interpolation) -> TokenStream {
    let [input, output] = [input, output].map(|shape| array(shape));
    let interpolation = match interpolation {
        Interpolation::Nearest => quote!(Nearest),
        Interpolation::Bilinear => quote!(Bilinear),
        Interpolation::Bicubic => quote!(Bicubic),
    };
    quote! {
        ::net_runtime::layers::Resize {
            input: #input,
            output: #output,
            interpolation: ::net_runtime::layers::Interpolation::#interpolation,
        }
    }
}

impl Layer for Resize {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let [_, _, channels] = image("Resize", operands)?;
        let [height, width] = self.size;
        Ok(Facts::of_image(vec![height, width, channels]))
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        resize(single(of.operands), of.output, self.interpolation)
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Resize)
    }
}
