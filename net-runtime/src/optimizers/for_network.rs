//! An optimizer with its memory of one network.

use std::marker::PhantomData;

use super::Optimizer;
use super::clipping::{Clipping, scale_to};
use super::moment::{Moment, Parameter};
use super::settings::{Averaging, Settings};
use crate::error::Error;
use crate::kernels::elementwise::arithmetic::scale_and_add;
use crate::kernels::gemm::factors::Source;
use crate::kernels::optimizers::clipped_gradient::ClippedGradient;
use crate::kernels::optimizers::rules;
use crate::kernels::optimizers::step::Step;
use crate::kernels::reduce::reductions::{is_within, largest_magnitude, sum_of_squares};
use crate::network::traits::{Gradients, Network};
use crate::parameters::gradient::Gradient;
use crate::tensor::param::Param;

/// What is remembered of one parameter.
#[derive(Clone, Debug)]
struct Memory<M> {
    param: Box<str>,
    dims: Box<[usize]>,
    decays: bool,
    /// What the learning rate is multiplied by.
    rate: f32,
    frozen: bool,
    /// Steps that had been done when it was thawed last: its moments are so much younger than others.
    since: u64,
    moments: M,
    /// Empty where there is none.
    average: Moment,
}

impl<M: AsRef<[Moment]> + AsMut<[Moment]>> Memory<M> {
    fn all_mut(&mut self) -> impl Iterator<Item = &mut Moment> {
        self.moments.as_mut().iter_mut().chain([&mut self.average])
    }

    /// The dimensions of a moment: those of the parameter, or its length if that is another.
    fn dims_of<'a>(&'a self, moment: &'a Moment) -> &'a [usize] {
        if moment.len() == self.dims.iter().product::<usize>() { &self.dims } else { moment.dims() }
    }

    /// All that is saved.
    fn saved(&self) -> impl Iterator<Item = &Moment> {
        self.moments.as_ref().iter().chain([&self.average]).filter(|moment| !moment.is_empty())
    }
}

/// An [`Optimizer`] with the moments of every parameter of a network `N`, and the number of steps done.
///
/// A step reads each gradient and moves each parameter and its moments once, and allocates nothing. Saved
/// ([`steps`](Self::steps), [`state`](Self::state)) and [restored](Self::restore), it goes on to the bit.
#[derive(Clone, Debug)]
pub struct OptimizerFor<N, O: Optimizer> {
    optimizer: O,
    steps: u64,
    memory: Vec<Memory<O::Moments>>,
    /// Memory for what constraints measure.
    lengths: Vec<f64>,
    /// What is said of parameters that there are not.
    unknown: Option<String>,
    network: PhantomData<fn(&mut N)>,
}

impl<N: Network, O: Optimizer> OptimizerFor<N, O> {
    /// Before the first step. See also [`Optimizer::for_network`].
    pub fn new(optimizer: O, net: &N) -> Self {
        let mut memory = Vec::new();
        net.visit(&mut |name, param| {
            let name = name.to_string();
            let (moments, average) = fresh(&optimizer, &name, param);
            let settings = optimizer.settings();
            memory.push(Memory {
                decays: settings.decays(&name),
                rate: settings.rate_of(&name),
                param: name.into(),
                dims: param.dims().into(),
                frozen: param.is_frozen(),
                since: 0,
                moments,
                average,
            });
        });
        let names: Vec<_> = memory.iter().map(|memory| &*memory.param).collect();
        let unknown = optimizer.settings().unknown(&names).or_else(|| {
            let (function, texts) = optimizer.names();
            let none = |text: &&String| !names.iter().any(|name| name.contains(text.as_str()));
            let text = texts.iter().find(none)?;
            Some(format!("`{function}` has `{text}`, but no parameter has that in its name"))
        });
        Self { optimizer, steps: 0, memory, lengths: Vec::new(), unknown, network: PhantomData }
    }

