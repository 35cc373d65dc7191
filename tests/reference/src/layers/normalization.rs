//! `Normalization`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// y = (x − mean) / √variance with both of each place of an axis, or the inverse; nothing moves them.
#[derive(Clone, Copy, Debug)]
struct Normalization {
    axis: usize,
    invert: bool,
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(Normalization { axis: random.below(single(operands)?.len()), invert: random.percent(30) }))
}

impl Normalization {
    /// Which place an element of a tensor of this shape, with samples, belongs to.
    fn place(&self, dims: &Dims, element: usize) -> usize {
        let inner: usize = dims[self.axis + 2..].iter().product();
        element / inner % dims[self.axis + 1]
    }

    /// What the numbers of a place are multiplied by.
    fn factor(&self, variance: f64) -> f64 {
        let deviation = variance.sqrt().max(1e-7);
        if self.invert { deviation } else { 1.0 / deviation }
    }
}

impl Layer for Normalization {
    fn kind(&self) -> &'static str {
        "Normalization"
    }

    fn arguments(&self) -> Vec<String> {
        vec![format!("axis = {}", self.axis), format!("invert = {}", self.invert)]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        // A template may be used again with fewer axes.
        let operand = single(operands)?;
        (self.axis < operand.len()).then(|| vec![operand.clone()])
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let along = |(axis, length): (usize, &usize)| if axis == self.axis { *length } else { 1 };
        let dims: Dims = operands[0].iter().enumerate().map(along).collect();
        vec![("mean", dims.clone()), ("variance", dims)]
    }

    fn statistics(&self) -> &'static [&'static str] {
        &["mean", "variance"]
    }

    fn kept_of_statistics(&self) -> f64 {
        1.0
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        vec![Tensor::from_fn(&x[0].dims, |element| {
            let place = self.place(&x[0].dims, element);
            let (mean, factor) = (weights[0].data[place], self.factor(weights[1].data[place]));
            if self.invert { x[0].data[element] * factor + mean } else { (x[0].data[element] - mean) * factor }
        })]
    }

    fn backward(&self, _call: &Call, _x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let dx = Tensor::from_fn(&dy[0].dims, |element| {
            dy[0].data[element] * self.factor(weights[1].data[self.place(&dy[0].dims, element)])
        });
        Gradients { operands: vec![dx], weights: weights.iter().map(|weight| weight.map(|_| 0.0)).collect() }
    }
}
