//! One step of gated recurrent units (Cho et al. 2014), as Keras computes them: h ← z · h + (1 − z) · n, with an update gate z, a reset gate r
//! and a candidate n.
//!
//! Columns of a row: what makes the candidate of the hidden state, update gate, reset gate, candidate. The first one is, with the
//! reset gate behind the product, that product; else the hidden state times the reset gate, which goes into the product.

use super::cell::{Backward, Cell, Factor, Link, Source, sigmoids};
use super::functions::{self, Functions};
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, math, store_at};
use crate::tensor::exact::product;

/// Gated recurrent units.
#[derive(Clone, Copy)]
pub(crate) struct Gru {
    /// Whether the reset gate is applied behind the product of hidden state and recurrent kernel.
    pub reset_after: bool,
    pub functions: Functions,
}

const HIDDEN: usize = 0;
const UPDATE: usize = 1;
const CANDIDATE: usize = 3;

impl Cell for Gru {
    const STATES: usize = 1;
    const GATES: usize = 3;
    const WORK: usize = 4;
    const KEPT: usize = 4;
    const PROJECTED: usize = UPDATE;

    fn links(&self) -> &'static [Link] {
        const GATES: Link = Link { from: Source::Hidden, gates: (0, 2), to: UPDATE, added: true };
        match self.reset_after {
            true => &[GATES, Link { from: Source::Hidden, gates: (2, 1), to: HIDDEN, added: false }],
            false => &[GATES, Link { from: Source::Row(HIDDEN), gates: (2, 1), to: CANDIDATE, added: true }],
        }
    }

    fn factors(&self) -> &'static [Factor] {
        const GATES: Factor = Factor { columns: (UPDATE, 2), kernel: Some(0), recurrent: Some((0, Source::Hidden)) };
        match self.reset_after {
            true => &[
                GATES,
                Factor { columns: (CANDIDATE, 1), kernel: Some(2), recurrent: None },
                Factor { columns: (HIDDEN, 1), kernel: None, recurrent: Some((2, Source::Hidden)) },
            ],
            false => {
                &[GATES, Factor { columns: (CANDIDATE, 1), kernel: Some(2), recurrent: Some((2, Source::Row(HIDDEN))) }]
            }
        }
    }

    fn forward(&self, isa: Isa, link: usize, row: &mut [f32], states: &mut [f32]) {
        let units = states.len();
        assert!(row.len() == product(&[Self::KEPT, units]));
        if self.functions != Functions::USUAL {
            return functions::gru(self.functions, self.reset_after, link, row, states);
        }
        let (row, states) = (row.as_mut_ptr(), states.as_mut_ptr());
        // SAFETY: a row has four columns of `units` floats; it and the states are slices of their own.
        unsafe {
            match (self.reset_after, link) {
                (true, 0) => {}
                (true, _) => forward_after(isa, row, states, units),
                (false, 0) => forward_gates(isa, row, states, units),
                (false, _) => forward_before(isa, row, states, units),
            }
        }
    }

    fn backward(&self, isa: Isa, link: usize, at: Backward<'_>) {
        if self.functions != Functions::USUAL {
            return functions::gru_backward(self.functions, self.reset_after, link, at);
        }
        let Backward { row, before, upstream, carried, through, next } = at;
        let units = carried.len();
        assert!(row.len() == product(&[Self::KEPT, units]));
        assert!([before, upstream].into_iter().flatten().all(|values| values.len() == units));
        assert!(self.reset_after || through.len() == units);
        let [before, upstream] = [before, upstream].map(|values| values.map_or(std::ptr::null(), <[f32]>::as_ptr));
        let at = Places { row: row.as_mut_ptr(), before, upstream, carried: carried.as_mut_ptr(), next };
        // SAFETY: the row has four columns of `units` floats, the others one or none; they are slices of their own. `next` is not
        // read.
        unsafe {
            match (self.reset_after, link) {
                (true, 0) => {}
                (true, _) => backward_after(isa, at, units),
                (false, 0) => backward_gates(isa, at, through.as_ptr(), units),
                (false, _) => backward_before(isa, at, units),
            }
        }
    }
}

