//! An axis backwards.

use crate::kernels::elementwise::strided::Strided;
use crate::layers::check;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// The places of an axis in reverse order, as Keras's `ops.flip`.
///
/// # In `network!`
///
/// `Reverse(axis)`, by name or number, on any shape, which stays. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Backwards(x: [3]) -> (y: [3]) {
///         let y = x -> Reverse(0);
///     }
/// }
/// let found = Backwards::new(1).predict(&Batch::from_vec(vec![1.0, 2.0, 3.0]).unwrap()).unwrap();
/// assert_eq!(found.y.data(), [3.0, 2.0, 1.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Reverse {
    /// Product of the axes before the one that is reversed.
    pub outer: usize,
    /// Length of that axis.
    pub len: usize,
    /// Product of the axes behind it.
    pub inner: usize,
}

impl Reverse {
    fn strided(&self) -> Strided {
        let Self { outer, len, inner } = *self;
        let last = product(&[len.saturating_sub(1), inner]);
        let strides = [product(&[len, inner]) as isize, -(inner as isize), 1];
        Strided::new(product(&[outer, len, inner]), last, &[outer, len, inner], &strides)
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        check("x", x, n, &[self.outer, self.len, self.inner]);
        check("y", y, n, &[self.outer, self.len, self.inner]);
        self.strided().forward(x, y);
    }

    /// Computes the gradient by the input: in reverse order, too.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        check("dy", dy, n, &[self.outer, self.len, self.inner]);
        check("dx", dx, n, &[self.outer, self.len, self.inner]);
        self.strided().backward(dy, dx, store.into());
    }
}
