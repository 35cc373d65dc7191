//! Answers of yes and no against a threshold.

use super::Metric;
use super::accuracy::share;
use super::mean::Mean;

/// How many answers of yes and no were right, and wrong in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    true_positives: u64,
    false_positives: u64,
    false_negatives: u64,
    true_negatives: u64,
}

impl Answers {
    /// Of outputs above the threshold, and targets that are not 0.
    fn add(&mut self, threshold: f32, output: &[f32], target: &[f32]) {
        for (&y, &t) in output.iter().zip(target) {
            *match (y > threshold, t != 0.0) {
                (true, true) => &mut self.true_positives,
                (true, false) => &mut self.false_positives,
                (false, true) => &mut self.false_negatives,
                (false, false) => &mut self.true_negatives,
            } += 1;
        }
    }

    /// The first as a share of both; of none, 0.
    fn of(part: u64, rest: u64) -> f32 {
        if part == 0 { 0.0 } else { (part as f64 / (part + rest) as f64) as f32 }
    }
}

macro_rules! counted {
    ($(#[$doc:meta])* $metric:ident, $name:literal, |$answers:ident| $result:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $metric {
            /// An output above it is a yes.
            pub threshold: f32,
        }

        impl Default for $metric {
            fn default() -> Self {
                Self { threshold: 0.5 }
            }
        }

        impl Metric for $metric {
            type Target = f32;
            type State = Answers;
            const NAME: &'static str = $name;

            fn update(&self, state: &mut Answers, output: &[f32], target: &[f32], _dims: &[usize]) {
                state.add(self.threshold, output, target);
            }

            fn result(&self, $answers: &Answers) -> f32 {
                $result
            }
        }
    };
}

counted! {
    /// The share of right ones among the answers yes, of all elements. As Keras's `Precision`: a target counts as yes unless it is 0.
    ///
    /// In `network!`: `Precision(threshold = 0.5)`; the example is at [yes and no](crate::metrics#yes-and-no).
    Precision, "precision", |answers| Answers::of(answers.true_positives, answers.false_positives)
}

counted! {
    /// The share of answers yes among the targets yes, of all elements. As Keras's `Recall`: a target counts as yes unless it is 0.
    ///
    /// In `network!`: `Recall(threshold = 0.5)`; the example is at [yes and no](crate::metrics#yes-and-no).
    Recall, "recall", |answers| Answers::of(answers.true_positives, answers.false_negatives)
}

counted! {
    /// The number of elements that are yes and were found to be. Keras's `TruePositives`.
    ///
    /// In `network!`: `TruePositives(threshold = 0.5)`; the example is at [yes and no](crate::metrics#yes-and-no).
    TruePositives, "true_positives", |answers| answers.true_positives as f32
}

counted! {
    /// The number of elements that are no and were found to be yes. Keras's `FalsePositives`.
    ///
    /// In `network!`: `FalsePositives(threshold = 0.5)`; the example is at [yes and no](crate::metrics#yes-and-no).
    FalsePositives, "false_positives", |answers| answers.false_positives as f32
}

counted! {
    /// The number of elements that are yes and were found to be no. Keras's `FalseNegatives`.
    ///
    /// In `network!`: `FalseNegatives(threshold = 0.5)`; the example is at [yes and no](crate::metrics#yes-and-no).
    FalseNegatives, "false_negatives", |answers| answers.false_negatives as f32
}

counted! {
    /// The number of elements that are no and were found to be. Keras's `TrueNegatives`.
    ///
    /// In `network!`: `TrueNegatives(threshold = 0.5)`; the example is at [yes and no](crate::metrics#yes-and-no).
    TrueNegatives, "true_negatives", |answers| answers.true_negatives as f32
}

/// The share of elements where the target (0 or 1) says whether the output is above the threshold. Keras's `BinaryAccuracy` under its
/// own name.
///
/// In `network!`: `BinaryAccuracy(threshold = 0.5)`; the example is at [yes and no](crate::metrics#yes-and-no).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThresholdAccuracy {
    /// An output above it is a yes.
    pub threshold: f32,
}

impl Metric for ThresholdAccuracy {
    type Target = f32;
    type State = Mean;
    const NAME: &'static str = "binary_accuracy";

    fn update(&self, state: &mut Mean, output: &[f32], target: &[f32], _dims: &[usize]) {
        for (&y, &t) in output.iter().zip(target) {
            let answer = if y > self.threshold { 1.0 } else { 0.0 };
            state.add(share(answer == t));
        }
    }

    fn result(&self, state: &Mean) -> f32 {
        state.result()
    }
}
