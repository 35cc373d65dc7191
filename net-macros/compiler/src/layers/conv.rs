//! `Conv1d`, `Conv2d` and `Conv3d`: a convolution over steps, over height and width, over a volume.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::window::{Padding, Window};
use super::{
    Facts, Fuses, Holder, InPlace, Inferred, Layer, Meaning, Misfit, Use, Weights, integer, multiply_adds,
    runtime_layer, spatial,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

const PARAMETERS: &[Parameter<'static>] = &[
    Parameter::required("filters"),
    Parameter::required("kernel"),
    Parameter::named("stride", "1"),
    Parameter::named("padding", "valid"),
    Parameter::named("dilation", "1"),
    Parameter::named("groups", "1"),
    Parameter::named("bias", "true"),
];

const PARAMETERS_OF_VOLUMES: &[Parameter<'static>] = &[
    Parameter::required("filters"),
    Parameter::required("kernel"),
    Parameter::named("stride", "1"),
    Parameter::named("padding", "valid"),
    Parameter::named("dilation", "1"),
    Parameter::named("bias", "true"),
];

pub(super) const CONV1D: Signature =
    Signature { name: "Conv1d", parameters: PARAMETERS, operands: Arity::One, build: build::<1> };

pub(super) const CONV2D: Signature =
    Signature { name: "Conv2d", parameters: PARAMETERS, operands: Arity::One, build: build::<2> };

pub(super) const CONV3D: Signature =
    Signature { name: "Conv3d", parameters: PARAMETERS_OF_VOLUMES, operands: Arity::One, build: build::<3> };

#[derive(Debug)]
struct Conv<const AXES: usize> {
    filters: usize,
    window: Window<AXES>,
    /// Parts of the channels that do not see each other.
    groups: usize,
    holder: &'static Holder,
}

fn build<const AXES: usize>(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let name = Conv::<AXES>::NAME;
    let filters = arguments.count("filters", None);
    let size = arguments.extents("kernel", None);
    let stride = arguments.extents("stride", Some([1; AXES]));
    let padding = Padding::argument_over::<AXES>(arguments);
    let dilation = arguments.extents("dilation", Some([1; AXES]));
    let groups = arguments.count("groups", Some(1));
    let holder = Holder::of_kernel(arguments);
    let (filters, stride, dilation, groups) = (filters?, stride?, dilation?, groups?);
    Window::reject_strided_and_dilated(name, arguments, stride, dilation)?;
    if !filters.is_multiple_of(groups) {
        let text = format!("`filters` of `{name}` must be a multiple of `groups`, but {filters} is none");
        let (fewer, more) = (filters / groups * groups, filters.next_multiple_of(groups));
        let either = if fewer > 0 { format!("{fewer} or {more}") } else { more.to_string() };
        arguments.reject_with("groups", text, format!("write e.g. {either} `filters`"));
        return None;
    }
    let window = Window { size: size?, stride, dilation, padding: padding? };
    Some(Rc::new(Conv { filters, window, groups, holder: holder? }))
}

impl<const AXES: usize> Layer for Conv<AXES> {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let (extents, channels) = spatial(Self::NAME, operands)?;
        let output = self.window.output(Self::NAME, "kernel", (extents, channels))?;
        if !channels.is_multiple_of(self.groups) {
            let (name, groups) = (Self::NAME, self.groups);
            let text =
                format!("`{name}` in {groups} groups needs a multiple of {groups} channels, but {{0}} has {channels}");
            let fits = |groups: &usize| channels.is_multiple_of(*groups) && self.filters.is_multiple_of(*groups);
            let most = (1..=groups.min(channels)).rev().find(fits).unwrap_or(1);
            return Err(Misfit::argument("groups", text).help(match most {
                1 => format!("leave out `groups`, or let {{0}} have {} channels", channels.next_multiple_of(groups)),
                _ => format!("write e.g. `groups = {most}`, which divides channels and filters"),
            }));
        }
        let output = [&output[..], &[self.filters]].concat();
        let kernel = [&self.window.size[..], &[channels / self.groups, self.filters]].concat();
        let multiply_adds = multiply_adds(&output, &kernel[..=AXES]);
        let facts = Facts::of_kernel(output, Weights::kernel(self.holder, kernel), multiply_adds);
        let (is_image, is_whole) = (AXES == 2, self.groups == 1);
        Ok(Facts {
            // A volume adds up several terms.
            in_place: if AXES == 3 { InPlace::Never } else { facts.in_place },
            fuses: Fuses {
                concatenation: is_image && is_whole,
                pool: is_image && is_whole,
                sum: is_image && is_whole,
                ..facts.fuses
            },
            meaning: Meaning { of_image: is_image, ..facts.meaning },
            ..facts
        })
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.holder)
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let whole = self.window.descriptor(&self.runtime_path(), of);
        let groups = integer(self.groups);
        if self.groups == 1 { whole } else { quote!(#whole.grouped(#groups)) }
    }

    fn descriptor_type(&self) -> TokenStream {
        if self.groups == 1 { self.runtime_path() } else { runtime_layer("Conv2dGrouped") }
    }

    fn covers(&self, operand: &Shape, result: &Shape) -> Option<Shape> {
        (AXES == 2).then(|| self.window.covers(operand, result))
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(Self::NAME)
    }
}

impl<const AXES: usize> Conv<AXES> {
    const NAME: &'static str = ["Conv1d", "Conv2d", "Conv3d"][AXES - 1];
}
