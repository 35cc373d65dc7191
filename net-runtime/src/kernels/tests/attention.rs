//! Attention: results and gradients by queries, keys and values, against plain loops over all scores.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::memory::Memory;
use super::{assert_close, on_every_isa, uniform};
use crate::kernels::attention::backward::{Upstream, backward};
use crate::kernels::attention::forward::forward;
use crate::kernels::attention::scores::{Mask, Score, Scores};
use crate::kernels::attention::sizes::{STATISTICS, Sizes};
use crate::kernels::elementwise::dropout;
use crate::memory::random::RandomKey;
use crate::tensor::aligned::AlignedBuffer;

/// The results, and the gradients by queries, keys, values and factors of scores, from that by the results.
fn naive(sizes: Sizes, scores: &Scores<'_>, [q, k, v]: [&[f32]; 3], upstream: &[f32]) -> [Vec<f64>; 5] {
    let Sizes { samples, queries, keys, heads, key_heads, key_dim, value_dim } = sizes;
    let at = |values: &[f32], index: usize| f64::from(values[index]);
    let [q_len, k_len, v_len, result_len] = sizes.lens();
    let mut found = [result_len, q_len, k_len, v_len, samples * key_heads * key_dim].map(|len| vec![0.0; len]);
    let [result, dq, dk, dv, by_factors] = &mut found;
    let blocks = keys.div_ceil(4);
    for (sample, head) in (0..samples).flat_map(|sample| (0..heads).map(move |head| (sample, head))) {
        let key_head = head / (heads / key_heads);
        for query in 0..queries {
            let at_q = ((sample * queries + query) * heads + head) * key_dim;
            let at_k = |key: usize| ((sample * keys + key) * key_heads + key_head) * key_dim;
            let at_v = |key: usize| ((sample * keys + key) * key_heads + key_head) * value_dim;
            let sees = |key: usize| {
                let masked = match scores.mask {
                    None => false,
                    Some(Mask::Keys(mask)) => mask[sample * keys + key] == 0.0,
                    Some(Mask::Pairs(mask)) => mask[(sample * queries + query) * keys + key] == 0.0,
                };
                !masked && (!scores.causal || key <= query)
            };
            let blind = !(0..keys).any(sees);
            let of_key = |key: usize| -> f64 {
                if blind {
                    return 0.0;
                }
                let term = |d: usize| {
                    let (q, k) = (at(q, at_q + d), at(k, at_k(key) + d));
                    match scores.score {
                        Score::Product { scale } => f64::from(scale) * q * k,
                        Score::Additive { factors } => at(factors, d) * (q + k).tanh(),
                    }
                };
                if sees(key) { (0..key_dim).map(term).sum::<f64>() } else { f64::NEG_INFINITY }
            };
            let all: Vec<f64> = (0..keys).map(of_key).collect();
            let largest = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let powers: Vec<f64> = all.iter().map(|score| (score - largest).exp()).collect();
            let sum: f64 = powers.iter().sum();
            let factor = |key: usize| match &scores.dropped {
                None => 1.0,
                Some(mask) => {
                    let row = ((sample * heads + head) * queries + query) * blocks;
                    f64::from(mask.factor(mask.draws.words(row + key / 4)[key % 4]))
                }
            };
            let at_y = ((sample * queries + query) * heads + head) * value_dim;
            // The gradient by each weight as it was before some were dropped.
            let mut by_weights = vec![0.0; keys];
            for key in 0..keys {
                let weight = powers[key] / sum * factor(key);
                for d in 0..value_dim {
                    result[at_y + d] += weight * at(v, at_v(key) + d);
                    dv[at_v(key) + d] += weight * at(upstream, at_y + d);
                    by_weights[key] += factor(key) * at(v, at_v(key) + d) * at(upstream, at_y + d);
                }
            }
            let along: f64 = (0..keys).map(|key| powers[key] / sum * by_weights[key]).sum();
            for key in (0..keys).filter(|_| !blind) {
                let slope = powers[key] / sum * (by_weights[key] - along);
                for d in 0..key_dim {
                    let (q, k) = (at(q, at_q + d), at(k, at_k(key) + d));
                    let [by_q, by_k] = match scores.score {
                        Score::Product { scale } => [k, q].map(|other| f64::from(scale) * other),
                        Score::Additive { factors } => [at(factors, d) * (1.0 - (q + k).tanh().powi(2)); 2],
                    };
                    dq[at_q + d] += slope * by_q;
                    dk[at_k(key) + d] += slope * by_k;
                    by_factors[(sample * key_heads + key_head) * key_dim + d] += slope * (q + k).tanh();
                }
            }
        }
    }
    found
}

