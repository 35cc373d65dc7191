//! dx = dy · wᵀ for few rows of dy: dot products with the rows of w, which are read once, as they lie in memory. With few
//! rows a product is bound by reading w; a register tile over the rows of w would do a whole vector's work for each of them.

use super::dense::Sizes;
use super::parallel;
use super::simd::{Isa, Simd, dispatch};
use crate::Store;

/// Rows of dy at most.
pub(super) const FEW: usize = 4;

/// Rows of w that one task goes through.
const BLOCK: usize = 512;

/// Rows of w whose dot products are added up together, so that their additions overlap.
const TOGETHER: usize = 4;

/// Whether the gradient by x is computed so.
pub(super) fn fits(isa: Isa, sizes: Sizes) -> bool {
    sizes.rows <= FEW && sizes.outputs >= isa.lanes() && sizes.outputs.is_multiple_of(isa.lanes())
}

/// `dx = dy · wᵀ`; `work` has `rows * inputs` places.
pub(super) fn backward_input(
    (isa, threads): (Isa, bool),
    sizes: Sizes,
    (w, dy): (&[f32], &[f32]),
    (dx, write): (&mut [f32], Store),
    work: &mut [f32],
) {
    let Sizes { rows, inputs, outputs } = sizes;
    assert!(fits(isa, sizes) && dy.len() == rows * outputs && w.len() == inputs * outputs);
    // Transposed, so that a task's part is contiguous.
    let sums = &mut work[..rows * inputs];
    let boundary = |part: usize| inputs.min(part * BLOCK) * rows;
    parallel::for_each_part(threads, inputs.div_ceil(BLOCK), &boundary, sums, (&mut [], 0), &|part, sums, _| {
        let w = &w[part * BLOCK * outputs..][..sums.len() / rows * outputs];
        // SAFETY: `w` has as many rows of `outputs` floats as `sums` has of `rows`, and `dy` has `rows` rows of
        // `outputs`, a multiple of a vector, as asserted. The instruction set is the caller's, from `Isa::current`.
        unsafe { dots(isa, w, dy, outputs, sums) }
    });
    for (row, dx) in dx.chunks_exact_mut(inputs).enumerate() {
        super::elementwise::put(write, dx, sums[row..].iter().step_by(rows).copied());
    }
}

dispatch! {
    /// The dot products of all rows of w with all rows of dy.
    unsafe fn dots(w: &[f32], dy: &[f32], len: usize, sums: &mut [f32]) = dots_generic
}

#[inline(always)]
unsafe fn dots_generic<S: Simd>(w: &[f32], dy: &[f32], len: usize, sums: &mut [f32]) {
    let rows = dy.len() / len;
    for (group, sums) in sums.chunks_mut(TOGETHER * rows).enumerate() {
        let count = sums.len() / rows;
        for row in 0..rows {
            // SAFETY: the caller has whole rows; those of `w` beyond the last one are the last one again.
            unsafe {
                let dy = dy.as_ptr().add(row * len);
                let mut of_w = [w.as_ptr(); TOGETHER];
                for (i, of_w) in of_w.iter_mut().enumerate() {
                    *of_w = of_w.add((group * TOGETHER + i.min(count - 1)) * len);
                }
                let mut vectors = [S::splat(0.0); TOGETHER];
                for at in (0..len).step_by(S::LANES) {
                    let dy = S::load(dy.add(at));
                    for i in 0..TOGETHER {
                        vectors[i] = S::mul_add(S::load(of_w[i].add(at)), dy, vectors[i]);
                    }
                }
                for (i, vector) in vectors.into_iter().take(count).enumerate() {
                    sums[i * rows + row] = S::sum(vector);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_few_rows_are_exact_on_small_integers() {
        let integers =
            |len: usize, step: usize| -> Vec<f32> { (0..len).map(|i| ((i * step) % 7) as f32 - 3.0).collect() };
        for isa in Isa::available() {
            for (rows, inputs, outputs) in [(1, 1, 16), (1, 7, 32), (3, 9, 48), (4, 1030, 16), (2, 515, 64)] {
                let sizes = Sizes { rows, inputs, outputs };
                let (w, dy) = (integers(inputs * outputs, 3), integers(rows * outputs, 5));
                for (write, before) in [(Store::Set, f32::NAN), (Store::Add, 1.0)] {
                    let mut dx = vec![before; rows * inputs];
                    let mut work = vec![f32::NAN; rows * inputs];
                    backward_input((isa, true), sizes, (&w, &dy), (&mut dx, write), &mut work);
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
}
