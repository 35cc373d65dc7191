//! The outputs with losses and metrics, and where each loss enters.

use proc_macro2::Ident;
use quote::format_ident;

use super::lower::Lowered;
use super::{Place, TensorId};
use crate::graph::{HeadMetric, LossTerm, Network, Output};
use crate::shape::Target;

/// An output that has losses or metrics.
#[derive(Debug)]
pub struct Head {
    /// Index of the output.
    pub output: usize,
    /// What the output is compared with, if with anything.
    pub target: Option<Target>,
    /// Its losses.
    pub terms: Vec<Term>,
    /// Its metrics: the name of the field that holds its state, and the code of the metric.
    pub metrics: Vec<HeadMetricPlan>,
}

/// A loss of a head.
#[derive(Debug)]
pub struct Term {
    /// Its weight.
    pub weight: f32,
    /// The loss.
    pub loss: crate::losses::Loss,
    /// The tensor it is computed from.
    pub reads: TensorId,
    /// Whether that tensor holds the logits of the output.
    pub from_logits: bool,
}

/// A metric of a head.
#[derive(Debug)]
pub struct HeadMetricPlan {
    /// The field that holds its state.
    pub field: Ident,
    /// The metric.
    pub metric: crate::metrics::Metric,
    /// What it compares with.
    pub target: Target,
}

/// The heads in the order of the outputs.
pub(super) fn heads(network: &Network, lowered: &Lowered) -> Vec<Head> {
    network
        .outputs
        .iter()
        .enumerate()
        .filter(|(output, _)| network.is_head(*output))
        .map(|(output, declared)| {
            let target = declared.target.clone();
            let losses = network.losses.iter().filter(|head| head.output == output);
            let terms = losses.flat_map(|head| &head.terms).map(|term| plan_term(lowered, output, term)).collect();
            let metrics = network.metrics.iter().filter(|metric| metric.output == output);
            let metrics = metrics.enumerate().filter_map(|(index, HeadMetric { metric, span, .. })| {
                Some(HeadMetricPlan {
                    field: format_ident!("{}_metric_{}", declared.name, index + 1, span = *span),
                    metric: metric.clone(),
                    target: target.clone()?,
                })
            });
            let metrics = metrics.collect();
            Head { output, target, terms, metrics }
        })
        .collect()
}

/// The tensors that terms of the loss are computed from.
pub(super) fn read_by_losses(lowered: &Lowered, heads: &[Head]) -> impl Iterator<Item = TensorId> {
    let terms = heads.iter().flat_map(|head| &head.terms).map(|term| term.reads);
    terms.chain(lowered.activities.iter().map(|activity| activity.reads))
}

/// The heads of a network with errors: their targets, without losses and metrics.
pub(super) fn stubs(network: &Network) -> Vec<Head> {
    let heads = network.outputs.iter().enumerate().filter(|(output, _)| network.is_head(*output));
    let stub = |(output, declared): (usize, &Output)| Head {
        output,
        target: declared.target.clone(),
        terms: Vec::new(),
        metrics: Vec::new(),
    };
    heads.map(stub).collect()
}

/// A cross-entropy right behind the softmax or sigmoid that belongs to it is computed from what went in there: stable,
/// and its gradient enters there.
fn plan_term(lowered: &Lowered, output: usize, term: &LossTerm) -> Term {
    let place = &lowered.outputs[output];
    let logits = lowered.distributions.get(&place.tensor).and_then(|&(distribution, last_axis)| {
        let fits = term.loss.takes_logits_of() == Some(distribution) && place.shape.last() == Some(&last_axis);
        let operand = lowered.steps[lowered.producer(place.tensor)].operands[0];
        match operand {
            Place::Tensor(tensor) if fits => Some(tensor),
            Place::Tensor(_) | Place::Input(_) => None,
        }
    });
    Term {
        weight: term.weight,
        loss: term.loss.clone(),
        reads: logits.unwrap_or(place.tensor),
        from_logits: logits.is_some(),
    }
}
