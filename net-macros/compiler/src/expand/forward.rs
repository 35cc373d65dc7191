//! The forward pass: a call for each step, in functions of limited length, for one long function costs rustc more than
//! linear time.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::Generator;
use super::inner::Errors;
use super::names::{Names, number};
use super::once::Once;
use crate::plan::{Compute, Grouped, Step};

/// Steps of one generated function.
pub(super) const STEPS_PER_FUNCTION: usize = 32;

impl Generator<'_> {
    /// The functions that compute the steps of the forward pass.
    pub(super) fn expand_forward(&self) -> TokenStream {
        let Names { network, inputs, slots, workspace, .. } = &self.names;
        let Errors { returns, end, .. } = self.errors();
        let [leading, rest] = self.forward_pieces();
        let pieces = leading.into_iter().chain(rest).map(|(name, steps)| {
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

    /// The steps in pieces: first those that some passes compute in groups of samples, if there are any.
    fn forward_pieces(&self) -> [Vec<(Ident, &[Step])>; 2] {
        let leading = self.plan.grouped().map_or(0, |Grouped { steps, .. }| steps);
        let (leading, rest) = self.plan.steps.split_at(leading);
        let mut pieces = (1..).map(|number| format_ident!("forward_{number}", span = Span::mixed_site()));
        [leading, rest].map(|steps| {
            // The names second: a pair that is begun takes of the first.
            let named = steps.chunks(STEPS_PER_FUNCTION).zip(pieces.by_ref());
            named.map(|(steps, name)| (name, steps)).collect()
        })
    }

    /// The calls of those functions, in order.
    pub(super) fn expand_forward_calls(&self) -> TokenStream {
        let [leading, rest] = self.forward_pieces().map(|pieces| pieces.into_iter().map(|(name, _)| name));
        let Errors { check, .. } = self.errors();
        let leading = self.plan.grouped().map(|_| {
            let check = (!check.is_empty()).then(|| {
                code! { .map_err(|error| error.of_sample(&|sample| group.start + sample))? }
            });
            code! {
                while let ::core::option::Option::Some(group) = workspace.arena.next_group() {
                    let inputs = &::net_runtime::Inputs::slice(inputs, ::core::clone::Clone::clone(&group));
                    #(self.#leading(inputs, mode, slots, workspace) #check;)*
                }
            }
        });
        code! {
            #leading
            #(self.#rest(inputs, mode, slots, workspace) #check;)*
        }
    }

    /// How a trainer's passes are computed in groups, for the runtime; nothing if they are not.
    pub(super) fn expand_grouped(&self) -> TokenStream {
        let Some(grouped) = self.plan.grouped() else { return TokenStream::new() };
        let [samples, floats, from] = [grouped.samples(), grouped.floats, self.plan.trained().floats].map(number);
        code! {
            const GROUPS: ::core::option::Option<::net_runtime::Groups> =
                ::core::option::Option::Some(::net_runtime::Groups { samples: #samples, floats: #floats, from: #from });
        }
    }

    fn forward_step(&self, step: &Step) -> TokenStream {
        match &step.compute {
            Compute::Layer(layer) => self.layer_forward(step, layer),
            Compute::Announced { weights, workspace, frozen: _ } => self.announced_forward(step, weights, *workspace),
        }
    }
}
