//! Random choices, from a seed.

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same numbers on every machine.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A stream of its own for each pair of a seed and an index.
    pub fn new(seed: u64, index: u64) -> Self {
        let mut seeds = Self(seed);
        let first = seeds.word();
        let mut random = Self(first ^ index.wrapping_mul(0xD1B5_4A32_D192_ED03));
        random.word();
        random
    }

    /// The next 64 bits.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let value = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        value ^ (value >> 31)
    }

    /// A number from 0 to `end`, which it is not.
    pub fn below(&mut self, end: usize) -> usize {
        (self.word() % end as u64) as usize
    }

    /// A number within both bounds.
    pub fn within(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last - first + 1)
    }

    /// Yes, so many times of a hundred.
    pub fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    /// One of them.
    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// A number from -1 to 1 that an `f32` holds, as what is handed to a network has to.
    pub fn number(&mut self) -> f64 {
        f64::from((self.word() >> 40) as f32 / (1 << 23) as f32 - 1.0)
    }
}
