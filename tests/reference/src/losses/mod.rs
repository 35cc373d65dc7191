//! The losses, as Keras 3 defines them.

mod ctc;
mod overlap;

use self::overlap::Overlap;
use crate::draw::Random;
use crate::graph::Element;
use crate::layers::{Call, Choice};
use crate::tensor::{Dims, Tensor, elements};

/// An output with losses.
#[derive(Clone, Debug)]
pub struct Head {
    /// Index of the output.
    pub output: usize,
    /// The losses that are added up, each with its factor.
    pub terms: Vec<(f32, Loss)>,
}

/// A loss of one sample: the mean over its positions, where a position is a row of the last axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    /// The mean of (y − t)².
    MeanSquaredError,
    /// The mean of |y − t|.
    MeanAbsoluteError,
    /// The mean of e²/2 up to the bound, of bound · |e| − bound²/2 beyond it.
    Huber(f32),
    /// The mean of −t · ln(p) − (1 − t) · ln(1 − p); targets are moved towards one half by the share.
    BinaryCrossentropy(f32),
    /// −Σ t · ln(p) of every position, with p divided by its sum; the share of a target is spread over all classes.
    CategoricalCrossentropy(f32),
    /// ln(Σ p) − ln(p of the class) of every position; those of the class that is ignored do not count.
    SparseCategoricalCrossentropy(Option<u32>),
    /// The mean of ln(cosh(y − t)).
    LogCosh,
    /// The mean of max(1 − t · y, 0), or of its square; a target of 0 counts as −1.
    Hinge {
        /// Whether it is the square.
        squared: bool,
    },
    /// (1 − q)^γ times the binary cross-entropy, where q is the probability of the right answer.
    BinaryFocalCrossentropy(f32),
    /// −Σ α · (1 − p)^γ · t · ln(p) of every position, with p divided by its sum.
    CategoricalFocalCrossentropy([f32; 2]),
    /// Σ t · ln(t / p) of every position.
    KlDivergence,
    /// The mean of t · y² + (1 − t) · max(margin − y, 0)².
    Contrastive(f32),
    /// (1 − p^q) / q of every position, where p is the probability of the class.
    GeneralizedCrossentropy(f32),
    /// The mean of y − t · ln(y + ε).
    Poisson,
    /// The mean of y, whatever the target.
    Minimize,
    /// max(a − b + margin, 0) of every position, of two elements, whatever the target.
    Triplet(f32),
    /// 1 − 2 · Σ p · t / (Σ p + Σ t + ε) of a sample, or of the batch as one.
    Dice {
        /// Whether it is of the batch.
        batch: bool,
    },
    /// 1 − I / (I + α · Σ (1 − p) · t + β · Σ p · (1 − t) + ε) of a sample, or of the batch as one, where I = Σ p · t.
    Tversky {
        /// α and β.
        weights: [f32; 2],
        /// Whether it is of the batch.
        batch: bool,
    },
    /// −ln of the probability that the steps of a sample spell up to so many labels.
    Ctc(usize),
}

/// What probabilities are kept away from 0 and 1 by.
const EPSILON: f64 = 1e-7;

fn clip(p: f64) -> f64 {
    p.clamp(EPSILON, 1.0 - EPSILON)
}

fn clip_slope(p: f64) -> f64 {
    if (EPSILON..=1.0 - EPSILON).contains(&p) { 1.0 } else { 0.0 }
}

/// Whether a probability is clipped is a choice. One that a softmax or sigmoid has made is not clipped if the loss is computed from its
/// logits, so that there the two ways to compute the loss differ.
fn choose_clip(call: &mut Call, p: f64) {
    let clipped = !(EPSILON..=1.0 - EPSILON).contains(&p);
    call.choices.push(match clipped {
        true if (0.0..=1.0).contains(&p) => Choice::Hazard,
        _ => Choice::Side(usize::from(p > EPSILON) + usize::from(p > 1.0 - EPSILON)),
    });
}

