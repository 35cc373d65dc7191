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

    /// Shows every parameter to the visitor: the network's own as lists, for a call for each takes rustc five times as long to check,
    /// and those of an inner network by the function that `inner` gives for its field. `function` is that of `net_runtime::visits`.
    pub(super) fn expand_visits(
        &self,
        function: &'static str,
        inner: impl Fn(&Field) -> TokenStream,
        shown: &[Shown],
    ) -> TokenStream {
        let function = format_ident!("{function}", span = super::place());
        let list = |own: Vec<Visited>| {
            if own.is_empty() {
                return TokenStream::new();
            }
            let names = own.iter().map(|visited| &visited.name);
            let lists = shown.iter().map(|of| {
                let values = own.iter().map(|visited| Once::new(of.value(visited)));
                let reference = &of.reference;
                Once::new(code! { #reference [#(#values),*] })
            });
            code! { ::net_runtime::visits::#function(&[#(#names),*], #(#lists,)* visitor); }
        };
        self.expand_visits_of(&|_| true, &|_| Some(TokenStream::new()), inner, shown, &[], list)
    }

    /// Shows the parameters of which `of` gives what else is shown, which is called `more`, and those of the inner networks that may
    /// have such; `list` has the code for some of the network's own.
    fn expand_visits_of(
        &self,
        may_have: &dyn Fn(NetworkId) -> bool,
        of: &dyn Fn(&Parameter) -> Option<TokenStream>,
        inner: impl Fn(&Field) -> TokenStream,
        shown: &[Shown],
        more: &[TokenStream],
        list: impl Fn(Vec<Visited>) -> TokenStream,
    ) -> TokenStream {
        let mut code = TokenStream::new();
        let mut own = Vec::new();
        for field in &self.plan.fields {
            let Field { name, holds, .. } = field;
            let text = name.to_string().replace("r#", "");
            match holds {
                Holds::Weights(weights) => own.extend(weights.named().filter_map(|(parameter, facts)| {
                    let more = Once::new(of(facts)?);
                    let parameter_name = format_ident!("{parameter}", span = super::place());
                    Some(Visited { name: format!("{text}.{parameter}"), path: code! { #name.#parameter_name }, more })
                })),
                Holds::Network(id) if !may_have(*id) => {}
                Holds::Network(_) => {
                    code.extend(list(std::mem::take(&mut own)));
                    let inner = inner(field);
                    let receivers =
                        shown.iter().map(|Shown { reference, owner, .. }| code! { #reference #owner.#name });
                    let arguments: Vec<_> = shown.iter().map(|shown| &shown.local).chain(more).collect();
                    code.extend(code! {
                        #inner(#(#receivers,)* &mut |name, #(#arguments),*| visitor(name.within(#text), #(#arguments),*));
                    });
                }
            }
        }
        code.extend(list(own));
        code
    }

    /// The functions that show the parameters with regularizers and with constraints, where there are any.
    pub(super) fn expand_visits_of_terms(&self) -> TokenStream {
        let gradients = &self.names.gradients;
        let regularized = self.has_penalty().then(|| {
            let more = code! { regularizer };
            let visits = self.expand_term_visits("visit_regularized", &regularizer, &[Shown::param()], &more);
            let shown = [Shown::param(), Shown::gradient_mut(code! { gradients })];
            let with_gradients =
                self.expand_term_visits("visit_regularized_with_gradients", &regularizer, &shown, &more);
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
            let more = code! { constraint };
            let visits = self.expand_term_visits("visit_constrained", &constraint, &[Shown::param_mut()], &more);
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
        shown: &[Shown],
        more: &TokenStream,
    ) -> Once {
        let may_have = |id| self.may_have(id, &|parameter| of(parameter).is_some());
        let inner = |field: &Field| self.inner_function(field, name);
        let list = |own: Vec<Visited>| expand_loop(&own, shown, more);
        Once::new(self.expand_visits_of(&may_have, of, inner, shown, std::slice::from_ref(more), list))
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
    Some(regularizer)
}

/// What is shown of a parameter that is held to something.
fn constraint(parameter: &Parameter) -> Option<TokenStream> {
    let constraint = parameter.constraint.as_ref().filter(|_| parameter.kind == Kind::Trained)?.code();
    Some(constraint)
}

/// Shows these parameters, each with its name and what else is shown of it.
fn expand_loop(own: &[Visited], shown: &[Shown], more: &TokenStream) -> TokenStream {
    if own.is_empty() {
        return TokenStream::new();
    }
    let locals: Vec<_> = shown.iter().map(|shown| &shown.local).collect();
    let visited = own.iter().map(|visited| {
        let Visited { name, more, .. } = visited;
        let values = shown.iter().map(|shown| Once::new(shown.value(visited)));
        Once::new(code! { (#name, #(#values,)* #more) })
    });
    code! {
        for (name, #(#locals,)* #more) in [#(#visited),*] {
            visitor(::net_runtime::Name::new(name), #(#locals,)* #more);
        }
    }
}

/// A parameter of the network's own that is shown.
struct Visited {
    name: String,
    /// The field of the layer, and the one in it.
    path: TokenStream,
    /// What else is shown.
    more: Once,
}

/// What is shown of every parameter.
pub(super) struct Shown {
    /// `&` or `&mut`.
    reference: TokenStream,
    /// What has the fields.
    owner: TokenStream,
    /// What it is called.
    local: TokenStream,
}

impl Shown {
    /// The parameter.
    pub(super) fn param() -> Self {
        Self { reference: code! { & }, owner: code! { self }, local: code! { param } }
    }

    /// The parameter, for writing.
    pub(super) fn param_mut() -> Self {
        Self { reference: code! { &mut }, ..Self::param() }
    }

    /// Its gradient, among those of this owner.
    pub(super) fn gradient(owner: TokenStream) -> Self {
        Self { reference: code! { & }, owner, local: code! { gradient } }
    }

    /// Its gradient, for writing.
    pub(super) fn gradient_mut(owner: TokenStream) -> Self {
        Self { reference: code! { &mut }, ..Self::gradient(owner) }
    }

    fn value(&self, Visited { path, .. }: &Visited) -> TokenStream {
        let Self { reference, owner, .. } = self;
        code! { #reference #owner.#path }
    }
}
