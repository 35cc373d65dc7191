//! A bar on a terminal, drawn by `indicatif`.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// How often the numbers beside the bar change: often enough to look alive, seldom enough to be read and to cost
/// nothing.
const REFRESH: Duration = Duration::from_millis(100);

/// How far an epoch has come.
pub(super) struct Bar {
    shown: ProgressBar,
    refreshed: Option<Instant>,
}

impl Bar {
    /// For epochs of so many samples.
    pub(super) fn new(samples: usize) -> Option<Self> {
        let style = ProgressStyle::with_template("{prefix}  {bar:24}  {pos}/{len}  {speed}  {eta} left  {wide_msg}")
            .expect("the template is well-formed")
            .with_key("speed", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{:.0} samples/s", state.pos() as f64 / state.elapsed().as_secs_f64());
            })
            .progress_chars("━╸ ");
        let shown = ProgressBar::new(samples as u64).with_style(style);
        Some(Self { shown, refreshed: None })
    }

    pub(super) fn begin_epoch(&mut self, name: String) {
        // The prefix first: resetting draws the bar.
        self.shown.set_prefix(name);
        self.shown.set_message("");
        self.shown.reset();
        self.refreshed = None;
    }

    /// So many samples more. What is written beside the bar is asked for only when it is to be shown.
    pub(super) fn advance(&mut self, samples: usize, message: impl FnOnce() -> String) {
        self.shown.inc(samples as u64);
        if self.refreshed.is_none_or(|time| time.elapsed() >= REFRESH) {
            self.shown.set_message(message());
            self.refreshed = Some(Instant::now());
        }
    }

    pub(super) fn begin_validation(&mut self) {
        self.shown.set_message("validating");
        self.shown.tick();
    }

    /// Does something while the bar is out of the way.
    pub(super) fn suspend(&self, work: impl FnOnce()) {
        self.shown.suspend(work);
    }

    pub(super) fn clear(&self) {
        self.shown.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_counts_samples() {
        let mut bar = Bar::new(100).unwrap();
        bar.begin_epoch("epoch 1/2".to_owned());
        bar.advance(32, || "loss 0.1234".to_owned());
        bar.advance(32, || unreachable!("the numbers do not change so soon"));
        assert_eq!((bar.shown.position(), bar.shown.prefix()), (64, "epoch 1/2".to_owned()));
        assert_eq!(bar.shown.message(), "loss 0.1234");
        bar.begin_epoch("epoch 2/2".to_owned());
        assert_eq!((bar.shown.position(), bar.shown.message()), (0, String::new()));
    }
}
