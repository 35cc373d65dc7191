//! `Dense`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// y\[.., u\] = Σ x\[.., i\] · kernel\[i, u\] + bias\[u\]
#[derive(Debug)]
pub struct Dense {
    /// Length of the result's last axis.
    pub units: usize,
    /// Whether something is added.
    pub bias: bool,
}

pub(super) fn draw(random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let units = random.pick(&[1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 17, 31, 33, 65]);
    Some(Rc::new(Dense { units, bias: random.percent(80) }))
}

/// The sum over all but the last axis, which is the gradient of what is added there.
pub(super) fn sum_of_rows(dy: &Tensor, length: usize) -> Tensor {
    let mut sum = Tensor::zeros(&[length]);
    for (index, element) in dy.data.iter().enumerate() {
        sum.data[index % length] += element;
    }
    sum
}

impl Layer for Dense {
    fn kind(&self) -> &'static str {
        "Dense"
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![self.units.to_string()];
        if !self.bias {
            arguments.push("bias = false".to_owned());
        }
        arguments
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        match single(operands)?.as_slice() {
            [_] => Some(vec![vec![self.units]]),
            [steps, _] => Some(vec![vec![*steps, self.units]]),
            _ => None,
        }
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let kernel = ("kernel", vec![operands[0][operands[0].len() - 1], self.units]);
        if self.bias { vec![kernel, ("bias", vec![self.units])] } else { vec![kernel] }
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let (x, kernel) = (x[0], weights[0]);
        let (inputs, units) = (kernel.dims[0], self.units);
        let mut dims = x.dims.clone();
        *dims.last_mut().expect("an axis") = units;
        vec![Tensor::from_fn(&dims, |index| {
            let (row, unit) = (index / units, index % units);
            let bias = if self.bias { weights[1].data[unit] } else { 0.0 };
            (0..inputs).fold(bias, |sum, i| sum + x.data[row * inputs + i] * kernel.data[i * units + unit])
        })]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let (x, kernel, dy) = (x[0], weights[0], dy[0]);
        let (inputs, units) = (kernel.dims[0], self.units);
        let (mut dx, mut dkernel) = (Tensor::like(x), Tensor::like(kernel));
        for row in 0..x.data.len() / inputs {
            for i in 0..inputs {
                for unit in 0..units {
                    let upstream = dy.data[row * units + unit];
                    dx.data[row * inputs + i] += upstream * kernel.data[i * units + unit];
                    dkernel.data[i * units + unit] += upstream * x.data[row * inputs + i];
                }
            }
        }
        let mut gradients = vec![dkernel];
        if self.bias {
            gradients.push(sum_of_rows(dy, units));
        }
        Gradients { operands: vec![dx], weights: gradients }
    }
}
