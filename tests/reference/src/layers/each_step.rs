//! `TimeDistributed`: a layer that is applied to each step.

use std::rc::Rc;

use super::table::OF_ONE;
use super::{Call, Gradients, Layer};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// The first axis behind the samples becomes one of more samples, and is there again behind the layer.
#[derive(Debug)]
pub struct EachStep {
    /// What is applied to each step.
    pub layer: Rc<dyn Layer>,
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let inner = steps(operands)?.1;
    let (_, draw) = random.pick(OF_ONE);
    let layer = draw(random, &inner)?;
    layer.results(&inner)?;
    Some(Rc::new(EachStep { layer }))
}

/// How many steps there are, and the shapes of one.
fn steps(operands: &[Dims]) -> Option<(usize, Vec<Dims>)> {
    let steps = *operands.first()?.first()?;
    let inner = operands.iter().map(|dims| match dims.as_slice() {
        [first, rest @ ..] if *first == steps && !rest.is_empty() => Some(rest.to_vec()),
        _ => None,
    });
    Some((steps, inner.collect::<Option<_>>()?))
}

/// Steps as samples.
fn opened(tensors: &[&Tensor]) -> Vec<Tensor> {
    tensors
        .iter()
        .map(|tensor| {
            let [samples, steps, rest @ ..] = tensor.dims.as_slice() else { panic!("there are steps") };
            tensor.reshaped(&[&[samples * steps], rest].concat())
        })
        .collect()
}

/// Samples as steps again.
fn closed(tensors: Vec<Tensor>, steps: usize) -> Vec<Tensor> {
    tensors
        .into_iter()
        .map(|tensor| {
            let dims = [&[tensor.dims[0] / steps, steps], &tensor.dims[1..]].concat();
            tensor.reshaped(&dims)
        })
        .collect()
}

fn refs(tensors: &[Tensor]) -> Vec<&Tensor> {
    tensors.iter().collect()
}

impl Layer for EachStep {
    fn kind(&self) -> &'static str {
        "TimeDistributed"
    }

    fn arguments(&self) -> Vec<String> {
        let arguments = self.layer.arguments();
        let kind = self.layer.kind();
        vec![if arguments.is_empty() { kind.to_owned() } else { format!("{kind}({})", arguments.join(", ")) }]
    }

    fn without_gradient(&self) -> &'static [usize] {
        self.layer.without_gradient()
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let (steps, inner) = steps(operands)?;
        let results = self.layer.results(&inner)?.into_iter();
        Some(results.map(|dims| [&[steps], &*dims].concat()).collect())
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        steps(operands).map_or_else(Vec::new, |(_, inner)| self.layer.weights(&inner))
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

    fn forward(&self, call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        closed(self.layer.forward(call, &refs(&opened(x)), weights), x[0].dims[1])
    }

    fn backward(&self, call: &Call, x: &[&Tensor], weights: &[&Tensor], y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let [all_x, y, dy] = [x, y, dy].map(opened);
        let found = self.layer.backward(call, &refs(&all_x), weights, &refs(&y), &refs(&dy));
        Gradients { operands: closed(found.operands, x[0].dims[1]), weights: found.weights }
    }
}