impl Loss {
    /// As it is written in a program.
    pub fn text(self) -> String {
        match self {
            Self::MeanSquaredError => "MeanSquaredError".to_owned(),
            Self::MeanAbsoluteError => "MeanAbsoluteError".to_owned(),
            Self::Huber(delta) => format!("Huber(delta = {delta:?})"),
            Self::BinaryCrossentropy(share) => format!("BinaryCrossentropy(label_smoothing = {share:?})"),
            Self::CategoricalCrossentropy(share) => format!("CategoricalCrossentropy(label_smoothing = {share:?})"),
            Self::SparseCategoricalCrossentropy(None) => "SparseCategoricalCrossentropy".to_owned(),
            Self::SparseCategoricalCrossentropy(Some(class)) => {
                format!("SparseCategoricalCrossentropy(ignore = {class})")
            }
            Self::LogCosh => "LogCosh".to_owned(),
            Self::Hinge { squared: false } => "Hinge".to_owned(),
            Self::Hinge { squared: true } => "SquaredHinge".to_owned(),
            Self::BinaryFocalCrossentropy(gamma) => format!("BinaryFocalCrossentropy(gamma = {gamma:?})"),
            Self::CategoricalFocalCrossentropy([gamma, alpha]) => {
                format!("CategoricalFocalCrossentropy({gamma:?}, alpha = {alpha:?})")
            }
            Self::KlDivergence => "KlDivergence".to_owned(),
            Self::Contrastive(margin) => format!("Contrastive({margin:?})"),
            Self::GeneralizedCrossentropy(q) => format!("GeneralizedCrossentropy({q:?})"),
            Self::Poisson => "Poisson".to_owned(),
            Self::Minimize => "Minimize".to_owned(),
            Self::Triplet(margin) => format!("Triplet({margin:?})"),
            Self::Dice { batch: true } => "Dice".to_owned(),
            Self::Dice { batch: false } => "Dice(over = sample)".to_owned(),
            Self::Tversky { weights: [alpha, beta], batch } => {
                let over = if batch { "batch" } else { "sample" };
                format!("Tversky(alpha = {alpha:?}, beta = {beta:?}, over = {over})")
            }
            Self::Ctc(labels) => format!("Ctc({labels})"),
        }
    }

    /// Shape and element of the targets for outputs of this shape.
    pub fn target(self, output: &[usize]) -> (Dims, Element) {
        match (self, output.split_last()) {
            (Self::SparseCategoricalCrossentropy(_) | Self::GeneralizedCrossentropy(_), Some((classes, rest))) => {
                (rest.to_vec(), Element::U32(*classes))
            }
            (Self::Ctc(labels), Some((classes, _))) => (vec![labels], Element::U32(*classes)),
            _ => (output.to_vec(), Element::F32),
        }
    }

    /// Random targets for a batch.
    pub fn draw_target(self, random: &mut Random, samples: usize, output: &[usize]) -> Tensor {
        let (dims, element) = self.target(output);
        let dims = super::layers::batch(samples, &dims);
        let classes = output.last().copied().unwrap_or(1);
        match (self, element) {
            (_, Element::U32(classes)) => Tensor::from_fn(&dims, |_| random.below(classes) as f64),
            (Self::CategoricalCrossentropy(_) | Self::CategoricalFocalCrossentropy(_) | Self::KlDivergence, _) => {
                let mut target = Tensor::zeros(&dims);
                for row in target.data.chunks_mut(classes) {
                    if random.percent(50) {
                        row[random.below(classes)] = 1.0;
                        continue;
                    }
                    row.iter_mut().for_each(|element| *element = random.number().abs() + 0.01);
                    let sum: f64 = row.iter().sum();
                    row.iter_mut().for_each(|element| *element = f64::from((*element / sum) as f32));
                }
                target
            }
            (Self::Poisson, _) => Tensor::from_fn(&dims, |_| random.number().abs()),
            (
                Self::BinaryCrossentropy(_)
                | Self::BinaryFocalCrossentropy(_)
                | Self::Hinge { .. }
                | Self::Contrastive(_)
                | Self::Dice { .. }
                | Self::Tversky { .. },
                _,
            ) => {
                Tensor::from_fn(
                    &dims,
                    |_| if random.percent(50) { random.below(2) as f64 } else { random.number().abs() },
                )
            }
            _ => Tensor::from_fn(&dims, |_| random.number()),
        }
    }

