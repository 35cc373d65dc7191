//! Calls of layers. There is one order of arguments, of which a layer's functions take those that its facts ask for:
//!
//! | function | arguments |
//! | --- | --- |
//! | `forward` | samples, operands, weights, activation, results, what is kept, random key, scratch |
//! | `statistics` | samples, weights, what is kept, statistics |
//! | `backward_begin` | samples, weights, operands, results, activation, gradients by results, what is kept, random key, scratch |
//! | `backward_weights` | samples, weights, operands, results, activation, gradients by results, what is kept, gradients by weights, scratch |
//! | `backward_input` | samples, index of the operand, weights, operands, results, activation, gradients by results, what is kept, gradient by the operand, store, random key, scratch |
//! | `backward_in_place` | samples, gradient by the result, operand and gradient in one, store |

use proc_macro2::TokenStream;

use super::Generator;
use super::backward::{Contribution, condition};
use super::call::{Call, activation, samples};
use super::names::number;
use super::once::Once;
use super::tensors::Tensors;
use crate::layers::{Inference, Kind, Read};
use crate::plan::{Fused, GradientPlace, InInference, LayerCall, Place, Step, Taken};

impl Generator<'_> {
    /// The forward pass of a layer.
    pub(super) fn layer_forward(&self, step: &Step, layer: &LayerCall) -> TokenStream {
        if layer.copies_nothing {
            return TokenStream::new();
        }
        let forward = self.forward_call(step, layer, None);
        let otherwise = match (&layer.inference, layer.facts.inference) {
            (InInference::Takes(taken), _) => {
                let forward = Once::new(self.forward_call(step, layer, Some(taken)));
                code! { else { #forward } }
            }
            (InInference::Taken, _) => TokenStream::new(),
            (InInference::Same, Inference::Identity) => self.copy_in_inference(step),
            (InInference::Same, Inference::Same | Inference::Affine) => return forward,
        };
        let [forward, otherwise] = [forward, otherwise].map(Once::new);
        code! { if mode.trains() { #forward } #otherwise }
    }

    /// The call of `forward`, in inference perhaps with what it computes for steps behind it.
    fn forward_call(&self, step: &Step, layer: &LayerCall, taken: Option<&Taken>) -> TokenStream {
        let takes = layer.facts.takes;
        let folded = taken.and_then(|taken| taken.folded.as_ref());
        let mut call = Call::new(self, step, layer);
        call.samples();
        call.operands();
        match folded {
            Some(folded) => call.folded_weights(folded),
            None => call.weights(),
        }
        if layer.facts.fuses.activation {
            let own = layer.activation.as_ref().map(|Fused { constant, .. }| constant);
            let activation = activation(taken.map_or(own, |taken| taken.activation.as_ref()));
            let of_sum = taken.and_then(|taken| taken.sum_with).map(|_| code! { .of_sum() });
            call.argument(code! { #activation #of_sum });
        }
        match taken {
            Some(taken) => call.result(taken.result),
            None => call.results(),
        }
        call.saved();
        if takes.random {
            call.random();
        }
        if takes.scratch {
            match folded {
                Some(folded) => call.scratch_for(folded.number),
                None => call.scratch_for_weights(),
            }
        }
        if layer.facts.fallible {
            call.end = code! { ?; };
        }
        call.finish("forward")
    }

    /// What a layer that does nothing in inference does then: its result has its operand's place, unless that is the caller's
    /// or both are read together.
    fn copy_in_inference(&self, step: &Step) -> TokenStream {
        let starts = &self.plan.inference.tensors;
        let (operand, result) = (step.operands[0], step.result());
        if let Place::Tensor(operand) = operand
            && starts[operand.0] == starts[result.0]
        {
            return TokenStream::new();
        }
        let mut tensors = Tensors::new(self);
        let x = tensors.operand("x", operand);
        let y = tensors.tensor("y", result);
        let bind = tensors.bind();
        code! {
            else {
                #bind
                #y.copy_from_slice(#x);
            }
        }
    }

    /// What the statistics among a step's weights become, by the batch of the forward pass.
    pub(super) fn layer_statistics(&self, step: &Step, layer: &LayerCall) -> Option<TokenStream> {
        let parameters = &layer.facts.weights.as_ref()?.parameters;
        if !parameters.iter().any(|parameter| parameter.kind == Kind::Statistic && !parameter.frozen) {
            return None;
        }
        let mut call = Call::new(self, step, layer);
        call.samples();
        call.weights();
        call.saved();
        call.gradients_by_weights();
        Some(call.finish("statistics"))
    }

    /// The backward pass of a layer of which a result has a gradient.
    pub(super) fn layer_backward(&self, step: &Step, layer: &LayerCall) -> TokenStream {
        if layer.copies_nothing {
            return self.finish_parts(step);
        }
        let before_activation = self.before_activation(step, layer);
        let begin = self.begin(step, layer);
        let by_weights = self.by_weights(step, layer);
        let [before_activation, begin, by_weights] = [before_activation, begin, by_weights].map(Once::new);
        let with_gradient = (0..step.operands.len()).filter(|&index| step.compute.has_gradient(index));
        let by_operands = with_gradient.map(|index| Once::new(self.by_operand(step, layer, index)));
        code! { #before_activation #begin #by_weights #(#by_operands)* }
    }

    /// The gradients by the parts of a tensor lie in that of the whole: those that are missing are made zero.
    fn finish_parts(&self, step: &Step) -> TokenStream {
        let [whole] = step.operands[..] else { return TokenStream::new() };
        self.contribution(whole, |Contribution { gradient, .. }| {
            let parts = step.results.iter().map(|&part| self.gradient_constant(Place::Tensor(part)));
            let mut tensors = Tensors::new(self);
            let dx = tensors.operand_gradient("dx", whole);
            let bind = tensors.bind();
            let (descriptor, samples) = (&step.descriptor, samples(step));
            code! {
                arena.write(#gradient);
                let given = [#(arena.has(#parts)),*];
                #bind
                Self::#descriptor.finish_gradient(#samples, &given, #dx);
            }
        })
    }

    /// Makes the gradient by the result one by what was before the activation, unless the layer does. One that was written over what a
    /// ReLU has made is that already.
    fn before_activation(&self, step: &Step, layer: &LayerCall) -> TokenStream {
        let applied = self.masked(step) || layer.facts.fuses.derivative;
        let Some(Fused { constant, .. }) = layer.activation.as_ref().filter(|_| !applied) else {
            return TokenStream::new();
        };
        let mut tensors = Tensors::new(self);
        let y = tensors.tensor("y", step.result());
        let dy = tensors.gradient("dy", step.result());
        let bind = tensors.bind();
        code! {
            #bind
            Self::#constant.backward_in_place(#y, #dy);
        }
    }

    /// What the other functions have in common, if any of them is called.
    fn begin(&self, step: &Step, layer: &LayerCall) -> TokenStream {
        let Some(reads) = layer.facts.backward.begin else { return TokenStream::new() };
        let mut call = Call::new(self, step, layer);
        call.samples();
        call.read(reads);
        call.saved();
        if reads.random {
            call.random();
        }
        if layer.facts.takes.scratch {
            call.scratch_for_weights();
        }
        let begin = call.finish("backward_begin");
        let by_weights = layer.facts.moves_weights().then(|| code! { gradients.is_some() });
        let by_operands = step.operands.iter().enumerate().filter_map(|(index, &operand)| {
            let wanted = self.plan.wanted_from(step, index);
            wanted.by_anybody().then(|| condition(wanted, self.plan.producer(operand)))
        });
        let conditions: Vec<_> = by_weights.into_iter().chain(by_operands).collect();
        if conditions.is_empty() {
            TokenStream::new()
        } else {
            code! { if #(#conditions)||* { #begin } }
        }
    }

    fn by_weights(&self, step: &Step, layer: &LayerCall) -> TokenStream {
        if !layer.facts.moves_weights() {
            return TokenStream::new();
        }
        let mut call = Call::new(self, step, layer);
        call.samples();
        call.read(layer.facts.backward.weights);
        call.saved();
        call.gradients_by_weights();
        if layer.facts.takes.scratch {
            call.scratch();
        }
        let contribution = Once::new(call.finish("backward_weights"));
        code! { if let ::core::option::Option::Some(gradients) = &mut gradients { #contribution } }
    }

    fn by_operand(&self, step: &Step, layer: &LayerCall, index: usize) -> TokenStream {
        let operand = step.operands[index];
        let takes = layer.facts.takes;
        self.contribution(operand, |contribution| {
            let mut call = Call::new(self, step, layer);
            let write = call.write(contribution);
            call.samples();
            if self.plan.goes_in_place(step) {
                call.gradients_by_results();
                call.gradient_by_operand("x", operand);
                call.argument(write);
                return call.finish("backward_in_place");
            }
            if takes.operand_list {
                let index = number(index);
                call.argument(code! { #index });
            }
            let reads = layer.facts.backward.input;
            if reads.results == Read::Sign && self.masked(step) {
                // What is left of it is the identity, for which any tensor will do.
                let on_columns = self.on_columns(step, layer);
                call.layer = code! { ::net_runtime::activations::Activation::Linear #on_columns };
                call.gradients_by_results();
                call.gradients_by_results();
            } else {
                call.read(reads);
            }
            call.saved();
            call.gradient_by_operand("dx", operand);
            call.argument(write);
            if reads.random {
                call.random();
            }
            if takes.scratch {
                call.scratch_for_weights();
            }
            call.finish("backward_input")
        })
    }

    /// Whether the derivative of the ReLU that made a step's result is applied where the gradient by it is written.
    fn masked(&self, step: &Step) -> bool {
        self.plan.gradient_place(Place::Tensor(step.result())) == GradientPlace::Over { mask: true }
    }
}
