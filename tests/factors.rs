//! A trainer leaves the gradients of large dense layers, and of convolutions of few pixels, as factors, which the optimizer
//! multiplies piece by piece: that gives the same weights, to the bit, as gradients that are computed, looked at and applied by hand.

use net_runtime::optimizers::{
    Adam, AdamW, ClippedGradient, Moment, Optimizer, Parameter, RmsProp, Settings, Sgd, Step,
};
use net_runtime::prelude::*;
use tests_common::{batch, bits};

network! {
    /// One large layer of its own, one that is used twice; convolutions with many weights and few pixels: one that is pooled, a transposed
    /// one, and one that is neither.
    network Wide(left: [4100], right: [4100], image: [4, 4, 160]) -> (sum: [3], picture: [4, 4, 3]) {
        layer shared = Dense(70) -> relu;
        let own = left -> Dense(66) -> relu;
        let sum = (left -> shared, right -> shared, own) -> Concat -> Dense(3);
        let small: [2, 2, 192] = image -> Conv2d(192, 3, padding = same) -> relu -> MaxPool2d(2);
        let large: [4, 4, 160] = small -> Conv2dTranspose(160, 3, stride = 2, padding = same) -> relu;
        let picture = large -> Conv2d(192, 3, padding = same) -> relu -> Conv2d(3, 1);
        loss sum: MeanSquaredError;
        loss picture: MeanSquaredError;
    }

    /// A convolution whose gradient is a product of its input and its target.
    network Patches(x: [3, 3, 192]) -> (y: [3, 3, 160]) {
        let y = x -> Conv2d(160, 3, padding = same);
        loss y: MeanSquaredError;
    }

    /// A layer whose gradient is a product of its input and its target.
    network Product(x: [8192]) -> (y: [64]) {
        let y = x -> Dense(64);
        loss y: MeanSquaredError;
    }
}

fn samples(count: usize, step: u32) -> WideSamples {
    let [left, right] = [batch(count, step), batch(count, step + 1)];
    let (sum, image, picture) = (batch(count, step + 2), batch(count, step + 3), batch(count, step + 4));
    WideSamples { left, right, image, sum, picture }
}

/// Some steps of a trainer and by hand, with batches of which the larger one has no small factors.
fn compare<O: Optimizer>(optimizer: O) -> Result<(), Error> {
    let mut trainer = Trainer::new(Wide::new(1), optimizer.clone());
    let mut net = Wide::new(1);
    let mut memory = optimizer.for_network(&net);
    let mut workspace = WideWorkspace::new(0);
    let mut gradients = WideGradients::zeros();
    for (step, count) in (0..).zip([1, 5, 2, 40, 3]) {
        let samples = samples(count, step);
        trainer.step(&samples)?;
        net.forward(&samples, Mode::Training, &mut workspace)?;
        net.backward(&samples, &samples, &mut workspace, &mut gradients)?;
        memory.step(&mut net, &gradients)?;
        assert!(bits(&net) == bits(trainer.network()), "after {count} samples");
    }
    assert!(bits(&net) != bits(&Wide::new(1)));
    Ok(())
}

#[test]
fn every_optimizer_gets_the_same_gradients() -> Result<(), Error> {
    compare(Adam::new(1e-2))?;
    compare(Adam::new(1e-2).clip_value(1e-3))?;
    compare(Adam::new(1e-2).clip_norm(1e-3))?;
    compare(Adam::new(1e-2).clip_global_norm(1e-3))?;
    compare(AdamW::new(1e-2))?;
    compare(Sgd::new(1e-2))?;
    compare(Sgd::new(1e-2).momentum(0.9))?;
    compare(RmsProp::new(1e-2).centered().momentum(0.9))?;
    compare(Plain::<false>(Settings::new(1e-2)))
}

/// An optimizer that reads whole gradients, and says so or not.
#[derive(Clone)]
struct Plain<const ELEMENTWISE: bool>(Settings);

impl<const ELEMENTWISE: bool> Optimizer for Plain<ELEMENTWISE> {
    type Moments = [Moment; 0];
    const NAME: &'static str = "Plain";
    const ELEMENTWISE: bool = ELEMENTWISE;

    fn settings(&self) -> &Settings {
        &self.0
    }

    fn settings_mut(&mut self) -> &mut Settings {
        &mut self.0
    }

    fn moments(&self, _parameter: Parameter<'_>) -> [Moment; 0] {
        []
    }

    fn update(&self, step: &Step, param: &mut [f32], gradient: ClippedGradient<'_>, _moments: &mut [Moment; 0]) {
        for (weight, gradient) in param.iter_mut().zip(gradient.iter()) {
            *weight = step.decay(*weight) - step.learning_rate * gradient;
        }
    }
}

#[test]
#[should_panic(expected = "an optimizer that is `ELEMENTWISE` reads gradients by `for_each_piece`")]
fn the_gradient_of_a_large_layer_is_left_as_factors() {
    let samples = ProductSamples { x: batch(2, 0), y: batch(2, 1) };
    let _ = Trainer::new(Product::new(1), Plain::<true>(Settings::new(1e-2))).step(&samples);
}

#[test]
#[should_panic(expected = "an optimizer that is `ELEMENTWISE` reads gradients by `for_each_piece`")]
fn the_gradient_of_a_convolution_of_few_pixels_is_left_as_factors() {
    let samples = PatchesSamples { x: batch(2, 0), y: batch(2, 1) };
    let _ = Trainer::new(Patches::new(1), Plain::<true>(Settings::new(1e-2))).step(&samples);
}

#[test]
fn a_product_that_is_not_finite_is_found_before_the_step() -> Result<(), Error> {
    let mut net = Product::new(1);
    net.visit_mut(&mut |_, param| param.values_mut().fill(0.0));
    let mut trainer = Trainer::new(net, Adam::new(1e-3));
    let mut x = vec![0.0; 8192];
    x[5000] = 1e32;
    // The loss is 1e20 / 64, the gradient of the weights at x[5000] would be 1e32 · 2e10 / 64.
    let mut y = vec![0.0; 64];
    y[7] = -1e10;
    let samples = ProductSamples { x: Batch::from_vec(x)?, y: Batch::from_vec(y)? };
    let message = trainer.step(&samples).unwrap_err().to_string();
    assert!(message.contains("the gradient of `y_dense.kernel` is inf"), "{message}");
    assert!(bits(trainer.network()).iter().all(|&bits| bits == 0), "the weights are as before");
    Ok(())
}
