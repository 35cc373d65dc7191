//! Outputs, and the losses that they have.

use std::rc::Rc;

use super::body::{Body, Value};
use crate::draw::Random;
use crate::layers::{Activation, Concat, Conv2d, Dense, Flatten, Layer, Merge, Padding, Softmax, Window};
use crate::losses::Loss;
use crate::open::open;
use crate::program::{Flow, Network, Program, Source, Stage, Statement, What};
use crate::tensor::elements;

/// What is known of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any numbers.
    Numbers,
    /// Probabilities along the last axis.
    Classes,
    /// Independent probabilities.
    Answers,
}
impl Body<'_> {
    /// Reads what of the first values was not read.
    pub(super) fn read_inputs(&mut self, count: usize) {
        for index in 0..count {
            if !self.values[index].read {
                let value = self.values[index].clone();
                let stages = self.random_chain(&value.dims, 2);
                let flatten = || vec![Stage { what: What::Layer(Rc::new(Flatten)), name: None, frozen: false }];
                let stages = if stages.is_empty() { flatten() } else { stages };
                if self.bind(std::slice::from_ref(&value), stages).is_none() {
                    self.bind(&[value], flatten());
                }
            }
        }
    }

    /// Joins unread values until so many are left.
    pub(super) fn join_down_to(&mut self, most: usize) {
        while self.unread().count() > most {
            let pair: Vec<Value> = self.unread().take(2).cloned().collect();
            let mut flat = Vec::new();
            for value in pair {
                let mut layers: Vec<Rc<dyn Layer>> = Vec::new();
                if value.dims.len() > 1 {
                    layers.push(Rc::new(Flatten));
                }
                if elements(&value.dims) > 200 {
                    layers.push(Rc::new(Dense { units: 7, bias: true }));
                }
                if layers.is_empty() {
                    flat.push(value);
                    continue;
                }
                let stages = self.chain(&value.dims, layers).0;
                flat.extend(self.bind(&[value], stages).expect("any shape can be flattened"));
            }
            let concat = Stage { what: What::Layer(Rc::new(Concat { axis: 0 })), name: None, frozen: false };
            self.bind(&flat, vec![concat]).expect("vectors can be joined");
        }
    }

    /// Makes outputs of all that nobody has read.
    pub(super) fn outputs(&mut self) -> Vec<(String, Kind)> {
        let inputs = self.values.len() - self.bound();
        self.read_inputs(inputs);
        let most = self.random.within(1, 3);
        self.join_down_to(most);
        let mut outputs = Vec::new();
        let ends: Vec<Value> = self.unread().cloned().collect();
        for end in ends {
            let kind = match self.random.below(10) {
                0..=2 => Kind::Classes,
                3..=4 => Kind::Answers,
                _ => Kind::Numbers,
            };
            let output = match kind {
                Kind::Numbers => Some((end.name.clone(), kind)),
                _ => self.head(&end, kind, &mut outputs).map(|name| (name, kind)),
            };
            outputs.push(output.unwrap_or((end.name, Kind::Numbers)));
        }
        // What nobody reads is not computed, or in vain.
        if self.random.percent(10) {
            let value = self.values[self.random.below(self.values.len())].clone();
            let stages = vec![Stage { what: What::Layer(Rc::new(Activation::Tanh)), name: None, frozen: false }];
            let names = vec![Some(format!("_{}", self.name('v')))];
            self.statements
                .push(Statement::Let { names, flow: Flow { sources: vec![Source::of(&value.name)], stages } });
        }
        // A value that is read inside is an output, too.
        if self.random.percent(25) {
            let inner: Vec<Value> = self.values[inputs..].iter().filter(|value| value.read).cloned().collect();
            if !inner.is_empty() {
                let name = inner[self.random.below(inner.len())].name.clone();
                if outputs.iter().all(|(other, _)| *other != name) {
                    outputs.insert(self.random.below(outputs.len() + 1), (name, Kind::Numbers));
                }
            }
        }
        outputs
    }

    /// Number of values that statements bind.
    pub(super) fn bound(&self) -> usize {
        let names = |statement: &Statement| match statement {
            Statement::Let { names, .. } => names.len(),
            Statement::Shared { .. } => 0,
        };
        self.statements.iter().map(names).sum()
    }

    /// Probabilities of a value.
    pub(super) fn head(&mut self, value: &Value, kind: Kind, outputs: &mut Vec<(String, Kind)>) -> Option<String> {
        let classes = self.random.pick(&[2, 3, 5, 8, 17]);
        let logits = |body: &mut Self| {
            let mut layers: Vec<Rc<dyn Layer>> = Vec::new();
            if value.dims.len() == 3 && body.random.percent(50) {
                let window = Window { size: [1, 1], stride: [1, 1], dilation: [1, 1], padding: Padding::Valid };
                layers.push(Rc::new(Conv2d { filters: classes, window, bias: body.random.percent(80) }));
            } else {
                if value.dims.len() > 2 {
                    layers.push(Rc::new(Flatten));
                }
                layers.push(Rc::new(Dense { units: classes, bias: body.random.percent(80) }));
            }
            body.chain(&value.dims, layers).0
        };
        let function: Rc<dyn Layer> =
            if kind == Kind::Classes { Rc::new(Softmax) } else { Rc::new(Activation::Sigmoid) };
        let function = || Stage { what: What::Layer(function.clone()), name: None, frozen: false };
        match self.random.below(10) {
            // The mean of two opinions: no logits belong to it.
            0 => {
                let stages = [logits(self), vec![function()]].concat();
                let first = self.bind(std::slice::from_ref(value), stages)?.remove(0);
                let dense = Rc::new(Dense { units: first.dims[first.dims.len() - 1], bias: true });
                let stages = match first.dims.len() {
                    3 => return Some(first.name),
                    _ => [self.chain(&first.dims, vec![dense]).0, vec![function()]].concat(),
                };
                let second = self.bind(std::slice::from_ref(&first), stages)?.remove(0);
                let average = Stage { what: What::Layer(Rc::new(Merge::Average)), name: None, frozen: false };
                Some(self.bind(&[first, second], vec![average])?.remove(0).name)
            }
            // Somebody else reads the logits.
            1..=3 => {
                let stages = logits(self);
                let logits = self.bind(std::slice::from_ref(value), stages)?;
                outputs.push((logits[0].name.clone(), Kind::Numbers));
                Some(self.bind(&logits, vec![function()])?.remove(0).name)
            }
            _ => {
                let stages = [logits(self), vec![function()]].concat();
                Some(self.bind(std::slice::from_ref(value), stages)?.remove(0).name)
            }
        }
    }
}

