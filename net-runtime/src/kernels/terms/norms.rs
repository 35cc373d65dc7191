//! Weights whose vectors are kept within a range of lengths.

#![expect(clippy::extra_unused_type_parameters, reason = "the loops are the same for every vector, their code is not")]

use crate::kernels::simd::{Isa, dispatch};

/// What Keras adds to a length that it divides by.
const EPSILON: f64 = 1e-7;

/// Brings the lengths of vectors, which have these axes of a tensor, a part of the way into a range: they become
/// `rate · clip(length, range) + (1 - rate) · length`, times `length / (length + 1e-7)`. `lengths` is memory for one of each vector.
pub(crate) fn limit(
    values: &mut [f32],
    dims: &[usize],
    axes: &[usize],
    [least, most]: [f32; 2],
    rate: f32,
    lengths: &mut Vec<f64>,
) {
    let isa = Isa::current();
    let kept = dims.iter().enumerate().filter(|(axis, _)| !axes.contains(axis)).map(|(_, length)| length);
    lengths.clear();
    lengths.resize(kept.product(), 0.0);
    let of = Axes { dims, axes, first: 0 };
    // SAFETY: the loops are safe; this machine has the instruction set.
    of.walk(values, lengths, &|values, squares| unsafe { add_squares(isa, values, squares) });
    let (least, most, rate) = (f64::from(least), f64::from(most), f64::from(rate));
    for length in &mut *lengths {
        let norm = length.sqrt();
        // Not `clamp`, for which a NaN would do as well, but which panics at a range that is none.
        let desired = rate * norm.max(least).min(most) + (1.0 - rate) * norm;
        *length = desired / (EPSILON + norm);
    }
    // SAFETY: as before.
    of.walk(values, lengths, &|values, factors| unsafe { scale(isa, values, factors) });
}

/// A tensor from some axis on, and the axes that vectors have.
#[derive(Clone, Copy)]
struct Axes<'a> {
    dims: &'a [usize],
    axes: &'a [usize],
    first: usize,
}

impl Axes<'_> {
    /// Calls `work(elements, vectors)` for runs of elements: either each belongs to a vector of its own, or all to one.
    fn walk(self, values: &mut [f32], vectors: &mut [f64], work: &dyn Fn(&mut [f32], &mut [f64])) {
        let Self { dims, axes, first } = self;
        let belongs = |axis: usize| axes.contains(&axis);
        if (first..dims.len()).all(belongs) || !(first..dims.len()).any(belongs) {
            return work(values, vectors);
        }
        let inner = Self { first: first + 1, ..self };
        let each = values.len() / dims[first];
        let parts = values.chunks_exact_mut(each);
        if belongs(first) {
            parts.for_each(|part| inner.walk(part, vectors, work));
        } else {
            let vectors = vectors.chunks_exact_mut(vectors.len() / dims[first]);
            parts.zip(vectors).for_each(|(part, vectors)| inner.walk(part, vectors, work));
        }
    }
}

dispatch! {
    unsafe fn add_squares(values: &mut [f32], squares: &mut [f64]) = add_squares_generic
}

#[inline(always)]
unsafe fn add_squares_generic<S>(values: &mut [f32], squares: &mut [f64]) {
    const LANES: usize = 16;
    if let [squares] = squares {
        let mut lanes = [0.0_f64; LANES];
        for block in values.chunks(LANES) {
            lanes.iter_mut().zip(block).for_each(|(lane, &value)| *lane += f64::from(value) * f64::from(value));
        }
        *squares += lanes.iter().sum::<f64>();
    } else {
        squares.iter_mut().zip(values).for_each(|(sum, &mut value)| *sum += f64::from(value) * f64::from(value));
    }
}

dispatch! {
    unsafe fn scale(values: &mut [f32], factors: &mut [f64]) = scale_generic
}

#[inline(always)]
unsafe fn scale_generic<S>(values: &mut [f32], factors: &mut [f64]) {
    if let [factor] = factors {
        let factor = *factor as f32;
        values.iter_mut().for_each(|value| *value *= factor);
    } else {
        values.iter_mut().zip(factors).for_each(|(value, factor)| *value *= *factor as f32);
    }
}

/// What is negative becomes 0; a NaN stays.
pub(crate) fn non_negative(values: &mut [f32]) {
    // SAFETY: the loop is safe; this machine has the instruction set.
    unsafe { non_negative_all(Isa::current(), values) };
}

dispatch! {
    unsafe fn non_negative_all(values: &mut [f32]) = non_negative_generic
}

#[inline(always)]
unsafe fn non_negative_generic<S>(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = if *value < 0.0 { 0.0 } else { *value });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of the vector that an element belongs to.
    fn vector(mut element: usize, dims: &[usize], axes: &[usize]) -> usize {
        let (mut place, mut size) = (0, 1);
        for (axis, length) in dims.iter().enumerate().rev() {
            if !axes.contains(&axis) {
                place += size * (element % length);
                size *= length;
            }
            element /= length;
        }
        place
    }

    #[test]
    fn lengths_are_those_of_a_naive_loop() {
        let cases: [(&[usize], &[usize]); 10] = [
            (&[7], &[0]),
            (&[5, 3], &[0]),
            (&[5, 3], &[1]),
            (&[5, 3], &[0, 1]),
            (&[3, 2, 5, 20], &[0]),
            (&[3, 2, 5, 20], &[0, 1, 2]),
            (&[3, 2, 5, 20], &[1, 3]),
            (&[3, 2, 5, 20], &[0, 2]),
            (&[2, 1, 33], &[1]),
            (&[4, 1], &[1]),
        ];
        let mut lengths = vec![f64::NAN; 3];
        for (dims, axes) in cases {
            for (range, rate) in [([0.0, 1.5], 1.0), ([1.0, 1.0], 1.0), ([0.5, 2.0], 0.3)] {
                let len = dims.iter().product::<usize>();
                let values: Vec<f32> = (0..len).map(|i| ((i * 7919) % 31) as f32 / 15.0 - 1.0).collect();
                let mut squares = vec![0.0_f64; len];
                for (i, value) in values.iter().enumerate() {
                    squares[vector(i, dims, axes)] += f64::from(*value).powi(2);
                }
                for isa in Isa::available() {
                    let mut found = values.clone();
                    isa.force(|| limit(&mut found, dims, axes, range, rate, &mut lengths));
                    for (i, (found, value)) in found.iter().zip(&values).enumerate() {
                        let norm = squares[vector(i, dims, axes)].sqrt();
                        let (rate, [least, most]) = (f64::from(rate), range.map(f64::from));
                        let desired = rate * norm.clamp(least, most) + (1.0 - rate) * norm;
                        let expected = f64::from(*value) * desired / (norm + 1e-7);
                        assert!((f64::from(*found) - expected).abs() < 1e-6, "{dims:?} {axes:?} {found} {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn zeros_stay_and_so_does_a_nan() {
        let mut values = [0.0, f32::NAN, 0.0, 1.0];
        limit(&mut values, &[2, 2], &[0], [1.0, 1.0], 1.0, &mut Vec::new());
        assert!(values[0] == 0.0 && values[2] == 0.0 && values[1].is_nan(), "{values:?}");
        let mut values = [-1.0, f32::NAN, 0.5, -0.0];
        non_negative(&mut values);
        assert!(values[0] == 0.0 && values[1].is_nan() && values[2] == 0.5, "{values:?}");
    }
}
