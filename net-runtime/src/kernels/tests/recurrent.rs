//! Recurrent layers of every kind, in every order of steps, with masks and dropout, against a naive loop and its finite differences.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::memory::Memory;
use super::{on_every_isa, scratch, uniform};
use crate::kernels::recurrent::backward::{self, Backward, Upstream};
use crate::kernels::recurrent::cell::Cell;
use crate::kernels::recurrent::forward::{self, Forward, Results, Weights};
use crate::kernels::recurrent::functions::Functions;
use crate::kernels::recurrent::gradients::{self, Factors, Gradients};
use crate::kernels::recurrent::gru::Gru;
use crate::kernels::recurrent::lstm::Lstm;
use crate::kernels::recurrent::sequence::{Direction, Hidden, Mask, MaskedResult, Rows, Sizes, multiply};
use crate::kernels::recurrent::simple::Simple;
use crate::memory::mode::Arithmetic;
use crate::tensor::activation::Activation;
use crate::tensor::param::{Param, Store, Write};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Lstm { functions: Functions },
    Gru { functions: Functions, reset_after: bool },
    Simple { activation: Activation },
}

impl Kind {
    /// Gates, states and biases.
    fn counts(self) -> [usize; 3] {
        match self {
            Self::Lstm { .. } => [4, 2, 1],
            Self::Gru { reset_after, .. } => [3, 1, if reset_after { 2 } else { 1 }],
            Self::Simple { .. } => [1, 1, 1],
        }
    }
}

/// A layer, its sizes, and what goes in, in f64.
#[derive(Clone)]
struct Naive {
    kind: Kind,
    sizes: Sizes,
    every: bool,
    mask: Option<(Vec<f32>, MaskedResult)>,
    /// x, kernel, recurrent kernel, bias, what inputs and hidden states are multiplied by, and the states at the start.
    numbers: [Vec<f64>; 8],
}

const X: usize = 0;
const KERNEL: usize = 1;
const RECURRENT: usize = 2;
const BIAS: usize = 3;
const DROPOUT: usize = 4;
const STATE_DROPOUT: usize = 5;
const START: usize = 6;

/// Functions in `f64`.
fn function(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Tanh => x.tanh(),
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Softplus => x.exp().ln_1p(),
        Activation::Softsign => x / (1.0 + x.abs()),
        other => panic!("no recurrent layer here has {other:?}"),
    }
}

impl Naive {
    /// The results, and the states at the end.
    fn forward(&self) -> [Vec<f64>; 3] {
        let Sizes { samples, steps, inputs, units, .. } = self.sizes;
        let [x, kernel, recurrent, bias, dropout, state_dropout, ..] = &self.numbers;
        let [gates, count, _] = self.kind.counts();
        let columns = gates * units;
        let [mut y, mut all_hidden, mut all_cells] = [vec![], vec![], vec![]];
        for sample in 0..samples {
            let mut states = [0, 1].map(|state| match state < count {
                true => self.numbers[START + state][sample * units..][..units].to_vec(),
                false => vec![0.0; units],
            });
            let mut results = vec![vec![0.0; units]; steps];
            let mut result = vec![0.0; units];
            for turn in 0..steps {
                let step = if self.sizes.direction == Direction::Forward { turn } else { steps - 1 - turn };
                let row = sample * steps + step;
                let of_x = |column: usize| -> f64 {
                    let of = |k| x[row * inputs + k] * dropout[sample * inputs + k] * kernel[k * columns + column];
                    (0..inputs).map(of).sum()
                };
                let of_h = |hidden: &[f64], column: usize| -> f64 {
                    let of = |k| hidden[k] * state_dropout[sample * units + k] * recurrent[k * columns + column];
                    (0..units).map(of).sum()
                };
                let [h, c] = &states;
                let sum = |gate: usize, unit: usize| {
                    let column = gate * units + unit;
                    of_x(column) + of_h(h, column) + bias[column]
                };
                let column = |value: &dyn Fn(usize) -> f64| -> Vec<f64> { (0..units).map(value).collect() };
                let new = match self.kind {
                    Kind::Lstm { functions: Functions { activation, recurrent } } => {
                        let cell = column(&|unit| {
                            let [i, f, g] = [(0, recurrent), (1, recurrent), (2, activation)]
                                .map(|(gate, of)| function(of, sum(gate, unit)));
                            f * c[unit] + i * g
                        });
                        let output = |unit| function(recurrent, sum(3, unit)) * function(activation, cell[unit]);
                        [column(&output), cell]
                    }
                    Kind::Simple { activation } => [column(&|unit| function(activation, sum(0, unit))), c.clone()],
                    Kind::Gru { functions: Functions { activation, recurrent }, reset_after } => {
                        let second = |column: usize| if reset_after { bias[columns + column] } else { 0.0 };
                        let gate =
                            |gate: usize, unit| function(recurrent, sum(gate, unit) + second(gate * units + unit));
                        let [z, r] = [0, 1].map(|g| column(&|unit| gate(g, unit)));
                        let reset: Vec<f64> = r.iter().zip(h).map(|(r, h)| r * h).collect();
                        let n = column(&|unit| {
                            let at = 2 * units + unit;
                            let of_state = match reset_after {
                                true => r[unit] * (of_h(h, at) + second(at)),
                                false => of_h(&reset, at),
                            };
                            function(activation, of_x(at) + bias[at] + of_state)
                        });
                        [column(&|unit| z[unit] * h[unit] + (1.0 - z[unit]) * n[unit]), c.clone()]
                    }
                };
                match &self.mask {
                    Some((mask, masked)) if mask[row] == 0.0 => {
                        if *masked == MaskedResult::Zeros {
                            result.fill(0.0);
                        }
                    }
                    _ => {
                        result.clone_from(&new[0]);
                        states = new;
                    }
                }
                let place = if self.sizes.direction == Direction::ReverseAligned { step } else { turn };
                results[place].clone_from(&result);
            }
            y.extend(if self.every { results.concat() } else { result });
            let [hidden, cell] = states;
            all_hidden.extend(hidden);
            all_cells.extend(cell);
        }
        [y, all_hidden, all_cells]
    }

