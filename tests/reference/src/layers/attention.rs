//! `Attention` and `AdditiveAttention`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, Wanted};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// Which formula a score has; a query and a key have as many elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Score {
    /// scale · Σ q · k
    Dot,
    /// weight · Σ tanh(scale · (q + k))
    Concat,
    /// Σ scale · tanh(q + k), with a scale for each element
    Additive,
}

/// `softmax(scores) · v`
#[derive(Debug)]
struct Attention {
    score: Score,
    /// Whether the scale is a weight; else it is 1.
    scale: bool,
    causal: bool,
    dropout: f32,
    /// Operands that are query, key and value.
    sources: usize,
    /// Whether an operand behind these tells which keys are seen.
    masked: bool,
    /// Whether the last operand tells which queries count.
    query_masked: bool,
}

fn random_attention(random: &mut Random) -> Attention {
    Attention {
        score: random.pick(&[Score::Dot, Score::Concat, Score::Additive]),
        scale: random.percent(50),
        causal: random.percent(30),
        dropout: random.pick(&[0.0, 0.0, 0.3]),
        sources: 1,
        masked: false,
        query_masked: false,
    }
}

pub(super) fn draw(random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(random_attention(random)))
}

/// Keys and values of their own, masks, or all of these.
pub(super) fn draw_with_more(random: &mut Random, first: &Dims) -> Option<(Rc<dyn Layer>, Vec<Wanted>)> {
    let [queries, features] = first[..] else { return None };
    let sources = random.pick(&[1, 2, 3]);
    let (masked, query_masked) = (sources == 1 || random.percent(50), random.percent(40));
    let keys = if sources == 1 { queries } else { random.within(1, 6) };
    let lens = [features, random.within(1, 5)];
    let mut more: Vec<Wanted> = lens[..sources - 1].iter().map(|len| Wanted::numbers(vec![keys, *len])).collect();
    if masked {
        more.push(Wanted::mask(if random.percent(50) { vec![keys] } else { vec![queries, keys] }));
    }
    if query_masked {
        more.push(Wanted::mask(vec![queries]));
    }
    Some((Rc::new(Attention { sources, masked, query_masked, ..random_attention(random) }), more))
}

/// Sizes and operands of a use.
struct Use<'a> {
    queries: usize,
    keys: usize,
    /// Features of query and key, and of the value.
    lens: [usize; 2],
    sources: [&'a Tensor; 3],
    mask: Option<&'a Tensor>,
    query_mask: Option<&'a Tensor>,
    scale: f64,
    /// What each hyperbolic tangent is multiplied by.
    factors: Vec<f64>,
}

impl Use<'_> {
    fn q(&self, sample: usize, query: usize, d: usize) -> usize {
        (sample * self.queries + query) * self.lens[0] + d
    }

    fn k(&self, sample: usize, key: usize, d: usize) -> usize {
        (sample * self.keys + key) * self.lens[0] + d
    }

    fn v(&self, sample: usize, key: usize, d: usize) -> usize {
        (sample * self.keys + key) * self.lens[1] + d
    }

    fn y(&self, sample: usize, query: usize, d: usize) -> usize {
        (sample * self.queries + query) * self.lens[1] + d
    }

    fn is_hidden(&self, sample: usize, query: usize) -> bool {
        self.query_mask.is_some_and(|mask| mask.data[sample * self.queries + query] == 0.0)
    }

    /// Each sample and query.
    fn places(&self) -> impl Iterator<Item = [usize; 2]> + use<> {
        let queries = self.queries;
        (0..self.sources[0].samples() * queries).map(move |at| [at / queries, at % queries])
    }
}

/// What is computed of a sample and query: the weights of all keys, and what each is multiplied by.
struct Weights {
    weights: Vec<f64>,
    factors: Vec<f64>,
    /// Whether no key is seen.
    blind: bool,
}

