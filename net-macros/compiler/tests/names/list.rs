//! A list of another library's names.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::found::Found;

/// A name, with the others that it goes by.
pub struct Name {
    pub name: String,
    also: Vec<String>,
}

/// The names of a kind in a file of answers.
pub fn names(file: &str, kind: &str) -> Vec<Name> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/keras/answers").join(file);
    let answers: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let names = answers["cases"][kind].as_object().unwrap().iter().map(|(name, known)| {
        let also = known["also"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
        Name { name: name.clone(), also: also.collect() }
    });
    names.collect()
}

/// What is said of a kind of names.
pub struct List {
    /// The lines of a table: names, and what is here.
    pub rows: String,
    /// How many are there, of how many that could be.
    pub there: usize,
    pub all: usize,
}

/// Names of which the same is said, and what that is.
struct Row {
    names: Vec<String>,
    text: String,
}

/// Adds names to the row with this text, or as a row of their own.
fn add(rows: &mut Vec<Row>, names: Vec<String>, text: String) {
    match rows.iter_mut().find(|row| row.text == text) {
        Some(row) => row.names.extend(names),
        None => rows.push(Row { names, text }),
    }
}

/// Looks all names up, and prints what is found.
///
/// What belongs elsewhere stands behind the rest.
pub fn list(title: &str, names: &[Name], find: impl Fn(&str) -> Option<Found>) -> List {
    println!("\n{title}\n");
    let mut unknown = Vec::new();
    let (mut rows, mut outside) = (Vec::new(), Vec::new());
    let (mut there, mut all) = (0, 0);
    for Name { name, also } in names {
        unknown.extend(also.iter().filter(|name| find(name).is_none()).cloned());
        let Some(found) = find(name) else {
            unknown.push(name.clone());
            continue;
        };
        println!("{} {name:<46} {}", found.mark(), found.text());
        let quoted = [name].into_iter().chain(also).map(|name| format!("`{name}`")).collect::<Vec<_>>();
        if let Found::Outside(text) = found {
            add(&mut outside, quoted, text);
            continue;
        }
        all += 1;
        there += usize::from(!matches!(found, Found::Missing(_)));
        add(&mut rows, quoted, found.text());
    }
    assert!(unknown.is_empty(), "`elsewhere` does not know {unknown:?}");
    let rows = rows.into_iter().chain(outside);
    let rows = rows.map(|Row { names, text }| format!("| {} | {} |\n", names.join(", "), text.replace('|', "\\|")));
    List { rows: rows.collect(), there, all }
}

/// In words.
pub fn share(lists: &[List]) -> String {
    let [there, all] = [|list: &List| list.there, |list: &List| list.all].map(|of| lists.iter().map(of).sum::<usize>());
    format!("{there} of {all} are there, {:.0} %", 100.0 * there as f64 / all as f64)
}
