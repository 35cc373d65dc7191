//! The sum of rows that do not lie one after the other, in the same order as [`column_sums`](super::reductions::column_sums).

use super::parallel;
use crate::Write;

/// Columns that are summed together.
const COLUMNS: usize = 64;

/// Rows that are summed one after the other; more are halved first.
const ROWS: usize = 32;

/// Sums of `sums.len()` columns of so many rows, of which each begins at `at(row)`.
pub(crate) fn row_sums(
    values: &[f32],
    rows: usize,
    at: &(impl Fn(usize) -> usize + Sync),
    sums: &mut [f32],
    write: Write,
) {
    let columns = sums.len();
    let threads = parallel::pays(rows * columns);
    let boundary = |part: usize| columns.min(part * COLUMNS);
    let parts = columns.div_ceil(COLUMNS);
    parallel::for_each_part(threads, parts, &boundary, sums, (&mut [], 0), &|part, sums, _| {
        let mut block = [0.0; COLUMNS];
        let block = &mut block[..sums.len()];
        block_sums(&values[values.len().min(part * COLUMNS)..], 0..rows, at, block);
        match write {
            Write::Set => sums.copy_from_slice(block),
            Write::Add => sums.iter_mut().zip(block).for_each(|(sum, value)| *sum += *value),
        }
    });
}

fn block_sums(values: &[f32], rows: std::ops::Range<usize>, at: &impl Fn(usize) -> usize, sums: &mut [f32]) {
    if rows.len() <= ROWS {
        sums.fill(0.0);
        for row in rows {
            sums.iter_mut().zip(&values[at(row)..]).for_each(|(sum, value)| *sum += value);
        }
        return;
    }
    let middle = rows.start + rows.len() / 2;
    let mut other = [0.0; COLUMNS];
    let other = &mut other[..sums.len()];
    block_sums(values, rows.start..middle, at, sums);
    block_sums(values, middle..rows.end, at, other);
    sums.iter_mut().zip(other).for_each(|(sum, value)| *sum += *value);
}

#[cfg(test)]
mod tests {
    use super::super::reductions::column_sums;
    use super::*;

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
