//! `Conv1dTranspose`, `Conv2dTranspose` and `Conv3dTranspose`: what is larger from what is smaller, as the gradient of a convolution is.

use std::rc::Rc;

use proc_macro2::TokenStream;

use super::signature::{Arity, Signature};
use super::window::{Padding, Window};
use super::{
    Facts, Fuses, Holder, InPlace, Inferred, Layer, Meaning, Misfit, Outputs, Use, Weights, multiply_adds,
    runtime_layer, spatial,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

const PARAMETERS: &[Parameter<'static>] = &[
    Parameter::required("filters"),
    Parameter::required("kernel"),
    Parameter::named("stride", "1"),
    Parameter::named("padding", "valid"),
    Parameter::named("output_padding", "none"),
    Parameter::named("dilation", "1"),
    Parameter::named("bias", "true"),
];

pub(super) const CONV1D_TRANSPOSE: Signature =
    Signature { name: "Conv1dTranspose", parameters: PARAMETERS, operands: Arity::One, build: build::<1> };

pub(super) const CONV2D_TRANSPOSE: Signature =
    Signature { name: "Conv2dTranspose", parameters: PARAMETERS, operands: Arity::One, build: build::<2> };

pub(super) const CONV3D_TRANSPOSE: Signature =
    Signature { name: "Conv3dTranspose", parameters: PARAMETERS, operands: Arity::One, build: build::<3> };

#[derive(Debug)]
struct ConvTranspose<const AXES: usize> {
    filters: usize,
    /// That of the convolution from the result to the operand.
    window: Window<AXES>,
    /// How much longer the result is than the windows reach, if that is said.
    output_padding: Option<[usize; AXES]>,
    holder: &'static Holder,
}

fn build<const AXES: usize>(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let name = ConvTranspose::<AXES>::NAME;
    let filters = arguments.count("filters", None);
    let size = arguments.extents("kernel", None);
    let stride = arguments.extents("stride", Some([1; AXES]));
    let padding = Padding::argument(arguments);
    let output_padding = arguments.extents_or_none("output_padding");
    let dilation = arguments.extents("dilation", Some([1; AXES]));
    let holder = Holder::of_kernel(arguments);
    let (stride, dilation, output_padding) = (stride?, dilation?, output_padding?);
    Window::reject_strided_and_dilated(name, arguments, stride, dilation)?;
    if let Some(more) = output_padding
        && (0..AXES).any(|axis| more[axis] >= stride[axis])
    {
        arguments.reject("output_padding", format!("`output_padding` of `{name}` has to be less than its stride"));
        return None;
    }
    let window = Window { size: size?, stride, dilation, padding: padding? };
    Some(Rc::new(ConvTranspose { filters: filters?, window, output_padding, holder: holder? }))
}

impl<const AXES: usize> Layer for ConvTranspose<AXES> {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let (extents, channels) = spatial::<AXES>(Self::NAME, operands)?;
        let mut output = Shape::new();
        for (axis, &length) in extents.iter().enumerate() {
            output.push(self.length(axis, length)?);
        }
        output.push(self.filters);
        let kernel = [&self.window.size[..], &[self.filters, channels]].concat();
        let multiply_adds = multiply_adds(&extents, &kernel);
        let weights = Weights::kernel_to(self.holder, kernel, self.filters);
        let facts = Facts::of_kernel(output, weights, multiply_adds);
        Ok(Facts {
            // A volume adds up several terms.
            in_place: if AXES == 3 { InPlace::Never } else { facts.in_place },
            fuses: Fuses { affine: Some(Outputs { count: self.filters, run: channels }), ..facts.fuses },
            meaning: Meaning { of_image: AXES == 2, ..facts.meaning },
            ..facts
        })
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.holder)
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        // The operand is what that convolution makes of the result.
        let padding = self.window.padding_before(of.output, &of.operands[0]);
        self.window.descriptor_with(&self.runtime_path(), of, padding)
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(Self::NAME)
    }
}

impl<const AXES: usize> ConvTranspose<AXES> {
    const NAME: &'static str = ["Conv1dTranspose", "Conv2dTranspose", "Conv3dTranspose"][AXES - 1];

    /// Length of the result along an axis, as Keras has it.
    fn length(&self, axis: usize, input: usize) -> Result<usize, Misfit> {
        let (stride, reach) = (self.window.stride[axis], self.window.reach(axis));
        let before_last = (input - 1).saturating_mul(stride);
        Ok(match (self.window.padding, self.output_padding) {
            (Padding::Same, None) => input.saturating_mul(stride),
            (Padding::Same, Some(more)) if reach.is_multiple_of(2) && more[axis] == 0 => {
                let text = format!(
                    "with `padding = same` and an even window, `output_padding = 0` of `{}` leaves no place for the last \
                     of {{0}}",
                    Self::NAME
                );
                let help = "leave it out for a result of as many times the length as the stride says";
                return Err(Misfit::argument("output_padding", text).help(help));
            }
            (Padding::Same, Some(more)) => before_last.saturating_add(reach % 2 + more[axis]),
            (_, None) => before_last.saturating_add(reach.max(stride)),
            (_, Some(more)) => before_last.saturating_add(reach + more[axis]),
        })
    }
}
