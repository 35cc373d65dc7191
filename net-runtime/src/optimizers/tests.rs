//! Every optimizer against Keras's formulas in `f64` and against numbers that Keras gives; then clipping, errors and
//! saved state on a network of two parameters.

use super::*;
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

/// The weights after five steps of a rule for one weight: weight, gradient, step from 1, two moments.
fn naive(decay: f64, mut rule: impl FnMut(&mut f64, f64, i32, &mut [f64; 3])) -> Vec<f64> {
    let train = |index: usize| {
        let mut weight = f64::from(WEIGHTS[index]);
        let mut moments = [0.0; 3];
        for (step, gradient) in (1..).zip(GRADIENTS) {
            weight -= weight * decay;
            rule(&mut weight, f64::from(gradient[index]), step, &mut moments);
        }
        weight
    };
    (0..4).map(train).collect()
}

/// Within `share` of the change that the steps made, and the rounding of the weight itself.
#[track_caller]
fn near(found: &[f32], expected: &[f64], share: f64) {
    for ((&found, &expected), begin) in found.iter().zip(expected).zip(WEIGHTS) {
        let tolerance = share * (expected - f64::from(begin)).abs() + 4e-7 * expected.abs();
        assert!((f64::from(found) - expected).abs() <= tolerance, "{found} for {expected}");
    }
}

#[test]
fn a_variance_that_rounding_makes_negative_leaves_the_weights_finite() {
    let rms_prop = RmsProp::new(1e-3).centered();
    let (mut param, mut moments) = ([0.0], rms_prop.moments(1));
    // Gradients that no longer change have no variance, and the averages of large ones are off by more than epsilon.
    for number in 1..=300 {
        let gradient = if number <= 50 { 20.0 } else { 10.0 };
        let step = Step { number, learning_rate: 1e-3, weight_decay: 0.0 };
        rms_prop.update(&step, &mut param, (&[gradient][..]).into(), &mut moments);
        assert!(param[0].is_finite(), "step {number}");
    }
}

#[test]
fn defaults_are_those_of_keras() {
    assert_eq!(Sgd::default(), Sgd::new(0.01));
    assert_eq!(Adam::default(), Adam::new(0.001));
    assert_eq!(AdamW::default(), AdamW::new(0.001).weight_decay(0.004));
    assert_eq!(RmsProp::default(), RmsProp::new(0.001).rho(0.9));
}

#[test]
fn sgd_is_its_formula() {
    near(&trained(Sgd::new(0.1)), &naive(0.0, |w, g, _, _| *w -= 0.1 * g), 1e-6);
    let momentum = |w: &mut f64, g: f64, _: i32, m: &mut [f64; 3]| {
        m[0] = 0.9 * m[0] - 0.1 * g;
        *w += m[0];
    };
    near(&trained(Sgd::new(0.1).momentum(0.9)), &naive(0.0, momentum), 1e-6);
    near(&trained(Sgd::new(0.1).momentum(0.9).weight_decay(0.1)), &naive(0.01, momentum), 1e-6);
    let nesterov = |w: &mut f64, g: f64, _: i32, m: &mut [f64; 3]| {
        m[0] = 0.9 * m[0] - 0.1 * g;
        *w += 0.9 * m[0] - 0.1 * g;
    };
    near(&trained(Sgd::new(0.1).momentum(0.9).nesterov()), &naive(0.0, nesterov), 1e-6);
}

