//! The structs with one field for each input, output or weight.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;

use super::Generator;
use super::inner::declared_type;
use super::names::{Names, batch_parameters, shape_text};
use super::once::Once;
use super::visits::Shown;
use super::weights;
use crate::graph::Input;
use crate::plan::{Field, Holds};
use crate::shape::{Element, Shape};
use crate::syntax::Announced;

/// Puts attributes in front of every item of a sequence of items.
pub(super) fn prefix_items(items: TokenStream, attributes: &TokenStream) -> TokenStream {
    let mut result = TokenStream::new();
    let mut at_start = true;
    for token in items {
        if at_start {
            result.extend(attributes.clone());
        }
        // An item ends with its braces or with a semicolon; an attribute's brackets end nothing.
        at_start = match &token {
            TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Brace,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        result.extend([token]);
    }
    result
}

fn input_view(input: &Input) -> TokenStream {
    let Input { name, element, shape, value: _ } = input;
    let doc = format!("{} for each sample.", shape_text(shape, *element));
    let parameters = batch_parameters(shape, *element);
    code! {
        #[doc = #doc]
        pub #name: ::net_runtime::View<'a, #parameters>
    }
}

impl Generator<'_> {
    /// The inputs of one call.
    pub(super) fn expand_inputs(&self) -> TokenStream {
        let Names { network, inputs, .. } = &self.names;
        let visibility = &self.plan.network.visibility;
        let doc = format!("The inputs of [`{network}`] for one call.");
        let fields = self.plan.network.inputs.iter().map(input_view);
        let idents: Vec<_> = self.plan.network.inputs.iter().map(|input| &input.name).collect();
        let texts: Vec<_> = idents.iter().map(ToString::to_string).collect();
        let single = match &*self.plan.network.inputs {
            [input] => self.expand_single_input(input),
            _ => TokenStream::new(),
        };
        code! {
            #[doc = #doc]
            #[derive(Clone, Copy, Debug)]
            #visibility struct #inputs<'a> { #(#fields),* }

            impl ::net_runtime::Inputs for #inputs<'_> {
                fn samples(&self) -> ::core::result::Result<::core::primitive::usize, ::net_runtime::Error> {
                    ::net_runtime::same_samples(&[#((#texts, self.#idents.len())),*])
                }

                fn slice(&self, range: ::core::ops::Range<::core::primitive::usize>) -> Self {
                    Self { #(#idents: self.#idents.slice(::core::clone::Clone::clone(&range))),* }
                }
            }

            #single
        }
    }

    /// A single input goes in without a struct.
    fn expand_single_input(&self, input: &Input) -> TokenStream {
        let Names { inputs, .. } = &self.names;
        let Input { name, element, shape, value: _ } = input;
        let parameters = batch_parameters(shape, *element);
        code! {
            impl<'a> ::core::convert::From<&'a ::net_runtime::Batch<#parameters>> for #inputs<'a> {
                fn from(batch: &'a ::net_runtime::Batch<#parameters>) -> Self {
                    Self { #name: batch.view() }
                }
            }

            impl<'a> ::core::convert::From<::net_runtime::View<'a, #parameters>> for #inputs<'a> {
                fn from(view: ::net_runtime::View<'a, #parameters>) -> Self {
                    Self { #name: view }
                }
            }
        }
    }

    /// The trait of the runtime for what becomes the inputs of one call, `'a` long.
    pub(super) fn inputs_bound(&self) -> TokenStream {
        let network = &self.names.network;
        let bound = match &*self.plan.network.inputs {
            [input] => {
                let parameters = batch_parameters(&input.shape, input.element);
                code! { ::net_runtime::IntoInput<'a, #network, ::net_runtime::Batch<#parameters>> }
            }
            _ => code! { ::net_runtime::IntoInputs<'a, #network> },
        };
        self.shown(bound)
    }

    /// The trait of the runtime for what a backward pass begins with.
    pub(super) fn upstream_bound(&self) -> TokenStream {
        let Names { network, upstream, .. } = &self.names;
        self.shown(code! { ::net_runtime::IntoUpstream<'b, #network, #upstream<'b>> })
    }

    /// Tokens that rustc shows beside a mistake in the program: at the word `network`, and not as those of a macro, which would be
    /// told in a line of its own.
    fn shown(&self, tokens: TokenStream) -> TokenStream {
        let place = self.plan.network.keyword;
        let place_token = |mut token: TokenTree| {
            token.set_span(place);
            token
        };
        tokens.into_iter().map(place_token).collect()
    }

    /// The name of a function, shown likewise.
    pub(super) fn shown_name(&self, name: &str) -> Ident {
        Ident::new(name, self.plan.network.keyword)
    }

    /// The outputs of one call: owned, and as views of a workspace.
    pub(super) fn expand_outputs(&self) -> TokenStream {
        let Names { network, outputs, views, .. } = &self.names;
        let visibility = &self.plan.network.visibility;
        let owned_doc = format!("The outputs of [`{network}`].");
        let views_doc = format!("The outputs of [`{network}`] in a workspace.");
        let idents: Vec<_> = self.plan.network.outputs.iter().map(|output| &output.name).collect();
        let docs: Vec<_> = self
            .plan
            .network
            .outputs
            .iter()
            .map(|output| format!("{} for each sample.", shape_text(&output.shape, Element::F32)))
            .collect();
        let parameters: Vec<_> =
            self.plan.network.outputs.iter().map(|output| batch_parameters(&output.shape, Element::F32)).collect();
        code! {
            #[doc = #owned_doc]
            #[derive(Clone, Debug, Default, PartialEq)]
            #visibility struct #outputs {
                #(#[doc = #docs] pub #idents: ::net_runtime::Batch<#parameters>),*
            }

            #[doc = #views_doc]
            #[derive(Clone, Copy, Debug, PartialEq)]
            #visibility struct #views<'w> {
                #(#[doc = #docs] pub #idents: ::net_runtime::View<'w, #parameters>),*
            }

            impl #views<'_> {
                /// A copy that does not borrow the workspace.
                pub fn to_owned(&self) -> #outputs {
                    #outputs { #(#idents: self.#idents.to_batch()),* }
                }
            }
        }
    }

    /// Gradients by the outputs, which a caller hands to backward.
    pub(super) fn expand_output_gradients(&self) -> TokenStream {
        let Names { network, output_gradients, .. } = &self.names;
        let visibility = &self.plan.network.visibility;
        let doc = format!("Gradients of something by the outputs of [`{network}`]; one that is left out is zero.");
        let fields = self.plan.network.outputs.iter().map(|output| {
            let name = &output.name;
            let doc = format!("By `{name}`, {} for each sample.", shape_text(&output.shape, Element::F32));
            let parameters = batch_parameters(&output.shape, Element::F32);
            code! {
                #[doc = #doc]
                pub #name: ::core::option::Option<::net_runtime::View<'a, #parameters>>
            }
        });
        code! {
            #[doc = #doc]
            #[derive(Clone, Copy, Debug, Default)]
            #visibility struct #output_gradients<'a> { #(#fields),* }
        }
    }

    /// Gradients by the inputs, as views of a workspace.
    pub(super) fn expand_input_gradients(&self) -> TokenStream {
        let Names { network, input_gradients, .. } = &self.names;
        let visibility = &self.plan.network.visibility;
        let doc = format!("Gradients by the inputs of [`{network}`], in a workspace.");
        let fields = self.plan.network.inputs.iter().filter(|input| input.element == Element::F32).map(|input| {
            let name = &input.name;
            let doc = format!("By `{name}`, {} for each sample.", shape_text(&input.shape, Element::F32));
            let parameters = batch_parameters(&input.shape, Element::F32);
            code! {
                #[doc = #doc]
                pub #name: ::net_runtime::View<'w, #parameters>
            }
        });
        let any = self.plan.network.inputs.iter().any(|input| input.element == Element::F32);
        let lifetime = if any {
            TokenStream::new()
        } else {
            code! { lifetime: ::core::marker::PhantomData<&'w ()> }
        };
        code! {
            #[doc = #doc]
            #[derive(Clone, Copy, Debug)]
            #visibility struct #input_gradients<'w> { #(#fields,)* #lifetime }
        }
    }

    /// A gradient for each weight.
    pub(super) fn expand_gradients(&self) -> TokenStream {
        let Names { network, gradients, .. } = &self.names;
        let visibility = &self.plan.network.visibility;
        let doc = format!("Gradients by the weights of [`{network}`].");
        let fields = self.plan.fields.iter().map(|field| Once::new(self.expand_field(field, Leaf::Gradient)));
        let zeros = self.plan.fields.iter().map(|Field { name, holds, frozen, .. }| match holds {
            Holds::Weights(weights) => {
                let zeros = Once::new(weights::zeros(weights));
                code! { #name: #zeros }
            }
            Holds::Network(_) if *frozen => code! { #name: ::net_runtime::frozen::gradients() },
            Holds::Network(_) => code! { #name: ::net_runtime::Gradients::zeros() },
        });
        let zeros = zeros.map(Once::new);
        let inner = |_: &Field| code! { ::net_runtime::Gradients::visit };
        let visits = Once::new(self.expand_visits("show", inner, &[Shown::gradient(code! { self })]));
        let inner_mut = |_: &Field| code! { ::net_runtime::Gradients::visit_mut };
        let visits_mut = Once::new(self.expand_visits("show_mut", inner_mut, &[Shown::gradient_mut(code! { self })]));
        let visitor = if self.plan.fields.is_empty() {
            code! { _visitor }
        } else {
            code! { visitor }
        };
        code! {
            #[doc = #doc]
            #[derive(Clone, Debug)]
            #visibility struct #gradients { #(#fields),* }

            impl #gradients {
                /// All zero.
                pub fn zeros() -> Self {
                    <Self as ::net_runtime::Gradients>::zeros()
                }
            }

            impl ::net_runtime::Gradients for #gradients {
                fn zeros() -> Self {
                    Self { #(#zeros),* }
                }

                fn visit(
                    &self,
                    #visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &::net_runtime::Gradient),
                ) {
                    #visits
                }

                fn visit_mut(
                    &mut self,
                    #visitor: &mut dyn ::core::ops::FnMut(::net_runtime::Name<'_>, &mut ::net_runtime::Gradient),
                ) {
                    #visits_mut
                }
            }
        }
    }
}

/// What the structs of weights hold.
#[derive(Clone, Copy)]
pub(super) enum Leaf {
    Param,
    Gradient,
}

impl Generator<'_> {
    /// A field for a layer or an inner network, of parameters or of gradients.
    pub(super) fn expand_field(&self, field: &Field, leaf: Leaf) -> TokenStream {
        let Field { name, holds, .. } = field;
        match holds {
            Holds::Weights(weights) => {
                let parameters = weights.named().map(|(name, parameter)| format!("{name} `{:?}`", parameter.dims));
                let dims = parameters.collect::<Vec<_>>();
                let count = net_drawing::thousands(weights.count() as u64);
                let doc = format!("`{}`{}: {}; {count} parameters.", field.source, flow_text(field), dims.join(", "));
                let holder = Once::new(weights::holder(weights));
                let parameter = match leaf {
                    Leaf::Param => TokenStream::new(),
                    Leaf::Gradient => code! { <::net_runtime::Gradient> },
                };
                code! {
                    #[doc = #doc]
                    pub #name: #holder #parameter
                }
            }
            Holds::Network(id) => {
                let inner = &self.all[id.0].network;
                let called = match &inner.announced {
                    None => format!("The inner network [`{}`]", inner.name),
                    Some(announced) => {
                        let path = announced.path.to_string().replace(' ', "");
                        match announced.what {
                            Announced::Network => format!("The inner network `{path}`"),
                            Announced::Layer => format!("The layer `{path}`"),
                        }
                    }
                };
                let doc = format!("{called}{}.", flow_text(field));
                let kind = match leaf {
                    Leaf::Param => declared_type(inner),
                    Leaf::Gradient => self.inner_gradients_type(*id),
                };
                // A network can be less visible than the one it is in: its weights are then, too. How visible an announced
                // one is, only rustc knows.
                let visibility = match (&inner.announced, &inner.visibility) {
                    (Some(_), _) | (None, syn::Visibility::Public(_)) => code! { pub },
                    (None, inner) => quote! { #inner },
                };
                code! {
                    #[doc = #doc]
                    #visibility #name: #kind
                }
            }
        }
    }
}

/// What goes through the layer of a field: `` , `[31, 31, 128]` → `[29, 29, 256]`, 2 uses ``.
fn flow_text(field: &Field) -> String {
    let mut text = String::new();
    if let Some((operands, results)) = &field.shapes {
        let list = |shapes: &[Shape]| shapes.iter().map(|shape| format!("`{shape:?}`")).collect::<Vec<_>>().join(", ");
        text.push_str(&format!(", {} → {}", list(operands), list(results)));
    }
    if field.uses > 1 {
        text.push_str(&format!(", {} uses", field.uses));
    }
    text
}
