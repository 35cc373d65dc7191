//! A network written by hand as `network!` would generate it, for the tests of this module.
//!
//! `Toy<1>` has one output `line = weight · x + bias` with a mean squared error and the mean absolute error as metric;
//! `Toy<2>` has a second one, `curve`, whose loss counts double, and reads the same `x`.

use std::ops::Range;

use crate::Connection;
use crate::error::Error;
use crate::memory::mode::Mode;
use crate::memory::random::RandomKey;
use crate::network::info::{NetworkInfo, OutputInfo};
use crate::network::traits::{Gradients, Inputs, Network, ParamVisitor, Samples, Trainable, Workspace};
use crate::network::traits::{Head, MetricVisitor};
use crate::parameters::gradient::Gradient;
use crate::tensor::batch::{Batch, View};
use crate::tensor::name::Name;
use crate::tensor::param::Param;
use crate::tensor::shape::Shape1;

#[derive(Clone)]
pub(crate) struct Toy<const H: usize> {
    pub(crate) weight: Param,
    pub(crate) bias: Param,
    /// Whether training adds noise to the input, drawn anew in each step.
    pub(crate) noisy: bool,
}

#[derive(Clone, Copy)]
pub(crate) struct ToyInputs<'a>(View<'a, Shape1<1>>);

#[derive(Clone)]
pub(crate) struct ToySamples<const H: usize> {
    pub(crate) x: Batch<Shape1<1>>,
    pub(crate) targets: [Batch<Shape1<1>>; H],
}

#[derive(Clone)]
pub(crate) struct ToyGradients<const H: usize> {
    weight: Gradient,
    bias: Gradient,
}

#[derive(Default)]
pub(crate) struct ToyWorkspace {
    x: Vec<f32>,
    outputs: Vec<f32>,
    trained: bool,
    random: RandomKey,
}

/// Sum of absolute errors and number of samples of each head.
#[derive(Clone)]
pub(crate) struct ToyMetrics<const H: usize>([(f64, usize); H]);

const HEADS: [Head; 2] = [Head { name: "line", has_loss: true }, Head { name: "curve", has_loss: true }];
const FROM: Connection = Connection { row: 0, use_index: 0, tensor: 0 };
const OUTPUTS: [OutputInfo; 2] = [OutputInfo { name: "line", from: FROM }, OutputInfo { name: "curve", from: FROM }];
const FACTORS: [f32; 2] = [1.0, 2.0];

impl<const H: usize> Toy<H> {
    pub(crate) fn with(weight: [f32; H], bias: [f32; H]) -> Self {
        let mut toy = Self { weight: Param::zeros(&[H]), bias: Param::zeros(&[H]), noisy: false };
        toy.weight.values_mut().copy_from_slice(&weight);
        toy.bias.values_mut().copy_from_slice(&bias);
        toy
    }

    /// All weights, to the bit.
    pub(crate) fn bits(&self) -> Vec<u32> {
        self.weight.values().iter().chain(self.bias.values()).map(|value| value.to_bits()).collect()
    }
}

impl<const H: usize> ToySamples<H> {
    /// Rows of x and one target a head.
    pub(crate) fn new(rows: &[(f32, [f32; H])]) -> Self {
        let column = |values: Vec<f32>| Batch::from_vec(values).expect("every number is a sample");
        Self {
            x: column(rows.iter().map(|row| row.0).collect()),
            targets: std::array::from_fn(|head| column(rows.iter().map(|row| row.1[head]).collect())),
        }
    }

    /// Points on a line for the first head and on a parabola for the second.
    pub(crate) fn points(count: usize) -> Self {
        let rows: Vec<_> = (0..count)
            .map(|i| {
                let x = (i as f32 * 0.37).sin();
                (x, std::array::from_fn(|head| if head == 0 { 3.0 * x - 1.0 } else { x * x }))
            })
            .collect();
        Self::new(&rows)
    }

    pub(crate) fn with_weights(mut self, head: usize, weights: &[f32]) -> Self {
        self.targets[head] = self.targets[head].clone().with_weights(weights.to_vec()).expect("one weight a sample");
        self
    }

    /// Mean of w · (prediction - target)², where the workspace's outputs are the predictions.
    fn loss(&self, head: usize, outputs: &[f32]) -> f32 {
        let target = &self.targets[head];
        let terms =
            (0..self.x.len()).map(|i| self.weight(head, i) * (outputs[i * H + head] - target.data()[i]).powi(2));
        terms.sum::<f32>() / self.x.len() as f32
    }

