//! `Lstm`, `Gru`, `SimpleRnn`.

use std::rc::Rc;

use super::{Call, Gradients, Layer, Wanted, batch};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// What is done at a step, with a state h, and with · a matrix product:
///
/// ```text
/// Lstm       [i, f, g, o] = x[t] · kernel + h · recurrent_kernel + bias
///            c ← sigmoid(f) ⊙ c + sigmoid(i) ⊙ tanh(g),  h ← sigmoid(o) ⊙ tanh(c)
/// Gru        [z, r, n] = x[t] · kernel + bias, and [z', r', n'] = h · recurrent_kernel + the second row of bias
///            z, r = sigmoid of both together, n = tanh(n + r ⊙ n')
///            or without the second row, n = tanh(n + (r ⊙ h) · its part of recurrent_kernel)
///            h ← z ⊙ h + (1 − z) ⊙ n
/// SimpleRnn  h ← tanh(x[t] · kernel + h · recurrent_kernel + bias)
/// ```
///
/// Other functions may stand in the places of tanh and sigmoid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// With states h and c.
    Lstm,
    /// With the reset gate r behind the product of the state, or before it.
    Gru {
        /// Behind.
        reset_after: bool,
    },
    /// Without gates.
    SimpleRnn,
}

/// A function whose derivative its result tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)
    Tanh,
    /// 1 / (1 + e⁻ˣ)
    Sigmoid,
    /// x / (1 + |x|)
    Softsign,
    /// ln(1 + eˣ)
    Softplus,
}

impl Function {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Softsign => "softsign",
            Self::Softplus => "softplus",
        }
    }

    pub(super) fn value(self, x: f64) -> f64 {
        match self {
            Self::Tanh => x.tanh(),
            Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Self::Softsign => x / (1.0 + x.abs()),
            Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        }
    }

    /// The derivative where the value is `y`.
    pub(super) fn slope(self, y: f64) -> f64 {
        match self {
            Self::Tanh => 1.0 - y * y,
            Self::Sigmoid => y * (1.0 - y),
            Self::Softsign => (1.0 - y.abs()).powi(2),
            Self::Softplus => 1.0 - (-y).exp(),
        }
    }
}

/// A layer that goes from step to step.
#[derive(Clone, Debug)]
pub struct Recurrent {
    /// What is done at a step.
    pub kind: Kind,
    /// Length of a state.
    pub units: usize,
    /// Whether the result is that of all steps.
    pub sequences: bool,
    /// Whether the last states are results, too.
    pub states: bool,
    /// Whether it begins with the last step.
    pub reverse: bool,
    /// Whether something is added.
    pub bias: bool,
    /// In the places of tanh and sigmoid.
    pub functions: [Function; 2],
    /// Whether the states at the start are operands.
    pub start: bool,
    /// Whether the last operand says which steps count.
    pub masked: bool,
}

pub(super) fn draw(random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    Some(Rc::new(random_layer(random)))
}

/// States at the start are given, or a mask, or both.
pub(super) fn draw_with_more(random: &mut Random, first: &Dims) -> Option<(Rc<dyn Layer>, Vec<Wanted>)> {
    let &[steps, _] = first.as_slice() else { return None };
    let mut layer = random_layer(random);
    layer.start = random.percent(60);
    layer.masked = !layer.start || random.percent(40);
    let count = if layer.start { layer.kind.states() } else { 0 };
    let mut more = vec![Wanted::numbers(vec![layer.units]); count];
    more.extend(layer.masked.then(|| Wanted::mask(vec![steps])));
    Some((Rc::new(layer), more))
}

pub(super) fn random_layer(random: &mut Random) -> Recurrent {
    let kinds =
        [Kind::Lstm, Kind::Lstm, Kind::Gru { reset_after: true }, Kind::Gru { reset_after: false }, Kind::SimpleRnn];
    Recurrent {
        kind: random.pick(&kinds),
        units: random.pick(&[1, 2, 3, 4, 5, 8, 15, 16, 17]),
        sequences: random.percent(50),
        states: random.percent(30),
        reverse: random.percent(25),
        bias: random.percent(80),
        functions: match random.percent(75) {
            true => [Function::Tanh, Function::Sigmoid],
            false => [0, 1].map(|_| random.pick(&[Function::Softsign, Function::Softplus, Function::Sigmoid])),
        },
        start: false,
        masked: false,
    }
}

