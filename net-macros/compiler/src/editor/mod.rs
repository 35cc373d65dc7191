//! What only an editor reads: a field for each value, with its shape and its cost, and a mention of every name where the
//! user has it.
//!
//! An editor knows the generated code and the place that each of its tokens has in the text. What a name means there, where it
//! is declared and used, it finds out from the generated item that has the name's token. A network's values, uses of shared
//! layers and most layers' names leave no such token in the code that runs. So they get one here, under
//! `cfg(rust_analyzer)`: rustc throws it away unseen.
//!
//! It follows the syntax tree alone, so that half-typed programs have it, too; the graph adds what it knows.
//!
//! What rust-analyzer (early in 2026) does not do with it: renaming an output does not rename the weights whose names begin with it;
//! behind `->` with nothing typed there is no completion; shared layers, templates and networks are not offered as stages. While a
//! statement is half typed, its error stands on it, and the rest of the program keeps its types.

mod facts;
mod mentions;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;

use crate::graph::Program;
use crate::shape::Element;
use crate::syntax::{self, Block, Const, Item, Statement, Template, last_name};
use facts::Facts;
use mentions::{Mentions, Names};

/// Writes the part for editors.
///
/// It has to stand before all that is generated, and what follows the text closely at its beginning: an editor completes a
/// word by writing another one in its place and looking at the same offset of what comes out then.
pub fn expand(block: &Block, program: &Program) -> TokenStream {
    let names = &Names::new(block);
    let facts = &Facts::new(program);
    let parts: TokenStream = block
        .items
        .iter()
        .map(|item| match item {
            Item::Network(network) => expand_network(network, names, facts),
            Item::Template(template) => expand_template(template, names),
            Item::Const(Const { name, value, .. }) => {
                let mut mentions = Mentions::new(names);
                mentions.value(value);
                let mentions = mentions.body;
                let function = format_ident!("value_of_{}", name.unraw(), span = Span::mixed_site());
                quote! { #[cfg(rust_analyzer)] fn #function() { #mentions } }
            }
            Item::ExternNetwork(network) => {
                let mut mentions = Mentions::new(names);
                mentions.announced(network);
                let mentions = mentions.body;
                let name = network.alias.as_ref().unwrap_or_else(|| last_name(&network.path));
                let function = format_ident!("announcement_of_{}", name.unraw(), span = Span::mixed_site());
                quote! { #[cfg(rust_analyzer)] fn #function() { #mentions } }
            }
            Item::ExternConst(_) => TokenStream::new(),
        })
        .collect();
    if parts.is_empty() {
        return parts;
    }
    // Around it, rustc is told that it need not know the condition.
    quote! {
        #[allow(unexpected_cfgs, nonstandard_style)]
        const _: () = { #parts };
    }
}

fn expand_network(network: &syntax::Network, names: &Names<'_>, facts: &Facts<'_>) -> TokenStream {
    let Some(graph) = facts.network(&network.name) else { return TokenStream::new() };
    let with = |suffix: &str| format_ident!("{}{suffix}", network.name, span = Span::mixed_site());
    let (structure, inputs, outputs) = (with("Values"), with("Inputs"), with("Outputs"));
    let mut mentions = Mentions::new(names);
    mentions.metrics = facts::metrics(graph);
    mentions.network(network);
    let (values, given, results) = (mentions::local("values"), mentions::local("inputs"), mentions::local("outputs"));
    let (function, body) = (with("_names"), mentions.body);

    let by_name = facts::values(graph);
    let bound_values = &by_name.values().copied().collect();
    let fields = bound(&network.statements).map(|(name, declaration)| match declaration {
        Declaration::Value => {
            let known = by_name.get(&name.to_string()).and_then(|&value| facts.value(graph, bound_values, value));
            let (doc, kind) = match known {
                Some(value) => (value.text, value.kind),
                None => ("A value whose shape is not known yet.".to_owned(), quote!(())),
            };
            quote! { #[doc = #doc] #name: #kind }
        }
        Declaration::Layer(layer) => {
            let stages = layer.stages.iter().map(ToString::to_string).collect::<Vec<_>>().join(" -> ");
            let doc = format!("`{stages}`{}", facts.layer(graph, name));
            quote! { #[doc = #doc] #name: () }
        }
    });
    // An input is declared by the struct of inputs; here it stands for completion, so not with its own place.
    let taken: Vec<String> = bound(&network.statements).map(|(name, _)| name.to_string()).collect();
    let inputs_too = network.inputs.iter().map(|input| input.name.to_string()).filter(|name| !taken.contains(name));
    let inputs_too =
        inputs_too.collect::<std::collections::BTreeSet<_>>().into_iter().map(|name| mentions::local(&name));
    let doc = format!("The values and shared layers of [`{}`].", network.name);
    let configuration: Vec<_> =
        network.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
    quote! {
        #(#configuration)*
        #[cfg(rust_analyzer)]
        fn #function(#values: #structure, #given: #inputs<'_>, #results: #outputs) { #body }

        #(#configuration)*
        #[cfg(rust_analyzer)]
        #[doc = #doc]
        struct #structure { #(#fields,)* #(#inputs_too: ()),* }
    }
}

/// A template is a function of its name, to which its uses lead; its values have shapes in each use alone.
fn expand_template(template: &Template, names: &Names<'_>) -> TokenStream {
    let Template { name, inputs, constants, statements, .. } = template;
    let structure = format_ident!("{name}_values", span = Span::mixed_site());
    let mut mentions = Mentions::new(names);
    mentions.template(template);
    let (values, body) = (mentions::local("values"), mentions.body);
    let fields = inputs.iter().chain(constants).chain(bound(statements).map(|(name, _)| name));
    let list = |names: &[Ident]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let doc = match &**constants {
        [] => format!("A template of {}.", list(inputs)),
        constants => format!("A template of {} with the numbers {}.", list(inputs), list(constants)),
    };
    quote! {
        #[cfg(rust_analyzer)]
        #[doc = #doc]
        fn #name(#values: #structure) { #body }

        #[cfg(rust_analyzer)]
        #[doc = "Every use of the template has shapes of its own."]
        struct #structure { #(#fields: ()),* }
    }
}

/// What a statement declares.
enum Declaration<'s> {
    Value,
    Layer(&'s syntax::SharedLayer),
}

/// The names that statements bind, each once.
fn bound(statements: &[Statement]) -> impl Iterator<Item = (&Ident, Declaration<'_>)> {
    let mut seen = std::collections::BTreeSet::new();
    statements
        .iter()
        .flat_map(|statement| match statement {
            Statement::Let(binding) => binding.pattern.names().map(|name| (name, Declaration::Value)).collect(),
            Statement::Layer(layer) => vec![(&layer.name, Declaration::Layer(layer))],
            Statement::Broken(broken) => broken.names.iter().map(|name| (name, Declaration::Value)).collect(),
            Statement::Loss(_) | Statement::Metric(_) => Vec::new(),
        })
        // A broken statement can bind what is no name.
        .filter(move |(name, _)| crate::parse::check_name(name).is_ok() && seen.insert(name.to_string()))
}

/// The runtime's type that shows a shape.
fn shape_type(shape: &[usize], element: Element) -> TokenStream {
    let name = format_ident!("Shape{}", shape.len());
    let axes = shape.iter().map(|&length| proc_macro2::Literal::usize_unsuffixed(length));
    match element {
        Element::F32 => quote! { ::net_runtime::#name<#(#axes),*> },
        Element::U32 => quote! { ::net_runtime::Batch<::net_runtime::#name<#(#axes),*>, ::core::primitive::u32> },
    }
}

/// A path with the span of a use on its last name.
fn respanned(path: &syn::Path, span: Span) -> TokenStream {
    let mut path = path.clone();
    let mut name = last_name(&path).clone();
    name.set_span(span);
    if let Some(last) = path.segments.last_mut() {
        last.ident = name;
    }
    path.to_token_stream()
}
