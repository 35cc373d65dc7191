//! `Embedding`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// A row of a table for each whole number.
#[derive(Debug)]
pub struct Embedding {
    /// Numbers are below this one.
    pub rows: usize,
    /// Length of a row.
    pub width: usize,
}

pub(super) fn draw(random: &mut Random, _operand: &Dims, end: usize) -> Option<Rc<dyn Layer>> {
    // The last rows may be those of no number.
    Some(Rc::new(Embedding { rows: end + random.pick(&[0, 0, 1]), width: random.pick(&[1, 2, 3, 8, 17]) }))
}

impl Layer for Embedding {
    fn kind(&self) -> &'static str {
        "Embedding"
    }

    fn arguments(&self) -> Vec<String> {
        vec![self.rows.to_string(), self.width.to_string()]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        Some(vec![[&**single(operands)?, &[self.width]].concat()])
    }

    fn weights(&self, _operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        vec![("embeddings", vec![self.rows, self.width])]
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let dims = [&*x[0].dims, &[self.width]].concat();
        // Noise may have changed the numbers in their last bits.
        let row = |index: usize| x[0].data[index / self.width].round() as usize;
        vec![Tensor::from_fn(&dims, |index| weights[0].data[row(index) * self.width + index % self.width])]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let mut table = Tensor::like(weights[0]);
        for (index, upstream) in dy[0].data.iter().enumerate() {
            let row = x[0].data[index / self.width].round() as usize;
            table.data[row * self.width + index % self.width] += upstream;
        }
        Gradients { operands: vec![Tensor::like(x[0])], weights: vec![table] }
    }
}
