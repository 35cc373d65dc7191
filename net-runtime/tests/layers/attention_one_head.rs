//! Attention without kernels: both scores with all their weights, masks and dropped weights, against a naive loop in f64 and its
//! finite differences.

use net_runtime::layers::{Attention, AttentionMask, AttentionPlain, AttentionScore, Dropout};
use net_runtime::weights::{AdditiveScore, ConcatScore, ScaledConcatScore, ScaledScore, ScoreWeights};
use net_runtime::{Gradient, Param, RandomKey, Scratch};

use crate::reference::*;
use crate::threads::assert_same_bits;

const RANDOM: RandomKey = RandomKey { seed: 3, step: 8 };

/// Query, key and value; the scale and the factors of the scores.
type Given = [Vec<f64>; 5];

struct Case {
    layer: Attention,
    n: usize,
    mask: Vec<f32>,
    query_mask: Vec<f32>,
    /// For each sample, query and key, what a weight is multiplied by.
    dropped: Vec<f64>,
}

fn layer(score: AttentionScore, [queries, keys]: [usize; 2], [dim, value_dim]: [usize; 2]) -> Attention {
    Attention {
        queries,
        keys,
        dim,
        value_dim,
        score,
        sources: 3,
        mask: AttentionMask::None,
        query_mask: false,
        causal: false,
        dropout: 0.0,
        layer: 5,
    }
}

const SCORES: [AttentionScore; 2] = [AttentionScore::Product, AttentionScore::Additive];

impl Case {
    fn new(layer: Attention, n: usize) -> Self {
        let Attention { queries, keys, dropout, .. } = layer;
        // Rows of keys begin at multiples of four elements.
        let row = keys.next_multiple_of(4);
        let mut dropped = vec![1.0; n * queries * row];
        if dropout > 0.0 {
            let ones = dropped.clone();
            Dropout { len: queries * row, rate: dropout, layer: 5 }.forward(n, &ones, &mut dropped, RANDOM);
        }
        let dropped = dropped.chunks(row).flat_map(|row| wide(&row[..keys])).collect();
        let some = |seed: u64, len: usize| -> Vec<f32> {
            integers(&mut rng(seed), len).into_iter().map(|value| if value.abs() < 1.5 { 0.0 } else { value }).collect()
        };
        let mut mask = match layer.mask {
            AttentionMask::None => vec![],
            AttentionMask::Keys => some(7, n * keys),
            AttentionMask::Pairs => some(8, n * queries * keys),
        };
        // A sample, or a query, that sees nothing.
        let blind = keys.min(mask.len());
        mask[..blind].fill(0.0);
        let query_mask = if layer.query_mask { some(9, n * queries) } else { vec![] };
        Self { layer, n, mask, query_mask, dropped }
    }

    fn sees(&self, sample: usize, query: usize, key: usize) -> bool {
        let Attention { queries, keys, mask, causal, .. } = self.layer;
        let masked = match mask {
            AttentionMask::None => false,
            AttentionMask::Keys => self.mask[sample * keys + key] == 0.0,
            AttentionMask::Pairs => self.mask[(sample * queries + query) * keys + key] == 0.0,
        };
        !masked && (!causal || key <= query)
    }

    fn naive(&self, [q, k, v, scale, factors]: &Given, training: bool) -> Vec<f64> {
        let Attention { queries, keys, dim, value_dim, score, .. } = self.layer;
        let mut y = Vec::new();
        for (sample, query) in (0..self.n).flat_map(|sample| (0..queries).map(move |query| (sample, query))) {
            let of_key = |key: usize| -> f64 {
                let (q, k) = (&q[(sample * queries + query) * dim..], &k[(sample * keys + key) * dim..]);
                let term = |d: usize| match score {
                    AttentionScore::Product => scale[0] * q[d] * k[d],
                    AttentionScore::Additive => factors[d % factors.len()] * (scale[0] * (q[d] + k[d])).tanh(),
                };
                (0..dim).map(term).sum()
            };
            let blind = (0..keys).all(|key| !self.sees(sample, query, key));
            let scores: Vec<f64> = (0..keys)
                .map(|key| match blind {
                    true => 0.0,
                    false if self.sees(sample, query, key) => of_key(key),
                    false => f64::NEG_INFINITY,
                })
                .collect();
            let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let powers: Vec<f64> = scores.iter().map(|score| (score - largest).exp()).collect();
            let sum: f64 = powers.iter().sum();
            let hidden = self.query_mask.get(sample * queries + query) == Some(&0.0);
            y.extend((0..value_dim).map(|d| {
                let of_key = |key: usize| {
                    let dropped = if training { self.dropped[(sample * queries + query) * keys + key] } else { 1.0 };
                    powers[key] / sum * dropped * v[(sample * keys + key) * value_dim + d]
                };
                if hidden { 0.0 } else { (0..keys).map(of_key).sum() }
            }));
        }
        y
    }

