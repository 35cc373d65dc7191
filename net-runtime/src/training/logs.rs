//! The numbers of one epoch or evaluation, under Keras's names.

use std::fmt;
use std::sync::Arc;

/// What stands before the names of values of the validation.
pub(crate) const VALIDATION: &str = "val_";

/// Losses and metrics by name, in a fixed order: `loss`, then each head's loss (`class_loss`) where several heads have
/// one, then the metrics, and the same again with `val_` in front where there is validation.
///
/// A metric is called as Keras calls it, `accuracy` in a network of one output and `class_accuracy` where there are
/// several; the second of the same name in a head is `class_accuracy_1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Logs {
    names: Arc<[String]>,
    values: Vec<f64>,
}

impl Logs {
    pub(crate) fn new(names: Arc<[String]>) -> Self {
        let values = vec![f64::NAN; names.len()];
        Self { names, values }
    }

    /// The names, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.names.iter().position(|other| other == name).map(|index| self.values[index])
    }

    /// The total loss: the sum of the heads' losses, each times its weight.
    pub fn loss(&self) -> f64 {
        self.values[0]
    }

    /// Names and values, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, f64)> {
        self.names.iter().map(String::as_str).zip(self.values.iter().copied())
    }

    pub(crate) fn shared_names(&self) -> &Arc<[String]> {
        &self.names
    }

    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    pub(crate) fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }
}

/// On one line: `loss 0.1234  accuracy 0.9712`.
impl fmt::Display for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.iter().enumerate() {
            let gap = if index == 0 { "" } else { "  " };
            write!(f, "{gap}{name} {}", Number(value))?;
        }
        Ok(())
    }
}

/// Four digits, where four digits say something: `0.1234`, `12.3456`, `1.2340e-5`.
pub(crate) struct Number(pub f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        let text = if size != 0.0 && size.is_finite() && !(1e-3..1e5).contains(&size) {
            format!("{:.4e}", self.0)
        } else {
            format!("{:.4}", self.0)
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_by_name_and_print_on_one_line() {
        let mut logs = Logs::new(["loss".to_owned(), "accuracy".to_owned(), "val_loss".to_owned()].into());
        logs.values_mut().copy_from_slice(&[0.25, 1.0, 1.5e-5]);
        assert_eq!((logs.loss(), logs.get("accuracy"), logs.get("auc")), (0.25, Some(1.0), None));
        assert_eq!(logs.to_string(), "loss 0.2500  accuracy 1.0000  val_loss 1.5000e-5");
    }

    #[test]
    fn numbers_keep_their_digits() {
        let shown = [0.0, 0.001, 99_999.0, 123_456.0, -2e-9, f64::NAN, f64::INFINITY].map(|v| Number(v).to_string());
        assert_eq!(shown, ["0.0000", "0.0010", "99999.0000", "1.2346e5", "-2.0000e-9", "NaN", "inf"]);
        assert_eq!(format!("{:>8}", Number(1.0)), "  1.0000");
    }
}
