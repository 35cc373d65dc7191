//! `MaxPool2d` and `AvgPool2d`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, Padding, Window, batch, image, pair, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// The largest value, or the mean, of each window of a channel; what is outside of the image does not count.
#[derive(Debug)]
pub struct Pool2d {
    /// Whether the largest is taken.
    pub max: bool,
    /// The windows.
    pub window: Window,
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    image(single(operands)?)?;
    let size = if random.percent(60) { [2, 2] } else { [random.within(1, 3), random.within(1, 3)] };
    let stride = if random.percent(70) { size } else { [random.within(1, 3), random.within(1, 3)] };
    let padding = if random.percent(70) { Padding::Valid } else { Padding::Same };
    let window = Window { size, stride, dilation: [1, 1], padding };
    Some(Rc::new(Pool2d { max: random.percent(70), window }))
}

impl Pool2d {
    /// The places in the image that each element of the result is computed from, in row-major order.
    fn places(&self, x: &Tensor) -> Vec<([usize; 4], Vec<[usize; 4]>)> {
        let image = [x.dims[1], x.dims[2]];
        let [rows, columns] = self.window.count(image).expect("windows that fit");
        let mut windows = vec![Vec::new(); rows * columns];
        self.window.each(image, |[i, j], _, place| windows[i * columns + j].push(place));
        let mut places = Vec::new();
        for n in 0..x.samples() {
            for (window, pixels) in windows.iter().enumerate() {
                for c in 0..x.dims[3] {
                    let pixels = pixels.iter().map(|[row, column]| [n, *row, *column, c]).collect();
                    places.push(([n, window / columns, window % columns, c], pixels));
                }
            }
        }
        places
    }
}

/// Which of these elements is the largest, by its index: the first one of those that are.
pub(super) fn largest(x: &Tensor, places: &[[usize; 4]]) -> usize {
    (1..places.len()).fold(0, |best, index| if x.at(places[index]) > x.at(places[best]) { index } else { best })
}

/// The largest of these elements. Which one that is, is a choice.
pub(super) fn choose_largest(call: &mut Call, x: &Tensor, places: &[[usize; 4]]) -> f64 {
    let index = largest(x, places);
    let best = x.at(places[index]);
    call.choose(index, places.iter().filter(|place| x.at(**place) == best).count() > 1);
    best
}

impl Layer for Pool2d {
    fn kind(&self) -> &'static str {
        if self.max { "MaxPool2d" } else { "AvgPool2d" }
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![pair(self.window.size)];
        arguments.extend(self.window.arguments(self.window.size));
        arguments
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let [height, width, channels] = image(single(operands)?)?;
        let [rows, columns] = self.window.count([height, width])?;
        Some(vec![vec![rows, columns, channels]])
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], _weights: &[&Tensor]) -> Vec<Tensor> {
        let x = x[0];
        let dims = self.results(&[x.dims[1..].to_vec()]).expect("windows that fit").remove(0);
        let mut y = Tensor::zeros(&batch(x.samples(), &dims));
        for (result, places) in self.places(x) {
            *y.at_mut(result) = if self.max {
                choose_largest(call, x, &places)
            } else {
                places.iter().map(|place| x.at(*place)).sum::<f64>() / places.len() as f64
            };
        }
        vec![y]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], _weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let mut dx = Tensor::like(x[0]);
        for (result, places) in self.places(x[0]) {
            let upstream = dy[0].at(result);
            if self.max {
                *dx.at_mut(places[largest(x[0], &places)]) += upstream;
            } else {
                for place in &places {
                    *dx.at_mut(*place) += upstream / places.len() as f64;
                }
            }
        }
        Gradients::of(dx)
    }
}
