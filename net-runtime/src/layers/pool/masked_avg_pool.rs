//! The mean of the steps that a mask has left.

use crate::kernels::reduce::masked as kernel;
use crate::layers::check;
use crate::tensor::param::Write;

/// The mean of each feature over the steps that count, as Keras's `GlobalAveragePooling1D` with a mask: those whose place in a mask of
/// `[steps]` is not 0; `NotEqual(0)` makes one of padded text. `(x, mask = m) -> GlobalAvgPool1d` is this layer.
///
/// Of a sample without any step that counts the mean is 0, and its gradient too; Keras divides by zero there.
#[derive(Clone, Copy, Debug)]
pub struct MaskedAvgPool1d {
    /// `[steps, features]`
    pub input: [usize; 2],
}

impl MaskedAvgPool1d {
    fn check(&self, n: usize, [x, y]: [(&str, &[f32]); 2], mask: &[f32]) {
        let [steps, features] = self.input;
        check(x.0, x.1, n, &[steps, features]);
        check("mask", mask, n, &[steps]);
        check(y.0, y.1, n, &[features]);
    }

    /// Computes `y` from the steps and their mask.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        let &[x, mask] = inputs else { panic!("steps and a mask go in") };
        self.check(n, [("x", x), ("y", y)], mask);
        kernel::avg_forward(self.input, x, mask, y);
    }

    /// Computes the gradient by the steps, which are input 0; the mask has none.
    pub fn backward_input(&self, n: usize, k: usize, inputs: &[&[f32]], dy: &[f32], dx: &mut [f32], write: Write) {
        let &[_, mask] = inputs else { panic!("steps and a mask go in") };
        assert_eq!(k, 0, "a mask has no gradient");
        self.check(n, [("dx", dx), ("dy", dy)], mask);
        kernel::avg_backward(self.input, mask, dy, dx, write);
    }
}
