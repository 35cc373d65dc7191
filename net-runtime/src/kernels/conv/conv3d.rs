//! Convolutions of volumes: for each row of taps along the depth, a convolution of planes, which adds up in the result. The planes
//! of a sample that such a row moves over, and those of the result that they count for, are images that lie so far apart.
//!
//! So a result is read and written once for each row of taps, and a gradient cannot take the place of its activation.

use std::ops::Range;

use super::geometry::Geometry as PlaneGeometry;
use super::{conv2d, conv2d_weights};
use crate::kernels::axis::{Axis, Strides};
use crate::kernels::gemm::epilogue::Epilogue;
use crate::memory::packed::Portion;
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::tensor::activation::Activation;
use crate::tensor::exact::product;
use crate::tensor::param::{Param, Store, Write};

/// Everything a convolution of volumes depends on but the number of samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub depth: Axis,
    /// That of a plane.
    pub plane: PlaneGeometry,
}

/// A row of taps along the depth, over a sample: the planes of which it makes those of the result.
struct Row {
    /// Its number.
    tap: usize,
    planes: PlaneGeometry,
    /// How many planes.
    count: usize,
    /// Where they begin in the input, and in the result.
    input: usize,
    result: usize,
}

impl Geometry {
    /// That of volumes `[depth, height, width, channels]`.
    pub fn new(depth: Axis, [rows, columns]: [Axis; 2], inputs: usize, outputs: usize) -> Self {
        depth.check();
        Self { depth, plane: PlaneGeometry::dense([rows, columns], inputs, outputs) }
    }

    /// Floats of a sample, of the input and of the result.
    fn samples(&self) -> [usize; 2] {
        let Self { depth, plane } = self;
        [product(&[depth.input, plane.image.image]), product(&[depth.output, plane.result.image])]
    }

    /// Weights of a row of taps.
    fn weights(&self) -> usize {
        product(&[self.plane.patch(), self.plane.outputs])
    }

    /// Calls `work` for all rows of taps of a sample that move over any planes.
    fn for_each_row(&self, sample: usize, mut work: impl FnMut(Row)) {
        let Self { depth, plane } = *self;
        let [input, result] = self.samples();
        for tap in 0..depth.size {
            let outputs: Range<usize> = depth.outputs(tap, 0..depth.input);
            let Some(first) = depth.position(outputs.start, tap).filter(|_| !outputs.is_empty()) else { continue };
            let apart = Strides { image: product(&[depth.stride, plane.image.image]), ..plane.image };
            work(Row {
                tap,
                planes: PlaneGeometry { image: apart, ..plane },
                count: outputs.len(),
                input: sample * input + first * plane.image.image,
                result: sample * result + outputs.start * plane.result.image,
            });
        }
    }

    /// The weights of a row of taps.
    fn portion<'a>(&self, kernel: &'a Param, tap: usize) -> Portion<'a> {
        let len = self.weights();
        Portion::new(kernel, tap, &kernel.values()[tap * len..][..len])
    }
}

/// What becomes of sums that are complete.
fn finish(values: &mut [f32], channels: usize, epilogue: Epilogue<'_>) {
    if epilogue.bias.is_some() || epilogue.activation != Activation::Linear {
        parallel::for_each_rows(values, channels, |_, rows| epilogue.apply_rows(rows));
    }
}

/// `y = epilogue(x * kernel)`, or `y += x * kernel` without an epilogue.
pub(crate) fn forward(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    kernel: &Param,
    (y, write, epilogue): (&mut [f32], Write, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let number = scratch.packs.current();
    if write == Write::Set {
        y.fill(0.0);
    }
    for sample in 0..n {
        geometry.for_each_row(sample, |row| {
            scratch.packs.compute_with(number);
            let to = ((&mut y[row.result..]).into(), Store::Add, Epilogue::NONE);
            conv2d::convolve(&row.planes, row.count, &x[row.input..], geometry.portion(kernel, row.tap), to, scratch);
        });
    }
    finish(y, geometry.plane.outputs, epilogue);
}

/// `dx = epilogue(dy * kernel)`, transposed, or `dx += dy * kernel` without an epilogue.
pub(crate) fn transposed(
    geometry: &Geometry,
    n: usize,
    dy: &[f32],
    kernel: &Param,
    (dx, write, epilogue): (&mut [f32], Write, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let number = scratch.packs.current();
    if write == Write::Set {
        dx.fill(0.0);
    }
    for sample in 0..n {
        geometry.for_each_row(sample, |row| {
            scratch.packs.compute_with(number);
            let (dy, kernel) = (&dy[row.result..], geometry.portion(kernel, row.tap));
            let to = (&mut dx[row.input..], Store::Add, Epilogue::NONE);
            conv2d::convolve_transposed(&row.planes, row.count, kernel, dy.into(), to, scratch);
        });
    }
    finish(dx, geometry.plane.inputs, epilogue);
}

/// `gradient = patches(x)ᵀ · dy`.
pub(crate) fn backward_weights(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    dy: &[f32],
    (gradient, write): (&mut [f32], Write),
    scratch: &mut Scratch,
) {
    if write == Write::Set {
        gradient.fill(0.0);
    }
    let len = geometry.weights();
    for sample in 0..n {
        geometry.for_each_row(sample, |row| {
            let gradient = (&mut gradient[row.tap * len..][..len], Write::Add);
            let (x, dy) = (&x[row.input..], (&dy[row.result..]).into());
            conv2d_weights::backward_weights(&row.planes, row.count, x, dy, gradient, None, scratch);
        });
    }
}
