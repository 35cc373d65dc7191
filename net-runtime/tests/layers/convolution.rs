//! Convolutions of random sizes, strides, paddings and dilations.

mod dilated;
mod groups;
mod places;
mod volumes;

use net_runtime::activations::Activation;
use net_runtime::layers::Conv2d;
use net_runtime::machine::Algorithm;
use net_runtime::weights::{Affine, Linear};
use net_runtime::{Arithmetic, Gradient, Param, Scratch, Write};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::reference::*;

/// A convolution with axes of up to `most`; the kernel reaches into the image and its padding.
fn random(rng: &mut ChaCha8Rng, most: usize) -> Conv2d {
    let mut layer = Conv2d {
        input: [0; 3].map(|_| rng.random_range(1..=most)),
        output: [0, 0, rng.random_range(1..=most)],
        kernel: [0; 2],
        stride: [0; 2].map(|_| rng.random_range(1..=3)),
        dilation: [0; 2].map(|_| rng.random_range(1..=3)),
        padding: [0; 2],
    };
    for axis in 0..2 {
        loop {
            let size = rng.random_range(1..=4);
            let reach = (size - 1) * layer.dilation[axis] + 1;
            // A window always touches the image, as with `same` and `valid`.
            let [before, after] = [0; 2].map(|_| rng.random_range(0..reach.min(layer.input[axis] + 1)));
            if layer.input[axis] + before + after >= reach && reach <= layer.input[axis] + before {
                layer.kernel[axis] = size;
                layer.padding[axis] = before;
                layer.output[axis] = (layer.input[axis] + before + after - reach) / layer.stride[axis] + 1;
                break;
            }
        }
    }
    layer
}

/// Pointwise, as wide as the image, `same` with even kernels, larger stride than kernel.
fn special() -> Vec<Conv2d> {
    let plain = |input: [usize; 3], output: [usize; 3], kernel: [usize; 2]| Conv2d {
        input,
        output,
        kernel,
        stride: [1, 1],
        dilation: [1, 1],
        padding: [0, 0],
    };
    vec![
        plain([5, 4, 7], [5, 4, 3], [1, 1]),
        plain([5, 4, 2], [1, 1, 6], [5, 4]),
        Conv2d { stride: [2, 2], ..plain([5, 6, 3], [3, 3, 4], [1, 1]) },
        Conv2d { stride: [3, 3], ..plain([8, 8, 2], [3, 3, 2], [2, 2]) },
        Conv2d { padding: [1, 1], ..plain([6, 6, 2], [6, 6, 3], [4, 4]) },
        // Large enough for threads, several blocks a sample and several tasks.
        Conv2d { padding: [1, 1], ..plain([40, 30, 48], [40, 30, 64], [3, 3]) },
        Conv2d { padding: [2, 2], dilation: [2, 2], ..plain([40, 30, 32], [40, 30, 48], [3, 3]) },
        Conv2d { stride: [1, 2], padding: [1, 0], ..plain([33, 40, 32], [33, 20, 70], [3, 3]) },
        // Winograd's algorithm along one axis.
        Conv2d { stride: [1, 2], padding: [1, 0], ..plain([14, 20, 32], [14, 10, 64], [3, 3]) },
    ]
}

fn kernel_dims(layer: &Conv2d) -> [usize; 4] {
    [layer.kernel[0], layer.kernel[1], layer.input[2], layer.output[2]]
}

#[derive(Clone)]
struct Case {
    layer: Conv2d,
    n: usize,
    x: Vec<f32>,
    kernel: Vec<f32>,
    bias: Vec<f32>,
    dy: Vec<f32>,
}

impl Case {
    fn new(layer: Conv2d, n: usize, rng: &mut ChaCha8Rng, draw: fn(&mut ChaCha8Rng, usize) -> Vec<f32>) -> Self {
        let len = |dims: &[usize]| dims.iter().product::<usize>();
        Self {
            n,
            x: draw(rng, n * len(&layer.input)),
            kernel: draw(rng, len(&kernel_dims(&layer))),
            bias: draw(rng, layer.output[2]),
            dy: draw(rng, n * len(&layer.output)),
            layer,
        }
    }

    fn weights(&self) -> Affine {
        let mut weights =
            Affine { kernel: Param::zeros(&kernel_dims(&self.layer)), bias: Param::zeros(&[self.bias.len()]) };
        weights.kernel.values_mut().copy_from_slice(&self.kernel);
        weights.bias.values_mut().copy_from_slice(&self.bias);
        weights
    }

    /// y, dx, the gradient of the kernel and that of the bias, all written over NaN.
    fn run(&self) -> [Vec<f32>; 4] {
        self.run_with(Scratch::new(Arithmetic::Exact))
    }

