//! Terms that weights and activities add to the loss.
//!
//! In `network!`, arguments say so for the weights of any layer, `Dense(64, kernel_regularizer = l2(1e-4), bias_regularizer =
//! l1(1e-5))`, and for what comes out of it, `activity_regularizer = l1(1e-4)`. The functions are Keras's regularizers.
//!
//! Terms are part of the total loss, in training and in evaluations, and of the gradients that come from losses; not of the losses of
//! heads. The term of a weight counts once, however many layers share the weight, and weights of samples do not change it. What an activity
//! adds is divided by the number of samples, and counts for each use of the layer.
//!
//! | written | is |
//! | --- | --- |
//! | `l1(l1 = 0.01)` | [`l1()`] |
//! | `l2(l2 = 0.01)` | [`l2()`] |
//! | `l1_l2(l1 = 0.0, l2 = 0.0)` | [`l1_l2()`] |
//! | `orthogonal(factor = 0.01, mode = rows)` or `columns` | [`orthogonal()`], of a matrix |
//!
//! ```
//! use net_runtime::prelude::*;
//! use net_runtime::regularizers;
//!
//! network! {
//!     pub network Sparse(x: [4]) -> (y: [2]) {
//!         let inner = x -> Dense(8, kernel_regularizer = l2(0.01)) -> relu(activity_regularizer = l1(0.1));
//!         let other = inner -> Dense(8, kernel_regularizer = orthogonal(0.01), bias_regularizer = l1_l2(0.1, 0.2)) -> relu;
//!         let y = other -> Dense(2);
//!         loss y: MeanSquaredError;
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! let net = Sparse::new(1);
//! let samples = SparseSamples { x: Batch::from_vec(vec![1.0; 4])?, y: Batch::from_vec(vec![0.0; 2])? };
//! let mut workspace = SparseWorkspace::new(1);
//! net.forward(&samples, Mode::Training, &mut workspace)?;
//! let losses = net.losses(&samples, &workspace)?;
//! assert!(losses.total > losses.y + regularizers::penalty(&net));
//! # Ok(())
//! # }
//! ```

use crate::network::traits::Network;
pub use crate::parameters::regularizer::{Regularizer, Vectors, l1, l1_l2, l2, orthogonal};
use crate::tensor::param::Write;

/// What the weights of a network add to its loss: those that are trained, as in Keras. The [module](self) has an example.
pub fn penalty<N: Network>(net: &N) -> f32 {
    let mut sum = 0.0;
    net.visit_regularized(&mut |_, param, regularizer| {
        if !param.is_frozen() {
            sum += regularizer.value(param.values(), param.dims());
        }
    });
    sum as f32
}

/// Contributes the derivative of the [`penalty`] to the gradients by the weights.
pub fn add_gradients<N: Network>(net: &N, gradients: &mut N::Gradients) {
    net.visit_regularized_with_gradients(gradients, &mut |_, param, gradient, regularizer| {
        // A part may have been assigned that was not frozen where it is from.
        if param.is_frozen() || gradient.is_none() {
            return;
        }
        let (gradient, write) = gradient.contribute();
        regularizer.gradient(param.values(), param.dims(), 1.0, gradient, write);
    });
}

/// What an activity of `n` samples adds to the loss.
#[doc(hidden)]
pub fn activity(regularizer: Regularizer, n: usize, activity: &[f32]) -> f32 {
    (regularizer.value(activity, &[activity.len()]) / n.max(1) as f64) as f32
}

/// The derivative of that by the activity.
#[doc(hidden)]
pub fn activity_gradient(regularizer: Regularizer, n: usize, activity: &[f32], gradient: &mut [f32], write: Write) {
    regularizer.gradient(activity, &[activity.len()], 1.0 / n.max(1) as f32, gradient, write);
}
