//! Layers that only move values: permuting, joining, cutting, padding.

use net_runtime::Store;
use net_runtime::layers::{Concat, Permute, Split, ZeroPad2d};

use crate::reference::*;

/// Checks a layer whose output element i is input element `source(i)`, or 0.
fn check(
    (n, input, output): (usize, usize, usize),
    source: impl Fn(usize) -> Option<usize>,
    forward: impl Fn(&[f32], &mut [f32]),
    backward: impl Fn(&[f32], &mut [f32], net_runtime::Write),
) {
    let mut rng = rng(50);
    let (x, dy) = (uniform(&mut rng, n * input), uniform(&mut rng, n * output));
    let naive = |x: &[f64]| (0..n * output).map(|i| source(i).map_or(0.0, |i| x[i])).collect::<Vec<_>>();
    let mut y = vec![f32::NAN; dy.len()];
    forward(&x, &mut y);
    assert_exact(&y, &naive(&wide(&x)));
    assert_writes(|dx, write| backward(&dy, dx, write), &slope(naive, &x, &dy), 1e-6);
}

#[test]
fn axes_are_permuted() {
    const CASES: [(&[usize], &[usize]); 6] = [
        (&[5], &[0]),
        (&[2, 3], &[1, 0]),
        (&[2, 3, 4], &[2, 0, 1]),
        (&[2, 3, 4], &[0, 2, 1]),
        (&[2, 1, 3, 2], &[3, 2, 1, 0]),
        (&[2, 3, 2, 2, 3], &[4, 0, 3, 1, 2]),
    ];
    for (input, axes) in CASES {
        let layer = Permute { input, axes };
        let len: usize = input.iter().product();
        let source = |i: usize| {
            let (sample, mut rest) = (i / len, i % len);
            let mut indices = vec![0; axes.len()];
            for &axis in axes.iter().rev() {
                indices[axis] = rest % input[axis];
                rest /= input[axis];
            }
            Some(indices.iter().zip(input).fold(sample, |at, (index, len)| at * len + index))
        };
        for n in [0, 1, 3] {
            check(
                (n, len, len),
                source,
                |x, y| layer.forward(n, x, y),
                |dy, dx, write| layer.backward_input(n, dy, dx, write),
            );
        }
    }
}

#[test]
fn a_border_of_zeros_surrounds_the_image() {
    for padding in [[[0, 0], [0, 0]], [[1, 2], [3, 0]], [[0, 1], [0, 2]]] {
        let layer = ZeroPad2d { input: [3, 2, 4], padding };
        let [[top, bottom], [left, right]] = padding;
        let (rows, columns) = (3 + top + bottom, 2 + left + right);
        let source = |i: usize| {
            let (c, j, i) = (i % 4, i / 4 % columns, i / 4 / columns);
            let (sample, i) = (i / rows, i % rows);
            let row = i.checked_sub(top).filter(|&row| row < 3)?;
            let column = j.checked_sub(left).filter(|&column| column < 2)?;
            Some(((sample * 3 + row) * 2 + column) * 4 + c)
        };
        for n in [0, 1, 3] {
            check(
                (n, 24, rows * columns * 4),
                source,
                |x, y| layer.forward(n, x, y),
                |dy, dx, write| layer.backward_input(n, dy, dx, write),
            );
        }
    }
}

#[test]
fn inputs_are_joined_run_by_run() {
    let layer = Concat { outer: 2, runs: &[3, 1, 2] };
    let first: Vec<_> = (0..12).map(|i| i as f32).collect();
    let second: Vec<_> = (0..4).map(|i| 100.0 + i as f32).collect();
    let third: Vec<_> = (0..8).map(|i| 200.0 + i as f32).collect();
    let mut y = [f32::NAN; 24];
    layer.forward(2, &[&first, &second, &third], &mut y);
    assert_eq!(y[..12], [0.0, 1.0, 2.0, 100.0, 200.0, 201.0, 3.0, 4.0, 5.0, 101.0, 202.0, 203.0]);
    assert_eq!(y[18..], [9.0, 10.0, 11.0, 103.0, 206.0, 207.0]);
    for (k, input) in [&first, &second, &third].into_iter().enumerate() {
        assert_writes(|dx, write| layer.backward_input(2, k, &y, dx, write), &wide(input), 1e-7);
    }
    layer.forward(0, &[&[], &[], &[]], &mut []);
}

#[test]
fn parts_are_cut_run_by_run_and_a_part_without_a_gradient_has_none() {
    let layer = Split { outer: 2, runs: &[3, 1, 2] };
    let x: Vec<_> = (0..24).map(|i| i as f32).collect();
    let (mut first, mut second, mut third) = ([f32::NAN; 12], [f32::NAN; 4], [f32::NAN; 8]);
    layer.forward(2, &x, &mut [&mut first, &mut second, &mut third]);
    assert_eq!(first, [0.0, 1.0, 2.0, 6.0, 7.0, 8.0, 12.0, 13.0, 14.0, 18.0, 19.0, 20.0]);
    assert_eq!(second, [3.0, 9.0, 15.0, 21.0]);
    assert_eq!(third, [4.0, 5.0, 10.0, 11.0, 16.0, 17.0, 22.0, 23.0]);
    let all = [Some(&first[..]), Some(&second), Some(&third)];
    assert_writes(|dx, write| layer.backward_input(2, &all, dx, write), &wide(&x), 1e-7);
    let some = [Some(&first[..]), None, Some(&third)];
    let expected: Vec<_> = x.iter().map(|&x| if x % 6.0 == 3.0 { 0.0 } else { f64::from(x) }).collect();
    assert_writes(|dx, write| layer.backward_input(2, &some, dx, write), &expected, 1e-7);
    // Behind a ReLU that wrote there.
    let mut place: Vec<f32> = (0..24).map(|i| if i % 2 == 0 { 1.0 } else { 0.0 }).collect();
    layer.backward_input(2, &some, &mut place, Store::Mask);
    let masked: Vec<_> = expected.iter().enumerate().map(|(i, &dx)| if i % 2 == 0 { dx as f32 } else { 0.0 }).collect();
    assert_eq!(place, masked);
    layer.forward(0, &[], &mut [&mut [], &mut [], &mut []]);
}