    fn run_with(&self, mut scratch: Scratch) -> [Vec<f32>; 4] {
        let weights = self.weights();
        let mut y = vec![f32::NAN; self.dy.len()];
        self.layer.forward(self.n, &self.x, &weights, Activation::Linear, &mut y, &mut scratch);
        let mut dx = vec![f32::NAN; self.x.len()];
        self.layer.backward_input(self.n, &weights, &self.dy, &mut dx, Write::Set, &mut scratch);
        let mut gradients = Affine::<Gradient>::zeros(&kernel_dims(&self.layer));
        for gradient in [&mut gradients.kernel, &mut gradients.bias] {
            gradient.values_mut().fill(f32::NAN);
            gradient.begin();
        }
        self.layer.backward_weights(self.n, &self.x, &self.dy, &mut gradients, &mut scratch);
        [y, dx, gradients.kernel.values().to_vec(), gradients.bias.values().to_vec()]
    }

    /// The same by naive loops.
    fn expected(&self) -> [Vec<f64>; 4] {
        let (x, kernel, dy) = (wide(&self.x), wide(&self.kernel), wide(&self.dy));
        let mut y = conv2d(&self.layer, self.n, &x, &kernel);
        add_bias(&mut y, &self.bias);
        let (mut dx, mut kernels, mut bias) = (vec![0.0; x.len()], vec![0.0; kernel.len()], vec![0.0; self.bias.len()]);
        conv2d_products(&self.layer, self.n, |i, k, o| {
            dx[i] += kernel[k] * dy[o];
            kernels[k] += x[i] * dy[o];
        });
        dy.iter().enumerate().for_each(|(i, dy)| bias[i % self.bias.len()] += dy);
        [y, dx, kernels, bias]
    }
}

fn cases(draw: fn(&mut ChaCha8Rng, usize) -> Vec<f32>) -> Vec<Case> {
    let mut rng = rng(7);
    let mut layers = special();
    layers.extend((0..150).map(|_| random(&mut rng, 20)));
    layers.into_iter().enumerate().map(|(i, layer)| Case::new(layer, 1 + i % 3, &mut rng, draw)).collect()
}

#[test]
fn small_integers_are_exact() {
    for case in cases(integers) {
        for (actual, expected) in case.run().iter().zip(case.expected()) {
            assert_exact(actual, &expected);
        }
    }
}

#[test]
fn any_values_are_close() {
    for case in cases(uniform) {
        for (actual, expected) in case.run().iter().zip(case.expected()) {
            assert_close(actual, &expected, 2e-6);
        }
    }
}

/// Winograd's algorithm, which takes over where there are enough channels: sizes around its tiles, groups and panels.
#[test]
fn fast_convolutions_are_close() {
    let mut rng = rng(12);
    let mut layers: Vec<Conv2d> = (0..40)
        .map(|_| {
            let [height, width] = [0; 2].map(|_| rng.random_range(4..=21));
            let padding = [0; 2].map(|_| rng.random_range(0..=2));
            let after = [0; 2].map(|_| rng.random_range(0..=2));
            let [inputs, outputs] = [0; 2].map(|_| 16 * rng.random_range(1..=5));
            Conv2d {
                input: [height, width, inputs],
                output: [height + padding[0] + after[0] - 2, width + padding[1] + after[1] - 2, outputs],
                kernel: [3, 3],
                stride: [1, 1],
                dilation: [1, 1],
                padding,
            }
        })
        .collect();
    layers.extend(special());
    for (index, layer) in layers.into_iter().enumerate() {
        let case = Case::new(layer, 1 + index % 3, &mut rng, uniform);
        for (actual, expected) in case.run_with(Scratch::default()).iter().zip(case.expected()) {
            assert_close(actual, &expected, 1e-5);
        }
    }
}