    /// The optimizer, with its settings.
    pub fn optimizer(&self) -> &O {
        &self.optimizer
    }

    /// The settings, for changes between steps, of the learning rate for instance.
    pub fn settings_mut(&mut self) -> &mut Settings {
        self.optimizer.settings_mut()
    }

    /// The learning rate of the next step.
    pub fn learning_rate(&self) -> f32 {
        self.optimizer.settings().learning_rate.at(self.steps)
    }

    /// Whether something was frozen or thawed in a network since the last step, which this memory knows nothing of.
    pub(crate) fn is_behind(&self, net: &N) -> bool {
        let (mut memory, mut behind) = (self.memory.iter(), false);
        net.visit(&mut |_, param| behind |= memory.next().is_some_and(|memory| memory.frozen != param.is_frozen()));
        behind
    }

    /// Follows what is frozen in a network and what is thawed: a frozen parameter has no moments and no average, a thawed one begins
    /// with fresh ones.
    pub(crate) fn follow(&mut self, net: &N) {
        let Self { optimizer, steps, memory, .. } = self;
        let mut memory = memory.iter_mut();
        net.visit(&mut |_, param| {
            let Some(memory) = memory.next().filter(|memory| memory.frozen != param.is_frozen()) else { return };
            (memory.frozen, memory.since) = (param.is_frozen(), *steps);
            (memory.moments, memory.average) = fresh(optimizer, &memory.param, param);
        });
    }

    /// Whether everything that could be trained is frozen.
    pub(crate) fn all_frozen(&self) -> bool {
        !self.memory.is_empty() && self.memory.iter().all(|memory| memory.frozen)
    }

    /// How many steps had been done when each parameter was thawed, by name, of those that were.
    pub(crate) fn thawed(&self) -> impl Iterator<Item = (&str, u64)> {
        let thawed = self.memory.iter().filter(|memory| memory.since > 0 && !memory.frozen);
        thawed.map(|memory| (&*memory.param, memory.since))
    }

    /// Takes up what [`thawed`](Self::thawed) said before.
    pub(crate) fn restore_thawed(&mut self, since: impl Fn(&str) -> Option<u64>) {
        self.memory.iter_mut().for_each(|memory| memory.since = since(&memory.param).unwrap_or(0));
    }

    /// Changes the weights of a network by one step. What is [frozen](crate::Network::freeze) stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if a setting makes no sense, or [a gradient](Self::find_not_finite) would make a weight infinite or a NaN;
    /// the weights and moments are then as before.
    pub fn step(&mut self, net: &mut N, gradients: &N::Gradients) -> Result<(), Error> {
        self.follow(net);
        if let Some((what, value)) = self.find_not_finite(gradients) {
            return Err(Error::Invalid(format!("{what} is {value}; the weights are those of before this step")));
        }
        self.step_finite(net, gradients)
    }

    /// The first element of a gradient that is infinite or a NaN, or so large that this optimizer would compute something infinite
    /// of it: what that is in words, and its value. It takes one pass over the gradients.
    pub fn find_not_finite(&self, gradients: &N::Gradients) -> Option<(String, f32)> {
        let settings = self.optimizer.settings();
        let rate = settings.largest_rate(settings.learning_rate.at(self.steps));
        let computable = self.optimizer.largest_gradient(rate);
        let largest = match settings.clipping() {
            Ok(Clipping::Value(limit) | Clipping::Norm(limit) | Clipping::GlobalNorm(limit)) if limit <= computable => {
                f32::MAX
            }
            _ => computable,
        };
        let mut found = None;
        let mut memory = self.memory.iter();
        gradients.visit(&mut |name, gradient| {
            let frozen = memory.next().is_some_and(|memory| memory.frozen);
            if found.is_none() && !frozen {
                found = find_larger(gradient.source(), largest).map(|value| match value.is_finite() {
                    true => {
                        (format!("what {} computes of {value:e} in the gradient of `{name}`", O::NAME), f32::INFINITY)
                    }
                    false => (format!("the gradient of `{name}`"), value),
                });
            }
        });
        found
    }

