//! `SeparableConv1d` and `SeparableConv2d`: a convolution of each channel by itself, and one of a single tap that mixes them.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::depthwise_conv::Depthwise;
use super::signature::{Arity, Signature};
use super::{
    Backward, Facts, Fuses, Holder, Inferred, Initial, Layer, Meaning, Parameter as Weight, Reads, Saved, Use, Weights,
    elements, integer, multiply_adds, runtime_layer, single,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

const PARAMETERS: &[Parameter<'static>] = &[
    Parameter::required("filters"),
    Parameter::required("kernel"),
    Parameter::named("multiplier", "1"),
    Parameter::named("stride", "1"),
    Parameter::named("padding", "valid"),
    Parameter::named("dilation", "1"),
    Parameter::named("bias", "true"),
];

pub(super) const SEPARABLE_CONV1D: Signature =
    Signature { name: "SeparableConv1d", parameters: PARAMETERS, operands: Arity::One, build: build::<1> };

pub(super) const SEPARABLE_CONV2D: Signature =
    Signature { name: "SeparableConv2d", parameters: PARAMETERS, operands: Arity::One, build: build::<2> };

static WITH_BIAS: Holder = Holder { name: "Separable", parameters: &["depthwise_kernel", "pointwise_kernel", "bias"] };
static WITHOUT_BIAS: Holder = Holder { name: "SeparableLinear", parameters: &["depthwise_kernel", "pointwise_kernel"] };

#[derive(Debug)]
struct SeparableConv<const AXES: usize> {
    depthwise: Depthwise<AXES>,
    filters: usize,
    bias: bool,
}

fn build<const AXES: usize>(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let filters = arguments.count("filters", None);
    let depthwise = Depthwise::<AXES>::arguments(arguments);
    let bias = arguments.flag("bias", true);
    Some(Rc::new(SeparableConv { depthwise: depthwise?, filters: filters?, bias: bias? }))
}

impl<const AXES: usize> Layer for SeparableConv<AXES> {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let [between, depthwise] = self.depthwise.infer(Self::NAME, operands)?;
        let positions = &between[..AXES];
        let output = [positions, &[self.filters]].concat();
        let pointwise = [&[1; AXES][..], &[between[AXES], self.filters]].concat();
        let first = multiply_adds(&between, &self.depthwise.window.size);
        let second = multiply_adds(positions, &pointwise);
        let kernels = [depthwise, pointwise].map(|dims| Weight::trained(dims, Initial::GLOROT_UNIFORM));
        let bias = Weight::trained(vec![self.filters], Initial::ZEROS);
        let holder = self.weights_holder();
        let parameters = kernels.into_iter().chain([bias]).take(holder.parameters.len()).collect();
        let facts = Facts::of_kernel(output, Weights { holder, parameters }, first.saturating_add(second));
        Ok(Facts {
            // Its weights are more than a kernel.
            fuses: Fuses { affine: None, ..facts.fuses },
            saved: ["between", "upstream"].map(|name| Saved { name, floats: elements(&between) }).into(),
            backward: Backward {
                begin: Some(Reads { weights: true, ..Reads::default() }),
                input: Reads { upstream: false, ..facts.backward.input },
                ..facts.backward
            },
            meaning: Meaning { of_image: AXES == 2, ..facts.meaning },
            ..facts
        })
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.weights_holder())
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let path = self.runtime_path();
        let channels = single(of.operands).last().map_or(1, |channels| channels * self.depthwise.multiplier);
        let [there, computed] = of.parts;
        let between = [&computed[..AXES], &[channels]].concat();
        let whole = [&of.output[..AXES], &[channels]].concat();
        let of = Use { output: &whole, parts: [there, &between], ..*of };
        let (depthwise, filters) =
            (self.depthwise.window.descriptor(&Depthwise::<AXES>::path(), &of), integer(self.filters));
        quote!(#path { depthwise: #depthwise, filters: #filters })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(Self::NAME)
    }
}

impl<const AXES: usize> SeparableConv<AXES> {
    const NAME: &'static str = ["SeparableConv1d", "SeparableConv2d"][AXES - 1];

    fn weights_holder(&self) -> &'static Holder {
        if self.bias { &WITH_BIAS } else { &WITHOUT_BIAS }
    }
}
