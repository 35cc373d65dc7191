//! Correct networks in a program that denies every warning and imports nothing: what is generated is as clean as what a
//! careful person would write. Clippy sees it, too. Without a harness, for in a test build rustc asks for no documentation.

#![deny(
    warnings,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    nonstandard_style,
    rust_2018_idioms,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused,
    unused_qualifications,
    clippy::all
)]

pub mod announced;
pub mod attributes;
mod bare;
mod hostile;
mod names;
mod own;
pub mod visibility;

fn main() -> Result<(), net_runtime::Error> {
    announced::run()?;
    attributes::run()?;
    bare::run();
    hostile::run();
    names::run()?;
    own::run()?;
    visibility::run()
}
