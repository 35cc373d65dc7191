//! The forward pass: a call for each step, in functions of limited length, for one long function costs rustc more than
//! linear time.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::Generator;
use super::inner::Errors;
use super::names::Names;
use super::once::Once;
use crate::plan::{Compute, Step};

/// Steps of one generated function.
pub(super) const STEPS_PER_FUNCTION: usize = 32;

impl Generator<'_> {
    /// The functions that compute the steps of the forward pass.
    pub(super) fn expand_forward(&self) -> TokenStream {
        let Names { network, inputs, slots, workspace, .. } = &self.names;
        let Errors { returns, end, .. } = self.errors();
        let pieces = self.plan.steps.chunks(STEPS_PER_FUNCTION).enumerate().map(|(index, steps)| {
            let name = piece(index);
            let steps = steps.iter().map(|step| Once::new(self.forward_step(step)));
            Once::new(code! {
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
            })
        });
        code! {
            #[allow(unused_variables)]
            impl #network { #(#pieces)* }
        }
    }

    /// The calls of those functions, in order.
    pub(super) fn expand_forward_calls(&self) -> TokenStream {
        let pieces = (0..self.plan.steps.len().div_ceil(STEPS_PER_FUNCTION)).map(piece);
        let Errors { check, .. } = self.errors();
        code! { #(self.#pieces(inputs, mode, slots, workspace) #check;)* }
    }

    fn forward_step(&self, step: &Step) -> TokenStream {
        match &step.compute {
            Compute::Layer(layer) => self.layer_forward(step, layer),
            Compute::Announced { weights, workspace, frozen: _ } => self.announced_forward(step, weights, *workspace),
        }
    }
}

fn piece(index: usize) -> Ident {
    format_ident!("forward_{}", index + 1, span = Span::mixed_site())
}
