//! Panels: a right factor as the register tile reads it, all rows of as many columns as it is wide one after the other.

use super::transpose::transpose_part;
use crate::kernels::simd::Isa;
use crate::parallel;
use crate::tensor::exact::product;

/// Elements of a task.
const PART: usize = 8 << 10;

/// Length of the panels of a right factor with `inner` rows.
pub(crate) fn packed_len(isa: Isa, inner: usize, columns: usize) -> usize {
    product(&[inner, columns.next_multiple_of(isa.lanes())])
}

/// Packs a right factor: element (row, column) is at `row_at(row) + column * column_step`. A panel has all rows of as many
/// columns as a tile is wide; the last one may be narrower, and what is missing to a whole vector is 0.
pub(crate) fn pack(
    isa: Isa,
    b: &[f32],
    inner: usize,
    columns: usize,
    row_at: impl Fn(usize) -> usize,
    column_step: usize,
    packed: &mut [f32],
) {
    pack_rows(isa, b, [inner, columns], &row_at, column_step, packed);
}

/// The same, compiled once.
fn pack_rows(
    isa: Isa,
    b: &[f32],
    [inner, columns]: [usize; 2],
    row_at: &dyn Fn(usize) -> usize,
    column_step: usize,
    packed: &mut [f32],
) {
    let (tile, lanes) = (isa.tile_columns(), isa.lanes());
    let mut packed = &mut packed[..packed_len(isa, inner, columns)];
    for first in (0..columns).step_by(tile) {
        let valid = tile.min(columns - first);
        let width = valid.next_multiple_of(lanes);
        let (panel, rest) = packed.split_at_mut(inner * width);
        packed = rest;
        for (row, panel) in panel.chunks_exact_mut(width).enumerate() {
            let from = row_at(row) + first * column_step;
            if column_step == 1 {
                panel[..valid].copy_from_slice(&b[from..from + valid]);
            }
            panel[valid..].fill(0.0);
        }
        if column_step == 1 {
            continue;
        }
        // Rows that lie side by side are the columns of a matrix.
        let mut row = 0;
        while row < inner {
            let from = row_at(row);
            let most = column_step.clamp(1, inner - row);
            let count = 1 + (1..most).take_while(|next| row_at(row + next) == from + next).count();
            let (from, to) = (&b[from + first * column_step..], &mut panel[row * width..]);
            if count == 1 {
                let column = (0..valid).map(|column| from[column * column_step]);
                to.iter_mut().zip(column).for_each(|(place, value)| *place = value);
            } else {
                transpose_part(from, column_step, [valid, count], to, width);
            }
            row += count;
        }
    }
}

/// The same on several threads, if these pay: some rows of a panel are a task.
pub(crate) fn pack_in_parts(
    isa: Isa,
    threads: bool,
    b: &[f32],
    [inner, columns]: [usize; 2],
    row_at: &(dyn Fn(usize) -> usize + Sync),
    column_step: usize,
    packed: &mut [f32],
) {
    let tile = isa.tile_columns();
    let panels = columns.div_ceil(tile);
    let rows = (PART / tile).min(inner).max(1);
    let pieces = inner.div_ceil(rows);
    // The columns of a panel, and the rows of a part.
    let range = |part: usize| {
        let (panel, piece) = (part / pieces, part % pieces);
        (panel * tile..columns.min((panel + 1) * tile), piece * rows..inner.min((piece + 1) * rows))
    };
    let boundary = |part: usize| {
        if part == panels * pieces {
            return packed_len(isa, inner, columns);
        }
        let (columns, rows) = range(part);
        packed_len(isa, inner, columns.start) + packed_len(isa, rows.start, columns.len())
    };
    let packed = &mut packed[..packed_len(isa, inner, columns)];
    parallel::for_each_part(threads, panels * pieces, &boundary, packed, (&mut [], 0), &|part, packed, _| {
        let (columns, rows) = range(part);
        let row_at = |row: usize| row_at(rows.start + row) + columns.start * column_step;
        pack(isa, b, rows.len(), columns.len(), row_at, column_step, packed);
    });
}
