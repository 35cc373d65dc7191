//! Concatenations that copy nothing: each operand is written where it is joined, and reads its gradient there.

use super::lower::Lowered;
use super::readers::Readers;
use super::{Compute, Fused, Head, Part, Place};
use crate::layers::{Derivative, Runs};

/// Drops the concatenations whose operands are images that nobody else reads, by layers that can write them as parts. The
/// gradient must have one place, too: it lies where the concatenation does, and with or without a mask for all operands.
pub(super) fn join(lowered: &mut Lowered, heads: &[Head]) {
    let readers = Readers::of_tensors(lowered, heads);
    let mut dropped = Vec::new();
    for index in 0..lowered.steps.len() {
        let Some(parts) = parts(lowered, &readers, index) else { continue };
        let result = lowered.steps[index].result();
        for (producer, place) in parts {
            let step = &mut lowered.steps[producer];
            step.results = vec![result];
            if let Compute::Layer(layer) = &mut step.compute {
                layer.part = Some(place);
            }
        }
        dropped.push(index);
    }
    for index in dropped.into_iter().rev() {
        lowered.steps.remove(index);
    }
}

/// The steps that compute the operands of a concatenation, and the parts that they are to write, if that can be done.
fn parts(lowered: &Lowered, readers: &Readers, index: usize) -> Option<Vec<(usize, Part)>> {
    let step = &lowered.steps[index];
    let Compute::Layer(layer) = &step.compute else { return None };
    let Runs { outer, lens } = layer.facts.meaning.concatenation.as_ref()?;
    let reader = &lowered.steps[readers.only(step.result().0)?].compute;
    let (row, mut before) = (lens.iter().sum(), 0);
    let (mut parts, mut masks) = (Vec::new(), Vec::new());
    for (place, &run) in step.operands.iter().zip(lens) {
        let Place::Tensor(operand) = *place else { return None };
        // Else somebody else reads it, or it is an operand twice.
        readers.only(operand.0)?;
        let producer = lowered.producer(operand);
        let Compute::Layer(layer) = &lowered.steps[producer].compute else { return None };
        if lowered.steps[producer].times != step.times {
            return None;
        }
        let image = layer.image.filter(|_| layer.facts.fuses.concatenation && layer.part.is_none())?;
        masks.push(match layer.activation {
            None => false,
            Some(Fused { derivative: Derivative::Mask, .. }) => true,
            Some(_) => return None,
        });
        parts.push((producer, part(image, *outer, (before, run, row))?));
        before += run;
    }
    let mask = *masks.first()?;
    let one_place = reader.replaces_operand() && (mask || reader.reads_operands());
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
