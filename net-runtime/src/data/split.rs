//! Samples to train on and samples to judge by.

use super::shuffle;
use crate::error::Error;
use crate::network::traits::Samples;

/// Divides samples at random: most to train on, and `held_out`, a share between 0 and 1, to judge by. The seed decides.
///
/// # Errors
///
/// [`Error::Invalid`] if the share is not between 0 and 1 or so small or large that a part would be empty;
/// [`Error::Samples`] if inputs and targets have different numbers of samples.
pub fn split<S: Samples>(samples: &S, held_out: f32, seed: u64) -> Result<(S, S), Error> {
    let (train, test) = split_indices(samples.count()?, held_out, seed)?;
    let gather = |indices: &[usize]| {
        let mut part = S::default();
        samples.gather_into(indices, &mut part);
        part
    };
    Ok((gather(&train), gather(&test)))
}

/// The indices of [`split`], in random order: `held_out` times the number of samples, to the nearest whole number, in
/// the second part and the others in the first.
///
/// # Errors
///
/// [`Error::Invalid`] if the share is not between 0 and 1 or so small or large that a part would be empty.
pub fn split_indices(samples: usize, held_out: f32, seed: u64) -> Result<(Vec<usize>, Vec<usize>), Error> {
    if !(held_out > 0.0 && held_out < 1.0) {
        return Err(Error::Invalid(format!("the share held out should be between 0 and 1, but is {held_out}")));
    }
    let second = (samples as f64 * f64::from(held_out)).round() as usize;
    if second == 0 || second >= samples {
        return Err(Error::Invalid(format!(
            "{samples} samples cannot be split with a share of {held_out} held out: one part would be empty"
        )));
    }
    let mut train: Vec<usize> = (0..samples).collect();
    shuffle(&mut train, seed);
    let test = train.split_off(samples - second);
    Ok((train, test))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::traits::Inputs;
    use crate::tensor::batch::Batch;
    use crate::tensor::shape::Shape1;

    #[test]
    fn every_sample_is_in_one_part() {
        let (train, test) = split_indices(1797, 0.2, 42).unwrap();
        assert_eq!((train.len(), test.len()), (1438, 359));
        let mut all = [train.clone(), test].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..1797));
        assert_eq!(split_indices(1797, 0.2, 42).unwrap().0, train);
        assert_ne!(split_indices(1797, 0.2, 43).unwrap().0, train);
    }

    #[test]
    fn a_split_without_one_part_is_an_error() {
        for share in [0.0, 1.0, -0.5, f32::NAN] {
            let error = split_indices(10, share, 1).unwrap_err().to_string();
            assert_eq!(error, format!("the share held out should be between 0 and 1, but is {share}"));
        }
        for (samples, share) in [(2, 0.1), (2, 0.9), (0, 0.5), (1, 0.5)] {
            let error = split_indices(samples, share, 1).unwrap_err().to_string();
            assert!(error.ends_with("one part would be empty"), "{error}");
        }
    }

    /// Samples with an input and a target.
    #[derive(Clone, Default)]
    struct Pairs {
        x: Batch<Shape1<2>>,
        y: Batch<Shape1<1>>,
    }

    #[derive(Clone, Copy)]
    struct Count(usize);

    impl Inputs for Count {
        fn samples(&self) -> Result<usize, Error> {
            Ok(self.0)
        }

        fn slice(&self, range: std::ops::Range<usize>) -> Self {
            Self(range.len())
        }
    }

    impl Samples for Pairs {
        type Inputs<'a> = Count;

        fn inputs(&self) -> Count {
            Count(self.x.len())
        }

        fn count(&self) -> Result<usize, Error> {
            Ok(self.x.len())
        }

        fn gather_into(&self, indices: &[usize], target: &mut Self) {
            self.x.gather_into(indices, &mut target.x);
            self.y.gather_into(indices, &mut target.y);
        }

        fn weigh_classes(&mut self, head: &str, _weights: &[f32]) -> Result<(), Error> {
            Err(Error::Invalid(format!("`{head}` has no classes")))
        }
    }

    #[test]
    fn inputs_and_targets_stay_together() {
        let x = Batch::from_vec((0..20).map(|i| i as f32).collect()).unwrap();
        let y = Batch::from_vec((0..10).map(|i| 2.0 * i as f32).collect()).unwrap();
        let (train, test) = split(&Pairs { x, y }, 0.3, 5).unwrap();
        assert_eq!((train.x.len(), train.y.len(), test.x.len(), test.y.len()), (7, 7, 3, 3));
        for part in [train, test] {
            assert!(part.x.samples().zip(part.y.samples()).all(|(x, y)| x[0] == y[0]));
        }
    }
}
