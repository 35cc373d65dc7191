//! Multi-head attention: all operands, masks, dropped weights and every gradient, against a naive loop in f64 and its finite
//! differences.

use net_runtime::layers::{AttentionMask, Dropout, MultiHeadAttention};
use net_runtime::weights::{MultiHead, MultiHeadLinear};
use net_runtime::{Gradient, Param, RandomKey, Scratch, Write, initializers};

use crate::reference::*;
use crate::threads::assert_same_bits;

const RANDOM: RandomKey = RandomKey { seed: 3, step: 8 };

/// All that goes in, in f64: query, key, value; kernel and bias of query, key, value and output.
type Given = [Vec<f64>; 11];

/// A case, with what it is tested on.
struct Case {
    layer: MultiHeadAttention,
    n: usize,
    mask: Vec<f32>,
    /// For each sample, head, query and key, what a weight is multiplied by.
    factors: Vec<f64>,
}

fn layer([queries, keys]: [usize; 2], heads: usize, [key_dim, value_dim]: [usize; 2]) -> MultiHeadAttention {
    MultiHeadAttention {
        queries,
        keys,
        inputs: [5, 4, 3],
        heads,
        key_heads: heads,
        key_dim,
        value_dim,
        outputs: 6,
        sources: 3,
        mask: AttentionMask::None,
        causal: false,
        dropout: 0.0,
        layer: 5,
    }
}

impl Case {
    fn new(layer: MultiHeadAttention, n: usize, mask: Vec<f32>) -> Self {
        let MultiHeadAttention { queries, keys, heads, dropout, .. } = layer;
        // Rows of keys begin at multiples of four elements.
        let row = keys.next_multiple_of(4);
        let mut factors = vec![1.0; n * heads * queries * row];
        if dropout > 0.0 {
            let ones = factors.clone();
            Dropout { len: heads * queries * row, rate: dropout, layer: 5 }.forward(n, &ones, &mut factors, RANDOM);
        }
        let factors = factors.chunks(row).flat_map(|row| wide(&row[..keys])).collect();
        Self { layer, n, mask, factors }
    }

    fn lens(&self) -> [usize; 11] {
        let MultiHeadAttention { queries, keys, inputs, heads, key_heads, key_dim, value_dim, outputs, .. } =
            self.layer;
        let steps = [queries, keys, keys];
        let [x, k, v] = [0, 1, 2].map(|role| self.n * steps[role] * inputs[role]);
        let [q_bias, k_bias, v_bias] = [heads * key_dim, key_heads * key_dim, key_heads * value_dim];
        [
            x,
            k,
            v,
            inputs[0] * q_bias,
            q_bias,
            inputs[1] * k_bias,
            k_bias,
            inputs[2] * v_bias,
            v_bias,
            heads * value_dim * outputs,
            outputs,
        ]
    }

    fn sees(&self, sample: usize, query: usize, key: usize) -> bool {
        let MultiHeadAttention { queries, keys, mask, causal, .. } = self.layer;
        let masked = match mask {
            AttentionMask::None => false,
            AttentionMask::Keys => self.mask[sample * keys + key] == 0.0,
            AttentionMask::Pairs => self.mask[(sample * queries + query) * keys + key] == 0.0,
        };
        !masked && (!causal || key <= query)
    }

    fn naive(&self, given: &Given, training: bool) -> Vec<f64> {
        let MultiHeadAttention { queries, keys, inputs, heads, key_heads, key_dim, value_dim, outputs, .. } =
            self.layer;
        let project = |role: usize, steps: usize, width: usize| -> Vec<f64> {
            let (x, kernel, bias) = (&given[role], &given[3 + 2 * role], &given[4 + 2 * role]);
            let element = |row: usize, column: usize| {
                let products = (0..inputs[role]).map(|i| x[row * inputs[role] + i] * kernel[i * width + column]);
                bias[column] + products.sum::<f64>()
            };
            (0..self.n * steps)
                .flat_map(|row| (0..width).map(move |column| (row, column)))
                .map(|(r, c)| element(r, c))
                .collect()
        };
        let q = project(0, queries, heads * key_dim);
        let k = project(1, keys, key_heads * key_dim);
        let v = project(2, keys, key_heads * value_dim);
        let mut y = Vec::new();
        for (sample, query) in (0..self.n).flat_map(|sample| (0..queries).map(move |query| (sample, query))) {
            let mut row = given[10].clone();
            for head in 0..heads {
                let key_head = head * key_heads / heads;
                let score = |key: usize| -> f64 {
                    let q = &q[((sample * queries + query) * heads + head) * key_dim..][..key_dim];
                    let k = &k[((sample * keys + key) * key_heads + key_head) * key_dim..][..key_dim];
                    dot(q, k) / (key_dim as f64).sqrt()
                };
                let blind = (0..keys).all(|key| !self.sees(sample, query, key));
                let scores: Vec<f64> = (0..keys)
                    .map(|key| match blind {
                        true => 0.0,
                        false if self.sees(sample, query, key) => score(key),
                        false => f64::NEG_INFINITY,
                    })
                    .collect();
                let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let powers: Vec<f64> = scores.iter().map(|score| (score - largest).exp()).collect();
                let sum: f64 = powers.iter().sum();
                for (key, power) in powers.into_iter().enumerate() {
                    let place = ((sample * heads + head) * queries + query) * keys + key;
                    let weight = power / sum * if training { self.factors[place] } else { 1.0 };
                    let v = &v[((sample * keys + key) * key_heads + key_head) * value_dim..][..value_dim];
                    for (d, value) in v.iter().enumerate() {
                        let kernel = &given[9][(head * value_dim + d) * outputs..][..outputs];
                        row.iter_mut().zip(kernel).for_each(|(y, kernel)| *y += weight * value * kernel);
                    }
                }
            }
            y.extend(row);
        }
        y
    }

