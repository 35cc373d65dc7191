//! Tensors made of parts of others.

use std::iter::repeat;

use super::arithmetic::put;
use crate::parallel::{for_each_row_of, for_each_rows};
use crate::tensor::columns::Columns;
use crate::tensor::param::Store;

/// Every row of `y` is a run from each input in turn, which may be columns of a larger matrix.
pub(crate) fn join(runs: &[usize], inputs: &[&[f32]], columns: &[Option<Columns>], y: &mut [f32]) {
    let row = runs.iter().sum();
    for_each_rows(y, row, |first, y| {
        for (index, mut y) in y.chunks_exact_mut(row).enumerate() {
            for (input, (&run, columns)) in inputs.iter().zip(runs.iter().zip(columns.iter().chain(repeat(&None)))) {
                let (place, rest) = y.split_at_mut(run);
                let alone = Columns { start: 0, count: run, of: run };
                place.copy_from_slice(columns.unwrap_or(alone).row(input, first + index));
                y = rest;
            }
        }
    });
}

/// Every run of `dx` is the part of a row of `dy` that the columns are.
pub(crate) fn cut(from: Columns, dy: &[f32], dx: &mut [f32], store: Store) {
    cut_into(from, dy, Columns { start: 0, count: from.count, of: from.count }, dx, store);
}

/// The same, where the runs of `dx` are columns of a matrix, too.
pub(crate) fn cut_into(from: Columns, dy: &[f32], to: Columns, dx: &mut [f32], store: Store) {
    for_each_row_of(to, dx, |row, dx| put(store, dx, from.row(dy, row).iter().copied()));
}

/// Makes columns of a matrix zero.
pub(crate) fn clear(columns: Columns, matrix: &mut [f32]) {
    for_each_row_of(columns, matrix, |_, row| row.fill(0.0));
}

/// Every row of `dx` is a run of each gradient in turn; one that is missing is zero.
pub(crate) fn join_gradients(runs: &[usize], dy: &[Option<&[f32]>], dx: &mut [f32], store: Store) {
    let row = runs.iter().sum();
    for_each_rows(dx, row, |first, dx| {
        for (index, mut dx) in dx.chunks_exact_mut(row).enumerate() {
            for (dy, &run) in dy.iter().zip(runs) {
                let (place, rest) = dx.split_at_mut(run);
                match dy {
                    Some(dy) => put(store, place, dy[(first + index) * run..][..run].iter().copied()),
                    None if store == Store::Add => {}
                    None => place.fill(0.0),
                }
                dx = rest;
            }
        }
    });
}
