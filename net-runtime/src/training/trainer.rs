//! A network with all that training it needs.

use std::path::Path;

use super::callback::Session;
use super::history::History;
use super::logs::Logs;
use super::share::{Given, Share};
use super::tally::{self, Tally};
use crate::error::Error;
use crate::memory::mode::{Arithmetic, Mode};
use crate::memory::random::RandomKey;
use crate::network::info::Summary;
use crate::network::into::IntoSamples;
use crate::network::pass::cost;
use crate::network::shares::Shares;
use crate::network::traits::Head;
use crate::network::traits::{Gradients, Samples, Trainable, Workspace};
use crate::optimizers::Optimizer;
use crate::optimizers::for_network::OptimizerFor;
use crate::optimizers::settings::Settings;
use crate::parallel;
use crate::parallel::awake::{self, Need};

/// Samples of a batch where nothing else is said, as in Keras.
pub(crate) const BATCH_SIZE: usize = 32;

/// What a training step costs, in forward passes: the backward pass computes two gradients.
pub(super) const PASSES: usize = 3;

/// Trains a network.
///
/// It owns the network, the optimizer with its moments, and the memory of a training step, which is taken at the first
/// step and used again by all that follow. The [module](super) has a whole program.
///
/// ```
/// # use net_runtime::optimizers::Adam;
/// # use net_runtime::training::Trainer;
/// # use net_runtime::{Error, Trainable};
/// # fn train<Detector: Trainable>(train: Detector::Samples, validation: Detector::Samples) -> Result<Detector, Error> {
/// let mut trainer = Trainer::new(Detector::new(42), Adam::new(1e-3));
/// let history = trainer.fit(&train).epochs(20).validation(&validation).run()?;
/// history.save_csv("history.csv")?;
/// let net = trainer.into_network();
/// # Ok(net)
/// # }
/// ```
pub struct Trainer<N: Trainable, O: Optimizer> {
    pub(super) network: N,
    pub(super) optimizer: OptimizerFor<N, O>,
    /// The first share of a batch, or the only one.
    own: Share<N>,
    /// The others.
    others: Vec<Share<N>>,
    arithmetic: Arithmetic,
    /// Whether the gradients may be left as the factors of products.
    wants_factors: bool,
    pub(super) progress: Counters,
    pub(super) history: Option<History>,
}

/// How far a training has come: with the weights and the optimizer's moments, all that going on with it needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// What shuffling, dropout and noise are drawn from.
    pub(super) seed: u64,
    /// Epochs finished by any call of `fit`.
    pub(super) epochs: u64,
    /// Training steps done.
    pub(super) steps: u64,
}

/// Where in a run a step is, for its errors. Both from 1.
#[derive(Clone, Copy)]
pub(super) struct Position {
    pub(super) epoch: usize,
    pub(super) batch: usize,
}

impl<N: Trainable, O: Optimizer> Trainer<N, O> {
    /// A trainer of this network, which goes on from its present weights.
    pub fn new(network: N, optimizer: O) -> Self {
        Self {
            optimizer: optimizer.for_network(&network),
            network,
            own: Share::new(Arithmetic::default()),
            others: Vec::new(),
            arithmetic: Arithmetic::default(),
            wants_factors: false,
            progress: Counters::default(),
            history: None,
        }
    }

    /// The same, with convolutions computed so carefully, in training and in evaluations.
    pub fn with_arithmetic(mut self, arithmetic: Arithmetic) -> Self {
        self.arithmetic = arithmetic;
        [&mut self.own]
            .into_iter()
            .chain(&mut self.others)
            .for_each(|share| share.workspace.set_arithmetic(arithmetic));
        self
    }

    /// The network with its weights of now.
    pub fn network(&self) -> &N {
        &self.network
    }

    /// The network, for changing its weights.
    pub fn network_mut(&mut self) -> &mut N {
        &mut self.network
    }

    /// The network alone; the optimizer's moments are dropped.
    pub fn into_network(self) -> N {
        self.network
    }

    /// The optimizer, e.g. to change its learning rate between two runs.
    pub fn optimizer_mut(&mut self) -> &mut OptimizerFor<N, O> {
        &mut self.optimizer
    }

    /// [Freezes](crate::Network::freeze) the parameters that a pattern means: `trainer.freeze("features*")?`. They have no moments from
    /// then on, do not decay, and have no part in norms for clipping; a `BatchNorm` computes as in inference. Where everything up to
    /// some layer is frozen, the backward pass ends there.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it means no parameter.
    pub fn freeze(&mut self, pattern: &str) -> Result<(), Error> {
        self.network.freeze(pattern)?;
        self.optimizer.follow(&self.network);
        Ok(())
    }

    /// [Thaws](crate::Network::thaw) them again: they begin with fresh moments, as those of a first step.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it means no parameter, or one that the network declares with `frozen = true`.
    pub fn thaw(&mut self, pattern: &str) -> Result<(), Error> {
        self.network.thaw(pattern)?;
        self.optimizer.follow(&self.network);
        Ok(())
    }

