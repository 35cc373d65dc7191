//! Words that begin an item or a statement.

/// What begins an item of Rust.
const RUST_ITEMS: [&str; 9] = ["fn", "struct", "enum", "use", "mod", "impl", "trait", "type", "static"];

/// `help` for a word where an item of the block is expected.
pub fn item(word: &str) -> Option<String> {
    match word {
        "static" => Some("a constant is declared by `const NAME: usize = ...;`".to_owned()),
        "template" | "def" | "macro" => Some("a template is declared by `block name(x) { ... }`".to_owned()),
        "model" | "class" | "module" => {
            Some("a network is declared by `network Name(...) -> (...) { ... }`".to_owned())
        }
        _ if RUST_ITEMS.contains(&word) => Some("other items of Rust stand outside `network!`".to_owned()),
        "let" | "layer" | "loss" | "metric" => {
            Some(format!("`{word}` stands within the body of a network: `network Name(...) -> (...) {{ ... }}`"))
        }
        _ => None,
    }
}

/// What begins an item of a block.
pub const ITEMS: [&str; 4] = ["network", "const", "extern", "block"];

/// `help` for a word where a statement is expected.
pub fn statement(word: &str) -> Option<&'static str> {
    Some(match word {
        "var" | "val" => "a value is bound by `let`",
        "return" => "leave it out: an output is the `let` of its name",
        "if" | "else" | "match" | "for" | "while" | "loop" => {
            "a network has no branches and no loops: every stage is written once, or in a template (`block`)"
        }
        "const" | "extern" | "network" | "block" => "it stands beside the networks, not within one",
        "optimizer" | "compile" => "an optimizer is chosen in Rust: `Trainer::new(network, Adam::new(1e-3))`",
        "use" | "fn" | "struct" | "static" | "mod" => "other items of Rust stand outside `network!`",
        "input" | "output" => "inputs and outputs are declared in the header: `network Name(x: [8]) -> (y: [2])`",
        "activation" => "an activation is a stage: `-> relu`",
        _ => return None,
    })
}
