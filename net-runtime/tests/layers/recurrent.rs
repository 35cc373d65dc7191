//! Recurrent layers by what holds between them: what goes in and comes out is compared with a naive loop where the kernels are
//! tested, and with Keras.

use net_runtime::layers::{
    Conv2d, Conv3d, ConvLstm2d, ConvLstm3d, Direction, Dropout, Gru, Lstm, MaskedResult, Sequence, SimpleRnn,
};
use net_runtime::weights::{Recurrent, RecurrentLinear, RecurrentWeights};
use net_runtime::{Gradient, Param, RandomKey, Scratch, Write, activations};

use crate::reference::*;
use crate::threads::assert_same_bits;

const RANDOM: RandomKey = RandomKey { seed: 5, step: 3 };

fn poisoned(dims: &[usize]) -> Gradient {
    let mut gradient = Gradient::zeros(dims);
    gradient.values_mut().fill(f32::NAN);
    gradient.begin();
    gradient
}

/// What goes into a layer and comes to its results, as its functions take them.
struct Case {
    n: usize,
    operands: Vec<Vec<f32>>,
    weights: Recurrent,
    upstream: Vec<Vec<f32>>,
}

/// All that a layer computes.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    results: Vec<Vec<f32>>,
    by_operands: Vec<Vec<f32>>,
    by_weights: [Vec<f32>; 3],
}

impl Found {
    fn all(self) -> Vec<Vec<f32>> {
        [self.results, self.by_operands, self.by_weights.into()].concat()
    }
}

/// The layers' functions are the same, and no trait's.
macro_rules! run {
    ($layer:expr, $case:expr) => {{
        let (layer, Case { n, operands, weights, upstream }) = ($layer, $case);
        let operands: Vec<&[f32]> = operands.iter().map(|operand| &**operand).collect();
        let mut results: Vec<Vec<f32>> = upstream.iter().map(|dy| vec![f32::NAN; dy.len()]).collect();
        let mut results: Vec<&mut [f32]> = results.iter_mut().map(|result| &mut **result).collect();
        let mut kept = vec![f32::NAN; n * layer.kept()];
        let mut scratch = Scratch::default();
        layer.forward(*n, &operands, weights, &mut results, &mut kept, RANDOM, scratch.for_weights(2));
        let dy: Vec<Option<&[f32]>> = upstream.iter().map(|dy| Some(&**dy)).collect();
        layer.backward_begin(*n, weights, &operands, &results, &dy, &mut kept, scratch.for_weights(2));
        let (kernel, recurrent, bias) = weights.parts();
        let mut gradients = Recurrent {
            kernel: poisoned(kernel.dims()),
            recurrent_kernel: poisoned(recurrent.dims()),
            bias: poisoned(bias.unwrap().dims()),
        };
        layer.backward_weights(*n, &operands, &results, &mut kept, &mut gradients, &mut scratch);
        let with_gradient = operands.len() - usize::from(layer.sequence.mask.is_some());
        let by_operands = (0..with_gradient).map(|k| {
            let mut dx = vec![f32::NAN; operands[k].len()];
            let scratch = scratch.for_weights(2);
            layer.backward_input(*n, k, weights, &mut kept, &mut dx, Write::Set, scratch);
            dx
        });
        let by_operands = by_operands.collect();
        let results = results.into_iter().map(|result| result.to_vec()).collect();
        let Recurrent { kernel, recurrent_kernel, bias } = &gradients;
        let by_weights = [kernel, recurrent_kernel, bias].map(|gradient| gradient.values().to_vec());
        Found { results, by_operands, by_weights }
    }};
}

