//! `GlobalAvgPool1d` with a mask.

use std::rc::Rc;

use super::{Call, Gradients, Layer, Wanted};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// The mean of the steps that count: zeros where none does.
#[derive(Debug)]
struct MaskedMean;

pub(super) fn draw_with_more(_random: &mut Random, first: &Dims) -> Option<(Rc<dyn Layer>, Vec<Wanted>)> {
    let &[steps, _] = first.as_slice() else { return None };
    Some((Rc::new(MaskedMean), vec![Wanted::mask(vec![steps])]))
}

/// What each element of the steps is multiplied by.
fn factors(x: &Tensor, mask: &Tensor) -> Vec<f64> {
    let [steps, features] = x.dims[1..] else { panic!("steps of features") };
    let of = |mask: &[f64]| {
        let count = mask.iter().filter(|seen| **seen != 0.0).count();
        mask.iter().map(|seen| if *seen != 0.0 { 1.0 / count as f64 } else { 0.0 }).collect::<Vec<_>>()
    };
    mask.data.chunks(steps).flat_map(of).flat_map(|factor| vec![factor; features]).collect()
}

impl Layer for MaskedMean {
    fn kind(&self) -> &'static str {
        "GlobalAvgPool1d"
    }

    fn operand_names(&self) -> &'static [Option<&'static str>] {
        &[None, Some("mask")]
    }

    fn without_gradient(&self) -> &'static [usize] {
        &[1]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let [x, mask] = operands else { return None };
        let &[steps, features] = x.as_slice() else { return None };
        (*mask == [steps]).then(|| vec![vec![features]])
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let [samples, steps, features] = x[0].dims[..] else { panic!("steps of features") };
        let mut y = Tensor::zeros(&[samples, features]);
        for (place, (value, factor)) in x[0].data.iter().zip(factors(x[0], x[1])).enumerate() {
            y.data[place / (steps * features) * features + place % features] += value * factor;
        }
        vec![y]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let [_, steps, features] = x[0].dims[..] else { panic!("steps of features") };
        let factors = factors(x[0], x[1]);
        let by = |place: usize| factors[place] * dy[0].data[place / (steps * features) * features + place % features];
        Gradients { operands: vec![Tensor::from_fn(&x[0].dims, by), Tensor::like(x[1])], weights: Vec::new() }
    }
}
