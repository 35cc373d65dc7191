//! What tests of a program's own layers and networks need.
//!
//! ```
//! use net_runtime::prelude::*;
//! use net_runtime::testing::GradientCheck;
//!
//! network! {
//!     network Mood(text: u32[6], age: [1]) -> (mood: [2]) {
//!         let read = text -> Embedding(20, 4) -> Lstm(3);
//!         let mood = (read, age) -> Concat -> Dense(2) -> tanh;
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! GradientCheck::default().samples(2).indices_below(20).of(&Mood::new(42))?;
//! # Ok(())
//! # }
//! ```

use crate::error::Error;
use crate::memory::mode::Mode;
use crate::memory::philox::mix;
use crate::memory::random::RandomKey;
use crate::network::inner::Inner;
use crate::network::inner_network::InnerNetwork;
use crate::network::signature::Port;
use crate::network::traits::{Gradients, Workspace};
use crate::tensor::any::Tensor;

/// Compares all gradients of a network with finite differences, as the [module](self) shows: those by its weights and by its
/// inputs, of a sum of its outputs with random factors, in training, for random inputs between -1 and 1.
///
/// It is for small networks, since every number that is moved takes two forward passes, and for smooth ones: a `relu` is not
/// differentiable where it bends, so that some of its differences are no gradients. What is drawn at random in training is
/// drawn the same in each pass.
#[derive(Clone, Copy, Debug)]
pub struct GradientCheck {
    samples: usize,
    seed: u64,
    step: f32,
    tolerance: f32,
    indices: u32,
}

impl Default for GradientCheck {
    /// Three samples, steps of 0.01, a tolerance of 0.01, and indices of 0 and 1.
    fn default() -> Self {
        Self { samples: 3, seed: 1, step: 1e-2, tolerance: 1e-2, indices: 2 }
    }
}

/// A tensor that goes in.
enum Given {
    Numbers(Vec<f32>),
    Indices(Vec<u32>),
}

impl Given {
    fn tensor(&self) -> Tensor<'_> {
        match self {
            Self::Numbers(values) => Tensor::F32(values),
            Self::Indices(values) => Tensor::U32(values),
        }
    }
}

/// Numbers between -1 and 1.
fn draw(count: usize, seed: u64) -> Vec<f32> {
    let number = |index: u64| (mix(mix(seed) ^ index) >> 40) as f32 / (1 << 23) as f32 - 1.0;
    (0..count as u64).map(number).collect()
}

fn elements(port: &Port) -> usize {
    port.dims.iter().product()
}

impl GradientCheck {
    /// Compares with so many samples.
    pub fn samples(self, samples: usize) -> Self {
        Self { samples, ..self }
    }

    /// Draws other inputs.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Moves each number by so much to both sides.
    pub fn step(self, step: f32) -> Self {
        Self { step, ..self }
    }

    /// How far a gradient may be from the difference, in parts of the largest of its tensor.
    pub fn tolerance(self, tolerance: f32) -> Self {
        Self { tolerance, ..self }
    }

    /// Draws class numbers and indices below this.
    pub fn indices_below(self, indices: u32) -> Self {
        Self { indices, ..self }
    }

    /// Compares the gradients of this network.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with the number that differs first, and both gradients; what a pass has to say.
    pub fn of<N: InnerNetwork>(&self, net: &N) -> Result<(), Error> {
        Check::new(self, net).run()
    }
}

/// A check under way.
struct Check<N: InnerNetwork> {
    settings: GradientCheck,
    net: N,
    given: Vec<Given>,
    /// The factors of the sum, for each output.
    factors: Vec<Vec<f32>>,
    outputs: Vec<Vec<f32>>,
    workspace: N::Workspace,
}

const PASS: Inner = Inner { layer: 0 };

impl<N: InnerNetwork> Check<N> {
    fn new(settings: &GradientCheck, net: &N) -> Self {
        let GradientCheck { samples, seed, indices, .. } = *settings;
        let given = N::SIGNATURE.inputs.iter().zip(0..).map(|(port, index)| {
            let numbers = draw(samples * elements(port), seed.wrapping_add(mix(index)));
            let below = |number: f32| (((number + 1.0) / 2.0 * indices as f32) as u32).min(indices.saturating_sub(1));
            if port.classes {
                Given::Indices(numbers.into_iter().map(below).collect())
            } else {
                Given::Numbers(numbers)
            }
        });
        let given = given.collect();
        let ports = N::SIGNATURE.outputs;
        let factors = ports.iter().zip(0..).map(|(port, index)| draw(samples * elements(port), mix(seed) ^ index));
        let outputs = ports.iter().map(|port| vec![0.0; samples * elements(port)]);
        Self {
            settings: *settings,
            net: net.clone(),
            given,
            factors: factors.collect(),
            outputs: outputs.collect(),
            workspace: N::Workspace::new(0),
        }
    }

