//! Stamps for the example of the price: a real digit, twelve numbers, and a price by a rule with noise.

use std::f32::consts::TAU;

use rand::{Rng, RngExt};

use super::digits::Digit;

/// How many numbers are known about a stamp.
pub const NUMBERS: usize = 12;

/// How far, in euros, prices lie around what the rule says: two buyers pay differently for the same stamp.
const NOISE: f32 = 4.0;

/// One stamp.
pub struct Stamp<'a> {
    /// What is printed on it.
    pub digit: &'a Digit,
    /// What is known about it, from -1 to 1.
    pub numbers: [f32; NUMBERS],
    /// What it costs in euros, the noise included.
    pub price: f32,
    /// The part of the price that follows no rule.
    pub noise: f32,
}

impl<'a> Stamp<'a> {
    /// A stamp that shows this digit.
    pub fn draw(digit: &'a Digit, rng: &mut impl Rng) -> Self {
        let numbers = [(); NUMBERS].map(|()| rng.random_range(-1.0..1.0));
        let noise = NOISE * normal(rng);
        Self { digit, numbers, price: worth(digit.class, &numbers) + noise, noise }
    }
}

/// A number of the normal distribution of mean 0 and variance 1 (Box and Muller 1958).
fn normal(rng: &mut impl Rng) -> f32 {
    let radius = (-2.0 * (1.0 - rng.random::<f32>()).ln()).sqrt();
    radius * (TAU * rng.random::<f32>()).cos()
}

/// The rule. Five of the numbers matter; one of them, the condition, only together with the digit.
fn worth(digit: u32, numbers: &[f32; NUMBERS]) -> f32 {
    let [condition, age, rarity, fashion, flaws, ..] = numbers;
    30.0 + 3.0 * digit as f32 * (1.0 + 0.4 * condition) + 8.0 * age + 6.0 * rarity * fashion - 5.0 * flaws.abs()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::Xoshiro256PlusPlus;

    use super::*;

    #[test]
    fn a_price_is_worth_and_noise() {
        let digit = Digit { pixels: vec![0.0; 64], class: 7 };
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let stamps: Vec<_> = (0..10_000).map(|_| Stamp::draw(&digit, &mut rng)).collect();
        for stamp in &stamps {
            assert_eq!(stamp.price, worth(7, &stamp.numbers) + stamp.noise);
        }
        let squares: f32 = stamps.iter().map(|stamp| stamp.noise * stamp.noise).sum();
        assert!(((squares / 1e4).sqrt() - NOISE).abs() < 0.1);
    }
}
