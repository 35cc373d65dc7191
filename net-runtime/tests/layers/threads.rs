//! The same bits on any number of threads, for sizes at which threads are used.

use net_runtime::activations::*;
use net_runtime::layers::*;
use net_runtime::weights::Affine;
use net_runtime::{Gradient, Param, RandomKey, Scratch, Write, initializers};

use crate::reference::*;

#[track_caller]
pub fn assert_same_bits(work: impl Fn() -> Vec<Vec<f32>> + Sync) {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let results = pool.install(&work);
        results.into_iter().map(|result| result.into_iter().map(f32::to_bits).collect()).collect::<Vec<Vec<_>>>()
    };
    let one = on(1);
    for threads in [2, 3, 8] {
        assert!(on(threads) == one, "{threads} threads");
    }
}

fn drawn(kernel: &[usize]) -> Affine {
    let bias = Param::zeros(&kernel[kernel.len() - 1..]);
    Affine { kernel: initializers::glorot_uniform(kernel, initializers::Seed::new(1, "layer")), bias }
}

#[test]
fn convolution() {
    let plain = Conv2d {
        input: [31, 31, 64],
        output: [29, 29, 80],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [0, 0],
    };
    let strided = Conv2d { output: [31, 16, 80], stride: [1, 2], padding: [1, 1], ..plain };
    let strided_down = Conv2d { output: [16, 31, 80], stride: [2, 1], padding: [1, 1], ..plain };
    let pointwise = Conv2d { output: [31, 31, 80], kernel: [1, 1], ..plain };
    // Inputs with more tiles than their outputs, in bands of rows and as whole images.
    let banded = Conv2d { input: [30, 30, 64], output: [28, 28, 128], ..plain };
    let many = Conv2d { input: [14, 14, 64], output: [12, 12, 128], ..plain };
    let few = [(1, plain), (5, plain), (7, strided), (2, strided), (3, strided_down), (3, pointwise)];
    for (n, layer) in few.into_iter().chain([(1, banded), (5, banded), (17, many)]) {
        let mut rng = rng(60);
        let dims = [layer.kernel[0], layer.kernel[1], layer.input[2], layer.output[2]];
        let x = uniform(&mut rng, n * layer.input.iter().product::<usize>());
        let dy = uniform(&mut rng, n * layer.output.iter().product::<usize>());
        let weights = drawn(&dims);
        assert_same_bits(|| {
            let mut scratch = Scratch::default();
            let mut gradients = Affine::<Gradient>::zeros(&dims);
            let (mut y, mut dx) = (vec![0.0; dy.len()], vec![0.0; x.len()]);
            layer.forward(n, &x, &weights, gelu(false), &mut y, &mut scratch);
            layer.backward_input(n, &weights, &dy, &mut dx, Write::Add, &mut scratch);
            layer.backward_weights(n, &x, &dy, &mut gradients, &mut scratch);
            vec![y, dx, gradients.kernel.values().to_vec(), gradients.bias.values().to_vec()]
        });
    }
}

/// Those whose kernels are not the last axis's, of `[inputs, outputs]` channels.
fn drawn_to(kernel: &[usize], outputs: usize) -> Affine {
    let kernel = initializers::glorot_uniform(kernel, initializers::Seed::new(1, "layer"));
    Affine { kernel, bias: Param::zeros(&[outputs]) }
}