    /// The sum of all results times some factors.
    fn loss(&self, upstream: &[Vec<f64>; 3]) -> f64 {
        let results = self.forward();
        results.iter().flatten().zip(upstream.iter().flatten()).map(|(a, b)| a * b).sum()
    }

    /// The gradient of the loss by some of the numbers, the first and last ones among them, by central differences.
    fn slopes(&self, which: usize, upstream: &[Vec<f64>; 3]) -> Vec<(usize, f64)> {
        const STEP: f64 = 1e-5;
        let (mut case, len) = (self.clone(), self.numbers[which].len());
        let indices = (0..len).step_by((len / 16).max(1)).chain(len.checked_sub(1));
        let slope = |index: usize| {
            let middle = case.numbers[which][index];
            let [after, before] = [STEP, -STEP].map(|step| {
                case.numbers[which][index] = middle + step;
                case.loss(upstream)
            });
            case.numbers[which][index] = middle;
            (index, (after - before) / (2.0 * STEP))
        };
        indices.map(slope).collect()
    }
}

#[track_caller]
fn compare(found: &[f32], slopes: &[(usize, f64)], what: &dyn std::fmt::Debug) {
    assert!(found.iter().all(|value| value.is_finite()), "{what:?}");
    for &(index, slope) in slopes {
        let error = (f64::from(found[index]) - slope).abs();
        assert!(error <= 2e-5 * slope.abs().max(1.0), "element {index} is {}, not {slope}: {what:?}", found[index]);
    }
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| value.into()).collect()
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f64], what: &dyn std::fmt::Debug) {
    super::assert_close(found, expected, 4e-6, what);
}

/// Around widths of vectors; one of everything; several groups of samples, blocks of steps, and parts of long sums and of many rows of
/// weights.
const SIZES: [(usize, usize, usize, usize); 10] = [
    (1, 1, 1, 1),
    (3, 2, 4, 3),
    (2, 6, 5, 7),
    (3, 4, 1, 8),
    (2, 3, 2, 15),
    (1, 3, 3, 17),
    (2, 2, 3, 65),
    (26, 9, 2, 3),
    (27, 15, 3, 1),
    (2, 3, 270, 5),
];

