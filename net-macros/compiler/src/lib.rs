//! The compiler behind `network!`: an ordinary crate, so that tests, benchmarks and fuzzers can call it.

pub mod arguments;
pub mod constants;
pub mod constraints;
pub mod dump;
pub mod editor;
pub mod elsewhere;
pub mod errors;
pub mod expand;
pub mod graph;
pub mod initializers;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod parse;
pub mod plan;
pub mod regularizers;
pub mod resolve;
pub mod shape;
pub mod shapes;
pub mod suggest;
pub mod syntax;
pub mod vocabulary;

use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;

use errors::Errors;

/// Compiles the body of one `network!` block. Where it has errors, they come beside a stub of everything it declares, so
/// that the rest of the user's program gets no error of its own.
pub fn compile(input: TokenStream) -> TokenStream {
    compile_and_dump(input, None)
}

/// [`compile`], which also writes the plan and the code of each network into a folder if one is given; see [`dump`].
/// A network with errors has neither.
pub fn compile_and_dump(input: TokenStream, folder: Option<&Path>) -> TokenStream {
    let mut errors = Errors::default();
    let block = parse::parse(input, &mut errors);
    let mut program = resolve::resolve(&block, &mut errors);
    shapes::shapes(&mut program, &mut errors);

    let mut messages = errors.finish();
    let plans = match &*messages {
        [] => plan::plan(&program),
        _ => program.networks.iter().map(plan::stub).collect(),
    };
    if let (Some(folder), []) = (folder, &*messages) {
        messages = dump::write(folder, &plans);
    }
    let code = expand::expand(&program, &plans);
    let editor = editor::expand(&block, &program);
    let messages = errors::compile_errors(&messages);
    let tracked = dump::tracked();
    quote! { #editor #messages #code #tracked }
}
