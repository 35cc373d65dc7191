//! Which gradients take the place of their activation: where a tensor has one reader, the gradient by it is written once,
//! and the reader's backward pass is the last that needs the tensor. A ReLU that made the tensor is no hindrance: its
//! derivative is applied where the gradient is written, on what lies there.

use super::lower::Lowered;
use super::{Compute, Head, Place, Step, TensorId, Wanted};
use crate::layers::{Derivative, InPlace};

/// Where the gradient by a tensor lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GradientPlace {
    /// In a place of its own.
    Own,
    /// Where the tensor lies.
    Over {
        /// Whether the tensor is what a ReLU has made: what is written there is the gradient before the ReLU.
        mask: bool,
    },
}

/// What a step's backward pass needs of its result.
enum Need {
    Nothing,
    /// Where it is positive.
    Mask,
    Everything,
}

/// The place of the gradient by each tensor.
pub(super) fn gradient_places(lowered: &Lowered, heads: &[Head], wanted: &[Wanted]) -> Vec<GradientPlace> {
    let mut readers: Vec<Vec<&Step>> = vec![Vec::new(); lowered.tensors.len()];
    for step in &lowered.steps {
        for place in &step.operands {
            if let Place::Tensor(tensor) = place {
                readers[tensor.0].push(step);
            }
        }
    }
    let outputs = lowered.outputs.iter().map(|output| output.tensor);
    let read_by_losses = heads.iter().flat_map(|head| &head.terms).map(|term| term.reads);
    for TensorId(tensor) in outputs.chain(read_by_losses) {
        readers[tensor].clear();
    }
    let mut places = vec![GradientPlace::Own; lowered.tensors.len()];
    for step in &lowered.steps {
        for result in step.results.iter().filter(|result| wanted[result.0].by_anybody()) {
            let [reader] = *readers[result.0] else { continue };
            places[result.0] = match needs_of_result(step, &places) {
                _ if !replaces_operand(&reader.compute) => GradientPlace::Own,
                Need::Mask => GradientPlace::Over { mask: true },
                // Else the tensor's place is free for others from here to the backward pass.
                Need::Nothing if reads_operands(&reader.compute) => GradientPlace::Over { mask: false },
                Need::Nothing | Need::Everything => GradientPlace::Own,
            };
        }
    }
    places
}

fn needs_of_result(step: &Step, places: &[GradientPlace]) -> Need {
    let of = |derivative: Derivative| match derivative {
        Derivative::FromOperand => Need::Nothing,
        Derivative::FromResult => Need::Everything,
        Derivative::Mask => Need::Mask,
    };
    match &step.compute {
        Compute::Weighted { activation: Some(activation), .. } => of(activation.derivative),
        Compute::Activation { derivative } => of(*derivative),
        Compute::Unary { reads_output: true, .. } if !goes_in_place(step, places) => Need::Everything,
        Compute::Unary { .. }
        | Compute::Weighted { activation: None, .. }
        | Compute::Random
        | Compute::Merge { .. }
        | Compute::Announced { .. } => Need::Nothing,
    }
}

/// Whether a step's backward pass replaces the operand that it reads, by a function of its own that needs no result.
pub(crate) fn goes_in_place(step: &Step, places: &[GradientPlace]) -> bool {
    let Compute::Unary { in_place: InPlace::Replaces, .. } = step.compute else { return false };
    matches!(step.operands[0], Place::Tensor(operand) if places[operand.0] != GradientPlace::Own)
}

/// Whether a step's backward pass can write the gradient by an operand where that lies.
pub(super) fn replaces_operand(compute: &Compute) -> bool {
    match compute {
        Compute::Weighted { .. } | Compute::Random => true,
        Compute::Activation { derivative } => derivative.from_result(),
        Compute::Unary { in_place, .. } | Compute::Merge { in_place, .. } => *in_place != InPlace::Never,
        Compute::Announced { .. } => false,
    }
}

/// Whether a step's backward pass reads its result, which lies in a place of its own.
pub(super) fn reads_result(step: &Step, places: &[GradientPlace]) -> bool {
    match needs_of_result(step, places) {
        Need::Nothing => false,
        Need::Mask => places[step.result().0] == GradientPlace::Own,
        Need::Everything => true,
    }
}

/// Whether a step's backward pass reads its operands.
pub(super) fn reads_operands(compute: &Compute) -> bool {
    match compute {
        Compute::Weighted { .. } | Compute::Announced { .. } => true,
        Compute::Activation { derivative } => !derivative.from_result(),
        Compute::Unary { reads_input, .. } => *reads_input,
        Compute::Merge { reads_inputs, .. } => *reads_inputs,
        Compute::Random => false,
    }
}
