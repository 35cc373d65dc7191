//! The product of a step with weights that every step has.
//!
//! What is larger than a cache, and read from its beginning to its end again and again, is never there when it is wanted: what was read longest
//! ago has made room. So every other turn reads large weights in the opposite order, and begins with what the turn before has left. For few
//! samples a companion computes half of the columns, so that each thread reads half of the weights, as fast as its own cache gives them. No
//! result depends on either: each column has its own sums.

use super::sequence::Sizes;
use crate::kernels::companion::Companion;
use crate::kernels::elementwise::arithmetic::put_values;
use crate::kernels::gemm::microkernel::{FAR, Product};
use crate::kernels::gemm::pack::packed_len;
use crate::kernels::simd::Isa;
use crate::parallel::awake;
use crate::tensor::exact;
use crate::tensor::param::Store;

/// Multiply-adds of a step from which on a group that is alone divides it with a companion: two microseconds, if the other core is near.
/// With LSTM's 128 units at batch 1, a step took 3.3 microseconds on one thread and 4.2 on two where it is not.
const SHARED: usize = 64 << 10;

/// The same wherever the other core is.
const SHARED_AFAR: usize = 256 << 10;

/// What the products of a group of samples have in common in a turn.
#[derive(Clone, Copy)]
pub(super) struct OfTurn {
    pub isa: Isa,
    pub turn: usize,
    /// Samples of the group.
    pub samples: usize,
}

/// Whether products of a group of samples, that make so many columns at most, are divided with a companion.
#[derive(Clone, Copy)]
pub(super) struct Sharing {
    /// Floats of a companion's part.
    pub floats: usize,
    /// Whether a companion is called.
    pub wanted: bool,
}

impl Sharing {
    /// Of a step of a group that is alone, or not.
    pub fn new(isa: Isa, sizes: Sizes, gates: usize, (group, is_alone): (usize, bool), columns: usize) -> Self {
        let of_step = exact::product(&[group, sizes.units, gates, sizes.units]);
        let pays = is_alone && columns > isa.tile_columns() && of_step >= SHARED;
        let floats = if pays { exact::product(&[group, columns]) } else { 0 };
        Self { floats, wanted: pays && (awake::here() || of_step >= SHARED_AFAR) }
    }
}

impl OfTurn {
    /// Computes the product of so many samples, each of which begins at `from` in the left factor and goes `to` its place in `c`; a companion has
    /// memory for its part. The right factor is packed.
    pub fn multiply(
        self,
        product: Product<'_>,
        from: &(dyn Fn(usize) -> usize + Sync),
        (c, to): (&mut [f32], &(dyn Fn(usize) -> usize + Sync)),
        companion: Option<(&Companion, &mut [f32])>,
    ) {
        let columns = product.columns;
        let tile = self.isa.tile_columns();
        // The smaller half for this thread, which computes the functions, too.
        let cut = columns.div_ceil(tile) / 2 * tile;
        let Some((companion, shared)) = companion.filter(|_| cut > 0) else {
            return self.multiply_alone(product, from, c, to);
        };
        let after = columns - cut;
        let [mine, other] = [self.columns(product, [0, cut]), self.columns(product, [cut, columns])];
        let other = Product { write: Store::Set, ..other };
        companion.join(
            || self.multiply_alone(mine, from, c, to),
            || self.multiply_alone(other, from, shared, &|sample| sample * after),
        );
        for (sample, shared) in shared.chunks_exact(after).enumerate().take(self.samples) {
            put_values(product.write, &mut c[to(sample) + cut..][..after], shared);
        }
    }

    /// Forwards in even turns, backwards in odd ones.
    fn multiply_alone(
        self,
        product: Product<'_>,
        from: &(dyn Fn(usize) -> usize + Sync),
        c: &mut [f32],
        to: &(dyn Fn(usize) -> usize + Sync),
    ) {
        let Product { inner, columns, .. } = product;
        let tile = self.isa.tile_columns();
        // So many columns in one order that they are asked for ahead as much as all of them would be.
        let piece = FAR.div_ceil(inner.max(1)).next_multiple_of(tile);
        if self.turn.is_multiple_of(2) || columns <= piece {
            return product.compute(self.isa, self.samples, from, c, to);
        }
        for first in (0..columns).step_by(piece).rev() {
            let part = self.columns(product, [first, columns.min(first + piece)]);
            part.compute(self.isa, self.samples, from, c, |sample| to(sample) + first);
        }
    }

    /// Some columns of a product, of whole tiles but for the last ones.
    fn columns<'a>(self, product: Product<'a>, [first, end]: [usize; 2]) -> Product<'a> {
        let Product { inner, b, bias, .. } = product;
        let [begin, behind] = [first, end].map(|column| packed_len(self.isa, inner, column));
        Product { b: &b[begin..behind], columns: end - first, bias: bias.map(|bias| &bias[first..end]), ..product }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::gemm::pack::pack;

    #[test]
    fn no_result_depends_on_the_turn_or_on_a_companion() {
        let isa = Isa::current();
        let samples = 5;
        // Of several pieces, the last one of which is no whole tile; of one; of less than a companion gets any of.
        for (inner, columns) in [(700, 500), (100, 300), (30, 5)] {
            let numbers = |len: usize, step: usize| (0..len).map(|i| ((i * step) % 101) as f32 / 64.0 - 0.8).collect();
            let (a, b, bias): (Vec<f32>, Vec<f32>, Vec<f32>) =
                (numbers(samples * inner, 7), numbers(inner * columns, 11), numbers(columns, 3));
            let before: Vec<f32> = numbers(samples * (columns + 3), 5);
            let mut packed = vec![0.0; packed_len(isa, inner, columns)];
            pack(isa, &b, inner, columns, |row| row * columns, 1, &mut packed);
            for (write, bias) in [(Store::Set, Some(&*bias)), (Store::Add, None)] {
                let product = Product { bias, write, ..Product::of_matrices(&a, &packed, [inner, columns]) };
                let (from, to) = (|sample: usize| sample * inner, |sample: usize| 3 + sample * (columns + 3));
                let mut wanted = before.clone();
                product.compute(isa, samples, from, &mut wanted, to);
                let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
                for (turn, accompanied) in [(0, false), (1, false), (2, true), (3, true)] {
                    let (mut c, mut shared) = (before.clone(), vec![f32::NAN; samples * columns]);
                    pool.install(|| {
                        Companion::during(accompanied, |companion| {
                            let companion = companion.map(|companion| (companion, &mut *shared));
                            OfTurn { isa, turn, samples }.multiply(product, &from, (&mut c, &to), companion);
                        });
                    });
                    let is_same = c.iter().zip(&wanted).all(|(c, wanted)| c.to_bits() == wanted.to_bits());
                    assert!(is_same, "{inner} x {columns}, {write:?}, turn {turn}, with a companion: {accompanied}");
                }
            }
        }
    }
}