dispatch! {
    /// z, r = sigmoid of their sums; n = tanh(its sum + r · the product of the hidden state).
    unsafe fn forward_after(row: *mut f32, states: *mut f32, units: usize) = forward_after_generic
}

#[inline(always)]
unsafe fn forward_after_generic<S: Simd>(row: *mut f32, states: *mut f32, units: usize) {
    let [product, z, r, n] = [0, 1, 2, 3].map(|column| row.wrapping_add(column * units));
    // SAFETY: the caller has the instruction set and the places.
    unsafe {
        sigmoids::<S>(z, 2 * units);
        let zero = S::splat(0.0);
        for first in (0..units).step_by(S::LANES) {
            let update = load_at::<S>(z, units, first, zero);
            let reset = load_at::<S>(r, units, first, zero);
            let product = load_at::<S>(product, units, first, zero);
            let sum = S::mul_add(reset, product, load_at::<S>(n, units, first, zero));
            let candidate = math::tanh::<S>(sum);
            store_at::<S>(n, units, first, candidate);
            let old = load_at::<S>(states, units, first, zero);
            store_at::<S>(states, units, first, mixed::<S>(update, old, candidate));
        }
    }
}

/// z · h + (1 − z) · n
#[inline(always)]
unsafe fn mixed<S: Simd>(update: S::Vector, old: S::Vector, candidate: S::Vector) -> S::Vector {
    // SAFETY: the caller has the instruction set.
    unsafe { S::mul_add(update, old, S::mul(S::sub(S::splat(1.0), update), candidate)) }
}

dispatch! {
    /// z, r = sigmoid of their sums, and r · h.
    unsafe fn forward_gates(row: *mut f32, states: *const f32, units: usize) = forward_gates_generic
}

#[inline(always)]
unsafe fn forward_gates_generic<S: Simd>(row: *mut f32, states: *const f32, units: usize) {
    let [hidden, z, r] = [0, 1, 2].map(|column| row.wrapping_add(column * units));
    // SAFETY: the caller has the instruction set and the places.
    unsafe {
        sigmoids::<S>(z, 2 * units);
        let zero = S::splat(0.0);
        for first in (0..units).step_by(S::LANES) {
            let reset = load_at::<S>(r, units, first, zero);
            store_at::<S>(hidden, units, first, S::mul(reset, load_at::<S>(states, units, first, zero)));
        }
    }
}

dispatch! {
    /// n = tanh of its sum.
    unsafe fn forward_before(row: *mut f32, states: *mut f32, units: usize) = forward_before_generic
}

#[inline(always)]
unsafe fn forward_before_generic<S: Simd>(row: *mut f32, states: *mut f32, units: usize) {
    for first in (0..units).step_by(S::LANES) {
        // SAFETY: the caller has the instruction set and the places.
        unsafe {
            let zero = S::splat(0.0);
            let [z, n] = [UPDATE, CANDIDATE].map(|column| row.add(column * units));
            let candidate = math::tanh::<S>(load_at::<S>(n, units, first, zero));
            store_at::<S>(n, units, first, candidate);
            let update = load_at::<S>(z, units, first, zero);
            let old = load_at::<S>(states, units, first, zero);
            store_at::<S>(states, units, first, mixed::<S>(update, old, candidate));
        }
    }
}

/// What a step's backward pass reads and writes.
#[derive(Clone, Copy)]
struct Places {
    row: *mut f32,
    /// The hidden state before, or null for zeros.
    before: *const f32,
    /// What comes from a result, or null.
    upstream: *const f32,
    /// The gradient by the hidden state.
    carried: *mut f32,
    next: *const f32,
}

/// A vector of a place, or zeros where there is none.
#[inline(always)]
unsafe fn load_or_zeros<S: Simd>(from: *const f32, units: usize, first: usize) -> S::Vector {
    // SAFETY: the caller has the instruction set, and `units` floats if the place is not null.
    unsafe { if from.is_null() { S::splat(0.0) } else { load_at::<S>(from, units, first, S::splat(0.0)) } }
}

