//! One step of an LSTM over images: at each place it is a step of [`Lstm`], whose units are filters.
//!
//! What convolutions make lies place by place, four gates of so many filters at each.

use super::backward::Upstream;
use super::cell::{self, Cell};
use super::forward::Results;
use super::lstm::Lstm;
use super::sequence::{Mask, MaskedResult, Rows, Sizes, add};
use crate::kernels::simd::Isa;
use crate::parallel::{self, Cut, for_each_group, for_each_part_of};
use crate::tensor::exact::product;

/// Filters that are computed at once, in buffers on the stack.
const FILTERS: usize = 64;

/// Elements of a cheap operation that take as long as a step of one filter at one place.
const COST: usize = 16;

/// A turn of all samples.
#[derive(Clone, Copy)]
pub(crate) struct Turn<'a> {
    pub cell: Lstm,
    /// Units are filters times places.
    pub sizes: Sizes,
    pub filters: usize,
    pub turn: usize,
    pub mask: Option<Mask<'a>>,
}

/// What a turn reads and writes going forward.
pub(crate) struct Forward<'a> {
    /// What inputs were convolved to, of all steps; then the gates.
    pub gates: Rows<'a>,
    /// What hidden states were convolved to; nothing stands for zeros.
    pub of_state: Option<Rows<'a>>,
    /// Hidden and cell states.
    pub states: (Rows<'a>, Rows<'a>),
    /// For a backward pass, of all steps: the cell states before, and the function of those behind.
    pub kept: Option<(Rows<'a>, Rows<'a>)>,
    pub results: Results<'a>,
}

impl Cut for Forward<'_> {
    fn cut(self, at: usize) -> (Self, Self) {
        let Self { gates, of_state, states, kept, results } = self;
        let (((gates, of_state), (states, kept)), after) = ((gates, of_state), (states, kept)).cut(at);
        let ((gates_after, of_state_after), (states_after, kept_after)) = after;
        let (results, results_after) = results.cut(at);
        (
            Self { gates, of_state, states, kept, results },
            Self {
                gates: gates_after,
                of_state: of_state_after,
                states: states_after,
                kept: kept_after,
                results: results_after,
            },
        )
    }
}

/// What it reads and writes going back.
pub(crate) struct Backward<'a> {
    /// The gates of all steps; then the gradients by the sums that went into them.
    pub gates: Rows<'a>,
    /// The same of this turn alone.
    pub of_turn: Rows<'a>,
    /// As [`Forward::kept`].
    pub kept: (Rows<'a>, Rows<'a>),
    /// The gradients by the states behind the turn; then those by the states before it, but for what comes through the convolution.
    pub carried: (Rows<'a>, Rows<'a>),
    /// With a mask: the gradient by a result that later turns have, too.
    pub pending: Option<Rows<'a>>,
}

impl Cut for Backward<'_> {
    fn cut(self, at: usize) -> (Self, Self) {
        let Self { gates, of_turn, kept, carried, pending } = self;
        let (((gates, of_turn), (kept, (carried, pending))), after) =
            ((gates, of_turn), (kept, (carried, pending))).cut(at);
        let ((gates_after, of_turn_after), (kept_after, (carried_after, pending_after))) = after;
        (
            Self { gates, of_turn, kept, carried, pending },
            Self {
                gates: gates_after,
                of_turn: of_turn_after,
                kept: kept_after,
                carried: carried_after,
                pending: pending_after,
            },
        )
    }
}

