//! The weights of one layer, and their gradients: the same struct with [`Param`] or [`Gradient`] in it.

use super::gradient::Gradient;
use crate::tensor::param::Param;

/// Weights of `Dense` and `Conv2d`: a kernel and a bias.
#[derive(Clone, Debug)]
pub struct Affine<T = Param> {
    /// `[in, out]` for `Dense`, `[height, width, in, out]` for `Conv2d`.
    pub kernel: T,
    /// `[out]`
    pub bias: T,
}

/// Weights of `Dense` and `Conv2d` with `bias = false`: a kernel alone.
#[derive(Clone, Debug)]
pub struct Linear<T = Param> {
    /// `[in, out]` for `Dense`, `[height, width, in, out]` for `Conv2d`.
    pub kernel: T,
}

impl Affine<Gradient> {
    /// Zeros.
    pub fn zeros(kernel: &[usize]) -> Self {
        let outputs = *kernel.last().expect("a kernel has axes");
        Self { kernel: Gradient::zeros(kernel), bias: Gradient::zeros(&[outputs]) }
    }
}

impl Linear<Gradient> {
    /// Zeros.
    pub fn zeros(kernel: &[usize]) -> Self {
        Self { kernel: Gradient::zeros(kernel) }
    }
}

/// A kernel that may have a bias: what `Dense` and `Conv2d` compute with.
pub trait Kernel {
    /// The kernel.
    fn kernel(&self) -> &Param;
    /// The bias.
    fn bias(&self) -> Option<&Param>;
}

impl Kernel for Affine {
    fn kernel(&self) -> &Param {
        &self.kernel
    }

    fn bias(&self) -> Option<&Param> {
        Some(&self.bias)
    }
}

impl Kernel for Linear {
    fn kernel(&self) -> &Param {
        &self.kernel
    }

    fn bias(&self) -> Option<&Param> {
        None
    }
}

/// The gradients of a [`Kernel`].
pub trait KernelGradient {
    /// The gradients of the kernel and of the bias.
    fn split(&mut self) -> (&mut Gradient, Option<&mut Gradient>);
}

impl KernelGradient for Affine<Gradient> {
    fn split(&mut self) -> (&mut Gradient, Option<&mut Gradient>) {
        (&mut self.kernel, Some(&mut self.bias))
    }
}

impl KernelGradient for Linear<Gradient> {
    fn split(&mut self) -> (&mut Gradient, Option<&mut Gradient>) {
        (&mut self.kernel, None)
    }
}
