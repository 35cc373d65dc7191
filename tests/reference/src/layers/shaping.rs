//! `Flatten`, `Reshape`, `Permute`: the same numbers under another shape.

use std::rc::Rc;

use super::{Call, Gradients, Layer, batch, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor, elements};

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let dims = single(operands)?;
    match random.below(3) {
        0 => Some(Rc::new(Flatten)),
        1 => {
            let count = elements(dims);
            let first = random.pick(&divisors(count));
            let second = random.pick(&divisors(count / first));
            let dims = match random.below(5) {
                0 => vec![first, count / first],
                1 => vec![first, second, count / first / second, 1],
                _ => vec![first, second, count / first / second],
            };
            Some(Rc::new(Reshape { dims, open: random.percent(30).then(|| random.below(2)) }))
        }
        _ => {
            let mut axes: Vec<usize> = (0..dims.len()).collect();
            for axis in 1..axes.len() {
                axes.swap(axis, random.below(axis + 1));
            }
            Some(Rc::new(Permute { axes }))
        }
    }
}

fn divisors(number: usize) -> Vec<usize> {
    (1..=number).filter(|divisor| number.is_multiple_of(*divisor)).collect()
}

/// One axis of all elements.
#[derive(Debug)]
pub struct Flatten;

impl Layer for Flatten {
    fn kind(&self) -> &'static str {
        "Flatten"
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        Some(vec![vec![elements(single(operands)?)]])
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        vec![x[0].reshaped(&[x[0].samples(), elements(&x[0].dims[1..])])]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        Gradients::of(dy[0].reshaped(&x[0].dims))
    }
}

/// The same elements under another shape.
#[derive(Debug)]
pub struct Reshape {
    /// The shape.
    pub dims: Dims,
    /// Which length is written as -1.
    pub open: Option<usize>,
}

impl Layer for Reshape {
    fn kind(&self) -> &'static str {
        "Reshape"
    }

    fn arguments(&self) -> Vec<String> {
        let lengths = self.dims.iter().enumerate();
        lengths
            .map(|(axis, length)| if self.open == Some(axis) { "-1".to_owned() } else { length.to_string() })
            .collect()
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        (elements(single(operands)?) == elements(&self.dims)).then(|| vec![self.dims.clone()])
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        vec![x[0].reshaped(&batch(x[0].samples(), &self.dims))]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        Gradients::of(dy[0].reshaped(&x[0].dims))
    }
}

/// The axes in another order: axis number k of the result is axis `axes[k]` of the operand.
#[derive(Debug)]
struct Permute {
    axes: Vec<usize>,
}

impl Permute {
    /// For each element of the result, which element of the operand it is.
    fn sources(&self, x: &Dims) -> Vec<usize> {
        let (x, samples) = (&x[1..], x[0]);
        let result: Dims = self.axes.iter().map(|axis| x[*axis]).collect();
        let count = elements(x);
        let source = |element: usize| {
            let (n, mut rest) = (element / count, element % count);
            let mut place = vec![0; x.len()];
            for (axis, length) in self.axes.iter().zip(&result).rev() {
                place[*axis] = rest % length;
                rest /= length;
            }
            place.iter().zip(x).fold(n, |index, (place, length)| index * length + place)
        };
        (0..samples * count).map(source).collect()
    }
}

impl Layer for Permute {
    fn kind(&self) -> &'static str {
        "Permute"
    }

    fn arguments(&self) -> Vec<String> {
        self.axes.iter().map(usize::to_string).collect()
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let operand = single(operands)?;
        (operand.len() == self.axes.len()).then(|| vec![self.axes.iter().map(|axis| operand[*axis]).collect()])
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let sources = self.sources(&x[0].dims);
        let dims = self.results(&[x[0].dims[1..].to_vec()]).expect("as many axes").remove(0);
        vec![Tensor::from_fn(&batch(x[0].samples(), &dims), |element| x[0].data[sources[element]])]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let mut dx = Tensor::like(x[0]);
        for (upstream, source) in dy[0].data.iter().zip(self.sources(&x[0].dims)) {
            dx.data[source] += upstream;
        }
        Gradients::of(dx)
    }
}
