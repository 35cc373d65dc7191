//! `MultiHeadAttention` and `GroupQueryAttention`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, Wanted};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// Of every head, with q, k and v what kernels and biases make of query, key and value:
///
/// ```text
/// output = softmax(q · kᵀ / √key_dim) · v
/// ```
///
/// and of the outputs of all heads, one kernel and bias more.
#[derive(Debug)]
pub struct MultiHeadAttention {
    /// Heads of queries.
    pub heads: usize,
    /// Heads of keys and values.
    pub key_heads: usize,
    /// Length of a head's queries and keys.
    pub key_dim: usize,
    /// Length of a head's values.
    pub value_dim: usize,
    /// Features of the result, if these are not the query's.
    pub outputs: Option<usize>,
    /// Whether a query sees no key behind its own step.
    pub causal: bool,
    /// Probability that a weight is dropped.
    pub dropout: f32,
    /// Whether something is added.
    pub bias: bool,
    /// Operands that are query, key and value.
    pub sources: usize,
    /// Whether an operand behind these tells which keys are seen.
    pub masked: bool,
}

fn random_attention(random: &mut Random) -> MultiHeadAttention {
    let key_heads = random.pick(&[1, 2, 3]);
    let key_dim = random.pick(&[1, 2, 3, 4]);
    // Those with fewer heads of keys have no other lengths.
    let heads = key_heads * random.pick(&[1, 1, 2]);
    let plain = heads == key_heads;
    MultiHeadAttention {
        heads,
        key_heads,
        key_dim,
        value_dim: if plain { random.pick(&[key_dim, key_dim, 1, 5]) } else { key_dim },
        outputs: (plain && random.percent(30)).then(|| random.pick(&[1, 4, 17])),
        causal: random.percent(30),
        dropout: random.pick(&[0.0, 0.0, 0.3]),
        bias: random.percent(80),
        sources: 1,
        masked: false,
    }
}

pub(super) fn draw(random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(random_attention(random)))
}

/// Keys and values of their own, a mask, or both.
pub(super) fn draw_with_more(random: &mut Random, first: &Dims) -> Option<(Rc<dyn Layer>, Vec<Wanted>)> {
    let [queries, _] = first[..] else { return None };
    let sources = random.pick(&[1, 2, 3]);
    let masked = sources == 1 || random.percent(50);
    let keys = if sources == 1 { queries } else { random.within(1, 6) };
    let mut more: Vec<Wanted> = (1..sources).map(|_| Wanted::numbers(vec![keys, random.within(1, 5)])).collect();
    if masked {
        more.push(Wanted::mask(if random.percent(50) { vec![keys] } else { vec![queries, keys] }));
    }
    Some((Rc::new(MultiHeadAttention { sources, masked, ..random_attention(random) }), more))
}

/// Sizes and operands of a use.
struct Use<'a> {
    queries: usize,
    keys: usize,
    sources: [&'a Tensor; 3],
    mask: Option<&'a Tensor>,
}

/// What is computed of a sample, head and query: the weights of all keys, and what each is multiplied by.
struct Weights {
    weights: Vec<f64>,
    factors: Vec<f64>,
    /// Whether no key is seen.
    blind: bool,
}

