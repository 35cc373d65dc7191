//! What a person reads to judge a network; nothing is trained by it.
//!
//! In [`network!`](crate::network), an output gets several: `metric class: Accuracy, TopK(3);`. In a
//! [`History`](crate::training::History) and in the [`Logs`](crate::training::Logs) of an evaluation they have Keras's names,
//! behind that of the output where there are several outputs. Most have two types here, the second one, `Sparse`, for targets that
//! are class numbers; the language has one name for both.
//!
//! A metric is added up sample by sample over an epoch; its value is over all samples, not the mean of batches. Sample
//! weights do not count, as for Keras's `metrics` (they count for its `weighted_metrics`).
//!
//! # Classes
//!
//! `Accuracy` ([`CategoricalAccuracy`], [`SparseCategoricalAccuracy`]), [`TopK`], [`F1`], [`FBeta`], [`Iou`], [`MeanIou`], [`Mcc`],
//! [`CategoricalCrossentropy`], [`CategoricalHinge`], [`KlDivergence`]. A [`ConfusionMatrix`] of predictions prints and draws.
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Animals(image: [64]) -> (animal: [10], kind: [3]) {
//!         let animal = image -> Dense(10) -> softmax;
//!         let kind = image -> Dense(3) -> softmax;
//!         loss animal: SparseCategoricalCrossentropy; // so targets are class numbers
//!         loss kind: CategoricalCrossentropy; // so targets are one-hot
//!         metric animal: Accuracy, TopK(3), F1, FBeta(2.0, average = weighted), Iou((0, 1)), MeanIou, Mcc;
//!         metric kind: Accuracy, F1(micro), CategoricalCrossentropy, CategoricalHinge, KlDivergence;
//!     }
//! }
//! # fn main() -> Result<(), Error> {
//! let samples = AnimalsSamples { image: Batch::zeros(4), animal: Batch::from_vec(vec![0, 7, 2, 9])?, kind: Batch::zeros(4) };
//! let values = Trainer::new(Animals::new(1), Adam::default()).evaluate(&samples)?;
//! // Without a picture all classes are equal, and the first one is the answer.
//! assert_eq!(values.get("animal_accuracy"), Some(0.25));
//! # Ok(())
//! # }
//! ```
//!
//! # Yes and no
//!
//! `Accuracy` ([`BinaryAccuracy`]) of an output of one element, and against a threshold `BinaryAccuracy` ([`ThresholdAccuracy`]),
//! [`Precision`], [`Recall`], [`TruePositives`], [`TrueNegatives`], [`FalsePositives`], [`FalseNegatives`]; over all thresholds
//! [`Auc`], [`PrecisionAtRecall`], [`RecallAtPrecision`], [`SensitivityAtSpecificity`], [`SpecificityAtSensitivity`];
//! [`BinaryCrossentropy`], [`Hinge`], [`SquaredHinge`].
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Mail(words: [8]) -> (spam: [1]) {
//!         let spam = words -> Dense(1) -> sigmoid;
//!         loss spam: BinaryCrossentropy;
//!         metric spam: Accuracy, BinaryAccuracy(0.9), Precision, Recall(0.3), BinaryCrossentropy, Hinge, SquaredHinge,
//!             TruePositives, TrueNegatives, FalsePositives(0.4), FalseNegatives, Auc, Auc(pr),
//!             PrecisionAtRecall(0.9), RecallAtPrecision(0.9),
//!             SensitivityAtSpecificity(0.5), SpecificityAtSensitivity(0.5);
//!     }
//! }
//! # fn main() -> Result<(), Error> {
//! let samples = MailSamples { words: Batch::zeros(4), spam: Batch::from_vec(vec![1.0, 0.0, 0.0, 0.0])? };
//! let values = Trainer::new(Mail::new(1), Adam::default()).evaluate(&samples)?;
//! // Without words the answer is 0.5, which is above 0.4, so that three are taken for spam.
//! assert_eq!(values.get("false_positives"), Some(3.0));
//! assert_eq!((values.get("recall"), values.get("accuracy")), (Some(1.0), Some(0.75)));
//! # Ok(())
//! # }
//! ```
//!
//! # Numbers
//!
//! [`MeanAbsoluteError`], [`MeanSquaredError`], [`RootMeanSquaredError`], [`R2`], [`MeanAbsolutePercentageError`],
//! [`MeanSquaredLogarithmicError`], [`LogCosh`], [`Poisson`], [`CosineSimilarity`], [`PearsonCorrelation`],
//! [`ConcordanceCorrelation`].
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Weather(today: [8]) -> (tomorrow: [2]) {
//!         let tomorrow = today -> Dense(2);
//!         loss tomorrow: MeanSquaredError;
//!         metric tomorrow: MeanAbsoluteError, MeanSquaredError, RootMeanSquaredError, R2, LogCosh, Poisson,
//!             MeanAbsolutePercentageError, MeanSquaredLogarithmicError, CosineSimilarity,
//!             PearsonCorrelation, ConcordanceCorrelation;
//!     }
//! }
//! # fn main() -> Result<(), Error> {
//! let samples = WeatherSamples { today: Batch::zeros(2), tomorrow: Batch::from_vec(vec![3.0, 1.0, 1.0, 3.0])? };
//! let values = Trainer::new(Weather::new(1), Adam::default()).evaluate(&samples)?;
//! assert_eq!(values.get("mean_absolute_error"), Some(2.0));
//! assert_eq!(values.get("mean_squared_error"), Some(5.0));
//! # Ok(())
//! # }
//! ```
//!
//! # A metric of one's own
//!
//! The mean overlap of boxes `[left, top, right, bottom]`, intersection over union:
//!
//! ```
//! use net_runtime::metrics::{Mean, Metric};
//! use net_runtime::prelude::*;
//!
//! #[derive(Clone, Copy)]
//! pub struct BoxOverlap;
//!
//! fn area(corners: [f32; 4]) -> f32 {
//!     (corners[2] - corners[0]).max(0.0) * (corners[3] - corners[1]).max(0.0)
//! }
//!
//! impl Metric for BoxOverlap {
//!     type Target = f32;
//!     type State = Mean;
//!     const NAME: &'static str = "box_overlap";
//!
//!     fn update(&self, state: &mut Mean, output: &[f32], target: &[f32], _dims: &[usize]) {
//!         let (Ok(a), Ok(b)) = (<[f32; 4]>::try_from(output), <[f32; 4]>::try_from(target)) else {
//!             return; // A head of another shape has no boxes.
//!         };
//!         let shared = area([a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]);
//!         let union = area(a) + area(b) - shared;
//!         state.add(f64::from(if union > 0.0 { shared / union } else { 0.0 }));
//!     }
//!
//!     fn result(&self, state: &Mean) -> f32 {
//!         state.result()
//!     }
//! }
//!
//! network! {
//!     network Locate(image: [64]) -> (location: [4]) {
//!         let location = image -> Dense(4);
//!         loss location: MeanSquaredError;
//!         metric location: self::BoxOverlap; // one of your own is a path
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! let samples = LocateSamples { image: Batch::zeros(2), location: Batch::zeros(2) };
//! let values = Trainer::new(Locate::new(1), Adam::default()).evaluate(&samples)?;
//! assert_eq!(values.get("box_overlap"), Some(0.0));
//!
//! let mut state = Mean::default();
//! BoxOverlap.update(&mut state, &[0.0, 0.0, 2.0, 1.0], &[1.0, 0.0, 3.0, 1.0], &[4]);
//! BoxOverlap.update(&mut state, &[0.0, 0.0, 1.0, 1.0], &[0.0, 0.0, 1.0, 1.0], &[4]);
//! assert!((BoxOverlap.result(&state) - (1.0 / 3.0 + 1.0) / 2.0).abs() < 1e-6);
//! # Ok(())
//! # }
//! ```

mod accuracy;
mod at_least;
mod auc;
mod binary;
mod confusion;
mod confusion_plot;
mod correlation;
mod errors;
mod f_score;
mod mean;
mod of_classes;
mod of_losses;
mod own;
mod regression;
mod thresholds;
mod top_k;

pub use accuracy::{BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy};
pub use at_least::{PrecisionAtRecall, RecallAtPrecision, SensitivityAtSpecificity, SpecificityAtSensitivity};
pub use auc::{Auc, Curve};
pub use binary::{
    Answers, FalseNegatives, FalsePositives, Precision, Recall, ThresholdAccuracy, TrueNegatives, TruePositives,
};
pub use confusion::ConfusionMatrix;
pub use correlation::{ConcordanceCorrelation, PearsonCorrelation};
pub use errors::{MeanAbsoluteError, MeanSquaredError};
pub use f_score::{Average, F1, FBeta, OfClasses, SparseF1, SparseFBeta};
pub use mean::Mean;
pub use of_classes::{Iou, Mcc, MeanIou, SparseIou, SparseMcc, SparseMeanIou};
pub use of_losses::{
    BinaryCrossentropy, CategoricalCrossentropy, CategoricalHinge, CosineSimilarity, Hinge, KlDivergence, LogCosh,
    MeanAbsolutePercentageError, MeanSquaredLogarithmicError, Poisson, SparseCategoricalCrossentropy, SquaredHinge,
};
pub use own::Own;
pub use regression::{R2, RootMeanSquaredError, Sums};
pub use thresholds::Between;
pub use top_k::{SparseTopK, TopK};

use crate::tensor::element::Element;

/// A metric of one output (a head) of a network. The [module](self#a-metric-of-ones-own) has a full example.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no metric: it does not implement `net_runtime::metrics::Metric`",
    label = "no metric"
)]
pub trait Metric {
    /// What a target is made of: `f32` for targets of the output's shape, `u32` for class numbers, whose shape is the
    /// output's without its last axis.
    type Target: Element;
    /// What is kept of the samples so far; its default is that of no samples.
    type State: Default + Clone + Send;
    /// Its name in a history: Keras's, e.g. `mean_absolute_error`.
    const NAME: &'static str;

    /// Adds one sample: the head's values and the sample's target in row-major order, and the head's shape without the
    /// batch axis.
    fn update(&self, state: &mut Self::State, output: &[f32], target: &[Self::Target], dims: &[usize]);

    /// The value over all samples so far; of none, 0, as in Keras.
    fn result(&self, state: &Self::State) -> f32;

    /// Forgets all samples, before an epoch begins. A state with memory for each class keeps that here, so that it allocates in the
    /// first epoch only.
    fn reset(&self, state: &mut Self::State) {
        *state = Self::State::default();
    }
}

/// Adds a batch of samples to a metric. `dims` is the output's shape.
pub fn update<M: Metric>(metric: &M, state: &mut M::State, dims: &[usize], output: &[f32], targets: &[M::Target]) {
    let len: usize = dims.iter().product();
    let samples = output.len() / len;
    let target_len = targets.len() / samples.max(1);
    for sample in 0..samples {
        metric.update(state, &output[sample * len..][..len], &targets[sample * target_len..][..target_len], dims);
    }
}

/// The rows of an output: length of the last axis, and one for an output without axes.
fn row_length(dims: &[usize]) -> usize {
    dims.last().copied().unwrap_or(1)
}

#[cfg(test)]
mod tests;
