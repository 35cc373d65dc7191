//! A sequence of labels of which nobody knows where in the steps they are.

use std::cell::RefCell;

use super::{Input, Loss, rows};
use crate::kernels::elementwise::flush::DERIVATIVE;
use crate::kernels::reduce::softmax::{self, Targets};
use crate::tensor::argmax::argmax;
use crate::tensor::param::Write;

/// Connectionist temporal classification (Graves et al., "Connectionist Temporal Classification", 2006): minus the logarithm of the
/// probability that the steps of a sample spell its labels, summed over all ways to lay these along the steps. A label may last for
/// several steps; between two labels may be, and between equal ones must be, steps of the *blank*, class 0.
///
/// The output is `[steps, classes]`, targets are up to so many label numbers, from 1; a 0 is padding, and does not count. As Keras's
/// `CTC`: every step of a sample counts, and the loss is not divided by steps or labels. Ways are added up in `f64`, as logarithms of
/// probabilities.
///
/// Labels that need more steps than there are (each of them, and one between equal neighbours) have no way at all. As in Keras, a way
/// may then end too early, at a cost of 706.9: the loss is finite, and leads towards what can be spelt. Its gradient, as Keras's, is
/// also that of ways that begin too late. PyTorch's loss is infinite.
///
/// A label number that is too large gives a NaN; [`check`](Loss::check) finds it before.
///
/// In `network!`: `Ctc(labels)`, behind `softmax`, whose logits it is given; `labels` is the
/// length of a target, `u32[labels]`. By hand:
///
/// ```
/// use net_runtime::losses::{Ctc, Loss};
///
/// let loss = Ctc::default();
/// assert!((loss.value(&[0.5, 0.5], &[1], &[1, 2]) - std::f32::consts::LN_2).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "CTC")]
#[doc(alias = "CTCLoss")]
pub struct Ctc {
    /// What the loss is given.
    pub input: Input,
}

/// The class between labels, and the padding of targets.
const BLANK: u32 = 0;

/// The logarithm of 1e-307, as which TensorFlow takes that of 0 at both ends.
const COST: f64 = 706.893_623_549_172;

thread_local! {
    /// What [`Lattice`] is computed in: it grows to the largest need and stays.
    static MEMORY: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
}

/// What a sample's labels may be at each step. A *state* is a blank or a label: blank, label, blank, ..., label, blank.
struct Lattice<'a> {
    input: Input,
    classes: usize,
    output: &'a [f32],
    target: &'a [u32],
    states: usize,
    /// The logarithm of the probability to end in a state that is none for it.
    elsewhere: f64,
}

/// Where ways come from.
#[derive(Clone, Copy)]
enum Before<'a> {
    /// Nowhere: they stand in front of the first two states, and with this logarithm of a probability in any other.
    First { elsewhere: f64 },
    /// The step before, with what each state has there.
    Step(&'a [f64]),
}

impl<'a> Lattice<'a> {
    fn new(input: Input, classes: usize, output: &'a [f32], target: &'a [u32]) -> Self {
        let labels = || target.iter().filter(|label| **label != BLANK);
        let count = labels().count();
        let repeats = labels().zip(labels().skip(1)).filter(|(label, next)| label == next).count();
        let is_possible = count + repeats <= output.len() / classes;
        let elsewhere = if is_possible { f64::NEG_INFINITY } else { -COST };
        Self { input, classes, output, target, states: 2 * count + 1, elsewhere }
    }

    /// Calls `work` with as many numbers as it asks for, of any value.
    fn with_memory<R>(&self, len: usize, work: impl FnOnce(&mut [f64]) -> R) -> R {
        MEMORY.with_borrow_mut(|memory| {
            if memory.len() < len {
                memory.resize(len, 0.0);
            }
            work(&mut memory[..len])
        })
    }

    /// The class of each state, with whether a way may come from the label before it, past the blank between.
    fn classes_of_states(&self) -> impl Iterator<Item = (u32, bool)> {
        let mut before = BLANK;
        let labels = self.target.iter().copied().filter(|label| *label != BLANK);
        let of_label = move |label| {
            let skips = before != BLANK && before != label;
            before = label;
            [(label, skips), (BLANK, false)]
        };
        [(BLANK, false)].into_iter().chain(labels.flat_map(of_label))
    }

