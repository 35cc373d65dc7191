//! `Lstm`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, Wanted, batch};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// Long short-term memory. From a hidden state h and a cell state c:
///
/// ```text
/// [i, f, g, o] = x[t] · kernel + h · recurrent_kernel + bias
/// c ← sigmoid(f) ⊙ c + sigmoid(i) ⊙ tanh(g)
/// h ← sigmoid(o) ⊙ tanh(c)
/// ```
#[derive(Debug)]
pub struct Lstm {
    /// Length of both states.
    pub units: usize,
    /// Whether the result is the hidden states of all steps.
    pub sequences: bool,
    /// Whether the last states are results, too.
    pub states: bool,
    /// Whether something is added.
    pub bias: bool,
}

pub(super) fn draw(random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(random_lstm(random)))
}

/// Both states at the start are given.
pub(super) fn draw_with_states(random: &mut Random, _first: &Dims) -> Option<(Rc<dyn Layer>, Vec<Wanted>)> {
    let layer = random_lstm(random);
    let states = vec![Wanted::numbers(vec![layer.units]); 2];
    Some((Rc::new(layer), states))
}

fn random_lstm(random: &mut Random) -> Lstm {
    Lstm {
        units: random.pick(&[1, 2, 3, 4, 5, 8, 15, 16, 17]),
        sequences: random.percent(50),
        states: random.percent(30),
        bias: random.percent(80),
    }
}

/// What is kept of a step: before it h and c, then the gates behind their functions, and c.
struct Step {
    before: [Vec<f64>; 2],
    /// i, f, g, o.
    gates: [Vec<f64>; 4],
    cell: Vec<f64>,
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

impl Lstm {
    /// The state of a sample at the start.
    fn start(&self, x: &[&Tensor], sample: usize) -> [Vec<f64>; 2] {
        [1, 2].map(|operand| match x.get(operand) {
            Some(state) => state.data[sample * self.units..][..self.units].to_vec(),
            None => vec![0.0; self.units],
        })
    }

