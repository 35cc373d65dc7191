//! Products of few rows, which are bound by reading w: it is read once, as it lies in memory. x · w asks for its rows long before
//! they are there; dy · wᵀ is dot products with them, of which a register tile would do a whole vector's for each. xᵀ · dy writes far
//! more than it reads: a few rows of dy stay in registers meanwhile.

#![expect(clippy::needless_range_loop, reason = "indices are registers, not places in a list")]

use super::few_columns;
use super::microkernel::{Layout, Product};
use super::sizes::Sizes;
use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::parallel;
use crate::tensor::param::{Store, Write};

/// Rows of x, and of dy, at most.
pub(crate) const FEW: usize = 4;

/// How far ahead weights are asked for, in floats: two pages. The processor looks ahead by itself to the end of a page.
const AHEAD: usize = 2048;

/// Rows of w that one task goes through.
const BLOCK: usize = 512;

/// Whether x · w is computed so.
pub(crate) fn fits(isa: Isa, sizes: Sizes) -> bool {
    sizes.rows <= FEW && sizes.outputs >= isa.lanes() && sizes.outputs.is_multiple_of(isa.lanes())
}

/// `sums = x · w` for some inputs, whose weights are all of `w`: rows of `x` are so far apart. In the order of a register tile.
pub(crate) fn products(isa: Isa, (x, distance): (&[f32], usize), w: &[f32], outputs: usize, sums: &mut [f32]) {
    let (rows, inputs) = (sums.len() / outputs, w.len() / outputs);
    assert!((1..=FEW).contains(&rows) && sums.len() == rows * outputs && outputs.is_multiple_of(isa.lanes()));
    assert!(w.len() == inputs * outputs);
    let x: [*const f32; FEW] = std::array::from_fn(|row| x[row.min(rows - 1) * distance..][..inputs].as_ptr());
    // SAFETY: each of `rows` rows of `x` has as many elements as `w` has rows, of `outputs` floats, whole vectors; so has each
    // row of `sums`. The instruction set is the caller's, from `Isa::current`.
    unsafe { sums_of_rows(isa, &x[..rows], w, outputs, sums.as_mut_ptr()) }
}

dispatch! {
    /// The sums of all rows of w, each times an element of every row of x.
    unsafe fn sums_of_rows(x: &[*const f32], w: &[f32], outputs: usize, sums: *mut f32) = sums_of_rows_generic
}

#[inline(always)]
unsafe fn sums_of_rows_generic<S: Simd>(x: &[*const f32], w: &[f32], outputs: usize, sums: *mut f32) {
    // As many vectors as leave registers for all rows.
    let mut column = 0;
    while column < outputs {
        let left = (outputs - column) / S::LANES;
        // SAFETY: so many vectors are left of each row.
        unsafe {
            column += S::LANES
                * match (x.len(), left) {
                    (1, 4..) => sums_of_panel::<S, 1, 4>(x, w, outputs, column, sums),
                    (2, 4..) => sums_of_panel::<S, 2, 4>(x, w, outputs, column, sums),
                    (1, _) => sums_of_panel::<S, 1, 1>(x, w, outputs, column, sums),
                    (2, _) => sums_of_panel::<S, 2, 1>(x, w, outputs, column, sums),
                    (3, 2..) => sums_of_panel::<S, 3, 2>(x, w, outputs, column, sums),
                    (3, _) => sums_of_panel::<S, 3, 1>(x, w, outputs, column, sums),
                    (_, 2..) => sums_of_panel::<S, 4, 2>(x, w, outputs, column, sums),
                    _ => sums_of_panel::<S, 4, 1>(x, w, outputs, column, sums),
                };
        }
    }
}

/// The sums of `N` vectors of columns, for `R` rows of x; returns how many vectors.
#[inline(always)]
unsafe fn sums_of_panel<S: Simd, const R: usize, const N: usize>(
    x: &[*const f32],
    w: &[f32],
    outputs: usize,
    column: usize,
    sums: *mut f32,
) -> usize {
    let ahead = (AHEAD / outputs).max(1) * outputs;
    // SAFETY: the caller has the instruction set.
    let mut totals = unsafe { [[S::splat(0.0); N]; R] };
    for (input, w) in w.chunks_exact(outputs).enumerate() {
        // SAFETY: the caller has `R` rows of x with this input, and a row of w with these columns.
        unsafe {
            let w = w.as_ptr().add(column);
            let mut vectors = [S::splat(0.0); N];
            for v in 0..N {
                S::prefetch(w.wrapping_add(ahead + v * S::LANES));
                vectors[v] = S::load(w.add(v * S::LANES));
            }
            for row in 0..R {
                let value = S::splat(*x.get_unchecked(row).add(input));
                for v in 0..N {
                    totals[row][v] = S::mul_add(value, vectors[v], totals[row][v]);
                }
            }
        }
    }
    for (row, totals) in totals.into_iter().enumerate() {
        for (v, total) in totals.into_iter().enumerate() {
            // SAFETY: the caller has room for the sums of all columns of `R` rows.
            unsafe { S::store(sums.add(row * outputs + column + v * S::LANES), total) }
        }
    }
    N
}

