//! `GlobalAvgPool1d`, `GlobalAvgPool2d`, `GlobalAvgPool3d`, and the same of `GlobalMaxPool`: one number per channel.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Backward, Facts, InPlace, Inferred, Layer, Read, Reads, Use, array, runtime_layer, single, spatial};
use crate::shape::Shape;

pub(super) const GLOBAL_AVG_POOL1D: Signature = signature::<1>(Kind::Avg);
pub(super) const GLOBAL_AVG_POOL2D: Signature = signature::<2>(Kind::Avg);
pub(super) const GLOBAL_AVG_POOL3D: Signature = signature::<3>(Kind::Avg);
pub(super) const GLOBAL_MAX_POOL1D: Signature = signature::<1>(Kind::Max);
pub(super) const GLOBAL_MAX_POOL2D: Signature = signature::<2>(Kind::Max);
pub(super) const GLOBAL_MAX_POOL3D: Signature = signature::<3>(Kind::Max);

const fn signature<const AXES: usize>(kind: Kind) -> Signature {
    Signature {
        name: kind.names()[AXES - 1],
        parameters: &[],
        operands: Arity::One,
        build: match kind {
            Kind::Avg => |_| Some(Rc::new(GlobalPool::<AXES>(Kind::Avg))),
            Kind::Max => |_| Some(Rc::new(GlobalPool::<AXES>(Kind::Max))),
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
            Self::Avg => ["GlobalAvgPool1d", "GlobalAvgPool2d", "GlobalAvgPool3d"],
            Self::Max => ["GlobalMaxPool1d", "GlobalMaxPool2d", "GlobalMaxPool3d"],
        }
    }
}

#[derive(Debug)]
struct GlobalPool<const AXES: usize>(Kind);

impl<const AXES: usize> GlobalPool<AXES> {
    fn name(&self) -> &'static str {
        self.0.names()[AXES - 1]
    }
}

impl<const AXES: usize> Layer for GlobalPool<AXES> {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let (_, channels) = spatial::<AXES>(self.name(), operands)?;
        let facts = Facts::of_spatial::<AXES>(vec![channels]);
        Ok(match self.0 {
            Kind::Avg => Facts { in_place: InPlace::Stores, ..facts },
            Kind::Max => {
                let input = Reads { operands: true, results: Read::All, ..Reads::default() };
                Facts { backward: Backward { input, ..Backward::default() }, ..facts }
            }
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let path = self.runtime_path();
        let input = array(single(of.operands));
        quote!(#path { input: #input })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name())
    }
}
