//! `Bidirectional`: a recurrent layer in both directions.

use std::rc::Rc;

use super::recurrent::{self, Recurrent};
use super::{Call, Gradients, Layer, To, Wanted};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// How the results of both directions become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Together {
    Concat,
    Sum,
    Mul,
    Ave,
    /// Both are results.
    None,
}

/// Two layers of one kind, of which the second one goes from the last step to the first. Its result of each step stands where the
/// step does.
#[derive(Debug)]
struct Bidirectional {
    forward: Recurrent,
    backward: Recurrent,
    /// Whether the second one is written.
    both: bool,
    together: Together,
}

pub(super) fn draw(random: &mut Random, _operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let layer = random_layer(random);
    Some(Rc::new(layer))
}

/// A mask is given, or states at the start of both directions, or both.
pub(super) fn draw_with_more(random: &mut Random, first: &Dims) -> Option<(Rc<dyn Layer>, Vec<Wanted>)> {
    let &[steps, _] = first.as_slice() else { return None };
    let mut layer = random_layer(random);
    let start = random.percent(50);
    let masked = !start || random.percent(40);
    let mut more = Vec::new();
    for half in [&mut layer.forward, &mut layer.backward] {
        (half.start, half.masked) = (start, masked);
        let states = if start { half.kind.states() } else { 0 };
        more.extend(vec![Wanted::numbers(vec![half.units]); states]);
    }
    more.extend(masked.then(|| Wanted::mask(vec![steps])));
    Some((Rc::new(layer), more))
}

fn random_layer(random: &mut Random) -> Bidirectional {
    let forward = Recurrent { reverse: false, ..recurrent::random_layer(random) };
    let together =
        random.pick(&[Together::Concat, Together::Concat, Together::Sum, Together::Mul, Together::Ave, Together::None]);
    let both = random.percent(30);
    let mut backward = Recurrent { reverse: true, ..forward.clone() };
    if both {
        backward.bias = random.percent(50);
        if matches!(together, Together::Concat | Together::None) {
            backward.units = random.within(1, 9);
        }
    }
    Bidirectional { forward, backward, both, together }
}

/// The steps of a result in the opposite order.
fn flipped(y: &Tensor) -> Tensor {
    let [_, steps, features] = y.dims[..] else { panic!("steps of features") };
    Tensor::from_fn(&y.dims, |place| {
        let (sample, step) = (place / (steps * features), place / features % steps);
        y.data[(sample * steps + steps - 1 - step) * features + place % features]
    })
}

impl Bidirectional {
    /// What each direction takes.
    fn operands<'a, T: ?Sized>(&self, all: &[&'a T]) -> [Vec<&'a T>; 2] {
        let states = if self.forward.start { self.forward.kind.states() } else { 0 };
        let mask = &all[1 + 2 * states..];
        [0, 1].map(|half| [&all[..1], &all[1 + half * states..][..states], mask].concat())
    }

    /// Which half has the weight of this index.
    fn half_of_weight(&self, index: usize) -> usize {
        usize::from(index >= if self.forward.bias { 3 } else { 2 })
    }

    fn halves(&self) -> [&Recurrent; 2] {
        [&self.forward, &self.backward]
    }

    /// The first result of the second direction, each step where it belongs.
    fn in_place(&self, y: &Tensor) -> Tensor {
        if self.backward.sequences { flipped(y) } else { y.clone() }
    }

    /// The results of both directions.
    fn of_both(&self, call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> [Vec<Tensor>; 2] {
        let (first, second) = weights.split_at(if self.forward.bias { 3 } else { 2 });
        let [of_first, of_second] = self.operands(x);
        let forward = self.forward.forward(call, &of_first, first);
        let mut backward = self.backward.forward(call, &of_second, second);
        backward[0] = self.in_place(&backward[0]);
        [forward, backward]
    }

    /// The gradients by the first results of both, from those of what they became.
    fn parted(&self, y: [&Tensor; 2], dy: &[&Tensor]) -> [Tensor; 2] {
        let dy = |half: usize| dy[if self.together == Together::None { half } else { 0 }];
        let [first, second] = y.map(|y| *y.dims.last().expect("features"));
        [0, 1].map(|half| {
            Tensor::from_fn(&y[half].dims, |place| match self.together {
                Together::Concat => {
                    let own = [first, second][half];
                    dy(half).data[place / own * (first + second) + half * first + place % own]
                }
                Together::Sum | Together::None => dy(half).data[place],
                Together::Mul => dy(half).data[place] * y[1 - half].data[place],
                Together::Ave => dy(half).data[place] / 2.0,
            })
        })
    }
}

