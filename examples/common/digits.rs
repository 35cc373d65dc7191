//! The handwritten digits that ship with the examples.

use std::fs;
use std::path::{Path, PathBuf};

use net_runtime::Error;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Height and width of a digit.
pub const SIDE: usize = 8;

/// One handwritten digit.
#[derive(Clone, Debug)]
pub struct Digit {
    /// Grey values from 0 (paper) to 1 (ink), row by row.
    pub pixels: [f32; SIDE * SIDE],
    /// What it shows, 0 to 9.
    pub class: u32,
}

/// All 1,797 digits.
pub fn read() -> Result<Vec<Digit>, Error> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join("data").join("digits.csv");
    let text = fs::read_to_string(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
    let digit = |(index, line)| {
        parse(line).ok_or_else(|| Error::File {
            path: path.clone(),
            problem: format!("line {} is not 64 pixels from 0 to 16 and a class from 0 to 9", index + 1),
        })
    };
    text.lines().enumerate().map(digit).collect()
}

fn parse(line: &str) -> Option<Digit> {
    let numbers: Vec<u8> = line.split(',').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    let (&class, pixels) = numbers.split_last()?;
    let pixels: [u8; SIDE * SIDE] = pixels.try_into().ok()?;
    let in_range = class <= 9 && pixels.iter().all(|&pixel| pixel <= 16);
    in_range.then(|| Digit { pixels: pixels.map(|pixel| f32::from(pixel) / 16.0), class: class.into() })
}

/// Puts a fifth, drawn at random, aside for testing: `(to train with, held out)`.
pub fn hold_out_a_fifth(mut digits: Vec<Digit>, seed: u64) -> (Vec<Digit>, Vec<Digit>) {
    digits.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let held_out = digits.split_off(digits.len() - digits.len() / 5);
    (digits, held_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_read() {
        let digits = read().unwrap();
        assert_eq!(digits.len(), 1_797);
        assert_eq!(digits[0].class, 0);
        assert_eq!(digits[0].pixels[..6], [0.0, 0.0, 5.0 / 16.0, 13.0 / 16.0, 9.0 / 16.0, 1.0 / 16.0]);
        let (train, held_out) = hold_out_a_fifth(digits, 1);
        assert_eq!((train.len(), held_out.len()), (1_438, 359));
    }

    #[test]
    fn a_line_that_is_no_digit_is_refused() {
        let zeros = "0,".repeat(64);
        assert!(parse(&format!("{zeros}9")).is_some());
        assert!(parse(&format!("{zeros}10")).is_none());
        assert!(parse(&format!("{zeros}0,9")).is_none());
        assert!(parse(&format!("17,{}9", "0,".repeat(63))).is_none());
        assert!(parse("").is_none());
    }
}