/// The case of this number.
fn case(number: usize, kind: Kind, sizes: Sizes, rng: &mut ChaCha8Rng) -> (Naive, bool) {
    let Sizes { samples, steps, inputs, units, .. } = sizes;
    let [gates, states, biases] = kind.counts();
    let (with_start, every) = (number.is_multiple_of(2), !number.is_multiple_of(3));
    let state = |rng: &mut ChaCha8Rng, state| match with_start && state < states {
        true => wide(&uniform(rng, samples * units)),
        false => vec![0.0; samples * units],
    };
    // So that sums of many terms do not reach the flat ends of the functions.
    let kernel = |rng: &mut ChaCha8Rng, rows: usize| -> Vec<f64> {
        uniform(rng, rows * gates * units).into_iter().map(|value| f64::from(value / (rows as f32).sqrt())).collect()
    };
    let mask = (number % 4 > 1).then(|| {
        let mut mask: Vec<f32> = (0..samples * steps).map(|_| f32::from(u8::from(rng.random_bool(0.6)))).collect();
        // A sample of which no step counts.
        mask[..steps].fill(0.0);
        (mask, if number % 8 > 3 { MaskedResult::Zeros } else { MaskedResult::Before })
    });
    let dropout = match number % 5 {
        0 => (0..samples * inputs).map(|index| [0.0, 2.0][index % 2]).collect(),
        _ => vec![1.0; samples * inputs],
    };
    let state_dropout = match number % 4 {
        0 => (0..samples * units).map(|index| [0.0, 1.25, 1.25][index % 3]).collect(),
        _ => vec![1.0; samples * units],
    };
    let numbers = [
        wide(&uniform(rng, samples * steps * inputs)),
        kernel(rng, inputs),
        kernel(rng, units),
        wide(&uniform(rng, biases * gates * units)),
        dropout,
        state_dropout,
        state(rng, 0),
        state(rng, 1),
    ];
    let numbers = numbers.map(|numbers| numbers.into_iter().map(|number| f64::from(number as f32)).collect());
    (Naive { kind, sizes, every, mask, numbers }, with_start)
}

