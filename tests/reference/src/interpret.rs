//! A graph, computed: values forward, gradients backward.

use crate::graph::Graph;
use crate::layers::{Call, Choice, Gradients, batch};
use crate::noise::Noise;
use crate::philox::Key;
use crate::tensor::Tensor;

/// What a network is given: all of it numbers that an `f32` holds.
#[derive(Clone, Debug)]
pub struct Given {
    /// One for each weight of the graph.
    pub weights: Vec<Tensor>,
    /// One for each input.
    pub inputs: Vec<Tensor>,
    /// One for each head.
    pub targets: Vec<Tensor>,
    /// What each sample of a head counts, if not 1.
    pub sample_weights: Vec<Option<Vec<f64>>>,
}

/// A forward pass.
#[derive(Clone, Debug)]
pub struct Forward {
    /// Every value of the graph.
    pub values: Vec<Tensor>,
    /// For each node what it was told.
    calls: Vec<Call>,
    /// For each node its operands and weights as it has read them: rounded, if there is [noise](crate::noise).
    read: Vec<(Vec<Tensor>, Vec<Tensor>)>,
}

/// The losses of a batch.
#[derive(Clone, Debug)]
pub struct Losses {
    /// All terms with their factors.
    pub total: f64,
    /// Those of each head: the only one without its factor, or several with theirs.
    pub heads: Vec<f64>,
    /// For each output the gradient of the total, if it has losses.
    pub upstream: Vec<Option<Tensor>>,
    /// The gradients of what activities add, by the values.
    pub activities: Vec<(usize, Tensor)>,
    /// The gradients of what weights add.
    pub penalties: Vec<(usize, Tensor)>,
    /// On which sides of kinks they were computed.
    pub choices: Vec<Choice>,
}

