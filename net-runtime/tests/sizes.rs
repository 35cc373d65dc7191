//! Descriptors whose sizes are more than can be counted, and tensors that hold what is left of them when products wrap: a panic, and no
//! read beyond a slice. In a development build the multiplication itself would panic; so this runs as a release build, too.

use std::panic::{AssertUnwindSafe, catch_unwind};

use net_runtime::activations::relu;
use net_runtime::layers::{
    AdaptiveMaxPool, Add, Attention, AttentionMask, AttentionScore, AvgPool2d, BatchNorm, CategoryEncoding, Concat,
    Conv2d, Conv2dTranspose, Conv3d, Conv3dTranspose, ConvLstm2d, Crop1d, Dense, DepthToSpace, DepthwiseConv2d,
    Distance, DistanceMetric, Dot, Dropout, EinsumDense, Embedding, GlobalAvgPool2d, GlobalMaxPool2d, Glu,
    GroupNormPlain, Gru, Interpolation, LayerNormPlain, LearnedPositions, LogSoftmax, Lstm, MaskedAvgPool1d, MaxPool1d,
    MaxPool2d, MaxPool3d, Mean, MultiHeadAttention, Normalization, PRelu, Part, Permute, Repeat, Rescaling, Resize,
    Reverse, Sequence, SimpleRnn, SinePositions, Slice, Softmax, SpaceToDepth, Sparsemax, SpatialDropout, UnitNorm,
    UpSampling2d, ZeroPad2d,
};
use net_runtime::optimizers::Moment;
use net_runtime::weights::{
    Adapted, AdditiveScore, Affine, Linear, MultiHeadLinear, NormalizationPlain, RecurrentLinear, Slopes, Table,
};
use net_runtime::{Batch, Gradient, Param, RandomKey, Scratch, Shape1, Write};

/// One more than half of all numbers: twice it is 2.
const HALF: usize = (1 << (usize::BITS - 1)) + 1;

/// The square of it is 0.
const ROOT: usize = 1 << (usize::BITS / 2);

#[track_caller]
fn refused(what: &str, work: impl FnOnce()) {
    let panicked = catch_unwind(AssertUnwindSafe(work)).expect_err(what);
    let text = panicked.downcast_ref::<String>().map(String::as_str);
    let text = text.or(panicked.downcast_ref::<&str>().copied()).unwrap_or_default();
    let ours = [
        "does not hold",
        "does not have",
        "larger than memory",
        "farther than memory",
        "does not lie within",
        "elements of the",
    ];
    assert!(ours.iter().any(|ours| text.contains(ours)), "{what}: {text}");
}

fn weights(kernel: &[usize]) -> Affine {
    let outputs = *kernel.last().unwrap();
    Affine { kernel: Param::zeros(kernel), bias: Param::zeros(&[outputs]) }
}

fn dense(name: &str, layer: Dense, n: usize, kernel: [usize; 2], [inputs, outputs]: [usize; 2]) {
    let (weights, mut scratch) = (weights(&kernel), Scratch::default());
    let (x, dy) = (vec![1.0; inputs], vec![1.0; outputs]);
    let mut gradients = Affine::<Gradient>::zeros(&kernel);
    refused(name, || layer.forward(n, &x, &weights, relu(), &mut dy.clone(), &mut scratch));
    refused(name, || layer.backward_weights(n, &x, &dy, &mut gradients, &mut scratch));
    refused(name, || layer.backward_input(n, &weights, &dy, &mut x.clone(), Write::Set, &mut scratch));
}

#[test]
fn dense_layers() {
    dense("inputs", Dense { rows: 1, inputs: HALF, outputs: 16 }, 2, [1, 16], [2, 32]);
    dense("outputs", Dense { rows: 1, inputs: 16, outputs: HALF }, 2, [16, 1], [32, 2]);
    dense("rows", Dense { rows: HALF, inputs: 16, outputs: 16 }, 2, [16, 16], [32, 32]);
    // 5 · 16 · n wraps to 80 · 17.
    let n = (1 << (usize::BITS - 3)) + 17;
    dense("samples", Dense { rows: 5, inputs: 16, outputs: 16 }, n, [16, 16], [80 * 17, 80 * 17]);
    dense("nothing", Dense { rows: 1, inputs: ROOT, outputs: ROOT }, 0, [1, 1], [0, 0]);
    dense("weights", Dense { rows: 1, inputs: 16, outputs: 32 }, 1, [16, 16], [16, 32]);
}

#[test]
fn slopes_that_are_learnt() {
    let (weights, mut scratch) = (Slopes { alpha: Param::zeros(&[16]) }, Scratch::default());
    let mut gradients = Slopes { alpha: Gradient::zeros(&[16]) };
    let (layer, x) = (PRelu { shared: HALF, slopes: 16 }, vec![1.0; 32]);
    refused("forward", || layer.forward(2, &x, &weights, &mut x.clone(), &mut scratch));
    refused("slopes", || layer.backward_weights(2, &x, &x, &mut gradients, &mut scratch));
    refused("input", || layer.backward_input(2, &weights, &x, &x, &mut x.clone(), Write::Set, &mut scratch));
}

