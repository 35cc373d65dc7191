//! Convolutions: plain, in groups, depthwise, transposed, of volumes, joined, and pools.

use net_runtime::activations::relu;
use net_runtime::layers::{
    AdaptiveMaxPool, AvgPool2d, Conv2d, Conv2dTranspose, Conv3d, Conv3dTranspose, DepthwiseConv2d, GlobalAvgPool2d,
    GlobalMaxPool2d, MaskedAvgPool1d, MaxPool1d, MaxPool2d, MaxPool3d, Part,
};
use net_runtime::weights::Linear;
use net_runtime::{Gradient, Param, Scratch, Write};

use crate::{HALF, ROOT, refused, weights};

pub(crate) fn plain(input: [usize; 3], output: [usize; 3], kernel: [usize; 2]) -> Conv2d {
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

/// Winograd's algorithm along one axis, for each number of taps that it has.
#[test]
fn convolutions_along_one_axis() {
    // A multiple of all vectors' lengths: 16 of them are none.
    let many = 1 << (usize::BITS - 4);
    for taps in 3..=7 {
        let (steps, n) = (128 + taps - 1, 2);
        let (inputs, outputs) = (n * steps * 16, n * 128 * 16);
        for turned in [false, true] {
            let order = |[along, across]: [usize; 2]| if turned { [across, along] } else { [along, across] };
            let image = |[along, across]: [usize; 2], channels| {
                let [rows, columns] = order([along, across]);
                [rows, columns, channels]
            };
            let good = Conv2d { kernel: order([taps, 1]), ..plain(image([steps, 1], 16), image([128, 1], 16), [1; 2]) };
            let [rows, columns] = good.kernel;
            for layer in [
                Conv2d { input: image([HALF, 1], 16), ..good },
                Conv2d { input: image([steps, HALF], 16), ..good },
                Conv2d { input: image([steps, 1], many), ..good },
                Conv2d { output: image([HALF, 1], 16), ..good },
                Conv2d { output: image([128, HALF], 16), ..good },
                Conv2d { output: image([128, 1], many), ..good },
                Conv2d { input: image([steps, HALF], 16), output: image([128, HALF], 16), ..good },
                Conv2d { kernel: order([taps, HALF]), ..good },
                Conv2d { stride: order([1, usize::MAX / 2]), ..good },
                Conv2d { padding: order([usize::MAX / 2, 1]), ..good },
                Conv2d { padding: order([1, usize::MAX / 2]), ..good },
            ] {
                let what = format!("{taps} taps, {layer:?}");
                convolution(&what, layer, n, [rows, columns, 16, 16], [inputs, outputs]);
            }
            convolution("samples", good, (1 << (usize::BITS - 4)) + n, [rows, columns, 16, 16], [inputs, outputs]);
        }
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
