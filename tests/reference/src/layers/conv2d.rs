//! `Conv2d`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, Padding, Window, batch, image, pair, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// y\[i, j, f\] = Σ x\[i · stride + k · dilation, j · stride + l · dilation, c\] · kernel\[k, l, c, f\] + bias\[f\]
#[derive(Debug)]
pub struct Conv2d {
    /// Channels of the result.
    pub filters: usize,
    /// What each pixel of the result is computed from.
    pub window: Window,
    /// Whether something is added.
    pub bias: bool,
}

/// Multiply-adds of a sample that the naive loops do in no time.
const MOST: usize = 300_000;

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let [height, width, channels] = image(single(operands)?)?;
    // Around the lengths of vectors and what Winograd's algorithm asks for.
    let filters = random.pick(&[1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 16, 17, 31, 32, 33]);
    let size = match random.below(10) {
        0..=5 => [3, 3],
        6 => [1, 1],
        7 => [2, 2],
        8 => [random.within(1, 5), random.within(1, 5)],
        _ => [5, 5],
    };
    let mut window =
        Window { size, stride: [1, 1], dilation: [1, 1], padding: random.pick(&[Padding::Valid, Padding::Same]) };
    match random.below(10) {
        0 | 1 => window.stride = [2, 2],
        2 => window.stride = [random.within(1, 3), random.within(1, 3)],
        3 => window.dilation = [random.within(1, 3), random.within(1, 3)],
        _ => {}
    }
    let [rows, columns] = window.count([height, width])?;
    let cost = rows * columns * filters * channels * window.size[0] * window.size[1];
    (cost <= MOST).then(|| Rc::new(Conv2d { filters, window, bias: random.percent(80) }) as Rc<dyn Layer>)
}

impl Layer for Conv2d {
    fn kind(&self) -> &'static str {
        "Conv2d"
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![self.filters.to_string(), pair(self.window.size)];
        arguments.extend(self.window.arguments([1, 1]));
        if !self.bias {
            arguments.push("bias = false".to_owned());
        }
        arguments
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let [height, width, _] = image(single(operands)?)?;
        let [rows, columns] = self.window.count([height, width])?;
        Some(vec![vec![rows, columns, self.filters]])
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let [rows, columns] = self.window.size;
        let kernel = ("kernel", vec![rows, columns, operands[0][2], self.filters]);
        if self.bias { vec![kernel, ("bias", vec![self.filters])] } else { vec![kernel] }
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let (x, kernel) = (x[0], weights[0]);
        let dims = self.results(&[x.dims[1..].to_vec()]).expect("windows that fit").remove(0);
        let mut y = Tensor::zeros(&batch(x.samples(), &dims));
        if self.bias {
            y = Tensor::from_fn(&y.dims, |index| weights[1].data[index % self.filters]);
        }
        for n in 0..x.samples() {
            self.window.each([x.dims[1], x.dims[2]], |[i, j], [k, l], [row, column]| {
                for c in 0..x.dims[3] {
                    for f in 0..self.filters {
                        *y.at_mut([n, i, j, f]) += x.at([n, row, column, c]) * kernel.at([k, l, c, f]);
                    }
                }
            });
        }
        vec![y]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let (x, kernel, dy) = (x[0], weights[0], dy[0]);
        let (mut dx, mut dkernel) = (Tensor::like(x), Tensor::like(kernel));
        for n in 0..x.samples() {
            self.window.each([x.dims[1], x.dims[2]], |[i, j], [k, l], [row, column]| {
                for c in 0..x.dims[3] {
                    for f in 0..self.filters {
                        let upstream = dy.at([n, i, j, f]);
                        *dx.at_mut([n, row, column, c]) += upstream * kernel.at([k, l, c, f]);
                        *dkernel.at_mut([k, l, c, f]) += upstream * x.at([n, row, column, c]);
                    }
                }
            });
        }
        let mut gradients = vec![dkernel];
        if self.bias {
            gradients.push(super::dense::sum_of_rows(dy, self.filters));
        }
        Gradients { operands: vec![dx], weights: gradients }
    }
}