    /// The loss of a batch, Σ weight · loss / samples, and its gradient with respect to the output.
    pub fn of_batch(self, call: &mut Call, output: &Tensor, target: &Tensor, weights: Option<&[f64]>) -> (f64, Tensor) {
        match self {
            Self::Dice { batch } => return Overlap::dice(batch).of_batch(output, target, weights),
            Self::Tversky { weights: areas, batch } => {
                return Overlap::tversky(areas, batch).of_batch(output, target, weights);
            }
            Self::Ctc(_) => return ctc::of_batch(call, output, target, weights),
            _ => {}
        }
        let samples = output.samples();
        let row = *output.dims.get(1..).and_then(|dims| dims.last()).unwrap_or(&1);
        let len = elements(&output.dims[1..]);
        // Beside a Ctc, what compares with nothing has a target of fewer numbers than the output has rows.
        let compares = !matches!(self, Self::Minimize);
        let target_row = if compares { target.data.len() / (output.data.len() / row) } else { 0 };
        let mut gradient = Tensor::like(output);
        let mut sum = 0.0;
        let ignored =
            |t: &[f64]| matches!(self, Self::SparseCategoricalCrossentropy(Some(class)) if t[0] == f64::from(class));
        let counted = match target_row {
            0 => 1.0,
            _ => {
                let positions = target.data.chunks(target_row);
                positions.clone().filter(|t| !ignored(t)).count() as f64 / positions.len() as f64
            }
        };
        for position in 0..output.data.len() / row {
            let sample = position * row / len;
            let share =
                weights.map_or(1.0, |weights| weights[sample]) / (samples as f64 * counted) / (len / row) as f64;
            let y = &output.data[position * row..][..row];
            let t = &target.data[position * target_row..][..target_row];
            if ignored(t) {
                continue;
            }
            let (value, slopes) = self.of_position(call, y, t);
            sum += share * value;
            for (index, slope) in slopes.into_iter().enumerate() {
                gradient.data[position * row + index] = share * slope;
            }
        }
        (sum, gradient)
    }

