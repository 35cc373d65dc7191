//! Terms that weights and activities add to the loss.

use crate::kernels::terms::{orthogonal, sums};
use crate::tensor::exact::product;
use crate::tensor::param::Write;

/// A term of the loss that is computed from a tensor. See [`regularizers`](crate::regularizers).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regularizer(Kind);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Sums { l1: f32, l2: f32 },
    Orthogonal { factor: f32, vectors: Vectors },
}

/// Which vectors of a matrix [`orthogonal`] compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vectors {
    /// Its rows.
    Rows,
    /// Its columns.
    Columns,
}

/// `factor · Σ |w|`, which makes weights zero (lasso); Keras's `L1`.
///
/// Written `l1(l1 = 0.01)` in `network!`.
pub const fn l1(factor: f32) -> Regularizer {
    l1_l2(factor, 0.0)
}

/// `factor · Σ w²`, which makes weights small (ridge); Keras's `L2`. Its gradient is `2 · factor · w`.
///
/// Written `l2(l2 = 0.01)` in `network!`.
pub const fn l2(factor: f32) -> Regularizer {
    l1_l2(0.0, factor)
}

/// `l1 · Σ |w| + l2 · Σ w²`; Keras's `L1L2`.
///
/// Written `l1_l2(l1 = 0.0, l2 = 0.0)` in `network!`.
pub const fn l1_l2(l1: f32, l2: f32) -> Regularizer {
    Regularizer(Kind::Sums { l1, l2 })
}

/// `factor` times the mean magnitude of the cosines between any two rows, or any two columns, of a matrix; Keras's `OrthogonalRegularizer`.
///
/// Written `orthogonal(factor = 0.01, mode = rows)` in `network!`.
pub const fn orthogonal(factor: f32, vectors: Vectors) -> Regularizer {
    Regularizer(Kind::Orthogonal { factor, vectors })
}

impl Regularizer {
    /// The term for a tensor of these dimensions, added up in `f64`.
    ///
    /// # Panics
    ///
    /// If there are not as many values; for [`orthogonal`] also if the tensor is no matrix.
    pub fn value(self, values: &[f32], dims: &[usize]) -> f64 {
        assert_eq!(values.len(), product(dims), "as many values as dimensions say");
        match self.0 {
            Kind::Sums { l1, l2 } => {
                let [magnitudes, squares] = sums::sums(values);
                // A factor of 0 leaves out what may be infinite.
                let term = |factor: f32, sum: f64| if factor == 0.0 { 0.0 } else { f64::from(factor) * sum };
                term(l1, magnitudes) + term(l2, squares)
            }
            Kind::Orthogonal { factor, vectors } => {
                let vectors = matrix(values, dims, vectors);
                f64::from(factor) * orthogonal::sum(vectors) / pairs(vectors)
            }
        }
    }

    /// Its derivative by each value, times `scale`.
    ///
    /// # Panics
    ///
    /// As [`value`](Self::value), and if the gradient has another length.
    pub fn gradient(self, values: &[f32], dims: &[usize], scale: f32, gradient: &mut [f32], write: Write) {
        assert_eq!(values.len(), gradient.len(), "a gradient has as many values");
        match self.0 {
            Kind::Sums { l1, l2 } => sums::gradient(values, [scale * l1, scale * l2], gradient, write),
            Kind::Orthogonal { factor, vectors } => {
                if write == Write::Set {
                    gradient.fill(0.0);
                }
                let vectors = matrix(values, dims, vectors);
                let factor = f64::from(scale) * f64::from(factor) / pairs(vectors);
                orthogonal::add_gradient(vectors, factor as f32, gradient);
            }
        }
    }
}

fn matrix<'a>(values: &'a [f32], dims: &[usize], vectors: Vectors) -> orthogonal::Vectors<'a> {
    let &[rows, columns] = dims else { panic!("`orthogonal` is for a matrix, but this is {dims:?}") };
    orthogonal::Vectors { values, rows, columns, are_columns: vectors == Vectors::Columns }
}

/// The number of ordered pairs.
fn pairs(vectors: orthogonal::Vectors<'_>) -> f64 {
    let count = vectors.count() as f64;
    count * (count - 1.0)
}
