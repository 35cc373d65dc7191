//! `PRelu`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// x where that is positive, else alpha · x, with an alpha for each element, the same along so many of the first axes.
#[derive(Clone, Copy, Debug)]
struct PRelu {
    shared: usize,
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(PRelu { shared: random.below(single(operands)?.len() + 1) }))
}

impl Layer for PRelu {
    fn kind(&self) -> &'static str {
        "PRelu"
    }

    fn arguments(&self) -> Vec<String> {
        match self.shared {
            0 => Vec::new(),
            1 => vec!["shared_axes = 0".to_owned()],
            count => {
                let axes: Vec<String> = (0..count).map(|axis| axis.to_string()).collect();
                vec![format!("shared_axes = ({})", axes.join(", "))]
            }
        }
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        // A template may be used again with fewer axes.
        let operand = single(operands)?;
        (self.shared <= operand.len()).then(|| vec![operand.clone()])
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let dims = operands[0].iter().enumerate();
        vec![("alpha", dims.map(|(axis, length)| if axis < self.shared { 1 } else { *length }).collect())]
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let alpha = &weights[0].data;
        x[0].data.iter().for_each(|x| call.choose(usize::from(*x > 0.0), *x == 0.0));
        vec![Tensor::from_fn(&x[0].dims, |index| {
            let x = x[0].data[index];
            if x > 0.0 { x } else { alpha[index % alpha.len()] * x }
        })]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let (x, dy, alpha) = (x[0], dy[0], &weights[0].data);
        let dx = Tensor::from_fn(&x.dims, |index| match x.data[index] {
            x if x > 0.0 => dy.data[index],
            x if x < 0.0 => alpha[index % alpha.len()] * dy.data[index],
            _ => 0.0,
        });
        let by_alpha = Tensor::from_fn(&weights[0].dims, |column| {
            (column..x.data.len()).step_by(alpha.len()).map(|index| dy.data[index] * x.data[index].min(0.0)).sum()
        });
        Gradients { operands: vec![dx], weights: vec![by_alpha] }
    }
}