impl Attention {
    fn of<'a>(&self, x: &[&'a Tensor], weights: &[&Tensor]) -> Use<'a> {
        let sources = [0, 1, 2].map(|role: usize| x[role.min(self.sources - 1)]);
        let features = sources[0].dims[2];
        let (scale, factors) = match (self.score, weights) {
            (Score::Dot, [scale]) => (scale.data[0], vec![1.0]),
            (Score::Concat, [scale, weight]) => (scale.data[0], weight.data.clone()),
            (Score::Concat | Score::Additive, [factors]) => (1.0, factors.data.clone()),
            _ => (1.0, vec![1.0]),
        };
        Use {
            queries: sources[0].dims[1],
            keys: sources[1].dims[1],
            lens: [features, sources[2].dims[2]],
            sources,
            mask: self.masked.then(|| x[self.sources]),
            query_mask: self.query_masked.then(|| x[x.len() - 1]),
            scale,
            factors: factors.into_iter().cycle().take(features).collect(),
        }
    }

    fn weights_of(&self, call: &Call, of: &Use<'_>, [sample, query]: [usize; 2]) -> Weights {
        let sees = |key: usize| {
            let seen = of.mask.is_none_or(|mask| match mask.dims.len() {
                2 => mask.data[sample * of.keys + key] != 0.0,
                _ => mask.data[(sample * of.queries + query) * of.keys + key] != 0.0,
            });
            seen && (!self.causal || key <= query)
        };
        let blind = !(0..of.keys).any(sees);
        let score = |key: usize| -> f64 {
            let term = |d: usize| {
                let (q, k) = (of.sources[0].data[of.q(sample, query, d)], of.sources[1].data[of.k(sample, key, d)]);
                match self.score {
                    Score::Dot => of.scale * q * k,
                    _ => of.factors[d] * (of.scale * (q + k)).tanh(),
                }
            };
            (0..of.lens[0]).map(term).sum()
        };
        let scores: Vec<f64> = (0..of.keys)
            .map(|key| match (blind, sees(key)) {
                (true, _) => 0.0,
                (_, true) => score(key),
                _ => f64::NEG_INFINITY,
            })
            .collect();
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let powers: Vec<f64> = scores.iter().map(|score| (score - largest).exp()).collect();
        let sum: f64 = powers.iter().sum();
        // The words of a row of keys begin with a block of four.
        let row = (sample * of.queries + query) * of.keys.next_multiple_of(4);
        let rate = f64::from(self.dropout);
        let factor = |key: usize| match call.training && rate > 0.0 {
            false => 1.0,
            true if f64::from(call.random.word(row + key)) < rate * 2_f64.powi(32) => 0.0,
            true => 1.0 / (1.0 - rate),
        };
        let weights = powers.iter().map(|power| power / sum).collect();
        Weights { weights, factors: (0..of.keys).map(factor).collect(), blind }
    }
}