impl MultiHeadAttention {
    fn of<'a>(&self, x: &[&'a Tensor]) -> Use<'a> {
        let sources = [0, 1, 2].map(|role: usize| x[role.min(self.sources - 1)]);
        Use { queries: sources[0].dims[1], keys: sources[1].dims[1], sources, mask: x.get(self.sources).copied() }
    }

    /// Heads and their length of queries, keys and values.
    fn lens(&self) -> [[usize; 2]; 3] {
        [[self.heads, self.key_dim], [self.key_heads, self.key_dim], [self.key_heads, self.value_dim]]
    }

    /// Kernel number `index` among the weights.
    fn kernel(&self, index: usize) -> usize {
        if self.bias { 2 * index } else { index }
    }

    /// The queries, keys and values of all heads.
    fn projected(&self, of: &Use<'_>, weights: &[&Tensor]) -> [Tensor; 3] {
        std::array::from_fn(|role| {
            let x = of.sources[role];
            let [samples, steps, features] = x.dims[..] else { panic!("steps of features") };
            let [heads, len] = self.lens()[role];
            let (kernel, width) = (weights[self.kernel(role)], heads * len);
            Tensor::from_fn(&[samples, steps, heads, len], |place| {
                let (row, column) = (place / width, place % width);
                let bias = if self.bias { weights[self.kernel(role) + 1].data[column] } else { 0.0 };
                let product = |i: usize| x.data[row * features + i] * kernel.data[i * width + column];
                bias + (0..features).map(product).sum::<f64>()
            })
        })
    }

    fn weights_of(&self, call: &Call, of: &Use<'_>, [q, k, _]: &[Tensor; 3], at: [usize; 3]) -> Weights {
        let [sample, head, query] = at;
        let Use { queries, keys, mask, .. } = *of;
        let sees = |key: usize| {
            let seen = mask.is_none_or(|mask| match mask.dims.len() {
                2 => mask.data[sample * keys + key] != 0.0,
                _ => mask.data[(sample * queries + query) * keys + key] != 0.0,
            });
            seen && (!self.causal || key <= query)
        };
        let blind = !(0..keys).any(sees);
        let score = |key: usize| -> f64 {
            let key_head = head * self.key_heads / self.heads;
            let q = &q.data[((sample * queries + query) * self.heads + head) * self.key_dim..][..self.key_dim];
            let k = &k.data[((sample * keys + key) * self.key_heads + key_head) * self.key_dim..][..self.key_dim];
            q.iter().zip(k).map(|(q, k)| q * k).sum::<f64>() / (self.key_dim as f64).sqrt()
        };
        let scores: Vec<f64> = (0..keys)
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
        let row = ((sample * self.heads + head) * queries + query) * keys.next_multiple_of(4);
        let rate = f64::from(self.dropout);
        let factor = |key: usize| match call.training && rate > 0.0 {
            false => 1.0,
            true if f64::from(call.random.word(row + key)) < rate * 2_f64.powi(32) => 0.0,
            true => 1.0 / (1.0 - rate),
        };
        let weights = powers.iter().map(|power| power / sum).collect();
        Weights { weights, factors: (0..keys).map(factor).collect(), blind }
    }

    /// Each sample, head and query.
    fn places(&self, of: &Use<'_>) -> impl Iterator<Item = [usize; 3]> + use<> {
        let (heads, queries) = (self.heads, of.queries);
        let samples = of.sources[0].samples();
        (0..samples * heads * queries).map(move |at| [at / queries / heads, at / queries % heads, at % queries])
    }

    /// The results of all heads.
    fn heads(&self, call: &Call, of: &Use<'_>, projected: &[Tensor; 3]) -> Tensor {
        let len = self.value_dim;
        let mut heads = Tensor::zeros(&[of.sources[0].samples(), of.queries, self.heads, len]);
        for at @ [sample, head, query] in self.places(of) {
            let Weights { weights, factors, .. } = self.weights_of(call, of, projected, at);
            let place = ((sample * of.queries + query) * self.heads + head) * len;
            for key in 0..of.keys {
                let value = self.value(of, sample, key, head);
                for d in 0..len {
                    heads.data[place + d] += weights[key] * factors[key] * projected[2].data[value + d];
                }
            }
        }
        heads
    }

    /// Where the value of a key lies.
    fn value(&self, of: &Use<'_>, sample: usize, key: usize, head: usize) -> usize {
        ((sample * of.keys + key) * self.key_heads + head * self.key_heads / self.heads) * self.value_dim
    }
}

