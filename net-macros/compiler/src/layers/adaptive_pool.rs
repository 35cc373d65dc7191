//! `AdaptiveAvgPool1d`, `AdaptiveAvgPool2d`, `AdaptiveAvgPool3d`, and the same of `AdaptiveMaxPool`: pools to a given number of places.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, Inferred, Layer, Use, array, runtime_layer, single, spatial};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const ADAPTIVE_AVG_POOL1D: Signature = signature::<1>(Kind::Avg);
pub(super) const ADAPTIVE_AVG_POOL2D: Signature = signature::<2>(Kind::Avg);
pub(super) const ADAPTIVE_AVG_POOL3D: Signature = signature::<3>(Kind::Avg);
pub(super) const ADAPTIVE_MAX_POOL1D: Signature = signature::<1>(Kind::Max);
pub(super) const ADAPTIVE_MAX_POOL2D: Signature = signature::<2>(Kind::Max);
pub(super) const ADAPTIVE_MAX_POOL3D: Signature = signature::<3>(Kind::Max);

const PARAMETERS: &[Parameter<'static>] = &[Parameter::required("output")];

const fn signature<const AXES: usize>(kind: Kind) -> Signature {
    Signature {
        name: kind.names()[AXES - 1],
        parameters: PARAMETERS,
        operands: Arity::One,
        build: match kind {
            Kind::Avg => |arguments| build::<AXES>(Kind::Avg, arguments),
            Kind::Max => |arguments| build::<AXES>(Kind::Max, arguments),
        },
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Avg,
    Max,
}

impl Kind {
    /// What it is called over one, two and three axes.
    const fn names(self) -> [&'static str; 3] {
        match self {
            Self::Avg => ["AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d"],
            Self::Max => ["AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d"],
        }
    }
}

#[derive(Debug)]
struct AdaptivePool<const AXES: usize> {
    kind: Kind,
    output: [usize; AXES],
}

fn build<const AXES: usize>(kind: Kind, arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let output = arguments.extents::<AXES>("output", None)?;
    Some(Rc::new(AdaptivePool { kind, output }))
}

impl<const AXES: usize> AdaptivePool<AXES> {
    fn name(&self) -> &'static str {
        self.kind.names()[AXES - 1]
    }
}

impl<const AXES: usize> Layer for AdaptivePool<AXES> {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let (_, channels) = spatial::<AXES>(self.name(), operands)?;
        let facts = Facts::of_spatial::<AXES>(self.output.into_iter().chain([channels]).collect());
        Ok(match self.kind {
            Kind::Avg => facts,
            Kind::Max => facts.of_extremes(),
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let path = self.runtime_path();
        let [input, output] = [array(single(of.operands)), array(of.output)];
        quote!(#path { input: #input, output: #output })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name())
    }
}