    /// All steps of a sample, and the last states.
    fn steps(&self, x: &[&Tensor], weights: &[&Tensor], sample: usize) -> (Vec<Step>, [Vec<f64>; 2]) {
        let [_, count, inputs] = x[0].dims[..] else { panic!("steps of features") };
        let (kernel, recurrent, units) = (weights[0], weights[1], self.units);
        let [mut hidden, mut cell] = self.start(x, sample);
        let mut steps = Vec::new();
        for t in 0..count {
            let features = &x[0].data[(sample * count + t) * inputs..][..inputs];
            let sum = |column: usize| {
                let bias = if self.bias { weights[2].data[column] } else { 0.0 };
                let by_features: f64 = (0..inputs).map(|i| features[i] * kernel.data[i * 4 * units + column]).sum();
                let by_state: f64 = (0..units).map(|i| hidden[i] * recurrent.data[i * 4 * units + column]).sum();
                bias + by_features + by_state
            };
            let gate = |gate: usize, function: fn(f64) -> f64| {
                (0..units).map(|unit| function(sum(gate * units + unit))).collect()
            };
            let gates: [Vec<f64>; 4] = [gate(0, sigmoid), gate(1, sigmoid), gate(2, f64::tanh), gate(3, sigmoid)];
            let before = [hidden.clone(), cell.clone()];
            for unit in 0..units {
                cell[unit] = gates[1][unit] * cell[unit] + gates[0][unit] * gates[2][unit];
                hidden[unit] = gates[3][unit] * cell[unit].tanh();
            }
            steps.push(Step { before, gates, cell: cell.clone() });
        }
        (steps, [hidden, cell])
    }
}

impl Layer for Lstm {
    fn kind(&self) -> &'static str {
        "Lstm"
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![self.units.to_string()];
        for (name, wanted, usual) in
            [("sequences", self.sequences, false), ("states", self.states, false), ("bias", self.bias, true)]
        {
            if wanted != usual {
                arguments.push(format!("{name} = {wanted}"));
            }
        }
        arguments
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let [steps, _] = operands[0][..] else { return None };
        let states = vec![self.units];
        if !matches!(operands.len(), 1 | 3) || operands[1..].iter().any(|state| *state != states) {
            return None;
        }
        let first = if self.sequences { vec![steps, self.units] } else { states.clone() };
        Some(if self.states { vec![first, states.clone(), states] } else { vec![first] })
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let mut weights = vec![
            ("kernel", vec![operands[0][1], 4 * self.units]),
            ("recurrent_kernel", vec![self.units, 4 * self.units]),
        ];
        if self.bias {
            weights.push(("bias", vec![4 * self.units]));
        }
        weights
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let dims: Vec<Dims> = x.iter().map(|operand| operand.dims[1..].to_vec()).collect();
        let results = self.results(&dims).expect("operands that fit");
        let mut results: Vec<Tensor> =
            results.iter().map(|dims| Tensor { dims: batch(x[0].samples(), dims), data: Vec::new() }).collect();
        for sample in 0..x[0].samples() {
            let (steps, [hidden, cell]) = self.steps(x, weights, sample);
            if self.sequences {
                // The hidden state behind a step is the one before the next.
                steps[1..].iter().for_each(|step| results[0].data.extend(&step.before[0]));
            }
            results[0].data.extend(&hidden);
            if self.states {
                results[1].data.extend(&hidden);
                results[2].data.extend(&cell);
            }
        }
        results
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let [samples, count, inputs] = x[0].dims[..] else { panic!("steps of features") };
        let (kernel, recurrent, units) = (weights[0], weights[1], self.units);
        let mut operands: Vec<Tensor> = x.iter().map(|operand| Tensor::like(operand)).collect();
        let mut gradients: Vec<Tensor> = weights.iter().map(|weight| Tensor::like(weight)).collect();
        for sample in 0..samples {
            let (steps, _) = self.steps(x, weights, sample);
            let of_state = |result: usize| match self.states {
                true => dy[result].data[sample * units..][..units].to_vec(),
                false => vec![0.0; units],
            };
            let (mut by_hidden, mut by_cell) = (of_state(1), of_state(2));
            for (t, step) in steps.iter().enumerate().rev() {
                for unit in 0..units {
                    by_hidden[unit] += match self.sequences {
                        true => dy[0].data[(sample * count + t) * units + unit],
                        false if t == count - 1 => dy[0].data[sample * units + unit],
                        false => 0.0,
                    };
                }
                // With respect to the sums that went into the gates.
                let mut by_sums = vec![0.0; 4 * units];
                for unit in 0..units {
                    let [i, f, g, o] = [0, 1, 2, 3].map(|gate| step.gates[gate][unit]);
                    let tanh = step.cell[unit].tanh();
                    by_cell[unit] += by_hidden[unit] * o * (1.0 - tanh * tanh);
                    by_sums[unit] = by_cell[unit] * g * i * (1.0 - i);
                    by_sums[units + unit] = by_cell[unit] * step.before[1][unit] * f * (1.0 - f);
                    by_sums[2 * units + unit] = by_cell[unit] * i * (1.0 - g * g);
                    by_sums[3 * units + unit] = by_hidden[unit] * tanh * o * (1.0 - o);
                    by_cell[unit] *= f;
                }
                by_hidden = vec![0.0; units];
                for (column, upstream) in by_sums.iter().enumerate() {
                    for i in 0..inputs {
                        let place = (sample * count + t) * inputs + i;
                        operands[0].data[place] += upstream * kernel.data[i * 4 * units + column];
                        gradients[0].data[i * 4 * units + column] += upstream * x[0].data[place];
                    }
                    for i in 0..units {
                        by_hidden[i] += upstream * recurrent.data[i * 4 * units + column];
                        gradients[1].data[i * 4 * units + column] += upstream * step.before[0][i];
                    }
                    if self.bias {
                        gradients[2].data[column] += upstream;
                    }
                }
            }
            if operands.len() == 3 {
                operands[1].data[sample * units..][..units].copy_from_slice(&by_hidden);
                operands[2].data[sample * units..][..units].copy_from_slice(&by_cell);
            }
        }
        Gradients { operands, weights: gradients }
    }
}
