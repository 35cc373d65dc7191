//! Which gradients take the place of their activation: where a tensor has one reader, the gradient by it is written once,
//! and the reader's backward pass is the last that needs the tensor. A ReLU that made the tensor is no hindrance: its
//! derivative is applied where the gradient is written, on what lies there.

use super::lower::Lowered;
use super::readers::Readers;
use super::{Compute, Head, Place, Step, Wanted};
use crate::layers::{Derivative, InPlace, Read};

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

/// The place of the gradient by each tensor.
pub(super) fn gradient_places(lowered: &Lowered, heads: &[Head], wanted: &[Wanted]) -> Vec<GradientPlace> {
    let readers = Readers::of_tensors(lowered, heads);
    let mut places = vec![GradientPlace::Own; lowered.tensors.len()];
    for step in &lowered.steps {
        for result in step.results.iter().filter(|result| wanted[result.0].by_anybody()) {
            let Some(reader) = readers.only(result.0).filter(|_| lowered.tensors[result.0].within.is_none()) else {
                continue;
            };
            let reader = &lowered.steps[reader].compute;
            places[result.0] = match step.reads_of_result(&places) {
                _ if !reader.replaces_operand() => GradientPlace::Own,
                Read::Sign => GradientPlace::Over { mask: true },
                // Else the tensor's place is free for others from here to the backward pass.
                Read::Nothing if reader.reads_operands() => GradientPlace::Over { mask: false },
                Read::Nothing | Read::All => GradientPlace::Own,
            };
        }
    }
    places
}

impl Step {
    /// What its backward pass reads of its results.
    fn reads_of_result(&self, places: &[GradientPlace]) -> Read {
        let Compute::Layer(layer) = &self.compute else { return Read::Nothing };
        match &layer.activation {
            // A layer that computes it again needs none of it, but a mask is for nothing where the gradient is written.
            Some(activation) if !layer.facts.fuses.derivative || activation.derivative == Derivative::Mask => {
                activation.derivative.of_result()
            }
            _ if self.goes_in_place(places) => Read::Nothing,
            _ => layer.facts.backward.reads_results(),
        }
    }

    /// Whether its backward pass reads its result, which lies in a place of its own.
    pub(super) fn reads_result(&self, places: &[GradientPlace]) -> bool {
        match self.reads_of_result(places) {
            Read::Nothing => false,
            Read::Sign => places[self.result().0] == GradientPlace::Own && !self.computes_result_again(),
            Read::All => true,
        }
    }

    /// Whether its backward pass applies the derivative of its activation to what it computes from its operand.
    fn computes_result_again(&self) -> bool {
        matches!(&self.compute, Compute::Layer(layer) if layer.facts.fuses.derivative)
    }

    /// Whether its backward pass replaces the operand that it reads, by a function of its own that needs no result.
    pub(super) fn goes_in_place(&self, places: &[GradientPlace]) -> bool {
        let Compute::Layer(layer) = &self.compute else { return false };
        layer.facts.in_place == InPlace::Replaces
            && matches!(self.operands[0], Place::Tensor(operand) if places[operand.0] != GradientPlace::Own)
    }
}

impl Compute {
    /// Whether its backward pass can write the gradient by an operand where that lies.
    pub(super) fn replaces_operand(&self) -> bool {
        match self {
            Self::Layer(layer) => layer.facts.in_place != InPlace::Never && !layer.copies_nothing,
            Self::Announced { .. } => false,
        }
    }

    /// Whether its backward pass reads its operands.
    pub(super) fn reads_operands(&self) -> bool {
        match self {
            Self::Layer(layer) => layer.facts.backward.reads_operands(),
            Self::Announced { .. } => true,
        }
    }
}
