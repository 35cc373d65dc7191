//! Pooling over windows and over whole images.

use net_runtime::Write;
use net_runtime::layers::{
    AdaptiveAvgPool, AdaptiveMaxPool, AvgPool, AvgPool2d, GlobalAvgPool, GlobalAvgPool2d, GlobalMaxPool,
    GlobalMaxPool2d, MaxPool, MaxPool2d,
};
use rand::RngExt;

use crate::reference::*;

/// A pooling of one image in f64: `reduce` gets the window's values, the padding left out.
fn pool(layer: &MaxPool2d, n: usize, x: &[f64], reduce: fn(&[f64]) -> f64) -> Vec<f64> {
    let [height, width, channels] = layer.input;
    let mut y = Vec::new();
    for (sample, i, j) in triples(n, layer.output[0], layer.output[1]) {
        for c in 0..channels {
            let mut window = Vec::new();
            for (k, l, _) in triples(layer.size[0], layer.size[1], 1) {
                let down = (i * layer.stride[0] + k).checked_sub(layer.padding[0]).filter(|&p| p < height);
                let right = (j * layer.stride[1] + l).checked_sub(layer.padding[1]).filter(|&p| p < width);
                if let (Some(down), Some(right)) = (down, right) {
                    window.push(x[((sample * height + down) * width + right) * channels + c]);
                }
            }
            y.push(reduce(&window));
        }
    }
    y
}

