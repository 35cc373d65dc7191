//! Places around steps, an image or a volume, that are added (`ZeroPad1d`, `ZeroPad2d`, `ZeroPad3d`) or taken away (`Crop1d`,
//! `Crop2d`, `Crop3d`).

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, InPlace, Inferred, Layer, Misfit, Use, array, runtime_layer, single, spatial};
use crate::arguments::{Arguments, Parameter, axis_names};
use crate::shape::Shape;

pub(super) const ZERO_PAD1D: Signature = signature::<1>(Kind::ZeroPad);
pub(super) const ZERO_PAD2D: Signature = signature::<2>(Kind::ZeroPad);
pub(super) const ZERO_PAD3D: Signature = signature::<3>(Kind::ZeroPad);
pub(super) const CROP1D: Signature = signature::<1>(Kind::Crop);
pub(super) const CROP2D: Signature = signature::<2>(Kind::Crop);
pub(super) const CROP3D: Signature = signature::<3>(Kind::Crop);

const fn signature<const AXES: usize>(kind: Kind) -> Signature {
    Signature {
        name: kind.names()[AXES - 1],
        parameters: kind.parameters(),
        operands: Arity::One,
        build: match kind {
            Kind::ZeroPad => |arguments| build::<AXES>(Kind::ZeroPad, arguments),
            Kind::Crop => |arguments| build::<AXES>(Kind::Crop, arguments),
        },
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    ZeroPad,
    Crop,
}

impl Kind {
    /// What it is called over one, two and three axes.
    const fn names(self) -> [&'static str; 3] {
        match self {
            Self::ZeroPad => ["ZeroPad1d", "ZeroPad2d", "ZeroPad3d"],
            Self::Crop => ["Crop1d", "Crop2d", "Crop3d"],
        }
    }

    const fn parameters(self) -> &'static [Parameter<'static>] {
        match self {
            Self::ZeroPad => const { &[Parameter::required("padding")] },
            Self::Crop => const { &[Parameter::required("cropping")] },
        }
    }
}

#[derive(Debug)]
struct Border<const AXES: usize> {
    kind: Kind,
    /// Before the first place and behind the last, on each axis.
    sides: [[usize; 2]; AXES],
}

fn build<const AXES: usize>(kind: Kind, arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let sides = match kind {
        Kind::ZeroPad => arguments.sides::<AXES>("padding")?,
        Kind::Crop => arguments.sides::<AXES>("cropping")?,
    };
    Some(Rc::new(Border { kind, sides }))
}

impl<const AXES: usize> Border<AXES> {
    fn name(&self) -> &'static str {
        self.kind.names()[AXES - 1]
    }
}

impl<const AXES: usize> Layer for Border<AXES> {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let (extents, channels) = spatial::<AXES>(self.name(), operands)?;
        let mut output = Shape::new();
        for (axis, (length, [before, behind])) in extents.into_iter().zip(self.sides).enumerate() {
            let border = before.saturating_add(behind);
            output.push(match self.kind {
                Kind::ZeroPad => length.saturating_add(border),
                Kind::Crop if border < length => length - border,
                Kind::Crop => {
                    let (axis, operand) = (axis_names(AXES + 1)[axis], single(operands));
                    let text =
                        format!("`{}` takes {border} from the {axis} of {{0}}, which is {operand:?}", self.name());
                    let misfit = Misfit::argument("cropping", text);
                    return Err(misfit.help(format!("of {length} at most {} can be taken", length - 1)));
                }
            });
        }
        output.push(channels);
        Ok(Facts { in_place: InPlace::Stores, ..Facts::of_spatial::<AXES>(output) })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let path = self.runtime_path();
        let input = array(single(of.operands));
        let sides = self.sides.map(|pair| array(&pair));
        match self.kind {
            Kind::ZeroPad => quote!(#path { input: #input, padding: [#(#sides),*] }),
            Kind::Crop => quote!(#path { input: #input, cropping: [#(#sides),*] }),
        }
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name())
    }
}
