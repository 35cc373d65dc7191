//! What every generated network offers, for code that is generic over networks.

use std::ops::Range;

use super::info::{NetworkInfo, Summary};
use crate::error::Error;
use crate::memory::mode::{Arithmetic, Mode};
use crate::memory::random::RandomKey;
use crate::parameters::constraint::Constraint;
use crate::parameters::gradient::Gradient;
use crate::parameters::regularizer::Regularizer;
use crate::tensor::name::Name;
use crate::tensor::param::Param;
use crate::tensor::pattern;

/// Samples that `predict` works on at a time: Keras's default, enough to keep the cores busy.
const PREDICT_BATCH: usize = 32;

/// Visits parameters with their stable names, e.g. `features_conv2d.kernel`.
pub type ParamVisitor<'v, 'p> = &'v mut dyn FnMut(Name<'_>, &'p Param);

/// Takes the index of a head, the name of a metric, and its value.
pub type MetricVisitor<'v> = &'v mut dyn FnMut(usize, &'static str, f32);

/// A network declared with `network!`.
///
/// The generated struct has everything here as inherent functions too, with its own types in sight.
///
/// ```
/// use net_runtime::prelude::*;
///
/// /// The name of each parameter with its root mean square, of any network.
/// fn sizes<N: Network>(net: &N) -> Vec<(String, f32)> {
///     let mut sizes = Vec::new();
///     net.visit(&mut |name, param| {
///         let squares: f32 = param.values().iter().map(|weight| weight * weight).sum();
///         sizes.push((name.to_string(), (squares / param.values().len() as f32).sqrt()));
///     });
///     sizes
/// }
///
/// network! {
///     network Small(x: [4]) -> (y: [2]) {
///         let y = x -> Dense(2, bias_init = ones);
///     }
/// }
///
/// # fn main() {
/// let sizes = sizes(&Small::new(1));
/// assert_eq!(sizes[0].0, "y_dense.kernel");
/// assert_eq!(sizes[1], ("y_dense.bias".to_owned(), 1.0));
/// # }
/// ```
///
/// Types of its inputs, outputs and memory are those of the network: `Small` has [`Inputs`](Self::Inputs) called `SmallInputs`, and
/// so on; the [crate's page](crate) lists them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no network: it was not declared with `network!`",
    label = "no network"
)]
pub trait Network: Sized + Clone + Send + Sync {
    /// One view for each input.
    type Inputs<'a>: Inputs;
    /// One batch for each output.
    type Outputs: Default;
    /// One view for each output, in a workspace.
    type OutputViews<'w>;
    /// The memory of one caller.
    type Workspace: Workspace;
    /// A gradient for each parameter.
    type Gradients: Gradients;

    /// The table of its layers, for the summary and the plot.
    const INFO: &'static NetworkInfo;

    /// Whether in training the outputs of a sample depend on the others of its batch, as with statistics of the batch: then a
    /// batch is never trained in parts.
    const MIXES_SAMPLES: bool = false;

    /// A network with freshly drawn weights: the same seed gives the same weights.
    fn new(seed: u64) -> Self;

