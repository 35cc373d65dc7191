//! Tensors whose elements lie at regular distances in another one: slices, reversals, repetitions, blocks.

use super::arithmetic::put;
use crate::parallel::for_each_rows;
use crate::tensor::param::Store;

/// Most axes.
const AXES: usize = 7;

/// Elements whose gradients are summed at once, in a buffer on the stack.
const TILE: usize = 256;

/// Shorter runs are copied element by element: a call would take longer.
const SHORT: usize = 16;

/// One axis of the output.
#[derive(Clone, Copy, Debug, Default)]
struct Axis {
    len: usize,
    /// Distance of neighbours in the input: 0 repeats, a negative one goes backwards.
    input: isize,
    /// Distance of neighbours in the output.
    output: usize,
}

/// Where each element of an output comes from: the one with the index i on each axis is element `start + Σ i · stride` of the input,
/// sample by sample.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strided {
    axes: [Axis; AXES],
    rank: usize,
    start: usize,
    /// Elements of a sample of the input, and of the output.
    lens: [usize; 2],
    /// Elements of the input that are there in the output.
    used: usize,
}

impl Strided {
    /// An output of these lengths, whose elements are at most once, or each as often, in an input of `input` elements.
    ///
    /// # Panics
    ///
    /// If there are more axes than any layer has, or an element lies outside of the input.
    pub fn new(input: usize, start: usize, dims: &[usize], strides: &[isize]) -> Self {
        let (mut axes, mut rank) = ([Axis::default(); AXES], 0_usize);
        let (mut output, mut used) = (1, 1);
        let (mut first, mut last) = (start as isize, start as isize);
        for (&len, &stride) in dims.iter().zip(strides).rev() {
            let reach = stride * (len.max(1) - 1) as isize;
            first += reach.min(0);
            last += reach.max(0);
            used *= if stride == 0 { 1 } else { len };
            // Innermost first; an axis that goes on where the one within it ends is part of it.
            match rank.checked_sub(1).map(|inner| &mut axes[inner]) {
                _ if len == 1 => {}
                Some(inner) if inner.input * inner.len as isize == stride => inner.len *= len,
                _ => {
                    axes[rank] = Axis { len, input: stride, output };
                    rank += 1;
                }
            }
            output *= len;
        }
        assert!(output == 0 || (first >= 0 && last < input as isize), "what is taken does not lie within the input");
        axes[..rank].reverse();
        Self { axes, rank, start, lens: [input, output], used }
    }

    fn axes(&self) -> &[Axis] {
        &self.axes[..self.rank]
    }

    /// Computes the output.
    pub fn forward(&self, x: &[f32], y: &mut [f32]) {
        // A task takes whole slices of the outermost axis, or samples that are one run.
        let (outer, inner) = match self.axes() {
            [outer, inner @ ..] if !inner.is_empty() => (*outer, inner),
            axes => (Axis { len: 1, input: 0, output: self.lens[1] }, axes),
        };
        for_each_rows(y, outer.output, |first, y| {
            for (index, y) in y.chunks_exact_mut(outer.output).enumerate() {
                let (sample, slice) = ((first + index) / outer.len, (first + index) % outer.len);
                let x = &x[sample * self.lens[0]..][..self.lens[0]];
                gather(inner, x, self.start as isize + slice as isize * outer.input, y);
            }
        });
    }