    /// [`step`](Self::step) for who has looked already at the gradients ([`find_not_finite`](Self::find_not_finite)): here
    /// it is not checked.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if a setting makes no sense; the weights and moments are then as before.
    pub fn step_finite(&mut self, net: &mut N, gradients: &N::Gradients) -> Result<(), Error> {
        self.optimizer.validate()?;
        if let Some(problem) = &self.unknown {
            return Err(Error::Invalid(problem.clone()));
        }
        self.follow(net);
        let settings = self.optimizer.settings();
        let clipping = settings.clipping()?;
        let global_scale = match clipping {
            Clipping::GlobalNorm(limit) => scale_to(limit, self.global_norm(gradients)),
            _ => 1.0,
        };
        let step = Step {
            number: self.steps + 1,
            learning_rate: settings.learning_rate.at(self.steps),
            weight_decay: settings.weight_decay,
        };
        let Step { number, learning_rate, .. } = step;
        // One that grows without end does so in some step.
        if !learning_rate.is_finite() {
            return Err(Error::Invalid(format!("the learning rate of step {number} is {learning_rate}")));
        }
        let Averaging { momentum, overwrite_every } = settings.averaging.clone().unwrap_or_default();
        let overwrites = overwrite_every.is_some_and(|steps| number.is_multiple_of(steps));
        let mut behind = false;
        let mut memory = self.memory.iter_mut();
        net.visit_with_gradients(gradients, &mut |_, param, gradient| {
            let Some(Memory { moments, average, decays, rate, since, frozen, .. }) = memory.next() else { return };
            // A part of a network is a field, and may be assigned from where it was declared otherwise.
            param.declare_frozen(gradient.is_none());
            if param.is_frozen() != *frozen {
                behind = true;
                return;
            }
            if param.is_frozen() {
                return;
            }
            if param.is_statistic() {
                scale_and_add(param.values_mut(), 1.0, gradient.values());
                return;
            }
            let clipped = clipped(gradient, clipping, global_scale);
            let step = Step {
                number: step.number - *since,
                learning_rate: step.learning_rate * *rate,
                weight_decay: if *decays { self.optimizer.decay_of(moments) } else { 0.0 },
            };
            self.optimizer.update(&step, param.values_mut(), clipped, moments);
            if !average.is_empty() {
                // It begins with the weights of the first step.
                rules::average(if step.number == 1 { 0.0 } else { momentum }, param.values(), average);
                if overwrites {
                    param.values_mut().copy_from_slice(average);
                }
            }
        });
        let lengths = &mut self.lengths;
        net.visit_constrained(&mut |_, param, constraint| {
            if !param.is_frozen() {
                constraint.apply(param, lengths);
            }
        });
        self.steps += 1;
        if behind {
            self.follow(net);
        }
        Ok(())
    }

    /// The Euclidean norm of all gradients together.
    fn global_norm(&self, gradients: &N::Gradients) -> f64 {
        let mut sum = 0.0;
        let mut memory = self.memory.iter();
        gradients.visit(&mut |_, gradient| {
            let frozen = memory.next().is_some_and(|memory| memory.frozen);
            if !frozen && !gradient.is_statistic() {
                sum += sum_of_squares(gradient.values().iter().copied());
            }
        });
        sum.sqrt()
    }

    /// Lets the averages replace the weights, if there are any and a step has been done.
    pub fn use_averages(&self, net: &mut N) {
        let mut memory = self.memory.iter();
        net.visit_mut(&mut |_, param| {
            let average = memory.next().map(|memory| &memory.average).filter(|average| !average.is_empty());
            if let Some(average) = average.filter(|_| self.steps > 0) {
                param.values_mut().copy_from_slice(average);
            }
        });
    }

