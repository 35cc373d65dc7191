//! The activations that take a few instructions: they are applied to registers on the way to memory, where a pass of its own would
//! take longer than they do. Each of them is in the code of every tile that a product has, so that only the usual ones are here.

use crate::kernels::simd::Simd;
use crate::tensor::activation::Activation;

/// An activation of a few instructions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Quick {
    /// x
    #[default]
    Linear,
    /// max(x, 0)
    Relu,
    /// x for x > 0, else slope · x
    Leaky { slope: f32 },
    /// x, at least `low` and at most `high`
    Bounded { low: f32, high: f32 },
}

impl Quick {
    /// An activation, if it is one of these.
    pub fn of(activation: Activation) -> Option<Self> {
        Some(match activation {
            Activation::Linear => Self::Linear,
            Activation::Relu => Self::Relu,
            Activation::LeakyRelu { slope } => Self::Leaky { slope },
            Activation::RectifiedLinear { slope: 0.0, max, threshold: 0.0 } => Self::Bounded { low: 0.0, high: max },
            Activation::Clip { low, high } => Self::Bounded { low, high },
            _ => return None,
        })
    }

    /// Applies it to some rows of vectors; a NaN stays a NaN.
    ///
    /// # Safety
    ///
    /// The machine has the instruction set of `S`.
    #[inline(always)]
    pub unsafe fn apply<S: Simd, const N: usize, const R: usize>(self, rows: &mut [[S::Vector; N]; R]) {
        // The function is chosen outside of the loops, which are unrolled. No closure: see `simd`.
        macro_rules! each {
            (|$x:ident| $result:expr) => {
                for row in rows {
                    for $x in row {
                        *$x = $result;
                    }
                }
            };
        }
        // SAFETY: the caller's promise.
        unsafe {
            match self {
                Self::Linear => {}
                Self::Relu => each!(|x| S::relu(*x)),
                Self::Leaky { slope } => {
                    let (zero, slope) = (S::splat(0.0), S::splat(slope));
                    each!(|x| S::if_less(zero, *x, *x, S::mul(slope, *x)));
                }
                // Both give their second operand where one is a NaN.
                Self::Bounded { low, high } => {
                    let (low, high) = (S::splat(low), S::splat(high));
                    each!(|x| S::min(high, S::max(low, *x)));
                }
            }
        }
    }
}
