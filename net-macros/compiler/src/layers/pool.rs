//! `MaxPool1d`, `MaxPool2d`, `MaxPool3d`, and the same of `AvgPool`.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::window::{Padding, Window};
use super::{Facts, InPlace, Inferred, Layer, Meaning, Use, array, runtime_layer, spatial};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const MAX_POOL1D: Signature = signature::<1>(Kind::Max);
pub(super) const MAX_POOL2D: Signature = signature::<2>(Kind::Max);
pub(super) const MAX_POOL3D: Signature = signature::<3>(Kind::Max);
pub(super) const AVG_POOL1D: Signature = signature::<1>(Kind::Avg);
pub(super) const AVG_POOL2D: Signature = signature::<2>(Kind::Avg);
pub(super) const AVG_POOL3D: Signature = signature::<3>(Kind::Avg);

const PARAMETERS: &[Parameter<'static>] =
    &[Parameter::optional("size", "2"), Parameter::named("stride", "size"), Parameter::named("padding", "valid")];

const fn signature<const AXES: usize>(kind: Kind) -> Signature {
    Signature {
        name: kind.names()[AXES - 1],
        parameters: PARAMETERS,
        operands: Arity::One,
        build: match kind {
            Kind::Max => |arguments| build::<AXES>(Kind::Max, arguments),
            Kind::Avg => |arguments| build::<AXES>(Kind::Avg, arguments),
        },
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Max,
    Avg,
}

impl Kind {
    /// What it is called over one, two and three axes.
    const fn names(self) -> [&'static str; 3] {
        match self {
            Self::Max => ["MaxPool1d", "MaxPool2d", "MaxPool3d"],
            Self::Avg => ["AvgPool1d", "AvgPool2d", "AvgPool3d"],
        }
    }
}

#[derive(Debug)]
struct Pool<const AXES: usize> {
    kind: Kind,
    window: Window<AXES>,
}

fn build<const AXES: usize>(kind: Kind, arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let size = arguments.extents("size", Some([2; AXES]));
    let stride = arguments.extents("stride", Some(size.unwrap_or([2; AXES])));
    let padding = Padding::argument(arguments);
    let window = Window { size: size?, stride: stride?, dilation: [1; AXES], padding: padding? };
    Some(Rc::new(Pool { kind, window }))
}

impl<const AXES: usize> Pool<AXES> {
    fn name(&self) -> &'static str {
        self.kind.names()[AXES - 1]
    }
}

impl<const AXES: usize> Layer for Pool<AXES> {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let (extents, channels) = spatial(self.name(), operands)?;
        let output = self.window.output(self.name(), "size", (extents, channels))?;
        let facts = Facts::of_spatial::<AXES>(output.into_iter().chain([channels]).collect());
        let Window { size, stride, .. } = self.window;
        let apart = (0..AXES).all(|axis| stride[axis] >= size[axis]);
        Ok(match self.kind {
            Kind::Avg => facts,
            Kind::Max => {
                let facts = facts.of_extremes();
                Facts {
                    // A window of a volume has no place of its own: others lie between its planes.
                    in_place: if apart && AXES <= 2 { InPlace::Replaces } else { InPlace::Never },
                    meaning: Meaning { pairs: size[..] == [2, 2] && stride[..] == [2, 2], ..facts.meaning },
                    ..facts
                }
            }
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let path = self.runtime_path();
        let padding = array(&self.window.padding_before(&of.operands[0], of.output));
        let [input, output] = of.parts.map(|part| array(part));
        let [size, stride] = [self.window.size, self.window.stride].map(|extents| array(&extents));
        quote!(#path { input: #input, output: #output, size: #size, stride: #stride, padding: #padding })
    }

    fn covers(&self, operand: &Shape, result: &Shape) -> Option<Shape> {
        (AXES == 2).then(|| self.window.covers(operand, result))
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name())
    }
}
