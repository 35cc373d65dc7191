//! Whole runs on a network small enough to compute by hand.

mod fit;
mod saving;
mod stopping;

use super::toy::{Toy, ToySamples};
use super::{Logs, Trainer};
use crate::error::Error;
use crate::optimizers::Sgd;

/// A gradient descent with learning rate 0.1.
fn trainer<const H: usize>(weight: [f32; H], bias: [f32; H]) -> Trainer<Toy<H>, Sgd> {
    Trainer::new(Toy::with(weight, bias), Sgd::new(0.1))
}

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64]) {
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-6 * (1.0 + b.abs());
    assert!(
        found.len() == expected.len() && found.iter().zip(expected).all(near),
        "found {found:?}, expected {expected:?}"
    );
}

/// Names and values of one head's run without validation.
fn pairs(logs: &Logs) -> Vec<(&str, f64)> {
    logs.iter().collect()
}

fn message<T>(result: Result<T, Error>) -> String {
    result.err().expect("an error").to_string()
}

fn points<const H: usize>(count: usize) -> ToySamples<H> {
    ToySamples::points(count)
}
