//! Tensors made of parts of others.

use super::arithmetic::put;
use crate::parallel::for_each_rows;
use crate::tensor::param::Store;

/// Every row of `y` is a run from each input in turn.
pub(crate) fn join(runs: &[usize], inputs: &[&[f32]], y: &mut [f32]) {
    let row = runs.iter().sum();
    for_each_rows(y, row, |first, y| {
        for (index, mut y) in y.chunks_exact_mut(row).enumerate() {
            for (input, &run) in inputs.iter().zip(runs) {
                let (place, rest) = y.split_at_mut(run);
                place.copy_from_slice(&input[(first + index) * run..][..run]);
                y = rest;
            }
        }
    });
}

/// Every run of `dx` is the part of a row of `dy` that begins at `before`.
pub(crate) fn cut(before: usize, row: usize, run: usize, dy: &[f32], dx: &mut [f32], store: Store) {
    for_each_rows(dx, run, |first, dx| {
        for (index, dx) in dx.chunks_exact_mut(run).enumerate() {
            let dy = &dy[(first + index) * row + before..][..run];
            put(store, dx, dy.iter().copied());
        }
    });
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
