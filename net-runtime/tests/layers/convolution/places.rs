//! Results and gradients in other places than one of their own: over an activation, within a larger tensor.

use net_runtime::activations::Activation;
use net_runtime::layers::{Conv2d, Part};
use net_runtime::weights::Affine;
use net_runtime::{Arithmetic, Gradient, Scratch, Store, Write};

use super::{Case, cases, kernel_dims, special};
use crate::reference::{rng, uniform};

#[test]
fn a_gradient_over_what_a_relu_has_made_is_the_one_before_it() {
    let mut all = cases(uniform);
    // More rows of the kernel, with gaps, than one product can have.
    let wide = Conv2d {
        input: [20, 21, 5],
        output: [20, 21, 4],
        kernel: [9, 9],
        stride: [1, 1],
        dilation: [2, 2],
        padding: [8, 8],
    };
    all.push(Case::new(wide, 2, &mut rng(8), uniform));
    for case in all {
        for arithmetic in [Arithmetic::Exact, Arithmetic::Fast] {
            let weights = case.weights();
            let mut scratch = Scratch::new(arithmetic);
            let mut dx = vec![f32::NAN; case.x.len()];
            case.layer.backward_input(case.n, &weights, &case.dy, &mut dx, Write::Set, &mut scratch);
            let mut place = case.x.clone();
            place[0] = f32::NAN;
            dx.iter_mut().zip(&place).for_each(|(dx, &x)| *dx = if x > 0.0 { *dx } else { 0.0 });
            case.layer.backward_input(case.n, &weights, &case.dy, &mut place, Store::Mask, &mut scratch);
            assert!(place.iter().zip(&dx).all(|(a, b)| a.to_bits() == b.to_bits()), "{:?}", case.layer);
        }
    }
}

/// Puts what lies contiguously into a larger tensor of NaN.
fn embed(values: &[f32], [_, width, channels]: [usize; 3], height: usize, part: Part, n: usize) -> Vec<f32> {
    let mut larger = vec![f32::NAN; n * part.sample];
    for (index, pixel) in values.chunks_exact(channels).enumerate() {
        let (line, column) = (index / width, index % width);
        let at = part.start + line / height * part.sample + line % height * part.line + column * part.pixel;
        larger[at..at + channels].copy_from_slice(pixel);
    }
    larger
}

#[test]
fn a_result_that_is_part_of_a_larger_tensor_is_the_same_to_the_bit() {
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    for (index, case) in cases(uniform).into_iter().enumerate() {
        let Case { layer, n, .. } = case;
        let [height, width, channels] = layer.output;
        // Apart by channels, by columns, by rows, by all.
        // The first ones are those with algorithms of their own: all of them with gaps.
        let pixel = channels + if index % 2 == 0 || index < special().len() { 7 } else { 0 };
        let line = width * pixel + if index % 3 == 0 { 2 * pixel } else { 0 };
        let part = Part { start: index % 5 * channels, pixel, line, sample: height * line + 5 * channels };
        for (arithmetic, activation) in [(Arithmetic::Fast, Activation::Relu), (Arithmetic::Exact, Activation::Tanh)] {
            let (weights, mut scratch) = (case.weights(), Scratch::new(arithmetic));
            let mut y = vec![f32::NAN; case.dy.len()];
            layer.forward(n, &case.x, &weights, activation, &mut y, &mut scratch);
            let mut larger = vec![f32::NAN; n * part.sample];
            layer.within(part).forward(n, &case.x, &weights, activation, &mut larger, &mut scratch);
            let expected = embed(&y, layer.output, height, part, n);
            assert_eq!(bits(&larger), bits(&expected), "{layer:?} within {part:?}");

            let dy = embed(&case.dy, layer.output, height, part, n);
            let mut results =
                [0, 1].map(|_| (vec![f32::NAN; case.x.len()], Affine::<Gradient>::zeros(&kernel_dims(&layer))));
            let [(dx, gradients), (dx_within, gradients_within)] = &mut results;
            layer.backward_input(n, &weights, &case.dy, dx, Write::Set, &mut scratch);
            layer.within(part).backward_input(n, &weights, &dy, dx_within, Write::Set, &mut scratch);
            assert_eq!(bits(dx_within), bits(dx), "{layer:?} within {part:?}");
            layer.backward_weights(n, &case.x, &case.dy, gradients, &mut scratch);
            layer.within(part).backward_weights(n, &case.x, &dy, gradients_within, &mut scratch);
            assert_eq!(
                bits(gradients_within.kernel.values()),
                bits(gradients.kernel.values()),
                "{layer:?} within {part:?}"
            );
            assert_eq!(
                bits(gradients_within.bias.values()),
                bits(gradients.bias.values()),
                "{layer:?} within {part:?}"
            );
        }
    }
}
