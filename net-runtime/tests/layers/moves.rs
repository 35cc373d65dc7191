//! Layers that only move values: permuting, joining, cutting, padding.

use net_runtime::Store;
use net_runtime::layers::{
    Concat, Crop, DepthToSpace, Interpolation, Permute, Repeat, Resize, Reverse, Slice, SpaceToDepth, Split,
    UpSampling, ZeroPad,
};

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

/// The indices of an element in a shape, outermost first; the first one counts samples.
fn indices(element: usize, shape: &[usize]) -> Vec<usize> {
    let mut rest = element;
    let mut indices = vec![0; shape.len() + 1];
    for (axis, len) in shape.iter().enumerate().rev() {
        indices[axis + 1] = rest % len;
        rest /= len;
    }
    indices[0] = rest;
    indices
}

/// The element with these indices.
fn element(indices: &[usize], shape: &[usize]) -> usize {
    indices[1..].iter().zip(shape).fold(indices[0], |at, (index, len)| at * len + index)
}

/// A border of zeros, and what is inside of one.
fn check_border<const AXES: usize, const DIMS: usize>(inner: [usize; DIMS], sides: [[usize; 2]; AXES]) {
    let mut outer = inner;
    outer.iter_mut().zip(sides).for_each(|(len, [before, behind])| *len += before + behind);
    let lens = [inner, outer].map(|shape| shape.iter().product::<usize>());
    let (pad, crop) = (ZeroPad { input: inner, padding: sides }, Crop { input: outer, cropping: sides });
    let inside = |i: usize| {
        let mut place = indices(i, &outer);
        for axis in 0..AXES {
            place[axis + 1] = place[axis + 1].checked_sub(sides[axis][0]).filter(|&place| place < inner[axis])?;
        }
        Some(element(&place, &inner))
    };
    let around = |i: usize| {
        let mut place = indices(i, &inner);
        (0..AXES).for_each(|axis| place[axis + 1] += sides[axis][0]);
        Some(element(&place, &outer))
    };
    for n in [0, 1, 3] {
        check(
            (n, lens[0], lens[1]),
            inside,
            |x, y| pad.forward(n, x, y),
            |dy, dx, write| pad.backward_input(n, dy, dx, write),
        );
        check(
            (n, lens[1], lens[0]),
            around,
            |x, y| crop.forward(n, x, y),
            |dy, dx, write| crop.backward_input(n, dy, dx, write),
        );
    }
}

#[test]
fn a_border_surrounds_steps_images_and_volumes() {
    for sides in [[[0, 0]], [[2, 0]], [[1, 3]]] {
        check_border([3, 4], sides);
    }
    for sides in [[[0, 0], [0, 0]], [[1, 2], [3, 0]], [[0, 1], [0, 2]]] {
        check_border([3, 2, 4], sides);
    }
    for sides in [[[0, 0], [1, 0], [0, 2]], [[1, 2], [0, 1], [2, 1]]] {
        check_border([2, 3, 2, 3], sides);
    }
}

