//! Noise.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// Random numbers in training; in inference nothing happens.
#[derive(Clone, Copy, Debug)]
enum Noise {
    /// Normal numbers with this deviation are added.
    Gaussian(f32),
    /// Multiplies with normal numbers around 1, with the variance of a dropout of this rate.
    GaussianDropout(f32),
    /// Replaces with this probability by the limit of selu, such that mean and variance stay.
    Alpha(f32),
}

pub(super) fn draw(random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let rate = random.pick(&[0.0, 0.1, 0.5]);
    Some(Rc::new(match random.below(3) {
        0 => Noise::Gaussian(rate),
        1 => Noise::GaussianDropout(rate),
        _ => Noise::Alpha(rate),
    }))
}

/// By two words (Box and Muller).
fn normal(call: &Call, element: usize) -> f64 {
    let words = [element & !1, element | 1].map(|element| f64::from(call.random.word(element) >> 8));
    let radius = (-2.0 * ((words[0] + 1.0) / 2_f64.powi(24)).ln()).sqrt();
    let angle = std::f64::consts::TAU * (words[1] / 2_f64.powi(24) - 0.125);
    radius * if element.is_multiple_of(2) { angle.cos() } else { angle.sin() }
}

impl Noise {
    /// What an element is multiplied by, and what is added.
    fn of(self, call: &Call, element: usize) -> [f64; 2] {
        if !call.training {
            return [1.0, 0.0];
        }
        match self {
            Self::Gaussian(deviation) => [1.0, f64::from(deviation) * normal(call, element)],
            Self::GaussianDropout(rate) => {
                let rate = f64::from(rate);
                [1.0 + (rate / (1.0 - rate)).sqrt() * normal(call, element), 0.0]
            }
            Self::Alpha(rate) => {
                let (rate, limit) = (f64::from(rate), -1.758_099_340_847_376_7);
                let a = 1.0 / ((1.0 - rate) * (1.0 + rate * limit * limit)).sqrt();
                let b = -a * limit * rate;
                if f64::from(call.random.word(element)) < rate * 2_f64.powi(32) { [0.0, a * limit + b] } else { [a, b] }
            }
        }
    }
}

impl Layer for Noise {
    fn kind(&self) -> &'static str {
        match self {
            Self::Gaussian(_) => "GaussianNoise",
            Self::GaussianDropout(_) => "GaussianDropout",
            Self::Alpha(_) => "AlphaDropout",
        }
    }

    fn arguments(&self) -> Vec<String> {
        let (Self::Gaussian(number) | Self::GaussianDropout(number) | Self::Alpha(number)) = self;
        vec![format!("{number:?}")]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        Some(vec![single(operands)?.clone()])
    }

    fn is_random(&self) -> bool {
        true
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        vec![Tensor::from_fn(&x[0].dims, |element| {
            let [factor, more] = self.of(call, element);
            factor * x[0].data[element] + more
        })]
    }

    fn backward(&self, call: &Call, _x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        Gradients::of(Tensor::from_fn(&dy[0].dims, |element| self.of(call, element)[0] * dy[0].data[element]))
    }
}
