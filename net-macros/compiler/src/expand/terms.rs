//! What weights and activities add to the loss.
//!
//! A pass of gradients from losses lets the weights' terms contribute once, before the layers do, and in every share of a batch its
//! part. An activity is a tensor that the losses read, as the logits of a head are. Where those of an announced network lie only that
//! network knows: the one around it asks it for their terms, and lets its backward pass begin with their gradients. A network without
//! terms has no code for them.

use proc_macro2::TokenStream;

use super::Generator;
use super::names::Names;
use crate::plan::{Compute, InnerWorkspace, Place};
use crate::syntax::Announced;

impl Generator<'_> {
    /// Adds the terms to the total loss.
    pub(super) fn expand_terms(&self) -> TokenStream {
        let activity = self.has_activity().then(|| {
            code! { losses.total += <Self as ::net_runtime::inner::InnerNetwork>::activity(workspace, n)?; }
        });
        let penalty = self.has_penalty().then(|| code! { losses.total += ::net_runtime::regularizers::penalty(self); });
        code! { #activity #penalty }
    }

    /// Where the gradients of the activities' terms enter the backward pass.
    pub(super) fn expand_activity_seeds(&self) -> TokenStream {
        if !self.has_activity() {
            return TokenStream::new();
        }
        code! {
            <Self as ::net_runtime::inner::InnerNetwork>::begin_activity_gradients(workspace, n, by_inputs);
        }
    }

    /// Whether activities may add something to the loss.
    fn has_activity(&self) -> bool {
        !self.plan.activities.is_empty() || self.workspaces_with_activity().next().is_some()
    }

    /// The workspaces of announced networks, of which it is not known whether theirs do.
    fn workspaces_with_activity(&self) -> impl Iterator<Item = &InnerWorkspace> {
        self.plan.workspaces.iter().filter(|workspace| {
            let announced = &self.all[workspace.network.0].network.announced;
            announced.as_ref().is_some_and(|announced| announced.what == Announced::Network)
        })
    }

    /// What asks for the step of an announced network beside the gradients by its results.
    pub(super) fn expand_wants_activity(&self, compute: &Compute) -> Option<TokenStream> {
        let Compute::Announced { workspace, .. } = compute else { return None };
        let name = &self.plan.workspaces[*workspace].name;
        let InnerWorkspace { network, .. } = self.workspaces_with_activity().find(|with| with.name == *name)?;
        let inner = self.inner_type(*network);
        Some(code! { <#inner as ::net_runtime::inner::InnerNetwork>::arena(&mut workspace.#name).wants_activity() })
    }

    /// What activities add to the loss, this network's and those of announced ones inside of it; and where the gradients of that begin.
    pub(super) fn expand_activity(&self) -> TokenStream {
        if !self.has_activity() {
            return TokenStream::new();
        }
        let Names { slots, workspace, .. } = &self.names;
        let values = self.plan.activities.iter().map(|activity| {
            let (regularizer, tensor) = (activity.regularizer.code(), &self.plan.tensors[activity.reads.0].name);
            code! { sum += ::net_runtime::regularizers::activity(#regularizer, n, arena.tensor(slots.#tensor)); }
        });
        let (bind_slots, training_slots) = (self.bind_training_slots(), self.training_slots());
        let gradients = self.plan.activities.iter().filter_map(|activity| {
            let wanted = self.plan.tensor_gradients[activity.reads.0];
            if !wanted.by_anybody() {
                return None;
            }
            let (regularizer, tensor) = (activity.regularizer.code(), &self.plan.tensors[activity.reads.0].name);
            let gradient = self.gradient_constant(Place::Tensor(activity.reads));
            let seed = code! {
                let write = arena.write(#gradient);
                let [y, dy] = arena.tensors([#training_slots.#tensor, #gradient.slot]);
                ::net_runtime::regularizers::activity_gradient(#regularizer, n, y, dy, write);
            };
            Some(self.where_seeded(wanted, seed))
        });
        let names: Vec<_> = self.workspaces_with_activity().map(|workspace| &workspace.name).collect();
        let inner = self.workspaces_with_activity().map(|workspace| self.inner_type(workspace.network));
        let inner: Vec<_> = inner.map(|inner| code! { <#inner as ::net_runtime::inner::InnerNetwork> }).collect();
        let inside = if inner.is_empty() {
            code! { false }
        } else {
            code! { #(#inner::ACTIVITIES)||* }
        };
        let any = if self.plan.activities.is_empty() {
            inside.clone()
        } else {
            code! { true }
        };
        code! {
            const ACTIVITIES: ::core::primitive::bool = #any;
            const ACTIVITIES_INSIDE: ::core::primitive::bool = #inside;

            fn activity(
                workspace: &#workspace,
                n: ::core::primitive::usize,
            ) -> ::core::result::Result<::core::primitive::f32, ::net_runtime::Error> {
                let arena = &workspace.arena;
                let slots = #slots::of(arena.mode()?);
                let mut sum = 0.0;
                #(#values)*
                #(sum += #inner::activity(&workspace.#names, n)?;)*
                ::core::result::Result::Ok(sum)
            }

            fn begin_activity_gradients(
                workspace: &mut #workspace,
                n: ::core::primitive::usize,
                by_inputs: ::core::primitive::bool,
            ) {
                let arena = &mut workspace.arena;
                #bind_slots
                #(#gradients)*
                #(
                    if #inner::ACTIVITIES {
                        #inner::arena(&mut workspace.#names).want_activity(n);
                    }
                )*
            }
        }
    }

    /// What a backward pass notes before it begins, and does before its steps, for the gradients of the weights' terms. They come first,
    /// so that none is the second contribution to what a layer would rather leave as the factors of a product.
    pub(super) fn expand_penalty_gradients(&self) -> [TokenStream; 2] {
        if self.plan.heads.is_empty() || !self.has_penalty() {
            return [TokenStream::new(), TokenStream::new()];
        }
        let Names { upstream, .. } = &self.names;
        let of_losses = code! { let of_losses = ::core::matches!(upstream, #upstream::Losses(_)); };
        let gradients = code! {
            if let (true, ::core::option::Option::Some(gradients)) = (of_losses, gradients.as_deref_mut()) {
                ::net_runtime::regularizers::add_gradients(self, gradients);
            }
        };
        [of_losses, gradients]
    }
}
