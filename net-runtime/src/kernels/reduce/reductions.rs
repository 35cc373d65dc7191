//! Sums in an order that the shape fixes, precise for long ones.

use std::ops::Range;

use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::parallel;
use crate::tensor::param::Write;

/// Columns that are summed together.
const COLUMNS: usize = 256;

/// Rows that are summed one after the other; more are halved first, so that the rounding error grows with the logarithm
/// of their number.
const ROWS: usize = 32;

/// Sums of the columns of a matrix with `sums.len()` columns, in row-major order.
pub(crate) fn column_sums(values: &[f32], sums: &mut [f32], write: Write) {
    let columns = sums.len();
    let rows = values.len().checked_div(columns).unwrap_or(0);
    row_sums(values, rows, &|row| row * columns, sums, write);
}

/// Sums of `sums.len()` columns of so many rows, of which each begins at `at(row)`: in the same order, wherever they lie.
pub(crate) fn row_sums(
    values: &[f32],
    rows: usize,
    at: &(impl Fn(usize) -> usize + Sync),
    sums: &mut [f32],
    write: Write,
) {
    let isa = Isa::current();
    for (part, sums) in sums.chunks_mut(COLUMNS).enumerate() {
        let mut block = [0.0; COLUMNS];
        let block = &mut block[..sums.len()];
        block_sums(isa, values, 0..rows, &|row| at(row) + part * COLUMNS, block);
        match write {
            Write::Set => sums.copy_from_slice(block),
            Write::Add => sums.iter_mut().zip(block).for_each(|(sum, value)| *sum += *value),
        }
    }
}

/// Sums of what begins at `at(row)` in each of some rows.
fn block_sums(isa: Isa, values: &[f32], rows: Range<usize>, at: &(impl Fn(usize) -> usize + Sync), sums: &mut [f32]) {
    if rows.len() <= ROWS {
        let mut starts = [0; ROWS];
        let starts = &mut starts[..rows.len()];
        for (start, row) in starts.iter_mut().zip(rows) {
            *start = at(row);
            let row = values.get(*start..);
            assert!(row.is_some_and(|row| sums.len() <= row.len()), "a row has no more columns");
        }
        // SAFETY: each row has these columns, as just checked; the instruction set is there.
        unsafe { sum_rows(isa, values, starts, sums) };
        return;
    }
    let middle = rows.start + rows.len() / 2;
    let threads = parallel::elements_pay(rows.len() * sums.len());
    let mut other = [0.0; COLUMNS];
    let other = &mut other[..sums.len()];
    parallel::join(
        threads,
        || block_sums(isa, values, rows.start..middle, at, sums),
        || block_sums(isa, values, middle..rows.end, at, other),
    );
    sums.iter_mut().zip(other).for_each(|(sum, value)| *sum += *value);
}

dispatch! {
    /// Sums of the `sums.len()` columns of a few rows that begin at `starts`.
    unsafe fn sum_rows(values: &[f32], starts: &[usize], sums: &mut [f32]) = sum_rows_generic
}

#[inline(always)]
unsafe fn sum_rows_generic<S: Simd>(values: &[f32], starts: &[usize], sums: &mut [f32]) {
    let len = sums.len();
    // SAFETY: the caller has checked that every row has `len` columns.
    unsafe {
        let (values, sums) = (values.as_ptr(), sums.as_mut_ptr());
        let mut at = 0;
        // Four vectors at a time, so that no addition waits for the one before.
        while at + 4 * S::LANES <= len {
            let mut vectors = [S::splat(0.0); 4];
            for start in starts {
                let from = values.add(start + at);
                for (v, vector) in vectors.iter_mut().enumerate() {
                    *vector = S::add(*vector, S::load(from.add(v * S::LANES)));
                }
            }
            for (v, vector) in vectors.into_iter().enumerate() {
                S::store(sums.add(at + v * S::LANES), vector);
            }
            at += 4 * S::LANES;
        }
        while at < len {
            let mut vector = S::splat(0.0);
            for start in starts {
                vector = S::add(vector, load_at::<S>(values.add(*start), len, at, S::splat(0.0)));
            }
            store_at::<S>(sums, len, at, vector);
            at += S::LANES;
        }
    }
}

/// Whether a magnitude is at most so large; that of a NaN is not.
pub(crate) fn is_within(value: f32, largest: f32) -> bool {
    value.abs() <= largest
}

/// The largest magnitude of all elements, a NaN if there is one.
pub(crate) fn largest_magnitude(values: &[f32]) -> f32 {
    let isa = Isa::current();
    // SAFETY: the loop is safe; this machine has the instruction set.
    f32::from_bits(parallel::reduce_pieces(values, &|piece| unsafe { largest_bits(isa, piece) }, &u32::max))
}