    fn given(&self, seed: u64) -> [Vec<f32>; 11] {
        let mut rng = rng(seed);
        self.lens().map(|len| uniform(&mut rng, len))
    }

    fn weights(&self, given: &[Vec<f32>; 11]) -> MultiHead {
        let [.., query_kernel, query_bias, key_kernel, key_bias, value_kernel, value_bias, output_kernel, output_bias] =
            given.each_ref().map(|values| {
                let mut param = Param::zeros(&[values.len()]);
                param.values_mut().copy_from_slice(values);
                param
            });
        MultiHead {
            query_kernel,
            query_bias,
            key_kernel,
            key_bias,
            value_kernel,
            value_bias,
            output_kernel,
            output_bias,
        }
    }

    fn poisoned(&self) -> MultiHead<Gradient> {
        let [.., query_kernel, query_bias, key_kernel, key_bias, value_kernel, value_bias, output_kernel, output_bias] =
            self.lens().map(|len| {
                let mut gradient = Gradient::zeros(&[len]);
                gradient.values_mut().fill(f32::NAN);
                gradient.begin();
                gradient
            });
        MultiHead {
            query_kernel,
            query_bias,
            key_kernel,
            key_bias,
            value_kernel,
            value_bias,
            output_kernel,
            output_bias,
        }
    }

    fn operands<'a>(&'a self, given: &'a [Vec<f32>; 11]) -> Vec<&'a [f32]> {
        let mut operands: Vec<&[f32]> = given.iter().take(self.layer.sources).map(|values| &**values).collect();
        if self.layer.mask != AttentionMask::None {
            operands.push(&self.mask);
        }
        operands
    }

    /// The naive loop with `values` in the place of an operand or weight, for as many roles as that one has.
    fn with(&self, given: &[Vec<f32>; 11], which: usize, values: &[f64]) -> Given {
        let mut all: Given = given.each_ref().map(|values| wide(values));
        all[which] = values.to_vec();
        match self.layer.sources {
            1 => [all[1], all[2]] = [all[0].clone(), all[0].clone()],
            2 => all[2] = all[1].clone(),
            _ => {}
        }
        all
    }

    fn check(&self, seed: u64) {
        let Self { layer, n, .. } = self;
        let given = self.given(seed);
        let weights = self.weights(&given);
        let operands = self.operands(&given);
        let exact = self.with(&given, 0, &wide(&given[0]));
        let mut scratch = Scratch::default();
        let mut kept = vec![f32::NAN; n * layer.kept()];
        for training in [false, true] {
            let expected = self.naive(&exact, training);
            let mut y = vec![f32::NAN; expected.len()];
            let kept = if training { &mut kept[..] } else { &mut [] };
            layer.forward(*n, &operands, &weights, &mut y, kept, RANDOM, scratch.for_weights(4));
            assert_close(&y, &expected, 3e-6);
        }

        let dy = uniform(&mut rng(seed + 1), n * layer.queries * layer.outputs);
        let slope =
            |which: usize| slope(|values| self.naive(&self.with(&given, which, values), true), &given[which], &dy);
        layer.backward_begin(*n, &weights, &operands, &dy, &mut kept, RANDOM, scratch.for_weights(4));
        let mut gradients = self.poisoned();
        layer.backward_weights(*n, &operands, &dy, &mut kept, &mut gradients, &mut scratch);
        let MultiHead {
            query_kernel,
            query_bias,
            key_kernel,
            key_bias,
            value_kernel,
            value_bias,
            output_kernel,
            output_bias,
        } = &gradients;
        let all =
            [query_kernel, query_bias, key_kernel, key_bias, value_kernel, value_bias, output_kernel, output_bias];
        for (which, gradient) in (3..).zip(all) {
            assert_close(gradient.values(), &slope(which), 1e-5);
        }
        for index in 0..layer.sources {
            let kept = std::cell::RefCell::new(kept.clone());
            let backward = |dx: &mut [f32], write| {
                layer.backward_input(*n, index, &weights, &mut kept.borrow_mut(), dx, write, &mut Scratch::default());
            };
            assert_writes(backward, &slope(index), 1e-5);
        }
    }
}

