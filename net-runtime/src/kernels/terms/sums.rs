//! Sums of magnitudes and of squares, and their derivatives. The lanes of a sum are fixed, and so are the pieces that are added up: the
//! results are the same to the bit on every instruction set and any number of threads.

#![expect(clippy::extra_unused_type_parameters, reason = "the loops are the same for every vector, their code is not")]

use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::simd::{Isa, dispatch};
use crate::parallel;
use crate::tensor::param::Write;

const LANES: usize = 16;

/// `Σ |v|` and `Σ v²`.
pub(crate) fn sums(values: &[f32]) -> [f64; 2] {
    let isa = Isa::current();
    // SAFETY: the loop is safe; this machine has the instruction set.
    let of_piece = |piece: &[f32]| unsafe { sums_piece(isa, piece) };
    parallel::reduce_pieces(values, &of_piece, &|[a, b], [c, d]| [a + c, b + d])
}

dispatch! {
    unsafe fn sums_piece(values: &[f32]) -> [f64; 2] = sums_generic
}

#[inline(always)]
unsafe fn sums_generic<S>(values: &[f32]) -> [f64; 2] {
    let (mut magnitudes, mut squares) = ([0.0_f64; LANES], [0.0_f64; LANES]);
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for ((magnitude, square), value) in magnitudes.iter_mut().zip(&mut squares).zip(block) {
            let value = f64::from(*value);
            *magnitude += value.abs();
            *square += value * value;
        }
    }
    for ((magnitude, square), value) in magnitudes.iter_mut().zip(&mut squares).zip(rest) {
        let value = f64::from(*value);
        *magnitude += value.abs();
        *square += value * value;
    }
    [magnitudes.iter().sum(), squares.iter().sum()]
}

/// `by_magnitude · sign(v) + by_square · 2v`, where the sign of 0 is 0: the largest factor is none too many for a small number.
pub(crate) fn gradient(values: &[f32], [by_magnitude, by_square]: [f32; 2], gradient: &mut [f32], write: Write) {
    let isa = Isa::current();
    parallel::for_each_piece([gradient], &|first, [gradient]| {
        let values = &values[first..first + gradient.len()];
        // SAFETY: the loop is safe; this machine has the instruction set.
        unsafe { gradient_piece(isa, values, by_magnitude, by_square, gradient, write) };
    });
}

dispatch! {
    unsafe fn gradient_piece(
        values: &[f32],
        by_magnitude: f32,
        by_square: f32,
        gradient: &mut [f32],
        write: Write,
    ) = gradient_generic
}

#[inline(always)]
unsafe fn gradient_generic<S>(values: &[f32], by_magnitude: f32, by_square: f32, gradient: &mut [f32], write: Write) {
    let sign = |value: f32| f32::from(u8::from(value > 0.0)) - f32::from(u8::from(value < 0.0));
    put(write, gradient, values.iter().map(|&value| by_magnitude * sign(value) + by_square * (value + value)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_gradients_are_those_of_a_naive_loop_and_the_same_everywhere() {
        for len in [0, 1, 15, 16, 17, 100, 16_384, 300_001] {
            let values: Vec<f32> = (0..len).map(|i| ((i * 7919) % 101) as f32 / 50.0 - 1.0).collect();
            let first = sums(&values);
            let magnitudes: f64 = values.iter().map(|value| f64::from(value.abs())).sum();
            let squares: f64 = values.iter().map(|value| f64::from(*value).powi(2)).sum();
            for (sum, expected) in first.into_iter().zip([magnitudes, squares]) {
                assert!((sum - expected).abs() <= 1e-9 * expected, "{len}: {sum} {expected}");
            }
            for isa in Isa::available() {
                assert_eq!(isa.force(|| sums(&values)), first, "{isa:?} {len}");
                let mut found = vec![f32::NAN; len];
                isa.force(|| gradient(&values, [0.25, 0.5], &mut found, Write::Set));
                isa.force(|| gradient(&values, [0.25, 0.5], &mut found, Write::Add));
                for (value, found) in values.iter().zip(found) {
                    let sign = if *value == 0.0 { 0.0 } else { value.signum() };
                    assert_eq!(found, 2.0 * (0.25 * sign + value), "{isa:?} {len}");
                }
            }
        }
    }
}
