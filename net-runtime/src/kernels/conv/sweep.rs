//! A window that slides over an image, as products: a row of the window covers one run of floats of the image (channels
//! last), so the inner axis is a segment for each row of the window, read where the image lies. No patch matrix is made;
//! where the window leaves the image, a band of it is copied with zeros around.

use std::ops::Range;

use crate::kernels::axis::{Axis, Strides};
use crate::kernels::elementwise::activations::apply_part;
use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::elementwise::quick::Quick;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::microkernel::{Layout, Product, Segment};
use crate::kernels::simd::Isa;
use crate::tensor::activation::Activation;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// Bands that a batch is cut into at least, if they do not become too small.
pub(in crate::kernels::conv) const BANDS: usize = 16;

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

impl From<Axis> for Sweep {
    fn from(Axis { input, output, size, stride, dilation, padding }: Axis) -> Self {
        Self { input, output, taps: size, start: -(padding as isize), stride, dilation }
    }
}

impl Sweep {
    /// Positions that some outputs cover: the first one, and how many.
    pub fn covered(self, outputs: Range<usize>) -> (isize, usize) {
        let reach = self.taps.saturating_sub(1) * self.dilation + 1;
        let first = self.start + (outputs.start * self.stride) as isize;
        (first, (outputs.len().max(1) - 1) * self.stride + reach)
    }

    /// The position of a tap, which may be outside.
    pub fn position(self, output: usize, tap: usize) -> isize {
        self.start + (output * self.stride + tap * self.dilation) as isize
    }

    /// The taps of an output that are inside the input.
    pub fn inside(self, output: usize) -> Range<usize> {
        let first_at = |position: isize| {
            let distance = (position - self.position(output, 0)).max(0) as usize;
            distance.div_ceil(self.dilation).min(self.taps)
        };
        first_at(0)..first_at(self.input as isize)
    }

    /// The outputs whose taps are all inside the input.
    pub fn whole(self) -> Range<usize> {
        let last = self.position(0, self.taps.saturating_sub(1));
        let first = ((-self.start).max(0) as usize).div_ceil(self.stride).min(self.output);
        let count = (self.input as isize - last).max(0) as usize;
        first..count.div_ceil(self.stride).clamp(first, self.output)
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
    /// How its pixels lie.
    pub strides: Strides,
}

impl Window {
    /// Runs of the window: neighbouring taps of a row are one, unless they are dilated; all rows are if the image is no wider than they are,
    /// as steps are.
    fn runs(&self) -> Runs {
        let Self { rows, columns, channels, .. } = *self;
        if columns.dilation > 1 {
            Runs { rows: rows.taps, of_row: columns.taps, len: channels }
        } else if rows.dilation == 1 && columns.output == 1 && columns.input == columns.taps {
            Runs { rows: rows.taps.min(1), of_row: 1, len: rows.taps * columns.taps * channels }
        } else {
            Runs { rows: rows.taps, of_row: 1, len: columns.taps * channels }
        }
    }

    /// How many segments the inner axis of the products has, and how long each is.
    pub fn segments(&self) -> [usize; 2] {
        let Runs { rows, of_row, len } = self.runs();
        [rows * of_row, len]
    }

    /// Floats that [`band`](Self::band) needs for so many rows of outputs.
    pub fn scratch(&self, rows: usize) -> usize {
        self.scratch_of_part(rows, self.columns.output)
    }

    /// Floats that [`part`](Self::part) needs for so many rows and columns of outputs.
    pub fn scratch_of_part(&self, rows: usize, columns: usize) -> usize {
        if self.is_read_where_it_lies(0..self.rows.output, 0..self.columns.output) {
            return 0;
        }
        product(&[self.rows.covered(0..rows).1, self.columns.covered(0..columns).1, self.channels])
    }

    /// Rows of a band, so many or more: the windows of two bands overlap, and where bands are copied it pays to copy that seldom. At least
    /// so many bands are left of `n` images, and a copy stays in a near cache.
    pub fn rows_of_band(&self, n: usize, rows: usize) -> usize {
        let (Sweep { stride, output, .. }, (_, height)) = (self.rows, self.rows.covered(0..1));
        let overlap = height.saturating_sub(stride);
        let line = self.scratch(1) / height;
        if line == 0 || overlap == 0 {
            return rows;
        }
        let seldom = (SELDOM * overlap).div_ceil(stride);
        let near = (COPY / line).saturating_sub(overlap) / stride;
        rows.max(seldom.min(near).min(n.saturating_mul(output) / BANDS)).min(output.max(rows))
    }