    fn lens(&self) -> [usize; 3] {
        let Attention { queries, keys, dim, value_dim, .. } = self.layer;
        [queries * dim, keys * dim, keys * value_dim].map(|len| self.n * len)
    }

    fn operands<'a>(&'a self, given: &'a [Vec<f32>; 3]) -> Vec<&'a [f32]> {
        let mut operands: Vec<&[f32]> = given.iter().take(self.layer.sources).map(|values| &**values).collect();
        operands.extend([&self.mask, &self.query_mask].into_iter().filter(|mask| !mask.is_empty()).map(|mask| &**mask));
        operands
    }

    /// With these weights, whose gradients are given full of NaN.
    fn check<W: ScoreWeights<Param>, G: ScoreWeights<Gradient>>(&self, weights: &W, mut gradients: G) {
        let Self { layer, n, .. } = self;
        let mut rng = rng(11);
        let given = self.lens().map(|len| uniform(&mut rng, len));
        let operands = self.operands(&given);
        let [scale, factors] = [weights.parts().scale, weights.parts().factors]
            .map(|param| param.map_or(vec![1.0], |param| param.values().to_vec()));
        let all = |which: usize, values: &[f64]| -> Given {
            let mut all: Given = [&given[0], &given[1], &given[2], &scale, &factors].map(|values| wide(values));
            all[which] = values.to_vec();
            match layer.sources {
                1 => [all[1], all[2]] = [all[0].clone(), all[0].clone()],
                2 => all[2] = all[1].clone(),
                _ => {}
            }
            all
        };
        let exact = all(3, &wide(&scale));
        let mut scratch = Scratch::default();
        let mut kept = vec![f32::NAN; n * layer.kept()];
        let mut y = vec![f32::NAN; n * layer.queries * layer.value_dim];
        for training in [false, true] {
            y.fill(f32::NAN);
            let kept = if training { &mut kept[..] } else { &mut [] };
            layer.forward(*n, &operands, weights, &mut y, kept, RANDOM, &mut scratch);
            assert_close(&y, &self.naive(&exact, training), 3e-6);
        }
        let dy = uniform(&mut rng, y.len());
        layer.backward_begin(*n, weights, &operands, &y, &dy, &mut kept, RANDOM, &mut scratch);
        layer.backward_weights(*n, &operands, &mut kept, &mut gradients, &mut scratch);
        let slope = |which: usize, of: &[f32]| slope(|values| self.naive(&all(which, values), true), of, &dy);
        for (which, (gradient, of)) in
            [gradients.parts().scale, gradients.parts().factors].into_iter().zip([&scale, &factors]).enumerate()
        {
            if let Some(gradient) = gradient {
                assert_close(gradient.values(), &slope(3 + which, of), 1e-5);
            }
        }
        for (index, of) in given.iter().enumerate().take(layer.sources) {
            let kept = std::cell::RefCell::new(kept.clone());
            let backward = |dx: &mut [f32], write| {
                layer.backward_input(*n, index, weights, &mut kept.borrow_mut(), dx, write, &mut Scratch::default());
            };
            assert_writes(backward, &slope(index, of), 1e-5);
        }
    }

