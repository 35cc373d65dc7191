//! Plans to Rust. Decides nothing: each function writes down one part of what `plan` has decided.
//!
//! A constant, static or unit struct of the user's in lower case that is called like a local of generated code (`n`, `arena`) breaks
//! the expansion: rustc takes `let n` for a pattern, and no form of binding helps.

/// `quote!` whose own names are those of the macro: its local variables cannot meet those of the user's.
macro_rules! code {
    ($($tokens:tt)*) => { ::quote::quote_spanned! { $crate::expand::place() => $($tokens)* } };
}

mod announced;
mod backward;
mod call;
mod constants;
mod docs;
mod forward;
mod info;
mod inner;
mod layer;
mod names;
mod network;
mod once;
mod samples;
mod tensors;
mod terms;
mod training;
mod types;
mod visits;
mod weights;
mod workspace;

use std::cell::Cell;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use crate::graph::Program;
use crate::plan::Plan;
use names::Names;
use once::Once;

thread_local! {
    /// Where the code that is written at the moment is said to be.
    static PLACE: Cell<Option<Span>> = const { Cell::new(None) };
}

/// The span of generated code: names are the macro's, and the place is the word `network` of the network that is written.
/// When rustc points at what is generated, it shows this word, not the whole block.
fn place() -> Span {
    PLACE.get().unwrap_or_else(Span::mixed_site)
}

/// What writes down a network.
struct Generator<'a> {
    plan: &'a Plan<'a>,
    names: Names,
    /// The constant with the place of each tensor's gradient.
    tensor_gradients: Vec<Ident>,
    /// The plans of the block, for those inside of this network.
    all: &'a [Plan<'a>],
}

/// Writes the constants and the networks of a block.
pub fn expand(program: &Program, plans: &[Plan<'_>]) -> TokenStream {
    let constants = program.constants.iter().map(constants::expand_constant);
    let announced = program.announced.iter().map(constants::expand_announced);
    let networks = plans.iter().map(|plan| match plan.network.announced {
        Some(_) => expand_announced(plan),
        None => expand_network(plan, plans),
    });
    let networks = networks.map(Once::new);
    quote! { #(#constants)* #(#announced)* #(#networks)* }
}

/// The conditions that a network is compiled under.
fn configuration<'p>(plan: &'p Plan<'_>) -> impl Iterator<Item = &'p syn::Attribute> {
    plan.network.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
}

fn expand_announced(plan: &Plan<'_>) -> TokenStream {
    PLACE.set(Some(Span::mixed_site().located_at(plan.network.name.span())));
    let proof = inner::expand_proof(plan.network);
    PLACE.set(None);
    proof
}

/// The constant with the place of the gradient of what is called so in upper case.
fn gradient(name: &str) -> Ident {
    format_ident!("D_{name}", span = Span::mixed_site())
}

/// Writes one of the networks of a block.
pub(crate) fn expand_network(plan: &Plan<'_>, all: &[Plan<'_>]) -> TokenStream {
    PLACE.set(Some(Span::mixed_site().located_at(plan.network.keyword)));
    let tensor_gradients =
        plan.tensors.iter().map(|tensor| gradient(&tensor.name.to_string().to_uppercase())).collect();
    let generator = Generator { plan, names: Names::new(&plan.network.name), tensor_gradients, all };
    let items: TokenStream = [
        generator.expand_inputs(),
        generator.expand_outputs(),
        generator.expand_output_gradients(),
        generator.expand_input_gradients(),
        generator.expand_gradients(),
        generator.expand_samples(),
        generator.expand_upstream(),
        generator.expand_slots(),
        generator.expand_workspace(),
        generator.expand_api(),
        generator.expand_forward(),
        generator.expand_backward(),
        generator.expand_network_trait(),
        generator.expand_inner_network(),
        generator.expand_trainable(),
    ]
    .into_iter()
    .collect();
    // Its own struct aside, nobody can be blamed for not using what is generated, nor for the path before a loss of the
    // user's, which the language asks for; and where `#[cfg]` takes the network out, it takes all of it.
    let configuration: Vec<_> = configuration(plan).collect();
    let lints = code! { #(#configuration)* #[allow(dead_code, unused_qualifications)] };
    let structure = Once::new(generator.expand_struct());
    let items = Once::new(types::prefix_items(items, &lints));
    PLACE.set(None);
    quote! { #(#configuration)* #structure #items }
}
