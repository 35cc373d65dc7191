//! What the loops over steps have to know of a kind of recurrent layer.
//!
//! Each step of each sample has a *row*, some floats for each unit: sums that go into gates, then the gates, then the gradients by
//! the sums. All of a unit's floats of one meaning lie side by side, a *column* of as many floats as there are units.

use crate::kernels::gemm::pack::{pack_in_parts, packed_len};
use crate::kernels::simd::{Isa, Simd, load_at, math, store_at};
use crate::parallel;
use crate::tensor::exact;
use crate::tensor::param::Param;

/// A product of a step: what comes from the state before.
#[derive(Debug)]
pub(crate) struct Link {
    /// The left factor.
    pub from: Source,
    /// Columns of the recurrent kernel: the first one, and how many.
    pub gates: (usize, usize),
    /// The first column of the row that the product goes to.
    pub to: usize,
    /// Whether it is added to what comes from the inputs, which is there already. Else it is set, with a bias of its own.
    pub added: bool,
}

/// A left factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The hidden state before the step.
    Hidden,
    /// A column of the row.
    Row(usize),
}

/// Columns of rows that are right factors of the gradients by weights.
#[derive(Debug)]
pub(crate) struct Factor {
    /// The first one, and how many.
    pub columns: (usize, usize),
    /// The first column of the kernel whose gradient they are with the inputs.
    pub kernel: Option<usize>,
    /// The first column of the recurrent kernel whose gradient they are with a left factor.
    pub recurrent: Option<(usize, Source)>,
}

/// What the elementwise part of a backward pass reads and changes of one step of a sample.
pub(crate) struct Backward<'a> {
    /// The gates; then the gradients by the sums that went into them.
    pub row: &'a mut [f32],
    /// The hidden state before; nothing stands for zeros.
    pub before: Option<&'a [f32]>,
    /// What comes to the gradient by the hidden state from a result.
    pub upstream: Option<&'a [f32]>,
    /// The gradients by the states behind the step, hidden state first; then those by the states before it, but for what comes
    /// through the products of links.
    pub carried: &'a mut [f32],
    /// The gradient by a column of the row that is a [source](Source::Row).
    pub through: &'a [f32],
    /// The row that is used next, to be asked for now.
    pub next: *const f32,
}

/// A kind of recurrent layer.
pub(crate) trait Cell: Copy + Send + Sync {
    /// States of a unit, the hidden state first.
    const STATES: usize;
    /// Columns of the kernel.
    const GATES: usize;
    /// Columns of a row that a forward pass needs.
    const WORK: usize;
    /// Columns of a row of which a backward pass follows.
    const KEPT: usize;
    /// The first column of a row to which the products of inputs and kernel go.
    const PROJECTED: usize;

    /// The products of a step, in order. Behind each comes [`forward`](Self::forward).
    fn links(&self) -> &'static [Link];

    /// What the gradients by weights are made of: each column of both kernels once.
    fn factors(&self) -> &'static [Factor];

    /// What is done with a row of [`WORK`](Self::WORK) or [`KEPT`](Self::KEPT) columns behind a link's product; behind the last one the
    /// states are those behind the step.
    fn forward(&self, isa: Isa, link: usize, row: &mut [f32], states: &mut [f32]);

    /// What is done before a link's product of a backward pass, which goes through the links from the last to the first: that product
    /// adds to the gradient by the hidden state, or makes [`through`](Backward::through).
    fn backward(&self, isa: Isa, link: usize, at: Backward<'_>);

    /// Biases: that of the inputs, and one for links that are not [added](Link::added).
    fn biases(&self) -> usize {
        if self.links().iter().all(|link| link.added) { 1 } else { 2 }
    }
}

/// Length of the packed right factors of all links.
pub(super) fn packed_links_len(isa: Isa, links: &[Link], units: usize) -> usize {
    links.iter().fold(0, |len, link| exact::sum(&[len, link.packed_len(isa, units)]))
}

/// Packs the right factors of all links, one behind the other.
pub(super) fn pack_links(isa: Isa, links: &[Link], recurrent: &Param, units: usize, packed: &mut [f32]) {
    let columns = recurrent.values().len() / units;
    let mut rest = packed;
    for link in links {
        let (panels, others) = rest.split_at_mut(link.packed_len(isa, units));
        rest = others;
        let (first, count) = link.gates;
        let threads = parallel::elements_pay(panels.len());
        let row_at = |row| row * columns + first * units;
        pack_in_parts(isa, threads, recurrent.values(), [units, count * units], &row_at, 1, panels);
    }
}

/// Length of the same, transposed.
pub(super) fn transposed_links_len(isa: Isa, links: &[Link], units: usize) -> usize {
    links.iter().fold(0, |len, link| exact::sum(&[len, link.transposed_len(isa, units)]))
}

/// Packs the same, transposed.
pub(super) fn transpose_links(isa: Isa, links: &[Link], recurrent: &Param, units: usize, packed: &mut [f32]) {
    let columns = recurrent.values().len() / units;
    let mut rest = packed;
    for link in links {
        let (panels, others) = rest.split_at_mut(link.transposed_len(isa, units));
        rest = others;
        let (first, count) = link.gates;
        let threads = parallel::elements_pay(panels.len());
        let row_at = |row| first * units + row;
        pack_in_parts(isa, threads, recurrent.values(), [count * units, units], &row_at, columns, panels);
    }
}

impl Link {
    /// Length of its right factor, packed.
    pub fn packed_len(&self, isa: Isa, units: usize) -> usize {
        packed_len(isa, units, exact::product(&[self.gates.1, units]))
    }

    /// The same, transposed.
    pub fn transposed_len(&self, isa: Isa, units: usize) -> usize {
        packed_len(isa, exact::product(&[self.gates.1, units]), units)
    }
}

/// Puts the sigmoids of so many values in their place. A loop for one function has all of its constants in registers.
#[inline(always)]
pub(super) unsafe fn sigmoids<S: Simd>(values: *mut f32, len: usize) {
    for at in (0..len).step_by(S::LANES) {
        // SAFETY: the caller has the instruction set and the place.
        unsafe { store_at::<S>(values, len, at, math::sigmoid::<S>(load_at::<S>(values, len, at, S::splat(0.0)))) };
    }
}
