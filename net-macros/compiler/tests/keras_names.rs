//! Every public layer and activation of Keras, and what it has for training, against what is here: `tests/keras/names.py` has asked
//! Keras for their names.
//!
//! The list is printed with
//!
//! ```text
//! cargo test -p net-compiler --test keras_names -- --nocapture
//! ```
//!
//! and the README has it as a table, which `UPDATE_EXPECTED=1` writes.

use std::fs;
use std::path::Path;

use net_compiler::elsewhere::{self, Here};
use net_compiler::layers::{table, wrapper};
use net_compiler::{losses, metrics};
use serde_json::Value;

/// A name of Keras, with the others that it goes by.
struct Name {
    name: String,
    also: Vec<String>,
}

/// What is here under the name, or instead.
enum Found {
    /// This stage.
    Stage(String),
    /// A stage, or another way to do it, as a sentence.
    Otherwise(&'static str),
    /// It is no part of a network here, as a sentence.
    Outside(&'static str),
    /// Nothing, for this reason.
    Missing(&'static str),
}

fn names(of: &str) -> Vec<Name> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/keras/answers/names.json");
    let answers: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let names = answers["cases"][of].as_object().unwrap().iter().map(|(name, known)| {
        let also = known["also"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
        Name { name: name.clone(), also: also.collect() }
    });
    names.collect()
}

/// What the compiler says of a name.
fn found(name: &str) -> Option<Found> {
    if table::find(name).is_some() || wrapper::find(name).is_some() {
        return Some(Found::Stage(format!("`{name}`")));
    }
    elsewhere::here(name).map(|here| match here {
        Here::Called(here) => Found::Stage(format!("`{here}`")),
        Here::OtherDefaults(text) | Here::Otherwise(text) => Found::Otherwise(text),
        Here::Outside(text) => Found::Outside(text),
        Here::Missing(reason) => Found::Missing(reason),
    })
}

/// How many names are there, of how many.
#[derive(Default)]
struct Share {
    there: usize,
    all: usize,
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = 100.0 * self.there as f64 / self.all as f64;
        write!(f, "{} of {} are there, {percent:.0} %", self.there, self.all)
    }
}

/// Prints the list, and returns what of it is part of a network as the rows of a table.
fn list() -> String {
    // Without and with what is no part of a network here.
    let (mut rows, mut shares) = (String::new(), [Share::default(), Share::default()]);
    let mut unknown = Vec::new();
    for (of, title) in [("layers", "Layers"), ("activations", "Activations")] {
        println!("\n{title}\n");
        for Name { name, also } in names(of) {
            unknown.extend(also.iter().filter(|name| found(name).is_none()).cloned());
            let Some(found) = found(&name) else {
                unknown.push(name);
                continue;
            };
            let (mark, text) = match &found {
                Found::Stage(stage) => (' ', stage.clone()),
                Found::Otherwise(text) => ('~', (*text).to_owned()),
                Found::Outside(text) => ('o', (*text).to_owned()),
                Found::Missing(reason) => ('-', format!("{reason} not there yet")),
            };
            println!("{mark} {name:<46} {text}");
            let is_there = matches!(found, Found::Stage(_) | Found::Otherwise(_));
            shares[1].all += 1;
            shares[1].there += usize::from(is_there);
            if matches!(found, Found::Outside(_)) {
                continue;
            }
            shares[0].all += 1;
            shares[0].there += usize::from(is_there);
            let names = [&name].into_iter().chain(&also).map(|name| format!("`{name}`")).collect::<Vec<_>>();
            rows.push_str(&format!("| {} | {} |\n", names.join(", "), text.replace('|', "\\|")));
        }
    }
    assert!(unknown.is_empty(), "`elsewhere.rs` does not know {unknown:?}");
    let [inside, all] = &shares;
    println!("\nOf what is part of a network, {inside}; with what prepares samples, {all}.");
    rows
}

/// What the compiler says of a name that is no stage.
fn found_for_training(of: &str, name: &str) -> Option<Found> {
    let ours: Vec<&str> = match of {
        "losses" => losses::names().collect(),
        "metrics" => metrics::names().collect(),
        _ => Vec::new(),
    };
    if ours.contains(&name) {
        return Some(Found::Stage(format!("`{name}`")));
    }
    let here = match of {
        "losses" => elsewhere::head_loss(name),
        "metrics" => elsewhere::head_metric(name),
        "initializers" => {
            return Some(match elsewhere::initializer(name) {
                Some(_) if name == "STFT" => Found::Missing("spectra are"),
                Some(help) => Found::Stage(help.trim_start_matches("here it is called ").to_owned()),
                None if name == "Initializer" => {
                    Found::Otherwise("weights of a layer of your own begin as you write it in `new`")
                }
                None => return None,
            });
        }
        "regularizers" | "constraints" => {
            let help = if of == "regularizers" { elsewhere::regularizer(name) } else { elsewhere::constraint(name) };
            return match (name, help) {
                ("Regularizer", _) => Some(Found::Missing("regularizers of one's own are")),
                ("Constraint", _) => Some(Found::Missing("constraints of one's own are")),
                (_, help) => help.map(|help| Found::Stage(help.trim_start_matches("here it is called ").to_owned())),
            };
        }
        _ => elsewhere::training(name),
    };
    here.map(|here| match here {
        Here::Called(here) => Found::Stage(format!("`{here}`")),
        Here::OtherDefaults(text) | Here::Otherwise(text) => Found::Otherwise(text),
        Here::Outside(text) => Found::Outside(text),
        Here::Missing(reason) => Found::Missing(reason),
    })
}

/// Losses, metrics, optimizers and all else that training needs.
#[test]
fn every_name_of_training_is_known() {
    let mut share = Share::default();
    let mut unknown = Vec::new();
    let kinds =
        ["losses", "metrics", "optimizers", "schedules", "initializers", "regularizers", "constraints", "callbacks"];
    for of in kinds {
        println!("\n{of}\n");
        for Name { name, .. } in names(of) {
            let Some(found) = found_for_training(of, &name) else {
                unknown.push(name);
                continue;
            };
            let (mark, text) = match &found {
                Found::Stage(here) => (' ', here.clone()),
                Found::Otherwise(text) => ('~', (*text).to_owned()),
                Found::Outside(text) => ('o', (*text).to_owned()),
                Found::Missing(reason) => ('-', format!("{reason} not there yet")),
            };
            println!("{mark} {name:<46} {text}");
            if !matches!(found, Found::Outside(_)) {
                share.all += 1;
                share.there += usize::from(!matches!(found, Found::Missing(_)));
            }
        }
    }
    assert!(unknown.is_empty(), "`elsewhere` does not know {unknown:?}");
    println!("\nOf what training needs, {share}.");
}

const BEGIN: &str =
    "<!-- Keras's layers: written by `UPDATE_EXPECTED=1 cargo test -p net-compiler --test keras_names` -->\n";
const END: &str = "<!-- end of Keras's layers -->\n";

#[test]
fn every_name_is_known_and_the_readme_has_them() {
    let rows = list();
    let table = format!("\n| Keras | `network!` |\n| --- | --- |\n{rows}\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the README has the table");
    let (expected, after) = rest.split_once(END).expect("the table has an end");
    if expected == table {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_EXPECTED").is_some(),
        "the README's table is another; `UPDATE_EXPECTED=1` writes it"
    );
    fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
}
