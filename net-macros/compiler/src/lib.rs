//! The compiler behind `network!`: an ordinary crate, so that tests, benchmarks and fuzzers can call it.

pub mod errors;
pub mod expand;
pub mod graph;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod plan;

use proc_macro2::TokenStream;

/// Compiles the body of one `network!` block.
pub fn compile(input: TokenStream) -> TokenStream {
    input
}
