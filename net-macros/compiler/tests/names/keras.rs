//! Keras.

use super::found::{self, Find};
use super::list::{List, list, names, share};
use super::page;

const FILE: &str = "names.json";
const CHAPTER: &str = "from-keras.md";

/// Looks up all kinds, and holds the tables of the chapter against what is found, in one go: they are in one file.
#[test]
fn every_name_is_known_and_in_the_book() {
    let parts: [(&str, Find); 2] = [("layers", found::stage), ("activations", found::stage)];
    let training: [(&str, Find); 8] = [
        ("losses", found::loss),
        ("metrics", found::metric),
        ("optimizers", found::training),
        ("schedules", found::training),
        ("initializers", found::initializer),
        ("regularizers", found::regularizer),
        ("constraints", found::constraint),
        ("callbacks", found::training),
    ];
    for (what, kinds) in [("is part of a network", &parts[..]), ("training needs", &training)] {
        let lists: Vec<List> = kinds.iter().map(|&(kind, find)| list(kind, &names(FILE, kind), find)).collect();
        println!("\nOf what {what}, {}.", share(&lists));
        for (&(kind, _), List { rows, .. }) in kinds.iter().zip(&lists) {
            page::expect(CHAPTER, kind, &format!("| Keras | `network!` |\n| --- | --- |\n{rows}"));
        }
    }
}
