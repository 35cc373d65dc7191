//! Weights of a convolution within a layer that has several.

use crate::parameters::gradient::Gradient;
use crate::parameters::weights::{Kernel, KernelGradient};
use crate::tensor::param::Param;

/// One of a layer's kernels, perhaps with the bias; or their gradients.
pub(in crate::layers) struct OneKernel<T> {
    pub kernel: T,
    pub bias: Option<T>,
}

impl Kernel for OneKernel<&Param> {
    fn kernel(&self) -> &Param {
        self.kernel
    }

    fn bias(&self) -> Option<&Param> {
        self.bias
    }
}

impl KernelGradient for OneKernel<&mut Gradient> {
    fn split(&mut self) -> (&mut Gradient, Option<&mut Gradient>) {
        (self.kernel, self.bias.as_deref_mut())
    }
}
