//! Products of matrices, as a dense layer computes them.

use net_runtime::activations::Activation;
use net_runtime::layers::Dense;
use net_runtime::weights::Linear;
use net_runtime::{Param, Scratch};

use crate::measure::Work;

/// Rows of the result, its inner axis, columns: a cube, and the second convolution of the course's detector as a product
/// over four images.
pub const SIZES: [[usize; 3]; 2] = [[1024, 1024, 1024], [3364, 1152, 256]];

/// What a size is called.
pub fn name([rows, inner, columns]: [usize; 3]) -> String {
    format!("product {rows}x{inner}x{columns}")
}

/// Floating-point operations.
pub fn operations([rows, inner, columns]: [usize; 3]) -> usize {
    2 * rows * inner * columns
}

/// Numbers between -1 and 1 that look like chance.
pub fn numbers(len: usize) -> Vec<f32> {
    (0..len).map(|index| ((index * 7919) % 2017) as f32 / 1008.0 - 1.0).collect()
}

/// The product as this project computes it, both factors in row-major order and not prepared.
pub fn ours([rows, inner, columns]: [usize; 3]) -> Work<'static> {
    let layer = Dense { rows, inputs: inner, outputs: columns };
    let x = numbers(rows * inner);
    let mut weights = Linear { kernel: Param::zeros(&[inner, columns]) };
    weights.kernel.values_mut().copy_from_slice(&numbers(inner * columns));
    let mut y = vec![0.0; rows * columns];
    let mut scratch = Scratch::default();
    Work::new("network!", move || layer.forward(1, &x, &weights, Activation::Linear, &mut y, &mut scratch))
}
