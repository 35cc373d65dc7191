//! Watching one value of a run for improvement.

use super::logs::Logs;
use super::logs::VALIDATION;
use crate::error::Error;

/// Which way a watched value improves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Told by the name: losses, errors and divergences are to fall; accuracies, scores and the like are to rise.
    #[default]
    Auto,
    /// Lower is better.
    Min,
    /// Higher is better.
    Max,
}

/// Endings of names whose values are to fall, and to rise.
const FALLING: [&str; 9] = [
    "loss",
    "error",
    "crossentropy",
    "divergence",
    "hinge",
    "logcosh",
    "poisson",
    "false_positives",
    "false_negatives",
];
const RISING: [&str; 13] = [
    "accuracy",
    "precision",
    "recall",
    "auc",
    "iou",
    "mcc",
    "score",
    "similarity",
    "positives",
    "negatives",
    "sensitivity",
    "specificity",
    "correlation",
];

impl Direction {
    /// What `Auto` means for a value of this name; it stays `Auto` if the name does not tell.
    pub(crate) fn of(self, name: &str) -> Self {
        // A second metric of the same name is `..._1`.
        let kind = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let kind = kind.strip_suffix('_').unwrap_or(name);
        let ends = |endings: &[&str]| endings.iter().any(|ending| kind.ends_with(ending));
        match self {
            Self::Auto if ends(&FALLING) => Self::Min,
            Self::Auto if ends(&RISING) => Self::Max,
            told => told,
        }
    }
}

/// How callbacks that wait for an improvement are configured: their field `monitor`, and how many epochs they wait.
macro_rules! waiting_setters {
    () => {
        /// After how many epochs without improvement.
        pub fn patience(mut self, epochs: usize) -> Self {
            self.patience = epochs;
            self
        }

        /// A change must be larger than this to count as improvement.
        pub fn min_delta(mut self, change: f64) -> Self {
            self.monitor.min_delta = change;
            self
        }

        /// Which way the value improves, where its name does not tell.
        pub fn direction(mut self, direction: Direction) -> Self {
            self.monitor.direction = direction;
            self
        }
    };
}
pub(super) use waiting_setters;

/// A value and the best it has been.
#[derive(Clone, Debug)]
pub(crate) struct Monitor {
    name: String,
    pub(crate) direction: Direction,
    pub(crate) min_delta: f64,
    /// 1 if the value is to fall, -1 if it is to rise: times it, lower is better. Known once a run has begun.
    sign: f64,
    best: Option<f64>,
}

impl Monitor {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), direction: Direction::Auto, min_delta: 0.0, sign: 1.0, best: None }
    }

    /// Begins a run: checks that the value is there and which way it improves. The best value stays until it is
    /// [forgotten](Self::forget).
    pub(crate) fn begin(&mut self, who: &str, names: &[String]) -> Result<(), Error> {
        let name = &self.name;
        if !self.min_delta.is_finite() {
            return Err(Error::Invalid(format!("`min_delta` of {who} should be a number, but is {}", self.min_delta)));
        }
        if !names.contains(name) {
            return Err(Error::Invalid(format!(
                "{who} is to watch `{name}`, but this run has {}{}",
                quoted(names),
                if name.starts_with(VALIDATION) && !names.iter().any(|other| other.starts_with(VALIDATION)) {
                    "; `val_` needs validation data"
                } else {
                    ""
                }
            )));
        }
        self.sign = match self.direction.of(name) {
            Direction::Min => 1.0,
            Direction::Max => -1.0,
            Direction::Auto => {
                return Err(Error::Invalid(format!(
                    "{who} cannot tell from the name whether a higher or a lower `{name}` is better: say \
                     `.direction(Direction::Max)` or `.direction(Direction::Min)`"
                )));
            }
        };
        Ok(())
    }

    /// The next value is the best so far.
    pub(crate) fn forget(&mut self) {
        self.best = None;
    }

    /// Only what is better than this is the best.
    pub(crate) fn set_best(&mut self, value: f64) {
        self.best = Some(value);
    }

    /// What is watched.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The best value of this run.
    pub(crate) fn best(&self) -> Option<f64> {
        self.best
    }

    /// The value of this epoch.
    pub(crate) fn value(&self, logs: &Logs) -> f64 {
        logs.get(&self.name).unwrap_or(f64::NAN)
    }

    /// Whether `value` is better than `reference` by more than the least change that counts. No NaN is better than
    /// anything, and any number is better than a NaN: Keras would take a NaN in the first epoch for the best for good.
    pub(crate) fn improves(&self, value: f64, reference: f64) -> bool {
        if value.is_nan() || reference.is_nan() {
            return !value.is_nan();
        }
        self.sign * value + self.min_delta.abs() < self.sign * reference
    }

    /// Whether this is the best value so far, which is kept then.
    pub(crate) fn is_best(&mut self, value: f64) -> bool {
        let best = self.best.is_none_or(|best| self.improves(value, best));
        if best {
            self.best = Some(value);
        }
        best
    }
}

/// A list for a message: `` `loss`, `accuracy` ``.
pub(crate) fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(name: &str, direction: Direction) -> Result<Monitor, Error> {
        let names = ["loss", "val_class_accuracy", "top_k_categorical_accuracy_1", "beauty"].map(str::to_owned);
        let mut monitor = Monitor { direction, ..Monitor::new(name) };
        monitor.begin("Watcher", &names).map(|()| monitor)
    }

    #[test]
    fn the_name_tells_the_direction() {
        assert!(begun("loss", Direction::Auto).unwrap().improves(1.0, 2.0));
        assert!(begun("loss", Direction::Max).unwrap().improves(2.0, 1.0));
        assert!(begun("val_class_accuracy", Direction::Auto).unwrap().improves(2.0, 1.0));
        assert!(begun("top_k_categorical_accuracy_1", Direction::Auto).unwrap().improves(2.0, 1.0));
        let error = begun("beauty", Direction::Auto).unwrap_err().to_string();
        assert!(error.contains("higher or a lower `beauty`"), "{error}");
    }

    #[test]
    fn an_unknown_name_lists_what_there_is() {
        let error = begun("acc", Direction::Auto).unwrap_err().to_string();
        assert_eq!(
            error,
            "Watcher is to watch `acc`, but this run has `loss`, `val_class_accuracy`, \
             `top_k_categorical_accuracy_1`, `beauty`"
        );
        let error = Monitor::new("val_loss").begin("Watcher", &["loss".to_owned()]).unwrap_err().to_string();
        assert!(error.ends_with("this run has `loss`; `val_` needs validation data"), "{error}");
    }

    #[test]
    fn a_change_must_be_larger_than_the_least_that_counts() {
        let mut monitor = begun("loss", Direction::Auto).unwrap();
        monitor.min_delta = 0.25;
        assert!(!monitor.improves(0.75, 1.0));
        assert!(monitor.improves(0.5, 1.0));
        let mut monitor = begun("val_class_accuracy", Direction::Auto).unwrap();
        monitor.min_delta = -0.25;
        assert!(!monitor.improves(1.25, 1.0), "the sign of the change is of no matter, as in Keras");
    }

    #[test]
    fn a_nan_is_never_the_better_one() {
        let mut monitor = begun("loss", Direction::Auto).unwrap();
        assert!(monitor.is_best(f64::NAN), "nothing else is there yet");
        assert!(monitor.is_best(5.0));
        assert!(!monitor.is_best(f64::NAN));
        assert!(monitor.is_best(4.0));
    }
}
