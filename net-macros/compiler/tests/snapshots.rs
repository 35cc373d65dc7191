//! What people read of a network: its plan and its code, word for word, as `NETWORK_DUMP` writes them. `snapshots/*.txt` are
//! programs; beside each lie the files of its last network.
//!
//! Run with `UPDATE_EXPECTED=1` to write what is found, and review the difference.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use net_compiler::compile_and_dump;
use proc_macro2::TokenStream;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots")
}

/// A folder of this test that is empty.
fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // There is none in the first run.
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn dump(source: &str, folder: &Path) -> String {
    compile_and_dump(source.parse().unwrap(), Some(folder)).to_string()
}

/// The folder that holds the files of this crate.
fn written(folder: &Path) -> PathBuf {
    folder.join(std::env::var_os("CARGO_CRATE_NAME").unwrap_or_default())
}

#[test]
fn plans_and_code() {
    for name in ["Detector", "Scales", "Stereo"] {
        let source = fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
        let found = empty(name);
        let code = dump(&source, &found);
        assert!(!code.contains("compile_error"), "{code}");
        for kind in ["plan.txt", "rs"] {
            let file = format!("{name}.{kind}");
            let found = fs::read_to_string(written(&found).join(&file)).unwrap();
            // The first line tells the source, which has a number here for want of a name.
            let found = found.split_once("\n\n").unwrap().1;
            let path = folder().join(&file);
            if std::env::var_os("UPDATE_EXPECTED").is_some() {
                fs::write(&path, found).unwrap();
            }
            let expected = fs::read_to_string(&path).unwrap_or_default();
            let first = found.lines().zip(expected.lines()).position(|(found, expected)| found != expected);
            assert!(found == expected, "{file} differs from line {:?} on", first.map(|line| line + 1));
        }
    }
}

#[test]
fn a_second_network_of_one_name_is_not_lost() {
    let folder = empty("twice");
    let network = || "network Net(x: [2]) -> (y: [1]) { let y = x -> Dense(1); }".parse::<TokenStream>().unwrap();
    let (first, second) = (network(), network());
    // The same place once more is the same network.
    for tokens in [&first, &second, &first] {
        compile_and_dump(tokens.clone(), Some(&folder));
    }
    let mut files: Vec<_> =
        fs::read_dir(written(&folder)).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files, ["Net.plan.txt", "Net.rs", "Net_2.plan.txt", "Net_2.rs"]);
}

#[test]
fn another_sources_files_are_left_alone() {
    let folder = empty("elsewhere");
    let written = written(&folder);
    fs::create_dir_all(&written).unwrap();
    let other = "// `Net` of src/other.rs\n";
    fs::write(written.join("Net.rs"), other).unwrap();
    dump("network Net(x: [2]) -> (y: [1]) { let y = x -> Dense(1); }", &folder);
    assert_eq!(fs::read_to_string(written.join("Net.rs")).unwrap(), other);
    assert!(written.join("Net_2.rs").exists());
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let folder = empty("file");
    fs::create_dir_all(folder.parent().unwrap()).unwrap();
    fs::write(&folder, "a file where a folder should be").unwrap();
    let code = dump("network Net(x: [2]) -> (y: [1]) { let y = x -> Dense(1); }", &folder);
    fs::remove_file(&folder).unwrap();
    assert!(code.contains("cannot write the plan and the code of `Net` into"), "{code}");
    assert!(code.contains("struct Net "), "the program around it needs its types");
}

/// Without rustfmt there is the code all the same, and its head says why it looks so. In a process of its own, for the
/// variable is one of the process.
#[test]
fn without_rustfmt_the_code_is_written_as_it_is() {
    let folder = empty("plain");
    if std::env::var_os("RUSTFMT").is_some_and(|program| program == "no-such-program") {
        dump("network Plain(x: [2]) -> (y: [1]) { let y = x -> Dense(1); }", &folder);
        return;
    }
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "without_rustfmt_the_code_is_written_as_it_is"])
        .env("RUSTFMT", "no-such-program")
        .status()
        .unwrap();
    assert!(status.success());
    let code = fs::read_to_string(written(&folder).join("Plain.rs")).unwrap();
    assert!(code.lines().nth(1).unwrap().starts_with("// Not formatted: rustfmt failed: "), "{code}");
    assert!(code.contains("struct Plain"));
}
