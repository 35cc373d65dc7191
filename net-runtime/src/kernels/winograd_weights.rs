//! The gradient of a 3x3 kernel by Winograd's algorithm, the transpose of the forward one: dW = Gᵀ [Σ (Bᵀ x B)ᵀ (A dy Aᵀ)] G,
//! the sum over tiles being a matrix product for each of the 36 points.

#![expect(clippy::needless_range_loop, reason = "indices are rows and columns of registers, not places in a list")]

use super::axis::Strides;
use super::conv2d::Geometry;
use super::parallel;
use super::simd::{Isa, Simd, dispatch};
use super::sweep::{Sweep, Window};
use super::tile::{Layout, Product, Segment};
use super::winograd::{self, POINTS, TILE, tile_points};
use crate::{Scratch, Store};

/// Tiles whose points are computed before they are multiplied: a panel of so many rows stays in the first cache, and the
/// sums are read and written seldom.
const TILES: usize = 128;

/// Rows of tiles that one product can have.
const SEGMENTS: usize = 64;

/// Rows of the sums that a task owns.
const OWNED: usize = 36;

/// Whether the gradient of this kernel is computed so.
pub(super) fn fits(isa: Isa, geometry: &Geometry) -> bool {
    winograd::fits(isa, &geometry.window(), geometry.outputs) && geometry.outputs.is_multiple_of(isa.tile_columns())
}

/// Adds `patches(x)ᵀ · dy` to the gradient.
pub(super) fn backward_weights(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    dy: &[f32],
    gradient: &mut [f32],
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { rows, columns, inputs, outputs, result } = *geometry;
    let whole = |sweep: Sweep| Sweep { output: sweep.output.next_multiple_of(TILE), ..sweep };
    let window = geometry.window();
    let window = Window { rows: whole(window.rows), columns: whole(window.columns), ..window };
    let (down, across) = (window.rows.output / TILE, window.columns.output / TILE);
    let units = n * down;
    let group = (TILES / across).clamp(1, SEGMENTS).min(units);
    let own = POINTS * across * (inputs + outputs);
    let image = window.scratch(TILE);
    let Scratch { work, packed, .. } = scratch;
    let (points, memory) = work.take(group * (own + image)).split_at_mut(group * own);
    let sums = packed.take(POINTS * inputs * outputs);
    let threads = parallel::pays(geometry.multiply_adds(n));
    let size = rows.input * columns.input * inputs;
    let mut write = Store::Set;
    for first in (0..units).step_by(group) {
        let count = group.min(units - first);
        let points = &mut points[..count * own];
        parallel::for_each_part(
            threads,
            count,
            &|part| part * own,
            points,
            (memory, image),
            &|part, points, memory| {
                let (sample, row) = ((first + part) / down, (first + part) % down);
                let (image, line) = window.band(&x[sample * size..][..size], row * TILE..(row + 1) * TILE, memory);
                let (of_x, of_dy) = points.split_at_mut(POINTS * across * inputs);
                for tile in 0..across {
                    let corner = &image[tile * TILE * inputs..];
                    assert!(corner.len() >= 5 * line + 6 * inputs);
                    // SAFETY: six lines of six pixels begin at the corner, as just checked; point number p of this tile is at `p
                    // * across * inputs`, and the last one ends within the points of the row.
                    unsafe {
                        let points = of_x[tile * inputs..].as_mut_ptr();
                        tile_points(isa, corner.as_ptr(), line, inputs, points, across * inputs);
                    }
                    let exists = [TILE.min(rows.output - row * TILE), TILE.min(columns.output - tile * TILE)];
                    let place = result.at(sample, row * TILE, tile * TILE);
                    let end = result.at(0, exists[0] - 1, exists[1] - 1) + outputs;
                    let pixels = &dy[place..place + end];
                    // SAFETY: every pixel that exists is among `pixels`; point number p of this tile is at `p * across *
                    // outputs`, its panels `across` rows apart, and the last one ends within the points of the row.
                    unsafe {
                        let points = of_dy[tile * isa.tile_columns()..].as_mut_ptr();
                        gradient_points(isa, pixels.as_ptr(), (result, outputs), exists, points, across);
                    }
                }
            },
        );
        let points = &*points;
        let parts = POINTS * inputs.div_ceil(OWNED);
        let boundary = |part: usize| {
            let (point, block) = (part / inputs.div_ceil(OWNED), part % inputs.div_ceil(OWNED));
            (point * inputs + block * OWNED) * outputs
        };
        parallel::for_each_part(threads, parts, &boundary, sums, (&mut [], 0), &|part, sums, _| {
            let (point, block) = (part / inputs.div_ceil(OWNED), part % inputs.div_ceil(OWNED));
            let channels = block * OWNED..inputs.min((block + 1) * OWNED);
            let width = isa.tile_columns();
            let mut segments = [Segment::default(); SEGMENTS];
            for (row, segment) in segments.iter_mut().take(count).enumerate() {
                segment.a = row * own + point * across * inputs;
                segment.b = (row * own + POINTS * across * inputs + point * across * outputs) / width;
            }
            let product = Product {
                a: points,
                segments: &segments[..count],
                len: across,
                step: inputs,
                b: points,
                layout: Layout::Panels(across),
                inner: 0,
                columns: outputs,
                bias: None,
                relu: false,
                write,
            };
            product.compute(isa, channels.len(), |row| channels.start + row, sums, |row| row * outputs);
        });
        write = Store::Add;
    }
    let sums = &*sums;
    let rows = |part: usize| part * outputs;
    for tap_row in 0..3 {
        let gradient = &mut gradient[tap_row * 3 * inputs * outputs..][..3 * inputs * outputs];
        parallel::for_each_part(threads, 3 * inputs, &rows, gradient, (&mut [], 0), &|part, gradient, _| {
            let (tap_column, channel) = (part / inputs, part % inputs);
            assert!(gradient.len() == outputs);
            // SAFETY: sum number p of this channel is at `p * inputs * outputs`, the last one ends where the sums do; the
            // gradient has as many elements as there are filters, as just checked.
            unsafe {
                let sums = sums[channel * outputs..].as_ptr();
                tap_gradient(isa, sums, inputs * outputs, [tap_row, tap_column], outputs, gradient.as_mut_ptr());
            }
        });
    }
}

