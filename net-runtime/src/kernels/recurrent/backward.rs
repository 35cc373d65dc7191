//! Back through all steps, in the groups of the forward pass: rows become the gradients by the sums that went into the gates.

use super::cell::{self, Cell, Source, transpose_links, transposed_links_len};
use super::products::{OfTurn, Sharing};
use super::sequence::{Hidden, Mask, MaskedResult, Rows, Sizes, add, multiply};
use crate::kernels::companion::Companion;
use crate::kernels::elementwise::flush::{CARRIED, flush_all};
use crate::kernels::gemm::microkernel::Product;
use crate::kernels::simd::Isa;
use crate::memory::packed::{Form, Packs, Request};
use crate::parallel;
use crate::parallel::slots::Slots;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::exact::{product, sum};
use crate::tensor::param::{Param, Store};

/// Gradients by the results; each may be missing.
#[derive(Clone, Copy, Default)]
pub(crate) struct Upstream<'a> {
    /// By those of all steps, `[samples, steps, units]`.
    pub every: Option<&'a [f32]>,
    /// By the last one, `[samples, units]`, where that is the only one.
    pub last: Option<&'a [f32]>,
    /// By the states behind the last step.
    pub states: [Option<&'a [f32]>; 2],
}

impl<'a> Upstream<'a> {
    /// What comes to a turn's hidden state from a result.
    pub fn at(self, sizes: Sizes, sample: usize, turn: usize) -> Option<&'a [f32]> {
        let Sizes { steps, units, .. } = sizes;
        let every = self.every.map(|every| &every[(sample * steps + sizes.place(turn)) * units..][..units]);
        every.or_else(|| {
            let last = self.last.filter(|_| turn + 1 == steps)?;
            Some(&last[sample * units..][..units])
        })
    }
}

/// What a backward pass is computed from, beside the rows.
#[derive(Clone, Copy)]
pub(crate) struct Backward<'a, C> {
    pub cell: C,
    pub recurrent: &'a Param,
    pub hidden: Hidden<'a>,
    pub mask: Option<Mask<'a>>,
    /// What the hidden state of a sample was multiplied by before all products, `[samples, units]`.
    pub state_dropout: Option<&'a [f32]>,
    pub upstream: Upstream<'a>,
}

/// All steps of all samples: `rows` are those of the forward pass, `carried`, `[samples, states · units]`, become the gradients by the
/// states before the first step, if these were given.
pub(crate) fn backward<C: Cell>(
    call: Backward<'_, C>,
    rows: &mut [f32],
    carried: &mut [f32],
    packs: &mut Packs,
    work: &mut AlignedBuffer,
) {
    let Backward { cell, recurrent, hidden, mask, state_dropout, .. } = call;
    let sizes = hidden.sizes;
    let Sizes { samples, steps, units, .. } = sizes;
    let isa = Isa::current();
    let [transposed] = packs.get_all([Request {
        parameter: 1,
        form: Form::TransposedPanels,
        of: recurrent.into(),
        len: transposed_links_len(isa, cell.links(), units),
        make: &mut |packed| transpose_links(isa, cell.links(), recurrent, units, packed),
    }]);
    let group = sizes.group(C::GATES).min(samples.max(1));
    let is_used = state_dropout.is_some() || cell.links().iter().any(|link| link.from != Source::Hidden);
    let through = if is_used { product(&[group, units]) } else { 0 };
    let pending = if mask.is_some() { product(&[group, units]) } else { 0 };
    let threads = parallel::pays(sizes.cost(C::GATES));
    let parts = samples.div_ceil(group);
    let sharing = Sharing::new(isa, sizes, C::GATES, (group, parts == 1), units);
    let slots = Slots::new(threads, parts, work, sum(&[through, pending, sharing.floats]));
    let boundary = |part: usize| samples.min(part * group);
    let rows = Rows::new(sizes, product(&[steps, C::KEPT, units]), rows);
    let carried = Rows::new(sizes, C::STATES * units, carried);
    parallel::for_each_part_of(threads, parts, &boundary, (rows, carried), (&mut [], 0), &|part, values, _| {
        let (rows, carried) = values;
        let first = boundary(part);
        let group = Group { call, isa, transposed, first, count: boundary(part + 1) - first };
        slots.with(|scratch| {
            let (through, scratch) = scratch.split_at_mut(through);
            let (pending, scratch) = scratch.split_at_mut(pending);
            let shared = &mut scratch[..sharing.floats];
            Companion::during(threads && sharing.wanted, |companion| {
                group.backward((rows, carried), (through, pending), companion.map(|companion| (companion, shared)));
            });
        });
    });
}

