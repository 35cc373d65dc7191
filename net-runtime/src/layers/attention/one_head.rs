//! Attention without kernels: queries, keys and values are what goes in.

use crate::kernels::attention::backward::{Upstream, backward};
use crate::kernels::attention::forward::forward;
use crate::kernels::attention::scores::{Mask, Score, Scores};
use crate::kernels::attention::sizes::{STATISTICS, Sizes};
use crate::kernels::elementwise::arithmetic::{put, scaled};
use crate::kernels::elementwise::dropout;
use crate::kernels::reduce::dot_products::dot_products;
use crate::kernels::reduce::reductions::column_sums;
use crate::kernels::simd::Isa;
use crate::layers::attention::operands::{AttentionMask, Sources};
use crate::layers::{check, check_parameter};
use crate::memory::random::RandomKey;
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::attention::{ScoreParts, ScoreWeights};
use crate::tensor::exact::{product, sum};
use crate::tensor::param::{Param, Store, Write};

/// What the score of a query and a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttentionScore {
    /// `scale · q · k`
    Product,
    /// `Σ factor · tanh(scale · (q + k))`, with one factor for all elements or one for each.
    Additive,
}

/// Attention of one head without kernels, as Keras's `Attention` (Luong et al., "Effective Approaches to Attention-based Neural Machine
/// Translation", 2015) and `AdditiveAttention` (Bahdanau et al., "Neural Machine Translation by Jointly Learning to Align and
/// Translate", 2015): a query `[queries, dim]`, keys `[keys, dim]` and values `[keys, value_dim]` to `[queries, value_dim]`.
///
/// ```text
/// weights = softmax over the keys of score(query, key)
/// output  = weights · value
/// ```
///
/// The score is a product, `scale · q · k`, or additive, `Σ factor · tanh(scale · (q + k))`. Which of scale and factor are weights, their
/// [struct](ScoreWeights) says; others are 1. Nothing is divided by a root of `dim`, as in Keras.
///
/// Operands are one that is query, key and value; or a query, and one that is key and value; or a query, a key and a value, in this
/// order (Keras has the value before the key); behind them the `mask` of what is seen, then, with `query_mask`, a number for each
/// query. What a query does not see, by the mask or because the layer is `causal` and the key behind its own step, has a weight of 0;
/// if it sees nothing at all, every key has the same weight, as in Keras, and no gradient goes through them (in Keras that is what
/// rounding has left of the scores). The output of a query whose number in the query mask is 0 is zeros. In training, a weight is
/// dropped with the probability `dropout`, else divided by what is left.
///
/// Scores are computed in blocks, and again in the backward pass, as in [`MultiHeadAttention`](crate::layers::MultiHeadAttention):
/// memory grows with the number of steps, not with its square, for additive scores, too, though Keras has `queries · keys · dim`
/// numbers there.
///
/// # In `network!`
///
/// `Attention(score = dot, scale = false, causal = false, dropout = 0.0)` on the operands of
/// [`MultiHeadAttention`](crate::layers::MultiHeadAttention), and perhaps with `query_mask = m`, `[queries]`. With `score = concat`
/// a score of `Attention` is `concat_score_weight · Σ tanh(scale · (query + key))`. Scale and that weight are one number each, at
/// first 1.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Reader(question: u32[8], text: u32[40]) -> (answer: [5]) {
///         let there = text -> NotEqual(0);
///         layer word = Embedding(1_000, 16);
///         let q = question -> word;
///         let t = text -> word;
///         let seen: [8, 16] = (q, t, mask = there) -> Attention(scale = true);
///         let again: [8, 16] = (seen, t, mask = there) -> AdditiveAttention;
///         let answer = again -> GlobalAvgPool1d -> Dense(5) -> softmax;
///     }
/// }
/// assert_eq!(Reader::PARAMETERS, 1_000 * 16 + 1 + 16 + (16 * 5 + 5));
/// ```
///
/// # In generated code
///
/// What a training pass keeps, [`kept`](Self::kept) floats a sample, is for the backward pass: [`backward_begin`] computes all
/// gradients, and the other two read what it leaves there. In inference `kept` is empty.
///
/// [`backward_begin`]: Self::backward_begin
#[derive(Clone, Copy, Debug)]
pub struct Attention {
    /// Steps of the query.
    pub queries: usize,
    /// Steps of key and value.
    pub keys: usize,
    /// Features of query and key.
    pub dim: usize,
    /// Features of the value.
    pub value_dim: usize,
    /// What a score is.
    pub score: AttentionScore,
    /// Operands that are query, key and value: one, two or three.
    pub sources: usize,
    /// What the operand behind these is.
    pub mask: AttentionMask,
    /// Whether the last operand says which queries count, `[queries]`.
    pub query_mask: bool,
    /// Whether a query sees no key behind its own step.
    pub causal: bool,
    /// Probability that a weight is dropped in training, from 0 to below 1.
    pub dropout: f32,
    /// Which use of which random layer it is: each draws from a stream of its own.
    pub layer: u64,
}

