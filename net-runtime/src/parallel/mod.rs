//! Dividing work among threads: into parts fixed by the shapes, claimed by whichever thread is free.
//!
//! What divides is compiled once and calls the work through a pointer, once for each part, which costs nothing beside a part.
//! Compiled for each kind of work it was half of what the compiler had to do for this crate.

pub(crate) mod awake;
mod distance;
mod halves;
pub(crate) mod in_threads;
pub(crate) mod recorded;
pub(crate) mod slots;

use std::ops::Range;

use ndarray::{ArrayViewMut2, Axis};

use crate::tensor::columns::Columns;
use awake::Need;
use halves::Work;

/// Multiply-adds below which one thread does the work, where the caller is in the thread pool: it takes some 40 microseconds
/// for so many. Handing half of it to a thread that looks for work takes less than two; but after 10 microseconds without
/// work a thread sleeps, and waking it takes 6, and 10 to 20 more until it is there. With half of this, a training step of
/// 100 microseconds on one thread took 145 on two.
pub(crate) const FORK: usize = 4 << 20;

/// The same while the other threads are kept [awake]: some 5 microseconds of work, of which a fork takes half of one to one and a half. What is
/// not so long is not worth cutting, either.
pub(crate) const FORK_AWAKE: usize = 256 << 10;

/// The same where the pool has to be entered first: 100 microseconds of work. Entering takes 20 if the pool is awake, and up
/// to 65 if it sleeps.
const ENTER: usize = 8 << 20;

/// Multiply-adds of a whole pass or step from which on it enters the pool: of its many operations only those from [`FORK`] on
/// are divided, and one of less than this has hardly any. Three dense layers on 256 samples, ten million multiply-adds in a
/// training step, took 100 microseconds within the pool and 82 outside. Small networks in `shares` know better.
const WHOLE: usize = 32 << 20;

/// Multiply-adds of a whole pass or step, within the pool, from which on its threads stay [awake] for it.
const WORTH_AWAKE: usize = 4 * FORK_AWAKE;

/// Multiply-adds that take as long as reading a weight that is in no near cache.
pub(crate) const READ: usize = 8;

/// Elements of a cheap operation below which one thread does the work: in the pool, while its threads are kept [awake], and where it has
/// to be entered.
const FORK_ELEMENTS: usize = 128 << 10;
const FORK_ELEMENTS_AWAKE: usize = 32 << 10;
const ENTER_ELEMENTS: usize = 512 << 10;

/// Elements of a cheap operation that one task takes.
pub(crate) const ELEMENTS: usize = 16 << 10;

/// Whether threads pay for so many multiply-adds, or for entering the pool if the caller is outside of it.
pub(crate) fn pays(multiply_adds: usize) -> bool {
    reaches(multiply_adds, [FORK_AWAKE, FORK, ENTER])
}

/// Whether a pass or a step of so many multiply-adds should enter the pool.
pub(crate) fn whole_pays(multiply_adds: usize) -> bool {
    multiply_adds >= WHOLE
}

/// Runs a pass or a step of so many multiply-adds: in the pool if that pays, and there with the other threads [awake] if some of its
/// operations may be divided then.
pub(crate) fn whole<R: Send>(multiply_adds: usize, work: impl FnOnce() -> R + Send) -> R {
    enter(whole_pays(multiply_adds), || awake::during(needs(multiply_adds), work))
}

/// Whether so many multiply-adds need other threads for their operations.
pub(crate) fn needs(multiply_adds: usize) -> Need {
    if multiply_adds < WORTH_AWAKE { Need::Nothing } else { Need::Operations }
}

/// Whether threads pay for a cheap operation on so many elements.
pub(crate) fn elements_pay(elements: usize) -> bool {
    reaches(elements, [FORK_ELEMENTS_AWAKE, FORK_ELEMENTS, ENTER_ELEMENTS])
}

/// Whether a number reaches what it has to be among threads that are awake, in the pool, or outside of it. Results do not depend on
/// it: what is divided are parts that the shapes have fixed. Whoever has one thread enters nothing.
fn reaches(number: usize, [awake, inside, outside]: [usize; 3]) -> bool {
    if number < awake {
        return false;
    }
    match rayon::current_thread_index() {
        Some(_) => number >= inside || awake::here(),
        None => number >= outside && rayon::current_num_threads() > 1,
    }
}

/// Whether the caller is in the thread pool, so that dividing work costs little.
pub(crate) fn inside() -> bool {
    rayon::current_thread_index().is_some()
}

