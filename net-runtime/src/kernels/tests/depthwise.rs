//! Depthwise convolutions.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::memory::Memory;
use super::{assert_close, axis, on_every_isa, position, scratch, uniform};
use crate::kernels::axis::Axis;
use crate::kernels::conv::depthwise::{self, Geometry};
use crate::kernels::conv::depthwise_weights;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::memory::mode::Arithmetic;
use crate::tensor::activation::Activation;
use crate::tensor::param::{Store, Write};

/// Calls `visit(index in x, in the kernel, in y)` for every product.
fn products(geometry: &Geometry, n: usize, mut visit: impl FnMut(usize, usize, usize)) {
    let Geometry { rows, columns, channels, multiplier } = *geometry;
    let outputs = channels * multiplier;
    for pixel in 0..n * rows.output * columns.output {
        let (sample, row, column) =
            (pixel / columns.output / rows.output, pixel / columns.output % rows.output, pixel % columns.output);
        for tap in 0..rows.size * columns.size {
            let down = position(rows, row, tap / columns.size);
            let right = position(columns, column, tap % columns.size);
            let (Some(down), Some(right)) = (down, right) else { continue };
            let x = ((sample * rows.input + down) * columns.input + right) * channels;
            for output in 0..outputs {
                visit(x + output / multiplier, tap * outputs + output, pixel * outputs + output);
            }
        }
    }
}

/// Any window, or one of 3x3 or five columns; channels around a vector; now and then several results of a channel.
fn geometry(rng: &mut ChaCha8Rng, kind: usize) -> Geometry {
    let (rows, columns) = match kind % 4 {
        0 => (axis(rng, 1..=9, 3, 3), axis(rng, 1..=10, 3, 3)),
        1 => (axis(rng, 3..=3, 1, 1), axis(rng, 3..=3, 1, 1)),
        2 => (axis(rng, 3..=3, 2, 2), axis(rng, 3..=3, 2, 2)),
        _ => (axis(rng, 1..=5, 2, 1), axis(rng, 5..=5, 2, 1)),
    };
    let multiplier = if kind % 5 == 4 { rng.random_range(2..=4) } else { 1 };
    Geometry { rows, columns, channels: rng.random_range(1..=80), multiplier }
}

#[test]
fn all_directions_are_close_to_naive_loops() {
    let mut rng = ChaCha8Rng::seed_from_u64(70);
    for kind in 0..64 {
        let (geometry, n) = (geometry(&mut rng, kind), rng.random_range(1..=3));
        let Geometry { rows, columns, channels, multiplier } = geometry;
        let outputs = channels * multiplier;
        let x = uniform(&mut rng, n * rows.input * columns.input * channels);
        let dy = uniform(&mut rng, n * rows.output * columns.output * outputs);
        let kernel = uniform(&mut rng, rows.size * columns.size * outputs);
        let bias = uniform(&mut rng, outputs);
        let (mut y, mut dx, mut dw) = (vec![0.0; dy.len()], vec![0.0; x.len()], vec![0.0; kernel.len()]);
        products(&geometry, n, |a, b, c| {
            y[c] += f64::from(x[a]) * f64::from(kernel[b]);
            dx[a] += f64::from(dy[c]) * f64::from(kernel[b]);
            dw[b] += f64::from(dy[c]) * f64::from(x[a]);
        });
        let biased = |(index, y): (usize, &f64)| y + f64::from(bias[index % outputs]);
        let linear: Vec<f64> = y.iter().enumerate().map(biased).collect();
        let of_output = |output: usize| dy.iter().skip(output).step_by(outputs).map(|dy| f64::from(*dy)).sum();
        let sums_of_dy: Vec<f64> = (0..outputs).map(of_output).collect();
        on_every_isa(|isa, at_end| {
            let given = |values: &[f32]| Memory::new(values, at_end);
            let result = |len: usize| Memory::new(&vec![f32::NAN; len], at_end);
            let (given_x, dy, kernel, bias) = (given(&x), given(&dy), given(&kernel), given(&bias));
            let memory = &mut scratch(Arithmetic::Exact);
            let what = (isa, geometry, n);
            let leaky = Activation::LeakyRelu { slope: 0.25 };
            for activation in [Activation::Relu, leaky, Activation::Tanh] {
                let mut actual = result(linear.len());
                let epilogue = Epilogue { bias: Some(&bias), activation };
                depthwise::forward(&geometry, n, &given_x, &kernel, epilogue, &mut actual, memory);
                let active = |y: &f64| match activation {
                    Activation::Relu => y.max(0.0),
                    Activation::Tanh => y.tanh(),
                    _ => y.max(0.25 * y),
                };
                let expected: Vec<f64> = linear.iter().map(active).collect();
                assert_close(&actual, &expected, 2e-6, &("forward", activation, what));
            }
            for store in [Store::Set, Store::Add, Store::Mask] {
                let mut actual = if store == Store::Set { result(x.len()) } else { given(&x) };
                depthwise::backward_input(&geometry, n, &kernel, &dy, &mut actual, store, memory);
                let expected = dx.iter().zip(&x).map(|(&dx, &x)| match store {
                    Store::Set => dx,
                    Store::Add => dx + f64::from(x),
                    Store::Mask => dx * f64::from(u8::from(x > 0.0)),
                });
                assert_close(&actual, &expected.collect::<Vec<_>>(), 2e-6, &("backward_input", store, what));
            }
            let (mut actual, mut sums) = (result(dw.len()), result(outputs));
            for write in [Write::Set, Write::Add] {
                let sums = Some((&mut *sums, write));
                let gradient = (&mut *actual, write);
                depthwise_weights::backward_weights(&geometry, n, &given_x, &dy, gradient, sums, memory);
            }
            let twice = |values: &[f64]| values.iter().map(|value| 2.0 * value).collect::<Vec<_>>();
            assert_close(&actual, &twice(&dw), 2e-6, &("backward_weights", what));
            assert_close(&sums, &twice(&sums_of_dy), 2e-6, &("sums of dy", what));
        });
    }
}

/// Nothing but the taps that are inside is read: a NaN goes where a window covers it, and nowhere else.
#[test]
fn a_nan_stays_where_windows_cover_it() {
    let axis = Axis { input: 20, output: 10, size: 3, stride: 2, dilation: 1, padding: 1 };
    let geometry = Geometry { rows: axis, columns: axis, channels: 21, multiplier: 1 };
    let (mut x, kernel) = (vec![1.0; 20 * 20 * 21], vec![0.5; 9 * 21]);
    let poisoned = (7 * 20 + 11) * 21 + 20;
    x[poisoned] = f32::NAN;
    let mut expected = vec![false; 10 * 10 * 21];
    products(&geometry, 1, |a, _, c| expected[c] |= a == poisoned);
    on_every_isa(|_, _| {
        let mut y = vec![0.0; 10 * 10 * 21];
        let memory = &mut scratch(Arithmetic::Exact);
        depthwise::forward(&geometry, 1, &x, &kernel, Epilogue::NONE, &mut y, memory);
        assert_eq!(y.iter().map(|y| y.is_nan()).collect::<Vec<_>>(), expected);
    });
}
