//! Windows that move over an image, as convolutions and pools have them.

use super::Misfit;
use crate::arguments::Arguments;
use crate::shape::Shape;

/// What happens at the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Padding {
    /// Windows lie within the image.
    Valid,
    /// As TensorFlow does it: zeros around the image, so that with stride 1 the result is as large as the image; the
    /// extra row or column goes to the end.
    Same,
}

impl Padding {
    pub(super) fn argument(arguments: &mut Arguments<'_>) -> Option<Self> {
        arguments
            .word("padding", "valid", &["valid", "same"])
            .map(|word| if word == "same" { Self::Same } else { Self::Valid })
    }
}

/// A window: extents of height and width.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) size: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
    pub(super) padding: Padding,
}

impl Window {
    /// Height and width of the result; `argument` is what the layer calls the window's size.
    pub(super) fn output(&self, layer: &str, argument: &'static str, image: [usize; 3]) -> Result<[usize; 2], Misfit> {
        let [height, width, _] = image;
        let [rows, columns] = [0, 1].map(|axis| self.reach(axis));
        if self.padding == Padding::Valid && (rows > height || columns > width) {
            let gaps = if self.dilation == [1, 1] { "" } else { " with its gaps" };
            let text = format!(
                "the window of `{layer}`, {rows} by {columns}{gaps}, is larger than {{0}}, which is {:?}",
                Shape::from(image)
            );
            // As few rows as an image has colours, but more columns and channels.
            let channels_first = height <= 4 && rows <= width && image[2] > 4;
            return Err(Misfit::argument(argument, text).help(match channels_first {
                true => format!("channels stand last here: [{width}, {}, {height}]", image[2]),
                false => "a smaller window, or `padding = same`".to_owned(),
            }));
        }
        Ok(self.whole(&image))
    }

    /// Rows above and columns left of the image that the first window covers.
    pub(super) fn padding_before(&self, image: &[usize], output: &[usize]) -> [usize; 2] {
        [0, 1].map(|axis| match self.padding {
            Padding::Valid => 0,
            Padding::Same => {
                ((output[axis] - 1) * self.stride[axis] + self.reach(axis)).saturating_sub(image[axis]) / 2
            }
        })
    }

    /// The part of the image that windows for such a part of the result cover.
    pub(super) fn covers(&self, image: &Shape, result: &Shape) -> Shape {
        let before = self.padding_before(image, &self.whole(image));
        let end = |axis: usize| (result[axis] - 1) * self.stride[axis] + self.reach(axis) - before[axis];
        vec![end(0).min(image[0]), end(1).min(image[1]), image[2]]
    }

    /// Height and width of the whole result, for an image that windows fit in.
    fn whole(&self, image: &[usize]) -> [usize; 2] {
        [0, 1].map(|axis| match self.padding {
            Padding::Valid => (image[axis] - self.reach(axis)) / self.stride[axis] + 1,
            Padding::Same => image[axis].div_ceil(self.stride[axis]),
        })
    }

    /// How many rows or columns a window covers, with its gaps.
    fn reach(&self, axis: usize) -> usize {
        (self.size[axis] - 1) * self.dilation[axis] + 1
    }
}