dispatch! {
    /// The bits of the largest magnitude: as whole numbers they have the order of the numbers, and those of a NaN are larger
    /// than all.
    unsafe fn largest_bits(values: &[f32]) -> u32 = largest_bits_generic
}

#[expect(clippy::extra_unused_type_parameters, reason = "the loop is the same for every vector, its code is not")]
#[inline(always)]
unsafe fn largest_bits_generic<S>(values: &[f32]) -> u32 {
    values.iter().fold(0, |largest, value| largest.max(value.to_bits() & (u32::MAX >> 1)))
}

/// The sum of squares, in `f64`: over 16 lanes whose order the length alone decides, so that it is the same everywhere.
pub(crate) fn sum_of_squares(mut values: impl ExactSizeIterator<Item = f32>) -> f64 {
    const LANES: usize = 16;
    let mut lanes = [0.0_f64; LANES];
    for _ in 0..values.len() / LANES {
        for (lane, value) in lanes.iter_mut().zip(&mut values) {
            *lane += f64::from(value) * f64::from(value);
        }
    }
    let rest: f64 = values.map(|value| f64::from(value) * f64::from(value)).sum();
    lanes.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_on_integers_and_precise_on_many_rows() {
        for (rows, columns) in [(0, 3), (1, 1), (5, 10), (100, 70), (65, 200), (33, 300), (3000, 130)] {
            let values: Vec<_> = (0..rows * columns).map(|i| (i % 11) as f32 - 5.0).collect();
            let expected: Vec<f32> = (0..columns).map(|c| (0..rows).map(|r| values[r * columns + c]).sum()).collect();
            let mut sums = vec![f32::NAN; columns];
            column_sums(&values, &mut sums, Write::Set);
            assert_eq!(sums, expected);
            column_sums(&values, &mut sums, Write::Add);
            assert!(sums.iter().zip(&expected).all(|(&sum, e)| sum == 2.0 * e));
        }
        let mut sum = [0.0];
        column_sums(&vec![0.1; 1_000_000], &mut sum, Write::Set);
        assert!((f64::from(sum[0]) / (1e6 * f64::from(0.1_f32)) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn few_rows_are_summed_on_every_instruction_set() {
        for isa in Isa::available() {
            for columns in 1..70 {
                let (rows, first) = (5, columns / 3);
                let values: Vec<_> = (0..rows * columns).map(|i| (i % 11) as f32 - 5.0).collect();
                let starts: Vec<usize> = (0..rows).map(|row| row * columns + first).collect();
                let mut sums = vec![f32::NAN; columns];
                // SAFETY: the rows have these columns; the instruction set comes from `Isa::available`.
                unsafe { sum_rows(isa, &values, &starts, &mut sums[first..]) };
                for (column, sum) in sums.iter().enumerate() {
                    let expected: f32 = (0..rows).map(|row| values[row * columns + column]).sum();
                    assert!(if column < first { sum.is_nan() } else { *sum == expected }, "{isa:?} {columns}");
                }
            }
        }
    }

    #[test]
    fn the_largest_magnitude_is_that_of_one_element_or_a_nan() {
        for isa in Isa::available() {
            for len in [1, 16, 33, 200_000] {
                let mut values = vec![1.0; len];
                for (value, expected) in [(-3.0, 3.0), (f32::NEG_INFINITY, f32::INFINITY), (0.5, 1.0)] {
                    values[len / 2] = value;
                    let expected = if len == 1 { value.abs() } else { expected };
                    assert_eq!(isa.force(|| largest_magnitude(&values)), expected, "{isa:?} {len}");
                }
                values[len - 1] = -f32::NAN;
                assert!(isa.force(|| largest_magnitude(&values)).is_nan());
            }
        }
        assert_eq!(largest_magnitude(&[]), 0.0);
    }

    #[test]
    fn the_order_is_that_of_rows_one_after_the_other() {
        for (rows, columns) in [(0, 3), (1, 1), (33, 10), (100, 70), (1000, 200)] {
            let values: Vec<f32> = (0..rows * columns).map(|i| (i as f32).sin()).collect();
            let mut expected = vec![1.0; columns];
            column_sums(&values, &mut expected, Write::Add);
            // The same rows with something between them.
            let apart: Vec<f32> = values.chunks(columns).flat_map(|row| [&[f32::NAN; 5][..], row].concat()).collect();
            let mut sums = vec![1.0; columns];
            row_sums(&apart, rows, &|row| row * (columns + 5) + 5, &mut sums, Write::Add);
            assert_eq!(sums, expected);
            row_sums(&values, rows, &|row| row * columns, &mut sums, Write::Set);
            column_sums(&values, &mut expected, Write::Set);
            assert_eq!(sums, expected);
        }
    }
}
