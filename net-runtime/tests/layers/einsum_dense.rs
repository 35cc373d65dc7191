//! Products with a kernel along any axes, against a naive loop in f64 over all indices and its finite differences.

use net_runtime::layers::EinsumDense;
use net_runtime::weights::{Affine, Linear};
use net_runtime::{Gradient, Param, Scratch};

use crate::reference::*;

/// An equation with the lengths of its letters, and the descriptor of it.
struct Case {
    equation: [&'static str; 3],
    lengths: &'static [(char, usize)],
    bias: &'static str,
    layer: EinsumDense,
}

impl Case {
    fn length(&self, letter: char) -> usize {
        self.lengths.iter().find(|(known, _)| *known == letter).map(|(_, length)| *length).unwrap()
    }

    fn elements(&self, term: &str) -> usize {
        term.chars().map(|letter| self.length(letter)).product()
    }

    /// The place of an element of a term, by the place of each letter; a letter that is not in `has` is of length 1.
    fn place(&self, term: &str, has: &str, at: &[usize]) -> usize {
        term.chars().fold(0, |place, letter| {
            let index = self.lengths.iter().position(|(known, _)| *known == letter).unwrap();
            if has.contains(letter) { place * self.length(letter) + at[index] } else { place }
        })
    }

    fn naive(&self, n: usize, x: &[f64], kernel: &[f64], bias: &[f64]) -> Vec<f64> {
        let [input, of_kernel, output] = self.equation;
        let (x_len, y_len) = (self.elements(input), self.elements(output));
        let mut y = vec![0.0; n * y_len];
        let all: usize = self.lengths.iter().map(|(_, length)| length).product();
        for (sample, index) in (0..n).flat_map(|sample| (0..all).map(move |index| (sample, index))) {
            let mut rest = index;
            let at: Vec<usize> = self
                .lengths
                .iter()
                .map(|(_, length)| {
                    let place = rest % length;
                    rest /= length;
                    place
                })
                .collect();
            let x = x[sample * x_len + self.place(input, input, &at)];
            let place = self.place(output, output, &at);
            y[sample * y_len + place] += x * kernel[self.place(of_kernel, of_kernel, &at)];
        }
        if !self.bias.is_empty() {
            let lens: Vec<usize> = output.chars().map(|letter| self.length(letter)).collect();
            for (place, y) in y.iter_mut().enumerate() {
                let mut rest = place % y_len;
                let mut at = vec![0; lens.len()];
                for (at, len) in at.iter_mut().zip(&lens).rev() {
                    (*at, rest) = (rest % len, rest / len);
                }
                let of_bias =
                    output.chars().zip(at.iter().zip(&lens)).filter(|(letter, _)| self.bias.contains(*letter));
                *y += bias[of_bias.fold(0, |place, (_, (at, len))| place * len + at)];
            }
        }
        y
    }

