//! The memory of one caller, and where every tensor lies in it.

use proc_macro2::{Ident, TokenStream};

use super::Generator;
use super::names::{Names, number};
use super::once::Once;
use crate::plan::{Layout, Place, TensorId, input_constant};
use crate::shape::Element;

impl Generator<'_> {
    /// The constant with the place of a tensor's gradient.
    pub(super) fn tensor_gradient(&self, tensor: TensorId) -> Ident {
        self.tensor_gradients[tensor.0].clone()
    }

    /// The constant with the place of an input's gradient.
    pub(super) fn input_gradient(&self, input: usize) -> Ident {
        super::gradient(&input_constant(self.plan.network, input))
    }

    /// Where every tensor lies, in training and in inference.
    pub(super) fn expand_slots(&self) -> TokenStream {
        let Names { network, slots, .. } = &self.names;
        let doc = format!("Where the tensors of [`{network}`] lie in its workspace.");
        let kept: Vec<usize> =
            (0..self.plan.tensors.len()).filter(|&tensor| self.plan.training.tensors[tensor].is_some()).collect();
        let tensors: Vec<_> = kept.iter().map(|&tensor| &self.plan.tensors[tensor].name).collect();
        let layout = |layout: &Layout| -> Vec<Once> {
            kept.iter()
                .map(|&tensor| match layout.tensors[tensor] {
                    Some(start) => expand_slot(start, self.plan.tensors[tensor].len),
                    // It is for backward alone.
                    None => expand_slot(0, 0),
                })
                .map(Once::new)
                .collect()
        };
        let training = layout(&self.plan.training);
        let inference = layout(&self.plan.inference);
        if let Some(for_weights) = &self.plan.training_weights {
            let [training_gradients, gradients_for_weights] =
                [&self.plan.training, for_weights].map(|layout| self.gradient_slots(Some(layout)));
            let no_gradients = self.gradient_slots(None);
            let names: Vec<_> = self.gradient_places().into_iter().map(|(name, ..)| name).collect();
            let for_weights = layout(for_weights);
            return code! {
                #[doc = #doc]
                #[allow(non_snake_case)]
                struct #slots { #(#tensors: ::net_runtime::Slot,)* #(#names: ::net_runtime::GradientSlot),* }

                #[allow(dead_code)]
                impl #slots {
                    const TRAINING: &'static Self = &Self { #(#tensors: #training,)* #(#names: #training_gradients),* };
                    const TRAINING_WEIGHTS: &'static Self =
                        &Self { #(#tensors: #for_weights,)* #(#names: #gradients_for_weights),* };
                    const INFERENCE: &'static Self = &Self { #(#tensors: #inference,)* #(#names: #no_gradients),* };

                    const fn of(mode: ::net_runtime::Mode) -> &'static Self {
                        match mode {
                            ::net_runtime::Mode::Training => Self::TRAINING,
                            ::net_runtime::Mode::TrainingWeights => Self::TRAINING_WEIGHTS,
                            ::net_runtime::Mode::Inference => Self::INFERENCE,
                        }
                    }
                }
            };
        }
        let gradients = self.gradient_places().into_iter().zip(self.gradient_slots(Some(&self.plan.training)));
        let gradients =
            gradients.map(|((name, ..), slot)| Once::new(code! { const #name: ::net_runtime::GradientSlot = #slot; }));
        code! {
            #[doc = #doc]
            struct #slots { #(#tensors: ::net_runtime::Slot),* }

            #[allow(dead_code)]
            impl #slots {
                const TRAINING: &'static Self = &Self { #(#tensors: #training),* };
                const INFERENCE: &'static Self = &Self { #(#tensors: #inference),* };
                #(#gradients)*

                const fn of(mode: ::net_runtime::Mode) -> &'static Self {
                    match mode {
                        ::net_runtime::Mode::Training | ::net_runtime::Mode::TrainingWeights => Self::TRAINING,
                        ::net_runtime::Mode::Inference => Self::INFERENCE,
                    }
                }
            }
        }
    }

    /// The local variable `slots` of a backward pass, behind the local `arena`.
    pub(super) fn bind_training_slots(&self) -> TokenStream {
        let slots = &self.names.slots;
        match self.plan.training_weights {
            Some(_) => code! { let slots = #slots::of(arena.mode_of_training()); },
            None => code! { let slots = #slots::TRAINING; },
        }
    }

    /// The places of the tensors in a backward pass: a constant, or its local `slots` if they are not the same in all.
    pub(super) fn training_slots(&self) -> TokenStream {
        let slots = &self.names.slots;
        if self.plan.training_weights.is_some() {
            code! { slots }
        } else {
            code! { #slots::TRAINING }
        }
    }

    /// The place of a gradient in a pass that has all, by its name.
    pub(super) fn gradient_in_training(&self, name: &Ident) -> TokenStream {
        let slots = &self.names.slots;
        if self.plan.training_weights.is_some() {
            code! { #slots::TRAINING.#name }
        } else {
            code! { #slots::#name }
        }
    }
}

fn expand_slot(offset: usize, len: usize) -> TokenStream {
    let (offset, len) = (number(offset), number(len));
    code! { ::net_runtime::Slot { offset: #offset, len: #len } }
}

impl Generator<'_> {
    /// The places of all [these](Self::gradient_places) gradients in a layout, each with its number; none of them has memory without one.
    fn gradient_slots(&self, layout: Option<&Layout>) -> Vec<Once> {
        let places = self.gradient_places().into_iter().enumerate();
        let slots = places.map(|(index, (_, of, len))| {
            let start = layout.and_then(|layout| match of {
                Place::Tensor(tensor) => layout.tensor_gradients[tensor.0],
                Place::Input(input) => layout.input_gradients[input],
            });
            let slot = start.map_or_else(|| expand_slot(0, 0), |start| expand_slot(start, len));
            let (slot, index) = (Once::new(slot), number(index));
            Once::new(code! { ::net_runtime::GradientSlot { slot: #slot, index: #index } })
        });
        slots.collect()
    }

    /// Every gradient that has a place: its constant, what it is the gradient by, its length.
    fn gradient_places(&self) -> Vec<(Ident, Place, usize)> {
        let input_len = |input: usize| self.plan.network.inputs[input].shape.iter().product();
        let tensors = self.plan.training.tensor_gradients.iter().enumerate().filter_map(|(tensor, start)| {
            let len = match self.plan.home(Place::Tensor(TensorId(tensor))) {
                Place::Tensor(home) => self.plan.tensors[home.0].len,
                Place::Input(input) => input_len(input),
            };
            start.is_some().then(|| (self.tensor_gradient(TensorId(tensor)), Place::Tensor(TensorId(tensor)), len))
        });
        let inputs = self
            .plan
            .training
            .input_gradients
            .iter()
            .enumerate()
            .filter(|(_, start)| start.is_some())
            .map(|(input, _)| (self.input_gradient(input), Place::Input(input), input_len(input)));
        tensors.chain(inputs).collect()
    }

    /// The memory of one caller.
    pub(super) fn expand_workspace(&self) -> TokenStream {
        let Names { network, workspace, views, input_gradients, slots, .. } = &self.names;
        let visibility = &self.plan.network.visibility;
        let doc = format!(
            "The memory that one caller of [`{network}`] works in: activations and gradients of a batch. Make one for each \
         thread that uses the network at the same time, and keep it: a second call uses the memory of the first."
        );
        let inner: Vec<_> = self.plan.workspaces.iter().map(|workspace| &workspace.name).collect();
        let inner_types: Vec<_> =
            self.plan.workspaces.iter().map(|workspace| self.inner_type(workspace.network)).collect();
        let gradients = number(self.gradient_places().len());
        let floats = number(self.plan.inference.floats);
        let outputs = self.plan.network.outputs.iter().zip(&self.plan.outputs).map(|(output, place)| {
            let name = &output.name;
            let tensor = &self.plan.tensors[place.tensor.0].name;
            code! { #name: self.arena.view(slots.#tensor) }
        });
        let inputs = self.plan.network.inputs.iter().enumerate().filter(|(_, input)| input.element == Element::F32);
        let (input_names, constants): (Vec<_>, Vec<_>) =
            inputs.map(|(index, input)| (&input.name, self.gradient_in_training(&self.input_gradient(index)))).unzip();
        let lifetime = if input_names.is_empty() {
            code! { lifetime: ::core::marker::PhantomData }
        } else {
            TokenStream::new()
        };
        code! {
            #[doc = #doc]
            #[derive(Debug)]
            #visibility struct #workspace {
                #(#inner: <#inner_types as ::net_runtime::Network>::Workspace,)*
                arena: ::net_runtime::Arena,
                share_workspaces: ::net_runtime::shares::Others<Self>,
            }

            impl #workspace {
                /// Memory for the inference of `capacity` samples. A larger batch or a training pass grows it, once.
                ///
                /// # Panics
                ///
                /// If there is not as much memory; the message has the number of bytes.
                pub fn new(capacity: ::core::primitive::usize) -> Self {
                    Self {
                        #(#inner: ::net_runtime::Workspace::new(capacity),)*
                        arena: ::net_runtime::Arena::new(
                            capacity,
                            #floats,
                            <#network as ::net_runtime::inner::InnerNetwork>::groups(::net_runtime::Mode::Inference),
                            #gradients,
                        ),
                        share_workspaces: ::core::default::Default::default(),
                    }
                }

                /// The outputs of the last forward pass.
                ///
                /// # Errors
                ///
                /// If there was none.
                pub fn outputs(&self) -> ::core::result::Result<#views<'_>, ::net_runtime::Error> {
                    let slots = #slots::of(self.arena.mode()?);
                    ::core::result::Result::Ok(#views { #(#outputs),* })
                }

                fn input_gradients(&mut self) -> #input_gradients<'_> {
                    #(self.arena.finish_gradient(#constants);)*
                    #input_gradients { #(#input_names: self.arena.view(#constants.slot),)* #lifetime }
                }
            }

            impl ::net_runtime::Workspace for #workspace {
                fn new(capacity: ::core::primitive::usize) -> Self {
                    Self::new(capacity)
                }

                fn set_random(&mut self, key: ::net_runtime::RandomKey) {
                    self.arena.set_random(key);
                }

                fn set_arithmetic(&mut self, arithmetic: ::net_runtime::Arithmetic) {
                    #(::net_runtime::Workspace::set_arithmetic(&mut self.#inner, arithmetic);)*
                    self.arena.set_arithmetic(arithmetic);
                }
            }
        }
    }
}
