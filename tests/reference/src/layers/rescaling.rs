//! `Rescaling`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// Numbers times a factor, plus an offset; one of each for all numbers, or for each place on the last axis.
#[derive(Debug)]
struct Rescaling {
    scale: Vec<f32>,
    offset: Vec<f32>,
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let channels = *single(operands)?.last()?;
    let mut numbers = || {
        let count = if channels > 1 && random.percent(40) { channels } else { 1 };
        (0..count).map(|_| random.pick(&[-1.5, -0.5, 0.25, 0.5, 0.75, 1.0, 2.0])).collect()
    };
    Some(Rc::new(Rescaling { scale: numbers(), offset: numbers() }))
}

/// The one for an element.
fn of(numbers: &[f32], element: usize) -> f64 {
    f64::from(numbers[element % numbers.len()])
}

impl Layer for Rescaling {
    fn kind(&self) -> &'static str {
        "Rescaling"
    }

    fn arguments(&self) -> Vec<String> {
        let written = |numbers: &Vec<f32>| match numbers.as_slice() {
            [number] => format!("{number:?}"),
            numbers => {
                format!("({})", numbers.iter().map(|number| format!("{number:?}")).collect::<Vec<_>>().join(", "))
            }
        };
        vec![written(&self.scale), written(&self.offset)]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let operand = single(operands)?;
        let fits = [&self.scale, &self.offset]
            .iter()
            .all(|numbers| [Some(&1), operand.last()].contains(&Some(&numbers.len())));
        fits.then(|| vec![operand.clone()])
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let y = |element: usize| of(&self.scale, element) * x[0].data[element] + of(&self.offset, element);
        vec![Tensor::from_fn(&x[0].dims, y)]
    }

    fn backward(
        &self,
        _call: &Call,
        _x: &[&Tensor],
        _weights: &[&Tensor],
        _y: &[&Tensor],
        dy: &[&Tensor],
    ) -> Gradients {
        Gradients::of(Tensor::from_fn(&dy[0].dims, |element| of(&self.scale, element) * dy[0].data[element]))
    }
}
