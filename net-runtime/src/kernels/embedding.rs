//! Rows of a table by their numbers, and the sums of gradients by rows.

use ndarray::ArrayViewMut2;

use crate::kernels::elementwise::arithmetic::scale_and_add;
use crate::parallel::{self, Tiles};

/// Columns of a table whose sums one task computes: some cache lines.
const COLUMNS: usize = 64;

/// Writes row `indices[i]` of a table whose rows have `width` elements as row i of `y`.
///
/// # Panics
///
/// If the table does not have a row.
pub(crate) fn gather(table: &[f32], width: usize, indices: &[u32], y: &mut [f32]) {
    assert_eq!(y.len(), indices.len() * width);
    if width == 0 {
        return;
    }
    parallel::for_each_rows(y, width, |first, y| {
        for (&index, y) in indices[first..].iter().zip(y.chunks_exact_mut(width)) {
            y.copy_from_slice(row(table, index, width));
        }
    });
}

fn row(table: &[f32], index: u32, width: usize) -> &[f32] {
    &table[index as usize * width..][..width]
}

/// Adds row i of `dy` to row `indices[i]` of a table, in the order of the indices: a task owns some columns of all rows.
///
/// # Panics
///
/// If the table does not have a row.
pub(crate) fn add_rows(table: &mut [f32], width: usize, indices: &[u32], dy: &[f32]) {
    assert_eq!(dy.len(), indices.len() * width);
    if width == 0 {
        return;
    }
    let rows = table.len() / width;
    let matrix = ArrayViewMut2::from_shape((rows, width), table).expect("a table has whole rows");
    let tiles = Tiles { matrix, at: [0, 0], block: [rows.max(1), COLUMNS] };
    tiles.for_each(parallel::elements_pay(dy.len()), &|[_, first], mut tile| {
        for (&index, dy) in indices.iter().zip(dy.chunks_exact(width)) {
            let mut row = tile.row_mut(index as usize);
            let row = row.as_slice_mut().expect("columns side by side");
            let dy = &dy[first..][..row.len()];
            scale_and_add(row, 1.0, dy);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::Isa;

    #[test]
    fn rows_are_found_and_summed_in_the_order_of_the_indices() {
        for isa in Isa::available() {
            for (rows, width, count) in [(1, 1, 3), (5, 7, 0), (5, 7, 12), (3, 16, 40), (9, 150, 20), (4, 70, 3000)] {
                let indices: Vec<u32> = (0..count as u32).map(|i| i * i % 7 % rows as u32).collect();
                let value = |index: usize| ((index * 37 + 11) % 101) as f32 * 0.37 - 17.0;
                let table: Vec<f32> = (0..rows * width).map(value).collect();
                let mut y = vec![f32::NAN; count * width];
                isa.force(|| gather(&table, width, &indices, &mut y));
                for (i, &index) in indices.iter().enumerate() {
                    assert_eq!(y[i * width..][..width], table[index as usize * width..][..width], "{isa:?}");
                }
                let mut expected = table.clone();
                for (i, &index) in indices.iter().enumerate() {
                    for column in 0..width {
                        expected[index as usize * width + column] += y[i * width + column];
                    }
                }
                for threads in [1, 2, 3] {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                    let mut sums = table.clone();
                    pool.install(|| isa.force(|| add_rows(&mut sums, width, &indices, &y)));
                    assert_eq!(sums, expected, "{isa:?} {rows} x {width}, {count} rows on {threads} threads");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "out of range")]
    fn a_row_that_is_not_there_is_not_read() {
        gather(&[0.0; 6], 2, &[3], &mut [0.0; 2]);
    }
}
