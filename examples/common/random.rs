//! Random numbers that the generator has not.

use std::f32::consts::TAU;

use rand::{Rng, RngExt};

/// A number of the normal distribution of mean 0 and variance 1 (Box and Muller, A Note on the Generation of Random Normal Deviates,
/// 1958).
pub fn normal(rng: &mut impl Rng) -> f32 {
    let (radius, angle): (f32, f32) = (rng.random_range(f32::MIN_POSITIVE..1.0), rng.random());
    (-2.0 * radius.ln()).sqrt() * (TAU * angle).cos()
}
