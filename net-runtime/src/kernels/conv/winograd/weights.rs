//! The gradient of a 3x3 kernel by Winograd's algorithm, the transpose of the forward one: dW = Gᵀ [Σ (Bᵀ x B)ᵀ (A dy Aᵀ)] G,
//! the sum over tiles being a matrix product for each of the 36 points.

#![expect(clippy::needless_range_loop, reason = "indices are rows and columns of registers, not places in a list")]

use super::forward::tile_points;
use super::gradient::GradientTiles;
use super::sizes::{self, POINTS, TILE, end_of_points, pitch, six_by_six};
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::conv::max_pooled::Upstream;
use crate::kernels::conv::sweep::{Sweep, Window};
use crate::kernels::elementwise::quick::Quick;
use crate::kernels::gemm::microkernel::{Layout, Product, Segment};
use crate::kernels::simd::{Isa, Simd, dispatch};
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::tensor::exact::{product, sum};
use crate::tensor::param::Store;

/// Tiles whose points are computed before they are multiplied: a panel of so many rows stays in the first cache, and the
/// sums are read and written seldom.
const TILES: usize = 128;

/// The fewest tiles of a piece of a row, whose points one task computes: where rows are long and whole, there are too few
/// tasks, and threads wait for the last one.
const PIECE: usize = 10;

/// Pieces of rows of tiles that one product can have.
const SEGMENTS: usize = 64;

/// Rows of the sums that a task owns.
const OWNED: usize = 36;

/// Whether the gradient of this kernel can be computed so: the panels of filters are as wide as a register tile, or there is one.
pub(crate) fn applies(isa: Isa, geometry: &Geometry) -> bool {
    let (outputs, tile) = (geometry.outputs, isa.tile_columns());
    sizes::applies(isa, &geometry.window(), outputs) && (outputs.is_multiple_of(tile) || outputs < tile)
}

/// Adds `patches(x)ᵀ · dy` to the gradient, and the pixels of dy to their sums.
pub(crate) fn backward_weights(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    dy: Upstream<'_>,
    (gradient, mut sums_of_dy): (&mut [f32], Option<&mut [f32]>),
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { inputs, outputs, .. } = *geometry;
    let whole = |sweep: Sweep| Sweep { output: sweep.output.next_multiple_of(TILE), ..sweep };
    let window = geometry.window();
    let window = Window { rows: whole(window.rows), columns: whole(window.columns), ..window };
    let (down, across) = (window.rows.output / TILE, window.columns.output / TILE);
    // A unit is a piece of a row of tiles; all have one length.
    let pieces = (1..=across / PIECE).rev().find(|pieces| across.is_multiple_of(*pieces)).unwrap_or(1);
    let piece = across / pieces;
    let units = n * down * pieces;
    let group = (TILES / piece).clamp(1, SEGMENTS).min(units);
    // Distances of points: those of dy hold whole rows of panels, as wide as a register tile.
    let width = isa.tile_columns();
    let of_x = pitch(product(&[piece, inputs]));
    let of_dy = sum(&[product(&[piece, outputs.next_multiple_of(width)]), width]);
    let own = product(&[POINTS, sum(&[of_x, of_dy])]);
    // A unit's scratch memory: a tile at the border, and the sums of its pixels.
    let border = window.scratch_of_part(TILE, TILE);
    let image = border + outputs;
    let summed = sums_of_dy.is_some();
    let outputs_gradient = GradientTiles::new(isa, geometry, dy);
    let Scratch { work, packed, .. } = scratch;
    let (points, memory) = work.take(group * (own + image)).split_at_mut(group * own);
    let of_sums = pitch(product(&[inputs, outputs]));
    let sums = packed.take(POINTS * of_sums);
    let threads = geometry.pays(n);
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
                let (row, begin) = ((first + part) / pieces, (first + part) % pieces * piece);
                let (sample, row) = (row / down, row % down);
                let (x_points, dy_points) = points.split_at_mut(POINTS * of_x);
                assert_eq!(dy_points.len(), POINTS * of_dy);
                let (memory, sums) = memory.split_at_mut(border);
                sums.fill(0.0);
                for index in 0..piece {
                    let tile = begin + index;
                    let (lines, columns) = (row * TILE..(row + 1) * TILE, tile * TILE..(tile + 1) * TILE);
                    // Only tiles at the border are copied, with zeros around.
                    let (corner, line) = window.part(&x[sample * geometry.image.image..], lines, columns, memory);
                    assert!(corner.len() >= six_by_six(line, inputs));
                    let lanes = isa.lanes();
                    // SAFETY: six lines of six pixels begin at the corner, as just checked; point number p of this tile is at `p
                    // * of_x`, its vectors `piece` vectors apart, and the last one ends within the points of the unit, of which
                    // each has `piece` tiles of `inputs`; none of these products wraps.
                    unsafe {
                        let points = x_points[index * lanes..].as_mut_ptr();
                        tile_points(isa, corner.as_ptr(), line, inputs, points, [of_x, piece * lanes]);
                    }
                    // SAFETY: point number p of this tile is at `p * of_dy`, its panels `piece` rows apart, and the last one ends
                    // within the points of the unit, as for x.
                    unsafe {
                        let points = dy_points[index * width..].as_mut_ptr();
                        let sums = summed.then_some(&mut *sums);
                        outputs_gradient.points(sample, [row, tile], points, [of_dy, piece], sums);
                    }
                }
            },
        );
        if let Some(sums) = &mut sums_of_dy {
            for unit in memory.chunks_exact(image).take(count) {
                sums.iter_mut().zip(&unit[border..]).for_each(|(sum, pixels)| *sum += pixels);
            }
        }
        let points = &*points;
        let parts = POINTS * inputs.div_ceil(OWNED);
        let boundary = |part: usize| {
            let (point, block) = (part / inputs.div_ceil(OWNED), part % inputs.div_ceil(OWNED));
            point * of_sums + block * OWNED * outputs
        };
        parallel::for_each_part(threads, parts, &boundary, sums, (&mut [], 0), &|part, sums, _| {
            let (point, block) = (part / inputs.div_ceil(OWNED), part % inputs.div_ceil(OWNED));
            let channels = block * OWNED..inputs.min((block + 1) * OWNED);
            let mut segments = [Segment::default(); SEGMENTS];
            for (unit, segment) in segments.iter_mut().take(count).enumerate() {
                segment.a = unit * own + point * of_x;
                segment.b = (unit * own + POINTS * of_x + point * of_dy) / width;
            }
            let product = Product {
                a: points,
                segments: &segments[..count],
                len: piece,
                step: isa.lanes(),
                b: points,
                layout: if outputs < width { Layout::Rows(width) } else { Layout::Panels(piece) },
                inner: points.len() / width,
                columns: outputs,
                bias: None,
                quick: Quick::Linear,
                write,
            };
            let lanes = isa.lanes();
            let from = |row: usize| {
                let channel = channels.start + row;
                channel / lanes * piece * lanes + channel % lanes
            };
            product.compute(isa, channels.len(), from, sums, |row| row * outputs);
        });
        write = Store::Add;
    }
    let sums = &*sums;
    let mut taps: [&mut [f32]; 9] = [(); 9].map(|()| Default::default());
    for (tap, gradient) in taps.iter_mut().zip(gradient.chunks_exact_mut(inputs * outputs)) {
        *tap = gradient;
    }
    parallel::for_each_piece_of(threads, outputs, taps, &|first, mut taps| {
        assert!(sums[first..].len() >= end_of_points(of_sums, taps[0].len()));
        let gradients = taps.each_mut().map(|tap| tap.as_mut_ptr());
        // SAFETY: sum number p of these elements is at `p * of_sums + first`, the last one ends where the sums do, as just
        // checked; the gradients of all taps have as many elements, whole vectors.
        unsafe { tap_gradients(isa, sums[first..].as_ptr(), of_sums, taps[0].len(), gradients) }
    });
}

