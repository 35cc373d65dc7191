//! Steps of cells with gates, whatever their functions are. With those that nearly all networks have, sigmoid and tanh, each cell does all of
//! a step at once instead.

use super::cell::Backward;
use super::sequence::add;
use crate::kernels::elementwise::activations::{apply_part, backward_over_part};
use crate::tensor::activation::Activation;

/// The functions of a cell with gates, whose derivatives their results tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Functions {
    /// That of the candidate, and of an LSTM's cell state.
    pub activation: Activation,
    /// That of the gates.
    pub recurrent: Activation,
}

impl Functions {
    /// tanh, and sigmoid for the gates.
    pub const USUAL: Self = Self { activation: Activation::Tanh, recurrent: Activation::Sigmoid };
}

/// Units whose gradients are computed at once, in buffers on the stack.
const UNITS: usize = 64;

/// A step of an LSTM, as `lstm::forward`.
pub(super) fn lstm(functions: Functions, row: &mut [f32], states: &mut [f32]) {
    let units = states.len() / 2;
    let (hidden, cell) = states.split_at_mut(units);
    let (gates, kept) = row.split_at_mut(4 * units);
    apply_part(functions.recurrent, &mut gates[..2 * units]);
    apply_part(functions.activation, &mut gates[2 * units..3 * units]);
    apply_part(functions.recurrent, &mut gates[3 * units..]);
    let [i, f, g, o] = columns(gates);
    let mut kept = kept.chunks_exact_mut(units.max(1));
    if let Some(before) = kept.next() {
        before.copy_from_slice(cell);
    }
    for (((cell, i), f), g) in cell.iter_mut().zip(i).zip(f).zip(g) {
        *cell = *f * *cell + *i * *g;
    }
    hidden.copy_from_slice(cell);
    apply_part(functions.activation, hidden);
    if let Some(bounded) = kept.next() {
        bounded.copy_from_slice(hidden);
    }
    hidden.iter_mut().zip(o).for_each(|(hidden, o)| *hidden *= *o);
}

/// Back through it, as `lstm::backward`.
pub(super) fn lstm_backward(functions: Functions, at: Backward<'_>) {
    let Backward { row, upstream, carried, .. } = at;
    let units = carried.len() / 2;
    let (hidden, cell) = carried.split_at_mut(units);
    let Functions { activation, recurrent } = functions;
    for first in (0..units).step_by(UNITS) {
        let count = UNITS.min(units - first);
        let range = first..first + count;
        let [i, f, g, o, before, bounded] = columns(row).map(|column| &mut column[range.clone()]);
        let (hidden, cell) = (&mut hidden[range.clone()], &mut cell[range.clone()]);
        if let Some(upstream) = upstream {
            add(hidden, &upstream[range]);
        }
        let by_output = products(hidden, bounded);
        let by_bounded = products(hidden, o);
        backward_over_part(recurrent, o, &by_output[..count]);
        backward_over_part(activation, bounded, &by_bounded[..count]);
        add(cell, bounded);
        let by_input = products(cell, g);
        let by_forget = products(cell, before);
        let by_candidate = products(cell, i);
        cell.iter_mut().zip(&*f).for_each(|(cell, f)| *cell *= *f);
        backward_over_part(recurrent, i, &by_input[..count]);
        backward_over_part(recurrent, f, &by_forget[..count]);
        backward_over_part(activation, g, &by_candidate[..count]);
        hidden.fill(0.0);
    }
}

/// What a GRU does behind a link's product, as `gru::Gru::forward`.
pub(super) fn gru(functions: Functions, reset_after: bool, link: usize, row: &mut [f32], hidden: &mut [f32]) {
    let units = hidden.len();
    let is_last = link == 1;
    if is_last == reset_after {
        apply_part(functions.recurrent, &mut row[units..3 * units]);
    }
    let [product, z, r, n] = columns(row);
    if !is_last {
        if !reset_after {
            product.copy_from_slice(hidden);
            product.iter_mut().zip(r).for_each(|(product, r)| *product *= *r);
        }
        return;
    }
    if reset_after {
        n.iter_mut().zip(r).zip(product).for_each(|((n, r), product)| *n += *r * *product);
    }
    apply_part(functions.activation, n);
    for ((hidden, z), n) in hidden.iter_mut().zip(z).zip(n) {
        *hidden = *z * *hidden + (1.0 - *z) * *n;
    }
}

/// What it does before a link's product of a backward pass, as `gru::Gru::backward`.
pub(super) fn gru_backward(functions: Functions, reset_after: bool, link: usize, at: Backward<'_>) {
    let Backward { row, before, upstream, carried, through, .. } = at;
    let units = carried.len();
    let Functions { activation, recurrent } = functions;
    let zeros = [0.0; UNITS];
    for first in (0..units).step_by(UNITS) {
        let count = UNITS.min(units - first);
        let range = first..first + count;
        let [product, z, r, n] = columns(row).map(|column| &mut column[range.clone()]);
        let carried = &mut carried[range.clone()];
        let before = before.map_or(&zeros[..count], |before| &before[range.clone()]);
        if link == 1 {
            if let Some(upstream) = upstream {
                add(carried, &upstream[range]);
            }
            let (mut by_update, mut by_candidate) = ([0.0; UNITS], [0.0; UNITS]);
            for unit in 0..count {
                by_update[unit] = carried[unit] * (before[unit] - n[unit]);
                by_candidate[unit] = carried[unit] * (1.0 - z[unit]);
                carried[unit] *= z[unit];
            }
            backward_over_part(recurrent, z, &by_update[..count]);
            backward_over_part(activation, n, &by_candidate[..count]);
            if reset_after {
                let by_reset = products(n, product);
                product.iter_mut().zip(&*n).zip(&*r).for_each(|((product, n), r)| *product = *n * *r);
                backward_over_part(recurrent, r, &by_reset[..count]);
            }
        } else if !reset_after {
            let through = &through[range];
            let by_reset = products(through, before);
            add(carried, &products(through, r)[..count]);
            backward_over_part(recurrent, r, &by_reset[..count]);
        }
    }
}

/// The columns of a row.
fn columns<const N: usize>(row: &mut [f32]) -> [&mut [f32]; N] {
    let units = row.len() / N;
    let mut rest = row;
    [(); N].map(|()| {
        let (column, others) = std::mem::take(&mut rest).split_at_mut(units);
        rest = others;
        column
    })
}

/// The products of up to [`UNITS`] pairs.
fn products(a: &[f32], b: &[f32]) -> [f32; UNITS] {
    let mut products = [0.0; UNITS];
    products.iter_mut().zip(a).zip(b).for_each(|((product, a), b)| *product = a * b);
    products
}
