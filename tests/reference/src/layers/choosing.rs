//! Comparisons with a number, and `argmax`: whole numbers, by which there is no gradient.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// 1 where a number is like this to another one, else 0.
#[derive(Debug)]
struct Comparison {
    kind: &'static str,
    value: f32,
}

/// Where the largest number of the last axis is, the first of several.
#[derive(Debug)]
struct Argmax;

pub(super) fn draw(random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    if random.percent(30) {
        return Some(Rc::new(Argmax));
    }
    let kind = random.pick(&["Equal", "NotEqual", "Greater", "Less"]);
    // Zero is what a `relu` before it makes.
    Some(Rc::new(Comparison { kind, value: random.pick(&[0.0, 0.0, 0.25, -0.5]) }))
}

impl Layer for Comparison {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn arguments(&self) -> Vec<String> {
        vec![format!("{:?}", self.value)]
    }

    fn without_gradient(&self) -> &'static [usize] {
        &[0]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        Some(vec![single(operands)?.clone()])
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let value = f64::from(self.value);
        vec![x[0].map(|x| {
            call.choose(usize::from(x > value), x == value);
            f64::from(match self.kind {
                "Equal" => x == value,
                "NotEqual" => x != value,
                "Greater" => x > value,
                _ => x < value,
            })
        })]
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

impl Layer for Argmax {
    fn kind(&self) -> &'static str {
        "argmax"
    }

    fn without_gradient(&self) -> &'static [usize] {
        &[0]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        Some(vec![match single(operands)?.as_slice() {
            [_] => vec![1],
            [outer @ .., _] => outer.to_vec(),
            [] => return None,
        }])
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let dims = [vec![x[0].samples()], self.results(&[x[0].dims[1..].to_vec()]).expect("it has an axis").remove(0)];
        let row = |row: &[f64]| {
            let best = (1..row.len()).fold(0, |best, at| if row[at] > row[best] { at } else { best });
            let count = row.iter().filter(|value| **value == row[best]).count();
            call.choose(best, count > 1);
            best as f64
        };
        let len = *x[0].dims.last().expect("it has an axis");
        vec![Tensor { dims: dims.concat(), data: x[0].data.chunks(len).map(row).collect() }]
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
