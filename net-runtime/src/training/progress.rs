//! What is shown while a network trains.

#[cfg(feature = "progress")]
mod bar;
#[cfg(not(feature = "progress"))]
#[path = "progress/no_bar.rs"]
mod bar;

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use self::bar::Bar;
use super::logs::Logs;

/// What [`fit`](super::Trainer::fit) shows while it runs, on standard error.
///
/// ```
/// # use net_runtime::prelude::*;
/// # fn train<N: Trainable>(trainer: &mut Trainer<N, Adam>, samples: &N::Samples) -> Result<(), Error> {
/// trainer.fit(samples).epochs(20).progress(Progress::Lines).run()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// A bar on a terminal, one line an epoch elsewhere.
    #[default]
    Auto,
    /// A bar with speed, remaining time and running losses, and a line for each epoch that is done. Without a terminal,
    /// or the crate's feature `progress`, the bar itself is left out.
    Bar,
    /// One line an epoch: `epoch  3/20  2.1s  loss 0.1234  accuracy 0.9712`.
    Lines,
    /// Nothing.
    Silent,
}

/// Shows a run.
pub(crate) struct Reporter {
    /// Where lines go; nowhere if silent.
    lines: Option<Box<dyn Write + Send>>,
    bar: Option<Bar>,
    epoch: usize,
    epochs: usize,
    began: Instant,
}

impl Reporter {
    /// For a run up to epoch `epochs`, each of so many samples.
    pub(crate) fn new(progress: Progress, epochs: usize, samples: usize) -> Self {
        let bar = match progress {
            Progress::Auto => std::io::stderr().is_terminal(),
            Progress::Bar => true,
            Progress::Lines | Progress::Silent => false,
        };
        let lines = (progress != Progress::Silent).then(|| Box::new(std::io::stderr()) as Box<dyn Write + Send>);
        let bar = if bar { Bar::new(samples) } else { None };
        Self { lines, bar, epoch: 0, epochs, began: Instant::now() }
    }

    pub(crate) fn begin_epoch(&mut self, epoch: usize) {
        self.epoch = epoch;
        self.began = Instant::now();
        if let Some(bar) = &mut self.bar {
            bar.begin_epoch(counted(epoch, self.epochs));
        }
    }

    /// After a step on so many samples. The losses of the epoch so far are asked for only when they are to be shown.
    pub(crate) fn batch<'l>(&mut self, samples: usize, running: impl FnOnce() -> &'l Logs) {
        if let Some(bar) = &mut self.bar {
            bar.advance(samples, || running().to_string());
        }
    }

    pub(crate) fn begin_validation(&mut self) {
        if let Some(bar) = &mut self.bar {
            bar.begin_validation();
        }
    }

    pub(crate) fn end_epoch(&mut self, logs: &Logs) {
        self.clear();
        self.line(&format!("{}  {}  {logs}", counted(self.epoch, self.epochs), Time(self.began.elapsed())));
    }

    /// What a callback tells.
    pub(crate) fn note(&mut self, note: &str) {
        self.line(note);
    }

    fn line(&mut self, line: &str) {
        let Self { lines, bar, .. } = self;
        let mut write = || {
            if let Some(out) = lines {
                // Training must not end because nobody reads what it prints.
                let _ = writeln!(out, "{line}");
            }
        };
        match bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn clear(&mut self) {
        if let Some(bar) = &self.bar {
            bar.clear();
        }
    }
}

/// A run that ends with an error leaves no bar behind.
impl Drop for Reporter {
    fn drop(&mut self) {
        self.clear();
    }
}

/// `epoch  3/20`
fn counted(epoch: usize, epochs: usize) -> String {
    format!("epoch {epoch:>width$}/{epochs}", width = epochs.to_string().len())
}

/// A duration as a person says it: `85ms`, `2.1s`, `48s`, `3m07s`, `2h05m`.
struct Time(Duration);

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.as_secs();
        match self.0.as_millis() {
            millis @ 0..1_000 => write!(f, "{millis}ms"),
            1_000..10_000 => write!(f, "{:.1}s", self.0.as_secs_f64()),
            10_000..60_000 => write!(f, "{seconds}s"),
            60_000..3_600_000 => write!(f, "{}m{:02}s", seconds / 60, seconds % 60),
            _ => write!(f, "{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logs() -> Logs {
        let mut logs = Logs::new(["loss", "accuracy", "val_loss"].map(str::to_owned).into());
        logs.values_mut().copy_from_slice(&[0.12342, 0.97118, 2e-5]);
        logs
    }

    #[test]
    fn one_line_an_epoch() {
        let out = Shared::default();
        let mut reporter = Reporter::new(Progress::Lines, 20, 100);
        reporter.lines = Some(Box::new(out.clone()));
        reporter.begin_epoch(3);
        reporter.batch(32, || unreachable!("no bar, no running losses"));
        reporter.begin_validation();
        reporter.end_epoch(&logs());
        reporter.note("enough");
        let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        let (time, rest) = text.strip_prefix("epoch  3/20  ").unwrap().split_once("  ").unwrap();
        assert!(time.ends_with("ms"), "{text}");
        assert_eq!(rest, "loss 0.1234  accuracy 0.9712  val_loss 2.0000e-5\nenough\n");
    }

    #[test]
    fn silence_is_silent() {
        let mut reporter = Reporter::new(Progress::Silent, 1, 100);
        assert!(reporter.lines.is_none() && reporter.bar.is_none());
        reporter.note("nobody hears it");
    }

    #[test]
    fn a_bar_is_asked_for() {
        assert_eq!(Reporter::new(Progress::Bar, 2, 100).bar.is_some(), cfg!(feature = "progress"));
        assert!(Reporter::new(Progress::Lines, 2, 100).bar.is_none());
    }

    #[test]
    fn times_are_short() {
        let shown = [85, 2_140, 48_900, 187_000, 7_530_000].map(|ms| Time(Duration::from_millis(ms)).to_string());
        assert_eq!(shown, ["85ms", "2.1s", "48s", "3m07s", "2h05m"]);
    }
}
