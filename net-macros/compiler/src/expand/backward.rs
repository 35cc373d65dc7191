//! The backward pass: the steps in reverse. A step whose result has got no gradient is passed over; what only the
//! weights or only the inputs want is computed for them alone.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::forward::{STEPS_PER_FUNCTION, weighted};
use super::inner::{Errors, inner_type};
use super::names::{Names, number};
use super::tensors::{Tensors, gradient_constant};
use crate::plan::{Compute, Fused, GradientPlace, InnerWorkspace, Place, Plan, Step, TensorId, Wanted};

/// The functions that compute the steps of the backward pass.
pub(super) fn expand_backward(plan: &Plan<'_>, names: &Names, all: &[Plan<'_>]) -> TokenStream {
    let Names { network, inputs, gradients, slots, workspace, .. } = names;
    let Errors { returns, end, .. } = Errors::of(plan);
    let pieces = plan.steps.chunks(STEPS_PER_FUNCTION).enumerate().map(|(index, steps)| {
        let name = piece(index);
        let steps = steps.iter().rev().map(|step| expand_step(step, plan, names, all));
        code! {
            fn #name(
                &self,
                inputs: &#inputs<'_>,
                workspace: &mut #workspace,
                mut gradients: ::core::option::Option<&mut #gradients>,
                by_inputs: bool,
            ) #returns {
                let slots = #slots::TRAINING;
                let arena = &mut workspace.arena;
                let n = arena.samples();
                #(#steps)*
                #end
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
    let Errors { check, .. } = Errors::of(plan);
    code! { #(self.#pieces(&inputs, workspace, gradients.as_deref_mut(), by_inputs) #check;)* }
}

fn piece(index: usize) -> Ident {
    format_ident!("backward_{}", index + 1, span = Span::mixed_site())
}

fn expand_step(step: &Step, plan: &Plan<'_>, names: &Names, all: &[Plan<'_>]) -> TokenStream {
    let Step { compute, descriptor, operands, results } = step;
    let result = &step.result();
    if !plan.tensor_gradients[result.0].by_anybody() {
        return TokenStream::new();
    }
    let passed_on = match compute {
        Compute::Weighted { weights, index, activation, image: _, part, choices } => {
            let layer = weighted(descriptor, part.as_ref(), *choices);
            // A gradient that was written over what a ReLU has made is the one before the ReLU.
            let activation =
                activation.as_ref().filter(|_| !masked(plan, *result)).map(|Fused { constant, .. }| {
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
            let chosen = choices.map(|choices| tensors.tensor("choices", choices)).into_iter();
            let bind = tensors.bind_with_scratch();
            let by_weights = code! {
                if let ::core::option::Option::Some(gradients) = &mut gradients {
                    #bind
                    #layer.backward_weights(n, #x, #dy, #(#chosen,)* &mut gradients #(.#weights)*, scratch);
                }
            };
            let by_operand = expand_operand(plan, names, operands[0], |write| {
                let mut tensors = Tensors::new(plan, names);
                let dy = tensors.gradient("dy", *result);
                let chosen = choices.map(|choices| tensors.tensor("choices", choices)).into_iter();
                let dx = tensors.operand_gradient("dx", operands[0]);
                let bind = tensors.bind_with_scratch();
                code! {
                    #bind
                    #layer.backward_input(
                        n, &self #(.#weights)*, #dy, #(#chosen,)* #dx, #write, scratch.for_weights(#index),
                    );
                }
            });
            code! { #activation #by_weights #by_operand }
        }
        Compute::Activation { derivative } => expand_operand(plan, names, operands[0], |write| {
            let mut tensors = Tensors::new(plan, names);
            let dy = tensors.gradient("dy", *result);
            // It takes the operand and the result, and reads one of them.
            let (function, read) = if masked(plan, *result) {
                (code! { ::net_runtime::activations::Activation::Linear }, code! { #dy })
            } else if derivative.from_result() {
                let y = tensors.tensor("y", *result);
                (code! { Self::#descriptor }, code! { #y })
            } else {
                (code! { Self::#descriptor }, tensors.operand("x", operands[0]))
            };
            let dx = tensors.operand_gradient("dx", operands[0]);
            let bind = tensors.bind();
            code! {
                #bind
                #function.backward(#read, #read, #dy, #dx, #write);
            }
        }),
        Compute::Unary { .. } if plan.goes_in_place(step) => expand_operand(plan, names, operands[0], |write| {
            let mut tensors = Tensors::new(plan, names);
            let dy = tensors.gradient("dy", *result);
            let x = tensors.operand_gradient("x", operands[0]);
            let bind = tensors.bind();
            code! {
                #bind
                Self::#descriptor.backward_in_place(n, #dy, #x, #write);
            }
        }),
        Compute::Unary { reads_input, reads_output, in_place: _ } => {
            expand_operand(plan, names, operands[0], |write| {
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
            })
        }
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
        Compute::Merge { reads_inputs, .. } => operands
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
        Compute::Announced { weights, workspace } => {
            let InnerWorkspace { name: workspace, network } = &plan.workspaces[*workspace];
            let inner = inner_type(plan, *network, all);
            expand_announced(step, (weights, workspace, &inner), plan, names)
        }
    };
    let gradients = results.iter().map(|&result| gradient_constant(plan, names, Place::Tensor(result)));
    code! {
        if #(arena.has(#gradients))||* { #passed_on }
    }
}

/// An announced network: its own backward pass, and what that gives to the operands.
fn expand_announced(
    Step { compute: _, descriptor, operands, results }: &Step,
    (weights, workspace, inner): (&[Ident], &Ident, &TokenStream),
    plan: &Plan<'_>,
    names: &Names,
) -> TokenStream {
    let mut tensors = Tensors::new(plan, names);
    let inputs = tensors.inner_operands(operands);
    let (given, upstream): (Vec<_>, Vec<_>) = results
        .iter()
        .enumerate()
        .map(|(index, &result)| {
            let gradient = gradient_constant(plan, names, Place::Tensor(result));
            let dy = tensors.gradient(&format!("dy{}", index + 1), result);
            let index = number(index);
            (code! { arena.has(#gradient) }, code! { given[#index].then_some(&*#dy) })
        })
        .unzip();
    let bind = tensors.bind();
    let wanted = operands.iter().map(|&operand| plan.wanted(operand));
    let wanted = wanted.fold(Wanted::default(), |all, one| Wanted {
        by_weights: all.by_weights || one.by_weights,
        by_inputs: all.by_inputs || one.by_inputs,
    });
    let by_operands = condition(wanted);
    let pass_on = operands.iter().enumerate().map(|(index, &operand)| {
        let wanted = plan.wanted(operand);
        if !wanted.by_anybody() {
            return TokenStream::new();
        }
        let gradient = gradient_constant(plan, names, operand);
        let index = number(index);
        let contribution = code! {
            if let ::core::option::Option::Some(dx) =
                Self::#descriptor.input_gradient::<#inner>(&self #(.#weights)*, #index, &mut workspace.#workspace)
            {
                arena.receive(#gradient, dx);
            }
        };
        match wanted {
            Wanted { by_weights: true, by_inputs: true } => contribution,
            _ => {
                let condition = condition(wanted);
                code! { if #condition { #contribution } }
            }
        }
    });
    code! {
        let given = [#(#given),*];
        #bind
        Self::#descriptor.backward::<#inner>(
            &self #(.#weights)*,
            #inputs,
            &[#(#upstream),*],
            gradients.as_deref_mut().map(|gradients| &mut gradients #(.#weights)*),
            #by_operands,
            &mut workspace.#workspace,
        )?;
        #(#pass_on)*
    }
}

/// Whether the derivative of the ReLU that made a tensor is applied where the gradient by it is written.
fn masked(plan: &Plan<'_>, tensor: TensorId) -> bool {
    plan.gradient_place(Place::Tensor(tensor)) == GradientPlace::Over { mask: true }
}

/// Whether a gradient that these want is wanted in this pass: one for the weights, for the inputs, or both.
fn condition(wanted: Wanted) -> TokenStream {
    match wanted {
        Wanted { by_weights: true, by_inputs: true } => code! { true },
        Wanted { by_weights: true, by_inputs: false } => code! { gradients.is_some() },
        Wanted { by_weights: false, by_inputs: true } => code! { by_inputs },
        Wanted { by_weights: false, by_inputs: false } => code! { false },
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
    let mask = match plan.gradient_place(operand) {
        GradientPlace::Over { mask: true } => code! { .masked() },
        GradientPlace::Over { mask: false } | GradientPlace::Own => TokenStream::new(),
    };
    let contribution = code! {
        let #write = arena.write(#gradient)#mask;
        #contribution
    };
    match wanted {
        Wanted { by_weights: true, by_inputs: true } => contribution,
        Wanted { by_weights: true, by_inputs: false } => code! { if gradients.is_some() { #contribution } },
        Wanted { by_weights: false, by_inputs: true } => code! { if by_inputs { #contribution } },
        Wanted { by_weights: false, by_inputs: false } => TokenStream::new(),
    }
}
