//! How far the vectors of a matrix are from being orthogonal: the sum of the magnitudes of the cosines between them.
//!
//! A vector is compared with blocks of others, whose products with it and lengths fit onto the stack: nothing is allocated. With `u` for a
//! vector by its length, the derivative by vector `i` of the sum over all ordered pairs is `2 / |v| · Σ (sign(uᵢ·uⱼ) uⱼ - |uᵢ·uⱼ| uᵢ)`.

#![expect(clippy::extra_unused_type_parameters, reason = "the loops are the same for every vector, their code is not")]

use crate::kernels::simd::{Isa, dispatch};

/// Vectors that one is compared with at once.
const BLOCK: usize = 64;

const LANES: usize = 16;

/// What a length is at least taken for, as Keras does.
const EPSILON: f64 = 1e-7;

/// The vectors of a matrix in row-major order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vectors<'a> {
    pub values: &'a [f32],
    pub rows: usize,
    pub columns: usize,
    /// Whether the vectors are its columns; else they are its rows.
    pub are_columns: bool,
}

impl Vectors<'_> {
    /// How many there are.
    pub(crate) fn count(self) -> usize {
        if self.are_columns { self.columns } else { self.rows }
    }
}

/// The sum over all ordered pairs of vectors.
pub(crate) fn sum(vectors: Vectors<'_>) -> f64 {
    assert_eq!(vectors.values.len(), vectors.rows * vectors.columns);
    // SAFETY: the loop is safe; this machine has the instruction set.
    unsafe { sum_all(Isa::current(), vectors) }
}

