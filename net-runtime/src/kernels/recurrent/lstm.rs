//! One step of long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), as Keras computes it.
//!
//! Columns of a row: input gate, forget gate, candidate, output gate; for a backward pass the cell state before and the tanh of
//! that behind.

use super::cell::{Backward, Cell, Factor, Link, Source, sigmoids};
use super::functions::{self, Functions};
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, math, store_at};
use crate::tensor::exact::product;

/// Long short-term memory.
#[derive(Clone, Copy)]
pub(crate) struct Lstm {
    pub functions: Functions,
}

impl Cell for Lstm {
    const STATES: usize = 2;
    const GATES: usize = 4;
    const WORK: usize = 4;
    const KEPT: usize = 6;
    const PROJECTED: usize = 0;

    fn links(&self) -> &'static [Link] {
        &[Link { from: Source::Hidden, gates: (0, 4), to: 0, added: true }]
    }

    fn factors(&self) -> &'static [Factor] {
        &[Factor { columns: (0, 4), kernel: Some(0), recurrent: Some((0, Source::Hidden)) }]
    }

    fn forward(&self, isa: Isa, _link: usize, row: &mut [f32], states: &mut [f32]) {
        let units = states.len() / Self::STATES;
        let keeps = row.len() == product(&[Self::KEPT, units]);
        assert!(states.len() == 2 * units && (keeps || row.len() == product(&[Self::WORK, units])));
        if self.functions != Functions::USUAL {
            return functions::lstm(self.functions, row, states);
        }
        let (row, states) = (row.as_mut_ptr(), states.as_mut_ptr());
        // SAFETY: a row has so many columns of `units` floats, the states two; they are slices of their own.
        unsafe { forward(isa, row, states, keeps, units) }
    }

    fn backward(&self, isa: Isa, _link: usize, at: Backward<'_>) {
        if self.functions != Functions::USUAL {
            return functions::lstm_backward(self.functions, at);
        }
        let Backward { row, upstream, carried, next, .. } = at;
        let units = carried.len() / Self::STATES;
        assert!(carried.len() == 2 * units && row.len() == product(&[Self::KEPT, units]));
        assert!(upstream.is_none_or(|upstream| upstream.len() == units));
        let upstream = upstream.map_or(std::ptr::null(), <[f32]>::as_ptr);
        let (row, carried) = (row.as_mut_ptr(), carried.as_mut_ptr());
        // SAFETY: the row has six columns of `units` floats, `carried` two, the upstream one; they are slices of their own. `next` is
        // not read.
        unsafe { backward(isa, row, upstream, carried, next, units) }
    }
}

dispatch! {
    /// With i, f, o = sigmoid and g = tanh of their sums: c ← f · c + i · g, h ← o · tanh(c).
    unsafe fn forward(row: *mut f32, states: *mut f32, keeps: bool, units: usize) = forward_generic
}

#[inline(always)]
unsafe fn forward_generic<S: Simd>(row: *mut f32, states: *mut f32, keeps: bool, units: usize) {
    let [i, f, g, o, before, bounded] = [0, 1, 2, 3, 4, 5].map(|column| row.wrapping_add(column * units));
    let [hidden, cell] = [0, 1].map(|state| states.wrapping_add(state * units));
    // SAFETY: the caller has the instruction set and the places.
    unsafe {
        sigmoids::<S>(i, 2 * units);
        sigmoids::<S>(o, units);
        let zero = S::splat(0.0);
        for first in (0..units).step_by(S::LANES) {
            let input = load_at::<S>(i, units, first, zero);
            let forget = load_at::<S>(f, units, first, zero);
            let output = load_at::<S>(o, units, first, zero);
            let candidate = math::tanh::<S>(load_at::<S>(g, units, first, zero));
            let old = load_at::<S>(cell, units, first, zero);
            let new = S::mul_add(forget, old, S::mul(input, candidate));
            let tanh = math::tanh::<S>(new);
            if keeps {
                store_at::<S>(g, units, first, candidate);
                store_at::<S>(before, units, first, old);
                store_at::<S>(bounded, units, first, tanh);
            }
            store_at::<S>(cell, units, first, new);
            store_at::<S>(hidden, units, first, S::mul(output, tanh));
        }
    }
}

dispatch! {
    /// With δh the sum of both gradients by the hidden state, and δc = that by the cell state + δh · o · (1 − tanh(c)²): the gradients by
    /// the sums are δc · g · i · (1 − i), δc · before · f · (1 − f), δc · i · (1 − g²), δh · tanh(c) · o · (1 − o); that by the cell
    /// state before is δc · f.
    unsafe fn backward(
        row: *mut f32, upstream: *const f32, carried: *mut f32, next: *const f32, units: usize
    ) = backward_generic
}

#[inline(always)]
unsafe fn backward_generic<S: Simd>(
    row: *mut f32,
    upstream: *const f32,
    carried: *mut f32,
    next: *const f32,
    units: usize,
) {
    for first in (0..units).step_by(S::LANES) {
        // SAFETY: the caller has the instruction set and the places.
        unsafe {
            let (zero, one) = (S::splat(0.0), S::splat(1.0));
            let [i, f, g, o, before, bounded] = [0, 1, 2, 3, 4, 5].map(|column| row.add(column * units));
            let [hidden, cell] = [0, 1].map(|state| carried.add(state * units));
            for column in 0..Lstm::KEPT {
                S::prefetch(next.wrapping_add(column * units + first));
            }
            let input = load_at::<S>(i, units, first, zero);
            let forget = load_at::<S>(f, units, first, zero);
            let candidate = load_at::<S>(g, units, first, zero);
            let output = load_at::<S>(o, units, first, zero);
            let before = load_at::<S>(before, units, first, zero);
            let bounded = load_at::<S>(bounded, units, first, zero);
            let mut by_hidden = load_at::<S>(hidden, units, first, zero);
            if !upstream.is_null() {
                by_hidden = S::add(by_hidden, load_at::<S>(upstream, units, first, zero));
            }
            let through = S::mul(by_hidden, output);
            let slope = S::sub(one, S::mul(bounded, bounded));
            let by_cell = S::mul_add(through, slope, load_at::<S>(cell, units, first, zero));

            let by_input = S::mul(S::mul(by_cell, candidate), S::mul(input, S::sub(one, input)));
            let by_candidate = S::mul(S::mul(by_cell, input), S::sub(one, S::mul(candidate, candidate)));
            let by_output = S::mul(S::mul(through, bounded), S::sub(one, output));
            let by_before = S::mul(by_cell, forget);
            let by_forget = S::mul(S::mul(by_before, before), S::sub(one, forget));
            store_at::<S>(i, units, first, by_input);
            store_at::<S>(f, units, first, by_forget);
            store_at::<S>(g, units, first, by_candidate);
            store_at::<S>(o, units, first, by_output);
            store_at::<S>(cell, units, first, by_before);
            store_at::<S>(hidden, units, first, zero);
        }
    }
}
