//! Weights that are drawn one by one.

use super::Seed;
use crate::memory::philox::Stream;
use crate::tensor::param::Param;

/// Which of the fans of a weight its variance goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    /// The inputs of a neuron.
    In,
    /// Its outputs.
    Out,
    /// The mean of both.
    Average,
}

/// How weights lie around their mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Equally often everywhere between two bounds.
    Uniform,
    /// Normal.
    Normal,
    /// Normal, without what is more than two standard deviations away from the mean.
    TruncatedNormal,
}

/// The standard deviation of a standard normal distribution without what is beyond ±2:
/// sqrt(1 - 4 φ(2) / (2 Φ(2) - 1)).
const TRUNCATED_DEVIATION: f64 = 0.879_625_661_034_239_8;

/// A number from 0 to below 1, from the upper 23 of 32 random bits.
fn fraction(bits: u32) -> f32 {
    (bits >> 9) as f32 / (1 << 23) as f32
}

/// Normally distributed, with mean 0 and deviation 1 (Box and Muller 1958). Logarithm and cosine may differ in the last digit between
/// systems; as `f32` it is gone.
pub(super) fn normal(words: &mut Stream) -> f64 {
    let [radius, angle] = [(); 2].map(|()| (f64::from(words.next_u32()) + 0.5) / 2.0_f64.powi(32));
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// The same again and again, until it is within ±2.
fn truncated(words: &mut Stream) -> f64 {
    std::iter::repeat_with(|| normal(words)).find(|value| value.abs() <= 2.0).unwrap_or(0.0)
}

/// Inputs and outputs of a neuron.
fn fans(dims: &[usize]) -> [usize; 2] {
    let (window, inputs, outputs) = match dims {
        [] => (1, 1, 1),
        [length] => (1, *length, *length),
        [window @ .., inputs, outputs] => (window.iter().product(), *inputs, *outputs),
    };
    [window * inputs, window * outputs]
}

/// Each value drawn for itself.
fn drawn(mut param: Param, seed: Seed, mut draw: impl FnMut(&mut Stream) -> f32) -> Param {
    let mut words = Stream::new(seed.0, 0);
    param.values_mut().fill_with(|| draw(&mut words));
    param
}

/// Uniform from `low` to below `high`.
///
/// Written `random_uniform(low = -0.05, high = 0.05)` in `network!`.
pub fn random_uniform(dims: &[usize], low: f32, high: f32, seed: Seed) -> Param {
    drawn(Param::zeros(dims), seed, |words| fraction(words.next_u32()) * (high - low) + low)
}

/// Normal, with this mean and standard deviation.
///
/// Written `random_normal(mean = 0.0, stddev = 0.05)` in `network!`.
pub fn random_normal(dims: &[usize], mean: f32, deviation: f32, seed: Seed) -> Param {
    drawn(Param::zeros(dims), seed, |words| (f64::from(mean) + f64::from(deviation) * normal(words)) as f32)
}

/// Normal with this mean and standard deviation, where what is more than two of these away from the mean is drawn again. So the
/// deviation of what is left is 0.88 of this.
///
/// Written `truncated_normal(mean = 0.0, stddev = 0.05)` in `network!`.
pub fn truncated_normal(dims: &[usize], mean: f32, deviation: f32, seed: Seed) -> Param {
    drawn(Param::zeros(dims), seed, |words| (f64::from(mean) + f64::from(deviation) * truncated(words)) as f32)
}

/// With mean 0 and the variance `scale` / `fan`, so that what goes through a layer neither grows nor vanishes.
///
/// Written `variance_scaling(scale = 1.0, mode = fan_in, distribution = truncated_normal)` in `network!`.
pub fn variance_scaling(dims: &[usize], scale: f32, fan: Fan, distribution: Distribution, seed: Seed) -> Param {
    // First, for it knows whether the product of the dimensions is a number.
    let param = Param::zeros(dims);
    let [inputs, outputs] = fans(dims);
    let fan = match fan {
        Fan::In => inputs as f32,
        Fan::Out => outputs as f32,
        Fan::Average => (inputs + outputs) as f32 / 2.0,
    };
    let fan = fan.max(1.0);
    let deviation = (f64::from(scale) / f64::from(fan)).sqrt();
    match distribution {
        Distribution::Uniform => {
            let limit = (3.0 * scale / fan).sqrt();
            drawn(param, seed, |words| fraction(words.next_u32()) * (2.0 * limit) - limit)
        }
        Distribution::Normal => drawn(param, seed, |words| (deviation * normal(words)) as f32),
        Distribution::TruncatedNormal => {
            let deviation = deviation / TRUNCATED_DEVIATION;
            drawn(param, seed, |words| (deviation * truncated(words)) as f32)
        }
    }
}

/// Uniform in ±sqrt(6 / (fan-in + fan-out)) (Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural
/// Networks", 2010; Keras's default for kernels).
///
/// Written `glorot_uniform` in `network!`.
pub fn glorot_uniform(dims: &[usize], seed: Seed) -> Param {
    variance_scaling(dims, 1.0, Fan::Average, Distribution::Uniform, seed)
}

/// Truncated normal, with the variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010).
///
/// Written `glorot_normal` in `network!`.
pub fn glorot_normal(dims: &[usize], seed: Seed) -> Param {
    variance_scaling(dims, 1.0, Fan::Average, Distribution::TruncatedNormal, seed)
}

/// Uniform in ±sqrt(6 / fan-in): what a ReLU halves stays as large (He et al., "Delving Deep into Rectifiers", 2015).
///
/// Written `he_uniform` in `network!`.
pub fn he_uniform(dims: &[usize], seed: Seed) -> Param {
    variance_scaling(dims, 2.0, Fan::In, Distribution::Uniform, seed)
}

/// Truncated normal, with the variance 2 / fan-in (He et al. 2015).
///
/// Written `he_normal` in `network!`.
pub fn he_normal(dims: &[usize], seed: Seed) -> Param {
    variance_scaling(dims, 2.0, Fan::In, Distribution::TruncatedNormal, seed)
}

/// Uniform in ±sqrt(3 / fan-in) (LeCun et al., "Efficient BackProp", 1998).
///
/// Written `lecun_uniform` in `network!`.
pub fn lecun_uniform(dims: &[usize], seed: Seed) -> Param {
    variance_scaling(dims, 1.0, Fan::In, Distribution::Uniform, seed)
}

/// Truncated normal, with the variance 1 / fan-in (LeCun et al. 1998): for `selu`.
///
/// Written `lecun_normal` in `network!`.
pub fn lecun_normal(dims: &[usize], seed: Seed) -> Param {
    variance_scaling(dims, 1.0, Fan::In, Distribution::TruncatedNormal, seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments of a uniform distribution in ±1 are 0, 1/3, 0, 1/5, and neighbours have nothing to do with each other.
    #[test]
    fn glorot_keeps_its_limit_and_its_moments() {
        for seed in 0..4 {
            let param = glorot_uniform(&[3, 3, 20, 300], Seed::new(seed, "layer"));
            let limit = f64::from((6.0_f32 / (9.0 * 320.0)).sqrt());
            let units: Vec<f64> = param.values().iter().map(|&value| f64::from(value) / limit).collect();
            assert!(units.iter().all(|unit| unit.abs() <= 1.0));
            let mean = |of: &dyn Fn(&[f64]) -> f64| units.windows(2).map(of).sum::<f64>() / (units.len() - 1) as f64;
            // Of 54,000 draws, the means of what has a variance below 1/3 are within 0.0125 five times in a million.
            for (power, expected) in [(1, 0.0), (2, 1.0 / 3.0), (3, 0.0), (4, 1.0 / 5.0)] {
                let moment = mean(&|pair| pair[0].powi(power));
                assert!((moment - expected).abs() < 0.0125, "moment {power} is {moment}, seed {seed}");
            }
            let covariance = mean(&|pair| pair[0] * pair[1]);
            assert!(covariance.abs() < 0.0125, "neighbours have a covariance of {covariance}, seed {seed}");
        }
    }

    #[test]
    fn axes_that_are_missing_or_of_length_0_are_no_fault() {
        let seed = Seed::new(3, "layer");
        for dims in [&[][..], &[3], &[0], &[0, 4], &[2, 0, 0]] {
            let count = dims.iter().product::<usize>();
            assert_eq!(he_normal(dims, seed).values().len(), count);
            assert!(glorot_uniform(dims, seed).values().iter().all(|value| value.is_finite()));
        }
    }
}
