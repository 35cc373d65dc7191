//! The handwritten digits that ship with the examples, as what other samples are made of.

use std::path::{Path, PathBuf};

use net_runtime::{Batch, Error, Shape1, data};

/// Height and width of a digit.
pub const SIDE: usize = 8;

/// Where they are: 1,797 lines of 64 grey values from 0 to 16 and the class.
pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join("digits.csv")
}

/// One handwritten digit.
#[derive(Clone, Debug, PartialEq)]
pub struct Digit {
    /// Grey values from 0 (paper) to 1 (ink), row by row.
    pub pixels: Vec<f32>,
    /// What it shows, 0 to 9.
    pub class: u32,
}

/// How much ink there is at a place of a digit, in pixels from the middle of the upper left one; around the digit is none.
pub fn ink(pixels: &[f32], x: f32, y: f32) -> f32 {
    bilinear(x, y, |column, row| {
        let inside = |index: isize| (0..SIDE as isize).contains(&index);
        if inside(column) && inside(row) { pixels[row as usize * SIDE + column as usize] } else { 0.0 }
    })
}

/// The value at a place between those of whole columns and rows.
pub fn bilinear(x: f32, y: f32, value: impl Fn(isize, isize) -> f32) -> f32 {
    let (column, row) = (x.floor(), y.floor());
    let (right, below) = (x - column, y - row);
    let at = |right: isize, below: isize| value(column as isize + right, row as isize + below);
    let above_it = at(0, 0) * (1.0 - right) + at(1, 0) * right;
    let below_it = at(0, 1) * (1.0 - right) + at(1, 1) * right;
    above_it * (1.0 - below) + below_it * below
}

/// All digits, in two parts: to train with, and a fifth, drawn at random, to judge by.
pub fn read(seed: u64) -> Result<(Vec<Digit>, Vec<Digit>), Error> {
    let table = data::csv::read_numbers(path())?;
    let pixels: Batch<Shape1<{ SIDE * SIDE }>> = table.batch(0..SIDE * SIDE)?;
    let classes = table.classes(SIDE * SIDE)?;
    let digit = |&index: &usize| Digit {
        pixels: pixels.sample(index).iter().map(|grey| grey / 16.0).collect(),
        class: classes[index],
    };
    let (train, held_out) = data::split_indices(table.len(), 0.2, seed)?;
    Ok((train.iter().map(digit).collect(), held_out.iter().map(digit).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_in_one_part() {
        let (train, held_out) = read(1).unwrap();
        assert_eq!((train.len(), held_out.len()), (1_438, 359));
        assert!(
            train.iter().all(|digit| digit.class <= 9 && digit.pixels.iter().all(|grey| (0.0..=1.0).contains(grey)))
        );
        let first = [0.0, 0.0, 5.0 / 16.0, 13.0 / 16.0, 9.0 / 16.0, 1.0 / 16.0, 0.0, 0.0, 0.0, 0.0, 13.0 / 16.0];
        assert!(train.iter().chain(&held_out).any(|digit| digit.class == 0 && digit.pixels.starts_with(&first)));
    }

    #[test]
    fn the_seed_draws_the_parts() {
        assert_eq!(read(2).unwrap(), read(2).unwrap());
        assert_ne!(read(2).unwrap(), read(3).unwrap());
    }
}
