//! The backward pass: the steps in reverse. A step whose result has got no gradient is passed over; what only the
//! weights or only the inputs want is computed for them alone.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::Generator;
use super::forward::STEPS_PER_FUNCTION;
use super::inner::Errors;
use super::names::Names;
use super::once::Once;
use crate::plan::{Compute, GradientPlace, Place, Step, Wanted};

impl Generator<'_> {
    /// The functions that compute the steps of the backward pass.
    pub(super) fn expand_backward(&self) -> TokenStream {
        let Names { network, inputs, gradients, slots, workspace, .. } = &self.names;
        let Errors { returns, end, .. } = self.errors();
        let pieces = self.plan.steps.chunks(STEPS_PER_FUNCTION).enumerate().map(|(index, steps)| {
            let name = piece(index);
            let steps = steps.iter().rev().map(|step| Once::new(self.backward_step(step)));
            Once::new(code! {
                fn #name(
                    &self,
                    inputs: &#inputs<'_>,
                    workspace: &mut #workspace,
                    mut gradients: ::core::option::Option<&mut #gradients>,
                    by_inputs: ::core::primitive::bool,
                ) #returns {
                    let slots = #slots::TRAINING;
                    let arena = &mut workspace.arena;
                    let n = arena.samples();
                    #(#steps)*
                    #end
                }
            })
        });
        let statistics = self.expand_statistics();
        code! {
            #[allow(unused_variables, unused_mut)]
            impl #network { #statistics #(#pieces)* }
        }
    }

    /// The function that moves the statistics of layers, in the order of the forward pass and whichever outputs have a gradient;
    /// nothing if there are none.
    fn expand_statistics(&self) -> TokenStream {
        let moves: Vec<TokenStream> = self.plan.steps.iter().filter_map(|step| self.statistics(step)).collect();
        if moves.is_empty() {
            return TokenStream::new();
        }
        let Names { gradients, slots, workspace, .. } = &self.names;
        code! {
            fn move_statistics(&self, workspace: &mut #workspace, gradients: &mut #gradients) {
                let slots = #slots::TRAINING;
                let arena = &mut workspace.arena;
                let n = arena.samples();
                #(#moves)*
            }
        }
    }

    /// The calls of those functions, in order.
    pub(super) fn expand_backward_calls(&self) -> TokenStream {
        let pieces = (0..self.plan.steps.len().div_ceil(STEPS_PER_FUNCTION)).rev().map(piece);
        let Errors { check, .. } = self.errors();
        let statistics = self.plan.steps.iter().any(|step| self.statistics(step).is_some()).then(|| {
            code! {
                if let ::core::option::Option::Some(gradients) = &mut gradients {
                    self.move_statistics(workspace, gradients);
                }
            }
        });
        code! {
            #statistics
            #(self.#pieces(&inputs, workspace, gradients.as_deref_mut(), by_inputs) #check;)*
        }
    }

    fn backward_step(&self, step: &Step) -> TokenStream {
        if !self.plan.tensor_gradients[step.result().0].by_anybody() {
            return TokenStream::new();
        }
        let passed_on = match &step.compute {
            Compute::Layer(layer) => self.layer_backward(step, layer),
            Compute::Announced { weights, workspace } => self.announced_backward(step, weights, *workspace),
        };
        let passed_on = Once::new(passed_on);
        let gradients = step.results.iter().map(|&result| Once::new(self.gradient_constant(Place::Tensor(result))));
        code! {
            if #(arena.has(#gradients))||* { #passed_on }
        }
    }

    /// A contribution to an operand's gradient, under the condition that somebody wants it in this pass.
    pub(super) fn contribution(&self, operand: Place, contribution: impl FnOnce(&Ident) -> TokenStream) -> TokenStream {
        let wanted = self.plan.wanted(operand);
        if !wanted.by_anybody() {
            return TokenStream::new();
        }
        let gradient = Once::new(self.gradient_constant(operand));
        let write = Ident::new("write", Span::mixed_site());
        let contribution = Once::new(contribution(&write));
        let mask = match self.plan.gradient_place(operand) {
            GradientPlace::Over { mask: true } => code! { .masked() },
            GradientPlace::Over { mask: false } | GradientPlace::Own => TokenStream::new(),
        };
        let contribution = code! {
            let #write = arena.write(#gradient)#mask;
            #contribution
        };
        where_wanted(wanted, contribution)
    }
}

fn piece(index: usize) -> Ident {
    format_ident!("backward_{}", index + 1, span = Span::mixed_site())
}

/// What is done in a pass for those that want it: for the weights, for the inputs, or both.
pub(super) fn where_wanted(wanted: Wanted, contribution: TokenStream) -> TokenStream {
    match wanted {
        Wanted { by_weights: true, by_inputs: true } => contribution,
        _ => {
            let (condition, contribution) = (Once::new(condition(wanted)), Once::new(contribution));
            code! { if #condition { #contribution } }
        }
    }
}

/// Whether a gradient that these want is wanted in this pass.
pub(super) fn condition(wanted: Wanted) -> TokenStream {
    match wanted {
        Wanted { by_weights: true, by_inputs: true } => code! { true },
        Wanted { by_weights: true, by_inputs: false } => code! { gradients.is_some() },
        Wanted { by_weights: false, by_inputs: true } => code! { by_inputs },
        Wanted { by_weights: false, by_inputs: false } => code! { false },
    }
}
