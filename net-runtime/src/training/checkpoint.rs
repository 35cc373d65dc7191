//! Saving a network while it trains.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::callback::{Callback, Control};
use super::logs::Logs;
use super::monitor::Direction;
use super::monitor::{Monitor, quoted};
use crate::error::Error;
use crate::io::parameters::save_parameters;
use crate::network::traits::Network;

/// Saves the network whenever a value is the best so far, or every few epochs, as Keras's `ModelCheckpoint` does.
///
/// The file's name may contain `{epoch}`, counted from 1, and the name of any value of the run, with a width or a
/// precision as in `format!`: `{epoch:03}`, `{val_loss:.4}`. A name without either is one file that is replaced each
/// time. Folders that do not exist are made.
///
/// ```
/// # use net_runtime::prelude::*;
/// # fn train<N: Trainable>(trainer: &mut Trainer<N, Adam>, train: &N::Samples, validation: &N::Samples) -> Result<(), Error> {
/// let best = Checkpoint::best("runs/best.safetensors", "val_loss");
/// let all = Checkpoint::every("runs/{epoch:03}-{val_loss:.4}.safetensors", 5).whole_state();
/// trainer.fit(train).epochs(100).validation(validation).callback(best).callback(all).run()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "ModelCheckpoint")]
#[doc(alias = "BackupAndRestore")]
pub struct Checkpoint {
    pattern: String,
    when: When,
    whole_state: bool,
    last: Option<PathBuf>,
}

#[derive(Clone, Debug)]
enum When {
    Best(Monitor),
    Every(usize),
}

impl Checkpoint {
    /// Saves after every epoch in which the value `monitor` is better than in all before.
    ///
    /// All before are those of all runs that the same callback has seen, as with Keras's: given to two runs as `&mut`, it does not
    /// replace the best of the first by a worse one of the second. Another callback with the same file knows nothing of
    /// them, and replaces the file in its first epoch, unless it is told what to [beat](Self::threshold).
    pub fn best(path: impl Into<String>, monitor: impl Into<String>) -> Self {
        Self::new(path.into(), When::Best(Monitor::new(monitor)))
    }

    /// Saves after every epoch whose number is a multiple of `epochs`.
    pub fn every(path: impl Into<String>, epochs: usize) -> Self {
        Self::new(path.into(), When::Every(epochs))
    }

    fn new(pattern: String, when: When) -> Self {
        Self { pattern, when, whole_state: false, last: None }
    }

    /// Which way the watched value improves, where its name does not tell.
    pub fn direction(mut self, direction: Direction) -> Self {
        if let When::Best(monitor) = &mut self.when {
            monitor.direction = direction;
        }
        self
    }

    /// With [`best`](Self::best): saves only what is better than this value, that of a file that is there, for instance. Keras's
    /// `initial_value_threshold`.
    pub fn threshold(mut self, value: f64) -> Self {
        if let When::Best(monitor) = &mut self.when {
            monitor.set_best(value);
        }
        self
    }

    /// Saves all that is needed to go on with the run ([`Trainer::load_state`](super::Trainer::load_state)) instead of
    /// the weights alone.
    pub fn whole_state(mut self) -> Self {
        self.whole_state = true;
        self
    }

    /// The file that the last run saved last.
    pub fn last_saved(&self) -> Option<&Path> {
        self.last.as_deref()
    }
}

#[diagnostic::do_not_recommend]
impl<N: Network> Callback<N> for Checkpoint {
    fn on_train_begin(&mut self, names: &[String], _control: &mut Control<'_, N>) -> Result<(), Error> {
        self.last = None;
        file_name(&self.pattern, 1, &Logs::new(names.into()))?;
        match &mut self.when {
            When::Best(monitor) => monitor.begin("Checkpoint", names),
            When::Every(0) => Err(Error::Invalid("Checkpoint cannot save after every 0 epochs".into())),
            When::Every(_) => Ok(()),
        }
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &Logs, control: &mut Control<'_, N>) -> Result<(), Error> {
        let save = match &mut self.when {
            When::Best(monitor) => {
                let value = monitor.value(logs);
                monitor.is_best(value)
            }
            When::Every(epochs) => epoch.is_multiple_of(*epochs),
        };
        if !save {
            return Ok(());
        }
        let path = PathBuf::from(file_name(&self.pattern, epoch, logs)?);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| Error::Io { path: folder.into(), source })?;
        }
        if self.whole_state {
            control.save_state(&path)?;
        } else {
            save_parameters(control.network(), &path)?;
        }
        self.last = Some(path);
        Ok(())
    }
}

/// The pattern with its placeholders filled in.
fn file_name(pattern: &str, epoch: usize, logs: &Logs) -> Result<String, Error> {
    let mut name = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        name.push_str(before);
        let unfinished = || Error::Invalid(format!("`{{` without `}}` in the file name `{pattern}`"));
        let (placeholder, after) = after.split_once('}').ok_or_else(unfinished)?;
        let filled = fill(placeholder, epoch, logs).ok_or_else(|| {
            Error::Invalid(format!(
                "`{{{placeholder}}}` in the file name `{pattern}` should be `{{epoch}}`, `{{epoch:03}}`, or with a \
                 precision like `{{loss:.4}}` one of {}",
                quoted(logs.names())
            ))
        })?;
        name.push_str(&filled);
        rest = after;
    }
    name.push_str(rest);
    Ok(name)
}

/// More digits than any width or precision that makes a file name.
const MOST_DIGITS: usize = 40;

/// The text for one placeholder; nothing if it makes no sense.
fn fill(placeholder: &str, epoch: usize, logs: &Logs) -> Option<String> {
    let (name, format) = placeholder.split_once(':').unwrap_or((placeholder, ""));
    let digits = |text: &str| text.parse().ok().filter(|&digits: &usize| digits <= MOST_DIGITS);
    let mut text = String::new();
    if name == "epoch" {
        let width = if format.is_empty() { 0 } else { digits(format)? };
        write!(text, "{epoch:0width$}").ok()?;
    } else {
        let precision = if format.is_empty() { 4 } else { digits(format.strip_prefix('.')?)? };
        write!(text, "{:.precision$}", logs.get(name)?).ok()?;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(pattern: &str) -> Result<String, String> {
        let mut logs = Logs::new(["loss".to_owned(), "val_loss".to_owned()].into());
        logs.values_mut().copy_from_slice(&[0.5, 0.123_456]);
        file_name(pattern, 7, &logs).map_err(|error| error.to_string())
    }

    #[test]
    fn placeholders_are_filled_in() {
        assert_eq!(name("best.safetensors").unwrap(), "best.safetensors");
        assert_eq!(name("a/{epoch}-{val_loss}.x").unwrap(), "a/7-0.1235.x");
        assert_eq!(name("{epoch:03}{loss:.2}").unwrap(), "0070.50");
    }

    #[test]
    fn what_is_no_placeholder_is_told_with_those_that_are() {
        assert_eq!(name("a{epoch").unwrap_err(), "`{` without `}` in the file name `a{epoch`");
        for pattern in ["{accuracy}", "{loss:3}", "{epoch:.2}", "{}", "{loss:.99999999}"] {
            let error = name(pattern).unwrap_err();
            assert!(error.starts_with(&format!("`{pattern}` in")) && error.ends_with("`loss`, `val_loss`"), "{error}");
        }
    }
}
