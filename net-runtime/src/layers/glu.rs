//! One half of a tensor, gated by the other.

use super::check;
use crate::kernels::elementwise::gated;
use crate::tensor::param::Write;

/// y = a · sigmoid(b), where a and b are the halves of x along an axis, as Keras's `glu` (Dauphin et al., "Language Modeling with Gated
/// Convolutional Networks", 2016): `[outer, 2 · half]` to `[outer, half]`.
///
/// In `network!`: `glu(axis = -1)`, the axis by name or number, of which half is left. There are no weights. The example is at
/// [`activations`](crate::activations).
#[derive(Clone, Copy, Debug)]
pub struct Glu {
    /// Product of the axes before the one that is halved.
    pub outer: usize,
    /// Half its length, times the product of the axes behind it.
    pub half: usize,
}

/// One half of an axis times the sigmoid of the other, of `outer` such pairs of halves in a sample
///
/// In `network!`: `glu(axis = -1)`; [`Glu`] has the formula.
pub const fn glu(outer: usize, half: usize) -> Glu {
    Glu { outer, half }
}

impl Glu {
    fn check(&self, n: usize, [(x_name, x), (y_name, y)]: [(&str, &[f32]); 2]) {
        check(x_name, x, n, &[self.outer, 2, self.half]);
        check(y_name, y, n, &[self.outer, self.half]);
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        self.check(n, [("x", x), ("y", y)]);
        gated::forward(self.half, x, y);
    }

    /// Computes the gradient by the input: da = dy · sigmoid(b), db = dy · a · sigmoid(b) · (1 − sigmoid(b)).
    pub fn backward_input(&self, n: usize, x: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
        self.check(n, [("x", x), ("dy", dy)]);
        check("dx", dx, n, &[self.outer, 2, self.half]);
        gated::backward(self.half, x, dy, dx, write);
    }
}
