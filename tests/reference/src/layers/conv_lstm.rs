//! `ConvLstm1d`, `ConvLstm2d`, `ConvLstm3d`: an LSTM whose products are convolutions.

use std::rc::Rc;

use super::convolution::{self, Convolution};
use super::recurrent::Function;
use super::{Call, Gradients, Layer, Padding, Wanted, batch, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor, elements};

/// With states h and c, and with ∗ a convolution:
///
/// ```text
/// [i, f, g, o] = x[t] ∗ kernel + h ∗ recurrent_kernel + bias
/// c ← sigmoid(f) ⊙ c + sigmoid(i) ⊙ tanh(g),  h ← sigmoid(o) ⊙ tanh(c)
/// ```
///
/// Other functions may stand in the places of tanh and sigmoid.
#[derive(Debug)]
pub struct ConvLstm {
    /// How an image is convolved, to the channels of all gates.
    convolution: Convolution,
    sequences: bool,
    states: bool,
    reverse: bool,
    bias: bool,
    functions: [Function; 2],
    /// Whether the states at the start are operands.
    start: bool,
    /// Whether the last operand says which steps count.
    masked: bool,
}

/// Multiply-adds of a sample that the naive loops do in no time.
const MOST: usize = 30_000;

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let layer = random_layer(random, single(operands)?)?;
    Some(Rc::new(layer))
}

/// States at the start are given, or a mask, or both.
pub(super) fn draw_with_more(random: &mut Random, first: &Dims) -> Option<(Rc<dyn Layer>, Vec<Wanted>)> {
    let mut layer = random_layer(random, first)?;
    layer.start = random.percent(60);
    layer.masked = !layer.start || random.percent(40);
    let state = layer.state(first)?;
    let mut more = vec![Wanted::numbers(state); if layer.start { 2 } else { 0 }];
    more.extend(layer.masked.then(|| Wanted::mask(vec![first[0]])));
    Some((Rc::new(layer), more))
}

fn random_layer(random: &mut Random, operand: &Dims) -> Option<ConvLstm> {
    let axes = operand.len().checked_sub(2).filter(|axes| (1..=3).contains(axes))?;
    let [mut stride, mut dilation] = [1, 1].map(|one| vec![one; axes]);
    match random.below(4) {
        0 => stride.iter_mut().for_each(|stride| *stride = random.within(1, 2)),
        1 => dilation.iter_mut().for_each(|dilation| *dilation = random.within(1, 2)),
        _ => {}
    }
    let convolution = Convolution {
        kind: convolution::Kind::Plain,
        filters: 4 * random.pick(&[1, 2, 3, 5]),
        size: (0..axes).map(|_| random.within(1, 3)).collect(),
        stride,
        dilation,
        padding: random.pick(&[Padding::Valid, Padding::Same]),
        output_padding: None,
        groups: 1,
        bias: false,
    };
    let layer = ConvLstm {
        convolution,
        sequences: random.percent(50),
        states: random.percent(30),
        reverse: random.percent(25),
        bias: random.percent(80),
        functions: match random.percent(75) {
            true => [Function::Tanh, Function::Sigmoid],
            // Gates without a bound let the state of many channels grow by the square at each step.
            false => [random.pick(&[Function::Softsign, Function::Softplus]), Function::Softsign],
        },
        start: false,
        masked: false,
    };
    let state = layer.state(operand)?;
    let channels = operand[axes + 1] + state[axes];
    let cost = operand[0] * elements(&state) * 4 * elements(&layer.convolution.size) * channels;
    (cost <= MOST).then_some(layer)
}

/// What a turn has done.
struct Turn {
    step: usize,
    counts: bool,
    /// The states before, hidden state first.
    before: [Tensor; 2],
    /// The gates behind their functions, `[1, ..., 4 · filters]`.
    gates: Tensor,
    /// The function of the cell state.
    bounded: Vec<f64>,
    after: [Tensor; 2],
}

impl ConvLstm {
    fn filters(&self) -> usize {
        self.convolution.filters / 4
    }

    /// That of hidden states.
    fn of_state(&self) -> Convolution {
        let ones = vec![1; self.convolution.size.len()];
        Convolution { stride: ones.clone(), dilation: ones, padding: Padding::Same, ..self.convolution.clone() }
    }

    /// The shape of a state.
    fn state(&self, operand: &Dims) -> Option<Dims> {
        let mut state = self.convolution.output(&operand.get(1..)?.to_vec())?;
        *state.last_mut()? = self.filters();
        Some(state)
    }