#[test]
fn adam_is_its_formula() {
    let adam = |beta1: f64, beta2: f64, epsilon: f64| {
        move |w: &mut f64, g: f64, step: i32, m: &mut [f64; 3]| {
            m[0] += (g - m[0]) * (1.0 - beta1);
            m[1] += (g * g - m[1]) * (1.0 - beta2);
            let alpha = 1e-2 * (1.0 - beta2.powi(step)).sqrt() / (1.0 - beta1.powi(step));
            *w -= m[0] * alpha / (m[1].sqrt() + epsilon);
        }
    };
    // As Keras, alpha is from powers in `f32`: hence the share.
    near(&trained(Adam::new(1e-2)), &naive(0.0, adam(0.9, 0.999, 1e-7)), 2e-5);
    let custom = Adam::new(1e-2).beta1(0.8).beta2(0.95).epsilon(1e-4);
    near(&trained(custom), &naive(0.0, adam(0.8, 0.95, 1e-4)), 2e-5);
    near(&trained(AdamW::new(1e-2)), &naive(0.004 * 1e-2, adam(0.9, 0.999, 1e-7)), 2e-5);
    let custom = AdamW::new(1e-2).beta1(0.8).beta2(0.95).epsilon(1e-4).weight_decay(0.5);
    near(&trained(custom), &naive(0.5 * 1e-2, adam(0.8, 0.95, 1e-4)), 2e-5);
}

#[test]
fn rms_prop_is_its_formula() {
    let rms = |rho: f64, momentum: f64, epsilon: f64, centered: bool| {
        move |w: &mut f64, g: f64, _: i32, m: &mut [f64; 3]| {
            m[0] = rho * m[0] + (1.0 - rho) * g * g;
            m[1] = rho * m[1] + (1.0 - rho) * g;
            let variance = if centered { m[0] - m[1] * m[1] } else { m[0] };
            m[2] = momentum * m[2] + 1e-2 * g / (variance + epsilon).sqrt();
            *w -= m[2];
        }
    };
    near(&trained(RmsProp::new(1e-2)), &naive(0.0, rms(0.9, 0.0, 1e-7, false)), 2e-6);
    near(&trained(RmsProp::new(1e-2).momentum(0.5)), &naive(0.0, rms(0.9, 0.5, 1e-7, false)), 2e-6);
    near(&trained(RmsProp::new(1e-2).centered()), &naive(0.0, rms(0.9, 0.0, 1e-7, true)), 2e-6);
    let all = RmsProp::new(1e-2).rho(0.8).epsilon(1e-3).momentum(0.5).centered();
    near(&trained(all), &naive(0.0, rms(0.8, 0.5, 1e-3, true)), 2e-6);
}

/// Keras 3.15 on TensorFlow, after the same five steps.
#[test]
fn weights_are_those_of_keras() {
    #[track_caller]
    fn same(found: Vec<f32>, keras: [f32; 4]) {
        for (found, keras) in found.iter().zip(keras) {
            assert!((found - keras).abs() <= 1.3e-7 * keras.abs(), "{found} for {keras}");
        }
    }
    same(trained(Sgd::new(0.1)), [0.39, 0.039_999_99, 0.000_999_999_7, 2.0]);
    same(trained(Sgd::new(0.1).momentum(0.9)), [0.353_379, 0.059_512_02, 0.000_999_999_2, 2.0]);
    same(trained(Sgd::new(0.1).momentum(0.9).nesterov()), [0.258_041_08, 0.318_560_84, 0.000_999_999, 2.0]);
    same(trained(Adam::new(1e-2)), [0.476_915_66, -0.232_691_4, 0.000_984_008_4, 2.0]);
    same(trained(AdamW::new(1e-2)), [0.476_818_26, -0.232_643_41, 0.000_983_809_5, 1.999_6]);
    same(trained(RmsProp::new(1e-2)), [0.426_993_55, -0.224_373_94, 0.000_999_905_2, 2.0]);
    let centered = RmsProp::new(1e-2).momentum(0.5).centered();
    same(trained(centered), [0.376_599_46, -0.214_751_6, 0.000_999_84, 2.0]);
    same(trained(Adam::new(1e-2).clip_value(0.15)), [0.468_076_9, -0.239_660_14, 0.000_984_008_4, 2.0]);
    let clipped = [0.462_052_67, -0.231_026_35, 0.000_999_999_8, 2.0];
    same(trained(Sgd::new(0.1).clip_norm(0.3)), clipped);
    same(trained(Sgd::new(0.1).clip_global_norm(0.3)), clipped);
    same(trained(Sgd::new(0.1).weight_decay(0.1)), [0.365_985_13, 0.051_961_407, 0.000_950_989_9, 1.901_980_2]);
}

