//! One share of the batch of a training step, with the memory that it takes.
//!
//! A network that is too small for its operations to be divided is trained in [shares](crate::shares) of the batch: each goes
//! through all layers forward and backward on a thread of its own, and the gradients are added in order. What a batch is, and
//! what a share of it, is known by the numbers of samples in an order.

use std::ops::Range;

use crate::error::Error;
use crate::kernels::elementwise::arithmetic as elementwise;
use crate::kernels::gemm::factors::Source;
use crate::memory::mode::{Arithmetic, Mode};
use crate::memory::random::RandomKey;
use crate::network::traits::{Gradients, Samples, Trainable, Workspace};
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::rows::RowSet;

/// The samples of a training step.
pub(super) struct Given<'a, N: Trainable> {
    pub(super) samples: &'a N::Samples,
    /// Which of them, if not all in their order.
    pub(super) indices: Option<&'a [usize]>,
    /// What the weights of an output's samples are multiplied by, for each class.
    pub(super) class_weights: &'a [(String, Vec<f32>)],
}

impl<N: Trainable> Given<'_, N> {
    /// Number of samples.
    pub(super) fn count(&self) -> Result<usize, Error> {
        self.indices.map_or_else(|| self.samples.count(), |indices| Ok(indices.len()))
    }
}

/// A share, or the only one.
pub(super) struct Share<N: Trainable> {
    /// A copy of its samples, unless it has all that are given as they are.
    samples: N::Samples,
    copied: bool,
    indices: Vec<usize>,
    pub(super) workspace: N::Workspace,
    pub(super) gradients: N::Gradients,
    /// Its losses: the weighted total, and each head's own.
    total: f32,
    heads: Vec<f32>,
    /// All gradients one after the other, for who adds them to others.
    flat: AlignedBuffer,
    /// Where each of them lies there.
    laid_out: Vec<LaidOut>,
}

/// Where a gradient lies among others.
#[derive(Default)]
struct LaidOut {
    range: Range<usize>,
    /// Whether it is some rows of a table, these.
    of_rows: bool,
    rows: RowSet,
}

impl<N: Trainable> Share<N> {
    pub(super) fn new(arithmetic: Arithmetic) -> Self {
        let mut workspace = N::Workspace::new(0);
        workspace.set_arithmetic(arithmetic);
        Self {
            samples: N::Samples::default(),
            copied: false,
            indices: Vec::new(),
            workspace,
            gradients: N::Gradients::zeros(),
            total: 0.0,
            heads: vec![0.0; N::HEADS.len()],
            flat: AlignedBuffer::default(),
            laid_out: Vec::new(),
        }
    }

    fn samples<'a>(&'a self, given: &Given<'a, N>) -> &'a N::Samples {
        if self.copied { &self.samples } else { given.samples }
    }

    /// Computes outputs and losses of a range of what is given.
    pub(super) fn forward(
        &mut self,
        network: &N,
        given: &Given<'_, N>,
        range: Range<usize>,
        random: RandomKey,
    ) -> Result<(), Error> {
        let first = range.start;
        self.copied = given.indices.is_some() || range.len() < given.count()?;
        if self.copied {
            let indices = match given.indices {
                Some(indices) => &indices[range],
                None => {
                    self.indices.clear();
                    self.indices.extend(range);
                    &*self.indices
                }
            };
            given.samples.gather_into(indices, &mut self.samples);
            for (output, weights) in given.class_weights {
                self.samples.weigh_classes(output, weights)?;
            }
            self.samples.count()?;
        }
        let samples = if self.copied { &self.samples } else { given.samples };
        self.workspace.set_random(random);
        let mut losses = || {
            network.forward(samples.inputs(), Mode::TrainingWeights, &mut self.workspace)?;
            network.losses(samples, &mut self.workspace)
        };
        let (total, heads) = losses().map_err(|error| error.of_sample(&|sample| first + sample))?;
        self.total = total;
        self.heads.copy_from_slice(heads.as_ref());
        Ok(())
    }