fn max(window: &[f64]) -> f64 {
    window.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn mean(window: &[f64]) -> f64 {
    window.iter().sum::<f64>() / window.len() as f64
}

/// Windows apart, overlapping, with gaps between them, padded; more channels than are worked on together.
fn cases() -> Vec<MaxPool2d> {
    let mut rng = rng(20);
    let mut layers = vec![
        MaxPool2d { input: [4, 6, 2], output: [2, 3, 2], size: [2, 2], stride: [2, 2], padding: [0, 0] },
        MaxPool2d { input: [7, 5, 70], output: [3, 2, 70], size: [2, 2], stride: [2, 2], padding: [0, 0] },
        MaxPool2d { input: [7, 7, 1], output: [4, 4, 1], size: [3, 3], stride: [2, 2], padding: [1, 1] },
    ];
    while layers.len() < 40 {
        let input: [usize; 3] = [rng.random_range(1..8), rng.random_range(1..8), rng.random_range(1..4)];
        let size = [0_usize; 2].map(|_| rng.random_range(1..4));
        let stride = [0_usize; 2].map(|_| rng.random_range(1..4));
        // As TensorFlow pads for `same`.
        let same = rng.random_bool(0.5);
        let axis = |axis: usize| {
            if same {
                let output = input[axis].div_ceil(stride[axis]);
                Some((output, ((output - 1) * stride[axis] + size[axis]).saturating_sub(input[axis]) / 2))
            } else {
                input[axis].checked_sub(size[axis]).map(|rest| (rest / stride[axis] + 1, 0))
            }
        };
        if let (Some((rows, top)), Some((columns, left))) = (axis(0), axis(1)) {
            layers.push(MaxPool2d { input, output: [rows, columns, input[2]], size, stride, padding: [top, left] });
        }
    }
    layers
}

fn avg(layer: &MaxPool2d) -> AvgPool2d {
    let MaxPool2d { input, output, size, stride, padding } = *layer;
    AvgPool2d { input, output, size, stride, padding }
}

fn len(dims: [usize; 3]) -> usize {
    dims.iter().product()
}

#[test]
fn windows_are_as_the_naive_loops_and_their_differences() {
    let mut rng = rng(21);
    for (i, layer) in cases().iter().enumerate() {
        let n = i % 3;
        let x = distinct(&mut rng, n * len(layer.input));
        let dy = uniform(&mut rng, n * len(layer.output));
        let mut y = vec![f32::NAN; dy.len()];
        layer.forward(n, &x, &mut y);
        assert_exact(&y, &pool(layer, n, &wide(&x), max));
        let expected = slope(|x| pool(layer, n, x, max), &x, &dy);
        assert_writes(|dx, write| layer.backward_input(n, &x, &y, &dy, dx, write), &expected, 1e-5);

        avg(layer).forward(n, &x, &mut y);
        assert_close(&y, &pool(layer, n, &wide(&x), mean), 1e-6);
        let expected = slope(|x| pool(layer, n, x, mean), &x, &dy);
        assert_writes(|dx, write| avg(layer).backward_input(n, &dy, dx, write), &expected, 1e-5);
    }
}

#[test]
fn the_first_of_equal_values_gets_the_gradient_and_nan_wins() {
    let layer = MaxPool2d { input: [2, 4, 1], output: [1, 2, 1], size: [2, 2], stride: [2, 2], padding: [0, 0] };
    let x = [1.0, 3.0, f32::NAN, 9.0, 3.0, 3.0, 5.0, f32::NAN];
    let (mut y, mut dx) = ([0.0; 2], [f32::NAN; 8]);
    layer.forward(1, &x, &mut y);
    assert!(y[0] == 3.0 && y[1].is_nan());
    layer.backward_input(1, &x, &y, &[10.0, 20.0], &mut dx, Write::Set);
    assert_eq!(dx, [0.0, 10.0, 20.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    // A NaN that comes after a larger number, too.
    layer.forward(1, &[9.0, 1.0, 0.0, 0.0, f32::NAN, 2.0, 0.0, 0.0], &mut y);
    assert!(y[0].is_nan() && y[1] == 0.0);
}

#[test]
fn negative_values_win_over_padding() {
    let layer = MaxPool2d { input: [1, 1, 1], output: [1, 1, 1], size: [3, 3], stride: [1, 1], padding: [1, 1] };
    let mut y = [0.0];
    layer.forward(1, &[-5.0], &mut y);
    assert_eq!(y, [-5.0]);
    avg(&layer).forward(1, &[-5.0], &mut y);
    assert_eq!(y, [-5.0]);
}

/// Values of each channel of each sample.
fn global(input: [usize; 3], n: usize, x: &[f64], reduce: fn(&[f64]) -> f64) -> Vec<f64> {
    let [height, width, channels] = input;
    let pixels = height * width;
    let values =
        |sample: usize, c: usize| (0..pixels).map(|p| x[(sample * pixels + p) * channels + c]).collect::<Vec<_>>();
    triples(n, channels, 1).map(|(sample, c, _)| reduce(&values(sample, c))).collect()
}

#[test]
fn whole_images_are_as_the_naive_loops_and_their_differences() {
    let mut rng = rng(22);
    for (n, input) in [(0, [2, 2, 2]), (1, [1, 1, 1]), (2, [3, 4, 70]), (3, [9, 8, 3])] {
        let x = distinct(&mut rng, n * len(input));
        let dy = uniform(&mut rng, n * input[2]);
        let mut y = vec![f32::NAN; dy.len()];
        let layer = GlobalMaxPool2d { input };
        layer.forward(n, &x, &mut y);
        assert_exact(&y, &global(input, n, &wide(&x), max));
        let expected = slope(|x| global(input, n, x, max), &x, &dy);
        assert_writes(|dx, write| layer.backward_input(n, &x, &y, &dy, dx, write), &expected, 1e-5);

        let layer = GlobalAvgPool2d { input };
        layer.forward(n, &x, &mut y);
        assert_close(&y, &global(input, n, &wide(&x), mean), 1e-6);
        let expected = slope(|x| global(input, n, x, mean), &x, &dy);
        assert_writes(|dx, write| layer.backward_input(n, &dy, dx, write), &expected, 1e-5);
    }
}

#[test]
fn equal_largest_values_of_an_image_share_the_gradient() {
    let layer = GlobalMaxPool2d { input: [2, 2, 1] };
    let (mut y, mut dx) = ([0.0], [f32::NAN; 4]);
    layer.forward(1, &[3.0, 1.0, 3.0, 3.0], &mut y);
    layer.backward_input(1, &[3.0, 1.0, 3.0, 3.0], &y, &[6.0], &mut dx, Write::Set);
    assert_eq!(dx, [2.0, 0.0, 2.0, 2.0]);
    layer.forward(1, &[3.0, f32::NAN, 4.0, 3.0], &mut y);
    assert!(y[0].is_nan());
}

/// Results and gradients by the input, of both kinds of windows and over all places.
fn all_pools<const AXES: usize, const DIMS: usize>(layer: &MaxPool<AXES, DIMS>, n: usize) -> Vec<Vec<f32>> {
    let MaxPool { input, output, size, stride, padding } = *layer;
    let avg = AvgPool { input, output, size, stride, padding };
    let (global_max, global_avg) = (GlobalMaxPool { input }, GlobalAvgPool { input });
    let [len, outputs] = [input, output].map(|dims| n * dims.iter().product::<usize>());
    let mut rng = rng(23);
    let (x, dy) = (distinct(&mut rng, len), uniform(&mut rng, outputs));
    let channels = n * input[AXES];
    let result = |len: usize| vec![f32::NAN; len];
    let (mut largest, mut mean, mut dx) = (result(outputs), result(outputs), [(); 4].map(|()| result(len)));
    let (mut largest_of_all, mut mean_of_all) = (result(channels), result(channels));
    layer.forward(n, &x, &mut largest);
    layer.backward_input(n, &x, &largest, &dy, &mut dx[0], Write::Set);
    avg.forward(n, &x, &mut mean);
    avg.backward_input(n, &dy, &mut dx[1], Write::Set);
    global_max.forward(n, &x, &mut largest_of_all);
    global_max.backward_input(n, &x, &largest_of_all, &dy[..channels], &mut dx[2], Write::Set);
    global_avg.forward(n, &x, &mut mean_of_all);
    global_avg.backward_input(n, &dy[..channels], &mut dx[3], Write::Set);
    [largest, mean, largest_of_all, mean_of_all].into_iter().chain(dx).collect()
}

#[test]
fn steps_are_images_of_one_row_and_images_volumes_of_one_plane() {
    for (steps, outputs, size, stride, padding) in [(7, 3, 2, 2, 0), (7, 7, 3, 1, 1), (9, 3, 2, 4, 0)] {
        let one =
            MaxPool { input: [steps, 5], output: [outputs, 5], size: [size], stride: [stride], padding: [padding] };
        let two = MaxPool {
            input: [1, steps, 5],
            output: [1, outputs, 5],
            size: [1, size],
            stride: [1, stride],
            padding: [0, padding],
        };
        assert_eq!(all_pools(&one, 2), all_pools(&two, 2));
    }
    for layer in cases() {
        let MaxPool { input: [a, b, c], output: [d, e, _], size, stride, padding } = layer;
        let volume = MaxPool {
            input: [1, a, b, c],
            output: [1, d, e, c],
            size: [1, size[0], size[1]],
            stride: [1, stride[0], stride[1]],
            padding: [0, padding[0], padding[1]],
        };
        assert_eq!(all_pools(&volume, 2), all_pools(&layer, 2));
    }
}

#[test]
fn adaptive_windows_cover_all_places() {
    for (len, outputs) in [(7, 3), (6, 4), (5, 5), (2, 5), (9, 1)] {
        let n = 2;
        let mut rng = rng(24);
        let (x, dy) = (distinct(&mut rng, n * len * 2 * 3), uniform(&mut rng, n * outputs * 2 * 3));
        // The other axis keeps its length.
        let of = |x: &[f64], reduce: fn(&[f64]) -> f64| {
            let mut y = Vec::new();
            for (sample, o, place) in triples(n, outputs, 6) {
                let (first, end) = (o * len / outputs, ((o + 1) * len).div_ceil(outputs));
                let window: Vec<f64> = (first..end).map(|row| x[(sample * len + row) * 6 + place]).collect();
                y.push(reduce(&window));
            }
            y
        };
        let mut y = vec![f32::NAN; dy.len()];
        let layer = AdaptiveAvgPool { input: [len, 2, 3], output: [outputs, 2, 3] };
        layer.forward(n, &x, &mut y);
        assert_close(&y, &of(&wide(&x), mean), 1e-6);
        let expected = slope(|x| of(x, mean), &x, &dy);
        assert_writes(|dx, write| layer.backward_input(n, &dy, dx, write), &expected, 1e-5);
        let layer = AdaptiveMaxPool { input: [len, 2, 3], output: [outputs, 2, 3] };
        layer.forward(n, &x, &mut y);
        assert_exact(&y, &of(&wide(&x), max));
        let expected = slope(|x| of(x, max), &x, &dy);
        assert_writes(|dx, write| layer.backward_input(n, &x, &y, &dy, dx, write), &expected, 1e-5);
    }
}
