//! `softmax`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// eˣ, divided by the sum of eˣ over the last axis.
#[derive(Debug)]
pub struct Softmax;

pub(super) fn draw(_random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(Softmax))
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