/// Where a backward pass begins.
#[derive(Clone, Copy, Debug)]
pub enum Upstream<'a> {
    /// With gradients with respect to outputs.
    Given(&'a [Option<Tensor>]),
    /// With losses.
    Losses(&'a Losses),
}

/// The gradients of a loss.
#[derive(Clone, Debug)]
pub struct Backward {
    /// With respect to each weight.
    pub weights: Vec<Tensor>,
    /// With respect to each input.
    pub inputs: Vec<Tensor>,
}

/// Computes all values.
pub fn forward(graph: &Graph, given: &Given, training: bool, random: Key, noise: &mut Noise) -> Forward {
    let mut values: Vec<Option<Tensor>> = vec![None; graph.values.len()];
    for (value, input) in values.iter_mut().zip(&given.inputs) {
        *value = Some(input.clone());
    }
    let (mut calls, mut read) = (Vec::new(), Vec::new());
    for node in &graph.nodes {
        // Frozen statistics are computed with, as in inference.
        let training = training && (!node.frozen || node.layer.statistics().is_empty());
        let mut call = Call::new(training, node.streams.iter().fold(random, |key, stream| key.stream(*stream)));
        call.noise = noise.another();
        let x: Vec<Tensor> = node
            .operands
            .iter()
            .map(|operand| noise.round(values[*operand].as_ref().expect("an order of computation")))
            .collect();
        let w: Vec<Tensor> = node.weights.iter().map(|weight| noise.round(&given.weights[*weight])).collect();
        let y = node.layer.forward(&mut call, &refs(&x), &refs(&w));
        for (result, y) in node.results.iter().zip(y) {
            assert_eq!(y.dims, batch(y.samples(), &graph.values[*result]), "{:?}", node.layer);
            values[*result] = Some(noise.round(&y));
        }
        calls.push(call);
        read.push((x, w));
    }
    let values = values.into_iter().map(|value| value.expect("every value is computed")).collect();
    Forward { values, calls, read }
}

impl Forward {
    /// On which side of every kink it was computed.
    pub fn choices(&self) -> impl Iterator<Item = Choice> {
        self.calls.iter().flat_map(|call| &call.choices).copied()
    }
}

/// Computes the losses.
pub fn losses(graph: &Graph, given: &Given, forward: &Forward, noise: &mut Noise) -> Losses {
    let mut call = Call::new(true, Key::default());
    let mut losses = Losses {
        total: 0.0,
        heads: Vec::new(),
        upstream: vec![None; graph.outputs.len()],
        activities: Vec::new(),
        penalties: Vec::new(),
        choices: Vec::new(),
    };
    for (index, head) in graph.heads.iter().enumerate() {
        let (_, value) = graph.outputs[head.output];
        let output = noise.round(&forward.values[value]);
        let weights = given.sample_weights[index].as_deref();
        let (mut sum, mut upstream) = (0.0, Tensor::like(&output));
        for (factor, loss) in &head.terms {
            let factor = f64::from(*factor);
            let (value, gradient) = loss.of_batch(&mut call, &output, &given.targets[index], weights);
            sum += factor * value;
            upstream.add(&gradient.map(|element| factor * element));
        }
        losses.total += sum;
        // What is told of a head with one loss is told without its factor.
        losses.heads.push(if let [(factor, _)] = head.terms[..] { sum / f64::from(factor) } else { sum });
        losses.upstream[head.output] = Some(upstream);
    }
    let samples = given.inputs[0].samples() as f64;
    for node in &graph.nodes {
        let Some(regularizer) = node.layer.activity() else { continue };
        for &result in &node.results {
            let (term, gradient) = regularizer.of(&mut call, &noise.round(&forward.values[result]));
            losses.total += term / samples;
            losses.activities.push((result, gradient.map(|element| element / samples)));
        }
    }
    for (index, (weight, values)) in graph.weights.iter().zip(&given.weights).enumerate() {
        let Some(regularizer) = &weight.regularizer else { continue };
        let (term, gradient) = regularizer.of(&mut call, &noise.round(values));
        losses.total += term;
        losses.penalties.push((index, gradient));
    }
    losses.choices = call.choices;
    losses
}

/// Computes the gradients, from those with respect to the outputs, or of losses with all their terms.
pub fn backward(graph: &Graph, given: &Given, forward: &Forward, from: Upstream<'_>, noise: &mut Noise) -> Backward {
    let mut by_values: Vec<Tensor> = forward.values.iter().map(Tensor::like).collect();
    let mut by_weights: Vec<Tensor> = given.weights.iter().map(Tensor::like).collect();
    let upstream = match from {
        Upstream::Given(upstream) => upstream,
        Upstream::Losses(losses) => {
            losses.activities.iter().for_each(|(value, gradient)| by_values[*value].add(&noise.round(gradient)));
            losses.penalties.iter().for_each(|(weight, gradient)| by_weights[*weight].add(&noise.round(gradient)));
            &losses.upstream
        }
    };
    for ((_, value), upstream) in graph.outputs.iter().zip(upstream) {
        if let Some(upstream) = upstream {
            by_values[*value].add(upstream);
        }
    }
    let mut steps = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate().rev() {
        let (x, w) = &forward.read[index];
        let y: Vec<&Tensor> = node.results.iter().map(|result| &forward.values[*result]).collect();
        let dy: Vec<Tensor> = node.results.iter().map(|result| noise.round(&by_values[*result])).collect();
        let gradients = node.layer.backward(&forward.calls[index], &refs(x), &refs(w), &y, &refs(&dy));
        let Gradients { operands, weights } = gradients;
        for (operand, gradient) in node.operands.iter().zip(&operands) {
            by_values[*operand].add(&noise.round(gradient));
        }
        for (weight, gradient) in node.weights.iter().zip(&weights).filter(|_| !node.frozen) {
            match graph.weights[*weight].statistic {
                None => by_weights[*weight].add(&noise.round(gradient)),
                Some(kept) => steps.push((*weight, kept, noise.round(gradient))),
            }
        }
    }
    // Statistics move in the order of the forward pass.
    for (weight, kept, step) in steps.iter().rev() {
        by_weights[*weight] = by_weights[*weight].zip(step, |before, step| kept * before + step);
    }
    by_values.truncate(graph.inputs.len());
    Backward { weights: by_weights, inputs: by_values }
}

fn refs(tensors: &[Tensor]) -> Vec<&Tensor> {
    tensors.iter().collect()
}
