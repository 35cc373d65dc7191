//! Smaller steps when a value no longer improves.

use super::callback::{Callback, Control};
use super::logs::Logs;
use super::monitor::{Direction, Monitor, waiting_setters};
use crate::error::Error;
use crate::network::traits::Network;

/// Multiplies the learning rate by a factor when a value has not improved for some epochs, as Keras's `ReduceLROnPlateau` does.
///
/// The optimizer's learning rate has to be a number; one with a schedule is an error. What it becomes is
/// [told](Control::note) and in the history.
///
/// ```
/// # use net_runtime::prelude::*;
/// # fn train<N: Trainable>(trainer: &mut Trainer<N, Adam>, train: &N::Samples, validation: &N::Samples) -> Result<(), Error> {
/// let slower = ReduceLrOnPlateau::new("val_loss").factor(0.2).patience(5).min_rate(1e-5);
/// let history = trainer.fit(train).epochs(100).validation(validation).callback(slower).run()?;
/// println!("{:?}", history.notes()); // when it became what
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "ReduceLROnPlateau")]
pub struct ReduceLrOnPlateau {
    monitor: Monitor,
    factor: f32,
    patience: usize,
    cooldown: usize,
    min_rate: f32,
    waited: usize,
    cooling: usize,
}

impl ReduceLrOnPlateau {
    /// With Keras's defaults: a tenth after ten epochs in which the value, e.g. `"val_loss"`, has not improved by 1e-4.
    pub fn new(monitor: impl Into<String>) -> Self {
        let mut monitor = Monitor::new(monitor);
        monitor.min_delta = 1e-4;
        Self { monitor, factor: 0.1, patience: 10, cooldown: 0, min_rate: 0.0, waited: 0, cooling: 0 }
    }

    /// What the learning rate is multiplied by, above 0 and below 1.
    pub fn factor(mut self, factor: f32) -> Self {
        self.factor = factor;
        self
    }

    waiting_setters!();

    /// So many epochs after a reduction do not count.
    pub fn cooldown(mut self, epochs: usize) -> Self {
        self.cooldown = epochs;
        self
    }

    /// The learning rate becomes no smaller than this.
    pub fn min_rate(mut self, rate: f32) -> Self {
        self.min_rate = rate;
        self
    }
}

#[diagnostic::do_not_recommend]
impl<N: Network> Callback<N> for ReduceLrOnPlateau {
    fn on_train_begin(&mut self, names: &[String], control: &mut Control<'_, N>) -> Result<(), Error> {
        (self.waited, self.cooling) = (0, 0);
        self.monitor.forget();
        let factor = self.factor;
        if !(factor > 0.0 && factor < 1.0) {
            let text = format!("`factor` of ReduceLrOnPlateau should be above 0 and below 1, but is {factor}");
            return Err(Error::Invalid(text));
        }
        if control.constant_learning_rate().is_none() {
            let text = "ReduceLrOnPlateau changes a learning rate that is a number, but this optimizer has a schedule";
            return Err(Error::Invalid(text.into()));
        }
        self.monitor.begin("ReduceLrOnPlateau", names)
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &Logs, control: &mut Control<'_, N>) -> Result<(), Error> {
        let value = self.monitor.value(logs);
        if self.cooling > 0 {
            self.cooling -= 1;
            self.waited = 0;
        }
        if self.monitor.is_best(value) {
            self.waited = 0;
            return Ok(());
        }
        if self.cooling > 0 {
            return Ok(());
        }
        self.waited += 1;
        let Some(rate) = control.constant_learning_rate().filter(|&rate| rate > self.min_rate) else { return Ok(()) };
        if self.waited >= self.patience {
            // In `f64`, as in Keras.
            let reduced = ((f64::from(rate) * f64::from(self.factor)) as f32).max(self.min_rate);
            control.set_learning_rate(reduced);
            control.note(format!(
                "learning rate {reduced} from epoch {} on: `{}` no longer improves",
                epoch + 1,
                self.monitor.name()
            ));
            (self.cooling, self.waited) = (self.cooldown, 0);
        }
        Ok(())
    }
}
