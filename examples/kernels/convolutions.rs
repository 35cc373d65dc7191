//! The convolutions of the course's networks, and some with longer kernels.

use net_runtime::activations::Activation;
use net_runtime::layers::Conv2d;
use net_runtime::weights::Affine;
use net_runtime::{Arithmetic, Gradient, Param, Scratch, Write};

use crate::measure::Work;
use crate::products::numbers;

/// A convolution of a batch.
pub struct Case {
    /// What it is.
    pub name: &'static str,
    layer: Conv2d,
    batch: usize,
    /// Whether anybody wants the gradient by its input: not by the pictures that the first layer sees.
    inner: bool,
}

/// A pass over a convolution.
#[derive(Clone, Copy)]
pub enum Pass {
    Forward,
    BackwardInput,
    BackwardWeights,
}

impl Pass {
    /// What it is.
    pub fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::BackwardInput => "gradient of input",
            Self::BackwardWeights => "gradient of weights",
        }
    }
}

/// All that are timed.
pub fn cases() -> Vec<Case> {
    let valid = |side: usize, inputs: usize, outputs: usize| Conv2d {
        input: [side, side, inputs],
        output: [side - 2, side - 2, outputs],
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [0, 0],
    };
    // Stride (1, 2) and Keras's `same`: nothing left of the image, one column right of it.
    let strided = Conv2d {
        input: [120, 320, 256],
        output: [120, 160, 128],
        stride: [1, 2],
        padding: [1, 0],
        ..valid(3, 256, 128)
    };
    let steps = |taps: usize| Conv2d {
        input: [512, 1, 64],
        output: [513 - taps, 1, 128],
        kernel: [taps, 1],
        ..valid(3, 64, 128)
    };
    let same = |side: usize, taps: usize| Conv2d {
        input: [side, side, 64],
        output: [side, side, 64],
        kernel: [taps, taps],
        padding: [taps / 2, taps / 2],
        ..valid(side, 64, 64)
    };
    vec![
        Case { name: "3x3, 128 to 256 channels, 32 of 30x30", layer: valid(30, 128, 256), batch: 32, inner: true },
        Case { name: "3x3, 128 to 256 channels, 32 of 31x31", layer: valid(31, 128, 256), batch: 32, inner: true },
        Case { name: "3x3, stride (1, 2), 256 to 128 channels, 120x320", layer: strided, batch: 1, inner: true },
        Case { name: "3x3, 3 to 128 channels, 32 of 64x64", layer: valid(64, 3, 128), batch: 32, inner: false },
        Case { name: "3 taps, 64 to 128 features, 32 of 512 steps", layer: steps(3), batch: 32, inner: true },
        Case { name: "4 taps, 64 to 128 features, 32 of 512 steps", layer: steps(4), batch: 32, inner: true },
        Case { name: "5 taps, 64 to 128 features, 32 of 512 steps", layer: steps(5), batch: 32, inner: true },
        Case { name: "6 taps, 64 to 128 features, 32 of 512 steps", layer: steps(6), batch: 32, inner: true },
        Case { name: "7 taps, 64 to 128 features, 32 of 512 steps", layer: steps(7), batch: 32, inner: true },
        Case { name: "5x5, 64 to 64 channels, 8 of 28x28", layer: same(28, 5), batch: 8, inner: true },
        Case { name: "7x7, 64 to 64 channels, 8 of 28x28", layer: same(28, 7), batch: 8, inner: true },
    ]
}

impl Case {
    /// The passes that a training step does.
    pub fn passes(&self) -> Vec<Pass> {
        let all = [Pass::Forward, Pass::BackwardInput, Pass::BackwardWeights];
        all.into_iter().filter(|pass| self.inner || !matches!(pass, Pass::BackwardInput)).collect()
    }

    /// Floating-point operations of one pass by its definition, the zeros of the padding included.
    pub fn operations(&self) -> usize {
        let Conv2d { input, output, kernel, .. } = &self.layer;
        2 * self.batch * output.iter().product::<usize>() * kernel.iter().product::<usize>() * input[2]
    }

    /// A pass, with the bias and the ReLU of such a layer.
    pub fn work(&self, pass: Pass, arithmetic: Arithmetic) -> Work<'static> {
        let Self { layer, batch, .. } = *self;
        let [height, width] = layer.kernel;
        let dims = [height, width, layer.input[2], layer.output[2]];
        let mut weights = Affine { kernel: Param::zeros(&dims), bias: Param::zeros(&dims[3..]) };
        weights.kernel.values_mut().copy_from_slice(&numbers(dims.iter().product()));
        let mut x = numbers(batch * layer.input.iter().product::<usize>());
        let mut y = numbers(batch * layer.output.iter().product::<usize>());
        let mut scratch = Scratch::new(arithmetic);
        let by = match arithmetic {
            Arithmetic::Fast => "network!",
            Arithmetic::Exact => "network!, exact",
        };
        match pass {
            Pass::Forward => {
                Work::new(by, move || layer.forward(batch, &x, &weights, Activation::Relu, &mut y, &mut scratch))
            }
            Pass::BackwardInput => Work::new(by, move || {
                layer.backward_input(batch, &weights, &y, &mut x, Write::Set, &mut scratch);
            }),
            Pass::BackwardWeights => {
                let mut gradients = Affine::<Gradient>::zeros(&dims);
                Work::new(by, move || {
                    gradients.kernel.begin();
                    gradients.bias.begin();
                    layer.backward_weights(batch, &x, &y, &mut gradients, &mut scratch);
                })
            }
        }
    }
}
