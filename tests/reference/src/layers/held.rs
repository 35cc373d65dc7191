//! Layers of which the arguments of any layer say something: what a weight or the results add to the loss, and what a weight is held to.

use std::rc::Rc;

use super::{Call, Gradients, Layer};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};
use crate::terms::{Constraint, Regularizer};

/// A layer with such arguments.
#[derive(Debug)]
struct Held {
    layer: Rc<dyn Layer>,
    /// The weight that the first two are about.
    parameter: &'static str,
    regularizer: Option<Regularizer>,
    constraint: Option<Constraint>,
    activity: Option<Regularizer>,
}

/// The layer, in some cases with such arguments.
pub fn held(random: &mut Random, layer: Rc<dyn Layer>, operands: &[Dims]) -> Rc<dyn Layer> {
    // What is around stages has none of its own.
    if !random.percent(20) || layer.activity().is_some() || matches!(layer.kind(), "TimeDistributed" | "Bidirectional")
    {
        return layer;
    }
    let activity = random.percent(40).then(|| Regularizer::draw_sums(random));
    let weights = layer.weights(operands);
    let trained: Vec<&(&'static str, Dims)> =
        weights.iter().filter(|(parameter, _)| !layer.statistics().contains(parameter)).collect();
    if trained.is_empty() {
        return match activity {
            None => layer,
            activity => Rc::new(Held { layer, parameter: "", regularizer: None, constraint: None, activity }),
        };
    }
    let (parameter, dims) = trained[random.below(trained.len())];
    let regularizer = random.percent(70).then(|| Regularizer::draw(random, dims));
    let constraint = random.percent(50).then(|| Constraint::draw(random, dims));
    Rc::new(Held { layer, parameter, regularizer, constraint, activity })
}

impl Layer for Held {
    fn kind(&self) -> &'static str {
        self.layer.kind()
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = self.layer.arguments();
        let parameter = self.parameter;
        arguments.extend(self.regularizer.as_ref().map(|said| format!("{parameter}_regularizer = {}", said.text())));
        arguments.extend(self.constraint.as_ref().map(|said| format!("{parameter}_constraint = {}", said.text())));
        arguments.extend(self.activity.as_ref().map(|said| format!("activity_regularizer = {}", said.text())));
        arguments
    }

    fn operand_names(&self) -> &'static [Option<&'static str>] {
        self.layer.operand_names()
    }

    fn without_gradient(&self) -> &'static [usize] {
        self.layer.without_gradient()
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        self.layer.results(operands)
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        self.layer.weights(operands)
    }

    fn weight_name(&self, own: &str, index: usize, parameter: &str) -> String {
        self.layer.weight_name(own, index, parameter)
    }

    fn statistics(&self) -> &'static [&'static str] {
        self.layer.statistics()
    }

    fn kept_of_statistics(&self) -> f64 {
        self.layer.kept_of_statistics()
    }

    fn is_random(&self) -> bool {
        self.layer.is_random()
    }

    fn streams(&self) -> u64 {
        self.layer.streams()
    }

    fn regularizer(&self, parameter: &str) -> Option<Regularizer> {
        self.regularizer.clone().filter(|_| parameter == self.parameter)
    }

    fn constraint(&self, parameter: &str) -> Option<Constraint> {
        self.constraint.clone().filter(|_| parameter == self.parameter)
    }

    fn activity(&self) -> Option<Regularizer> {
        self.activity.clone()
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        self.layer.forward(call, x, weights)
    }

    fn backward(&self, call: &Call, x: &[&Tensor], weights: &[&Tensor], y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        self.layer.backward(call, x, weights, y, dy)
    }
}
