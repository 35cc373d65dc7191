//! Pooling.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::memory::Memory;
use super::{assert_close, axis, on_every_isa, position, uniform};
use crate::kernels::axis::Axis;
use crate::kernels::pool::windows as pool;
use crate::kernels::pool::windows::Geometry;
use crate::tensor::param::Write;

/// Indices of the inputs of an output's window, in row-major order.
fn window(rows: Axis, columns: Axis, channels: usize, output: usize) -> Vec<usize> {
    let (pixel, channel) = (output / channels, output % channels);
    let (row, column) = (pixel / columns.output % rows.output, pixel % columns.output);
    let sample = pixel / columns.output / rows.output;
    let taps = (0..rows.size).flat_map(|down| (0..columns.size).map(move |right| (down, right)));
    let inside = taps.filter_map(|(down, right)| Some((position(rows, row, down)?, position(columns, column, right)?)));
    inside.map(|(down, right)| ((sample * rows.input + down) * columns.input + right) * channels + channel).collect()
}

#[test]
fn pools_are_naive_loops() {
    let mut rng = ChaCha8Rng::seed_from_u64(42);
    for _ in 0..40 {
        let (rows, columns) = (axis(&mut rng, 1..=4, 3, 1), axis(&mut rng, 1..=4, 3, 1));
        let (channels, n) = (rng.random_range(1..=40), rng.random_range(1..=3));
        let geometry = Geometry { rows, columns, channels };
        let x = uniform(&mut rng, n * geometry.input());
        let dy = uniform(&mut rng, n * geometry.output());
        let (mut largest, mut mean) = (Vec::new(), Vec::new());
        let (mut by_largest, mut by_mean) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        for (output, &dy) in dy.iter().enumerate() {
            let window = window(rows, columns, channels, output);
            let first = *window.iter().rev().max_by(|&&a, &&b| x[a].total_cmp(&x[b])).unwrap();
            largest.push(f64::from(x[first]));
            by_largest[first] += f64::from(dy);
            mean.push(window.iter().map(|&index| f64::from(x[index])).sum::<f64>() / window.len() as f64);
            window.iter().for_each(|&index| by_mean[index] += f64::from(dy) / window.len() as f64);
        }
        on_every_isa(|isa, at_end| {
            let what = (isa, geometry, n);
            let (x, dy) = (Memory::new(&x, at_end), Memory::new(&dy, at_end));
            let result = |len: usize| Memory::new(&vec![f32::NAN; len], at_end);
            let (mut y, mut dx) = (result(dy.len()), result(x.len()));
            pool::max_forward(&geometry, &x, &mut y);
            assert_close(&y, &largest, 0.0, &("max_forward", what));
            pool::max_backward(&geometry, &x, &y, &dy, &mut dx, Write::Set);
            assert_close(&dx, &by_largest, 1e-6, &("max_backward", what));
            let (mut y, mut dx) = (result(dy.len()), result(x.len()));
            pool::avg_forward(&geometry, &x, &mut y);
            assert_close(&y, &mean, 1e-6, &("avg_forward", what));
            pool::avg_backward(&geometry, &dy, &mut dx, Write::Set);
            assert_close(&dx, &by_mean, 1e-6, &("avg_backward", what));
        });
    }
}
