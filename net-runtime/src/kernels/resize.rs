//! Images of another size, channels last: each pixel of the result is a sum of a few of the operand's.

#![expect(clippy::extra_unused_type_parameters, reason = "the loops are the same for every vector, their code is not")]

use std::ops::Range;

use crate::kernels::simd::{Isa, dispatch};
use crate::parallel::for_each_rows;
use crate::tensor::param::Write;

/// Most pixels along one axis that a pixel of the result is computed from.
const TAPS: usize = 4;

/// How factors follow from the distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Nearest,
    Linear,
    Cubic,
}

/// Rows, or columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    pub input: usize,
    pub output: usize,
    pub method: Method,
}

/// Which pixels of the operand, and how much of each.
#[derive(Clone, Copy, Debug, Default)]
struct Taps {
    count: usize,
    pixels: [usize; TAPS],
    factors: [f32; TAPS],
}

impl Taps {
    fn pairs(&self) -> impl Iterator<Item = (usize, f32)> {
        self.pixels.into_iter().zip(self.factors).take(self.count)
    }

    fn push(&mut self, pixel: usize, factor: f32) {
        if factor != 0.0 {
            self.pixels[self.count] = pixel;
            self.factors[self.count] = factor;
            self.count += 1;
        }
    }
}

impl Axis {
    /// Pixels of the result among which all are that are computed from this one, and few others.
    fn readers(self, input: usize) -> Range<usize> {
        // A pixel of the result lies at most so far from those that it is computed from, with one more for rounding.
        let reach = TAPS / 2 + 1;
        let place = |input: usize| input as f32 * self.output as f32 / self.input as f32;
        let end = place(input + 1 + reach).ceil() as usize + 1;
        place(input.saturating_sub(reach)) as usize..end.min(self.output)
    }

    /// What a pixel of the result is computed from.
    fn taps(self, output: usize) -> Taps {
        let scale = self.input as f32 / self.output as f32;
        let last = self.input - 1;
        let centre = (output as f32 + 0.5) * scale;
        let place = centre - 0.5;
        let (below, fraction) = (place.floor(), place - place.floor());
        let mut taps = Taps::default();
        match self.method {
            Method::Nearest => taps.push((centre.floor() as usize).min(last), 1.0),
            Method::Linear => {
                // What is beyond the border is the pixel there.
                let [lower, upper] =
                    [below.max(0.0) as usize, (below + 1.0).max(0.0) as usize].map(|pixel| pixel.min(last));
                if lower == upper {
                    taps.push(lower, 1.0);
                } else {
                    taps.push(lower, 1.0 - fraction);
                    taps.push(upper, fraction);
                }
            }
            Method::Cubic => {
                let near = (fraction * 1024.0).round_ties_even() / 1024.0;
                let factors =
                    [outer_cubic(1.0 + near), inner_cubic(near), inner_cubic(1.0 - near), outer_cubic(2.0 - near)];
                let pixels = (0_u8..).map(|tap| below - 1.0 + f32::from(tap));
                let inside = |pixel: f32| pixel >= 0.0 && pixel <= last as f32;
                let sum: f32 = pixels.clone().zip(factors).filter(|(pixel, _)| inside(*pixel)).map(|(_, f)| f).sum();
                for (pixel, factor) in pixels.zip(factors).filter(|(pixel, _)| inside(*pixel)) {
                    taps.push(pixel as usize, factor / sum);
                }
            }
        }
        taps
    }
}

/// Of Keys's cubic with a = -0.5.
const A: f32 = -0.5;

/// The factor of a pixel at most 1 away.
fn inner_cubic(distance: f32) -> f32 {
    ((A + 2.0) * distance - (A + 3.0)) * distance * distance + 1.0
}

/// The factor of a pixel 1 to 2 away.
fn outer_cubic(distance: f32) -> f32 {
    ((A * distance - 5.0 * A) * distance + 8.0 * A) * distance - 4.0 * A
}

/// An image that gets another size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Image {
    pub rows: Axis,
    pub columns: Axis,
    pub channels: usize,
}

impl Image {
    fn lens(&self) -> [usize; 2] {
        [self.rows.input * self.columns.input * self.channels, self.rows.output * self.columns.output * self.channels]
    }

    /// Computes the images of the new size.
    pub fn forward(&self, x: &[f32], y: &mut [f32]) {
        let (isa, [image, _]) = (Isa::current(), self.lens());
        let row = self.columns.output * self.channels;
        for_each_rows(y, row, |first, y| {
            for (index, y) in y.chunks_exact_mut(row).enumerate() {
                let (sample, row) = ((first + index) / self.rows.output, (first + index) % self.rows.output);
                // SAFETY: the loops are safe; this machine has the instruction set.
                unsafe { forward_row(isa, self, self.rows.taps(row), &x[sample * image..][..image], y) };
            }
        });
    }

