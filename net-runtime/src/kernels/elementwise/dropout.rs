//! Applying a random mask that is never kept.

use super::arithmetic::put;
use crate::memory::philox::{self, halves, philox};
use crate::memory::random::RandomKey;
use crate::parallel::for_each_rows;
use crate::tensor::param::Store;

/// Words of one block of the generator.
const WORDS: usize = 4;

/// Channels whose part of the mask is drawn at once, into a buffer on the stack.
const CHANNELS: usize = 256;

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

    /// The same for whole channels of samples with so many places: a channel's element of the mask is that with its index in the batch.
    pub fn apply_to_channels(&self, [places, channels]: [usize; 2], x: &[f32], y: &mut [f32], store: Store) {
        let sample = places * channels;
        for_each_rows(y, sample, |first, y| {
            for (index, y) in y.chunks_exact_mut(sample).enumerate() {
                let (number, x) = (first + index, &x[(first + index) * sample..][..sample]);
                for channel in (0..channels).step_by(CHANNELS) {
                    let mut factors = [0.0; CHANNELS];
                    let factors = &mut factors[..CHANNELS.min(channels - channel)];
                    self.factors(number * channels + channel, factors);
                    for (y, x) in y.chunks_exact_mut(channels).zip(x.chunks_exact(channels)) {
                        let (y, x) = (&mut y[channel..][..factors.len()], &x[channel..]);
                        // Not a product: what is dropped is 0 also where it was infinite.
                        let kept = |(x, factor): (&f32, &f32)| if *factor == 0.0 { 0.0 } else { x * factor };
                        put(store, y, x.iter().zip(&*factors).map(kept));
                    }
                }
            }
        });
    }

    /// What elements from `first` on are multiplied by.
    fn factors(&self, first: usize, factors: &mut [f32]) {
        let mut block = (usize::MAX, [0; WORDS]);
        for (element, factor) in (first..).zip(factors) {
            if block.0 != element / WORDS {
                block = (element / WORDS, self.words(element / WORDS));
            }
            *factor = if u64::from(block.1[element % WORDS]) < self.threshold { 0.0 } else { self.scale };
        }
    }
}
