//! What a program can do between the steps of a training run.

use std::path::Path;

use super::logs::Logs;
use crate::error::Error;
use crate::network::traits::Network;
use crate::optimizers::schedule::Schedule;
use crate::optimizers::settings::Settings;

/// Code that [`fit`](super::Trainer::fit) calls at the turns of a run.
///
/// Every function does nothing unless it is written; an error ends the run and is what
/// [`run`](super::Fit::run) returns. Epochs and batches are counted from 1.
///
/// ```
/// use net_runtime::prelude::*;
///
/// /// Stops as soon as the loss is low enough.
/// struct GoodEnough(f64);
///
/// impl<N: Network> Callback<N> for GoodEnough {
///     fn on_epoch_end(&mut self, epoch: usize, logs: &Logs, control: &mut Control<'_, N>) -> Result<(), Error> {
///         if logs.loss() < self.0 {
///             control.note(format!("epoch {epoch} is good enough"));
///             control.stop();
///         }
///         Ok(())
///     }
/// }
///
/// network! {
///     network Double(x: [1]) -> (y: [1]) {
///         let y = x -> Dense(1);
///         loss y: MeanSquaredError;
///     }
/// }
///
/// # fn main() -> Result<(), Error> {
/// let samples = DoubleSamples { x: Batch::from_vec(vec![-1.0, 1.0])?, y: Batch::from_vec(vec![-2.0, 2.0])? };
/// let mut trainer = Trainer::new(Double::new(1), Sgd::new(0.1));
/// let history = trainer.fit(&samples).epochs(1_000).callback(GoodEnough(0.01)).silent().run()?;
/// assert!(history.epochs() < 1_000 && history.notes()[0].ends_with("is good enough"));
/// # Ok(())
/// # }
/// ```
///
/// One that is given as `&mut` can be asked afterwards what it saw. A closure is one, too, by
/// [`on_epoch_end`](super::Fit::on_epoch_end).
#[diagnostic::on_unimplemented(message = "`{Self}` is no `Callback<{N}>`")]
pub trait Callback<N: Network> {
    /// Before the first epoch. `names` is what the [`Logs`] of every epoch will hold.
    ///
    /// # Errors
    ///
    /// If the callback cannot do its work in this run.
    fn on_train_begin(&mut self, names: &[String], control: &mut Control<'_, N>) -> Result<(), Error> {
        let _ = (names, control);
        Ok(())
    }

    /// Before the first batch of an epoch.
    ///
    /// # Errors
    ///
    /// If the callback wants to end the run with an error.
    fn on_epoch_begin(&mut self, epoch: usize, control: &mut Control<'_, N>) -> Result<(), Error> {
        let _ = (epoch, control);
        Ok(())
    }

    /// After each training step. `logs` are the losses and metrics of this epoch so far, without validation.
    ///
    /// # Errors
    ///
    /// If the callback wants to end the run with an error.
    fn on_batch_end(&mut self, batch: usize, logs: &Logs, control: &mut Control<'_, N>) -> Result<(), Error> {
        let _ = (batch, logs, control);
        Ok(())
    }

    /// After an epoch and its validation.
    ///
    /// # Errors
    ///
    /// If the callback wants to end the run with an error.
    fn on_epoch_end(&mut self, epoch: usize, logs: &Logs, control: &mut Control<'_, N>) -> Result<(), Error> {
        let _ = (epoch, logs, control);
        Ok(())
    }

    /// At the end of a run that has begun for this callback: after the last epoch, and also after an error, be it of a
    /// step or of a callback.
    ///
    /// # Errors
    ///
    /// If the callback wants the run to return an error. The other callbacks still hear of the end, and of several errors
    /// of a run the first is returned.
    fn on_train_end(&mut self, control: &mut Control<'_, N>) -> Result<(), Error> {
        let _ = control;
        Ok(())
    }
}

/// What [`Fit::callback`](super::Fit::callback) takes, which is every [`Callback`]: a trait of its own, so that the message for what
/// is none says where a closure goes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `Callback<{N}>`; a closure goes into `.on_epoch_end(|epoch, logs, control| Ok(()))`"
)]
pub trait IntoCallback<N: Network> {
    /// The callback.
    fn boxed<'a>(self) -> Box<dyn Callback<N> + Send + 'a>
    where
        Self: Send + 'a;
}

#[diagnostic::do_not_recommend]
impl<N: Network, C: Callback<N>> IntoCallback<N> for C {
    fn boxed<'a>(self) -> Box<dyn Callback<N> + Send + 'a>
    where
        Self: Send + 'a,
    {
        Box::new(self)
    }
}

