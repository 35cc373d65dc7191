//! What a training run did, epoch by epoch.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::logs::{Logs, Number};
use crate::error::Error;
use crate::io::replace::replace_file;

/// The losses and metrics of every epoch of a run, under Keras's names (see [`Logs`]).
///
/// It prints as a table, is saved as CSV ([`save_csv`](Self::save_csv)) and drawn as SVG or PNG
/// ([`plot`](Self::plot)). What [`run`](super::Fit::run) returns; the [module](super) has an example.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    network: &'static str,
    names: Arc<[String]>,
    series: Vec<Vec<f64>>,
    first_epoch: usize,
    notes: Vec<String>,
}

impl History {
    /// A run of the network of this name that begins with this epoch, counted from 1.
    pub(crate) fn new(network: &'static str, names: Arc<[String]>, first_epoch: usize) -> Self {
        let series = vec![Vec::new(); names.len()];
        Self { network, names, series, first_epoch, notes: Vec::new() }
    }

    pub(crate) fn push(&mut self, logs: &Logs) {
        for (series, &value) in self.series.iter_mut().zip(logs.values()) {
            series.push(value);
        }
    }

    pub(crate) fn push_note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// What callbacks have [told](super::Control::note), in that order: that
    /// [`EarlyStopping`](super::EarlyStopping) has stopped the run, say.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Name of the network that was trained.
    pub(super) fn network(&self) -> &'static str {
        self.network
    }

    /// Number of epochs that were finished.
    pub fn epochs(&self) -> usize {
        self.series.first().map_or(0, Vec::len)
    }

    /// The numbers of these epochs, from 1, or from [`initial_epoch`](super::Fit::initial_epoch) on.
    pub fn epoch_numbers(&self) -> std::ops::Range<usize> {
        self.first_epoch..self.first_epoch + self.epochs()
    }

    /// The names of all series, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// One value an epoch, e.g. of `"val_loss"`.
    pub fn get(&self, name: &str) -> Option<&[f64]> {
        self.names.iter().position(|other| other == name).map(|index| &*self.series[index])
    }

    /// The value of the last epoch; nothing if no epoch was finished.
    pub fn last(&self, name: &str) -> Option<f64> {
        self.get(name)?.last().copied()
    }

    /// All series with their names, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &[f64])> {
        self.names.iter().map(String::as_str).zip(self.series.iter().map(Vec::as_slice))
    }

    /// Writes a table with one line an epoch: `epoch`, then every series. A file that is there is replaced, at once and
    /// as a whole.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be written.
    #[doc(alias = "CSVLogger")]
    pub fn save_csv(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        replace_file(path.as_ref(), &self.to_csv())
    }

    fn to_csv(&self) -> Vec<u8> {
        let header = std::iter::once("epoch".to_owned()).chain(self.names.iter().map(|name| field(name)));
        let rows = self.epoch_numbers().enumerate().map(|(index, epoch)| {
            let values = self.series.iter().map(move |series| series[index].to_string());
            std::iter::once(epoch.to_string()).chain(values).collect::<Vec<_>>()
        });
        let lines = std::iter::once(header.collect::<Vec<_>>()).chain(rows);
        lines.flat_map(|fields| (fields.join(",") + "\n").into_bytes()).collect()
    }
}

/// A name as a field of CSV (RFC 4180): a metric of one's own may be called anything.
fn field(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

/// Epochs at each end of a long table that are shown.
const SHOWN: usize = 6;

/// One line an epoch, of a long run the first and the last ones; then the notes.
impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let epochs = self.epochs();
        let width = |name: &str| name.len().max(10);
        write!(f, "epoch")?;
        for name in self.names() {
            write!(f, "  {name:>width$}", width = width(name))?;
        }
        for (index, epoch) in self.epoch_numbers().enumerate() {
            if epochs > 2 * SHOWN && index == SHOWN {
                write!(f, "\n  ...")?;
            }
            if epochs > 2 * SHOWN && (SHOWN..epochs - SHOWN).contains(&index) {
                continue;
            }
            write!(f, "\n{epoch:>5}")?;
            for (name, series) in self.iter() {
                write!(f, "  {:>width$}", Number(series[index]), width = width(name))?;
            }
        }
        self.notes.iter().try_for_each(|note| write!(f, "\n{note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(epochs: usize) -> History {
        let names: Arc<[String]> = ["loss".to_owned(), "val_top_k_accuracy".to_owned()].into();
        let mut history = History::new("Toy", Arc::clone(&names), 3);
        let mut logs = Logs::new(names);
        for epoch in 0..epochs {
            logs.values_mut().copy_from_slice(&[1.0 / (epoch + 1) as f64, epoch as f64]);
            history.push(&logs);
        }
        history
    }

    #[test]
    fn series_go_by_name() {
        let history = history(2);
        assert_eq!((history.epochs(), history.epoch_numbers()), (2, 3..5));
        assert_eq!(history.get("loss"), Some(&[1.0, 0.5][..]));
        assert_eq!((history.last("val_top_k_accuracy"), history.last("accuracy")), (Some(1.0), None));
        assert_eq!(History::new("Toy", ["loss".to_owned()].into(), 1).last("loss"), None);
    }

    #[test]
    fn csv_has_every_digit_and_replaces_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.csv");
        std::fs::write(&path, "old").unwrap();
        history(3).save_csv(&path).unwrap();
        let expected = "epoch,loss,val_top_k_accuracy\n3,1,0\n4,0.5,1\n5,0.3333333333333333,2\n";
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        let missing = folder.path().join("missing/history.csv");
        assert!(matches!(history(1).save_csv(&missing), Err(Error::Io { path, .. }) if path == missing));
    }

    #[test]
    fn names_with_commas_and_quotes_stay_one_column() {
        let history = History::new("Toy", ["recall, \"strict\"".to_owned(), "loss".to_owned()].into(), 1);
        assert_eq!(String::from_utf8(history.to_csv()).unwrap(), "epoch,\"recall, \"\"strict\"\"\",loss\n");
    }

    #[test]
    fn the_table_is_aligned_and_short() {
        let expected = "epoch        loss  val_top_k_accuracy\n    3      1.0000              0.0000\n    4      0.5000              1.0000";
        assert_eq!(history(2).to_string(), expected);
        let long = history(40).to_string();
        assert_eq!(long.lines().count(), 1 + SHOWN + 1 + SHOWN);
        assert!(long.lines().last().unwrap().starts_with("   42"), "{long}");
        assert_eq!(history(0).to_string(), "epoch        loss  val_top_k_accuracy");
        let mut noted = history(2);
        noted.push_note("two epochs were enough".to_owned());
        assert_eq!(noted.to_string(), format!("{expected}\ntwo epochs were enough"));
    }
}
