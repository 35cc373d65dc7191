//! Normalization of what belongs together within a sample: rows along the last axes, or groups of channels.

use std::rc::Rc;

use super::{Call, Gradients, Layer, single};
use crate::draw::Random;
use crate::tensor::{Dims, Tensor};

/// Numbers that belong together, divided by their size, and perhaps multiplied by a gamma, with a beta added.
#[derive(Clone, Copy, Debug)]
pub enum RowNorm {
    /// `LayerNorm` along so many of the last axes: distances from the mean by the standard deviation.
    Layer {
        /// How many axes.
        axes: usize,
        /// Added to variances.
        epsilon: f32,
        /// Whether there is a beta.
        center: bool,
        /// Whether there is a gamma.
        scale: bool,
    },
    /// `RmsNorm` along the last axis: by the root of the mean square.
    Rms {
        /// Added to mean squares.
        epsilon: f32,
    },
    /// `UnitNorm` along the last axis: by the length.
    Unit,
    /// `GroupNorm`: as `LayerNorm`, of so many groups of neighbouring channels over all positions.
    Group {
        /// How many groups.
        groups: usize,
        /// Added to variances.
        epsilon: f32,
        /// Whether there is a beta.
        center: bool,
        /// Whether there is a gamma.
        scale: bool,
    },
}

pub(super) fn draw(random: &mut Random, operands: &[Dims]) -> Option<Rc<dyn Layer>> {
    let dims = single(operands)?;
    let channels = *dims.last()?;
    let epsilon = random.pick(&[1e-3, 1e-2]);
    let (center, scale) = (random.percent(70), random.percent(70));
    let layer = match random.below(6) {
        0 | 1 => RowNorm::Layer { axes: random.within(1, dims.len()), epsilon, center, scale },
        2 => RowNorm::Rms { epsilon },
        3 => RowNorm::Unit,
        _ => {
            let groups: Vec<usize> = (1..=channels).filter(|groups| channels % groups == 0).collect();
            RowNorm::Group { groups: random.pick(&groups), epsilon, center, scale }
        }
    };
    layer.fits(dims).then(|| Rc::new(layer) as Rc<dyn Layer>)
}

impl RowNorm {
    fn has(self) -> (bool, bool) {
        match self {
            Self::Layer { center, scale, .. } | Self::Group { center, scale, .. } => (scale, center),
            Self::Rms { .. } => (true, false),
            Self::Unit => (false, false),
        }
    }

    /// Whether it is for such samples: a template that has it is used with others, too.
    fn fits(self, dims: &[usize]) -> bool {
        let Some(channels) = dims.last() else { return false };
        let divides = match self {
            Self::Layer { axes, .. } => axes <= dims.len(),
            Self::Group { groups, .. } => channels % groups == 0,
            Self::Rms { .. } | Self::Unit => true,
        };
        // Of two numbers whichever they are, distances from the mean become -1 and 1: nothing of them is left. One number's length is itself.
        divides && self.members(dims).iter().map(Vec::len).min().is_some_and(|together| together >= 3)
    }

    /// Which elements of a sample belong together.
    fn members(self, dims: &[usize]) -> Vec<Vec<usize>> {
        let all: usize = dims.iter().product();
        let axes = match self {
            Self::Layer { axes, .. } => axes,
            Self::Rms { .. } | Self::Unit => 1,
            Self::Group { groups, .. } => {
                let channels = dims[dims.len() - 1];
                let of = |index: usize| index % channels / (channels / groups);
                return (0..groups).map(|group| (0..all).filter(|&index| of(index) == group).collect()).collect();
            }
        };
        let len: usize = dims[dims.len() - axes..].iter().product();
        (0..all / len).map(|row| (row * len..(row + 1) * len).collect()).collect()
    }

    /// Number of elements of gamma and beta, which repeat along a sample.
    fn factors(self, dims: &[usize]) -> Dims {
        match self {
            Self::Layer { axes, .. } => dims[dims.len() - axes..].to_vec(),
            _ => dims[dims.len() - 1..].to_vec(),
        }
    }

    /// Mean, or 0, and inverse of the size.
    fn known(self, values: &[f64]) -> (f64, f64) {
        let count = values.len() as f64;
        let squares = |mean: f64| values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        match self {
            Self::Layer { epsilon, .. } | Self::Group { epsilon, .. } => {
                let mean = values.iter().sum::<f64>() / count;
                (mean, 1.0 / (squares(mean) / count + f64::from(epsilon)).sqrt())
            }
            Self::Rms { epsilon } => (0.0, 1.0 / (squares(0.0) / count + f64::from(epsilon)).sqrt()),
            Self::Unit => (0.0, 1.0 / squares(0.0).sqrt().max(1e-12)),
        }
    }