/// [`Attention`] whose scores are sums of functions of a query and a key (Bahdanau et al. 2015).
///
/// In `network!`: `AdditiveAttention(scale = true, causal = false, dropout = 0.0)`, on the operands of [`Attention`], where the
/// example is. A score is `Σ scale · tanh(query + key)`, with a scale `[features]`, at first `glorot_uniform`; with `scale = false`
/// there are no weights.
pub type AdditiveAttention = Attention;

/// [`Attention`] without weights: scale and factors are 1.
#[derive(Clone, Copy, Debug)]
pub struct AttentionPlain(pub Attention);

/// Query, key and value, and both masks.
struct Operands<'a> {
    inputs: [&'a [f32]; 3],
    mask: Option<Mask<'a>>,
    query_mask: Option<&'a [f32]>,
}

/// The parts of what is kept.
struct Kept<'a> {
    /// Behind the beginning of the backward pass, the gradients by query, key and value, of which the scores were made.
    gradients: [&'a mut [f32]; 3],
    /// The gradients by the factors of additive scores, for each sample.
    by_factors: &'a mut [f32],
    /// What is left of the scores.
    statistics: &'a mut [f32],
}

impl Attention {
    /// Floats that are kept of a sample.
    pub const fn kept(&self) -> usize {
        let [q, k, v, _] = self.lens();
        sum(&[q, k, v, self.factors(), product(&[self.queries, STATISTICS])])
    }

    /// Floats of a sample's query, key, value and result.
    const fn lens(&self) -> [usize; 4] {
        let Self { queries, keys, dim, value_dim, .. } = *self;
        [product(&[queries, dim]), product(&[keys, dim]), product(&[keys, value_dim]), product(&[queries, value_dim])]
    }

    /// Factors of a score.
    const fn factors(&self) -> usize {
        match self.score {
            AttentionScore::Product => 0,
            AttentionScore::Additive => self.dim,
        }
    }

    fn sizes(&self, n: usize) -> Sizes {
        let Self { queries, keys, dim, value_dim, .. } = *self;
        Sizes { samples: n, queries, keys, heads: 1, key_heads: 1, key_dim: dim, value_dim }
    }

    fn sources(&self) -> Sources {
        let Self { queries, keys, dim, value_dim, sources, mask, .. } = *self;
        Sources { count: sources, mask, steps: [queries, keys], features: [dim, dim, value_dim] }
    }