    /// Computes the outputs.
    ///
    /// # Errors
    ///
    /// If the inputs have different numbers of samples, or memory cannot hold what they take.
    fn forward<'w>(
        &self,
        inputs: Self::Inputs<'_>,
        mode: Mode,
        workspace: &'w mut Self::Workspace,
    ) -> Result<Self::OutputViews<'w>, Error>;

    /// Makes room for the outputs of so many more samples.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if memory cannot hold them.
    fn reserve(outputs: &mut Self::Outputs, samples: usize) -> Result<(), Error>;

    /// Appends the outputs of a batch to others.
    fn append(outputs: &mut Self::Outputs, batch: Self::OutputViews<'_>);

    /// Computes the outputs of any number of samples, in batches.
    ///
    /// # Errors
    ///
    /// If the inputs have different numbers of samples, or memory cannot hold all outputs or what a batch takes.
    fn predict(&self, inputs: Self::Inputs<'_>) -> Result<Self::Outputs, Error> {
        let samples = inputs.samples()?;
        // The first batch makes room in the workspace: it has an error to return where there is none.
        let mut workspace = Self::Workspace::new(0);
        let mut outputs = Self::Outputs::default();
        Self::reserve(&mut outputs, samples)?;
        for start in (0..samples).step_by(PREDICT_BATCH) {
            let batch = inputs.slice(start..samples.min(start + PREDICT_BATCH));
            let batch = self.forward(batch, Mode::Inference, &mut workspace);
            Self::append(&mut outputs, batch.map_err(|error| error.of_sample(&|sample| start + sample))?);
        }
        Ok(outputs)
    }

    /// Shows every parameter, in the order of declaration.
    fn visit<'p>(&'p self, visitor: ParamVisitor<'_, 'p>);

    /// Shows every parameter for writing, in the order of declaration.
    fn visit_mut(&mut self, visitor: &mut dyn FnMut(Name<'_>, &mut Param));

    /// Shows every parameter with its gradient, in the order of declaration.
    fn visit_with_gradients(
        &mut self,
        gradients: &Self::Gradients,
        visitor: &mut dyn FnMut(Name<'_>, &mut Param, &Gradient),
    );

    /// Shows every parameter that adds a term to the loss.
    fn visit_regularized(&self, _visitor: &mut dyn FnMut(Name<'_>, &Param, Regularizer)) {}

    /// The same with the gradients.
    fn visit_regularized_with_gradients(
        &self,
        _gradients: &mut Self::Gradients,
        _visitor: &mut dyn FnMut(Name<'_>, &Param, &mut Gradient, Regularizer),
    ) {
    }

    /// Shows every parameter that is held to something after a step.
    fn visit_constrained(&mut self, _visitor: &mut dyn FnMut(Name<'_>, &mut Param, Constraint)) {}

    /// The table of its layers, as Keras prints it, with what is frozen now and not trained. The function `summary` that each network
    /// has without a `self` shows it as it is declared.
    fn summary_now(&self) -> Summary {
        let mut frozen = net_drawing::Frozen::default();
        self.visit(&mut |name, param| {
            frozen.add(&name.to_string(), param.values().len(), param.is_trained(), param.is_frozen());
        });
        Summary::now(Self::INFO, frozen)
    }

    /// Freezes the parameters that a pattern means, in which `*` stands for any text: their whole name, `features_conv2d.kernel`, or
    /// what is before one of its dots, a layer or an inner network, `features*`. Training leaves them as they are from then on, and a
    /// `BatchNorm` computes as in inference, as in Keras; other layers do what they did.
    ///
    /// It is a state of the network in memory: a file of weights does not have it, but that of a
    /// [trainer](crate::training::Trainer::save_state) has. What never is to be trained is declared with `frozen = true`, and takes less
    /// memory.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it means no parameter.
    fn freeze(&mut self, pattern: &str) -> Result<(), Error> {
        set_frozen(self, pattern, true)
    }

    /// Thaws the parameters that a pattern means, as for [`freeze`](Self::freeze), whether they are frozen or not.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it means no parameter, or one that the network declares with `frozen = true`.
    fn thaw(&mut self, pattern: &str) -> Result<(), Error> {
        set_frozen(self, pattern, false)
    }
}

/// Freezes the parameters of a network that a pattern means, or thaws them.
fn set_frozen<N: Network>(net: &mut N, meant: &str, frozen: bool) -> Result<(), Error> {
    let mut names = Vec::new();
    let (mut found, mut fixed) = (false, None);
    net.visit(&mut |name, param| {
        let name = name.to_string();
        if pattern::matches(meant, &name) {
            found = true;
            if !frozen && param.is_frozen_by_program() && fixed.is_none() {
                fixed = Some(name.clone());
            }
        }
        names.push(name);
    });
    let function = if frozen { "freeze" } else { "thaw" };
    if !found {
        return Err(Error::Invalid(pattern::unknown(function, meant, &mut names.iter().map(String::as_str))));
    }
    if let Some(name) = fixed {
        return Err(Error::Invalid(format!(
            "`{name}` cannot be thawed: the network declares it with `frozen = true`, and has no code to train it"
        )));
    }
    let mut names = names.iter();
    net.visit_mut(&mut |_, param| {
        if names.next().is_some_and(|name| pattern::matches(meant, name)) {
            param.set_frozen(frozen);
        }
    });
    Ok(())
}

/// The inputs of one call.
pub trait Inputs: Copy + Send + Sync {
    /// Number of samples.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] if the inputs differ.
    fn samples(&self) -> Result<usize, Error>;

    /// A range of the samples.
    ///
    /// # Panics
    ///
    /// If the range goes beyond the samples, as slicing does.
    fn slice(&self, range: Range<usize>) -> Self;
}

/// The memory of one caller of a network.
pub trait Workspace: Send {
    /// Memory for `capacity` samples; a larger batch grows it once.
    ///
    /// # Panics
    ///
    /// If there is not as much memory; the message has the number of bytes. A forward pass that has to grow it returns an error
    /// instead, so that [`new(0)`](Self::new) is for who does not know whether there is.
    fn new(capacity: usize) -> Self;

    /// Sets what dropout and noise draw from in the next training pass. Every training pass advances the step by one.
    fn set_random(&mut self, key: RandomKey);

    /// Sets how carefully convolutions are computed from now on; [`Arithmetic::Fast`] at first.
    fn set_arithmetic(&mut self, arithmetic: Arithmetic);
}

/// A gradient for each parameter of a network.
pub trait Gradients: Clone + Send {
    /// All zero.
    fn zeros() -> Self;

    /// Shows every gradient, in the order of declaration.
    fn visit(&self, visitor: &mut dyn FnMut(Name<'_>, &Gradient));

    /// Shows every gradient for writing, in the order of declaration.
    fn visit_mut(&mut self, visitor: &mut dyn FnMut(Name<'_>, &mut Gradient));
}

/// An output that has a loss or a metric.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The output's name.
    pub name: &'static str,
    /// Whether it has a loss; with metrics alone it has not.
    pub has_loss: bool,
}

/// A network with losses.
///
/// Every other network is one, too, whose samples are [none](crate::NoSamples): that there is nothing to train it with is told
/// once, where a program names its samples, and nothing else about what is done with them.
///
/// Most programs leave the loop to a [`Trainer`](crate::training::Trainer). By hand, for any network, it is this:
///
/// ```
/// use net_runtime::optimizers::OptimizerFor;
/// use net_runtime::prelude::*;
///
/// /// One step for each 32 samples, in their order; returns the mean loss.
/// fn epoch<N: Trainable, O: Optimizer>(
///     net: &mut N,
///     samples: &N::Samples,
///     optimizer: &mut OptimizerFor<N, O>,
/// ) -> Result<f32, Error> {
///     let (mut workspace, mut gradients) = (N::Workspace::new(32), N::Gradients::zeros());
///     let (mut batch, mut sum) = (N::Samples::default(), 0.0);
///     let order: Vec<usize> = (0..samples.count()?).collect();
///     for indices in order.chunks(32) {
///         samples.gather_into(indices, &mut batch);
///         net.forward(batch.inputs(), Mode::TrainingWeights, &mut workspace)?;
///         let (total, _of_heads) = net.losses(&batch, &mut workspace)?;
///         net.backward_losses(&batch, &mut workspace, &mut gradients)?;
///         optimizer.step(net, &gradients)?;
///         sum += total * indices.len() as f32;
///     }
///     Ok(sum / order.len() as f32)
/// }
///
/// network! {
///     network Triple(x: [1]) -> (y: [1]) {
///         let y = x -> Dense(1);
///         loss y: MeanSquaredError;
///     }
/// }
///
/// # fn main() -> Result<(), Error> {
/// let x: Vec<f32> = (0..64).map(|i| i as f32 / 32.0 - 1.0).collect();
/// let y = x.iter().map(|x| 3.0 * x).collect();
/// let samples = TripleSamples { x: Batch::from_vec(x)?, y: Batch::from_vec(y)? };
///
/// let mut net = Triple::new(1);
/// let mut sgd = Sgd::new(0.3).for_network(&net);
/// let first = epoch(&mut net, &samples, &mut sgd)?;
/// let last = (0..30).map(|_| epoch(&mut net, &samples, &mut sgd)).last().unwrap()?;
/// assert!(last < first / 100.0);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be trained: it was not declared with `network!`")]
pub trait Trainable: Network {
    /// Inputs and targets.
    type Samples: for<'a> Samples<Inputs<'a> = Self::Inputs<'a>>;
    /// The accumulated metrics of every head.
    type Metrics: Default + Clone + Send;
    /// The unweighted loss of every head, in the order of [`HEADS`](Self::HEADS).
    type Losses: AsRef<[f32]>;

    /// The outputs that have losses or metrics, in the order of the network's outputs.
    const HEADS: &'static [Head];

    /// The losses of the forward pass that the workspace holds: the weighted total and each head's own.
    ///
    /// # Errors
    ///
    /// If the workspace holds no forward pass over as many samples, a backward pass has used it up, or a target is no
    /// class.
    fn losses(&self, samples: &Self::Samples, workspace: &mut Self::Workspace) -> Result<(f32, Self::Losses), Error>;

    /// Gradients of the total loss by every parameter, from the forward pass that the workspace holds; what the
    /// gradients held before is overwritten.
    ///
    /// # Errors
    ///
    /// If the workspace holds no forward pass in training mode over as many samples, or a target is no class.
    fn backward_losses(
        &self,
        samples: &Self::Samples,
        workspace: &mut Self::Workspace,
        gradients: &mut Self::Gradients,
    ) -> Result<(), Error>;

    /// Adds the outputs that the workspace holds to the metrics.
    ///
    /// # Errors
    ///
    /// If the workspace holds no forward pass over as many samples, or a target is no class.
    fn update_metrics(
        &self,
        samples: &Self::Samples,
        workspace: &Self::Workspace,
        metrics: &mut Self::Metrics,
    ) -> Result<(), Error>;

    /// Forgets all samples, in the memory that there is.
    fn reset_metrics(metrics: &mut Self::Metrics) {
        *metrics = Self::Metrics::default();
    }

    /// Shows every metric: index of its head in [`HEADS`](Self::HEADS), its name, its value.
    fn visit_metrics(metrics: &Self::Metrics, visitor: MetricVisitor<'_>);
}

/// Inputs and targets of a network with losses.
pub trait Samples: Default + Clone + Send + Sync + 'static {
    /// The inputs alone, borrowed.
    type Inputs<'a>: Inputs
    where
        Self: 'a;

    /// The inputs alone, borrowed.
    fn inputs(&self) -> Self::Inputs<'_>;

    /// Number of samples.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] if the inputs and targets differ; [`Error::Invalid`] if an input carries sample weights.
    fn count(&self) -> Result<usize, Error>;

    /// The samples with these indices, in this order, into `target`, whose memory is used again.
    ///
    /// # Panics
    ///
    /// If an index is out of range, as indexing a slice does.
    fn gather_into(&self, indices: &[usize], target: &mut Self);

    /// Multiplies the sample weights of a head by the weight of each sample's class; classes beyond the table weigh 1.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if there is no such head, or its targets are not one class a sample.
    fn weigh_classes(&mut self, head: &str, weights: &[f32]) -> Result<(), Error>;
}
