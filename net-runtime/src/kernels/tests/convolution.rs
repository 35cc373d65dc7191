//! Convolutions by every algorithm.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::memory::Memory;
use super::{assert_close, axis, on_every_isa, position, scratch, uniform};
use crate::activations::Activation;
use crate::kernels::axis::{Axis, Strides};
use crate::kernels::conv2d::{self, Geometry};
use crate::kernels::conv2d_weights;
use crate::kernels::epilogue::Epilogue;
use crate::kernels::simd::Isa;
use crate::kernels::winograd_adjoint;
use crate::{Arithmetic, Param, Store, Write};

/// Products of a case at most: one thread works on them, and the naive loops do not take long.
const MOST: usize = 1 << 20;

/// A convolution of any kind, one of 3x3 with stride 1, or one with stride 1 along one axis alone; the latter two also with
/// channels for Winograd's algorithm.
fn geometry(rng: &mut ChaCha8Rng, kind: usize) -> Geometry {
    let (rows, columns) = match kind % 4 {
        0 | 1 => (axis(rng, 1..=5, 3, 3), axis(rng, 1..=5, 3, 3)),
        2 => (axis(rng, 3..=3, 1, 1), axis(rng, 3..=3, 1, 1)),
        _ => (axis(rng, 3..=3, 2, 1), axis(rng, 3..=3, 2, 1)),
    };
    let channels = |rng: &mut ChaCha8Rng| match kind % 4 {
        0 | 1 => rng.random_range(1..=40),
        _ => 16 * rng.random_range(1..=2),
    };
    let (inputs, outputs) = (channels(rng), channels(rng));
    Geometry { rows, columns, inputs, outputs, result: Strides::contiguous([rows.output, columns.output, outputs]) }
}

/// Calls `visit(index in x, in the kernel, in y)` for every product.
fn products(geometry: &Geometry, n: usize, mut visit: impl FnMut(usize, usize, usize)) {
    let Geometry { rows, columns, inputs, outputs, .. } = *geometry;
    for pixel in 0..n * rows.output * columns.output {
        let (sample, row, column) =
            (pixel / columns.output / rows.output, pixel / columns.output % rows.output, pixel % columns.output);
        for tap in 0..rows.size * columns.size {
            let down = position(rows, row, tap / columns.size);
            let right = position(columns, column, tap % columns.size);
            let (Some(down), Some(right)) = (down, right) else { continue };
            let x = ((sample * rows.input + down) * columns.input + right) * inputs;
            for input in 0..inputs {
                for output in 0..outputs {
                    visit(x + input, (tap * inputs + input) * outputs + output, pixel * outputs + output);
                }
            }
        }
    }
}

#[test]
fn all_directions_are_close_to_naive_loops() {
    let mut rng = ChaCha8Rng::seed_from_u64(40);
    for kind in 0..48 {
        let (geometry, n) = loop {
            let (geometry, n) = (geometry(&mut rng, kind), rng.random_range(1..=3));
            if geometry.multiply_adds(n) <= MOST {
                break (geometry, n);
            }
        };
        let Geometry { rows, columns, inputs, outputs, .. } = geometry;
        let x = uniform(&mut rng, n * rows.input * columns.input * inputs);
        let dy = uniform(&mut rng, n * rows.output * columns.output * outputs);
        let kernel = uniform(&mut rng, geometry.patch() * outputs);
        let bias = uniform(&mut rng, outputs);
        let (mut y, mut dx, mut dw) = (vec![0.0; dy.len()], vec![0.0; x.len()], vec![0.0; kernel.len()]);
        products(&geometry, n, |a, b, c| {
            y[c] += f64::from(x[a]) * f64::from(kernel[b]);
            dx[a] += f64::from(dy[c]) * f64::from(kernel[b]);
            dw[b] += f64::from(dy[c]) * f64::from(x[a]);
        });
        let y: Vec<f64> =
            y.iter().enumerate().map(|(index, y)| (y + f64::from(bias[index % outputs])).max(0.0)).collect();
        let mut weights = Param::zeros(&[kernel.len()]);
        weights.values_mut().copy_from_slice(&kernel);
        on_every_isa(|isa, at_end| {
            let given = |values: &[f32]| Memory::new(values, at_end);
            let result = |len: usize| Memory::new(&vec![f32::NAN; len], at_end);
            let (x, dy_given, bias) = (given(&x), given(&dy), given(&bias));
            for (arithmetic, tolerance) in [(Arithmetic::Exact, 2e-6), (Arithmetic::Fast, 1e-5)] {
                let what = (isa, arithmetic, geometry, n);
                let epilogue = Epilogue { bias: Some(&bias), activation: Activation::Relu };
                let mut actual = result(y.len());
                conv2d::forward(&geometry, n, &x, &weights, epilogue, (&mut *actual).into(), &mut scratch(arithmetic));
                assert_close(&actual, &y, tolerance, &("forward", what));
                let mut actual = result(dx.len());
                let memory = &mut scratch(arithmetic);
                conv2d::backward_input(&geometry, n, &weights, (&*dy_given).into(), &mut actual, Store::Set, memory);
                assert_close(&actual, &dx, tolerance, &("backward_input", what));
                let mut actual = result(dw.len());
                let memory = &mut scratch(arithmetic);
                conv2d_weights::backward_weights(
                    &geometry,
                    n,
                    &x,
                    (&*dy_given).into(),
                    &mut actual,
                    Write::Set,
                    memory,
                );
                assert_close(&actual, &dw, tolerance, &("backward_weights", what));
            }
        });
    }
}

