//! `Split`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, batch, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor, elements};

/// The parts of a tensor along an axis.
#[derive(Debug)]
pub struct Split {
    /// The axis, without the samples.
    pub axis: usize,
    /// The length of each part.
    pub lengths: Vec<usize>,
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    Split::draw(random, operands)
}

impl Split {
    /// A random split of an operand.
    pub fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
        let operand = single(operands)?;
        let axis = random.below(operand.len());
        let mut rest = operand[axis];
        let mut lengths = Vec::new();
        while rest > 0 && lengths.len() < 2 {
            lengths.push(1 + random.below(rest));
            rest -= lengths[lengths.len() - 1];
        }
        if random.percent(50) && operand[axis].is_multiple_of(2) {
            (lengths, rest) = (vec![operand[axis] / 2; 2], 0);
        }
        lengths.extend((rest > 0).then_some(rest));
        (lengths.len() > 1).then(|| Rc::new(Self { axis, lengths }) as Rc<dyn Layer>)
    }

    /// For each part, which element of the operand each of its elements is.
    fn sources(&self, operand: &Tensor) -> Vec<Vec<usize>> {
        let axis = self.axis + 1;
        let (length, after) = (operand.dims[axis], elements(&operand.dims[axis + 1..]));
        let mut before = 0;
        let mut sources = Vec::new();
        for &own in &self.lengths {
            let source = |element: usize| {
                let (outer, place, inner) = (element / (own * after), element / after % own, element % after);
                (outer * length + before + place) * after + inner
            };
            sources.push((0..operand.data.len() / length * own).map(source).collect());
            before += own;
        }
        sources
    }
}

impl Layer for Split {
    fn kind(&self) -> &'static str {
        "Split"
    }

    fn arguments(&self) -> Vec<String> {
        let equal = self.lengths.iter().all(|length| *length == self.lengths[0]);
        let lengths = self.lengths.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        let sections = if equal { self.lengths.len().to_string() } else { format!("({lengths})") };
        vec![sections, format!("axis = {}", self.axis)]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let operand = single(operands)?;
        let part = |length: &usize| {
            let mut part = operand.clone();
            part[self.axis] = *length;
            part
        };
        let fits = operand.get(self.axis) == Some(&self.lengths.iter().sum());
        fits.then(|| self.lengths.iter().map(part).collect())
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let parts = self.results(&[x[0].dims[1..].to_vec()]).expect("an operand that fits");
        let of = |(dims, sources): (&Dims, Vec<usize>)| {
            Tensor::from_fn(&batch(x[0].samples(), dims), |element| x[0].data[sources[element]])
        };
        parts.iter().zip(self.sources(x[0])).map(of).collect()
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let mut dx = Tensor::zeros(&x[0].dims);
        for (part, sources) in dy.iter().zip(self.sources(x[0])) {
            for (element, source) in part.data.iter().zip(sources) {
                dx.data[source] = *element;
            }
        }
        Gradients::of(dx)
    }
}