    /// Where a gate of an element of a state lies.
    fn gate(&self, gate: usize, element: usize) -> usize {
        let filters = self.filters();
        element / filters * 4 * filters + gate * filters + element % filters
    }

    /// The image of a step of a sample.
    fn image(x: &Tensor, sample: usize, step: usize) -> Tensor {
        let dims = &x.dims[2..];
        let len = elements(dims);
        Tensor { dims: batch(1, dims), data: x.data[(sample * x.dims[1] + step) * len..][..len].to_vec() }
    }

    fn turns(&self, x: &[&Tensor], weights: &[&Tensor], sample: usize) -> Vec<Turn> {
        let state = self.state(&x[0].dims[1..].to_vec()).expect("windows that fit");
        let (units, count, of_state) = (elements(&state), x[0].dims[1], self.of_state());
        let [tanh, sigmoid] = self.functions;
        let mut states = [0, 1].map(|which| match x.get(1 + which).filter(|_| self.start) {
            Some(start) => Tensor { dims: batch(1, &state), data: start.data[sample * units..][..units].to_vec() },
            None => Tensor::zeros(&batch(1, &state)),
        });
        let mut turns = Vec::new();
        for turn in 0..count {
            let step = if self.reverse { count - 1 - turn } else { turn };
            let mut gates = self.convolution.sums(&Self::image(x[0], sample, step), weights[0]);
            gates.add(&of_state.sums(&states[0], weights[1]));
            if let Some(bias) = weights.get(2) {
                convolution::add_bias(&mut gates, bias);
            }
            let mut after = states.clone();
            let mut bounded = vec![0.0; units];
            for element in 0..units {
                let places = [0, 1, 2, 3].map(|gate| self.gate(gate, element));
                let [i, f, g, o] = [0, 1, 2, 3].map(|gate| {
                    let function = if gate == 2 { tanh } else { sigmoid };
                    gates.data[places[gate]] = function.value(gates.data[places[gate]]);
                    gates.data[places[gate]]
                });
                after[1].data[element] = f * states[1].data[element] + i * g;
                bounded[element] = tanh.value(after[1].data[element]);
                after[0].data[element] = o * bounded[element];
            }
            let mask = x.last().filter(|_| self.masked);
            let counts = mask.is_none_or(|mask| mask.data[sample * count + step] != 0.0);
            let after = if counts { after } else { states.clone() };
            turns.push(Turn { step, counts, before: states, gates, bounded, after: after.clone() });
            states = after;
        }
        turns
    }
}

impl Layer for ConvLstm {
    /// It could drop some of its inputs.
    fn streams(&self) -> u64 {
        1
    }

