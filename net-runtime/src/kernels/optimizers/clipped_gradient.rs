//! Gradients whose limits are applied while they are read.

use std::ops::Range;

use crate::kernels::elementwise::flush::{CARRIED, flush, flush_vector};
use crate::kernels::gemm::factors::Source;
use crate::kernels::gemm::sizes::PIECE;
use crate::kernels::simd::Simd;
use crate::parallel;

/// The gradient of a piece that no row of a batch touches: it stays in the nearest cache, while the one in memory is not read.
static NOTHING: [f32; PIECE] = [0.0; PIECE];

/// The gradient of one parameter, with the limits of the [`Settings`](crate::optimizers::Settings) applied as it is read: no copy is
/// made.
#[derive(Clone, Copy, Debug)]
pub struct ClippedGradient<'a> {
    source: Source<'a>,
    clip: Clip,
}

/// Work on a part of a gradient, and on the same part of several slices.
type Work<'a, const N: usize> = dyn Fn(ClippedGradient<'_>, [&mut [f32]; N]) + Sync + 'a;

impl<'a> ClippedGradient<'a> {
    /// Elements multiplied by `scale`.
    pub(crate) fn scaled(source: Source<'a>, scale: f32) -> Self {
        Self { source, clip: Clip { scale, limit: f32::INFINITY } }
    }

    /// Elements kept within ±`limit`.
    pub(crate) fn limited(source: Source<'a>, limit: f32) -> Self {
        Self { source, clip: Clip { scale: 1.0, limit } }
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

    /// Whether no element is scaled or limited.
    pub(super) fn is_as_it_is(&self) -> bool {
        self.clip.scale == 1.0 && self.clip.limit == f32::INFINITY
    }

    /// The elements as they are, and what becomes of them.
    #[inline(always)]
    pub(super) fn parts(&self) -> (&'a [f32], Clip) {
        (self.values(), self.clip)
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
        let (values, clip) = self.parts();
        // Without clipping all is the identity to the bit, for any but the least numbers, and costs nothing beside the memory that a step moves.
        values.iter().map(move |&value| clip.of(value))
    }
}

/// What becomes of the elements of a gradient as they are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clip {
    scale: f32,
    limit: f32,
}

impl Clip {
    /// An element.
    #[inline(always)]
    fn of(self, value: f32) -> f32 {
        let Self { scale, limit } = self;
        let scaled = flush(value, CARRIED) * scale;
        if scaled > limit {
            limit
        } else if scaled < -limit {
            -limit
        } else {
            scaled
        }
    }

    /// A vector of them, of which some are to be scaled or limited unless all are as they are.
    #[inline(always)]
    pub unsafe fn of_vector<S: Simd, const CLIP: bool>(self, values: S::Vector) -> S::Vector {
        // SAFETY: the caller has the instruction set.
        unsafe {
            let values = flush_vector::<S>(values, CARRIED);
            if !CLIP {
                return values;
            }
            // Of a NaN both are the second.
            let scaled = S::mul(values, S::splat(self.scale));
            S::max(S::splat(-self.limit), S::min(S::splat(self.limit), scaled))
        }
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
    use crate::kernels::simd::{Isa, dispatch};
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

    dispatch! {
        unsafe fn vectors(gradient: ClippedGradient<'_>, all: &mut [f32]) = vectors_generic
    }

    #[inline(always)]
    unsafe fn vectors_generic<S: Simd>(gradient: ClippedGradient<'_>, all: &mut [f32]) {
        let (values, clip) = gradient.parts();
        for (values, all) in values.chunks_exact(S::LANES).zip(all.chunks_exact_mut(S::LANES)) {
            // SAFETY: both are whole vectors.
            unsafe { S::store(all.as_mut_ptr(), clip.of_vector::<S, true>(S::load(values.as_ptr()))) }
        }
    }

    #[test]
    fn vectors_are_the_elements() {
        let mut values: Vec<f32> = (0..80).map(|i| (i as f32 - 40.0) * 0.1).collect();
        for (place, odd) in values.iter_mut().zip([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-31, -1e-31, 1e-29]) {
            *place = odd;
        }
        let source = Source::Values(&values);
        for gradient in [ClippedGradient::scaled(source, 0.3), ClippedGradient::limited(source, 1.5)] {
            let expected: Vec<u32> = gradient.iter().map(f32::to_bits).collect();
            for isa in Isa::available() {
                let mut found = vec![f32::NAN; 80];
                // SAFETY: the instruction set comes from `Isa::available`.
                unsafe { vectors(isa, gradient, &mut found) };
                assert_eq!(found.into_iter().map(f32::to_bits).collect::<Vec<_>>(), expected, "{isa:?}");
            }
        }
    }
}
