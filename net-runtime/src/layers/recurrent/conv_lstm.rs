//! A memory of images.

use super::convolution::{Convolution, GATES};
use super::operands::{Border, Operands};
use super::recurrence::recurrent_functions;
use super::sequence::{Parts, Sequence, some};
use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::elementwise::flush::{CARRIED, flush_all};
use crate::kernels::recurrent::cell::Cell;
use crate::kernels::recurrent::forward::Results;
use crate::kernels::recurrent::functions::Functions;
use crate::kernels::recurrent::lstm;
use crate::kernels::recurrent::places::{Backward, Forward, Turn};
use crate::kernels::recurrent::sequence::{Mask, Rows, add, multiply, multiply_steps};
use crate::kernels::simd::Isa;
use crate::layers::check;
use crate::layers::conv::conv2d::Conv2d;
use crate::layers::conv::conv3d::Conv3d;
use crate::layers::conv::one_kernel::OneKernel;
use crate::layers::conv::steps::Conv1d;
use crate::memory::random::RandomKey;
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::RecurrentWeights;
use crate::tensor::activation::Activation;
use crate::tensor::exact::{product, sum};
use crate::tensor::param::{Param, Store, Write};

const STATES: usize = <lstm::Lstm as Cell>::STATES;
const COLUMNS: usize = <lstm::Lstm as Cell>::KEPT;

/// A layer of this kind.
struct Recurrence<C> {
    name: &'static str,
    sequence: Sequence,
    convolution: C,
    functions: Functions,
}

/// The kernel with the bias, and the recurrent kernel.
fn kernels(weights: &impl RecurrentWeights<Param>) -> [OneKernel<&Param>; 2] {
    let (kernel, recurrent, bias) = weights.parts();
    [OneKernel { kernel, bias }, OneKernel { kernel: recurrent, bias: None }]
}

/// The gates of all steps, the cell states before these, and the function of those behind.
fn columns(rows: &mut [f32]) -> [&mut [f32]; 3] {
    let column = rows.len() / COLUMNS;
    let (gates, kept) = rows.split_at_mut(GATES * column);
    let (before, bounded) = kept.split_at_mut(column);
    [gates, before, bounded]
}

/// Takes so many floats from the begin of some memory.
fn take<'a>(memory: &mut &'a mut [f32], floats: usize) -> &'a mut [f32] {
    let (taken, rest) = std::mem::take(memory).split_at_mut(floats);
    *memory = rest;
    taken
}

impl<C: Convolution> Recurrence<C> {
    fn border(&self) -> Border {
        let (sequence, image) = (self.sequence, &self.convolution);
        let [inputs, outputs] = [image.input(), image.output()].map(product);
        let is_gates = image.output().last().is_some_and(|channels| *channels > 0 && channels.is_multiple_of(GATES));
        assert!(
            is_gates && sequence.inputs == inputs && product(&[sequence.units, GATES]) == outputs,
            "`{}` of {sequence:?} does not convolve {:?} to {:?}",
            self.name,
            image.input(),
            image.output()
        );
        Border { name: self.name, sequence, states: STATES, columns: COLUMNS }
    }

