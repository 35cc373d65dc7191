//! Forward through all steps. Samples do not depend on each other: a group of them goes through all steps on one thread. What comes
//! from the inputs is computed for a block of steps at once, just before they need it: so it is in a near cache then, and
//! inference needs memory for one block.

use std::ops::Range;

use super::cell::{Cell, Source, pack_links, packed_links_len};
use super::products::{OfTurn, Sharing};
use super::sequence::{Mask, MaskedResult, Rows, Sizes, multiply};
use crate::kernels::companion::Companion;
use crate::kernels::elementwise::arithmetic::{put, put_values};
use crate::kernels::gemm::microkernel::Product;
use crate::kernels::gemm::pack::{pack_in_parts, packed_len};
use crate::kernels::simd::Isa;
use crate::memory::packed::{Form, Packs, Request};
use crate::parallel::slots::Slots;
use crate::parallel::{self, Cut};
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::exact::{product, sum};
use crate::tensor::param::{Param, Store};

/// What a layer computes with.
#[derive(Clone, Copy)]
pub(crate) struct Weights<'a> {
    /// `[inputs, gates · units]`
    pub kernel: &'a Param,
    /// `[units, gates · units]`
    pub recurrent: &'a Param,
    /// `[biases, gates · units]`
    pub bias: Option<&'a Param>,
}

impl<'a> Weights<'a> {
    /// One of the biases.
    pub fn bias(self, which: usize, columns: usize) -> Option<&'a [f32]> {
        self.bias.map(|bias| &bias.values()[which * columns..][..columns])
    }
}

/// What a forward pass is computed from.
#[derive(Clone, Copy)]
pub(crate) struct Forward<'a, C> {
    pub cell: C,
    pub sizes: Sizes,
    /// `[samples, steps, inputs]`
    pub x: &'a [f32],
    /// What the inputs of all steps of a sample are multiplied by, `[samples, inputs]`.
    pub dropout: Option<&'a [f32]>,
    /// What the hidden state of a sample is multiplied by before all products, `[samples, units]`.
    pub state_dropout: Option<&'a [f32]>,
    pub weights: Weights<'a>,
    /// The states before the first step, `[samples, units]` each; none stand for zeros.
    pub start: &'a [&'a [f32]],
    pub mask: Option<Mask<'a>>,
}

/// What a forward pass computes.
pub(crate) struct Results<'a> {
    /// The results of all steps, or the last one.
    pub y: Rows<'a>,
    /// Whether these are those of all steps.
    pub every: bool,
    /// The hidden states of all steps, in the order of results.
    pub hidden: Option<Rows<'a>>,
    /// The states behind the last step.
    pub last: [Option<Rows<'a>>; 2],
    /// The rows of all steps, for a backward pass.
    pub kept: Option<Rows<'a>>,
}

impl Results<'_> {
    /// Puts the hidden state behind a turn where it is wanted, of a sample that has one number in the mask and another one here.
    pub fn put(
        &mut self,
        (sizes, mask): (Sizes, Option<Mask<'_>>),
        [of_all, sample]: [usize; 2],
        turn: usize,
        hidden: &[f32],
    ) {
        let units = sizes.units;
        let place = |turn: usize| sizes.place(turn) * units;
        if let Some(all) = &mut self.hidden {
            all.at(sample, place(turn), units).copy_from_slice(hidden);
        }
        let (y, every) = (&mut self.y, self.every);
        let to = if every { place(turn) } else { 0 };
        let masked = mask.filter(|mask| mask.hides(sizes, of_all, sizes.step(turn)));
        match masked.map(|mask| mask.result) {
            None => {
                // Without a mask, the last one alone is a result.
                if every || mask.is_some() || turn + 1 == sizes.steps {
                    y.at(sample, to, units).copy_from_slice(hidden);
                }
            }
            Some(MaskedResult::Before) if turn > 0 => {
                if every {
                    let before = sample * y.sample + place(turn - 1);
                    y.values.copy_within(before..before + units, sample * y.sample + to);
                }
            }
            Some(MaskedResult::Before | MaskedResult::Zeros) => y.at(sample, to, units).fill(0.0),
        }
    }
}