    fn weight(&self, head: usize, sample: usize) -> f32 {
        self.targets[head].weights().map_or(1.0, |weights| weights[sample])
    }
}

impl<const H: usize> Default for ToySamples<H> {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl<const H: usize> Default for ToyMetrics<H> {
    fn default() -> Self {
        Self([(0.0, 0); H])
    }
}

impl<const H: usize> Network for Toy<H> {
    type Inputs<'a> = ToyInputs<'a>;
    type Outputs = Vec<f32>;
    type OutputViews<'w> = &'w [f32];
    type Workspace = ToyWorkspace;
    type Gradients = ToyGradients<H>;

    const INFO: &'static NetworkInfo = &NetworkInfo {
        name: "Toy",
        rows: &[],
        outputs: OUTPUTS.split_at(H).0,
        parameters: 2 * H,
        non_trainable_parameters: 0,
        multiply_adds: H as u64,
        inference_bytes: 4 * H,
        training_bytes: 4 * H,
    };

    fn new(seed: u64) -> Self {
        Self::with([seed as f32 / 10.0; H], [0.0; H])
    }

    fn forward<'w>(
        &self,
        inputs: ToyInputs<'_>,
        mode: Mode,
        workspace: &'w mut ToyWorkspace,
    ) -> Result<&'w [f32], Error> {
        workspace.x.clear();
        workspace.x.extend_from_slice(inputs.0.data());
        workspace.trained = mode.trains();
        if workspace.trained {
            workspace.random.step += 1;
        }
        if workspace.trained && self.noisy {
            for (index, x) in workspace.x.iter_mut().enumerate() {
                let key = (workspace.random.seed << 40) ^ (workspace.random.step << 20) ^ index as u64;
                *x += (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f32 / (1_u64 << 26) as f32;
            }
        }
        workspace.outputs.clear();
        for x in &workspace.x {
            workspace.outputs.extend((0..H).map(|head| self.weight.values()[head] * x + self.bias.values()[head]));
        }
        Ok(&workspace.outputs)
    }

    fn reserve(_: &mut Vec<f32>, _: usize) -> Result<(), Error> {
        Ok(())
    }

    fn append(outputs: &mut Vec<f32>, batch: &[f32]) {
        outputs.extend_from_slice(batch);
    }

    fn visit<'p>(&'p self, visitor: ParamVisitor<'_, 'p>) {
        visitor(Name::new("toy.weight"), &self.weight);
        visitor(Name::new("toy.bias"), &self.bias);
    }

    fn visit_mut(&mut self, visitor: &mut dyn FnMut(Name<'_>, &mut Param)) {
        visitor(Name::new("toy.weight"), &mut self.weight);
        visitor(Name::new("toy.bias"), &mut self.bias);
    }

    fn visit_with_gradients(
        &mut self,
        gradients: &ToyGradients<H>,
        visitor: &mut dyn FnMut(Name<'_>, &mut Param, &Gradient),
    ) {
        visitor(Name::new("toy.weight"), &mut self.weight, &gradients.weight);
        visitor(Name::new("toy.bias"), &mut self.bias, &gradients.bias);
    }
}

impl Inputs for ToyInputs<'_> {
    fn samples(&self) -> Result<usize, Error> {
        Ok(self.0.len())
    }

    fn slice(&self, range: Range<usize>) -> Self {
        Self(self.0.slice(range))
    }
}

impl Workspace for ToyWorkspace {
    fn new(capacity: usize) -> Self {
        Self { x: Vec::with_capacity(capacity), ..Self::default() }
    }

    fn set_arithmetic(&mut self, _: crate::memory::mode::Arithmetic) {}

    fn set_random(&mut self, key: RandomKey) {
        self.random = key;
    }
}

impl<const H: usize> Gradients for ToyGradients<H> {
    fn zeros() -> Self {
        Self { weight: Gradient::zeros(&[H]), bias: Gradient::zeros(&[H]) }
    }