    fn turn<'a>(&self, n: usize, turn: usize, mask: Option<Mask<'a>>) -> Turn<'a> {
        let filters = self.convolution.output().last().map_or(0, |channels| channels / GATES);
        let cell = lstm::Lstm { functions: self.functions };
        Turn { cell, sizes: self.sequence.sizes(n), filters, turn, mask }
    }

    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    fn forward(
        &self,
        n: usize,
        operands: &[&[f32]],
        weights: &impl RecurrentWeights<Param>,
        results: &mut [&mut [f32]],
        kept: &mut [f32],
        random: RandomKey,
        scratch: &mut Scratch,
    ) {
        let Sequence { steps, inputs, units, sequences, .. } = self.sequence;
        let border = self.border();
        let Operands { x, start, mask } = border.operands(n, operands);
        border.check_count(results.len());
        let (y, last) = results.split_first_mut().expect("a layer has a result");
        border.check_result(n, y);
        last.iter().for_each(|state| check("a state", state, n, &[units]));
        let sizes = self.sequence.sizes(n);
        let [of_input, of_state] = kernels(weights);
        let number = scratch.packs.current();
        let mut memory = std::mem::take(&mut scratch.steps);

        let all_units = product(&[n, units]);
        let (trains, drops) = (!kept.is_empty(), [self.sequence.dropout, self.sequence.recurrent_dropout]);
        let [drops, drops_states] = drops.map(|rate| trains && rate > 0.0);
        let floats = [
            if trains { 0 } else { product(&[GATES, steps, all_units]) },
            product(&[GATES, all_units]),
            product(&[STATES, all_units]),
            if drops { x.len() } else { 0 },
            if drops_states { all_units } else { 0 },
        ];
        let mut rest = memory.take(sum(&floats));
        let [gates_aside, convolved, states, x_dropped, left] = floats.map(|floats| take(&mut rest, floats));
        let (mut hidden_rows, mut factors, mut state_factors) = (None, None, None);
        let (gates, mut of_cells) = match trains {
            false => (gates_aside, None),
            true => {
                let mut parts = border.split(n, kept);
                self.sequence.draw(random, &mut parts);
                let Parts { rows, hidden, factors: of_inputs, state_factors: of_states, .. } = parts;
                (factors, state_factors) = (some(of_inputs), some(of_states));
                hidden_rows = (!self.sequence.results_are_hidden()).then_some(hidden);
                let [gates, before, bounded] = columns(rows);
                (gates, Some((before, bounded)))
            }
        };
        let x = match factors {
            Some(factors) => {
                x_dropped.copy_from_slice(x);
                multiply_steps(x_dropped, steps, factors, inputs);
                &*x_dropped
            }
            None => x,
        };
        let (hidden, cell) = states.split_at_mut(all_units);
        for (which, state) in [&mut *hidden, &mut *cell].into_iter().enumerate() {
            match start.get(which) {
                Some(start) => state.copy_from_slice(start),
                None => state.fill(0.0),
            }
        }
        scratch.packs.compute_with(number);
        self.convolution.forward(product(&[n, steps]), x, &of_input, gates, scratch);
        for turn in 0..steps {
            let from_zeros = turn == 0 && start.is_empty();
            if !from_zeros {
                let left = match state_factors {
                    Some(factors) => {
                        left.copy_from_slice(hidden);
                        multiply(left, factors);
                        &*left
                    }
                    None => &*hidden,
                };
                scratch.packs.compute_with(number.map(|number| number + 1));
                self.convolution.of_state().forward(n, left, &of_state, convolved, scratch);
            }
            let rows = |floats: usize, values| Rows::new(sizes, floats, values);
            let all_steps = steps * units;
            self.turn(n, turn, mask).forward(Forward {
                gates: rows(GATES * all_steps, &mut *gates),
                of_state: (!from_zeros).then(|| rows(GATES * units, &mut *convolved)),
                states: (rows(units, &mut *hidden), rows(units, &mut *cell)),
                kept: of_cells.as_mut().map(|(before, bounded)| (rows(all_steps, before), rows(all_steps, bounded))),
                results: Results {
                    y: rows(if sequences { all_steps } else { units }, &mut *y),
                    every: sequences,
                    hidden: hidden_rows.as_mut().map(|hidden| rows(all_steps, hidden)),
                    last: [None, None],
                    kept: None,
                },
            });
        }
        for (last, state) in last.iter_mut().zip([&*hidden, &*cell]) {
            last.copy_from_slice(state);
        }
        scratch.steps = memory;
    }

    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    fn backward_begin(
        &self,
        n: usize,
        weights: &impl RecurrentWeights<Param>,
        operands: &[&[f32]],
        results: &[&mut [f32]],
        upstream: &[Option<&[f32]>],
        kept: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let Sequence { steps, units, .. } = self.sequence;
        let border = self.border();
        let Operands { start, mask, .. } = border.operands(n, operands);
        border.check_count(results.len());
        let upstream = border.upstream(n, upstream);
        let Parts { rows, carried, state_factors, .. } = border.split(n, kept);
        let ([gates, before, bounded], sizes) = (columns(rows), self.sequence.sizes(n));
        let [_, of_state] = kernels(weights);
        let number = scratch.packs.current();
        let mut memory = std::mem::take(&mut scratch.steps);

        let all_units = product(&[n, units]);
        let state_factors = some(state_factors);
        let floats = [
            product(&[GATES, all_units]),
            if state_factors.is_some() { all_units } else { 0 },
            if mask.is_some() { all_units } else { 0 },
        ];
        let mut rest = memory.take(sum(&floats));
        let [of_turn, through, pending] = floats.map(|floats| take(&mut rest, floats));
        pending.fill(0.0);
        let (by_hidden, by_cell) = carried.split_at_mut(all_units);
        for (state, upstream) in [&mut *by_hidden, &mut *by_cell].into_iter().zip(upstream.states) {
            match upstream {
                Some(upstream) => state.copy_from_slice(upstream),
                None => state.fill(0.0),
            }
        }
        for turn in (0..steps).rev() {
            for carried in [&mut *by_hidden, &mut *by_cell] {
                flush_all(Isa::current(), carried, CARRIED);
            }
            let rows = |floats: usize, values| Rows::new(sizes, floats, values);
            let all_steps = steps * units;
            self.turn(n, turn, mask).backward(
                upstream,
                Backward {
                    gates: rows(GATES * all_steps, &mut *gates),
                    of_turn: rows(GATES * units, &mut *of_turn),
                    kept: (rows(all_steps, &mut *before), rows(all_steps, &mut *bounded)),
                    carried: (rows(units, &mut *by_hidden), rows(units, &mut *by_cell)),
                    pending: mask.is_some().then(|| rows(units, &mut *pending)),
                },
            );
            // Nobody wants the gradient by zeros.
            if turn == 0 && start.is_empty() {
                continue;
            }
            scratch.packs.compute_with(number.map(|number| number + 1));
            let convolution = self.convolution.of_state();
            match state_factors {
                None => convolution.backward_input(n, &of_state, of_turn, (&mut *by_hidden, Write::Add), scratch),
                Some(factors) => {
                    convolution.backward_input(n, &of_state, of_turn, (&mut *through, Write::Set), scratch);
                    multiply(through, factors);
                    add(by_hidden, through);
                }
            }
        }
        scratch.steps = memory;
    }

    fn backward_weights(
        &self,
        n: usize,
        operands: &[&[f32]],
        results: &[&mut [f32]],
        kept: &mut [f32],
        gradients: &mut impl RecurrentWeights<Gradient>,
        scratch: &mut Scratch,
    ) {
        let Sequence { steps, inputs, units, .. } = self.sequence;
        let border = self.border();
        let Operands { x, start, .. } = border.operands(n, operands);
        border.check_count(results.len());
        border.check_result(n, results[0]);
        let Parts { rows, hidden, factors, state_factors, .. } = border.split(n, kept);
        let hidden = border.hidden(n, start, results[0], hidden);
        let [gates, ..] = columns(rows);
        let mut memory = std::mem::take(&mut scratch.steps);
        let floats = [hidden.values.len(), if factors.is_empty() { 0 } else { x.len() }];
        let mut rest = memory.take(sum(&floats));
        let [before, x_dropped] = floats.map(|floats| take(&mut rest, floats));
        hidden.all_before(before);
        if let Some(factors) = some(state_factors) {
            multiply_steps(before, steps, factors, units);
        }
        let x = match some(factors) {
            Some(factors) => {
                x_dropped.copy_from_slice(x);
                multiply_steps(x_dropped, steps, factors, inputs);
                &*x_dropped
            }
            None => x,
        };
        let (kernel, recurrent, bias) = gradients.parts_mut();
        let images = product(&[n, steps]);
        self.convolution.backward_weights(images, x, gates, &mut OneKernel { kernel, bias }, scratch);
        let mut recurrent = OneKernel { kernel: recurrent, bias: None };
        self.convolution.of_state().backward_weights(images, before, gates, &mut recurrent, scratch);
        scratch.steps = memory;
    }

    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    fn backward_input(
        &self,
        n: usize,
        k: usize,
        weights: &impl RecurrentWeights<Param>,
        kept: &mut [f32],
        dx: &mut [f32],
        write: Write,
        scratch: &mut Scratch,
    ) {
        let Sequence { steps, inputs, units, .. } = self.sequence;
        let Parts { rows, carried, factors, .. } = self.border().split(n, kept);
        let store = Store::from(write);
        if k == 0 {
            check("dx", dx, n, &[steps, inputs]);
            let ([of_input, _], [gates, ..]) = (kernels(weights), columns(rows));
            let images = product(&[n, steps]);
            let Some(factors) = some(factors) else {
                return self.convolution.backward_input(images, &of_input, gates, (dx, write), scratch);
            };
            let mut memory = std::mem::take(&mut scratch.steps);
            let whole = memory.take(dx.len());
            self.convolution.backward_input(images, &of_input, gates, (&mut *whole, Write::Set), scratch);
            multiply_steps(whole, steps, factors, inputs);
            put(store, dx, whole.iter().copied());
            scratch.steps = memory;
            return;
        }
        assert!(k <= STATES, "`{}` has no gradient by operand {k}", self.name);
        check("dx", dx, n, &[units]);
        put(store, dx, carried[(k - 1) * n * units..][..n * units].iter().copied());
    }
}

