//! The backward pass: the steps in reverse. A step whose result has got no gradient is passed over; what only the
//! weights or only the inputs want is computed for them alone.
//!
//! Whether a gradient was written is asked at run time (`Arena::has`), a flag for each tensor. So one function serves losses,
//! gradients of the caller's for any of the outputs, and gradients by inputs alone. The order is that of the text in reverse, so that
//! sums have a fixed one. Gradients by weights come before a gradient that takes the place of an activation, which they read.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::format_ident;

use super::Generator;
use super::forward::STEPS_PER_FUNCTION;
use super::inner::Errors;
use super::names::{Names, number};
use super::once::Once;
use crate::layers::Weights;
use crate::plan::{Compute, GradientPlace, LayerCall, Place, Step, Wanted, WeightsPlace};

impl Generator<'_> {
    /// The functions that compute the steps of the backward pass.
    pub(super) fn expand_backward(&self) -> TokenStream {
        let Names { network, inputs, gradients, workspace, .. } = &self.names;
        let bind_slots = self.bind_training_slots();
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
                    first: ::core::primitive::usize,
                ) #returns {
                    let arena = &mut workspace.arena;
                    #bind_slots
                    let n = arena.samples();
                    let any = if by_inputs { 0 } else { first };
                    #(#steps)*
                    #end
                }
            })
        });
        let first_trained = self.expand_first_trained();
        code! {
            #[allow(unused_variables, unused_mut)]
            impl #network { #first_trained #(#pieces)* }
        }
    }

    /// The function that moves the statistics of layers, in the order of the forward pass and whichever outputs have a gradient;
    /// nothing if there are none. Those of an announced network only that network knows: each of its uses is asked in its turn.
    pub(super) fn expand_statistics(&self) -> TokenStream {
        let moves: Vec<TokenStream> = self.plan.steps.iter().filter_map(|step| self.statistics(step)).collect();
        if moves.is_empty() {
            return TokenStream::new();
        }
        let Names { gradients, workspace, .. } = &self.names;
        let bind_slots = self.bind_training_slots();
        code! {
            fn move_statistics(&self, workspace: &mut #workspace, gradients: &mut #gradients) {
                let arena = &mut workspace.arena;
                #bind_slots
                let n = arena.samples();
                #(#moves)*
            }
        }
    }

    /// The call of that function, once in a pass for gradients by weights, before the steps.
    pub(super) fn expand_statistics_call(&self) -> Option<TokenStream> {
        self.plan.steps.iter().any(|step| self.statistics(step).is_some()).then(|| {
            code! {
                if let ::core::option::Option::Some(gradients) = &mut gradients {
                    ::net_runtime::inner::InnerNetwork::move_statistics(self, workspace, gradients);
                }
            }
        })
    }

    fn statistics(&self, step: &Step) -> Option<TokenStream> {
        match &step.compute {
            Compute::Layer(layer) => self.layer_statistics(step, layer),
            Compute::Announced { weights, workspace, frozen: false } => self.announced_statistics(weights, *workspace),
            Compute::Announced { frozen: true, .. } => None,
        }
    }

    /// The calls of those functions, in order.
    pub(super) fn expand_backward_calls(&self) -> TokenStream {
        let pieces = (0..self.plan.steps.len().div_ceil(STEPS_PER_FUNCTION)).rev().map(piece);
        let Errors { check, .. } = self.errors();
        code! {
            let first = if gradients.is_some() { self.first_trained() } else { ::core::primitive::usize::MAX };
            #(self.#pieces(&inputs, workspace, gradients.as_deref_mut(), by_inputs, first) #check;)*
        }
    }

    /// The function that finds the first step of which a weight is trained: no gradient by weights leads to what is computed before it.
    /// It depends on what is frozen for now.
    fn expand_first_trained(&self) -> TokenStream {
        let mut seen = BTreeSet::new();
        let mut code = TokenStream::new();
        let mut params = Vec::new();
        let steps = self.plan.steps.iter().enumerate();
        for (index, step) in steps {
            let index = number(index);
            match &step.compute {
                Compute::Layer(LayerCall { facts, weights: Some(WeightsPlace { path, .. }), .. }) => {
                    let parameters = facts.weights.iter().flat_map(Weights::named);
                    for (name, _) in parameters.filter(|(_, parameter)| parameter.is_trained()) {
                        let text = path.iter().map(ToString::to_string).chain([name.to_owned()]);
                        if seen.insert(text.collect::<Vec<_>>()) {
                            let name = Ident::new(name, super::place());
                            params.push((Once::new(code! { &self #(.#path)*.#name }), index.clone()));
                        }
                    }
                }
                Compute::Announced { weights, workspace, frozen: false } => {
                    code.extend(expand_search(std::mem::take(&mut params)));
                    let inner = self.inner_type(self.plan.workspaces[*workspace].network);
                    let is_trained = code! { ::net_runtime::frozen::is_trained::<#inner> };
                    code.extend(code! { if #is_trained(&self #(.#weights)*) { return #index; } });
                }
                Compute::Layer(_) | Compute::Announced { .. } => {}
            }
        }
        code.extend(expand_search(params));
        code! {
            fn first_trained(&self) -> ::core::primitive::usize {
                #code
                ::core::primitive::usize::MAX
            }
        }
    }

    fn backward_step(&self, step: &Step) -> TokenStream {
        let wanted = self.plan.tensor_gradients[step.result().0];
        if !wanted.by_anybody() {
            return TokenStream::new();
        }
        let passed_on = match &step.compute {
            Compute::Layer(layer) => self.layer_backward(step, layer),
            Compute::Announced { weights, workspace, frozen } => {
                self.announced_backward(step, weights, *workspace, *frozen)
            }
        };
        let passed_on = Once::new(passed_on);
        let gradients = step.results.iter().map(|&result| Once::new(self.gradient_constant(Place::Tensor(result))));
        let activity = self.expand_wants_activity(&step.compute).map(|wants| code! { || #wants });
        // What is not wanted in this pass is not written.
        code! { if #(arena.has(#gradients))||* #activity { #passed_on } }
    }

    /// A contribution to an operand's gradient, under the condition that somebody wants it in this pass.
    pub(super) fn contribution(
        &self,
        operand: Place,
        contribution: impl FnOnce(Contribution) -> TokenStream,
    ) -> TokenStream {
        let wanted = self.plan.wanted(operand);
        if !wanted.by_anybody() {
            return TokenStream::new();
        }
        let gradient = self.gradient_constant(operand);
        let masked = self.plan.gradient_place(operand) == GradientPlace::Over { mask: true };
        where_wanted(wanted, self.plan.producer(operand), contribution(Contribution { gradient, masked }))
    }
}

fn piece(index: usize) -> Ident {
    format_ident!("backward_{}", index + 1, span = Span::mixed_site())
}

/// Looks for the first of these parameters that is trained, and gives the step where it is used.
fn expand_search(params: Vec<(Once, Literal)>) -> TokenStream {
    if params.is_empty() {
        return TokenStream::new();
    }
    let (params, steps): (Vec<_>, Vec<_>) = params.into_iter().unzip();
    code! {
        let trained = ::net_runtime::frozen::first_trained(&[#(#params),*], &[#(#steps),*]);
        if let ::core::option::Option::Some(step) = trained {
            return step;
        }
    }
}

/// Where a layer contributes to the gradient by an operand.
pub(super) struct Contribution {
    /// The place of the gradient.
    pub gradient: TokenStream,
    /// Whether the derivative of the ReLU that made the operand is applied on the way.
    pub masked: bool,
}

/// What is done in a pass for those that want the gradient of what the step of this index has computed.
pub(super) fn where_wanted(wanted: Wanted, step: usize, contribution: TokenStream) -> TokenStream {
    let (condition, contribution) = (Once::new(condition(wanted, step)), Once::new(contribution));
    code! { if #condition { #contribution } }
}

/// Whether the gradient of what the step of this index has computed is wanted in this pass by these.
pub(super) fn condition(wanted: Wanted, step: usize) -> TokenStream {
    let step = number(step);
    match wanted {
        Wanted { by_weights: true, by_inputs: true } => code! { any <= #step },
        Wanted { by_weights: true, by_inputs: false } => code! { first <= #step },
        Wanted { by_weights: false, by_inputs: true } => code! { by_inputs },
        Wanted { by_weights: false, by_inputs: false } => code! { false },
    }
}