impl Layer for Bidirectional {
    fn kind(&self) -> &'static str {
        "Bidirectional"
    }

    fn arguments(&self) -> Vec<String> {
        let written = |half: &Recurrent| {
            let half = Recurrent { reverse: false, ..half.clone() };
            format!("{}({})", half.kind(), half.arguments().join(", "))
        };
        let mut arguments = vec![written(&self.forward)];
        arguments.extend(self.both.then(|| format!("backward = {}", written(&self.backward))));
        let together = match self.together {
            Together::Concat => None,
            Together::Sum => Some("sum"),
            Together::Mul => Some("mul"),
            Together::Ave => Some("ave"),
            Together::None => Some("none"),
        };
        arguments.extend(together.map(|word| format!("merge = {word}")));
        arguments
    }

    fn operand_names(&self) -> &'static [Option<&'static str>] {
        match (self.forward.start, self.forward.masked, self.forward.kind.states()) {
            (false, false, _) => &[],
            (false, true, _) => &[None, Some("mask")],
            (true, false, 1) => &[None, Some("forward_state"), Some("backward_state")],
            (true, true, 1) => &[None, Some("forward_state"), Some("backward_state"), Some("mask")],
            (true, false, _) => &[None, Some("forward_h"), Some("forward_c"), Some("backward_h"), Some("backward_c")],
            (true, true, _) => {
                &[None, Some("forward_h"), Some("forward_c"), Some("backward_h"), Some("backward_c"), Some("mask")]
            }
        }
    }

    fn without_gradient(&self) -> &'static [usize] {
        match (self.forward.start, self.forward.masked, self.forward.kind.states()) {
            (_, false, _) => &[],
            (false, true, _) => &[1],
            (true, true, 1) => &[3],
            (true, true, _) => &[5],
        }
    }

    fn leads(&self, result: usize, to: To) -> bool {
        let merged = if self.together == Together::None { 2 } else { 1 };
        let states = self.forward.kind.states();
        // The half that has the result; the only merged one is of both.
        let from = match result {
            0 if merged == 1 => return true,
            _ if result < merged => result,
            _ => (result - merged) / states,
        };
        match to {
            To::Weight(index) => from == self.half_of_weight(index),
            To::Operand(index) if self.forward.start && (1..=2 * states).contains(&index) => {
                from == (index - 1) / states
            }
            To::Operand(_) => true,
        }
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let states = if self.forward.start { 2 * self.forward.kind.states() } else { 0 };
        if operands.len() != 1 + states + usize::from(self.forward.masked) {
            return None;
        }
        let [first, second] =
            self.operands(&operands.iter().collect::<Vec<_>>()).map(|own| own.into_iter().cloned().collect::<Vec<_>>());
        let (first, second) = (self.forward.results(&first)?, self.backward.results(&second)?);
        let mut results = vec![first[0].clone()];
        match self.together {
            Together::None => results.push(second[0].clone()),
            Together::Concat => *results[0].last_mut()? += second[0].last()?,
            Together::Sum | Together::Mul | Together::Ave if first[0] != second[0] => return None,
            Together::Sum | Together::Mul | Together::Ave => {}
        }
        results.extend([&first[1..], &second[1..]].concat());
        Some(results)
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        self.halves().map(|half| half.weights(&operands[..1])).concat()
    }

    fn weight_name(&self, own: &str, index: usize, parameter: &str) -> String {
        let direction = ["forward", "backward"][self.half_of_weight(index)];
        let kind = match self.forward.kind() {
            "SimpleRnn" => "simple_rnn",
            "Gru" => "gru",
            _ => "lstm",
        };
        format!("{own}_{direction}_{kind}.{parameter}")
    }

    fn streams(&self) -> u64 {
        2
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let [forward, backward] = self.of_both(call, x, weights);
        let (first, second) = (&forward[0], &backward[0]);
        let each = |merge: fn(f64, f64) -> f64| {
            Tensor::from_fn(&first.dims, |place| merge(first.data[place], second.data[place]))
        };
        let mut results = match self.together {
            Together::Concat => {
                let [of_first, of_second] = [first, second].map(|y| *y.dims.last().expect("features"));
                let mut dims = first.dims.clone();
                *dims.last_mut().expect("features") += of_second;
                let rows = first.data.chunks(of_first).zip(second.data.chunks(of_second));
                vec![Tensor { dims, data: rows.flat_map(|(first, second)| [first, second].concat()).collect() }]
            }
            Together::Sum => vec![each(|first, second| first + second)],
            Together::Mul => vec![each(|first, second| first * second)],
            Together::Ave => vec![each(|first, second| (first + second) / 2.0)],
            Together::None => vec![first.clone(), second.clone()],
        };
        results.extend([&forward[1..], &backward[1..]].concat());
        results
    }

    fn backward(&self, call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let both = self.of_both(&mut call.clone(), x, weights);
        let merged = if self.together == Together::None { 2 } else { 1 };
        let [to_first, to_second] = self.parted([&both[0][0], &both[1][0]], dy);
        let (of_first, of_second) = weights.split_at(if self.forward.bias { 3 } else { 2 });
        let [first, second] = self.operands(x);
        let (states, more_states) = dy[merged..].split_at(both[0].len() - 1);
        let to_second = self.in_place(&to_second);
        // A recurrent layer's backward pass reads no results.
        let first = self.forward.backward(call, &first, of_first, &[], &[&[&to_first], states].concat());
        let second = self.backward.backward(call, &second, of_second, &[], &[&[&to_second], more_states].concat());
        let own = if self.forward.start { self.forward.kind.states() } else { 0 };
        let by_x = Tensor::from_fn(&x[0].dims, |place| first.operands[0].data[place] + second.operands[0].data[place]);
        let mut operands = vec![by_x];
        operands.extend([&first.operands[1..][..own], &second.operands[1..][..own]].concat());
        operands.extend(self.forward.masked.then(|| Tensor::like(x[x.len() - 1])));
        Gradients { operands, weights: [first.weights, second.weights].concat() }
    }
}
