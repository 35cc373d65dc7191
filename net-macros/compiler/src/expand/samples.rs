//! Samples to train on, and where the gradients of a backward pass come from.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::Generator;
use super::names::{Names, batch_parameters, numbers, shape_text};
use crate::plan::Head;

impl Generator<'_> {
    /// Inputs and targets; of a network without losses and metrics their name alone.
    pub(super) fn expand_samples(&self) -> TokenStream {
        if self.plan.heads.is_empty() {
            return self.expand_no_samples();
        }
        let Names { network, inputs, samples, .. } = &self.names;
        let visibility = &self.plan.network.visibility;
        let doc = format!("Inputs and targets to train and evaluate [`{network}`] with.");
        let input_names: Vec<_> = self.plan.network.inputs.iter().map(|input| &input.name).collect();
        let targets = self
            .plan
            .heads
            .iter()
            .filter_map(|head| Some((&self.plan.network.outputs[head.output].name, head.target.as_ref()?)));
        let targets: Vec<_> = targets.collect();
        let target_names: Vec<_> = targets.iter().map(|(name, _)| *name).collect();
        let fields = self
            .plan
            .network
            .inputs
            .iter()
            .map(|input| (&input.name, "Input", &input.shape, input.element))
            .chain(targets.iter().map(|(name, target)| (*name, "Target", &target.shape, target.element)))
            .map(|(name, role, shape, element)| {
                let doc = format!("{role}, {} for each sample.", shape_text(shape, element));
                let parameters = batch_parameters(shape, element);
                code! {
                    #[doc = #doc]
                    pub #name: ::net_runtime::Batch<#parameters>
                }
            });
        let input_texts: Vec<_> = input_names.iter().map(ToString::to_string).collect();
        let target_texts: Vec<_> = target_names.iter().map(ToString::to_string).collect();
        // Without targets there is no class to weigh.
        let unused = targets.is_empty().then(|| quote!(#[allow(unused_variables)]));
        code! {
            #[doc = #doc]
            #[derive(Clone, Debug, Default, PartialEq)]
            #visibility struct #samples { #(#fields),* }

            #unused
            impl ::net_runtime::Samples for #samples {
                type Inputs<'a> = #inputs<'a>;

                fn inputs(&self) -> #inputs<'_> {
                    #inputs { #(#input_names: self.#input_names.view()),* }
                }

                fn count(&self) -> ::core::result::Result<::core::primitive::usize, ::net_runtime::Error> {
                    #(::net_runtime::no_weights(#input_texts, self.#input_names.weights())?;)*
                    ::net_runtime::same_samples(&[
                        #((#input_texts, self.#input_names.len()),)*
                        #((#target_texts, self.#target_names.len()),)*
                    ])
                }

                fn gather_into(&self, indices: &[::core::primitive::usize], target: &mut Self) {
                    #(self.#input_names.gather_into(indices, &mut target.#input_names);)*
                    #(self.#target_names.gather_into(indices, &mut target.#target_names);)*
                }

                fn weigh_classes(
                    &mut self,
                    head: &::core::primitive::str,
                    weights: &[::core::primitive::f32],
                ) -> ::core::result::Result<(), ::net_runtime::Error> {
                    match head {
                        #(#target_texts => self.#target_names.weigh_classes(head, weights),)*
                        _ => ::core::result::Result::Err(::net_runtime::unknown_head(head, &[#(#target_texts),*])),
                    }
                }
            }

            impl<'a> ::core::convert::From<&'a #samples> for #inputs<'a> {
                fn from(samples: &'a #samples) -> Self {
                    ::net_runtime::Samples::inputs(samples)
                }
            }
        }
    }

    /// A type that fails on the network's name where a program uses it: rustc evaluates the length of the array then, and says
    /// nothing else about the uses. Not for rustdoc, which evaluates it for the page of the type.
    fn expand_no_samples(&self) -> TokenStream {
        let Names { network, samples, .. } = &self.names;
        let visibility = &self.plan.network.visibility;
        let output = self.plan.network.outputs.first().map_or_else(String::new, |output| output.name.to_string());
        let text = format!(
            "`{network}` has no loss, and so no `{samples}` to be trained with: add e.g. `loss {output}: MeanSquaredError;`"
        );
        let panic = quote_spanned! { network.span() => ::core::panic!(#text) };
        code! {
            #[doc(hidden)]
            #[cfg(not(doc))]
            #visibility type #samples = <[(); #panic] as ::net_runtime::WithSamples>::Samples;
        }
    }

    /// Where the gradients of a backward pass come from.
    pub(super) fn expand_upstream(&self) -> TokenStream {
        let Names { network, samples, output_gradients, upstream, .. } = &self.names;
        let visibility = &self.plan.network.visibility;
        let doc = format!("Where the gradients of a backward pass through [`{network}`] come from.");
        let outputs: Vec<_> = self.plan.network.outputs.iter().map(|output| &output.name).collect();
        let output_texts: Vec<_> = outputs.iter().map(ToString::to_string).collect();
        let has_heads = !self.plan.heads.is_empty();
        let variant = has_heads.then(|| {
            code! {
                /// From the losses, with the targets among these samples.
                Losses(&'a #samples),
            }
        });
        let conversion = has_heads.then(|| {
            code! {
                impl<'a> ::core::convert::From<&'a #samples> for #upstream<'a> {
                    fn from(samples: &'a #samples) -> Self {
                        Self::Losses(samples)
                    }
                }
            }
        });
        let checked = has_heads.then(|| {
            let checks = self.plan.heads.iter().flat_map(|head| self.expand_target_checks(head));
            code! {
                Self::Losses(targets) => {
                    ::net_runtime::same_samples(&[
                        ("inputs", samples),
                        ("targets", ::net_runtime::Samples::count(*targets)?),
                    ])?;
                    #(#checks)*
                }
            }
        });
        code! {
            #[doc = #doc]
            #[derive(Clone, Copy, Debug)]
            #visibility enum #upstream<'a> {
                /// From the caller.
                Gradients(#output_gradients<'a>),
                #variant
            }

            impl<'a> ::core::convert::From<#output_gradients<'a>> for #upstream<'a> {
                fn from(gradients: #output_gradients<'a>) -> Self {
                    Self::Gradients(gradients)
                }
            }

            #conversion

            impl #upstream<'_> {
                /// Checks before anything is computed that it fits so many samples.
                fn check(&self, samples: ::core::primitive::usize) -> ::core::result::Result<(), ::net_runtime::Error> {
                    match self {
                        Self::Gradients(given) => {
                            #(if let ::core::option::Option::Some(gradient) = given.#outputs {
                                ::net_runtime::same_samples(&[("inputs", samples), (#output_texts, gradient.len())])?;
                            })*
                        }
                        #checked
                    }
                    ::core::result::Result::Ok(())
                }
            }
        }
    }

    /// Targets have to be what the losses can compare with: class numbers below the number of classes.
    fn expand_target_checks(&self, head: &Head) -> Vec<TokenStream> {
        let output = &self.plan.network.outputs[head.output];
        let name = &output.name;
        let text = name.to_string();
        (0..head.terms.len())
            .filter(|index| head.terms[*index].loss.target(&output.shape).is_some())
            .map(|index| {
                let loss = self.loss(head, index);
                let dims = numbers(&output.shape);
                code! {
                    ::net_runtime::losses::check(#loss, #text, &[#(#dims),*], samples, targets.#name.data())?;
                }
            })
            .collect()
    }
}
