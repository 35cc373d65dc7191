//! Which classes are taken for which.

use std::fmt;

use super::row_length;
use crate::error::Error;
use crate::tensor::argmax::argmax;
use crate::tensor::batch::Batch;
use crate::tensor::shape::Shape;

/// How often each class was predicted for each: row by row the actual classes, column by column the predicted ones. It prints
/// as a table.
///
/// ```
/// # use net_runtime::prelude::*;
/// # use net_runtime::metrics::ConfusionMatrix;
/// let predicted: Batch<Shape1<3>> = Batch::from_vec(vec![0.7, 0.2, 0.1, 0.1, 0.3, 0.6, 0.2, 0.1, 0.7])?;
/// let actual: Batch<Shape0, u32> = Batch::from_vec(vec![0, 1, 2])?;
/// let matrix = ConfusionMatrix::of(&predicted, &actual)?.with_names(["cat", "dog", "owl"]);
/// assert_eq!(matrix.count(1, 2), 1);
/// let table = [
///     "              cat     dog     owl  recall",
///     "      cat       1       0       0  1.0000",
///     "      dog       0       0       1  0.0000",
///     "      owl       0       0       1  1.0000",
///     "precision  1.0000  0.0000  0.5000  accuracy 0.6667",
/// ];
/// assert_eq!(matrix.to_string().lines().collect::<Vec<_>>(), table);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[doc(alias = "confusion_matrix")]
pub struct ConfusionMatrix {
    classes: usize,
    counts: Vec<u64>,
    names: Vec<String>,
}

impl ConfusionMatrix {
    /// Of so many classes, before the first answer.
    pub fn new(classes: usize) -> Self {
        Self { classes, counts: vec![0; classes.saturating_mul(classes)], names: Vec::new() }
    }

    /// Of outputs, whose largest element along the last axis is the predicted class, and class numbers.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if there are not as many class numbers as rows of the outputs, or one is no class.
    pub fn of<S: Shape, T: Shape>(outputs: &Batch<S>, targets: &Batch<T, u32>) -> Result<Self, Error> {
        let classes = row_length(S::DIMS);
        let rows = outputs.data().chunks_exact(classes);
        if rows.len() != targets.data().len() {
            return Err(Error::Invalid(format!(
                "a confusion matrix needs a class number for each of the {} rows of the outputs, but has {}",
                rows.len(),
                targets.data().len()
            )));
        }
        let mut matrix = Self::new(classes);
        for (index, (row, &class)) in rows.zip(targets.data()).enumerate() {
            if class as usize >= classes {
                return Err(Error::Invalid(format!(
                    "row {index} has class {class}, but there are {classes} classes, counted from 0"
                )));
            }
            matrix.add(class as usize, argmax(row));
        }
        Ok(matrix)
    }

    /// Of outputs and one-hot targets, whose largest elements along the last axis are the predicted and the actual class.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if there are not as many targets as outputs.
    pub fn of_one_hot<S: Shape>(outputs: &Batch<S>, targets: &Batch<S>) -> Result<Self, Error> {
        if outputs.len() != targets.len() {
            return Err(Error::Invalid(format!(
                "a confusion matrix needs a target for each of the {} outputs, but has {}",
                outputs.len(),
                targets.len()
            )));
        }
        let classes = row_length(S::DIMS);
        let mut matrix = Self::new(classes);
        let rows = outputs.data().chunks_exact(classes).zip(targets.data().chunks_exact(classes));
        rows.for_each(|(row, target)| matrix.add(argmax(target), argmax(row)));
        Ok(matrix)
    }

