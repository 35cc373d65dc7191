//! What is said about wrong networks, word for word: `errors/*.txt`, a file for each theme.
//!
//! A case is a source, a line `~~~`, and the errors that it gives, each with its line and column; cases stand between
//! lines `=====`. Run with `UPDATE_EXPECTED=1` to write what is found, and review the difference.

use std::fs;
use std::path::Path;

use crate::front;

const BETWEEN_CASES: &str = "\n=====\n";
const BEFORE_ERRORS: &str = "\n~~~\n";

#[test]
fn messages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/front/errors");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut failures = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let mut blessed = Vec::new();
        for case in text.trim_end().split(BETWEEN_CASES) {
            let (source, expected) = case.split_once(BEFORE_ERRORS).unwrap_or((case, ""));
            let found = front(source).1.join("\n");
            if found != expected {
                let name = file.file_name().unwrap().display();
                failures.push(format!("{name}:\n{source}\n--- found\n{found}\n--- expected\n{expected}\n"));
            }
            blessed.push(format!("{source}{BEFORE_ERRORS}{found}"));
        }
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&file, blessed.join(BETWEEN_CASES) + "\n").unwrap();
        }
    }
    assert!(failures.is_empty(), "{} cases differ\n\n{}", failures.len(), failures.join("\n"));
}