#[test]
fn known_means() {
    let (adapted, mut scratch) =
        (Adapted { mean: Param::zeros(&[16]), variance: Param::zeros(&[16]) }, Scratch::default());
    for [outer, inner] in [[HALF, 1], [1, HALF]] {
        let (layer, x) = (Normalization { outer, len: 16, inner, invert: false }, vec![1.0; 32]);
        refused("forward", || layer.forward(2, &x, &adapted, &mut x.clone(), &mut scratch));
        refused("input", || layer.backward_input(2, &adapted, &x, &mut x.clone(), Write::Set, &mut scratch));
    }
}

fn plain(input: [usize; 3], output: [usize; 3], kernel: [usize; 2]) -> Conv2d {
    Conv2d { input, output, kernel, stride: [1; 2], dilation: [1; 2], padding: [0; 2] }
}

fn convolution(name: &str, layer: Conv2d, n: usize, kernel: [usize; 4], [inputs, outputs]: [usize; 2]) {
    let (weights, mut scratch) = (Linear { kernel: Param::zeros(&kernel) }, Scratch::default());
    let (x, dy) = (vec![1.0; inputs], vec![1.0; outputs]);
    let mut gradients = Linear::<Gradient>::zeros(&kernel);
    refused(name, || layer.forward(n, &x, &weights, relu(), &mut dy.clone(), &mut scratch));
    refused(name, || layer.backward_weights(n, &x, &dy, &mut gradients, &mut scratch));
    refused(name, || layer.backward_input(n, &weights, &dy, &mut x.clone(), Write::Set, &mut scratch));
}

/// Refused by a recurrent layer of any kind.
macro_rules! recurrent_layer {
    ($name:expr, $layer:expr, $n:expr, $weights:expr, [$x:expr, $y:expr, $kept:expr]) => {{
        let (name, layer, n, weights, random) = ($name, $layer, $n, $weights, RandomKey::default());
        let ([x, mut y, mut kept], mut scratch) = ([$x, $y, $kept].map(|len| vec![1.0; len]), Scratch::default());
        refused(name, || layer.forward(n, &[&x], weights, &mut [&mut y], &mut [], random, &mut scratch));
        refused(name, || layer.forward(n, &[&x], weights, &mut [&mut y], &mut kept, random, &mut scratch));
        let dy = y.clone();
        refused(name, || {
            layer.backward_begin(n, weights, &[&x], &[&mut y], &[Some(&dy)], &mut kept, &mut scratch);
        });
        let mut dx = x.clone();
        refused(name, || {
            layer.backward_input(n, 0, weights, &mut kept, &mut dx, Write::Set, &mut scratch);
        });
        let mut gradients = RecurrentLinear {
            kernel: Gradient::zeros(weights.kernel.dims()),
            recurrent_kernel: Gradient::zeros(weights.recurrent_kernel.dims()),
        };
        refused(name, || layer.backward_weights(n, &[&x], &[&mut y], &mut kept, &mut gradients, &mut scratch));
    }};
}

fn recurrent(name: &str, sequence: Sequence, n: usize, kernel: [usize; 2], units: usize, sizes: [usize; 3]) {
    let weights = |gates: usize| {
        let [kernel, recurrent_kernel] = [[kernel[0], gates * kernel[1] / 4], [units, gates * units]];
        RecurrentLinear { kernel: Param::zeros(&kernel), recurrent_kernel: Param::zeros(&recurrent_kernel) }
    };
    let [x, y, kept] = sizes;
    recurrent_layer!(name, Lstm::new(sequence), n, &weights(4), [x, y, kept]);
    recurrent_layer!(name, Gru::new(sequence), n, &weights(3), [x, y, kept]);
    recurrent_layer!(name, SimpleRnn::new(sequence), n, &weights(1), [x, y, kept]);
}

#[test]
fn recurrent_layers_over_images() {
    let weights =
        RecurrentLinear { kernel: Param::zeros(&[3, 3, 2, 8]), recurrent_kernel: Param::zeros(&[3, 3, 2, 8]) };
    let image = Conv2d { padding: [1, 1], ..plain([4, 4, 2], [4, 4, 8], [3, 3]) };
    let sequence = Sequence::new(3, 32, 32);
    for (n, layer) in [
        (2, ConvLstm2d::new(Sequence { steps: HALF, ..sequence }, image)),
        (2, ConvLstm2d::new(Sequence { inputs: HALF, ..sequence }, Conv2d { input: [HALF, 1, 1], ..image })),
        (2, ConvLstm2d::new(Sequence { units: HALF, ..sequence }, Conv2d { output: [HALF, 1, 4], ..image })),
        (2, ConvLstm2d::new(Sequence { units: ROOT, ..sequence }, Conv2d { output: [ROOT, ROOT, 8], ..image })),
        (2, ConvLstm2d::new(sequence, Conv2d { kernel: [ROOT, ROOT], ..image })),
        ((1 << (usize::BITS - 5)) + 2, ConvLstm2d::new(sequence, image)),
    ] {
        // Twice what a sample of what wraps has.
        let kept = 2 * (6 * 3 * 32 + 3 * 32 + 2 * 32);
        recurrent_layer!("image", layer, n, &weights, [2 * 3 * 32, 2 * 32, kept]);
    }
}

