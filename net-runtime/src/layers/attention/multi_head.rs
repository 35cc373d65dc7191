//! Several heads, each of which looks for something else.

use crate::kernels::attention::backward::{Upstream, backward};
use crate::kernels::attention::forward::forward;
use crate::kernels::attention::scores::{Mask, Score, Scores};
use crate::kernels::attention::sizes::{STATISTICS, Sizes};
use crate::kernels::elementwise::dropout;
use crate::kernels::gemm::dense;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::sizes::Sizes as ProductSizes;
use crate::layers::attention::operands::{AttentionMask, Sources};
use crate::layers::{bias_gradient, check, check_parameter, kernel_gradient};
use crate::memory::random::RandomKey;
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::attention::MultiHeadWeights;
use crate::tensor::activation::Activation;
use crate::tensor::exact::{product, sum};
use crate::tensor::param::{Param, Store};

/// Multi-head attention (Vaswani et al., "Attention Is All You Need", 2017), as Keras's `MultiHeadAttention`: a query
/// `[queries, features]`, keys and values `[keys, features]` to `[queries, outputs]`. For every head
///
/// ```text
/// q, k, v = query · query_kernel + query_bias, key · key_kernel + key_bias, value · value_kernel + value_bias
/// weights = softmax(q · kᵀ / √key_dim)
/// output  = weights · v, of all heads, · output_kernel + output_bias
/// ```
///
/// Operands are one that is query, key and value; or a query, and one that is key and value; or a query, a key and a value; behind
/// them the mask, if there is one. What a query does not see, by the mask or because it is `causal` and the key behind its own
/// step, has a weight of 0; if it sees nothing at all, every key has the same weight, as in Keras. In training, a weight is dropped
/// with the probability `dropout`, else divided by what is left.
///
/// There is no matrix of all scores: they are computed in blocks, and again in the backward pass (Dao et al., "FlashAttention",
/// 2022), so that memory grows with the number of steps and not with its square.
///
/// With fewer `key_heads` than heads, each serves several neighbouring heads of queries (Ainslie et al., "GQA", 2023), as in Keras's
/// `GroupQueryAttention`.
///
/// # In `network!`
///
/// `MultiHeadAttention(heads = ..., key_dim = ..., value_dim = key_dim, outputs = features, causal = false, dropout = 0.0, bias = true)`
/// on `x`, on `(query, other)` or on `(query, key, value)`, each `[steps, features]`, perhaps with `mask = m`, `[keys]` or
/// `[queries, keys]`, which is 0 where a key is not seen. The weights are [`MultiHead`](crate::weights::MultiHead): kernels
/// `[features, heads, key_dim]` and `[heads, value_dim, outputs]`, at first `glorot_uniform`, and biases of zeros; with
/// `bias = false` [`MultiHeadLinear`](crate::weights::MultiHeadLinear).
///
/// A transformer's encoder is a template around it, which normalizes behind its two parts, as the paper does:
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     block encoder(x, const WIDTH, const HIDDEN) {
///         let seen = (x, x -> MultiHeadAttention(heads = 4, key_dim = 32)) -> Add -> LayerNorm;
///         (seen, seen -> Dense(HIDDEN) -> relu -> Dense(WIDTH)) -> Add -> LayerNorm
///     }
///
///     network Encoder(x: [128, 128]) -> (y: [128, 128]) {
///         let y = x -> encoder(128, 512);
///         loss y: MeanSquaredError;
///     }
/// }
///
/// let net = Encoder::new(1);
/// assert_eq!(net.predict(&Batch::zeros(2)).unwrap().y.len(), 2);
/// ```
///
/// # In generated code
///
/// What a training pass keeps, [`kept`](Self::kept) floats a sample, is for the backward pass: [`backward_begin`] computes the
/// gradients by q, k and v, and the other two read what it leaves there. In inference `kept` is empty.
///
/// [`backward_begin`]: Self::backward_begin
#[derive(Clone, Copy, Debug)]
pub struct MultiHeadAttention {
    /// Steps of the query.
    pub queries: usize,
    /// Steps of key and value.
    pub keys: usize,
    /// Features of query, key and value.
    pub inputs: [usize; 3],
    /// Heads.
    pub heads: usize,
    /// Heads of keys and values: a divisor of `heads`.
    pub key_heads: usize,
    /// Features of a head's queries and keys.
    pub key_dim: usize,
    /// Features of a head's values.
    pub value_dim: usize,
    /// Features of the output.
    pub outputs: usize,
    /// Operands that are query, key and value: one, two or three.
    pub sources: usize,
    /// What the operand behind these is.
    pub mask: AttentionMask,
    /// Whether a query sees no key behind its own step.
    pub causal: bool,
    /// Probability that a weight is dropped in training, from 0 to below 1.
    pub dropout: f32,
    /// Which use of which random layer it is: each draws from a stream of its own.
    pub layer: u64,
}

/// A [`MultiHeadAttention`] with fewer heads of keys and values than of queries.
///
/// In `network!`: `GroupQueryAttention(heads = ..., key_heads = ..., key_dim = ..., causal = false, dropout = 0.0, bias = true)`,
/// on the operands of [`MultiHeadAttention`]; the number of heads is a multiple of that of `key_heads`.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Grouped(x: [20, 64]) -> (y: [20, 64]) {
///         let y = x -> GroupQueryAttention(heads = 8, key_heads = 2, key_dim = 8, causal = true);
///     }
/// }
/// assert_eq!(Grouped::PARAMETERS, 64 * 64 + 64 + 2 * (64 * 16 + 16) + 64 * 64 + 64);
/// ```
pub type GroupQueryAttention = MultiHeadAttention;

/// The parts of `kept`, or of the memory of a pass without it.
struct Parts<'a> {
    /// The queries, keys and values of all heads; behind `backward_begin` the gradients by them.
    projected: [&'a mut [f32]; 3],
    /// The results of all heads.
    heads: &'a mut [f32],
    /// What is left of the scores, if it is kept.
    statistics: &'a mut [f32],
}

impl MultiHeadAttention {
    /// Floats that are kept of a sample.
    pub const fn kept(&self) -> usize {
        let [q, k, v, heads] = self.lens();
        sum(&[q, k, v, heads, product(&[self.queries, self.heads, STATISTICS])])
    }

    /// Floats of a sample's queries, keys, values, and results of all heads.
    const fn lens(&self) -> [usize; 4] {
        let Self { queries, keys, heads, key_heads, key_dim, value_dim, .. } = *self;
        [
            product(&[queries, heads, key_dim]),
            product(&[keys, key_heads, key_dim]),
            product(&[keys, key_heads, value_dim]),
            product(&[queries, heads, value_dim]),
        ]
    }

    fn sizes(&self, n: usize) -> Sizes {
        let Self { queries, keys, heads, key_heads, key_dim, value_dim, .. } = *self;
        Sizes { samples: n, queries, keys, heads, key_heads, key_dim, value_dim }
    }

    /// The products that make queries, keys and values, and that of the output.
    fn products(&self, n: usize) -> [ProductSizes; 4] {
        let [q, k, v, output] = self.dims();
        let of = |steps: usize, inputs: usize, outputs: &[usize]| ProductSizes {
            rows: n * steps,
            inputs,
            outputs: product(outputs),
        };
        [
            of(self.queries, q[0], &q[1..]),
            of(self.keys, k[0], &k[1..]),
            of(self.keys, v[0], &v[1..]),
            of(self.queries, product(&output[..2]), &output[2..]),
        ]
    }

    /// Lengths of the axes of the four kernels.
    fn dims(&self) -> [[usize; 3]; 4] {
        let Self { inputs: [q, k, v], heads, key_heads, key_dim, value_dim, outputs, .. } = *self;
        [[q, heads, key_dim], [k, key_heads, key_dim], [v, key_heads, value_dim], [heads, value_dim, outputs]]
    }

    fn scores<'a>(&self, mask: Option<Mask<'a>>, random: Option<RandomKey>) -> Scores<'a> {
        let dropped = random.filter(|_| self.dropout > 0.0);
        Scores {
            score: Score::Product { scale: 1.0 / (self.key_dim as f32).sqrt() },
            causal: self.causal,
            mask,
            dropped: dropped.map(|random| dropout::Mask::new(self.dropout, self.layer, random)),
        }
    }

    fn sources(&self) -> Sources {
        let Self { queries, keys, inputs, sources, mask, .. } = *self;
        Sources { count: sources, mask, steps: [queries, keys], features: inputs }
    }

    fn check_weights<T>(&self, weights: &impl MultiHeadWeights<T>, len: impl Fn(&T) -> usize) {
        assert!(
            self.key_heads > 0 && self.heads.is_multiple_of(self.key_heads),
            "{} heads are no multiple of {}",
            self.heads,
            self.key_heads
        );
        for (index, ((kernel, bias), dims)) in weights.parts().into_iter().zip(self.dims()).enumerate() {
            check_parameter("kernel", len(kernel), &dims);
            let of_bias = if index == 3 { &dims[2..] } else { &dims[1..] };
            bias.into_iter().for_each(|bias| check_parameter("bias", len(bias), of_bias));
        }
    }

    fn split<'a>(&self, n: usize, memory: &'a mut [f32]) -> Parts<'a> {
        let [q, k, v, heads] = self.lens();
        let (q, rest) = memory.split_at_mut(n * q);
        let (k, rest) = rest.split_at_mut(n * k);
        let (v, rest) = rest.split_at_mut(n * v);
        let (heads, statistics) = rest.split_at_mut(n * heads);
        Parts { projected: [q, k, v], heads, statistics }
    }

    /// Computes the result from the operands.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn forward(
        &self,
        n: usize,
        operands: &[&[f32]],
        weights: &impl MultiHeadWeights<Param>,
        y: &mut [f32],
        kept: &mut [f32],
        random: RandomKey,
        scratch: &mut Scratch,
    ) {
        let (inputs, mask) = self.sources().split(n, operands);
        self.check_weights(weights, |param| param.values().len());
        check("y", y, n, &[self.queries, self.outputs]);
        let training = !kept.is_empty();
        let mut memory = std::mem::take(&mut scratch.steps);
        let Parts { projected, heads, statistics } = if training {
            check("kept", kept, n, &[self.kept()]);
            self.split(n, kept)
        } else {
            let [q, k, v, heads] = self.lens();
            self.split(n, memory.take(product(&[n, sum(&[q, k, v, heads])])))
        };
        let first = scratch.packs.current();
        // The number of a kernel among the weights.
        let number = |scratch: &mut Scratch, index: usize| {
            let step = if weights.parts()[0].1.is_some() { 2 } else { 1 };
            scratch.packs.compute_with(first.map(|first| first + step * index));
        };
        let products = self.products(n);
        let parts = weights.parts();
        for (index, input) in inputs.into_iter().enumerate() {
            let (kernel, bias) = parts[index];
            let epilogue = Epilogue { bias: bias.map(Param::values), activation: Activation::Linear };
            number(scratch, index);
            dense::forward(products[index], input.into(), kernel.into(), epilogue, &mut *projected[index], scratch);
        }
        let scores = self.scores(mask, training.then_some(random));
        let statistics = training.then_some(statistics);
        let projected = projected.map(|values| &*values);
        forward(self.sizes(n), &scores, projected, heads, statistics, &mut scratch.work);
        let (kernel, bias) = parts[3];
        let epilogue = Epilogue { bias: bias.map(Param::values), activation: Activation::Linear };
        number(scratch, 3);
        dense::forward(products[3], (&*heads).into(), kernel.into(), epilogue, y, scratch);
        scratch.steps = memory;
    }

    /// Computes the gradients by queries, keys and values of all heads, and leaves them in `kept`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn backward_begin(
        &self,
        n: usize,
        weights: &impl MultiHeadWeights<Param>,
        operands: &[&[f32]],
        dy: &[f32],
        kept: &mut [f32],
        random: RandomKey,
        scratch: &mut Scratch,
    ) {
        let (_, mask) = self.sources().split(n, operands);
        self.check_weights(weights, |param| param.values().len());
        check("dy", dy, n, &[self.queries, self.outputs]);
        check("kept", kept, n, &[self.kept()]);
        let Parts { projected, heads, statistics } = self.split(n, kept);
        let mut memory = std::mem::take(&mut scratch.steps);
        let gradient = memory.take(heads.len());
        let [.., output] = self.products(n);
        let [.., (kernel, _)] = weights.parts();
        dense::backward_input(output, kernel.values(), dy, (&mut *gradient).into(), Store::Set, scratch);
        let upstream = Upstream { result: heads, statistics, gradient };
        let scores = self.scores(mask, Some(random));
        backward(self.sizes(n), &scores, projected, &mut [], upstream, &mut scratch.work);
        scratch.steps = memory;
    }

    /// Contributes to the gradients of all weights, behind [`backward_begin`](Self::backward_begin).
    pub fn backward_weights(
        &self,
        n: usize,
        operands: &[&[f32]],
        dy: &[f32],
        kept: &mut [f32],
        gradients: &mut impl MultiHeadWeights<Gradient>,
        scratch: &mut Scratch,
    ) {
        let (inputs, _) = self.sources().split(n, operands);
        self.check_weights(gradients, Gradient::len);
        check("dy", dy, n, &[self.queries, self.outputs]);
        check("kept", kept, n, &[self.kept()]);
        let Parts { projected: [q, k, v], heads, .. } = self.split(n, kept);
        let factors = inputs.into_iter().chain([&*heads]).zip([&*q, k, v, dy]);
        let parts = gradients.parts_mut().into_iter().zip(self.products(n));
        for (((kernel, bias), sizes), (x, dy)) in parts.zip(factors) {
            kernel_gradient(sizes, x.into(), dy, kernel, scratch);
            bias_gradient(bias, dy);
        }
    }

    /// Computes the gradient by operand `index`, which is not the mask, behind [`backward_begin`](Self::backward_begin).
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn backward_input(
        &self,
        n: usize,
        index: usize,
        weights: &impl MultiHeadWeights<Param>,
        kept: &mut [f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        scratch: &mut Scratch,
    ) {
        self.check_weights(weights, |param| param.values().len());
        check("kept", kept, n, &[self.kept()]);
        let (steps, features) =
            if index == 0 { (self.queries, self.inputs[0]) } else { (self.keys, self.inputs[index]) };
        check("dx", dx, n, &[steps, features]);
        let projected = self.split(n, kept).projected;
        let parts = weights.parts().into_iter().zip(self.products(n)).zip(projected).zip(self.sources().roles());
        let mut store = store.into();
        for ((((kernel, _), sizes), dy), _) in parts.filter(|(_, role)| *role == index) {
            dense::backward_input(sizes, kernel.values(), dy, (&mut *dx).into(), store, scratch);
            store = Store::Add;
        }
    }
}
