//! One spatial axis of a window that slides over an input.

use std::ops::Range;

use crate::tensor::exact::{product, sum};

/// A window of `size` taps, `dilation` apart, moved by `stride` over `input` positions with `padding` positions before
/// the first: tap t of output o lies at position `o * stride + t * dilation - padding`. Where the padding after the
/// last position ends is implied by the number of outputs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    pub input: usize,
    pub output: usize,
    pub size: usize,
    pub stride: usize,
    pub dilation: usize,
    pub padding: usize,
}

impl Axis {
    /// An axis of one place: what a window has where its operand has fewer axes.
    pub const SINGLE: Self = Self { input: 1, output: 1, size: 1, stride: 1, dilation: 1, padding: 0 };

    /// The rows and the columns of a window over images of `[height, width, channels]`.
    ///
    /// # Panics
    ///
    /// As [`check`](Self::check).
    pub fn pair(
        input: [usize; 3],
        output: [usize; 3],
        size: [usize; 2],
        stride: [usize; 2],
        dilation: [usize; 2],
        padding: [usize; 2],
    ) -> [Self; 2] {
        let axes = [0, 1].map(|axis| Self {
            input: input[axis],
            output: output[axis],
            size: size[axis],
            stride: stride[axis],
            dilation: dilation[axis],
            padding: padding[axis],
        });
        axes.into_iter().for_each(Self::check);
        axes
    }

    /// Checks that the window has taps that lie apart, and that no position is too far away to be counted.
    ///
    /// # Panics
    ///
    /// If not.
    pub fn check(self) {
        let Self { input, output, size, stride, dilation, padding } = self;
        assert!(size > 0 && stride > 0 && dilation > 0, "a window has a size, a stride and a dilation of at least 1");
        let end = sum(&[product(&[output, stride]), product(&[size, dilation]), padding, input]);
        assert!(end <= isize::MAX as usize, "a window reaches farther than memory");
    }

    /// The position of a tap, if it is inside the input.
    pub fn position(self, output: usize, tap: usize) -> Option<usize> {
        (output * self.stride + tap * self.dilation).checked_sub(self.padding).filter(|&position| position < self.input)
    }

    /// The taps of an output that are inside the input.
    pub fn taps(self, output: usize) -> Range<usize> {
        let start = output * self.stride;
        let first_at = |position: usize| position.saturating_sub(start).div_ceil(self.dilation).min(self.size);
        first_at(self.padding)..first_at(self.padding + self.input)
    }

    /// The outputs whose tap lies within a range of positions.
    pub fn outputs(self, tap: usize, positions: Range<usize>) -> Range<usize> {
        let first_at = |position: usize| {
            (position + self.padding).saturating_sub(tap * self.dilation).div_ceil(self.stride).min(self.output)
        };
        first_at(positions.start)..first_at(positions.end)
    }
}

/// How the pixels of images lie, channels last: their distances in floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strides {
    /// Of two pixels of a line.
    pub pixel: usize,
    /// Of two lines.
    pub line: usize,
    /// Of two images.
    pub image: usize,
}

impl Strides {
    /// One after the other, for images of `[height, width, channels]`.
    pub fn contiguous([height, width, channels]: [usize; 3]) -> Self {
        Self { pixel: channels, line: product(&[width, channels]), image: product(&[height, width, channels]) }
    }

    /// Where a pixel begins.
    pub fn at(self, image: usize, row: usize, column: usize) -> usize {
        image * self.image + row * self.line + column * self.pixel
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_and_outputs_are_the_ones_whose_position_is_inside() {
        for input in 1_usize..8 {
            for (size, stride, dilation, padding) in
                [(3, 1, 1, 1), (3, 2, 1, 0), (2, 3, 2, 1), (5, 2, 1, 2), (1, 2, 1, 0)]
            {
                let reach = (size - 1) * dilation + 1;
                let output = (input + 2 * padding).saturating_sub(reach) / stride + 1;
                let axis = Axis { input, output, size, stride, dilation, padding };
                for o in 0..output {
                    let inside: Vec<_> = (0..size).filter(|&t| axis.position(o, t).is_some()).collect();
                    assert_eq!(axis.taps(o).collect::<Vec<_>>(), inside, "{axis:?}, output {o}");
                }
                for tap in 0..size {
                    for band in [0..input, 0..input / 2, input / 2..input] {
                        let within = |&o: &usize| axis.position(o, tap).is_some_and(|p| band.contains(&p));
                        let expected: Vec<_> = (0..output).filter(within).collect();
                        assert_eq!(
                            axis.outputs(tap, band.clone()).collect::<Vec<_>>(),
                            expected,
                            "{axis:?}, tap {tap}"
                        );
                    }
                }
            }
        }
    }
}
