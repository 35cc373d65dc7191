//! `Concat`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, batch};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor, elements};

/// Tensors one behind the other along an axis.
#[derive(Debug)]
pub struct Concat {
    /// The axis, without the samples.
    pub axis: usize,
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(Concat { axis: random.below(operands[0].len()) }))
}

impl Concat {
    /// For each operand, which element of the result each of its elements becomes.
    fn targets(&self, operands: &[&Tensor]) -> Vec<Vec<usize>> {
        let axis = self.axis + 1;
        let after = elements(&operands[0].dims[axis + 1..]);
        let length: usize = operands.iter().map(|operand| operand.dims[axis]).sum();
        let mut before = 0;
        let mut targets = Vec::new();
        for operand in operands {
            let own = operand.dims[axis];
            let target = |element: usize| {
                let (outer, place, inner) = (element / (own * after), element / after % own, element % after);
                (outer * length + before + place) * after + inner
            };
            targets.push((0..operand.data.len()).map(target).collect());
            before += own;
        }
        targets
    }
}

impl Layer for Concat {
    fn kind(&self) -> &'static str {
        "Concat"
    }

    fn arguments(&self) -> Vec<String> {
        vec![format!("axis = {}", self.axis)]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let mut result = operands[0].clone();
        *result.get_mut(self.axis)? = 0;
        let rest = result.clone();
        for operand in operands {
            let mut other = operand.clone();
            *other.get_mut(self.axis)? = 0;
            if other != rest {
                return None;
            }
            result[self.axis] += operand[self.axis];
        }
        Some(vec![result])
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let dims: Vec<Dims> = x.iter().map(|operand| operand.dims[1..].to_vec()).collect();
        let dims = self.results(&dims).expect("operands that fit").remove(0);
        let mut y = Tensor::zeros(&batch(x[0].samples(), &dims));
        for (operand, targets) in x.iter().zip(self.targets(x)) {
            for (element, target) in operand.data.iter().zip(targets) {
                y.data[target] = *element;
            }
        }
        vec![y]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let of = |(operand, targets): (&&Tensor, Vec<usize>)| {
            Tensor::from_fn(&operand.dims, |element| dy[0].data[targets[element]])
        };
        Gradients { operands: x.iter().zip(self.targets(x)).map(of).collect(), weights: Vec::new() }
    }
}

/// Tensors of one shape side by side along an axis of their own.
#[derive(Debug)]
struct Stack {
    /// The axis of the result, without the samples.
    axis: usize,
}

pub(super) fn draw_stack(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(Stack { axis: random.below(operands[0].len() + 1) }))
}

impl Stack {
    /// Operands with an axis of length 1 where they are stacked.
    fn opened(&self, operands: &[&Tensor]) -> Vec<Tensor> {
        let open = |operand: &&Tensor| {
            let mut dims = operand.dims.clone();
            dims.insert(self.axis + 1, 1);
            operand.reshaped(&dims)
        };
        operands.iter().map(open).collect()
    }
}

impl Layer for Stack {
    fn kind(&self) -> &'static str {
        "Stack"
    }

    fn arguments(&self) -> Vec<String> {
        vec![format!("axis = {}", self.axis)]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let mut result = operands[0].clone();
        (self.axis <= result.len() && operands.iter().all(|operand| *operand == result)).then_some(())?;
        result.insert(self.axis, operands.len());
        Some(vec![result])
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let opened = self.opened(x);
        Concat { axis: self.axis }.forward(call, &opened.iter().collect::<Vec<_>>(), weights)
    }

    fn backward(&self, call: &Call, x: &[&Tensor], weights: &[&Tensor], y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let opened = self.opened(x);
        let opened: Vec<&Tensor> = opened.iter().collect();
        let mut gradients = Concat { axis: self.axis }.backward(call, &opened, weights, y, dy);
        for (gradient, x) in gradients.operands.iter_mut().zip(x) {
            *gradient = gradient.reshaped(&x.dims);
        }
        gradients
    }
}
