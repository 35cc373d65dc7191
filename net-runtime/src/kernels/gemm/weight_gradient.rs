//! The gradient of a dense layer's weights: xᵀ · dy, whose inner axis is the rows of both.
//!
//! A transposed factor that is read where it lies has its neighbours in different lines, and so have the rows of a wide right factor: both
//! come from a far cache line by line, and no processor notices in which order. So the rows are gone through in groups, of which one factor is
//! transposed and the other one packed, unless it lies well. These are read once for each group, and used many times.

use super::dense::lies_well;
use super::dense_few;
use super::microkernel::Layout;
use super::pack::{pack, pack_by_panels, packed_len};
use super::rows::Rows;
use super::sizes::Sizes;
use super::transpose::transpose;
use super::transposed_left::{Left, OFTEN};
use crate::kernels::elementwise::arithmetic as elementwise;
use crate::kernels::simd::{Isa, ROWS};
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::parallel::slots::Slots;
use crate::tensor::param::{Store, Write};

/// Rows of x and dy that are in one product at most.
const GROUP: usize = 384;

/// The same at least: a gradient is read and written for each product.
const LEAST: usize = 128;

/// Floats that a group of both factors has: they stay in a cache of half a megabyte.
const FLOATS: usize = 128 << 10;

/// Elements of the largest gradient of which each task computes all, for a part of the rows.
const SMALL: usize = 64 << 10;

/// Parts of the rows at most, and at least.
const PARTS: [usize; 2] = [16, 4];

/// Rows of a part at least, whose gradient is written and added to others'.
const PART: usize = 512;

/// Rows below which dy is read where it lies: packing it takes as long as using it so seldom.
const FEW_ROWS: usize = 64;

/// `gradient = xᵀ · dy`.
pub(crate) fn backward_weights(
    sizes: Sizes,
    x: Rows<'_>,
    dy: &[f32],
    gradient: &mut [f32],
    write: Write,
    scratch: &mut Scratch,
) {
    let Sizes { rows, inputs, outputs } = sizes;
    let factors = Factors { isa: Isa::current(), x: (x.values, x.distance.unwrap_or(inputs)), dy, inputs, outputs };
    let parts = parts(sizes);
    if parts > 1 {
        by_parts(sizes, factors, parts, (gradient, write), scratch);
    } else if (1..=dense_few::FEW).contains(&rows) && outputs > 0 {
        by_few_rows(sizes, factors, gradient, write);
    } else {
        by_inputs(sizes, factors, (gradient, write), scratch);
    }
}

/// How many parts of the rows are tasks, by the sizes alone.
fn parts(Sizes { rows, inputs, outputs }: Sizes) -> usize {
    let elements = inputs * outputs;
    let [most, least] = PARTS;
    let small = elements > 0 && elements <= SMALL;
    if small && rows >= least * PART { (rows / PART).min(most) } else { 1 }
}

/// As many groups of rows as there have to be, alike, of whole turns of the register tile's loop.
fn group(rows: usize, most: usize) -> usize {
    rows.div_ceil(rows.div_ceil(most).max(1)).next_multiple_of(4)
}

/// Both factors, whose rows are multiplied.
#[derive(Clone, Copy)]
struct Factors<'a> {
    isa: Isa,
    /// How far apart the rows of x are.
    x: (&'a [f32], usize),
    dy: &'a [f32],
    inputs: usize,
    outputs: usize,
}

/// Each task computes the gradient of a part of the rows; these are added up in order.
fn by_parts(
    sizes: Sizes,
    factors: Factors<'_>,
    parts: usize,
    (gradient, write): (&mut [f32], Write),
    scratch: &mut Scratch,
) {
    let Sizes { rows, inputs, outputs } = sizes;
    let threads = sizes.pays();
    let Scratch { work, packed, .. } = scratch;
    let elements = inputs * outputs;
    let begin = |part: usize| rows * part / parts;
    let count = group(rows.div_ceil(parts), (FLOATS / (inputs + outputs)).clamp(LEAST, GROUP));
    let slots = Slots::new(threads, parts, packed, factors.room(count));
    let sums = work.take(parts * elements);
    parallel::for_each_part(threads, parts, &|part| part * elements, sums, (&mut [], 0), &|part, sums, _| {
        slots.with(|room| factors.multiply(begin(part)..begin(part + 1), count, sums, room));
    });
    let sums = &*sums;
    parallel::for_each_piece([gradient], &|first, [gradient]| {
        let mut write = write;
        for sums in sums.chunks_exact(elements) {
            elementwise::put_values(write, gradient, &sums[first..first + gradient.len()]);
            write = Write::Add;
        }
    });
}

