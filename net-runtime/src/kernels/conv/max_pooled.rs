//! Outputs of a convolution that are seen only through a pool by maximum of 2x2 pixels. Of every four pixels the largest
//! value goes on, and a byte says which of them it was. So a band of outputs is pooled while it is in the cache, and the
//! gradient by it is made where it is read: neither is ever in the main memory, where they would be four times as long.

use std::ops::Range;

use crate::kernels::axis::Strides;
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::parallel;
use crate::tensor::exact::product;

/// Pixels that one value is the largest of, each way.
pub(crate) const SIDE: usize = 2;

/// Where the outputs of a convolution go.
pub(crate) enum Outputs<'a> {
    /// All of them.
    Whole(&'a mut [f32]),
    /// Of each 2x2 pixels the largest value, without a last odd row or column.
    Pooled {
        y: &'a mut [f32],
        /// Which of the four it was, in row-major order, if anybody asks: the first one among equals.
        choices: Option<&'a mut [u8]>,
    },
}

impl<'a> From<&'a mut [f32]> for Outputs<'a> {
    fn from(y: &'a mut [f32]) -> Self {
        Self::Whole(y)
    }
}

/// The gradient by the outputs of a convolution.
#[derive(Clone, Copy)]
pub(crate) enum Upstream<'a> {
    /// By all of them.
    Whole(&'a [f32]),
    /// By what has gone on of them.
    Pooled { dy: &'a [f32], choices: &'a [u8] },
}

impl<'a> From<&'a [f32]> for Upstream<'a> {
    fn from(dy: &'a [f32]) -> Self {
        Self::Whole(dy)
    }
}

/// Sizes of the outputs of a convolution: `[height, width, channels]`.
pub(crate) type Size = [usize; 3];

/// How the pooled pixels lie.
pub(crate) fn pooled_strides([height, width, channels]: Size) -> Strides {
    Strides::contiguous([height / SIDE, width / SIDE, channels])
}

impl<'a> Upstream<'a> {
    /// Floats that [`lines`](Self::lines) needs for so many rows.
    pub fn scratch(&self, rows: usize, [_, width, channels]: Size) -> usize {
        match self {
            Self::Whole(_) => 0,
            Self::Pooled { .. } => rows * width * channels,
        }
    }

    /// The gradient by the outputs in some rows of an image, an even number of them or all from an even one on; how they lie
    /// is `strides`, which are those of whole outputs without gaps if they are pooled.
    pub fn lines<'b>(
        self,
        (size, strides): (Size, Strides),
        image: usize,
        rows: Range<usize>,
        memory: &'b mut [f32],
    ) -> &'b [f32]
    where
        'a: 'b,
    {
        match self {
            Self::Whole(dy) => &dy[strides.at(image, rows.start, 0)..],
            Self::Pooled { dy, choices } => {
                let lines = &mut memory[..rows.len() * strides.line];
                spread(size, (dy, choices), image, rows, lines);
                lines
            }
        }
    }

    /// The same for whole images.
    pub fn images<'b>(self, (size, strides): (Size, Strides), images: Range<usize>, memory: &'b mut [f32]) -> &'b [f32]
    where
        'a: 'b,
    {
        match self {
            Self::Whole(dy) => &dy[images.start * strides.image..],
            Self::Pooled { dy, choices } => {
                let all = &mut memory[..images.len() * strides.image];
                // Pairs of lines, and a last one without a pair.
                let pairs = size[0].div_ceil(SIDE);
                let start = |part: usize| part / pairs * strides.image + part % pairs * SIDE * strides.line;
                let threads = parallel::elements_pay(all.len());
                let parts = images.len() * pairs;
                parallel::for_each_part(threads, parts, &start, &mut *all, (&mut [], 0), &|part, lines, _| {
                    let first = part % pairs * SIDE;
                    let rows = first..size[0].min(first + SIDE);
                    spread(size, (dy, choices), images.start + part / pairs, rows, lines);
                });
                all
            }
        }
    }
}

/// Writes the gradient by the outputs in some rows: it goes to those whose value has gone on.
fn spread(size: Size, (dy, choices): (&[f32], &[u8]), image: usize, rows: Range<usize>, lines: &mut [f32]) {
    let (isa, [height, width, channels], pooled) = (Isa::current(), size, pooled_strides(size));
    assert!(rows.start.is_multiple_of(SIDE), "a band begins between two rows that were pooled together");
    let (line, two) = (width * channels, product(&[SIDE, width, channels]));
    for (index, lines) in lines.chunks_mut(two).take(rows.len().div_ceil(SIDE)).enumerate() {
        let row = rows.start / SIDE + index;
        if row >= height / SIDE {
            lines.fill(0.0);
            continue;
        }
        let from = pooled.at(image, row, 0);
        let (dy, choices) = (&dy[from..from + pooled.line], &choices[from..from + pooled.line]);
        assert_eq!(lines.len(), two);
        for lines in lines.chunks_exact_mut(line) {
            lines[width / SIDE * SIDE * channels..].fill(0.0);
        }
        // SAFETY: two lines of pixels, and one of their pooled pixels with as many choices; an `Isa` is one of this machine.
        unsafe { spread_line(isa, dy, choices.as_ptr(), channels, lines.as_mut_ptr(), line) }
    }
}

