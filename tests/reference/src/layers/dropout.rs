//! `Dropout`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// In training, each element is 0 with this probability, else divided by what is left; in inference nothing happens.
#[derive(Debug)]
struct Dropout {
    rate: f32,
}

pub(super) fn draw(random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(Dropout { rate: random.pick(&[0.0, 0.1, 0.25, 0.5, 0.75]) }))
}

impl Dropout {
    /// What an element is multiplied by.
    fn factor(&self, call: &Call, element: usize) -> f64 {
        let rate = f64::from(self.rate);
        match call.training {
            false => 1.0,
            true if f64::from(call.random.word(element)) < rate * 2_f64.powi(32) => 0.0,
            true => 1.0 / (1.0 - rate),
        }
    }
}

impl Layer for Dropout {
    fn kind(&self) -> &'static str {
        "Dropout"
    }

    fn arguments(&self) -> Vec<String> {
        vec![format!("{:?}", self.rate)]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        Some(vec![single(operands)?.clone()])
    }

    fn is_random(&self) -> bool {
        true
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        vec![Tensor::from_fn(&x[0].dims, |element| x[0].data[element] * self.factor(call, element))]
    }

    fn backward(&self, call: &Call, _x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        Gradients::of(Tensor::from_fn(&dy[0].dims, |element| dy[0].data[element] * self.factor(call, element)))
    }
}