/// Some numbers, a third of them 0.
fn some(seed: u64, len: usize) -> Vec<f32> {
    integers(&mut rng(seed), len).into_iter().map(|value| if value.abs() < 1.5 { 0.0 } else { value }).collect()
}

#[test]
fn operands() {
    let plain = layer([5, 7], 2, [3, 4]);
    Case::new(plain, 2, vec![]).check(1);
    Case::new(MultiHeadAttention { sources: 2, inputs: [5, 4, 4], ..plain }, 2, vec![]).check(2);
    Case::new(MultiHeadAttention { sources: 1, inputs: [4; 3], keys: 5, ..plain }, 3, vec![]).check(3);
    Case::new(layer([1, 1], 1, [1, 1]), 1, vec![]).check(4);
    Case::new(MultiHeadAttention { heads: 6, key_heads: 2, ..plain }, 2, vec![]).check(5);
    Case::new(MultiHeadAttention { key_heads: 1, ..plain }, 2, vec![]).check(6);
}

#[test]
fn sizes_around_blocks_and_vectors() {
    for (index, (steps, dims)) in
        [([64, 96], [1, 2]), ([65, 97], [1, 1]), ([2, 194], [2, 1]), ([130, 2], [1, 3]), ([4, 5], [16, 17])]
            .into_iter()
            .enumerate()
    {
        for causal in [false, true] {
            let plain = MultiHeadAttention { inputs: [1, 1, 1], outputs: 1, causal, ..layer(steps, 1, dims) };
            Case::new(plain, 1, vec![]).check(10 + index as u64);
        }
    }
}

#[test]
fn masks_and_what_sees_nothing() {
    // One with more queries than a block, one with more keys.
    for steps @ [queries, keys] in [[5, 7], [7, 5], [2, 100], [70, 3]] {
        for causal in [false, true] {
            let plain = MultiHeadAttention { inputs: [2, 1, 1], outputs: 1, causal, ..layer(steps, 2, [1, 2]) };
            let mut mask = some(20, 2 * keys);
            mask[keys..].fill(0.0);
            Case::new(MultiHeadAttention { mask: AttentionMask::Keys, ..plain }, 2, mask).check(21);
            let mut mask = some(22, 2 * queries * keys);
            mask[keys..2 * keys].fill(0.0);
            mask[2 * keys] = f32::NAN;
            Case::new(MultiHeadAttention { mask: AttentionMask::Pairs, ..plain }, 2, mask).check(23);
        }
    }
}

#[test]
fn dropped_weights() {
    let plain = MultiHeadAttention { dropout: 0.4, ..layer([6, 9], 2, [3, 2]) };
    Case::new(plain, 2, vec![]).check(30);
    Case::new(MultiHeadAttention { causal: true, mask: AttentionMask::Keys, ..plain }, 2, some(31, 18)).check(32);
    Case::new(MultiHeadAttention { inputs: [1; 3], outputs: 1, ..plain }, 2, vec![]).check(33);
    let long = MultiHeadAttention { dropout: 0.3, inputs: [1; 3], outputs: 1, ..layer([20, 101], 1, [2, 1]) };
    Case::new(long, 1, vec![]).check(34);
}

/// Scores of ±10⁴: nothing is left of all weights but the largest ones.
#[test]
fn large_scores() {
    let layer = MultiHeadAttention { inputs: [1; 3], outputs: 1, ..layer([40, 100], 1, [1, 1]) };
    let case = Case::new(layer, 1, vec![]);
    let mut given = case.given(40);
    for which in [3, 5, 7, 9] {
        given[which].fill(1.0);
    }
    for which in [4, 6, 8, 10] {
        given[which].fill(0.0);
    }
    for which in [0, 1] {
        given[which].iter_mut().for_each(|value| *value = (*value * 100.0).round());
    }
    given[0][0] = 100.0;
    given[1][7] = 100.0;
    given[1][9] = 100.0;
    let exact = given.each_ref().map(|values| wide(values));
    let (weights, mut scratch) = (case.weights(&given), Scratch::default());
    let expected = case.naive(&exact, true);
    let (mut y, mut kept) = (vec![f32::NAN; 40], vec![f32::NAN; layer.kept()]);
    layer.forward(1, &case.operands(&given), &weights, &mut y, &mut kept, RANDOM, &mut scratch);
    assert_close(&y, &expected, 1e-6);
    let dy = vec![1.0; 40];
    layer.backward_begin(1, &weights, &case.operands(&given), &dy, &mut kept, RANDOM, &mut scratch);
    let mut dv = vec![f32::NAN; 100];
    layer.backward_input(1, 2, &weights, &mut kept, &mut dv, Write::Set, &mut scratch);
    let slope = slope(|values| case.naive(&case.with(&given, 2, values), true), &given[2], &dy);
    assert_close(&dv, &slope, 1e-6);
    for index in 0..2 {
        let mut dx = vec![f32::NAN; if index == 0 { 40 } else { 100 }];
        layer.backward_input(1, index, &weights, &mut kept, &mut dx, Write::Set, &mut scratch);
        assert!(dx.iter().all(|dx| dx.is_finite()));
    }
}