#[test]
fn each_norm_and_the_norm_of_all_are_two_things() {
    let change = |optimizer: Sgd| {
        let mut net = Pair::new(0);
        optimizer.for_network(&net).step(&mut net, &slopes(&[3.0, 0.0, 0.0, -4.0], &[0.0, 12.0])).unwrap();
        (net.first.values().to_vec(), net.second.values().to_vec())
    };
    let plain = (vec![-3.0, 0.0, 0.0, 4.0], vec![0.0, -12.0]);
    assert_eq!(change(Sgd::new(1.0)), plain);
    assert_eq!(change(Sgd::new(1.0).clip_value(3.5)), (vec![-3.0, 0.0, 0.0, 3.5], vec![0.0, -3.5]));
    assert_eq!(change(Sgd::new(1.0).clip_norm(10.0)), (plain.0.clone(), vec![0.0, -10.0]));
    assert_eq!(change(Sgd::new(1.0).clip_global_norm(6.5)), (vec![-1.5, 0.0, 0.0, 2.0], vec![0.0, -6.0]));
    assert_eq!(change(Sgd::new(1.0).clip_global_norm(13.0)), plain);
}

#[test]
fn a_statistic_takes_its_own_step_and_nothing_else() {
    let mut net = Pair::new(0);
    net.first.values_mut().fill(1.0);
    net.second.values_mut().fill(1.0);
    net.second = net.second.clone().into_statistic();
    let adam = Adam::new(1.0).weight_decay(0.5).clip_global_norm(1.0);
    let mut adam = adam.for_network(&net);
    assert!(adam.state().all(|(name, ..)| name.starts_with("first.")));
    let mut gradients = slopes(&[3.0, 0.0, 0.0, -4.0], &[12.0, -0.25]);
    gradients.second = gradients.second.clone().into_statistic();
    adam.step(&mut net, &gradients).unwrap();
    assert_eq!(net.second.values(), [13.0, 0.75]);
    // The norm is that of the trained alone: 5, and not 13.
    let velocity = adam.state().find(|(name, ..)| name == "first.kernel.velocity").unwrap().2[0];
    assert!((velocity - 0.36 * 1e-3).abs() < 1e-8, "{velocity}");
}

#[test]
fn a_schedule_is_asked_for_the_step_before_it_is_done() {
    let mut net = Pair::new(0);
    let mut sgd = Sgd::new(Schedule::piecewise([0, 1], [1.0, 10.0, 100.0])).for_network(&net);
    for (rate, weight) in [(1.0, -1.0), (10.0, -11.0), (100.0, -111.0), (100.0, -211.0)] {
        assert_eq!(sgd.learning_rate(), rate);
        sgd.step(&mut net, &slopes(&[1.0; 4], &[1.0; 2])).unwrap();
        assert_eq!(net.first.values(), [weight; 4]);
    }
    sgd.settings_mut().learning_rate = 0.0.into();
    sgd.step(&mut net, &slopes(&[1.0; 4], &[1.0; 2])).unwrap();
    assert_eq!((net.second.values(), sgd.steps()), (&[-211.0; 2][..], 5));
}

#[test]
fn a_gradient_that_is_not_finite_changes_nothing() {
    for (value, shown) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        let mut net = Pair::new(0);
        let before = net.first.version();
        let gradients = slopes(&[1.0; 4], &[0.0, value]);
        let mut adam = Adam::new(0.1).for_network(&net);
        assert!(adam.find_not_finite(&gradients).is_some_and(|(what, _)| what == "the gradient of `second.bias`"));
        let error = adam.step(&mut net, &gradients).unwrap_err().to_string();
        let expected = format!("the gradient of `second.bias` is {shown}; the weights are those of before this step");
        assert_eq!(error, expected);
        assert_eq!((net.first.version(), adam.steps()), (before, 0));
        assert!(adam.state().all(|(_, _, values)| values.iter().all(|&v| v == 0.0)));
    }
}

