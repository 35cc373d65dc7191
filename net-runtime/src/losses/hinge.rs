//! Margins between two classes.

use super::elementwise::{Elementwise, elementwise_loss};

/// The mean over all elements of a sample of `max(1 - t·y, 0)`: as for a support vector machine.
///
/// Targets have the output's shape and are -1 or 1; 0 counts as -1, so that 0 and 1 will do as well. Keras's `Hinge` looks first
/// whether a whole batch is made of 0 and 1, so that there a 0 beside a -1 stays one.
///
/// In `network!`: `Hinge`, best behind `tanh` or nothing. By hand:
///
/// ```
/// use net_runtime::losses::{Hinge, Loss};
///
/// let loss = Hinge;
/// assert_eq!(loss.value(&[0.5, -2.0], &[1.0, -1.0], &[2]), 0.25);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hinge;

impl Elementwise for Hinge {
    fn at(&self, y: f32, t: f32) -> f64 {
        let missing = missing(y, t);
        if missing < 0.0 { 0.0 } else { missing }
    }

    fn slope(&self, y: f32, t: f32) -> f32 {
        let missing = missing(y, t);
        // At the edge with a gradient, as TensorFlow has it.
        match missing {
            missing if missing < 0.0 => 0.0,
            missing if missing.is_nan() => f32::NAN,
            _ => -side(t),
        }
    }
}

elementwise_loss!(Hinge);

/// The mean over all elements of a sample of `max(1 - t·y, 0)²`.
///
/// Targets are those of [`Hinge`]. As Keras's `SquaredHinge`.
///
/// In `network!`: `SquaredHinge`, best behind `tanh` or nothing. By hand:
///
/// ```
/// use net_runtime::losses::{SquaredHinge, Loss};
///
/// let loss = SquaredHinge;
/// assert_eq!(loss.value(&[0.5, -2.0], &[1.0, -1.0], &[2]), 0.125);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SquaredHinge;

impl Elementwise for SquaredHinge {
    fn at(&self, y: f32, t: f32) -> f64 {
        let missing = missing(y, t);
        if missing < 0.0 { 0.0 } else { missing * missing }
    }

    fn slope(&self, y: f32, t: f32) -> f32 {
        let missing = missing(y, t) as f32;
        if missing < 0.0 { 0.0 } else { -2.0 * missing * side(t) }
    }
}

elementwise_loss!(SquaredHinge);

/// How far an output is from the margin.
fn missing(y: f32, t: f32) -> f64 {
    1.0 - f64::from(side(t)) * f64::from(y)
}

fn side(t: f32) -> f32 {
    if t == 0.0 { -1.0 } else { t }
}
