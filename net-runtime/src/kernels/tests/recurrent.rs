//! Long short-term memories: what goes from step to step, against a naive loop and its finite differences.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::memory::Memory;
use super::{assert_close, on_every_isa, uniform};
use crate::kernels::recurrent::lstm::{self, GATES, Kept, Sizes, State, States, Upstream};
use crate::memory::packed::Packs;
use crate::tensor::param::Param;

/// What goes in, in f64: products of inputs and weights, recurrent weights, and the state at the start.
#[derive(Clone)]
struct Naive {
    sizes: Sizes,
    products: Vec<f64>,
    recurrent: Vec<f64>,
    hidden: Vec<f64>,
    cell: Vec<f64>,
}

impl Naive {
    /// Hidden states of all steps, and the cell states.
    fn forward(&self) -> (Vec<f64>, Vec<f64>) {
        let Sizes { samples, steps, units } = self.sizes;
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let (mut all_hidden, mut all_cells) = (Vec::new(), Vec::new());
        for sample in 0..samples {
            let mut hidden = self.hidden[sample * units..][..units].to_vec();
            let mut cell = self.cell[sample * units..][..units].to_vec();
            for step in 0..steps {
                let at = (sample * steps + step) * GATES * units;
                let gate = |gate: usize, unit: usize| {
                    let column = gate * units + unit;
                    let sum = |k: usize| hidden[k] * self.recurrent[k * GATES * units + column];
                    self.products[at + column] + (0..units).map(sum).sum::<f64>()
                };
                let gates: Vec<[f64; 4]> = (0..units).map(|unit| [0, 1, 2, 3].map(|g| gate(g, unit))).collect();
                for (unit, [i, f, g, o]) in gates.into_iter().enumerate() {
                    cell[unit] = sigmoid(f) * cell[unit] + sigmoid(i) * g.tanh();
                    hidden[unit] = sigmoid(o) * cell[unit].tanh();
                }
                all_hidden.extend(&hidden);
                all_cells.extend(&cell);
            }
        }
        (all_hidden, all_cells)
    }

    /// The sum of all hidden states times `every`, the last ones times `last`, and the last cell states times `cell`.
    fn loss(&self, every: &[f64], last: &[f64], cell: &[f64]) -> f64 {
        let Sizes { steps, units, .. } = self.sizes;
        let (hidden, cells) = self.forward();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let last_of = |states: &[f64]| -> Vec<f64> {
            states.chunks(steps * units).flat_map(|states| states[(steps - 1) * units..].to_vec()).collect()
        };
        dot(&hidden, every) + dot(&last_of(&hidden), last) + dot(&last_of(&cells), cell)
    }

    /// The gradient of a loss by some of the numbers, by central differences.
    fn slope(&self, loss: impl Fn(&Self) -> f64, numbers: impl Fn(&mut Self) -> &mut Vec<f64>) -> Vec<f64> {
        const STEP: f64 = 1e-5;
        let mut case = self.clone();
        (0..numbers(&mut case).len())
            .map(|index| {
                let middle = numbers(&mut case)[index];
                numbers(&mut case)[index] = middle + STEP;
                let after = loss(&case);
                numbers(&mut case)[index] = middle - STEP;
                let before = loss(&case);
                numbers(&mut case)[index] = middle;
                (after - before) / (2.0 * STEP)
            })
            .collect()
    }
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| value.into()).collect()
}

/// Around widths of vectors; one step and many; several groups of samples.
const SIZES: [(usize, usize, usize); 9] =
    [(1, 1, 1), (3, 2, 3), (2, 6, 7), (3, 4, 8), (2, 3, 15), (1, 2, 17), (5, 1, 4), (30, 2, 2), (2, 19, 2)];

