//! `SinePositions` and `LearnedPositions`: what tells one step from another is added to its features.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Facts, Holder, InPlace, Inferred, Initial, Layer, Meaning, Parameter as Weight, Takes, Use, Values, Weights, float,
    integer, runtime_layer, sequence,
};
use crate::arguments::Parameter;
use crate::shape::Shape;

pub(super) const SINE_POSITIONS: Signature = Signature {
    name: "SinePositions",
    parameters: &[Parameter::named("max_wavelength", "10000")],
    operands: Arity::One,
    build: |arguments| {
        let longest = arguments.number_within("max_wavelength", Some(10_000.0), |longest| longest > 0.0, "above 0");
        Some(Rc::new(Positions::Sine { max_wavelength: longest? }))
    },
};

pub(super) const LEARNED_POSITIONS: Signature = Signature {
    name: "LearnedPositions",
    parameters: &[],
    operands: Arity::One,
    build: |_| Some(Rc::new(Positions::Learned)),
};

static TABLE: Holder = Holder { name: "Table", parameters: &["embeddings"] };

#[derive(Debug)]
enum Positions {
    /// Sines and cosines of the number of a step.
    Sine { max_wavelength: f32 },
    /// A row of a table for each step.
    Learned,
}

impl Positions {
    fn name(&self) -> &'static str {
        match self {
            Self::Sine { .. } => "SinePositions",
            Self::Learned => "LearnedPositions",
        }
    }
}

impl Layer for Positions {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let [steps, features] = sequence(self.name(), operands)?;
        let facts = Facts {
            in_place: InPlace::Stores,
            meaning: Meaning { values: Values::Any, ..Meaning::default() },
            ..Facts::of(vec![steps, features])
        };
        Ok(match self {
            Self::Sine { .. } => Facts { takes: Takes { scratch: true, ..Takes::default() }, ..facts },
            Self::Learned => {
                let table = Weight::trained(vec![steps, features], Initial::GLOROT_UNIFORM);
                Facts { weights: Some(Weights { holder: &TABLE, parameters: vec![table] }), ..facts }
            }
        })
    }

    fn holder(&self) -> Option<&'static Holder> {
        match self {
            Self::Sine { .. } => None,
            Self::Learned => Some(&TABLE),
        }
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let [steps, features] = sequence(self.name(), of.operands).unwrap_or([1, 1]).map(integer);
        let longest = match self {
            Self::Sine { max_wavelength } => {
                let longest = float(*max_wavelength);
                quote!(, max_wavelength: #longest)
            }
            Self::Learned => TokenStream::new(),
        };
        let path = self.runtime_path();
        quote!(#path { steps: #steps, features: #features #longest })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name())
    }
}
