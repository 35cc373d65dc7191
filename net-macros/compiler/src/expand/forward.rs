//! The forward pass: a call for each step, in functions of limited length, for one long function costs rustc more than
//! linear time.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::inner::{Errors, inner_type};
use super::names::{Names, number};
use super::tensors::Tensors;
use crate::plan::{Compute, Fused, InnerWorkspace, Part, Place, Plan, Step, TensorId};

/// Steps of one generated function.
pub(super) const STEPS_PER_FUNCTION: usize = 32;

/// The functions that compute the steps of the forward pass.
pub(super) fn expand_forward(plan: &Plan<'_>, names: &Names, all: &[Plan<'_>]) -> TokenStream {
    let Names { network, inputs, slots, workspace, .. } = names;
    let Errors { returns, end, .. } = Errors::of(plan);
    let pieces = plan.steps.chunks(STEPS_PER_FUNCTION).enumerate().map(|(index, steps)| {
        let name = piece(index);
        let steps = steps.iter().map(|step| expand_step(step, plan, names, all));
        code! {
            fn #name(
                &self,
                inputs: &#inputs<'_>,
                mode: ::net_runtime::Mode,
                slots: &#slots,
                workspace: &mut #workspace,
            ) #returns {
                let arena = &mut workspace.arena;
                let n = arena.samples();
                #(#steps)*
                #end
            }
        }
    });
    code! {
        #[allow(unused_variables)]
        impl #network { #(#pieces)* }
    }
}

/// The calls of those functions, in order.
pub(super) fn expand_calls(plan: &Plan<'_>) -> TokenStream {
    let pieces = (0..plan.steps.len().div_ceil(STEPS_PER_FUNCTION)).map(piece);
    let Errors { check, .. } = Errors::of(plan);
    code! { #(self.#pieces(inputs, mode, slots, workspace) #check;)* }
}

/// The descriptor of a layer with weights, whose result may be a part of a larger tensor, or what is left of it by choices.
pub(super) fn weighted(descriptor: &Ident, part: Option<&Part>, choices: Option<TensorId>) -> TokenStream {
    match part {
        None if choices.is_some() => code! { Self::#descriptor.max_pooled() },
        None => code! { Self::#descriptor },
        Some(Part { start, pixel, line, sample }) => {
            let [start, pixel, line, sample] = [start, pixel, line, sample].map(|&floats| number(floats));
            code! {
                Self::#descriptor.within(::net_runtime::layers::Part {
                    start: #start,
                    pixel: #pixel,
                    line: #line,
                    sample: #sample,
                })
            }
        }
    }
}

fn piece(index: usize) -> Ident {
    format_ident!("forward_{}", index + 1, span = Span::mixed_site())
}

fn expand_step(step: &Step, plan: &Plan<'_>, names: &Names, all: &[Plan<'_>]) -> TokenStream {
    let Step { compute, descriptor, operands, results } = step;
    let result = &step.result();
    let mut tensors = Tensors::new(plan, names);
    match compute {
        Compute::Weighted { weights, index, activation, image: _, part, choices } => {
            let layer = weighted(descriptor, part.as_ref(), *choices);
            let x = tensors.operand("x", operands[0]);
            let y = tensors.tensor("y", *result);
            let choices = choices.map(|choices| tensors.tensor("choices", choices)).into_iter();
            let bind = tensors.bind_with_scratch();
            let activation = match activation {
                Some(Fused { constant, .. }) => code! { Self::#constant },
                None => code! { ::net_runtime::activations::Activation::Linear },
            };
            code! {
                #bind
                #layer.forward(n, #x, &self #(.#weights)*, #activation, #y, #(#choices,)* scratch.for_weights(#index));
            }
        }
        Compute::Activation { derivative: _ } => {
            let x = tensors.operand("x", operands[0]);
            let y = tensors.tensor("y", *result);
            let bind = tensors.bind();
            code! {
                #bind
                Self::#descriptor.forward(#x, #y);
            }
        }
        Compute::Unary { .. } => {
            let x = tensors.operand("x", operands[0]);
            let y = tensors.tensor("y", *result);
            let bind = tensors.bind();
            code! {
                #bind
                Self::#descriptor.forward(n, #x, #y);
            }
        }
        Compute::Random => {
            let x = tensors.operand("x", operands[0]);
            let y = tensors.tensor("y", *result);
            let bind = tensors.bind();
            // In inference the result has its operand's place, unless that is the caller's or both are read together.
            let starts = &plan.inference.tensors;
            let otherwise = match operands[0] {
                Place::Tensor(operand) if starts[operand.0] == starts[result.0] => TokenStream::new(),
                Place::Tensor(_) | Place::Input(_) => code! {
                    else {
                        #bind
                        #y.copy_from_slice(#x);
                    }
                },
            };
            code! {
                if mode == ::net_runtime::Mode::Training {
                    let random = arena.random();
                    #bind
                    Self::#descriptor.forward(n, #x, #y, random);
                } #otherwise
            }
        }
        Compute::Merge { .. } => {
            let operands = tensors.operands(operands);
            let y = tensors.tensor("y", *result);
            let bind = tensors.bind();
            code! {
                #bind
                Self::#descriptor.forward(n, #operands, #y);
            }
        }
        Compute::Announced { weights, workspace } => {
            let operands = tensors.inner_operands(operands);
            let results: Vec<_> =
                results.iter().enumerate().map(|(index, &y)| tensors.tensor(&format!("y{}", index + 1), y)).collect();
            let bind = tensors.bind();
            let InnerWorkspace { name: workspace, network } = &plan.workspaces[*workspace];
            let inner = inner_type(plan, *network, all);
            code! {
                let random = arena.random();
                #bind
                Self::#descriptor.forward::<#inner>(
                    &self #(.#weights)*, #operands, &mut [#(#results),*], mode, random, &mut workspace.#workspace,
                )?;
            }
        }
    }
}