#[test]
fn depthwise_and_transposed_convolutions() {
    let depthwise = DepthwiseConv2d {
        input: [40, 40, 70],
        output: [20, 20, 140],
        kernel: [3, 3],
        stride: [2, 2],
        dilation: [1, 1],
        padding: [0, 0],
    };
    let single = DepthwiseConv2d { output: [40, 40, 70], stride: [1, 1], padding: [1, 1], ..depthwise };
    let transpose = Conv2dTranspose {
        input: [15, 15, 70],
        output: [30, 30, 40],
        kernel: [3, 3],
        stride: [2, 2],
        dilation: [1, 1],
        padding: [0, 0],
    };
    let fast = Conv2dTranspose { input: [28, 28, 64], output: [30, 30, 64], stride: [1, 1], ..transpose };
    macro_rules! check {
        ($layer:expr, $n:expr, $dims:expr) => {{
            let (layer, n, dims) = ($layer, $n, $dims);
            let mut rng = rng(65);
            let x = uniform(&mut rng, n * layer.input.iter().product::<usize>());
            let dy = uniform(&mut rng, n * layer.output.iter().product::<usize>());
            let weights = drawn_to(&dims, layer.output[2]);
            assert_same_bits(|| {
                let mut scratch = Scratch::default();
                let [kernel, bias] = [&dims[..], &layer.output[2..]].map(Gradient::zeros);
                let mut gradients = Affine { kernel, bias };
                let (mut y, mut dx) = (vec![0.0; dy.len()], vec![0.0; x.len()]);
                layer.forward(n, &x, &weights, gelu(false), &mut y, &mut scratch);
                layer.backward_input(n, &weights, &dy, &mut dx, Write::Add, &mut scratch);
                layer.backward_weights(n, &x, &dy, &mut gradients, &mut scratch);
                vec![y, dx, gradients.kernel.values().to_vec(), gradients.bias.values().to_vec()]
            });
        }};
    }
    for n in [1, 5] {
        check!(depthwise, n, [3, 3, 70, 2]);
        check!(single, n, [3, 3, 70, 1]);
        check!(transpose, n, [3, 3, 40, 70]);
        check!(fast, n, [3, 3, 64, 64]);
    }
}

#[test]
fn dense() {
    for (n, layer) in
        [(32, Dense { rows: 1, inputs: 9000, outputs: 50 }), (64, Dense { rows: 2, inputs: 300, outputs: 500 })]
    {
        let mut rng = rng(61);
        let x = uniform(&mut rng, n * layer.rows * layer.inputs);
        let dy = uniform(&mut rng, n * layer.rows * layer.outputs);
        let dims = [layer.inputs, layer.outputs];
        let weights = drawn(&dims);
        assert_same_bits(|| {
            let mut scratch = Scratch::default();
            let mut gradients = Affine::<Gradient>::zeros(&dims);
            let (mut y, mut dx) = (vec![0.0; dy.len()], vec![0.0; x.len()]);
            layer.forward(n, &x, &weights, relu(), &mut y, &mut scratch);
            layer.backward_input(n, &weights, &dy, &mut dx, Write::Set, &mut scratch);
            layer.backward_weights(n, &x, &dy, &mut gradients, &mut scratch);
            vec![y, dx, gradients.kernel.values().to_vec(), gradients.bias.values().to_vec()]
        });
    }
}

#[test]
fn pools() {
    let n = 6;
    let input = [40, 40, 70];
    let max = MaxPool2d { input, output: [20, 20, 70], size: [3, 3], stride: [2, 2], padding: [0, 0] };
    let avg = AvgPool2d { input, output: [20, 20, 70], size: [3, 3], stride: [2, 2], padding: [0, 0] };
    let (whole_avg, whole_max) = (GlobalAvgPool2d { input }, GlobalMaxPool2d { input });
    let mut rng = rng(62);
    let (x, dy) = (uniform(&mut rng, n * 40 * 40 * 70), uniform(&mut rng, n * 20 * 20 * 70));
    assert_same_bits(|| {
        let mut results: Vec<_> = [dy.len(), dy.len(), n * 70, n * 70].map(|len| vec![0.0; len]).into();
        let mut gradients = vec![vec![0.0; x.len()]; 4];
        max.forward(n, &x, &mut results[0]);
        avg.forward(n, &x, &mut results[1]);
        whole_max.forward(n, &x, &mut results[2]);
        whole_avg.forward(n, &x, &mut results[3]);
        max.backward_input(n, &x, &results[0], &dy, &mut gradients[0], Write::Set);
        avg.backward_input(n, &dy, &mut gradients[1], Write::Set);
        whole_max.backward_input(n, &x, &results[2], &dy[..n * 70], &mut gradients[2], Write::Set);
        whole_avg.backward_input(n, &dy[..n * 70], &mut gradients[3], Write::Set);
        results.extend(gradients);
        results
    });
}

