//! Visits: functions that show parameters to a visitor, all or those that add something to the loss or are held to something.

use proc_macro2::TokenStream;
use quote::format_ident;

use super::Generator;
use super::once::Once;
use crate::graph::NetworkId;
use crate::layers::{Kind, Parameter};
use crate::plan::{Field, Holds};
use crate::syntax::Announced;

impl Generator<'_> {
    /// A function of the inner network that a field holds; nothing for other fields.
    pub(super) fn inner_function(&self, field: &Field, name: &str) -> TokenStream {
        match field.holds {
            Holds::Weights(_) => TokenStream::new(),
            Holds::Network(id) => {
                let (inner, name) = (self.inner_type(id), format_ident!("{name}", span = super::place()));
                code! { <#inner as ::net_runtime::Network>::#name }
            }
        }
    }

    /// Shows every parameter to the visitor: the network's own in loops over lists, for a call for each takes rustc five times as
    /// long to check, and those of an inner network by the function that `inner` gives for its field. `receivers` are what is
    /// shown (`&self`), `shown` the names of the visitor's arguments.
    pub(super) fn expand_visits(
        &self,
        inner: impl Fn(&Field) -> TokenStream,
        receivers: &[TokenStream],
        shown: &[TokenStream],
    ) -> TokenStream {
        self.expand_visits_of(&|_| true, &|_| Some(TokenStream::new()), inner, (receivers, shown))
    }

    /// The same for the parameters of which `of` gives what else is shown, and for the inner networks that may have such.
    fn expand_visits_of(
        &self,
        may_have: &dyn Fn(NetworkId) -> bool,
        of: &dyn Fn(&Parameter) -> Option<TokenStream>,
        inner: impl Fn(&Field) -> TokenStream,
        (receivers, shown): (&[TokenStream], &[TokenStream]),
    ) -> TokenStream {
        let mut code = TokenStream::new();
        let mut own = Vec::new();
        for field in &self.plan.fields {
            let Field { name, holds, .. } = field;
            let text = name.to_string().replace("r#", "");
            match holds {
                Holds::Weights(weights) => own.extend(weights.named().filter_map(|(parameter, facts)| {
                    let more = of(facts)?;
                    let text = format!("{text}.{parameter}");
                    let parameter = format_ident!("{parameter}", span = super::place());
                    Some((text, Once::new(code! { #(#receivers.#name.#parameter),* #more })))
                })),
                Holds::Network(id) if !may_have(*id) => {}
                Holds::Network(_) => {
                    code.extend(expand_loop(std::mem::take(&mut own), shown));
                    let inner = inner(field);
                    code.extend(code! {
                        #inner(#(#receivers.#name,)* &mut |name, #(#shown),*| visitor(name.within(#text), #(#shown),*));
                    });
                }
            }
        }
        code.extend(expand_loop(own, shown));
        code
    }

    /// The functions that show the parameters with regularizers and with constraints, where there are any.
    pub(super) fn expand_visits_of_terms(&self) -> TokenStream {
        let gradients = &self.names.gradients;
        let regularized = self.has_penalty().then(|| {
            let shown = [code! { param }, code! { regularizer }];
            let visits = self.expand_term_visits("visit_regularized", &regularizer, &[code! { &self }], &shown);
            let shown = [code! { param }, code! { gradient }, code! { regularizer }];
            let receivers = [code! { &self }, code! { &mut gradients }];
            let with_gradients =
                self.expand_term_visits("visit_regularized_with_gradients", &regularizer, &receivers, &shown);
            code! {
                fn visit_regularized(
                    &self,
                    visitor: &mut dyn ::core::ops::FnMut(
                        ::net_runtime::Name<'_>,
                        &::net_runtime::Param,
                        ::net_runtime::regularizers::Regularizer,
                    ),
                ) {
                    #visits
                }

                fn visit_regularized_with_gradients(
                    &self,
                    gradients: &mut #gradients,
                    visitor: &mut dyn ::core::ops::FnMut(
                        ::net_runtime::Name<'_>,
                        &::net_runtime::Param,
                        &mut ::net_runtime::Gradient,
                        ::net_runtime::regularizers::Regularizer,
                    ),
                ) {
                    #with_gradients
                }
            }
        });
        let constrained = self.has(&|parameter| constraint(parameter).is_some()).then(|| {
            let shown = [code! { param }, code! { constraint }];
            let visits = self.expand_term_visits("visit_constrained", &constraint, &[code! { &mut self }], &shown);
            code! {
                fn visit_constrained(
                    &mut self,
                    visitor: &mut dyn ::core::ops::FnMut(
                        ::net_runtime::Name<'_>,
                        &mut ::net_runtime::Param,
                        ::net_runtime::constraints::Constraint,
                    ),
                ) {
                    #visits
                }
            }
        });
        code! { #regularized #constrained }
    }

    fn expand_term_visits(
        &self,
        name: &'static str,
        of: &dyn Fn(&Parameter) -> Option<TokenStream>,
        receivers: &[TokenStream],
        shown: &[TokenStream],
    ) -> Once {
        let may_have = |id| self.may_have(id, &|parameter| of(parameter).is_some());
        let inner = |field: &Field| self.inner_function(field, name);
        Once::new(self.expand_visits_of(&may_have, of, inner, (receivers, shown)))
    }

    /// Whether weights may add something to the loss.
    pub(super) fn has_penalty(&self) -> bool {
        self.has(&|parameter| regularizer(parameter).is_some())
    }

    /// Whether there may be a parameter, in this network or in one inside of it, for which that holds.
    fn has(&self, of: &dyn Fn(&Parameter) -> bool) -> bool {
        self.plan.fields.iter().any(|field| self.field_has(field, of))
    }

    fn field_has(&self, field: &Field, of: &dyn Fn(&Parameter) -> bool) -> bool {
        match &field.holds {
            Holds::Weights(weights) => weights.parameters.iter().any(of),
            Holds::Network(id) => self.may_have(*id, of),
        }
    }

    /// The same of a network: of one that is announced nothing is known; a layer of the program's own has none.
    fn may_have(&self, id: NetworkId, of: &dyn Fn(&Parameter) -> bool) -> bool {
        let inner = &self.all[id.0];
        match &inner.network.announced {
            Some(announced) => announced.what == Announced::Network,
            None => inner.fields.iter().any(|field| self.field_has(field, of)),
        }
    }
}

/// What is shown of a parameter that adds something to the loss.
fn regularizer(parameter: &Parameter) -> Option<TokenStream> {
    let regularizer = parameter.regularizer.filter(|_| parameter.kind == Kind::Trained)?.code();
    Some(code! { , #regularizer })
}

/// What is shown of a parameter that is held to something.
fn constraint(parameter: &Parameter) -> Option<TokenStream> {
    let constraint = parameter.constraint.as_ref().filter(|_| parameter.kind == Kind::Trained)?.code();
    Some(code! { , #constraint })
}

/// Shows these parameters, each with its name.
fn expand_loop(parameters: Vec<(String, Once)>, shown: &[TokenStream]) -> TokenStream {
    match &*parameters {
        [] => TokenStream::new(),
        [(name, values)] => code! { visitor(::net_runtime::Name::new(#name), #values); },
        several => {
            let several = several.iter().map(|(name, values)| Once::new(code! { (#name, #values) }));
            code! {
                for (name, #(#shown),*) in [#(#several),*] {
                    visitor(::net_runtime::Name::new(name), #(#shown),*);
                }
            }
        }
    }
}
