//! Operations on several tensors of which some repeat along axes where they have size 1.

use std::ops::Range;

use super::arithmetic::put;
use crate::parallel::{for_each_row_of, for_each_rows};
use crate::tensor::columns::{Columns, pieces};
use crate::tensor::param::Write;

/// Elements that are worked on at once, in buffers on the stack.
const TILE: usize = 256;

/// A part of an operand or of a gradient, as long as the part of the output that is being worked on.
type Tile = [f32; TILE];

/// How an operand repeats to have the shape of the output; the batch is one more axis, outermost.
#[derive(Clone, Copy)]
struct Repeat<'a> {
    input: &'a [usize],
    output: &'a [usize],
    /// Elements of one sample of the operand.
    input_len: usize,
    /// Elements of the output along the axes that are either all repeated or all not, counted from the end: so long
    /// are the runs that lie next to each other in the operand, or come from one element.
    run: usize,
    /// The axes before those.
    outer: usize,
    /// Distance of the elements of a run in the operand: 1 or 0.
    step: usize,
    /// The columns of a larger tensor that the operand is, if it is a part.
    columns: Option<Columns>,
}

impl<'a> Repeat<'a> {
    fn new(input: &'a [usize], output: &'a [usize], columns: Option<Columns>) -> Self {
        debug_assert_eq!(input.len(), output.len(), "operands have the rank of the output");
        let same = |axis: usize, step: usize| output[axis] == 1 || usize::from(input[axis] == output[axis]) == step;
        let widest = |step: usize| (0..output.len()).rev().take_while(|&axis| same(axis, step)).count();
        let step = usize::from(widest(1) >= widest(0));
        let outer = output.len() - widest(step);
        let [input_len, run] = [input, &output[outer..]].map(|dims| dims.iter().product());
        Self { input, output, input_len, run, outer, step, columns }
    }

    /// Where a run begins in the operand, by its number, counted through all samples.
    fn start(&self, mut run: usize) -> usize {
        let mut stride = self.input[self.outer..].iter().product::<usize>();
        let mut start = 0;
        for axis in (0..self.outer).rev() {
            let index = run % self.output[axis];
            run /= self.output[axis];
            if self.input[axis] == self.output[axis] {
                start += index * stride;
            }
            stride *= self.input[axis];
        }
        start + run * self.input_len
    }

    /// The pieces of a range of the output, counted through all samples: where each begins within the range, its
    /// length, and where it begins in the operand.
    fn pieces(self, range: Range<usize>) -> impl Iterator<Item = (usize, usize, usize)> {
        (range.start / self.run..range.end.div_ceil(self.run)).map(move |run| {
            let begin = (run * self.run).max(range.start);
            let end = ((run + 1) * self.run).min(range.end);
            (begin - range.start, end - begin, self.start(run) + (begin - run * self.run) * self.step)
        })
    }

    /// The operand's values for a range of the output.
    fn gather(self, x: &[f32], range: Range<usize>, tile: &mut [f32]) {
        for (at, len, from) in self.pieces(range) {
            let tile = &mut tile[at..at + len];
            match (self.step, self.columns) {
                (0, _) => tile.fill(x[self.place(from)]),
                (_, None) => tile.copy_from_slice(&x[from..from + len]),
                (_, Some(columns)) => {
                    for (at, len, place) in columns.pieces(from..from + len) {
                        tile[at..at + len].copy_from_slice(&x[place..place + len]);
                    }
                }
            }
        }
    }

    /// Adds gradients of a range of the output to the gradient of an operand.
    fn scatter_add(self, tile: &[f32], range: Range<usize>, dx: &mut [f32]) {
        for (at, len, to) in self.pieces(range) {
            let values = &tile[at..at + len];
            if self.step == 0 {
                dx[self.place(to)] += values.iter().sum::<f32>();
                continue;
            }
            for (at, len, place) in pieces(self.columns, to..to + len) {
                put(Write::Add, &mut dx[place..place + len], values[at..at + len].iter().copied());
            }
        }
    }

    /// Where an element of the operand lies.
    fn place(self, element: usize) -> usize {
        self.columns.map_or(element, |columns| columns.place(element))
    }
}

