//! Networks as parts of networks: their types, what they give to a network of another block, and the proof that such a
//! one is what it was announced as.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};

use super::Generator;
use super::names::{Names, number, numbers, shape_type};
use crate::graph::{Announcement, Network, NetworkId, Spans};
use crate::plan::{Holds, Sum, announced_constant};
use crate::shape::Element;
use crate::syntax::Announced;

/// The type of an inner network in a declaration: its name, or that of an announced one.
pub(super) fn declared_type(network: &Network) -> TokenStream {
    match &network.announced {
        Some(announced) => announced_type(network, announced),
        None => network.name.to_token_stream(),
    }
}

/// The type of what is announced: the path of a network; around a layer's, the runtime's network of one layer.
fn announced_type(network: &Network, announced: &Announcement) -> TokenStream {
    let path = &announced.path;
    match announced.what {
        Announced::Network => path.clone(),
        Announced::Layer => {
            let operands = operands(network);
            code! { ::net_runtime::OwnLayer<#path, #operands> }
        }
    }
}

/// The runtime's type for the operands of a layer: a shape, or a tuple of several.
fn operands(layer: &Network) -> TokenStream {
    let operands = layer.inputs.iter().map(|input| {
        let shape = shape_type(&input.shape);
        match input.element {
            Element::F32 => shape,
            Element::U32 => code! { ::net_runtime::layers::Indices<#shape> },
        }
    });
    let operands: Vec<_> = operands.collect();
    match &*operands {
        [operand] => operand.clone(),
        several => code! { (#(#several),*) },
    }
}

/// What is said of a path that is not what it was announced as.
fn not_announced(network: &Network, announced: &Announcement) -> String {
    let shown = announced.path.to_string().replace(' ', "");
    match announced.what {
        Announced::Network => format!("`{shown}` is announced as a network, but no `network!` declares it"),
        Announced::Layer => {
            let operands = operands(network).to_string().replace(' ', "");
            let operands =
                operands.replace("::net_runtime::layers::", "").replace("::net_runtime::", "").replace(',', ", ");
            format!("`{shown}` is announced as a layer, but does not implement `Layer<{operands}>`")
        }
    }
}

impl Generator<'_> {
    /// The type of an inner network of this one in all that is computed. If what is announced is no network, this type is an
    /// error that has been told, and rustc says nothing about its uses.
    pub(super) fn inner_type(&self, id: NetworkId) -> TokenStream {
        let inner = self.all[id.0].network;
        let Some(announced) = &inner.announced else { return inner.name.to_token_stream() };
        let announced = announced_type(inner, announced);
        // All on one token of the user's: what rustc says there, it says once.
        let place = inner.name.span();
        let (mut outer, mut is_a_network) = (self.plan.network.name.clone(), is_a_network(id));
        outer.set_span(place);
        is_a_network.set_span(Span::mixed_site().located_at(place));
        let is_a_network = quote_spanned! { place => { #outer::#is_a_network } };
        code! { ::net_runtime::announced::Proven<#announced, #is_a_network> }
    }

    /// The type of its gradients.
    pub(super) fn inner_gradients_type(&self, id: NetworkId) -> TokenStream {
        let inner = self.all[id.0].network;
        match inner.announced {
            Some(_) => {
                let inner = self.inner_type(id);
                code! { <#inner as ::net_runtime::Network>::Gradients }
            }
            None => Names::new(&inner.name).gradients.to_token_stream(),
        }
    }
}

fn is_a_network(NetworkId(index): NetworkId) -> Ident {
    format_ident!("{}", announced_constant(index), span = Span::mixed_site())
}

impl Generator<'_> {
    /// For each announced network that is inside of this one, the constant that says so or fails on the user's token.
    pub(super) fn expand_announced_constants(&self) -> TokenStream {
        let constants = self.announced().into_iter().filter_map(|id| {
            let inner = self.all[id.0].network;
            let announced = inner.announced.as_ref()?;
            let (kind, text) = (announced_type(inner, announced), not_announced(inner, announced));
            let place = inner.name.span();
            let panic = quote_spanned! { place => ::core::panic!(#text) };
            let name = is_a_network(id);
            Some(code! {
                const #name: ::core::primitive::bool = {
                    #[allow(unused_imports)]
                    use ::net_runtime::announced::Otherwise as _;
                    match ::net_runtime::announced::Probe::<#kind>::SIGNATURE {
                        ::core::option::Option::Some(_) => true,
                        ::core::option::Option::None => #panic,
                    }
                };
            })
        });
        let constants: Vec<_> = constants.collect();
        if constants.is_empty() {
            return TokenStream::new();
        }
        let network = &self.plan.network.name;
        code! { impl #network { #(#constants)* } }
    }

    /// The announced networks inside of this one.
    fn announced(&self) -> BTreeSet<NetworkId> {
        let fields = self.plan.fields.iter().filter_map(|field| match field.holds {
            Holds::Weights(_) => None,
            Holds::Network(id) => Some(id),
        });
        let inside = fields.chain(self.plan.workspaces.iter().map(|workspace| workspace.network));
        inside.filter(|id| self.all[id.0].network.announced.is_some()).collect()
    }

    /// Only rustc knows whether the path of an announced network could be shorter: a struct that holds one is not blamed for
    /// that.
    pub(super) fn announced_lints(&self) -> TokenStream {
        if self.announced().is_empty() {
            return TokenStream::new();
        }
        code! { #[allow(unused_qualifications)] }
    }

    /// A number that may depend on announced networks; `member` is the number's name in the runtime's `NetworkInfo`.
    pub(super) fn expand_sum<T: Copy>(
        &self,
        sum: &Sum<T>,
        literal: impl Fn(T) -> proc_macro2::Literal,
        member: &str,
    ) -> TokenStream {
        let known = literal(sum.known);
        let announced = sum.announced.iter().map(|&network| (network, member));
        let announced = announced.chain(sum.frozen.iter().map(|&network| (network, "parameters")));
        let announced = announced.map(|((id, often), member)| {
            let member = format_ident!("{member}", span = super::place());
            let network = self.inner_type(id);
            match often {
                1 => code! { + <#network as ::net_runtime::Network>::INFO.#member },
                _ => {
                    let often = number(often);
                    code! { + #often * <#network as ::net_runtime::Network>::INFO.#member }
                }
            }
        });
        code! { #known #(#announced)* }
    }
}

/// What generated functions say about errors: some steps can have some, most cannot.
pub(super) struct Errors {
    /// The type that is returned.
    pub(super) returns: TokenStream,
    /// The end of a function.
    pub(super) end: TokenStream,
    /// What stands behind a call.
    pub(super) check: TokenStream,
}

impl Generator<'_> {
    pub(super) fn errors(&self) -> Errors {
        if !self.plan.steps.iter().any(|step| step.compute.can_fail()) {
            return Errors { returns: TokenStream::new(), end: TokenStream::new(), check: TokenStream::new() };
        }
        Errors {
            returns: code! { -> ::core::result::Result<(), ::net_runtime::Error> },
            end: code! { ::core::result::Result::Ok(()) },
            check: code! { ? },
        }
    }
}

impl Generator<'_> {
    /// What a network is for one of another block around it.
    pub(super) fn expand_inner_network(&self) -> TokenStream {
        let Names { network, inputs, gradients, workspace, slots, .. } = &self.names;
        let input_ports = self.plan.network.inputs.iter().map(|input| port(&input.name, input.element, &input.shape));
        let output_ports =
            self.plan.network.outputs.iter().map(|output| port(&output.name, Element::F32, &output.shape));
        let outputs = self.plan.outputs.iter().map(|output| {
            let tensor = &self.plan.tensors[output.tensor.0].name;
            let gradient =
                self.plan.training.tensor_gradients[output.tensor.0].map(|_| self.tensor_gradient(output.tensor));
            let gradient = optional(gradient.map(|gradient| self.gradient_in_training(&gradient)));
            code! {
                ::net_runtime::inner::OutputSlots {
                    training: #slots::TRAINING.#tensor,
                    inference: #slots::INFERENCE.#tensor,
                    gradient: #gradient,
                }
            }
        });
        // Some networks return a tensor twice, and most losses read an output.
        let read = self.plan.heads.iter().flat_map(|head| &head.terms).map(|term| term.reads);
        let read = read.chain(self.plan.activities.iter().map(|activity| activity.reads));
        let kept: BTreeSet<_> = self.plan.outputs.iter().map(|output| output.tensor).chain(read).collect();
        let kept = kept.into_iter().map(|tensor| {
            let tensor = &self.plan.tensors[tensor.0].name;
            code! { #slots::INFERENCE.#tensor }
        });
        let input_gradients = self.plan.network.inputs.iter().enumerate().map(|(index, input)| {
            let gradient = (input.element == Element::F32).then(|| self.input_gradient(index));
            optional(gradient.map(|gradient| self.gradient_in_training(&gradient)))
        });
        let views = self.plan.network.inputs.iter().enumerate().map(|(index, input)| {
            let (name, index) = (&input.name, number(index));
            let element = match input.element {
                Element::F32 => code! { f32 },
                Element::U32 => code! { u32 },
            };
            code! { #name: ::net_runtime::inner::Tensor::#element(tensors, #index)? }
        });
        let [inference_floats, training_floats] =
            [&self.plan.inference, &self.plan.training].map(|layout| number(layout.floats));
        let training_floats = match &self.plan.training_weights {
            None => code! {
                ::net_runtime::Mode::Training | ::net_runtime::Mode::TrainingWeights => #training_floats,
            },
            Some(layout) => {
                let floats = number(layout.floats);
                code! {
                    ::net_runtime::Mode::Training => #training_floats,
                    ::net_runtime::Mode::TrainingWeights => #floats,
                }
            }
        };
        let forward_calls = self.expand_forward_calls();
        let calls = self.expand_backward_calls();
        let activity = self.expand_activity();
        let statistics = self.expand_statistics();
        let groups = self.expand_grouped();
        code! {
            #[allow(unused_variables, unused_mut)]
            impl ::net_runtime::inner::InnerNetwork for #network {
                const SIGNATURE: ::net_runtime::announced::Signature = ::net_runtime::announced::Signature {
                    inputs: &[#(#input_ports),*],
                    outputs: &[#(#output_ports),*],
                };
                const OUTPUTS: &'static [::net_runtime::inner::OutputSlots] = &[#(#outputs),*];
                const KEPT: &'static [::net_runtime::Slot] = &[#(#kept),*];
                const INPUT_GRADIENTS: &'static [::core::option::Option<::net_runtime::GradientSlot>] =
                    &[#(#input_gradients),*];
                #activity
                #groups

                fn inputs<'a>(
                    tensors: &[::net_runtime::inner::Tensor<'a>],
                ) -> ::core::result::Result<#inputs<'a>, ::net_runtime::Error> {
                    ::core::result::Result::Ok(#inputs { #(#views),* })
                }

                fn arena(workspace: &mut #workspace) -> &mut ::net_runtime::Arena {
                    &mut workspace.arena
                }

                fn others(workspace: &mut #workspace) -> &mut ::net_runtime::shares::Others<#workspace> {
                    &mut workspace.share_workspaces
                }

                fn floats(mode: ::net_runtime::Mode) -> ::core::primitive::usize {
                    match mode {
                        #training_floats
                        ::net_runtime::Mode::Inference => #inference_floats,
                    }
                }

                fn forward_steps(
                    &self,
                    inputs: &#inputs<'_>,
                    mode: ::net_runtime::Mode,
                    workspace: &mut #workspace,
                ) -> ::core::result::Result<(), ::net_runtime::Error> {
                    let slots = #slots::of(mode);
                    #forward_calls
                    ::core::result::Result::Ok(())
                }

                #statistics

                fn backward_steps(
                    &self,
                    inputs: #inputs<'_>,
                    workspace: &mut #workspace,
                    mut gradients: ::core::option::Option<&mut #gradients>,
                    by_inputs: ::core::primitive::bool,
                ) -> ::core::result::Result<(), ::net_runtime::Error> {
                    #calls
                    ::core::result::Result::Ok(())
                }
            }
        }
    }
}

fn optional(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => code! { ::core::option::Option::Some(#value) },
        None => code! { ::core::option::Option::None },
    }
}

fn port(name: &Ident, element: Element, shape: &[usize]) -> TokenStream {
    let name = name.to_string().replace("r#", "");
    let classes = element == Element::U32;
    let dims = numbers(shape);
    code! { ::net_runtime::announced::Port { name: #name, classes: #classes, dims: &[#(#dims),*] } }
}

/// The proof that an announced network is what it was announced as: a constant for each input and output, whose
/// evaluation panics on the token that is wrong.
pub(super) fn expand_proof(network: &Network) -> TokenStream {
    let Some(announced) = &network.announced else { return TokenStream::new() };
    let kind = announced_type(network, announced);
    let name = network.name.to_string();
    let (inputs, outputs) = (number(network.inputs.len()), number(network.outputs.len()));
    let panic = panic(network.name.span());
    let count = code! {
        const _: () = match ::net_runtime::announced::count_fault(#name, #inputs, #outputs, REAL) {
            ::core::option::Option::None => {}
            ::core::option::Option::Some(text) => #panic,
        };
    };
    let inputs = network.inputs.iter().zip(&announced.inputs).enumerate().map(|(index, (input, spans))| {
        let announced = port(&input.name, input.element, &input.shape);
        let index = number(index);
        let fault = code! { ::net_runtime::announced::input_fault(#name, #index, #announced, REAL) };
        expand_port_proof(&input.name, spans.as_ref(), &fault)
    });
    let outputs = network.outputs.iter().enumerate().map(|(index, output)| {
        let announced = port(&output.name, Element::F32, &output.shape);
        let index = number(index);
        let fault = code! { ::net_runtime::announced::output_fault(#name, #index, #announced, REAL) };
        expand_port_proof(&output.name, output.declared.as_ref(), &fault)
    });
    code! {
        #[allow(unused_qualifications)]
        const _: () = {
            #[allow(unused_imports)]
            use ::net_runtime::announced::Otherwise as _;
            const REAL: ::core::option::Option<::net_runtime::announced::Signature> =
                ::net_runtime::announced::Probe::<#kind>::SIGNATURE;
            #count
            #(#inputs)*
            #(#outputs)*
        };
    }
}

/// `None` for a shape that could not be read, which has been told.
fn expand_port_proof(name: &Ident, spans: Option<&Spans>, fault: &TokenStream) -> TokenStream {
    let Some(spans) = spans else { return TokenStream::new() };
    let in_name = panic(name.span());
    let in_shape = panic(spans.whole);
    let axes = spans.axes.iter().enumerate().map(|(axis, &span)| {
        let (axis, panic) = (number(axis), panic(span));
        code! { ::core::option::Option::Some(::net_runtime::announced::Fault::Axis(#axis, text)) => #panic, }
    });
    code! {
        const _: () = match #fault {
            ::core::option::Option::None => {}
            ::core::option::Option::Some(::net_runtime::announced::Fault::Name(text)) => #in_name,
            #(#axes)*
            ::core::option::Option::Some(
                ::net_runtime::announced::Fault::Shape(text) | ::net_runtime::announced::Fault::Axis(_, text),
            ) => #in_shape,
        };
    }
}

/// The panic that rustc shows at a token of the user's.
fn panic(place: Span) -> TokenStream {
    let text = code! { text };
    quote_spanned! { place => ::core::panic!("{}", #text.as_str()) }
}