/// Gives a network losses that reach all of its weights.
pub(super) fn losses(random: &mut Random, program: &Program, network: &mut Network, kinds: &[Kind]) -> Option<()> {
    let mut whole = program.clone();
    whole.networks.push(network.clone());
    let graph = open(&whole)?;
    let mut order: Vec<usize> = (0..kinds.len()).collect();
    for index in 1..order.len() {
        order.swap(index, random.below(index + 1));
    }
    let mut heads: Vec<usize> = Vec::new();
    for output in order {
        let all: Vec<usize> = heads.iter().copied().chain([output]).collect();
        if graph.weights_before(&all) > graph.weights_before(&heads) || random.percent(70) {
            heads.push(output);
        }
    }
    if graph.weights_before(&heads) < graph.weights.len() || heads.is_empty() {
        return None;
    }
    heads.sort();
    for output in heads {
        let terms = terms(random, kinds[output], &network.outputs[output].1);
        network.losses.push((output, terms));
    }
    Some(())
}

/// The losses of a head.
fn terms(random: &mut Random, kind: Kind, dims: &[usize]) -> Vec<(f32, Loss)> {
    let share = random.pick(&[0.0, 0.0, 0.1, 1.0]);
    let classes = dims.last().copied().unwrap_or(1);
    let mut losses = vec![Loss::MeanSquaredError, Loss::MeanAbsoluteError, Loss::Huber(random.pick(&[0.1, 0.5, 1.0]))];
    match kind {
        Kind::Classes if classes > 1 && random.percent(50) => {
            let ignored = random.below(classes) as u32;
            let ignore = random.pick(&[None, None, Some(ignored)]);
            let plain = Loss::SparseCategoricalCrossentropy(ignore);
            losses = vec![random.pick(&[plain, plain, Loss::GeneralizedCrossentropy(0.7)])];
            // So few labels that there is always a blank for two that are equal.
            if dims.len() == 2 && random.percent(50) {
                losses = vec![Loss::Ctc(random.within(1, dims[0].div_ceil(2)))];
            }
        }
        Kind::Classes if classes > 1 => {
            let gamma = random.pick(&[1.0, 1.5, 2.0]);
            let likely = Loss::CategoricalCrossentropy(share);
            let focal = Loss::CategoricalFocalCrossentropy([gamma, 0.25]);
            let area = area(random);
            losses.insert(0, random.pick(&[likely, likely, likely, focal, Loss::KlDivergence, area]));
        }
        Kind::Answers => {
            let focal = Loss::BinaryFocalCrossentropy(random.pick(&[1.0, 1.5, 2.0]));
            let area = area(random);
            losses.insert(0, random.pick(&[Loss::BinaryCrossentropy(share), focal, area, Loss::Poisson]));
        }
        Kind::Classes | Kind::Numbers => {
            losses.extend([Loss::LogCosh, Loss::Hinge { squared: random.percent(50) }, Loss::Contrastive(0.7)]);
            let first = random.below(losses.len());
            losses.swap(0, first);
        }
    }
    losses.truncate(random.pick(&[1, 1, 2]));
    // These have no target, so the head has that of another.
    if random.percent(15) {
        losses.push(if classes == 2 { Loss::Triplet(0.3) } else { Loss::Minimize });
    }
    losses.into_iter().map(|loss| (random.pick(&[1.0, 1.0, 0.5, 2.0, 0.3]), loss)).collect()
}

/// A loss that compares areas.
fn area(random: &mut Random) -> Loss {
    let batch = random.percent(50);
    let weights = random.pick(&[[0.5, 0.5], [0.3, 0.7], [1.0, 1.0], [0.0, 1.0]]);
    if random.percent(50) { Loss::Dice { batch } } else { Loss::Tversky { weights, batch } }
}
