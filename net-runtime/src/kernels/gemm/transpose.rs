//! Matrices, transposed.

use crate::kernels::simd::{Isa, Simd, dispatch};
use crate::tensor::exact::{product, sum};

/// Rows and columns of the blocks by which a matrix is transposed: one of each kind stays in the nearest cache.
const SIDE: usize = 64;

/// Writes a matrix of `rows` rows as one of `rows` columns: row number i of the result begins at `i * step`.
pub(crate) fn transpose(from: &[f32], rows: usize, to: &mut [f32], step: usize) {
    let columns = from.len() / rows.max(1);
    assert!(from.len() == rows * columns);
    transpose_part(from, columns, [rows, columns], to, step);
}

/// The same for so many rows and columns of a matrix whose rows begin so far apart.
pub(crate) fn transpose_part(from: &[f32], distance: usize, [rows, columns]: [usize; 2], to: &mut [f32], step: usize) {
    if rows == 0 || columns == 0 {
        return;
    }
    assert!(columns <= distance && from.len() >= sum(&[product(&[rows - 1, distance]), columns]));
    assert!(rows <= step && to.len() >= sum(&[product(&[columns - 1, step]), rows]));
    let isa = Isa::current();
    for row in (0..rows).step_by(SIDE) {
        for column in (0..columns).step_by(SIDE) {
            let size = [SIDE.min(rows - row), SIDE.min(columns - column)];
            let from = &from[row * distance + column..];
            let to = &mut to[column * step + row..];
            // SAFETY: a block of the matrix, and its place in the result.
            unsafe { block(isa, from.as_ptr(), distance, size, to.as_mut_ptr(), step) }
        }
    }
}

dispatch! {
    /// Transposes so many rows and columns: rows are so far apart in the one and in the other.
    unsafe fn block(
        from: *const f32,
        from_step: usize,
        size: [usize; 2],
        to: *mut f32,
        to_step: usize,
    ) = block_generic
}

#[inline(always)]
unsafe fn block_generic<S: Simd>(
    from: *const f32,
    from_step: usize,
    [rows, columns]: [usize; 2],
    to: *mut f32,
    to_step: usize,
) {
    let (whole_rows, whole_columns) = (rows - rows % 4, columns - columns % S::LANES);
    for row in (0..whole_rows).step_by(4) {
        for column in (0..whole_columns).step_by(S::LANES) {
            // SAFETY: four rows and a vector of columns, all of the block.
            unsafe {
                let from = from.add(row * from_step + column);
                let vector = |row: usize| S::load(from.add(row * from_step));
                let vectors = [vector(0), vector(1), vector(2), vector(3)];
                S::store_columns(to.add(column * to_step + row), to_step, vectors);
            }
        }
    }
    for row in 0..rows {
        let first = if row < whole_rows { whole_columns } else { 0 };
        for column in first..columns {
            // SAFETY: an element of the block.
            unsafe { *to.add(column * to_step + row) = *from.add(row * from_step + column) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_gets_to_its_place() {
        for (rows, columns) in [(0, 0), (1, 1), (4, 16), (3, 40), (40, 3), (65, 80), (130, 67)] {
            let step = rows + 3;
            let from: Vec<f32> = (0..rows * columns).map(|index| index as f32).collect();
            for isa in Isa::available() {
                let mut to = vec![-1.0; columns * step];
                isa.force(|| transpose(&from, rows, &mut to, step));
                for (index, &value) in to.iter().enumerate() {
                    let (column, row) = (index / step, index % step);
                    let expected = if row < rows { (row * columns + column) as f32 } else { -1.0 };
                    assert_eq!(value, expected, "{isa:?}: {rows} x {columns}, element {index}");
                }
                // A part of it: all rows but the first, all columns but the last.
                if rows > 1 && columns > 1 {
                    let [rows, columns] = [rows - 1, columns - 1];
                    let distance = columns + 1;
                    let mut part = vec![-1.0; columns * step];
                    isa.force(|| transpose_part(&from[distance..], distance, [rows, columns], &mut part, step));
                    for (index, &value) in part.iter().enumerate() {
                        let (column, row) = (index / step, index % step);
                        let expected = if row < rows { ((row + 1) * distance + column) as f32 } else { -1.0 };
                        assert_eq!(value, expected, "{isa:?}: a part of {rows} x {columns}, element {index}");
                    }
                }
            }
        }
    }
}