    fn check_plain(&self) {
        self.check(&(), ());
        // The layer without weights is the same.
        let mut rng = rng(12);
        let given = self.lens().map(|len| uniform(&mut rng, len));
        let (operands, plain, n) = (self.operands(&given), AttentionPlain(self.layer), self.n);
        let len = n * self.layer.queries * self.layer.value_dim;
        let dy = uniform(&mut rng, len);
        let [mut y, mut plain_y] = [(); 2].map(|()| vec![f32::NAN; len]);
        let [mut kept, mut plain_kept] = [(); 2].map(|()| vec![f32::NAN; n * plain.kept()]);
        let [mut dx, mut plain_dx] = [(); 2].map(|()| vec![0.0; given[0].len()]);
        let mut scratch = Scratch::default();
        self.layer.forward(n, &operands, &(), &mut y, &mut kept, RANDOM, &mut scratch);
        self.layer.backward_begin(n, &(), &operands, &y, &dy, &mut kept, RANDOM, &mut scratch);
        self.layer.backward_input(n, 0, &(), &mut kept, &mut dx, net_runtime::Write::Add, &mut scratch);
        plain.forward(n, &operands, &mut plain_y, &mut plain_kept, RANDOM, &mut scratch);
        plain.backward_begin(n, &operands, &plain_y, &dy, &mut plain_kept, RANDOM, &mut scratch);
        plain.backward_input(n, 0, &mut plain_kept, &mut plain_dx, net_runtime::Write::Add, &mut scratch);
        assert!(y == plain_y && dx == plain_dx);
    }
}

fn param(values: &[f32]) -> Param {
    let mut param = Param::zeros(&[values.len()]);
    param.values_mut().copy_from_slice(values);
    param
}

fn poisoned(len: usize) -> Gradient {
    let mut gradient = Gradient::zeros(&[len]);
    gradient.values_mut().fill(f32::NAN);
    gradient.begin();
    gradient
}

/// All weights of scores.
fn check_all(layer: Attention, n: usize) {
    let case = Case::new(layer, n);
    case.check_plain();
    match layer.score {
        AttentionScore::Product => {
            case.check(&ScaledScore { scale: param(&[-0.7]) }, ScaledScore { scale: poisoned(1) });
            case.check(&ScaledScore { scale: param(&[0.0]) }, ScaledScore { scale: poisoned(1) });
        }
        AttentionScore::Additive => {
            let weight = || param(&[1.3]);
            let gradients = ConcatScore { concat_score_weight: poisoned(1) };
            case.check(&ConcatScore { concat_score_weight: weight() }, gradients);
            let gradients = ScaledConcatScore { scale: poisoned(1), concat_score_weight: poisoned(1) };
            case.check(&ScaledConcatScore { scale: param(&[-1.6]), concat_score_weight: weight() }, gradients);
            let factors = uniform(&mut rng(13), layer.dim);
            case.check(&AdditiveScore { scale: param(&factors) }, AdditiveScore { scale: poisoned(layer.dim) });
        }
    }
}

#[test]
fn operands_and_weights() {
    for score in SCORES {
        let plain = layer(score, [5, 7], [3, 4]);
        check_all(plain, 2);
        check_all(Attention { sources: 2, value_dim: 3, ..plain }, 2);
        check_all(Attention { sources: 1, value_dim: 3, keys: 5, ..plain }, 3);
        check_all(layer(score, [1, 1], [1, 1]), 1);
    }
}

#[test]
fn sizes_around_blocks_and_vectors() {
    for score in SCORES {
        for (steps, dims) in
            [([64, 96], [1, 2]), ([65, 97], [1, 1]), ([2, 194], [2, 1]), ([130, 2], [1, 3]), ([4, 5], [17, 16])]
        {
            for causal in [false, true] {
                Case::new(Attention { causal, ..layer(score, steps, dims) }, 1).check_plain();
            }
        }
    }
}

#[test]
fn masks_and_dropped_weights() {
    for score in SCORES {
        for (mask, causal) in [(AttentionMask::Keys, false), (AttentionMask::Keys, true), (AttentionMask::Pairs, true)]
        {
            let plain = Attention { mask, causal, query_mask: true, ..layer(score, [6, 9], [2, 3]) };
            check_all(plain, 2);
            check_all(Attention { dropout: 0.4, ..plain }, 2);
        }
        check_all(Attention { query_mask: true, ..layer(score, [6, 9], [2, 3]) }, 2);
    }
}

