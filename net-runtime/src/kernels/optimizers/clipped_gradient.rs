//! Gradients whose limits are applied while they are read.

use std::ops::Range;

use crate::kernels::gemm::factors::Source;
use crate::parallel;

/// The gradient of one parameter, with the limits of the [`Settings`](crate::optimizers::Settings) applied as it is read: no copy is
/// made.
#[derive(Clone, Copy, Debug)]
pub struct ClippedGradient<'a> {
    source: Source<'a>,
    scale: f32,
    limit: f32,
}

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
    pub fn for_each_piece<const N: usize>(
        self,
        slices: [&mut [f32]; N],
        work: &(impl Fn(ClippedGradient<'_>, [&mut [f32]; N]) + Sync),
    ) {
        match self.source {
            Source::Values(_) => parallel::for_each_piece(slices, &|first, pieces| {
                let len = pieces.first().map_or(0, |piece| piece.len());
                work(self.slice(first..first + len), pieces);
            }),
            Source::Product(factors) => factors.for_each_piece(slices, &|product, pieces| {
                work(ClippedGradient { source: Source::Values(product), ..self }, pieces);
            }),
        }
    }

    /// The elements, unclipped.
    #[track_caller]
    fn values(&self) -> &'a [f32] {
        match self.source {
            Source::Values(values) => values,
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

    /// The clipped elements in row-major order.
    ///
    /// # Panics
    ///
    /// In an optimizer that has said to be [`ELEMENTWISE`](crate::optimizers::Optimizer::ELEMENTWISE), outside of
    /// [`for_each_piece`](Self::for_each_piece): the elements may not be there yet.
    #[inline(always)]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = f32> + use<'a> {
        let (scale, limit) = (self.scale, self.limit);
        // Without clipping both are the identity to the bit, and cost nothing beside the memory that a step moves.
        self.values().iter().map(move |&value| {
            let scaled = value * scale;
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
