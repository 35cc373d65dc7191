//! Sums in an order that the shape fixes, precise for long ones.

use super::parallel;
use super::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::Write;

/// Columns that are summed together.
const COLUMNS: usize = 256;

/// Rows that are summed one after the other; more are halved first, so that the rounding error grows with the logarithm
/// of their number.
const ROWS: usize = 32;

/// Elements whose sum is worth handing a half of it to another thread.
const WORTH_ELEMENTS: usize = 256 << 10;

/// Sums of the columns of a matrix with `sums.len()` columns, in row-major order.
pub(crate) fn column_sums(values: &[f32], sums: &mut [f32], write: Write) {
    let columns = sums.len();
    if columns == 0 {
        return;
    }
    let isa = Isa::current();
    for (part, sums) in sums.chunks_mut(COLUMNS).enumerate() {
        let mut block = [0.0; COLUMNS];
        let block = &mut block[..sums.len()];
        block_sums(isa, values, columns, part * COLUMNS, block);
        match write {
            Write::Set => sums.copy_from_slice(block),
            Write::Add => sums.iter_mut().zip(block).for_each(|(sum, value)| *sum += *value),
        }
    }
}

/// Sums of the columns from `first`, of whole rows of `columns`.
fn block_sums(isa: Isa, values: &[f32], columns: usize, first: usize, sums: &mut [f32]) {
    let rows = values.len() / columns;
    if rows <= ROWS {
        assert!(first + sums.len() <= columns, "there are no more columns");
        // SAFETY: each row has these columns; the instruction set is there.
        unsafe { sum_rows(isa, values, columns, first, sums) };
        return;
    }
    let (before, after) = values.split_at(rows / 2 * columns);
    let mut other = [0.0; COLUMNS];
    let other = &mut other[..sums.len()];
    parallel::join(
        rows * sums.len() >= WORTH_ELEMENTS,
        || block_sums(isa, before, columns, first, sums),
        || block_sums(isa, after, columns, first, other),
    );
    sums.iter_mut().zip(other).for_each(|(sum, value)| *sum += *value);
}

dispatch! {
    /// Sums of the columns from `first` of a few rows of `columns`, of which there are `sums.len()`.
    unsafe fn sum_rows(values: &[f32], columns: usize, first: usize, sums: &mut [f32]) = sum_rows_generic
}

#[inline(always)]
unsafe fn sum_rows_generic<S: Simd>(values: &[f32], columns: usize, first: usize, sums: &mut [f32]) {
    let (rows, len) = (values.len() / columns, sums.len());
    // SAFETY: the caller has checked that every row has `len` columns from `first` on.
    unsafe {
        let (values, sums) = (values.as_ptr().add(first), sums.as_mut_ptr());
        let mut at = 0;
        // Four vectors at a time, so that no addition waits for the one before.
        while at + 4 * S::LANES <= len {
            let mut vectors = [S::splat(0.0); 4];
            for row in 0..rows {
                let from = values.add(row * columns + at);
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
            for row in 0..rows {
                vector = S::add(vector, load_at::<S>(values.add(row * columns), len, at, S::splat(0.0)));
            }
            store_at::<S>(sums, len, at, vector);
            at += S::LANES;
        }
    }
}

/// Whether no element is infinite or a NaN.
pub(crate) fn all_finite(values: &[f32]) -> bool {
    let isa = Isa::current();
    // SAFETY: the loop is safe; this machine has the instruction set.
    parallel::all_pieces(values, &|piece| unsafe { finite(isa, piece) })
}

dispatch! {
    /// Without a branch for each element, so that the compiler looks at several at once.
    unsafe fn finite(values: &[f32]) -> bool = finite_generic
}

#[inline(always)]
unsafe fn finite_generic<S>(values: &[f32]) -> bool {
    values.chunks(1024).all(|values| values.iter().fold(true, |all, value| all & value.is_finite()))
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
                let mut sums = vec![f32::NAN; columns];
                // SAFETY: the rows have these columns; the instruction set comes from `Isa::available`.
                unsafe { sum_rows(isa, &values, columns, first, &mut sums[first..]) };
                for (column, sum) in sums.iter().enumerate() {
                    let expected: f32 = (0..rows).map(|row| values[row * columns + column]).sum();
                    assert!(if column < first { sum.is_nan() } else { *sum == expected }, "{isa:?} {columns}");
                }
            }
        }
    }

    #[test]
    fn one_element_that_is_not_finite_is_found() {
        for isa in Isa::available() {
            for len in [1, 16, 33, 2000] {
                for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                    let mut values = vec![f32::MAX; len];
                    // SAFETY: the instruction set comes from `Isa::available`.
                    assert!(unsafe { finite(isa, &values) });
                    values[len - 1] = value;
                    // SAFETY: as above.
                    assert!(!unsafe { finite(isa, &values) }, "{isa:?} {len} {value}");
                }
            }
        }
    }
}
