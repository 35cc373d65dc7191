//! One face for all networks: what is done with each, with numbers in and out as plain vectors.

use net_reference::interpret::Given;
use net_runtime::optimizers::{Optimizer, OptimizerFor, Sgd};
use net_runtime::prelude::*;
use net_runtime::{Arithmetic, RandomKey};

/// A network and its memory.
pub trait Subject: Send {
    /// The name of each weight and its dimensions.
    fn weights(&self) -> Vec<(String, Vec<usize>)>;

    /// Everything that can be done with it.
    fn run(&mut self, task: &Task) -> Found;

    /// How often memory is asked for, as `requests` counts it, by passes of which each has been done before.
    fn requests_when_warm(&mut self, task: &Task, requests: &dyn Fn() -> usize) -> usize;
}

/// What is to be computed.
#[derive(Clone, Debug)]
pub struct Task {
    /// What it is called.
    pub name: String,
    /// How often the samples that were drawn are there.
    pub copies: usize,
    /// Weights, in the order of the network's own, and samples.
    pub given: Given,
    /// Gradients with respect to the outputs, for a backward pass from the caller's.
    pub upstream: Vec<Option<Vec<f32>>>,
    /// How carefully convolutions are computed.
    pub arithmetic: Arithmetic,
    /// The learning rate of training steps.
    pub rate: f32,
    /// Their number.
    pub steps: usize,
}

/// What was computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Every tensor with its name.
    pub tensors: Vec<(String, Vec<f32>)>,
}

impl Found {
    fn push(&mut self, name: impl Into<String>, tensor: Vec<f32>) {
        self.tensors.push((name.into(), tensor));
    }

    fn extend(&mut self, name: &str, tensors: Vec<Vec<f32>>) {
        for (index, tensor) in tensors.into_iter().enumerate() {
            self.push(format!("{name} {index}"), tensor);
        }
    }

    /// The name of the first tensor that is not the same to the bit.
    pub fn first_difference(&self, other: &Self) -> Option<&str> {
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        let same = |place: usize| bits(&self.tensors[place].1) == bits(&other.tensors[place].1);
        let place = (0..self.tensors.len()).find(|place| !same(*place))?;
        Some(&self.tensors[place].0)
    }
}

