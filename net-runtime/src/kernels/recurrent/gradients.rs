//! Gradients by weights and inputs, from the rows that a backward pass has left: products over all steps at once.
//!
//! A row's columns are right factors for the inputs and for the hidden states before each step: they are packed once for both.

use super::cell::{Cell, Factor, Source};
use super::sequence::Sizes;
use crate::kernels::elementwise::arithmetic::{put, put_values};
use crate::kernels::gemm::microkernel::{Layout, Product};
use crate::kernels::gemm::pack::{pack, packed_len};
use crate::kernels::gemm::transposed_left::Left;
use crate::kernels::reduce::reductions::row_sums;
use crate::kernels::simd::Isa;
use crate::memory::packed::{Form, Packs, Request};
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::parallel::slots::Slots;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::exact::product;
use crate::tensor::param::{Param, Store, Write};

/// Rows whose contributions are added up at once: so many keep the packed factor in the second cache.
const INNER: usize = 384;

/// Rows of both kernels whose gradients are computed at once.
const OUTER: usize = 256;

/// Rows of the gradient by the inputs that one task computes.
const BLOCK: usize = 96;

/// The places of the gradients by a layer's weights, and what happens to what is there.
pub(crate) struct Gradients<'a> {
    pub kernel: (&'a mut [f32], Write),
    pub recurrent: (&'a mut [f32], Write),
    pub bias: Option<(&'a mut [f32], Write)>,
}

/// What the gradients by weights are computed from.
#[derive(Clone, Copy)]
pub(crate) struct Factors<'a> {
    /// `[samples, steps, inputs]`
    pub x: &'a [f32],
    /// The hidden states before each step, `[samples, steps, units]`.
    pub before: &'a [f32],
    /// The rows of all steps.
    pub rows: &'a [f32],
}

/// Some columns of a factor, as many as two panels are wide.
#[derive(Clone, Copy)]
struct Task<'a> {
    factor: &'a Factor,
    /// The first of them, from the beginning of the factor, and how many.
    first: usize,
    columns: usize,
}

/// The tasks of all factors.
fn tasks(isa: Isa, factors: &'static [Factor], units: usize) -> impl Iterator<Item = Task<'static>> {
    let width = 2 * isa.tile_columns();
    factors.iter().flat_map(move |factor| {
        let all = factor.columns.1 * units;
        let task = move |first| Task { factor, first, columns: width.min(all - first) };
        (0..all).step_by(width).map(task)
    })
}

/// Rows of the kernel and of the recurrent kernel that are computed at once.
#[derive(Clone, Copy)]
struct Outer {
    inputs: (usize, usize),
    units: (usize, usize),
}

impl Outer {
    fn count(self) -> usize {
        self.inputs.1 + self.units.1
    }
}

/// Contributes to the gradients by all weights.
pub(crate) fn weights<C: Cell>(
    cell: C,
    sizes: Sizes,
    factors: Factors<'_>,
    gradients: Gradients<'_>,
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Sizes { inputs, units, .. } = sizes;
    let Gradients { mut kernel, mut recurrent, mut bias } = gradients;
    let all = C::GATES * units;
    let width = 2 * isa.tile_columns();
    let count = tasks(isa, cell.factors(), units).count();
    let threads = parallel::pays(sizes.cost(C::GATES));
    let Scratch { work, packed, .. } = scratch;
    for first in (0..inputs + units).step_by(OUTER) {
        let end = (inputs + units).min(first + OUTER);
        let [of_inputs, of_units] = [(first.min(inputs), end.min(inputs)), (first.max(inputs), end.max(inputs))];
        let outer = Outer {
            inputs: (of_inputs.0, of_inputs.1 - of_inputs.0),
            units: (of_units.0 - inputs, of_units.1 - of_units.0),
        };
        // Behind the sums of products those of the right factor alone, which are the gradient by the bias.
        let piece = product(&[outer.count() + 1, width]);
        let sums = work.take(product(&[count, piece]));
        // As if the rows of both left factors were far apart.
        let strips = Left::room(usize::MAX, [INNER, outer.inputs.1.max(outer.units.1)], width);
        let slots = Slots::new(threads, count, packed, packed_len(isa, INNER, width) + strips);
        let boundary = |part: usize| part * piece;
        parallel::for_each_part(threads, count, &boundary, sums, (&mut [], 0), &|part, sums, _| {
            let task = tasks(isa, cell.factors(), units).nth(part).expect("a part is a task");
            slots.with(|room| task.compute::<C>(isa, sizes, factors, outer, room, sums));
        });
        for (task, sums) in tasks(isa, cell.factors(), units).zip(sums.chunks_exact(piece)) {
            let Task { factor, first: column, columns } = task;
            let put_rows =
                |(values, write): &mut (&mut [f32], Write), to: usize, rows: (usize, usize), sums: &[f32]| {
                    for (row, sums) in sums.chunks_exact(columns).enumerate().take(rows.1) {
                        put_values(*write, &mut values[(rows.0 + row) * all + to..][..columns], sums);
                    }
                };
            let (of_inputs, rest) = sums.split_at(outer.inputs.1 * columns);
            let (of_units, rest) = rest.split_at(outer.units.1 * columns);
            if let Some(to) = factor.kernel {
                put_rows(&mut kernel, to * units + column, outer.inputs, of_inputs);
            }
            if let Some((to, _)) = factor.recurrent {
                put_rows(&mut recurrent, to * units + column, outer.units, of_units);
            }
            let Some(bias) = bias.as_mut().filter(|_| first == 0) else { continue };
            if let Some(to) = factor.kernel {
                put_rows(bias, to * units + column, (0, 1), rest);
            }
            if let Some((to, _)) = factor.recurrent.filter(|_| cell.biases() == 2) {
                put_rows(bias, to * units + column, (1, 1), rest);
            }
        }
    }
}

impl Task<'_> {
    /// The sums over all rows: of products with inputs, with hidden states, and with ones.
    fn compute<C: Cell>(
        self,
        isa: Isa,
        sizes: Sizes,
        Factors { x, before, rows }: Factors<'_>,
        outer: Outer,
        room: &mut [f32],
        sums: &mut [f32],
    ) {
        let Self { factor, first, columns } = self;
        let (packed, strips) = room.split_at_mut(packed_len(isa, INNER, columns));
        let Sizes { inputs, units, .. } = sizes;
        let row = C::KEPT * units;
        let right = |index: usize| index * row + factor.columns.0 * units + first;
        let (of_inputs, rest) = sums.split_at_mut(outer.inputs.1 * columns);
        let (of_units, rest) = rest.split_at_mut(outer.units.1 * columns);
        for begin in (0..sizes.rows()).step_by(INNER) {
            let inner = INNER.min(sizes.rows() - begin);
            pack(isa, rows, inner, columns, |index| right(begin + index), 1, packed);
            let write = if begin == 0 { Store::Set } else { Store::Add };
            let mut compute = |left: &[f32], step: usize, column: usize, count: usize, sums: &mut [f32]| {
                // What follows may have no rows.
                let left = &left[(begin * step + column).min(left.len())..];
                let left = Left::new((left, step), [inner, count], columns, strips);
                left.multiply(isa, (packed, Layout::Packed), columns, write, sums);
            };
            if factor.kernel.is_some() {
                compute(x, inputs, outer.inputs.0, outer.inputs.1, of_inputs);
            }
            match factor.recurrent {
                Some((_, Source::Hidden)) => compute(before, units, outer.units.0, outer.units.1, of_units),
                Some((_, Source::Row(from))) => {
                    compute(rows, row, from * units + outer.units.0, outer.units.1, of_units);
                }
                None => {}
            }
            // Now that they are near.
            let write = if begin == 0 { Write::Set } else { Write::Add };
            row_sums(rows, inner, &|index| right(begin + index), &mut rest[..columns], write);
        }
    }
}

