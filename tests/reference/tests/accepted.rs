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

#[test]
fn the_compiler_accepts_every_random_program() {
    for index in 0..400 {
        let program = program(1, index);
        for block in text::announced(&program).into_iter().chain([text::block(&program)]) {
            if let Err(message) = accepted(&block) {
                panic!("program {index}: {message}\n{block}");
            }
        }
    }
}