/// Which gradients a backward pass is asked for.
pub enum Wanted<'g, G> {
    /// Those with respect to the weights.
    Weights(&'g mut G),
    /// The same, added to what is there.
    More(&'g mut G),
    /// Those with respect to the inputs.
    Inputs,
    /// Both.
    Both(&'g mut G),
    /// Both, of which those with respect to the inputs are not copied out.
    BothInPlace(&'g mut G),
}

/// What the macro `case!` writes for a network: its own types behind common ones.
pub trait Glue: Network {
    /// Inputs and targets.
    type Data: Sync;

    /// From numbers.
    fn data(given: &Given) -> Self::Data;

    /// The inputs alone.
    fn inputs(data: &Self::Data) -> Self::Inputs<'_>;

    /// As plain numbers.
    fn outputs(views: Self::OutputViews<'_>) -> Vec<Vec<f32>>;

    /// A backward pass from gradients of the caller's, or from the losses.
    fn backward(
        &self,
        data: &Self::Data,
        upstream: Option<&[Option<Vec<f32>>]>,
        wanted: Wanted<'_, Self::Gradients>,
        workspace: &mut Self::Workspace,
    ) -> Result<Vec<Vec<f32>>, Error>;

    /// The total loss and that of each head, if there are losses.
    fn losses(&self, data: &Self::Data, workspace: &mut Self::Workspace) -> Option<Vec<f32>>;

    /// The losses of some steps of a trainer, and the network after them.
    fn train(self, data: &Self::Data, task: &Task) -> Option<(Vec<f32>, Self)>;
}

/// A network as a subject.
pub struct Case<N: Glue> {
    net: N,
}

impl<N: Glue> Case<N> {
    /// With any weights.
    pub fn new() -> Self {
        Self { net: N::new(0) }
    }

    fn set_weights(&mut self, task: &Task) {
        let mut given = task.given.weights.iter();
        self.net.visit_mut(&mut |_, param| {
            let values = given.next().expect("as many weights").data.iter().map(|value| *value as f32);
            param.values_mut().iter_mut().zip(values).for_each(|(place, value)| *place = value);
        });
    }
}

impl<N: Glue> Subject for Case<N> {
    fn weights(&self) -> Vec<(String, Vec<usize>)> {
        let mut weights = Vec::new();
        self.net.visit(&mut |name, param| weights.push((name.to_string(), param.dims().to_vec())));
        weights
    }

    fn run(&mut self, task: &Task) -> Found {
        self.set_weights(task);
        run(&self.net, &N::data(&task.given), task).expect("a pass that can be done")
    }

    fn requests_when_warm(&mut self, task: &Task, requests: &dyn Fn() -> usize) -> usize {
        self.set_weights(task);
        requests_when_warm(&mut self.net, &N::data(&task.given), task, requests).expect("a pass that can be done")
    }
}

/// What a trainer's first step draws from.
const FIRST: RandomKey = RandomKey { seed: 0, step: 0 };

fn run<N: Glue>(net: &N, data: &N::Data, task: &Task) -> Result<Found, Error> {
    let mut found = Found::default();
    // Too small, so that it grows.
    let mut workspace = N::Workspace::new(1);
    workspace.set_arithmetic(task.arithmetic);
    found.extend("inferred output", N::outputs(net.forward(N::inputs(data), Mode::Inference, &mut workspace)?));
    if let Some(losses) = net.losses(data, &mut workspace) {
        found.push("losses in inference", losses);
    }

    // Each kind of backward pass uses up a forward pass, with the same draws.
    let forward = |workspace: &mut N::Workspace| {
        workspace.set_random(FIRST);
        net.forward(N::inputs(data), Mode::Training, workspace).map(N::outputs)
    };
    found.extend("output in training", forward(&mut workspace)?);
    let mut sources = vec![("given", Some(&*task.upstream))];
    if let Some(losses) = net.losses(data, &mut workspace) {
        found.push("losses in training", losses);
        sources.push(("lost", None));
    }
    // What a pass must overwrite.
    let mut gradients = N::Gradients::zeros();
    gradients.visit_mut(&mut |_, gradient| gradient.values_mut().fill(f32::NAN));
    for (source, upstream) in sources {
        forward(&mut workspace)?;
        let inputs = net.backward(data, upstream, Wanted::Both(&mut gradients), &mut workspace)?;
        let weights = all(net, &gradients);
        forward(&mut workspace)?;
        let alone = net.backward(data, upstream, Wanted::Inputs, &mut workspace)?;
        assert_eq!(alone, inputs, "gradients with respect to inputs alone");
        forward(&mut workspace)?;
        net.backward(data, upstream, Wanted::Weights(&mut gradients), &mut workspace)?;
        assert_eq!(all(net, &gradients), weights, "gradients with respect to weights alone");
        found.extend(&format!("{source} gradient with respect to input"), inputs);
        found.extend(&format!("{source} gradient with respect to weight"), weights);
        forward(&mut workspace)?;
        net.backward(data, upstream, Wanted::More(&mut gradients), &mut workspace)?;
        found.extend(&format!("{source} gradient, twice, with respect to weight"), all(net, &gradients));
    }
    if let Some((losses, by_trainer)) = net.clone().train(data, task) {
        let trained = by_hand(net, data, task, &mut workspace)?;
        found.push("losses of the trainer", losses);
        found.extend("weight after steps of the trainer", values(&by_trainer));
        found.extend("weight after steps", values(&trained));
    }
    Ok(found)
}

/// How often memory is asked for by an inference and a training step, after two of them.
fn requests_when_warm<N: Glue>(
    net: &mut N,
    data: &N::Data,
    task: &Task,
    requests: &dyn Fn() -> usize,
) -> Result<usize, Error> {
    let mut workspace = N::Workspace::new(1);
    let mut gradients = N::Gradients::zeros();
    let mut sgd: OptimizerFor<N, Sgd> = Sgd::new(task.rate).for_network(net);
    net.forward(N::inputs(data), Mode::Inference, &mut workspace)?;
    let has_losses = net.losses(data, &mut workspace).is_some();
    let mut before = 0;
    for _ in 0..3 {
        before = requests();
        net.forward(N::inputs(data), Mode::Inference, &mut workspace)?;
        // With gradients of the caller's, and with losses if there are some.
        for upstream in [Some(&*task.upstream), None].into_iter().take(1 + usize::from(has_losses)) {
            net.forward(N::inputs(data), Mode::Training, &mut workspace)?;
            N::backward(net, data, upstream, Wanted::BothInPlace(&mut gradients), &mut workspace)?;
            // It packs and transforms weights anew.
            sgd.step(net, &gradients)?;
        }
    }
    Ok(requests() - before)
}

/// Training steps without a trainer.
fn by_hand<N: Glue>(net: &N, data: &N::Data, task: &Task, workspace: &mut N::Workspace) -> Result<N, Error> {
    let mut net = net.clone();
    let mut gradients = N::Gradients::zeros();
    let mut sgd: OptimizerFor<N, Sgd> = Sgd::new(task.rate).for_network(&net);
    workspace.set_random(FIRST);
    for _ in 0..task.steps {
        net.forward(N::inputs(data), Mode::Training, workspace)?;
        net.backward(data, None, Wanted::Weights(&mut gradients), workspace)?;
        sgd.step(&mut net, &gradients)?;
    }
    Ok(net)
}

/// All gradients; by what is frozen there is none, which is zero.
fn all<N: Network>(net: &N, gradients: &N::Gradients) -> Vec<Vec<f32>> {
    let mut all = Vec::new();
    gradients.visit(&mut |_, gradient| all.push(gradient.values().to_vec()));
    let mut place = all.iter_mut();
    net.visit(&mut |name, param| {
        let gradient = place.next().expect("a gradient for each weight");
        assert_eq!(param.is_frozen(), gradient.is_empty(), "{name}");
        gradient.resize(param.values().len(), 0.0);
    });
    all
}

fn values(net: &impl Network) -> Vec<Vec<f32>> {
    let mut all = Vec::new();
    net.visit(&mut |_, param| all.push(param.values().to_vec()));
    all
}

/// An element of samples.
pub trait Number: net_runtime::Element {
    /// From a number that it can hold.
    fn of(value: f64) -> Self;
}

impl Number for f32 {
    fn of(value: f64) -> Self {
        value as Self
    }
}

impl Number for u32 {
    fn of(value: f64) -> Self {
        value as Self
    }
}

/// Samples of a shape.
pub fn batch<S: Shape, T: Number>(values: &[f64]) -> Batch<S, T> {
    Batch::from_vec(values.iter().map(|value| T::of(*value)).collect()).expect("whole samples")
}

/// Targets, with a weight of each sample if there are some.
pub fn target<S: Shape, T: Number>(given: &Given, head: usize) -> Batch<S, T> {
    let batch = batch(&given.targets[head].data);
    match &given.sample_weights[head] {
        None => batch,
        Some(weights) => {
            batch.with_weights(weights.iter().map(|weight| *weight as f32).collect()).expect("a weight each")
        }
    }
}

/// The glue of a network called `Net`.
macro_rules! case {
    // Without losses: a struct for the inputs is missing.
    (inputs: { $($input:ident: $batch:ty),* }, numbers: [$($number:ident),*], outputs: [$($output:ident),*]) => {
        pub struct Data { $($input: $batch),* }

        impl $crate::subject::Glue for Net {
            type Data = Data;

            fn data(given: &net_reference::interpret::Given) -> Data {
                let mut inputs = given.inputs.iter();
                Data { $($input: $crate::subject::batch(&inputs.next().unwrap().data)),* }
            }

            fn losses(&self, _: &Data, _: &mut NetWorkspace) -> Option<Vec<f32>> {
                None
            }

            fn train(self, _: &Data, _: &$crate::subject::Task) -> Option<(Vec<f32>, Self)> {
                None
            }

            case!(common: [$($input),*] [$($number),*] [$($output),*]);
        }

        fn from_losses(_: &Data) -> NetUpstream<'_> {
            unreachable!("there are no losses")
        }

        pub fn case() -> Box<dyn $crate::subject::Subject> {
            Box::new($crate::subject::Case::<Net>::new())
        }
    };
    (
        inputs: { $($input:ident: $batch:ty),* }, numbers: [$($number:ident),*], outputs: [$($output:ident),*],
        targets: [$($target:ident),*]
    ) => {
        impl $crate::subject::Glue for Net {
            type Data = NetSamples;

            fn data(given: &net_reference::interpret::Given) -> NetSamples {
                let (mut inputs, mut heads) = (given.inputs.iter(), 0..);
                NetSamples {
                    $($input: $crate::subject::batch(&inputs.next().unwrap().data),)*
                    $($target: $crate::subject::target(given, heads.next().unwrap())),*
                }
            }

            fn losses(&self, data: &NetSamples, workspace: &mut NetWorkspace) -> Option<Vec<f32>> {
                let (total, heads) = net_runtime::Trainable::losses(self, data, workspace).unwrap();
                Some(std::iter::once(total).chain(heads.as_ref().iter().copied()).collect())
            }

            fn train(self, data: &NetSamples, task: &$crate::subject::Task) -> Option<(Vec<f32>, Self)> {
                let sgd = net_runtime::optimizers::Sgd::new(task.rate);
                let mut trainer = net_runtime::training::Trainer::new(self, sgd).with_arithmetic(task.arithmetic);
                let losses = (0..task.steps).map(|_| trainer.step(data).unwrap()).collect();
                Some((losses, trainer.into_network()))
            }

            case!(common: [$($input),*] [$($number),*] [$($output),*]);
        }

        fn from_losses(data: &NetSamples) -> NetUpstream<'_> {
            data.into()
        }

        pub fn case() -> Box<dyn $crate::subject::Subject> {
            Box::new($crate::subject::Case::<Net>::new())
        }
    };
    (common: [$($input:ident),*] [$($number:ident),*] [$($output:ident),*]) => {
        fn inputs(data: &Self::Data) -> NetInputs<'_> {
            NetInputs { $($input: data.$input.view()),* }
        }

        fn outputs(views: NetOutputViews<'_>) -> Vec<Vec<f32>> {
            vec![$(views.$output.data().to_vec()),*]
        }

        fn backward(
            &self,
            data: &Self::Data,
            upstream: Option<&[Option<Vec<f32>>]>,
            wanted: $crate::subject::Wanted<'_, NetGradients>,
            workspace: &mut NetWorkspace,
        ) -> Result<Vec<Vec<f32>>, net_runtime::Error> {
            use $crate::subject::Wanted;
            let inputs = <Self as $crate::subject::Glue>::inputs(data);
            let from: NetUpstream<'_> = match upstream {
                None => from_losses(data),
                Some(given) => {
                    let mut given = given.iter();
                    let gradients = NetOutputGradients {
                        $($output: given.next().unwrap().as_ref().map(|values| net_runtime::View::from_slice(values).unwrap())),*
                    };
                    gradients.into()
                }
            };
            let found = match wanted {
                Wanted::Weights(gradients) => {
                    return Net::backward(self, inputs, from, workspace, gradients).map(|()| Vec::new());
                }
                Wanted::More(gradients) => {
                    return self.backward_add(inputs, from, workspace, gradients).map(|()| Vec::new());
                }
                Wanted::BothInPlace(gradients) => {
                    return self.backward_both(inputs, from, workspace, gradients).map(|_| Vec::new());
                }
                Wanted::Inputs => self.backward_inputs(inputs, from, workspace)?,
                Wanted::Both(gradients) => self.backward_both(inputs, from, workspace, gradients)?,
            };
            Ok(vec![$(found.$number.data().to_vec()),*])
        }
    };
}
