//! Numbers from an integer formula, the same to the bit as `formula.py` makes them.

/// 2^32 / golden ratio, as Knuth hashes.
const STEP: u32 = 2_654_435_761;
/// 40503 * 65537; sets the sequences of neighbouring keys apart.
const STRIDE: u32 = 2_654_445_111;
const MIX: u32 = 0x045D_9F3B;

/// FNV-1a of the key's bytes, in 32 bits.
pub fn key_number(key: &str) -> u32 {
    key.bytes().fold(0x811C_9DC5, |number, byte| (number ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The sequence of the key, each number in 0..2^32.
pub fn integers(key: &str) -> impl Iterator<Item = u32> {
    let start = key_number(key).wrapping_add(1).wrapping_mul(STRIDE);
    (1_u32..).map(move |index| {
        let mut x = index.wrapping_mul(STEP).wrapping_add(start);
        for _ in 0..2 {
            x ^= x >> 16;
            x = x.wrapping_mul(MIX);
        }
        x ^ (x >> 16)
    })
}

/// `low + (high - low) * integer / 2^32`, in f64 and then rounded to f32.
pub fn uniform(key: &str, count: usize, low: f64, high: f64) -> Vec<f32> {
    integers(key).take(count).map(|x| (low + (high - low) * (f64::from(x) / 4_294_967_296.0)) as f32).collect()
}

/// Class numbers in `0..classes`.
pub fn classes(key: &str, count: usize, classes: u32) -> Vec<u32> {
    integers(key).take(count).map(|x| x % classes).collect()
}
