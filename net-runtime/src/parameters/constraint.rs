//! What weights are held to.

use crate::kernels::terms::norms;
use crate::tensor::param::Param;

/// What is done to a weight after every step of an optimizer. See [`constraints`](crate::constraints).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constraint(Kind);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    NonNegative,
    Norm { range: [f32; 2], rate: f32, axes: &'static [usize] },
}

/// What is negative becomes 0; Keras's `NonNeg`.
///
/// Written `non_neg` in `network!`.
pub const fn non_neg() -> Constraint {
    Constraint(Kind::NonNegative)
}

/// Vectors that are longer than `max_value` become as long; Keras's `MaxNorm`. A vector has these axes of the weight: `[0]` are the weights
/// of a `Dense` that lead to one output, `[0, 1, 2]` those of a filter of a `Conv2d`.
///
/// Written `max_norm(max_value = 2.0, axis = 0)` in `network!`.
pub const fn max_norm(max_value: f32, axes: &'static [usize]) -> Constraint {
    min_max_norm(0.0, max_value, 1.0, axes)
}

/// All vectors become 1 long; Keras's `UnitNorm`. One of zeros stays.
///
/// Written `unit_norm(axis = 0)` in `network!`.
pub const fn unit_norm(axes: &'static [usize]) -> Constraint {
    min_max_norm(1.0, 1.0, 1.0, axes)
}

/// Lengths become `rate · clip(length, min_value, max_value) + (1 - rate) · length`; Keras's `MinMaxNorm`.
///
/// Written `min_max_norm(min_value = 0.0, max_value = 1.0, rate = 1.0, axis = 0)` in `network!`.
pub const fn min_max_norm(min_value: f32, max_value: f32, rate: f32, axes: &'static [usize]) -> Constraint {
    Constraint(Kind::Norm { range: [min_value, max_value], rate, axes })
}

impl Constraint {
    /// Holds a weight to it. `lengths` is memory that is used again.
    pub(crate) fn apply(self, param: &mut Param, lengths: &mut Vec<f64>) {
        match self.0 {
            Kind::NonNegative => norms::non_negative(param.values_mut()),
            Kind::Norm { range, rate, axes } => {
                let (values, dims) = param.values_and_dims_mut();
                norms::limit(values, dims, axes, range, rate, lengths);
            }
        }
    }
}
