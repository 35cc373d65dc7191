//! The merges that work element by element.

use std::rc::Rc;

use super::{Call, Gradients, Layer};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor, elements};

/// A merge; axes of length 1 repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// The sum.
    Add,
    /// The first without the second.
    Sub,
    /// The product.
    Mul,
    /// The mean.
    Average,
    /// The largest: of equal values the first.
    Maximum,
    /// The smallest: of equal values the first.
    Minimum,
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let merge =
        random.pick(&[Merge::Add, Merge::Add, Merge::Sub, Merge::Mul, Merge::Average, Merge::Maximum, Merge::Minimum]);
    (merge != Merge::Sub || operands.len() == 2).then(|| Rc::new(merge) as Rc<dyn Layer>)
}

/// The element of an operand that belongs to an element of the result.
fn source(operand: &[usize], result: &[usize], element: usize) -> usize {
    let (mut rest, mut index, mut step) = (element, 0, 1);
    for (own, length) in operand.iter().zip(result).rev() {
        let place = rest % length;
        rest /= length;
        index += step * if *own == 1 { 0 } else { place };
        step *= own;
    }
    index
}

impl Merge {
    /// Which of these values is taken by a maximum or minimum.
    fn chosen(self, values: &[f64]) -> usize {
        let better = |new: f64, old: f64| if self == Self::Maximum { new > old } else { new < old };
        (1..values.len()).fold(0, |best, index| if better(values[index], values[best]) { index } else { best })
    }

    /// The derivative with respect to one of the values.
    fn slope(self, values: &[f64], index: usize) -> f64 {
        match self {
            Self::Add => 1.0,
            Self::Sub => {
                if index == 0 {
                    1.0
                } else {
                    -1.0
                }
            }
            Self::Mul => {
                values.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, value)| value).product()
            }
            Self::Average => 1.0 / values.len() as f64,
            Self::Maximum | Self::Minimum => {
                if self.chosen(values) == index {
                    1.0
                } else {
                    0.0
                }
            }
        }
    }
}

/// The shape of the result, with its samples.
fn result(x: &[&Tensor]) -> Dims {
    (0..x[0].dims.len()).map(|axis| x.iter().map(|operand| operand.dims[axis]).max().expect("an operand")).collect()
}

impl Layer for Merge {
    fn kind(&self) -> &'static str {
        match self {
            Self::Add => "Add",
            Self::Sub => "Sub",
            Self::Mul => "Mul",
            Self::Average => "Average",
            Self::Maximum => "Maximum",
            Self::Minimum => "Minimum",
        }
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let mut result = operands[0].clone();
        for operand in operands {
            if operand.len() != result.len() {
                return None;
            }
            for (length, own) in result.iter_mut().zip(operand) {
                match (*length, *own) {
                    (old, new) if old == new || new == 1 => {}
                    (1, new) => *length = new,
                    _ => return None,
                }
            }
        }
        Some(vec![result])
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let dims = result(x);
        vec![Tensor::from_fn(&dims, |element| {
            let values: Vec<f64> =
                x.iter().map(|operand| operand.data[source(&operand.dims, &dims, element)]).collect();
            match self {
                Self::Add => values.iter().sum(),
                Self::Sub => values[0] - values[1],
                Self::Mul => values.iter().product(),
                Self::Average => values.iter().sum::<f64>() / values.len() as f64,
                Self::Maximum | Self::Minimum => {
                    let chosen = self.chosen(&values);
                    call.choose(chosen, values.iter().filter(|value| **value == values[chosen]).count() > 1);
                    values[chosen]
                }
            }
        })]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let dims = result(x);
        let mut operands: Vec<Tensor> = x.iter().map(|operand| Tensor::like(operand)).collect();
        for element in 0..elements(&dims) {
            let places: Vec<usize> = x.iter().map(|operand| source(&operand.dims, &dims, element)).collect();
            let values: Vec<f64> = x.iter().zip(&places).map(|(operand, place)| operand.data[*place]).collect();
            for (index, place) in places.iter().enumerate() {
                operands[index].data[*place] += dy[0].data[element] * self.slope(&values, index);
            }
        }
        Gradients { operands, weights: Vec::new() }
    }
}