    fn visit(&self, visitor: &mut dyn FnMut(Name<'_>, &Gradient)) {
        visitor(Name::new("toy.weight"), &self.weight);
        visitor(Name::new("toy.bias"), &self.bias);
    }

    fn visit_mut(&mut self, visitor: &mut dyn FnMut(Name<'_>, &mut Gradient)) {
        visitor(Name::new("toy.weight"), &mut self.weight);
        visitor(Name::new("toy.bias"), &mut self.bias);
    }
}

impl<const H: usize> Trainable for Toy<H> {
    type Samples = ToySamples<H>;
    type Metrics = ToyMetrics<H>;
    type Losses = [f32; H];

    const HEADS: &'static [Head] = HEADS.split_at(H).0;

    fn losses(&self, samples: &ToySamples<H>, workspace: &mut ToyWorkspace) -> Result<(f32, [f32; H]), Error> {
        let losses = std::array::from_fn(|head| samples.loss(head, &workspace.outputs));
        Ok((losses.iter().zip(FACTORS).map(|(loss, factor)| loss * factor).sum(), losses))
    }

    fn backward_losses(
        &self,
        samples: &ToySamples<H>,
        workspace: &mut ToyWorkspace,
        gradients: &mut ToyGradients<H>,
    ) -> Result<(), Error> {
        if !std::mem::take(&mut workspace.trained) {
            return Err(Error::Order("backward needs forward in training mode"));
        }
        for (head, target) in samples.targets.iter().enumerate() {
            let (mut by_weight, mut by_bias) = (0.0, 0.0);
            for (i, x) in workspace.x.iter().enumerate() {
                let error = workspace.outputs[i * H + head] - target.data()[i];
                let scale = 2.0 * FACTORS[head] * samples.weight(head, i) / workspace.x.len() as f32;
                by_weight += scale * error * x;
                by_bias += scale * error;
            }
            gradients.weight.values_mut()[head] = by_weight;
            gradients.bias.values_mut()[head] = by_bias;
        }
        Ok(())
    }

    fn update_metrics(
        &self,
        samples: &ToySamples<H>,
        workspace: &ToyWorkspace,
        metrics: &mut ToyMetrics<H>,
    ) -> Result<(), Error> {
        for (head, (sum, count)) in metrics.0.iter_mut().enumerate() {
            for (i, target) in samples.targets[head].data().iter().enumerate() {
                // Negative targets stand for classes that do not exist.
                if *target < -100.0 {
                    return Err(Error::Class { head: HEADS[head].name, sample: i, class: 7, classes: 3 });
                }
                *sum += f64::from((workspace.outputs[i * H + head] - target).abs());
            }
            *count += samples.x.len();
        }
        Ok(())
    }

    fn visit_metrics(metrics: &ToyMetrics<H>, visitor: MetricVisitor<'_>) {
        for (head, (sum, count)) in metrics.0.iter().enumerate() {
            visitor(head, "mean_absolute_error", (sum / *count as f64) as f32);
        }
    }
}

impl<const H: usize> Samples for ToySamples<H> {
    type Inputs<'a> = ToyInputs<'a>;

    fn inputs(&self) -> ToyInputs<'_> {
        ToyInputs(self.x.view())
    }

    fn count(&self) -> Result<usize, Error> {
        for (target, head) in self.targets.iter().zip(HEADS) {
            if target.len() != self.x.len() {
                return Err(Error::Samples {
                    first: "x",
                    first_samples: self.x.len(),
                    second: head.name,
                    second_samples: target.len(),
                });
            }
        }
        Ok(self.x.len())
    }

    fn gather_into(&self, indices: &[usize], target: &mut Self) {
        self.x.gather_into(indices, &mut target.x);
        for (from, to) in self.targets.iter().zip(&mut target.targets) {
            from.gather_into(indices, to);
        }
    }

    fn weigh_classes(&mut self, head: &str, weights: &[f32]) -> Result<(), Error> {
        let head = HEADS[..H]
            .iter()
            .position(|other| other.name == head)
            .ok_or_else(|| Error::Invalid(format!("there is no output `{head}`")))?;
        let target = std::mem::take(&mut self.targets[head]);
        let of_class = |value: &f32| weights.get(*value as usize).copied().unwrap_or(1.0);
        let weighed =
            (0..target.len()).map(|i| target.weights().map_or(1.0, |weights| weights[i]) * of_class(&target.data()[i]));
        let weighed = weighed.collect();
        self.targets[head] = target.with_weights(weighed)?;
        Ok(())
    }
}
