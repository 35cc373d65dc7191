//! Windows that move over an image.

use super::pair;

/// What happens at the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// Windows lie within the image.
    Valid,
    /// TensorFlow's: as many windows as strides fit; what is missing is outside on both sides, one more at the end.
    Same,
    /// As many windows; what is missing is outside before the first element alone.
    Causal,
}

/// A window with its steps.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Rows and columns.
    pub size: [usize; 2],
    /// Steps down and right.
    pub stride: [usize; 2],
    /// Distance of neighbouring rows and columns of the window.
    pub dilation: [usize; 2],
    /// The border.
    pub padding: Padding,
}

impl Window {
    /// How many rows or columns it covers, with its gaps.
    fn reach(&self, axis: usize) -> usize {
        (self.size[axis] - 1) * self.dilation[axis] + 1
    }

    /// Number of windows down and across.
    pub fn count(&self, image: [usize; 2]) -> Option<[usize; 2]> {
        let count = |axis: usize| match self.padding {
            Padding::Valid => Some(image[axis].checked_sub(self.reach(axis))? / self.stride[axis] + 1),
            Padding::Same | Padding::Causal => Some(image[axis].div_ceil(self.stride[axis])),
        };
        Some([count(0)?, count(1)?])
    }

    /// The row or column of the image that an element of a window lies on, if it lies on one.
    pub fn place(&self, axis: usize, image: usize, count: usize, window: usize, element: usize) -> Option<usize> {
        let before = match self.padding {
            Padding::Valid => 0,
            Padding::Causal => self.reach(axis) - 1,
            Padding::Same => ((count - 1) * self.stride[axis] + self.reach(axis)).saturating_sub(image) / 2,
        };
        (window * self.stride[axis] + element * self.dilation[axis]).checked_sub(before).filter(|place| *place < image)
    }

    /// Every element of every window that lies on the image: window, element, and place in the image.
    pub fn each(&self, image: [usize; 2], mut visit: impl FnMut([usize; 2], [usize; 2], [usize; 2])) {
        let count = self.count(image).expect("windows that fit");
        for row in 0..count[0] {
            for column in 0..count[1] {
                for k in 0..self.size[0] {
                    for l in 0..self.size[1] {
                        let down = self.place(0, image[0], count[0], row, k);
                        let right = self.place(1, image[1], count[1], column, l);
                        if let (Some(down), Some(right)) = (down, right) {
                            visit([row, column], [k, l], [down, right]);
                        }
                    }
                }
            }
        }
    }

    /// The arguments behind the size.
    pub fn arguments(&self, usual_stride: [usize; 2]) -> Vec<String> {
        let mut arguments = Vec::new();
        if self.stride != usual_stride {
            arguments.push(format!("stride = {}", pair(self.stride)));
        }
        if self.dilation != [1, 1] {
            arguments.push(format!("dilation = {}", pair(self.dilation)));
        }
        if self.padding == Padding::Same {
            arguments.push("padding = same".to_owned());
        }
        arguments
    }
}