    fn operands<'a>(&self, n: usize, operands: &[&'a [f32]]) -> Operands<'a> {
        let (of_keys, of_queries) = operands.split_at(operands.len().min(self.sources().len()));
        assert_eq!(of_queries.len(), usize::from(self.query_mask), "masks of queries of attention");
        let (inputs, mask) = self.sources().split(n, of_keys);
        let query_mask = of_queries.first().copied();
        query_mask.into_iter().for_each(|mask| check("query_mask", mask, n, &[self.queries]));
        Operands { inputs, mask, query_mask }
    }

    fn check_weights<T>(&self, parts: &ScoreParts<&T>, len: impl Fn(&T) -> usize) {
        parts.scale.into_iter().for_each(|scale| check_parameter("scale", len(scale), &[1]));
        if let Some(factors) = parts.factors {
            let dims = if len(factors) == 1 { 1 } else { self.factors() };
            check_parameter("factor of a score", len(factors), &[dims]);
        }
    }

    fn scale(weights: &impl ScoreWeights<Param>) -> f32 {
        weights.parts().scale.map_or(1.0, |scale| scale.values()[0])
    }

    /// The factors of additive scores.
    fn fill_factors(weights: &impl ScoreWeights<Param>, factors: &mut [f32]) {
        match weights.parts().factors.map(Param::values) {
            None => factors.fill(1.0),
            Some([factor]) => factors.fill(*factor),
            Some(values) => factors.copy_from_slice(values),
        }
    }

    fn scores<'a>(&self, score: Score<'a>, mask: Option<Mask<'a>>, random: Option<RandomKey>) -> Scores<'a> {
        let dropped = random.filter(|_| self.dropout > 0.0);
        let dropped = dropped.map(|random| dropout::Mask::new(self.dropout, self.layer, random));
        Scores { score, causal: self.causal, mask, dropped }
    }

    fn split<'a>(&self, n: usize, kept: &'a mut [f32]) -> Kept<'a> {
        let [q, k, v, _] = self.lens();
        let (q, rest) = kept.split_at_mut(n * q);
        let (k, rest) = rest.split_at_mut(n * k);
        let (v, rest) = rest.split_at_mut(n * v);
        let (by_factors, statistics) = rest.split_at_mut(n * self.factors());
        Kept { gradients: [q, k, v], by_factors, statistics }
    }

    fn compute(
        &self,
        n: usize,
        operands: &[&[f32]],
        weights: &impl ScoreWeights<Param>,
        y: &mut [f32],
        (kept, random): (&mut [f32], RandomKey),
        scratch: &mut Scratch,
    ) {
        let Operands { inputs: [q, k, v], mask, query_mask } = self.operands(n, operands);
        self.check_weights(&weights.parts(), |param| param.values().len());
        check("y", y, n, &[self.queries, self.value_dim]);
        let training = !kept.is_empty();
        if training {
            check("kept", kept, n, &[self.kept()]);
        }
        let statistics = training.then(|| self.split(n, kept).statistics);
        let scale = Self::scale(weights);
        // The scale of products is a factor of all; here it is within a function.
        let is_within = self.score == AttentionScore::Additive && weights.parts().scale.is_some();
        let copies = if is_within { [q.len(), k.len()] } else { [0; 2] };
        let Scratch { work, steps, .. } = scratch;
        let (factors, memory) = steps.take(sum(&[self.factors(), copies[0], copies[1]])).split_at_mut(self.factors());
        let (scaled_q, scaled_k) = memory.split_at_mut(copies[0]);
        let (score, q, k) = match self.score {
            AttentionScore::Product => (Score::Product { scale }, q, k),
            AttentionScore::Additive => {
                Self::fill_factors(weights, factors);
                if is_within {
                    scaled(q, scale, scaled_q);
                    scaled(k, scale, scaled_k);
                    (Score::Additive { factors }, &*scaled_q, &*scaled_k)
                } else {
                    (Score::Additive { factors }, q, k)
                }
            }
        };
        let scores = self.scores(score, mask, training.then_some(random));
        forward(self.sizes(n), &scores, [q, k, v], y, statistics, work);
        hide_queries(query_mask, self.value_dim, y);
    }

    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    fn begin(
        &self,
        n: usize,
        weights: &impl ScoreWeights<Param>,
        operands: &[&[f32]],
        y: &[f32],
        dy: &[f32],
        (kept, random): (&mut [f32], RandomKey),
        scratch: &mut Scratch,
    ) {
        let Operands { inputs, mask, query_mask } = self.operands(n, operands);
        self.check_weights(&weights.parts(), |param| param.values().len());
        check("y", y, n, &[self.queries, self.value_dim]);
        check("dy", dy, n, &[self.queries, self.value_dim]);
        check("kept", kept, n, &[self.kept()]);
        let Kept { gradients: [q, k, v], by_factors, statistics } = self.split(n, kept);
        // By what a scale has been applied to there is a gradient of its own, from which that by the scale follows.
        let (scale, additive) = (Self::scale(weights), self.score == AttentionScore::Additive);
        scaled(inputs[0], scale, q);
        scaled(inputs[1], if additive { scale } else { 1.0 }, k);
        v.copy_from_slice(inputs[2]);
        let Scratch { work, steps, .. } = scratch;
        let seen = if query_mask.is_some() { dy.len() } else { 0 };
        let (factors, seen) = steps.take(sum(&[self.factors(), seen])).split_at_mut(self.factors());
        let gradient = if query_mask.is_some() {
            seen.copy_from_slice(dy);
            hide_queries(query_mask, self.value_dim, seen);
            &*seen
        } else {
            dy
        };
        let score = if additive {
            Self::fill_factors(weights, factors);
            Score::Additive { factors }
        } else {
            Score::Product { scale: 1.0 }
        };
        let scores = self.scores(score, mask, Some(random));
        backward(self.sizes(n), &scores, [q, k, v], by_factors, Upstream { result: y, statistics, gradient }, work);
    }

    fn put_input(
        &self,
        n: usize,
        index: usize,
        weights: &impl ScoreWeights<Param>,
        kept: &mut [f32],
        (dx, mut store): (&mut [f32], Store),
    ) {
        check("kept", kept, n, &[self.kept()]);
        let Sources { steps, features, .. } = self.sources();
        let roles = self.sources().roles();
        let role = roles.iter().position(|role| *role == index).expect("a mask has no gradient");
        check("dx", dx, n, &[steps[role.min(1)], features[role]]);
        let scale = Self::scale(weights);
        let factors = [scale, if self.score == AttentionScore::Additive { scale } else { 1.0 }, 1.0];
        let parts = self.split(n, kept).gradients.into_iter().zip(factors).zip(roles);
        for ((gradient, factor), _) in parts.filter(|(_, role)| *role == index) {
            put(store, dx, gradient.iter().map(|gradient| factor * gradient));
            store = Store::Add;
        }
    }

    /// Computes the result from the operands.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn forward(
        &self,
        n: usize,
        operands: &[&[f32]],
        weights: &impl ScoreWeights<Param>,
        y: &mut [f32],
        kept: &mut [f32],
        random: RandomKey,
        scratch: &mut Scratch,
    ) {
        self.compute(n, operands, weights, y, (kept, random), scratch);
    }

    /// Computes the gradients by queries, keys and values, and leaves them in `kept`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn backward_begin(
        &self,
        n: usize,
        weights: &impl ScoreWeights<Param>,
        operands: &[&[f32]],
        y: &[f32],
        dy: &[f32],
        kept: &mut [f32],
        random: RandomKey,
        scratch: &mut Scratch,
    ) {
        self.begin(n, weights, operands, y, dy, (kept, random), scratch);
    }

    /// Contributes to the gradients of all weights, behind [`backward_begin`](Self::backward_begin).
    pub fn backward_weights(
        &self,
        n: usize,
        operands: &[&[f32]],
        kept: &mut [f32],
        gradients: &mut impl ScoreWeights<Gradient>,
        _scratch: &mut Scratch,
    ) {
        let Operands { inputs, .. } = self.operands(n, operands);
        self.check_weights(&gradients.parts(), Gradient::len);
        check("kept", kept, n, &[self.kept()]);
        let Kept { gradients: [q, k, _], by_factors, .. } = self.split(n, kept);
        let ScoreParts { scale, factors } = gradients.parts_mut();
        if let Some(factors) = factors {
            let (values, write) = factors.contribute();
            column_sums(by_factors, values, write);
        }
        if let Some(scale) = scale {
            let along = |input: &[f32], gradient: &[f32]| {
                let mut product = [0.0];
                dot_products(Isa::current(), input.len(), (input, input.len()), (gradient, input.len()), &mut product);
                product[0]
            };
            let by_keys = if self.score == AttentionScore::Additive { along(inputs[1], k) } else { 0.0 };
            let gradient = along(inputs[0], q) + by_keys;
            let (values, write) = scale.contribute();
            match write {
                Write::Set => values[0] = gradient,
                Write::Add => values[0] += gradient,
            }
        }
    }

    /// Computes the gradient by operand `index`, which is no mask, behind [`backward_begin`](Self::backward_begin).
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn backward_input(
        &self,
        n: usize,
        index: usize,
        weights: &impl ScoreWeights<Param>,
        kept: &mut [f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        _scratch: &mut Scratch,
    ) {
        self.check_weights(&weights.parts(), |param| param.values().len());
        self.put_input(n, index, weights, kept, (dx, store.into()));
    }
}

