//! Checks at the border between a program and its networks.

use crate::error::Error;

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

/// What as many losses are trained with: nothing implements it. A network without losses asks it of an array whose length
/// fails, with a message that it has none.
pub trait WithSamples {
    /// Inputs and targets.
    type Samples;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differing_numbers_of_samples_are_told_with_both_names() {
        assert_eq!(same_samples(&[("image", 3), ("class", 3)]).unwrap(), 3);
        let error = same_samples(&[("image", 3), ("class", 4)]).unwrap_err().to_string();
        assert_eq!(error, "`image` has 3 samples, but `class` has 4");
    }
}