impl Factors<'_> {
    /// Whether the transposed product is computed, dyᵀ · x, because that fills the registers so much better.
    fn swaps(self) -> bool {
        let Self { isa, inputs, outputs, .. } = self;
        // Multiply-adds of a step, or the loads for them where they are more; and what is transposed.
        let cost = |left: usize, right: usize| {
            let tile = |vectors: usize| (ROWS * vectors).max(ROWS + vectors);
            let (whole, rest) = (right / isa.tile_columns(), (right % isa.tile_columns()).div_ceil(isa.lanes()));
            let of_rest = if rest > 0 { tile(rest) } else { 0 };
            left.div_ceil(ROWS) * (whole * tile(isa.tile_columns() / isa.lanes()) + of_rest) + left
        };
        10 * cost(outputs, inputs) < 9 * cost(inputs, outputs)
    }

    /// Floats of what is needed for groups of so many rows.
    fn room(self, count: usize) -> usize {
        let Self { isa, inputs, outputs, .. } = self;
        let (left, right) = if self.swaps() { (outputs, inputs) } else { (inputs, outputs) };
        let distance = if self.swaps() { outputs } else { self.x.1 };
        let product = if self.swaps() { inputs * outputs } else { 0 };
        Left::room(distance, [count, left], right) + packed_len(isa, count, right) + product
    }

    /// Writes the product of these rows, in groups of so many.
    fn multiply(self, rows: std::ops::Range<usize>, count: usize, sums: &mut [f32], room: &mut [f32]) {
        let Self { isa, x, dy, inputs, outputs } = self;
        let swaps = self.swaps();
        let dy = (dy, outputs);
        let (left, right) = if swaps { ((dy, outputs), (x, inputs)) } else { ((x, inputs), (dy, outputs)) };
        let ((left, left_distance), left_columns) = left;
        let ((right, right_distance), right_columns) = right;
        let (strips, room) = room.split_at_mut(Left::room(left_distance, [count, left_columns], right_columns));
        let (packed, product) = room.split_at_mut(packed_len(isa, count, right_columns));
        let lies_well = left_columns < OFTEN || lies_well(isa, count, right_columns);
        let in_place = right_columns.is_multiple_of(isa.lanes()) && lies_well;
        let mut write = Store::Set;
        for first in rows.clone().step_by(count) {
            let count = count.min(rows.end - first);
            let left = &left[first * left_distance..];
            let right = &right[first * right_distance..];
            let (b, layout) = if in_place {
                (right, Layout::Rows(right_distance))
            } else {
                pack(isa, right, count, right_columns, |row| row * right_distance, 1, packed);
                (&*packed, Layout::Packed)
            };
            let c = if swaps { &mut product[..inputs * outputs] } else { &mut *sums };
            let left = Left::new((left, left_distance), [count, left_columns], right_columns, strips);
            left.multiply(isa, (b, layout), right_columns, write, c);
            write = Store::Add;
        }
        if swaps {
            transpose(&product[..inputs * outputs], outputs, sums, outputs);
        }
    }
}

/// Rows of the gradient that a task owns, for few rows of both factors.
fn by_few_rows(sizes: Sizes, factors: Factors<'_>, gradient: &mut [f32], write: Write) {
    let Factors { isa, x: (x, step), dy, inputs, outputs } = factors;
    let block = sizes.small_block(inputs);
    let boundary = |part: usize| inputs.min(part * block) * outputs;
    parallel::for_each_part(
        sizes.pays(),
        inputs.div_ceil(block),
        &boundary,
        gradient,
        (&mut [], 0),
        &|part, gradient, _| {
            dense_few::outer_products(isa, (x, step), part * block, (dy, outputs), gradient, write);
        },
    );
}

/// A task owns some rows of the gradient, whose columns of x it transposes.
fn by_inputs(sizes: Sizes, factors: Factors<'_>, (gradient, write): (&mut [f32], Write), scratch: &mut Scratch) {
    let Factors { isa, x: (x, step), dy, .. } = factors;
    let Sizes { rows, inputs, outputs } = sizes;
    let (threads, block) = (sizes.pays(), sizes.small_block(inputs));
    let (tasks, boundary) = (inputs.div_ceil(block), |part: usize| inputs.min(part * block) * outputs);
    // A product that may also be computed from its factors has one order of its sums.
    let at_once = if sizes.factors_pay() { rows } else { group(rows, GROUP) };
    let in_place =
        outputs.is_multiple_of(isa.lanes()) && (rows < FEW_ROWS || inputs < OFTEN || lies_well(isa, at_once, outputs));
    let Scratch { work, packed, .. } = scratch;
    let packed = packed.take(if in_place { 0 } else { packed_len(isa, at_once, outputs) });
    let slots = Slots::new(threads, tasks, work, Left::room(step, [at_once, block], outputs));
    let mut write = Store::from(write);
    for first in (0..rows.max(1)).step_by(at_once.max(1)) {
        let count = at_once.min(rows - first);
        let dy = &dy[first * outputs..][..count * outputs];
        let (b, layout) = if in_place {
            (dy, Layout::Rows(outputs))
        } else {
            pack_by_panels(isa, threads, dy, [count, outputs], &|row| row * outputs, 1, packed);
            (&*packed, Layout::Packed)
        };
        parallel::for_each_part(threads, tasks, &boundary, gradient, (&mut [], 0), &|part, gradient, _| {
            let mine = part * block..inputs.min((part + 1) * block);
            slots.with(|strips| {
                let x = &x[(first * step + mine.start).min(x.len())..];
                let left = Left::new((x, step), [count, mine.len()], outputs, strips);
                left.multiply(isa, (b, layout), outputs, write, gradient);
            });
        });
        write = Store::Add;
    }
}
