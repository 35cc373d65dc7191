//! Losses and metrics.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};

use super::Generator;
use super::names::{Names, number, numbers};
use crate::plan::{Head, Place, Term};
use crate::shape::{Element, Target};

impl Generator<'_> {
    /// What a network with losses has beyond others.
    pub(super) fn expand_trainable(&self) -> TokenStream {
        if self.plan.heads.is_empty() {
            return self.expand_untrained();
        }
        let losses = self.expand_losses();
        let metrics = self.expand_metrics();
        let own = self.expand_own();
        let Names { network, samples, gradients, workspace, metrics: metrics_type, slots, .. } = &self.names;
        let head_count = number(self.plan.heads.len());
        let heads = self.plan.heads.iter().map(|head| {
            let name = self.plan.network.outputs[head.output].name.to_string();
            let has_loss = !head.terms.is_empty();
            code! { ::net_runtime::training::Head { name: #name, has_loss: #has_loss } }
        });
        let head_names: Vec<_> =
            self.plan.heads.iter().map(|head| &self.plan.network.outputs[head.output].name).collect();
        let updates = self.plan.heads.iter().flat_map(|head| self.expand_metric_updates(head));
        let resets = self.plan.heads.iter().flat_map(|head| {
            let output = &self.plan.network.outputs[head.output];
            head.metrics.iter().map(move |metric| {
                let field = &metric.field;
                if metric.metric.is_own() {
                    return code! { metrics.#field.reset(); };
                }
                let value = metric.metric.descriptor(&output.shape, &metric.target);
                code! { ::net_runtime::metrics::Metric::reset(&#value, &mut metrics.#field); }
            })
        });
        let visits = self.plan.heads.iter().enumerate().flat_map(|(index, head)| {
            let index = number(index);
            let output = &self.plan.network.outputs[head.output];
            head.metrics.iter().map(move |metric| {
                let field = &metric.field;
                if metric.metric.is_own() {
                    return code! { visitor(#index, metrics.#field.name(), metrics.#field.result()); };
                }
                let kind = metric.metric.path(&output.shape, &metric.target);
                let value = metric.metric.descriptor(&output.shape, &metric.target);
                code! {
                    visitor(
                        #index,
                        <#kind as ::net_runtime::metrics::Metric>::NAME,
                        ::net_runtime::metrics::Metric::result(&#value, &metrics.#field),
                    );
                }
            })
        });
        code! {
            #losses
            #metrics
            #own

            #[allow(unused_variables)]
            impl ::net_runtime::Trainable for #network {
                type Samples = #samples;
                type Metrics = #metrics_type;
                type Losses = [::core::primitive::f32; #head_count];

                const HEADS: &'static [::net_runtime::training::Head] = &[#(#heads),*];

                fn losses(
                    &self,
                    samples: &#samples,
                    workspace: &mut #workspace,
                ) -> ::core::result::Result<(::core::primitive::f32, Self::Losses), ::net_runtime::Error> {
                    let losses = self.losses(samples, workspace)?;
                    ::core::result::Result::Ok((losses.total, [#(losses.#head_names),*]))
                }

                fn backward_losses(
                    &self,
                    samples: &#samples,
                    workspace: &mut #workspace,
                    gradients: &mut #gradients,
                ) -> ::core::result::Result<(), ::net_runtime::Error> {
                    self.backward(samples, samples, workspace, gradients)
                }

                fn update_metrics(
                    &self,
                    samples: &#samples,
                    workspace: &#workspace,
                    metrics: &mut #metrics_type,
                ) -> ::core::result::Result<(), ::net_runtime::Error> {
                    let arena = &workspace.arena;
                    let slots = #slots::of(arena.mode()?);
                    arena.check_samples(::net_runtime::Samples::count(samples)?)?;
                    #(#updates)*
                    ::core::result::Result::Ok(())
                }

                fn reset_metrics(metrics: &mut #metrics_type) {
                    #(#resets)*
                }

                fn visit_metrics(metrics: &#metrics_type, visitor: ::net_runtime::training::MetricVisitor<'_>) {
                    #(#visits)*
                }
            }
        }
    }

    /// What a trainer is told of a network without losses and metrics: that there is nothing to train it with.
    fn expand_untrained(&self) -> TokenStream {
        let Names { network, gradients, workspace, .. } = &self.names;
        let samples = code! { ::net_runtime::NoSamples<Self> };
        code! {
            impl ::net_runtime::Trainable for #network {
                type Samples = #samples;
                type Metrics = ();
                type Losses = [::core::primitive::f32; 0];

                const HEADS: &'static [::net_runtime::training::Head] = &[];

                fn losses(
                    &self,
                    samples: &#samples,
                    _: &mut #workspace,
                ) -> ::core::result::Result<(::core::primitive::f32, Self::Losses), ::net_runtime::Error> {
                    samples.refuse()
                }

                fn backward_losses(
                    &self,
                    samples: &#samples,
                    _: &mut #workspace,
                    _: &mut #gradients,
                ) -> ::core::result::Result<(), ::net_runtime::Error> {
                    samples.refuse()
                }

                fn update_metrics(
                    &self,
                    samples: &#samples,
                    _: &#workspace,
                    _: &mut (),
                ) -> ::core::result::Result<(), ::net_runtime::Error> {
                    samples.refuse()
                }

                fn visit_metrics(_: &(), _: ::net_runtime::training::MetricVisitor<'_>) {}
            }
        }
    }

    /// The losses of one batch.
    fn expand_losses(&self) -> TokenStream {
        let Names { network, samples, workspace, losses, slots, .. } = &self.names;
        let visibility = &self.plan.network.visibility;
        let doc = format!("The losses of [`{network}`] for one batch.");
        let head_names: Vec<_> =
            self.plan.heads.iter().map(|head| &self.plan.network.outputs[head.output].name).collect();
        let docs = head_names.iter().map(|name| format!("The loss of `{name}`, before its weight."));
        // Fields and no variables: a pattern of the name of an output may be that of a constant, or `Some`.
        let values = self.plan.heads.iter().map(|head| {
            let terms = (0..head.terms.len()).map(|term| self.expand_term_value(head, term));
            let name = &self.plan.network.outputs[head.output].name;
            match &*head.terms {
                [] => TokenStream::new(),
                [Term { weight, .. }] => code! {
                    losses.#name = #(#terms)*;
                    losses.total += #weight * losses.#name;
                },
                several => {
                    let weights = several.iter().map(|term| term.weight);
                    code! {
                        losses.#name = #(#weights * #terms)+*;
                        losses.total += losses.#name;
                    }
                }
            }
        });
        let regularization = self.expand_terms();
        let total = match regularization.is_empty() {
            true => "The weighted sum of all.",
            false => "The weighted sum of all, and what regularizers add.",
        };
        code! {
            #[doc = #doc]
            #[derive(Clone, Copy, Debug, PartialEq)]
            #visibility struct #losses {
                #[doc = #total]
                pub total: ::core::primitive::f32,
                #(#[doc = #docs] pub #head_names: ::core::primitive::f32),*
            }

            impl #network {
                /// The losses of the forward pass that the workspace holds.
                ///
                /// # Errors
                ///
                /// If the workspace holds no pass over as many samples, a backward pass has used it up, or a target is no class.
                pub fn losses(
                    &self,
                    samples: &#samples,
                    workspace: &#workspace,
                ) -> ::core::result::Result<#losses, ::net_runtime::Error> {
                    let n = ::net_runtime::Samples::count(samples)?;
                    let arena = &workspace.arena;
                    arena.check_samples(n)?;
                    arena.check_losses()?;
                    let slots = #slots::of(arena.mode()?);
                    let mut losses = #losses { total: 0.0, #(#head_names: 0.0),* };
                    #(#values)*
                    #regularization
                    ::core::result::Result::Ok(losses)
                }
            }
        }
    }

    fn expand_term_value(&self, head: &Head, index: usize) -> TokenStream {
        let term = &head.terms[index];
        let output = &self.plan.network.outputs[head.output];
        let name = &output.name;
        let text = name.to_string();
        let loss = self.loss(head, index);
        let dims = numbers(&output.shape);
        let tensor = &self.plan.tensors[term.reads.0].name;
        let [targets, weights] = self.targets(head, term);
        code! {
            ::net_runtime::losses::value(
                #loss, #text, &[#(#dims),*], n, arena.tensor(slots.#tensor), #targets, #weights,
            )?
        }
    }

    /// What a term compares with, and the weights of the samples, which belong to a target.
    fn targets(&self, head: &Head, term: &Term) -> [TokenStream; 2] {
        let output = &self.plan.network.outputs[head.output];
        let name = &output.name;
        let targets = match term.loss.target(&output.shape) {
            Some(_) => code! { samples.#name.data() },
            None => code! { &[] },
        };
        let weights = match head.target {
            Some(_) => code! { samples.#name.weights() },
            None => code! { ::core::option::Option::None },
        };
        [targets, weights]
    }

    /// A borrow of the runtime's descriptor of a term. One of the user's own comes from [`expand_own`].
    pub(super) fn loss(&self, head: &Head, index: usize) -> TokenStream {
        let term = &head.terms[index];
        if !term.loss.is_own() {
            let descriptor = term.loss.descriptor(term.from_logits);
            return code! { &#descriptor };
        }
        let (slots, function) = (&self.names.slots, self.own_loss(head, index));
        code! { &#slots::#function() }
    }

    fn own_loss(&self, head: &Head, index: usize) -> Ident {
        format_ident!("loss_{}_{}", self.plan.network.outputs[head.output].name, index + 1, span = Span::mixed_site())
    }

    /// The losses and metrics of the user's own, each behind a function that says what it is: if it is none, rustc tells it
    /// there, once, and everything else goes on with what the function promises.
    fn expand_own(&self) -> TokenStream {
        let slots = &self.names.slots;
        let losses = self.plan.heads.iter().flat_map(|head| {
            let own = head.terms.iter().enumerate().filter(|(_, term)| term.loss.is_own());
            own.map(move |(index, term)| {
                let (function, expression) = (self.own_loss(head, index), term.loss.descriptor(false));
                let promise =
                    at(&expression, quote!(impl ::net_runtime::losses::Loss<Target = ::core::primitive::f32>));
                code! { fn #function() -> #promise { #expression } }
            })
        });
        let metrics = self.plan.heads.iter().flat_map(|head| {
            head.metrics.iter().filter(|metric| metric.metric.is_own()).map(move |metric| {
                let element = element(&metric.target);
                let (function, output) = (&metric.field, &self.plan.network.outputs[head.output]);
                let expression = metric.metric.descriptor(&output.shape, &metric.target);
                let promise = at(&expression, quote!(impl ::net_runtime::metrics::Metric<Target = #element>));
                code! { fn #function() -> #promise { #expression } }
            })
        });
        let functions: Vec<_> = losses.chain(metrics).collect();
        if functions.is_empty() {
            return TokenStream::new();
        }
        code! {
            impl #slots { #(#functions)* }
        }
    }
}

/// Tokens at the place of an expression of the user's: rustc points there if its type is a wrong one.
fn at(expression: &TokenStream, tokens: TokenStream) -> TokenStream {
    let place = expression.clone().into_iter().next().map_or_else(super::place, |first| first.span());
    let placed = |mut token: TokenTree| {
        token.set_span(place);
        token
    };
    tokens.into_iter().map(placed).collect()
}

/// What targets are made of.
fn element(target: &Target) -> TokenStream {
    match target.element {
        Element::F32 => quote!(::core::primitive::f32),
        Element::U32 => quote!(::core::primitive::u32),
    }
}

impl Generator<'_> {
    /// Where the gradients of the losses enter the backward pass.
    pub(super) fn expand_loss_gradients(&self) -> TokenStream {
        self.plan
            .heads
            .iter()
            .flat_map(|head| head.terms.iter().enumerate().map(move |(index, term)| (head, index, term)))
            .filter(|(_, _, term)| self.plan.tensor_gradients[term.reads.0].by_anybody())
            .map(|(head, index, term)| {
                let output = &self.plan.network.outputs[head.output];
                let loss = self.loss(head, index);
                let dims = numbers(&output.shape);
                let weight = term.weight;
                let [targets, weights] = self.targets(head, term);
                let tensor = &self.plan.tensors[term.reads.0].name;
                let gradient = self.gradient_constant(Place::Tensor(term.reads));
                let slots = self.training_slots();
                self.where_seeded(
                    self.plan.tensor_gradients[term.reads.0],
                    code! {
                        let write = arena.write(#gradient);
                        let [y, dy] = arena.tensors([#slots.#tensor, #gradient.slot]);
                        ::net_runtime::losses::gradient(
                            #loss, &[#(#dims),*], n, #weight, y, #targets, #weights, dy, write,
                        );
                    },
                )
            })
            .collect()
    }

    /// The accumulated metrics.
    fn expand_metrics(&self) -> TokenStream {
        let Names { network, metrics, .. } = &self.names;
        let visibility = &self.plan.network.visibility;
        let doc = format!("The accumulated metrics of [`{network}`].");
        let fields = self.plan.heads.iter().flat_map(|head| {
            let output = &self.plan.network.outputs[head.output];
            head.metrics.iter().map(move |metric| {
                let field = &metric.field;
                if metric.metric.is_own() {
                    let element = element(&metric.target);
                    return code! { #field: ::net_runtime::metrics::Own<#element> };
                }
                let kind = metric.metric.path(&output.shape, &metric.target);
                code! { #field: <#kind as ::net_runtime::metrics::Metric>::State }
            })
        });
        let all = || self.plan.heads.iter().flat_map(|head| &head.metrics);
        if !all().any(|metric| metric.metric.is_own()) {
            return code! {
                #[doc = #doc]
                #[derive(Clone, Default)]
                #visibility struct #metrics { #(#fields),* }
            };
        }
        let slots = &self.names.slots;
        let states = all().map(|metric| {
            let field = &metric.field;
            match metric.metric.is_own() {
                true => code! { #field: ::net_runtime::metrics::Own::new(#slots::#field) },
                false => code! { #field: ::core::default::Default::default() },
            }
        });
        code! {
            #[doc = #doc]
            #[derive(Clone)]
            #visibility struct #metrics { #(#fields),* }

            impl ::core::default::Default for #metrics {
                fn default() -> Self {
                    Self { #(#states),* }
                }
            }
        }
    }

    fn expand_metric_updates(&self, head: &Head) -> Vec<TokenStream> {
        let output = &self.plan.network.outputs[head.output];
        let name = &output.name;
        let tensor = &self.plan.tensors[self.plan.outputs[head.output].tensor.0].name;
        head.metrics
            .iter()
            .map(|metric| {
                let field = &metric.field;
                let dims = numbers(&output.shape);
                if metric.metric.is_own() {
                    return code! {
                        metrics.#field.update(&[#(#dims),*], arena.tensor(slots.#tensor), samples.#name.data());
                    };
                }
                let value = metric.metric.descriptor(&output.shape, &metric.target);
                code! {
                    ::net_runtime::metrics::update(
                        &#value, &mut metrics.#field, &[#(#dims),*], arena.tensor(slots.#tensor), samples.#name.data(),
                    );
                }
            })
            .collect()
    }
}
