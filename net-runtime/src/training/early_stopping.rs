//! Stopping when a value no longer improves.

use super::callback::{Callback, Control};
use super::logs::{Logs, Number};
use super::monitor::{Direction, Monitor, waiting_setters};
use crate::error::Error;
use crate::network::traits::Network;

/// Stops a run when a value has not improved for some epochs, as Keras's `EarlyStopping` does.
///
/// That it has stopped, and which weights it has put back, is [told](Control::note) and in the history.
///
/// ```
/// # use net_runtime::prelude::*;
/// # fn train<N: Trainable>(trainer: &mut Trainer<N, Adam>, train: &N::Samples, validation: &N::Samples) -> Result<(), Error> {
/// let mut stopping = EarlyStopping::new("val_loss").patience(5).restore_best_weights();
/// let run = trainer.fit(train).epochs(100).validation(validation);
/// let history = run.callback(&mut stopping).run()?;
/// println!("{} epochs, the best was {:?}", history.epochs(), stopping.best_epoch());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct EarlyStopping<N> {
    monitor: Monitor,
    patience: usize,
    baseline: Option<f64>,
    start_from_epoch: usize,
    restore: bool,
    waited: usize,
    best: Option<N>,
    best_epoch: Option<usize>,
    stopped_epoch: Option<usize>,
}

impl<N> EarlyStopping<N> {
    /// Stops at the first epoch without improvement of this value, e.g. `"val_loss"`.
    pub fn new(monitor: impl Into<String>) -> Self {
        Self {
            monitor: Monitor::new(monitor),
            patience: 0,
            baseline: None,
            start_from_epoch: 0,
            restore: false,
            waited: 0,
            best: None,
            best_epoch: None,
            stopped_epoch: None,
        }
    }

    waiting_setters!();

    /// Goes on waiting until the value is better than this, too.
    pub fn baseline(mut self, value: f64) -> Self {
        self.baseline = Some(value);
        self
    }

    /// Does not look at the first epochs of the run at all.
    pub fn start_from_epoch(mut self, epochs: usize) -> Self {
        self.start_from_epoch = epochs;
        self
    }

    /// Puts back the weights of the best epoch when the run ends, whether it was stopped or not, or ends with an error.
    pub fn restore_best_weights(mut self) -> Self {
        self.restore = true;
        self
    }

    /// The best epoch of the last run, from 1.
    pub fn best_epoch(&self) -> Option<usize> {
        self.best_epoch
    }

    /// The epoch after which the last run was stopped, from 1; nothing if it ran to its end.
    pub fn stopped_epoch(&self) -> Option<usize> {
        self.stopped_epoch
    }
}

impl<N: Network> EarlyStopping<N> {
    fn keep(&mut self, epoch: usize, network: &N) {
        self.best_epoch = Some(epoch);
        if self.restore {
            self.best = Some(network.clone());
        }
    }
}

#[diagnostic::do_not_recommend]
impl<N: Network> Callback<N> for EarlyStopping<N> {
    fn on_train_begin(&mut self, names: &[String], _control: &mut Control<'_, N>) -> Result<(), Error> {
        self.waited = 0;
        self.best = None;
        self.best_epoch = None;
        self.stopped_epoch = None;
        self.monitor.forget();
        if let Some(baseline) = self.baseline.filter(|baseline| baseline.is_nan()) {
            return Err(Error::Invalid(format!("`baseline` of EarlyStopping should be a number, but is {baseline}")));
        }
        self.monitor.begin("EarlyStopping", names)
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &Logs, control: &mut Control<'_, N>) -> Result<(), Error> {
        if epoch <= self.start_from_epoch {
            return Ok(());
        }
        let value = self.monitor.value(logs);
        self.waited += 1;
        if self.monitor.is_best(value) {
            self.keep(epoch, control.network());
            if self.baseline.is_none_or(|baseline| self.monitor.improves(value, baseline)) {
                self.waited = 0;
            }
            // Even where the baseline is not reached, Keras never stops at an epoch that is the best so far.
            return Ok(());
        }
        if self.waited >= self.patience {
            self.stopped_epoch = Some(epoch);
            control.stop();
            let epochs = match self.waited {
                1 => "an epoch".to_owned(),
                several => format!("{several} epochs"),
            };
            let beyond = self.baseline.map(|value| format!(" beyond the baseline {value}")).unwrap_or_default();
            let name = self.monitor.name();
            control.note(format!("stopped after epoch {epoch}: no improvement of `{name}`{beyond} for {epochs}"));
        }
        Ok(())
    }

    fn on_train_end(&mut self, control: &mut Control<'_, N>) -> Result<(), Error> {
        if let Some(best) = self.best.take() {
            *control.network_mut() = best;
            if let (Some(epoch), Some(value)) = (self.best_epoch, self.monitor.best()) {
                let name = self.monitor.name();
                control.note(format!(
                    "restored the weights of epoch {epoch}, whose `{name}` was the best: {}",
                    Number(value)
                ));
            }
        }
        Ok(())
    }
}