/// Winograd's algorithm along one axis, where only that one has three taps and stride 1: sizes around its tiles, every stride
/// that it takes, windows that leave the image on every side.
fn one_axis() -> Vec<Conv2d> {
    let mut rng = rng(13);
    let mut layers: Vec<Conv2d> = (0..50)
        .map(|index| {
            let size = [rng.random_range(4..=30), rng.random_range(9..=40)];
            let taps = [3, rng.random_range(1..=4)];
            let stride = [1, if taps[1] == 3 { rng.random_range(2..=4) } else { rng.random_range(1..=4) }];
            let padding = [0, 1].map(|axis| rng.random_range(0..taps[axis]));
            let after = [0, 1].map(|axis| rng.random_range(0..taps[axis]));
            let output = [0, 1].map(|axis| (size[axis] + padding[axis] + after[axis] - taps[axis]) / stride[axis] + 1);
            let [inputs, outputs] = [0; 2].map(|_| 16 * rng.random_range(1..=5));
            // The axis of stride 1 is that of the rows, or of the columns.
            let order = |[along, across]: [usize; 2]| if index % 2 == 0 { [along, across] } else { [across, along] };
            let ([height, width], [rows, columns]) = (order(size), order(output));
            Conv2d {
                input: [height, width, inputs],
                output: [rows, columns, outputs],
                kernel: order(taps),
                stride: order(stride),
                dilation: [1, 1],
                padding: order(padding),
            }
        })
        .collect();
    // Several pieces across, several tasks.
    let large = Conv2d {
        input: [25, 410, 32],
        output: [25, 205, 80],
        kernel: [3, 3],
        stride: [1, 2],
        dilation: [1, 1],
        padding: [1, 0],
    };
    layers.push(large);
    layers.push(Conv2d { input: [410, 25, 48], output: [205, 25, 16], stride: [2, 1], padding: [0, 1], ..large });
    layers
}

#[test]
fn fast_convolutions_along_one_axis_are_close() {
    let mut rng = rng(14);
    for (index, layer) in one_axis().into_iter().enumerate() {
        let case = Case::new(layer, 1 + index % 3, &mut rng, uniform);
        let expected = case.expected();
        let actual = case.run_with(Scratch::default());
        for (actual, expected) in actual.iter().zip(&expected) {
            assert_close(actual, expected, 1e-5);
        }

        // The three directions are adjoint.
        let [y, dx, kernel, _] = actual.each_ref().map(|values| wide(values));
        let bias = dot(&wide(&case.bias), &expected[3]);
        let forward = dot(&y, &wide(&case.dy)) - bias;
        let scale = dot(&y, &y).sqrt() * dot(&wide(&case.dy), &wide(&case.dy)).sqrt();
        for other in [dot(&wide(&case.x), &dx), dot(&wide(&case.kernel), &kernel)] {
            assert!((forward - other).abs() <= 1e-6 * scale, "{forward} {other}: {layer:?}");
        }

        // With activations that are part of the writing, or not, and do not make errors larger; and added to what is there.
        let largest = expected[0].iter().fold(0.0_f64, |largest, y| largest.max(y.abs()));
        let mut scratch = Scratch::default();
        for activation in [Activation::Relu, Activation::Tanh] {
            let mut y = vec![f32::NAN; case.dy.len()];
            case.layer.forward(case.n, &case.x, &case.weights(), activation, &mut y, &mut scratch);
            let active = |y: &f64| if activation == Activation::Relu { y.max(0.0) } else { y.tanh() };
            assert_close(&y, &expected[0].iter().map(active).collect::<Vec<_>>(), 1e-5 * largest);
        }
        let mut dx = vec![1.0; case.x.len()];
        case.layer.backward_input(case.n, &case.weights(), &case.dy, &mut dx, Write::Add, &mut scratch);
        assert_close(&dx, &expected[1].iter().map(|dx| dx + 1.0).collect::<Vec<_>>(), 1e-5);
        let mut gradients = Linear::<Gradient>::zeros(&kernel_dims(&case.layer));
        for _ in 0..2 {
            case.layer.backward_weights(case.n, &case.x, &case.dy, &mut gradients, &mut scratch);
        }
        assert_close(gradients.kernel.values(), &expected[2].iter().map(|w| 2.0 * w).collect::<Vec<_>>(), 1e-5);
    }
}

/// Shared weights: one kernel for images of several sizes, with tiles of rows or of columns, and other phases of the stride.
#[test]
fn kept_weights_serve_images_of_several_sizes() {
    let plain = Conv2d {
        input: [30, 24, 16],
        output: [30, 12, 32],
        kernel: [3, 3],
        stride: [1, 2],
        dilation: [1, 1],
        padding: [1, 0],
    };
    let odd = Conv2d { input: [30, 25, 16], output: [30, 13, 32], padding: [1, 1], ..plain };
    let narrow = Conv2d { input: [70, 2, 16], output: [70, 2, 32], stride: [1, 1], padding: [1, 1], ..plain };
    let flat = Conv2d { input: [2, 70, 16], output: [2, 70, 32], ..narrow };
    let square = Conv2d { input: [20, 20, 16], output: [20, 20, 32], ..narrow };
    let mut rng = rng(16);
    let cases = [plain, odd, narrow, flat, square].map(|layer| Case::new(layer, 1, &mut rng, uniform));
    let weights = cases[0].weights();
    let mut scratch = Scratch::default();
    for _ in 0..2 {
        for case in &cases {
            let alike = Case { kernel: cases[0].kernel.clone(), bias: cases[0].bias.clone(), ..case.clone() };
            let [y, dx, ..] = alike.expected();
            let mut actual = vec![f32::NAN; y.len()];
            let scratch = scratch.for_weights(0);
            alike.layer.forward(1, &alike.x, &weights, Activation::Linear, &mut actual, scratch);
            assert_close(&actual, &y, 1e-5);
            let mut actual = vec![f32::NAN; dx.len()];
            let scratch = scratch.for_weights(0);
            alike.layer.backward_input(1, &weights, &alike.dy, &mut actual, Write::Set, scratch);
            assert_close(&actual, &dx, 1e-5);
        }
    }
}

