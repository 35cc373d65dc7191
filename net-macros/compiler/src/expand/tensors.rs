//! Taking tensors out of the arena: `let [x, y] = arena.tensors([slots.x, slots.y]);`.

use proc_macro2::{Ident, Span, TokenStream};

use super::Generator;
use super::once::Once;
use crate::plan::{Place, TensorId};
use crate::shape::Element;

/// The tensors that one call needs at the same time; each is taken once, however often it is an operand.
pub(super) struct Tensors<'a> {
    generator: &'a Generator<'a>,
    slots: Vec<(Taken, TokenStream, Ident)>,
}

/// What is taken out of the arena.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    Tensor(TensorId),
    Gradient(Place),
}

impl<'a> Tensors<'a> {
    pub(super) fn new(generator: &'a Generator<'a>) -> Self {
        Self { generator, slots: Vec::new() }
    }

    fn take(&mut self, local: &str, taken: Taken, slot: impl FnOnce() -> TokenStream) -> Ident {
        if let Some((_, _, known)) = self.slots.iter().find(|(known, _, _)| *known == taken) {
            return known.clone();
        }
        let local = Ident::new(local, Span::mixed_site());
        self.slots.push((taken, slot(), local.clone()));
        local
    }

    /// A tensor that a call writes or reads, under a local name.
    pub(super) fn tensor(&mut self, local: &str, tensor: TensorId) -> Ident {
        let name = &self.generator.plan.tensors[tensor.0].name;
        self.take(local, Taken::Tensor(tensor), || code! { slots.#name })
    }

    /// The gradient of a tensor.
    pub(super) fn gradient(&mut self, local: &str, tensor: TensorId) -> Ident {
        self.operand_gradient(local, Place::Tensor(tensor))
    }

    /// The gradient of an operand, or of what it is a part of.
    pub(super) fn operand_gradient(&mut self, local: &str, place: Place) -> Ident {
        let generator = self.generator;
        let place = generator.plan.home(place);
        self.take(local, Taken::Gradient(place), || {
            let constant = Once::new(generator.gradient_constant(place));
            code! { #constant.slot }
        })
    }

    /// An operand: the caller's input, or a tensor under a local name; for a part of a tensor, the whole.
    pub(super) fn operand(&mut self, local: &str, place: Place) -> TokenStream {
        match self.generator.plan.home(place) {
            Place::Input(input) => {
                let name = &self.generator.plan.network.inputs[input].name;
                code! { inputs.#name.data() }
            }
            Place::Tensor(tensor) => {
                let local = self.tensor(local, tensor);
                code! { #local }
            }
        }
    }

    /// Several operands, as a slice of slices.
    pub(super) fn operands(&mut self, places: &[Place]) -> TokenStream {
        let operands: Vec<_> = places
            .iter()
            .enumerate()
            .map(|(index, &place)| {
                let operand = self.operand(&format!("x{}", index + 1), place);
                match self.generator.plan.home(place) {
                    Place::Input(_) => operand,
                    Place::Tensor(_) => code! { &*#operand },
                }
            })
            .collect();
        code! { &[#(#operands),*] }
    }

    /// What goes into an announced network, as a slice of the runtime's tensors.
    pub(super) fn inner_operands(&mut self, places: &[Place]) -> TokenStream {
        let operands = places.iter().enumerate().map(|(index, &place)| {
            let operand = self.operand(&format!("x{}", index + 1), place);
            let element = match place {
                Place::Input(input) => self.generator.plan.network.inputs[input].element,
                Place::Tensor(_) => Element::F32,
            };
            match element {
                Element::F32 => code! { ::net_runtime::inner::Tensor::F32(#operand) },
                Element::U32 => code! { ::net_runtime::inner::Tensor::U32(#operand) },
            }
        });
        let operands: Vec<_> = operands.collect();
        code! { &[#(#operands),*] }
    }

    /// The statement that takes them out.
    pub(super) fn bind(self) -> TokenStream {
        self.bind_for(false, None)
    }

    /// The same with the scratch memory, and for a contribution to this gradient: one call, since there are many of them.
    pub(super) fn bind_for(self, scratch: bool, writes: Option<TokenStream>) -> TokenStream {
        let (slots, locals) = self.lists();
        match (scratch, writes) {
            (false, None) => code! { let [#(#locals),*] = arena.tensors([#(#slots),*]); },
            (true, None) => code! { let ([#(#locals),*], scratch) = arena.tensors_and_scratch([#(#slots),*]); },
            (false, Some(gradient)) => code! {
                let ([#(#locals),*], write) = arena.tensors_to_write([#(#slots),*], #gradient);
            },
            (true, Some(gradient)) => code! {
                let ([#(#locals),*], write, scratch) = arena.tensors_to_write_and_scratch([#(#slots),*], #gradient);
            },
        }
    }

    fn lists(self) -> (Vec<Once>, Vec<Ident>) {
        self.slots.into_iter().map(|(_, slot, local)| (Once::new(slot), local)).unzip()
    }
}

impl Generator<'_> {
    /// The place of a gradient in a backward pass: a constant, or a field of the `slots` of the pass if it is not the same in all.
    pub(super) fn gradient_constant(&self, place: Place) -> TokenStream {
        let slots = &self.names.slots;
        let constant = match place {
            Place::Input(input) => self.input_gradient(input),
            Place::Tensor(tensor) => self.tensor_gradient(tensor),
        };
        if self.plan.training_weights.is_some() {
            code! { slots.#constant }
        } else {
            code! { #slots::#constant }
        }
    }
}