/// Some samples that go back through all steps together.
struct Group<'a, C> {
    call: Backward<'a, C>,
    isa: Isa,
    /// The recurrent kernel of all links, one behind the other.
    transposed: &'a [f32],
    /// The first of them, and how many.
    first: usize,
    count: usize,
}

impl<C: Cell> Group<'_, C> {
    /// A companion has memory for its part.
    fn backward(
        &self,
        (mut rows, mut carried): (Rows<'_>, Rows<'_>),
        (through, pending): (&mut [f32], &mut [f32]),
        mut companion: Option<(&Companion, &mut [f32])>,
    ) {
        let Backward { cell, hidden, mask, state_dropout, .. } = self.call;
        let sizes = hidden.sizes;
        let units = sizes.units;
        let links = cell.links();
        self.begin(&mut carried, pending);
        for turn in (0..sizes.steps).rev() {
            let step = sizes.step(turn);
            let place = step * C::KEPT * units;
            let of_turn = OfTurn { isa: self.isa, turn, samples: self.count };
            let mut end = self.transposed.len();
            for (index, link) in links.iter().enumerate().rev() {
                for sample in 0..self.count {
                    let of_all = self.first + sample;
                    let is_last = index + 1 == links.len();
                    let row = rows.at(sample, place, C::KEPT * units);
                    let upstream = self.call.upstream.at(sizes, of_all, turn);
                    if let Some(mask) = mask {
                        let pending = &mut pending[sample * units..][..units];
                        let masked = mask.hides(sizes, of_all, step);
                        let passes_on = !masked || mask.result == MaskedResult::Before;
                        if is_last && passes_on {
                            upstream.into_iter().for_each(|upstream| add(pending, upstream));
                        }
                        if masked {
                            row.fill(0.0);
                            continue;
                        }
                    }
                    let carried = carried.at(sample, 0, C::STATES * units);
                    if is_last {
                        flush_all(self.isa, carried, CARRIED);
                    }
                    let upstream = if mask.is_some() { Some(&pending[sample * units..][..units]) } else { upstream };
                    let next = row.as_ptr().wrapping_offset(self.distance_to_next());
                    let at = cell::Backward {
                        row,
                        before: hidden.before(of_all, turn),
                        upstream,
                        carried,
                        through: if through.is_empty() { &[] } else { &through[sample * units..][..units] },
                        next,
                    };
                    cell.backward(self.isa, index, at);
                    if is_last && mask.is_some() {
                        pending[sample * units..][..units].fill(0.0);
                    }
                }
                let begin = end - link.transposed_len(self.isa, units);
                let panels = &self.transposed[begin..end];
                end = begin;
                let inner = link.gates.1 * units;
                let from = |sample: usize| sample * rows.sample + place + link.to * units;
                let product = Product::of_matrices(rows.values, panels, [inner, units]);
                let is_hidden = link.from == Source::Hidden;
                // Nobody wants the gradient by zeros.
                if is_hidden && turn == 0 && hidden.start.is_none() {
                    continue;
                }
                let companion = companion.as_mut().map(|(companion, shared)| (*companion, &mut **shared));
                if is_hidden && state_dropout.is_none() {
                    let product = Product { write: Store::Add, ..product };
                    let to = |sample| sample * C::STATES * units;
                    of_turn.multiply(product, &from, (carried.values, &to), companion);
                    continue;
                }
                of_turn.multiply(product, &from, (through, &|sample| sample * units), companion);
                let Some(factors) = state_dropout else { continue };
                for (sample, through) in through.chunks_exact_mut(units).enumerate().take(self.count) {
                    multiply(through, &factors[(self.first + sample) * units..][..units]);
                    if is_hidden {
                        add(carried.at(sample, 0, units), through);
                    }
                }
            }
        }
    }

    /// Sets the gradients by the states behind the last step.
    fn begin(&self, carried: &mut Rows<'_>, pending: &mut [f32]) {
        let Backward { hidden, upstream, .. } = self.call;
        let units = hidden.sizes.units;
        pending.fill(0.0);
        for sample in 0..self.count {
            for (which, gradient) in upstream.states.into_iter().enumerate().take(C::STATES) {
                let place = carried.at(sample, which * units, units);
                match gradient {
                    Some(gradient) => place.copy_from_slice(&gradient[(self.first + sample) * units..][..units]),
                    None => place.fill(0.0),
                }
            }
        }
    }

    /// How far away the row of the next turn is.
    fn distance_to_next(&self) -> isize {
        let sizes = self.call.hidden.sizes;
        let row = (C::KEPT * sizes.units) as isize;
        if sizes.steps > 1 && sizes.step(1) > sizes.step(0) { -row } else { row }
    }
}