    /// The sum.
    fn forward(&mut self) -> Result<f64, Error> {
        let inputs: Vec<_> = self.given.iter().map(Given::tensor).collect();
        let mut outputs: Vec<_> = self.outputs.iter_mut().map(|values| &mut values[..]).collect();
        let random = RandomKey { seed: self.settings.seed, step: 1 };
        PASS.forward(&self.net, &inputs, &mut outputs, Mode::Training, random, &mut self.workspace)?;
        let all = self.outputs.iter().flatten().zip(self.factors.iter().flatten());
        Ok(all.map(|(&value, &factor)| f64::from(value) * f64::from(factor)).sum())
    }

    fn run(mut self) -> Result<(), Error> {
        self.forward()?;
        let mut gradients = N::Gradients::zeros();
        gradients.visit_mut(&mut |_, gradient| gradient.begin());
        let inputs: Vec<_> = self.given.iter().map(Given::tensor).collect();
        let upstream: Vec<_> = self.factors.iter().map(|values| Some(&values[..])).collect();
        PASS.backward(&self.net, &inputs, &upstream, Some(&mut gradients), true, &mut self.workspace)?;
        gradients.visit_mut(&mut |_, gradient| gradient.finish());

        let by_inputs: Vec<Option<Vec<f32>>> = (0..self.given.len())
            .map(|input| PASS.input_gradient(&self.net, input, &mut self.workspace).map(<[f32]>::to_vec))
            .collect();
        for (index, port) in N::SIGNATURE.inputs.iter().enumerate().filter(|(_, port)| !port.classes) {
            // What no output depends on has no gradient.
            let zeros = || vec![0.0; self.settings.samples * elements(port)];
            let gradient = by_inputs[index].clone().unwrap_or_else(zeros);
            let name = if port.name.is_empty() { format!("operand {}", index + 1) } else { port.name.to_owned() };
            self.compare(&format!("input `{name}`"), &gradient, |check, element, change| {
                if let Given::Numbers(values) = &mut check.given[index] {
                    values[element] += change;
                }
            })?;
        }
        let mut weights = Vec::new();
        gradients.visit(&mut |name, gradient| {
            weights.push((format!("weight `{name}`"), gradient.is_statistic(), gradient.values().to_vec()));
        });
        for (index, (name, is_statistic, gradient)) in weights.iter().enumerate() {
            // A statistic takes a step of its own and follows no gradient.
            if *is_statistic {
                continue;
            }
            self.compare(name, gradient, |check, element, change| {
                let mut at = 0;
                check.net.visit_mut(&mut |_, param| {
                    if at == index {
                        param.values_mut()[element] += change;
                    }
                    at += 1;
                });
            })?;
        }
        Ok(())
    }

    /// Compares the gradient by a tensor whose numbers are changed by a function.
    fn compare(&mut self, name: &str, gradient: &[f32], change: impl Fn(&mut Self, usize, f32)) -> Result<(), Error> {
        let GradientCheck { step, tolerance, .. } = self.settings;
        let mut differences = Vec::with_capacity(gradient.len());
        for element in 0..gradient.len() {
            change(self, element, step);
            let above = self.forward()?;
            change(self, element, -2.0 * step);
            let below = self.forward()?;
            change(self, element, step);
            differences.push(((above - below) / (2.0 * f64::from(step))) as f32);
        }
        let largest = differences.iter().chain(gradient).fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let bound = tolerance * largest.max(tolerance);
        for (element, (&gradient, &difference)) in gradient.iter().zip(&differences).enumerate() {
            // A NaN is in no bound.
            let close = (gradient - difference).abs() <= bound;
            if !close {
                return Err(Error::Invalid(format!(
                    "the gradient by element {element} of the {name} is {gradient}, but finite differences give {difference}"
                )));
            }
        }
        Ok(())
    }
}