fn check<C: Cell>(cell: C, naive: &Naive, with_start: bool, rng: &mut ChaCha8Rng) {
    let Naive { kind, sizes, every, ref mask, ref numbers } = *naive;
    let Sizes { samples, steps, inputs, units, .. } = sizes;
    let states = kind.counts()[1];
    let expected = naive.forward();
    let narrow = numbers.each_ref().map(|numbers| numbers.iter().map(|&number| number as f32).collect::<Vec<f32>>());
    let param = |which: usize| {
        let mut param = Param::zeros(&[narrow[which].len()]);
        param.values_mut().copy_from_slice(&narrow[which]);
        param
    };
    let [kernel, recurrent, bias] = [KERNEL, RECURRENT, BIAS].map(param);
    let weights = Weights { kernel: &kernel, recurrent: &recurrent, bias: Some(&bias) };
    let upstream = [0, 1, 2].map(|result| uniform(rng, expected[result].len()));
    // Every result has a gradient, and then the last state alone.
    let of_results = [true, false].map(|all| {
        let given = [0, 1, 2].map(|result| (all && result <= states) || result == states);
        let factors = [0, 1, 2].map(|result| match given[result] {
            true => wide(&upstream[result]),
            false => vec![0.0; upstream[result].len()],
        });
        (given, [X, KERNEL, RECURRENT, BIAS, START, START + 1].map(|which| (which, naive.slopes(which, &factors))))
    });
    let drops = [DROPOUT, STATE_DROPOUT].map(|which| numbers[which].iter().any(|factor| *factor != 1.0));

    on_every_isa(|isa, at_end| {
        let what = |of: &'static str| (of, isa, kind, sizes, every, with_start, mask.as_ref().map(|mask| mask.1));
        let memory = |values: &[f32]| Memory::new(values, at_end);
        let result = |len: usize| memory(&vec![f32::NAN; len]);
        let mut scratch = scratch(Arithmetic::Fast);
        let x = memory(&narrow[X]);
        let factors = [DROPOUT, STATE_DROPOUT].map(|which| memory(&narrow[which]));
        let start = [0, 1].map(|state| memory(&narrow[START + state]));
        let start: Vec<&[f32]> = if with_start { start.iter().take(states).map(|s| &**s).collect() } else { vec![] };
        let mask_values = mask.as_ref().map(|(values, result)| (memory(values), *result));
        let mask = mask_values.as_ref().map(|(values, result)| Mask { values, result: *result });
        let [dropout, state_dropout] = [0, 1].map(|which| drops[which].then_some(&*factors[which]));
        let call = Forward { cell, sizes, x: &x, dropout, state_dropout, weights, start: &start, mask };
        let sample = if every { steps * units } else { units };

        let mut y = result(samples * sample);
        let mut last = [(); 2].map(|()| result(samples * units));
        let mut rows = result(samples * steps * C::KEPT * units);
        let mut hidden = result(samples * steps * units);
        for keeps in [false, true] {
            let mut places = last.iter_mut();
            let results = Results {
                y: Rows::new(sizes, sample, &mut y),
                every,
                hidden: keeps.then(|| Rows::new(sizes, steps * units, &mut hidden)),
                last: [0, 1].map(|state| places.next().filter(|_| state < states).map(|p| Rows::new(sizes, units, p))),
                kept: keeps.then(|| Rows::new(sizes, steps * C::KEPT * units, &mut rows)),
            };
            forward::forward(call, results, &mut scratch.packs, &mut scratch.work);
            assert_close(&y, &expected[0], &what("result"));
            for (last, expected) in last.iter().zip(&expected[1..]).take(states) {
                assert_close(last, expected, &what("state"));
            }
            if !keeps {
                y.fill(f32::NAN);
            }
        }

        for (given, slopes) in &of_results {
            let given = |result: usize| given[result].then_some(&*upstream[result]);
            let slopes = |which: usize| &*slopes.iter().find(|(of, _)| *of == which).unwrap().1;
            let last_states = [given(1), given(2)];
            let gradients = match every {
                true => Upstream { every: given(0), last: None, states: last_states },
                false => Upstream { every: None, last: given(0), states: last_states },
            };
            let hidden = Hidden { sizes, values: &hidden, start: start.first().copied() };
            let mut rows = memory(&rows);
            let mut carried = result(samples * C::STATES * units);
            let call = Backward { cell, recurrent: &recurrent, hidden, mask, state_dropout, upstream: gradients };
            backward::backward(call, &mut rows, &mut carried, &mut scratch.packs, &mut scratch.work);
            for state in 0..if with_start { states } else { 0 } {
                let of_state = carried.chunks(C::STATES * units).flat_map(|all| all[state * units..][..units].to_vec());
                compare(&of_state.collect::<Vec<_>>(), slopes(START + state), &what("start"));
            }
            let mut dx = result(x.len());
            let to = (&mut *dx, Store::Set);
            gradients::inputs::<C>(sizes, &kernel, dropout, &rows, to, &mut scratch.packs, &mut scratch.work);
            compare(&dx, slopes(X), &what("x"));
            let mut before = result(samples * steps * units);
            hidden.all_before(&mut before);
            for (row, before) in before.chunks_exact_mut(units).enumerate() {
                multiply(before, &narrow[STATE_DROPOUT][row / steps * units..][..units]);
            }
            let factors = numbers[DROPOUT].chunks(inputs);
            let factors = factors.flat_map(|factors| (0..steps).flat_map(move |_| factors));
            let dropped: Vec<f32> = x.iter().zip(factors).map(|(x, factor)| x * *factor as f32).collect();
            let mut found = [&kernel, &recurrent, &bias].map(|param| result(param.values().len()));
            let [by_kernel, by_recurrent, by_bias] = &mut found;
            let gradients = Gradients {
                kernel: (by_kernel, Write::Set),
                recurrent: (by_recurrent, Write::Set),
                bias: Some((by_bias, Write::Set)),
            };
            let factors = Factors { x: &dropped, before: &before, rows: &rows };
            gradients::weights(cell, sizes, factors, gradients, &mut scratch);
            for (which, found) in [KERNEL, RECURRENT, BIAS].into_iter().zip(&found) {
                compare(found, slopes(which), &what("weights"));
            }
        }
    });
}

#[test]
fn results_and_gradients_are_those_of_a_naive_loop_and_its_finite_differences() {
    let mut rng = ChaCha8Rng::seed_from_u64(72);
    let other = Functions { activation: Activation::Softplus, recurrent: Activation::Softsign };
    let kinds = [
        Kind::Lstm { functions: Functions::USUAL },
        Kind::Lstm { functions: other },
        Kind::Gru { functions: Functions::USUAL, reset_after: true },
        Kind::Gru { functions: other, reset_after: true },
        Kind::Gru { functions: Functions::USUAL, reset_after: false },
        Kind::Gru { functions: other, reset_after: false },
        Kind::Simple { activation: Activation::Tanh },
        Kind::Simple { activation: Activation::Softplus },
    ];
    let directions = [Direction::Forward, Direction::Reverse, Direction::ReverseAligned];
    let mut number = 0;
    for kind in kinds {
        for (samples, steps, inputs, units) in SIZES {
            // Three of 120 combinations for each, others for the next one.
            for _ in 0..3 {
                number += 7;
                let sizes = Sizes { samples, steps, inputs, units, direction: directions[number % 3] };
                let (naive, with_start) = case(number / 3, kind, sizes, &mut rng);
                match kind {
                    Kind::Lstm { functions } => check(Lstm { functions }, &naive, with_start, &mut rng),
                    Kind::Gru { functions, reset_after } => {
                        check(Gru { functions, reset_after }, &naive, with_start, &mut rng);
                    }
                    Kind::Simple { activation } => check(Simple { activation }, &naive, with_start, &mut rng),
                }
            }
        }
    }
}

