//! PyTorch.

use super::found::{self, Find, Found};
use super::list::{List, list, names, share};
use super::page;

const FILE: &str = "pytorch_names.json";
const CHAPTER: &str = "from-pytorch.md";

/// Of a module that is called as ours, the compiler says nothing; where its defaults are others, it says so of the function.
fn module(name: &str) -> Option<Found> {
    let found = found::stage(name)?;
    match found::stage(&function(name)) {
        Some(of_function @ Found::Otherwise(_)) if matches!(found, Found::This(_)) => Some(of_function),
        _ => Some(found),
    }
}

/// `LayerNorm` is `layer_norm` in `torch.nn.functional`.
fn function(module: &str) -> String {
    let mut function = String::new();
    for letter in module.chars() {
        if letter.is_uppercase() && !function.is_empty() {
            function.push('_');
        }
        function.extend(letter.to_lowercase());
    }
    function
}

#[test]
fn every_name_is_known_and_in_the_book() {
    let function: Find = |name| found::stage(name).or_else(|| found::loss(name));
    let kinds: [(&str, Find); 6] = [
        ("modules", module),
        ("losses", found::loss),
        ("functions", function),
        ("optimizers", found::training),
        ("schedules", found::training),
        ("initializers", found::initializer),
    ];
    let lists: Vec<List> = kinds.iter().map(|&(kind, find)| list(kind, &names(FILE, kind), find)).collect();
    println!("\n{}.", share(&lists));
    for ((kind, _), List { rows, .. }) in kinds.into_iter().zip(&lists) {
        page::expect(CHAPTER, kind, &format!("| PyTorch | `network!` |\n| --- | --- |\n{rows}"));
    }
}