    /// Computes the gradient by the images of the old size.
    pub fn backward(&self, dy: &[f32], dx: &mut [f32], write: Write) {
        let (isa, [_, new]) = (Isa::current(), self.lens());
        let row = self.columns.input * self.channels;
        for_each_rows(dx, row, |first, dx| {
            for (index, dx) in dx.chunks_exact_mut(row).enumerate() {
                if write == Write::Set {
                    dx.fill(0.0);
                }
                let (sample, row) = ((first + index) / self.rows.input, (first + index) % self.rows.input);
                // SAFETY: the loops are safe; this machine has the instruction set.
                unsafe { backward_row(isa, self, row, &dy[sample * new..][..new], dx) };
            }
        });
    }
}

dispatch! {
    /// One row of the result.
    unsafe fn forward_row(image: &Image, rows: Taps, x: &[f32], y: &mut [f32]) = forward_row_generic
}

#[inline(always)]
unsafe fn forward_row_generic<S>(image: &Image, rows: Taps, x: &[f32], y: &mut [f32]) {
    let Image { columns, channels, .. } = *image;
    let line = columns.input * channels;
    for (column, y) in y.chunks_exact_mut(channels).enumerate() {
        y.fill(0.0);
        let taps = columns.taps(column);
        for (row, down) in rows.pairs() {
            for (column, right) in taps.pairs() {
                let (x, factor) = (&x[row * line + column * channels..][..channels], down * right);
                y.iter_mut().zip(x).for_each(|(y, x)| *y += factor * x);
            }
        }
    }
}

dispatch! {
    /// Adds the gradient of one row of an image.
    unsafe fn backward_row(image: &Image, row: usize, dy: &[f32], dx: &mut [f32]) = backward_row_generic
}

#[inline(always)]
unsafe fn backward_row_generic<S>(image: &Image, row: usize, dy: &[f32], dx: &mut [f32]) {
    let Image { rows, columns, channels } = *image;
    let line = columns.output * channels;
    for output in rows.readers(row) {
        let taps = rows.taps(output);
        for (_, down) in taps.pairs().filter(|(input, _)| *input == row) {
            for (column, dy) in dy[output * line..][..line].chunks_exact(channels).enumerate() {
                for (column, right) in columns.taps(column).pairs() {
                    let (dx, factor) = (&mut dx[column * channels..][..channels], down * right);
                    dx.iter_mut().zip(dy).for_each(|(dx, dy)| *dx += factor * dy);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_the_adjoint_on_every_instruction_set() {
        for method in [Method::Nearest, Method::Linear, Method::Cubic] {
            for (rows, columns, channels) in [([3, 6], [4, 8], 1), ([5, 3], [7, 4], 3), ([1, 4], [2, 2], 33)] {
                let axis = |[input, output]: [usize; 2]| Axis { input, output, method };
                let image = Image { rows: axis(rows), columns: axis(columns), channels };
                let (n, [old, new]) = (3, image.lens());
                let value = |i: usize| ((i * 37 + 11) % 101) as f32 * 0.02 - 1.0;
                let (x, dy): (Vec<_>, Vec<_>) =
                    ((0..n * old).map(value).collect(), (7..n * new + 7).map(value).collect());
                let dot =
                    |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
                for isa in Isa::available() {
                    let (mut y, mut dx) = (vec![f32::NAN; n * new], vec![f32::NAN; n * old]);
                    isa.force(|| image.forward(&x, &mut y));
                    isa.force(|| image.backward(&dy, &mut dx, Write::Set));
                    let [by_results, by_operands] = [dot(&y, &dy), dot(&x, &dx)];
                    assert!((by_results - by_operands).abs() < 1e-4, "{isa:?} {image:?}: {by_results} {by_operands}");
                    let before = dx.clone();
                    isa.force(|| image.backward(&dy, &mut dx, Write::Add));
                    assert!(dx.iter().zip(&before).all(|(dx, before)| (dx - 2.0 * before).abs() < 1e-4));
                    // Equal pixels stay what they are.
                    isa.force(|| image.forward(&vec![0.75; x.len()], &mut y));
                    assert!(y.iter().all(|y| (y - 0.75).abs() < 1e-6), "{isa:?} {image:?}");
                }
            }
        }
    }
}
