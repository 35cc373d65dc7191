//! `SinePositions` and `LearnedPositions`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// What is added to the features of a step.
#[derive(Debug)]
enum Positions {
    /// Of an even feature the sine, of an odd one the cosine, of the step divided by longest^(2 · ⌊feature / 2⌋ / features).
    Sine { longest: f32 },
    /// A row of the table.
    Learned,
}

pub(super) fn draw(random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let longest = random.pick(&[10_000.0, 10_000.0, 100.0, 2.5]);
    Some(Rc::new(if random.percent(50) { Positions::Learned } else { Positions::Sine { longest } }))
}

impl Layer for Positions {
    fn kind(&self) -> &'static str {
        match self {
            Self::Sine { .. } => "SinePositions",
            Self::Learned => "LearnedPositions",
        }
    }

    fn arguments(&self) -> Vec<String> {
        match self {
            Self::Sine { longest } if *longest != 10_000.0 => vec![format!("max_wavelength = {longest:?}")],
            Self::Sine { .. } | Self::Learned => vec![],
        }
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        single(operands).filter(|operand| operand.len() == 2).map(|operand| vec![operand.clone()])
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        match self {
            Self::Sine { .. } => vec![],
            Self::Learned => vec![("embeddings", operands[0].clone())],
        }
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let (steps, features) = (x[0].dims[1], x[0].dims[2]);
        let added = |place: usize| match self {
            Self::Learned => weights[0].data[place % (steps * features)],
            Self::Sine { longest } => {
                let (step, feature) = (place / features % steps, place % features);
                let exponent = (2 * (feature / 2)) as f64 / features as f64;
                let angle = step as f64 / f64::from(*longest).powf(exponent);
                if feature % 2 == 0 { angle.sin() } else { angle.cos() }
            }
        };
        vec![Tensor::from_fn(&x[0].dims, |place| x[0].data[place] + added(place))]
    }

    fn backward(&self, _call: &Call, _x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let mut gradients: Vec<Tensor> = weights.iter().map(|weight| Tensor::like(weight)).collect();
        for table in &mut gradients {
            let len = table.data.len();
            dy[0].data.iter().enumerate().for_each(|(place, upstream)| table.data[place % len] += upstream);
        }
        Gradients { operands: vec![dy[0].clone()], weights: gradients }
    }
}
