//! Which weights are dropped: an element of `[samples, heads, queries, keys]`, where each row of keys is taken for a multiple of
//! four, is as `Dropout` would have it.

use super::scores::Block;
use crate::kernels::elementwise::dropout::Mask;
use crate::kernels::simd::{Isa, Simd, dispatch};
use crate::memory::philox::{halves, philox};

/// Words of a block of the generator: those of so many neighbouring keys of a query.
const WORDS: usize = 4;

/// Queries whose words are made together: a loop of so many is one of vectors.
const TOGETHER: usize = 16;

/// The factors of a block of scores, whose first key is a multiple of four: 0 or the scale.
pub(super) fn factors(isa: Isa, mask: &Mask, block: Block, [heads, head]: [usize; 2], factors: &mut [f32]) {
    let Block { sample, queries: [query, _], keys: [key, _], width, of: [queries, keys] } = block;
    let row = ((sample * heads + head) * queries + query) as u64;
    let blocks = keys.div_ceil(WORDS) as u64;
    let first = row * blocks + (key / WORDS) as u64;
    // SAFETY: the function asks for nothing but the instruction set.
    unsafe { draw(isa, mask, first, blocks, width, factors) }
}

dispatch! {
    /// Block number `first + column * distance` of the generator has the words of a column's first four rows; the next four are
    /// those of the block behind it.
    unsafe fn draw(mask: &Mask, first: u64, distance: u64, width: usize, factors: &mut [f32]) = draw_generic
}

#[inline(always)]
unsafe fn draw_generic<S: Simd>(mask: &Mask, first: u64, distance: u64, width: usize, factors: &mut [f32]) {
    let (step, key) = (halves(mask.draws.step), halves(mask.draws.key));
    for (block, rows) in factors.chunks_mut(WORDS * width).enumerate() {
        for column in (0..width).step_by(TOGETHER) {
            let mut words = [[0_u32; WORDS]; TOGETHER];
            for (index, words) in words.iter_mut().enumerate() {
                let [low, high] = halves(first + block as u64 + (column + index) as u64 * distance);
                *words = philox([low, high, step[0], step[1]], key);
            }
            for (word, row) in rows.chunks_mut(width).enumerate() {
                for (factor, words) in row[column..].iter_mut().zip(&words) {
                    *factor = mask.factor(words[word]);
                }
            }
        }
    }
}
