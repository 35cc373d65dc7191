//! Axes in another order.

use crate::kernels::elementwise::permute;
use crate::layers::check;
use crate::tensor::param::Write;

/// Output axis i is input axis `axes[i]`, as Keras's `Permute` (which counts the batch axis, so from 1).
///
/// # In `network!`
///
/// `Permute(axes...)`: the axes of the operand in their new order, by name or counted from 0. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Turned(image: [8, 6, 3]) -> (turned: [6, 8, 3], first: [3, 8, 6]) {
///         let turned = image -> Permute(width, height, channels);
///         let first = image -> Permute(2, 0, 1);
///     }
/// }
/// assert_eq!(Turned::PARAMETERS, 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Permute {
    /// Shape of the input.
    pub input: &'static [usize],
    /// The input's axes, from 0, in the order of the output.
    pub axes: &'static [usize],
}

impl Permute {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        check("x", x, n, self.input);
        check("y", y, n, self.input);
        permute::forward(self.input, self.axes, x, y);
    }

    /// Computes the gradient by the input.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], write: Write) {
        check("dy", dy, n, self.input);
        check("dx", dx, n, self.input);
        permute::backward(self.input, self.axes, dy, dx, write);
    }
}