/// One step with this gradient, of its finite bits: whether it was done. If so, weights and moments are finite, and if not, they are as before.
fn step_is_done<O: Optimizer>(optimizer: O, gradient: f32) -> bool {
    let mut net = Pair::new(0);
    let (mut optimizer, before) = (optimizer.for_network(&net), net.first.values().to_vec());
    let done = optimizer.step(&mut net, &slopes(&[1.0, -gradient, gradient, 0.0], &[gradient; 2]));
    let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
    assert!(finite(net.first.values()) && finite(net.second.values()));
    assert!(optimizer.state().all(|(_, _, values)| finite(values)));
    if let Err(error) = &done {
        let told = format!("computes of {:e} in the gradient of `first.kernel` is inf; ", -gradient);
        assert!(error.to_string().contains(&told), "{error}");
        assert_eq!(net.first.values(), before);
    }
    done.is_ok()
}

#[test]
fn a_gradient_is_used_as_long_as_nothing_becomes_infinite_of_it() {
    let below = settings::LARGEST_SQUARED;
    assert!((below * below).is_finite() && (below.next_up() * below.next_up()).is_infinite());
    for gradient in [below, below.next_up(), 1e30, f32::MAX] {
        let squared = gradient <= below;
        assert_eq!(step_is_done(Adam::new(0.1), gradient), squared);
        assert_eq!(step_is_done(AdamW::new(0.1), gradient), squared);
        assert_eq!(step_is_done(RmsProp::new(0.1), gradient), squared);
        assert_eq!(step_is_done(RmsProp::new(0.1).centered().momentum(0.5), gradient), squared);
        assert_eq!(step_is_done(Sgd::new(0.1).momentum(0.5).nesterov(), gradient), gradient < f32::MAX);
        assert_eq!(step_is_done(Sgd::new(1e9), gradient), gradient <= 1e28);
        // Clipped first, and of any length.
        assert!(step_is_done(Adam::new(0.1).clip_value(1.0), gradient));
        assert!(step_is_done(Adam::new(0.1).clip_norm(1.0), gradient));
        assert!(step_is_done(RmsProp::new(0.1).clip_global_norm(1.0), gradient));
        assert_eq!(step_is_done(Adam::new(0.1).clip_value(1e30), gradient), squared);
    }
}

#[test]
fn settings_that_make_no_sense_are_an_error_of_the_first_step() {
    fn problem<O: Optimizer>(optimizer: O) -> String {
        let mut net = Pair::new(0);
        let mut optimizer = optimizer.for_network(&net);
        optimizer.step(&mut net, &slopes(&[1.0; 4], &[1.0; 2])).unwrap_err().to_string()
    }
    assert_eq!(problem(Adam::new(-0.1)), "the learning rate should be at least 0, but is -0.1");
    assert_eq!(problem(Adam::new(0.1).beta1(1.0)), "`beta1` should be from 0 to below 1, but is 1");
    assert_eq!(problem(Adam::new(0.1).beta2(-1.0)), "`beta2` should be from 0 to below 1, but is -1");
    assert_eq!(problem(AdamW::new(0.1).epsilon(0.0)), "`epsilon` should be above 0, but is 0");
    assert_eq!(problem(AdamW::new(0.1).weight_decay(-1.0)), "`weight_decay` should be at least 0, but is -1");
    assert_eq!(problem(Sgd::new(0.1).momentum(1.5)), "`momentum` should be from 0 to 1, but is 1.5");
    assert_eq!(problem(RmsProp::new(0.1).rho(f64::NAN)), "`rho` should be from 0 to below 1, but is NaN");
    assert_eq!(problem(Sgd::new(0.1).clip_norm(0.0)), "`clip_norm` should be above 0, but is 0");
    assert_eq!(
        problem(Sgd::new(0.1).clip_norm(1.0).clip_value(1.0)),
        "only one of `clip_value`, `clip_norm` and `clip_global_norm` can be used, as in Keras"
    );
}

