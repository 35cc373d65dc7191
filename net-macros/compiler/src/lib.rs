//! The compiler behind `network!`: an ordinary crate, so that tests, benchmarks and fuzzers can call it.

pub mod arguments;
pub mod constants;
pub mod editor;
pub mod errors;
pub mod expand;
pub mod graph;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod parse;
pub mod plan;
pub mod resolve;
pub mod shapes;
pub mod suggest;
pub mod syntax;

use proc_macro2::TokenStream;
use quote::quote;

use errors::Errors;

/// Compiles the body of one `network!` block. Where it has errors, they come beside a stub of everything it declares, so
/// that the rest of the user's program gets no error of its own.
pub fn compile(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let block = parse::parse(input, &mut errors);
    let mut program = resolve::resolve(&block, &mut errors);
    shapes::shapes(&mut program, &mut errors);

    let messages = errors.finish();
    let plans = match &*messages {
        [] => plan::plan(&program),
        _ => program.networks.iter().map(plan::stub).collect(),
    };
    let code = expand::expand(&program, &plans);
    let editor = editor::expand(&block, &program);
    let messages = errors::compile_errors(&messages);
    quote! { #editor #messages #code }
}