impl Layer for MultiHeadAttention {
    fn kind(&self) -> &'static str {
        if self.heads == self.key_heads { "MultiHeadAttention" } else { "GroupQueryAttention" }
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![format!("heads = {}", self.heads), format!("key_dim = {}", self.key_dim)];
        if self.heads != self.key_heads {
            arguments.push(format!("key_heads = {}", self.key_heads));
        }
        if self.value_dim != self.key_dim {
            arguments.push(format!("value_dim = {}", self.value_dim));
        }
        arguments.extend(self.outputs.map(|outputs| format!("outputs = {outputs}")));
        if self.causal {
            arguments.push("causal = true".to_owned());
        }
        if self.dropout > 0.0 {
            arguments.push(format!("dropout = {:?}", self.dropout));
        }
        if !self.bias {
            arguments.push("bias = false".to_owned());
        }
        arguments
    }

    fn operand_names(&self) -> &'static [Option<&'static str>] {
        match (self.masked, self.sources) {
            (false, _) => &[],
            (true, 1) => &[None, Some("mask")],
            (true, 2) => &[None, None, Some("mask")],
            (true, _) => &[None, None, None, Some("mask")],
        }
    }

    fn without_gradient(&self) -> &'static [usize] {
        match (self.masked, self.sources) {
            (false, _) => &[],
            (true, 1) => &[1],
            (true, 2) => &[2],
            (true, _) => &[3],
        }
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        if operands.len() != self.sources + usize::from(self.masked) {
            return None;
        }
        let [queries, features] = operands[0][..] else { return None };
        let [keys, _] = operands[1.min(self.sources - 1)][..] else { return None };
        let [values, _] = operands[self.sources - 1][..] else { return None };
        let fits = |mask: &Dims| **mask == [keys] || **mask == [queries, keys];
        let masks = operands[self.sources..].iter().all(fits);
        (keys == values && masks).then(|| vec![vec![queries, self.outputs.unwrap_or(features)]])
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let features = [0, 1, 2].map(|role: usize| operands[role.min(self.sources - 1)][1]);
        let outputs = self.outputs.unwrap_or(features[0]);
        let names = [
            ["query_kernel", "query_bias"],
            ["key_kernel", "key_bias"],
            ["value_kernel", "value_bias"],
            ["output_kernel", "output_bias"],
        ];
        let dims = |index: usize| match self.lens().get(index) {
            Some(&[heads, len]) => [vec![features[index], heads, len], vec![heads, len]],
            None => [vec![self.heads, self.value_dim, outputs], vec![outputs]],
        };
        let all = (0..4).flat_map(|index| {
            let [kernel, bias] = dims(index);
            [(names[index][0], kernel), (names[index][1], bias)]
        });
        all.enumerate().filter(|(index, _)| self.bias || index % 2 == 0).map(|(_, weight)| weight).collect()
    }

    fn is_random(&self) -> bool {
        true
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let of = self.of(x);
        let projected = self.projected(&of, weights);
        let heads = self.heads(call, &of, &projected);
        let (kernel, width) = (weights[self.kernel(3)], self.heads * self.value_dim);
        let outputs = kernel.dims[2];
        vec![Tensor::from_fn(&[x[0].samples(), of.queries, outputs], |place| {
            let (row, column) = (place / outputs, place % outputs);
            let bias = if self.bias { weights[7].data[column] } else { 0.0 };
            let product = |i: usize| heads.data[row * width + i] * kernel.data[i * outputs + column];
            bias + (0..width).map(product).sum::<f64>()
        })]
    }

    fn backward(&self, call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let of = self.of(x);
        let projected = self.projected(&of, weights);
        let heads = self.heads(call, &of, &projected);
        let mut operands: Vec<Tensor> = x.iter().map(|operand| Tensor::like(operand)).collect();
        let mut gradients: Vec<Tensor> = weights.iter().map(|weight| Tensor::like(weight)).collect();

        let (kernel, width) = (weights[self.kernel(3)], self.heads * self.value_dim);
        let outputs = kernel.dims[2];
        let mut by_heads = Tensor::like(&heads);
        for (place, upstream) in dy[0].data.iter().enumerate() {
            let (row, column) = (place / outputs, place % outputs);
            for i in 0..width {
                by_heads.data[row * width + i] += upstream * kernel.data[i * outputs + column];
                gradients[self.kernel(3)].data[i * outputs + column] += upstream * heads.data[row * width + i];
            }
            if self.bias {
                gradients[7].data[column] += upstream;
            }
        }

        let mut by_projected = projected.each_ref().map(Tensor::like);
        let mut noise = call.noise.clone();
        for at @ [sample, head, query] in self.places(&of) {
            let Weights { weights, factors, blind } = self.weights_of(call, &of, &projected, at);
            let upstream = &by_heads.data[((sample * of.queries + query) * self.heads + head) * self.value_dim..];
            let by_weights: Vec<f64> = (0..of.keys)
                .map(|key| {
                    let value = self.value(&of, sample, key, head);
                    let products = (0..self.value_dim).map(|d| {
                        by_projected[2].data[value + d] += weights[key] * factors[key] * upstream[d];
                        upstream[d] * projected[2].data[value + d]
                    });
                    factors[key] * products.sum::<f64>()
                })
                .collect();
            let along: f64 = weights.iter().zip(&by_weights).map(|(weight, by)| weight * by).sum();
            // The gradients by the scores of a query add up to 0: of some weights' gradients rounding is all there is.
            let by_weights = noise.round(&Tensor { dims: vec![of.keys], data: by_weights }).data;
            for key in (0..of.keys).filter(|_| !blind) {
                let by_score = weights[key] * (by_weights[key] - along) / (self.key_dim as f64).sqrt();
                let q = ((sample * of.queries + query) * self.heads + head) * self.key_dim;
                let k = self.value(&of, sample, key, head) / self.value_dim * self.key_dim;
                for d in 0..self.key_dim {
                    by_projected[0].data[q + d] += by_score * projected[1].data[k + d];
                    by_projected[1].data[k + d] += by_score * projected[0].data[q + d];
                }
            }
        }

        for (role, by) in by_projected.iter().enumerate() {
            let [_, _, features] = of.sources[role].dims[..] else { panic!("steps of features") };
            let (operand, kernel) = (role.min(self.sources - 1), self.kernel(role));
            let width = by.dims[2] * by.dims[3];
            for (place, upstream) in by.data.iter().enumerate() {
                let (row, column) = (place / width, place % width);
                for i in 0..features {
                    operands[operand].data[row * features + i] += upstream * weights[kernel].data[i * width + column];
                    gradients[kernel].data[i * width + column] += upstream * of.sources[role].data[row * features + i];
                }
                if self.bias {
                    gradients[kernel + 1].data[column] += upstream;
                }
            }
        }
        Gradients { operands, weights: gradients }
    }
}