/// What a window never covers may be anything: neither another sample nor a column that the stride skips is read.
#[test]
fn fast_convolutions_along_one_axis_read_what_they_cover() {
    let mut rng = rng(15);
    let layer = Conv2d {
        input: [30, 24, 16],
        output: [28, 6, 32],
        kernel: [3, 3],
        stride: [1, 4],
        dilation: [1, 1],
        padding: [0, 0],
    };
    let mut case = Case::new(layer, 3, &mut rng, uniform);
    let before = case.run_with(Scratch::default());
    let (input, output) = (case.x.len() / 3, case.dy.len() / 3);
    case.x.chunks_exact_mut(16).skip(3).step_by(4).for_each(|pixel| pixel.fill(f32::NAN));
    let after = case.run_with(Scratch::default());
    assert_eq!(before, after);
    case.x[..input].fill(f32::NAN);
    case.dy[..output].fill(f32::NAN);
    let [y, dx, ..] = case.run_with(Scratch::default());
    assert_eq!((&y[output..], &dx[input..]), (&before[0][output..], &before[1][input..]));
}

/// So large that each task goes through several blocks, in both directions.
#[test]
fn a_large_image_is_exact() {
    let layer = Conv2d {
        input: [130, 100, 192],
        output: [130, 100, 1],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [1, 1],
    };
    let case = Case::new(layer, 2, &mut rng(11), integers);
    for (actual, expected) in case.run().iter().zip(case.expected()) {
        assert_exact(actual, &expected);
    }
}

/// ⟨conv(x, w), g⟩ = ⟨x, dX⟩ = ⟨w, dW⟩
#[test]
fn the_three_directions_are_adjoint() {
    for case in cases(uniform) {
        let case = Case { bias: vec![0.0; case.bias.len()], ..case };
        let [y, dx, kernel, _] = case.run();
        let forward = dot(&wide(&y), &wide(&case.dy));
        let scale = dot(&wide(&y), &wide(&y)).sqrt() * dot(&wide(&case.dy), &wide(&case.dy)).sqrt();
        for other in [dot(&wide(&case.x), &wide(&dx)), dot(&wide(&case.kernel), &wide(&kernel))] {
            assert!((forward - other).abs() <= 1e-6 * scale.max(1.0), "{forward} {other}: {:?}", case.layer);
        }
    }
}

#[test]
fn gradients_are_the_finite_differences() {
    let mut rng = rng(8);
    for _ in 0..20 {
        let layer = random(&mut rng, 5);
        let case = Case::new(layer, 2, &mut rng, uniform);
        let [_, dx, kernel, bias] = case.run();
        let (x, w) = (wide(&case.x), wide(&case.kernel));
        assert_close(&dx, &slope(|x| conv2d(&layer, 2, x, &w), &case.x, &case.dy), 1e-5);
        assert_close(&kernel, &slope(|w| conv2d(&layer, 2, &x, w), &case.kernel, &case.dy), 1e-5);
        let with_bias = |bias: &[f64]| {
            let mut y = conv2d(&layer, 2, &x, &w);
            y.iter_mut().enumerate().for_each(|(i, y)| *y += bias[i % bias.len()]);
            y
        };
        assert_close(&bias, &slope(with_bias, &case.bias, &case.dy), 1e-5);
    }
}

#[test]
fn contributions_add_up() {
    for case in cases(integers) {
        let [_, dx, kernel, bias] = case.expected();
        let mut scratch = Scratch::new(Arithmetic::Exact);
        let mut added = vec![1.0; case.x.len()];
        case.layer.backward_input(case.n, &case.weights(), &case.dy, &mut added, Write::Add, &mut scratch);
        assert_exact(&added, &dx.iter().map(|dx| dx + 1.0).collect::<Vec<_>>());
        let mut gradients = Affine::<Gradient>::zeros(&kernel_dims(&case.layer));
        for _ in 0..2 {
            case.layer.backward_weights(case.n, &case.x, &case.dy, &mut gradients, &mut scratch);
        }
        assert_exact(gradients.kernel.values(), &kernel.iter().map(|w| 2.0 * w).collect::<Vec<_>>());
        assert_exact(gradients.bias.values(), &bias.iter().map(|b| 2.0 * b).collect::<Vec<_>>());
    }
}

