//! `softmax` and its logarithm.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// eˣ, divided by the sum of eˣ over the last axis.
#[derive(Debug)]
pub struct Softmax;

/// Its logarithm.
#[derive(Debug)]
struct LogSoftmax;

/// One of them along another axis than the last.
#[derive(Debug)]
struct Along {
    axis: usize,
    layer: Rc<dyn Layer>,
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let layer: Rc<dyn Layer> = if random.percent(60) { Rc::new(Softmax) } else { Rc::new(LogSoftmax) };
    let rank = single(operands)?.len();
    if random.percent(25) { Some(Rc::new(Along { axis: random.below(rank), layer })) } else { Some(layer) }
}

impl Along {
    /// With this axis and the last one each in the place of the other.
    fn swapped(&self, tensor: &Tensor) -> Tensor {
        let (axis, last) = (self.axis + 1, tensor.dims.len() - 1);
        let mut dims = tensor.dims.clone();
        dims.swap(axis, last);
        let step = |axis: usize| tensor.dims[axis + 1..].iter().product::<usize>();
        Tensor::from_fn(&dims, |place| {
            let (mut rest, mut from) = (place, 0);
            for (index, len) in dims.iter().enumerate().rev() {
                let own = if index == axis {
                    last
                } else if index == last {
                    axis
                } else {
                    index
                };
                from += rest % len * step(own);
                rest /= len;
            }
            tensor.data[from]
        })
    }
}

impl Layer for Along {
    fn kind(&self) -> &'static str {
        self.layer.kind()
    }

    fn arguments(&self) -> Vec<String> {
        vec![format!("axis = {}", self.axis)]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        (self.axis < single(operands)?.len()).then(|| operands.to_vec())
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let y = self.layer.forward(call, &[&self.swapped(x[0])], weights);
        y.iter().map(|y| self.swapped(y)).collect()
    }

    fn backward(&self, call: &Call, x: &[&Tensor], weights: &[&Tensor], y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let [x, y, dy] = [x[0], y[0], dy[0]].map(|tensor| self.swapped(tensor));
        let found = self.layer.backward(call, &[&x], weights, &[&y], &[&dy]);
        Gradients { operands: found.operands.iter().map(|dx| self.swapped(dx)).collect(), weights: Vec::new() }
    }
}

impl Layer for LogSoftmax {
    fn kind(&self) -> &'static str {
        "log_softmax"
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        Some(vec![single(operands)?.clone()])
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        Softmax.forward(call, x, weights).iter().map(|y| y.map(f64::ln)).collect()
    }

    fn backward(&self, call: &Call, x: &[&Tensor], weights: &[&Tensor], y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let probabilities = y[0].map(f64::exp);
        let by_probabilities = dy[0].zip(&probabilities, |upstream, probability| upstream / probability);
        Softmax.backward(call, x, weights, &[&probabilities], &[&by_probabilities])
    }
}

impl Layer for Softmax {
    fn kind(&self) -> &'static str {
        "softmax"
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        Some(vec![single(operands)?.clone()])
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let classes = *x[0].dims.last().expect("an axis");
        let mut y = x[0].clone();
        for row in y.data.chunks_mut(classes) {
            let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            row.iter_mut().for_each(|element| *element = (*element - largest).exp());
            let sum: f64 = row.iter().sum();
            row.iter_mut().for_each(|element| *element /= sum);
        }
        vec![y]
    }

    fn backward(&self, _call: &Call, _x: &[&Tensor], _weights: &[&Tensor], y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let (y, dy) = (y[0], dy[0]);
        let classes = *y.dims.last().expect("an axis");
        let mut dx = Tensor::like(y);
        for row in 0..y.data.len() / classes {
            let elements = row * classes..(row + 1) * classes;
            let mean: f64 = elements.clone().map(|index| y.data[index] * dy.data[index]).sum();
            for index in elements {
                dx.data[index] = y.data[index] * (dy.data[index] - mean);
            }
        }
        Gradients::of(dx)
    }
}