#[test]
fn all_steps_are_those_of_a_naive_loop_and_its_finite_differences() {
    let mut rng = ChaCha8Rng::seed_from_u64(72);
    for ((samples, steps, units), with_start) in SIZES.into_iter().flat_map(|sizes| [(sizes, false), (sizes, true)]) {
        let sizes = Sizes { samples, steps, units };
        let len = samples * steps * units;
        let products = uniform(&mut rng, GATES * len);
        let mut recurrent = Param::zeros(&[units, GATES * units]);
        recurrent.values_mut().copy_from_slice(&uniform(&mut rng, GATES * units * units));
        let mut start = [(); 2].map(|()| uniform(&mut rng, samples * units));
        if !with_start {
            start = start.map(|state| vec![0.0; state.len()]);
        }
        let naive = Naive {
            sizes,
            products: wide(&products),
            recurrent: wide(recurrent.values()),
            hidden: wide(&start[0]),
            cell: wide(&start[1]),
        };
        let (hidden, cells) = naive.forward();
        let every = uniform(&mut rng, len);
        let [first, second, cell] = [(); 3].map(|()| uniform(&mut rng, samples * units));
        let last: Vec<f64> = first.iter().zip(&second).map(|(a, b)| f64::from(*a) + f64::from(*b)).collect();
        let (wide_every, wide_cell) = (wide(&every), wide(&cell));
        let nothing = vec![0.0; len];
        let upstreams = [
            (
                Upstream { every: Some(&every), last: [Some(&first), Some(&second)], cell: Some(&cell) },
                [&wide_every, &last, &wide_cell],
            ),
            (Upstream { cell: Some(&cell), ..Upstream::default() }, [&nothing, &nothing, &wide_cell]),
        ];
        let slopes = upstreams.map(|(upstream, [every, last, cell])| {
            let loss = |case: &Naive| case.loss(every, last, cell);
            let by_products = naive.slope(loss, |case| &mut case.products);
            let by_start = [naive.slope(loss, |case| &mut case.hidden), naive.slope(loss, |case| &mut case.cell)];
            (upstream, by_products, by_start)
        });
        on_every_isa(|isa, at_end| {
            let what = |of: &'static str| (of, isa, sizes, with_start);
            let memory = |values: &[f32]| Memory::new(values, at_end);
            let result = |len: usize| Memory::new(&vec![f32::NAN; len], at_end);
            let packs = &mut Packs::default();
            let given = start.each_ref().map(|state| memory(state));
            let start = with_start.then(|| State { hidden: &given[0], cell: &given[1] });
            let (mut gates, mut kept_cells, mut tanhs, mut kept) =
                (memory(&products), result(len), result(len), result(len));
            let all = Kept {
                gates: &mut gates,
                cells: States::all(sizes, &mut kept_cells),
                tanhs: Some(States::all(sizes, &mut tanhs)),
                hidden: States::all(sizes, &mut kept),
            };
            lstm::forward(sizes, &recurrent, start, all, packs);
            assert_close(&kept, &hidden, 2e-6, &what("hidden"));
            assert_close(&kept_cells, &cells, 2e-6, &what("cells"));

            // Nothing is kept but the last state: the same bits.
            let (mut again, mut last_cell, mut last_hidden) =
                (memory(&products), result(samples * units), result(samples * units));
            let last = Kept {
                gates: &mut again,
                cells: States::last(sizes, &mut last_cell),
                tanhs: None,
                hidden: States::last(sizes, &mut last_hidden),
            };
            lstm::forward(sizes, &recurrent, start, last, packs);
            for sample in 0..samples {
                let range = (sample * steps + steps - 1) * units..(sample + 1) * steps * units;
                assert_eq!(last_hidden[sample * units..][..units], kept[range.clone()], "{:?}", what("last"));
                assert_eq!(last_cell[sample * units..][..units], kept_cells[range], "{:?}", what("last"));
            }

            for (upstream, by_products, by_start) in &slopes {
                let mut gates = memory(&gates);
                let mut carried = result(2 * samples * units);
                let kept = (&mut *gates, &*kept_cells, &*tanhs);
                lstm::backward(sizes, &recurrent, start, *upstream, kept, &mut carried, packs);
                assert_close(&gates, by_products, 1e-5, &what("products"));
                if with_start {
                    let of = |state: usize| -> Vec<f32> {
                        carried.chunks(2 * units).flat_map(|both| both[state * units..][..units].to_vec()).collect()
                    };
                    assert_close(&of(0), &by_start[0], 1e-5, &what("hidden state at the start"));
                    assert_close(&of(1), &by_start[1], 1e-5, &what("cell state at the start"));
                }
            }
        });
    }
}

#[test]
fn states_before_are_moved_by_a_step() {
    let sizes = Sizes { samples: 2, steps: 3, units: 2 };
    let hidden: Vec<f32> = (0..12).map(|value| value as f32).collect();
    let mut before = [f32::NAN; 12];
    lstm::states_before(sizes, &hidden, None, &mut before);
    assert_eq!(before, [0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 0.0, 0.0, 6.0, 7.0, 8.0, 9.0]);
    lstm::states_before(sizes, &hidden, Some(&[20.0, 21.0, 22.0, 23.0]), &mut before);
    assert_eq!(before, [20.0, 21.0, 0.0, 1.0, 2.0, 3.0, 22.0, 23.0, 6.0, 7.0, 8.0, 9.0]);
}