macro_rules! conv_lstm {
    ($(#[$doc:meta])* $layer:ident of $convolution:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $layer {
            /// The sequence, of as many inputs as an image has elements, and as many units as a state has.
            pub sequence: Sequence,
            /// How an image of the sequence is convolved, to all four gates.
            pub convolution: $convolution,
            /// The function of the candidate and of the cell state; not one of those whose derivative is computed from what goes in.
            pub activation: Activation,
            /// The function of the gates; likewise.
            pub recurrent_activation: Activation,
        }

        impl $layer {
            /// With tanh, and sigmoid for the gates.
            pub const fn new(sequence: Sequence, convolution: $convolution) -> Self {
                let (activation, recurrent_activation) = (Activation::Tanh, Activation::Sigmoid);
                Self { sequence, convolution, activation, recurrent_activation }
            }

            /// Floats that a training pass keeps of a sample.
            pub const fn kept(&self) -> usize {
                self.sequence.kept_len(COLUMNS, STATES)
            }

            fn recurrence(&self) -> Recurrence<$convolution> {
                let Self { sequence, convolution, activation, recurrent_activation } = *self;
                let functions = Functions { activation, recurrent: recurrent_activation };
                Recurrence { name: stringify!($layer), sequence, convolution, functions }
            }

            recurrent_functions!(Write);
        }
    };
}