    fn check(&self, n: usize) {
        let [input, kernel, output] = self.equation;
        let mut rng = rng(5);
        let [x, kernel] = [n * self.elements(input), self.elements(kernel)].map(|len| uniform(&mut rng, len));
        let bias = uniform(&mut rng, self.elements(self.bias));
        let dy = uniform(&mut rng, n * self.elements(output));
        let param = |values: &[f32]| {
            let mut param = Param::zeros(&[values.len()]);
            param.values_mut().copy_from_slice(values);
            param
        };
        let poisoned = |len: usize| {
            let mut gradient = Gradient::zeros(&[len]);
            gradient.values_mut().fill(f32::NAN);
            gradient.begin();
            gradient
        };
        let (layer, mut scratch) = (&self.layer, Scratch::default());
        let expected = self.naive(n, &wide(&x), &wide(&kernel), &wide(&bias));
        let by_x = slope(|x| self.naive(n, x, &wide(&kernel), &wide(&bias)), &x, &dy);
        let by_kernel = slope(|kernel| self.naive(n, &wide(&x), kernel, &wide(&bias)), &kernel, &dy);
        let mut y = vec![f32::NAN; dy.len()];
        if self.bias.is_empty() {
            let weights = Linear { kernel: param(&kernel) };
            layer.forward(n, &x, &weights, &mut y, &mut scratch);
            let mut gradients = Linear { kernel: poisoned(kernel.len()) };
            layer.backward_weights(n, &x, &dy, &mut gradients, &mut scratch);
            assert_close(gradients.kernel.values(), &by_kernel, 1e-5);
            // What is contributed a second time is added.
            layer.backward_weights(n, &x, &dy, &mut gradients, &mut scratch);
            let twice: Vec<f64> = by_kernel.iter().map(|value| 2.0 * value).collect();
            assert_close(gradients.kernel.values(), &twice, 1e-5);
        } else {
            let weights = Affine { kernel: param(&kernel), bias: param(&bias) };
            layer.forward(n, &x, &weights, &mut y, &mut scratch);
            let mut gradients = Affine { kernel: poisoned(kernel.len()), bias: poisoned(bias.len()) };
            layer.backward_weights(n, &x, &dy, &mut gradients, &mut scratch);
            assert_close(gradients.kernel.values(), &by_kernel, 1e-5);
            let by_bias = slope(|bias| self.naive(n, &wide(&x), &wide(&kernel), bias), &bias, &dy);
            assert_close(gradients.bias.values(), &by_bias, 1e-5);
        }
        assert_close(&y, &expected, 2e-6);
        let weights = Linear { kernel: param(&kernel) };
        let backward = |dx: &mut [f32], write| {
            layer.backward_input(n, &weights, &dy, dx, write, &mut Scratch::default());
        };
        assert_writes(backward, &by_x, 1e-5);
    }
}

#[test]
fn axes_in_every_order() {
    let cases = [
        // A dense layer.
        Case {
            equation: ["sf", "fd", "sd"],
            lengths: &[('s', 5), ('f', 7), ('d', 3)],
            bias: "d",
            layer: EinsumDense {
                input: &[5, 7],
                input_axes: &[0, 1],
                kernel: &[7, 3],
                kernel_axes: &[0, 1],
                contracted: 1,
                result: &[5, 3],
                output_axes: &[0, 1],
                bias: &[3],
            },
        },
        // Heads, and one number for each step and head.
        Case {
            equation: ["sf", "fhd", "hsd"],
            lengths: &[('s', 5), ('f', 7), ('h', 2), ('d', 3)],
            bias: "hs",
            layer: EinsumDense {
                input: &[5, 7],
                input_axes: &[0, 1],
                kernel: &[7, 2, 3],
                kernel_axes: &[0, 1, 2],
                contracted: 1,
                result: &[5, 2, 3],
                output_axes: &[1, 0, 2],
                bias: &[2, 5, 1],
            },
        },
        // The first axis contracted, the kernel transposed.
        Case {
            equation: ["fab", "cf", "bac"],
            lengths: &[('f', 4), ('a', 2), ('b', 3), ('c', 18)],
            bias: "",
            layer: EinsumDense {
                input: &[4, 2, 3],
                input_axes: &[2, 1, 0],
                kernel: &[18, 4],
                kernel_axes: &[1, 0],
                contracted: 1,
                result: &[3, 2, 18],
                output_axes: &[0, 1, 2],
                bias: &[],
            },
        },
        // Two contracted axes on both sides of a column, in another order than the input's; a bias along the middle.
        Case {
            equation: ["gsf", "fdg", "ds"],
            lengths: &[('g', 3), ('s', 6), ('f', 5), ('d', 4)],
            bias: "d",
            layer: EinsumDense {
                input: &[3, 6, 5],
                input_axes: &[1, 2, 0],
                kernel: &[5, 4, 3],
                kernel_axes: &[0, 2, 1],
                contracted: 2,
                result: &[6, 4],
                output_axes: &[1, 0],
                bias: &[4, 1],
            },
        },
        // Nothing contracted, and no column.
        Case {
            equation: ["a", "b", "ba"],
            lengths: &[('a', 3), ('b', 4)],
            bias: "a",
            layer: EinsumDense {
                input: &[3],
                input_axes: &[0],
                kernel: &[4],
                kernel_axes: &[0],
                contracted: 0,
                result: &[3, 4],
                output_axes: &[1, 0],
                bias: &[3],
            },
        },
        Case {
            equation: ["ab", "b", "a"],
            lengths: &[('a', 3), ('b', 4)],
            bias: "",
            layer: EinsumDense {
                input: &[3, 4],
                input_axes: &[0, 1],
                kernel: &[4],
                kernel_axes: &[0],
                contracted: 1,
                result: &[3],
                output_axes: &[0],
                bias: &[],
            },
        },
    ];
    for case in &cases {
        case.check(1);
        case.check(3);
    }
}

#[test]
fn no_samples() {
    let layer = EinsumDense {
        input: &[5, 7],
        input_axes: &[1, 0],
        kernel: &[2, 5],
        kernel_axes: &[1, 0],
        contracted: 1,
        result: &[7, 2],
        output_axes: &[1, 0],
        bias: &[2, 1],
    };
    let weights = Affine { kernel: Param::zeros(&[2, 5]), bias: Param::zeros(&[2, 1]) };
    let mut scratch = Scratch::default();
    layer.forward(0, &[], &weights, &mut [], &mut scratch);
    let mut gradients = Affine { kernel: Gradient::zeros(&[2, 5]), bias: Gradient::zeros(&[2, 1]) };
    layer.backward_weights(0, &[], &[], &mut gradients, &mut scratch);
    layer.backward_input(0, &weights, &[], &mut [], net_runtime::Write::Set, &mut scratch);
}
