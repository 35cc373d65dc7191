//! Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), as Keras computes it: the
//! part that goes from step to step. What comes from the inputs is a product for all steps at once, before it; so are the
//! gradients by weights and inputs, behind it.
//!
//! Samples do not depend on each other: a group of them goes through all steps on one thread.

use super::cell;
use crate::kernels::gemm::microkernel::{Layout, Product, Segment, pack, packed_len};
use crate::kernels::simd::Isa;
use crate::memory::packed::{Form, Packs};
use crate::parallel::{self, Cut};
use crate::tensor::exact;
use crate::tensor::param::{Param, Store};

/// Gates of a unit: input, forget, candidate, output, in Keras's order.
pub(crate) const GATES: usize = 4;

/// Samples of a group at most: so many rows share each reading of the recurrent weights.
const GROUP: usize = 24;

/// Groups at least, where there are samples enough: so many that two or four threads get equal shares.
const FEWEST_GROUPS: usize = 4;

/// Sizes of a recurrence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub samples: usize,
    pub steps: usize,
    pub units: usize,
}

impl Sizes {
    /// Multiply-adds of all products of hidden states and recurrent weights.
    fn cost(self) -> usize {
        exact::product(&[self.samples, self.steps, GATES, self.units, self.units])
    }

    /// Samples that go through all steps together, decided by the sizes alone.
    fn group(self) -> usize {
        let shared = self.samples.div_ceil(FEWEST_GROUPS).next_multiple_of(2);
        if self.cost() < parallel::FORK { GROUP } else { shared.min(GROUP) }
    }
}

/// A state of each sample, `[samples, units]`.
#[derive(Clone, Copy)]
pub(crate) struct State<'a> {
    pub hidden: &'a [f32],
    pub cell: &'a [f32],
}

/// States of each sample: of all steps, or of the last one alone, which takes the place of the one before.
pub(crate) struct States<'a> {
    values: &'a mut [f32],
    /// Floats of a sample.
    sample: usize,
    /// Distance of two steps.
    step: usize,
}

impl<'a> States<'a> {
    /// `[samples, steps, units]`
    pub fn all(sizes: Sizes, values: &'a mut [f32]) -> Self {
        assert_eq!(values.len(), sizes.samples * sizes.steps * sizes.units);
        Self { values, sample: sizes.steps * sizes.units, step: sizes.units }
    }

    /// `[samples, units]`
    pub fn last(sizes: Sizes, values: &'a mut [f32]) -> Self {
        assert_eq!(values.len(), sizes.samples * sizes.units);
        Self { values, sample: sizes.units, step: 0 }
    }

    /// Where a state begins.
    fn at(&self, sample: usize, step: usize) -> usize {
        sample * self.sample + step * self.step
    }

    /// The place of a state of `len` floats.
    fn place(&mut self, sample: usize, step: usize, len: usize) -> *mut f32 {
        let at = self.at(sample, step);
        self.values[at..][..len].as_mut_ptr()
    }

    /// The place of a state that is not the first, and of the one before it, which may be the same.
    fn places(&mut self, sample: usize, step: usize, len: usize) -> (*const f32, *mut f32) {
        let [before, at] = [self.at(sample, step - 1), self.at(sample, step)];
        let first = self.values[before..at + len].as_mut_ptr();
        (first, first.wrapping_add(at - before))
    }
}

/// Cut between samples.
impl Cut for States<'_> {
    fn cut(self, at: usize) -> (Self, Self) {
        let (before, after) = self.values.split_at_mut(at * self.sample);
        (Self { values: before, ..self }, Self { values: after, ..self })
    }
}

/// What a forward pass computes, and a backward pass reads and changes.
pub(crate) struct Kept<'a> {
    /// `[samples, steps, 4 · units]`: the products of inputs and weights, with the bias; then the gates; after a backward pass the
    /// gradients by those products.
    pub gates: &'a mut [f32],
    /// Cell states.
    pub cells: States<'a>,
    /// Their tanh, for a backward pass.
    pub tanhs: Option<States<'a>>,
    /// Hidden states.
    pub hidden: States<'a>,
}