/// Around blocks, vectors, and heads that share keys.
fn cases() -> Vec<Sizes> {
    let sizes =
        |samples, [queries, keys]: [usize; 2], [heads, key_heads]: [usize; 2], [key_dim, value_dim]: [usize; 2]| {
            Sizes { samples, queries, keys, heads, key_heads, key_dim, value_dim }
        };
    vec![
        sizes(1, [1, 1], [1, 1], [1, 1]),
        sizes(2, [3, 7], [2, 2], [3, 5]),
        sizes(1, [64, 96], [1, 1], [16, 32]),
        sizes(1, [65, 97], [2, 1], [8, 17]),
        sizes(2, [17, 193], [6, 2], [33, 4]),
        sizes(1, [129, 5], [3, 3], [7, 64]),
    ]
}

#[test]
fn results_and_gradients() {
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    for sizes in cases() {
        let Sizes { samples, queries, keys, .. } = sizes;
        let some = |rng: &mut ChaCha8Rng, len: usize| -> Vec<f32> {
            uniform(rng, len).into_iter().map(|value| if value < -0.3 { 0.0 } else { value }).collect()
        };
        let mut by_key = some(&mut rng, samples * keys);
        by_key[..keys].fill(0.0);
        let mut by_pair = some(&mut rng, samples * queries * keys);
        by_pair[..keys].fill(0.0);
        let [q, k, v, upstream] = sizes.lens().map(|len| uniform(&mut rng, len));
        let random = dropout::Mask::new(0.3, 4, RandomKey { seed: 1, step: 1 << 40 });
        let masks = [None, Some(Mask::Keys(&by_key)), Some(Mask::Pairs(&by_pair))];
        let factors = uniform(&mut rng, sizes.key_dim);
        let kinds = [Score::Product { scale: 0.7 }, Score::Additive { factors: &factors }];
        let ways = masks.into_iter().flat_map(|mask| [(mask, false), (mask, true)]);
        for (score, (mask, causal)) in kinds.into_iter().flat_map(|score| ways.clone().map(move |way| (score, way))) {
            let dropped = causal.then_some(random);
            let scores = Scores { score, causal, mask, dropped };
            let [result, dq, dk, dv, by_factors] = naive(sizes, &scores, [&q, &k, &v], &upstream);
            on_every_isa(|isa, at_end| {
                let what = (isa, sizes, causal, mask.map(|mask| matches!(mask, Mask::Pairs(_))), score.factors());
                let mask_memory = mask.map(|(Mask::Keys(mask) | Mask::Pairs(mask))| Memory::new(mask, at_end));
                let factors = Memory::new(&factors, at_end);
                let scores = Scores {
                    score: match score {
                        Score::Product { scale } => Score::Product { scale },
                        Score::Additive { .. } => Score::Additive { factors: &factors },
                    },
                    mask: mask.zip(mask_memory.as_ref()).map(|(mask, memory)| match mask {
                        Mask::Keys(_) => Mask::Keys(memory),
                        Mask::Pairs(_) => Mask::Pairs(memory),
                    }),
                    ..scores
                };
                let [mut q, mut k, mut v, upstream] = [&q, &k, &v, &upstream].map(|values| Memory::new(values, at_end));
                let mut found = Memory::new(&vec![f32::NAN; result.len()], at_end);
                let mut statistics = Memory::new(&vec![f32::NAN; result.len() / sizes.value_dim * STATISTICS], at_end);
                let count = by_factors.len().min(samples * sizes.key_heads * score.factors());
                let mut found_by_factors = Memory::new(&vec![f32::NAN; count], at_end);
                let mut memory = AlignedBuffer::default();
                memory.take(1 << 17).fill(f32::NAN);
                forward(sizes, &scores, [&q, &k, &v], &mut found, Some(&mut statistics), &mut memory);
                assert_close(&found, &result, 2e-6, &what);
                memory.fill(f32::NAN);
                let upstream = Upstream { result: &found, statistics: &statistics, gradient: &upstream };
                backward(sizes, &scores, [&mut q, &mut k, &mut v], &mut found_by_factors, upstream, &mut memory);
                assert_close(&q, &dq, 1e-5, &("queries", what));
                assert_close(&k, &dk, 1e-5, &("keys", what));
                assert_close(&v, &dv, 1e-5, &("values", what));
                assert_close(&found_by_factors, &by_factors[..count], 1e-5, &("factors", what));
            });
        }
    }
}