#[test]
#[should_panic(expected = "no more is taken away than there is")]
fn a_border_that_is_larger_than_what_it_is_taken_from() {
    Crop { input: [3, 2], cropping: [[2, 2]] }.forward(0, &[], &mut []);
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

#[test]
fn slices_and_reversals() {
    for (start, step, count) in [(0, 1, 5), (2, 1, 2), (0, 2, 3), (1, 3, 2), (4, 1, 1)] {
        for (outer, inner) in [(1, 1), (2, 3), (3, 1)] {
            let slice = Slice { outer, len: 5, inner, start, step, count };
            let source = |i: usize| {
                let place = indices(i, &[outer, count, inner]);
                Some(element(&[place[0], place[1], start + place[2] * step, place[3]], &[outer, 5, inner]))
            };
            check(
                (2, outer * 5 * inner, outer * count * inner),
                source,
                |x, y| slice.forward(2, x, y),
                |dy, dx, write| slice.backward_input(2, dy, dx, write),
            );
            let reverse = Reverse { outer, len: 5, inner };
            let source = |i: usize| {
                let place = indices(i, &[outer, 5, inner]);
                Some(element(&[place[0], place[1], 4 - place[2], place[3]], &[outer, 5, inner]))
            };
            check(
                (2, outer * 5 * inner, outer * 5 * inner),
                source,
                |x, y| reverse.forward(2, x, y),
                |dy, dx, write| reverse.backward_input(2, dy, dx, write),
            );
        }
    }
}

fn check_up_sampling<const AXES: usize, const DIMS: usize>(input: [usize; DIMS], size: [usize; AXES]) {
    let layer = UpSampling { input, size };
    let mut output = input;
    output.iter_mut().zip(size).for_each(|(len, times)| *len *= times);
    let source = |i: usize| {
        let mut place = indices(i, &output);
        place[1..].iter_mut().zip(size).for_each(|(place, times)| *place /= times);
        Some(element(&place, &input))
    };
    let lens = [input, output].map(|shape| shape.iter().product::<usize>());
    for n in [0, 2] {
        check(
            (n, lens[0], lens[1]),
            source,
            |x, y| layer.forward(n, x, y),
            |dy, dx, write| layer.backward_input(n, dy, dx, write),
        );
    }
}

#[test]
fn places_are_repeated() {
    check_up_sampling([3, 4], [2]);
    check_up_sampling([3, 1], [5]);
    check_up_sampling([2, 3, 4], [2, 3]);
    check_up_sampling([2, 3, 1], [1, 2]);
    check_up_sampling([2, 1, 3, 2], [3, 2, 2]);
    let repeat = Repeat { len: 4, times: 3 };
    check(
        (2, 4, 12),
        |i| Some(i / 12 * 4 + i % 4),
        |x, y| repeat.forward(2, x, y),
        |dy, dx, write| repeat.backward_input(2, dy, dx, write),
    );
}

#[test]
fn blocks_become_channels_and_channels_blocks() {
    for (rows, columns, channels, block) in [(1, 1, 1, 2), (2, 3, 2, 2), (1, 2, 5, 3), (3, 2, 4, 1)] {
        let [height, width, depth] = [rows * block, columns * block, channels * block * block];
        let len = height * width * channels;
        let in_space = |[sample, row, column, channel]: [usize; 4]| {
            let (block_row, block_column) = (channel / channels / block, channel / channels % block);
            let pixel = [sample, row * block + block_row, column * block + block_column, channel % channels];
            element(&pixel, &[height, width, channels])
        };
        let in_depth = |[sample, row, column, channel]: [usize; 4]| {
            let place = (row % block * block + column % block) * channels + channel;
            element(&[sample, row / block, column / block, place], &[rows, columns, depth])
        };
        let four = |i: usize, shape: [usize; 3]| <[usize; 4]>::try_from(indices(i, &shape)).unwrap();
        let to_depth = SpaceToDepth { input: [height, width, channels], block };
        check(
            (2, len, len),
            |i| Some(in_space(four(i, [rows, columns, depth]))),
            |x, y| to_depth.forward(2, x, y),
            |dy, dx, write| to_depth.backward_input(2, dy, dx, write),
        );
        let to_space = DepthToSpace { input: [rows, columns, depth], block };
        check(
            (2, len, len),
            |i| Some(in_depth(four(i, [height, width, channels]))),
            |x, y| to_space.forward(2, x, y),
            |dy, dx, write| to_space.backward_input(2, dy, dx, write),
        );
    }
}

#[test]
fn a_multiple_of_the_size_repeats_pixels_and_between_them_are_their_means() {
    let mut rng = rng(52);
    let (input, size) = ([3, 4, 5], [2, 3]);
    let x = uniform(&mut rng, 2 * 60);
    let (mut repeated, mut nearest) = (vec![f32::NAN; 2 * 360], vec![f32::NAN; 2 * 360]);
    UpSampling { input, size }.forward(2, &x, &mut repeated);
    Resize { input, output: [6, 12, 5], interpolation: Interpolation::Nearest }.forward(2, &x, &mut nearest);
    assert_eq!(repeated, nearest);
    // At twice the width, each pixel is three quarters of the one that it lies in and a quarter of its neighbour.
    let row = Resize { input: [1, 3, 1], output: [1, 6, 1], interpolation: Interpolation::Bilinear };
    let mut y = [f32::NAN; 6];
    row.forward(1, &[0.0, 4.0, 8.0], &mut y);
    assert_eq!(y, [0.0, 1.0, 3.0, 5.0, 7.0, 8.0]);
    let mut dx = [f32::NAN; 3];
    row.backward_input(1, &[1.0; 6], &mut dx, net_runtime::Write::Set);
    assert_eq!(dx, [2.0; 3]);
}
