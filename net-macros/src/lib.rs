//! The procedural macro `network!`, a shim around the compiler in `net-compiler`, which is an ordinary crate so that
//! tests, benchmarks and fuzzers can call it. Depend on `net-runtime`, which re-exports the macro.

use std::path::Path;

#[expect(
    missing_docs,
    reason = "the documentation stands where `net-runtime` re-exports it, so that it can link there"
)]
#[proc_macro]
pub fn network(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let folder = std::env::var_os(net_compiler::dump::VARIABLE).filter(|folder| !folder.is_empty());
    net_compiler::compile_and_dump(input.into(), folder.as_deref().map(Path::new)).into()
}
