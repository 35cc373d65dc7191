//! The procedural macro `network!`, a shim around the compiler in `net-compiler`, which is an ordinary crate so that
//! tests, benchmarks and fuzzers can call it. Depend on `net-runtime`, which re-exports the macro.

#[expect(
    missing_docs,
    reason = "the documentation stands where `net-runtime` re-exports it, so that it can link there"
)]
#[proc_macro]
pub fn network(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    net_compiler::compile(input.into()).into()
}
