//! Steps of announced networks: calls through `net_runtime::inner`.

use proc_macro2::{Ident, TokenStream};

use super::Generator;
use super::backward::{condition, where_wanted};
use super::names::number;
use super::tensors::Tensors;
use crate::plan::{InnerWorkspace, Place, Step};
use crate::syntax::Announced;

impl Generator<'_> {
    /// Its forward pass.
    pub(super) fn announced_forward(&self, step: &Step, weights: &[Ident], workspace: usize) -> TokenStream {
        let Step { compute: _, descriptor, operands, results, times: _ } = step;
        let InnerWorkspace { name: workspace, network, times: _ } = &self.plan.workspaces[workspace];
        let inner = self.inner_type(*network);
        let mut tensors = Tensors::new(self);
        let operands = tensors.inner_operands(operands);
        let results: Vec<_> =
            results.iter().enumerate().map(|(index, &y)| tensors.tensor(&format!("y{}", index + 1), y)).collect();
        let bind = tensors.bind();
        code! {
            let random = arena.random();
            #bind
            Self::#descriptor.forward::<#inner>(
                &self #(.#weights)*, #operands, &mut [#(#results),*], mode, random, &mut workspace.#workspace,
            )?;
        }
    }

    /// What the statistics inside of it become, by the batch of its forward pass; a layer of the user's own has none.
    pub(super) fn announced_statistics(&self, weights: &[Ident], workspace: usize) -> Option<TokenStream> {
        let InnerWorkspace { name: workspace, network, times: _ } = &self.plan.workspaces[workspace];
        let announced = self.all[network.0].network.announced.as_ref();
        if announced.is_none_or(|announced| announced.what == Announced::Layer) {
            return None;
        }
        let inner = self.inner_type(*network);
        Some(code! {
            <#inner as ::net_runtime::inner::InnerNetwork>::move_statistics(
                &self #(.#weights)*, &mut workspace.#workspace, &mut gradients #(.#weights)*,
            );
        })
    }

    /// Its own backward pass, and what that gives to the operands.
    pub(super) fn announced_backward(
        &self,
        step: &Step,
        weights: &[Ident],
        workspace: usize,
        frozen: bool,
    ) -> TokenStream {
        let Step { compute: _, descriptor, operands, results, times: _ } = step;
        let InnerWorkspace { name: workspace, network, times: _ } = &self.plan.workspaces[workspace];
        let inner = self.inner_type(*network);
        let mut tensors = Tensors::new(self);
        let inputs = tensors.inner_operands(operands);
        let (given, upstream): (Vec<_>, Vec<_>) = results
            .iter()
            .enumerate()
            .map(|(index, &result)| {
                let gradient = self.gradient_constant(Place::Tensor(result));
                let dy = tensors.gradient(&format!("dy{}", index + 1), result);
                let index = number(index);
                (code! { arena.has(#gradient) }, code! { given[#index].then_some(&*#dy) })
            })
            .unzip();
        let bind = tensors.bind();
        let by_operands = operands.iter().filter_map(|&operand| {
            let wanted = self.plan.wanted(operand);
            wanted.by_anybody().then(|| condition(wanted, self.plan.producer(operand)))
        });
        let by_operands: Vec<_> = by_operands.collect();
        let by_operands = if by_operands.is_empty() {
            code! { false }
        } else {
            code! { #(#by_operands)||* }
        };
        let by_weights = match frozen {
            true => code! { ::core::option::Option::None },
            false => code! { gradients.as_deref_mut().map(|gradients| &mut gradients #(.#weights)*) },
        };
        let pass_on = operands.iter().enumerate().map(|(index, &operand)| {
            let wanted = self.plan.wanted(operand);
            if !wanted.by_anybody() {
                return TokenStream::new();
            }
            let gradient = self.gradient_constant(operand);
            let index = number(index);
            let contribution = code! {
                if let ::core::option::Option::Some(dx) =
                    Self::#descriptor.input_gradient::<#inner>(&self #(.#weights)*, #index, &mut workspace.#workspace)
                {
                    arena.receive(#gradient, dx);
                }
            };
            where_wanted(wanted, self.plan.producer(operand), contribution)
        });
        code! {
            let given = [#(#given),*];
            #bind
            Self::#descriptor.backward::<#inner>(
                &self #(.#weights)*,
                #inputs,
                &[#(#upstream),*],
                #by_weights,
                #by_operands,
                &mut workspace.#workspace,
            )?;
            #(#pass_on)*
        }
    }
}