    fn kind(&self) -> &'static str {
        ["ConvLstm1d", "ConvLstm2d", "ConvLstm3d"][self.convolution.size.len() - 1]
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![self.filters().to_string(), convolution::extents(&self.convolution.size)];
        arguments.extend(self.convolution.arguments_of_window());
        let [tanh, sigmoid] = self.functions;
        if tanh != Function::Tanh {
            arguments.push(format!("activation = {}", tanh.name()));
        }
        if sigmoid != Function::Sigmoid {
            arguments.push(format!("recurrent_activation = {}", sigmoid.name()));
        }
        for (name, wanted, usual) in [
            ("sequences", self.sequences, false),
            ("states", self.states, false),
            ("reverse", self.reverse, false),
            ("bias", self.bias, true),
        ] {
            if wanted != usual {
                arguments.push(format!("{name} = {wanted}"));
            }
        }
        arguments
    }

    fn operand_names(&self) -> &'static [Option<&'static str>] {
        match (self.start, self.masked) {
            (_, false) => &[],
            (false, true) => &[None, Some("mask")],
            (true, true) => &[None, None, None, Some("mask")],
        }
    }

    fn without_gradient(&self) -> &'static [usize] {
        match (self.start, self.masked) {
            (_, false) => &[],
            (false, true) => &[1],
            (true, true) => &[3],
        }
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let operand = &operands[0];
        if operand.len() != self.convolution.size.len() + 2 {
            return None;
        }
        let state = self.state(operand)?;
        let mut expected = vec![operand.clone()];
        expected.extend(vec![state.clone(); if self.start { 2 } else { 0 }]);
        expected.extend(self.masked.then(|| vec![operand[0]]));
        if operands != expected {
            return None;
        }
        let mut results = vec![if self.sequences { batch(operand[0], &state) } else { state.clone() }];
        results.extend(vec![state; if self.states { 2 } else { 0 }]);
        Some(results)
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let channels = *operands[0].last().expect("channels");
        let kernels = [
            ("kernel", self.convolution.kernel(channels)),
            ("recurrent_kernel", self.convolution.kernel(self.filters())),
        ];
        let bias = self.bias.then(|| ("bias", vec![self.convolution.filters]));
        kernels.into_iter().chain(bias).collect()
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let dims: Vec<Dims> = x.iter().map(|operand| operand.dims[1..].to_vec()).collect();
        let results = self.results(&dims).expect("operands that fit");
        let mut results: Vec<Tensor> =
            results.iter().map(|dims| Tensor { dims: batch(x[0].samples(), dims), data: Vec::new() }).collect();
        for sample in 0..x[0].samples() {
            let turns = self.turns(x, weights, sample);
            // The result of a step that does not count is the one before it, zeros at first.
            let mut result = vec![0.0; turns[0].after[0].data.len()];
            for (number, turn) in turns.iter().enumerate() {
                if turn.counts {
                    result.clone_from(&turn.after[0].data);
                }
                if self.sequences || number + 1 == turns.len() {
                    results[0].data.extend(&result);
                }
            }
            let last = turns.last().expect("a step");
            for (result, state) in results[1..].iter_mut().zip(&last.after) {
                result.data.extend(&state.data);
            }
        }
        results
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let mut operands: Vec<Tensor> = x.iter().map(|operand| Tensor::like(operand)).collect();
        let mut gradients: Vec<Tensor> = weights.iter().map(|weight| Tensor::like(weight)).collect();
        let (count, of_state, [tanh, sigmoid]) = (x[0].dims[1], self.of_state(), self.functions);
        for sample in 0..x[0].samples() {
            let turns = self.turns(x, weights, sample);
            let units = turns[0].bounded.len();
            let mut behind = [0, 1].map(|state| match dy.get(1 + state) {
                Some(dy) => dy.data[sample * units..][..units].to_vec(),
                None => vec![0.0; units],
            });
            // What comes to the result of a step, and through those that do not count behind it.
            let mut copied = vec![0.0; units];
            for (number, turn) in turns.iter().enumerate().rev() {
                let upstream = match self.sequences {
                    true => Some(&dy[0].data[(sample * count + number) * units..][..units]),
                    false => (number + 1 == count).then(|| &dy[0].data[sample * units..][..units]),
                };
                copied.iter_mut().zip(upstream.into_iter().flatten()).for_each(|(sum, dy)| *sum += dy);
                if !turn.counts {
                    continue;
                }
                let mut by_sums = Tensor::like(&turn.gates);
                for element in 0..units {
                    let places = [0, 1, 2, 3].map(|gate| self.gate(gate, element));
                    let [i, f, g, o] = places.map(|place| turn.gates.data[place]);
                    let (by_hidden, bounded) =
                        (behind[0][element] + std::mem::take(&mut copied[element]), turn.bounded[element]);
                    let by_cell = behind[1][element] + by_hidden * o * tanh.slope(bounded);
                    let by = [
                        by_cell * g * sigmoid.slope(i),
                        by_cell * turn.before[1].data[element] * sigmoid.slope(f),
                        by_cell * i * tanh.slope(g),
                        by_hidden * bounded * sigmoid.slope(o),
                    ];
                    places.into_iter().zip(by).for_each(|(place, by)| by_sums.data[place] = by);
                    behind[1][element] = by_cell * f;
                }
                let image = Self::image(x[0], sample, turn.step);
                let [dx, by_kernel] = self.convolution.gradients(&image, weights[0], &by_sums);
                let [by_hidden, by_recurrent] = of_state.gradients(&turn.before[0], weights[1], &by_sums);
                operands[0].data[(sample * count + turn.step) * dx.data.len()..][..dx.data.len()]
                    .copy_from_slice(&dx.data);
                gradients[0].add(&by_kernel);
                gradients[1].add(&by_recurrent);
                if let Some(bias) = gradients.get_mut(2) {
                    bias.add(&super::dense::sum_of_rows(&by_sums, self.convolution.filters));
                }
                behind[0] = by_hidden.data;
            }
            for (state, behind) in behind.iter().enumerate().take(if self.start { 2 } else { 0 }) {
                operands[1 + state].data[sample * units..][..units].copy_from_slice(behind);
            }
        }
        Gradients { operands, weights: gradients }
    }
}
