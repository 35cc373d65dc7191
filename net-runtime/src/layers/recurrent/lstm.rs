//! A memory that learns what to keep.

use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::gemm::dense;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::sizes::Sizes as ProductSizes;
use crate::kernels::recurrent::lstm::{self, GATES, Kept, Sizes, State, States, Upstream};
use crate::layers::{bias_gradient, check, check_parameter, kernel_gradient};
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::RecurrentWeights;
use crate::tensor::activation::Activation;
use crate::tensor::exact::{product, sum};
use crate::tensor::param::{Param, Store};

/// Long short-term memory (Hochreiter and Schmidhuber 1997), as Keras's `LSTM`: `[steps, inputs]` to the last hidden state
/// `[units]`, or to those of all steps, `[steps, units]`.
///
/// From a hidden state h and a cell state c, zeros at first, and with · a matrix product, ⊙ element by element:
///
/// ```text
/// [i, f, g, o] = x[t] · kernel + h · recurrent_kernel + bias
/// c ← sigmoid(f) ⊙ c + sigmoid(i) ⊙ tanh(g)
/// h ← sigmoid(o) ⊙ tanh(c)
/// ```
///
/// Operands are `x`, or `x`, h and c, the state at the start, `[units]` each. Results are the hidden states, or these, the last
/// hidden state and the last cell state.
///
/// What a training pass keeps, [`kept`](Self::kept) floats a sample, is for the backward pass: [`backward_begin`] goes back through
/// all steps, and the other two read what it leaves there. Without a backward pass `kept` may be empty.
///
/// [`backward_begin`]: Self::backward_begin
#[derive(Clone, Copy, Debug)]
pub struct Lstm {
    /// Number of steps, at least one.
    pub steps: usize,
    /// Features of a step.
    pub inputs: usize,
    /// Units: the length of both states.
    pub units: usize,
    /// Whether the result is the hidden states of all steps.
    pub sequences: bool,
}

/// The parts of `kept`.
struct Parts<'a> {
    /// The gates of all steps; behind `backward_begin` the gradients by what went into them.
    gates: &'a mut [f32],
    cells: &'a mut [f32],
    /// The tanh of the cell states.
    tanhs: &'a mut [f32],
    hidden: &'a mut [f32],
    /// Behind `backward_begin` for each sample the gradients by both states at the start.
    carried: &'a mut [f32],
}

impl Lstm {
    /// Floats that are kept of a sample.
    pub const fn kept(&self) -> usize {
        sum(&[product(&[GATES + 3, self.steps, self.units]), product(&[2, self.units])])
    }

    fn sizes(&self, n: usize) -> Sizes {
        Sizes { samples: n, steps: self.steps, units: self.units }
    }

    /// The product of inputs and kernel, for all steps.
    fn products(&self, n: usize) -> ProductSizes {
        ProductSizes { rows: n * self.steps, inputs: self.inputs, outputs: product(&[GATES, self.units]) }
    }

    /// That of hidden states and recurrent kernel.
    fn recurrent_products(&self, n: usize) -> ProductSizes {
        ProductSizes { inputs: self.units, ..self.products(n) }
    }

