//! `ZeroPad2d`: zeros around an image.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, InPlace, Inferred, Layer, Use, array, image, single};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature =
    Signature { name: "ZeroPad2d", parameters: &[Parameter::required("padding")], operands: Arity::One, build };

#[derive(Debug)]
struct ZeroPad2d {
    /// Rows above and below, columns left and right.
    padding: [[usize; 2]; 2],
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(ZeroPad2d { padding: arguments.padding("padding")? }))
}

impl Layer for ZeroPad2d {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let [height, width, channels] = image("ZeroPad2d", operands)?;
        let [[top, bottom], [left, right]] = self.padding;
        let output = vec![height + top + bottom, width + left + right, channels];
        Ok(Facts { in_place: InPlace::Stores, ..Facts::of_image(output) })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let input = array(single(of.operands));
        let [rows, columns] = self.padding.map(|pair| array(&pair));
        quote!(::net_runtime::layers::ZeroPad2d { input: #input, padding: [#rows, #columns] })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::ZeroPad2d)
    }
}