/// Operands with all states and upstream gradients of all results, for a layer with so many gates, states and biases.
fn case(seed: u64, n: usize, sequence: Sequence, [gates, states, biases]: [usize; 3]) -> Case {
    let Sequence { steps, inputs, units, sequences, .. } = sequence;
    let mut rng = rng(seed);
    let dims = [vec![inputs, gates * units], vec![units, gates * units], vec![biases, gates * units]];
    let [kernel, recurrent_kernel, bias] = dims.map(|dims| {
        let mut param = Param::zeros(&dims);
        let values = uniform(&mut rng, dims.iter().product());
        param.values_mut().copy_from_slice(&values);
        param
    });
    let mut operands = vec![uniform(&mut rng, n * steps * inputs)];
    operands.extend((0..states).map(|_| uniform(&mut rng, n * units)));
    let mut upstream = vec![uniform(&mut rng, n * units * if sequences { steps } else { 1 })];
    upstream.extend((0..states).map(|_| uniform(&mut rng, n * units)));
    Case { n, operands, weights: Recurrent { kernel, recurrent_kernel, bias }, upstream }
}

/// The steps of each sample in the opposite order.
fn reversed(values: &[f32], steps: usize, n: usize) -> Vec<f32> {
    let step = values.len() / steps / n;
    values.chunks(steps * step).flat_map(|sample| sample.chunks(step).rev().flatten().copied()).collect()
}

/// Calls a macro with each layer, and the numbers of its gates, states and biases.
macro_rules! for_each_layer {
    ($sequence:expr, |$layer:ident, $counts:ident| $check:expr) => {{
        let sequence = $sequence;
        let ($layer, $counts) = (Lstm::new(sequence), [4, 2, 1]);
        $check;
        let ($layer, $counts) = (Gru::new(sequence), [3, 1, 2]);
        $check;
        let ($layer, $counts) = (Gru { reset_after: false, ..Gru::new(sequence) }, [3, 1, 1]);
        $check;
        let ($layer, $counts) = (SimpleRnn::new(sequence), [1, 1, 1]);
        $check;
    }};
}

#[test]
fn backwards_is_forwards_through_steps_in_the_opposite_order() {
    for sequences in [true, false] {
        let plain = Sequence { sequences, ..Sequence::new(5, 4, 6) };
        for_each_layer!(plain, |layer, counts| {
            let mut given = case(92, 3, plain, counts);
            let mut forward = run!(&layer, &given);
            given.operands[0] = reversed(&given.operands[0], 5, 3);
            forward.by_operands[0] = reversed(&forward.by_operands[0], 5, 3);
            let mut other = layer;
            other.sequence.direction = Direction::Reverse;
            let backward = run!(&other, &given);
            assert_eq!([&backward.results, &backward.by_operands], [&forward.results, &forward.by_operands]);
            for (found, expected) in backward.by_weights.iter().zip(&forward.by_weights) {
                assert_close(found, &wide(expected), 1e-6);
            }
            // Results where their steps are.
            other.sequence.direction = Direction::ReverseAligned;
            if sequences {
                given.upstream[0] = reversed(&given.upstream[0], 5, 3);
            }
            let mut aligned = run!(&other, &given);
            if sequences {
                aligned.results[0] = reversed(&aligned.results[0], 5, 3);
            }
            assert_eq!(aligned, backward);
        });
    }
}

#[test]
fn steps_that_a_mask_hides_at_the_end_are_as_if_they_were_not_there() {
    let whole = Sequence { mask: Some(MaskedResult::Before), ..Sequence::new(7, 4, 6) };
    for_each_layer!(whole, |layer, counts| {
        let mut given = case(93, 3, whole, counts);
        let (mut shorter, mut short) = (layer, case(93, 3, whole, counts));
        (shorter.sequence.mask, shorter.sequence.steps) = (None, 4);
        short.operands[0] = given.operands[0].chunks(7 * 4).flat_map(|steps| steps[..4 * 4].to_vec()).collect();
        given.operands.push((0..21).map(|index| f32::from(u8::from(index % 7 < 4))).collect());
        let (masked, expected) = (run!(&layer, &given), run!(&shorter, &short));
        assert_eq!(masked.results, expected.results);
        for (found, expected) in masked.by_weights.iter().zip(&expected.by_weights) {
            assert_close(found, &wide(expected), 1e-6);
        }
        let by_x: Vec<f32> = masked.by_operands[0].chunks(7 * 4).flat_map(|steps| steps[..4 * 4].to_vec()).collect();
        assert_eq!(by_x, expected.by_operands[0]);
        assert!(masked.by_operands[0].chunks(7 * 4).all(|steps| steps[4 * 4..].iter().all(|value| *value == 0.0)));
        assert_eq!(masked.by_operands[1..], expected.by_operands[1..]);
    });
}