/// Does the work in the thread pool if it is `wanted`, so that all that is divided within it does not have to enter the pool
/// each time. Whoever is in a pool stays there; where the pool has one thread, nothing is entered.
pub(crate) fn enter<R: Send>(wanted: bool, work: impl FnOnce() -> R + Send) -> R {
    if !wanted || rayon::current_thread_index().is_some() || rayon::current_num_threads() == 1 {
        return work();
    }
    let mut result = None;
    in_pool(&mut once(|| result = Some(work())));
    result.expect("the pool does the work before it returns")
}

fn in_pool(work: &mut Work) {
    rayon::scope(|_| work());
}

/// Work that is done by the first call.
fn once(work: impl FnOnce() + Send) -> impl FnMut() + Send {
    let mut work = Some(work);
    move || {
        if let Some(work) = work.take() {
            work();
        }
    }
}

/// Work on pieces of several slices, which begin at the element, or at the row, of the first number.
pub(crate) type WorkOnPieces<'a, const N: usize> = dyn Fn(usize, [&mut [f32]; N]) + Sync + 'a;

/// Work on a part of this number, or on rows that begin with it, and what belongs to them in another slice.
pub(crate) type WorkOnPart<'a> = dyn Fn(usize, &mut [f32], &mut [f32]) + Sync + 'a;

/// The same on a part of several slices.
pub(crate) type WorkOnPartOf<'a, V> = dyn Fn(usize, V, &mut [f32]) + Sync + 'a;

/// Where a part begins.
pub(crate) type Boundary<'a> = dyn Fn(usize) -> usize + Sync + 'a;

/// Work on the tile that begins at a row and a column.
pub(crate) type WorkOnTile<'a> = dyn Fn([usize; 2], ArrayViewMut2<f32>) + Sync + 'a;

/// Calls `work(first row, rows)` for groups of whole rows of `row` elements.
pub(crate) fn for_each_rows(values: &mut [f32], row: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    split_rows(values, row, &work);
}

fn split_rows(values: &mut [f32], row: usize, work: &(dyn Fn(usize, &mut [f32]) + Sync)) {
    if values.is_empty() {
        return;
    }
    let (threads, rows) = (elements_pay(values.len()), (ELEMENTS / row).max(1));
    split_pieces(threads, rows * row, 0, [values], &|first, [part]| work(first / row, part));
}

/// Calls `work(row, elements)` for each row of a part of a larger tensor.
pub(crate) fn for_each_row_of(columns: Columns, whole: &mut [f32], work: impl Fn(usize, &mut [f32]) + Sync) {
    let Columns { start, count, of } = columns;
    for_each_rows(whole, of, |first, whole| {
        for (index, row) in whole.chunks_exact_mut(of).enumerate() {
            work(first + index, &mut row[start..start + count]);
        }
    });
}

/// Calls `work(first row, rows, ..)` for groups of whole rows of `row` elements, with as many times the elements of another slice as there
/// are rows.
pub(crate) fn for_each_rows_with(values: &mut [f32], row: usize, others: (&mut [f32], usize), work: &WorkOnPart) {
    let (threads, rows) = (elements_pay(values.len()), values.len() / row);
    for_each_group(threads, (ELEMENTS / row).max(1), 0..rows, [(values, row), others], &|first, [values, others]| {
        work(first, values, others);
    });
}

/// Calls `work(first, parts)` for groups of so many neighbours of a range, each of which has so many elements of every slice.
pub(crate) fn for_each_group<const N: usize>(
    threads: bool,
    group: usize,
    range: Range<usize>,
    slices: [(&mut [f32], usize); N],
    work: &WorkOnPieces<N>,
) {
    if range.len() <= group {
        if !range.is_empty() {
            work(range.start, slices.map(|(slice, each)| &mut slice[..range.len() * each]));
        }
        return;
    }
    let half = (range.len() / 2).next_multiple_of(group);
    let mut after: [(&mut [f32], usize); N] = [(); N].map(|()| Default::default());
    let mut before: [(&mut [f32], usize); N] = [(); N].map(|()| Default::default());
    for (((slice, each), before), after) in slices.into_iter().zip(&mut before).zip(&mut after) {
        let (first, second) = slice.split_at_mut(half * each);
        (*before, *after) = ((first, each), (second, each));
    }
    let middle = range.start + half;
    join(
        threads,
        || for_each_group(threads, group, range.start..middle, before, work),
        || for_each_group(threads, group, middle..range.end, after, work),
    );
}

/// Calls `work(first, pieces)` for pieces of several slices of one length that begin at the same element, `first`.
pub(crate) fn for_each_piece<const N: usize>(slices: [&mut [f32]; N], work: &WorkOnPieces<N>) {
    let threads = slices.first().is_some_and(|slice| pieces_pay(slice.len(), N));
    for_each_piece_of(threads, 1, slices, work);
}

/// Whether threads pay for pieces of so many slices. Waking one takes as long as several of them do that threads which are awake divide.
pub(crate) fn pieces_pay(len: usize, slices: usize) -> bool {
    elements_pay(len) || awake::here() && elements_pay(len * slices)
}