    /// Whether what some outputs cover can be read from the image: it has no border of zeros there, and channels are all
    /// that there is between two pixels.
    fn is_read_where_it_lies(&self, rows: Range<usize>, columns: Range<usize>) -> bool {
        self.strides.pixel == self.channels && self.rows.stays_inside(rows) && self.columns.stays_inside(columns)
    }

    /// What some rows of outputs cover, from the first tap of the first output on, and the length of a line of it: a part
    /// of the image, or a copy with zeros around.
    pub fn band<'a>(&self, image: &'a [f32], outputs: Range<usize>, scratch: &'a mut [f32]) -> (&'a [f32], usize) {
        self.part(image, outputs, 0..self.columns.output, scratch)
    }

    /// The same of some columns of outputs.
    pub fn part<'a>(
        &self,
        image: &'a [f32],
        rows: Range<usize>,
        columns: Range<usize>,
        scratch: &'a mut [f32],
    ) -> (&'a [f32], usize) {
        let (top, height) = self.rows.covered(rows.clone());
        let (left, width) = self.columns.covered(columns.clone());
        if self.is_read_where_it_lies(rows, columns) {
            return (&image[self.strides.at(0, top as usize, left as usize)..], self.strides.line);
        }
        let line = width * self.channels;
        let padded = &mut scratch[..height * line];
        self.copy_with_zeros(image, [top, left], padded, line);
        (padded, line)
    }

    /// A part of the image that begins at `[top, left]`, with zeros where it is outside.
    fn copy_with_zeros(&self, image: &[f32], [top, left]: [isize; 2], padded: &mut [f32], line: usize) {
        let channels = self.channels;
        let width = (line / channels) as isize;
        let before = (-left).clamp(0, width);
        let end = (self.columns.input as isize - left).clamp(before, width);
        for (row, target) in padded.chunks_exact_mut(line).enumerate() {
            let row = top + row as isize;
            if row < 0 || row >= self.rows.input as isize || before == end {
                target.fill(0.0);
                continue;
            }
            let source = &image[self.strides.at(0, row as usize, (left + before) as usize)..];
            let (before, end) = (before as usize * channels, end as usize * channels);
            target[..before].fill(0.0);
            let inside = &mut target[before..end];
            if self.strides.pixel == channels {
                inside.copy_from_slice(&source[..end - before]);
            } else {
                let pixels = inside.chunks_exact_mut(channels).zip(source.chunks(self.strides.pixel));
                pixels.for_each(|(pixel, source)| pixel.copy_from_slice(&source[..channels]));
            }
            target[end..].fill(0.0);
        }
    }
}

/// How many times as much as it has in common with its neighbour a copied band is to have.
const SELDOM: usize = 4;

/// Floats of a copied band, if it is made larger for that.
const COPY: usize = 32 << 10;

/// Where the pixels of some rows are: the first one, and how far apart two rows are, and neighbours of a row.
#[derive(Clone, Copy)]
pub(super) struct Places {
    pub first: usize,
    pub row: usize,
    pub column: usize,
}

impl Places {
    /// Those of a result whose first pixel is the first one here.
    pub fn of(strides: Strides) -> Self {
        Self { first: 0, row: strides.line, column: strides.pixel }
    }
}

/// The pixels of some rows: where each is read, and where it goes, row by row. Neither a division nor a product is made for each, which would take
/// as long as all of its multiply-adds with few channels.
#[derive(Clone, Copy)]
struct Pixels {
    places: [Places; 2],
    /// Rows with this one, and columns of each.
    rows: usize,
    columns: usize,
    /// The next one of this row.
    column: usize,
    next: [usize; 2],
}

impl Pixels {
    fn new([rows, columns]: [usize; 2], places: [Places; 2]) -> Self {
        let rows = if columns == 0 { 0 } else { rows };
        Self { places, rows, columns, column: 0, next: places.map(|places| places.first) }
    }
}

impl Iterator for Pixels {
    type Item = (usize, usize);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rows == 0 {
            return None;
        }
        let [from, to] = self.next;
        let [of_from, of_to] = self.places;
        self.column += 1;
        self.next = [from + of_from.column, to + of_to.column];
        if self.column == self.columns {
            (self.rows, self.column) = (self.rows - 1, 0);
            self.next = [of_from.first + of_from.row, of_to.first + of_to.row];
            [self.places[0].first, self.places[1].first] = self.next;
        }
        Some((from, to))
    }
}