/// `h[t]`, `c[t]` from `gates[t] + h[t − 1] · U`, for all steps, from the state `start`, or zeros.
pub(crate) fn forward(sizes: Sizes, recurrent: &Param, start: Option<State<'_>>, kept: Kept<'_>, packs: &mut Packs) {
    let Sizes { samples, steps, units } = sizes;
    let isa = Isa::current();
    let columns = exact::product(&[GATES, units]);
    let packed = packs.get(Form::Panels, recurrent, packed_len(isa, units, columns), |packed| {
        pack(isa, recurrent.values(), units, columns, |row| row * columns, 1, packed);
    });
    let group = sizes.group();
    let Kept { gates, cells, tanhs, hidden } = kept;
    let gates = States::all(Sizes { units: columns, ..sizes }, gates);
    let boundary = |part: usize| samples.min(part * group);
    let values = ((gates, cells), (tanhs, hidden));
    let threads = parallel::pays(sizes.cost());
    parallel::for_each_part_of(
        threads,
        samples.div_ceil(group),
        &boundary,
        values,
        (&mut [], 0),
        &|part, values, _| {
            let ((mut gates, mut cells), (mut tanhs, mut hidden)) = values;
            let mine = boundary(part)..boundary(part + 1);
            for step in 0..steps {
                // The hidden states before, and where that of a sample is.
                let before = match (step, start) {
                    (0, None) => None,
                    (0, Some(start)) => Some((start.hidden, mine.start * units, units)),
                    _ => Some((&*hidden.values, hidden.at(0, step - 1), hidden.sample)),
                };
                if let Some((a, first, distance)) = before {
                    let product = product(a, units, packed, columns, Store::Add);
                    let (sample, at) = (gates.sample, gates.at(0, step));
                    product.compute(
                        isa,
                        mine.len(),
                        |row| first + row * distance,
                        gates.values,
                        |row| at + row * sample,
                    );
                }
                for sample in 0..mine.len() {
                    let (before, cell) = match (step, start) {
                        (0, None) => (std::ptr::null(), cells.place(sample, 0, units)),
                        (0, Some(start)) => {
                            let before = &start.cell[(mine.start + sample) * units..][..units];
                            (before.as_ptr(), cells.place(sample, 0, units))
                        }
                        _ => cells.places(sample, step, units),
                    };
                    let at = cell::Forward {
                        gates: gates.place(sample, step, columns),
                        before,
                        cell,
                        tanh: tanhs.as_mut().map_or(std::ptr::null_mut(), |tanhs| tanhs.place(sample, step, units)),
                        hidden: hidden.place(sample, step, units),
                    };
                    // SAFETY: each place has `units` floats, the gates four times as many, in slices of their own; the instruction
                    // set is that of this machine.
                    unsafe { cell::forward(isa, at, units) };
                }
            }
        },
    );
}

/// `a · b` of a packed right factor.
fn product<'a>(a: &'a [f32], inner: usize, b: &'a [f32], columns: usize, write: Store) -> Product<'a> {
    Product {
        a,
        segments: &[Segment { a: 0, b: 0 }],
        len: inner,
        step: 1,
        b,
        layout: Layout::Packed,
        inner,
        columns,
        bias: None,
        relu: false,
        write,
    }
}

/// Gradients by the results.
#[derive(Clone, Copy, Default)]
pub(crate) struct Upstream<'a> {
    /// By the hidden states of all steps, `[samples, steps, units]`.
    pub every: Option<&'a [f32]>,
    /// By the last hidden state, `[samples, units]`: as a result, and as a state.
    pub last: [Option<&'a [f32]>; 2],
    /// By the last cell state.
    pub cell: Option<&'a [f32]>,
}