#[test]
fn recurrent_layers() {
    recurrent("steps", Sequence::new(HALF, 4, 4), 2, [4, 16], 4, [8, 8, 72]);
    recurrent("inputs", Sequence::new(1, HALF, 4), 2, [1, 16], 4, [2, 8, 72]);
    recurrent("units", Sequence::new(1, 4, HALF), 2, [4, 4], 1, [8, 2, 18]);
    let n = (1 << (usize::BITS - 4)) + 3;
    recurrent("samples", Sequence::new(2, 8, 16), n, [8, 64], 16, [48, 48, 736]);
    recurrent("nothing", Sequence::new(1, ROOT, ROOT), 0, [1, 4], 1, [0, 0, 0]);
}

#[test]
fn convolutions() {
    convolution("kernel", plain([8, 8, 16], [6, 6, 16], [ROOT, ROOT]), 1, [3, 3, 16, 16], [1024, 576]);
    convolution("filters", plain([8, 8, 16], [6, 6, HALF], [3, 3]), 2, [3, 3, 16, 1], [2048, 72]);
    convolution("height", plain([HALF, 8, 16], [6, 6, 16], [3, 3]), 2, [3, 3, 16, 16], [256, 1152]);
    convolution("width", plain([8, HALF, 16], [6, 6, 16], [3, 3]), 2, [3, 3, 16, 16], [256, 1152]);
    convolution("output", plain([8, 8, 16], [ROOT, ROOT, 16], [3, 3]), 1, [3, 3, 16, 16], [1024, 0]);
    convolution("samples", plain([8, 8, 16], [6, 6, 16], [3, 3]), 1 << (usize::BITS - 2), [3, 3, 16, 16], [0, 0]);
    let three = plain([8, 8, 16], [6, 6, 16], [3, 3]);
    for [a, b] in [[1, usize::MAX / 2], [usize::MAX / 2, 1]] {
        convolution("stride", Conv2d { stride: [a, b], ..three }, 1, [3, 3, 16, 16], [1024, 576]);
        convolution("dilation", Conv2d { dilation: [b, a], ..three }, 1, [3, 3, 16, 16], [1024, 576]);
        convolution("padding", Conv2d { padding: [a, b], ..three }, 1, [3, 3, 16, 16], [1024, 576]);
    }
    // Three channels, for which the result is pooled in registers.
    for filters in [16, HALF] {
        let layer = plain([9, 9, 3], [8, 8, filters], [ROOT, ROOT]).max_pooled();
        let (weights, mut scratch) = (Linear { kernel: Param::zeros(&[2, 2, 3, 16]) }, Scratch::default());
        let [x, mut y, mut choices] = [243, 256, 64].map(|len| vec![1.0; len]);
        refused("pooled", || layer.forward(1, &x, &weights, relu(), &mut y, &mut choices, &mut scratch));
        let mut gradients = Linear::<Gradient>::zeros(&[2, 2, 3, 16]);
        refused("pooled", || layer.backward_weights(1, &x, &y, &choices, &mut gradients, &mut scratch));
        let mut dx = x.clone();
        let write = Write::Set;
        refused("pooled", || layer.backward_input(1, &weights, &y, &choices, &mut dx, write, &mut scratch));
    }
}

#[test]
fn depthwise_and_transposed_convolutions() {
    let (weights, mut scratch) = (Linear { kernel: Param::zeros(&[3, 3, 16, 1]) }, Scratch::default());
    let (x, dy) = (vec![1.0; 1024], vec![1.0; 576]);
    let mut gradients = Linear::<Gradient>::zeros(&[3, 3, 16, 1]);
    let depthwise = DepthwiseConv2d {
        input: [8, 8, 16],
        output: [6, 6, 16],
        kernel: [3, 3],
        stride: [1; 2],
        dilation: [1; 2],
        padding: [0; 2],
    };
    for layer in [
        DepthwiseConv2d { input: [HALF, 8, 16], ..depthwise },
        DepthwiseConv2d { output: [6, HALF, 16], ..depthwise },
        DepthwiseConv2d { output: [6, 6, 17], ..depthwise },
        DepthwiseConv2d { kernel: [ROOT, ROOT], ..depthwise },
        DepthwiseConv2d { stride: [1, usize::MAX / 2], ..depthwise },
        DepthwiseConv2d { dilation: [usize::MAX / 2, 1], ..depthwise },
        DepthwiseConv2d { padding: [1, usize::MAX / 2], ..depthwise },
    ] {
        refused("depthwise", || layer.forward(1, &x, &weights, relu(), &mut dy.clone(), &mut scratch));
        refused("depthwise", || layer.backward_weights(1, &x, &dy, &mut gradients, &mut scratch));
        refused("depthwise", || {
            layer.backward_input(1, &weights, &dy, &mut x.clone(), Write::Set, &mut scratch);
        });
    }
    let (weights, mut gradients) =
        (Linear { kernel: Param::zeros(&[3, 3, 16, 16]) }, Linear::<Gradient>::zeros(&[3, 3, 16, 16]));
    let transpose = Conv2dTranspose {
        input: [6, 6, 16],
        output: [8, 8, 16],
        kernel: [3, 3],
        stride: [1; 2],
        dilation: [1; 2],
        padding: [0; 2],
    };
    for layer in [
        Conv2dTranspose { input: [6, HALF, 16], ..transpose },
        Conv2dTranspose { output: [HALF, 8, 16], ..transpose },
        Conv2dTranspose { kernel: [ROOT, ROOT], ..transpose },
        Conv2dTranspose { stride: [usize::MAX / 2, 1], ..transpose },
        Conv2dTranspose { padding: [1, usize::MAX / 2], ..transpose },
    ] {
        refused("transposed", || layer.forward(1, &dy, &weights, relu(), &mut x.clone(), &mut scratch));
        refused("transposed", || layer.backward_weights(1, &dy, &x, &mut gradients, &mut scratch));
        refused("transposed", || {
            layer.backward_input(1, &weights, &x, &mut dy.clone(), Write::Set, &mut scratch);
        });
    }
}