/// The gradient by the inputs.
pub(crate) fn inputs<C: Cell>(
    sizes: Sizes,
    kernel: &Param,
    dropout: Option<&[f32]>,
    rows: &[f32],
    (dx, store): (&mut [f32], Store),
    packs: &mut Packs,
    work: &mut AlignedBuffer,
) {
    let isa = Isa::current();
    let Sizes { steps, inputs, units, .. } = sizes;
    let (all, row) = (C::GATES * units, C::KEPT * units);
    let [transposed] = packs.get_all([Request {
        parameter: 0,
        form: Form::TransposedPanels,
        of: kernel.into(),
        len: packed_len(isa, all, inputs),
        make: &mut |packed| pack(isa, kernel.values(), all, inputs, |column| column, all, packed),
    }]);
    let count = sizes.rows();
    let threads = parallel::pays(product(&[count, all, inputs]));
    let parts = count.div_ceil(BLOCK);
    let boundary = |part: usize| count.min(part * BLOCK) * inputs;
    let slots = Slots::new(threads, parts, work, if dropout.is_some() { product(&[BLOCK, inputs]) } else { 0 });
    parallel::for_each_part(threads, parts, &boundary, dx, (&mut [], 0), &|part, dx, _| {
        let first = part * BLOCK;
        let mine = BLOCK.min(count - first);
        let from = |index: usize| (first + index) * row + C::PROJECTED * units;
        let Some(dropout) = dropout else {
            let product = Product { write: store, ..Product::of_matrices(rows, transposed, [all, inputs]) };
            return product.compute(isa, mine, from, dx, |index| index * inputs);
        };
        slots.with(|whole| {
            let product = Product::of_matrices(rows, transposed, [all, inputs]);
            product.compute(isa, mine, from, whole, |index| index * inputs);
            let whole = whole.chunks_exact(inputs).enumerate();
            for ((index, whole), dx) in whole.zip(dx.chunks_exact_mut(inputs)) {
                let factors = &dropout[(first + index) / steps * inputs..][..inputs];
                put(store, dx, whole.iter().zip(factors).map(|(value, factor)| value * factor));
            }
        });
    });
}
