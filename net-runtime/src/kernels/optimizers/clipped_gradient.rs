//! Gradients whose limits are applied while they are read.

use std::ops::Range;

use crate::kernels::elementwise::flush::{CARRIED, flush};
use crate::kernels::gemm::factors::Source;
use crate::kernels::gemm::sizes::PIECE;
use crate::parallel;

/// The gradient of a piece that no row of a batch touches: it stays in the nearest cache, while the one in memory is not read.
static NOTHING: [f32; PIECE] = [0.0; PIECE];

/// The gradient of one parameter, with the limits of the [`Settings`](crate::optimizers::Settings) applied as it is read: no copy is
/// made.
#[derive(Clone, Copy, Debug)]
pub struct ClippedGradient<'a> {
    source: Source<'a>,
    scale: f32,
    limit: f32,
}

/// Work on a part of a gradient, and on the same part of several slices.
type Work<'a, const N: usize> = dyn Fn(ClippedGradient<'_>, [&mut [f32]; N]) + Sync + 'a;

impl<'a> ClippedGradient<'a> {
    /// Elements multiplied by `scale`.
    pub(crate) fn scaled(source: Source<'a>, scale: f32) -> Self {
        Self { source, scale, limit: f32::INFINITY }
    }

    /// Elements kept within ±`limit`.
    pub(crate) fn limited(source: Source<'a>, limit: f32) -> Self {
        Self { source, scale: 1.0, limit }
    }

    /// Calls `work(gradient, pieces)` for parts of the gradient and the same parts of several slices as long as it, such as
    /// the parameter and its moments, on all threads if they are long.
    ///
    /// # Panics
    ///
    /// If the slices have other lengths.
    pub fn for_each_piece<const N: usize>(self, slices: [&mut [f32]; N], work: &Work<N>) {
        match self.source {
            Source::Values(_) => parallel::for_each_piece(slices, &|first, pieces| {
                let len = pieces.first().map_or(0, |piece| piece.len());
                work(self.slice(first..first + len), pieces);
            }),
            Source::Product(factors) => factors.for_each_piece(slices, &|product, pieces| {
                work(ClippedGradient { source: Source::Values(product), ..self }, pieces);
            }),
            Source::Rows { values, width, touched } => parallel::for_each_piece(slices, &|first, slices| {
                let mut slices = slices.map(|slice| slice.chunks_mut(NOTHING.len()));
                let mut first = first;
                loop {
                    let pieces = slices.each_mut().map(Iterator::next);
                    let Some(Some(piece)) = pieces.first() else { return };
                    let end = first + piece.len();
                    let is_touched = touched.meets(first / width, (end - 1) / width);
                    let values = if is_touched { &values[first..end] } else { &NOTHING[..piece.len()] };
                    let pieces = pieces.map(|piece| piece.expect("all slices have as many pieces"));
                    work(ClippedGradient { source: Source::Values(values), ..self }, pieces);
                    first = end;
                }
            }),
        }
    }

    /// The elements, unclipped.
    #[track_caller]
    fn values(&self) -> &'a [f32] {
        match self.source {
            Source::Values(values) | Source::Rows { values, .. } => values,
            Source::Product(_) => panic!("an optimizer that is `ELEMENTWISE` reads gradients by `for_each_piece`"),
        }
    }

    /// A range of the elements.
    ///
    /// # Panics
    ///
    /// If the range goes beyond the elements, as slicing does; and as [`iter`](Self::iter).
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self { source: Source::Values(&self.values()[range]), ..*self }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The clipped elements in row-major order; one below 1e-30 is 0.
    ///
    /// # Panics
    ///
    /// In an optimizer that has said to be [`ELEMENTWISE`](crate::optimizers::Optimizer::ELEMENTWISE), outside of
    /// [`for_each_piece`](Self::for_each_piece): the elements may not be there yet.
    #[inline(always)]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = f32> + use<'a> {
        let (scale, limit) = (self.scale, self.limit);
        // Without clipping all is the identity to the bit, for any but the least numbers, and costs nothing beside the memory that a step moves.
        self.values().iter().map(move |&value| {
            let scaled = flush(value, CARRIED) * scale;
            if scaled > limit {
                limit
            } else if scaled < -limit {
                -limit
            } else {
                scaled
            }
        })
    }
}

impl<'a> From<&'a [f32]> for ClippedGradient<'a> {
    /// A gradient as it is.
    fn from(values: &'a [f32]) -> Self {
        Self::scaled(Source::Values(values), 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::rows::RowSet;

    #[test]
    fn rows_that_nothing_touches_are_zero_in_every_piece() {
        // Rows that begin within a piece and end in the next; the last one; so many elements that threads share them.
        for (rows, width) in [(3, 1), (5000, 7), (2, 9000), (300, 1000)] {
            let mut touched = RowSet::default();
            touched.reset(rows);
            let mut values = vec![0.0; rows * width];
            for row in [0, rows / 2, rows - 1] {
                touched.insert(row as u32);
                values[row * width..][..width].fill(row as f32 + 1.0);
            }
            let source = Source::Rows { values: &values, width, touched: &touched };
            let mut found = vec![f32::NAN; rows * width];
            ClippedGradient::scaled(source, 2.0).for_each_piece([&mut found], &|piece, [found]| {
                found.iter_mut().zip(piece.iter()).for_each(|(place, value)| *place = value);
            });
            let expected: Vec<f32> = values.iter().map(|value| 2.0 * value).collect();
            assert_eq!(found, expected, "{rows} x {width}");
        }
    }
}
