//! Whether output and target rise and fall together.

use super::mean::Mean;
use super::{Metric, row_length};

/// Means, variances and covariance of a row of outputs and one of targets.
struct Moments {
    means: [f64; 2],
    variances: [f64; 2],
    covariance: f64,
}

impl Moments {
    fn of(output: &[f32], target: &[f32]) -> Self {
        let mean = |row: &[f32]| row.iter().map(|&x| f64::from(x)).sum::<f64>() / row.len() as f64;
        let means = [mean(output), mean(target)];
        let (mut variances, mut covariance) = ([0.0; 2], 0.0);
        for (&y, &t) in output.iter().zip(target) {
            let [y, t] = [f64::from(y) - means[0], f64::from(t) - means[1]];
            variances = [variances[0] + y * y, variances[1] + t * t];
            covariance += y * t;
        }
        let count = output.len() as f64;
        Self { means, variances: variances.map(|sum| sum / count), covariance: covariance / count }
    }
}

macro_rules! correlation {
    ($($(#[$doc:meta])* $metric:ident, $name:literal, |$moments:ident| $result:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $metric;

        impl Metric for $metric {
            type Target = f32;
            type State = Mean;
            const NAME: &'static str = $name;

            fn update(&self, state: &mut Mean, output: &[f32], target: &[f32], dims: &[usize]) {
                let length = row_length(dims);
                for (row, target) in output.chunks_exact(length).zip(target.chunks_exact(length)) {
                    let $moments = Moments::of(row, target);
                    state.add($result);
                }
            }

            fn result(&self, state: &Mean) -> f32 {
                state.result()
            }
        }
    )+};
}

correlation! {
    /// The mean over all positions of Pearson's correlation of the rows of output and target: 1 where one is the other times a number
    /// above 0, plus a number. A row whose elements are all equal has none, and makes the mean a NaN. Keras's `PearsonCorrelation`.
    ///
    /// In `network!`: `PearsonCorrelation`; the example is at [numbers](crate::metrics#numbers).
    PearsonCorrelation, "pearson_correlation",
        |moments| moments.covariance / (moments.variances[0].sqrt() * moments.variances[1].sqrt());
    /// The mean over all positions of Lin's concordance (1989) of the rows of output and target: 1 where both are equal, less than
    /// [Pearson's correlation](PearsonCorrelation) where they differ in mean or size. Keras's `ConcordanceCorrelation`.
    ///
    /// In `network!`: `ConcordanceCorrelation`; the example is at [numbers](crate::metrics#numbers).
    ConcordanceCorrelation, "concordance_correlation",
        |moments| {
            let Moments { means: [y, t], variances, covariance } = moments;
            2.0 * covariance / (variances[0] + variances[1] + (y - t) * (y - t) + EPSILON)
        };
}

/// As in Keras, what keeps a quotient finite.
const EPSILON: f64 = 1e-7;