#[test]
fn convolutions_of_volumes_and_in_groups() {
    let mut scratch = Scratch::default();
    let (x, dy) = (vec![1.0; 8 * 8 * 8 * 4], vec![1.0; 6 * 6 * 6 * 4]);
    let (weights, mut gradients) =
        (Linear { kernel: Param::zeros(&[3, 3, 3, 4, 4]) }, Linear::<Gradient>::zeros(&[3, 3, 3, 4, 4]));
    let volume = Conv3d {
        input: [8, 8, 8, 4],
        output: [6, 6, 6, 4],
        kernel: [3; 3],
        stride: [1; 3],
        dilation: [1; 3],
        padding: [0; 3],
    };
    for layer in [
        Conv3d { input: [HALF, 8, 8, 4], ..volume },
        Conv3d { input: [8, 8, 8, HALF], ..volume },
        Conv3d { output: [6, HALF, 6, 4], ..volume },
        Conv3d { output: [6, 6, 6, HALF], ..volume },
        Conv3d { kernel: [ROOT, 3, ROOT], ..volume },
        Conv3d { stride: [usize::MAX / 2, 1, 1], ..volume },
        Conv3d { stride: [1, 1, usize::MAX / 2], ..volume },
        Conv3d { dilation: [usize::MAX / 2, 1, 1], ..volume },
        Conv3d { dilation: [1, usize::MAX / 2, 1], ..volume },
        Conv3d { padding: [usize::MAX / 2, 0, 0], ..volume },
        Conv3d { padding: [0, usize::MAX / 2, 0], ..volume },
    ] {
        let what = format!("{layer:?}");
        refused(&what, || layer.forward(1, &x, &weights, relu(), &mut dy.clone(), &mut scratch));
        refused(&what, || layer.backward_weights(1, &x, &dy, &mut gradients, &mut scratch));
        refused(&what, || layer.backward_input(1, &weights, &dy, &mut x.clone(), Write::Set, &mut scratch));
        let Conv3d { input, output, kernel, stride, dilation, padding } = layer;
        let transposed = Conv3dTranspose { input: output, output: input, kernel, stride, dilation, padding };
        refused(&what, || transposed.forward(1, &dy, &weights, relu(), &mut x.clone(), &mut scratch));
        refused(&what, || transposed.backward_weights(1, &dy, &x, &mut gradients, &mut scratch));
        refused(&what, || transposed.backward_input(1, &weights, &x, &mut dy.clone(), Write::Set, &mut scratch));
    }
    let (weights, mut gradients) =
        (Linear { kernel: Param::zeros(&[3, 3, 4, 16]) }, Linear::<Gradient>::zeros(&[3, 3, 4, 16]));
    let (x, dy) = (vec![1.0; 1024], vec![1.0; 576]);
    let image = plain([8, 8, 16], [6, 6, 16], [3, 3]);
    for layer in [
        Conv2d { input: [HALF, 8, 16], ..image },
        Conv2d { output: [6, HALF, 16], ..image },
        Conv2d { kernel: [ROOT, ROOT], ..image },
        Conv2d { stride: [usize::MAX / 2, 1], ..image },
        Conv2d { dilation: [1, usize::MAX / 2], ..image },
        Conv2d { padding: [1, usize::MAX / 2], ..image },
    ] {
        let (what, layer) = (format!("{layer:?} in groups"), layer.grouped(4));
        refused(&what, || layer.forward(1, &x, &weights, relu(), &mut dy.clone(), &mut scratch));
        refused(&what, || layer.backward_weights(1, &x, &dy, &mut gradients, &mut scratch));
        refused(&what, || layer.backward_input(1, &weights, &dy, &mut x.clone(), Write::Set, &mut scratch));
    }
}

