//! Philox 4x32-10, a counter-based generator: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3"
//! (SC 2011). Any block of the stream is computed from its number alone.

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// Four random words.
pub(crate) fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        let first = u64::from(MULTIPLIERS[0]) * u64::from(counter[0]);
        let second = u64::from(MULTIPLIERS[1]) * u64::from(counter[2]);
        counter = [
            (second >> 32) as u32 ^ counter[1] ^ key[0],
            second as u32,
            (first >> 32) as u32 ^ counter[3] ^ key[1],
            first as u32,
        ];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    counter
}

/// The words of one of 2⁶⁴ streams of a seed, one after another: the blocks 0, 1, 2, … of the stream's number, under a key
/// that is no seed of a network or run, for those are the keys of the draws that dropout makes.
pub(crate) struct Stream {
    key: [u32; 2],
    stream: u64,
    /// Number of the block that is next.
    block: u64,
    words: [u32; 4],
    /// Words of the block that are used up.
    used: usize,
}

impl Stream {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Self { key: halves(mix(!seed)), stream, block: 0, words: [0; 4], used: 4 }
    }

    pub(crate) fn next_u32(&mut self) -> u32 {
        if self.used == self.words.len() {
            let ([low, high], [stream_low, stream_high]) = (halves(self.block), halves(self.stream));
            self.words = philox([low, high, stream_low, stream_high], self.key);
            self.block += 1;
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    pub(crate) fn next_u64(&mut self) -> u64 {
        let low = self.next_u32();
        u64::from(low) | u64::from(self.next_u32()) << 32
    }
}

/// The lower and the upper half of 64 bits.
pub(crate) fn halves(word: u64) -> [u32; 2] {
    [word as u32, (word >> 32) as u32]
}

/// A bijection of 64 bits that spreads every bit over all (the finisher of SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
pub(crate) fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors that the authors publish with their library Random123 (`kat_vectors`).
    #[test]
    fn known_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn a_stream_is_its_blocks_in_their_order() {
        let key = halves(mix(!42));
        let blocks: Vec<u32> = (0..3).flat_map(|block| philox([block, 0, 7, 1], key)).collect();
        let mut stream = Stream::new(42, 7 + (1 << 32));
        assert!((0..12).all(|index| stream.next_u32() == blocks[index]));
        let mut stream = Stream::new(42, 7 + (1 << 32));
        assert_eq!(halves(stream.next_u64()), blocks[..2]);
        assert_eq!(stream.next_u32(), blocks[2]);
    }

    #[test]
    fn mixing_is_the_first_output_of_splitmix64() {
        assert_eq!(mix(0), 0xE220_A839_7B1D_CDAF);
    }
}
