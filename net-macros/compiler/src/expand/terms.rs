//! What weights and activities add to the loss.

use proc_macro2::TokenStream;

use super::Generator;
use super::names::Names;
use crate::plan::Place;

impl Generator<'_> {
    /// Adds the terms to the total loss.
    pub(super) fn expand_terms(&self) -> TokenStream {
        let activities = self.plan.activities.iter().map(|activity| {
            let (regularizer, tensor) = (activity.regularizer.code(), &self.plan.tensors[activity.reads.0].name);
            code! { losses.total += ::net_runtime::regularizers::activity(#regularizer, n, arena.tensor(slots.#tensor)); }
        });
        let penalty = self.has_penalty().then(|| code! { losses.total += ::net_runtime::regularizers::penalty(self); });
        code! { #(#activities)* #penalty }
    }

    /// Where the gradients of the activities' terms enter the backward pass.
    pub(super) fn expand_activity_gradients(&self) -> TokenStream {
        let slots = self.training_slots();
        let activities = self.plan.activities.iter().filter_map(|activity| {
            let wanted = self.plan.tensor_gradients[activity.reads.0];
            if !wanted.by_anybody() {
                return None;
            }
            let (regularizer, tensor) = (activity.regularizer.code(), &self.plan.tensors[activity.reads.0].name);
            let gradient = self.gradient_constant(Place::Tensor(activity.reads));
            let seed = code! {
                let write = arena.write(#gradient);
                let [y, dy] = arena.tensors([#slots.#tensor, #gradient.slot]);
                ::net_runtime::regularizers::activity_gradient(#regularizer, n, y, dy, write);
            };
            Some(self.where_seeded(wanted, seed))
        });
        activities.collect()
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
