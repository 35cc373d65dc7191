//! What weights and activities add to the loss.

use proc_macro2::TokenStream;

use super::Generator;
use super::names::Names;

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
        let slots = &self.names.slots;
        let wanted = |reads: crate::plan::TensorId| self.plan.tensor_gradients[reads.0].by_anybody();
        let activities = self.plan.activities.iter().filter(|activity| wanted(activity.reads)).map(|activity| {
            let (regularizer, tensor) = (activity.regularizer.code(), &self.plan.tensors[activity.reads.0].name);
            let gradient = self.tensor_gradient(activity.reads);
            code! {
                let write = arena.write(#slots::#gradient);
                let [y, dy] = arena.tensors([#slots::TRAINING.#tensor, #slots::#gradient.slot]);
                ::net_runtime::regularizers::activity_gradient(#regularizer, n, y, dy, write);
            }
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
