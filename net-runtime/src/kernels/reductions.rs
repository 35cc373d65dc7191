//! Sums in an order that the shape fixes, precise for long ones.

use super::parallel;
use crate::Write;

/// Columns that are summed together.
const COLUMNS: usize = 64;

/// Rows that are summed one after the other; more are halved first, so that the rounding error grows with the logarithm
/// of their number.
const ROWS: usize = 32;

/// Sums of the columns of a matrix with `sums.len()` columns, in row-major order.
pub(crate) fn column_sums(values: &[f32], sums: &mut [f32], write: Write) {
    let columns = sums.len();
    if columns == 0 {
        return;
    }
    let threads = parallel::pays(values.len());
    let boundary = |part: usize| columns.min(part * COLUMNS);
    let parts = columns.div_ceil(COLUMNS);
    parallel::for_each_part(threads, parts, &boundary, sums, (&mut [], 0), &|part, sums, _| {
        let mut block = [0.0; COLUMNS];
        let block = &mut block[..sums.len()];
        block_sums(values, columns, part * COLUMNS, block);
        match write {
            Write::Set => sums.copy_from_slice(block),
            Write::Add => sums.iter_mut().zip(block).for_each(|(sum, value)| *sum += *value),
        }
    });
}

/// Sums of the columns from `first`, of whole rows of `columns`.
fn block_sums(values: &[f32], columns: usize, first: usize, sums: &mut [f32]) {
    let rows = values.len() / columns;
    if rows <= ROWS {
        sums.fill(0.0);
        for row in values.chunks_exact(columns) {
            sums.iter_mut().zip(&row[first..]).for_each(|(sum, value)| *sum += value);
        }
        return;
    }
    let (before, after) = values.split_at(rows / 2 * columns);
    let mut other = [0.0; COLUMNS];
    let other = &mut other[..sums.len()];
    block_sums(before, columns, first, sums);
    block_sums(after, columns, first, other);
    sums.iter_mut().zip(other).for_each(|(sum, value)| *sum += *value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_on_integers_and_precise_on_many_rows() {
        for (rows, columns) in [(0, 3), (1, 1), (100, 70), (65, 200)] {
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
}