#[test]
fn moves() {
    let n = 4;
    let input = [48, 40, 72];
    let mut rng = rng(65);
    let x = uniform(&mut rng, n * 48 * 40 * 72);
    let dy = uniform(&mut rng, n * 48 * 40 * 72);
    let random = RandomKey { seed: 1, step: 2 };
    let slice = Slice { outer: 48, len: 40, inner: 72, start: 3, step: 2, count: 18 };
    let blocks = SpaceToDepth { input, block: 4 };
    let larger = UpSampling2d { input: [24, 20, 72], size: [2, 2] };
    let resize = Resize { input, output: [31, 57, 72], interpolation: Interpolation::Bilinear };
    let (sum, max) = (Sum { outer: 48 * 40, len: 72, inner: 1 }, Max { outer: 48, len: 40, inner: 72 });
    let channels = SpatialDropout { places: 48 * 40, channels: 72, rate: 0.3, layer: 1 };
    let rescaling = Rescaling { len: 48 * 40 * 72, scale: &[2.0], offset: &[0.5, 1.5] };
    let crop = Crop2d { input, cropping: [[3, 5], [7, 1]] };
    assert_same_bits(|| {
        let mut y = vec![vec![0.0; n * 48 * 40 * 72]; 6];
        let mut resized = vec![0.0; n * 31 * 57 * 72];
        let mut dx = vec![vec![0.0; n * 48 * 40 * 72]; 3];
        slice.forward(n, &x, &mut y[0][..n * 48 * 18 * 72]);
        blocks.forward(n, &x, &mut y[1]);
        larger.forward(n, &x[..n * 24 * 20 * 72], &mut y[2]);
        channels.forward(n, &x, &mut y[3], random);
        rescaling.forward(n, &x, &mut y[4]);
        crop.forward(n, &x, &mut y[5][..n * 40 * 32 * 72]);
        resize.forward(n, &x, &mut resized);
        let (mut sums, mut largest) = (vec![0.0; n * 48 * 40], vec![0.0; n * 48 * 72]);
        sum.forward(n, &x, &mut sums);
        max.forward(n, &x, &mut largest);
        larger.backward_input(n, &dy, &mut dx[0][..n * 24 * 20 * 72], Write::Set);
        resize.backward_input(n, &resized, &mut dx[1], Write::Set);
        max.backward_input(n, &x, &largest, &dy[..n * 48 * 72], &mut dx[2], Write::Set);
        y.extend(dx);
        y.extend([resized, sums, largest]);
        y
    });
}

#[test]
fn element_by_element() {
    const LEN: usize = 50_000;
    let n = 6;
    let mut rng = rng(63);
    let (a, gate) = (uniform(&mut rng, n * LEN), uniform(&mut rng, n * 50));
    let dy = uniform(&mut rng, n * LEN);
    let random = RandomKey { seed: 1, step: 2 };
    let dropout = Dropout { len: LEN, rate: 0.4, layer: 1 };
    let mul = Mul { inputs: &[&[1000, 50], &[1, 50]], output: &[1000, 50] };
    let maximum = Maximum { inputs: &[&[1000, 50], &[1, 50]], output: &[1000, 50] };
    assert_same_bits(|| {
        let mut results = vec![vec![0.0; n * LEN]; 7];
        let mut small = vec![vec![0.0; n * 50]; 2];
        dropout.forward(n, &a, &mut results[0], random);
        dropout.backward_input(n, &dy, &mut results[1], Write::Set, random);
        softmax(1000, 50).forward(n, &a, &mut results[2]);
        mul.forward(n, &[&a, &gate], &mut results[3]);
        mul.backward_input(n, 0, &[&a, &gate], &dy, &mut results[4], Write::Set);
        mul.backward_input(n, 1, &[&a, &gate], &dy, &mut small[0], Write::Set);
        maximum.backward_input(n, 1, &[&a, &gate], &dy, &mut small[1], Write::Set);
        gelu(true).forward(&a, &mut results[5]);
        silu().backward_input(&a, &dy, &mut results[6], Write::Set);
        results.extend(small);
        results
    });
}
