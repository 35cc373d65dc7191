//! Training over epochs.

use std::ops::Range;
use std::sync::Arc;

use super::callback::{Callback, Control, Course, EpochEnd, IntoCallback};
use super::history::History;
use super::logs::{Logs, VALIDATION};
use super::progress::{Progress, Reporter};
use super::share::Given;
use super::tally::{self, Tally};
use super::trainer::{
    BATCH_SIZE, Counters, Evaluator, PASSES, Position, Trainer, at_least_one, check_batch_size, check_has_loss,
    in_all_samples,
};
use crate::data::shuffle::shuffle_stream;
use crate::error::Error;
use crate::network::into::IntoSamples;
use crate::network::pass::cost;
use crate::network::traits::{Samples, Trainable};
use crate::optimizers::Optimizer;
use crate::parallel;

/// A training run in the making: how is said by its functions, and [`run`](Self::run) does it.
///
/// ```
/// # use net_runtime::prelude::*;
/// # fn train<N: Trainable>(trainer: &mut Trainer<N, Adam>, samples: &N::Samples) -> Result<(), Error> {
/// let run = trainer.fit(samples).epochs(50).batch_size(64).seed(7).validation_split(0.1);
/// let run = run.class_weights("spam", &[1.0, 20.0]); // the rare class counts more
/// let history = run
///     .on_epoch_end(|epoch, logs, control| {
///         if epoch == 30 {
///             control.set_learning_rate(1e-4);
///         }
///         println!("epoch {epoch}: {:.4}", logs.loss());
///         Ok(())
///     })
///     .silent()
///     .run()?;
/// println!("{history}");
/// # Ok(())
/// # }
/// ```
///
/// Without any of these it is one epoch with batches of 32 samples in random order, shown by a bar or lines. The [module](super)
/// has a whole program.
///
/// It is handed on in a box: what rustc says of one that is forgotten ends with what to write, and does not propose `let _ =`.
#[must_use = "nothing is trained before it is run: end with `.run()?`"]
pub struct Fit<'a, N: Trainable, O: Optimizer> {
    trainer: &'a mut Trainer<N, O>,
    samples: &'a N::Samples,
    epochs: usize,
    initial_epoch: usize,
    batch_size: usize,
    shuffle: bool,
    seed: Option<u64>,
    validation: Option<&'a N::Samples>,
    validation_split: Option<f64>,
    class_weights: Vec<(String, Vec<f32>)>,
    callbacks: Vec<Box<dyn Callback<N> + Send + 'a>>,
    progress: Progress,
}

impl<N: Trainable, O: Optimizer> Trainer<N, O> {
    /// Trains on these samples; say how on the value that is returned, then [`run`](Fit::run) it.
    pub fn fit<'a>(&'a mut self, samples: impl IntoSamples<'a, N, N::Samples>) -> Box<Fit<'a, N, O>> {
        Box::new(Fit::new(self, samples.into_samples()))
    }
}

impl<'a, N: Trainable, O: Optimizer> Fit<'a, N, O> {
    pub(super) fn new(trainer: &'a mut Trainer<N, O>, samples: &'a N::Samples) -> Self {
        Self {
            trainer,
            samples,
            epochs: 1,
            initial_epoch: 0,
            batch_size: BATCH_SIZE,
            shuffle: true,
            seed: None,
            validation: None,
            validation_split: None,
            class_weights: Vec::new(),
            callbacks: Vec::new(),
            progress: Progress::Auto,
        }
    }

    /// The number of the last epoch; 1 if nothing is said. With `usize::MAX` the run goes on until a callback stops it.
    pub fn epochs(mut self: Box<Self>, epochs: usize) -> Box<Self> {
        self.epochs = epochs;
        self
    }

    /// How many of the epochs have been done before: the run begins with the next one. It changes only how epochs are
    /// counted; a run that goes on after [`Trainer::load_state`] gives it [`Trainer::epochs`].
    pub fn initial_epoch(mut self: Box<Self>, epochs: usize) -> Box<Self> {
        self.initial_epoch = epochs;
        self
    }