    /// The table of the network's layers, with what is frozen now: `println!("{}", trainer.summary())`.
    pub fn summary(&self) -> Summary {
        self.network.summary_now()
    }

    /// What the last run of [`fit`](Self::fit) did, so far as it came: the epochs that it finished before an error are
    /// here, too. Nothing before the first run.
    pub fn history(&self) -> Option<&History> {
        self.history.as_ref()
    }

    /// Number of epochs that all calls of [`fit`](Self::fit) have finished, those before a
    /// [`save_state`](Self::save_state) included.
    pub fn epochs(&self) -> usize {
        usize::try_from(self.progress.epochs).unwrap_or(usize::MAX)
    }

    /// Number of training steps done, those before a [`save_state`](Self::save_state) included.
    pub fn steps(&self) -> u64 {
        self.progress.steps
    }

    /// One training step on these samples as one batch: forward, backward, update of the weights. The result is the
    /// total loss before the update.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] or [`Error::Class`] if the samples do not fit together; [`Error::Invalid`] if there are none, or
    /// no output has a loss; [`Error::NotFinite`] if a loss or gradient is not finite. The weights are as before the call
    /// then. That they are finite after a step that was done is not checked: see [`Error::NotFinite`].
    pub fn step<'a>(&mut self, samples: impl IntoSamples<'a, N, N::Samples>) -> Result<f32, Error> {
        let samples = samples.into_samples();
        let count = at_least_one(samples, "a training step")?;
        check_has_loss(N::INFO.name, N::HEADS)?;
        let batch = usize::try_from(self.progress.steps).map_or(usize::MAX, |steps| steps.saturating_add(1));
        let position = Position { epoch: self.epochs().saturating_add(1), batch };
        let cost = cost::<N>(count).saturating_mul(PASSES);
        let enter = parallel::whole_pays(cost) || Shares::of_training::<N>(count).pay(PASSES);
        let given = Given { samples, indices: None, class_weights: &[] };
        parallel::enter(enter, || self.train(&given, position, None))
    }

    /// Losses and metrics of these samples, in inference mode.
    ///
    /// # Errors
    ///
    /// As [`evaluate_in_batches`](Self::evaluate_in_batches).
    pub fn evaluate<'a>(&mut self, samples: impl IntoSamples<'a, N, N::Samples>) -> Result<Logs, Error> {
        self.evaluate_in_batches(samples, BATCH_SIZE)
    }

    /// [`evaluate`](Self::evaluate) with so many samples at a time: a matter of speed and memory; the result differs by
    /// no more than rounding.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] or [`Error::Class`] if the samples do not fit together; [`Error::Invalid`] if there are none,
    /// or the batch size is zero.
    pub fn evaluate_in_batches<'a>(
        &mut self,
        samples: impl IntoSamples<'a, N, N::Samples>,
        batch_size: usize,
    ) -> Result<Logs, Error> {
        let samples = samples.into_samples();
        let count = at_least_one(samples, "an evaluation")?;
        check_batch_size(batch_size)?;
        let mut logs = Logs::new(tally::names::<N>()?.into());
        let order: Vec<usize> = (0..count).collect();
        let mut evaluator = Evaluator::new();
        let values = logs.values_mut();
        let evaluate = || evaluator.evaluate(self, samples, &order, batch_size, values);
        let divided = cost::<N>(batch_size.min(count)) >= parallel::FORK;
        parallel::enter(divided && parallel::whole_pays(cost::<N>(count)), evaluate)?;
        Ok(logs)
    }

    /// One training step on one batch, which is not empty. Nothing changes if it fails.
    pub(super) fn train(
        &mut self,
        given: &Given<'_, N>,
        position: Position,
        tally: Option<&mut Tally<N>>,
    ) -> Result<f32, Error> {
        let samples = given.count()?;
        let shares = Shares::of_training::<N>(samples);
        // The other shares' threads are to be there for the next step, too.
        let need = match shares.count() {
            1 => parallel::needs(cost::<N>(samples).saturating_mul(PASSES)),
            _ => Need::Shares,
        };
        awake::during(need, || self.train_in(shares, given, position, tally))
    }

    /// The same, with the batch in shares.
    fn train_in(
        &mut self,
        shares: Shares,
        given: &Given<'_, N>,
        position: Position,
        tally: Option<&mut Tally<N>>,
    ) -> Result<f32, Error> {
        let samples = given.count()?;
        let Self { network, optimizer, own, others, arithmetic, wants_factors, progress, .. } = self;
        if others.len() < shares.count() - 1 {
            others.resize_with(shares.count() - 1, || Share::new(*arithmetic));
        }
        let others = &mut others[..shares.count() - 1];
        optimizer.follow(network);
        if optimizer.all_frozen() {
            let name = N::INFO.name;
            return Err(Error::Invalid(format!("`{name}` cannot be trained: all of its weights are frozen")));
        }
        let random = RandomKey { seed: progress.seed, step: progress.steps };
        shares.for_each(own, others, &|index, range, share| {
            share.forward(network, given, range, random.of_share(index))
        })?;
        let (total, heads) = own.losses(|index| shares.part(index), others);
        check_losses::<N>(total, heads, position)?;
        if let Some(tally) = tally {
            tally.add(samples, total, heads);
            for share in [&*own].into_iter().chain(&*others) {
                share.update_metrics(network, given, &mut tally.metrics)?;
            }
        }
        let takes_factors = optimizer.takes_factors() && shares.count() == 1;
        if takes_factors != *wants_factors {
            own.gradients.visit_mut(&mut |_, gradient| gradient.want_factors(takes_factors));
            *wants_factors = takes_factors;
        }
        shares.for_each(own, others, &|index, _, share| {
            share.backward(network, given)?;
            if index > 0 {
                share.lay_out(shares.part(index) as f32);
            }
            Ok(())
        })?;
        own.add_gradients(shares.part(0) as f32, others);
        if let Some((what, value)) = optimizer.find_not_finite(&own.gradients) {
            return Err(position.not_finite(what, value));
        }
        optimizer.step_finite(network, &own.gradients)?;
        progress.steps += 1;
        Ok(total)
    }
}

