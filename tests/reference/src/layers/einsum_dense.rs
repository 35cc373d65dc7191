//! `EinsumDense`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// The sum of products of an input and a kernel over the axes that the result does not have.
#[derive(Debug)]
struct EinsumDense {
    /// A letter for each axis.
    input: Vec<char>,
    kernel: Vec<char>,
    output: Vec<char>,
    /// The lengths of the axes that the kernel adds.
    added: Vec<(char, usize)>,
    /// Letters of the result; none without a bias.
    bias: Vec<char>,
    /// A letter that is written as `...`.
    rest: Option<char>,
}

fn shuffled(random: &mut Random, mut letters: Vec<char>) -> Vec<char> {
    for last in (1..letters.len()).rev() {
        letters.swap(last, random.within(0, last));
    }
    letters
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let rank = single(operands)?.len();
    let input: Vec<char> = ('a'..).take(rank).collect();
    let (mut contracted, mut rows) = (Vec::new(), Vec::new());
    input.iter().for_each(|letter| if random.percent(50) { contracted.push(*letter) } else { rows.push(*letter) });
    let most = if rows.len() < 3 { 2 } else { 0 };
    let least = usize::from(rows.is_empty() || contracted.is_empty());
    let added: Vec<(char, usize)> =
        ('x'..).take(random.within(least, most.max(least))).map(|letter| (letter, random.within(1, 5))).collect();
    let columns = || added.iter().map(|(letter, _)| *letter);
    let rest = rows.iter().copied().find(|_| random.percent(20));
    let kernel = shuffled(random, contracted.iter().copied().chain(columns()).collect());
    let output = shuffled(random, rows.iter().copied().chain(columns()).collect());
    let bias = output.iter().copied().filter(|letter| Some(*letter) != rest && random.percent(40)).collect();
    Some(Rc::new(EinsumDense { input, kernel, output, added, bias, rest }))
}

/// The lengths of all letters.
struct Lengths(Vec<(char, usize)>);

impl Lengths {
    fn of(&self, letter: char) -> usize {
        self.0.iter().find(|(known, _)| *known == letter).expect("every letter has a length").1
    }

    fn dims(&self, letters: &[char]) -> Dims {
        letters.iter().map(|letter| self.of(*letter)).collect()
    }

    /// The place of an element by the places of all letters; those that are not in `has` have none.
    fn place(&self, letters: &[char], has: &[char], at: &[usize]) -> usize {
        letters.iter().filter(|letter| has.contains(letter)).fold(0, |place, letter| {
            let index = self.0.iter().position(|(known, _)| known == letter).expect("every letter has a length");
            place * self.of(*letter) + at[index]
        })
    }

    /// The places of all letters, one after the other.
    fn places(&self) -> impl Iterator<Item = Vec<usize>> {
        let count: usize = self.0.iter().map(|(_, length)| length).product();
        (0..count).map(|index| {
            let mut rest = index;
            let split = |(_, length): &(char, usize)| {
                let place = rest % length;
                rest /= length;
                place
            };
            self.0.iter().map(split).collect()
        })
    }
}

impl EinsumDense {
    fn lengths(&self, operand: &[usize]) -> Lengths {
        Lengths(self.input.iter().copied().zip(operand.iter().copied()).chain(self.added.iter().copied()).collect())
    }

    fn written(&self, letters: &[char]) -> String {
        letters
            .iter()
            .map(|letter| if self.rest == Some(*letter) { "...".to_owned() } else { letter.to_string() })
            .collect()
    }

    fn bias_dims(&self, lengths: &Lengths) -> Dims {
        let first = self.output.iter().position(|letter| self.bias.contains(letter)).unwrap_or(self.output.len());
        let length = |letter: &char| if self.bias.contains(letter) { lengths.of(*letter) } else { 1 };
        self.output[first..].iter().map(length).collect()
    }

    /// For each place of the result, that of the bias.
    fn of_bias(&self, lengths: &Lengths) -> Vec<usize> {
        let output = Lengths(self.output.iter().map(|letter| (*letter, lengths.of(*letter))).collect());
        let mut places = vec![0; output.0.iter().map(|(_, length)| length).product()];
        for at in output.places() {
            places[output.place(&self.output, &self.output, &at)] = output.place(&self.output, &self.bias, &at);
        }
        places
    }
}

impl Layer for EinsumDense {
    fn kind(&self) -> &'static str {
        "EinsumDense"
    }

    fn arguments(&self) -> Vec<String> {
        let [input, kernel, output] = [&self.input, &self.kernel, &self.output].map(|letters| self.written(letters));
        let mut arguments = vec![format!("\"{input},{kernel}->{output}\"")];
        let of =
            |letter: &char| self.added.iter().find(|(added, _)| added == letter).map(|(_, length)| length.to_string());
        let lengths: Vec<String> = self.output.iter().filter_map(of).collect();
        if !lengths.is_empty() {
            arguments.push(format!("outputs = ({})", lengths.join(", ")));
        }
        if !self.bias.is_empty() {
            arguments.push(format!("bias_axes = \"{}\"", self.written(&self.bias)));
        }
        arguments
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let operand = single(operands).filter(|operand| operand.len() == self.input.len())?;
        Some(vec![self.lengths(operand).dims(&self.output)])
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let lengths = self.lengths(&operands[0]);
        let bias = (!self.bias.is_empty()).then(|| ("bias", self.bias_dims(&lengths)));
        std::iter::once(("kernel", lengths.dims(&self.kernel))).chain(bias).collect()
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let (samples, lengths) = (x[0].samples(), self.lengths(&x[0].dims[1..]));
        let mut y = Tensor::zeros(&super::batch(samples, &lengths.dims(&self.output)));
        let [x_len, y_len] = [x[0].data.len() / samples, y.data.len() / samples];
        for (sample, at) in (0..samples).flat_map(|sample| lengths.places().map(move |at| (sample, at))) {
            let x = x[0].data[sample * x_len + lengths.place(&self.input, &self.input, &at)];
            let kernel = weights[0].data[lengths.place(&self.kernel, &self.kernel, &at)];
            y.data[sample * y_len + lengths.place(&self.output, &self.output, &at)] += x * kernel;
        }
        if let Some(bias) = weights.get(1) {
            let places = self.of_bias(&lengths);
            y.data.iter_mut().enumerate().for_each(|(place, y)| *y += bias.data[places[place % y_len]]);
        }
        vec![y]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let (samples, lengths) = (x[0].samples(), self.lengths(&x[0].dims[1..]));
        let mut dx = Tensor::like(x[0]);
        let mut gradients: Vec<Tensor> = weights.iter().map(|weight| Tensor::like(weight)).collect();
        let [x_len, y_len] = [x[0].data.len() / samples, dy[0].data.len() / samples];
        for (sample, at) in (0..samples).flat_map(|sample| lengths.places().map(move |at| (sample, at))) {
            let upstream = dy[0].data[sample * y_len + lengths.place(&self.output, &self.output, &at)];
            let from = sample * x_len + lengths.place(&self.input, &self.input, &at);
            let kernel = lengths.place(&self.kernel, &self.kernel, &at);
            dx.data[from] += upstream * weights[0].data[kernel];
            gradients[0].data[kernel] += upstream * x[0].data[from];
        }
        if let Some(bias) = gradients.get_mut(1) {
            let places = self.of_bias(&lengths);
            dy[0].data.iter().enumerate().for_each(|(place, upstream)| bias.data[places[place % y_len]] += upstream);
        }
        Gradients { operands: vec![dx], weights: gradients }
    }
}