    /// Writes the logarithm of the probability of each state at a step.
    fn observe(&self, row: &[f32], observed: &mut [f64]) {
        let total = self.total(row);
        for (observed, (class, _)) in observed.iter_mut().zip(self.classes_of_states()) {
            let logit = |&value: &f32| match self.input {
                Input::Logits => f64::from(value),
                Input::Probabilities => f64::from(rows::clip(value)).ln(),
            };
            *observed = row.get(class as usize).map_or(f64::NAN, |value| logit(value) - total);
        }
    }

    /// The logarithm of the sum of all that a step's logits stand for.
    fn total(&self, row: &[f32]) -> f64 {
        match self.input {
            Input::Logits => {
                // By the largest nothing infinite is taken from something infinite.
                let largest = argmax(row);
                let entropy = softmax::cross_entropy(self.classes, row, Targets::Classes(&[largest as u32]));
                entropy + f64::from(row[largest])
            }
            Input::Probabilities => clipped_sum(row).ln(),
        }
    }

    /// From the probability of a way that ends in each state, that of one through one more step.
    fn forward(&self, before: Before<'_>, observed: &[f64], after: &mut [f64]) {
        for (state, (after, (_, skips))) in after.iter_mut().zip(self.classes_of_states()).enumerate() {
            let from = |back: usize, allowed: bool| match before {
                Before::Step(before) if allowed && state >= back => before[state - back],
                Before::First { .. } if back == 1 && state < 2 => 0.0,
                Before::First { elsewhere } if allowed && state >= back => elsewhere,
                _ => f64::NEG_INFINITY,
            };
            *after = log_sum([from(0, true), from(1, true), from(2, skips)]) + observed[state];
        }
    }

    /// The reverse: from the probability of the rest of a way behind a step, of which `rest` has that step's own added, the same
    /// before it.
    fn backward(&self, rest: &[f64], before: &mut [f64]) {
        for (state, before) in before.iter_mut().enumerate() {
            let next = rest.get(state + 1).copied().unwrap_or(f64::NEG_INFINITY);
            *before = log_sum([rest[state], next, f64::NEG_INFINITY]);
        }
        for (state, (_, skips)) in self.classes_of_states().enumerate() {
            if skips {
                let before = &mut before[state - 2];
                *before = log_sum([*before, rest[state], f64::NEG_INFINITY]);
            }
        }
    }

    /// The logarithm of the probability to end in a state.
    fn end(&self, state: usize) -> f64 {
        if state + 2 >= self.states { 0.0 } else { self.elsewhere }
    }

    /// The logarithm of the probability of all ways, of what those through all steps that end in each state have.
    fn likelihood(&self, last: &[f64]) -> f64 {
        last.iter()
            .enumerate()
            .fold(f64::NEG_INFINITY, |sum, (state, way)| log_sum([sum, way + self.end(state), f64::NEG_INFINITY]))
    }

    fn loss(&self) -> f64 {
        let states = self.states;
        self.with_memory(3 * states, |memory| {
            let (observed, ways) = memory.split_at_mut(states);
            let (mut before, mut after) = ways.split_at_mut(states);
            for (step, row) in self.output.chunks_exact(self.classes).enumerate() {
                self.observe(row, observed);
                let from = match step {
                    0 => Before::First { elsewhere: f64::NEG_INFINITY },
                    _ => Before::Step(before),
                };
                self.forward(from, observed, after);
                std::mem::swap(&mut before, &mut after);
            }
            -self.likelihood(before)
        })
    }