    /// The loss of a row of the last axis, and its derivative with respect to each element.
    fn of_position(self, call: &mut Call, y: &[f64], t: &[f64]) -> (f64, Vec<f64>) {
        let count = y.len() as f64;
        let mut mean = |of: &dyn Fn(&mut Call, f64, f64) -> (f64, f64)| {
            let both: Vec<(f64, f64)> = y.iter().zip(t).map(|(y, t)| of(call, *y, *t)).collect();
            (
                both.iter().map(|(value, _)| value).sum::<f64>() / count,
                both.iter().map(|(_, slope)| slope / count).collect(),
            )
        };
        match self {
            Self::MeanSquaredError => mean(&|_, y, t| ((y - t) * (y - t), 2.0 * (y - t))),
            Self::MeanAbsoluteError => mean(&|call, y, t| {
                call.choose(usize::from(y > t), y == t);
                ((y - t).abs(), if y == t { 0.0 } else { (y - t).signum() })
            }),
            Self::Huber(delta) => mean(&|_, y, t| {
                let (error, delta) = (y - t, f64::from(delta));
                if error.abs() <= delta {
                    (0.5 * error * error, error)
                } else {
                    (delta * error.abs() - 0.5 * delta * delta, delta * error.signum())
                }
            }),
            Self::BinaryCrossentropy(share) => mean(&|call, p, t| {
                choose_clip(call, p);
                let share = f64::from(share);
                let (t, clipped) = (t * (1.0 - share) + 0.5 * share, clip(p));
                let value = -t * clipped.ln() - (1.0 - t) * (1.0 - clipped).ln();
                (value, clip_slope(p) * ((1.0 - t) / (1.0 - clipped) - t / clipped))
            }),
            Self::CategoricalCrossentropy(share) => {
                let share = f64::from(share);
                let total: f64 = y.iter().sum();
                let shares: Vec<f64> = y.iter().map(|p| p / total).collect();
                let t: Vec<f64> = t.iter().map(|t| t * (1.0 - share) + share / count).collect();
                shares.iter().for_each(|p| choose_clip(call, *p));
                let value = shares.iter().zip(&t).map(|(p, t)| -t * clip(*p).ln()).sum();
                // With respect to each share; an element moves its own share, and all of them by the sum.
                let slopes: Vec<f64> = shares.iter().zip(&t).map(|(p, t)| -t * clip_slope(*p) / clip(*p)).collect();
                let mean: f64 = shares.iter().zip(&slopes).map(|(p, slope)| p * slope).sum();
                (value, slopes.iter().map(|slope| (slope - mean) / total).collect())
            }
            Self::LogCosh => mean(&|_, y, t| {
                let distance = (y - t).abs();
                (distance + (-2.0 * distance).exp().ln_1p() - std::f64::consts::LN_2, (y - t).tanh())
            }),
            Self::Hinge { squared } => mean(&|call, y, t| {
                let t = if t == 0.0 { -1.0 } else { t };
                let missing = 1.0 - t * y;
                call.choose(usize::from(missing > 0.0), missing == 0.0);
                match (missing > 0.0, squared) {
                    (false, _) => (0.0, 0.0),
                    (true, false) => (missing, -t),
                    (true, true) => (missing * missing, -2.0 * missing * t),
                }
            }),
            Self::BinaryFocalCrossentropy(gamma) => mean(&|call, p, t| {
                choose_clip(call, p);
                let (gamma, clipped) = (f64::from(gamma), clip(p));
                let entropy = -t * clipped.ln() - (1.0 - t) * (1.0 - clipped).ln();
                let slope = clip_slope(p) * ((1.0 - t) / (1.0 - clipped) - t / clipped);
                // Noise may lift a probability above 1, whose power would be no number.
                let wrong = (t * (1.0 - p) + (1.0 - t) * p).max(0.0);
                let factor_slope = gamma * wrong.powf(gamma - 1.0) * (1.0 - 2.0 * t);
                (wrong.powf(gamma) * entropy, wrong.powf(gamma) * slope + factor_slope * entropy)
            }),
            Self::CategoricalFocalCrossentropy([gamma, alpha]) => {
                let (gamma, alpha) = (f64::from(gamma), f64::from(alpha));
                let total: f64 = y.iter().sum();
                let shares: Vec<f64> = y.iter().map(|p| p / total).collect();
                shares.iter().for_each(|p| choose_clip(call, *p));
                let of = |p: f64, t: f64| -alpha * t * (1.0 - clip(p)).powf(gamma) * clip(p).ln();
                let value = shares.iter().zip(t).map(|(p, t)| of(*p, *t)).sum();
                let slope = |(p, t): (&f64, &f64)| {
                    let (c, rest) = (clip(*p), 1.0 - clip(*p));
                    clip_slope(*p) * alpha * t * (gamma * rest.powf(gamma - 1.0) * c.ln() - rest.powf(gamma) / c)
                };
                let slopes: Vec<f64> = shares.iter().zip(t).map(slope).collect();
                let mean: f64 = shares.iter().zip(&slopes).map(|(p, slope)| p * slope).sum();
                (value, slopes.iter().map(|slope| (slope - mean) / total).collect())
            }
            Self::KlDivergence => {
                let limit = |p: f64| p.clamp(EPSILON, 1.0);
                y.iter().for_each(|p| choose_clip(call, *p));
                let value = y.iter().zip(t).map(|(p, t)| limit(*t) * (limit(*t) / limit(*p)).ln()).sum();
                let slope = |(p, t): (&f64, &f64)| if limit(*p) == *p { -limit(*t) / p } else { 0.0 };
                (value, y.iter().zip(t).map(slope).collect())
            }
            Self::Contrastive(margin) => mean(&|call, y, t| {
                let missing = f64::from(margin) - y;
                call.choose(usize::from(missing > 0.0), missing == 0.0);
                let missing = missing.max(0.0);
                (t * y * y + (1.0 - t) * missing * missing, 2.0 * t * y - 2.0 * (1.0 - t) * missing)
            }),
            Self::GeneralizedCrossentropy(q) => {
                let (class, q) = (t[0] as usize, f64::from(q));
                let slope = |(index, p): (usize, &f64)| if index == class { -p.powf(q - 1.0) } else { 0.0 };
                ((1.0 - y[class].powf(q)) / q, y.iter().enumerate().map(slope).collect())
            }
            Self::Poisson => mean(&|_, y, t| (y - t * (y + EPSILON).ln(), 1.0 - t / (y + EPSILON))),
            // The target is that of another loss, and may be class numbers.
            Self::Minimize => (y.iter().sum::<f64>() / count, vec![1.0 / count; y.len()]),
            Self::Triplet(margin) => {
                let missing = y[0] - y[1] + f64::from(margin);
                call.choose(usize::from(missing > 0.0), missing == 0.0);
                if missing > 0.0 { (missing, vec![1.0, -1.0]) } else { (0.0, vec![0.0, 0.0]) }
            }
            Self::Dice { .. } | Self::Tversky { .. } | Self::Ctc(_) => {
                unreachable!("no position has a loss of its own")
            }
            Self::SparseCategoricalCrossentropy(_) => {
                let class = t[0] as usize;
                y.iter().for_each(|p| choose_clip(call, *p));
                let total: f64 = y.iter().map(|p| clip(*p)).sum();
                let own = |index: usize, p: f64| if index == class { 1.0 / clip(p) } else { 0.0 };
                let slope = |(index, p): (usize, &f64)| clip_slope(*p) * (1.0 / total - own(index, *p));
                (total.ln() - clip(y[class]).ln(), y.iter().enumerate().map(slope).collect())
            }
        }
    }
}