conv_lstm! {
    /// An [`Lstm`](super::super::Lstm) over images (Shi et al., "Convolutional LSTM Network", 2015, without peepholes), as Keras's
    /// `ConvLSTM2D`: with ∗ a convolution,
    ///
    /// ```text
    /// [i, f, g, o] = x[t] ∗ kernel + h ∗ recurrent_kernel + bias
    /// c ← sigmoid(f) ⊙ c + sigmoid(i) ⊙ tanh(g)
    /// h ← sigmoid(o) ⊙ tanh(c)
    /// ```
    ///
    /// from states of zeros at first. Images are convolved as the descriptor says; hidden states with as many taps, stride 1, no
    /// dilation, and padding that keeps their size. x is `[steps, height, width, channels]`, a state
    /// `[height, width, filters]` of the convolved image; kernels are `[height, width, channels, 4 · filters]` and
    /// `[height, width, filters, 4 · filters]`, the bias `[4 · filters]`.
    ///
    /// Operands are `x`, perhaps h and c, the states at the start, and perhaps a mask, `[steps]`. Results are the hidden states, or
    /// these, the last hidden state and the last cell state. What is kept is as [`Lstm`](super::super::Lstm) says. Dropout draws
    /// factors for every element of an image and of a state, the same for all steps and all gates, where Keras draws others for each gate.
    ///
    /// # In `network!`
    ///
    /// `ConvLstm2d(filters, kernel, stride = 1, padding = valid, dilation = 1, activation = tanh, recurrent_activation = sigmoid,
    /// sequences = false, states = false, reverse = false, bias = true, unit_forget_bias = true, dropout = 0, recurrent_dropout =
    /// 0)`: `[steps, height, width, channels]` to `[height, width, filters]`, or with `sequences` to
    /// `[steps, height, width, filters]`, with sizes as of [`Conv2d`] and states and masks as of [`Lstm`](super::super::Lstm).
    ///
    /// ```
    /// use net_runtime::prelude::*;
    ///
    /// network! {
    ///     network Radar(film: [6, 32, 32, 1], line: [9, 40, 2], cloud: [4, 8, 8, 8, 1])
    ///         -> (next: [32, 32, 1], last: [38, 3], dense: [8, 8, 8, 2])
    ///     {
    ///         let seen: [6, 32, 32, 8] = film -> ConvLstm2d(8, 3, padding = same, sequences = true);
    ///         let next = seen -> ConvLstm2d(1, 5, padding = same, activation = sigmoid);
    ///         let last = line -> ConvLstm1d(3, 3);
    ///         let dense = cloud -> ConvLstm3d(2, 3, padding = same);
    ///     }
    /// }
    /// assert_eq!(Radar::new(1).seen_conv_lstm2d.kernel.dims(), [3, 3, 1, 4 * 8]);
    /// ```
    ConvLstm2d of Conv2d
}

conv_lstm! {
    /// A [`ConvLstm2d`] over rows instead of images, `[steps, rows, channels]`, as Keras's `ConvLSTM1D`.
    ///
    /// In `network!`: `ConvLstm1d(filters, kernel, stride = 1, padding = valid, dilation = 1, activation = tanh,
    /// recurrent_activation = sigmoid, sequences = false, states = false, reverse = false, bias = true, unit_forget_bias = true,
    /// dropout = 0, recurrent_dropout = 0)`; the example is at [`ConvLstm2d`].
    ConvLstm1d of Conv1d
}

conv_lstm! {
    /// A [`ConvLstm2d`] over volumes instead of images, `[steps, depth, height, width, channels]`, as Keras's `ConvLSTM3D`.
    ///
    /// In `network!`: `ConvLstm3d(filters, kernel, stride = 1, padding = valid, dilation = 1, activation = tanh,
    /// recurrent_activation = sigmoid, sequences = false, states = false, reverse = false, bias = true, unit_forget_bias = true,
    /// dropout = 0, recurrent_dropout = 0)`; the example is at [`ConvLstm2d`].
    ConvLstm3d of Conv3d
}
