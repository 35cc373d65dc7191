//! What goes into a recurrent layer and comes out, checked.

use super::sequence::{Parts, Sequence};
use crate::kernels::recurrent::backward::Upstream;
use crate::kernels::recurrent::sequence::{Hidden, Mask};
use crate::layers::check;

/// What goes in.
#[derive(Clone, Copy)]
pub(super) struct Operands<'a> {
    pub x: &'a [f32],
    /// The states before the first step, or none.
    pub start: &'a [&'a [f32]],
    pub mask: Option<Mask<'a>>,
}

/// A layer as its checks see it: its name, how it goes through a sequence, and the numbers of its states and of the columns that are kept.
#[derive(Clone, Copy)]
pub(super) struct Border {
    pub name: &'static str,
    pub sequence: Sequence,
    pub states: usize,
    pub columns: usize,
}

impl Border {
    /// Checks the operands.
    pub fn operands<'a>(&self, n: usize, operands: &'a [&'a [f32]]) -> Operands<'a> {
        let Sequence { steps, inputs, units, mask, .. } = self.sequence;
        let (mask, others) = match mask {
            Some(result) => {
                let (values, others) = operands.split_last().expect("a mask is the last operand");
                check("mask", values, n, &[steps]);
                (Some(Mask { values, result }), others)
            }
            None => (None, operands),
        };
        let (&x, start) = others.split_first().expect("what goes in is the first operand");
        let states = [0, self.states];
        assert!(
            states.contains(&start.len()),
            "`{}` has {states:?} states at the start, not {}",
            self.name,
            start.len()
        );
        check("x", x, n, &[steps, inputs]);
        start.iter().for_each(|state| check("a state", state, n, &[units]));
        Operands { x, start, mask }
    }

    /// Checks the first result, or its gradient.
    pub fn check_result(&self, n: usize, y: &[f32]) {
        let Sequence { steps, units, sequences, .. } = self.sequence;
        check("y", y, n, &[if sequences { steps } else { 1 }, units]);
    }

    /// Checks how many results there are.
    pub fn check_count(&self, results: usize) {
        let counts = [1, 1 + self.states];
        assert!(counts.contains(&results), "`{}` has {counts:?} results, not {results}", self.name);
    }

    /// Checks the gradients by the results.
    pub fn upstream<'a>(&self, n: usize, upstream: &[Option<&'a [f32]>]) -> Upstream<'a> {
        self.check_count(upstream.len());
        upstream[0].iter().for_each(|y| self.check_result(n, y));
        upstream[1..].iter().flatten().for_each(|state| check("a state", state, n, &[self.sequence.units]));
        let state = |which: usize| upstream.get(1 + which).copied().flatten();
        let states = [state(0), state(1)];
        match self.sequence.sequences {
            true => Upstream { every: upstream[0], last: None, states },
            false => Upstream { every: None, last: upstream[0], states },
        }
    }

    /// The parts of what is kept.
    pub fn split<'a>(&self, n: usize, kept: &'a mut [f32]) -> Parts<'a> {
        check("kept", kept, n, &[self.sequence.kept_len(self.columns, self.states)]);
        self.sequence.split(n, self.columns, self.states, kept)
    }

    /// The hidden states of all steps.
    pub fn hidden<'a>(&self, n: usize, start: &[&'a [f32]], y: &'a [f32], kept: &'a [f32]) -> Hidden<'a> {
        let values = if self.sequence.results_are_hidden() { y } else { kept };
        Hidden { sizes: self.sequence.sizes(n), values, start: start.first().copied() }
    }
}