/// Scores of ±10⁴: nothing is left of all weights but the largest one.
#[test]
fn large_scores() {
    for score in SCORES {
        let layer = layer(score, [3, 70], [1, 1]);
        let q = [100.0, -100.0, 0.0];
        let mut k: Vec<f32> = (0..70).map(|key| (key as f32 * 0.7).sin()).collect();
        (k[7], k[11]) = (100.0, -100.0);
        let v: Vec<f32> = (0..70).map(|key| key as f32).collect();
        let weights = AdditiveScore { scale: param(&[1e4]) };
        let (mut y, mut kept) = ([f32::NAN; 3], vec![f32::NAN; layer.kept()]);
        let (operands, mut scratch) = ([&q[..], &k, &v], Scratch::default());
        layer.forward(1, &operands, &weights, &mut y, &mut kept, RANDOM, &mut scratch);
        match score {
            // Those of the first two queries, 100 · 100 and -100 · -100.
            AttentionScore::Product => assert_eq!(y[..2], [7.0, 11.0]),
            AttentionScore::Additive => assert_eq!(y[2], 7.0),
        }
        assert!(y.iter().all(|y| (0.0..=69.0).contains(y)), "{y:?}");
        let dy = [1.0, -1.0, 0.5];
        layer.backward_begin(1, &weights, &operands, &y, &dy, &mut kept, RANDOM, &mut scratch);
        for (index, len) in [(0, 3), (1, 70), (2, 70)] {
            let mut dx = vec![f32::NAN; len];
            layer.backward_input(1, index, &weights, &mut kept, &mut dx, net_runtime::Write::Set, &mut scratch);
            assert!(dx.iter().all(|dx| dx.is_finite()), "{dx:?}");
        }
        let mut gradients = AdditiveScore { scale: poisoned(1) };
        if score == AttentionScore::Additive {
            layer.backward_weights(1, &operands, &mut kept, &mut gradients, &mut scratch);
            assert!(gradients.scale.values()[0].is_finite());
        }
    }
}

#[test]
fn a_nan_is_not_lost() {
    for score in SCORES {
        let layer = layer(score, [3, 5], [2, 1]);
        let mut q = [0.5; 6];
        q[2] = f32::NAN;
        let (k, v, mut y) = ([0.3; 10], [1.0; 5], [0.0; 3]);
        layer.forward(1, &[&q, &k, &v], &(), &mut y, &mut [], RANDOM, &mut Scratch::default());
        assert!(y[0].is_finite() && y[1].is_nan() && y[2].is_finite());
    }
}

#[test]
fn the_bits_are_the_same_on_any_number_of_threads() {
    for score in SCORES {
        let layer = Attention { causal: true, dropout: 0.1, ..layer(score, [150, 120], [24, 16]) };
        let case = Case::new(layer, 4);
        let mut rng = rng(21);
        let given = case.lens().map(|len| uniform(&mut rng, len));
        let weights = ScaledConcatScore { scale: param(&[0.3]), concat_score_weight: param(&[0.6]) };
        let dy = uniform(&mut rng, 4 * 150 * 16);
        assert_same_bits(|| {
            let mut scratch = Scratch::default();
            let (mut y, mut dx, mut kept) =
                (vec![0.0; dy.len()], vec![0.0; given[1].len()], vec![0.0; 4 * layer.kept()]);
            let operands = case.operands(&given);
            let weights = weights.clone();
            match score {
                AttentionScore::Product => {
                    let weights = ScaledScore { scale: weights.scale };
                    layer.forward(4, &operands, &weights, &mut y, &mut kept, RANDOM, &mut scratch);
                    layer.backward_begin(4, &weights, &operands, &y, &dy, &mut kept, RANDOM, &mut scratch);
                    layer.backward_input(4, 1, &weights, &mut kept, &mut dx, net_runtime::Write::Set, &mut scratch);
                    vec![y, dx]
                }
                AttentionScore::Additive => {
                    layer.forward(4, &operands, &weights, &mut y, &mut kept, RANDOM, &mut scratch);
                    layer.backward_begin(4, &weights, &operands, &y, &dy, &mut kept, RANDOM, &mut scratch);
                    layer.backward_input(4, 1, &weights, &mut kept, &mut dx, net_runtime::Write::Set, &mut scratch);
                    let mut gradients = ScaledConcatScore { scale: poisoned(1), concat_score_weight: poisoned(1) };
                    layer.backward_weights(4, &operands, &mut kept, &mut gradients, &mut scratch);
                    let [scale, factor] = [gradients.scale, gradients.concat_score_weight];
                    vec![y, dx, scale.values().to_vec(), factor.values().to_vec()]
                }
            }
        });
    }
}

#[test]
fn no_samples() {
    for score in SCORES {
        let layer = layer(score, [5, 7], [3, 4]);
        layer.forward(0, &[&[], &[], &[]], &(), &mut [], &mut [], RANDOM, &mut Scratch::default());
        layer.backward_begin(0, &(), &[&[], &[], &[]], &[], &[], &mut [], RANDOM, &mut Scratch::default());
    }
}