#[test]
fn saved_and_restored_it_goes_on_to_the_bit() {
    fn goes_on<O: Optimizer>(optimizer: O, names: &[&str]) {
        let mut net = Pair::new(0);
        let mut first = optimizer.clone().for_network(&net);
        for gradient in &GRADIENTS[..3] {
            first.step(&mut net, &slopes(gradient, &gradient[..2])).unwrap();
        }
        assert_eq!(first.state().map(|(name, ..)| name).collect::<Vec<_>>(), names);
        let mut other_net = net.clone();
        let mut second = optimizer.for_network(&other_net);
        let saved: Vec<_> = first.state().collect();
        let find = |wanted: &str| saved.iter().find(|(name, ..)| name == wanted).map(|&(_, d, v)| (d, v));
        second.restore(first.steps(), find).unwrap();
        for gradient in &GRADIENTS[3..] {
            first.step(&mut net, &slopes(gradient, &gradient[..2])).unwrap();
            second.step(&mut other_net, &slopes(gradient, &gradient[..2])).unwrap();
        }
        assert_eq!(net.first.values(), other_net.first.values());
        assert_eq!(net.second.values(), other_net.second.values());
    }
    goes_on(Sgd::new(0.1), &[]);
    goes_on(Sgd::new(0.1).momentum(0.5), &["first.kernel.momentum", "second.bias.momentum"]);
    let both = ["first.kernel.momentum", "first.kernel.velocity", "second.bias.momentum", "second.bias.velocity"];
    goes_on(Adam::new(Schedule::exponential(0.1, 2, 0.5)), &both);
    goes_on(RmsProp::new(0.1), &["first.kernel.velocity", "second.bias.velocity"]);
}

#[test]
fn a_state_that_does_not_fit_is_an_error_that_changes_nothing() {
    let net = Pair::new(0);
    let mut adam = Adam::new(0.1).for_network(&net);
    let error = adam.restore(7, |name| (!name.ends_with("bias.velocity")).then_some((&[2], &[1.0; 2])));
    assert_eq!(
        error.unwrap_err().to_string(),
        "`first.kernel.momentum` of the saved training state should have shape [2, 2], but has [2] with 2 elements"
    );
    let error = adam.restore(7, |name| match name {
        "second.bias.velocity" => None,
        "second.bias.momentum" => Some((&[2][..], &[1.0; 2][..])),
        _ => Some((&[2, 2], &[1.0; 4])),
    });
    assert_eq!(error.unwrap_err().to_string(), "the saved training state has no `second.bias.velocity`");
    assert_eq!(adam.steps(), 0);
    assert!(adam.state().all(|(_, _, values)| values.iter().all(|&v| v == 0.0)));
}

#[test]
fn moments_decay_to_zero_and_not_into_subnormals() {
    let mut net = Pair::new(0);
    let mut adam = Adam::new(0.1).beta2(0.9).for_network(&net);
    adam.step(&mut net, &slopes(&[1e-3; 4], &[-1e-3; 2])).unwrap();
    for _ in 0..900 {
        adam.step(&mut net, &slopes(&[0.0; 4], &[0.0; 2])).unwrap();
        assert!(adam.state().all(|(_, _, values)| values.iter().all(|v| *v == 0.0 || v.is_normal())));
    }
    assert!(adam.state().all(|(_, _, values)| values.iter().all(|&v| v == 0.0)));
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

#[test]
fn a_rate_that_grows_without_end_is_an_error_of_its_step() {
    let mut net = Pair::new(0);
    let mut sgd = Sgd::new(Schedule::exponential(1e38, 1, 10.0)).for_network(&net);
    sgd.step(&mut net, &slopes(&[0.0; 4], &[0.0; 2])).unwrap();
    let error = sgd.step(&mut net, &slopes(&[0.0; 4], &[0.0; 2])).unwrap_err().to_string();
    assert_eq!(error, "the learning rate of step 2 is inf");
    assert_eq!(sgd.steps(), 1);
}
