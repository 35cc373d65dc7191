//! Long short-term memories: all operands, results and weights, against a naive loop and its finite differences.

use net_runtime::layers::Lstm;
use net_runtime::weights::{Recurrent, RecurrentLinear};
use net_runtime::{Gradient, Param, Scratch, initializers};

use crate::reference::*;
use crate::threads::assert_same_bits;

/// All that goes in, in f64: x, h, c, kernel, recurrent kernel, bias.
type Given = [Vec<f64>; 6];

/// Hidden states of all steps or the last one, the last hidden states and the last cell states.
fn naive(layer: &Lstm, n: usize, given: &Given) -> [Vec<f64>; 3] {
    let Lstm { steps, inputs, units, sequences } = *layer;
    let [x, h, c, kernel, recurrent, bias] = given;
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let [mut all, mut last_h, mut last_c] = [vec![], vec![], vec![]];
    for sample in 0..n {
        let (mut h, mut c) = (h[sample * units..][..units].to_vec(), c[sample * units..][..units].to_vec());
        for step in 0..steps {
            let x = &x[(sample * steps + step) * inputs..][..inputs];
            let column = |column: usize| {
                let of_x: f64 = x.iter().enumerate().map(|(k, x)| x * kernel[k * 4 * units + column]).sum();
                let of_h: f64 = h.iter().enumerate().map(|(k, h)| h * recurrent[k * 4 * units + column]).sum();
                of_x + of_h + bias[column]
            };
            let gates: Vec<f64> = (0..4 * units).map(column).collect();
            for unit in 0..units {
                let [i, f, g, o] = [0, 1, 2, 3].map(|gate| gates[gate * units + unit]);
                c[unit] = sigmoid(f) * c[unit] + sigmoid(i) * g.tanh();
                h[unit] = sigmoid(o) * c[unit].tanh();
            }
            if sequences || step + 1 == steps {
                all.extend(&h);
            }
        }
        last_h.extend(h);
        last_c.extend(c);
    }
    [all, last_h, last_c]
}

fn param(dims: &[usize], values: &[f32]) -> Param {
    let mut param = Param::zeros(dims);
    param.values_mut().copy_from_slice(values);
    param
}

fn poisoned(dims: &[usize]) -> Gradient {
    let mut gradient = Gradient::zeros(dims);
    gradient.values_mut().fill(f32::NAN);
    gradient.begin();
    gradient
}

#[test]
fn results_and_all_gradients_are_those_of_a_naive_loop_and_its_finite_differences() {
    let mut rng = rng(90);
    let n = 3;
    for (sequences, start, states, bias) in [
        (false, false, false, true),
        (true, false, false, true),
        (false, true, false, true),
        (true, true, true, true),
        (false, true, true, false),
        (true, false, true, false),
    ] {
        let layer = Lstm { steps: 6, inputs: 5, units: 7, sequences };
        let Lstm { steps, inputs, units, .. } = layer;
        let dims = [n * steps * inputs, n * units, n * units, inputs * 4 * units, units * 4 * units, 4 * units];
        let mut given = dims.map(|len| uniform(&mut rng, len));
        if !start {
            [1, 2].into_iter().for_each(|state| given[state].fill(0.0));
        }
        if !bias {
            given[5].fill(0.0);
        }
        let wide_given: Given = given.each_ref().map(|values| wide(values));
        let expected = naive(&layer, n, &wide_given);
        let kernel = param(&[inputs, 4 * units], &given[3]);
        let recurrent_kernel = param(&[units, 4 * units], &given[4]);
        let weights = Recurrent { kernel, recurrent_kernel, bias: param(&[4 * units], &given[5]) };
        let operands = [&*given[0], &given[1], &given[2]];
        let operands = if start { &operands[..] } else { &operands[..1] };
        let count = if states { 3 } else { 1 };
        let mut scratch = Scratch::default();
        let mut kept = vec![f32::NAN; n * layer.kept()];
        for training in [true, false] {
            let mut results = expected.each_ref().map(|result| vec![f32::NAN; result.len()]);
            let mut places: Vec<&mut [f32]> = results.iter_mut().map(|result| &mut **result).take(count).collect();
            let kept = if training { &mut kept[..] } else { &mut [] };
            layer.forward(n, operands, &weights, &mut places, kept, scratch.for_weights(4));
            results.iter().zip(&expected).take(count).for_each(|(found, expected)| assert_close(found, expected, 3e-6));
            if !bias {
                let linear = RecurrentLinear {
                    kernel: weights.kernel.clone(),
                    recurrent_kernel: weights.recurrent_kernel.clone(),
                };
                let mut again = expected.each_ref().map(|result| vec![f32::NAN; result.len()]);
                let mut places: Vec<&mut [f32]> = again.iter_mut().map(|result| &mut **result).take(count).collect();
                layer.forward(n, operands, &linear, &mut places, &mut [], &mut scratch);
                assert_eq!(again[..count], results[..count]);
            }
        }

        // Every result has a gradient, and then only one of them.
        let upstream = expected.each_ref().map(|result| uniform(&mut rng, result.len()));
        for only in [None, Some(0), Some(count - 1)] {
            let wanted = |result: usize| result < count && only.is_none_or(|only| only == result);
            let dy: [_; 3] = std::array::from_fn(|result| wanted(result).then_some(&*upstream[result]));
            let f = |given: &Given| -> Vec<f64> {
                let results = naive(&layer, n, given).into_iter().enumerate();
                results.filter(|(result, _)| wanted(*result)).flat_map(|(_, values)| values).collect()
            };
            let all: Vec<f32> = dy.iter().flatten().flat_map(|dy| dy.to_vec()).collect();
            let slopes: [Vec<f64>; 6] = std::array::from_fn(|which| {
                let of = |values: &[f64]| {
                    let mut given = wide_given.clone();
                    given[which] = values.to_vec();
                    f(&given)
                };
                slope(of, &given[which], &all)
            });
            let mut kept = kept.clone();
            layer.backward_begin(n, &weights, operands, &dy[..count], &mut kept, scratch.for_weights(4));
            let mut gradients = Recurrent {
                kernel: poisoned(&[inputs, 4 * units]),
                recurrent_kernel: poisoned(&[units, 4 * units]),
                bias: poisoned(&[4 * units]),
            };
            layer.backward_weights(n, operands, &mut kept, &mut gradients, &mut scratch);
            assert_close(gradients.kernel.values(), &slopes[3], 1e-5);
            assert_close(gradients.recurrent_kernel.values(), &slopes[4], 1e-5);
            assert_close(gradients.bias.values(), &slopes[5], 1e-5);
            for (k, slope) in slopes.iter().enumerate().take(operands.len()) {
                let kept = std::cell::RefCell::new(kept.clone());
                let backward = |dx: &mut [f32], write| {
                    layer.backward_input(n, k, &weights, &mut kept.borrow_mut(), dx, write, &mut Scratch::default());
                };
                assert_writes(backward, slope, 1e-5);
            }
        }
    }
}

