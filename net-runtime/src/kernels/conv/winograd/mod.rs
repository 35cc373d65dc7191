//! Winograd's algorithms: F(4x4, 3x3) for kernels of 3x3, F(6, 3) to F(2, 7) along one axis for any other kernel of three to seven
//! taps there, and F(4x4, 2x2) to F(3x3, 4x4) for each phase of stride 2.

pub(crate) mod adjoint;
pub(super) mod forward;
mod gradient;
pub(super) mod line;
pub(super) mod line_transforms;
pub(super) mod line_weights;
pub(super) mod outputs;
pub(super) mod sizes;
pub(crate) mod strided;
pub(super) mod weights;