    fn gradient(&self, scale: f32, gradient: &mut [f32], write: Write) {
        let (states, steps) = (self.states, self.output.len() / self.classes);
        self.with_memory((2 * steps + 2) * states, |memory| {
            let (observed, memory) = memory.split_at_mut(steps * states);
            let (ways, memory) = memory.split_at_mut(steps * states);
            let (rest, behind) = memory.split_at_mut(states);
            let rows = self.output.chunks_exact(self.classes);
            for (step, row) in rows.clone().enumerate() {
                let observed = &mut observed[step * states..][..states];
                self.observe(row, observed);
                let (before, after) = ways.split_at_mut(step * states);
                let before = match step {
                    0 => Before::First { elsewhere: self.elsewhere },
                    _ => Before::Step(&before[(step - 1) * states..]),
                };
                self.forward(before, observed, &mut after[..states]);
            }
            let likelihood = self.likelihood(&ways[(steps - 1) * states..]);
            for (state, behind) in behind.iter_mut().enumerate() {
                *behind = self.end(state);
            }
            for (step, row) in rows.enumerate().rev() {
                let (observed, ways) = (&observed[step * states..][..states], &ways[step * states..][..states]);
                // How likely each state is at this step, among the ways that spell the labels.
                let states = ways.iter().zip(&*behind).map(|(way, rest)| (way + rest - likelihood).exp());
                self.gradient_of_step(row, states, scale, &mut gradient[step * self.classes..][..self.classes], write);
                for (rest, (behind, observed)) in rest.iter_mut().zip(behind.iter().zip(observed)) {
                    *rest = behind + observed;
                }
                self.backward(rest, behind);
            }
        });
    }
}

impl Lattice<'_> {
    /// How likely each class is at a step, less how likely it is where the labels are spelt.
    fn gradient_of_step(
        &self,
        row: &[f32],
        states: impl Iterator<Item = f64>,
        scale: f32,
        gradient: &mut [f32],
        write: Write,
    ) {
        match self.input {
            Input::Logits => {
                // Of a class that is then given back.
                let largest = argmax(row);
                let target = Targets::Classes(&[largest as u32]);
                softmax::cross_entropy_gradient(self.classes, row, target, scale, gradient, write);
                gradient[largest] += scale;
            }
            Input::Probabilities => {
                let factor = (1.0 / clipped_sum(row)) as f32;
                let slopes = row.iter().map(|&p| scale * rows::clip_slope(p) * factor);
                gradient.iter_mut().zip(slopes).for_each(|(g, slope)| rows::put(write, g, slope));
            }
        }
        let mut take = |class: u32, share: f64| {
            // Most states at most steps: they would leave subnormal numbers behind.
            if share < f64::from(DERIVATIVE) {
                return;
            }
            if let (Some(g), Some(&value)) = (gradient.get_mut(class as usize), row.get(class as usize)) {
                *g -= match self.input {
                    Input::Logits => scale * share as f32,
                    Input::Probabilities => scale * rows::clip_slope(value) * (share as f32 / rows::clip(value)),
                };
            }
        };
        let mut blank = 0.0;
        for ((class, _), share) in self.classes_of_states().zip(states) {
            match class {
                BLANK => blank += share,
                label => take(label, share),
            }
        }
        take(BLANK, blank);
    }
}

/// The sum of a row of probabilities, clipped.
fn clipped_sum(row: &[f32]) -> f64 {
    row.iter().map(|&p| f64::from(rows::clip(p))).sum()
}

/// The logarithm of the sum of numbers of which the logarithms are given.
fn log_sum(logarithms: [f64; 3]) -> f64 {
    let largest = logarithms.into_iter().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        // That of nothing, or a NaN.
        return logarithms.into_iter().sum();
    }
    // What is smaller than a last digit is not computed; a NaN is not small.
    let share = |logarithm: f64| match logarithm - largest {
        far if far < -40.0 => 0.0,
        near => near.exp(),
    };
    let sum: f64 = logarithms.into_iter().map(share).sum();
    if sum == 1.0 { largest } else { largest + sum.ln() }
}

impl Loss for Ctc {
    type Target = u32;
    const WORK: usize = 32;

    fn value(&self, output: &[f32], target: &[u32], dims: &[usize]) -> f32 {
        Lattice::new(self.input, rows::length(dims), output, target).loss() as f32
    }

    fn gradient(&self, output: &[f32], target: &[u32], dims: &[usize], scale: f32, gradient: &mut [f32], write: Write) {
        Lattice::new(self.input, rows::length(dims), output, target).gradient(scale, gradient, write);
    }

    fn check(&self, target: &[u32], dims: &[usize]) -> Result<(), u32> {
        rows::check_classes(target, dims)
    }
}