dispatch! {
    /// Adds `Gᵀ s G` of 36 sums to the gradients of all nine taps, for so many elements.
    unsafe fn tap_gradients(
        sums: *const f32,
        step: usize,
        len: usize,
        gradients: [*mut f32; 9],
    ) = tap_gradients_generic
}

#[inline(always)]
unsafe fn tap_gradients_generic<S: Simd>(sums: *const f32, step: usize, len: usize, gradients: [*mut f32; 9]) {
    for at in (0..len).step_by(S::LANES) {
        // SAFETY: the caller has 36 sums and nine places for each element.
        unsafe {
            let mut half = [[S::splat(0.0); 3]; 6];
            for column in 0..6 {
                let mut s = [S::splat(0.0); 6];
                for (row, s) in s.iter_mut().enumerate() {
                    *s = S::load(sums.add((row * 6 + column) * step + at));
                }
                half[column] = three_of_six::<S>(s);
            }
            for row in 0..3 {
                let mut s = [S::splat(0.0); 6];
                for column in 0..6 {
                    s[column] = half[column][row];
                }
                for (column, tap) in three_of_six::<S>(s).into_iter().enumerate() {
                    let place = gradients[row * 3 + column].add(at);
                    S::store(place, S::add(S::load(place), tap));
                }
            }
        }
    }
}

/// `Gᵀ s` of six values.
#[inline(always)]
unsafe fn three_of_six<S: Simd>(s: [S::Vector; 6]) -> [S::Vector; 3] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let (near, far) = (S::add(s[1], s[2]), S::add(s[3], s[4]));
        let (near_odd, far_odd) = (S::sub(s[2], s[1]), S::sub(s[3], s[4]));
        let (quarter, sixth, twelfth) = (S::splat(1.0 / 4.0), S::splat(1.0 / 6.0), S::splat(1.0 / 12.0));
        let minus_sixth = S::splat(-1.0 / 6.0);
        [
            S::mul_add(quarter, s[0], S::mul_add(minus_sixth, near, S::mul(S::splat(1.0 / 24.0), far))),
            S::mul_add(sixth, near_odd, S::mul(twelfth, far_odd)),
            S::add(s[5], S::mul_add(minus_sixth, near, S::mul(sixth, far))),
        ]
    }
}
