//! What generated code calls beside layers, losses and metrics: checks at the border, and the way into the thread pool.

use super::traits::Network;
use crate::error::Error;
use crate::parallel;

/// Runs a pass of a network over so many samples, which takes so many times as long as a forward pass: in the thread pool,
/// entered once for all layers, if the network is so large that threads pay, else on the calling thread.
///
/// # Errors
///
/// Those of the pass.
pub fn pass<N: Network>(
    times: usize,
    samples: usize,
    pass: impl FnOnce() -> Result<(), Error> + Send,
) -> Result<(), Error> {
    parallel::enter(parallel::whole_pays(cost::<N>(samples).saturating_mul(times)), pass)
}

/// How long a forward pass over so many samples takes, in multiply-adds: for few samples it is the weights that are read.
pub(crate) fn cost<N: Network>(samples: usize) -> usize {
    let multiply_adds = usize::try_from(N::INFO.multiply_adds).unwrap_or(usize::MAX);
    multiply_adds.saturating_mul(samples).max(N::INFO.parameters.saturating_mul(parallel::READ))
}

/// The number of samples that all have in common.
///
/// # Errors
///
/// [`Error::Samples`] if they differ.
pub fn same_samples(named: &[(&'static str, usize)]) -> Result<usize, Error> {
    let Some((&(first, first_samples), rest)) = named.split_first() else { return Ok(0) };
    match rest.iter().find(|(_, samples)| *samples != first_samples) {
        None => Ok(first_samples),
        Some(&(second, second_samples)) => Err(Error::Samples { first, first_samples, second, second_samples }),
    }
}

/// Inputs have no weights: a weight says how much a target counts.
///
/// # Errors
///
/// [`Error::Invalid`] if there are some.
pub fn no_weights(input: &'static str, weights: Option<&[f32]>) -> Result<(), Error> {
    match weights {
        None => Ok(()),
        Some(_) => Err(Error::Invalid(format!(
            "the input `{input}` carries sample weights; they belong to the target whose loss they weigh"
        ))),
    }
}

/// The error for a head that does not exist.
pub fn unknown_head(head: &str, heads: &[&'static str]) -> Error {
    let heads: Vec<_> = heads.iter().map(|head| format!("`{head}`")).collect();
    Error::Invalid(format!("there is no head `{head}`; the heads are {}", heads.join(", ")))
}

/// That a shape or an element is the one that is given. Every type is itself and no other, so this says nothing that a
/// type would not say, but for the message of the compiler when it is not so.
#[diagnostic::on_unimplemented(
    message = "the network takes samples of `{Self}`, but these are of `{Given}`",
    label = "not of `{Self}`"
)]
pub trait Is<Given>: Sized {
    /// What is given, as what it is.
    fn same(given: &[Given]) -> &[Self];
}

impl<T> Is<T> for T {
    fn same(given: &[T]) -> &[T] {
        given
    }
}

/// That one batch is all that a network takes, which nothing implements: for a network with several inputs it is said of
/// the struct of its inputs, for the message of the compiler.
#[diagnostic::on_unimplemented(
    message = "this network has several inputs, but is given one batch",
    label = "one batch",
    note = "give it the struct of its inputs, with a view for each: `{Self} {{ <input>: batch.view(), ... }}`"
)]
pub trait OneInput<Shape>: Sized {
    /// Never called.
    fn never() -> Self;
}

/// Targets that are one class a sample: numbers, or one-hot rows.
pub trait Classes: Sized {
    /// Whether a row of several elements can be one class.
    const ROWS: bool;

    /// The class of one sample.
    fn class(sample: &[Self]) -> usize;
}

impl Classes for u32 {
    const ROWS: bool = false;

    fn class(sample: &[Self]) -> usize {
        sample[0] as usize
    }
}

impl Classes for f32 {
    const ROWS: bool = true;

    /// The largest entry's index, the first of several; a single number is the class itself, as in Keras.
    fn class(sample: &[Self]) -> usize {
        match sample {
            [class] => class.round() as usize,
            row => (0..row.len()).rev().max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::batch::Batch;
    use crate::tensor::shape::{Shape0, Shape1, Shape2};

    #[test]
    fn differing_numbers_of_samples_are_told_with_both_names() {
        assert_eq!(same_samples(&[("image", 3), ("class", 3)]).unwrap(), 3);
        let error = same_samples(&[("image", 3), ("class", 4)]).unwrap_err().to_string();
        assert_eq!(error, "`image` has 3 samples, but `class` has 4");
    }

    #[test]
    fn classes_weigh_samples_and_multiply_their_weights() {
        let mut numbers = Batch::<Shape0, u32>::from_vec(vec![0, 1, 2]).unwrap();
        numbers.weigh_classes("digit", &[0.5, 2.0]).unwrap();
        assert_eq!(numbers.weights(), Some(&[0.5, 2.0, 1.0][..]));
        let rows = vec![0.0, 1.0, 1.0, 0.0];
        let mut rows = Batch::<Shape1<2>>::from_vec(rows).unwrap().with_weights(vec![3.0, 1.0]).unwrap();
        rows.weigh_classes("digit", &[0.5, 2.0]).unwrap();
        assert_eq!(rows.weights(), Some(&[6.0, 0.5][..]));
        let error = Batch::<Shape2<2, 2>>::zeros(1).weigh_classes("mask", &[1.0]).unwrap_err().to_string();
        assert!(error.contains("`mask`"), "{error}");
    }
}
