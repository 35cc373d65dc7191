//! `DepthwiseConv1d` and `DepthwiseConv2d`: a convolution of each channel by itself.

use std::rc::Rc;

use proc_macro2::TokenStream;

use super::signature::{Arity, Signature};
use super::window::{Padding, Window};
use super::{Facts, Holder, Inferred, Layer, Meaning, Misfit, Use, Weights, multiply_adds, runtime_layer, spatial};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

const PARAMETERS: &[Parameter<'static>] = &[
    Parameter::required("kernel"),
    Parameter::named("multiplier", "1"),
    Parameter::named("stride", "1"),
    Parameter::named("padding", "valid"),
    Parameter::named("dilation", "1"),
    Parameter::named("bias", "true"),
];

pub(super) const DEPTHWISE_CONV1D: Signature =
    Signature { name: "DepthwiseConv1d", parameters: PARAMETERS, operands: Arity::One, build: build::<1> };

pub(super) const DEPTHWISE_CONV2D: Signature =
    Signature { name: "DepthwiseConv2d", parameters: PARAMETERS, operands: Arity::One, build: build::<2> };

/// What a depthwise convolution does, alone or as the first half of a separable one.
#[derive(Debug)]
pub(super) struct Depthwise<const AXES: usize> {
    pub(super) window: Window<AXES>,
    /// Results of each channel.
    pub(super) multiplier: usize,
}

impl<const AXES: usize> Depthwise<AXES> {
    const NAME: &'static str = ["DepthwiseConv1d", "DepthwiseConv2d"][AXES - 1];

    pub(super) fn arguments(arguments: &mut Arguments<'_>) -> Option<Self> {
        let size = arguments.extents("kernel", None);
        let multiplier = arguments.count("multiplier", Some(1));
        let stride = arguments.extents("stride", Some([1; AXES]));
        let padding = Padding::argument_over::<AXES>(arguments);
        let dilation = arguments.extents("dilation", Some([1; AXES]));
        let window = Window { size: size?, stride: stride?, dilation: dilation?, padding: padding? };
        Some(Self { window, multiplier: multiplier? })
    }

    /// Shapes of the result and of the kernel.
    pub(super) fn infer(&self, layer: &str, operands: &[Shape]) -> Result<[Shape; 2], Misfit> {
        let (extents, channels) = spatial(layer, operands)?;
        let output = self.window.output(layer, "kernel", (extents, channels))?;
        let output = [&output[..], &[channels.saturating_mul(self.multiplier)]].concat();
        Ok([output, [&self.window.size[..], &[channels, self.multiplier]].concat()])
    }

    pub(super) fn path() -> TokenStream {
        runtime_layer(Self::NAME)
    }
}

#[derive(Debug)]
struct DepthwiseConv<const AXES: usize> {
    depthwise: Depthwise<AXES>,
    holder: &'static Holder,
}

fn build<const AXES: usize>(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let depthwise = Depthwise::<AXES>::arguments(arguments);
    let holder = Holder::of_kernel(arguments);
    Some(Rc::new(DepthwiseConv { depthwise: depthwise?, holder: holder? }))
}

impl<const AXES: usize> Layer for DepthwiseConv<AXES> {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let [output, kernel] = self.depthwise.infer(Depthwise::<AXES>::NAME, operands)?;
        let multiply_adds = multiply_adds(&output, &self.depthwise.window.size);
        let weights = Weights::kernel_to(self.holder, kernel, output[AXES]);
        let facts = Facts::of_kernel(output, weights, multiply_adds);
        Ok(Facts { meaning: Meaning { of_image: AXES == 2, ..facts.meaning }, ..facts })
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.holder)
    }

    fn kernel_is_called(&self) -> Option<&'static str> {
        Some("depthwise")
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        self.depthwise.window.descriptor(&self.runtime_path(), of)
    }

    fn covers(&self, operand: &Shape, result: &Shape) -> Option<Shape> {
        Some(self.depthwise.window.covers(operand, result))
    }

    fn runtime_path(&self) -> TokenStream {
        Depthwise::<AXES>::path()
    }
}