dispatch! {
    unsafe fn sum_all(vectors: Vectors<'_>) -> f64 = sum_generic
}

#[inline(always)]
unsafe fn sum_generic<S>(vectors: Vectors<'_>) -> f64 {
    let mut sum = 0.0;
    for i in 0..vectors.count() {
        let inverse = inverse_length(vectors, i);
        for first in (0..vectors.count()).step_by(BLOCK) {
            let (mut products, mut inverses) = ([0.0_f32; BLOCK], [0.0_f32; BLOCK]);
            let others = compare(vectors, i, first, &mut products, &mut inverses);
            let cosines = products[..others].iter().zip(&inverses).map(|(p, other)| f64::from((p * other).abs()));
            sum += f64::from(inverse) * cosines.sum::<f64>();
        }
    }
    sum
}

/// Adds `factor` times the derivative of the [`sum`].
pub(crate) fn add_gradient(vectors: Vectors<'_>, factor: f32, gradient: &mut [f32]) {
    assert!(vectors.values.len() == vectors.rows * vectors.columns && gradient.len() == vectors.values.len());
    // SAFETY: the loop is safe; this machine has the instruction set.
    unsafe { add_gradient_all(Isa::current(), vectors, factor, gradient) };
}

dispatch! {
    unsafe fn add_gradient_all(vectors: Vectors<'_>, factor: f32, gradient: &mut [f32]) = add_gradient_generic
}

#[inline(always)]
unsafe fn add_gradient_generic<S>(vectors: Vectors<'_>, factor: f32, gradient: &mut [f32]) {
    let Vectors { values, rows, columns, are_columns } = vectors;
    for i in 0..vectors.count() {
        let inverse = inverse_length(vectors, i);
        let by = 2.0 * factor * inverse;
        let mut sum = 0.0_f32;
        for first in (0..vectors.count()).step_by(BLOCK) {
            let (mut products, mut inverses) = ([0.0_f32; BLOCK], [0.0_f32; BLOCK]);
            let others = compare(vectors, i, first, &mut products, &mut inverses);
            // What each of the others is multiplied by takes the place of the product with it.
            for (product, other) in products[..others].iter_mut().zip(&inverses) {
                sum += inverse * (*product * other).abs();
                *product = match *product {
                    product if product > 0.0 => by * other,
                    product if product < 0.0 => -by * other,
                    _ => 0.0,
                };
            }
            if are_columns {
                for row in 0..rows {
                    let others = &values[row * columns + first..][..others];
                    let more: f32 = others.iter().zip(&products).map(|(value, by)| value * by).sum();
                    gradient[row * columns + i] += more;
                }
            } else {
                let own = &mut gradient[i * columns..][..columns];
                for (row, by) in values[first * columns..].chunks_exact(columns).zip(&products[..others]) {
                    own.iter_mut().zip(row).for_each(|(own, value)| *own += by * value);
                }
            }
        }
        // A length that is taken for a larger one does not depend on the vector.
        if f64::from(inverse) < 1.0 / EPSILON {
            let by = by * inverse * sum;
            let of = |element: usize| if are_columns { element * columns + i } else { i * columns + element };
            for element in 0..if are_columns { rows } else { columns } {
                gradient[of(element)] -= by * values[of(element)];
            }
        }
    }
}

/// One by the length of a vector.
#[inline(always)]
fn inverse_length(vectors: Vectors<'_>, i: usize) -> f32 {
    let Vectors { values, rows, columns, are_columns } = vectors;
    let (first, step, count) = if are_columns { (i, columns, rows) } else { (i * columns, 1, columns) };
    let squares = (0..count).map(|element| f64::from(values[first + element * step]).powi(2)).sum::<f64>();
    inverse(squares)
}

#[inline(always)]
fn inverse(squares: f64) -> f32 {
    (1.0 / squares.sqrt().max(EPSILON)) as f32
}

/// The products of a vector with the others from `first` on, 0 with itself, and one by their lengths. Returns how many there are.
#[inline(always)]
fn compare(
    vectors: Vectors<'_>,
    i: usize,
    first: usize,
    products: &mut [f32; BLOCK],
    inverses: &mut [f32; BLOCK],
) -> usize {
    let Vectors { values, rows, columns, are_columns } = vectors;
    let others = BLOCK.min(vectors.count() - first);
    if are_columns {
        let mut squares = [0.0_f64; BLOCK];
        for row in 0..rows {
            let own = values[row * columns + i];
            let other = &values[row * columns + first..][..others];
            for ((product, square), other) in products.iter_mut().zip(&mut squares).zip(other) {
                *product += own * other;
                *square += f64::from(*other) * f64::from(*other);
            }
        }
        inverses.iter_mut().zip(squares).for_each(|(place, squares)| *place = inverse(squares));
    } else {
        let own = &values[i * columns..][..columns];
        for (index, other) in values[first * columns..].chunks_exact(columns).take(others).enumerate() {
            let (product, squares) = dot(own, other);
            (products[index], inverses[index]) = (product, inverse(squares));
        }
    }
    if (first..first + others).contains(&i) {
        products[i - first] = 0.0;
    }
    others
}

/// The product of two vectors, and that of the second with itself.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> (f32, f64) {
    let (mut products, mut squares) = ([0.0_f32; LANES], [0.0_f64; LANES]);
    for (a, b) in a.chunks(LANES).zip(b.chunks(LANES)) {
        for (((product, square), a), b) in products.iter_mut().zip(&mut squares).zip(a).zip(b) {
            *product += a * b;
            *square += f64::from(*b) * f64::from(*b);
        }
    }
    (products.iter().sum(), squares.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(values: &[f64], [rows, columns]: [usize; 2], are_columns: bool) -> f64 {
        let vector = |i: usize| -> Vec<f64> {
            match are_columns {
                true => (0..rows).map(|row| values[row * columns + i]).collect(),
                false => values[i * columns..][..columns].to_vec(),
            }
        };
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let count = if are_columns { columns } else { rows };
        let all: Vec<Vec<f64>> = (0..count).map(vector).collect();
        let pairs = (0..count).flat_map(|i| (0..count).filter(move |j| i != *j).map(move |j| (i, j)));
        pairs.map(|(i, j)| (dot(&all[i], &all[j]) / (dot(&all[i], &all[i]) * dot(&all[j], &all[j])).sqrt()).abs()).sum()
    }

    #[test]
    fn sums_and_gradients_are_those_of_a_naive_loop() {
        for [rows, columns] in [[2, 1], [3, 2], [5, 17], [64, 33], [65, 3], [130, 20]] {
            for are_columns in [false, true] {
                let values: Vec<f32> =
                    (0..rows * columns).map(|i| ((i * 7919 + 13) % 103) as f32 / 50.0 - 1.03).collect();
                let exact: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
                let vectors = Vectors { values: &values, rows, columns, are_columns };
                let expected = naive(&exact, [rows, columns], are_columns);
                for isa in Isa::available() {
                    let found = isa.force(|| sum(vectors));
                    assert!(
                        (found - expected).abs() <= 1e-5 * expected.max(1.0),
                        "{rows} {columns} {found} {expected}"
                    );
                    let mut gradient = vec![1.0; values.len()];
                    isa.force(|| add_gradient(vectors, 0.5, &mut gradient));
                    for place in [0, values.len() / 2, values.len() - 1] {
                        let mut moved = exact.clone();
                        moved[place] += 1e-6;
                        let above = naive(&moved, [rows, columns], are_columns);
                        moved[place] -= 2e-6;
                        let below = naive(&moved, [rows, columns], are_columns);
                        let slope = 1.0 + 0.5 * (above - below) / 2e-6;
                        let (found, scale) = (f64::from(gradient[place]), slope.abs().max(1.0));
                        assert!((found - slope).abs() < 2e-3 * scale, "{isa:?} {rows} {columns}: {found} {slope}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_vector_of_zeros_has_no_direction() {
        let values = [0.0, 0.0, 1.0, 2.0];
        let vectors = Vectors { values: &values, rows: 2, columns: 2, are_columns: false };
        assert_eq!(sum(vectors), 0.0);
        let mut gradient = [0.0; 4];
        add_gradient(vectors, 1.0, &mut gradient);
        assert_eq!(gradient, [0.0; 4]);
    }
}