    /// Computes the gradient by the input; [`Store::Mask`] is for outputs that have all of it.
    pub fn backward(&self, dy: &[f32], dx: &mut [f32], store: Store) {
        let all = self.used == self.lens[0];
        assert!(all || store != Store::Mask, "what is not in the output has no gradient to be masked");
        // The axes that repeat, innermost last, and the others.
        let (mut moving, mut repeated) = ([Axis::default(); AXES], [Axis::default(); AXES]);
        let (mut movers, mut repeaters) = (0, 0);
        for axis in self.axes() {
            let (list, len) =
                if axis.input == 0 { (&mut repeated, &mut repeaters) } else { (&mut moving, &mut movers) };
            list[*len] = *axis;
            *len += 1;
        }
        if movers == 0 {
            moving[0] = Axis { len: 1, input: 1, output: 1 };
            movers = 1;
        }
        let (moving, repeated) = (&moving[..movers], &repeated[..repeaters]);
        // A task takes whole slices of the outermost axis, where these are what a sample is made of.
        if let [outer, inner @ ..] = moving
            && let Ok(slice) = usize::try_from(outer.input)
            && !inner.is_empty()
            && all
            && slice * outer.len == self.lens[0]
        {
            for_each_rows(dx, slice, |first, dx| {
                for (index, dx) in dx.chunks_exact_mut(slice).enumerate() {
                    let (sample, index) = ((first + index) / outer.len, (first + index) % outer.len);
                    let dy = &dy[sample * self.lens[1]..][..self.lens[1]];
                    scatter(inner, repeated, (dy, index * outer.output), (dx, self.start as isize), store);
                }
            });
            return;
        }
        for_each_rows(dx, self.lens[0], |first, dx| {
            for (index, dx) in dx.chunks_exact_mut(self.lens[0]).enumerate() {
                if store == Store::Set && !all {
                    dx.fill(0.0);
                }
                let dy = &dy[(first + index) * self.lens[1]..][..self.lens[1]];
                scatter(moving, repeated, (dy, 0), (&mut *dx, self.start as isize), store);
            }
        });
    }
}

/// Copies what the axes say, from this element on.
fn gather(axes: &[Axis], x: &[f32], from: isize, y: &mut [f32]) {
    match axes {
        [] => y[0] = x[from as usize],
        [run] => copy_run(run, x, from, y),
        [axis, run] => {
            for (index, y) in y.chunks_exact_mut(axis.output).enumerate() {
                copy_run(run, x, from + index as isize * axis.input, y);
            }
        }
        [axis, inner @ ..] => {
            for (index, y) in y.chunks_exact_mut(axis.output).enumerate() {
                gather(inner, x, from + index as isize * axis.input, y);
            }
        }
    }
}

#[inline(always)]
fn copy_run(run: &Axis, x: &[f32], from: isize, y: &mut [f32]) {
    match run.input {
        0 => y.fill(x[from as usize]),
        1 => {
            let x = &x[from as usize..][..y.len()];
            if y.len() < SHORT {
                y.iter_mut().zip(x).for_each(|(y, x)| *y = *x);
            } else {
                y.copy_from_slice(x);
            }
        }
        stride => {
            y.iter_mut().enumerate().for_each(|(index, y)| *y = x[(from + index as isize * stride) as usize]);
        }
    }
}

/// Writes gradients where the moving axes say, each the sum of those along the repeated axes.
fn scatter(
    moving: &[Axis],
    repeated: &[Axis],
    (dy, from): (&[f32], usize),
    (dx, to): (&mut [f32], isize),
    store: Store,
) {
    let [run] = moving else {
        let [axis, inner @ ..] = moving else { return };
        for index in 0..axis.len {
            let (from, to) = (from + index * axis.output, to + index as isize * axis.input);
            scatter(inner, repeated, (dy, from), (&mut *dx, to), store);
        }
        return;
    };
    for first in (0..run.len).step_by(TILE) {
        let len = TILE.min(run.len - first);
        let (from, to) = (from + first * run.output, to + first as isize * run.input);
        let place = |index: usize| (to + index as isize * run.input) as usize;
        if repeated.is_empty() && run.output == 1 && run.input == 1 {
            put(store, &mut dx[place(0)..][..len], dy[from..][..len].iter().copied());
            continue;
        }
        let mut tile = [0.0; TILE];
        let tile = &mut tile[..len];
        add_repeated(repeated, dy, from, run.output, tile);
        if run.input == 1 {
            put(store, &mut dx[place(0)..][..len], tile.iter().copied());
        } else {
            for (index, value) in tile.iter().enumerate() {
                let index = place(index);
                put(store, &mut dx[index..=index], std::iter::once(*value));
            }
        }
    }
}

