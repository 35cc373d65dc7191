//! `Mean`, `Sum`, `Max`, `Min`: one number for all places of an axis.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Along, Facts, InPlace, Inferred, Layer, Misfit, Use, runtime_layer, single};
use crate::arguments::{Arguments, Axis, Parameter};
use crate::shape::Shape;

pub(super) const MEAN: Signature = signature("Mean", |arguments| build(Kind::Mean, arguments));
pub(super) const SUM: Signature = signature("Sum", |arguments| build(Kind::Sum, arguments));
pub(super) const MAX: Signature = signature("Max", |arguments| build(Kind::Max, arguments));
pub(super) const MIN: Signature = signature("Min", |arguments| build(Kind::Min, arguments));

type Build = fn(&mut Arguments<'_>) -> Option<Rc<dyn Layer>>;

const fn signature(name: &'static str, build: Build) -> Signature {
    Signature {
        name,
        parameters: const { &[Parameter::required("axis"), Parameter::named("keep", "false")] },
        operands: Arity::One,
        build,
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Mean,
    Sum,
    Max,
    Min,
}

#[derive(Debug)]
struct Reduce {
    kind: Kind,
    axis: Axis,
    /// Whether the axis stays, with length 1.
    keep: bool,
}

fn build(kind: Kind, arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let axis = arguments.axis("axis", Axis::Index(-1));
    let keep = arguments.flag("keep", false);
    Some(Rc::new(Reduce { kind, axis: axis?, keep: keep? }))
}

impl Reduce {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Mean => "Mean",
            Kind::Sum => "Sum",
            Kind::Max => "Max",
            Kind::Min => "Min",
        }
    }
}

impl Layer for Reduce {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let mut result = single(operands).clone();
        let axis = Along::new(self.axis, &result)?.axis;
        if self.keep {
            result[axis] = 1;
        } else if result.len() == 1 {
            let text = format!("`{}` over the only axis of {{0}}, which is {result:?}, leaves none", self.name());
            return Err(Misfit::stage(text).help("`keep = true` keeps it, with one number"));
        } else {
            result.remove(axis);
        }
        let facts = Facts::of(result);
        Ok(match self.kind {
            Kind::Mean | Kind::Sum => Facts { in_place: InPlace::Stores, ..facts },
            Kind::Max | Kind::Min => facts.of_extremes(),
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let path = self.runtime_path();
        let fields = Along::new(self.axis, single(of.operands)).unwrap_or_default().fields();
        quote!(#path { #fields })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name())
    }
}
