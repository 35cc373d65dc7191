//! The procedural macro `network!`, a shim around the compiler in `net-compiler`, which is an ordinary crate so that
//! tests, benchmarks and fuzzers can call it. Depend on `net-runtime`, which re-exports the macro.

/// Declares neural networks, checks them, and generates their typed forward and backward code.
///
/// The language and what is generated are described in the documentation of `net-runtime`.
#[proc_macro]
pub fn network(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    net_compiler::compile(input.into()).into()
}
