//! `BatchNorm`: each channel with mean 0 and variance 1.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::layer_norm::epsilon;
use super::signature::{Arity, Signature};
use super::{
    Backward, Facts, Fuses, Holder, Inference, Inferred, Initial, Kind, Layer, Meaning, Parameter as Weight, Reads,
    Saved, Takes, Use, Values, Weights, elements, float, integer, single,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature = Signature {
    name: "BatchNorm",
    parameters: &[
        Parameter::named("momentum", "0.99"),
        Parameter::named("epsilon", "0.001"),
        Parameter::named("center", "true"),
        Parameter::named("scale", "true"),
    ],
    operands: Arity::One,
    build,
};

/// Numbers that are kept of a channel: mean, variance, and two sums of the gradient.
const KEPT: usize = 4;

static CENTERED_AND_SCALED: Holder =
    Holder { name: "Normalization", parameters: &["gamma", "beta", "moving_mean", "moving_variance"] };
static SCALED: Holder =
    Holder { name: "NormalizationScaled", parameters: &["gamma", "moving_mean", "moving_variance"] };
static CENTERED: Holder =
    Holder { name: "NormalizationCentered", parameters: &["beta", "moving_mean", "moving_variance"] };
static PLAIN: Holder = Holder { name: "NormalizationPlain", parameters: &["moving_mean", "moving_variance"] };

#[derive(Debug)]
struct BatchNorm {
    momentum: f32,
    epsilon: f32,
    center: bool,
    scale: bool,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let of_momentum = |momentum| (0.0..=1.0).contains(&momentum);
    let momentum = arguments.number_within("momentum", Some(0.99), of_momentum, "from 0 to 1");
    let epsilon = epsilon(arguments, 0.001);
    let center = arguments.flag("center", true);
    let scale = arguments.flag("scale", true);
    Some(Rc::new(BatchNorm { momentum: momentum?, epsilon: epsilon?, center: center?, scale: scale? }))
}

impl BatchNorm {
    fn weights(&self, channels: usize) -> Weights {
        let holder = match (self.center, self.scale) {
            (true, true) => &CENTERED_AND_SCALED,
            (false, true) => &SCALED,
            (true, false) => &CENTERED,
            (false, false) => &PLAIN,
        };
        let parameters = holder.parameters.iter().map(|name| {
            let initial = if matches!(*name, "gamma" | "moving_variance") { Initial::ONES } else { Initial::ZEROS };
            let kind = if name.starts_with("moving") { Kind::Statistic } else { Kind::Trained };
            Weight { kind, ..Weight::trained(vec![channels], initial) }
        });
        Weights { holder, parameters: parameters.collect() }
    }
}

impl Layer for BatchNorm {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        let channels = operand.last().copied().unwrap_or(1);
        let both = Reads { weights: true, operands: true, ..Reads::default() };
        Ok(Facts {
            weights: Some(self.weights(channels)),
            saved: vec![Saved { name: "kept", floats: KEPT * channels }],
            backward: Backward { begin: Some(both), weights: both, input: both },
            fuses: Fuses { activation: true, derivative: true, ..Fuses::default() },
            takes: Takes { scratch: true, ..Takes::default() },
            inference: Inference::Affine,
            mixes_samples: true,
            meaning: Meaning { keeps_shape: true, values: Values::Any, ..Meaning::default() },
            ..Facts::of(operand.clone())
        })
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.weights(1).holder)
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let (channels, positions) = of.output.split_last().map_or((1, 1), |(last, others)| (*last, elements(others)));
        let [positions, channels] = [positions, channels].map(integer);
        let [momentum, epsilon] = [self.momentum, self.epsilon].map(float);
        quote!(::net_runtime::layers::BatchNorm {
            positions: #positions,
            channels: #channels,
            momentum: #momentum,
            epsilon: #epsilon
        })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::BatchNorm)
    }
}