/// A callback that is borrowed, so that it can be asked afterwards what it saw.
#[diagnostic::do_not_recommend]
impl<N: Network, C: Callback<N> + ?Sized> Callback<N> for &mut C {
    fn on_train_begin(&mut self, names: &[String], control: &mut Control<'_, N>) -> Result<(), Error> {
        (**self).on_train_begin(names, control)
    }

    fn on_epoch_begin(&mut self, epoch: usize, control: &mut Control<'_, N>) -> Result<(), Error> {
        (**self).on_epoch_begin(epoch, control)
    }

    fn on_batch_end(&mut self, batch: usize, logs: &Logs, control: &mut Control<'_, N>) -> Result<(), Error> {
        (**self).on_batch_end(batch, logs, control)
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &Logs, control: &mut Control<'_, N>) -> Result<(), Error> {
        (**self).on_epoch_end(epoch, logs, control)
    }

    fn on_train_end(&mut self, control: &mut Control<'_, N>) -> Result<(), Error> {
        (**self).on_train_end(control)
    }
}

/// What callbacks may ask of the trainer, whatever its optimizer is.
pub(crate) trait Session<N> {
    fn network(&self) -> &N;
    fn network_mut(&mut self) -> &mut N;
    fn save_state(&self, path: &Path) -> Result<(), Error>;
    fn optimizer_settings(&self) -> &Settings;
    fn optimizer_settings_mut(&mut self) -> &mut Settings;
}

/// How a run goes on, between the run and its callbacks.
#[derive(Default)]
pub(crate) struct Course {
    /// Whether a callback wants it to end.
    pub(crate) stop: bool,
    /// Whether an epoch has begun to train and is not finished; after an error within it, it never is.
    pub(crate) within_epoch: bool,
    /// What callbacks have said and nobody has told yet.
    pub(crate) notes: Vec<String>,
}

/// The run as a [`Callback`] may touch it.
pub struct Control<'a, N> {
    session: &'a mut dyn Session<N>,
    course: &'a mut Course,
}

impl<'a, N: Network> Control<'a, N> {
    pub(crate) fn new(session: &'a mut dyn Session<N>, course: &'a mut Course) -> Self {
        Self { session, course }
    }

    /// The network with its weights of now.
    pub fn network(&self) -> &N {
        self.session.network()
    }

    /// The network, for changing its weights.
    pub fn network_mut(&mut self) -> &mut N {
        self.session.network_mut()
    }

    /// The optimizer's learning rate if it is a number, and not a schedule.
    pub fn constant_learning_rate(&self) -> Option<f32> {
        match self.session.optimizer_settings().learning_rate {
            Schedule::Constant(rate) => Some(rate),
            _ => None,
        }
    }

    /// Gives the optimizer another learning rate, or another schedule, from the next step on. A schedule goes on with the step that
    /// the training has come to.
    #[doc(alias = "LearningRateScheduler")]
    pub fn set_learning_rate(&mut self, rate: impl Into<Schedule>) {
        self.session.optimizer_settings_mut().learning_rate = rate.into();
    }

    /// Ends the run: after this batch within an epoch (validation still runs, and the epoch counts), else at once. An
    /// epoch that is stopped in [`on_epoch_begin`](Callback::on_epoch_begin) is not trained and does not count.
    pub fn stop(&mut self) {
        self.course.stop = true;
    }

    /// Tells something about the run: a line among those of the epochs (see [`Progress`](super::Progress)), which the
    /// [`History`](super::History) keeps.
    pub fn note(&mut self, text: impl Into<String>) {
        self.course.notes.push(text.into());
    }

    /// Saves all that is needed to go on with the run later (see [`Trainer::save_state`](super::Trainer::save_state)):
    /// before the first batch of an epoch or after the last. A run goes on with whole epochs, so that a state from within
    /// one would train a part of its samples twice.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] within an epoch, as in [`on_batch_end`](Callback::on_batch_end), and at the end of a run that an
    /// error ended there; [`Error::Io`] if the file cannot be written.
    pub fn save_state(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        if self.course.within_epoch {
            return Err(Error::Order("a training state is saved between epochs: this epoch is not finished"));
        }
        self.session.save_state(path.as_ref())
    }
}

/// A closure that is called at the end of every epoch.
pub(crate) struct EpochEnd<F>(pub F);

#[diagnostic::do_not_recommend]
impl<N, F> Callback<N> for EpochEnd<F>
where
    N: Network,
    F: FnMut(usize, &Logs, &mut Control<'_, N>) -> Result<(), Error>,
{
    fn on_epoch_end(&mut self, epoch: usize, logs: &Logs, control: &mut Control<'_, N>) -> Result<(), Error> {
        (self.0)(epoch, logs, control)
    }
}