/// The same with pieces of whole rows of `row` elements.
pub(crate) fn for_each_piece_of<const N: usize>(
    threads: bool,
    row: usize,
    slices: [&mut [f32]; N],
    work: &WorkOnPieces<N>,
) {
    let len = slices.first().map_or(0, |slice| slice.len());
    assert!(slices.iter().all(|slice| slice.len() == len), "the slices have different lengths");
    let piece = (ELEMENTS / row / N.div_ceil(2).max(1)).max(1) * row;
    split_pieces(threads, piece, 0, slices, work);
}

fn split_pieces<const N: usize>(
    threads: bool,
    piece: usize,
    first: usize,
    slices: [&mut [f32]; N],
    work: &WorkOnPieces<N>,
) {
    let len = slices.first().map_or(0, |slice| slice.len());
    if len <= piece {
        return work(first, slices);
    }
    let middle = (len / 2).next_multiple_of(piece);
    let mut after: [&mut [f32]; N] = [(); N].map(|()| Default::default());
    let mut before: [&mut [f32]; N] = [(); N].map(|()| Default::default());
    for ((slice, before), after) in slices.into_iter().zip(&mut before).zip(&mut after) {
        (*before, *after) = slice.split_at_mut(middle);
    }
    join(
        threads,
        || split_pieces(threads, piece, first, before, work),
        || split_pieces(threads, piece, first + middle, after, work),
    );
}

/// What pieces of a slice say, put together.
pub(crate) fn reduce_pieces<T: Send>(
    values: &[f32],
    of: &(dyn Fn(&[f32]) -> T + Sync),
    both: &(dyn Fn(T, T) -> T + Sync),
) -> T {
    if values.len() <= ELEMENTS {
        return of(values);
    }
    let (before, after) = values.split_at((values.len() / 2).next_multiple_of(ELEMENTS));
    let halves = (|| reduce_pieces(before, of, both), || reduce_pieces(after, of, both));
    let (before, after) = in_halves(elements_pay(values.len()), halves.0, halves.1);
    both(before, after)
}

/// What parts of a range say, put together: each part has so many neighbours.
pub(crate) fn reduce<T: Send>(
    threads: bool,
    range: Range<usize>,
    part: usize,
    of: &(dyn Fn(Range<usize>) -> T + Sync),
    both: &(dyn Fn(T, T) -> T + Sync),
) -> T {
    if range.len() <= part {
        return of(range);
    }
    let middle = range.start + (range.len() / 2).next_multiple_of(part);
    let halves = (
        || reduce(threads, range.start..middle, part, of, both),
        || reduce(threads, middle..range.end, part, of, both),
    );
    let (before, after) = in_halves(threads, halves.0, halves.1);
    both(before, after)
}

/// Slices that are divided among tasks: several are cut at the same element.
pub(crate) trait Cut: Send + Sized {
    /// What is before an element, and the rest.
    fn cut(self, at: usize) -> (Self, Self);
}

impl<T: Send> Cut for &mut [T] {
    fn cut(self, at: usize) -> (Self, Self) {
        self.split_at_mut(at)
    }
}

impl<A: Cut, B: Cut> Cut for (A, B) {
    fn cut(self, at: usize) -> (Self, Self) {
        let (first, second) = (self.0.cut(at), self.1.cut(at));
        ((first.0, second.0), (first.1, second.1))
    }
}

impl<A: Cut> Cut for Option<A> {
    fn cut(self, at: usize) -> (Self, Self) {
        self.map(|slice| slice.cut(at)).unzip()
    }
}

/// Calls `work(part, values, scratch)` for every part: `values` is cut at `boundary(part)` elements from its start, and
/// every part has `chunk` elements of `scratch` of its own.
#[inline]
pub(crate) fn for_each_part(
    threads: bool,
    parts: usize,
    boundary: &Boundary,
    values: &mut [f32],
    scratch: (&mut [f32], usize),
    work: &WorkOnPart,
) {
    // A small network's layers are one part each.
    if parts == 1 {
        return work(0, values, &mut scratch.0[..scratch.1]);
    }
    for_each_part_of(threads, parts, boundary, values, scratch, &|part, values, scratch| work(part, values, scratch));
}

/// The same for several slices that are cut alike.
pub(crate) fn for_each_part_of<V: Cut>(
    threads: bool,
    parts: usize,
    boundary: &Boundary,
    values: V,
    (scratch, chunk): (&mut [f32], usize),
    work: &WorkOnPartOf<V>,
) {
    if parts > 0 {
        split_parts(threads, 0..parts, boundary, values, (scratch, chunk), work);
    }
}

