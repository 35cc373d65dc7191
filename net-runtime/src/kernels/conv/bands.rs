//! Bands of images and groups of them, as tasks.

use std::ops::Range;

use super::geometry::Geometry;
use super::max_pooled::{self, Outputs, SIDE, Size, Upstream, pooled_strides};
use super::sweep::BANDS;
use crate::kernels::axis::Strides;
use crate::memory::scratch::Scratch;
use crate::parallel::slots::Slots;
use crate::parallel::{self, Cut};
use crate::tensor::aligned::AlignedBuffer;

/// Places of pooled pixels, and of their choices if anybody asks.
pub(super) type Pooled<'a> = (&'a mut [f32], Option<&'a mut [u8]>);

/// Work on some rows of an image: their part of y, and scratch.
type Work<'a> = dyn Fn(usize, Range<usize>, &mut [f32], &mut [f32]) + Sync + 'a;

/// The same on what is cut alike.
type WorkOf<'a, V> = dyn Fn(usize, Range<usize>, V, &mut [f32]) + Sync + 'a;

/// Work on some images: their part of what is cut alike, and scratch.
type WorkOnImages<'a, V> = dyn Fn(Range<usize>, V, &mut [f32]) + Sync + 'a;

/// Pixels of a band that one task computes at once.
const BAND: usize = 192;

/// How many times as many rows a band may have, to make halves equal.
const MUCH: usize = 3;

/// The fewest pixels of a band.
const FEWEST: usize = 24;

/// Floats of a group of images whose outputs' gradients are made where they are read: they stay in the last cache.
pub(crate) const GROUP_FLOATS: usize = 1 << 20;

/// Rows of a band, of `height` rows of `width` pixels in each of `n` images.
pub(super) fn band_rows(n: usize, height: usize, width: usize) -> usize {
    let wanted = (n * height * width / BANDS).clamp(FEWEST, BAND);
    let bands = (height * width).div_ceil(wanted).min(height);
    let rows = height.div_ceil(bands.max(1)).max(1);
    if n > 1 {
        return rows;
    }
    // Of one image there are few: the smallest bands whose larger half of two is smallest, or three of eight rows would be five and three.
    let most = MUCH * rows;
    (rows..=most)
        .filter(|&rows| rows == 1 || rows * width <= BAND)
        .min_by_key(|&rows| half(height, rows))
        .unwrap_or(rows)
}

/// Rows that one of two threads gets of so many in bands of some, if they take one after the other.
fn half(height: usize, band: usize) -> usize {
    let (bands, rest) = (height / band, height % band);
    bands / 2 * band + if bands.is_multiple_of(2) { rest } else { band }
}

/// Cuts `n` images of `height` rows into bands of so many, an even number if they are pooled, and calls `work(image, rows, their
/// part of y, scratch)` for each, with `chunk` floats of scratch. A part of y begins with the first row of its band, and may
/// end behind the last.
pub(super) fn for_each_band(
    threads: bool,
    n: usize,
    (size, strides): (Size, Strides),
    band: usize,
    y: Outputs<'_>,
    (memory, chunk): (&mut AlignedBuffer, usize),
    work: &Work,
) {
    match y {
        Outputs::Whole(y) => {
            let start = |image: usize, row: usize| strides.at(image, row, 0);
            cut_into_bands(threads, (n, size[0], band), &start, y, (memory, chunk), work);
        }
        Outputs::Pooled { y, choices } => {
            let lines = band * strides.line;
            let memory = (memory, lines + chunk);
            for_each_pooled_band(threads, n, size, band, (y, choices), memory, &|image, rows, part, scratch| {
                let (lines, scratch) = scratch.split_at_mut(lines);
                let lines = &mut lines[..rows.len() * strides.line];
                work(image, rows, lines, scratch);
                let (y, choices) = part;
                max_pooled::pool(size, lines, y, choices);
            });
        }
    }
}

/// The same where `work` pools its rows by itself, and is given the places of the pooled pixels and of their choices.
pub(super) fn for_each_pooled_band<'a>(
    threads: bool,
    n: usize,
    size: Size,
    band: usize,
    pooled: Pooled<'a>,
    memory: (&mut AlignedBuffer, usize),
    work: &WorkOf<Pooled<'a>>,
) {
    let strides = pooled_strides(size);
    let start = |image: usize, row: usize| strides.at(image, row / SIDE, 0);
    cut_into_bands(threads, (n, size[0], band), &start, pooled, memory, work);
}

/// The same for what is cut at `start(image, row)`.
fn cut_into_bands<V: Cut>(
    threads: bool,
    (n, height, band): (usize, usize, usize),
    start: &(dyn Fn(usize, usize) -> usize + Sync),
    y: V,
    (memory, chunk): (&mut AlignedBuffer, usize),
    work: &WorkOf<V>,
) {
    let bands = height.div_ceil(band);
    let units = n * bands;
    let start = |unit: usize| start(unit / bands, (unit % bands * band).min(height));
    let slots = Slots::new(threads, units, memory, chunk);
    parallel::for_each_part_of(threads, units, &start, y, (&mut [], 0), &|unit, y, _| {
        let row = unit % bands * band;
        slots.with(|scratch| work(unit / bands, row..height.min(row + band), y, scratch));
    });
}

/// Calls `work(images, their part of y, scratch)` for so many images at once, of which each has `image` elements of y, with `chunk` floats
/// of scratch.
pub(super) fn for_each_few_images<V: Cut>(
    threads: bool,
    (n, together): (usize, usize),
    image: usize,
    y: V,
    (memory, chunk): (&mut AlignedBuffer, usize),
    work: &WorkOnImages<V>,
) {
    let units = n.div_ceil(together);
    let slots = Slots::new(threads, units, memory, chunk);
    let start = |unit: usize| unit * together * image;
    parallel::for_each_part_of(threads, units, &start, y, (&mut [], 0), &|unit, y, _| {
        let images = unit * together..n.min((unit + 1) * together);
        slots.with(|scratch| work(images, y, scratch));
    });
}

/// Calls `work(images, the gradient by all of their outputs, scratch)`: for all images at once if that lies somewhere, and
/// otherwise for groups of them, of whose outputs it has room in the cache that all threads share.
pub(super) fn for_each_group(
    geometry: &Geometry,
    n: usize,
    dy: Upstream<'_>,
    scratch: &mut Scratch,
    mut work: impl FnMut(Range<usize>, &[f32], &mut Scratch),
) {
    let dy = match dy {
        Upstream::Whole(dy) => return work(0..n, dy, scratch),
        Upstream::Pooled { .. } => dy,
    };
    let (size, strides) = (geometry.size(), geometry.result);
    let group = (GROUP_FLOATS / strides.image.max(1)).clamp(1, n.max(1));
    let mut memory = std::mem::take(&mut scratch.spread);
    for first in (0..n).step_by(group) {
        let images = first..n.min(first + group);
        let dy = dy.images((size, strides), images.clone(), memory.take(group * strides.image));
        work(images, dy, scratch);
    }
    scratch.spread = memory;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_image_is_cut_into_equal_halves() {
        for (side, rows) in [(1, 1), (3, 3), (5, 3), (6, 3), (7, 3), (8, 4), (10, 5), (12, 2), (24, 2), (48, 3)] {
            assert_eq!(band_rows(1, side, side), rows, "{side}");
        }
        assert_eq!(band_rows(1, 7, 1), 7);
        assert_eq!(band_rows(1, 4, 1000), 1);
        assert_eq!(band_rows(32, 8, 8), 8);
        assert_eq!(band_rows(1, 0, 5), 1);
    }
}