/// Pools whole images.
pub(super) fn pool_images(size: Size, whole: &[f32], y: &mut [f32], mut choices: Option<&mut [u8]>) {
    let pooled = pooled_strides(size).image;
    for (index, whole) in whole.chunks_exact(product(&size)).enumerate() {
        let place = index * pooled..(index + 1) * pooled;
        let choices = choices.as_deref_mut().map(|choices| &mut choices[place.clone()]);
        pool(size, whole, &mut y[place], choices);
    }
}

/// Pools some rows of outputs, two at a time.
pub(super) fn pool([_, width, channels]: Size, lines: &[f32], y: &mut [f32], mut choices: Option<&mut [u8]>) {
    let (isa, line, two) = (Isa::current(), width * channels, product(&[SIDE, width, channels]));
    let pooled = width / SIDE * channels;
    for (index, lines) in lines.chunks_exact(two).enumerate() {
        let y = &mut y[index * pooled..][..pooled];
        let choices = choices.as_deref_mut().map(|choices| choices[index * pooled..][..pooled].as_mut_ptr());
        // SAFETY: two lines of pixels, and room for one line of pooled pixels and their choices.
        unsafe { pool_line(isa, lines.as_ptr(), line, channels, y, choices) }
    }
}

dispatch! {
    /// Pools two lines of pixels into one.
    unsafe fn pool_line(
        lines: *const f32,
        line: usize,
        channels: usize,
        y: &mut [f32],
        choices: Option<*mut u8>,
    ) = pool_line_generic
}

#[inline(always)]
unsafe fn pool_line_generic<S: Simd>(
    lines: *const f32,
    line: usize,
    channels: usize,
    y: &mut [f32],
    choices: Option<*mut u8>,
) {
    for (pixel, y) in y.chunks_exact_mut(channels).enumerate() {
        let from = lines.wrapping_add(pixel * SIDE * channels);
        for at in (0..channels).step_by(S::LANES) {
            // SAFETY: the caller has two lines of twice as many pixels, and a choice for each value of `y`.
            unsafe {
                let value = |place: usize| load_at::<S>(from.add(place), channels, at, S::splat(0.0));
                let four = [value(0), value(channels), value(line), value(line + channels)];
                let (largest, choice) = largest_of::<S>(four);
                store_at::<S>(y.as_mut_ptr(), channels, at, largest);
                if let Some(choices) = choices {
                    S::store_bytes(choices.add(pixel * channels + at), channels - at, choice);
                }
            }
        }
    }
}

/// The largest of four values, and the number of the first one that is as large; a NaN is larger than any number.
#[inline(always)]
pub(super) unsafe fn largest_of<S: Simd>(values: [S::Vector; 4]) -> (S::Vector, S::Vector) {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let (mut largest, mut choice) = (values[0], S::splat(0.0));
        for (index, value) in values.into_iter().enumerate().skip(1) {
            // `max` gives the new value where one is a NaN; a NaN that is there already stays.
            let new = S::if_equal(largest, largest, S::max(largest, value), largest);
            let newer = S::if_equal(new, largest, choice, S::splat(index as f32));
            choice = S::if_equal(largest, largest, newer, choice);
            largest = new;
        }
        (largest, choice)
    }
}

dispatch! {
    /// The gradient by two lines of pixels from that by their pooled pixels.
    unsafe fn spread_line(
        dy: &[f32],
        choices: *const u8,
        channels: usize,
        lines: *mut f32,
        line: usize,
    ) = spread_line_generic
}

#[inline(always)]
unsafe fn spread_line_generic<S: Simd>(dy: &[f32], choices: *const u8, channels: usize, lines: *mut f32, line: usize) {
    for (pixel, dy) in dy.chunks_exact(channels).enumerate() {
        let to = lines.wrapping_add(pixel * SIDE * channels);
        for at in (0..channels).step_by(S::LANES) {
            // SAFETY: the caller has two lines of twice as many pixels, and a choice for each value of `dy`.
            unsafe {
                let dy = load_at::<S>(dy.as_ptr(), channels, at, S::splat(0.0));
                let choice = S::load_bytes(choices.add(pixel * channels + at), channels - at);
                for (index, place) in [0, channels, line, line + channels].into_iter().enumerate() {
                    let gradient = S::if_equal(choice, S::splat(index as f32), dy, S::splat(0.0));
                    store_at::<S>(to.add(place), channels, at, gradient);
                }
            }
        }
    }
}
