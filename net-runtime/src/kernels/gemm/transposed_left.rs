//! Strips: a left factor that is to be transposed, in pieces of as many columns as two tiles have rows. A strip's rows lie behind each other, so
//! that a tile reads one line after the other, whose columns lay in lines far apart.

use super::microkernel::Product;
use crate::kernels::simd::ROWS;
use crate::tensor::aligned::LINE;

/// Columns of a strip.
const WIDTH: usize = 2 * ROWS;

/// Floats of a strip of so many rows, with a line between two of them: strips of a power of two would take each other's place in a cache.
fn len(rows: usize) -> usize {
    (rows * WIDTH).next_multiple_of(LINE) + LINE
}

/// Floats of all strips of so many rows and columns.
pub(super) fn strips_len(rows: usize, columns: usize) -> usize {
    columns.div_ceil(WIDTH) * len(rows)
}

/// Strips of so many rows.
#[derive(Clone, Copy)]
pub(super) struct Strips<'a> {
    rows: usize,
    values: &'a [f32],
}

impl<'a> Strips<'a> {
    /// Those of a matrix whose rows are so far apart.
    pub fn pack(from: &[f32], distance: usize, [rows, columns]: [usize; 2], to: &'a mut [f32]) -> Self {
        let len = len(rows);
        for row in 0..rows {
            let (whole, rest) = from[row * distance..][..columns].as_chunks::<WIDTH>();
            let mut strips = to.chunks_exact_mut(len);
            for (from, strip) in whole.iter().zip(&mut strips) {
                strip[row * WIDTH..][..WIDTH].copy_from_slice(from);
            }
            if let (false, Some(strip)) = (rest.is_empty(), strips.next()) {
                strip[row * WIDTH..][..rest.len()].copy_from_slice(rest);
            }
        }
        Self { rows, values: to }
    }

    /// Where a column begins, which is a row of the transposed matrix.
    #[inline]
    pub fn begin(self, column: usize) -> usize {
        column / WIDTH * len(self.rows) + column % WIDTH
    }

    /// The transposed matrix times one of so many columns.
    pub fn times(self, b: &'a [f32], columns: usize) -> Product<'a> {
        Product { step: WIDTH, ..Product::of_matrices(self.values, b, [self.rows, columns]) }
    }
}