impl Position {
    fn not_finite(self, what: String, value: f32) -> Error {
        Error::NotFinite { epoch: self.epoch, batch: self.batch, what, value }
    }
}

/// Names the first head whose loss is not finite; all heads' losses may be finite and their sum not.
fn check_losses<N: Trainable>(total: f32, heads: &[f32], position: Position) -> Result<(), Error> {
    let of_heads = N::HEADS.iter().zip(heads).filter(|(head, _)| head.has_loss);
    let mut losses = of_heads.map(|(head, &loss)| (Some(head.name), loss)).chain([(None, total)]);
    match losses.find(|(_, loss)| !loss.is_finite()) {
        None => Ok(()),
        Some((head, value)) => {
            let what = head.map_or("the total loss".to_owned(), |head| format!("the loss of `{head}`"));
            Err(position.not_finite(what, value))
        }
    }
}

/// Number of samples, which is not zero.
pub(super) fn at_least_one(samples: &impl Samples, what: &str) -> Result<usize, Error> {
    match samples.count()? {
        0 => Err(Error::Invalid(format!("{what} needs at least one sample"))),
        count => Ok(count),
    }
}

/// Metrics alone are enough to evaluate a network, but they have no gradient to train it with.
pub(super) fn check_has_loss(network: &str, heads: &[Head]) -> Result<(), Error> {
    if heads.iter().any(|head| head.has_loss) {
        Ok(())
    } else {
        Err(Error::Invalid(format!("`{network}` cannot be trained: none of its outputs has a loss")))
    }
}

pub(super) fn check_batch_size(batch_size: usize) -> Result<(), Error> {
    if batch_size == 0 {
        Err(Error::Invalid("a batch needs at least one sample: the batch size is 0".into()))
    } else {
        Ok(())
    }
}

/// Says in an error about one sample of a batch which of all samples it is.
pub(super) fn in_all_samples(error: Error, indices: &[usize]) -> Error {
    error.of_sample(&|sample| indices.get(sample).copied().unwrap_or(sample))
}

/// The memory of an evaluation.
pub(super) struct Evaluator<N: Trainable> {
    batch: N::Samples,
    tally: Tally<N>,
}

impl<N: Trainable> Evaluator<N> {
    pub(super) fn new() -> Self {
        Self { batch: N::Samples::default(), tally: Tally::new() }
    }

    /// Losses and metrics of the samples with these indices, one value for each of [`tally::names`].
    pub(super) fn evaluate<O: Optimizer>(
        &mut self,
        trainer: &mut Trainer<N, O>,
        samples: &N::Samples,
        indices: &[usize],
        batch_size: usize,
        values: &mut [f64],
    ) -> Result<(), Error> {
        let Self { batch, tally } = self;
        let Trainer { network, own: Share { workspace, .. }, .. } = trainer;
        tally.reset();
        for indices in indices.chunks(batch_size) {
            samples.gather_into(indices, batch);
            let mut add = || {
                network.forward(batch.inputs(), Mode::Inference, workspace)?;
                let (total, heads) = network.losses(batch, workspace)?;
                tally.add(indices.len(), total, heads.as_ref());
                network.update_metrics(batch, workspace, &mut tally.metrics)
            };
            add().map_err(|error| in_all_samples(error, indices))?;
        }
        tally.write(values);
        Ok(())
    }
}

impl<N: Trainable, O: Optimizer> Session<N> for Trainer<N, O> {
    fn network(&self) -> &N {
        &self.network
    }

    fn network_mut(&mut self) -> &mut N {
        &mut self.network
    }

    fn save_state(&self, path: &Path) -> Result<(), Error> {
        Trainer::save_state(self, path)
    }

    fn optimizer_settings(&self) -> &Settings {
        self.optimizer.optimizer().settings()
    }

    fn optimizer_settings_mut(&mut self) -> &mut Settings {
        self.optimizer.settings_mut()
    }
}
