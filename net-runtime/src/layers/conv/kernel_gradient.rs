//! The gradient of the kernel of a convolution in two dimensions, or of a transposed one.

use crate::kernels::conv::conv2d_weights;
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::conv::max_pooled::Upstream;
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;

/// Contributes to the gradient of a kernel, perhaps as its factors, and to that of a bias.
pub(super) fn kernel_gradient(
    geometry: &Geometry,
    (n, x): (usize, &[f32]),
    dy: Upstream<'_>,
    (kernel, bias): (&mut Gradient, Option<&mut Gradient>),
    scratch: &mut Scratch,
) {
    let bias = bias.map(Gradient::contribute);
    match conv2d_weights::product_of_patches(geometry, n, scratch) {
        Some(sizes) if kernel.takes_factors(sizes) => {
            conv2d_weights::factors(geometry, (n, x), dy, bias, scratch, |sizes, x, dy, _| {
                kernel.take_factors(sizes, x, dy);
            });
        }
        _ => conv2d_weights::backward_weights(geometry, n, x, dy, kernel.contribute(), bias, scratch),
    }
}
