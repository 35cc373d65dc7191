//! `Dropout`: zeros at random places while training, and `SpatialDropout1d`, `SpatialDropout2d`, `SpatialDropout3d`: whole channels of them.

use std::rc::Rc;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Backward, Facts, InPlace, Inference, Inferred, Layer, Meaning, Reads, Takes, Use, elements, float, integer,
    runtime_layer, single, spatial,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature =
    Signature { name: "Dropout", parameters: &[Parameter::required("rate")], operands: Arity::One, build };

pub(super) const SPATIAL_DROPOUT1D: Signature = spatial_signature::<1>("SpatialDropout1d");
pub(super) const SPATIAL_DROPOUT2D: Signature = spatial_signature::<2>("SpatialDropout2d");
pub(super) const SPATIAL_DROPOUT3D: Signature = spatial_signature::<3>("SpatialDropout3d");

const fn spatial_signature<const AXES: usize>(name: &'static str) -> Signature {
    Signature {
        name,
        parameters: const { &[Parameter::required("rate")] },
        operands: Arity::One,
        build: |arguments| Some(Rc::new(SpatialDropout::<AXES> { rate: rate(arguments)? })),
    }
}

#[derive(Debug)]
struct Dropout {
    rate: f32,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(Dropout { rate: rate(arguments)? }))
}

pub(super) fn rate(arguments: &mut Arguments<'_>) -> Option<f32> {
    arguments.number_within("rate", None, |rate| (0.0..1.0).contains(&rate), "at least 0 and below 1")
}

/// What a layer that draws a factor for each element is to the other passes.
pub(super) fn facts(operand: &Shape) -> Facts {
    Facts {
        backward: Backward { input: Reads { random: true, ..Reads::default() }, ..Backward::default() },
        in_place: InPlace::Stores,
        takes: Takes { random: true, ..Takes::default() },
        inference: Inference::Identity,
        meaning: Meaning { keeps_shape: true, ..Meaning::default() },
        ..Facts::of(operand.clone())
    }
}

impl Layer for Dropout {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        Ok(facts(single(operands)))
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let len = integer(elements(of.output));
        let rate = float(self.rate);
        let stream = Literal::u64_unsuffixed(of.stream);
        quote!(::net_runtime::layers::Dropout { len: #len, rate: #rate, layer: #stream })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Dropout)
    }
}

#[derive(Debug)]
struct SpatialDropout<const AXES: usize> {
    rate: f32,
}

impl<const AXES: usize> SpatialDropout<AXES> {
    const NAME: &'static str = ["SpatialDropout1d", "SpatialDropout2d", "SpatialDropout3d"][AXES - 1];
}

impl<const AXES: usize> Layer for SpatialDropout<AXES> {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        spatial::<AXES>(Self::NAME, operands)?;
        Ok(facts(single(operands)))
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let path = self.runtime_path();
        let (places, channels) = (integer(elements(&of.output[..AXES])), integer(of.output[AXES]));
        let rate = float(self.rate);
        let stream = Literal::u64_unsuffixed(of.stream);
        quote!(#path { places: #places, channels: #channels, rate: #rate, layer: #stream })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(Self::NAME)
    }
}