impl Layer for Attention {
    fn kind(&self) -> &'static str {
        if self.score == Score::Additive { "AdditiveAttention" } else { "Attention" }
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![format!("scale = {}", self.scale)];
        if self.score == Score::Concat {
            arguments.push("score = concat".to_owned());
        }
        if self.causal {
            arguments.push("causal = true".to_owned());
        }
        if self.dropout > 0.0 {
            arguments.push(format!("dropout = {:?}", self.dropout));
        }
        arguments
    }

    fn operand_names(&self) -> &'static [Option<&'static str>] {
        const BOTH: [Option<&str>; 5] = [None, None, None, Some("mask"), Some("query_mask")];
        const OF_QUERIES: [Option<&str>; 4] = [None, None, None, Some("query_mask")];
        match (self.masked, self.query_masked) {
            (false, false) => &[],
            (true, false) => &BOTH[3 - self.sources..4],
            (true, true) => &BOTH[3 - self.sources..],
            (false, true) => &OF_QUERIES[3 - self.sources..],
        }
    }

    fn without_gradient(&self) -> &'static [usize] {
        const MASKS: [[usize; 2]; 3] = [[1, 2], [2, 3], [3, 4]];
        &MASKS[self.sources - 1][..usize::from(self.masked) + usize::from(self.query_masked)]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let masks = usize::from(self.masked) + usize::from(self.query_masked);
        if operands.len() != self.sources + masks {
            return None;
        }
        let [queries, features] = operands[0][..] else { return None };
        let [keys, of_key] = operands[1.min(self.sources - 1)][..] else { return None };
        let [values, width] = operands[self.sources - 1][..] else { return None };
        let fits = |mask: &Dims| **mask == [keys] || **mask == [queries, keys];
        let mask_fits = !self.masked || fits(&operands[self.sources]);
        let query_mask_fits = !self.query_masked || *operands[operands.len() - 1] == [queries];
        (keys == values && features == of_key && mask_fits && query_mask_fits).then(|| vec![vec![queries, width]])
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        match (self.score, self.scale) {
            (Score::Dot, true) => vec![("scale", vec![1])],
            (Score::Concat, true) => vec![("scale", vec![1]), ("concat_score_weight", vec![1])],
            (Score::Concat, false) => vec![("concat_score_weight", vec![1])],
            (Score::Additive, true) => vec![("scale", vec![operands[0][1]])],
            (Score::Dot | Score::Additive, false) => vec![],
        }
    }

    fn is_random(&self) -> bool {
        true
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let of = self.of(x, weights);
        let mut y = Tensor::zeros(&[x[0].samples(), of.queries, of.lens[1]]);
        for at @ [sample, query] in of.places().filter(|[sample, query]| !of.is_hidden(*sample, *query)) {
            let Weights { weights, factors, .. } = self.weights_of(call, &of, at);
            for (key, d) in (0..of.keys).flat_map(|key| (0..of.lens[1]).map(move |d| (key, d))) {
                y.data[of.y(sample, query, d)] +=
                    weights[key] * factors[key] * of.sources[2].data[of.v(sample, key, d)];
            }
        }
        vec![y]
    }

    fn backward(&self, call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let of = self.of(x, weights);
        let mut by_sources = of.sources.map(Tensor::like);
        let (mut by_scale, mut by_factors) = (0.0, vec![0.0; of.lens[0]]);
        let mut noise = call.noise.clone();
        for at @ [sample, query] in of.places().filter(|[sample, query]| !of.is_hidden(*sample, *query)) {
            let Weights { weights, factors, blind } = self.weights_of(call, &of, at);
            let by_weights: Vec<f64> = (0..of.keys)
                .map(|key| {
                    let products = (0..of.lens[1]).map(|d| {
                        let upstream = dy[0].data[of.y(sample, query, d)];
                        by_sources[2].data[of.v(sample, key, d)] += weights[key] * factors[key] * upstream;
                        upstream * of.sources[2].data[of.v(sample, key, d)]
                    });
                    factors[key] * products.sum::<f64>()
                })
                .collect();
            let along: f64 = weights.iter().zip(&by_weights).map(|(weight, by)| weight * by).sum();
            // The gradients by the scores of a query add up to 0: of some weights' gradients rounding is all there is.
            let by_weights = noise.round(&Tensor { dims: vec![of.keys], data: by_weights }).data;
            for key in (0..of.keys).filter(|_| !blind) {
                let by_score = weights[key] * (by_weights[key] - along);
                for d in 0..of.lens[0] {
                    let (at_q, at_k) = (of.q(sample, query, d), of.k(sample, key, d));
                    let (q, k) = (of.sources[0].data[at_q], of.sources[1].data[at_k]);
                    let [by_q, by_k] = match self.score {
                        Score::Dot => {
                            by_scale += by_score * q * k;
                            [k, q].map(|other| by_score * of.scale * other)
                        }
                        Score::Concat | Score::Additive => {
                            let tangent = (of.scale * (q + k)).tanh();
                            let slope = by_score * of.factors[d] * (1.0 - tangent * tangent);
                            by_factors[d] += by_score * tangent;
                            by_scale += slope * (q + k);
                            [slope * of.scale; 2]
                        }
                    };
                    by_sources[0].data[at_q] += by_q;
                    by_sources[1].data[at_k] += by_k;
                }
            }
        }
        let mut operands: Vec<Tensor> = x.iter().map(|operand| Tensor::like(operand)).collect();
        for (role, by) in by_sources.iter().enumerate() {
            let operand = &mut operands[role.min(self.sources - 1)];
            operand.data.iter_mut().zip(&by.data).for_each(|(sum, by)| *sum += by);
        }
        let one = |data: f64| Tensor { dims: vec![1], data: vec![data] };
        let all = || one(by_factors.iter().sum());
        let weights = match (self.score, self.scale) {
            (Score::Dot, true) => vec![one(by_scale)],
            (Score::Concat, true) => vec![one(by_scale), all()],
            (Score::Concat, false) => vec![all()],
            (Score::Additive, true) => vec![Tensor { dims: vec![of.lens[0]], data: by_factors.clone() }],
            (Score::Dot | Score::Additive, false) => vec![],
        };
        Gradients { operands, weights }
    }
}
