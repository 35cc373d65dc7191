//! Limits to gradients, applied while they are read.

use std::ops::Range;

use crate::parallel;
use crate::parameters::gradient::Source;

/// Which limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Clipping {
    None,
    Value(f32),
    Norm(f32),
    GlobalNorm(f32),
}

/// The gradient of one parameter, with the limits of the [`Settings`](super::Settings) applied as it is read: no copy is
/// made.
#[derive(Clone, Copy, Debug)]
pub struct ClippedGradient<'a> {
    source: Source<'a>,
    scale: f32,
    limit: f32,
}

impl<'a> ClippedGradient<'a> {
    /// Elements multiplied by `scale`.
    pub(super) fn scaled(source: Source<'a>, scale: f32) -> Self {
        Self { source, scale, limit: f32::INFINITY }
    }

    /// Elements kept within ±`limit`.
    pub(super) fn limited(source: Source<'a>, limit: f32) -> Self {
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
    /// In an optimizer that has said to be [`ELEMENTWISE`](super::Optimizer::ELEMENTWISE), outside of
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

/// The sum of squares, in `f64`: over 16 lanes whose order the length alone decides, so that it is the same everywhere.
pub(super) fn sum_of_squares(values: &[f32]) -> f64 {
    const LANES: usize = 16;
    let mut lanes = [0.0_f64; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += f64::from(value) * f64::from(value);
        }
    }
    let rest: f64 = rest.iter().map(|&value| f64::from(value) * f64::from(value)).sum();
    lanes.iter().sum::<f64>() + rest
}

/// By what a gradient of this norm is multiplied so that its norm is at most `limit`.
pub(super) fn scale_to(limit: f32, norm: f64) -> f32 {
    let limit = f64::from(limit);
    if norm > limit { (limit / norm) as f32 } else { 1.0 }
}
