//! Every optimizer on a network of two parameters.

use super::*;

mod formulas;
mod memory;
mod settings;
use crate::memory::mode::Mode;
use crate::memory::random::RandomKey;
use crate::network::info::NetworkInfo;
use crate::network::traits::{Gradients, Workspace};
use crate::parameters::gradient::Gradient;
use crate::tensor::name::Name;
use crate::tensor::param::Param;

const WEIGHTS: [f32; 4] = [0.5, -0.25, 1e-3, 2.0];
/// Ordinary, tiny and no gradients.
const GRADIENTS: [[f32; 4]; 5] = [
    [0.1, -0.2, 1e-9, 0.0],
    [0.3, 0.1, -1e-9, 0.0],
    [-0.5, 0.0, 2e-9, 0.0],
    [0.2, 0.2, 1e-9, 0.0],
    [1.0, -3.0, 0.0, 0.0],
];

/// The weights after the five steps, through `OptimizerFor`.
fn trained<O: Optimizer>(optimizer: O) -> Vec<f32> {
    let mut net = Pair::new(0);
    net.first.values_mut().copy_from_slice(&WEIGHTS);
    let mut optimizer = optimizer.for_network(&net);
    for gradient in GRADIENTS {
        optimizer.step(&mut net, &slopes(&gradient, &[0.0; 2])).unwrap();
    }
    net.first.values().to_vec()
}

/// Within `share` of the change that the steps made, and the rounding of the weight itself.
#[track_caller]
fn near(found: &[f32], expected: &[f64], share: f64) {
    for ((&found, &expected), begin) in found.iter().zip(expected).zip(WEIGHTS) {
        let tolerance = share * (expected - f64::from(begin)).abs() + 4e-7 * expected.abs();
        assert!((f64::from(found) - expected).abs() <= tolerance, "{found} for {expected}");
    }
}

/// Two parameters, and nothing to compute with them.
#[derive(Clone)]
struct Pair {
    first: Param,
    second: Param,
}

#[derive(Clone)]
struct PairGradients {
    first: Gradient,
    second: Gradient,
}

fn slopes(first: &[f32], second: &[f32]) -> PairGradients {
    let mut gradients = PairGradients::zeros();
    gradients.first.values_mut().copy_from_slice(first);
    gradients.second.values_mut().copy_from_slice(second);
    gradients
}

struct Nothing;

impl Workspace for Nothing {
    fn new(_capacity: usize) -> Self {
        Self
    }

    fn set_arithmetic(&mut self, _: crate::memory::mode::Arithmetic) {}

    fn set_random(&mut self, _key: RandomKey) {}
}

#[derive(Clone, Copy)]
struct NoInputs;

impl crate::network::traits::Inputs for NoInputs {
    fn samples(&self) -> Result<usize, Error> {
        Ok(0)
    }

    fn slice(&self, _range: std::ops::Range<usize>) -> Self {
        *self
    }
}

impl Gradients for PairGradients {
    fn zeros() -> Self {
        Self { first: Gradient::zeros(&[2, 2]), second: Gradient::zeros(&[2]) }
    }

    fn visit(&self, visitor: &mut dyn FnMut(Name<'_>, &Gradient)) {
        visitor(Name::new("first.kernel"), &self.first);
        visitor(Name::new("second.bias"), &self.second);
    }

    fn visit_mut(&mut self, visitor: &mut dyn FnMut(Name<'_>, &mut Gradient)) {
        visitor(Name::new("first.kernel"), &mut self.first);
        visitor(Name::new("second.bias"), &mut self.second);
    }
}

impl Network for Pair {
    type Inputs<'a> = NoInputs;
    type Outputs = ();
    type OutputViews<'w> = ();
    type Workspace = Nothing;
    type Gradients = PairGradients;

    const INFO: &'static NetworkInfo = &NetworkInfo {
        name: "Pair",
        rows: &[],
        outputs: &[],
        parameters: 6,
        non_trainable_parameters: 0,
        multiply_adds: 0,
        inference_bytes: 0,
        training_bytes: 0,
    };

    fn new(_seed: u64) -> Self {
        Self { first: Param::zeros(&[2, 2]), second: Param::zeros(&[2]) }
    }

    fn forward(&self, _inputs: NoInputs, _mode: Mode, _workspace: &mut Nothing) -> Result<(), Error> {
        Ok(())
    }

    fn reserve((): &mut (), _: usize) -> Result<(), Error> {
        Ok(())
    }

    fn append((): &mut (), (): ()) {}

    fn visit<'p>(&'p self, visitor: crate::network::traits::ParamVisitor<'_, 'p>) {
        visitor(Name::new("first.kernel"), &self.first);
        visitor(Name::new("second.bias"), &self.second);
    }

    fn visit_mut(&mut self, visitor: &mut dyn FnMut(Name<'_>, &mut Param)) {
        visitor(Name::new("first.kernel"), &mut self.first);
        visitor(Name::new("second.bias"), &mut self.second);
    }

    fn visit_with_gradients(
        &mut self,
        gradients: &PairGradients,
        visitor: &mut dyn FnMut(Name<'_>, &mut Param, &Gradient),
    ) {
        visitor(Name::new("first.kernel"), &mut self.first, &gradients.first);
        visitor(Name::new("second.bias"), &mut self.second, &gradients.second);
    }
}