/// What the gradient δh by the hidden state gives in both forms: the gradients by the sums of z, which is written, and n; and what goes
/// to the hidden state before directly, which is written too. They are δh · (h − n) · z · (1 − z), δh · (1 − z) · (1 − n²) and
/// δh · z.
#[inline(always)]
unsafe fn by_mixed<S: Simd>(at: Places, units: usize, first: usize) -> S::Vector {
    // SAFETY: the caller has the instruction set and the places.
    unsafe {
        let (zero, one) = (S::splat(0.0), S::splat(1.0));
        let [z, n] = [UPDATE, CANDIDATE].map(|column| at.row.add(column * units));
        for column in 0..Gru::KEPT {
            S::prefetch(at.next.wrapping_add(column * units + first));
        }
        let by_hidden = load_at::<S>(at.carried, units, first, zero);
        let by_hidden = S::add(by_hidden, load_or_zeros::<S>(at.upstream, units, first));
        let update = load_at::<S>(z, units, first, zero);
        let candidate = load_at::<S>(n, units, first, zero);
        let change = S::sub(load_or_zeros::<S>(at.before, units, first), candidate);
        let others = S::sub(one, update);
        let by_kept = S::mul(by_hidden, update);
        store_at::<S>(z, units, first, S::mul(S::mul(by_kept, others), change));
        store_at::<S>(at.carried, units, first, by_kept);
        S::mul(S::mul(by_hidden, others), S::sub(one, S::mul(candidate, candidate)))
    }
}

dispatch! {
    /// Both candidates' gradients, and that by the sum of r: δn · product · r · (1 − r).
    unsafe fn backward_after(at: Places, units: usize) = backward_after_generic
}

#[inline(always)]
unsafe fn backward_after_generic<S: Simd>(at: Places, units: usize) {
    for first in (0..units).step_by(S::LANES) {
        // SAFETY: the caller has the instruction set and the places.
        unsafe {
            let (zero, one) = (S::splat(0.0), S::splat(1.0));
            let [product, _, r, n] = [0, 1, 2, 3].map(|column| at.row.add(column * units));
            let by_candidate = by_mixed::<S>(at, units, first);
            let reset = load_at::<S>(r, units, first, zero);
            let by_product = S::mul(by_candidate, reset);
            let by_reset = S::mul(S::mul(by_product, load_at::<S>(product, units, first, zero)), S::sub(one, reset));
            store_at::<S>(product, units, first, by_product);
            store_at::<S>(r, units, first, by_reset);
            store_at::<S>(n, units, first, by_candidate);
        }
    }
}

dispatch! {
    /// The candidate's gradient.
    unsafe fn backward_before(at: Places, units: usize) = backward_before_generic
}

#[inline(always)]
unsafe fn backward_before_generic<S: Simd>(at: Places, units: usize) {
    for first in (0..units).step_by(S::LANES) {
        // SAFETY: the caller has the instruction set and the places.
        unsafe {
            let by_candidate = by_mixed::<S>(at, units, first);
            store_at::<S>(at.row.add(CANDIDATE * units), units, first, by_candidate);
        }
    }
}

dispatch! {
    /// From δ, the gradient by r · h: that by the sum of r is δ · h · r · (1 − r), that by h gets δ · r.
    unsafe fn backward_gates(at: Places, through: *const f32, units: usize) = backward_gates_generic
}

#[inline(always)]
unsafe fn backward_gates_generic<S: Simd>(at: Places, through: *const f32, units: usize) {
    for first in (0..units).step_by(S::LANES) {
        // SAFETY: the caller has the instruction set and the places.
        unsafe {
            let (zero, one) = (S::splat(0.0), S::splat(1.0));
            let r = at.row.add(2 * units);
            let reset = load_at::<S>(r, units, first, zero);
            let by_hidden = S::mul(load_at::<S>(through, units, first, zero), reset);
            let before = load_or_zeros::<S>(at.before, units, first);
            store_at::<S>(r, units, first, S::mul(S::mul(by_hidden, before), S::sub(one, reset)));
            let direct = load_at::<S>(at.carried, units, first, zero);
            store_at::<S>(at.carried, units, first, S::add(direct, by_hidden));
        }
    }
}