#[test]
fn a_nan_is_not_lost() {
    let layer = MultiHeadAttention { inputs: [1; 3], outputs: 1, ..layer([3, 5], 1, [2, 2]) };
    let case = Case::new(layer, 1, vec![]);
    let mut given = case.given(50);
    given[0][1] = f32::NAN;
    let mut y = vec![0.0; 3];
    let mut scratch = Scratch::default();
    layer.forward(1, &case.operands(&given), &case.weights(&given), &mut y, &mut [], RANDOM, &mut scratch);
    assert!(y[0].is_finite() && y[1].is_nan() && y[2].is_finite());
}

#[test]
fn without_biases() {
    let case = Case::new(layer([5, 7], 2, [3, 4]), 2, vec![]);
    let mut given = case.given(60);
    [4, 6, 8, 10].into_iter().for_each(|bias| given[bias].fill(0.0));
    let MultiHead { query_kernel, key_kernel, value_kernel, output_kernel, .. } = case.weights(&given);
    let linear = MultiHeadLinear { query_kernel, key_kernel, value_kernel, output_kernel };
    let [mut with, mut without] = [(); 2].map(|()| vec![f32::NAN; 60]);
    let mut scratch = Scratch::default();
    let (layer, operands) = (&case.layer, case.operands(&given));
    layer.forward(2, &operands, &case.weights(&given), &mut with, &mut [], RANDOM, scratch.for_weights(3));
    let mut other = Scratch::default();
    layer.forward(2, &operands, &linear, &mut without, &mut [], RANDOM, other.for_weights(3));
    assert_eq!(with, without);
}

#[test]
fn the_bits_are_the_same_on_any_number_of_threads() {
    let base = MultiHeadAttention {
        inputs: [32; 3],
        outputs: 32,
        sources: 1,
        dropout: 0.1,
        causal: true,
        ..layer([200, 200], 4, [16, 16])
    };
    for (n, layer) in [(5, base), (2, MultiHeadAttention { key_heads: 2, causal: false, ..base })] {
        let case = Case::new(layer, n, vec![]);
        let mut given = case.given(70);
        given[3..].iter_mut().flatten().for_each(|value| *value *= 0.3);
        let weights = case.weights(&given);
        let dy = uniform(&mut rng(71), n * 200 * 32);
        assert_same_bits(|| {
            let mut scratch = Scratch::default();
            let (mut y, mut dx, mut kept) = (vec![0.0; dy.len()], vec![0.0; dy.len()], vec![0.0; n * layer.kept()]);
            let operands = case.operands(&given);
            layer.forward(n, &operands, &weights, &mut y, &mut kept, RANDOM, &mut scratch);
            layer.backward_begin(n, &weights, &operands, &dy, &mut kept, RANDOM, &mut scratch);
            let mut gradients = case.poisoned();
            layer.backward_weights(n, &operands, &dy, &mut kept, &mut gradients, &mut scratch);
            layer.backward_input(n, 0, &weights, &mut kept, &mut dx, Write::Set, &mut scratch);
            let gradients =
                [&gradients.query_kernel, &gradients.key_kernel, &gradients.value_kernel, &gradients.output_bias];
            [y, dx].into_iter().chain(gradients.map(|gradient| gradient.values().to_vec())).collect()
        });
    }
}

#[test]
fn no_samples() {
    let layer = layer([5, 7], 2, [3, 4]);
    let seed = initializers::Seed::new(1, "layer");
    let kernel = |dims: &[usize]| initializers::glorot_uniform(dims, seed);
    let weights = MultiHeadLinear {
        query_kernel: kernel(&[5, 2, 3]),
        key_kernel: kernel(&[4, 2, 3]),
        value_kernel: kernel(&[3, 2, 4]),
        output_kernel: kernel(&[2, 4, 6]),
    };
    layer.forward(0, &[&[], &[], &[]], &weights, &mut [], &mut [], RANDOM, &mut Scratch::default());
    layer.backward_begin(0, &weights, &[&[], &[], &[]], &[], &mut [], RANDOM, &mut Scratch::default());
}