/// Whether the gradient by x is dot products.
pub(crate) fn are_dots(Sizes { rows, outputs, .. }: Sizes) -> bool {
    few_columns::fits(rows, [1, outputs])
}

/// `dx = dy · wᵀ`, as w · dyᵀ: the rows of dy are the [few columns](few_columns) of a factor. `work` has `rows * inputs` places.
pub(crate) fn backward_input(
    (isa, threads): (Isa, bool),
    sizes: Sizes,
    (w, dy): (&[f32], &[f32]),
    (dx, distance, write): (&mut [f32], usize, Store),
    work: &mut [f32],
) {
    let Sizes { rows, inputs, outputs } = sizes;
    assert!(are_dots(sizes));
    let product = Product { layout: Layout::Columns, ..Product::of_matrices(w, dy, [outputs, rows]) };
    let products = |product: Product<'_>, results: &mut [f32]| {
        let boundary = |part: usize| inputs.min(part * BLOCK) * rows;
        parallel::for_each_part(
            threads,
            inputs.div_ceil(BLOCK),
            &boundary,
            results,
            (&mut [], 0),
            &|part, results, _| {
                let from = |row: usize| (part * BLOCK + row) * outputs;
                product.compute(isa, results.len() / rows, from, results, |row| row * rows);
            },
        );
    };
    if rows == 1 {
        return products(Product { write, ..product }, &mut dx[..inputs]);
    }
    // Transposed, so that a task's part is contiguous.
    let sums = &mut work[..inputs * rows];
    products(product, sums);
    for (row, dx) in dx.chunks_mut(distance).enumerate() {
        put(write, &mut dx[..inputs], sums[row..].iter().step_by(rows).copied());
    }
}

/// Rows of `xᵀ · dy`, of `outputs` elements each, that begin with column number `first` of x, whose rows are so far apart; added up in
/// the order of a register tile.
pub(crate) fn outer_products(
    isa: Isa,
    (x, distance): (&[f32], usize),
    first: usize,
    (dy, outputs): (&[f32], usize),
    gradient: &mut [f32],
    write: Write,
) {
    let (rows, inputs) = (dy.len() / outputs, gradient.len() / outputs);
    assert!((1..=FEW).contains(&rows) && dy.len() == rows * outputs && gradient.len() == inputs * outputs);
    let x: [*const f32; FEW] = std::array::from_fn(|row| x[row.min(rows - 1) * distance + first..][..inputs].as_ptr());
    // SAFETY: each of `rows` rows of `x` has as many elements as `gradient` has rows, of `outputs` floats as those of `dy`. The
    // instruction set is the caller's, from `Isa::current`.
    unsafe { outer_rows(isa, &x[..rows], dy, outputs, gradient, write == Write::Add) }
}

dispatch! {
    unsafe fn outer_rows(x: &[*const f32], dy: &[f32], outputs: usize, gradient: &mut [f32], add: bool) = outer_rows_generic
}

#[inline(always)]
unsafe fn outer_rows_generic<S: Simd>(x: &[*const f32], dy: &[f32], outputs: usize, gradient: &mut [f32], add: bool) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match x.len() {
            1 => outer_rows_of::<S, 1>(x, dy, outputs, gradient, add),
            2 => outer_rows_of::<S, 2>(x, dy, outputs, gradient, add),
            3 => outer_rows_of::<S, 3>(x, dy, outputs, gradient, add),
            _ => outer_rows_of::<S, FEW>(x, dy, outputs, gradient, add),
        }
    }
}

/// The products of `R` rows.
#[inline(always)]
unsafe fn outer_rows_of<S: Simd, const R: usize>(
    x: &[*const f32],
    dy: &[f32],
    outputs: usize,
    gradient: &mut [f32],
    add: bool,
) {
    let (inputs, gradient) = (gradient.len() / outputs, gradient.as_mut_ptr());
    let mut column = 0;
    while column < outputs {
        let left = outputs - column;
        // SAFETY: so many columns are left of each row.
        unsafe {
            if left >= 2 * S::LANES {
                outer_columns::<S, R, 2>(x, (dy, outputs), (column, left), (gradient, inputs), add);
                column += 2 * S::LANES;
            } else {
                outer_columns::<S, R, 1>(x, (dy, outputs), (column, left), (gradient, inputs), add);
                column += S::LANES;
            }
        }
    }
}

