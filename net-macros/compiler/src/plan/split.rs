//! Splits that copy nothing: the parts are read where the whole lies, and get their gradients there.
//!
//! A part is a tensor without memory of its own, with a flag for its gradient. It is copied where a reader cannot read parts: a
//! convolution could, but which columns it may be given depends on the axis of the split, and what is fused into it has a descriptor of
//! its own.

use super::lower::Lowered;
use super::readers::Readers;
use super::{Columns, Compute, Head, Place, Within};
use crate::layers::{Inference, OnColumns, Runs};

/// Lets the parts of a split lie within what is split, where nobody else reads that, and all that read a part are layers that can read
/// it, and write its gradient, there. Their step stays for the backward pass: parts that have no gradient are zeros in that of the whole.
pub(super) fn split(lowered: &mut Lowered, heads: &[Head]) {
    let readers = Readers::of_tensors(lowered, heads);
    for index in 0..lowered.steps.len() {
        let Some(columns) = columns(lowered, &readers, index) else { continue };
        let step = &mut lowered.steps[index];
        if let Compute::Layer(layer) = &mut step.compute {
            layer.copies_nothing = true;
        }
        for (part, columns) in step.results.iter().zip(columns) {
            lowered.tensors[part.0].within = Some(Within { whole: step.operands[0], columns });
        }
    }
}

/// The columns that the parts are of what a step splits, if that can be left as it is.
fn columns(lowered: &Lowered, readers: &Readers, index: usize) -> Option<Vec<Columns>> {
    let step = &lowered.steps[index];
    let Compute::Layer(layer) = &step.compute else { return None };
    let Runs { outer: _, lens } = layer.facts.meaning.parts.as_ref()?;
    let [whole] = *step.operands else { return None };
    let is_whole = |place: &&Place| **place == whole;
    if lowered.steps.iter().flat_map(|step| &step.operands).filter(is_whole).count() > 1 {
        return None;
    }
    if let Place::Tensor(tensor) = whole {
        readers.only(tensor.0)?;
        let producer = &lowered.steps[lowered.producer(tensor)].compute;
        // What is itself a part lies elsewhere; in inference, so does what comes from a layer that does nothing then.
        let elsewhere = matches!(producer, Compute::Layer(layer) if layer.facts.inference == Inference::Identity);
        if elsewhere || lowered.tensors[tensor.0].within.is_some() {
            return None;
        }
    }
    let of = lens.iter().sum();
    let mut start = 0;
    let mut columns = Vec::new();
    for (part, &count) in step.results.iter().zip(lens) {
        let within = readers.inside(part.0)?;
        let reads = |reader: &usize| {
            let step = &lowered.steps[*reader];
            let places = step.operands.iter().enumerate().filter(|(_, place)| **place == Place::Tensor(*part));
            places.into_iter().all(|(operand, _)| step.compute.reads_columns(operand, count))
        };
        if !within.iter().all(reads) {
            return None;
        }
        columns.push(Columns { start, count, of });
        start += count;
    }
    Some(columns)
}

impl Compute {
    /// Whether an operand may be so many columns of a larger tensor.
    fn reads_columns(&self, operand: usize, count: usize) -> bool {
        match self {
            Self::Layer(layer) => match &layer.facts.on_columns {
                OnColumns::Never => false,
                OnColumns::Any => true,
                OnColumns::Of(counts) => counts[operand] == count,
            },
            Self::Announced { .. } => false,
        }
    }
}
