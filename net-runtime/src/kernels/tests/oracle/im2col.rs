//! Convolutions as products of a matrix of patches (im2col), which is written out here and nowhere else.

use super::super::{on_every_isa, position, scratch};
use super::{Expected, Failures, Filling, Matrix};
use crate::kernels::axis::Axis;
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::conv::{conv2d, conv2d_weights};
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::simd::Isa;
use crate::memory::mode::Arithmetic;
use crate::tensor::param::{Param, Store, Write};

/// By how much the rounding errors of Winograd's algorithms may exceed those of the largest sum of products.
const WINOGRAD: f64 = 4.0;

/// An axis of so many positions, with a border of zeros that keeps its length for a stride of 1.
fn axis(input: usize, size: usize, stride: usize, dilation: usize) -> Axis {
    let reach = (size - 1) * dilation + 1;
    let padding = reach / 2;
    Axis { input, output: (input + 2 * padding - reach) / stride + 1, size, stride, dilation, padding }
}

fn geometry(rows: Axis, columns: Axis, inputs: usize, outputs: usize) -> Geometry {
    Geometry::dense([rows, columns], inputs, outputs)
}

/// Images around the sizes of Winograd's tiles, channels around those of vectors and register tiles, and windows of every
/// kind.
fn geometries(isa: Isa) -> Vec<Geometry> {
    let (lanes, tile) = (isa.lanes(), isa.tile_columns());
    let mut geometries = Vec::new();
    // F(4x4, 3x3) has tiles of 4, F(6, 3) of 6.
    for length in [1, 3, 4, 5, 7, 9, 13] {
        for [inputs, outputs] in [[1, 1], [16, 16], [16, tile], [32, 48]] {
            geometries.push(geometry(axis(length, 3, 1, 1), axis(length + 2, 3, 1, 1), inputs, outputs));
        }
    }
    for channels in [1, lanes - 1, lanes + 1, tile - 1, tile, tile + 1] {
        geometries.push(geometry(axis(6, 3, 1, 1), axis(7, 3, 1, 1), channels, tile + 1));
        geometries.push(geometry(axis(6, 3, 1, 1), axis(7, 3, 1, 1), 16, channels));
        geometries.push(geometry(axis(5, 1, 1, 1), axis(6, 1, 1, 1), channels, 3));
    }
    for (size, stride, dilation) in [(1, 2, 1), (2, 1, 1), (2, 3, 2), (5, 1, 1), (5, 2, 1), (3, 1, 2), (3, 2, 1)] {
        geometries.push(geometry(axis(13, size, stride, dilation), axis(8, size, stride, dilation), 5, 7));
        geometries.push(geometry(axis(13, 3, 1, 1), axis(14, size, stride, dilation), 16, 32));
        geometries.push(geometry(axis(13, size, stride, dilation), axis(14, 3, 1, 1), 16, 32));
    }
    geometries
}

/// For each element of the matrix of patches, in row-major order, where it is in the images; `None` beyond their edges.
fn patches(geometry: &Geometry, n: usize) -> Vec<Option<usize>> {
    let Geometry { rows, columns, inputs, .. } = *geometry;
    let mut places = Vec::new();
    for (sample, row, column) in (0..n * rows.output * columns.output).map(|pixel| {
        let line = pixel / columns.output;
        (line / rows.output, line % rows.output, pixel % columns.output)
    }) {
        for tap in 0..rows.size * columns.size {
            let place = position(rows, row, tap / columns.size).zip(position(columns, column, tap % columns.size));
            let pixel = place.map(|(row, column)| ((sample * rows.input + row) * columns.input + column) * inputs);
            places.extend((0..inputs).map(|channel| pixel.map(|pixel| pixel + channel)));
        }
    }
    places
}

/// Compares all directions of one convolution on one instruction set.
fn compare(isa: Isa, geometry: &Geometry, n: usize, filling: Filling, failures: &mut Failures) {
    let Geometry { rows, columns, inputs, outputs, .. } = *geometry;
    let (pixels, patch) = (n * rows.output * columns.output, geometry.patch());
    let x = filling.numbers(1, n * rows.input * columns.input * inputs);
    let dy = filling.numbers(2, pixels * outputs);
    let mut kernel = Param::zeros(&[patch, outputs]);
    kernel.values_mut().copy_from_slice(&filling.numbers(3, patch * outputs));
    let places = patches(geometry, n);
    let spread: Vec<f32> = places.iter().map(|place| place.map_or(0.0, |place| x[place])).collect();
    let [spread, dy_matrix, kernel_matrix] =
        [(&spread[..], pixels, patch), (&dy, pixels, outputs), (kernel.values(), patch, outputs)]
            .map(|(values, rows, columns)| Matrix::new(values, rows, columns));
    let forward = Expected::new(spread, kernel_matrix);
    let by_input = Expected::new(dy_matrix, kernel_matrix.transposed()).gather(x.len(), |index| places[index]);
    let by_kernel = Expected::new(spread.transposed(), dy_matrix);

    for (arithmetic, exactness) in [(Arithmetic::Exact, 1.0), (Arithmetic::Fast, WINOGRAD)] {
        let memory = || scratch(arithmetic);
        let mut compare = |actual: &[f32], expected: &Expected, what: &str| {
            let case = format!("{isa:?}, {arithmetic:?}, {what}, {filling:?}: {n} of {geometry:?}");
            failures.compare(actual, expected, filling, exactness, case);
        };
        let mut y = vec![f32::NAN; dy.len()];
        conv2d::forward(geometry, n, &x, &kernel, Epilogue::NONE, (&mut *y).into(), &mut memory());
        compare(&y, &forward, "y");
        let mut dx = vec![f32::NAN; x.len()];
        conv2d::backward_input(geometry, n, &kernel, (&*dy).into(), &mut dx, Store::Set, &mut memory());
        compare(&dx, &by_input, "dx");
        let mut dw = vec![f32::NAN; kernel.values().len()];
        let gradient = (&mut *dw, Write::Set);
        conv2d_weights::backward_weights(geometry, n, &x, (&*dy).into(), gradient, None, &mut memory());
        compare(&dw, &by_kernel, "dw");
    }
}

#[test]
fn convolutions_are_products_of_patches_by_matrixmultiply() {
    let mut failures = Failures::default();
    on_every_isa(|isa, at_end| {
        // Where slices lie does not matter here.
        if !at_end {
            return;
        }
        for geometry in geometries(isa) {
            for (n, filling) in [(0, Filling::Integers), (1, Filling::Integers), (3, Filling::Fractions)] {
                compare(isa, &geometry, n, filling, &mut failures);
            }
        }
    });
    failures.assert_none();
}
