//! The functions of every recurrent layer.

use super::operands::{Border, Operands};
use super::sequence::{Parts, Sequence, some};
use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::recurrent::backward::{self, Backward};
use crate::kernels::recurrent::cell::Cell;
use crate::kernels::recurrent::forward::{self, Forward, Results, Weights};
use crate::kernels::recurrent::gradients::{self, Factors, Gradients};
use crate::kernels::recurrent::sequence::{Rows, multiply_steps};
use crate::layers::{check, check_parameter};
use crate::memory::random::RandomKey;
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::RecurrentWeights;
use crate::tensor::param::{Param, Store};

/// A kind of layer that goes through a sequence.
pub(super) struct Recurrence<C> {
    pub cell: C,
    pub sequence: Sequence,
    /// Its name.
    pub name: &'static str,
}

impl<C: Cell> Recurrence<C> {
    fn border(&self) -> Border {
        Border { name: self.name, sequence: self.sequence, states: C::STATES, columns: C::KEPT }
    }

    fn check_weights<T>(&self, weights: &impl RecurrentWeights<T>, len: impl Fn(&T) -> usize) {
        let Sequence { inputs, units, .. } = self.sequence;
        let (kernel, recurrent, bias) = weights.parts();
        check_parameter("kernel", len(kernel), &[inputs, C::GATES, units]);
        check_parameter("recurrent kernel", len(recurrent), &[units, C::GATES, units]);
        let biases = self.cell.biases();
        bias.into_iter().for_each(|bias| check_parameter("bias", len(bias), &[biases, C::GATES, units]));
    }

    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn forward(
        &self,
        n: usize,
        operands: &[&[f32]],
        weights: &impl RecurrentWeights<Param>,
        results: &mut [&mut [f32]],
        kept: &mut [f32],
        random: RandomKey,
        scratch: &mut Scratch,
    ) {
        let Sequence { steps, units, sequences, .. } = self.sequence;
        let border = self.border();
        let Operands { x, start, mask } = border.operands(n, operands);
        self.check_weights(weights, |param| param.values().len());
        border.check_count(results.len());
        let sizes = self.sequence.sizes(n);
        let (y, states) = results.split_first_mut().expect("a layer has a result");
        border.check_result(n, y);
        states.iter().for_each(|state| check("a state", state, n, &[units]));
        let mut states = states.iter_mut();
        let last = [(); 2].map(|()| states.next().map(|state| Rows::new(sizes, units, state)));
        let (kernel, recurrent, bias) = weights.parts();
        let trains = !kept.is_empty();
        let parts = trains.then(|| border.split(n, kept));
        let (mut rows, mut hidden, mut dropped) = (None, None, [None; 2]);
        if let Some(mut parts) = parts {
            self.sequence.draw(random, &mut parts);
            rows = Some(Rows::new(sizes, C::KEPT * steps * units, parts.rows));
            hidden = (!self.sequence.results_are_hidden()).then(|| Rows::new(sizes, steps * units, parts.hidden));
            dropped = [some(parts.factors), some(parts.state_factors)];
        }
        let weights = Weights { kernel, recurrent, bias };
        let [dropout, state_dropout] = dropped;
        let call = Forward { cell: self.cell, sizes, x, dropout, state_dropout, weights, start, mask };
        let sample = if sequences { steps * units } else { units };
        let results = Results { y: Rows::new(sizes, sample, y), every: sequences, hidden, last, kept: rows };
        let Scratch { work, packs, .. } = scratch;
        forward::forward(call, results, packs, work);
    }

    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn backward_begin(
        &self,
        n: usize,
        weights: &impl RecurrentWeights<Param>,
        operands: &[&[f32]],
        results: &[&mut [f32]],
        upstream: &[Option<&[f32]>],
        kept: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let border = self.border();
        let Operands { start, mask, .. } = border.operands(n, operands);
        self.check_weights(weights, |param| param.values().len());
        border.check_count(results.len());
        border.check_result(n, results[0]);
        let upstream = border.upstream(n, upstream);
        let Parts { rows, hidden, carried, state_factors, .. } = border.split(n, kept);
        let hidden = border.hidden(n, start, results[0], hidden);
        let (_, recurrent, _) = weights.parts();
        let state_dropout = some(state_factors);
        let call = Backward { cell: self.cell, recurrent, hidden, mask, state_dropout, upstream };
        let Scratch { work, packs, .. } = scratch;
        backward::backward(call, rows, carried, packs, work);
    }

