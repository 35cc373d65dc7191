//! `BatchNorm`.

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
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    // Two values of a channel, whichever they are, become -1 and 1: nothing of them is left.
    let dims = single(operands)?;
    let positions: usize = dims[..dims.len() - 1].iter().product();
    let layer = BatchNorm { momentum: random.pick(&[0.0, 0.5, 0.99]), epsilon: random.pick(&[1e-3, 1e-2]) };
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
        vec![format!("momentum = {:?}", self.momentum), format!("epsilon = {:?}", self.epsilon)]
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        Some(vec![single(operands)?.clone()])
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let channels = operands[0].last().copied().unwrap_or(1);
        ["gamma", "beta", "moving_mean", "moving_variance"].map(|name| (name, vec![channels])).to_vec()
    }

    fn statistics(&self) -> &'static [&'static str] {
        &["moving_mean", "moving_variance"]
    }

    fn kept_of_statistics(&self) -> f64 {
        f64::from(self.momentum)
    }

    fn forward(&self, call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let [gamma, beta, moving_mean, moving_variance] = weights else { panic!("four weights") };
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
    fn backward(&self, _call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let (x, dy, gamma) = (x[0], dy[0], weights[0]);
        let channels = gamma.data.len();
        let [means, variances] = Self::statistics(x);
        let scales = self.scales(&variances);
        let normal =
            Tensor::from_fn(&x.dims, |index| (x.data[index] - means[index % channels]) * scales[index % channels]);
        let products = normal.zip(dy, |normal, upstream| normal * upstream);
        let (mean_dy, mean_products) = (mean(dy, channels), mean(&products, channels));
        // Each value moves the mean and the variance of its channel, too.
        let dx = Tensor::from_fn(&x.dims, |index| {
            let channel = index % channels;
            let rest = dy.data[index] - mean_dy[channel] - normal.data[index] * mean_products[channel];
            gamma.data[channel] * scales[channel] * rest
        });
        let step = |moving: &Tensor, batch: &[f64]| {
            let part = 1.0 - f64::from(self.momentum);
            Tensor::from_fn(&moving.dims, |channel| part * (batch[channel] - moving.data[channel]))
        };
        let steps = [step(weights[2], &means), step(weights[3], &variances)];
        let [mean_step, variance_step] = steps;
        let weights = vec![sum_of_rows(&products, channels), sum_of_rows(dy, channels), mean_step, variance_step];
        Gradients { operands: vec![dx], weights }
    }
}
