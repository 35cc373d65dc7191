//! Two networks trained against each other by hand, without the trainer: the critic's gradient by its input goes into the
//! generator as it is, a view of the critic's workspace.

use net_runtime::optimizers::Adam;
use net_runtime::prelude::*;

network! {
    /// Makes points of a plane from noise.
    network Generator(noise: [4]) -> (point: [2]) {
        let point = noise -> Dense(16) -> leaky_relu(0.2) -> Dense(2);
    }

    /// Tells true points from made ones.
    network Critic(point: [2]) -> (truth: [1]) {
        let truth = point -> Dense(16) -> leaky_relu(0.2) -> Dense(1) -> sigmoid;
        loss truth: BinaryCrossentropy;
    }
}

/// True points lie on the unit circle's upper right quarter.
fn true_points(step: usize) -> Batch<Shape1<2>> {
    let points = (0..64).flat_map(|i| {
        let angle = (step * 64 + i) as f32 * 0.618_034 % 1.0 * std::f32::consts::FRAC_PI_2;
        [angle.cos(), angle.sin()]
    });
    Batch::from_vec(points.collect()).unwrap()
}

fn noise(step: usize) -> Batch<Shape1<4>> {
    // The fractional parts of multiples of irrational numbers: spread evenly, the same in every run.
    let numbers = (0..64 * 4)
        .map(|i| ((step * 256 + i) as f32 * [0.754_877_7, 0.569_840_3, 0.430_159_7, 0.324_717_9][i % 4]) % 1.0 - 0.5);
    Batch::from_vec(numbers.collect()).unwrap()
}

fn mean_radius_error(points: &[f32]) -> f32 {
    let errors = points.chunks_exact(2).map(|p| ((p[0] * p[0] + p[1] * p[1]).sqrt() - 1.0).abs());
    errors.sum::<f32>() / (points.len() / 2) as f32
}

#[test]
fn a_generator_learns_from_its_critic() -> Result<(), Error> {
    let (mut generator, mut critic) = (Generator::new(1), Critic::new(2));
    let mut generator_memory = GeneratorWorkspace::new(64);
    let mut critic_memory = CriticWorkspace::new(64);
    let mut generator_gradients = GeneratorGradients::zeros();
    let mut critic_gradients = CriticGradients::zeros();
    let mut generator_adam = Adam::new(2e-3).beta1(0.5).for_network(&generator);
    let mut critic_adam = Adam::new(2e-3).beta1(0.5).for_network(&critic);

    let before = mean_radius_error(generator.predict(&noise(0))?.point.data());
    for step in 0..1500 {
        let noise = noise(step);
        let made = generator.forward(&noise, Mode::Training, &mut generator_memory)?;

        // The critic: true points are 1, made ones 0; both gradients add up.
        let truth = CriticSamples { point: true_points(step), truth: Batch::from_vec(vec![1.0; 64])? };
        critic.forward(&truth, Mode::Training, &mut critic_memory)?;
        critic.backward(&truth, &truth, &mut critic_memory, &mut critic_gradients)?;
        let fake = CriticSamples { point: made.point.to_batch(), truth: Batch::zeros(64) };
        critic.forward(&fake, Mode::Training, &mut critic_memory)?;
        critic.backward_add(&fake, &fake, &mut critic_memory, &mut critic_gradients)?;
        critic_adam.step(&mut critic, &critic_gradients)?;

        // The generator: its points should pass for true. No copy: views of one workspace go into the other network.
        let truth = critic.forward(made.point, Mode::Training, &mut critic_memory)?;
        let wish: Vec<f32> = truth.truth.data().iter().map(|p| -1.0 / (64.0 * p.max(1e-6))).collect();
        let upstream = CriticOutputGradients { truth: Some(View::from_slice(&wish)?) };
        let by_point = critic.backward_inputs(made.point, upstream, &mut critic_memory)?;
        let upstream = GeneratorOutputGradients { point: Some(by_point.point) };
        generator.backward(&noise, upstream, &mut generator_memory, &mut generator_gradients)?;
        generator_adam.step(&mut generator, &generator_gradients)?;
    }
    let after = mean_radius_error(generator.predict(&noise(0))?.point.data());
    assert!(after < 0.15 && after < before / 3.0, "mean distance from the circle: {before} before, {after} after");
    Ok(())
}

#[test]
fn a_second_backward_needs_a_second_forward() -> Result<(), Error> {
    let critic = Critic::new(2);
    let samples = CriticSamples { point: true_points(0), truth: Batch::zeros(64) };
    let mut memory = CriticWorkspace::new(64);
    let mut gradients = CriticGradients::zeros();
    critic.forward(&samples, Mode::Training, &mut memory)?;
    critic.backward(&samples, &samples, &mut memory, &mut gradients)?;
    let before = gradients.truth_dense.kernel.values().to_vec();
    let error = critic.backward_add(&samples, &samples, &mut memory, &mut gradients).unwrap_err();
    assert!(error.to_string().contains("call forward again"), "{error}");
    assert_eq!(gradients.truth_dense.kernel.values(), before, "an error changes nothing");
    Ok(())
}
