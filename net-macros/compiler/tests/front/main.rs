//! The front end of the compiler: what it makes of correct networks, and what it says about wrong ones.

mod cures;
mod errors;
mod fuzz;
mod graphs;
mod layers;

use net_compiler::errors::Errors;
use net_compiler::graph::{Network, Program};
use net_compiler::{parse, resolve, shapes as shape_pass};
use proc_macro2::TokenStream;

/// Runs all passes of the front end; every error as `line:column text`, lines joined by `\n`.
fn front(source: &str) -> (Program, Vec<String>) {
    front_of_tokens(source.parse().expect("the test's source is made of Rust tokens"))
}

fn front_of_tokens(tokens: TokenStream) -> (Program, Vec<String>) {
    let mut errors = Errors::default();
    let block = parse::parse(tokens, &mut errors);
    let mut program = resolve::resolve(&block, &mut errors);
    shape_pass::shapes(&mut program, &mut errors);
    let messages = errors
        .finish()
        .iter()
        .map(|message| {
            let (start, end) = (message.span.start(), message.span.end());
            let place =
                if start == end { "nowhere".to_owned() } else { format!("{}:{}", start.line, start.column + 1) };
            format!("{place} {}", message.rendered())
        })
        .collect();
    (program, messages)
}

/// The program of a source without errors.
fn accepted(source: &str) -> Program {
    let (program, errors) = front(source);
    assert!(errors.is_empty(), "unexpected errors:\n{}", errors.join("\n"));
    program
}

/// Asserts that a source gives exactly these errors, in this order.
fn rejected(source: &str, expected: &[&str]) {
    let (_, errors) = front(source);
    let errors: Vec<&str> = errors.iter().map(String::as_str).collect();
    assert!(
        errors == expected,
        "the errors differ\n--- found\n{}\n--- expected\n{}",
        errors.join("\n"),
        expected.join("\n")
    );
}

/// Name, operation, owner and result shapes of every node, a line each.
fn nodes(network: &Network) -> Vec<String> {
    let owner = |node: &net_compiler::graph::Node| match node.owner {
        Some(owner) => format!(" of {}", network.owners[owner.0].name),
        None => String::new(),
    };
    let shape = |value: &net_compiler::graph::ValueId| format!("{:?}", network.values[value.0].shape.as_ref().unwrap());
    network
        .nodes
        .iter()
        .map(|node| {
            let shapes: Vec<_> = node.results.iter().map(shape).collect();
            format!("{}: {}{} -> {}", node.name, node.stage.kind, owner(node), shapes.join(", "))
        })
        .collect()
}
