//! Windows that move over steps, images or volumes, as convolutions and pools have them.

use std::array::from_fn;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Misfit, Use, array};
use crate::arguments::Arguments;
use crate::shape::Shape;

/// What happens at the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Padding {
    /// Windows lie within the operand.
    Valid,
    /// As TensorFlow does it: zeros around the operand, so that with stride 1 the result is as large; the
    /// extra row or column goes to the end.
    Same,
    /// Zeros before the first step alone, so that no result depends on later steps; as many results as with `Same`.
    Causal,
}

impl Padding {
    pub(super) fn argument(arguments: &mut Arguments<'_>) -> Option<Self> {
        Self::one_of(arguments, &["valid", "same"])
    }

    /// For a window over so many axes, of which a single one is that of steps, which come one after another.
    pub(super) fn argument_over<const AXES: usize>(arguments: &mut Arguments<'_>) -> Option<Self> {
        Self::one_of(arguments, if AXES == 1 { &["valid", "same", "causal"] } else { &["valid", "same"] })
    }

    fn one_of(arguments: &mut Arguments<'_>, choices: &'static [&'static str]) -> Option<Self> {
        arguments.word("padding", "valid", choices).map(|word| match word {
            "same" => Self::Same,
            "causal" => Self::Causal,
            _ => Self::Valid,
        })
    }
}

/// A window over the axes before the channels: `[steps, features]` has one, `[height, width, channels]` two, a volume three.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window<const AXES: usize> {
    pub(super) size: [usize; AXES],
    pub(super) stride: [usize; AXES],
    pub(super) dilation: [usize; AXES],
    pub(super) padding: Padding,
}

impl<const AXES: usize> Window<AXES> {
    /// Tells that no convolution has gaps between its windows and within them, if these would; `None` then.
    pub(super) fn reject_strided_and_dilated(
        layer: &str,
        arguments: &mut Arguments<'_>,
        stride: [usize; AXES],
        dilation: [usize; AXES],
    ) -> Option<()> {
        if stride != [1; AXES] && dilation != [1; AXES] {
            arguments.reject("dilation", format!("`{layer}` can have a stride or a dilation above 1, but not both"));
            return None;
        }
        Some(())
    }

    /// Extents of the result before its channels, for an operand of these extents and channels; `argument` is what the layer
    /// calls the window's size.
    pub(super) fn output(
        &self,
        layer: &str,
        argument: &'static str,
        (extents, channels): ([usize; AXES], usize),
    ) -> Result<[usize; AXES], Misfit> {
        let reach: [usize; AXES] = from_fn(|axis| self.reach(axis));
        if self.padding == Padding::Valid && (0..AXES).any(|axis| reach[axis] > extents[axis]) {
            let gaps = if self.dilation == [1; AXES] { "" } else { " with its gaps" };
            let size = reach.map(|length| length.to_string()).join(" by ");
            let shape: Shape = extents.into_iter().chain([channels]).collect();
            let text = format!("the window of `{layer}`, {size}{gaps}, is larger than {{0}}, which is {shape:?}");
            return Err(Misfit::argument(argument, text).help(match extents.as_slice() {
                // As few rows as an image has colours, but more columns and channels.
                [height, width] if *height <= 4 && reach[0] <= *width && channels > 4 => {
                    format!("channels stand last here: [{width}, {channels}, {height}]")
                }
                _ => "a smaller window, or `padding = same`".to_owned(),
            }));
        }
        Ok(self.whole(&extents))
    }

    /// Places before the first one that the first window covers, on each axis.
    pub(super) fn padding_before(&self, operand: &[usize], output: &[usize]) -> [usize; AXES] {
        from_fn(|axis| match self.padding {
            Padding::Valid => 0,
            Padding::Causal => self.reach(axis) - 1,
            Padding::Same => {
                ((output[axis] - 1) * self.stride[axis] + self.reach(axis)).saturating_sub(operand[axis]) / 2
            }
        })
    }

    /// The descriptor of a convolution with this window, as all kinds of them have it.
    pub(super) fn descriptor(&self, path: &TokenStream, of: &Use<'_>) -> TokenStream {
        self.descriptor_with(path, of, self.padding_before(&of.operands[0], of.output))
    }

    /// The same with so much padding before the first place.
    pub(super) fn descriptor_with(&self, path: &TokenStream, of: &Use<'_>, padding: [usize; AXES]) -> TokenStream {
        let [input, output] = of.parts.map(|part| array(part));
        let of_axes = [self.size, self.stride, self.dilation, padding];
        let [kernel, stride, dilation, padding] = of_axes.map(|of_axes| array(&of_axes));
        quote! {
            #path {
                input: #input,
                output: #output,
                kernel: #kernel,
                stride: #stride,
                dilation: #dilation,
                padding: #padding,
            }
        }
    }

    /// The part of the operand that windows for such a part of the result cover.
    pub(super) fn covers(&self, operand: &Shape, result: &Shape) -> Shape {
        let before = self.padding_before(operand, &self.whole(operand));
        let end = |axis: usize| (result[axis] - 1) * self.stride[axis] + self.reach(axis) - before[axis];
        (0..AXES).map(|axis| end(axis).min(operand[axis])).chain([operand[AXES]]).collect()
    }

    /// Extents of the whole result, for an operand that windows fit in.
    fn whole(&self, operand: &[usize]) -> [usize; AXES] {
        from_fn(|axis| match self.padding {
            Padding::Valid => (operand[axis] - self.reach(axis)) / self.stride[axis] + 1,
            Padding::Same | Padding::Causal => operand[axis].div_ceil(self.stride[axis]),
        })
    }

    /// How many places a window covers on an axis, with its gaps.
    pub(super) fn reach(&self, axis: usize) -> usize {
        (self.size[axis] - 1) * self.dilation[axis] + 1
    }
}