#[test]
fn the_bits_are_the_same_on_any_number_of_threads() {
    for (n, layer) in [
        (32, Lstm { steps: 20, inputs: 40, units: 64, sequences: true }),
        (150, Lstm { steps: 7, inputs: 100, units: 50, sequences: false }),
    ] {
        let Lstm { steps, inputs, units, sequences } = layer;
        let mut rng = rng(91);
        let x = uniform(&mut rng, n * steps * inputs);
        let dy = uniform(&mut rng, n * units * if sequences { steps } else { 1 });
        let seed = initializers::Seed::new(1, "layer");
        let weights = Recurrent {
            kernel: initializers::glorot_uniform(&[inputs, 4 * units], seed),
            recurrent_kernel: initializers::orthogonal(&[units, 4 * units], seed),
            bias: initializers::forget_bias(&[4 * units]),
        };
        assert_same_bits(|| {
            let mut scratch = Scratch::default();
            let (mut y, mut dx, mut kept) = (vec![0.0; dy.len()], vec![0.0; x.len()], vec![0.0; n * layer.kept()]);
            layer.forward(n, &[&x], &weights, &mut [&mut y], &mut kept, &mut scratch);
            layer.backward_begin(n, &weights, &[&x], &[Some(&dy)], &mut kept, &mut scratch);
            let mut gradients = Recurrent {
                kernel: poisoned(&[inputs, 4 * units]),
                recurrent_kernel: poisoned(&[units, 4 * units]),
                bias: poisoned(&[4 * units]),
            };
            layer.backward_weights(n, &[&x], &mut kept, &mut gradients, &mut scratch);
            layer.backward_input(n, 0, &weights, &mut kept, &mut dx, net_runtime::Write::Set, &mut scratch);
            let Recurrent { kernel, recurrent_kernel, bias } = &gradients;
            vec![y, dx, kernel.values().into(), recurrent_kernel.values().into(), bias.values().into()]
        });
    }
}

#[test]
#[should_panic(expected = "a recurrent kernel of [2, 4, 2] does not have 9 elements")]
fn weights_are_checked() {
    let weights = RecurrentLinear { kernel: Param::zeros(&[3, 8]), recurrent_kernel: Param::zeros(&[9]) };
    let layer = Lstm { steps: 1, inputs: 3, units: 2, sequences: false };
    layer.forward(1, &[&[0.0; 3]], &weights, &mut [&mut [0.0; 2]], &mut [], &mut Scratch::default());
}