dispatch! {
    /// `A dy Aᵀ` of 4x4 pixels, of which some exist, into panels as wide as a tile.
    unsafe fn gradient_points(
        pixels: *const f32,
        size: (Strides, usize),
        exists: [usize; 2],
        points: *mut f32,
        across: usize,
    ) = gradient_points_generic
}

#[inline(always)]
unsafe fn gradient_points_generic<S: Simd>(
    pixels: *const f32,
    (strides, filters): (Strides, usize),
    exists: [usize; 2],
    points: *mut f32,
    across: usize,
) {
    let panel = S::LANES * S::VECTORS;
    let mut filter = 0;
    while filter < filters {
        // SAFETY: the caller has the pixels that exist, and places for 36 points.
        unsafe {
            let mut half = [[S::splat(0.0); 6]; 4];
            for column in 0..exists[1] {
                let mut d = [S::splat(0.0); 4];
                for (row, d) in d.iter_mut().enumerate() {
                    if row < exists[0] {
                        *d = S::load(pixels.add(row * strides.line + column * strides.pixel + filter));
                    }
                }
                half[column] = six_of_four::<S>(d);
            }
            let place = points.add(filter / panel * across * panel + filter % panel);
            for row in 0..6 {
                let y = six_of_four::<S>([half[0][row], half[1][row], half[2][row], half[3][row]]);
                for (column, y) in y.into_iter().enumerate() {
                    S::store(place.add((row * 6 + column) * across * filters), y);
                }
            }
        }
        filter += S::LANES;
    }
}

/// `A d` of four values.
#[inline(always)]
unsafe fn six_of_four<S: Simd>(d: [S::Vector; 4]) -> [S::Vector; 6] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let (even, odd) = (S::add(d[0], d[2]), S::add(d[1], d[3]));
        let far_even = S::mul_add(S::splat(4.0), d[2], d[0]);
        let far_odd = S::mul_add(S::splat(8.0), d[3], S::mul(S::splat(2.0), d[1]));
        [d[0], S::add(even, odd), S::sub(even, odd), S::add(far_even, far_odd), S::sub(far_even, far_odd), d[3]]
    }
}

dispatch! {
    /// Adds one tap of `Gᵀ s G` of 36 sums to the gradient of all filters.
    unsafe fn tap_gradient(
        sums: *const f32,
        step: usize,
        tap: [usize; 2],
        filters: usize,
        gradient: *mut f32,
    ) = tap_gradient_generic
}

/// `Gᵀ`
const TRANSPOSED: [[f32; 6]; 3] = [
    [1.0 / 4.0, -1.0 / 6.0, -1.0 / 6.0, 1.0 / 24.0, 1.0 / 24.0, 0.0],
    [0.0, -1.0 / 6.0, 1.0 / 6.0, 1.0 / 12.0, -1.0 / 12.0, 0.0],
    [0.0, -1.0 / 6.0, -1.0 / 6.0, 1.0 / 6.0, 1.0 / 6.0, 1.0],
];

#[inline(always)]
unsafe fn tap_gradient_generic<S: Simd>(
    sums: *const f32,
    step: usize,
    [row, column]: [usize; 2],
    filters: usize,
    gradient: *mut f32,
) {
    let mut filter = 0;
    while filter < filters {
        // SAFETY: the caller has 36 sums and a place for each filter.
        unsafe {
            let mut sum = S::load(gradient.add(filter));
            for (i, down) in TRANSPOSED[row].into_iter().enumerate() {
                let mut line = S::splat(0.0);
                for (j, right) in TRANSPOSED[column].into_iter().enumerate() {
                    let value = S::load(sums.add((i * 6 + j) * step + filter));
                    line = S::mul_add(S::splat(right), value, line);
                }
                sum = S::mul_add(S::splat(down), line, sum);
            }
            S::store(gradient.add(filter), sum);
        }
        filter += S::LANES;
    }
}
