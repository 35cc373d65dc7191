//! Layers that go from step to step.

use net_runtime::layers::{Conv2d, ConvLstm2d, Gru, Lstm, Sequence, SimpleRnn};
use net_runtime::weights::RecurrentLinear;
use net_runtime::{Gradient, Param, RandomKey, Scratch, Write};

use crate::convolution::plain;
use crate::{HALF, ROOT, refused};

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
fn recurrent_layers() {
    recurrent("steps", Sequence::new(HALF, 4, 4), 2, [4, 16], 4, [8, 8, 72]);
    recurrent("inputs", Sequence::new(1, HALF, 4), 2, [1, 16], 4, [2, 8, 72]);
    recurrent("units", Sequence::new(1, 4, HALF), 2, [4, 4], 1, [8, 2, 18]);
    let n = (1 << (usize::BITS - 4)) + 3;
    recurrent("samples", Sequence::new(2, 8, 16), n, [8, 64], 16, [48, 48, 736]);
    recurrent("nothing", Sequence::new(1, ROOT, ROOT), 0, [1, 4], 1, [0, 0, 0]);
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