    /// Samples in one training step, 32 if nothing is said. What is left over at the end of an epoch is a smaller batch
    /// with its own mean.
    pub fn batch_size(mut self: Box<Self>, samples: usize) -> Box<Self> {
        self.batch_size = samples;
        self
    }

    /// Whether every epoch sees the samples in another order, as it does if nothing is said.
    pub fn shuffle(mut self: Box<Self>, shuffle: bool) -> Box<Self> {
        self.shuffle = shuffle;
        self
    }

    /// What shuffling, dropout and noise are drawn from, from now on; 0 if nothing is ever said. The weights were drawn
    /// when the network was made.
    pub fn seed(mut self: Box<Self>, seed: u64) -> Box<Self> {
        self.seed = Some(seed);
        self
    }

    /// Evaluates these samples after every epoch, under names that begin with `val_`.
    pub fn validation(mut self, samples: impl IntoSamples<'a, N, N::Samples>) -> Box<Self> {
        self.validation = Some(samples.into_samples());
        Box::new(self)
    }

    /// Trains without the last part of the samples, and evaluates it after every epoch. It is the last part as the
    /// samples are given, so they should be in no particular order.
    pub fn validation_split(mut self: Box<Self>, fraction: f64) -> Box<Self> {
        self.validation_split = Some(fraction);
        self
    }

    /// Multiplies the loss of an output by a weight that depends on the sample's class: `weights[class]`, and 1 for
    /// classes beyond. Weights that the samples carry are multiplied with it. Validation is not weighted.
    pub fn class_weights(mut self: Box<Self>, output: impl Into<String>, weights: &[f32]) -> Box<Self> {
        self.class_weights.push((output.into(), weights.to_vec()));
        self
    }

    /// Calls this at the turns of the run, after the callbacks given before. A `&mut` of a callback can be asked
    /// afterwards what it saw. It is called on another thread than [`run`](Self::run) if the run works on several.
    pub fn callback(mut self, callback: impl IntoCallback<N> + Send + 'a) -> Box<Self> {
        self.callbacks.push(callback.boxed());
        Box::new(self)
    }

