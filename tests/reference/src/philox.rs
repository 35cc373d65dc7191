//! The counter-based generator that dropout draws from: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy
//! as 1, 2, 3", SC 2011).

/// Four random words of a counter and a key.
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let ([mut a, mut b, mut c, mut d], [mut k, mut l]) = (counter, key);
    for _ in 0..10 {
        let p = u64::from(a) * 0xD251_1F53;
        let q = u64::from(c) * 0xCD9E_8D57;
        [a, b, c, d] = [(q >> 32) as u32 ^ b ^ k, q as u32, (p >> 32) as u32 ^ d ^ l, p as u32];
        k = k.wrapping_add(0x9E37_79B9);
        l = l.wrapping_add(0xBB67_AE85);
    }
    [a, b, c, d]
}

/// SplitMix64's finisher, by which seeds of streams are made of the seed of a run.
pub fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// What the draws of a training pass are made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// Of the run.
    pub seed: u64,
    /// Of the training step, the first is 1.
    pub step: u64,
}

impl Key {
    /// That of the stream of a random layer, or of a closed network, which then has streams of its own.
    pub fn stream(self, number: u64) -> Self {
        Self { seed: mix(mix(self.seed) ^ number), ..self }
    }

    /// The word of an element.
    pub fn word(self, element: usize) -> u32 {
        let block = (element / 4) as u64;
        let counter = [block as u32, (block >> 32) as u32, self.step as u32, (self.step >> 32) as u32];
        philox(counter, [self.seed as u32, (self.seed >> 32) as u32])[element % 4]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors that the authors publish with their library Random123.
    #[test]
    fn known_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
    }
}
