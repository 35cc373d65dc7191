//! What an epoch's losses and metrics add up to.

use std::collections::{BTreeMap, BTreeSet};

use super::logs::VALIDATION;
use crate::error::Error;
use crate::network::traits::Trainable;

/// The names of a network's losses and metrics as Keras has them: the order of [`Tally::write`].
///
/// `output_losses` are there only where several heads have a loss, and the head's name stands before a metric only where
/// the network has several outputs, whether or not they have a loss.
///
/// # Errors
///
/// [`Error::Invalid`] if two of them would be one, or one that of another's validation: names are joined from those of heads
/// and metrics, and a metric of one's own may be called anything.
pub(crate) fn names<N: Trainable>() -> Result<Vec<String>, Error> {
    let mut names = vec!["loss".to_owned()];
    names.extend(listed_losses::<N>().map(|head| format!("{}_loss", N::HEADS[head].name)));
    let several_outputs = N::INFO.outputs.len() > 1;
    let mut uses = BTreeMap::<String, usize>::new();
    N::visit_metrics(&N::Metrics::default(), &mut |head, metric, _| {
        let name = if several_outputs { format!("{}_{metric}", N::HEADS[head].name) } else { metric.to_owned() };
        let earlier = uses.entry(name.clone()).or_default();
        names.push(if *earlier == 0 { name } else { format!("{name}_{earlier}") });
        *earlier += 1;
    });
    check_distinct(&names)?;
    Ok(names)
}

fn check_distinct(names: &[String]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    let taken = |name: &str| {
        Err(Error::Invalid(format!(
            "two losses or metrics would both be called `{name}` in a history; give the output, or your own metric's `NAME`, another name"
        )))
    };
    for name in names {
        if !seen.insert(name.as_str()) {
            return taken(name);
        }
    }
    match names.iter().find(|name| name.strip_prefix(VALIDATION).is_some_and(|trained| seen.contains(trained))) {
        Some(name) => taken(name),
        None => Ok(()),
    }
}

/// The heads whose loss has a name of its own.
fn listed_losses<N: Trainable>() -> impl Iterator<Item = usize> {
    let with_loss = || (0..N::HEADS.len()).filter(|&head| N::HEADS[head].has_loss);
    let several = with_loss().nth(1).is_some();
    with_loss().filter(move |_| several)
}

/// Losses averaged over samples, metrics accumulated over samples.
pub(crate) struct Tally<N: Trainable> {
    samples: usize,
    total: f64,
    heads: Vec<f64>,
    pub(crate) metrics: N::Metrics,
}

impl<N: Trainable> Tally<N> {
    pub(crate) fn new() -> Self {
        Self { samples: 0, total: 0.0, heads: vec![0.0; N::HEADS.len()], metrics: N::Metrics::default() }
    }

    pub(crate) fn reset(&mut self) {
        self.samples = 0;
        self.total = 0.0;
        self.heads.fill(0.0);
        N::reset_metrics(&mut self.metrics);
    }

    /// Adds the mean losses of a batch of `samples`.
    ///
    /// Keras's graph mode weighs the total by the batch's size, but averages the heads' losses over batches as if all
    /// were equally large (the batch axis has no static size, so its weight is dropped), so that they no longer add up
    /// to the total when the last batch is partial. Here all are weighed alike.
    pub(crate) fn add(&mut self, samples: usize, total: f32, heads: &[f32]) {
        let weight = samples as f64;
        self.samples += samples;
        self.total += weight * f64::from(total);
        for (sum, &loss) in self.heads.iter_mut().zip(heads) {
            *sum += weight * f64::from(loss);
        }
    }

    /// Writes one value for each of [`names`].
    pub(crate) fn write(&self, values: &mut [f64]) {
        let samples = self.samples as f64;
        let mut places = values.iter_mut();
        let mut put = |value| {
            if let Some(place) = places.next() {
                *place = value;
            }
        };
        put(self.total / samples);
        listed_losses::<N>().for_each(|head| put(self.heads[head] / samples));
        N::visit_metrics(&self.metrics, &mut |_, _, value| put(f64::from(value)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_values_of_a_history_have_one_name() {
        let check = |names: &[&str]| check_distinct(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert!(check(&["loss", "fit_loss", "value_loss", "value_val_loss", "val"]).is_ok());
        for (names, twice) in [
            (&["loss", "loss"][..], "loss"),
            (&["loss", "a_b_c", "a_loss", "a_b_c"], "a_b_c"),
            (&["loss", "fit_loss", "val_fit_loss"], "val_fit_loss"),
            (&["loss", "val_loss"], "val_loss"),
        ] {
            let error = check(names).unwrap_err().to_string();
            assert!(error.contains(&format!("called `{twice}`")), "{error}");
        }
    }
}
