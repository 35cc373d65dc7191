//! Labels of which nobody knows where in the steps they are: the probability of all ways to lay them there, in plain numbers and not in
//! logarithms, for steps that are few.

use super::{choose_clip, clip, clip_slope};
use crate::layers::Call;
use crate::tensor::Tensor;

/// The class of every state of a way: a blank, a label, a blank, ..., a label, a blank. A label of 0 is none.
fn states(labels: &[f64]) -> Vec<usize> {
    let labels = labels.iter().filter(|label| **label != 0.0);
    [0].into_iter().chain(labels.flat_map(|label| [*label as usize, 0])).collect()
}

/// The states that a way may come from: the same, the one before, and the label before that, unless it is the same label.
fn before(states: &[usize], state: usize) -> impl Iterator<Item = usize> {
    let skips = state >= 2 && states[state] != 0 && states[state] != states[state - 2];
    (0..if skips { 3 } else { 2 }).filter_map(move |back| state.checked_sub(back))
}

/// The probability of the labels, and its derivative with respect to each step's probabilities.
fn likelihood(p: &[Vec<f64>], labels: &[f64]) -> (f64, Vec<Vec<f64>>) {
    let states = states(labels);
    let last = p.len() - 1;
    // What comes into a state at a step, without that step's own probability.
    let mut into = vec![vec![0.0; states.len()]; p.len()];
    for step in 0..p.len() {
        for state in 0..states.len() {
            into[step][state] = match step {
                0 => f64::from(u8::from(state < 2)),
                _ => before(&states, state).map(|from| into[step - 1][from] * p[step - 1][states[from]]).sum(),
            };
        }
    }
    // What comes of a way behind a step.
    let mut rest = vec![vec![0.0; states.len()]; p.len()];
    for state in states.len().saturating_sub(2)..states.len() {
        rest[last][state] = 1.0;
    }
    for step in (0..last).rev() {
        for state in 0..states.len() {
            for from in before(&states, state) {
                rest[step][from] += p[step + 1][states[state]] * rest[step + 1][state];
            }
        }
    }
    let ways = |step: usize, state: usize| into[step][state] * rest[step][state];
    let whole = (0..states.len()).map(|state| ways(last, state) * p[last][states[state]]).sum();
    let mut slopes = vec![vec![0.0; p[0].len()]; p.len()];
    for (step, slopes) in slopes.iter_mut().enumerate() {
        for (state, class) in states.iter().enumerate() {
            slopes[*class] += ways(step, state);
        }
    }
    (whole, slopes)
}

/// The mean over the samples of −ln of their labels' probability, with p divided by its sum, and its gradient.
pub(super) fn of_batch(call: &mut Call, output: &Tensor, target: &Tensor, weights: Option<&[f64]>) -> (f64, Tensor) {
    let mut gradient = Tensor::like(output);
    let (samples, classes) = (output.samples(), output.dims[2]);
    let (len, labels) = (output.data.len() / samples, target.data.len() / samples);
    let mut sum = 0.0;
    for sample in 0..samples {
        let share = weights.map_or(1.0, |weights| weights[sample]) / samples as f64;
        let rows: Vec<&[f64]> = output.data[sample * len..][..len].chunks(classes).collect();
        rows.iter().copied().flatten().for_each(|p| choose_clip(call, *p));
        let totals: Vec<f64> = rows.iter().map(|row| row.iter().map(|p| clip(*p)).sum()).collect();
        let of_row = |(row, total): (&&[f64], &f64)| row.iter().map(|p| clip(*p) / total).collect();
        let p: Vec<Vec<f64>> = rows.iter().zip(&totals).map(of_row).collect();
        let (whole, slopes) = likelihood(&p, &target.data[sample * labels..][..labels]);
        sum -= share * whole.ln();
        for (step, slopes) in slopes.iter().enumerate() {
            // An element moves its own share, and all of them by the sum.
            let mean: f64 = p[step].iter().zip(slopes).map(|(p, slope)| p * slope).sum();
            for (class, slope) in slopes.iter().enumerate() {
                let inner = clip_slope(rows[step][class]) / totals[step];
                gradient.data[sample * len + step * classes + class] = -share / whole * (slope - mean) * inner;
            }
        }
    }
    (sum, gradient)
}