#[test]
fn dropout_is_one_mask_for_all_steps_of_a_sample() {
    let plain = Sequence { sequences: true, ..Sequence::new(5, 4, 6) };
    for_each_layer!(plain, |layer, counts| {
        let mut given = case(94, 3, plain, counts);
        let (mut dropping, mut factors) = (layer, vec![f32::NAN; 3 * 4]);
        (dropping.sequence.dropout, dropping.sequence.stream) = (0.4, 7);
        let dropout = Dropout { len: 4, rate: 0.4, layer: 7 };
        dropout.forward(3, &[1.0; 12], &mut factors, RANDOM);
        assert!(factors.contains(&0.0) && factors.iter().any(|factor| *factor > 1.0));
        let found = run!(&dropping, &given);

        // In inference nothing is dropped.
        let operands: Vec<&[f32]> = given.operands.iter().map(|operand| &**operand).collect();
        let [mut one, mut other] = [(); 2].map(|()| vec![f32::NAN; 3 * 5 * 6]);
        for (layer, y) in [(layer, &mut one), (dropping, &mut other)] {
            layer.forward(3, &operands, &given.weights, &mut [y], &mut [], RANDOM, &mut Scratch::default());
        }
        assert_eq!(one, other);

        let factor = |index: usize| factors[index / (5 * 4) * 4 + index % 4];
        given.operands[0].iter_mut().enumerate().for_each(|(index, x)| *x *= factor(index));
        let mut expected = run!(&layer, &given);
        expected.by_operands[0].iter_mut().enumerate().for_each(|(index, dx)| *dx *= factor(index));
        assert_eq!(found, expected);
    });
}

#[test]
fn recurrent_dropout_is_one_mask_for_all_steps_of_a_sample() {
    // With one step, dropping from the state at the start is all it does.
    let plain = Sequence { sequences: true, ..Sequence::new(1, 4, 6) };
    for_each_layer!(plain, |layer, counts| {
        let given = case(97, 3, plain, counts);
        let mut dropping = layer;
        (dropping.sequence.recurrent_dropout, dropping.sequence.stream) = (0.4, 7);
        let mut factors = vec![f32::NAN; 3 * 6];
        Dropout { len: 6, rate: 0.4, layer: !7 }.forward(3, &[1.0; 18], &mut factors, RANDOM);
        assert!(factors.contains(&0.0) && factors.iter().any(|factor| *factor > 1.0));
        let found = run!(&dropping, &given);
        // Rows of the recurrent kernel times the factors of a sample give what that sample's product is.
        for sample in 0..3 {
            let of = |values: &[f32]| values[sample * values.len() / 3..][..values.len() / 3].to_vec();
            let mut alone = Case {
                n: 1,
                operands: given.operands.iter().map(|operand| of(operand)).collect(),
                weights: given.weights.clone(),
                upstream: given.upstream.iter().map(|dy| of(dy)).collect(),
            };
            let columns = alone.weights.recurrent_kernel.values().len() / 6;
            let rows = alone.weights.recurrent_kernel.values_mut().chunks_exact_mut(columns);
            for (row, factor) in rows.zip(&factors[sample * 6..]) {
                row.iter_mut().for_each(|weight| *weight *= factor);
            }
            let expected = run!(&layer, &alone);
            for (found, expected) in found.results.iter().zip(&expected.results) {
                assert_close(&of(found), &wide(expected), 1e-6);
            }
            for (found, expected) in found.by_operands.iter().zip(&expected.by_operands) {
                assert_close(&of(found), &wide(expected), 1e-6);
            }
        }

        // In inference nothing is dropped.
        let operands: Vec<&[f32]> = given.operands.iter().map(|operand| &**operand).collect();
        let [mut one, mut other] = [(); 2].map(|()| vec![f32::NAN; 3 * 6]);
        for (layer, y) in [(layer, &mut one), (dropping, &mut other)] {
            layer.forward(3, &operands, &given.weights, &mut [y], &mut [], RANDOM, &mut Scratch::default());
        }
        assert_eq!(one, other);
    });
}

