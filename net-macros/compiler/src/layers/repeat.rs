//! `Repeat`: features as those of several steps, and `UpSampling1d`, `UpSampling2d`, `UpSampling3d`: places that come several times.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::resize::{Interpolation, resize};
use super::signature::{Arity, Signature};
use super::{Facts, InPlace, Inferred, Layer, Misfit, Use, array, integer, runtime_layer, single, spatial};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const REPEAT: Signature = Signature {
    name: "Repeat",
    parameters: &[Parameter::required("times")],
    operands: Arity::One,
    build: |arguments| {
        let times = arguments.count("times", None)?;
        Some(Rc::new(Repeat { times }))
    },
};

pub(super) const UP_SAMPLING1D: Signature = Signature {
    name: "UpSampling1d",
    parameters: &[Parameter::optional("size", "2")],
    operands: Arity::One,
    build: build::<1>,
};

pub(super) const UP_SAMPLING2D: Signature = Signature {
    name: "UpSampling2d",
    parameters: &[Parameter::optional("size", "2"), Parameter::named("interpolation", "nearest")],
    operands: Arity::One,
    build: |arguments| {
        let size = arguments.extents("size", Some([2, 2]));
        let interpolation = Interpolation::argument(arguments, "nearest");
        Some(Rc::new(UpSampling { size: size?, interpolation: interpolation? }))
    },
};

pub(super) const UP_SAMPLING3D: Signature = Signature {
    name: "UpSampling3d",
    parameters: &[Parameter::optional("size", "2")],
    operands: Arity::One,
    build: build::<3>,
};

fn build<const AXES: usize>(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let size = arguments.extents::<AXES>("size", Some([2; AXES]))?;
    Some(Rc::new(UpSampling { size, interpolation: Interpolation::Nearest }))
}

#[derive(Debug)]
struct Repeat {
    times: usize,
}

impl Layer for Repeat {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        let [features] = operand.as_slice() else {
            let misfit = Misfit::stage(format!("`Repeat` needs [features], but {{0}} is {operand:?}"));
            return Err(misfit.help("`Flatten` before it makes one axis of all"));
        };
        Ok(Facts { in_place: InPlace::Stores, ..Facts::of(vec![self.times, *features]) })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let [len, times] = [single(of.operands)[0], self.times].map(integer);
        quote!(::net_runtime::layers::Repeat { len: #len, times: #times })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Repeat)
    }
}

#[derive(Debug)]
struct UpSampling<const AXES: usize> {
    size: [usize; AXES],
    interpolation: Interpolation,
}

impl<const AXES: usize> UpSampling<AXES> {
    fn name(&self) -> &'static str {
        ["UpSampling1d", "UpSampling2d", "UpSampling3d"][AXES - 1]
    }
}

impl<const AXES: usize> Layer for UpSampling<AXES> {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let (extents, channels) = spatial::<AXES>(self.name(), operands)?;
        let lengths = extents.into_iter().zip(self.size).map(|(length, times)| length.saturating_mul(times));
        let facts = Facts::of_spatial::<AXES>(lengths.chain([channels]).collect());
        Ok(match self.interpolation {
            Interpolation::Nearest => Facts { in_place: InPlace::Stores, ..facts },
            _ => facts,
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        if self.interpolation != Interpolation::Nearest {
            return resize(single(of.operands), of.output, self.interpolation);
        }
        let path = self.runtime_path();
        let [input, size] = [array(single(of.operands)), array(&self.size)];
        quote!(#path { input: #input, size: #size })
    }

    fn descriptor_type(&self) -> TokenStream {
        match self.interpolation {
            Interpolation::Nearest => self.runtime_path(),
            _ => runtime_layer("Resize"),
        }
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name())
    }
}