/// Rows of a window that one product can have; more of them add up.
const SEGMENTS: usize = 64;

/// Neighbours in the image that a window covers.
struct Runs {
    /// Rows of them.
    rows: usize,
    /// How many each row has.
    of_row: usize,
    /// Floats of each.
    len: usize,
}

/// A convolution of one image with packed weights.
#[derive(Clone, Copy)]
pub(super) struct Convolution<'a> {
    pub isa: Isa,
    pub window: Window,
    /// The weights: rows (tap row, tap column, channel), a column for each filter.
    pub weights: &'a [f32],
    /// How they lie: packed, or transposed.
    pub layout: Layout,
    /// Number of filters.
    pub filters: usize,
    pub write: Store,
    pub epilogue: Epilogue<'a>,
}

impl Convolution<'_> {
    /// Rows of the packed weights.
    pub fn inner(&self) -> usize {
        self.window.segments().into_iter().product()
    }

    /// Floats that [`band`](Self::band) needs for so many rows of outputs.
    pub fn scratch(&self, rows: usize) -> usize {
        self.window.scratch(rows) + self.sums(rows)
    }

    /// Floats of the results of so many rows, if they cannot be summed up where they go: a mask is there.
    fn sums(&self, rows: usize) -> usize {
        match self.write {
            Store::Mask if self.window.segments()[0] > SEGMENTS => rows * self.window.columns.output * self.filters,
            Store::Set | Store::Add | Store::Mask => 0,
        }
    }

    /// Computes some rows of outputs: each pixel into `filters` floats of `y`.
    pub fn band(&self, image: &[f32], outputs: Range<usize>, y: &mut [f32], places: Places, scratch: &mut [f32]) {
        let Window { rows, columns, channels, .. } = self.window;
        let (sums, scratch) = scratch.split_at_mut(self.sums(outputs.len()));
        let (image, line) = self.window.band(image, outputs.clone(), scratch);
        let from = Places { first: 0, row: rows.stride * line, column: columns.stride * channels };
        let pixels = |to: Places| Pixels::new([outputs.len(), columns.output], [from, to]);
        if sums.is_empty() {
            return self.pixels(image, line, pixels(places), y);
        }
        let own = Self { write: Store::Set, ..*self };
        let beside = Places { first: 0, row: columns.output * self.filters, column: self.filters };
        own.pixels(image, line, pixels(beside), sums);
        for (sums, (_, to)) in sums.chunks_exact(self.filters).zip(pixels(places)) {
            put(self.write, &mut y[to..][..self.filters], sums.iter().copied());
        }
    }

    /// Computes pixels: each from what begins at the first number, into `filters` floats at the second.
    fn pixels(&self, image: &[f32], line: usize, pixels: Pixels, y: &mut [f32]) {
        let Self { isa, window, weights, layout, filters, write, epilogue } = *self;
        let Window { rows, columns, channels, .. } = window;
        let Runs { of_row: runs, len, .. } = window.runs();
        let [segments, _] = window.segments();
        let at_once = segments <= SEGMENTS;
        let mut product = Product {
            a: image,
            segments: &[],
            len,
            step: 1,
            b: weights,
            layout,
            inner: segments * len,
            columns: filters,
            bias: if at_once { epilogue.bias } else { None },
            quick: if at_once { epilogue.quick() } else { Quick::Linear },
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
            Product { segments: &table[..count], ..product }.compute_at(isa, pixels, y);
            (product.write, product.bias) = (Store::Add, None);
            first += SEGMENTS;
        }
        let rest = if at_once { Epilogue { bias: None, activation: epilogue.slow() } } else { epilogue };
        if rest.bias.is_some() {
            let bias = Epilogue { activation: Activation::Linear, ..rest };
            pixels.for_each(|(_, to)| bias.apply(0..filters, &mut y[to..to + filters]));
        }
        if rest.activation != Activation::Linear {
            // Pixels that follow each other are worked on together: a vector of few filters is nearly empty.
            let mut together = 0..0;
            for (_, to) in pixels {
                if to != together.end {
                    apply_part(rest.activation, &mut y[together]);
                    together = to..to;
                }
                together.end += filters;
            }
            apply_part(rest.activation, &mut y[together]);
        }
    }
}
