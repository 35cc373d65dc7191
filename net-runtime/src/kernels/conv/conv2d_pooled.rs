//! A convolution of few channels whose outputs are pooled: four outputs that are pooled together are the rows of one register
//! tile, and only the largest of them leaves the registers.

#![expect(clippy::needless_range_loop, reason = "indices are registers, not places in a list")]

use std::ops::Range;

use super::max_pooled::{SIDE, largest_of};
use super::sweep::Convolution;
use crate::kernels::gemm::epilogue::{Epilogue, finished};
use crate::kernels::gemm::microkernel::Layout;
use crate::kernels::simd::{Simd, dispatch};
use crate::tensor::exact::{product, sum};

/// Outputs that are pooled together.
const FOUR: usize = SIDE * SIDE;

/// Floats of the longest panel of weights, which all pixels read: it stays in the nearest cache.
const PANEL: usize = 8 << 10;

/// Whether a pooled convolution is computed so.
pub(super) fn fits(convolution: &Convolution<'_>) -> bool {
    let Convolution { isa, window, layout, filters, .. } = *convolution;
    let weights = window.rows.taps * window.columns.taps * window.channels;
    layout == Layout::Packed
        && window.columns.dilation == 1
        && filters.is_multiple_of(isa.lanes())
        && weights * isa.tile_columns() <= PANEL
}

/// Computes some rows of outputs, an even number, of which the largest of each 2x2 goes to `y`, and its number to `choices`.
pub(super) fn band(
    convolution: &Convolution<'_>,
    image: &[f32],
    outputs: Range<usize>,
    (y, mut choices): (&mut [f32], Option<&mut [u8]>),
    scratch: &mut [f32],
) {
    let Convolution { isa, window, weights, filters, epilogue, .. } = *convolution;
    let (image, line) = window.band(image, outputs.clone(), scratch);
    let [down, right] = [window.rows.stride * line, window.columns.stride * window.channels];
    let [height, width] = [outputs.len(), window.columns.output].map(|outputs| outputs / SIDE);
    let run = window.columns.taps * window.channels;
    let taps = Taps { rows: window.rows.taps, row: window.rows.dilation * line, run, right, down };
    let inner = product(&[window.rows.taps, window.columns.taps, window.channels]);
    assert!(epilogue.bias.is_none_or(|bias| bias.len() == filters) && weights.len() >= product(&[inner, filters]));
    let pooled = product(&[height, width, filters]);
    assert!(y.len() >= pooled && choices.as_deref().is_none_or(|choices| choices.len() >= pooled));
    // The end of the last tap of the last pixel of a line of pooled pixels.
    let last_pixel = product(&[(SIDE * width).saturating_sub(1), right]);
    let last = sum(&[product(&[taps.rows - 1, taps.row]), down, last_pixel, run]);
    for (first, panel) in (0..filters).step_by(isa.tile_columns()).zip(weights.chunks(inner * isa.tile_columns())) {
        let panel = Panel { weights: panel.as_ptr(), first, width: isa.tile_columns().min(filters - first), epilogue };
        for row in 0..height {
            let image = &image[SIDE * row * down..];
            assert!(width == 0 || image.len() >= last, "a window leaves the image");
            let place = row * width * filters + first;
            let y = y[place..].as_mut_ptr();
            let choices = choices.as_deref_mut().map(|choices| choices[place..].as_mut_ptr());
            // SAFETY: the last input of the last pixel was checked just now, by sums that do not wrap; the panel has `inner` rows of its width, and there is
            // room for the filters of all pixels, as checked above.
            unsafe { pooled_line(isa, image.as_ptr(), &taps, &panel, (width, filters), y, choices) }
        }
    }
}

/// How the taps of a window lie in the image, in floats.
struct Taps {
    rows: usize,
    /// Distance of two rows of taps.
    row: usize,
    /// Neighbours in a row of taps.
    run: usize,
    /// Distance of two outputs of a row, and of two rows of outputs.
    right: usize,
    down: usize,
}

/// A panel of filters.
struct Panel<'a> {
    weights: *const f32,
    first: usize,
    width: usize,
    epilogue: Epilogue<'a>,
}

dispatch! {
    /// Computes a row of so many pooled pixels, which are so far apart.
    unsafe fn pooled_line(
        image: *const f32,
        taps: &Taps,
        panel: &Panel<'_>,
        pixels: (usize, usize),
        y: *mut f32,
        choices: Option<*mut u8>,
    ) = pooled_line_generic
}

#[inline(always)]
unsafe fn pooled_line_generic<S: Simd>(
    image: *const f32,
    taps: &Taps,
    panel: &Panel<'_>,
    pixels: (usize, usize),
    y: *mut f32,
    choices: Option<*mut u8>,
) {
    // SAFETY: the caller has a panel of so many vectors.
    unsafe {
        match panel.width / S::LANES {
            1 => pooled_pixels::<S, 1>(image, taps, panel, pixels, y, choices),
            2 => pooled_pixels::<S, 2>(image, taps, panel, pixels, y, choices),
            3 if S::VECTORS > 2 => pooled_pixels::<S, 3>(image, taps, panel, pixels, y, choices),
            _ if S::VECTORS > 2 => pooled_pixels::<S, 4>(image, taps, panel, pixels, y, choices),
            _ => unreachable!("a panel is no wider than a tile"),
        }
    }
}

#[inline(always)]
unsafe fn pooled_pixels<S: Simd, const N: usize>(
    image: *const f32,
    taps: &Taps,
    panel: &Panel<'_>,
    (pixels, distance): (usize, usize),
    y: *mut f32,
    choices: Option<*mut u8>,
) {
    for pixel in 0..pixels {
        // SAFETY: the caller has all inputs of all pixels, and places for them.
        unsafe {
            let corner = image.add(SIDE * pixel * taps.right);
            let mut sums = [[S::splat(0.0); N]; FOUR];
            let mut weights = panel.weights;
            for row in 0..taps.rows {
                let corner = corner.add(row * taps.row);
                let outputs =
                    [corner, corner.add(taps.right), corner.add(taps.down), corner.add(taps.down + taps.right)];
                for at in 0..taps.run {
                    let mut vectors = [S::splat(0.0); N];
                    for (v, vector) in vectors.iter_mut().enumerate() {
                        *vector = S::load(weights.add(v * S::LANES));
                    }
                    for (output, sums) in outputs.into_iter().zip(&mut sums) {
                        let value = S::splat(*output.add(at));
                        for (sum, vector) in sums.iter_mut().zip(vectors) {
                            *sum = S::mul_add(value, vector, *sum);
                        }
                    }
                    weights = weights.add(N * S::LANES);
                }
            }
            for v in 0..N {
                let filter = v * S::LANES;
                let mut four = [sums[0][v], sums[1][v], sums[2][v], sums[3][v]];
                for value in &mut four {
                    *value = finished::<S>(*value, &panel.epilogue, panel.first + filter);
                }
                let (largest, choice) = largest_of::<S>(four);
                let place = pixel * distance + filter;
                S::store(y.add(place), largest);
                if let Some(choices) = choices {
                    S::store_bytes(choices.add(place), S::LANES, choice);
                }
            }
        }
    }
}
