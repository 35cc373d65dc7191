//! What the generator writes are programs: the compiler accepts all of them.

use net_reference::{program, text};

fn accepted(block: &str) -> Result<(), String> {
    let tokens = block.parse().map_err(|error| format!("{error}"))?;
    let code = net_compiler::compile(tokens).to_string();
    match code.find("compile_error") {
        None => Ok(()),
        Some(at) => Err(code[at..].chars().take(800).collect()),
    }
}

/// A whole number in the environment.
fn optional(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is `{value}`, which is no whole number")))
}

/// Forty programs of each of ten seeds, beginning with `NETWORK_SEED`; of as many seeds as `NETWORK_SEEDS` says.
#[test]
fn the_compiler_accepts_every_random_program() {
    let first = optional("NETWORK_SEED").unwrap_or(1);
    let seeds = first..first + optional("NETWORK_SEEDS").unwrap_or(10);
    for (seed, index) in seeds.flat_map(|seed| (0..40).map(move |index| (seed, index))) {
        let program = program(seed, index);
        for block in text::announced(&program).into_iter().chain([text::block(&program)]) {
            if let Err(message) = accepted(&block) {
                panic!("seed {seed}, program {index}: {message}\n{block}");
            }
        }
    }
}
