//! Layers that move elements, repeat them, add them up or leave them out.

use net_runtime::layers::{
    Add, CategoryEncoding, Concat, Crop1d, DepthToSpace, Dropout, Interpolation, Mean, Permute, Repeat, Resize,
    Reverse, Slice, Softmax, SpaceToDepth, SpatialDropout, UpSampling2d, ZeroPad2d,
};
use net_runtime::{RandomKey, Write};

use crate::{HALF, ROOT, refused};

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
