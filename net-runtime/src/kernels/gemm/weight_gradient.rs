//! The gradient of a dense layer's weights: xᵀ · dy, whose inner axis is the rows of both.
//!
//! A transposed factor that is read where it lies has its neighbours in different lines, and so have the rows of a wide right factor: both
//! come from a far cache line by line, and no processor notices in which order. So the rows are gone through in groups, of which one factor is
//! transposed and the other one packed, unless it lies well. These are read once for each group, and used many times.

use std::ops::Range;

use super::dense::lies_well;
use super::dense_few;
use super::microkernel::{FAR, Layout};
use super::pack::{pack, pack_in_parts, packed_len};
use super::rows::Rows;
use super::sizes::Sizes;
use super::transpose::transpose;
use super::transposed_left::{Left, OFTEN};
use crate::kernels::elementwise::arithmetic as elementwise;
use crate::kernels::reduce::reductions::row_sums;
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

/// Rows of a part at least, whose gradient is written and added to others': of one that the nearest cache holds, and of others.
const PART: [usize; 2] = [128, 512];

/// Elements of a gradient that the nearest cache holds beside its factors.
const NEAR: usize = 4 << 10;

/// Rows below which dy is read where it lies: packing it takes as long as using it so seldom.
const FEW_ROWS: usize = 64;

/// `gradient = xᵀ · dy`. Rows of dy that lie apart have the bits of others only if they are divided [by parts](is_by_parts).
pub(crate) fn backward_weights(
    sizes: Sizes,
    x: Rows<'_>,
    dy: Rows<'_>,
    gradient: &mut [f32],
    write: Write,
    scratch: &mut Scratch,
) {
    with_sums(sizes, x, dy, (gradient, write), None, scratch);
}

/// The same, and the sums of dy over all rows, if they are wanted: the gradient of a bias.
pub(crate) fn with_sums(
    sizes: Sizes,
    x: Rows<'_>,
    dy: Rows<'_>,
    (gradient, write): (&mut [f32], Write),
    sums: Option<(&mut [f32], Write)>,
    scratch: &mut Scratch,
) {
    let Sizes { rows, inputs, outputs } = sizes;
    let [x, dy] = [(x, inputs), (dy, outputs)].map(|(rows, columns)| (rows.values, rows.distance.unwrap_or(columns)));
    let factors = Factors { isa: Isa::current(), x, dy, inputs, outputs };
    let parts = parts(sizes);
    if parts > 1 {
        return by_parts(sizes, factors, parts, (gradient, write), sums, scratch);
    }
    if let Some((sums, write)) = sums {
        factors.sum(0..rows, sums, write);
    }
    by_inputs(sizes, factors, (gradient, write), scratch);
}

/// Whether parts of the rows are tasks.
pub(crate) fn is_by_parts(sizes: Sizes) -> bool {
    parts(sizes) > 1
}

/// How many parts of the rows are tasks, by the sizes alone.
fn parts(Sizes { rows, inputs, outputs }: Sizes) -> usize {
    let elements = inputs * outputs;
    let [most, least] = PARTS;
    let small = elements > 0 && elements <= SMALL;
    let part = PART[usize::from(elements > NEAR)];
    if small && rows >= least * part { (rows / part).min(most) } else { 1 }
}

/// As many groups of rows as there have to be, alike, of whole turns of the register tile's loop.
fn group(rows: usize, most: usize) -> usize {
    rows.div_ceil(rows.div_ceil(most).max(1)).next_multiple_of(4)
}

/// Vectors of multiply-adds for a row of both factors, the left one of which is transposed, or loads for them where these are more.
fn of_row(isa: Isa, left: usize, right: usize) -> usize {
    let tile = |vectors: usize| if vectors > 0 { (ROWS * vectors).max(ROWS + vectors) } else { 0 };
    let (whole, rest) = (right / isa.tile_columns(), (right % isa.tile_columns()).div_ceil(isa.lanes()));
    left.div_ceil(ROWS) * (whole * tile(isa.tile_columns() / isa.lanes()) + tile(rest))
}

/// Multiply-adds with those of lanes and rows that are empty, and tasks.
pub(crate) fn work(isa: Isa, sizes: Sizes) -> (f64, usize) {
    let Sizes { rows, inputs, outputs } = sizes;
    let parts = parts(sizes);
    let of_row = match parts {
        1 => of_row(isa, inputs, outputs),
        _ => of_row(isa, inputs, outputs).min(of_row(isa, outputs, inputs)),
    };
    let tasks = if parts > 1 { parts } else { inputs.div_ceil(sizes.small_block(inputs)) };
    ((rows * of_row * isa.lanes()) as f64, tasks)
}

