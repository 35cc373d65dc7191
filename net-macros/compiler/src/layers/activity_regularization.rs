//! `ActivityRegularization`: what goes through it, unchanged, adds a term to the loss.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, Inferred, Layer, Meaning, Regularizer, Use, single};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature = Signature {
    name: "ActivityRegularization",
    parameters: &[Parameter::named("l1", "0.0"), Parameter::named("l2", "0.0")],
    operands: Arity::One,
    build,
};

#[derive(Debug)]
struct ActivityRegularization {
    regularizer: Regularizer,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(ActivityRegularization { regularizer: Regularizer::sums(arguments)? }))
}

impl Layer for ActivityRegularization {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let meaning = Meaning { alias: true, keeps_shape: true, ..Meaning::default() };
        let activity = Some(self.regularizer).filter(|regularizer| !regularizer.is_nothing());
        Ok(Facts { meaning, activity, ..Facts::of(single(operands).clone()) })
    }

    fn descriptor(&self, _of: &Use<'_>) -> TokenStream {
        self.runtime_path()
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::ActivityRegularization)
    }
}
