//! A ReLU with slopes that are learnt.

use super::{check, check_parameter};
use crate::kernels::prelu;
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::Slopes;
use crate::tensor::param::{Param, Write};

/// y = x where that is positive, else alpha · x, as Keras's `PReLU` (He, Zhang, Ren, Sun, "Delving Deep into Rectifiers", 2015):
/// `[shared, slopes]` to the same, with an alpha for each element of the last axes, the same along the first ones.
///
/// # In `network!`
///
/// `PRelu(shared_axes = ())` on any shape, which stays. The axes are the first ones, by name or number, along which the slopes are
/// the same. The weights are [`Slopes`](crate::weights::Slopes), zeros at first.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Slopes(image: [8, 8, 3]) -> (each: [8, 8, 3], channels: [8, 8, 3]) {
///         let each = image -> PRelu;
///         let channels = image -> PRelu(shared_axes = (height, width));
///     }
/// }
/// assert_eq!(Slopes::PARAMETERS, 8 * 8 * 3 + 3);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PRelu {
    /// Product of the axes along which the slopes are the same.
    pub shared: usize,
    /// Product of the others, the last ones: the number of slopes.
    pub slopes: usize,
}

impl PRelu {
    fn check(&self, n: usize, tensors: &[(&str, &[f32])], slopes: usize) {
        for (name, tensor) in tensors {
            check(name, tensor, n, &[self.shared, self.slopes]);
        }
        check_parameter("list of slopes", slopes, &[self.slopes]);
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], weights: &Slopes<Param>, y: &mut [f32], scratch: &mut Scratch) {
        let slopes = weights.alpha.values();
        self.check(n, &[("x", x), ("y", y)], slopes.len());
        prelu::forward(x, slopes, y, &mut scratch.work);
    }

    /// Contributes to the gradient of the slopes: Σ dy · min(x, 0).
    pub fn backward_weights(
        &self,
        n: usize,
        x: &[f32],
        dy: &[f32],
        gradients: &mut Slopes<Gradient>,
        scratch: &mut Scratch,
    ) {
        self.check(n, &[("x", x), ("dy", dy)], gradients.alpha.len());
        prelu::backward_slopes((x, dy), gradients.alpha.contribute(), &mut scratch.work);
    }

    /// Computes the gradient by the input; at 0 it is 0.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer with weights")]
    pub fn backward_input(
        &self,
        n: usize,
        weights: &Slopes<Param>,
        x: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        write: Write,
        scratch: &mut Scratch,
    ) {
        let slopes = weights.alpha.values();
        self.check(n, &[("x", x), ("dy", dy), ("dx", dx)], slopes.len());
        prelu::backward((x, dy), slopes, (dx, write), &mut scratch.work);
    }
}
