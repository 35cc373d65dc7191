//! The derivatives of activations that are straight lines, for loops that apply them in registers.

use crate::kernels::simd::Simd;
use crate::tensor::activation::Activation;

/// A derivative that is 1 above `low` up to `high`, 0 above that, and `below` elsewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pieces {
    low: f32,
    high: f32,
    below: f32,
}

impl Pieces {
    /// That of an activation by its operand, if it is one of these. Where two lines meet, it is what the activation has there.
    pub fn of(activation: Activation) -> Option<Self> {
        let infinity = f32::INFINITY;
        Some(match activation {
            Activation::Relu => Self { low: 0.0, high: infinity, below: 0.0 },
            Activation::LeakyRelu { slope } => Self { low: 0.0, high: infinity, below: slope },
            Activation::RectifiedLinear { slope, max, threshold: 0.0 } if max == infinity => {
                Self { low: 0.0, high: infinity, below: slope }
            }
            // At the largest value it is 0.
            Activation::RectifiedLinear { slope, max, threshold: 0.0 } if max > 0.0 => {
                Self { low: 0.0, high: max.next_down(), below: slope }
            }
            // At both limits it is 1.
            Activation::Clip { low, high } => Self { low: low.next_down(), high, below: 0.0 },
            _ => return None,
        })
    }

    /// `f'(z) · dy`
    ///
    /// # Safety
    ///
    /// The machine has the instruction set of `S`.
    #[inline(always)]
    pub unsafe fn gradient<S: Simd>(self, z: S::Vector, dy: S::Vector) -> S::Vector {
        // SAFETY: the caller's promise.
        unsafe {
            let inner = S::if_less(S::splat(self.high), z, S::splat(0.0), dy);
            S::if_less(S::splat(self.low), z, inner, S::mul(S::splat(self.below), dy))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::elementwise::activations;
    use crate::kernels::simd::{Isa, dispatch, load_at, store_at};

    dispatch! {
        unsafe fn each(pieces: Pieces, z: &[f32], dy: &[f32], dx: &mut [f32]) = each_generic
    }

    #[inline(always)]
    unsafe fn each_generic<S: Simd>(pieces: Pieces, z: &[f32], dy: &[f32], dx: &mut [f32]) {
        let len = z.len();
        for at in (0..len).step_by(S::LANES) {
            // SAFETY: all three are as long.
            unsafe {
                let zero = S::splat(0.0);
                let [z, dy] = [z, dy].map(|values| load_at::<S>(values.as_ptr(), len, at, zero));
                store_at::<S>(dx.as_mut_ptr(), len, at, pieces.gradient::<S>(z, dy));
            }
        }
    }

    #[test]
    fn it_is_the_derivative_of_the_activation_where_lines_meet_too() {
        let rectified = |slope, max| Activation::RectifiedLinear { slope, max, threshold: 0.0 };
        for activation in [
            Activation::Relu,
            Activation::LeakyRelu { slope: 0.2 },
            rectified(0.0, 6.0),
            rectified(0.25, 6.0),
            rectified(0.25, f32::INFINITY),
            Activation::Clip { low: -1.0, high: 2.0 },
            Activation::Clip { low: 0.0, high: 6.0 },
        ] {
            let meets = [-1.0, 0.0, 2.0, 6.0_f32];
            let near = meets.into_iter().flat_map(|at| [at.next_down(), at, at.next_up()]);
            let z: Vec<f32> = near.chain([-0.0, -7.0, 0.5, 7.0, f32::INFINITY, f32::NEG_INFINITY]).collect();
            let dy: Vec<f32> = (0..z.len()).map(|index| index as f32 - 7.5).collect();
            let (mut a, mut expected) = (z.clone(), dy.clone());
            if !activation.derivative_from_input() {
                activations::apply(activation, &mut a);
            }
            activations::backward_in_place(activation, &a, &mut expected);
            let pieces = Pieces::of(activation).expect("straight lines");
            for isa in Isa::available() {
                let mut dx = vec![f32::NAN; z.len()];
                // SAFETY: all three are as long; the instruction set is one of this machine's.
                unsafe { each(isa, pieces, &z, &dy, &mut dx) };
                assert_eq!(dx, expected, "{isa:?} {activation:?} at {z:?}");
            }
        }
        for activation in [Activation::Silu, Activation::HardSigmoid, Activation::Linear] {
            assert!(Pieces::of(activation).is_none(), "{activation:?}");
        }
    }
}