    fn split<'a>(&self, n: usize, kept: &'a mut [f32]) -> Parts<'a> {
        check("kept", kept, n, &[self.kept()]);
        let states = n * self.steps * self.units;
        let (gates, rest) = kept.split_at_mut(GATES * states);
        let (cells, rest) = rest.split_at_mut(states);
        let (tanhs, rest) = rest.split_at_mut(states);
        let (hidden, carried) = rest.split_at_mut(states);
        Parts { gates, cells, tanhs, hidden, carried }
    }

    fn check_weights<T>(&self, weights: &impl RecurrentWeights<T>, len: impl Fn(&T) -> usize) {
        let (kernel, recurrent, bias) = weights.parts();
        check_parameter("kernel", len(kernel), &[self.inputs, GATES, self.units]);
        check_parameter("recurrent kernel", len(recurrent), &[self.units, GATES, self.units]);
        bias.into_iter().for_each(|bias| check_parameter("bias", len(bias), &[GATES, self.units]));
    }

    /// `x`, and the state at the start.
    fn operands<'a>(&self, n: usize, operands: &[&'a [f32]]) -> (&'a [f32], Option<State<'a>>) {
        let (x, start) = match *operands {
            [x] => (x, None),
            [x, hidden, cell] => (x, Some(State { hidden, cell })),
            _ => panic!("an `Lstm` has one operand or three, not {}", operands.len()),
        };
        check("x", x, n, &[self.steps, self.inputs]);
        if let Some(State { hidden, cell }) = start {
            check("h", hidden, n, &[self.units]);
            check("c", cell, n, &[self.units]);
        }
        (x, start)
    }

    /// The first result, and the states at the end.
    fn results<'a>(&self, n: usize, results: &'a mut [&mut [f32]]) -> (&'a mut [f32], Option<[&'a mut [f32]; 2]>) {
        let (y, states) = match results {
            [y] => (y, None),
            [y, hidden, cell] => (y, Some([&mut **hidden, &mut **cell])),
            _ => panic!("an `Lstm` has one result or three, not {}", results.len()),
        };
        self.check_result(n, y);
        states.iter().flatten().for_each(|state| check("a state", state, n, &[self.units]));
        (y, states)
    }

    fn check_result(&self, n: usize, y: &[f32]) {
        check("y", y, n, &[if self.sequences { self.steps } else { 1 }, self.units]);
    }

    /// Computes the results from the operands.
    pub fn forward(
        &self,
        n: usize,
        operands: &[&[f32]],
        weights: &impl RecurrentWeights<Param>,
        results: &mut [&mut [f32]],
        kept: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let (x, start) = self.operands(n, operands);
        let (y, states) = self.results(n, results);
        self.check_weights(weights, |param| param.values().len());
        let sizes = self.sizes(n);
        let (kernel, recurrent, bias) = weights.parts();
        let epilogue = Epilogue { bias: bias.map(Param::values), activation: Activation::Linear };
        let number = scratch.packs.current();
        if kept.is_empty() {
            let mut memory = std::mem::take(&mut scratch.steps);
            let products = n * self.steps * GATES * self.units;
            let (gates, cells) = memory.take(products + n * self.units).split_at_mut(products);
            dense::forward(self.products(n), x, kernel, epilogue, gates, scratch);
            scratch.packs.compute_with(number.map(|number| number + 1));
            let hidden = if self.sequences { States::all(sizes, y) } else { States::last(sizes, y) };
            let kept = Kept { gates, cells: States::last(sizes, cells), tanhs: None, hidden };
            lstm::forward(sizes, recurrent, start, kept, &mut scratch.packs);
            if let Some([hidden, cell]) = states {
                cell.copy_from_slice(cells);
                self.copy_last(y, if self.sequences { self.steps } else { 1 }, hidden);
            }
            scratch.steps = memory;
            return;
        }
        let Parts { gates, cells, tanhs, hidden, .. } = self.split(n, kept);
        dense::forward(self.products(n), x, kernel, epilogue, gates, scratch);
        scratch.packs.compute_with(number.map(|number| number + 1));
        let [all_cells, tanhs, all_hidden] =
            [&mut *cells, tanhs, &mut *hidden].map(|states| States::all(sizes, states));
        let kept = Kept { gates, cells: all_cells, tanhs: Some(tanhs), hidden: all_hidden };
        lstm::forward(sizes, recurrent, start, kept, &mut scratch.packs);
        if self.sequences {
            y.copy_from_slice(hidden);
        } else {
            self.copy_last(hidden, self.steps, y);
        }
        if let Some([last_hidden, last_cell]) = states {
            self.copy_last(hidden, self.steps, last_hidden);
            self.copy_last(cells, self.steps, last_cell);
        }
    }

    /// The last of so many states of each sample.
    fn copy_last(&self, states: &[f32], steps: usize, last: &mut [f32]) {
        for (states, last) in states.chunks_exact(steps * self.units).zip(last.chunks_exact_mut(self.units)) {
            last.copy_from_slice(&states[states.len() - self.units..]);
        }
    }

    /// Goes back through all steps, from the gradients by those results that have one, and leaves in `kept` what the other two
    /// functions read.
    pub fn backward_begin(
        &self,
        n: usize,
        weights: &impl RecurrentWeights<Param>,
        operands: &[&[f32]],
        gradients: &[Option<&[f32]>],
        kept: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let (_, start) = self.operands(n, operands);
        let (y, [hidden, cell]) = match *gradients {
            [y] => (y, [None; 2]),
            [y, hidden, cell] => (y, [hidden, cell]),
            _ => panic!("an `Lstm` has one result or three, not {}", gradients.len()),
        };
        y.iter().for_each(|y| self.check_result(n, y));
        [hidden, cell].iter().flatten().for_each(|state| check("a state", state, n, &[self.units]));
        self.check_weights(weights, |param| param.values().len());
        let (every, last) = if self.sequences { (y, None) } else { (None, y) };
        let upstream = Upstream { every, last: [last, hidden], cell };
        let Parts { gates, cells, tanhs, carried, .. } = self.split(n, kept);
        let (_, recurrent, _) = weights.parts();
        let number = scratch.packs.current();
        scratch.packs.compute_with(number.map(|number| number + 1));
        let kept = (gates, &*cells, &*tanhs);
        lstm::backward(self.sizes(n), recurrent, start, upstream, kept, carried, &mut scratch.packs);
    }

    /// Contributes to the gradients of all weights, behind [`backward_begin`](Self::backward_begin).
    pub fn backward_weights(
        &self,
        n: usize,
        operands: &[&[f32]],
        kept: &mut [f32],
        gradients: &mut impl RecurrentWeights<Gradient>,
        scratch: &mut Scratch,
    ) {
        let (x, start) = self.operands(n, operands);
        self.check_weights(gradients, Gradient::len);
        let Parts { gates, hidden, .. } = self.split(n, kept);
        let (kernel, recurrent, bias) = gradients.parts_mut();
        kernel_gradient(self.products(n), x, gates, kernel, scratch);
        let mut memory = std::mem::take(&mut scratch.steps);
        let before = memory.take(hidden.len());
        lstm::states_before(self.sizes(n), hidden, start.map(|start| start.hidden), before);
        kernel_gradient(self.recurrent_products(n), before, gates, recurrent, scratch);
        scratch.steps = memory;
        bias_gradient(bias, gates);
    }

    /// Computes the gradient by operand `k`, behind [`backward_begin`](Self::backward_begin).
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn backward_input(
        &self,
        n: usize,
        k: usize,
        weights: &impl RecurrentWeights<Param>,
        kept: &mut [f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        scratch: &mut Scratch,
    ) {
        self.check_weights(weights, |param| param.values().len());
        let Parts { gates, carried, .. } = self.split(n, kept);
        if k == 0 {
            check("dx", dx, n, &[self.steps, self.inputs]);
            let (kernel, _, _) = weights.parts();
            dense::backward_input(self.products(n), kernel.values(), gates, dx, store.into(), scratch);
            return;
        }
        check("dx", dx, n, &[self.units]);
        let states =
            carried.chunks_exact(2 * self.units).flat_map(|states| &states[(k - 1) * self.units..][..self.units]);
        put(store, dx, states.copied());
    }
}
