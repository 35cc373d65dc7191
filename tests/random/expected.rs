//! What is right for a random network, by the interpreter.

use net_reference::graph::{Element, Graph};
use net_reference::interpret::{self, Given, Upstream};
use net_reference::layers::{Choice, same_choices};
use net_reference::noise::{Expected, Noise};
use net_reference::philox::Key;
use net_reference::{Random, Tensor};

/// Training steps.
pub const STEPS: usize = 3;

/// What a network is asked.
pub struct Questions {
    /// Its weights and samples.
    pub given: Given,
    /// For each output, gradients of something with respect to it, if there are some.
    pub upstream: Vec<Option<Tensor>>,
}

/// What is right.
pub struct Answers {
    /// The rate of the training steps.
    pub rate: f32,
    /// Every tensor by its name.
    pub tensors: Vec<(String, Expected)>,
}

/// How often everything is computed with noise.
const NOISY: usize = 3;

/// How often samples are drawn until rounding decides nothing.
const ATTEMPTS: u64 = 12;

/// Draws samples and weights until rounding decides nothing, and computes the answers; `None` if that never happens. Tells which attempt
/// it was.
pub fn answers(graph: &Graph, seed: u64, index: u64) -> Option<(u64, Questions, Answers)> {
    (0..ATTEMPTS).find_map(|attempt| {
        let questions = questions(graph, seed, index, attempt);
        let answers = answer(graph, &questions, &mut Random::new(seed, attempt))?;
        Some((attempt, questions, answers))
    })
}

/// What is asked in an attempt.
pub fn questions(graph: &Graph, seed: u64, index: u64, attempt: u64) -> Questions {
    let mut random = Random::new(seed ^ 0xDA7A, index * ATTEMPTS + attempt);
    let given = draw(graph, &mut random);
    let upstream = draw_upstream(graph, &mut random, given.inputs[0].samples());
    Questions { given, upstream }
}

fn answer(graph: &Graph, questions: &Questions, random: &mut Random) -> Option<Answers> {
    let exact = everything(graph, questions, None, Noise::none());
    let rate = exact.rate;
    let mut noisy = Vec::new();
    for _ in 0..NOISY {
        let all = everything(graph, questions, Some(rate), Noise::new(random.word()));
        if !same_choices(&exact.choices, &all.choices) {
            return None;
        }
        noisy.push(all);
    }
    let scale_of = |name: &str| {
        let of_kind = exact.tensors.iter().filter(|(other, _)| kind(other) == kind(name));
        of_kind.fold(0.0, |scale, (_, tensor)| tensor.largest().max(scale))
    };
    let mut tensors = Vec::new();
    for (place, (name, tensor)) in exact.tensors.iter().enumerate() {
        let noisy: Vec<&Tensor> = noisy.iter().map(|noisy| &noisy.tensors[place].1).collect();
        tensors.push((name.clone(), Expected::new(tensor.clone(), &noisy).certain(scale_of(name))?));
    }
    Some(Answers { rate, tensors })
}

/// A name without its number.
fn kind(name: &str) -> &str {
    name.trim_end_matches(|letter: char| letter.is_ascii_digit())
}

fn draw(graph: &Graph, random: &mut Random) -> Given {
    let samples = random.within(1, 4);
    let weights = graph.weights.iter().map(|weight| {
        let fan_in = weight.dims[..weight.dims.len() - 1].iter().product::<usize>().max(1);
        // A variance is positive.
        let is_variance = weight.name.ends_with("variance");
        let size = if weight.dims.len() == 1 || is_variance { 0.5 } else { 1.2 * (3.0 / fan_in as f64).sqrt() };
        let least = if is_variance { 1.0 } else { 0.0 };
        Tensor::from_fn(&weight.dims, |_| f64::from((least + size * random.number()) as f32))
    });
    let weights = weights.collect();
    let inputs = graph.inputs.iter().map(|input| {
        let dims = [&[samples], &*input.dims].concat();
        let size = if input.element == Element::F32 { 1.5 } else { 1.0 };
        Tensor::from_fn(&dims, |_| f64::from((size * input.element.draw(random)) as f32))
    });
    let inputs = inputs.collect();
    let (mut targets, mut sample_weights) = (Vec::new(), Vec::new());
    for head in &graph.heads {
        let (_, value) = graph.outputs[head.output];
        targets.push(head.terms[0].1.draw_target(random, samples, &graph.values[value]));
        let weights = (0..samples).map(|_| random.pick(&[0.0, 0.5, 1.0, 2.0])).collect();
        sample_weights.push(random.percent(25).then_some(weights));
    }
    Given { weights, inputs, targets, sample_weights }
}