impl Kind {
    fn gates(self) -> usize {
        match self {
            Self::Lstm => 4,
            Self::Gru { .. } => 3,
            Self::SimpleRnn => 1,
        }
    }

    pub(super) fn states(self) -> usize {
        if self == Self::Lstm { 2 } else { 1 }
    }
}

/// What a turn has done.
struct Turn {
    step: usize,
    /// Whether the step counts.
    counts: bool,
    /// The states before, hidden state first.
    before: [Vec<f64>; 2],
    /// The gates behind their functions.
    gates: Vec<Vec<f64>>,
    /// n' of a `Gru`; the tanh of the cell state of an `Lstm`.
    other: Vec<f64>,
    /// The states behind.
    after: [Vec<f64>; 2],
}

/// Gradients of a turn.
struct By {
    /// With respect to the products of inputs.
    inputs: Vec<f64>,
    /// With respect to the products of the hidden state.
    hidden: Vec<f64>,
    /// With respect to the states before, but for what comes through `hidden`.
    before: [Vec<f64>; 2],
    /// What the hidden state is multiplied by before its last product.
    reset: Option<Vec<f64>>,
}

impl Recurrent {
    fn columns(&self) -> usize {
        self.kind.gates() * self.units
    }

    /// What a turn makes of features and states.
    fn turn(&self, step: usize, features: &[f64], before: [Vec<f64>; 2], weights: &[&Tensor]) -> Turn {
        let (units, columns) = (self.units, self.columns());
        let of = |values: &[f64], kernel: &Tensor, column: usize| -> f64 {
            values.iter().enumerate().map(|(row, value)| value * kernel.data[row * columns + column]).sum()
        };
        let bias = |row: usize, column: usize| {
            let both = weights.get(2).map_or(&[][..], |bias| &bias.data);
            both.get(row * columns + column).copied().unwrap_or(0.0)
        };
        let of_inputs = |column: usize| of(features, weights[0], column) + bias(0, column);
        let [hidden, cell] = &before;
        let of_hidden = |column: usize| of(hidden, weights[1], column) + bias(1, column);
        let gate = |gate: usize, function: Function| -> Vec<f64> {
            let columns = gate * units..(gate + 1) * units;
            columns.map(|column| function.value(of_inputs(column) + of_hidden(column))).collect()
        };
        let each = |value: &dyn Fn(usize) -> f64| -> Vec<f64> { (0..units).map(value).collect() };
        let [tanh, sigmoid] = self.functions;
        let (gates, other, after) = match self.kind {
            Kind::Lstm => {
                let gates = vec![gate(0, sigmoid), gate(1, sigmoid), gate(2, tanh), gate(3, sigmoid)];
                let cell = each(&|unit| gates[1][unit] * cell[unit] + gates[0][unit] * gates[2][unit]);
                let bounded = each(&|unit| tanh.value(cell[unit]));
                let hidden = each(&|unit| gates[3][unit] * bounded[unit]);
                (gates, bounded, [hidden, cell])
            }
            Kind::Gru { reset_after } => {
                let (z, r) = (gate(0, sigmoid), gate(1, sigmoid));
                let reset = each(&|unit| r[unit] * hidden[unit]);
                let other = each(&|unit| of_hidden(2 * units + unit));
                let n = each(&|unit| {
                    let column = 2 * units + unit;
                    let of_state = if reset_after { r[unit] * other[unit] } else { of(&reset, weights[1], column) };
                    tanh.value(of_inputs(column) + of_state)
                });
                let hidden = each(&|unit| z[unit] * hidden[unit] + (1.0 - z[unit]) * n[unit]);
                (vec![z, r, n], other, [hidden, vec![]])
            }
            Kind::SimpleRnn => {
                let hidden = gate(0, tanh);
                (vec![hidden.clone()], vec![], [hidden, vec![]])
            }
        };
        Turn { step, counts: true, before, gates, other, after }
    }

    /// All turns of a sample.
    fn turns(&self, x: &[&Tensor], weights: &[&Tensor], sample: usize) -> Vec<Turn> {
        let [_, count, inputs] = x[0].dims[..] else { panic!("steps of features") };
        let mut states = [0, 1].map(|state| match x.get(1 + state) {
            Some(start) if self.start && state < self.kind.states() => {
                start.data[sample * self.units..][..self.units].to_vec()
            }
            _ => vec![0.0; self.units],
        });
        let mut turns = Vec::new();
        for turn in 0..count {
            let step = if self.reverse { count - 1 - turn } else { turn };
            let features = &x[0].data[(sample * count + step) * inputs..][..inputs];
            let mut done = self.turn(step, features, states.clone(), weights);
            let mask = x.last().filter(|_| self.masked);
            if mask.is_some_and(|mask| mask.data[sample * count + step] == 0.0) {
                done.counts = false;
                done.after = states;
            }
            states = done.after.clone();
            turns.push(done);
        }
        turns
    }