#[test]
fn a_result_that_is_a_part_of_a_larger_one() {
    let layer = plain([8, 8, 16], [6, 6, 16], [3, 3]);
    let (weights, mut scratch) = (weights(&[3, 3, 16, 16]), Scratch::default());
    let (x, mut y) = (vec![1.0; 1024], vec![1.0; 600]);
    for part in [
        Part { start: usize::MAX - 500, pixel: 16, line: 96, sample: 600 },
        Part { start: 0, pixel: ROOT * (ROOT / 4), line: 96, sample: 600 },
        Part { start: 0, pixel: 16, line: usize::MAX / 5 + 20, sample: 600 },
    ] {
        let layer = layer.within(part);
        refused("part", || layer.forward(1, &x, &weights, relu(), &mut y, &mut scratch));
    }
}

#[test]
fn pools() {
    let [x, mut y] = [vec![1.0; 128], vec![1.0; 32]];
    let max = MaxPool2d { input: [4, 4, 8], output: [2, 2, 8], size: [2; 2], stride: [2; 2], padding: [0; 2] };
    for layer in [
        MaxPool2d { input: [HALF, 8, 8], ..max },
        MaxPool2d { output: [2, 2, HALF], ..max },
        MaxPool2d { stride: [usize::MAX, 2], ..max },
        MaxPool2d { size: [2, usize::MAX], ..max },
        MaxPool2d { padding: [usize::MAX - 1, 0], ..max },
    ] {
        let MaxPool2d { input, output, size, stride, padding } = layer;
        let avg = AvgPool2d { input, output, size, stride, padding };
        let mut dx = x.clone();
        refused("forward", || layer.forward(2, &x, &mut y));
        refused("backward", || layer.backward_input(2, &x, &y, &y, &mut dx, Write::Set));
        refused("in place", || layer.backward_in_place(2, &y, &mut dx, Write::Set));
        refused("average", || avg.forward(2, &x, &mut y));
        refused("average", || avg.backward_input(2, &y, &mut dx, Write::Set));
    }
    let volume =
        MaxPool3d { input: [HALF, 4, 4, 8], output: [1, 2, 2, 8], size: [1; 3], stride: [1; 3], padding: [0; 3] };
    refused("volume", || volume.forward(2, &x, &mut y));
    let steps = MaxPool1d { input: [HALF, 64], output: [4, 8], size: [1], stride: [1], padding: [0] };
    let adaptive = AdaptiveMaxPool { input: [HALF, 4, 16], output: [1, 1, 16] };
    refused("adaptive", || adaptive.forward(2, &x, &mut y));
    let adaptive = AdaptiveMaxPool { input: [4, 4, 8], output: [usize::MAX, 1, 8] };
    refused("adaptive", || adaptive.forward(2, &x, &mut y));
    let masked = MaskedAvgPool1d { input: [HALF, 16] };
    refused("masked", || masked.forward(2, &[&x[..32], &x[..2]], &mut y));
    refused("steps", || steps.forward(2, &x, &mut y));
    let (max, avg) = (GlobalMaxPool2d { input: [HALF, 8, 8] }, GlobalAvgPool2d { input: [HALF, 8, 8] });
    let mut y = vec![1.0; 16];
    refused("global", || max.forward(2, &x, &mut y));
    refused("global", || avg.forward(2, &x, &mut y));
}

#[test]
fn everything_else() {
    let (x, mut y) = (vec![1.0; 32], vec![1.0; 32]);
    refused("softmax", || Softmax { rows: HALF, classes: 16 }.forward(2, &x, &mut y));
    refused("softmax", || Softmax { rows: 16, classes: HALF }.backward_input(2, &x, &x, &mut y, Write::Set));
    let dropout = Dropout { len: HALF, rate: 0.5, layer: 0 };
    refused("dropout", || dropout.forward(2, &x[..2], &mut y[..2], RandomKey::default()));
    refused("permute", || Permute { input: &[HALF, 16], axes: &[1, 0] }.forward(2, &x, &mut y));
    let add = Add { inputs: &[&[HALF, 16], &[HALF, 16]], output: &[HALF, 16] };
    refused("add", || add.forward(2, &[&x, &x], &mut y));
    let concat = Concat { outer: HALF, runs: &[8, 8] };
    refused("concat", || concat.forward(2, &[&x[..16], &x[..16]], &mut y));
    let concat = Concat { outer: 1, runs: &[usize::MAX, 17] };
    refused("concat", || concat.backward_input(2, 1, &x, &mut y, Write::Set));
    for padding in [[[usize::MAX, 1], [0; 2]], [[0; 2], [usize::MAX, 1]], [[ROOT, 0], [ROOT, 0]]] {
        refused("padding", || ZeroPad2d { input: [2, 2, 8], padding }.forward(1, &x, &mut y));
    }
    let slice = Slice { outer: HALF, len: 4, inner: 4, start: 0, step: 1, count: 4 };
    refused("slice", || slice.forward(2, &x, &mut y));
    refused("slice", || Slice { outer: 1, len: 8, inner: 2, start: HALF, ..slice }.forward(2, &x, &mut y[..16]));
    refused("reversal", || Reverse { outer: HALF, len: 4, inner: 4 }.forward(2, &x, &mut y));
    refused("repetition", || Repeat { len: 16, times: HALF }.forward(2, &x, &mut y));
    refused("larger", || UpSampling2d { input: [HALF, 1, 16], size: [1, 1] }.forward(2, &x, &mut y));
    refused("larger", || UpSampling2d { input: [1, 1, 16], size: [ROOT, ROOT] }.forward(2, &x, &mut y));
    refused("blocks", || SpaceToDepth { input: [HALF, 1, 16], block: 1 }.forward(2, &x, &mut y));
    refused("blocks", || DepthToSpace { input: [HALF, 1, 16], block: 1 }.forward(2, &x, &mut y));
    let resize = Resize { input: [HALF, 1, 16], output: [1, 1, 16], interpolation: Interpolation::Nearest };
    refused("resize", || resize.forward(2, &x, &mut y));
    refused("mean", || Mean { outer: 1, len: HALF, inner: 16 }.forward(2, &x, &mut y));
    refused("mean", || Mean { outer: HALF, len: 1, inner: 16 }.backward_input(2, &x, &mut y, Write::Set));
    refused("dropout", || {
        let layer = SpatialDropout { places: HALF, channels: 16, rate: 0.5, layer: 0 };
        layer.forward(2, &x, &mut y, RandomKey::default());
    });
    let encoding = CategoryEncoding { rows: HALF, numbers: 1, tokens: 16, count: false };
    refused("encoding", || drop(encoding.forward(2, &[0; 2], &mut y)));
    refused("cropping", || Crop1d { input: [HALF, 16], cropping: [[HALF - 1, 0]] }.forward(2, &x, &mut y));
}

