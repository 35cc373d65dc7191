//! The largest or the smallest of sets of elements.

use std::rc::Rc;

use super::{Call, Choice, Gradients, Layer, batch, single, windows};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor, elements};

/// The largest element of each of some sets of a sample's elements.
#[derive(Debug)]
pub(super) struct Largest {
    pub(super) kind: &'static str,
    pub(super) arguments: Vec<String>,
    pub(super) operand: Dims,
    pub(super) result: Dims,
    pub(super) sets: Vec<Vec<usize>>,
    /// 1, or -1 for the smallest.
    pub(super) sign: f64,
    /// Whether equal elements share a gradient, as in a reduction of TensorFlow's; else the first one has it, as in its pools.
    pub(super) share: bool,
}

impl Largest {
    /// The elements of a set that are its largest; none if one is no number.
    fn best(&self, sample: &[f64], set: &[usize]) -> Vec<usize> {
        if set.iter().any(|element| sample[*element].is_nan()) {
            return Vec::new();
        }
        let largest = set.iter().map(|element| self.sign * sample[*element]).fold(f64::NEG_INFINITY, f64::max);
        set.iter().copied().filter(|element| self.sign * sample[*element] == largest).collect()
    }
}

impl Layer for Largest {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn arguments(&self) -> Vec<String> {
        self.arguments.clone()
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        (*single(operands)? == self.operand).then(|| vec![self.result.clone()])
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let mut y = Vec::new();
        for sample in x[0].data.chunks(elements(&self.operand)) {
            for set in &self.sets {
                let best = self.best(sample, set);
                match best.first() {
                    Some(first) => {
                        call.choose(*first, best.len() > 1);
                        y.push(sample[*first]);
                    }
                    None => {
                        call.choices.push(Choice::Hazard);
                        y.push(f64::NAN);
                    }
                }
            }
        }
        vec![Tensor { dims: batch(x[0].samples(), &self.result), data: y }]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let mut dx = Tensor::like(x[0]);
        let length = elements(&self.operand);
        for (n, dy) in dy[0].data.chunks(self.sets.len()).enumerate() {
            let sample = &x[0].data[n * length..][..length];
            for (set, upstream) in self.sets.iter().zip(dy) {
                let mut best = self.best(sample, set);
                best.truncate(if self.share { best.len() } else { 1 });
                for element in &best {
                    dx.data[n * length + element] += upstream / best.len() as f64;
                }
            }
        }
        Gradients::of(dx)
    }
}

/// The largest of each window of steps or of a volume, or of all places; images have a file of their own.
pub(super) fn pool(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let operand = single(operands)?;
    if (2..=4).contains(&operand.len()) && random.percent(25) {
        let kind = ["AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d"][operand.len() - 2];
        let (arguments, result, sets) = windows::adaptive(random, operand);
        let operand = operand.clone();
        return Some(Rc::new(Largest { kind, arguments, operand, result, sets, sign: 1.0, share: false }));
    }
    let kinds = match operand.len() {
        2 => ["GlobalMaxPool1d", "MaxPool1d"],
        4 => ["GlobalMaxPool3d", "MaxPool3d"],
        _ => return None,
    };
    let share = random.percent(30);
    let (arguments, result, sets) = match share {
        true => {
            let (result, sets) = windows::all_places(operand);
            (Vec::new(), result, sets)
        }
        false => windows::draw(random, operand)?,
    };
    let kind = kinds[usize::from(!share)];
    Some(Rc::new(Largest { kind, arguments, operand: operand.clone(), result, sets, sign: 1.0, share }))
}

/// The largest or the smallest number along an axis.
pub(super) fn reduction(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let operand = single(operands)?;
    let (arguments, result, sets) = windows::along(random, operand);
    let (kind, sign) = random.pick(&[("Max", 1.0), ("Min", -1.0)]);
    Some(Rc::new(Largest { kind, arguments, operand: operand.clone(), result, sets, sign, share: true }))
}