#[test]
fn an_activation_is_applied_after_the_bias_and_the_bias_may_be_missing() {
    for case in cases(integers).into_iter().take(20) {
        let mut scratch = Scratch::new(Arithmetic::Exact);
        let mut y = vec![f32::NAN; case.dy.len()];
        case.layer.forward(case.n, &case.x, &case.weights(), Activation::Relu, &mut y, &mut scratch);
        let [expected, ..] = case.expected();
        assert_exact(&y, &expected.iter().map(|y| y.max(0.0)).collect::<Vec<_>>());

        let weights = Linear { kernel: case.weights().kernel };
        case.layer.forward(case.n, &case.x, &weights, Activation::Linear, &mut y, &mut scratch);
        assert_exact(&y, &conv2d(&case.layer, case.n, &wide(&case.x), &wide(&case.kernel)));
        let mut gradients = Linear::<Gradient>::zeros(&kernel_dims(&case.layer));
        case.layer.backward_weights(case.n, &case.x, &case.dy, &mut gradients, &mut scratch);
        assert_exact(gradients.kernel.values(), &case.expected()[2]);
    }
}

#[test]
fn no_samples_give_nothing_and_a_gradient_of_zero() {
    for layer in special() {
        let case = Case::new(layer, 0, &mut rng(9), uniform);
        let [y, dx, kernel, bias] = case.run();
        assert!(y.is_empty() && dx.is_empty());
        assert!(kernel.iter().chain(&bias).all(|&value| value == 0.0));
    }
}

/// Fast paths must not mix samples: each sample of a batch gives what it gives alone.
#[test]
fn samples_do_not_see_each_other() {
    let mut rng = rng(10);
    for layer in special() {
        let mut case = Case::new(layer, 5, &mut rng, uniform);
        let alone = case.run();
        let (input, output) = (case.x.len() / 5, case.dy.len() / 5);
        case.x[..input].fill(f32::NAN);
        case.dy[..output].fill(f32::NAN);
        let [y, dx, ..] = case.run();
        assert_eq!(y[output..], alone[0][output..]);
        assert_eq!(dx[input..], alone[1][input..]);
    }
}

/// What the documentation says of large numbers.
#[test]
fn numbers_up_to_1e36_are_in_the_range_of_fast_arithmetic_and_all_in_that_of_exact() {
    // Both forms of Winograd's algorithm.
    let layers = [
        (
            Conv2d {
                input: [18, 18, 16],
                output: [16, 16, 16],
                kernel: [3, 3],
                stride: [1, 1],
                dilation: [1, 1],
                padding: [0, 0],
            },
            Algorithm::Winograd,
        ),
        (
            Conv2d {
                input: [18, 33, 16],
                output: [16, 16, 16],
                kernel: [3, 3],
                stride: [1, 2],
                dilation: [1, 1],
                padding: [0, 0],
            },
            Algorithm::Rows,
        ),
    ];
    for (layer, algorithm) in layers {
        let mut weights = Linear { kernel: Param::zeros(&[3, 3, 16, 16]) };
        weights.kernel.values_mut().fill(0.125);
        for (value, arithmetic, finite) in
            [(1e36_f32, Arithmetic::Fast, true), (1e38, Arithmetic::Fast, false), (1e38, Arithmetic::Exact, true)]
        {
            // One number in the middle: each output is a multiple of it, or 0.
            let mut x = vec![0.0; layer.input.iter().product()];
            x[(9 * layer.input[1] + 9) * 16 + 5] = value;
            let mut y = vec![f32::NAN; layer.output.iter().product()];
            let scratch = Scratch::new(arithmetic);
            let mut scratch = match arithmetic {
                Arithmetic::Fast => scratch.forcing(algorithm),
                Arithmetic::Exact => scratch,
            };
            layer.forward(1, &x, &weights, Activation::Linear, &mut y, &mut scratch);
            assert_eq!(y.iter().all(|y| y.is_finite()), finite, "{value:e} {arithmetic:?} {layer:?}");
            if finite {
                let largest = y.iter().fold(0.0_f32, |largest, y| largest.max(*y));
                assert!((largest / (0.125 * value) - 1.0).abs() < 1e-3, "{largest:e}");
            }
        }
    }
}
