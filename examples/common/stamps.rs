//! Stamps for the example of the price: a real digit, a description, twelve numbers, and a price by a rule with noise.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::digits::Digit;
use super::random::normal;

/// How many numbers are known about a stamp.
pub const NUMBERS: usize = 12;

/// Words of a description, with those that fill it up.
pub const WORDS: usize = 40;

/// Stands behind the last word.
pub const NO_WORD: u32 = 0;

/// How far, in euros, prices lie around what the rule says: two buyers pay differently for the same stamp.
const NOISE: f32 = 4.0;

/// What the numbers are measured in, as `(middle, largest distance from it)`: a year of print, grams, the size of an edition, ...
const UNITS: [(f32, f32); NUMBERS] = [
    (5.0, 5.0),
    (1930.0, 60.0),
    (0.2, 0.1),
    (3e5, 2.9e5),
    (12.0, 12.0),
    (24.0, 8.0),
    (30.0, 8.0),
    (0.0, 180.0),
    (101.3, 2.0),
    (-40.0, 25.0),
    (0.5, 0.5),
    (1e4, 1e3),
];

/// Words that say what a stamp is worth, in euros.
const TELLING: [(&str, f32); 8] = [
    ("mint", 5.0),
    ("signed", 7.0),
    ("bright", 3.0),
    ("wanted", 4.0),
    ("torn", -6.0),
    ("faded", -4.0),
    ("stained", -5.0),
    ("common", -3.0),
];

/// Turns the next word into its opposite.
const NOT: &str = "not";

/// Doubles the next word.
const VERY: &str = "very";

/// Words that say nothing.
const OTHERS: [&str; 22] = [
    "a", "the", "this", "stamp", "is", "from", "with", "and", "letter", "paper", "edge", "corner", "printed", "found",
    "in", "an", "album", "of", "my", "uncle", "sheet", "post",
];

/// How many words there are, [`NO_WORD`] among them.
pub const VOCABULARY: usize = 1 + TELLING.len() + 2 + OTHERS.len();

/// One stamp.
pub struct Stamp<'a> {
    /// What is printed on it.
    pub digit: &'a Digit,
    /// What somebody has written about it, as numbers of words.
    pub text: [u32; WORDS],
    /// What has been measured of it, each in a unit of its own.
    pub numbers: [f32; NUMBERS],
    /// What it costs in euros, the noise included.
    pub price: f32,
    /// The part of the price that follows no rule.
    pub noise: f32,
}

impl<'a> Stamp<'a> {
    /// A stamp that shows this digit.
    pub fn draw(digit: &'a Digit, rng: &mut impl Rng) -> Self {
        let even = [(); NUMBERS].map(|()| rng.random_range(-1.0..1.0));
        let numbers = std::array::from_fn(|index| UNITS[index].0 + UNITS[index].1 * even[index]);
        let text = describe(rng);
        let noise = NOISE * normal(rng);
        Self { digit, text, numbers, price: worth(digit.class, &text, &even) + noise, noise }
    }
}

/// The word with this number, if it is one.
fn word(number: u32) -> Option<&'static str> {
    let words = TELLING.iter().map(|(word, _)| *word).chain([NOT, VERY]).chain(OTHERS);
    words.into_iter().nth((number as usize).checked_sub(1)?)
}

/// Words in no order but one: `not` and `very` stand before a word that tells something.
fn describe(rng: &mut impl Rng) -> [u32; WORDS] {
    const FIRST_OTHER: u32 = TELLING.len() as u32 + 3;
    let [not, very] = [TELLING.len() as u32 + 1, TELLING.len() as u32 + 2];
    let mut text = [NO_WORD; WORDS];
    let length = rng.random_range(6..=WORDS);
    let mut place = 0;
    while place < length {
        let telling = rng.random_range(1..=TELLING.len() as u32);
        let before = [None, Some(not), Some(very)].choose(rng).copied().flatten();
        match before {
            // One word in eight begins something that is told.
            _ if rng.random_range(0..8) > 0 => text[place] = rng.random_range(FIRST_OTHER..VOCABULARY as u32),
            Some(before) if place + 1 < length => {
                (text[place], text[place + 1]) = (before, telling);
                place += 1;
            }
            _ => text[place] = telling,
        }
        place += 1;
    }
    text
}

/// What a description is worth.
fn told(text: &[u32; WORDS]) -> f32 {
    let mut sum = 0.0;
    let mut factor = 1.0;
    for word in text.iter().map_while(|&number| word(number)) {
        if let Some((_, euros)) = TELLING.iter().find(|(telling, _)| *telling == word) {
            sum += factor * euros;
        }
        factor = match word {
            NOT => -1.0,
            VERY => 2.0,
            _ => 1.0,
        };
    }
    sum
}

/// The rule. Five of the numbers, which are here from -1 to 1, matter; one of them, the condition, only together with the digit.
fn worth(digit: u32, text: &[u32; WORDS], numbers: &[f32; NUMBERS]) -> f32 {
    let [condition, age, rarity, fashion, flaws, ..] = numbers;
    let measured = 8.0 * age + 6.0 * rarity * fashion - 5.0 * flaws.abs();
    40.0 + 3.0 * digit as f32 * (1.0 + 0.4 * condition) + measured + told(text)
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
            let even = std::array::from_fn(|index| (stamp.numbers[index] - UNITS[index].0) / UNITS[index].1);
            assert!((stamp.price - worth(7, &stamp.text, &even) - stamp.noise).abs() < 1e-3);
            assert!(stamp.text.iter().all(|&word| word < VOCABULARY as u32));
        }
        let squares: f32 = stamps.iter().map(|stamp| stamp.noise * stamp.noise).sum();
        assert!(((squares / 1e4).sqrt() - NOISE).abs() < 0.1);
    }
    #[test]
    fn not_and_very_count_for_the_next_word() {
        let number = |wanted: &str| (1..VOCABULARY as u32).find(|&number| word(number) == Some(wanted)).unwrap();
        let euros = |words: &[&str]| {
            let mut text = [NO_WORD; WORDS];
            text.iter_mut().zip(words).for_each(|(place, word)| *place = number(word));
            told(&text)
        };
        assert_eq!(euros(&["a", "mint", "stamp"]), 5.0);
        assert_eq!(euros(&["not", "torn", "very", "signed", "and", "faded"]), 6.0 + 14.0 - 4.0);
        assert_eq!(euros(&["not", "a", "torn", "sheet"]), -6.0);
    }
}
