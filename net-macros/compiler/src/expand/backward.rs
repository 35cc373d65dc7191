//! The backward pass: the steps in reverse. A step whose result has got no gradient is passed over; what only the
//! weights or only the inputs want is computed for them alone.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::forward::STEPS_PER_FUNCTION;
use super::names::{Names, number};
use super::tensors::{Tensors, gradient_constant};
use crate::plan::{Compute, Place, Plan, Step, Wanted};

/// The functions that compute the steps of the backward pass.
pub(super) fn expand_backward(plan: &Plan<'_>, names: &Names) -> TokenStream {
    let Names { network, inputs, gradients, slots, .. } = names;
    let pieces = plan.steps.chunks(STEPS_PER_FUNCTION).enumerate().map(|(index, steps)| {
        let name = piece(index);
        let steps = steps.iter().rev().map(|step| expand_step(step, plan, names));
        code! {
            fn #name(
                &self,
                inputs: &#inputs<'_>,
                arena: &mut ::net_runtime::Arena,
                mut gradients: ::core::option::Option<&mut #gradients>,
                by_inputs: bool,
            ) {
                let slots = #slots::TRAINING;
                let n = arena.samples();
                #(#steps)*
            }
        }
    });
    code! {
        #[allow(unused_variables, unused_mut)]
        impl #network { #(#pieces)* }
    }
}

/// The calls of those functions, in order.
pub(super) fn expand_calls(plan: &Plan<'_>) -> TokenStream {
    let pieces = (0..plan.steps.len().div_ceil(STEPS_PER_FUNCTION)).rev().map(piece);
    code! { #(self.#pieces(&inputs, arena, gradients.as_deref_mut(), by_inputs);)* }
}

fn piece(index: usize) -> Ident {
    format_ident!("backward_{}", index + 1, span = Span::mixed_site())
}

fn expand_step(step: &Step, plan: &Plan<'_>, names: &Names) -> TokenStream {
    let Step { compute, descriptor, operands, result } = step;
    if !plan.tensor_gradients[result.0].by_anybody() {
        return TokenStream::new();
    }
    let passed_on = match compute {
        Compute::Weighted { weights, activation } => {
            let activation = activation.as_ref().map(|constant| {
                let mut tensors = Tensors::new(plan, names);
                let y = tensors.tensor("y", *result);
                let dy = tensors.gradient("dy", *result);
                let bind = tensors.bind();
                code! {
                    #bind
                    Self::#constant.backward_in_place(#y, #dy);
                }
            });
            let mut tensors = Tensors::new(plan, names);
            let x = tensors.operand("x", operands[0]);
            let dy = tensors.gradient("dy", *result);
            let bind = tensors.bind_with_scratch();
            let by_weights = code! {
                if let ::core::option::Option::Some(gradients) = &mut gradients {
                    #bind
                    Self::#descriptor.backward_weights(n, #x, #dy, &mut gradients #(.#weights)*, scratch);
                }
            };
            let by_operand = expand_operand(plan, names, operands[0], |write| {
                let mut tensors = Tensors::new(plan, names);
                let dy = tensors.gradient("dy", *result);
                let dx = tensors.operand_gradient("dx", operands[0]);
                let bind = tensors.bind_with_scratch();
                code! {
                    #bind
                    Self::#descriptor.backward_input(n, &self #(.#weights)*, #dy, #dx, #write, scratch);
                }
            });
            code! { #activation #by_weights #by_operand }
        }
        Compute::Activation { from_output: _ } => expand_operand(plan, names, operands[0], |write| {
            let mut tensors = Tensors::new(plan, names);
            let x = tensors.operand("x", operands[0]);
            let y = tensors.tensor("y", *result);
            let dy = tensors.gradient("dy", *result);
            let dx = tensors.operand_gradient("dx", operands[0]);
            let bind = tensors.bind();
            code! {
                #bind
                Self::#descriptor.backward(#x, #y, #dy, #dx, #write);
            }
        }),
        Compute::Unary { reads_input, reads_output } => expand_operand(plan, names, operands[0], |write| {
            let mut tensors = Tensors::new(plan, names);
            let x = reads_input.then(|| tensors.operand("x", operands[0])).into_iter();
            let y = reads_output.then(|| tensors.tensor("y", *result)).into_iter();
            let dy = tensors.gradient("dy", *result);
            let dx = tensors.operand_gradient("dx", operands[0]);
            let bind = tensors.bind();
            code! {
                #bind
                Self::#descriptor.backward(n, #(#x,)* #(#y,)* #dy, #dx, #write);
            }
        }),
        Compute::Random => expand_operand(plan, names, operands[0], |write| {
            let mut tensors = Tensors::new(plan, names);
            let dy = tensors.gradient("dy", *result);
            let dx = tensors.operand_gradient("dx", operands[0]);
            let bind = tensors.bind();
            code! {
                let random = arena.random();
                #bind
                Self::#descriptor.backward(n, #dy, #dx, #write, random);
            }
        }),
        Compute::Merge { reads_inputs } => operands
            .iter()
            .enumerate()
            .map(|(index, &operand)| {
                expand_operand(plan, names, operand, |write| {
                    let mut tensors = Tensors::new(plan, names);
                    let inputs = reads_inputs.then(|| tensors.operands(operands)).into_iter();
                    let dy = tensors.gradient("dy", *result);
                    let dx = tensors.operand_gradient("dx", operand);
                    let bind = tensors.bind();
                    let index = number(index);
                    code! {
                        #bind
                        Self::#descriptor.backward(n, #index, #(#inputs,)* #dy, #dx, #write);
                    }
                })
            })
            .collect(),
    };
    let gradient = gradient_constant(plan, names, Place::Tensor(*result));
    code! {
        if arena.has(#gradient) { #passed_on }
    }
}

/// A contribution to an operand's gradient, under the condition that somebody wants it in this pass.
fn expand_operand(
    plan: &Plan<'_>,
    names: &Names,
    operand: Place,
    contribution: impl FnOnce(&Ident) -> TokenStream,
) -> TokenStream {
    let wanted = plan.wanted(operand);
    let gradient = gradient_constant(plan, names, operand);
    let write = Ident::new("write", Span::mixed_site());
    let contribution = if wanted.by_anybody() { contribution(&write) } else { return TokenStream::new() };
    let contribution = code! {
        let #write = arena.write(#gradient);
        #contribution
    };
    match wanted {
        Wanted { by_weights: true, by_inputs: true } => contribution,
        Wanted { by_weights: true, by_inputs: false } => code! { if gradients.is_some() { #contribution } },
        Wanted { by_weights: false, by_inputs: true } => code! { if by_inputs { #contribution } },
        Wanted { by_weights: false, by_inputs: false } => TokenStream::new(),
    }
}