    pub fn backward_weights(
        &self,
        n: usize,
        operands: &[&[f32]],
        results: &[&mut [f32]],
        kept: &mut [f32],
        gradients: &mut impl RecurrentWeights<Gradient>,
        scratch: &mut Scratch,
    ) {
        let border = self.border();
        let Operands { x, start, .. } = border.operands(n, operands);
        self.check_weights(gradients, Gradient::len);
        border.check_count(results.len());
        border.check_result(n, results[0]);
        let Sequence { steps, inputs, units, .. } = self.sequence;
        let Parts { rows, hidden, factors, state_factors, .. } = border.split(n, kept);
        let hidden = border.hidden(n, start, results[0], hidden);
        let mut memory = std::mem::take(&mut scratch.steps);
        let dropped = if factors.is_empty() { 0 } else { x.len() };
        let (before, dropped) = memory.take(hidden.values.len() + dropped).split_at_mut(hidden.values.len());
        hidden.all_before(before);
        if let Some(factors) = some(state_factors) {
            multiply_steps(before, steps, factors, units);
        }
        for (row, place) in dropped.chunks_exact_mut(inputs).enumerate() {
            let factors = factors[row / steps * inputs..][..inputs].iter();
            put(Store::Set, place, x[row * inputs..][..inputs].iter().zip(factors).map(|(x, factor)| x * factor));
        }
        let x = if factors.is_empty() { x } else { &*dropped };
        let (kernel, recurrent, bias) = gradients.parts_mut();
        let gradients = Gradients {
            kernel: kernel.contribute(),
            recurrent: recurrent.contribute(),
            bias: bias.map(Gradient::contribute),
        };
        gradients::weights(self.cell, self.sequence.sizes(n), Factors { x, before, rows }, gradients, scratch);
        scratch.steps = memory;
    }

    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn backward_input(
        &self,
        n: usize,
        k: usize,
        weights: &impl RecurrentWeights<Param>,
        kept: &mut [f32],
        dx: &mut [f32],
        store: Store,
        scratch: &mut Scratch,
    ) {
        self.check_weights(weights, |param| param.values().len());
        let Sequence { steps, inputs, units, .. } = self.sequence;
        let Parts { rows, carried, factors, .. } = self.border().split(n, kept);
        if k == 0 {
            check("dx", dx, n, &[steps, inputs]);
            let (kernel, _, _) = weights.parts();
            let factors = some(factors);
            let Scratch { work, packs, .. } = scratch;
            return gradients::inputs::<C>(self.sequence.sizes(n), kernel, factors, rows, (dx, store), packs, work);
        }
        assert!(k <= C::STATES, "`{}` has no gradient by operand {k}", self.name);
        check("dx", dx, n, &[units]);
        let states = carried.chunks_exact(C::STATES * units).flat_map(|states| &states[(k - 1) * units..][..units]);
        put(store, dx, states.copied());
    }
}

/// The functions of a layer whose `recurrence` does what they say. How it writes a gradient by an operand is of this type.
macro_rules! recurrent_functions {
    ($write:ty) => {
        /// Computes the results from the operands. In inference nothing is kept, and nothing dropped.
        #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
        pub fn forward(
            &self,
            n: usize,
            operands: &[&[f32]],
            weights: &impl $crate::parameters::weights::RecurrentWeights<$crate::tensor::param::Param>,
            results: &mut [&mut [f32]],
            kept: &mut [f32],
            random: $crate::memory::random::RandomKey,
            scratch: &mut $crate::memory::scratch::Scratch,
        ) {
            self.recurrence().forward(n, operands, weights, results, kept, random, scratch);
        }

        /// Goes back through all steps, from the gradients by those results that have one, and leaves in `kept` what the other
        /// two functions read.
        #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
        pub fn backward_begin(
            &self,
            n: usize,
            weights: &impl $crate::parameters::weights::RecurrentWeights<$crate::tensor::param::Param>,
            operands: &[&[f32]],
            results: &[&mut [f32]],
            upstream: &[Option<&[f32]>],
            kept: &mut [f32],
            scratch: &mut $crate::memory::scratch::Scratch,
        ) {
            self.recurrence().backward_begin(n, weights, operands, results, upstream, kept, scratch);
        }

        /// Contributes to the gradients of all weights, behind [`backward_begin`](Self::backward_begin).
        pub fn backward_weights(
            &self,
            n: usize,
            operands: &[&[f32]],
            results: &[&mut [f32]],
            kept: &mut [f32],
            gradients: &mut impl $crate::parameters::weights::RecurrentWeights<$crate::parameters::gradient::Gradient>,
            scratch: &mut $crate::memory::scratch::Scratch,
        ) {
            self.recurrence().backward_weights(n, operands, results, kept, gradients, scratch);
        }

        /// Computes the gradient by operand `k`, behind [`backward_begin`](Self::backward_begin). By a mask there is none.
        #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
        pub fn backward_input(
            &self,
            n: usize,
            k: usize,
            weights: &impl $crate::parameters::weights::RecurrentWeights<$crate::tensor::param::Param>,
            kept: &mut [f32],
            dx: &mut [f32],
            write: $write,
            scratch: &mut $crate::memory::scratch::Scratch,
        ) {
            self.recurrence().backward_input(n, k, weights, kept, dx, write.into(), scratch);
        }
    };
}

/// Defines the functions of a layer that has a sequence and a cell.
macro_rules! recurrent_layer {
    ($layer:ident, $cell:ty) => {
        impl $layer {
            /// Floats that a training pass keeps of a sample.
            pub const fn kept(&self) -> usize {
                use $crate::kernels::recurrent::cell::Cell;
                self.sequence.kept_len(<$cell>::KEPT, <$cell>::STATES)
            }

            fn recurrence(&self) -> $crate::layers::recurrent::recurrence::Recurrence<$cell> {
                let (cell, sequence) = (self.cell(), self.sequence);
                $crate::layers::recurrent::recurrence::Recurrence { cell, sequence, name: stringify!($layer) }
            }

            $crate::layers::recurrent::recurrence::recurrent_functions!(impl Into<$crate::tensor::param::Store>);
        }
    };
}

pub(super) use {recurrent_functions, recurrent_layer};
