//! `SpaceToDepth` and `DepthToSpace`: blocks of pixels as channels, and back.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, InPlace, Inferred, Layer, Misfit, Use, array, image, integer, runtime_layer, single};
use crate::arguments::Parameter;
use crate::shape::Shape;

const PARAMETERS: &[Parameter<'static>] = &[Parameter::required("block")];

pub(super) const SPACE_TO_DEPTH: Signature = Signature {
    name: "SpaceToDepth",
    parameters: PARAMETERS,
    operands: Arity::One,
    build: |arguments| {
        let block = arguments.count("block", None)?;
        Some(Rc::new(Blocks { to_depth: true, block }))
    },
};

pub(super) const DEPTH_TO_SPACE: Signature = Signature {
    name: "DepthToSpace",
    parameters: PARAMETERS,
    operands: Arity::One,
    build: |arguments| {
        let block = arguments.count("block", None)?;
        Some(Rc::new(Blocks { to_depth: false, block }))
    },
};

#[derive(Debug)]
struct Blocks {
    /// Whether pixels become channels.
    to_depth: bool,
    block: usize,
}

impl Blocks {
    fn name(&self) -> &'static str {
        if self.to_depth { "SpaceToDepth" } else { "DepthToSpace" }
    }
}

impl Layer for Blocks {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let [height, width, channels] = image(self.name(), operands)?;
        let (operand, block) = (single(operands), self.block);
        let pixels = block.saturating_mul(block);
        let result = if self.to_depth {
            if !height.is_multiple_of(block) || !width.is_multiple_of(block) {
                let text = format!(
                    "`SpaceToDepth` needs height and width that are multiples of {block}, but {{0}} is {operand:?}"
                );
                return Err(Misfit::argument("block", text).help("`Crop2d` or `ZeroPad2d` before it makes them so"));
            }
            vec![height / block, width / block, channels.saturating_mul(pixels)]
        } else {
            if !channels.is_multiple_of(pixels) {
                let text = format!(
                    "`DepthToSpace` needs channels that are a multiple of {pixels}, the pixels of a block, but {{0}} is {operand:?}"
                );
                return Err(Misfit::argument("block", text));
            }
            vec![height.saturating_mul(block), width.saturating_mul(block), channels / pixels]
        };
        Ok(Facts { in_place: InPlace::Stores, ..Facts::of_image(result) })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let path = self.runtime_path();
        let (input, block) = (array(single(of.operands)), integer(self.block));
        quote!(#path { input: #input, block: #block })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name())
    }
}
