//! `BatchNorm`.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::dense::sum_of_rows;
use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// y = (x − mean) / √(variance + epsilon) · gamma + beta for each channel of the last axis: in training of the batch, in inference the
/// moving averages.
#[derive(Debug)]
pub struct BatchNorm {
    /// The part of the moving averages that a step keeps.
    pub momentum: f32,
    /// Added to variances.
    pub epsilon: f32,
    /// Whether there is a beta.
    pub center: bool,
    /// Whether there is a gamma.
    pub scale: bool,
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    // Two values of a channel, whichever they are, become -1 and 1: nothing of them is left.
    let dims = single(operands)?;
    let positions: usize = dims[..dims.len() - 1].iter().product();
    let layer = BatchNorm {
        momentum: random.pick(&[0.0, 0.5, 0.99]),
        epsilon: random.pick(&[1e-3, 1e-2]),
        center: random.percent(80),
        scale: random.percent(80),
    };
    (positions >= 3).then(|| Rc::new(layer) as Rc<dyn Layer>)
}

/// The mean of each channel.
fn mean(x: &Tensor, channels: usize) -> Vec<f64> {
    let count = (x.data.len() / channels) as f64;
    sum_of_rows(x, channels).data.iter().map(|sum| sum / count).collect()
}

impl BatchNorm {
    /// Mean and variance of each channel of the batch.
    fn statistics(x: &Tensor) -> [Vec<f64>; 2] {
        let channels = *x.dims.last().expect("an axis");
        let means = mean(x, channels);
        let squares = Tensor::from_fn(&x.dims, |index| (x.data[index] - means[index % channels]).powi(2));
        let variances = mean(&squares, channels);
        [means, variances]
    }

    fn weight_names(&self) -> impl Iterator<Item = &'static str> {
        let all = [("gamma", self.scale), ("beta", self.center), ("moving_mean", true), ("moving_variance", true)];
        all.into_iter().filter(|(_, there)| *there).map(|(name, _)| name)
    }

    /// Gamma, beta and both moving averages: ones for a gamma that is not there, zeros for a beta.
    fn all_weights(&self, weights: &[&Tensor]) -> [Tensor; 4] {
        let own: BTreeMap<&str, &Tensor> = self.weight_names().zip(weights.iter().copied()).collect();
        let instead = |value: f64| weights[0].map(|_| value);
        let of = |name: &str, value: f64| own.get(name).map_or_else(|| instead(value), |weight| (*weight).clone());
        [of("gamma", 1.0), of("beta", 0.0), of("moving_mean", 0.0), of("moving_variance", 0.0)]
    }

    /// What the values of each channel are multiplied by, without gamma.
    fn scales(&self, variances: &[f64]) -> Vec<f64> {
        variances.iter().map(|variance| 1.0 / (variance + f64::from(self.epsilon)).sqrt()).collect()
    }
}

impl Layer for BatchNorm {
    fn kind(&self) -> &'static str {
        "BatchNorm"
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![format!("momentum = {:?}", self.momentum), format!("epsilon = {:?}", self.epsilon)];
        let without = [("center", self.center), ("scale", self.scale)].into_iter().filter(|(_, there)| !there);
        arguments.extend(without.map(|(name, _)| format!("{name} = false")));
        arguments
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        Some(vec![single(operands)?.clone()])
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let channels = operands[0].last().copied().unwrap_or(1);
        let names = self.weight_names();
        names.map(|name| (name, vec![channels])).collect()
    }

    fn statistics(&self) -> &'static [&'static str] {
        &["moving_mean", "moving_variance"]
    }

    fn kept_of_statistics(&self) -> f64 {
        f64::from(self.momentum)
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let [gamma, beta, moving_mean, moving_variance] = self.all_weights(weights);
        let channels = gamma.data.len();
        let [means, variances] = match call.training {
            true => Self::statistics(x[0]),
            false => [moving_mean.data.clone(), moving_variance.data.clone()],
        };
        let scales = self.scales(&variances);
        vec![Tensor::from_fn(&x[0].dims, |index| {
            let channel = index % channels;
            (x[0].data[index] - means[channel]) * scales[channel] * gamma.data[channel] + beta.data[channel]
        })]
    }

    /// The "gradients" of the moving averages are the steps that they take.
    fn backward(&self, call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let (x, dy) = (x[0], dy[0]);
        let [gamma, _, moving_mean, moving_variance] = self.all_weights(weights);
        let channels = gamma.data.len();
        let [means, variances] = match call.training {
            true => Self::statistics(x),
            false => [moving_mean.data.clone(), moving_variance.data.clone()],
        };
        let scales = self.scales(&variances);
        let normal =
            Tensor::from_fn(&x.dims, |index| (x.data[index] - means[index % channels]) * scales[index % channels]);
        let products = normal.zip(dy, |normal, upstream| normal * upstream);
        let (mean_dy, mean_products) = (mean(dy, channels), mean(&products, channels));
        // In training each value moves the mean and the variance of its channel, too.
        let dx = Tensor::from_fn(&x.dims, |index| {
            let channel = index % channels;
            let moved =
                if call.training { mean_dy[channel] + normal.data[index] * mean_products[channel] } else { 0.0 };
            let rest = dy.data[index] - moved;
            gamma.data[channel] * scales[channel] * rest
        });
        let step = |moving: &Tensor, batch: &[f64]| {
            let part = 1.0 - f64::from(self.momentum);
            Tensor::from_fn(&moving.dims, |channel| part * (batch[channel] - moving.data[channel]))
        };
        let mut weights = Vec::new();
        weights.extend(self.scale.then(|| sum_of_rows(&products, channels)));
        weights.extend(self.center.then(|| sum_of_rows(dy, channels)));
        weights.extend([step(&moving_mean, &means), step(&moving_variance, &variances)]);
        Gradients { operands: vec![dx], weights }
    }
}