/// Adds elements `from`, `from + step`, .. of `dy`, for all indices of the repeated axes.
fn add_repeated(repeated: &[Axis], dy: &[f32], from: usize, step: usize, sums: &mut [f32]) {
    match repeated {
        [axis, inner @ ..] => {
            (0..axis.len).for_each(|index| add_repeated(inner, dy, from + index * axis.output, step, sums));
        }
        [] if step == 1 => sums.iter_mut().zip(&dy[from..]).for_each(|(sum, dy)| *sum += dy),
        [] => sums.iter_mut().zip(dy[from..].iter().step_by(step)).for_each(|(sum, dy)| *sum += dy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Input, start, lengths, strides: runs that are long, short, repeated, reversed, with gaps; axes that become one.
    const CASES: [(usize, usize, &[usize], &[isize]); 12] = [
        (24, 0, &[2, 3, 4], &[12, 4, 1]),
        (24, 5, &[2, 2, 3], &[12, 4, 1]),
        (24, 20, &[6, 4], &[-4, 1]),
        (24, 3, &[6, 4], &[4, -1]),
        (24, 1, &[4, 2], &[6, 3]),
        (5, 0, &[3, 5], &[0, 1]),
        (5, 0, &[5, 3], &[1, 0]),
        (12, 0, &[2, 2, 3, 2, 2], &[6, 0, 2, 0, 1]),
        (600, 0, &[2, 3, 300], &[300, 0, 1]),
        (600, 0, &[600, 3], &[1, 0]),
        (16, 0, &[2, 2, 2, 2, 1], &[8, 2, 4, 1, 1]),
        (1, 0, &[4], &[0]),
    ];

    #[test]
    fn elements_come_from_where_they_are_said_to_and_gradients_go_back() {
        for (input, start, dims, strides) in CASES {
            let strided = Strided::new(input, start, dims, strides);
            let output: usize = dims.iter().product();
            let source = |element: usize| {
                let (mut rest, mut at) = (element, start as isize);
                for (len, stride) in dims.iter().zip(strides).rev() {
                    at += (rest % len) as isize * stride;
                    rest /= len;
                }
                at as usize
            };
            for n in [0, 1, 3] {
                let x: Vec<f32> = (0..n * input).map(|i| i as f32).collect();
                let dy: Vec<f32> = (0..n * output).map(|i| (i % 13) as f32 - 5.0).collect();
                let mut y = vec![f32::NAN; n * output];
                strided.forward(&x, &mut y);
                let mut expected = vec![0.0; n * input];
                for (i, dy) in dy.iter().enumerate() {
                    let at = i / output * input + source(i % output);
                    assert_eq!(y[i], x[at], "{strided:?}");
                    expected[at] += dy;
                }
                let mut dx = vec![f32::NAN; n * input];
                strided.backward(&dy, &mut dx, Store::Set);
                assert_eq!(dx, expected, "{strided:?}");
                strided.backward(&dy, &mut dx, Store::Add);
                assert!(dx.iter().zip(&expected).all(|(dx, expected)| *dx == 2.0 * expected), "{strided:?}");
                if (0..output).map(source).collect::<std::collections::BTreeSet<_>>().len() == input {
                    dx.iter_mut().enumerate().for_each(|(i, dx)| *dx = (i % 2) as f32);
                    strided.backward(&dy, &mut dx, Store::Mask);
                    expected.iter_mut().step_by(2).for_each(|dx| *dx = 0.0);
                    let first = (0..n * input).step_by(2).all(|i| dx[i] == 0.0);
                    assert!(first && dx == expected, "{strided:?}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "does not lie within")]
    fn what_lies_behind_the_input_is_not_taken() {
        Strided::new(6, 1, &[3], &[3]);
    }
}
