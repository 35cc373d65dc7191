//! Every so many places of an axis.

use crate::kernels::elementwise::strided::Strided;
use crate::layers::check;
use crate::tensor::exact::product;
use crate::tensor::param::Write;

/// Places `start`, `start + step`, .. of an axis, `count` of them, as `x[:, start:end:step]` of a Keras tensor.
///
/// # In `network!`
///
/// `Slice(start = 0, end = length, axis = -1, step = 1)`; negative numbers count from the end. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Cut(x: [10, 8]) -> (last: [1, 8], even: [10, 4]) {
///         let last = x -> Slice(-1, axis = steps);
///         let even = x -> Slice(step = 2);
///     }
/// }
/// assert_eq!(Cut::PARAMETERS, 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// Product of the axes before the one that is cut.
    pub outer: usize,
    /// Length of that axis.
    pub len: usize,
    /// Product of the axes behind it.
    pub inner: usize,
    /// The first place that is kept.
    pub start: usize,
    /// Distance of the places that are kept.
    pub step: usize,
    /// How many are kept.
    pub count: usize,
}

impl Slice {
    fn strided(&self) -> Strided {
        let Self { outer, len, inner, start, step, count } = *self;
        let input = product(&[outer, len, inner]);
        let strides = [product(&[len, inner]) as isize, product(&[step, inner]) as isize, 1];
        Strided::new(input, product(&[start, inner]), &[outer, count, inner], &strides)
    }

    fn check(&self, n: usize, [x, y]: [(&str, &[f32]); 2]) {
        check(x.0, x.1, n, &[self.outer, self.len, self.inner]);
        check(y.0, y.1, n, &[self.outer, self.count, self.inner]);
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        self.check(n, [("x", x), ("y", y)]);
        self.strided().forward(x, y);
    }

    /// Computes the gradient by the input: zero where nothing is kept.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], write: Write) {
        self.check(n, [("dx", dx), ("dy", dy)]);
        self.strided().backward(dy, dx, write.into());
    }
}
