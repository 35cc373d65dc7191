//! Products of few columns. Lanes are neighbours on the inner axis here: were they columns, most of them would be empty. So the right factor is
//! transposed, and the lanes of a sum are added up at its end.

use super::microkernel::{Product, Segment};
use crate::kernels::simd::{Baseline, Isa, Simd, dispatch};
use crate::tensor::param::Store;

/// The most columns that are computed so.
const MOST: usize = 4;

/// Elements that the inner axis has at least, and each segment of it. With fewer, adding up lanes takes longer than filling them saves.
const INNER: usize = 16;
const SEGMENT: usize = 8;

/// Rows that are computed together: as many as lanes of the vectors that every machine has.
const ROWS: usize = 4;

const _: () = assert!(Baseline::LANES == ROWS);

/// A result of each row.
type Four = <Baseline as Simd>::Vector;

/// Multiply-adds that adding up the lanes of a sum takes as long as, in vectors.
const ADDING: usize = 2;

/// Whether a product of so many columns is computed so, whose inner axis has so many segments of so many elements.
pub(crate) fn fits(columns: usize, [segments, len]: [usize; 2]) -> bool {
    (1..=MOST).contains(&columns) && len >= SEGMENT && segments.saturating_mul(len) >= INNER
}

/// Multiply-adds of a row of such a product, with those of empty lanes.
pub(crate) fn multiply_adds(isa: Isa, columns: usize, [segments, len]: [usize; 2]) -> f64 {
    (columns * (segments * len.next_multiple_of(isa.lanes()) + ADDING * isa.lanes())) as f64
}

/// Writes the columns of a right factor one after the other: element (row, column) is at `row_at(row) + column * column_step`.
pub(crate) fn transpose(
    b: &[f32],
    inner: usize,
    row_at: impl Fn(usize) -> usize,
    column_step: usize,
    transposed: &mut [f32],
) {
    let columns = transposed.len() / inner.max(1);
    for row in 0..inner {
        let from = row_at(row);
        for column in 0..columns {
            transposed[column * inner + row] = b[from + column * column_step];
        }
    }
}

dispatch! {
    /// Computes rows of a product whose sizes were checked, and whose right factor is transposed.
    pub(super) unsafe fn compute(product: &Product<'_>, rows: &[usize], c: *mut f32, to: &[usize]) = compute_generic
}

#[inline(always)]
unsafe fn compute_generic<S: Simd>(product: &Product<'_>, rows: &[usize], c: *mut f32, to: &[usize]) {
    for (rows, to) in rows.chunks(ROWS).zip(to.chunks(ROWS)) {
        let mut column = 0;
        // SAFETY: the caller has checked the sizes; there are so many columns from this one on.
        unsafe {
            while column + 2 <= product.columns {
                columns_generic::<S, 2>(product, column, rows, c, to);
                column += 2;
            }
            if column < product.columns {
                columns_generic::<S, 1>(product, column, rows, c, to);
            }
        }
    }
}

/// `N` columns from this one on, of [`ROWS`] rows at most; what is missing to them is the last one again, and not written.
#[inline(always)]
unsafe fn columns_generic<S: Simd, const N: usize>(
    product: &Product<'_>,
    column: usize,
    rows: &[usize],
    c: *mut f32,
    to: &[usize],
) {
    let Product { segments, len, inner, .. } = *product;
    let whole = len - len % S::LANES;
    // SAFETY: the caller has checked the sizes: a row has so many elements from each segment on, and so has each column.
    unsafe {
        let mut a = [product.a.as_ptr(); ROWS];
        for (row, a) in a.iter_mut().enumerate() {
            *a = a.add(rows[row.min(rows.len() - 1)]);
        }
        let b = product.b.as_ptr().add(column * inner);
        let mut sums = [[S::splat(0.0); ROWS]; N];
        for Segment { a: first, b: row } in segments {
            let b = b.add(*row);
            for at in (0..whole).step_by(S::LANES) {
                multiply_generic::<S, N, false>((&a, first + at), (b.add(at), inner), S::LANES, &mut sums);
            }
            if whole < len {
                multiply_generic::<S, N, true>((&a, first + whole), (b.add(whole), inner), len - whole, &mut sums);
            }
        }
        for (column, sums) in (column..).zip(sums) {
            finish(product, column, Baseline::load(S::sums(sums).as_ptr()), c, to);
        }
    }
}

/// Adds the products of a vector of each row with one of each column, which are `distance` apart; a `PART` of them has so many lanes.
#[inline(always)]
unsafe fn multiply_generic<S: Simd, const N: usize, const PART: bool>(
    (rows, at): (&[*const f32; ROWS], usize),
    (column, distance): (*const f32, usize),
    lanes: usize,
    sums: &mut [[S::Vector; ROWS]; N],
) {
    // SAFETY: the caller has so many elements of each.
    unsafe {
        let zero = S::splat(0.0);
        let mut weights = [zero; N];
        for (number, weights) in weights.iter_mut().enumerate() {
            let column = column.add(number * distance);
            *weights = if PART { S::load_part(column, lanes, zero) } else { S::load(column) };
        }
        for (number, row) in rows.iter().enumerate() {
            let row = row.add(at);
            let values = if PART { S::load_part(row, lanes, zero) } else { S::load(row) };
            for (sums, weights) in sums.iter_mut().zip(weights) {
                sums[number] = S::mul_add(values, weights, sums[number]);
            }
        }
    }
}

/// Writes what becomes of the sums of a column.
#[inline(always)]
unsafe fn finish(product: &Product<'_>, column: usize, mut sums: Four, c: *mut f32, to: &[usize]) {
    // SAFETY: the caller has checked that each row has a place, and that there is a bias for each column.
    unsafe {
        if let Some(bias) = product.bias {
            sums = Baseline::add(sums, Baseline::splat(bias[column]));
        }
        if product.write != Store::Set {
            let mut before = [0.0; ROWS];
            for (before, to) in before.iter_mut().zip(to) {
                *before = *c.add(to + column);
            }
            let before = Baseline::load(before.as_ptr());
            sums = match product.write {
                Store::Mask => Baseline::where_positive(before, sums),
                Store::Add | Store::Set => Baseline::add(sums, before),
            };
        }
        let mut results = [[sums]];
        product.quick.apply::<Baseline, 1, 1>(&mut results);
        let mut values = [0.0; ROWS];
        Baseline::store(values.as_mut_ptr(), results[0][0]);
        for (value, to) in values.iter().zip(to) {
            *c.add(to + column) = *value;
        }
    }
}