#[test]
fn rows() {
    let (x, mut y, mut kept, mut scratch) = (vec![1.0; 32], vec![1.0; 32], vec![1.0; 8], Scratch::default());
    for [rows, len] in [[HALF, 16], [16, HALF], [ROOT, ROOT]] {
        refused("logarithm", || LogSoftmax { rows, classes: len }.forward(2, &x, &mut y));
        refused("logarithm", || LogSoftmax { rows, classes: len }.backward_input(2, &x, &x, &mut y, Write::Set));
        refused("sparse", || Sparsemax { rows, classes: len }.forward(2, &x, &mut y));
        refused("sparse", || Sparsemax { rows, classes: len }.backward_input(2, &x, &x, &mut y, Write::Set));
        refused("gate", || Glu { outer: rows, half: len }.forward(1, &x, &mut y[..16]));
        refused("gate", || Glu { outer: rows, half: len }.backward_input(1, &x, &x[..16], &mut y, Write::Set));
        let layer = LayerNormPlain { rows, len, epsilon: 1e-3 };
        refused("norm", || layer.forward(2, &x, relu(), &mut y, &mut kept));
        refused("norm", || layer.backward_input(2, &x, &x, &mut kept, &mut y, Write::Set));
        refused("length", || UnitNorm { rows, len }.forward(2, &x, relu(), &mut y, &mut []));
        refused("length", || UnitNorm { rows, len }.backward_input(2, &x, &x, &mut [], &mut y, Write::Set));
        let layer = GroupNormPlain { positions: rows, channels: len, groups: 1, epsilon: 1e-3 };
        refused("groups", || layer.forward(2, &x, relu(), &mut y, &mut kept, &mut scratch));
        refused("groups", || layer.backward_begin(2, &x, &x, &mut kept, &mut scratch));
        for metric in
            [DistanceMetric::Euclidean, DistanceMetric::Squared, DistanceMetric::Manhattan, DistanceMetric::Cosine]
        {
            let layer = Distance { rows, len, metric };
            refused("distance", || layer.forward(2, &[&x, &x], &mut y[..2]));
            refused("distance", || layer.backward_input(2, 0, &[&x, &x], &x[..2], &mut y.clone(), Write::Set));
        }
        for normalize in [false, true] {
            let layer = Dot { products: rows, len, first: [1, 1], second: [1, 1], normalize };
            refused("products", || layer.forward(2, &[&x, &x], &mut y[..2], &mut scratch));
            let layer = Dot { products: 1, len: 16, first: [rows, 1], second: [1, len], normalize };
            refused("products", || {
                layer.backward_input(2, 1, &[&x, &x], &x, &mut y, Write::Set, &mut scratch);
            });
        }
    }
    refused("scale", || Rescaling { len: HALF, scale: &[2.0], offset: &[0.0] }.forward(2, &x[..2], &mut y[..2]));
}