/// The shapes of the operands, and of the output: the longest of each axis.
#[derive(Clone, Copy)]
pub(crate) struct Shapes {
    pub inputs: &'static [&'static [usize]],
    pub output: &'static [usize],
    /// For each operand the columns of a larger tensor that it is, if it is a part. What is missing at the end is none.
    pub columns: &'static [Option<Columns>],
}

impl Shapes {
    fn repeat(&self, k: usize) -> Repeat<'static> {
        Repeat::new(self.inputs[k], self.output, self.columns.get(k).copied().flatten())
    }

    fn len(&self) -> usize {
        self.output.iter().product()
    }

    /// Whether an operand neither repeats nor is a part of something: its elements are those of the output, one by one.
    fn is_as_the_output(&self, k: usize) -> bool {
        self.inputs[k] == self.output && self.columns.get(k).copied().flatten().is_none()
    }

    /// `y = f(.. f(f(x0, x1), x2) ..)`, then `finish(y)`.
    pub fn fold(
        &self,
        inputs: &[&[f32]],
        y: &mut [f32],
        f: impl Fn(f32, f32) -> f32 + Sync,
        finish: impl Fn(f32) -> f32 + Sync,
    ) {
        if let [a, b] = *inputs
            && self.is_as_the_output(0)
            && self.is_as_the_output(1)
        {
            return for_each_rows(y, 1, |first, y| {
                let operands = a[first..].iter().zip(&b[first..]);
                y.iter_mut().zip(operands).for_each(|(y, (&a, &b))| *y = finish(f(a, b)));
            });
        }
        for_each_rows(y, 1, |first, y| {
            for (index, y) in y.chunks_mut(TILE).enumerate() {
                let start = first + index * TILE;
                let range = start..start + y.len();
                self.repeat(0).gather(inputs[0], range.clone(), y);
                let mut operand: Tile = [0.0; TILE];
                let operand = &mut operand[..y.len()];
                for (k, input) in inputs.iter().enumerate().skip(1) {
                    self.repeat(k).gather(input, range.clone(), operand);
                    y.iter_mut().zip(&*operand).for_each(|(y, &x)| *y = f(*y, x));
                }
                y.iter_mut().for_each(|y| *y = finish(*y));
            }
        });
    }

    /// The gradient of operand `k`, where `local(range, tile)` turns the output's gradient in `tile` into the operand's.
    fn backward(
        &self,
        k: usize,
        dy: &[f32],
        dx: &mut [f32],
        write: Write,
        local: impl Fn(Range<usize>, &mut [f32]) + Sync,
    ) {
        let repeat = self.repeat(k);
        let tile_of = |range: Range<usize>, tile: &mut [f32]| {
            tile.copy_from_slice(&dy[range.clone()]);
            local(range, tile);
        };
        if self.inputs[k] == self.output {
            let each_tile = |first: usize, dx: &mut [f32]| {
                for (index, dx) in dx.chunks_mut(TILE).enumerate() {
                    let start = first + index * TILE;
                    let mut tile: Tile = [0.0; TILE];
                    let tile = &mut tile[..dx.len()];
                    tile_of(start..start + dx.len(), tile);
                    put(write, dx, tile.iter().copied());
                }
            };
            return match repeat.columns {
                None => for_each_rows(dx, 1, each_tile),
                Some(columns) => for_each_row_of(columns, dx, |row, dx| each_tile(row * columns.count, dx)),
            };
        }
        let sample = match repeat.columns {
            None => repeat.input_len,
            Some(columns) => repeat.input_len / columns.count * columns.of,
        };
        for_each_rows(dx, sample, |first, dx| {
            for (index, dx) in dx.chunks_exact_mut(sample).enumerate() {
                if write == Write::Set {
                    for (_, len, place) in pieces(repeat.columns, 0..repeat.input_len) {
                        dx[place..place + len].fill(0.0);
                    }
                }
                let sample = (first + index) * self.len();
                for at in (0..self.len()).step_by(TILE) {
                    let end = self.len().min(at + TILE);
                    let mut tile: Tile = [0.0; TILE];
                    let tile = &mut tile[..end - at];
                    tile_of(sample + at..sample + end, tile);
                    repeat.scatter_add(tile, at..end, dx);
                }
            }
        });
    }

    /// The gradient of an operand that the output is linear in, with this factor.
    pub fn linear_backward(&self, k: usize, factor: f32, dy: &[f32], dx: &mut [f32], write: Write) {
        if self.is_as_the_output(k) {
            return for_each_rows(dx, 1, |first, dx| {
                put(write, dx, dy[first..][..dx.len()].iter().map(|value| value * factor));
            });
        }
        self.backward(k, dy, dx, write, |_, tile| tile.iter_mut().for_each(|value| *value *= factor));
    }

    /// The gradient of a factor of a product: the output's times all other factors.
    pub fn product_backward(&self, k: usize, inputs: &[&[f32]], dy: &[f32], dx: &mut [f32], write: Write) {
        self.backward(k, dy, dx, write, |range, tile| {
            let mut factor: Tile = [0.0; TILE];
            let factor = &mut factor[..tile.len()];
            for (other, input) in inputs.iter().enumerate().filter(|&(other, _)| other != k) {
                self.repeat(other).gather(input, range.clone(), factor);
                tile.iter_mut().zip(&*factor).for_each(|(value, factor)| *value *= factor);
            }
        });
    }

    /// The gradient of an operand of a fold that picks one of two values: where `first(a, b)`, `a` is what it picks and
    /// what gets the gradient, else `b`.
    pub fn choice_backward(
        &self,
        k: usize,
        inputs: &[&[f32]],
        (dy, dx, write): (&[f32], &mut [f32], Write),
        first: impl Fn(f32, f32) -> bool + Sync,
    ) {
        self.backward(k, dy, dx, write, |range, tile| {
            let mut chosen: Tile = [0.0; TILE];
            let mut operand: Tile = [0.0; TILE];
            let (chosen, operand) = (&mut chosen[..tile.len()], &mut operand[..tile.len()]);
            self.repeat(0).gather(inputs[0], range.clone(), chosen);
            for (other, input) in inputs.iter().enumerate().skip(1) {
                self.repeat(other).gather(input, range.clone(), operand);
                for ((value, chosen), &x) in tile.iter_mut().zip(&mut *chosen).zip(&*operand) {
                    let keeps = first(*chosen, x);
                    if (other == k && keeps) || (other > k && !keeps) {
                        *value = 0.0;
                    }
                    *chosen = if keeps || chosen.is_nan() { *chosen } else { x };
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operand_repeats_along_its_axes_of_size_1() {
        let cases: [(&[usize], &[usize]); 8] = [
            (&[2, 3, 4], &[2, 3, 4]),
            (&[1, 1, 4], &[2, 3, 4]),
            (&[2, 3, 1], &[2, 3, 4]),
            (&[2, 1, 4], &[2, 3, 4]),
            (&[1, 3, 1], &[2, 3, 4]),
            (&[1, 1, 1], &[2, 3, 4]),
            (&[2, 1, 1], &[2, 300, 1]),
            (&[], &[]),
        ];
        for (input, output) in cases {
            let repeat = Repeat::new(input, output, None);
            let len: usize = output.iter().product();
            let n = 2;
            let x: Vec<_> = (0..n * repeat.input_len).map(|i| i as f32).collect();
            let expected: Vec<_> = (0..n * len)
                .map(|i| {
                    let (sample, mut rest) = (i / len, i % len);
                    let (mut at, mut stride) = (sample * repeat.input_len, 1);
                    for axis in (0..output.len()).rev() {
                        at += (rest % output[axis]).min(input[axis] - 1) * stride;
                        rest /= output[axis];
                        stride *= input[axis];
                    }
                    x[at]
                })
                .collect();
            for start in 0..n * len {
                for end in [start + 1, n * len] {
                    let mut tile = vec![f32::NAN; end - start];
                    repeat.gather(&x, start..end, &mut tile);
                    assert_eq!(tile, expected[start..end], "{input:?} {output:?}");
                }
            }
        }
    }
}
