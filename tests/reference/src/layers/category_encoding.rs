//! `CategoryEncoding`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, batch, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor, elements};

/// Whole numbers as rows of zeros and ones, or of counts.
#[derive(Debug)]
struct CategoryEncoding {
    tokens: usize,
    mode: &'static str,
}

pub(super) fn draw(random: &mut Random, _operand: &Dims, end: usize) -> Option<Rc<dyn Layer>> {
    let mode = random.pick(&["one_hot", "multi_hot", "count"]);
    Some(Rc::new(CategoryEncoding { tokens: end + random.pick(&[0, 0, 1]), mode }))
}

impl CategoryEncoding {
    /// How many numbers make a row.
    fn numbers(&self, operand: &[usize]) -> usize {
        if self.mode == "one_hot" { 1 } else { operand[operand.len() - 1] }
    }
}

impl Layer for CategoryEncoding {
    fn kind(&self) -> &'static str {
        "CategoryEncoding"
    }

    fn arguments(&self) -> Vec<String> {
        vec![self.tokens.to_string(), format!("mode = {}", self.mode)]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let operand = single(operands)?;
        let last = operand[operand.len() - 1];
        let outer = if self.mode == "one_hot" && last > 1 { &operand[..] } else { &operand[..operand.len() - 1] };
        Some(vec![[outer, &[self.tokens]].concat()])
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let operand = &x[0].dims[1..];
        let (numbers, dims) = (self.numbers(operand), self.results(&[operand.to_vec()]).expect("an operand").remove(0));
        let mut y = Tensor::zeros(&batch(x[0].samples(), &dims));
        for index in 0..x[0].samples() * elements(operand) {
            // Noise may have changed the numbers in their last bits.
            let place = index / numbers * self.tokens + x[0].data[index].round() as usize;
            y.data[place] = if self.mode == "count" { y.data[place] + 1.0 } else { 1.0 };
        }
        vec![y]
    }

    fn backward(
        &self,
        _call: &Call,
        x: &[&Tensor],
        _weights: &[&Tensor],
        _y: &[&Tensor],
        _dy: &[&Tensor],
    ) -> Gradients {
        Gradients::of(Tensor::like(x[0]))
    }
}