impl Turn<'_> {
    /// The turn, forward.
    pub fn forward(&self, all: Forward<'_>) {
        let threads = self.threads();
        for_each_part_of(threads, self.sizes.samples, &|sample| sample, all, (&mut [], 0), &|sample, all, _| {
            self.forward_sample(threads, sample, all);
        });
    }

    /// The turn, back.
    pub fn backward(&self, upstream: Upstream<'_>, all: Backward<'_>) {
        let threads = self.threads();
        for_each_part_of(threads, self.sizes.samples, &|sample| sample, all, (&mut [], 0), &|sample, all, _| {
            self.backward_sample(threads, sample, upstream.at(self.sizes, sample, self.turn), all);
        });
    }

    fn threads(&self) -> bool {
        parallel::elements_pay(product(&[self.sizes.samples, self.sizes.units, COST]))
    }

    /// Whether the turn does not count for a sample.
    fn hides(&self, sample: usize) -> bool {
        self.mask.is_some_and(|mask| mask.hides(self.sizes, sample, self.sizes.step(self.turn)))
    }

    /// Places that one task works on.
    fn group(&self) -> usize {
        (parallel::ELEMENTS / COST / self.filters).max(1)
    }

    fn forward_sample(&self, threads: bool, sample: usize, all: Forward<'_>) {
        let Forward { mut gates, mut of_state, states: (mut hidden, mut cell), mut kept, mut results } = all;
        let (filters, units, step) = (self.filters, self.sizes.units, self.sizes.step(self.turn));
        if !self.hides(sample) {
            let of_state = of_state.as_mut().map_or((&mut [][..], 0), |rows| (rows.at(0, 0, 4 * units), 4 * filters));
            let (before, bounded) = match &mut kept {
                Some((before, bounded)) => {
                    let [before, bounded] = [before, bounded].map(|rows| (rows.at(0, step * units, units), filters));
                    (before, bounded)
                }
                None => ((&mut [][..], 0), (&mut [][..], 0)),
            };
            let slices = [
                (gates.at(0, step * 4 * units, 4 * units), 4 * filters),
                of_state,
                (hidden.at(0, 0, units), filters),
                (cell.at(0, 0, units), filters),
                before,
                bounded,
            ];
            for_each_group(threads, self.group(), 0..units / filters, slices, &|_, slices| {
                self.forward_places(slices);
            });
        }
        results.put((self.sizes, self.mask), [sample, 0], self.turn, hidden.at(0, 0, units));
    }

    fn forward_places(&self, [gates, of_state, hidden, cell, before, bounded]: [&mut [f32]; 6]) {
        const KEPT: usize = Lstm::KEPT;
        let (isa, filters) = (Isa::current(), self.filters);
        let keeps = !before.is_empty();
        let (mut row, mut states) = ([0.0; KEPT * FILTERS], [0.0; Lstm::STATES * FILTERS]);
        for place in (0..hidden.len()).step_by(filters) {
            for first in (0..filters).step_by(FILTERS) {
                let count = FILTERS.min(filters - first);
                let gate = |gate: usize| 4 * place + gate * filters + first..4 * place + gate * filters + first + count;
                let of_place = place + first..place + first + count;
                let row = &mut row[..if keeps { KEPT } else { Lstm::WORK } * count];
                for (index, row) in row.chunks_exact_mut(count).enumerate().take(4) {
                    row.copy_from_slice(&gates[gate(index)]);
                    if !of_state.is_empty() {
                        add(row, &of_state[gate(index)]);
                    }
                }
                let states = &mut states[..Lstm::STATES * count];
                states[..count].copy_from_slice(&hidden[of_place.clone()]);
                states[count..].copy_from_slice(&cell[of_place.clone()]);
                self.cell.forward(isa, 0, row, states);
                hidden[of_place.clone()].copy_from_slice(&states[..count]);
                cell[of_place.clone()].copy_from_slice(&states[count..]);
                if keeps {
                    let mut columns = row.chunks_exact(count);
                    (0..4).zip(&mut columns).for_each(|(index, row)| gates[gate(index)].copy_from_slice(row));
                    for (kept, column) in [&mut *before, &mut *bounded].into_iter().zip(columns) {
                        kept[of_place.clone()].copy_from_slice(column);
                    }
                }
            }
        }
    }

    fn backward_sample(&self, threads: bool, sample: usize, upstream: Option<&[f32]>, all: Backward<'_>) {
        let Backward { mut gates, mut of_turn, kept: (mut before, mut bounded), carried, mut pending } = all;
        let (mut hidden, mut cell) = carried;
        let (filters, units, step) = (self.filters, self.sizes.units, self.sizes.step(self.turn));
        let gates = gates.at(0, step * 4 * units, 4 * units);
        let of_turn = of_turn.at(0, 0, 4 * units);
        let mut pending = pending.as_mut().map(|pending| pending.at(0, 0, units));
        let hides = self.hides(sample);
        if let (Some(mask), Some(pending), Some(upstream)) = (self.mask, &mut pending, upstream)
            && (!hides || mask.result == MaskedResult::Before)
        {
            add(pending, upstream);
        }
        if hides {
            [gates, of_turn].into_iter().for_each(|gradients| gradients.fill(0.0));
            return;
        }
        let upstream = pending.as_deref().or(upstream);
        let slices = [
            (gates, 4 * filters),
            (of_turn, 4 * filters),
            (before.at(0, step * units, units), filters),
            (bounded.at(0, step * units, units), filters),
            (hidden.at(0, 0, units), filters),
            (cell.at(0, 0, units), filters),
        ];
        for_each_group(threads, self.group(), 0..units / filters, slices, &|first, slices| {
            self.backward_places(upstream.map(|upstream| &upstream[first * filters..]), slices);
        });
        pending.into_iter().for_each(|pending| pending.fill(0.0));
    }

    fn backward_places(
        &self,
        upstream: Option<&[f32]>,
        [gates, of_turn, before, bounded, hidden, cell]: [&mut [f32]; 6],
    ) {
        let (isa, filters) = (Isa::current(), self.filters);
        let (mut row, mut carried) = ([0.0; Lstm::KEPT * FILTERS], [0.0; Lstm::STATES * FILTERS]);
        for place in (0..hidden.len()).step_by(filters) {
            for first in (0..filters).step_by(FILTERS) {
                let count = FILTERS.min(filters - first);
                let gate = |gate: usize| 4 * place + gate * filters + first..4 * place + gate * filters + first + count;
                let of_place = place + first..place + first + count;
                let row = &mut row[..Lstm::KEPT * count];
                let (of_gates, of_cell) = row.split_at_mut(4 * count);
                let columns = of_gates.chunks_exact_mut(count).enumerate();
                columns.for_each(|(index, row)| row.copy_from_slice(&gates[gate(index)]));
                of_cell[..count].copy_from_slice(&before[of_place.clone()]);
                of_cell[count..].copy_from_slice(&bounded[of_place.clone()]);
                let carried = &mut carried[..Lstm::STATES * count];
                carried[..count].copy_from_slice(&hidden[of_place.clone()]);
                carried[count..].copy_from_slice(&cell[of_place.clone()]);
                let next = row.as_ptr();
                let upstream = upstream.map(|upstream| &upstream[of_place.clone()]);
                let at = cell::Backward { row, before: None, upstream, carried, through: &[], next };
                self.cell.backward(isa, 0, at);
                for (index, row) in row.chunks_exact(count).enumerate().take(4) {
                    gates[gate(index)].copy_from_slice(row);
                    of_turn[gate(index)].copy_from_slice(row);
                }
                hidden[of_place.clone()].copy_from_slice(&carried[..count]);
                cell[of_place].copy_from_slice(&carried[count..]);
            }
        }
    }
}