/// Gradients with respect to some outputs.
fn draw_upstream(graph: &Graph, random: &mut Random, samples: usize) -> Vec<Option<Tensor>> {
    let mut upstream: Vec<Option<Tensor>> = graph
        .outputs
        .iter()
        .map(|(_, value)| {
            let dims = [&[samples], &*graph.values[*value]].concat();
            random.percent(75).then(|| Tensor::from_fn(&dims, |_| random.number()))
        })
        .collect();
    if upstream.iter().all(Option::is_none) {
        let dims = [&[samples], &*graph.values[graph.outputs[0].1]].concat();
        upstream[0] = Some(Tensor::from_fn(&dims, |_| random.number()));
    }
    upstream
}

/// All that the interpreter computes.
struct Everything {
    rate: f32,
    tensors: Vec<(String, Tensor)>,
    choices: Vec<Choice>,
}

fn everything(graph: &Graph, questions: &Questions, rate: Option<f32>, mut noise: Noise) -> Everything {
    let Questions { given, upstream } = questions;
    let key = Key { seed: 0, step: 1 };
    let mut all = Everything { rate: 0.0, tensors: Vec::new(), choices: Vec::new() };
    let noise = &mut noise;

    let inferred = interpret::forward(graph, given, false, key, noise);
    all.choices.extend(inferred.choices());
    all.extend("inferred output", outputs(graph, &inferred));
    if !graph.heads.is_empty() {
        let losses = interpret::losses(graph, given, &inferred, noise);
        all.choices.extend(&losses.choices);
        all.push("losses in inference", listed(&losses));
    }

    let trained = interpret::forward(graph, given, true, key, noise);
    all.choices.extend(trained.choices());
    all.extend("output in training", outputs(graph, &trained));
    let losses = (!graph.heads.is_empty()).then(|| interpret::losses(graph, given, &trained, noise));
    let mut sources = vec![("given", Upstream::Given(upstream))];
    if let Some(losses) = &losses {
        all.choices.extend(&losses.choices);
        all.push("losses in training", listed(losses));
        sources.push(("lost", Upstream::Losses(losses)));
    }
    let mut largest = 1.0_f64;
    for (source, upstream) in sources {
        let gradients = interpret::backward(graph, given, &trained, upstream, noise);
        let numbers = graph.inputs.iter().zip(gradients.inputs).filter(|(input, _)| input.element.name() == "f32");
        all.extend(
            &format!("{source} gradient with respect to input"),
            numbers.map(|(_, gradient)| gradient).collect(),
        );
        all.extend(&format!("{source} gradient with respect to weight"), gradients.weights.clone());
        let twice = gradients.weights.iter().enumerate();
        let twice =
            twice.map(|(weight, gradient)| gradient.map(|element| (graph.kept(weight) + 1.0) * element)).collect();
        all.extend(&format!("{source} gradient, twice, with respect to weight"), twice);
        largest = gradients.weights.iter().fold(largest, |largest, gradient| gradient.largest().max(largest));
    }
    all.rate = rate.unwrap_or((0.1 / largest) as f32);
    if losses.is_some() {
        let (totals, weights) = train(graph, given, &mut all, noise);
        all.push("losses of the trainer", totals);
        all.extend("weight after steps of the trainer", weights.clone());
        all.extend("weight after steps", weights);
    }
    all
}

/// The losses of some steps of gradient descent, and the weights after them.
fn train(graph: &Graph, given: &Given, all: &mut Everything, noise: &mut Noise) -> (Tensor, Vec<Tensor>) {
    let mut given = given.clone();
    let mut totals = Vec::new();
    for step in 1..=STEPS as u64 {
        let forward = interpret::forward(graph, &given, true, Key { seed: 0, step }, noise);
        let losses = interpret::losses(graph, &given, &forward, noise);
        all.choices.extend(forward.choices());
        all.choices.extend(&losses.choices);
        totals.push(losses.total);
        let gradients = interpret::backward(graph, &given, &forward, Upstream::Losses(&losses), noise);
        for (index, gradient) in gradients.weights.iter().enumerate() {
            let factor = if graph.weights[index].statistic.is_some() { 1.0 } else { -f64::from(all.rate) };
            let weight = &mut given.weights[index];
            *weight = noise.round(&weight.zip(gradient, |weight, gradient| weight + factor * gradient));
            if let Some(constraint) = &graph.weights[index].constraint {
                *weight = noise.round(&constraint.applied(weight));
            }
        }
    }
    (Tensor { dims: vec![STEPS], data: totals }, given.weights)
}

fn outputs(graph: &Graph, forward: &interpret::Forward) -> Vec<Tensor> {
    graph.outputs.iter().map(|(_, value)| forward.values[*value].clone()).collect()
}

fn listed(losses: &interpret::Losses) -> Tensor {
    let data: Vec<f64> = std::iter::once(losses.total).chain(losses.heads.iter().copied()).collect();
    Tensor { dims: vec![data.len()], data }
}

impl Everything {
    fn push(&mut self, name: &str, tensor: Tensor) {
        self.tensors.push((name.to_owned(), tensor));
    }

    fn extend(&mut self, name: &str, tensors: Vec<Tensor>) {
        self.tensors.extend(tensors.into_iter().enumerate().map(|(index, tensor)| (format!("{name} {index}"), tensor)));
    }
}
