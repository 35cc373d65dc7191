//! Matrices made orthogonal, about.

use std::cell::Cell;

use super::clipped_gradient::ClippedGradient;
use crate::kernels::gemm::dense;
use crate::kernels::gemm::sizes::Sizes;
use crate::kernels::gemm::transpose::transpose;
use crate::kernels::gemm::weight_gradient;
use crate::memory::mode::Arithmetic;
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::param::{Store, Write};

/// The coefficients of the iteration: its slope at 0 is as large as it can be while what is near 1 stays near 1 (Jordan 2024).
const COEFFICIENTS: [f32; 3] = [3.4445, -4.775, 2.0315];

/// As in Keras, what keeps a quotient finite.
const EPSILON: f64 = 1e-7;

/// What an iteration is computed in: it grows to the largest need and stays.
#[derive(Default)]
struct Memory {
    /// The matrix, its longer side as rows.
    tall: AlignedBuffer,
    /// A matrix of the same size.
    other: AlignedBuffer,
    /// Products of its rows' length on each side.
    gram: AlignedBuffer,
    squared: AlignedBuffer,
    scratch: Option<Scratch>,
}

thread_local! {
    /// Taken while it is in use: a thread that waits for others may begin with another step.
    static MEMORY: Cell<Option<Box<Memory>>> = const { Cell::new(None) };
}

/// Calls `work` with the orthogonal matrix near `shares[0]·momentum + shares[1]·gradient`, in row-major order.
pub(crate) fn orthogonal(
    [rows, columns]: [usize; 2],
    iterations: usize,
    (shares, gradient, momentum): ([f32; 2], ClippedGradient<'_>, &[f32]),
    work: impl FnOnce(&[f32]),
) {
    let mut memory = MEMORY.take().unwrap_or_default();
    let len = rows * columns;
    let Memory { tall, other, gram, squared, scratch } = &mut *memory;
    let scratch = scratch.get_or_insert_with(|| Scratch::new(Arithmetic::Exact));
    let (long, short) = (rows.max(columns), rows.min(columns));
    let (tall, other) = (tall.take(len), other.take(len));
    for ((place, &m), g) in other.iter_mut().zip(momentum).zip(gradient.iter()) {
        *place = g * shares[1] + m * shares[0];
    }
    let norm = other.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
    let factor = (1.0 / (norm + EPSILON)) as f32;
    other.iter_mut().for_each(|x| *x *= factor);
    let is_wide = rows < columns;
    if is_wide {
        transpose(other, rows, tall, rows);
    } else {
        tall.copy_from_slice(other);
    }
    let (gram, squared) = (gram.take(short * short), squared.take(short * short));
    let [a, b, c] = COEFFICIENTS;
    for _ in 0..iterations {
        let of_tall = Sizes { rows: long, inputs: short, outputs: short };
        weight_gradient::backward_weights(of_tall, (&*tall).into(), (&*tall).into(), gram, Write::Set, scratch);
        // A product of equal rows is the same from both sides, so that a transposed factor is the factor itself.
        let of_gram = Sizes { rows: short, inputs: short, outputs: short };
        dense::backward_input(of_gram, gram, gram, (&mut *squared).into(), Store::Set, scratch);
        for (square, &gram) in squared.iter_mut().zip(&*gram) {
            *square = b * gram + c * *square;
        }
        dense::backward_input(of_tall, squared, tall, (&mut *other).into(), Store::Set, scratch);
        let other = &*other;
        parallel::for_each_piece([tall], &|first, [tall]| {
            for (x, &product) in tall.iter_mut().zip(&other[first..]) {
                *x = a * *x + product;
            }
        });
    }
    if is_wide {
        transpose(tall, columns, other, columns);
        work(other);
    } else {
        work(tall);
    }
    MEMORY.set(Some(memory));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The iteration in `f64`, in plain loops.
    fn naive(matrix: &[f32], [rows, columns]: [usize; 2]) -> Vec<f64> {
        let norm = matrix.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt() + 1e-7;
        let mut x: Vec<f64> = matrix.iter().map(|&x| f64::from(x) / norm).collect();
        let [a, b, c] = COEFFICIENTS.map(f64::from);
        for _ in 0..5 {
            let gram = |i: usize, j: usize| (0..columns).map(|k| x[i * columns + k] * x[j * columns + k]).sum::<f64>();
            let g: Vec<f64> = (0..rows * rows).map(|at| gram(at / rows, at % rows)).collect();
            let square = |i: usize, j: usize| (0..rows).map(|k| g[i * rows + k] * g[k * rows + j]).sum::<f64>();
            let p: Vec<f64> = (0..rows * rows).map(|at| b * g[at] + c * square(at / rows, at % rows)).collect();
            let product = |i: usize, j: usize| (0..rows).map(|k| p[i * rows + k] * x[k * columns + j]).sum::<f64>();
            x = (0..rows * columns).map(|at| a * x[at] + product(at / columns, at % columns)).collect();
        }
        x
    }

    #[test]
    fn it_is_the_iteration_for_matrices_of_any_sides() {
        for [rows, columns] in [[1, 1], [3, 4], [4, 3], [1, 9], [9, 1], [16, 16], [33, 70], [70, 33], [130, 20]] {
            let numbers = |salt: usize| -> Vec<f32> {
                (0..rows * columns).map(|i| ((i * 7919 + salt) % 1009) as f32 / 504.5 - 1.0).collect()
            };
            let (gradient, momentum) = (numbers(1), numbers(500));
            let sum: Vec<f32> = gradient.iter().zip(&momentum).map(|(g, m)| g + 0.9 * m).collect();
            let expected = naive(&sum, [rows, columns]);
            let mut found = Vec::new();
            orthogonal([rows, columns], 5, ([0.9, 1.0], gradient[..].into(), &momentum), |update| {
                found.extend_from_slice(update);
            });
            for (found, expected) in found.iter().zip(&expected) {
                assert!((f64::from(*found) - expected).abs() < 2e-4, "{rows} x {columns}: {found} for {expected}");
            }
        }
    }

    #[test]
    fn nothing_stays_nothing() {
        orthogonal([3, 2], 5, ([0.9, 1.0], [0.0; 6][..].into(), &[0.0; 6]), |update| assert_eq!(update, [0.0; 6]));
    }
}
