//! `ActivityRegularization`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};
use crate::terms::Regularizer;

/// y = x, which adds `l1 Σ |x| + l2 Σ x²` to the loss, divided by the number of samples
#[derive(Debug)]
struct ActivityRegularization {
    /// `l1` and `l2`.
    factors: [f32; 2],
}

pub(super) fn draw(random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let factors = random.pick(&[[0.01, 0.0], [0.0, 0.05], [0.02, 0.03], [0.0, 0.0]]);
    Some(Rc::new(ActivityRegularization { factors }))
}

impl Layer for ActivityRegularization {
    fn kind(&self) -> &'static str {
        "ActivityRegularization"
    }

    fn arguments(&self) -> Vec<String> {
        let named = ["l1", "l2"].into_iter().zip(self.factors).filter(|(_, factor)| *factor != 0.0);
        named.map(|(name, factor)| format!("{name} = {factor:?}")).collect()
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        Some(vec![single(operands)?.clone()])
    }

    fn activity(&self) -> Option<Regularizer> {
        Some(Regularizer::Sums(self.factors))
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        vec![x[0].clone()]
    }

    fn backward(&self, _call: &Call, _x: &[&Tensor], _w: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        Gradients::of(dy[0].clone())
    }
}
