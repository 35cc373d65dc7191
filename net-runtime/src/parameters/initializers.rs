//! How weights begin.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::tensor::param::Param;

/// Where the weights of one layer are drawn from: the seed of the network and the name of the layer, so that a layer
/// begins with the same weights whatever else the network holds.
#[derive(Clone, Copy, Debug)]
pub struct Seed(u64);

impl Seed {
    /// The seed of the layer `name` in a network with seed `seed`.
    pub fn new(seed: u64, name: &str) -> Self {
        // FNV-1a, 64 bits: a fixed function of the bytes, on every platform and in every version of Rust.
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self(seed ^ hash.rotate_left(17))
    }

    /// The seed of a whole network inside of another.
    pub fn of_inner_network(self) -> u64 {
        self.0
    }

    fn rng(self) -> impl Rng {
        ChaCha8Rng::seed_from_u64(self.0)
    }
}

/// A number from 0 to below 1, from the upper 23 of 32 random bits.
///
/// Written out here because `rand` may draw ranges differently in another version: the weights of a seed are a function
/// of ChaCha's bits alone.
fn fraction(bits: u32) -> f32 {
    (bits >> 9) as f32 / (1 << 23) as f32
}

/// Uniform in ±sqrt(6 / (fan-in + fan-out)), where the fans are the last two axes times the size of the window before
/// them (Glorot and Bengio 2010; Keras's default).
pub fn glorot_uniform(dims: &[usize], seed: Seed) -> Param {
    let (window, inputs, outputs) = match dims {
        [] => (1, 1, 1),
        [length] => (1, *length, *length),
        [window @ .., inputs, outputs] => (window.iter().product(), *inputs, *outputs),
    };
    // First, for it knows whether the product of the dimensions is a number.
    let mut param = Param::zeros(dims);
    let limit = (6.0 / (window * (inputs + outputs)) as f32).sqrt();
    let mut rng = seed.rng();
    param.values_mut().fill_with(|| fraction(rng.next_u32()) * (2.0 * limit) - limit);
    param
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glorot_keeps_its_limit_and_its_spread() {
        let param = glorot_uniform(&[3, 3, 20, 30], Seed::new(1, "layer"));
        let limit = (6.0_f32 / (9.0 * 50.0)).sqrt();
        let variance = param.values().iter().map(|v| v * v).sum::<f32>() / param.values().len() as f32;
        assert!(param.values().iter().all(|v| v.abs() <= limit));
        assert!((variance / (limit * limit / 3.0) - 1.0).abs() < 0.05);
    }

    #[test]
    fn the_weights_of_a_seed_never_change() {
        let param = glorot_uniform(&[2, 4], Seed::new(42, "layer"));
        let bits: Vec<u32> = param.values().iter().map(|value| value.to_bits()).collect();
        assert_eq!(
            bits,
            [1061981324, 1057148796, 3193892608, 1059921120, 3179241984, 3207926096, 1063156024, 3205902212],
            "who repeats a run with its seed depends on these"
        );
    }

    #[test]
    fn the_seed_and_the_name_decide() {
        let draw = |seed, name| glorot_uniform(&[4, 4], Seed::new(seed, name)).values().to_vec();
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
    }
}