impl Cut for Results<'_> {
    fn cut(self, at: usize) -> (Self, Self) {
        let Self { y, every, hidden, last: [first, second], kept } = self;
        let (states, states_after) = (first, second).cut(at);
        let ((y, (hidden, kept)), (y_after, (hidden_after, kept_after))) = (y, (hidden, kept)).cut(at);
        (
            Self { y, every, hidden, last: states.into(), kept },
            Self { y: y_after, every, hidden: hidden_after, last: states_after.into(), kept: kept_after },
        )
    }
}

/// The weights, packed.
#[derive(Clone, Copy)]
struct Packed<'a> {
    kernel: &'a [f32],
    /// Of all links, one behind the other.
    recurrent: &'a [f32],
}

/// Scratch memory of a group, in floats.
#[derive(Clone, Copy)]
struct Places {
    /// The states of each sample.
    states: usize,
    /// Those of a sample before a step that does not count.
    aside: usize,
    /// A left factor that lies in rows, or of which some are dropped.
    source: usize,
    /// Inputs of a block, some of them dropped.
    dropped: usize,
    /// The bias of the products of inputs, if it is made of two.
    bias: usize,
    /// Rows of a block.
    rows: usize,
    /// What a companion computes of a step.
    shared: usize,
}

/// All steps of all samples.
pub(crate) fn forward<C: Cell>(
    call: Forward<'_, C>,
    results: Results<'_>,
    packs: &mut Packs,
    work: &mut AlignedBuffer,
) {
    let Forward { cell, sizes, weights, dropout, mask, .. } = call;
    let Sizes { samples, inputs, units, .. } = sizes;
    let (isa, columns) = (Isa::current(), product(&[C::GATES, units]));
    let [kernel, recurrent] = packs.get_all([
        Request {
            parameter: 0,
            form: Form::Panels,
            of: weights.kernel.into(),
            len: packed_len(isa, inputs, columns),
            make: &mut |packed| {
                let threads = parallel::elements_pay(packed.len());
                pack_in_parts(
                    isa,
                    threads,
                    weights.kernel.values(),
                    [inputs, columns],
                    &|row| row * columns,
                    1,
                    packed,
                );
            },
        },
        Request {
            parameter: 1,
            form: Form::Panels,
            of: weights.recurrent.into(),
            len: packed_links_len(isa, cell.links(), units),
            make: &mut |packed| pack_links(isa, cell.links(), weights.recurrent, units, packed),
        },
    ]);
    let packed = Packed { kernel, recurrent };
    let group = sizes.group(C::GATES).min(samples.max(1));
    let block = sizes.block(group);
    let used = |is_used: bool, floats: &[usize]| if is_used { product(floats) } else { 0 };
    let parts = samples.div_ceil(group);
    let sharing = Sharing::new(isa, sizes, C::GATES, (group, parts == 1), columns);
    let copies = call.state_dropout.is_some() || cell.links().iter().any(|link| link.from != Source::Hidden);
    let places = Places {
        states: product(&[group, C::STATES, units]),
        aside: used(mask.is_some(), &[C::STATES, units]),
        source: used(copies, &[group, units]),
        dropped: used(dropout.is_some(), &[group, block, inputs]),
        bias: used(weights.bias.is_some() && cell.biases() > 1, &[columns]),
        rows: used(results.kept.is_none(), &[group, block, C::WORK, units]),
        shared: sharing.floats,
    };
    let Places { states, aside, source, dropped, bias, rows, shared } = places;
    let threads = parallel::pays(sizes.cost(C::GATES));
    let slots = Slots::new(threads, parts, work, sum(&[states, aside, source, dropped, bias, rows, shared]));
    let boundary = |part: usize| samples.min(part * group);
    parallel::for_each_part_of(threads, parts, &boundary, results, (&mut [], 0), &|part, results, _| {
        let first = boundary(part);
        let group = Group { call, isa, packed, first, count: boundary(part + 1) - first, block };
        slots.with(|scratch| {
            Companion::during(threads && sharing.wanted, |companion| {
                group.forward(results, scratch, places, companion)
            });
        });
    });
}

/// Where rows lie.
#[derive(Clone, Copy)]
struct Geometry {
    /// Floats of a sample.
    sample: usize,
    /// Floats of a row.
    row: usize,
    /// The first step that has one.
    first: usize,
}

