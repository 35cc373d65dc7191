//! `ZeroPad2d`: zeros around an image.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::table::{Arity, Signature};
use super::{InPlace, Layer, Lowering, Misfit, array, image, single};
use crate::arguments::{Arguments, Parameter};
use crate::graph::Shape;

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
    fn output(&self, operands: &[Shape]) -> Result<Shape, Misfit> {
        let [height, width, channels] = image("ZeroPad2d", operands)?;
        let [[top, bottom], [left, right]] = self.padding;
        Ok(vec![height + top + bottom, width + left + right, channels])
    }

    fn lowering(&self) -> Lowering {
        Lowering::Unary { reads_input: false, reads_output: false, in_place: InPlace::Stores }
    }

    fn descriptor(&self, operands: &[Shape], _output: &Shape, _stream: u64) -> TokenStream {
        let input = array(single(operands));
        let [rows, columns] = self.padding.map(|pair| array(&pair));
        quote!(::net_runtime::layers::ZeroPad2d { input: #input, padding: [#rows, #columns] })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::ZeroPad2d)
    }
}
