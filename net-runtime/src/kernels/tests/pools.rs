//! Pooling.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::memory::Memory;
use super::{assert_close, axis, on_every_isa, position, uniform};
use crate::kernels::axis::Axis;
use crate::kernels::pool::windows::Geometry;
use crate::kernels::pool::{average, max};
use crate::tensor::param::Write;

/// Indices of the inputs of an output's window, in row-major order.
fn window(geometry: &Geometry, output: usize) -> Vec<usize> {
    let Geometry { planes, rows, columns, channels, .. } = *geometry;
    let (place, channel) = (output / channels, output % channels);
    let (line, column) = (place / columns.output, place % columns.output);
    let (plane, row) = (line / rows.output, line % rows.output);
    let (sample, plane) = (plane / planes.output, plane % planes.output);
    let mut inside = Vec::new();
    for deep in (0..planes.size).filter_map(|tap| position(planes, plane, tap)) {
        for down in (0..rows.size).filter_map(|tap| position(rows, row, tap)) {
            for right in (0..columns.size).filter_map(|tap| position(columns, column, tap)) {
                let line = (sample * planes.input + deep) * rows.input + down;
                inside.push((line * columns.input + right) * channels + channel);
            }
        }
    }
    inside
}

#[test]
fn pools_are_naive_loops() {
    let mut rng = ChaCha8Rng::seed_from_u64(42);
    for case in 0..60 {
        let mut axes = [(); 3].map(|()| axis(&mut rng, 1..=4, 3, 1));
        axes[..case % 3].fill(Axis::SINGLE);
        let [planes, rows, columns] = axes;
        let (channels, n) = (rng.random_range(1..=40), rng.random_range(1..=3));
        let geometry = Geometry { planes, rows, columns, channels, adaptive: false };
        let x = uniform(&mut rng, n * geometry.input());
        let dy = uniform(&mut rng, n * geometry.output());
        let (mut largest, mut mean) = (Vec::new(), Vec::new());
        let (mut by_largest, mut by_mean) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        for (output, &dy) in dy.iter().enumerate() {
            let window = window(&geometry, output);
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
            max::forward(&geometry, &x, &mut y);
            assert_close(&y, &largest, 0.0, &("max_forward", what));
            max::backward(&geometry, &x, &y, &dy, &mut dx, Write::Set);
            assert_close(&dx, &by_largest, 1e-6, &("max_backward", what));
            let (mut y, mut dx) = (result(dy.len()), result(x.len()));
            average::forward(&geometry, &x, &mut y);
            assert_close(&y, &mean, 1e-6, &("avg_forward", what));
            average::backward(&geometry, &dy, &mut dx, Write::Set);
            assert_close(&dx, &by_mean, 1e-6, &("avg_backward", what));
        });
    }
}
