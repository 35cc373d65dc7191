//! The activations that work element by element.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Backward, Derivative, Distribution, Facts, InPlace, Inferred, Layer, Meaning, Reads, Use, Values, float, single,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const RELU: Signature = plain("relu", |_| Some(Rc::new(Activation::Relu)));
pub(super) const SELU: Signature = plain("selu", |_| Some(Rc::new(Activation::Selu)));
pub(super) const SILU: Signature = plain("silu", |_| Some(Rc::new(Activation::Silu)));
pub(super) const SIGMOID: Signature = plain("sigmoid", |_| Some(Rc::new(Activation::Sigmoid)));
pub(super) const HARD_SIGMOID: Signature = plain("hard_sigmoid", |_| Some(Rc::new(Activation::HardSigmoid)));
pub(super) const TANH: Signature = plain("tanh", |_| Some(Rc::new(Activation::Tanh)));
pub(super) const SOFTPLUS: Signature = plain("softplus", |_| Some(Rc::new(Activation::Softplus)));

pub(super) const LEAKY_RELU: Signature = Signature {
    parameters: &[Parameter::optional("slope", "0.2")],
    ..plain("leaky_relu", |arguments| {
        let valid = |slope: f32| slope >= 0.0;
        let slope = arguments.number_within("slope", Some(0.2), valid, "at least 0")?;
        Some(Rc::new(Activation::LeakyRelu { slope }))
    })
};

pub(super) const ELU: Signature = Signature {
    parameters: &[Parameter::optional("alpha", "1")],
    ..plain("elu", |arguments| {
        let valid = |alpha: f32| alpha >= 0.0;
        let alpha = arguments.number_within("alpha", Some(1.0), valid, "at least 0")?;
        Some(Rc::new(Activation::Elu { alpha }))
    })
};

pub(super) const GELU: Signature = Signature {
    parameters: &[Parameter::named("approximate", "false")],
    ..plain("gelu", |arguments| Some(Rc::new(Activation::Gelu { approximate: arguments.flag("approximate", false)? })))
};

type Build = fn(&mut Arguments<'_>) -> Option<Rc<dyn Layer>>;

const fn plain(name: &'static str, build: Build) -> Signature {
    Signature { name, parameters: &[], operands: Arity::One, build }
}

#[derive(Debug)]
enum Activation {
    Relu,
    LeakyRelu { slope: f32 },
    Elu { alpha: f32 },
    Selu,
    Gelu { approximate: bool },
    Silu,
    Sigmoid,
    HardSigmoid,
    Tanh,
    Softplus,
}

impl Activation {
    /// What `Activation::backward_input` of the runtime reads. No argument changes that: a slope or an alpha of 0 gives a
    /// result that is positive just where the operand is, and no more has to be known.
    fn derivative(&self) -> Derivative {
        match self {
            Self::Relu => Derivative::Mask,
            Self::LeakyRelu { .. }
            | Self::Elu { .. }
            | Self::Selu
            | Self::Sigmoid
            | Self::HardSigmoid
            | Self::Tanh
            | Self::Softplus => Derivative::FromResult,
            Self::Gelu { .. } | Self::Silu => Derivative::FromOperand,
        }
    }
}

impl Layer for Activation {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let derivative = self.derivative();
        let from_operand = derivative == Derivative::FromOperand;
        let values = match self {
            Self::Sigmoid => Values::Probabilities(Distribution::Sigmoid),
            Self::HardSigmoid => Values::UnitInterval,
            Self::Relu
            | Self::LeakyRelu { .. }
            | Self::Elu { .. }
            | Self::Selu
            | Self::Gelu { .. }
            | Self::Silu
            | Self::Tanh
            | Self::Softplus => Values::Any,
        };
        let input = Reads { operands: from_operand, results: derivative.of_result(), ..Reads::default() };
        let meaning = Meaning { keeps_shape: true, elementwise: Some(derivative), values, ..Meaning::default() };
        let in_place = if from_operand { InPlace::Never } else { InPlace::Stores };
        Ok(Facts {
            backward: Backward { input, ..Backward::default() },
            in_place,
            meaning,
            ..Facts::of(single(operands).clone())
        })
    }

    fn descriptor(&self, _of: &Use<'_>) -> TokenStream {
        let path = self.runtime_path();
        match self {
            Self::LeakyRelu { slope: number } | Self::Elu { alpha: number } => {
                let number = float(*number);
                quote!(#path(#number))
            }
            Self::Gelu { approximate } => quote!(#path(#approximate)),
            Self::Relu | Self::Selu | Self::Silu | Self::Sigmoid | Self::HardSigmoid | Self::Tanh | Self::Softplus => {
                quote!(#path())
            }
        }
    }

    fn descriptor_type(&self) -> TokenStream {
        quote!(::net_runtime::activations::Activation)
    }

    fn runtime_path(&self) -> TokenStream {
        match self {
            Self::Relu => quote!(::net_runtime::activations::relu),
            Self::LeakyRelu { .. } => quote!(::net_runtime::activations::leaky_relu),
            Self::Elu { .. } => quote!(::net_runtime::activations::elu),
            Self::Selu => quote!(::net_runtime::activations::selu),
            Self::Gelu { .. } => quote!(::net_runtime::activations::gelu),
            Self::Silu => quote!(::net_runtime::activations::silu),
            Self::Sigmoid => quote!(::net_runtime::activations::sigmoid),
            Self::HardSigmoid => quote!(::net_runtime::activations::hard_sigmoid),
            Self::Tanh => quote!(::net_runtime::activations::tanh),
            Self::Softplus => quote!(::net_runtime::activations::softplus),
        }
    }
}