#[test]
fn the_bits_are_the_same_on_any_number_of_threads() {
    let masked = Some(MaskedResult::Before);
    for (n, sequence) in [
        (32, Sequence { sequences: true, ..Sequence::new(20, 40, 64) }),
        (
            150,
            Sequence {
                dropout: 0.3,
                recurrent_dropout: 0.2,
                mask: masked,
                direction: Direction::Reverse,
                ..Sequence::new(7, 100, 50)
            },
        ),
    ] {
        for_each_layer!(sequence, |layer, counts| {
            let mut given = case(91, n, sequence, counts);
            if sequence.mask.is_some() {
                given.operands.push((0..n * 7).map(|index| f32::from(u8::from(index % 5 > 1))).collect());
            }
            assert_same_bits(|| run!(&layer, &given).all());
        });
    }
}

/// The convolution of an image to four gates of each filter, with zeros around it.
fn same(image: [usize; 3], filters: usize, kernel: [usize; 2]) -> Conv2d {
    let [height, width, _] = image;
    let padding = kernel.map(|taps| (taps - 1) / 2);
    Conv2d { input: image, output: [height, width, 4 * filters], kernel, stride: [1, 1], dilation: [1, 1], padding }
}

/// `[samples, places, steps, ...]` as `[samples, steps, places, ...]`, or the other way round.
fn swapped(values: &[f32], [samples, first, second]: [usize; 3]) -> Vec<f32> {
    let len = values.len() / (samples * first * second);
    let at = |index: usize| &values[index * len..][..len];
    let of_sample = |sample: usize| {
        (0..second).flat_map(move |b| (0..first).flat_map(move |a| at((sample * first + a) * second + b)))
    };
    (0..samples).flat_map(of_sample).copied().collect()
}

/// Whether what goes back through many steps becomes 0 on its way without having been a subnormal number in any of them.
fn vanishes(given: &Case, by_x: &[f32], steps: usize) {
    assert!(by_x.iter().all(|by_x| !by_x.is_subnormal()));
    for sample in by_x.chunks(by_x.len() / given.n) {
        let step = sample.len() / steps;
        assert!(sample[..step].iter().all(|by_x| *by_x == 0.0), "that of the first step");
        assert!(sample[sample.len() - step..].iter().all(|by_x| *by_x != 0.0), "that of the last step");
    }
}

#[test]
fn a_gradient_that_vanishes_over_many_steps_is_no_subnormal_number() {
    let steps = 900;
    for_each_layer!(Sequence::new(steps, 3, 5), |layer, counts| {
        let mut given = case(97, 2, layer.sequence, counts);
        let weights = &mut given.weights;
        weights.recurrent_kernel.values_mut().iter_mut().for_each(|weight| *weight *= 0.1);
        vanishes(&given, &run!(&layer, &given).by_operands[0], steps);
    });
    let (inputs, units) = (4, 4);
    let mut given = case(98, 2, Sequence::new(steps, inputs, units), [0, 2, 1]);
    let mut rng = rng(101);
    let Recurrent { kernel, recurrent_kernel, bias } = &mut given.weights;
    for (param, dims) in [(kernel, &[1, 1, 1, 4][..]), (recurrent_kernel, &[1, 1, 1, 4]), (bias, &[4])] {
        *param = Param::zeros(dims);
        let values = uniform(&mut rng, 4);
        param.values_mut().copy_from_slice(&values);
    }
    let layer = ConvLstm2d::new(Sequence::new(steps, inputs, units), same([2, 2, 1], 1, [1, 1]));
    vanishes(&given, &run!(&layer, &given).by_operands[0], steps);
}

