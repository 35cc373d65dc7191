//! `Dropout` and `SpatialDropout1d`, `SpatialDropout2d`, `SpatialDropout3d`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// In training, each element is 0 with this probability, else divided by what is left; in inference nothing happens.
#[derive(Debug)]
struct Dropout {
    kind: &'static str,
    rate: f32,
    /// Whether whole channels are dropped, of steps, images or volumes.
    whole_channels: bool,
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let whole_channels = operands[0].len() > 1 && random.percent(40);
    let kind = match (whole_channels, operands[0].len()) {
        (false, _) => "Dropout",
        (true, 2) => "SpatialDropout1d",
        (true, 3) => "SpatialDropout2d",
        (true, 4) => "SpatialDropout3d",
        (true, _) => return None,
    };
    Some(Rc::new(Dropout { kind, rate: random.pick(&[0.0, 0.1, 0.25, 0.5, 0.75]), whole_channels }))
}

impl Dropout {
    /// What an element of a tensor of this shape is multiplied by.
    fn factor(&self, call: &Call, dims: &Dims, element: usize) -> f64 {
        let channels = dims[dims.len() - 1];
        let sample: usize = dims[1..].iter().product();
        let element = if self.whole_channels { element / sample * channels + element % channels } else { element };
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
        self.kind
    }

    fn arguments(&self) -> Vec<String> {
        vec![format!("{:?}", self.rate)]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let operand = single(operands)?;
        let rank = match self.kind {
            "SpatialDropout1d" => 2,
            "SpatialDropout2d" => 3,
            "SpatialDropout3d" => 4,
            _ => operand.len(),
        };
        (operand.len() == rank).then(|| vec![operand.clone()])
    }

    fn is_random(&self) -> bool {
        true
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        vec![Tensor::from_fn(&x[0].dims, |element| x[0].data[element] * self.factor(call, &x[0].dims, element))]
    }

    fn backward(&self, call: &Call, _x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        Gradients::of(Tensor::from_fn(&dy[0].dims, |element| {
            dy[0].data[element] * self.factor(call, &dy[0].dims, element)
        }))
    }
}
