//! `GlobalAvgPool1d`, `GlobalAvgPool2d`, `GlobalAvgPool3d`, and the same of `GlobalMaxPool`: one number per channel.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Given, NamedOperand, Signature};
use super::{
    Backward, Facts, InPlace, Inferred, Layer, Misfit, Reads, Takes, Use, array, runtime_layer, single, spatial,
};
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
        operands: kind.operands(AXES),
        build: match kind {
            Kind::Avg => |_| Some(Rc::new(GlobalPool::<AXES> { kind: Kind::Avg, has_mask: false })),
            Kind::Max => |_| Some(Rc::new(GlobalPool::<AXES> { kind: Kind::Max, has_mask: false })),
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

    /// Steps may have a mask that says which of them count in a mean.
    const fn operands(self, axes: usize) -> Arity {
        match (self, axes) {
            (Self::Avg, 1) => Arity::Named(const { &[NamedOperand::required("x"), NamedOperand::named("mask")] }),
            _ => Arity::One,
        }
    }
}

#[derive(Debug)]
struct GlobalPool<const AXES: usize> {
    kind: Kind,
    /// Whether a mask goes in behind the steps.
    has_mask: bool,
}

impl<const AXES: usize> GlobalPool<AXES> {
    fn name(&self) -> &'static str {
        self.kind.names()[AXES - 1]
    }
}

impl<const AXES: usize> Layer for GlobalPool<AXES> {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let (_, channels) = spatial::<AXES>(self.name(), operands)?;
        let facts = Facts::of_spatial::<AXES>(vec![channels]);
        if self.has_mask {
            let (operand, mask) = (&operands[0], &operands[1]);
            if mask[..] != operand[..AXES] {
                let text = format!(
                    "a mask for {{0}}, which is {operand:?}, has to be {:?}, but {{1}} is {mask:?}",
                    &operand[..AXES]
                );
                return Err(Misfit::operand(1, text));
            }
            let input = Reads { operands: true, ..Reads::default() };
            return Ok(Facts {
                backward: Backward { input, ..Backward::default() },
                takes: Takes { operand_list: true, ..Takes::default() },
                without_gradient: vec![1],
                ..facts
            });
        }
        Ok(match self.kind {
            Kind::Avg => Facts { in_place: InPlace::Stores, ..facts },
            Kind::Max => facts.of_extremes(),
        })
    }

    fn given(&self, operands: &Given) -> Option<Rc<dyn Layer>> {
        operands.has("mask").then(|| Rc::new(Self { has_mask: true, ..*self }) as Rc<dyn Layer>)
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let path = self.descriptor_type();
        let input = array(single(of.operands));
        quote!(#path { input: #input })
    }

    fn descriptor_type(&self) -> TokenStream {
        if self.has_mask { runtime_layer("MaskedAvgPool1d") } else { self.runtime_path() }
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name())
    }
}