impl AttentionPlain {
    /// Floats that are kept of a sample.
    pub const fn kept(&self) -> usize {
        self.0.kept()
    }

    /// Computes the result from the operands.
    pub fn forward(
        &self,
        n: usize,
        operands: &[&[f32]],
        y: &mut [f32],
        kept: &mut [f32],
        random: RandomKey,
        scratch: &mut Scratch,
    ) {
        self.0.compute(n, operands, &(), y, (kept, random), scratch);
    }

    /// Computes the gradients by queries, keys and values, and leaves them in `kept`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn backward_begin(
        &self,
        n: usize,
        operands: &[&[f32]],
        y: &[f32],
        dy: &[f32],
        kept: &mut [f32],
        random: RandomKey,
        scratch: &mut Scratch,
    ) {
        self.0.begin(n, &(), operands, y, dy, (kept, random), scratch);
    }

    /// Computes the gradient by operand `index`, which is no mask, behind [`backward_begin`](Self::backward_begin).
    pub fn backward_input(
        &self,
        n: usize,
        index: usize,
        kept: &mut [f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        _scratch: &mut Scratch,
    ) {
        self.0.put_input(n, index, &(), kept, (dx, store.into()));
    }
}

/// Makes rows zero whose number in the mask is 0.
fn hide_queries(mask: Option<&[f32]>, len: usize, rows: &mut [f32]) {
    let hidden = mask.into_iter().flatten().zip(rows.chunks_exact_mut(len)).filter(|(seen, _)| **seen == 0.0);
    hidden.for_each(|(_, row)| row.fill(0.0));
}
