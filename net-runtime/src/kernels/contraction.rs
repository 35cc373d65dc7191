//! Products of two tensors along an axis of each: matrix products of every kind, and dot products.

use super::gemm::microkernel::Product;
use super::gemm::pack::{pack, packed_len};
use super::simd::Isa;
use crate::parallel;
use crate::parallel::slots::Slots;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// A factor `[outer, len, inner]`, whose axis `len` is summed over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factor {
    pub outer: usize,
    pub inner: usize,
}

impl Factor {
    /// Its elements at one place of the axis: rows, or columns, of the result.
    pub fn rows(self) -> usize {
        product(&[self.outer, self.inner])
    }
}

/// Sizes of so many products, one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub products: usize,
    /// Length of the axis of both factors.
    pub len: usize,
    pub factors: [Factor; 2],
}

impl Sizes {
    /// Elements of a product's factors.
    fn factors(self) -> [usize; 2] {
        self.factors.map(|factor| product(&[factor.outer, self.len, factor.inner]))
    }

    /// Elements of a product's result.
    fn result(self) -> usize {
        product(&self.factors.map(Factor::rows))
    }

    fn pays(self) -> bool {
        parallel::pays(product(&[self.products, self.len, self.result()]))
    }

    /// Whether all three tensors have so many elements.
    fn fits(self, [first, second, result]: [usize; 3]) -> bool {
        let factors = self.factors().map(|factor| product(&[self.products, factor]));
        factors == [first, second] && product(&[self.products, self.result()]) == result
    }
}

/// The right factor of a product: element (row, column) is at `first + row_at(row) + column * step`.
struct Right<'a, F: Fn(usize) -> usize> {
    values: &'a [f32],
    row_at: F,
    step: usize,
}

/// The left factor of a product: element (row, k) is at `row_at(row) + k * step`.
struct Left<'a, F: Fn(usize) -> usize> {
    values: &'a [f32],
    row_at: F,
    step: usize,
}

/// So many rows and columns of a product with an inner axis of length `inner`; row number i goes to `to(i)`.
fn multiply(
    isa: Isa,
    [rows, inner, columns]: [usize; 3],
    left: Left<'_, impl Fn(usize) -> usize>,
    right: Right<'_, impl Fn(usize) -> usize>,
    (result, to): (&mut [f32], impl Fn(usize) -> usize),
    write: Store,
    work: &mut [f32],
) {
    pack(isa, right.values, inner, columns, right.row_at, right.step, work);
    let product = Product { step: left.step, write, ..Product::of_matrices(left.values, work, [inner, columns]) };
    product.compute(isa, rows, left.row_at, result, to);
}

/// `result[i, j] = Σ first[i, k] · second[j, k]`, with i and j the outer and inner indices of a factor.
pub(crate) fn forward(sizes: Sizes, [first, second]: [&[f32]; 2], result: &mut [f32], memory: &mut AlignedBuffer) {
    assert!(sizes.fits([first.len(), second.len(), result.len()]), "tensors of a product");
    let Sizes { products, len, factors: [rows, columns] } = sizes;
    let isa = Isa::current();
    let [first_len, second_len] = sizes.factors();
    // The columns of all outer indices together lie equally far apart only if there is no inner one.
    let blocks = if columns.inner == 1 { 1 } else { columns.outer };
    let width = columns.rows() / blocks.max(1);
    let slots = Slots::new(sizes.pays(), products, memory, packed_len(isa, len, width));
    let boundary = |part: usize| part * sizes.result();
    parallel::for_each_part(sizes.pays(), products, &boundary, result, (&mut [], 0), &|part, result, _| {
        let (first, second) = (&first[part * first_len..][..first_len], &second[part * second_len..][..second_len]);
        slots.with(|work| {
            for block in 0..blocks {
                let left = Left {
                    values: first,
                    row_at: |row| row / rows.inner * len * rows.inner + row % rows.inner,
                    step: rows.inner,
                };
                let row_at = |row| (block * len + row) * columns.inner;
                let step = if columns.inner == 1 { len } else { 1 };
                let right = Right { values: second, row_at, step };
                let to = |row: usize| row * columns.rows() + block * width;
                multiply(isa, [rows.rows(), len, width], left, right, (&mut *result, to), Store::Set, work);
            }
        });
    });
}

/// The gradient by one of the factors, from the other one and the gradient by the result.
pub(crate) fn backward(
    sizes: Sizes,
    index: usize,
    other: &[f32],
    upstream: &[f32],
    gradient: &mut [f32],
    write: Store,
    memory: &mut AlignedBuffer,
) {
    let lens = if index == 0 { [gradient.len(), other.len()] } else { [other.len(), gradient.len()] };
    assert!(sizes.fits([lens[0], lens[1], upstream.len()]), "tensors of a product");
    let Sizes { products, len, factors } = sizes;
    let isa = Isa::current();
    let (own, of_other) = (factors[index], factors[1 - index]);
    let (gradient_len, other_len) = (sizes.factors()[index], sizes.factors()[1 - index]);
    let sums = of_other.rows();
    // Distances of neighbouring elements of the gradient by the result, by own and by other indices.
    let [own_step, other_step] = if index == 0 { [sums, 1] } else { [1, own.rows()] };
    let width = if own.inner == 1 { len } else { own.inner };
    let slots = Slots::new(sizes.pays(), products, memory, packed_len(isa, sums, width));
    let boundary = |part: usize| part * gradient_len;
    parallel::for_each_part(sizes.pays(), products, &boundary, gradient, (&mut [], 0), &|part, gradient, _| {
        let other = &other[part * other_len..][..other_len];
        let upstream = &upstream[part * sizes.result()..][..sizes.result()];
        slots.with(|work| {
            if own.inner == 1 {
                // `[outer, len]`: rows of whole axes.
                let left = Left { values: upstream, row_at: |row| row * own_step, step: other_step };
                let row_at = |row| row / of_other.inner * len * of_other.inner + row % of_other.inner;
                let right = Right { values: other, row_at, step: of_other.inner };
                let to = |row: usize| row * len;
                return multiply(isa, [own.outer, sums, len], left, right, (gradient, to), write, work);
            }
            for outer in 0..own.outer {
                // `[len, inner]` at a time; the sum goes over the other factor's outer indices, one by one unless it has
                // no inner ones.
                let (blocks, inner, step) = match of_other.inner {
                    1 => (1, of_other.outer, len),
                    inner => (of_other.outer, inner, 1),
                };
                for block in 0..blocks {
                    let left = Left {
                        values: &other[block * len * of_other.inner..],
                        row_at: |row| row * of_other.inner,
                        step,
                    };
                    let first = outer * own.inner * own_step + block * inner * other_step;
                    let right = Right { values: &upstream[first..], row_at: |row| row * other_step, step: own_step };
                    let to = |row: usize| (outer * len + row) * own.inner;
                    let write = if block == 0 { write } else { Store::Add };
                    multiply(isa, [len, inner, own.inner], left, right, (&mut *gradient, to), write, work);
                }
            }
        });
    });
}
