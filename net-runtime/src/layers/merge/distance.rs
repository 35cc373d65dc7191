//! How far two tensors are from each other.

use crate::kernels::distance::{self, Of, Slope};
use crate::kernels::reduce::dot_products::dot_products;
use crate::kernels::simd::Isa;
use crate::layers::check;
use crate::parallel::for_each_rows;
use crate::tensor::param::Store;

/// What a distance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistanceMetric {
    /// √Σ(a − b)²
    Euclidean,
    /// Σ(a − b)²
    Squared,
    /// Σ|a − b|
    Manhattan,
    /// 1 − a · b / (|a| · |b|): 0 for the same direction, 1 at right angles, 2 for opposite directions, and 1 where one of them is 0.
    Cosine,
}

/// The distance of two tensors along the last axis: `[rows, len]` and `[rows, len]` to `[rows, 1]`.
///
/// The gradient of a distance that is 0 is 0, though a euclidean and a manhattan one have none there; so is that of a cosine where
/// one of the rows is 0. PyTorch's `PairwiseDistance` adds 10⁻⁶ to every difference, its `CosineSimilarity` is 1 less the cosine
/// distance.
///
/// # In `network!`
///
/// `Distance(metric = euclidean)`, or `squared`, `manhattan`, `cosine`, on two tensors of one shape: `[.., features]` to `[.., 1]`.
/// There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Far(a: [2], b: [2]) -> (plain: [1], blocks: [1]) {
///         let plain = (a, b) -> Distance;
///         let blocks = (a, b) -> Distance(manhattan);
///     }
/// }
/// let (a, b) = (Batch::zeros(1), Batch::from_vec(vec![3.0, 4.0]).unwrap());
/// let found = Far::new(1).predict(FarInputs { a: a.view(), b: b.view() }).unwrap();
/// assert_eq!((found.plain.data(), found.blocks.data()), (&[5.0][..], &[7.0][..]));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Distance {
    /// Rows of a sample.
    pub rows: usize,
    /// Length of the last axis.
    pub len: usize,
    /// What is computed.
    pub metric: DistanceMetric,
}

impl Distance {
    fn check_operands(&self, n: usize, operands: &[&[f32]]) {
        assert_eq!(operands.len(), 2, "operands of a `Distance`");
        operands.iter().for_each(|operand| check("x", operand, n, &[self.rows, self.len]));
    }

    /// Computes `y` from the operands.
    pub fn forward(&self, n: usize, operands: &[&[f32]], y: &mut [f32]) {
        self.check_operands(n, operands);
        check("y", y, n, &[self.rows]);
        let len = self.len;
        for_each_rows(y, 1, |first, y| {
            let [a, b] = [0, 1].map(|index| &operands[index][first * len..][..y.len() * len]);
            match self.metric {
                DistanceMetric::Squared => distance::sums(Of::Squares, a, b, y),
                DistanceMetric::Manhattan => distance::sums(Of::Magnitudes, a, b, y),
                DistanceMetric::Euclidean => {
                    distance::sums(Of::Squares, a, b, y);
                    y.iter_mut().for_each(|y| *y = y.sqrt());
                }
                DistanceMetric::Cosine => {
                    for ((y, a), b) in y.iter_mut().zip(a.chunks_exact(len)).zip(b.chunks_exact(len)) {
                        let [along, squares @ ..] = products(a, b);
                        let scale = 1.0 / (squares[0].sqrt() * squares[1].sqrt());
                        *y = if squares.contains(&0.0) { 1.0 } else { 1.0 - along * scale };
                    }
                }
            }
        });
    }

    /// Computes the gradient by operand `index`.
    pub fn backward_input(
        &self,
        n: usize,
        index: usize,
        operands: &[&[f32]],
        dy: &[f32],
        dx: &mut [f32],
        store: impl Into<Store>,
    ) {
        self.check_operands(n, operands);
        check("dy", dy, n, &[self.rows]);
        check("dx", dx, n, &[self.rows, self.len]);
        let (len, own, other) = (self.len, operands[index], operands[1 - index]);
        let slope = |row: usize| {
            let (a, b) = (&own[row * len..][..len], &other[row * len..][..len]);
            match self.metric {
                DistanceMetric::Squared => Slope::Difference(2.0 * dy[row]),
                DistanceMetric::Manhattan => Slope::Sign(dy[row]),
                DistanceMetric::Euclidean => {
                    let mut square = [0.0];
                    distance::sums(Of::Squares, a, b, &mut square);
                    Slope::Difference(if square[0] == 0.0 { 0.0 } else { dy[row] / square[0].sqrt() })
                }
                DistanceMetric::Cosine => {
                    let [along, squares @ ..] = products(a, b);
                    if squares.contains(&0.0) {
                        return Slope::Mix([0.0; 2]);
                    }
                    let scale = dy[row] / (squares[0].sqrt() * squares[1].sqrt());
                    Slope::Mix([scale * along / squares[0], -scale])
                }
            }
        };
        distance::gradients(len, [own, other], slope, dx, store.into());
    }
}

/// a · b, a · a and b · b.
fn products(a: &[f32], b: &[f32]) -> [f32; 3] {
    let isa = Isa::current();
    [(a, b), (a, a), (b, b)].map(|(a, b)| {
        let mut product = [0.0];
        dot_products(isa, a.len(), (a, a.len()), (b, b.len()), &mut product);
        product[0]
    })
}
