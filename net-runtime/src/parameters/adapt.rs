//! Mean and variance of data, for `Normalization`.

use super::weights::Adapted;
use crate::error::Error;
use crate::tensor::batch::View;
use crate::tensor::shape::Shape;

/// Number, mean and sum of the squared distances from it.
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Puts those of other numbers into these, by the formula of Chan, Golub and LeVeque (1983), which takes no square from a square.
    fn merge(&mut self, other: Self) {
        if other.count == 0.0 {
            return;
        }
        let count = self.count + other.count;
        let distance = other.mean - self.mean;
        self.mean += distance * other.count / count;
        self.squares += other.squares + distance * distance * self.count * other.count / count;
        self.count = count;
    }
}

impl Adapted {
    /// Sets mean and variance to those of what goes into the layer, over all samples of all batches, as Keras's `layer.adapt(data)` does:
    /// `net.known_normalization.adapt([metadata.view()])`. Batches are read one after the other, so that not all of them have to be in
    /// memory. What was known before is forgotten. The variance is the mean squared distance from the mean; all is computed in `f64`.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if samples do not have the shape that goes into the layer; [`Error::Invalid`] if there is no sample, or if a
    /// number is not finite. Mean and variance are then as before.
    pub fn adapt<'a, S: Shape>(&mut self, batches: impl IntoIterator<Item = View<'a, S>>) -> Result<(), Error> {
        let places = places(S::DIMS, self.mean.dims())?;
        let mut moments = vec![Moments::default(); self.mean.values().len()];
        for batch in batches {
            // Twice: the means of a batch, then the squared distances from them.
            let mut of_batch = vec![Moments::default(); moments.len()];
            let each = |of_batch: &mut [Moments], what: &dyn Fn(&mut Moments, f64)| {
                for sample in batch.data().chunks_exact(places.len()) {
                    for (&value, &place) in sample.iter().zip(&places) {
                        what(&mut of_batch[place], f64::from(value));
                    }
                }
            };
            each(&mut of_batch, &|moments, value| {
                moments.count += 1.0;
                moments.mean += value;
            });
            of_batch.iter_mut().filter(|of| of.count > 0.0).for_each(|of| of.mean /= of.count);
            each(&mut of_batch, &|moments, value| moments.squares += (value - moments.mean).powi(2));
            moments.iter_mut().zip(of_batch).for_each(|(all, of_batch)| all.merge(of_batch));
        }
        if moments.iter().any(|moments| moments.count == 0.0) {
            return Err(Error::Invalid("a `Normalization` is adapted to no sample: give `adapt` some".to_owned()));
        }
        let found = moments.iter().map(|moments| (moments.mean as f32, (moments.squares / moments.count) as f32));
        let (mean, variance): (Vec<f32>, Vec<f32>) = found.unzip();
        for (what, numbers) in [("mean", &mean), ("variance", &variance)] {
            if let Some(place) = numbers.iter().position(|number| !number.is_finite()) {
                let number = numbers[place];
                return Err(Error::Invalid(format!(
                    "the {what} of what a `Normalization` is adapted to is {number} at place {place}"
                )));
            }
        }
        self.mean.values_mut().copy_from_slice(&mean);
        self.variance.values_mut().copy_from_slice(&variance);
        Ok(())
    }
}

/// For each element of a sample, which of the means it belongs to; these have the same axes, of which some are 1 long.
fn places(sample: &[usize], means: &[usize]) -> Result<Vec<usize>, Error> {
    let fits = sample.len() == means.len() && sample.iter().zip(means).all(|(length, of)| *of == 1 || length == of);
    if !fits {
        let expected = means.iter().map(|length| if *length == 1 { "_".to_owned() } else { length.to_string() });
        return Err(Error::Shape {
            what: "a sample that a `Normalization` is adapted to".to_owned(),
            expected: format!("shape [{}]", expected.collect::<Vec<_>>().join(", ")),
            found: format!("{sample:?}"),
        });
    }
    let mut places = vec![0];
    for (length, of) in sample.iter().zip(means) {
        let along =
            |place: &usize| (0..*length).map(|index| if *of == 1 { *place } else { place * of + index }).collect();
        places = places.iter().flat_map(|place| -> Vec<usize> { along(place) }).collect();
    }
    Ok(places)
}