#[test]
fn layers_of_other_weights() {
    let layer = Embedding { len: HALF, rows: 4, width: 8 };
    let table = Table { embeddings: Param::zeros(&[4, 8]) };
    refused("numbers", || drop(layer.forward(2, &[0; 2], &table, &mut [0.0; 16])));
    let layer = Embedding { len: 1, rows: HALF, width: 2 };
    let table = Table { embeddings: Param::zeros(&[1, 2]) };
    refused("rows", || drop(layer.forward(2, &[0, 3], &table, &mut [0.0; 4])));
    let norm = |positions, channels| BatchNorm { positions, channels, momentum: 0.5, epsilon: 1e-3 };
    let moving = || NormalizationPlain { moving_mean: Param::zeros(&[16]), moving_variance: Param::zeros(&[16]) };
    let (x, mut y, mut kept, mut scratch) = ([1.0; 32], [1.0; 32], [0.0; 64], Scratch::default());
    let layer = norm(HALF, 16);
    refused("positions", || layer.forward(2, &x, &moving(), relu(), &mut y, &mut kept, &mut scratch));
    refused("positions", || layer.backward_begin(2, &x, &x, &mut kept, &mut scratch));
    // Four times so many are 0.
    let layer = norm(1, 1 << (usize::BITS - 2));
    refused("channels", || layer.forward(0, &[], &moving(), relu(), &mut [], &mut kept, &mut scratch));
    refused("channels", || layer.backward_begin(0, &[], &[], &mut kept, &mut scratch));
}

#[test]
fn attention() {
    let layer = MultiHeadAttention {
        queries: 2,
        keys: 2,
        inputs: [2; 3],
        heads: 2,
        key_heads: 2,
        key_dim: 2,
        value_dim: 2,
        outputs: 2,
        sources: 1,
        mask: AttentionMask::Keys,
        causal: false,
        dropout: 0.0,
        layer: 0,
    };
    let kernel = || Param::zeros(&[2, 2, 2]);
    let gradient = || Gradient::zeros(&[2, 2, 2]);
    let weights = MultiHeadLinear {
        query_kernel: kernel(),
        key_kernel: kernel(),
        value_kernel: kernel(),
        output_kernel: kernel(),
    };
    let mut gradients = MultiHeadLinear {
        query_kernel: gradient(),
        key_kernel: gradient(),
        value_kernel: gradient(),
        output_kernel: gradient(),
    };
    let (x, m, random) = ([1.0; 8], [1.0; 4], RandomKey::default());
    let mut scratch = Scratch::default();
    for (n, layer) in [
        (2, MultiHeadAttention { queries: HALF, ..layer }),
        (2, MultiHeadAttention { keys: HALF, ..layer }),
        (2, MultiHeadAttention { heads: HALF, key_heads: HALF, ..layer }),
        (2, MultiHeadAttention { key_dim: HALF, ..layer }),
        (2, MultiHeadAttention { value_dim: HALF, ..layer }),
        (2, MultiHeadAttention { outputs: HALF, ..layer }),
        (2, MultiHeadAttention { inputs: [HALF; 3], ..layer }),
        (2, MultiHeadAttention { queries: ROOT, keys: ROOT, mask: AttentionMask::Pairs, ..layer }),
        (1 << (usize::BITS - 2), layer),
    ] {
        let what = format!("{n} of {layer:?}");
        let mut kept = vec![1.0; 2 * 40];
        refused(&what, || layer.forward(n, &[&x, &m], &weights, &mut x.clone(), &mut [], random, &mut scratch));
        refused(&what, || layer.forward(n, &[&x, &m], &weights, &mut x.clone(), &mut kept, random, &mut scratch));
        refused(&what, || layer.backward_begin(n, &weights, &[&x, &m], &x, &mut kept, random, &mut scratch));
        refused(&what, || layer.backward_weights(n, &[&x, &m], &x, &mut kept, &mut gradients, &mut scratch));
        refused(&what, || layer.backward_input(n, 0, &weights, &mut kept, &mut x.clone(), Write::Set, &mut scratch));
    }
}

#[test]
fn attention_of_one_head() {
    for score in [AttentionScore::Product, AttentionScore::Additive] {
        let layer = Attention {
            queries: 2,
            keys: 2,
            dim: 2,
            value_dim: 2,
            score,
            sources: 1,
            mask: AttentionMask::Keys,
            query_mask: true,
            causal: false,
            dropout: 0.0,
            layer: 0,
        };
        let (x, m, random, mut scratch) = ([1.0; 8], [1.0; 4], RandomKey::default(), Scratch::default());
        let mut gradients = AdditiveScore { scale: Gradient::zeros(&[2]) };
        for (n, layer) in [
            (2, Attention { queries: HALF, ..layer }),
            (2, Attention { keys: HALF, ..layer }),
            (2, Attention { dim: HALF, ..layer }),
            (2, Attention { value_dim: HALF, ..layer }),
            (2, Attention { queries: ROOT, keys: ROOT, mask: AttentionMask::Pairs, ..layer }),
            (1 << (usize::BITS - 2), layer),
        ] {
            let what = format!("{n} of {layer:?}");
            let mut kept = vec![1.0; 2 * 18];
            let operands: [&[f32]; 3] = [&x, &m, &m];
            refused(&what, || layer.forward(n, &operands, &(), &mut x.clone(), &mut [], random, &mut scratch));
            refused(&what, || layer.forward(n, &operands, &(), &mut x.clone(), &mut kept, random, &mut scratch));
            refused(&what, || layer.backward_begin(n, &(), &operands, &x, &x, &mut kept, random, &mut scratch));
            refused(&what, || layer.backward_weights(n, &operands, &mut kept, &mut gradients, &mut scratch));
            refused(&what, || {
                layer.backward_input(n, 0, &(), &mut kept, &mut x.clone(), Write::Set, &mut scratch);
            });
        }
    }
}