    /// Adds its outputs to the metrics.
    pub(super) fn update_metrics(
        &self,
        network: &N,
        given: &Given<'_, N>,
        metrics: &mut N::Metrics,
    ) -> Result<(), Error> {
        network.update_metrics(self.samples(given), &self.workspace, metrics)
    }

    /// Computes the gradients of its own loss.
    pub(super) fn backward(&mut self, network: &N, given: &Given<'_, N>) -> Result<(), Error> {
        let samples = if self.copied { &self.samples } else { given.samples };
        network.backward_losses(samples, &mut self.workspace, &mut self.gradients)
    }

    /// Puts the gradients aside, multiplied by the share's part of the batch, for [`add_gradients`](Self::add_gradients): of a
    /// table the rows that its samples touch.
    pub(super) fn lay_out(&mut self, part: f32) {
        let Self { gradients, flat, laid_out, .. } = self;
        let (mut len, mut index) = (0, 0);
        gradients.visit(&mut |_, gradient| {
            if index == laid_out.len() {
                laid_out.push(LaidOut::default());
            }
            let LaidOut { range, of_rows, rows } = &mut laid_out[index];
            let begin = len;
            len += match gradient.source() {
                Source::Rows { width, touched, .. } => {
                    rows.clone_from(touched);
                    touched.count() * width
                }
                source => source.len(),
            };
            *of_rows = matches!(gradient.source(), Source::Rows { .. });
            *range = begin..len;
            index += 1;
        });
        let mut rest = flat.take(len);
        let mut put = |values: &[f32]| {
            let (place, after) = std::mem::take(&mut rest).split_at_mut(values.len());
            elementwise::scaled(values, part, place);
            rest = after;
        };
        gradients.visit(&mut |_, gradient| match gradient.source() {
            Source::Rows { values, width, touched } => {
                touched.iter().for_each(|row| put(&values[row * width..][..width]));
            }
            _ => put(gradient.values()),
        });
    }

    /// Multiplies the gradients by the share's part of the batch, and adds those of others, which have
    /// [laid out](Self::lay_out) theirs. Without others nothing is touched: a gradient may be no more than the factors of a
    /// product.
    pub(super) fn add_gradients(&mut self, part: f32, others: &[Self]) {
        if others.is_empty() {
            return;
        }
        let mut index = 0;
        self.gradients.visit_mut(&mut |_, gradient| {
            let laid_out = others.iter().map(|other| (&other.laid_out[index], &other.flat));
            if others.iter().any(|other| other.laid_out[index].of_rows) {
                gradient.scale(part);
                laid_out.for_each(|(LaidOut { range, of_rows, rows }, flat)| {
                    gradient.add(of_rows.then_some(rows), &flat[range.clone()]);
                });
            } else {
                let values = gradient.values_mut();
                for (index, (LaidOut { range, .. }, flat)) in laid_out.enumerate() {
                    elementwise::scale_and_add(values, if index == 0 { part } else { 1.0 }, &flat[range.clone()]);
                }
            }
            index += 1;
        });
    }

    /// The losses of the whole batch: the weighted total, and each head's own, by the parts that it and others have of it.
    pub(super) fn losses(&mut self, parts: impl Fn(usize) -> f64, others: &[Self]) -> (f32, &[f32]) {
        let mean = |own: f32, of: &dyn Fn(&Self) -> f32| {
            let others = others.iter().enumerate().map(|(index, other)| parts(index + 1) * f64::from(of(other)));
            (parts(0) * f64::from(own) + others.sum::<f64>()) as f32
        };
        self.total = mean(self.total, &|share| share.total);
        for (head, loss) in self.heads.iter_mut().enumerate() {
            *loss = mean(*loss, &|share| share.heads[head]);
        }
        (self.total, &self.heads)
    }
}
