//! What is shown while a network trains.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use super::logs::Logs;

/// What [`fit`](super::Trainer::fit) shows while it runs, on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// A bar on a terminal, one line an epoch elsewhere.
    #[default]
    Auto,
    /// A bar with speed, remaining time and running losses, and a line for each epoch that is done. Without a terminal
    /// the bar itself is left out.
    Bar,
    /// One line an epoch: `epoch  3/20  2.1s  loss 0.1234  accuracy 0.9712`.
    Lines,
    /// Nothing.
    Silent,
}

/// How often the numbers beside the bar change: often enough to look alive, seldom enough to be read and to cost
/// nothing.
const REFRESH: Duration = Duration::from_millis(100);

/// Shows a run.
pub(crate) struct Reporter {
    /// Where lines go; nowhere if silent.
    lines: Option<Box<dyn Write + Send>>,
    bar: Option<Bar>,
    epoch: usize,
    epochs: usize,
    began: Instant,
}

struct Bar {
    shown: ProgressBar,
    refreshed: Option<Instant>,
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
        Self { lines, bar: bar.then(|| Bar::new(samples)), epoch: 0, epochs, began: Instant::now() }
    }

    pub(crate) fn begin_epoch(&mut self, epoch: usize) {
        self.epoch = epoch;
        self.began = Instant::now();
        if let Some(bar) = &mut self.bar {
            // The prefix first: resetting draws the bar.
            bar.shown.set_prefix(counted(epoch, self.epochs));
            bar.shown.set_message("");
            bar.shown.reset();
            bar.refreshed = None;
        }
    }

    /// After a step on so many samples. The losses of the epoch so far are asked for only when they are to be shown.
    pub(crate) fn batch<'l>(&mut self, samples: usize, running: impl FnOnce() -> &'l Logs) {
        if let Some(bar) = &mut self.bar {
            bar.shown.inc(samples as u64);
            if bar.refreshed.is_none_or(|time| time.elapsed() >= REFRESH) {
                bar.shown.set_message(running().to_string());
                bar.refreshed = Some(Instant::now());
            }
        }
    }

    pub(crate) fn begin_validation(&mut self) {
        if let Some(bar) = &mut self.bar {
            bar.shown.set_message("validating");
            bar.shown.tick();
        }
    }

    pub(crate) fn end_epoch(&mut self, logs: &Logs) {
        self.clear();
        if let Some(out) = &mut self.lines {
            let line = format!("{}  {}  {logs}", counted(self.epoch, self.epochs), Time(self.began.elapsed()));
            // Training must not end because nobody reads what it prints.
            let _ = writeln!(out, "{line}");
        }
    }

    fn clear(&mut self) {
        if let Some(bar) = &self.bar {
            bar.shown.finish_and_clear();
        }
    }
}

/// A run that ends with an error leaves no bar behind.
impl Drop for Reporter {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Bar {
    fn new(samples: usize) -> Self {
        let style = ProgressStyle::with_template("{prefix}  {bar:24}  {pos}/{len}  {speed}  {eta} left  {wide_msg}")
            .expect("the template is well-formed")
            .with_key("speed", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{:.0} samples/s", state.pos() as f64 / state.elapsed().as_secs_f64());
            })
            .progress_chars("━╸ ");
        let shown = ProgressBar::new(samples as u64).with_style(style);
        Self { shown, refreshed: None }
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
        let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        let (time, rest) = text.strip_prefix("epoch  3/20  ").unwrap().split_once("  ").unwrap();
        assert!(time.ends_with("ms"), "{text}");
        assert_eq!(rest, "loss 0.1234  accuracy 0.9712  val_loss 2.0000e-5\n");
    }

    #[test]
    fn silence_is_silent_and_a_bar_counts_samples() {
        assert!(Reporter::new(Progress::Silent, 1, 100).lines.is_none());
        let mut reporter = Reporter::new(Progress::Bar, 2, 100);
        reporter.begin_epoch(1);
        let logs = logs();
        reporter.batch(32, || &logs);
        reporter.batch(32, || unreachable!("the numbers do not change so soon"));
        let bar = &reporter.bar.as_ref().unwrap().shown;
        assert_eq!((bar.position(), bar.prefix()), (64, "epoch 1/2".to_owned()));
        assert_eq!(bar.message(), logs.to_string());
    }

    #[test]
    fn times_are_short() {
        let shown = [85, 2_140, 48_900, 187_000, 7_530_000].map(|ms| Time(Duration::from_millis(ms)).to_string());
        assert_eq!(shown, ["85ms", "2.1s", "48s", "3m07s", "2h05m"]);
    }
}
