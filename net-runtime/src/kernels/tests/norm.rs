//! Batch normalization: both ways of computing it, and every gradient by finite differences.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::memory::Memory;
use super::{assert_close, on_every_isa, uniform};
use crate::kernels::elementwise::activations;
use crate::kernels::norm::batch::{self, Channels, Gradient};
use crate::tensor::activation::Activation;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::param::{Store, Write};

const EPSILON: f32 = 1e-3;

/// x, γ, β, and the statistics where they are given, in f64.
#[derive(Clone)]
struct Case {
    channels: usize,
    x: Vec<f64>,
    gamma: Vec<f64>,
    beta: Vec<f64>,
    given: Option<(Vec<f64>, Vec<f64>)>,
}

impl Case {
    fn statistics(&self) -> (Vec<f64>, Vec<f64>) {
        if let Some(given) = &self.given {
            return given.clone();
        }
        let rows = (self.x.len() / self.channels) as f64;
        let mean_of = |f: &dyn Fn(usize, f64) -> f64, channel: usize| {
            let column = self.x.iter().skip(channel).step_by(self.channels);
            column.map(|&value| f(channel, value)).sum::<f64>() / rows
        };
        let mean: Vec<f64> = (0..self.channels).map(|channel| mean_of(&|_, value| value, channel)).collect();
        let square = |channel: usize, value: f64| (value - mean[channel]).powi(2);
        let variance = (0..self.channels).map(|channel| mean_of(&square, channel)).collect();
        (mean, variance)
    }

    fn forward(&self) -> Vec<f64> {
        let (mean, variance) = self.statistics();
        let normal =
            |channel: usize, value: f64| (value - mean[channel]) / (variance[channel] + f64::from(EPSILON)).sqrt();
        let channel = |index: usize| index % self.channels;
        let values = self.x.iter().enumerate().map(|(index, &value)| (channel(index), normal(channel(index), value)));
        values.map(|(channel, normal)| normal * self.gamma[channel] + self.beta[channel]).collect()
    }

    /// The gradient of Σ y · dy by one of the numbers, by central differences.
    fn slope(&self, dy: &[f64], numbers: impl Fn(&mut Self) -> &mut Vec<f64>) -> Vec<f64> {
        const STEP: f64 = 1e-5;
        let mut case = self.clone();
        let loss = |case: &Self| case.forward().iter().zip(dy).map(|(y, dy)| y * dy).sum::<f64>();
        (0..numbers(&mut case).len())
            .map(|index| {
                let middle = numbers(&mut case)[index];
                numbers(&mut case)[index] = middle + STEP;
                let after = loss(&case);
                numbers(&mut case)[index] = middle - STEP;
                let before = loss(&case);
                numbers(&mut case)[index] = middle;
                (after - before) / (2.0 * STEP)
            })
            .collect()
    }
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| value.into()).collect()
}

#[test]
fn both_passes_are_those_of_naive_loops_and_their_finite_differences() {
    let mut rng = ChaCha8Rng::seed_from_u64(71);
    // One channel and few; whole vectors and not; wide rows, with and without a rest; more rows than are summed at once.
    let sizes =
        [(1, 1), (3, 1), (130, 1), (2, 3), (50, 3), (3, 5), (7, 16), (5, 17), (4, 64), (3, 70), (40, 6), (2, 130)];
    for ((rows, channels), given) in sizes.into_iter().flat_map(|size| [(size, false), (size, true)]) {
        let x: Vec<f32> = uniform(&mut rng, rows * channels).iter().map(|value| value * 2.0 + 0.7).collect();
        let dy = uniform(&mut rng, rows * channels);
        let [gamma, beta, mut mean] = [(); 3].map(|()| uniform(&mut rng, channels));
        let mut variance: Vec<f32> = (0..channels).map(|_| rng.random_range(0.1..2.0)).collect();
        let case = Case {
            channels,
            x: wide(&x),
            gamma: wide(&gamma),
            beta: wide(&beta),
            given: given.then(|| (wide(&mean), wide(&variance))),
        };
        let exact = case.forward();
        let wide_dy = wide(&dy);
        let dx = case.slope(&wide_dy, |case| &mut case.x);
        let dgamma = case.slope(&wide_dy, |case| &mut case.gamma);
        let dbeta = case.slope(&wide_dy, |case| &mut case.beta);
        on_every_isa(|isa, at_end| {
            let what = |of: &'static str| (of, isa, rows, channels, given);
            let memory = |values: &[f32]| Memory::new(values, at_end);
            let result = |len: usize| Memory::new(&vec![f32::NAN; len], at_end);
            let work = &mut AlignedBuffer::default();
            work.take(1 << 12).fill(f32::NAN);
            let (x, dy, gamma, beta) = (memory(&x), memory(&dy), memory(&gamma), memory(&beta));
            if !given {
                mean.fill(f32::NAN);
                variance.fill(f32::NAN);
                batch::statistics(&x, &mut mean, &mut variance, work);
            }
            let (mean, variance) = (memory(&mean), memory(&variance));
            let (gamma, beta) = (Some(&*gamma), Some(&*beta));
            let channels = Channels { mean: &mean, variance: &variance, epsilon: EPSILON, gamma, beta };
            let gradient_of_y = Gradient { x: &x, activation: Activation::Linear, dy: &dy };
            let mut y = result(x.len());
            batch::forward(&x, channels, Activation::Linear, &mut y, work);
            assert_close(&y, &exact, 3e-6, &what("y"));
            batch::forward(&x, channels, Activation::Relu, &mut y, work);
            let positive: Vec<f64> = exact.iter().map(|value| value.max(0.0)).collect();
            assert_close(&y, &positive, 3e-6, &what("relu"));

            let (mut sums, mut products) = (result(mean.len()), result(mean.len()));
            batch::gradient_sums(gradient_of_y, channels, (&mut sums, &mut products), work);
            assert_close(&sums, &dbeta, 1e-5, &what("beta"));
            let mut gradient = result(mean.len());
            batch::gamma_gradient(&products, channels, &mut gradient, Write::Set);
            assert_close(&gradient, &dgamma, 1e-5, &what("gamma"));
            let backward = |place: &mut [f32], store: Store, work: &mut AlignedBuffer| {
                if given {
                    batch::backward_given_statistics(gradient_of_y, channels, (place, store), work);
                } else {
                    let sums = (&*sums, &*products);
                    batch::backward_through_statistics(gradient_of_y, channels, sums, (place, store), work);
                }
            };
            // One row has no spread: its gradient is nothing, but the root of ε magnifies what rounding leaves.
            let tolerance = if rows < 3 { 3e-5 } else { 1e-5 };
            let mut place = result(x.len());
            backward(&mut place, Store::Set, work);
            assert_close(&place, &dx, tolerance, &what("x"));
            place.fill(1.0);
            backward(&mut place, Store::Add, work);
            let added: Vec<f64> = dx.iter().map(|value| value + 1.0).collect();
            assert_close(&place, &added, tolerance, &what("x, added"));
            let signs: Vec<f32> = (0..x.len()).map(|index| (index % 3) as f32 - 1.0).collect();
            place.copy_from_slice(&signs);
            backward(&mut place, Store::Mask, work);
            let masked: Vec<f64> =
                dx.iter().zip(signs).map(|(value, sign)| if sign > 0.0 { *value } else { 0.0 }).collect();
            assert_close(&place, &masked, tolerance, &what("x, masked"));
        });
    }
}

