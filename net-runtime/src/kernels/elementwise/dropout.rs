//! Applying a random mask that is never kept.

use super::arithmetic::put;
use crate::memory::philox::{self, halves, philox};
use crate::memory::random::RandomKey;
use crate::parallel::for_each_rows;
use crate::tensor::param::Store;

/// Words of one block of the generator.
const WORDS: usize = 4;

/// Which elements are kept.
#[derive(Clone, Copy)]
pub(crate) struct Mask {
    /// An element with a word below this is dropped.
    threshold: u64,
    /// What the others are multiplied by.
    scale: f32,
    pub key: u64,
    pub step: u64,
}

impl Mask {
    /// That of a layer's use in a pass.
    pub fn new(rate: f32, layer: u64, random: RandomKey) -> Self {
        // 2³² · rate is the number of words of 32 bits that drop, of 2³².
        let threshold = (f64::from(rate) * 2_f64.powi(32)).round() as u64;
        let key = philox::mix(philox::mix(random.seed) ^ layer);
        Self { threshold, scale: 1.0 / (1.0 - rate), key, step: random.step }
    }

    /// What the element of a word is multiplied by.
    #[inline(always)]
    pub fn factor(&self, word: u32) -> f32 {
        if u64::from(word) < self.threshold { 0.0 } else { self.scale }
    }

    /// The words of elements 4 · block and following: the block's number and the step make the counter, so that no two
    /// steps can share a block.
    pub fn words(&self, block: usize) -> [u32; WORDS] {
        let [low, high] = halves(block as u64);
        let [step_low, step_high] = halves(self.step);
        philox([low, high, step_low, step_high], halves(self.key))
    }

    /// Sets each element to what is multiplied by it: the scale where kept, else 0.
    pub fn fill(&self, factors: &mut [f32]) {
        for (block, factors) in factors.chunks_mut(WORDS).enumerate() {
            for (factor, word) in factors.iter_mut().zip(self.words(block)) {
                *factor = if u64::from(word) < self.threshold { 0.0 } else { self.scale };
            }
        }
    }

    /// `y = x * scale` where kept, else 0.
    pub fn apply(&self, x: &[f32], y: &mut [f32], store: Store) {
        // Groups of rows hold a multiple of four elements, so every block of words belongs to one of them.
        for_each_rows(y, 1, |first, y| {
            let x = &x[first..][..y.len()];
            for (index, (y, x)) in y.chunks_mut(WORDS).zip(x.chunks(WORDS)).enumerate() {
                let words = self.words(first / WORDS + index);
                let kept =
                    |(x, &word): (&f32, &u32)| if u64::from(word) < self.threshold { 0.0 } else { x * self.scale };
                put(store, y, x.iter().zip(&words).map(kept));
            }
        });
    }
}