    /// Calls this after every epoch: a [`Callback`] with nothing but
    /// [`on_epoch_end`](Callback::on_epoch_end).
    #[doc(alias = "LambdaCallback")]
    #[expect(clippy::boxed_local, reason = "a link of the chain like all others")]
    pub fn on_epoch_end(
        self: Box<Self>,
        call: impl FnMut(usize, &Logs, &mut Control<'_, N>) -> Result<(), Error> + Send + 'a,
    ) -> Box<Self> {
        self.callback(EpochEnd(call))
    }

    /// What is shown while it runs.
    pub fn progress(mut self: Box<Self>, progress: Progress) -> Box<Self> {
        self.progress = progress;
        self
    }

    /// Shows nothing while it runs.
    pub fn silent(self: Box<Self>) -> Box<Self> {
        self.progress(Progress::Silent)
    }

    /// Trains.
    ///
    /// A network that is large enough works on all threads of the rayon pool that this is called in, or of the global one;
    /// the results are the same to the bit on any number. Called from outside, the whole run goes into the pool, callbacks
    /// included: they may not wait for the thread that called.
    ///
    /// Losses and metrics of an epoch are those of the forward passes of its training steps, while the weights change,
    /// and with dropout; those of the validation are of the weights at the end of the epoch.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] if no output has a loss, there is nothing to train on or to validate with, a batch size of zero, a split that
    ///   leaves one side empty, class weights for what is no output with classes, or a callback that is to watch a value
    ///   that does not exist: nothing is done then.
    /// - [`Error::Samples`] if inputs and targets have different numbers of samples.
    /// - [`Error::NotFinite`] if a loss or gradient is not finite: that step is not done.
    /// - [`Error::Class`] if a target is no class, and what a callback returns.
    ///
    /// A run that has begun and ends with an error ends its callbacks too, so that
    /// [`EarlyStopping`](super::EarlyStopping) puts back the best weights if it was told to; if they fail then, it is
    /// the first error that is returned. The trainer can be used on, and [`Trainer::history`] has the epochs that were
    /// finished.
    pub fn run(self: Box<Self>) -> Result<History, Error> {
        check_has_loss(N::INFO.name, N::HEADS)?;
        let (train, validation) = self.split()?;
        self.check_class_weights()?;
        if let Some(seed) = self.seed {
            self.trainer.progress.seed = seed;
        }
        let mut names = tally::names::<N>()?;
        let training_names = names.len();
        if validation.is_some() {
            names.extend_from_within(..);
            names[training_names..].iter_mut().for_each(|name| name.insert_str(0, VALIDATION));
        }
        let names: Arc<[String]> = names.into();
        let reporter = Reporter::new(self.progress, self.epochs, train.len());
        let cost = cost::<N>(self.batch_size.min(train.len())).saturating_mul(PASSES);
        let run = Run {
            train: (0..train.len()).collect(),
            validation: validation.map(|(samples, range)| (samples, range.collect())),
            tally: Tally::new(),
            evaluator: Evaluator::new(),
            running: Logs::new(names[..training_names].into()),
            logs: Logs::new(Arc::clone(&names)),
            history: History::new(N::INFO.name, names, self.initial_epoch.saturating_add(1)),
            reporter,
            course: Course::default(),
            begun: 0,
            fit: self,
        };
        // Once for the whole run, so that a step has nothing to pay for entering, and work that is worth a fork is divided.
        parallel::enter(cost >= parallel::FORK, move || run.run())
    }

    /// The samples to train on, and those to validate with.
    #[allow(clippy::type_complexity)]
    fn split(&self) -> Result<(Range<usize>, Option<(&'a N::Samples, Range<usize>)>), Error> {
        let count = at_least_one(self.samples, "training")?;
        check_batch_size(self.batch_size)?;
        match (self.validation, self.validation_split) {
            (Some(_), Some(_)) => {
                Err(Error::Invalid("give either validation samples or a validation split, not both".into()))
            }
            (None, None) => Ok((0..count, None)),
            (Some(validation), None) => {
                let validating = at_least_one(validation, "validation")?;
                Ok((0..count, Some((validation, 0..validating))))
            }
            (None, Some(fraction)) => {
                // Keras rounds down what is left for training.
                let training = (count as f64 * (1.0 - fraction)).floor() as usize;
                if !(0.0..1.0).contains(&fraction) || training == 0 || training == count {
                    return Err(Error::Invalid(format!(
                        "a validation split of {fraction} of {count} samples leaves nothing to train on or nothing to \
                         validate with"
                    )));
                }
                Ok((0..training, Some((self.samples, training..count))))
            }
        }
    }

    /// Tries the class weights on one sample, so that they fail before anything is done.
    fn check_class_weights(&self) -> Result<(), Error> {
        let mut one = N::Samples::default();
        self.samples.gather_into(&[0], &mut one);
        self.class_weights.iter().try_for_each(|(output, weights)| one.weigh_classes(output, weights))
    }
}

/// A run under way.
struct Run<'a, N: Trainable, O: Optimizer> {
    fit: Box<Fit<'a, N, O>>,
    /// Indices of the samples to train on, in the order of this epoch.
    train: Vec<usize>,
    validation: Option<(&'a N::Samples, Vec<usize>)>,
    tally: Tally<N>,
    evaluator: Evaluator<N>,
    /// This epoch so far.
    running: Logs,
    /// This epoch with its validation.
    logs: Logs,
    history: History,
    reporter: Reporter,
    course: Course,
    /// How many callbacks have heard of the beginning, and so are to hear of the end.
    begun: usize,
}

impl<N: Trainable, O: Optimizer> Run<'_, N, O> {
    fn run(mut self) -> Result<History, Error> {
        let trained = self.train();
        let ended = self.end();
        self.fit.trainer.history = Some(self.history.clone());
        trained.and(ended).map(|()| self.history)
    }

    fn train(&mut self) -> Result<(), Error> {
        let names = Arc::clone(self.logs.shared_names());
        for callback in &mut self.fit.callbacks {
            callback.on_train_begin(&names, &mut Control::new(self.fit.trainer, &mut self.course))?;
            self.begun += 1;
        }
        self.tell_notes();
        // The number behind the last epoch is one, too.
        for done in self.fit.initial_epoch..self.fit.epochs.min(usize::MAX - 1) {
            let epoch = done + 1;
            if self.course.stop {
                break;
            }
            self.epoch(epoch)?;
        }
        let Trainer { network, optimizer, .. } = &mut *self.fit.trainer;
        optimizer.use_averages(network);
        Ok(())
    }

    /// Tells every callback that has begun, whatever the others return. The first error is the result.
    fn end(&mut self) -> Result<(), Error> {
        let mut result = Ok(());
        for callback in &mut self.fit.callbacks[..self.begun] {
            let ended = callback.on_train_end(&mut Control::new(self.fit.trainer, &mut self.course));
            result = result.and(ended);
        }
        self.tell_notes();
        result
    }

    /// Tells what callbacks have said since the last time.
    fn tell_notes(&mut self) {
        for note in self.course.notes.drain(..) {
            self.reporter.note(&note);
            self.history.push_note(note);
        }
    }

    fn epoch(&mut self, epoch: usize) -> Result<(), Error> {
        self.call(|callback, control| callback.on_epoch_begin(epoch, control))?;
        if self.course.stop {
            return Ok(());
        }
        self.reporter.begin_epoch(epoch);
        if self.fit.shuffle {
            // From the same order every time, so that a run that was interrupted goes on exactly as it would have.
            self.train.iter_mut().enumerate().for_each(|(index, place)| *place = index);
            let Counters { seed, epochs, .. } = self.fit.trainer.progress;
            shuffle_stream(&mut self.train, seed, epochs);
        }
        self.course.within_epoch = true;
        self.tally.reset();
        for first in (0..self.train.len()).step_by(self.fit.batch_size) {
            self.batch(epoch, first)?;
            if self.course.stop {
                break;
            }
        }
        self.validate()?;
        self.fit.trainer.progress.epochs += 1;
        self.course.within_epoch = false;
        self.history.push(&self.logs);
        self.reporter.end_epoch(&self.logs);
        let logs = self.logs.clone();
        self.call(|callback, control| callback.on_epoch_end(epoch, &logs, control))
    }

    /// One training step on the samples from `first` on.
    fn batch(&mut self, epoch: usize, first: usize) -> Result<(), Error> {
        let fit = &mut self.fit;
        let indices = &self.train[first..self.train.len().min(first + fit.batch_size)];
        let batch = first / fit.batch_size + 1;
        let given = Given { samples: fit.samples, indices: Some(indices), class_weights: &fit.class_weights };
        fit.trainer
            .train(&given, Position { epoch, batch }, Some(&mut self.tally))
            .map_err(|error| in_all_samples(error, indices))?;
        self.reporter.batch(indices.len(), || {
            self.tally.write(self.running.values_mut());
            &self.running
        });
        if !self.fit.callbacks.is_empty() {
            self.tally.write(self.running.values_mut());
            let Self { fit, running, course, .. } = self;
            for callback in &mut fit.callbacks {
                callback.on_batch_end(batch, running, &mut Control::new(fit.trainer, course))?;
            }
            self.tell_notes();
        }
        Ok(())
    }

    /// Writes what this epoch came to into the logs.
    fn validate(&mut self) -> Result<(), Error> {
        let trained = self.running.names().len();
        let (training, validating) = self.logs.values_mut().split_at_mut(trained);
        self.tally.write(training);
        if let Some((samples, indices)) = &self.validation {
            self.reporter.begin_validation();
            self.evaluator.evaluate(self.fit.trainer, samples, indices, self.fit.batch_size, validating)?;
        }
        Ok(())
    }

    fn call(
        &mut self,
        mut what: impl FnMut(&mut dyn Callback<N>, &mut Control<'_, N>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for callback in &mut self.fit.callbacks {
            what(callback.as_mut(), &mut Control::new(self.fit.trainer, &mut self.course))?;
        }
        self.tell_notes();
        Ok(())
    }
}
