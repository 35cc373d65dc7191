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
    let takes_factors = kernel.takes_factors(conv2d_weights::sizes_of_patches(geometry, n))
        && conv2d_weights::is_product_of_patches(geometry, n, scratch);
    if takes_factors {
        conv2d_weights::factors(geometry, (n, x), dy, bias, scratch, |sizes, x, dy, _| {
            kernel.take_factors(sizes, x, dy);
        });
    } else {
        conv2d_weights::backward_weights(geometry, n, x, dy, kernel.contribute(), bias, scratch);
    }
}
