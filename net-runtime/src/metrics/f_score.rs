//! The harmonic mean of precision and recall.

use super::{Metric, row_length};

/// How the classes are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Average {
    /// The mean of the classes' scores, so that rare ones count as much as others.
    #[default]
    Macro,
    /// The score of all classes together.
    Micro,
    /// The mean of the classes' scores, each weighed by how often it is there.
    Weighted,
}

/// `2·precision·recall / (precision + recall)` of the elements of the last axis, for one-hot or yes-or-no targets. Keras's `F1Score`,
/// whose own default gives a score for each class.
///
/// In `network!`: `F1(average = macro, threshold = none)` or `micro`, `weighted`; the example is at [classes](crate::metrics#classes).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[doc(alias = "F1Score")]
pub struct F1 {
    /// How the classes are put together.
    pub average: Average,
    /// An output above it is a yes; without one, the largest of a row is, all of them if several are. With rows of one element, it is
    /// one half where nothing is said.
    pub threshold: Option<f32>,
}

/// [`F1`] for class numbers.
///
/// In `network!`: `F1(average = macro, threshold = none)`; the example is at [classes](crate::metrics#classes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SparseF1 {
    /// How the classes are put together.
    pub average: Average,
}

/// `(1 + beta²)·precision·recall / (beta²·precision + recall)` of the elements of the last axis, for one-hot or yes-or-no targets: a
/// recall counts `beta` times as much as a precision. Keras's `FBetaScore`, whose own default gives a score for each class.
///
/// In `network!`: `FBeta(beta = 1.0, average = macro, threshold = none)`; the example is at [classes](crate::metrics#classes).
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "FBetaScore")]
pub struct FBeta {
    /// Above 0.
    pub beta: f32,
    /// How the classes are put together.
    pub average: Average,
    /// That of [`F1`].
    pub threshold: Option<f32>,
}

/// [`FBeta`] for class numbers.
///
/// In `network!`: `FBeta(beta = 1.0, average = macro, threshold = none)`; the example is at [classes](crate::metrics#classes).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SparseFBeta {
    /// Above 0.
    pub beta: f32,
    /// How the classes are put together.
    pub average: Average,
}

/// True positives, false positives and false negatives of each class; targets may be shares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OfClasses {
    counts: Vec<[f64; 3]>,
}

/// As in Keras, what keeps quotients finite.
const EPSILON: f64 = 1e-7;

impl OfClasses {
    /// Adds a row; `target` gives the target of each class.
    fn add(&mut self, threshold: Option<f32>, row: &[f32], target: impl Fn(usize) -> f32) {
        self.counts.resize(row.len(), [0.0; 3]);
        let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for (class, (counts, &y)) in self.counts.iter_mut().zip(row).enumerate() {
            let found = match threshold {
                Some(threshold) => y > threshold,
                // Keras makes sure that a row of zeros finds nothing.
                None => y >= largest && y.abs() > 1e-9,
            };
            let t = f64::from(target(class));
            if found {
                counts[0] += t;
                counts[1] += 1.0 - t;
            } else {
                counts[2] += t;
            }
        }
    }

    /// Adds rows of one-hot or yes-or-no targets.
    fn add_numbers(&mut self, threshold: Option<f32>, output: &[f32], target: &[f32], dims: &[usize]) {
        let length = row_length(dims);
        let threshold = threshold.or((length == 1).then_some(0.5));
        for (row, target) in output.chunks_exact(length).zip(target.chunks_exact(length)) {
            self.add(threshold, row, |class| target[class]);
        }
    }

    /// Adds rows of class numbers.
    fn add_classes(&mut self, output: &[f32], target: &[u32], dims: &[usize]) {
        for (row, &class) in output.chunks_exact(row_length(dims)).zip(target) {
            self.add(None, row, |other| if other == class as usize { 1.0 } else { 0.0 });
        }
    }

    fn result(&self, average: Average, beta: f32) -> f32 {
        let squared = f64::from(beta) * f64::from(beta);
        let score = |[right, wrong, missed]: [f64; 3]| {
            let (precision, recall) = (right / (right + wrong + EPSILON), right / (right + missed + EPSILON));
            (1.0 + squared) * precision * recall / (squared * precision + recall + EPSILON)
        };
        let scores = self.counts.iter().map(|&counts| score(counts));
        let score = match average {
            Average::Macro => scores.sum::<f64>() / self.counts.len().max(1) as f64,
            Average::Micro => {
                let add = |sums: [f64; 3], counts: &[f64; 3]| std::array::from_fn(|of| sums[of] + counts[of]);
                score(self.counts.iter().fold([0.0; 3], add))
            }
            Average::Weighted => {
                let there = |counts: &[f64; 3]| counts[0] + counts[2];
                let all: f64 = self.counts.iter().map(there).sum();
                scores.zip(&self.counts).map(|(score, counts)| score * there(counts) / (all + EPSILON)).sum()
            }
        };
        score as f32
    }
}

macro_rules! score_metric {
    ($metric:ident, $target:ty, $name:literal, |$self:ident, $state:ident, $output:ident, $target_of:ident, $dims:ident| $add:expr, $beta:expr) => {
        impl Metric for $metric {
            type Target = $target;
            type State = OfClasses;
            const NAME: &'static str = $name;

            fn update(&$self, $state: &mut OfClasses, $output: &[f32], $target_of: &[$target], $dims: &[usize]) {
                $add;
            }

            fn result(&$self, state: &OfClasses) -> f32 {
                state.result($self.average, $beta)
            }

            fn reset(&self, state: &mut OfClasses) {
                state.counts.fill([0.0; 3]);
            }
        }
    };
}

score_metric!(
    F1,
    f32,
    "f1_score",
    |self, state, output, target, dims| state.add_numbers(self.threshold, output, target, dims),
    1.0
);
score_metric!(
    SparseF1,
    u32,
    "f1_score",
    |self, state, output, target, dims| state.add_classes(output, target, dims),
    1.0
);
score_metric!(
    FBeta,
    f32,
    "fbeta_score",
    |self, state, output, target, dims| state.add_numbers(self.threshold, output, target, dims),
    self.beta
);
score_metric!(
    SparseFBeta,
    u32,
    "fbeta_score",
    |self, state, output, target, dims| state.add_classes(output, target, dims),
    self.beta
);
