//! The README: what is printed there is what the program, the compiler and the benchmarks say, and its pictures are there.
//!
//! What other tests and programs have written is taken over by `UPDATE_EXPECTED=1 cargo test -p network-tests --test front_page`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program, which is a binary of this package.
const PROGRAM: &str = include_str!("program.rs");

/// The same with a slip, and what the compiler says of it.
const SLIP: &str = include_str!("../ui/fail/shapes/front_page.rs");
const MESSAGE: &str = include_str!("../ui/fail/shapes/front_page.stderr");

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &str) -> String {
    fs::read_to_string(project().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Changes the README, or fails if it is not to be changed. Tests run at the same time: each reads what the others have written.
fn expect(found: &str, expected: &str) {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());

    assert!(
        std::env::var_os("UPDATE_EXPECTED").is_some(),
        "the README has\n{found}\ninstead of\n{expected}\n`UPDATE_EXPECTED=1` changes it"
    );
    let _alone = LOCK.lock();
    fs::write(project().join("README.md"), read("README.md").replacen(found, expected, 1)).unwrap();
}

/// The text within the fences of the first block of this language that begins so.
fn block(readme: &str, language: &str, beginning: &str) -> String {
    let fence = format!("```{language}\n{beginning}");
    let start = readme.find(&fence).unwrap_or_else(|| panic!("no block that begins with {fence}"));
    let text = &readme[start + "```\n".len() + language.len()..];
    text[..text.find("```").expect("the block has an end")].to_owned()
}

#[test]
fn the_program_is_the_one_that_is_compiled() {
    let shown = block(&read("README.md"), "rust", "");
    if shown != PROGRAM {
        expect(&shown, PROGRAM);
    }
}

#[test]
fn the_program_prints_what_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_spiral")).current_dir(&folder).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap();
    let shown = block(&read("README.md"), "text", "epoch");
    if !says_the_same(&shown, &printed) {
        expect(&shown, &printed);
    }
}

/// Whether two texts are the same but for times, and for what other instruction sets make of numbers.
fn says_the_same(a: &str, b: &str) -> bool {
    let words = |text: &str| text.split([' ', '\n', '[', ']', ',']).map(str::to_owned).collect::<Vec<_>>();
    let (a, b) = (words(a), words(b));
    let is_time = |word: &str| word.ends_with('s') && word.starts_with(|letter: char| letter.is_ascii_digit());
    let same = |(a, b): (&String, &String)| match (a.parse::<f32>(), b.parse::<f32>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 0.02 + 0.1 * b.abs(),
        _ => a == b || is_time(a) && is_time(b),
    };
    a.len() == b.len() && a.iter().zip(&b).all(same)
}

#[test]
fn the_message_is_the_compilers() {
    assert_eq!(SLIP, PROGRAM.replace("(arm: [3])", "(arm: [4])"), "the slip is a slip in the program");
    let shown = block(&read("README.md"), "text", "error");
    let message = MESSAGE.replace("ui/fail/shapes/front_page.rs", "src/main.rs");
    if shown != message {
        expect(&shown, &message);
    }
}

/// A row of a table, in cells.
fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

/// The rows of BENCHMARKS.md that compare networks, each with the names of the columns.
fn compared(benchmarks: &str) -> Vec<(Vec<&str>, Vec<&str>)> {
    let mut rows = Vec::new();
    let mut columns = Vec::new();
    for line in benchmarks.lines() {
        if line.starts_with("| network, mode, batch |") {
            columns = cells(line);
        } else if line.is_empty() {
            columns.clear();
        } else if !columns.is_empty() && !line.starts_with("| ---") {
            rows.push((columns.clone(), cells(line)));
        }
    }
    rows
}

/// What the README says of a case, from its row in BENCHMARKS.md.
fn speed(case: &str, benchmarks: &str) -> String {
    let rows = compared(benchmarks);
    let find = |(_, row): &&(Vec<&str>, Vec<&str>)| row[0] == case;
    let (columns, row) = rows.iter().find(find).unwrap_or_else(|| panic!("BENCHMARKS.md has no {case}"));
    let (ours, ratio) = (row[1], row[row.len() - 1]);
    let (times, rival) = ratio.trim_end_matches(')').split_once(" (").expect("a ratio and who it is");
    let column = columns.iter().position(|name| *name == rival).expect("a column for the rival");
    format!("| {case} | {ours} | {} ({rival}) | {times} |", row[column])
}

#[test]
fn the_speeds_are_measured_ones() {
    let (readme, benchmarks) = (read("README.md"), read("BENCHMARKS.md"));
    let (_, table) = readme.split_once("| network, mode, batch |").expect("the README has the table");
    let rows: Vec<&str> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() >= 8, "{rows:?}");
    for row in rows {
        let measured = speed(cells(row)[0], &benchmarks);
        if row != measured {
            expect(row, &measured);
        }
    }
}

#[test]
fn every_picture_is_shown_and_made_by_an_example() {
    let folder = project().join("examples/pictures");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<String> = files.collect();
    let readme = read("README.md");
    let shown = readme.split("examples/pictures/").skip(1).map(|rest| rest.split(['"', ')', '#']).next().unwrap());
    assert_eq!(files, shown.map(str::to_owned).collect());
    for file in &files {
        let (example, _) = file.rsplit_once('_').expect("example_what.svg");
        assert!(project().join("examples").join(example).with_extension("rs").is_file(), "no example makes {file}");
    }
}