    /// The gradients of a turn that counts, from those with respect to the states behind it.
    fn by(&self, turn: &Turn, behind: &[Vec<f64>; 2], weights: &[&Tensor]) -> By {
        let (units, columns) = (self.units, self.columns());
        let mut by = By {
            inputs: vec![0.0; columns],
            hidden: vec![0.0; columns],
            before: [vec![0.0; units], vec![0.0; units]],
            reset: None,
        };
        let [hidden, cell] = &turn.before;
        let [tanh, sigmoid] = self.functions;
        for unit in 0..units {
            let by_hidden = behind[0][unit];
            match self.kind {
                Kind::Lstm => {
                    let [i, f, g, o] = [0, 1, 2, 3].map(|gate| turn.gates[gate][unit]);
                    let bounded = turn.other[unit];
                    let by_cell = behind[1][unit] + by_hidden * o * tanh.slope(bounded);
                    by.inputs[unit] = by_cell * g * sigmoid.slope(i);
                    by.inputs[units + unit] = by_cell * cell[unit] * sigmoid.slope(f);
                    by.inputs[2 * units + unit] = by_cell * i * tanh.slope(g);
                    by.inputs[3 * units + unit] = by_hidden * bounded * sigmoid.slope(o);
                    by.before[1][unit] = by_cell * f;
                }
                Kind::Gru { .. } => {
                    let [z, _, n] = [0, 1, 2].map(|gate| turn.gates[gate][unit]);
                    by.inputs[unit] = by_hidden * (hidden[unit] - n) * sigmoid.slope(z);
                    by.inputs[2 * units + unit] = by_hidden * (1.0 - z) * tanh.slope(n);
                    by.before[0][unit] = by_hidden * z;
                }
                Kind::SimpleRnn => by.inputs[unit] = by_hidden * tanh.slope(turn.after[0][unit]),
            }
        }
        if let Kind::Gru { reset_after } = self.kind {
            let r = &turn.gates[1];
            for unit in 0..units {
                let by_reset = match reset_after {
                    true => by.inputs[2 * units + unit] * turn.other[unit],
                    false => {
                        let row = &weights[1].data[unit * columns + 2 * units..][..units];
                        let by_product: f64 = row.iter().zip(&by.inputs[2 * units..]).map(|(a, b)| a * b).sum();
                        by.before[0][unit] += by_product * r[unit];
                        by_product * hidden[unit]
                    }
                };
                by.inputs[units + unit] = by_reset * sigmoid.slope(r[unit]);
            }
            if !reset_after {
                by.reset = Some(r.clone());
            }
        }
        by.hidden.clone_from(&by.inputs);
        if self.kind == (Kind::Gru { reset_after: true }) {
            by.hidden[2 * units..].iter_mut().zip(&turn.gates[1]).for_each(|(by, r)| *by *= r);
        }
        by
    }

    fn dims(x: &[&Tensor]) -> Vec<Dims> {
        x.iter().map(|operand| operand.dims[1..].to_vec()).collect()
    }
}

impl Layer for Recurrent {
    /// It could drop some of its inputs.
    fn streams(&self) -> u64 {
        1
    }

    fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Lstm => "Lstm",
            Kind::Gru { .. } => "Gru",
            Kind::SimpleRnn => "SimpleRnn",
        }
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![self.units.to_string()];
        let [tanh, sigmoid] = self.functions;
        if tanh != Function::Tanh {
            arguments.push(format!("activation = {}", tanh.name()));
        }
        if sigmoid != Function::Sigmoid && self.kind != Kind::SimpleRnn {
            arguments.push(format!("recurrent_activation = {}", sigmoid.name()));
        }
        for (name, wanted, usual) in [
            ("sequences", self.sequences, false),
            ("states", self.states, false),
            ("reverse", self.reverse, false),
            ("reset_after", self.kind != Kind::Gru { reset_after: false }, true),
            ("bias", self.bias, true),
        ] {
            if wanted != usual {
                arguments.push(format!("{name} = {wanted}"));
            }
        }
        arguments
    }

    fn operand_names(&self) -> &'static [Option<&'static str>] {
        match (self.start, self.masked, self.kind.states()) {
            (_, false, _) => &[],
            (false, true, _) => &[None, Some("mask")],
            (true, true, 1) => &[None, Some("state"), Some("mask")],
            (true, true, _) => &[None, None, None, Some("mask")],
        }
    }

    fn without_gradient(&self) -> &'static [usize] {
        match (self.start, self.masked, self.kind.states()) {
            (_, false, _) => &[],
            (false, true, _) => &[1],
            (true, true, 1) => &[2],
            (true, true, _) => &[3],
        }
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let [steps, _] = operands[0][..] else { return None };
        let state = vec![self.units];
        let mut expected = vec![operands[0].clone()];
        expected.extend(self.start.then(|| vec![state.clone(); self.kind.states()]).into_iter().flatten());
        expected.extend(self.masked.then(|| vec![steps]));
        if operands != expected {
            return None;
        }
        let mut results = vec![if self.sequences { vec![steps, self.units] } else { state.clone() }];
        results.extend(self.states.then(|| vec![state; self.kind.states()]).into_iter().flatten());
        Some(results)
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let columns = self.columns();
        let bias = if self.kind == (Kind::Gru { reset_after: true }) { vec![2, columns] } else { vec![columns] };
        let kernels =
            [("kernel", vec![operands[0][1], columns]), ("recurrent_kernel", vec![self.units, columns])].into_iter();
        kernels.chain(self.bias.then_some(("bias", bias))).collect()
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let results = self.results(&Self::dims(x)).expect("operands that fit");
        let mut results: Vec<Tensor> =
            results.iter().map(|dims| Tensor { dims: batch(x[0].samples(), dims), data: Vec::new() }).collect();
        for sample in 0..x[0].samples() {
            let turns = self.turns(x, weights, sample);
            // The result of a step that does not count is the one before it, zeros at first.
            let mut result = vec![0.0; self.units];
            for turn in &turns {
                if turn.counts {
                    result.clone_from(&turn.after[0]);
                }
                if self.sequences {
                    results[0].data.extend(&result);
                }
            }
            if !self.sequences {
                results[0].data.extend(&result);
            }
            let last = turns.last().expect("a step");
            for (result, state) in results[1..].iter_mut().zip(&last.after) {
                result.data.extend(state);
            }
        }
        results
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let [samples, count, inputs] = x[0].dims[..] else { panic!("steps of features") };
        let (units, columns) = (self.units, self.columns());
        let mut operands: Vec<Tensor> = x.iter().map(|operand| Tensor::like(operand)).collect();
        let mut gradients: Vec<Tensor> = weights.iter().map(|weight| Tensor::like(weight)).collect();
        for sample in 0..samples {
            let turns = self.turns(x, weights, sample);
            let mut behind = [0, 1].map(|state| match self.states && state < self.kind.states() {
                true => dy[1 + state].data[sample * units..][..units].to_vec(),
                false => vec![0.0; units],
            });
            // Of results that are copies of one that comes before them.
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
                behind[0].iter_mut().zip(&mut copied).for_each(|(sum, copied)| *sum += std::mem::take(copied));
                let by = self.by(turn, &behind, weights);
                behind = by.before;
                let place = (sample * count + turn.step) * inputs;
                for column in 0..columns {
                    for i in 0..inputs {
                        operands[0].data[place + i] += by.inputs[column] * weights[0].data[i * columns + column];
                        gradients[0].data[i * columns + column] += by.inputs[column] * x[0].data[place + i];
                    }
                    let reset = by.reset.as_ref().filter(|_| column >= 2 * units);
                    for i in 0..units {
                        let left = turn.before[0][i] * reset.map_or(1.0, |reset| reset[i]);
                        gradients[1].data[i * columns + column] += by.hidden[column] * left;
                        if reset.is_none() {
                            behind[0][i] += by.hidden[column] * weights[1].data[i * columns + column];
                        }
                    }
                    if let Some(bias) = gradients.get_mut(2) {
                        bias.data[column] += by.inputs[column];
                        if let Some(second) = bias.data.get_mut(columns + column) {
                            *second += by.hidden[column];
                        }
                    }
                }
            }
            for (state, behind) in behind.iter().enumerate().take(if self.start { self.kind.states() } else { 0 }) {
                operands[1 + state].data[sample * units..][..units].copy_from_slice(behind);
            }
        }
        Gradients { operands, weights: gradients }
    }
}