#[test]
fn over_images_it_is_an_lstm_at_each_place_where_windows_have_one() {
    let (n, steps, image, filters) = (3, 5, [3, 2, 4], 70);
    let places = 6;
    let usual = Sequence::new(steps, 4, filters);
    for (number, sequence) in [
        Sequence { sequences: true, ..usual },
        Sequence { direction: Direction::Reverse, dropout: 0.3, recurrent_dropout: 0.2, stream: 3, ..usual },
        Sequence { sequences: true, mask: Some(MaskedResult::Before), recurrent_dropout: 0.4, ..usual },
        Sequence { sequences: true, mask: Some(MaskedResult::Zeros), direction: Direction::ReverseAligned, ..usual },
        Sequence { mask: Some(MaskedResult::Before), dropout: 0.2, ..usual },
    ]
    .into_iter()
    .enumerate()
    {
        let mut given = case(98, n * places, sequence, [4, 2, 1]);
        // Some cases begin with zeros.
        if number % 2 == 1 {
            given.operands.truncate(1);
        }
        let mask = sequence.mask.map(|_| [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
        let of_images = |operand: &Vec<f32>| swapped(operand, [n, places, operand.len() / (n * places * 4)]);
        let mut images = Case {
            n,
            operands: [&[of_images(&given.operands[0])], &given.operands[1..]].concat(),
            weights: given.weights.clone(),
            upstream: given.upstream.clone(),
        };
        if sequence.sequences {
            images.upstream[0] = swapped(&given.upstream[0], [n, places, steps]);
        }
        if let Some(mask) = mask {
            images.operands.push(mask.into());
            given.operands.push(mask.chunks(steps).flat_map(|mask| mask.repeat(places)).collect());
        }
        let of_image = Sequence { inputs: places * 4, units: places * filters, ..sequence };
        let mut layer = ConvLstm2d::new(of_image, same(image, filters, [1, 1]));
        let mut plain = Lstm::new(sequence);
        if number == 2 {
            (layer.activation, plain.activation) = (activations::softsign(), activations::softsign());
        }
        let (mut found, expected) = (run!(&layer, &images), run!(&plain, &given));
        found.by_operands[0] = swapped(&found.by_operands[0], [n, steps, places]);
        if sequence.sequences {
            found.results[0] = swapped(&found.results[0], [n, steps, places]);
        }
        for (found, expected) in found.clone().all().iter().zip(expected.all()) {
            assert_close(found, &wide(&expected), 2e-6);
        }

        // In inference, nothing is kept or dropped.
        let operands: Vec<&[f32]> = images.operands.iter().map(|operand| &**operand).collect();
        let (mut y, none) = (vec![f32::NAN; images.upstream[0].len()], &mut []);
        layer.forward(n, &operands, &images.weights, &mut [&mut y], none, RANDOM, &mut Scratch::default());
        let undropped = ConvLstm2d { sequence: Sequence { dropout: 0.0, recurrent_dropout: 0.0, ..of_image }, ..layer };
        assert_eq!(y, run!(&undropped, &images).results[0]);
    }
}

#[test]
fn over_images_the_bits_are_the_same_on_any_number_of_threads() {
    // Volumes of depth one are images; one sample is divided by its places, several are divided, too.
    for (n, filters) in [(1, 32), (5, 8)] {
        let (inputs, units) = (20 * 24 * 3, 20 * 24 * filters);
        let sequence =
            Sequence { sequences: true, dropout: 0.1, recurrent_dropout: 0.1, ..Sequence::new(3, inputs, units) };
        let mut given = case(99, n, Sequence::new(3, 9 * 3, 1), [4 * filters, 0, 1]);
        let mut rng = rng(100);
        given.weights.recurrent_kernel = Param::zeros(&[9, filters, 4 * filters]);
        let values = uniform(&mut rng, 9 * filters * 4 * filters);
        given.weights.recurrent_kernel.values_mut().copy_from_slice(&values);
        given.operands =
            vec![uniform(&mut rng, n * 3 * inputs), uniform(&mut rng, n * units), uniform(&mut rng, n * units)];
        given.upstream =
            vec![uniform(&mut rng, n * 3 * units), uniform(&mut rng, n * units), uniform(&mut rng, n * units)];
        let images = ConvLstm2d::new(sequence, same([20, 24, 3], filters, [3, 3]));
        assert_same_bits(|| run!(&images, &given).all());
        let Conv2d { input, output, .. } = images.convolution;
        let volumes = Conv3d {
            input: [1, input[0], input[1], input[2]],
            output: [1, output[0], output[1], output[2]],
            kernel: [1, 3, 3],
            stride: [1; 3],
            dilation: [1; 3],
            padding: [0, 1, 1],
        };
        let found = run!(&ConvLstm3d::new(sequence, volumes), &given).all();
        for (found, expected) in found.iter().zip(run!(&images, &given).all()) {
            assert_close(found, &wide(&expected), 1e-4);
        }
    }
}

#[test]
#[should_panic(expected = "does not convolve [3, 2, 4] to [3, 2, 8]")]
fn sizes_of_images_are_checked() {
    let weights = RecurrentLinear { kernel: Param::zeros(&[32]), recurrent_kernel: Param::zeros(&[16]) };
    let layer = ConvLstm2d::new(Sequence::new(1, 24, 9), same([3, 2, 4], 2, [1, 1]));
    layer.forward(1, &[&[0.0; 24]], &weights, &mut [&mut [0.0; 9]], &mut [], RANDOM, &mut Scratch::default());
}

#[test]
fn without_a_bias_it_is_zeros() {
    let sequence = Sequence::new(3, 4, 5);
    for_each_layer!(sequence, |layer, counts| {
        let mut given = case(95, 2, sequence, counts);
        given.weights.bias.values_mut().fill(0.0);
        let Recurrent { kernel, recurrent_kernel, .. } = given.weights.clone();
        let linear = RecurrentLinear { kernel, recurrent_kernel };
        let [mut one, mut other] = [(); 2].map(|()| vec![f32::NAN; 10]);
        let (operands, none) = ([&*given.operands[0]], &mut []);
        layer.forward(2, &operands, &given.weights, &mut [&mut one], none, RANDOM, &mut Scratch::default());
        layer.forward(2, &operands, &linear, &mut [&mut other], none, RANDOM, &mut Scratch::default());
        assert_eq!(one, other);
    });
}

#[test]
fn any_function_whose_result_tells_its_derivative_serves() {
    for activation in [activations::relu(), activations::hard_sigmoid(), activations::softplus(), activations::elu(1.0)]
    {
        let sequence = Sequence::new(1, 4, 6);
        let layer = SimpleRnn { sequence, activation };
        let given = case(96, 2, sequence, [1, 1, 1]);
        let found = run!(&layer, &given);
        // A single step is a dense layer.
        let (x, h) = (&given.operands[0], &given.operands[1]);
        let Recurrent { kernel, recurrent_kernel, bias } = &given.weights;
        let mut sums: Vec<f32> = (0..12)
            .map(|index| {
                let (sample, unit) = (index / 6, index % 6);
                let of_x: f32 = (0..4).map(|k| x[sample * 4 + k] * kernel.values()[k * 6 + unit]).sum();
                let of_h: f32 = (0..6).map(|k| h[sample * 6 + k] * recurrent_kernel.values()[k * 6 + unit]).sum();
                bias.values()[unit] + of_x + of_h
            })
            .collect();
        activation.apply(&mut sums);
        assert_close(&found.results[0], &wide(&sums), 1e-5);
        let mut by_sums: Vec<f32> = given.upstream[0].iter().zip(&given.upstream[1]).map(|(a, b)| a + b).collect();
        activation.backward_in_place(&sums, &mut by_sums);
        let by_bias: Vec<f64> = (0..6).map(|unit| f64::from(by_sums[unit] + by_sums[6 + unit])).collect();
        assert_close(&found.by_weights[2], &by_bias, 1e-5);
    }
}

#[test]
#[should_panic(expected = "a recurrent kernel of [2, 4, 2] does not have 9 elements")]
fn weights_are_checked() {
    let weights = RecurrentLinear { kernel: Param::zeros(&[3, 8]), recurrent_kernel: Param::zeros(&[9]) };
    let layer = Lstm::new(Sequence::new(1, 3, 2));
    layer.forward(1, &[&[0.0; 3]], &weights, &mut [&mut [0.0; 2]], &mut [], RANDOM, &mut Scratch::default());
}
