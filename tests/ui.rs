//! Programs that must not compile, with the messages that their authors read, and programs that must, without a word.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Under `deny(warnings)`, which generated code has to keep.
#[path = "ui/pass"]
mod correct {
    pub mod names;
    pub mod sharing;
    pub mod stages;
    pub mod training;
}

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/fail/*/*.rs");
}

/// They are compiled with this test: a build of their own would take minutes.
#[test]
fn correct_programs() -> Result<(), net_runtime::Error> {
    correct::names::main()?;
    correct::sharing::main()?;
    correct::stages::main()?;
    correct::training::main()
}

/// There are as many as were promised.
#[test]
fn a_hundred_programs_fail() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let themes = fs::read_dir(package.join("ui/fail")).unwrap().map(|theme| theme.unwrap().path());
    let programs = themes.flat_map(|theme| fs::read_dir(theme).unwrap()).map(|program| program.unwrap().path());
    assert!(programs.filter(|program| program.extension().is_some_and(|extension| extension == "rs")).count() >= 100);
}

/// The longest message of each program that uses a network wrongly. Eight lines are enough but where rustc says more than it is told:
///
/// - A bound that an argument does not meet is shown where it is declared, six lines of eleven. Only the method of a trait is
///   without them, if what is missing is that trait itself (`optimizer_alone`, `callbacks`). rustc finds a type's own methods before those of
///   traits, unless the type is in a box; so the methods of networks and of `Trainer`, which are called in modules without the
///   prelude too, would have to be a trait's alone.
/// - An argument of another type (`memory_of_another_network`) has thirteen at least: five of the argument, three with both types once
///   more, five with the name of the method where it is declared. The first says what to write.
/// - A value that is moved twice (`moved`) has nine for where it was declared, moved and used, and five for how to clone it, which is the cure.
/// - With `?` a target of another type (`targets`) is told with one more, that `?` does not convert it either.
const LINES: [(&str, usize); 12] = [
    ("callbacks", 7),
    ("forgotten_run", 8),
    ("gradient_of_an_output", 12),
    ("heads", 7),
    ("left_out_run", 7),
    ("memory_of_another_network", 15),
    ("moved", 16),
    ("network_without_losses", 5),
    ("numbers_for_a_batch", 11),
    ("optimizer_alone", 5),
    ("samples_of_another_network", 11),
    ("targets", 9),
];

#[test]
fn messages_at_the_border_to_rust_are_short() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/fail/rust");
    for (program, most) in LINES {
        let text = fs::read_to_string(folder.join(program).with_extension("stderr")).unwrap();
        // A blank line stands before each message, and before a note of a panic, which begins otherwise.
        let messages = text.split("\n\nerror").flat_map(|message| message.split("\n\nwarning"));
        let longest = messages.map(|message| message.lines().filter(|line| !line.is_empty()).count());
        assert_eq!(longest.max(), Some(most), "the longest message of {program}");
    }
}

/// Whatever the compiler's own tests make it say is said by rustc in some program here.
#[test]
fn every_message_is_shown() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalogue = lines(&package.join("../net-macros/compiler/tests/front/errors"), "txt");
    let said = catalogue.iter().filter_map(|line| {
        let (place, message) = line.split_once(' ')?;
        let (row, column) = place.split_once(':')?;
        (row.parse::<u32>().is_ok() && column.parse::<u32>().is_ok()).then(|| kind(message))
    });
    let programs = lines(&package.join("ui/fail"), "stderr");
    let shown: BTreeSet<String> = programs.iter().filter_map(|line| line.strip_prefix("error: ")).map(kind).collect();
    let missing: BTreeSet<String> = said.filter(|message| !shown.contains(message)).collect();
    assert!(missing.is_empty(), "no program in `tests/ui/fail` shows\n{missing:#?}");
}

/// A message without the names, numbers and shapes in it.
fn kind(message: &str) -> String {
    let mut kind = String::new();
    let mut quoted = false;
    for (index, part) in message.split('`').enumerate() {
        quoted = index % 2 == 1;
        if !quoted {
            kind.extend(part.chars().filter(|c| !c.is_ascii_digit() && !"-.,[] ".contains(*c)));
        }
    }
    assert!(!quoted, "a backtick without its partner: {message}");
    kind
}

/// The lines of all files with this ending in a folder and its folders.
fn lines(folder: &Path, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                lines(&path, ending)
            } else if path.extension().is_some_and(|extension| extension == ending) {
                fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect()
            } else {
                Vec::new()
            }
        })
        .collect()
}
