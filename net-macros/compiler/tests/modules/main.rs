//! The modules of the project's crates as a graph, read from their sources: no circles, no import from the crate's root,
//! nothing imported from a module that only exports it again. Code of tests is left out.
//!
//! The graph is printed with
//!
//! ```text
//! cargo test -p net-compiler --test modules -- --nocapture
//! ```

mod graph;
mod read;

use std::path::Path;

use read::Crate;

/// Reads a crate of the workspace, and prints its graph.
fn read(sources: &str) -> Crate {
    let found = Crate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(sources));
    println!("{sources}\n{}", graph::print(&found));
    found
}

#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_runtime_has_no_circles() {
    let found = read("net-runtime/src");
    assert_none(&graph::imports(&found));
    assert_none(&graph::circles(&found));
}

/// Between its passes; within a pass, files of one folder know the types of its `mod.rs`.
#[test]
fn the_compiler_has_no_circles() {
    let found = read("net-macros/compiler/src");
    let imports = graph::imports(&found).into_iter().filter(|fault| fault.ends_with("from the crate's root"));
    assert_none(&imports.collect::<Vec<_>>());
    let circles = graph::circles(&found).into_iter().filter(|fault| fault.starts_with("crate: "));
    assert_none(&circles.collect::<Vec<_>>());
}

/// A crate of these files.
fn example(files: &[(&str, &str)]) -> Crate {
    let mut found = Crate::default();
    for (path, text) in files {
        found.add(Path::new(path), text);
    }
    found
}

#[test]
fn what_is_wrong_is_found() {
    let found = example(&[
        ("lib.rs", "mod a; mod b; mod c; pub use a::one::A; pub struct Root;"),
        ("a/mod.rs", "pub mod one; mod two; pub use one::A;"),
        ("a/one.rs", "use super::two::{B, helper as help}; pub struct A; pub fn again() { crate::b::f(); }"),
        ("a/two.rs", "pub struct B; pub fn helper() -> crate::Root { unimplemented!() } "),
        ("b.rs", "pub fn f(_: crate::a::A) {} macro_rules! m { () => { $crate::c::g() } }"),
        (
            "c.rs",
            "#[cfg(test)] mod tests { use crate::b::f; } mod inner { use super::super::a::one::again; } pub fn g() {}",
        ),
    ]);
    let imports = graph::imports(&found);
    assert_eq!(imports.len(), 2, "{imports:#?}");
    assert!(imports[0].contains("a/two.rs:1") && imports[0].contains("`crate::Root`"), "{imports:#?}");
    assert!(imports[1].contains("b.rs:1") && imports[1].contains("`crate::a::A`"), "{imports:#?}");
    let circles = graph::circles(&found);
    assert_eq!(circles.len(), 2, "{circles:#?}");
    assert!(circles[0].starts_with("crate: a -> b -> a\n"), "{circles:#?}");
    assert!(circles[1].starts_with("crate: c -> a -> b -> c\n"), "{circles:#?}");
}

#[test]
fn exports_and_tests_are_no_arrows() {
    let found = example(&[
        ("lib.rs", "mod a; mod b; #[cfg(test)] mod toy; pub use a::A; pub(crate) use b::*;"),
        ("a.rs", "pub struct A; #[cfg(test)] use crate::b::B; #[test] fn t() {}"),
        ("b.rs", "/// [`A`](crate::A)\npub struct B(crate::a::A); fn f<'a>() -> impl Sized + use<'a> {}"),
        ("toy.rs", "use crate::A; use crate::b::B;"),
    ]);
    assert_none(&graph::imports(&found));
    assert_none(&graph::circles(&found));
}