fn split_parts<V: Cut>(
    threads: bool,
    parts: Range<usize>,
    boundary: &Boundary,
    values: V,
    (scratch, chunk): (&mut [f32], usize),
    work: &WorkOnPartOf<V>,
) {
    if parts.len() == 1 {
        return work(parts.start, values, &mut scratch[..chunk]);
    }
    let middle = parts.start + parts.len() / 2;
    let (values, values_after) = values.cut(boundary(middle) - boundary(parts.start));
    let (scratch, scratch_after) = scratch.split_at_mut((middle - parts.start) * chunk);
    join(
        threads,
        || split_parts(threads, parts.start..middle, boundary, values, (scratch, chunk), work),
        || split_parts(threads, middle..parts.end, boundary, values_after, (scratch_after, chunk), work),
    );
}

/// A matrix cut into tiles.
pub(crate) struct Tiles<'a> {
    /// The matrix, or the part of it that is being cut further.
    pub matrix: ArrayViewMut2<'a, f32>,
    /// Where the part begins in the matrix.
    pub at: [usize; 2],
    /// Rows and columns of a tile; those at the end may be smaller.
    pub block: [usize; 2],
}

impl Tiles<'_> {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.matrix.nrows().div_ceil(self.block[0]) * self.matrix.ncols().div_ceil(self.block[1])
    }

    /// Calls `work([row, column] of the tile's begin, tile)` for every tile.
    pub fn for_each(self, threads: bool, work: &WorkOnTile) {
        let Self { matrix, at, block } = self;
        let Some(axis) = (0..2).find(|&axis| matrix.len_of(Axis(axis)) > block[axis]) else {
            return work(at, matrix);
        };
        let middle = matrix.len_of(Axis(axis)).div_ceil(block[axis]) / 2 * block[axis];
        let (before, after) = matrix.split_at(Axis(axis), middle);
        let mut at_after = at;
        at_after[axis] += middle;
        let before = Tiles { matrix: before, at, block };
        let after = Tiles { matrix: after, at: at_after, block };
        join(threads, || before.for_each(threads, work), || after.for_each(threads, work));
    }
}

/// Calls `work(index, part)` for every part; the error is that of the first one that fails.
pub(crate) fn for_each_of<P: Send, E: Send>(
    threads: bool,
    first: &mut P,
    others: &mut [P],
    work: &(impl Fn(usize, &mut P) -> Result<(), E> + Sync),
) -> Result<(), E> {
    split_of(threads, 0, first, others, work)
}

fn split_of<P: Send, E: Send>(
    threads: bool,
    index: usize,
    first: &mut P,
    others: &mut [P],
    work: &(impl Fn(usize, &mut P) -> Result<(), E> + Sync),
) -> Result<(), E> {
    let middle = others.len().div_ceil(2);
    let (before, after) = others.split_at_mut(middle.saturating_sub(1));
    let Some((next, after)) = after.split_first_mut() else { return work(index, first) };
    let (mut of_before, mut of_after) = (Ok(()), Ok(()));
    join(
        threads,
        || of_before = split_of(threads, index, first, before, work),
        || of_after = split_of(threads, index + middle, next, after, work),
    );
    of_before.and(of_after)
}

/// The sum of `work` over groups of so many neighbours of a range, each of which is so many elements: in an order that the range fixes.
pub(crate) fn sum_of_groups(
    range: Range<usize>,
    group: usize,
    each: usize,
    work: &(dyn Fn(Range<usize>) -> f64 + Sync),
) -> f64 {
    if range.len() <= group {
        return work(range);
    }
    let middle = range.start + (range.len() / 2).next_multiple_of(group);
    let (mut before, mut after) = (0.0, 0.0);
    join(
        elements_pay(range.len() * each),
        || before = sum_of_groups(range.start..middle, group, each, work),
        || after = sum_of_groups(middle..range.end, group, each, work),
    );
    before + after
}

/// Does both, on two threads if these pay.
pub(crate) fn join(threads: bool, first: impl FnOnce() + Send, second: impl FnOnce() + Send) {
    if threads {
        on_two_threads(&mut once(first), &mut once(second));
    } else {
        first();
        second();
    }
}

/// All that is divided is divided here.
fn on_two_threads(first: &mut Work, second: &mut Work) {
    if slots::held() {
        first();
        return second();
    }
    if recorded::records() {
        recorded::fork(first, second);
    } else {
        halves::join(first, second);
    }
}

/// The results of both, on two threads if these pay.
fn in_halves<A: Send, B: Send>(
    threads: bool,
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> (A, B) {
    let (mut of_first, mut of_second) = (None, None);
    join(threads, || of_first = Some(first()), || of_second = Some(second()));
    (of_first.expect("the first half is done"), of_second.expect("the second half is done"))
}

#[cfg(test)]
mod tests;
