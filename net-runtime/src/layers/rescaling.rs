//! Numbers on another scale.

use super::check;
use crate::kernels::elementwise::rescale;
use crate::tensor::param::Store;

/// y = scale · x + offset, as Keras's `Rescaling`, with a factor and an offset for all numbers or for each place on the last axis.
///
/// # In `network!`
///
/// `Rescaling(scale, offset = 0)` on any shape, which stays: numbers, or a tuple with one for each place on the last axis. There
/// are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Photo(pixels: [1, 1, 3]) -> (unit: [1, 1, 3], centred: [1, 1, 3]) {
///         let unit = pixels -> Rescaling(1 / 255);
///         let centred = pixels -> Rescaling(0.5, (-1.0, -1.0, 0.0));
///     }
/// }
/// let found = Photo::new(1).predict(&Batch::from_vec(vec![0.0, 255.0, 255.0]).unwrap()).unwrap();
/// assert_eq!(found.unit.data(), [0.0, 1.0, 1.0]);
/// assert_eq!(found.centred.data(), [-1.0, 126.5, 127.5]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Rescaling {
    /// Elements of a sample.
    pub len: usize,
    /// One number, or one for each place on the last axis.
    pub scale: &'static [f32],
    /// The same.
    pub offset: &'static [f32],
}

impl Rescaling {
    /// # Panics
    ///
    /// If a sample has no whole number of rows.
    fn check_rows(&self) {
        for numbers in [self.scale, self.offset] {
            assert!(!numbers.is_empty() && self.len.is_multiple_of(numbers.len()), "a sample does not hold whole rows");
        }
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        self.check_rows();
        check("x", x, n, &[self.len]);
        check("y", y, n, &[self.len]);
        rescale::forward(self.scale, self.offset, x, y);
    }

    /// Computes the gradient by the input.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        self.check_rows();
        check("dy", dy, n, &[self.len]);
        check("dx", dx, n, &[self.len]);
        rescale::backward(self.scale, dy, dx, store.into());
    }
}
