//! Concatenations that copy nothing: each operand is written where it is joined, and reads its gradient there.

use super::in_place::{reads_operands, replaces_operand};
use super::lower::Lowered;
use super::{Compute, Fused, Head, Part, Place, TensorId};
use crate::layers::Derivative;

/// Drops the concatenations whose operands are images that nobody else reads, by layers that can write them as parts. The
/// gradient must have one place, too: it lies where the concatenation does, and with or without a mask for all operands.
pub(super) fn join(lowered: &mut Lowered, heads: &[Head]) {
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); lowered.tensors.len()];
    for (index, step) in lowered.steps.iter().enumerate() {
        for place in &step.operands {
            if let Place::Tensor(tensor) = place {
                readers[tensor.0].push(index);
            }
        }
    }
    let outputs = lowered.outputs.iter().map(|output| output.tensor);
    let read_by_losses = heads.iter().flat_map(|head| &head.terms).map(|term| term.reads);
    for TensorId(tensor) in outputs.chain(read_by_losses) {
        readers[tensor].clear();
    }

    let mut dropped = Vec::new();
    for index in 0..lowered.steps.len() {
        let Some(parts) = parts(lowered, &readers, index) else { continue };
        let result = lowered.steps[index].result();
        for (producer, place) in parts {
            let step = &mut lowered.steps[producer];
            step.results = vec![result];
            if let Compute::Weighted { part, .. } = &mut step.compute {
                *part = Some(place);
            }
        }
        dropped.push(index);
    }
    let dropped: Vec<_> = dropped.into_iter().rev().map(|index| lowered.steps.remove(index).descriptor).collect();
    lowered.drop_constants(dropped);
}

/// The steps that compute the operands of a concatenation, and the parts that they are to write, if that can be done.
fn parts(lowered: &Lowered, readers: &[Vec<usize>], index: usize) -> Option<Vec<(usize, Part)>> {
    let step = &lowered.steps[index];
    let Compute::Merge { runs: Some((outer, runs)), .. } = &step.compute else { return None };
    let [reader] = *readers[step.result().0] else { return None };
    let reader = &lowered.steps[reader].compute;
    let (row, mut before) = (runs.iter().sum(), 0);
    let (mut parts, mut masks) = (Vec::new(), Vec::new());
    for (place, &run) in step.operands.iter().zip(runs) {
        let Place::Tensor(operand) = *place else { return None };
        // Else somebody else reads it, or it is an operand twice.
        let [_] = *readers[operand.0] else { return None };
        let producer = lowered.producer(operand);
        let Compute::Weighted { activation, image: Some(image), part: None, .. } = &lowered.steps[producer].compute
        else {
            return None;
        };
        masks.push(match activation {
            None => false,
            Some(Fused { derivative: Derivative::Mask, .. }) => true,
            Some(_) => return None,
        });
        parts.push((producer, part(*image, *outer, (before, run, row))?));
        before += run;
    }
    let mask = *masks.first()?;
    let one_place = replaces_operand(reader) && (mask || reads_operands(reader));
    (one_place && masks.iter().all(|other| *other == mask)).then_some(parts)
}

/// Where an image lies in `outer` rows, of which each has `run` floats of it, `before` from its beginning.
fn part(
    [height, width, channels]: [usize; 3],
    outer: usize,
    (before, run, row): (usize, usize, usize),
) -> Option<Part> {
    let sample = outer * row;
    let part = |pixel, line| Some(Part { start: before, pixel, line, sample });
    if outer == 1 {
        part(channels, width * channels)
    } else if outer == height && run == width * channels {
        part(channels, row)
    } else if outer == height * width && run == channels {
        part(row, width * row)
    } else {
        None
    }
}
