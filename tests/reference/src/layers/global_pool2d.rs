//! `GlobalAvgPool2d` and `GlobalMaxPool2d`.

use std::rc::Rc;

use super::pool2d::{choose_largest, largest};
use super::{Call, Gradients, Layer, image, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// The largest value, or the mean, of each channel.
#[derive(Debug)]
pub struct GlobalPool2d {
    /// Whether the largest value is taken.
    pub max: bool,
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    image(single(operands)?)?;
    Some(Rc::new(GlobalPool2d { max: random.percent(50) }))
}

/// The pixels of a channel of a sample.
fn places(x: &Tensor, n: usize, c: usize) -> Vec<[usize; 4]> {
    let [_, height, width, _] = x.dims[..] else { panic!("an image has three axes") };
    (0..height * width).map(|pixel| [n, pixel / width, pixel % width, c]).collect()
}

impl Layer for GlobalPool2d {
    fn kind(&self) -> &'static str {
        if self.max { "GlobalMaxPool2d" } else { "GlobalAvgPool2d" }
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let [_, _, channels] = image(single(operands)?)?;
        Some(vec![vec![channels]])
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let x = x[0];
        let channels = x.dims[3];
        vec![Tensor::from_fn(&[x.samples(), channels], |index| {
            let places = places(x, index / channels, index % channels);
            if self.max {
                choose_largest(call, x, &places)
            } else {
                places.iter().map(|place| x.at(*place)).sum::<f64>() / places.len() as f64
            }
        })]
    }

    /// Equal largest values share a gradient equally, as in TensorFlow.
    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let x = x[0];
        let channels = x.dims[3];
        let mut dx = Tensor::like(x);
        for (index, upstream) in dy[0].data.iter().enumerate() {
            let mut places = places(x, index / channels, index % channels);
            if self.max {
                let best = x.at(places[largest(x, &places)]);
                places.retain(|place| x.at(*place) == best);
            }
            for place in &places {
                *dx.at_mut(*place) += upstream / places.len() as f64;
            }
        }
        Gradients::of(dx)
    }
}