impl Geometry {
    /// Where a row begins.
    fn at(self, sample: usize, step: usize) -> usize {
        sample * self.sample + (step - self.first) * self.row
    }
}

/// Some samples that go through all steps together.
struct Group<'a, C> {
    call: Forward<'a, C>,
    isa: Isa,
    packed: Packed<'a>,
    /// The first of them, and how many.
    first: usize,
    count: usize,
    /// Steps whose inputs are multiplied at once.
    block: usize,
}

impl<C: Cell> Group<'_, C> {
    fn forward(&self, mut results: Results<'_>, scratch: &mut [f32], places: Places, companion: Option<&Companion>) {
        let Forward { sizes, start, mask, .. } = self.call;
        let (steps, units) = (sizes.steps, sizes.units);
        let (states, scratch) = scratch.split_at_mut(places.states);
        let states = &mut states[..self.count * C::STATES * units];
        let (aside, scratch) = scratch.split_at_mut(places.aside);
        let (source, scratch) = scratch.split_at_mut(places.source);
        let (dropped, scratch) = scratch.split_at_mut(places.dropped);
        let (bias, scratch) = scratch.split_at_mut(places.bias);
        let (shared, scratch) = scratch.split_at_mut(places.shared);
        let bias = self.bias(bias);
        for (sample, states) in states.chunks_exact_mut(C::STATES * units).enumerate() {
            for (which, state) in states.chunks_exact_mut(units).enumerate() {
                match start.get(which) {
                    Some(start) => state.copy_from_slice(&start[(self.first + sample) * units..][..units]),
                    None => state.fill(0.0),
                }
            }
        }
        let mut kept = results.kept.take();
        for first in (0..steps).step_by(self.block) {
            let turns = first..steps.min(first + self.block);
            let block = sizes.steps_of(turns.clone());
            let (rows, at) = match &mut kept {
                Some(kept) => (&mut *kept.values, Geometry { sample: kept.sample, row: C::KEPT * units, first: 0 }),
                None => {
                    let row = C::WORK * units;
                    (&mut *scratch, Geometry { sample: self.block * row, row, first: block.start })
                }
            };
            self.project(block, bias, dropped, (rows, at), companion);
            for turn in turns {
                let companion = companion.map(|companion| (companion, &mut *shared));
                self.step(turn, (rows, at), states, (&mut *aside, &mut *source), companion);
                for (sample, states) in states.chunks_exact(C::STATES * units).enumerate() {
                    results.put((sizes, mask), [self.first + sample, sample], turn, &states[..units]);
                }
            }
        }
        for (which, last) in results.last.iter_mut().enumerate() {
            let Some(last) = last else { continue };
            for (sample, states) in states.chunks_exact(C::STATES * units).enumerate() {
                last.at(sample, 0, units).copy_from_slice(&states[which * units..][..units]);
            }
        }
    }

    /// The bias of the products of inputs: where a layer has two, the other one's part for links that are added to these.
    fn bias<'b>(&'b self, both: &'b mut [f32]) -> Option<&'b [f32]> {
        let Forward { cell, sizes, weights, .. } = self.call;
        let columns = C::GATES * sizes.units;
        let first = weights.bias(0, columns)?;
        if both.is_empty() {
            return Some(first);
        }
        both.copy_from_slice(first);
        for link in cell.links().iter().filter(|link| link.added) {
            let gates = link.gates.0 * sizes.units..(link.gates.0 + link.gates.1) * sizes.units;
            let second = &weights.bias(1, columns)?[gates.clone()];
            put_values(Store::Add, &mut both[gates], second);
        }
        Some(both)
    }

    /// The products of inputs and kernel, of some steps.
    fn project(
        &self,
        steps: Range<usize>,
        bias: Option<&[f32]>,
        dropped: &mut [f32],
        (rows, at): (&mut [f32], Geometry),
        companion: Option<&Companion>,
    ) {
        let Forward { sizes, x, dropout, .. } = self.call;
        let (inputs, columns, count) = (sizes.inputs, C::GATES * sizes.units, steps.len());
        let of_x = |row: usize| ((self.first + row / count) * sizes.steps + steps.start + row % count) * inputs;
        if let Some(dropout) = dropout {
            for (row, dropped) in dropped.chunks_exact_mut(inputs).enumerate().take(self.count * count) {
                let factors = &dropout[(self.first + row / count) * inputs..][..inputs];
                put(Store::Set, dropped, x[of_x(row)..][..inputs].iter().zip(factors).map(|(x, factor)| x * factor));
            }
        }
        let left = if dropout.is_some() { &*dropped } else { x };
        let from = |row: usize| if dropout.is_some() { row * inputs } else { of_x(row) };
        let to = |row: usize| at.at(row / count, steps.start + row % count) + C::PROJECTED * sizes.units;
        let product = Product::of_matrices(left, self.packed.kernel, [inputs, columns]);
        let product = Product { bias, ..product };
        let all = self.count * count;
        let Some(companion) = companion.filter(|_| all > 1) else {
            return product.compute(self.isa, all, from, rows, to);
        };
        let half = all / 2;
        let (before, after) = rows.split_at_mut(to(half));
        companion.join(
            || product.compute(self.isa, half, from, before, to),
            || product.compute(self.isa, all - half, |row| from(half + row), after, |row| to(half + row) - to(half)),
        );
    }

    /// One step of all samples; a companion has memory for its part.
    fn step(
        &self,
        turn: usize,
        (rows, at): (&mut [f32], Geometry),
        states: &mut [f32],
        (aside, source): (&mut [f32], &mut [f32]),
        mut companion: Option<(&Companion, &mut [f32])>,
    ) {
        let Forward { cell, sizes, weights, start, mask, state_dropout, .. } = self.call;
        let (units, step) = (sizes.units, sizes.step(turn));
        let all_states = C::STATES * units;
        let links = cell.links();
        let of_turn = OfTurn { isa: self.isa, turn, samples: self.count };
        let mut packed = self.packed.recurrent;
        for (index, link) in links.iter().enumerate() {
            let (first, gates) = link.gates;
            let (panels, others) = packed.split_at(link.packed_len(self.isa, units));
            packed = others;
            let from_zeros = turn == 0 && start.is_empty() && link.from == Source::Hidden;
            if !(link.added && from_zeros) {
                let gathered = link.from != Source::Hidden || state_dropout.is_some();
                if gathered {
                    self.gather(link.from, step, (&mut *rows, at), states, source);
                }
                let (left, sample) = if gathered { (&*source, units) } else { (&*states, all_states) };
                let write = if link.added { Store::Add } else { Store::Set };
                let bias = if link.added { None } else { weights.bias(1, C::GATES * units) };
                let product = Product {
                    bias: bias.map(|bias| &bias[first * units..][..gates * units]),
                    write,
                    ..Product::of_matrices(left, panels, [units, gates * units])
                };
                let to = |sample: usize| at.at(sample, step) + link.to * units;
                let companion = companion.as_mut().map(|(companion, shared)| (*companion, &mut **shared));
                of_turn.multiply(product, &|row| row * sample, (rows, &to), companion);
            }
            for (sample, states) in states.chunks_exact_mut(all_states).enumerate() {
                let row = &mut rows[at.at(sample, step)..][..at.row];
                let hidden = mask.is_some_and(|mask| mask.hides(sizes, self.first + sample, step));
                if hidden {
                    aside.copy_from_slice(states);
                }
                cell.forward(self.isa, index, row, states);
                if hidden {
                    states.copy_from_slice(aside);
                }
            }
        }
    }

    /// Puts a link's left factors side by side, where they are not the hidden states as these lie. Some are dropped.
    fn gather(&self, from: Source, step: usize, (rows, at): (&mut [f32], Geometry), states: &[f32], left: &mut [f32]) {
        let Forward { sizes, state_dropout, .. } = self.call;
        let units = sizes.units;
        for (sample, left) in left.chunks_exact_mut(units).enumerate().take(self.count) {
            let factors = state_dropout.map(|factors| &factors[(self.first + sample) * units..][..units]);
            match from {
                Source::Hidden => {
                    left.copy_from_slice(&states[sample * C::STATES * units..][..units]);
                    factors.into_iter().for_each(|factors| multiply(left, factors));
                }
                Source::Row(column) => {
                    let row = &mut rows[at.at(sample, step) + column * units..][..units];
                    // In the row, too: it is the left factor of a gradient.
                    factors.into_iter().for_each(|factors| multiply(row, factors));
                    left.copy_from_slice(row);
                }
            }
        }
    }
}