    /// The numbers before gamma and beta, and the inverse of the size of each.
    fn normal(self, x: &Tensor) -> [Tensor; 2] {
        let [mut normal, mut inverses] = [x.clone(), x.clone()];
        let sample: usize = x.dims[1..].iter().product();
        let members = self.members(&x.dims[1..]);
        for start in (0..x.data.len()).step_by(sample.max(1)) {
            for members in &members {
                let values: Vec<f64> = members.iter().map(|member| x.data[start + member]).collect();
                let (mean, inverse) = self.known(&values);
                for member in members {
                    normal.data[start + member] = (x.data[start + member] - mean) * inverse;
                    inverses.data[start + member] = inverse;
                }
            }
        }
        [normal, inverses]
    }
}

impl Layer for RowNorm {
    fn kind(&self) -> &'static str {
        match self {
            Self::Layer { .. } => "LayerNorm",
            Self::Rms { .. } => "RmsNorm",
            Self::Unit => "UnitNorm",
            Self::Group { .. } => "GroupNorm",
        }
    }

    fn arguments(&self) -> Vec<String> {
        let of = |epsilon: f32, center: bool, scale: bool| {
            [format!("epsilon = {epsilon:?}"), format!("center = {center}"), format!("scale = {scale}")]
        };
        match *self {
            Self::Layer { axes, epsilon, center, scale } => {
                let axes: Vec<String> = (1..=axes).rev().map(|axis| format!("-{axis}")).collect();
                let axes = if axes.len() == 1 { axes[0].clone() } else { format!("({})", axes.join(", ")) };
                [vec![format!("axis = {axes}")], of(epsilon, center, scale).to_vec()].concat()
            }
            Self::Rms { epsilon } => vec![format!("epsilon = {epsilon:?}")],
            Self::Unit => Vec::new(),
            Self::Group { groups, epsilon, center, scale } => {
                [vec![groups.to_string()], of(epsilon, center, scale).to_vec()].concat()
            }
        }
    }

    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>> {
        let dims = single(operands)?;
        self.fits(dims).then(|| vec![dims.clone()])
    }

    fn weights(&self, operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        let dims = self.factors(&operands[0]);
        let (gamma, beta) = self.has();
        let names = [gamma.then_some("gamma"), beta.then_some("beta")];
        names.into_iter().flatten().map(|name| (name, dims.clone())).collect()
    }

    fn forward(&self, _call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let (has_gamma, has_beta) = self.has();
        let (gamma, beta) = (has_gamma.then(|| weights[0]), has_beta.then(|| weights[weights.len() - 1]));
        let of = |factors: Option<&Tensor>, index: usize, none: f64| {
            factors.map_or(none, |factors| factors.data[index % factors.data.len()])
        };
        let [normal, _] = self.normal(x[0]);
        vec![Tensor::from_fn(&x[0].dims, |index| normal.data[index] * of(gamma, index, 1.0) + of(beta, index, 0.0))]
    }

    fn backward(&self, _call: &Call, x: &[&Tensor], weights: &[&Tensor], _y: &[&Tensor], dy: &[&Tensor]) -> Gradients {
        let (x, dy) = (x[0], dy[0]);
        let (has_gamma, has_beta) = self.has();
        let [normal, inverses] = self.normal(x);
        let upstream = Tensor::from_fn(&x.dims, |index| {
            let gamma = if has_gamma { weights[0].data[index % weights[0].data.len()] } else { 1.0 };
            dy.data[index] * gamma
        });
        let mut dx = Tensor::like(x);
        let sample: usize = x.dims[1..].iter().product();
        let members = self.members(&x.dims[1..]);
        for start in (0..x.data.len()).step_by(sample.max(1)) {
            for members in &members {
                let sum = |of: &dyn Fn(usize) -> f64| members.iter().map(|member| of(start + member)).sum::<f64>();
                let count = members.len() as f64;
                let product = sum(&|index| upstream.data[index] * normal.data[index]);
                let (shift, slope) = match self {
                    Self::Layer { .. } | Self::Group { .. } => {
                        (sum(&|index| upstream.data[index]) / count, product / count)
                    }
                    Self::Rms { .. } => (0.0, product / count),
                    Self::Unit => (0.0, product),
                };
                for index in members.iter().map(|member| start + member) {
                    dx.data[index] = inverses.data[index] * (upstream.data[index] - shift - normal.data[index] * slope);
                }
            }
        }
        let dims = self.factors(&x.dims[1..]);
        let len: usize = dims.iter().product();
        let column = |of: &dyn Fn(usize) -> f64| {
            Tensor::from_fn(&dims, |column| (column..x.data.len()).step_by(len).map(of).sum())
        };
        let gamma = has_gamma.then(|| column(&|index| dy.data[index] * normal.data[index]));
        let beta = has_beta.then(|| column(&|index| dy.data[index]));
        Gradients { operands: vec![dx], weights: [gamma, beta].into_iter().flatten().collect() }
    }
}