/// The bits of all results in a pool of so many threads, of a backward pass, too, where what that needs is kept.
fn bits<C: Cell>(cell: C, naive: &Naive, keeps: bool, threads: usize) -> Vec<u32> {
    let Naive { sizes, ref numbers, ref mask, .. } = *naive;
    let Sizes { samples, steps, units, .. } = sizes;
    let narrow = numbers.each_ref().map(|numbers| numbers.iter().map(|&number| number as f32).collect::<Vec<f32>>());
    let [kernel, recurrent, bias] = [KERNEL, RECURRENT, BIAS].map(|which| {
        let mut param = Param::zeros(&[narrow[which].len()]);
        param.values_mut().copy_from_slice(&narrow[which]);
        param
    });
    let weights = Weights { kernel: &kernel, recurrent: &recurrent, bias: Some(&bias) };
    let start: Vec<&[f32]> = narrow[START..].iter().take(C::STATES).map(|start| &**start).collect();
    let mask = mask.as_ref().map(|(values, result)| Mask { values, result: *result });
    let state_dropout = Some(&*narrow[STATE_DROPOUT]);
    let call = Forward { cell, sizes, x: &narrow[X], dropout: None, state_dropout, weights, start: &start, mask };
    let mut y = vec![f32::NAN; samples * steps * units];
    let mut hidden = y.clone();
    let mut rows = vec![f32::NAN; samples * steps * C::KEPT * units];
    let mut carried = vec![f32::NAN; samples * C::STATES * units];
    let results = Results {
        y: Rows::new(sizes, steps * units, &mut y),
        every: true,
        hidden: keeps.then(|| Rows::new(sizes, steps * units, &mut hidden)),
        last: [None, None],
        kept: keeps.then(|| Rows::new(sizes, steps * C::KEPT * units, &mut rows)),
    };
    let mut scratch = scratch(Arithmetic::Fast);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| forward::forward(call, results, &mut scratch.packs, &mut scratch.work));
    if keeps {
        pool.install(|| {
            let hidden = Hidden { sizes, values: &hidden, start: start.first().copied() };
            let upstream = Upstream { every: Some(&y), ..Upstream::default() };
            let call = Backward { cell, recurrent: &recurrent, hidden, mask, state_dropout, upstream };
            backward::backward(call, &mut rows, &mut carried, &mut scratch.packs, &mut scratch.work);
        });
    }
    let results = [&*y, &rows, &carried].into_iter().take(if keeps { 3 } else { 1 }).flatten();
    results
        .map(|value| {
            assert!(value.is_finite());
            value.to_bits()
        })
        .collect()
}

#[test]
fn a_companion_changes_no_bits() {
    let mut rng = ChaCha8Rng::seed_from_u64(73);
    let usual = Functions::USUAL;
    // Steps that are divided wherever the other core is; the last panels are not whole.
    let cases = [
        (Kind::Lstm { functions: usual }, 1, 259),
        (Kind::Gru { functions: usual, reset_after: true }, 2, 300),
        (Kind::Gru { functions: usual, reset_after: false }, 1, 301),
        (Kind::Simple { activation: Activation::Tanh }, 2, 521),
    ];
    for (number, (kind, samples, units)) in (0..).zip(cases) {
        let sizes = Sizes { samples, steps: 17, inputs: 7, units, direction: Direction::Reverse };
        let (naive, _) = case(2 * number, kind, sizes, &mut rng);
        for keeps in [false, true] {
            let of = |threads: usize| match kind {
                Kind::Lstm { functions } => bits(Lstm { functions }, &naive, keeps, threads),
                Kind::Gru { functions, reset_after } => bits(Gru { functions, reset_after }, &naive, keeps, threads),
                Kind::Simple { activation } => bits(Simple { activation }, &naive, keeps, threads),
            };
            let alone = of(1);
            for threads in [2, 3, 2, 2] {
                assert!(of(threads) == alone, "{kind:?} of {sizes:?} on {threads} threads");
            }
        }
    }
}