    /// Whether [`step_finite`](Self::step_finite) takes a gradient as the factors of a product, with the settings of now:
    /// the length of a gradient needs its values.
    pub(crate) fn takes_factors(&self) -> bool {
        let clipping = self.optimizer.settings().clipping();
        O::ELEMENTWISE && matches!(clipping, Ok(Clipping::None | Clipping::Value(_)))
    }

    /// Number of steps done.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The moments and averages that go into a file: name (`<parameter>.<moment>`, e.g. `features_conv2d.kernel.velocity`), dimensions
    /// (those of the parameter, or the length of one that has other elements) and values.
    pub fn state(&self) -> impl Iterator<Item = (String, &[usize], &[f32])> {
        self.memory.iter().flat_map(|memory| {
            memory
                .saved()
                .map(|moment| (format!("{}.{}", memory.param, moment.name()), memory.dims_of(moment), &**moment))
        })
    }

    /// Takes up what [`steps`](Self::steps) and [`state`](Self::state) said before: `moment` is asked for the dimensions
    /// and values of each name.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if a moment is missing, [`Error::Shape`] if one has other dimensions; nothing is changed then.
    pub fn restore<'a>(
        &mut self,
        steps: u64,
        moment: impl Fn(&str) -> Option<(&'a [usize], &'a [f32])>,
    ) -> Result<(), Error> {
        let mut found = Vec::new();
        for (name, dims, values) in self.state() {
            let Some((found_dims, found_values)) = moment(&name) else {
                return Err(Error::Invalid(format!("the saved training state has no `{name}`")));
            };
            if found_dims != dims || found_values.len() != values.len() {
                return Err(Error::Shape {
                    what: format!("`{name}` of the saved training state"),
                    expected: format!("shape {dims:?}"),
                    found: format!("{found_dims:?} with {} elements", found_values.len()),
                });
            }
            found.push(found_values);
        }
        let moments = self.memory.iter_mut().flat_map(Memory::all_mut);
        for (moment, values) in moments.filter(|moment| !moment.is_empty()).zip(found) {
            moment.copy_from_slice(values);
        }
        self.steps = steps;
        Ok(())
    }
}

/// The first element of a gradient that is larger than that, infinite or a NaN.
fn find_larger(gradient: Source<'_>, largest: f32) -> Option<f32> {
    match gradient {
        Source::Values(values) if largest_magnitude(values) <= largest => None,
        Source::Values(values) => values.iter().copied().find(|value| !is_within(*value, largest)),
        Source::Product(factors) => factors.find_larger(largest),
        Source::Rows { values, width, touched } => {
            let rows = touched.iter().map(|row| &values[row * width..][..width]);
            let mut larger = rows.filter(|row| !is_within(largest_magnitude(row), largest)).flatten();
            larger.find(|value| !is_within(**value, largest)).copied()
        }
    }
}

/// A gradient as a step takes it.
fn clipped(gradient: &Gradient, clipping: Clipping, global_scale: f32) -> ClippedGradient<'_> {
    let source = gradient.source();
    match clipping {
        Clipping::None | Clipping::GlobalNorm(_) => ClippedGradient::scaled(source, global_scale),
        Clipping::Value(limit) => ClippedGradient::limited(source, limit),
        Clipping::Norm(limit) => {
            let norm = sum_of_squares(gradient.values().iter().copied()).sqrt();
            ClippedGradient::scaled(source, scale_to(limit, norm))
        }
    }
}

/// The moments and the average of a parameter before its first step: a statistic has none, and neither has what is frozen.
fn fresh<O: Optimizer>(optimizer: &O, name: &str, param: &Param) -> (O::Moments, Moment) {
    let (dims, values): (&[usize], &[f32]) =
        if param.is_trained() { (param.dims(), param.values()) } else { (&[0], &[]) };
    let averaged = if optimizer.settings().averaging.is_some() { values.len() } else { 0 };
    (optimizer.moments(Parameter { name, dims, values }), Moment::zeros("average", averaged))
}