    /// Names of the classes, for printing.
    pub fn with_names<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.names = names.into_iter().map(Into::into).collect();
        self
    }

    /// Adds an answer. One that is beyond the classes is not counted.
    pub fn add(&mut self, actual: usize, predicted: usize) {
        if actual < self.classes && predicted < self.classes {
            self.counts[actual * self.classes + predicted] += 1;
        }
    }

    /// Makes it one of so many classes if it is of none yet.
    pub(super) fn reserve(&mut self, classes: usize) {
        if self.classes != classes {
            *self = Self::new(classes);
        }
    }

    /// No answers, in the same memory.
    pub(super) fn reset(&mut self) {
        self.counts.fill(0);
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How often a class was predicted for an actual one.
    ///
    /// # Panics
    ///
    /// If one is no class.
    pub fn count(&self, actual: usize, predicted: usize) -> u64 {
        assert!(actual < self.classes && predicted < self.classes, "a class is below {}", self.classes);
        self.counts[actual * self.classes + predicted]
    }

    /// How often a class was the actual one.
    pub fn actual(&self, class: usize) -> u64 {
        (0..self.classes).map(|predicted| self.count(class, predicted)).sum()
    }

    /// How often a class was predicted.
    pub fn predicted(&self, class: usize) -> u64 {
        (0..self.classes).map(|actual| self.count(actual, class)).sum()
    }

    /// Number of answers.
    pub fn answers(&self) -> u64 {
        self.counts.iter().sum()
    }

    fn right(&self) -> u64 {
        (0..self.classes).map(|class| self.count(class, class)).sum()
    }

    /// The share of answers that are right; of none, 0.
    pub fn accuracy(&self) -> f64 {
        share(self.right(), self.answers())
    }

    /// The share of right ones among the answers that predicted a class; of none, 0.
    pub fn precision(&self, class: usize) -> f64 {
        share(self.count(class, class), self.predicted(class))
    }

    /// The share of answers that predicted a class where it was; of none, 0.
    pub fn recall(&self, class: usize) -> f64 {
        share(self.count(class, class), self.actual(class))
    }

    /// The mean, over the classes that were actual or predicted, of what was both over what was either: Keras's `MeanIoU`. Of
    /// none, 0.
    pub fn mean_iou(&self) -> f64 {
        self.mean_iou_of(0..self.classes)
    }

    /// The same over some classes only: Keras's `IoU`. One that is none is left out, too.
    pub fn mean_iou_of(&self, classes: impl IntoIterator<Item = usize>) -> f64 {
        let classes = classes.into_iter().filter(|class| *class < self.classes);
        let unions = classes.map(|class| {
            let both = self.count(class, class);
            (both, self.actual(class) + self.predicted(class) - both)
        });
        let (sum, classes) = unions
            .filter(|&(_, union)| union > 0)
            .fold((0.0, 0), |(sum, classes), (both, union)| (sum + both as f64 / union as f64, classes + 1));
        if classes == 0 { 0.0 } else { sum / f64::from(classes) }
    }

    /// Matthews's correlation coefficient, for any number of classes (Gorodkin 2004): 1 if all answers are right, about 0 for
    /// guesses, however rare classes are. 0 where there is only one actual class, or only one predicted.
    pub fn mcc(&self) -> f64 {
        let (right, all) = (self.right() as f64, self.answers() as f64);
        let (mut both, mut squared_actual, mut squared_predicted) = (0.0, 0.0, 0.0);
        for class in 0..self.classes {
            let (actual, predicted) = (self.actual(class) as f64, self.predicted(class) as f64);
            both += actual * predicted;
            squared_actual += actual * actual;
            squared_predicted += predicted * predicted;
        }
        let spread = (all * all - squared_actual) * (all * all - squared_predicted);
        if spread <= 0.0 { 0.0 } else { (right * all - both) / spread.sqrt() }
    }

    pub(super) fn name(&self, class: usize) -> String {
        self.names.get(class).cloned().unwrap_or_else(|| class.to_string())
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// What an edge is called, whose width is the first column's least.
        const PRECISION: &str = "precision";
        let names: Vec<String> = (0..self.classes).map(|class| self.name(class)).collect();
        let first = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(PRECISION.len());
        // A column has room for its name, its numbers and its precision.
        let widths: Vec<usize> = (0..self.classes)
            .map(|class| {
                let largest = (0..self.classes).map(|actual| self.count(actual, class)).max().unwrap_or(0);
                names[class].chars().count().max(largest.to_string().len()).max("0.0000".len())
            })
            .collect();
        write!(f, "{:first$}", "")?;
        for (name, &width) in names.iter().zip(&widths) {
            write!(f, "  {name:>width$}")?;
        }
        writeln!(f, "  recall")?;
        for (actual, name) in names.iter().enumerate() {
            write!(f, "{name:>first$}")?;
            for (predicted, &width) in widths.iter().enumerate() {
                write!(f, "  {:>width$}", self.count(actual, predicted))?;
            }
            writeln!(f, "  {:.4}", self.recall(actual))?;
        }
        write!(f, "{PRECISION:>first$}")?;
        for (class, &width) in widths.iter().enumerate() {
            write!(f, "  {:>width$.4}", self.precision(class))?;
        }
        writeln!(f, "  accuracy {:.4}", self.accuracy())
    }
}