/// An axis for three taps of up to 17 positions, whose outputs may end before the last window does, or after.
fn three_taps(rng: &mut ChaCha8Rng) -> Axis {
    let (input, padding): (usize, usize) = (rng.random_range(4..=17), rng.random_range(0..=2));
    let whole = input + padding - 2;
    let output = rng.random_range(whole.saturating_sub(3).max(1)..=whole + 2);
    Axis { input, output, size: 3, stride: 1, dilation: 1, padding }
}

/// Places of the outputs with gaps between pixels, lines and images.
fn with_gaps(rows: Axis, columns: Axis, outputs: usize) -> Strides {
    let (pixel, line) = (outputs + 5, columns.output * (outputs + 5) + 3);
    Strides { pixel, line, image: rows.output * line + 7 }
}

/// The transposed algorithm for the gradient of the input, where it has fewer tiles: parts of tiles on all sides, several
/// groups, panels that are not whole, every padding, rows that no window reaches, gaps between the outputs.
#[test]
fn gradients_of_many_images_are_close_to_naive_loops() {
    let mut rng = ChaCha8Rng::seed_from_u64(42);
    for kind in 0..40 {
        let n = 16 + kind % 2;
        let (geometry, dense) = loop {
            // The first ones have more tiles than a group, the others fit into few.
            let (rows, columns) = match kind {
                0 => (Axis { output: 24, input: 26, padding: 0, ..three_taps(&mut rng) }, three_taps(&mut rng)),
                1 => (three_taps(&mut rng), Axis { output: 36, input: 39, padding: 1, ..three_taps(&mut rng) }),
                _ => (three_taps(&mut rng), three_taps(&mut rng)),
            };
            let (inputs, outputs) = (16 * rng.random_range(1..=6), 64 * rng.random_range(1..=2));
            let dense = Strides::contiguous([rows.output, columns.output, outputs]);
            let result = if kind % 3 == 0 { dense } else { with_gaps(rows, columns, outputs) };
            let geometry = Geometry { rows, columns, inputs, outputs, result };
            let pays = Isa::available().into_iter().all(|isa| winograd_adjoint::pays(isa, &geometry, n));
            if pays && geometry.multiply_adds(n) <= 32 * MOST {
                break (geometry, dense);
            }
        };
        let Geometry { rows, columns, inputs, outputs, result } = geometry;
        let dy = uniform(&mut rng, n * dense.image);
        let kernel = uniform(&mut rng, geometry.patch() * outputs);
        let before = uniform(&mut rng, n * rows.input * columns.input * inputs);
        let mut dx = vec![0.0; before.len()];
        products(&geometry, n, |a, b, c| dx[a] += f64::from(dy[c]) * f64::from(kernel[b]));
        let mut weights = Param::zeros(&[kernel.len()]);
        weights.values_mut().copy_from_slice(&kernel);
        let last = result.at(n - 1, rows.output - 1, columns.output - 1) + outputs;
        let mut apart = vec![f32::NAN; last];
        for (pixel, values) in dy.chunks_exact(outputs).enumerate() {
            let (line, column) = (pixel / columns.output, pixel % columns.output);
            let place = result.at(line / rows.output, line % rows.output, column);
            apart[place..place + outputs].copy_from_slice(values);
        }
        on_every_isa(|isa, at_end| {
            let given = Memory::new(&apart, at_end);
            for (store, from) in [(Store::Set, None), (Store::Add, Some(&before)), (Store::Mask, Some(&before))] {
                let start = from.cloned().unwrap_or_else(|| vec![f32::NAN; before.len()]);
                let expected: Vec<f64> = dx
                    .iter()
                    .zip(&before)
                    .map(|(&dx, &before)| match store {
                        Store::Set => dx,
                        Store::Add => dx + f64::from(before),
                        Store::Mask => {
                            if before > 0.0 {
                                dx
                            } else {
                                0.0
                            }
                        }
                    })
                    .collect();
                let mut actual = Memory::new(&start, at_end);
                let memory = &mut scratch(Arithmetic::Fast);
                conv2d::backward_input(&geometry, n, &weights, (&*given).into(), &mut actual, store, memory);
                assert_close(&actual, &expected, 1e-5, &(isa, store, geometry, n));
            }
        });
    }
}
