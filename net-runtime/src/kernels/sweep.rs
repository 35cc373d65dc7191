//! A window that slides over an image, as products: a row of the window covers one run of floats of the image (channels
//! last), so the inner axis is a segment for each row of the window, read where the image lies. No patch matrix is made;
//! where the window leaves the image, a band of it is copied with zeros around.

use std::ops::Range;

use super::epilogue::Epilogue;
use super::simd::Isa;
use super::tile::{Layout, Product, Segment};
use crate::Write;
use crate::activations::Activation;

/// One axis of a sliding window: tap t of output o lies at position `start + o * stride + t * dilation`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweep {
    pub input: usize,
    pub output: usize,
    pub taps: usize,
    pub start: isize,
    pub stride: usize,
    pub dilation: usize,
}

impl Sweep {
    /// Positions that some outputs cover: the first one, and how many.
    pub fn covered(self, outputs: Range<usize>) -> (isize, usize) {
        let reach = self.taps.saturating_sub(1) * self.dilation + 1;
        let first = self.start + (outputs.start * self.stride) as isize;
        (first, (outputs.len().max(1) - 1) * self.stride + reach)
    }

    /// Whether no output covers anything outside the input.
    fn stays_inside(self, outputs: Range<usize>) -> bool {
        let (first, count) = self.covered(outputs);
        first >= 0 && first as usize + count <= self.input
    }
}

/// A window that slides over both axes of an image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub rows: Sweep,
    pub columns: Sweep,
    /// Channels of the image.
    pub channels: usize,
}

impl Window {
    /// Floats that [`band`](Self::band) needs for so many rows of outputs.
    pub fn scratch(&self, rows: usize) -> usize {
        let (all_rows, all_columns) = (0..self.rows.output, 0..self.columns.output);
        if self.rows.stays_inside(all_rows) && self.columns.stays_inside(all_columns.clone()) {
            return 0;
        }
        self.rows.covered(0..rows).1 * self.columns.covered(all_columns).1 * self.channels
    }

    /// What some rows of outputs cover, from the first tap of the first output on, and the length of a line of it: a part
    /// of the image, or a copy with zeros around.
    pub fn band<'a>(&self, image: &'a [f32], outputs: Range<usize>, scratch: &'a mut [f32]) -> (&'a [f32], usize) {
        let Self { rows, columns, channels } = *self;
        let across = 0..columns.output;
        let (top, height) = rows.covered(outputs.clone());
        let (left, width) = columns.covered(across.clone());
        if rows.stays_inside(outputs) && columns.stays_inside(across) {
            let line = columns.input * channels;
            return (&image[top as usize * line + left as usize * channels..], line);
        }
        let line = width * channels;
        let padded = &mut scratch[..height * line];
        self.copy_with_zeros(image, [top, left], padded, line);
        (padded, line)
    }

    /// A part of the image that begins at `[top, left]`, with zeros where it is outside.
    fn copy_with_zeros(&self, image: &[f32], [top, left]: [isize; 2], padded: &mut [f32], line: usize) {
        let channels = self.channels;
        let source_line = self.columns.input * channels;
        let width = (line / channels) as isize;
        let before = (-left).clamp(0, width);
        let end = (self.columns.input as isize - left).clamp(before, width);
        for (row, target) in padded.chunks_exact_mut(line).enumerate() {
            let row = top + row as isize;
            if row < 0 || row >= self.rows.input as isize || before == end {
                target.fill(0.0);
                continue;
            }
            let source = &image[row as usize * source_line + (left + before) as usize * channels..];
            let (before, end) = (before as usize * channels, end as usize * channels);
            target[..before].fill(0.0);
            target[before..end].copy_from_slice(&source[..end - before]);
            target[end..].fill(0.0);
        }
    }
}

/// Rows of a window that one product can have; more of them add up.
const SEGMENTS: usize = 64;

/// A convolution of one image with packed weights.
#[derive(Clone, Copy)]
pub(super) struct Convolution<'a> {
    pub isa: Isa,
    pub window: Window,
    /// The weights, packed: rows (tap row, tap column, channel), a column for each filter.
    pub weights: &'a [f32],
    /// Number of filters.
    pub filters: usize,
    pub write: Write,
    pub epilogue: Epilogue<'a>,
}

impl Convolution<'_> {
    /// Computes some rows of outputs: pixel (row, column) into `filters` floats of `y` at `to(row, column)`.
    pub fn band(
        &self,
        image: &[f32],
        outputs: Range<usize>,
        y: &mut [f32],
        to: impl Fn(usize, usize) -> usize,
        scratch: &mut [f32],
    ) {
        let Window { rows, columns, channels } = self.window;
        let (image, line) = self.window.band(image, outputs.clone(), scratch);
        let pixel = |index: usize| (index / columns.output, index % columns.output);
        let from = |index: usize| {
            let (row, column) = pixel(index);
            row * rows.stride * line + column * columns.stride * channels
        };
        let to = |index: usize| {
            let (row, column) = pixel(index);
            to(outputs.start + row, column)
        };
        self.pixels(image, line, outputs.len() * columns.output, from, y, to);
    }

    /// Computes so many pixels, number i from what begins at `from(i)`, into `filters` floats at `to(i)`.
    fn pixels(
        &self,
        image: &[f32],
        line: usize,
        pixels: usize,
        from: impl Fn(usize) -> usize,
        y: &mut [f32],
        to: impl Fn(usize) -> usize,
    ) {
        let Self { isa, window, weights, filters, write, epilogue } = *self;
        let Window { rows, columns, channels } = window;
        // Neighbouring taps of a row are one run, unless they are dilated.
        let (runs, len) = if columns.dilation == 1 { (1, columns.taps * channels) } else { (columns.taps, channels) };
        let segments = rows.taps * runs;
        let relu = epilogue.activation == Activation::Relu;
        let mut product = Product {
            a: image,
            segments: &[],
            len,
            step: 1,
            b: weights,
            layout: Layout::Packed,
            inner: segments * len,
            columns: filters,
            bias: if segments <= SEGMENTS { epilogue.bias } else { None },
            relu: relu && segments <= SEGMENTS,
            write,
        };
        let mut first = 0;
        while first < segments || first == 0 {
            let count = SEGMENTS.min(segments - first);
            let mut table = [Segment::default(); SEGMENTS];
            for (index, segment) in table.iter_mut().take(count).enumerate() {
                let (row, run) = ((first + index) / runs, (first + index) % runs);
                segment.a = row * rows.dilation * line + run * columns.dilation * channels;
                segment.b = (first + index) * len;
            }
            Product { segments: &table[..count], ..product }.compute(isa, pixels, &from, y, &to);
            (product.write, product.bias) = (Write::Add, None);
            first += SEGMENTS;
        }
        let rest = match segments <= SEGMENTS {
            true if relu => return,
            true => Epilogue { bias: None, ..epilogue },
            false => epilogue,
        };
        if rest.bias.is_some() || rest.activation != Activation::Linear {
            (0..pixels).map(to).for_each(|to| rest.apply(0..filters, &mut y[to..to + filters]));
        }
    }
}