/// What stands behind is the same as a pass of its own: what went into it is computed again to the bit, in parts of rows and of several.
#[test]
fn a_derivative_within_is_one_before() {
    let mut rng = ChaCha8Rng::seed_from_u64(72);
    let functions = [
        Activation::Relu,
        Activation::RectifiedLinear { slope: 0.0, max: 6.0, threshold: 0.0 },
        Activation::LeakyRelu { slope: 0.2 },
        Activation::RectifiedLinear { slope: 0.3, max: f32::INFINITY, threshold: 0.0 },
        Activation::RectifiedLinear { slope: 0.3, max: 0.5, threshold: 0.1 },
        Activation::Clip { low: -0.3, high: 0.8 },
        Activation::HardSilu,
        Activation::Silu,
        Activation::Tanh,
    ];
    let sizes = [(1, 1), (130, 1), (50, 3), (7, 16), (3, 70), (40, 130), (5, 1024), (5, 1500), (1000, 24)];
    for ((rows, channels), activation) in sizes.into_iter().flat_map(|size| functions.map(|function| (size, function)))
    {
        let (x, dy) = (uniform(&mut rng, rows * channels), uniform(&mut rng, rows * channels));
        let [gamma, beta, mean] = [(); 3].map(|()| uniform(&mut rng, channels));
        let variance: Vec<f32> = (0..channels).map(|_| rng.random_range(0.1..2.0)).collect();
        on_every_isa(|isa, at_end| {
            let memory = |values: &[f32]| Memory::new(values, at_end);
            let (x, dy) = (memory(&x), memory(&dy));
            let (gamma, beta) = (Some(&*gamma), Some(&*beta));
            let channels = Channels { mean: &mean, variance: &variance, epsilon: EPSILON, gamma, beta };
            let work = &mut AlignedBuffer::default();
            work.take(1 << 14).fill(f32::NAN);
            let (mut z, mut before) = (vec![f32::NAN; x.len()], dy.to_vec());
            batch::forward(&x, channels, Activation::Linear, &mut z, work);
            if !activation.derivative_from_input() {
                activations::apply(activation, &mut z);
            }
            activations::backward_in_place(activation, &z, &mut before);
            let mut results = [(activation, &*dy), (Activation::Linear, &*before)].map(|(activation, dy)| {
                let gradient = Gradient { x: &x, activation, dy };
                let result = |len: usize| Memory::new(&vec![f32::NAN; len], at_end);
                let (mut sums, mut products) = (result(mean.len()), result(mean.len()));
                batch::gradient_sums(gradient, channels, (&mut sums, &mut products), work);
                let (mut through, mut given) = (result(x.len()), memory(&x));
                let of_sums = (&*sums, &*products);
                batch::backward_through_statistics(gradient, channels, of_sums, (&mut through, Store::Set), work);
                batch::backward_given_statistics(gradient, channels, (&mut given, Store::Add), work);
                [&*sums, &products, &through, &given].concat()
            });
            let [within, before] = &mut results;
            assert_eq!(within, before, "{isa:?} {activation:?} {rows}");
        });
    }
}

#[test]
fn statistics_move_by_the_momentum() {
    let moving = [1.0, -2.0];
    let mut step = [f32::NAN; 2];
    batch::moving_step(&moving, &[3.0, -2.0], 0.75, (&mut step, Write::Set));
    assert_eq!(step, [0.5, 0.0]);
    // As if 1.5 · 0.75 + 7 · 0.25 and -2 · 0.75 + 6 · 0.25 came behind it.
    batch::moving_step(&moving, &[7.0, 6.0], 0.75, (&mut step, Write::Add));
    assert_eq!(step, [1.875, 2.0]);
    batch::moving_step(&moving, &[7.0, 8.0], 0.0, (&mut step, Write::Set));
    assert_eq!(step, [6.0, 10.0]);
}