#[test]
fn products_of_two_tensors() {
    let dot = Dot { products: 1, len: 4, first: [2, 1], second: [1, 2], normalize: false };
    let (x, mut scratch) = (vec![1.0; 16], Scratch::default());
    for layer in [
        Dot { products: HALF, ..dot },
        Dot { len: HALF, ..dot },
        Dot { first: [HALF, 1], ..dot },
        Dot { first: [ROOT, ROOT], ..dot },
        Dot { second: [HALF, 2], ..dot },
    ] {
        for layer in [layer, Dot { normalize: true, ..layer }] {
            let (operands, mut y): ([&[f32]; 2], _) = ([&x, &x], vec![1.0; 8]);
            let what = format!("{layer:?}");
            refused(&what, || layer.forward(2, &operands, &mut y, &mut scratch));
            for index in 0..2 {
                let mut dx = x.clone();
                refused(&what, || {
                    layer.backward_input(2, index, &operands, &y, &mut dx, Write::Set, &mut scratch);
                });
            }
        }
    }
    for (rows, len) in [(HALF, 8), (8, HALF), (ROOT, ROOT)] {
        for metric in [DistanceMetric::Euclidean, DistanceMetric::Cosine] {
            let layer = Distance { rows, len, metric };
            let (operands, mut y): ([&[f32]; 2], _) = ([&x, &x], vec![1.0; 2]);
            refused("distance", || layer.forward(2, &operands, &mut y));
            refused("distance", || layer.backward_input(2, 1, &operands, &y, &mut x.clone(), Write::Set));
        }
    }
}

#[test]
fn products_with_a_kernel() {
    let layer = EinsumDense {
        input: &[2, 4],
        input_axes: &[0, 1],
        kernel: &[4, 3],
        kernel_axes: &[0, 1],
        contracted: 1,
        result: &[2, 3],
        output_axes: &[0, 1],
        bias: &[],
    };
    let (weights, mut gradients) = (Linear { kernel: Param::zeros(&[4, 3]) }, Linear::<Gradient>::zeros(&[4, 3]));
    let (x, y, mut scratch) = (vec![1.0; 16], vec![1.0; 12], Scratch::default());
    for layer in [
        EinsumDense { input: &[HALF, 4], ..layer },
        EinsumDense { kernel: &[HALF, 3], ..layer },
        EinsumDense { kernel: &[4, HALF], ..layer },
        EinsumDense { result: &[HALF, 3], ..layer },
        EinsumDense { result: &[2, HALF], ..layer },
        EinsumDense { result: &[3, 2], ..layer },
        EinsumDense { input: &[HALF, HALF], result: &[HALF, 3], ..layer },
    ] {
        let what = format!("{layer:?}");
        refused(&what, || layer.forward(2, &x, &weights, &mut y.clone(), &mut scratch));
        refused(&what, || layer.backward_weights(2, &x, &y, &mut gradients, &mut scratch));
        refused(&what, || layer.backward_input(2, &weights, &y, &mut x.clone(), Write::Set, &mut scratch));
    }
}

#[test]
fn positions() {
    let (x, mut scratch) = ([1.0; 16], Scratch::default());
    for (steps, features) in [(HALF, 8), (8, HALF), (ROOT, ROOT)] {
        let layer = SinePositions { steps, features, max_wavelength: 10.0 };
        refused("sines", || layer.forward(2, &x, &mut x.clone(), &mut scratch));
        let (layer, table) = (LearnedPositions { steps, features }, Table { embeddings: Param::zeros(&[1, 8]) });
        refused("table", || layer.forward(2, &x, &table, &mut x.clone()));
    }
}

#[test]
fn parameters() {
    for dims in [&[ROOT, ROOT][..], &[HALF, 2], &[ROOT, ROOT, 0]] {
        refused("parameter", || drop(Param::zeros(dims)));
        refused("gradient", || drop(Gradient::zeros(dims)));
    }
}

/// What can be counted and memory cannot hold: the number of bytes is told, and the process goes on.
#[test]
fn too_little_memory() {
    let many = usize::MAX / 8;
    let bytes = format!("{} bytes", many * size_of::<f32>());
    let constructors: [(&str, &dyn Fn()); 4] = [
        ("parameter", &|| drop(Param::zeros(&[many]))),
        ("gradient", &|| drop(Gradient::zeros(&[many]))),
        ("moment", &|| drop(Moment::zeros("velocity", many))),
        ("batch", &|| drop(Batch::<Shape1<1>>::zeros(many))),
    ];
    for (what, construct) in constructors {
        let panicked = catch_unwind(AssertUnwindSafe(construct)).expect_err(what);
        let text = panicked.downcast_ref::<String>().map_or("", String::as_str);
        assert!(text.contains(&bytes) && text.contains("more than memory can hold"), "{what}: {text}");
    }
}
