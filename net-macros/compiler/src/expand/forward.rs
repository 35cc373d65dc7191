//! The forward pass: a call for each step, in functions of limited length, for one long function costs rustc more than
//! linear time.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::Generator;
use super::inner::Errors;
use super::names::{Names, number};
use super::once::Once;
use crate::plan::{Compute, Grouped, Layout, Step};

/// Neighbouring steps, and the function that computes them.
struct Piece<'p> {
    name: Ident,
    /// The index of the first one.
    begin: usize,
    steps: &'p [Step],
}

/// Steps of one generated function.
pub(super) const STEPS_PER_FUNCTION: usize = 32;

impl Generator<'_> {
    /// The functions that compute the steps of the forward pass.
    pub(super) fn expand_forward(&self) -> TokenStream {
        let Names { network, inputs, slots, workspace, .. } = &self.names;
        let Errors { returns, end, .. } = self.errors();
        let pieces = self.forward_pieces().into_iter().map(|Piece { name, steps, .. }| {
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

    /// The layouts of a trainer's passes and of inference.
    fn layouts(&self) -> [&Layout; 2] {
        [self.plan.trained(), &self.plan.inference]
    }

    /// Whether some pass computes some steps in groups.
    fn has_groups(&self) -> bool {
        self.layouts().iter().any(|layout| !layout.grouped.is_empty())
    }

    /// The steps in pieces, each of which is in a run that is computed in groups, or in none, whatever the pass is for.
    fn forward_pieces(&self) -> Vec<Piece<'_>> {
        let runs = self.layouts().into_iter().flat_map(|layout| &layout.grouped);
        let mut bounds: BTreeSet<usize> = runs.flat_map(|run| [run.steps.start, run.steps.end]).collect();
        bounds.extend([0, self.plan.steps.len()]);
        let begins = bounds.iter().zip(bounds.iter().skip(1)).flat_map(|(&begin, &end)| {
            let begins = (begin..end).step_by(STEPS_PER_FUNCTION);
            begins.map(move |begin| (begin, &self.plan.steps[begin..end.min(begin + STEPS_PER_FUNCTION)]))
        });
        let named = begins.enumerate().map(|(index, (begin, steps))| {
            let name = format_ident!("forward_{}", index + 1, span = Span::mixed_site());
            Piece { name, begin, steps }
        });
        named.collect()
    }

    /// The calls of those functions, in order.
    pub(super) fn expand_forward_calls(&self) -> TokenStream {
        let pieces = self.forward_pieces();
        let [training, inference] = self.layouts().map(|layout| self.calls_of(&pieces, &layout.grouped));
        if !self.has_groups() {
            return training;
        }
        code! {
            match mode {
                ::net_runtime::Mode::Inference => { #inference }
                ::net_runtime::Mode::Training | ::net_runtime::Mode::TrainingWeights => { #training }
            }
        }
    }

    /// The calls in a pass that computes these runs in groups.
    fn calls_of(&self, mut pieces: &[Piece<'_>], runs: &[Grouped]) -> TokenStream {
        let Errors { check, .. } = self.errors();
        let mut calls = TokenStream::new();
        let call = |Piece { name, .. }: &Piece<'_>| code! { self.#name(inputs, mode, slots, workspace) };
        for run in runs {
            let [before, within] = [run.steps.start, run.steps.end].map(|bound| {
                let (first, others) = pieces.split_at(pieces.partition_point(|piece| piece.begin < bound));
                pieces = others;
                first.iter().map(call)
            });
            let check_group = (!check.is_empty()).then(|| {
                code! { .map_err(|error| error.of_sample(&|sample| group.start + sample))? }
            });
            calls.extend(code! {
                #(#before #check;)*
                while let ::core::option::Option::Some(group) = workspace.arena.next_group() {
                    let inputs = &::net_runtime::Inputs::slice(inputs, ::core::clone::Clone::clone(&group));
                    #(#within #check_group;)*
                }
            });
        }
        let rest = pieces.iter().map(call);
        calls.extend(code! { #(#rest #check;)* });
        calls
    }

    /// How passes are computed in groups, for the runtime; nothing if they are not.
    pub(super) fn expand_grouped(&self) -> TokenStream {
        if !self.has_groups() {
            return TokenStream::new();
        }
        let [training, inference] = self.layouts().map(|layout| {
            let from = number(layout.floats);
            let runs = layout.grouped.iter().map(|run| {
                let [samples, floats] = [run.samples, run.floats].map(number);
                code! { ::net_runtime::GroupedRun { samples: #samples, floats: #floats } }
            });
            code! { ::net_runtime::Groups { runs: &[#(#runs),*], from: #from } }
        });
        code! {
            fn groups(mode: ::net_runtime::Mode) -> ::net_runtime::Groups {
                match mode {
                    ::net_runtime::Mode::Training => ::net_runtime::Groups::NONE,
                    ::net_runtime::Mode::TrainingWeights => #training,
                    ::net_runtime::Mode::Inference => #inference,
                }
            }
        }
    }

    fn forward_step(&self, step: &Step) -> TokenStream {
        match &step.compute {
            Compute::Layer(layer) => self.layer_forward(step, layer),
            Compute::Announced { weights, workspace, frozen: _ } => self.announced_forward(step, weights, *workspace),
        }
    }
}
