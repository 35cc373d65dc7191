//! Applying a random mask that is never kept.

use super::arithmetic::put;
use crate::memory::philox::{halves, mix, philox};
use crate::memory::random::RandomKey;
use crate::parallel::for_each_rows;
use crate::tensor::param::Store;

/// Words of one block of the generator.
pub(super) const WORDS: usize = 4;

/// Channels whose part of the mask is drawn at once, into a buffer on the stack.
const CHANNELS: usize = 256;

/// What the elements of one use of a layer draw from, in one step.
#[derive(Clone, Copy)]
pub(crate) struct Draws {
    pub key: u64,
    pub step: u64,
}

impl Draws {
    /// Those of a layer's use in a pass: each has a stream of its own.
    pub fn new(random: RandomKey, layer: u64) -> Self {
        Self { key: mix(mix(random.seed) ^ layer), step: random.step }
    }

    /// The words of elements 4 · block and following: the block's number and the step make the counter, so that no two
    /// steps can share a block.
    #[inline(always)]
    pub fn words(&self, block: usize) -> [u32; WORDS] {
        let [low, high] = halves(block as u64);
        let [step_low, step_high] = halves(self.step);
        philox([low, high, step_low, step_high], halves(self.key))
    }
}

/// Which elements are kept.
#[derive(Clone, Copy)]
pub(crate) struct Mask {
    /// An element with a word below this is dropped.
    threshold: u64,
    /// What the others are multiplied by.
    scale: f32,
    pub draws: Draws,
}

impl Mask {
    /// That of a layer's use in a pass; the others are divided by the probability that they are kept.
    pub fn new(rate: f32, layer: u64, random: RandomKey) -> Self {
        Self::scaled(rate, 1.0 / (1.0 - rate), layer, random)
    }

    /// The same; the others are multiplied by this.
    pub fn scaled(rate: f32, scale: f32, layer: u64, random: RandomKey) -> Self {
        // 2³² · rate is the number of words of 32 bits that drop, of 2³².
        let threshold = (f64::from(rate) * 2_f64.powi(32)).round() as u64;
        Self { threshold, scale, draws: Draws::new(random, layer) }
    }

    /// What the element of a word is multiplied by.
    #[inline(always)]
    pub fn factor(&self, word: u32) -> f32 {
        if u64::from(word) < self.threshold { 0.0 } else { self.scale }
    }

    /// Sets each element to what is multiplied by it: the scale where kept, else 0.
    pub fn fill(&self, factors: &mut [f32]) {
        for (block, factors) in factors.chunks_mut(WORDS).enumerate() {
            for (factor, word) in factors.iter_mut().zip(self.draws.words(block)) {
                *factor = if u64::from(word) < self.threshold { 0.0 } else { self.scale };
            }
        }
    }

    /// `y = x * scale` where kept, else 0.
    pub fn apply(&self, x: &[f32], y: &mut [f32], store: Store) {
        self.each(x, y, store, 0.0, |x| x * self.scale);
    }

    /// `y = x * scale + more` where kept, else what is given.
    pub fn replace(&self, x: &[f32], y: &mut [f32], dropped: f32, more: f32) {
        self.each(x, y, Store::Set, dropped, |x| x * self.scale + more);
    }

    #[inline(always)]
    fn each(&self, x: &[f32], y: &mut [f32], store: Store, dropped: f32, kept: impl Fn(f32) -> f32 + Sync) {
        // Groups of rows hold a multiple of four elements, so every block of words belongs to one of them.
        for_each_rows(y, 1, |first, y| {
            let x = &x[first..][..y.len()];
            for (index, (y, x)) in y.chunks_mut(WORDS).zip(x.chunks(WORDS)).enumerate() {
                let words = self.draws.words(first / WORDS + index);
                let value =
                    |(&x, &word): (&f32, &u32)| if u64::from(word) < self.threshold { dropped } else { kept(x) };
                put(store, y, x.iter().zip(&words).map(value));
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
                block = (element / WORDS, self.draws.words(element / WORDS));
            }
            *factor = if u64::from(block.1[element % WORDS]) < self.threshold { 0.0 } else { self.scale };
        }
    }
}