/// Both factors, whose rows are multiplied.
#[derive(Clone, Copy)]
struct Factors<'a> {
    isa: Isa,
    /// With the distance of the rows.
    x: (&'a [f32], usize),
    dy: (&'a [f32], usize),
    inputs: usize,
    outputs: usize,
}

/// Each task computes the gradient of a part of the rows; these are added up in order.
fn by_parts(
    sizes: Sizes,
    factors: Factors<'_>,
    parts: usize,
    (gradient, write): (&mut [f32], Write),
    sums: Option<(&mut [f32], Write)>,
    scratch: &mut Scratch,
) {
    let Sizes { rows, inputs, outputs } = sizes;
    let threads = sizes.pays();
    let Scratch { work, packed, .. } = scratch;
    let elements = inputs * outputs;
    // Those of dy lie behind each part's gradient.
    let own = elements + if sums.is_some() { outputs } else { 0 };
    let begin = |part: usize| rows * part / parts;
    let count = group(rows.div_ceil(parts), (FLOATS / (inputs + outputs)).clamp(LEAST, GROUP));
    let slots = Slots::new(threads, parts, packed, factors.room(count));
    let products = work.take(parts * own);
    parallel::for_each_part(threads, parts, &|part| part * own, products, (&mut [], 0), &|part, product, _| {
        let (product, sums) = product.split_at_mut(elements);
        slots.with(|room| factors.multiply(begin(part)..begin(part + 1), count, (product, sums), room));
    });
    let products = &*products;
    parallel::for_each_piece([gradient], &|first, [gradient]| {
        add_up(products, own, first, gradient, write);
    });
    if let Some((sums, write)) = sums {
        add_up(products, own, elements, sums, write);
    }
}

/// Adds up what parts have from an element on.
fn add_up(parts: &[f32], own: usize, first: usize, sum: &mut [f32], mut write: Write) {
    for part in parts.chunks_exact(own) {
        elementwise::put_values(write, sum, &part[first..first + sum.len()]);
        write = Write::Add;
    }
}

impl<'a> Factors<'a> {
    /// Whether the transposed product is computed, dyᵀ · x, because that fills the registers so much better.
    fn swaps(self) -> bool {
        let Self { isa, inputs, outputs, .. } = self;
        // What is transposed counts, too.
        let cost = |left: usize, right: usize| of_row(isa, left, right) + left;
        10 * cost(outputs, inputs) < 9 * cost(inputs, outputs)
    }

    /// The factor that is transposed and the other one, each with its number of columns.
    fn sides(self) -> [((&'a [f32], usize), usize); 2] {
        let (x, dy) = ((self.x, self.inputs), (self.dy, self.outputs));
        if self.swaps() { [dy, x] } else { [x, dy] }
    }

    /// Floats of what is needed for groups of so many rows.
    fn room(self, count: usize) -> usize {
        let Self { isa, inputs, outputs, .. } = self;
        let [((_, distance), left), (_, right)] = self.sides();
        let product = if self.swaps() { inputs * outputs } else { 0 };
        Left::room(distance, [count, left], right) + packed_len(isa, count, right) + product
    }

    /// The sums of dy over these rows.
    fn sum(self, rows: Range<usize>, sums: &mut [f32], write: Write) {
        let (dy, distance) = self.dy;
        row_sums(dy, rows.len(), &|row| (rows.start + row) * distance, sums, write);
    }

    /// Writes the product of these rows, in groups of so many, and the sums of dy, if there is place for them.
    fn multiply(self, rows: Range<usize>, count: usize, (gradient, sums): (&mut [f32], &mut [f32]), room: &mut [f32]) {
        let Self { isa, inputs, outputs, .. } = self;
        let swaps = self.swaps();
        let [((left, left_distance), left_columns), ((right, right_distance), right_columns)] = self.sides();
        let (strips, room) = room.split_at_mut(Left::room(left_distance, [count, left_columns], right_columns));
        let (packed, product) = room.split_at_mut(packed_len(isa, count, right_columns));
        let lies_well = left_columns < OFTEN || lies_well(isa, count, right_columns);
        // Rows that lie far apart would be read in pieces, whose sums are added in another order to what is there.
        let near = count.saturating_mul(right_distance) < FAR;
        let in_place = right_columns.is_multiple_of(isa.lanes()) && lies_well && near;
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
            let c = if swaps { &mut product[..inputs * outputs] } else { &mut *gradient };
            let left = Left::new((left, left_distance), [count, left_columns], right_columns, strips);
            left.multiply(isa, (b, layout), right_columns, write, c);
            if !sums.is_empty() {
                // Now that dy is near.
                let write = if first == rows.start { Write::Set } else { Write::Add };
                self.sum(first..first + count, sums, write);
            }
            write = Store::Add;
        }
        if swaps {
            transpose(&product[..inputs * outputs], outputs, gradient, outputs);
        }
    }
}

/// A task owns some rows of the gradient, and brings their columns of x into strips.
fn by_inputs(sizes: Sizes, factors: Factors<'_>, (gradient, write): (&mut [f32], Write), scratch: &mut Scratch) {
    let Factors { isa, x: (x, step), dy: (dy, distance), .. } = factors;
    let Sizes { rows, inputs, outputs } = sizes;
    let (threads, block) = (sizes.pays(), sizes.small_block(inputs));
    let (tasks, boundary) = (inputs.div_ceil(block), |part: usize| inputs.min(part * block) * outputs);
    if (1..=dense_few::FEW).contains(&rows) && outputs > 0 {
        return parallel::for_each_part(threads, tasks, &boundary, gradient, (&mut [], 0), &|part, gradient, _| {
            dense_few::outer_products(isa, (x, step), part * block, (dy, distance), gradient, write);
        });
    }
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
        let dy = &dy[(first * distance).min(dy.len())..];
        let (b, layout) = if in_place {
            (dy, Layout::Rows(distance))
        } else {
            pack_in_parts(isa, threads, dy, [count, outputs], &|row| row * distance, 1, packed);
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
