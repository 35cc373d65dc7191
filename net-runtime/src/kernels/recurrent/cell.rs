//! One step of one sample of a long short-term memory: what is made of its four gates, and their gradients.

use crate::kernels::simd::{Simd, dispatch, load_at, math, store_at};

/// The places of a step's forward pass, of as many floats as there are units.
#[derive(Clone, Copy)]
pub(super) struct Forward {
    /// Input gate, forget gate, candidate and output gate, one behind the other: before their functions, and after.
    pub gates: *mut f32,
    /// The cell state before, or null for zeros. It may be that behind.
    pub before: *const f32,
    /// The cell state behind.
    pub cell: *mut f32,
    /// The tanh of the cell state, or null for who does not want it.
    pub tanh: *mut f32,
    /// The hidden state.
    pub hidden: *mut f32,
}

dispatch! {
    /// With i, f, o = sigmoid and g = tanh of their gates: c = f · before + i · g, h = o · tanh(c).
    ///
    /// # Safety
    ///
    /// The places are as [`Forward`] says, and none but `before` and `cell` are the same.
    pub(super) unsafe fn forward(at: Forward, units: usize) = forward_generic
}

#[inline(always)]
unsafe fn forward_generic<S: Simd>(at: Forward, units: usize) {
    let Forward { gates, before, cell, tanh, hidden } = at;
    for first in (0..units).step_by(S::LANES) {
        // SAFETY: the caller has the instruction set and the places.
        unsafe {
            let zero = S::splat(0.0);
            let [i, f, g, o] = [0, 1, 2, 3].map(|gate| gates.add(gate * units));
            let input = math::sigmoid::<S>(load_at::<S>(i, units, first, zero));
            let forget = math::sigmoid::<S>(load_at::<S>(f, units, first, zero));
            let candidate = math::tanh::<S>(load_at::<S>(g, units, first, zero));
            let output = math::sigmoid::<S>(load_at::<S>(o, units, first, zero));
            let mut state = S::mul(input, candidate);
            if !before.is_null() {
                state = S::mul_add(forget, load_at::<S>(before, units, first, zero), state);
            }
            let bounded = math::tanh::<S>(state);
            store_at::<S>(i, units, first, input);
            store_at::<S>(f, units, first, forget);
            store_at::<S>(g, units, first, candidate);
            store_at::<S>(o, units, first, output);
            store_at::<S>(cell, units, first, state);
            if !tanh.is_null() {
                store_at::<S>(tanh, units, first, bounded);
            }
            store_at::<S>(hidden, units, first, S::mul(output, bounded));
        }
    }
}

/// The places of a step's backward pass, of as many floats as there are units.
#[derive(Clone, Copy)]
pub(super) struct Backward {
    /// The gates after their functions; then the gradients by what went into those.
    pub gates: *mut f32,
    /// The cell state before, or null for zeros.
    pub before: *const f32,
    /// The tanh of the cell state.
    pub tanh: *const f32,
    /// The gradient by the hidden state from the step behind.
    pub hidden: *const f32,
    /// What comes to it by a result, or null.
    pub more: *const f32,
    /// The gradient by the cell state from the step behind; then that for the step before.
    pub cell: *mut f32,
}

dispatch! {
    /// With δh the sum of both gradients by the hidden state, and δc = `cell` + δh · o · (1 − tanh(c)²): the gradients by what went
    /// into the gates are δc · g · i · (1 − i), δc · before · f · (1 − f), δc · i · (1 − g²), δh · tanh(c) · o · (1 − o); that by
    /// the cell state before is δc · f.
    ///
    /// # Safety
    ///
    /// The places are as [`Backward`] says, and no two are the same.
    pub(super) unsafe fn backward(at: Backward, units: usize) = backward_generic
}

#[inline(always)]
unsafe fn backward_generic<S: Simd>(at: Backward, units: usize) {
    let Backward { gates, before, tanh, hidden, more, cell } = at;
    for first in (0..units).step_by(S::LANES) {
        // SAFETY: the caller has the instruction set and the places.
        unsafe {
            let (zero, one) = (S::splat(0.0), S::splat(1.0));
            let [i, f, g, o] = [0, 1, 2, 3].map(|gate| gates.add(gate * units));
            let input = load_at::<S>(i, units, first, zero);
            let forget = load_at::<S>(f, units, first, zero);
            let candidate = load_at::<S>(g, units, first, zero);
            let output = load_at::<S>(o, units, first, zero);
            let bounded = load_at::<S>(tanh, units, first, zero);
            let mut by_hidden = load_at::<S>(hidden, units, first, zero);
            if !more.is_null() {
                by_hidden = S::add(by_hidden, load_at::<S>(more, units, first, zero));
            }
            let through = S::mul(by_hidden, output);
            let slope = S::sub(one, S::mul(bounded, bounded));
            let by_cell = S::mul_add(through, slope, load_at::<S>(cell, units, first, zero));

            let by_input = S::mul(S::mul(by_cell, candidate), S::mul(input, S::sub(one, input)));
            let by_candidate = S::mul(S::mul(by_cell, input), S::sub(one, S::mul(candidate, candidate)));
            let by_output = S::mul(S::mul(through, bounded), S::sub(one, output));
            let by_before = S::mul(by_cell, forget);
            let mut by_forget = zero;
            if !before.is_null() {
                by_forget = S::mul(S::mul(by_before, load_at::<S>(before, units, first, zero)), S::sub(one, forget));
            }
            store_at::<S>(i, units, first, by_input);
            store_at::<S>(f, units, first, by_forget);
            store_at::<S>(g, units, first, by_candidate);
            store_at::<S>(o, units, first, by_output);
            store_at::<S>(cell, units, first, by_before);
        }
    }
}
