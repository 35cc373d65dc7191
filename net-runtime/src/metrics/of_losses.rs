//! Losses that are read as metrics: the mean over all positions.

use std::convert::identity;
use std::ops::Neg;

use super::mean::Mean;
use super::{Metric, row_length};
use crate::losses;
use crate::losses::Loss;

macro_rules! of_loss {
    ($($(#[$doc:meta])* $metric:ident, $name:literal, $loss:expr, $read:path;)+) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $metric;

        impl Metric for $metric {
            type Target = f32;
            type State = Mean;
            const NAME: &'static str = $name;

            fn update(&self, state: &mut Mean, output: &[f32], target: &[f32], dims: &[usize]) {
                let length = row_length(dims);
                for (row, target) in output.chunks_exact(length).zip(target.chunks_exact(length)) {
                    state.add($read(f64::from($loss.value(row, target, &[length]))));
                }
            }

            fn result(&self, state: &Mean) -> f32 {
                state.result()
            }
        })+
    };
}

of_loss! {
    /// The mean over all positions of the cosine of the angle between the rows of output and target: Keras's metric
    /// `CosineSimilarity`, which is the [loss](losses::CosineSimilarity) with the other sign.
    ///
    /// In `network!`: `CosineSimilarity`; the example is at [numbers](crate::metrics#numbers).
    CosineSimilarity, "cosine_similarity", losses::CosineSimilarity, Neg::neg;
    /// The mean of the [loss](losses::CategoricalHinge) over all positions.
    ///
    /// In `network!`: `CategoricalHinge`; the example is at [classes](crate::metrics#classes).
    CategoricalHinge, "categorical_hinge", losses::CategoricalHinge, identity;
    /// The mean of the [loss](losses::Hinge) over all elements.
    ///
    /// In `network!`: `Hinge`; the example is at [yes and no](crate::metrics#yes-and-no).
    Hinge, "hinge", losses::Hinge, identity;
    /// The mean of the [loss](losses::KlDivergence) over all positions.
    ///
    /// In `network!`: `KlDivergence`; the example is at [classes](crate::metrics#classes).
    KlDivergence, "kl_divergence", losses::KlDivergence, identity;
    /// The mean of the [loss](losses::LogCosh) over all elements. Keras's `LogCoshError`.
    ///
    /// In `network!`: `LogCosh`; the example is at [numbers](crate::metrics#numbers).
    LogCosh, "logcosh", losses::LogCosh, identity;
    /// The mean of the [loss](losses::MeanAbsolutePercentageError) over all elements.
    ///
    /// In `network!`: `MeanAbsolutePercentageError`; the example is at [numbers](crate::metrics#numbers).
    MeanAbsolutePercentageError, "mean_absolute_percentage_error", losses::MeanAbsolutePercentageError, identity;
    /// The mean of the [loss](losses::MeanSquaredLogarithmicError) over all elements.
    ///
    /// In `network!`: `MeanSquaredLogarithmicError`; the example is at [numbers](crate::metrics#numbers).
    MeanSquaredLogarithmicError, "mean_squared_logarithmic_error", losses::MeanSquaredLogarithmicError, identity;
    /// The mean of the [loss](losses::Poisson) over all elements.
    ///
    /// In `network!`: `Poisson`; the example is at [numbers](crate::metrics#numbers).
    Poisson, "poisson", losses::Poisson, identity;
    /// The mean of the [loss](losses::SquaredHinge) over all elements.
    ///
    /// In `network!`: `SquaredHinge`; the example is at [yes and no](crate::metrics#yes-and-no).
    SquaredHinge, "squared_hinge", losses::SquaredHinge, identity;
    /// The mean of the [loss](losses::BinaryCrossentropy) of probabilities over all elements.
    ///
    /// In `network!`: `BinaryCrossentropy`; the example is at [yes and no](crate::metrics#yes-and-no).
    BinaryCrossentropy, "binary_crossentropy",
        losses::BinaryCrossentropy { label_smoothing: 0.0, input: losses::Input::Probabilities }, identity;
    /// The mean of the [loss](losses::CategoricalCrossentropy) of probabilities over all positions.
    ///
    /// In `network!`: `CategoricalCrossentropy`; the example is at [classes](crate::metrics#classes).
    CategoricalCrossentropy, "categorical_crossentropy",
        losses::CategoricalCrossentropy { label_smoothing: 0.0, input: losses::Input::Probabilities }, identity;
}

/// The mean of the [loss](losses::SparseCategoricalCrossentropy) of probabilities over all positions: [`CategoricalCrossentropy`] for class
/// numbers.
///
/// In `network!`: `CategoricalCrossentropy`; the example is at [classes](crate::metrics#classes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SparseCategoricalCrossentropy;

impl Metric for SparseCategoricalCrossentropy {
    type Target = u32;
    type State = Mean;
    const NAME: &'static str = "sparse_categorical_crossentropy";

    fn update(&self, state: &mut Mean, output: &[f32], target: &[u32], dims: &[usize]) {
        let loss = losses::SparseCategoricalCrossentropy::default();
        let length = row_length(dims);
        for (row, class) in output.chunks_exact(length).zip(target) {
            state.add(f64::from(loss.value(row, std::slice::from_ref(class), &[length])));
        }
    }

    fn result(&self, state: &Mean) -> f32 {
        state.result()
    }
}