/// Back through all steps: `kept.gates` become the gradients by the products of inputs and weights, `carried`,
/// `[samples, 2 · units]`, the gradients by the hidden state and the cell state `start`, if there is one. What `kept` has of
/// hidden states is not read.
pub(crate) fn backward(
    sizes: Sizes,
    recurrent: &Param,
    start: Option<State<'_>>,
    upstream: Upstream<'_>,
    (gates, cells, tanhs): (&mut [f32], &[f32], &[f32]),
    carried: &mut [f32],
    packs: &mut Packs,
) {
    let Sizes { samples, steps, units } = sizes;
    let isa = Isa::current();
    let columns = exact::product(&[GATES, units]);
    let packed = packs.get(Form::TransposedPanels, recurrent, packed_len(isa, columns, units), |packed| {
        pack(isa, recurrent.values(), columns, units, |row| row, columns, packed);
    });
    assert!(cells.len() == samples * steps * units && tanhs.len() == cells.len());
    assert!(upstream.every.is_none_or(|every| every.len() == cells.len()));
    let group = sizes.group();
    let boundary = |part: usize| samples.min(part * group);
    let gates = States::all(Sizes { units: columns, ..sizes }, gates);
    let carried = States::last(Sizes { units: 2 * units, ..sizes }, carried);
    let threads = parallel::pays(sizes.cost());
    let parts = samples.div_ceil(group);
    parallel::for_each_part_of(threads, parts, &boundary, (gates, carried), (&mut [], 0), &|part, values, _| {
        let (mut gates, carried) = values;
        let mine = boundary(part)..boundary(part + 1);
        for (sample, carried) in mine.clone().zip(carried.values.chunks_exact_mut(2 * units)) {
            let (hidden, cell) = carried.split_at_mut(units);
            hidden.fill(0.0);
            for last in upstream.last.into_iter().flatten() {
                hidden.iter_mut().zip(&last[sample * units..][..units]).for_each(|(sum, value)| *sum += value);
            }
            match upstream.cell {
                Some(last) => cell.copy_from_slice(&last[sample * units..][..units]),
                None => cell.fill(0.0),
            }
        }
        for step in (0..steps).rev() {
            for index in 0..mine.len() {
                let sample = mine.start + index;
                let state = (sample * steps + step) * units;
                let before = match (step, start) {
                    (0, None) => std::ptr::null(),
                    (0, Some(start)) => start.cell[sample * units..][..units].as_ptr(),
                    _ => cells[state - units..][..units].as_ptr(),
                };
                let (hidden, cell) = carried.values[index * 2 * units..][..2 * units].split_at_mut(units);
                let at = cell::Backward {
                    gates: gates.place(index, step, columns),
                    before,
                    tanh: tanhs[state..][..units].as_ptr(),
                    hidden: hidden.as_ptr(),
                    more: upstream.every.map_or(std::ptr::null(), |every| every[state..][..units].as_ptr()),
                    cell: cell.as_mut_ptr(),
                };
                // SAFETY: each place has `units` floats, the gates four times as many, in slices of their own; the instruction
                // set is that of this machine.
                unsafe { cell::backward(isa, at, units) };
            }
            if step > 0 || start.is_some() {
                let product = product(gates.values, columns, packed, units, Store::Set);
                let from = |sample: usize| gates.at(sample, step);
                product.compute(isa, mine.len(), from, carried.values, |sample| sample * 2 * units);
            }
        }
    });
}

/// The hidden states before each step, `[samples, steps, units]`, from those behind it and the one at the start.
pub(crate) fn states_before(sizes: Sizes, hidden: &[f32], start: Option<&[f32]>, before: &mut [f32]) {
    let Sizes { steps, units, .. } = sizes;
    let samples = hidden.chunks_exact(steps * units).zip(before.chunks_exact_mut(steps * units));
    for (sample, (hidden, before)) in samples.enumerate() {
        let (first, rest) = before.split_at_mut(units);
        match start {
            Some(start) => first.copy_from_slice(&start[sample * units..][..units]),
            None => first.fill(0.0),
        }
        rest.copy_from_slice(&hidden[..rest.len()]);
    }
}