/// The products of `N` vectors of columns, of which as many exist as are left.
#[inline(always)]
unsafe fn outer_columns<S: Simd, const R: usize, const N: usize>(
    x: &[*const f32],
    (dy, outputs): (&[f32], usize),
    (column, left): (usize, usize),
    (gradient, inputs): (*mut f32, usize),
    add: bool,
) {
    // SAFETY: the caller has `R` rows of `dy` and of `x`, and rows of the gradient for each element of the latter.
    unsafe {
        let zero = S::splat(0.0);
        let mut vectors = [[zero; N]; R];
        for row in 0..R {
            for v in 0..N {
                vectors[row][v] = load_at::<S>(dy.as_ptr().add(row * outputs + column), left, v * S::LANES, zero);
            }
        }
        for input in 0..inputs {
            let place = gradient.add(input * outputs + column);
            let mut sums = [zero; N];
            for row in 0..R {
                let value = S::splat(*x.get_unchecked(row).add(input));
                for v in 0..N {
                    sums[v] = S::mul_add(value, vectors[row][v], sums[v]);
                }
            }
            for v in 0..N {
                if add {
                    sums[v] = S::add(sums[v], load_at::<S>(place, left, v * S::LANES, zero));
                }
                store_at::<S>(place, left, v * S::LANES, sums[v]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integers(len: usize, step: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * step) % 7) as f32 - 3.0).collect()
    }

    #[test]
    fn products_of_few_rows_are_exact_on_small_integers() {
        for isa in Isa::available() {
            for (rows, inputs, outputs) in [
                (1, 1, 16),
                (1, 7, 32),
                (3, 9, 48),
                (4, 1030, 16),
                (2, 515, 64),
                (1, 1027, 100),
                (3, 9, 49),
                (2, 515, 63),
            ] {
                let sizes = Sizes { rows, inputs, outputs };
                let (w, dy) = (integers(inputs * outputs, 3), integers(rows * outputs, 5));
                for (write, before) in [(Store::Set, f32::NAN), (Store::Add, 1.0)] {
                    let mut dx = vec![before; rows * inputs];
                    let mut work = vec![f32::NAN; rows * inputs];
                    backward_input((isa, true), sizes, (&w, &dy), (&mut dx, inputs, write), &mut work);
                    for (index, value) in dx.iter().enumerate() {
                        let (row, input) = (index / inputs, index % inputs);
                        let dot = (0..outputs).map(|o| dy[row * outputs + o] * w[input * outputs + o]).sum::<f32>();
                        let expected = if write == Store::Add { before + dot } else { dot };
                        assert_eq!(*value, expected, "{isa:?}: {sizes:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn sums_of_few_rows_are_exact_on_small_integers() {
        for isa in Isa::available() {
            for (rows, inputs, outputs) in
                [(1, 1, 16), (1, 70, 80), (2, 33, 144), (3, 9, 48), (4, 103, 112), (4, 5, 16)]
            {
                let distance = inputs + 3;
                let (x, w) = (integers(rows * distance, 5), integers(inputs * outputs, 3));
                let mut sums = vec![f32::NAN; rows * outputs];
                products(isa, (&x, distance), &w, outputs, &mut sums);
                for (index, value) in sums.iter().enumerate() {
                    let (row, output) = (index / outputs, index % outputs);
                    let expected = (0..inputs).map(|i| x[row * distance + i] * w[i * outputs + output]).sum::<f32>();
                    assert_eq!(*value, expected, "{isa:?}: {rows} x {inputs} x {outputs}, element {index}");
                }
            }
        }
    }

    #[test]
    fn outer_products_are_exact_on_small_integers() {
        for isa in Isa::available() {
            for (rows, inputs, outputs) in [(1, 1, 1), (1, 7, 10), (2, 9, 33), (3, 20, 48), (4, 5, 67)] {
                let (first, distance) = (2, inputs + 3);
                let (x, dy) = (integers(rows * distance, 5), integers(rows * outputs, 3));
                for (write, before) in [(Write::Set, f32::NAN), (Write::Add, 1.0)] {
                    let mut gradient = vec![before; inputs * outputs];
                    outer_products(isa, (&x, distance), first, (&dy, outputs), &mut gradient, write);
                    for (index, value) in gradient.iter().enumerate() {
                        let (input, output) = (index / outputs, index % outputs);
                        let of_row = |row: usize| x[row * distance + first + input] * dy[row * outputs + output];
                        let sum = (0..rows).map(of_row).sum::<f32>();
                        let expected = if write == Write::Add { before + sum } else { sum };
                        assert_eq!(*value, expected, "{isa:?}: {rows} x {inputs} x {outputs}, element {index}");
                    }
                }
            }
        }
    }
}
