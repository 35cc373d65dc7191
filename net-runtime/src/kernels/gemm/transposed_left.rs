//! The left factor of a product, where that is the transpose of a matrix: read where it lies, or brought into strips, pieces of as many columns as
//! two tiles have rows. A strip's rows lie behind each other, so that a tile reads one line after the other, whose columns lay in lines far
//! apart.

use super::microkernel::{Layout, Product};
use crate::kernels::simd::{Isa, ROWS};
use crate::tensor::aligned::LINE;
use crate::tensor::param::Store;

/// Columns of a strip.
const WIDTH: usize = 2 * ROWS;

/// Columns of a left factor up to which it is read where it lies: they are few lines.
const NARROW: usize = 4 * LINE;

/// Columns of the one factor from which on it pays to bring the other one into the order in which it is read: as often that is used.
pub(super) const OFTEN: usize = 128;

/// The left factor of a product, which is the transpose of a matrix: where that lies, or in strips.
#[derive(Clone, Copy)]
pub(crate) enum Left<'a> {
    There { values: &'a [f32], distance: usize, size: [usize; 2] },
    Strips { strips: Strips<'a>, columns: usize },
}

impl<'a> Left<'a> {
    /// Whether it is brought into strips, if its rows are so far apart and the right factor has so many columns.
    fn in_strips(distance: usize, columns: usize) -> bool {
        distance > NARROW && columns >= OFTEN
    }

    /// Floats of its strips, if there are any.
    pub fn room(distance: usize, [rows, columns]: [usize; 2], right: usize) -> usize {
        if Self::in_strips(distance, right) { strips_len(rows, columns) } else { 0 }
    }

    /// That of a matrix of so many rows and columns, whose rows are so far apart, for a right factor of so many columns.
    pub fn new((values, distance): (&'a [f32], usize), size: [usize; 2], right: usize, strips: &'a mut [f32]) -> Self {
        if !Self::in_strips(distance, right) {
            return Self::There { values, distance, size };
        }
        Self::Strips { strips: Strips::pack(values, distance, size, strips), columns: size[1] }
    }

    /// Writes its product with a right factor of so many columns.
    pub fn multiply(self, isa: Isa, (b, layout): (&[f32], Layout), columns: usize, write: Store, c: &mut [f32]) {
        let to = |row: usize| row * columns;
        match self {
            Self::There { values, distance, size: [inner, rows] } => {
                let product = Product::of_matrices(values, b, [inner, columns]);
                Product { step: distance, layout, write, ..product }.compute(isa, rows, |row| row, c, to);
            }
            Self::Strips { strips, columns: rows } => {
                let product = Product { layout, write, ..strips.times(b, columns) };
                product.compute(isa, rows, |row| strips.begin(row), c, to);
            }
        }
    }
}

/// Floats of a strip of so many rows, with a line between two of them: strips of a power of two would take each other's place in a cache.
fn len(rows: usize) -> usize {
    (rows * WIDTH).next_multiple_of(LINE) + LINE
}

/// Floats of all strips of so many rows and columns.
fn strips_len(rows: usize, columns: usize) -> usize {
    columns.div_ceil(WIDTH) * len(rows)
}

/// Strips of so many rows.
#[derive(Clone, Copy)]
pub(crate) struct Strips<'a> {
    rows: usize,
    values: &'a [f32],
}

impl<'a> Strips<'a> {
    /// Those of a matrix whose rows are so far apart.
    fn pack(from: &[f32], distance: usize, [rows, columns]: [usize; 2], to: &'a mut [f32]) -> Self {
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
    fn begin(self, column: usize) -> usize {
        column / WIDTH * len(self.rows) + column % WIDTH
    }

    /// The transposed matrix times one of so many columns.
    fn times(self, b: &'a [f32], columns: usize) -> Product<'a> {
        Product { step: WIDTH, ..Product::of_matrices(self.values, b, [self.rows, columns]) }
    }
}
