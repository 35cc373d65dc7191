//! The instruction set is chosen once for each process: others run in processes of their own, of this very test, which write what they
//! have found into files.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use net_reference::{open, program};

use crate::compare::{self, Known};
use crate::subject::{Found, Subject};
use crate::{SEED, expected, for_each_case};

/// The folder of a task for another process.
const FOLDER: &str = "NETWORK_RANDOM_FOLDER";

/// What is asked for: a line for each program with its number, the attempt that was taken, and the bits of the learning rate.
const ASKED: &str = "asked";

/// Lets another process run all programs whose answers are known, with this instruction set. Returns what is wrong.
pub fn check(simd: &str, known: &[Known]) -> Vec<(u64, String)> {
    let folder = tempfile::tempdir().expect("a folder for what processes tell each other");
    let line = |known: &Known| format!("{} {} {}\n", known.index, known.attempt, known.rate.to_bits());
    fs::write(folder.path().join(ASKED), known.iter().map(line).collect::<String>()).expect("a file can be written");
    let output = Command::new(env::current_exe().expect("a test has a file"))
        .args(["--exact", "results_for_another_process", "--nocapture"])
        .env("NETWORK_SIMD", simd)
        .env(FOLDER, folder.path())
        .output()
        .expect("a test can be run again");
    assert!(output.status.success(), "NETWORK_SIMD={simd}: {}", String::from_utf8_lossy(&output.stderr));
    known.iter().filter_map(|known| Some((known.index, compare_with(folder.path(), known).err()?))).collect()
}

fn compare_with(folder: &Path, known: &Known) -> Result<(), String> {
    if let Ok(fault) = fs::read_to_string(fault_in(folder, known.index)) {
        return Err(fault);
    }
    for task in known.tasks() {
        let found = fs::read(found_in(folder, known.index, task)).map_err(|error| format!("{task}: {error}"))?;
        compare::faults(known, task, &read(&found))?;
    }
    Ok(())
}

/// Does what another process asks for, if one does.
pub fn answer() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else { return };
    let asked = fs::read_to_string(folder.join(ASKED)).expect("what is asked for");
    let numbers = |line: &str| line.split(' ').map(|number| number.parse().expect("a number")).collect::<Vec<u64>>();
    let asked: Vec<Vec<u64>> = asked.lines().map(numbers).collect();
    for_each_case(|index, subject| {
        if let Some([_, attempt, rate]) = asked.iter().find(|asked| asked[0] == index).map(Vec::as_slice)
            && let Err(fault) = find(&folder, index, *attempt, f32::from_bits(*rate as u32), subject)
        {
            fs::write(fault_in(&folder, index), fault).expect("a file can be written");
        }
    });
}

fn find(folder: &Path, index: u64, attempt: u64, rate: f32, subject: &mut dyn Subject) -> Result<(), String> {
    let graph = open(&program(SEED, index)).expect("a program that fits");
    let order = compare::order(&graph, subject)?;
    let questions = expected::questions(&graph, SEED, index, attempt);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("threads");
    for task in compare::tasks(&graph, &questions, rate, &order) {
        let found = compare::run(subject, &task, &pool)?;
        fs::write(found_in(folder, index, &task.name), written(&found)).expect("a file can be written");
    }
    Ok(())
}

/// Every tensor as the length of its name, its name, its length, its numbers.
fn written(found: &Found) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, values) in &found.tensors {
        bytes.extend((name.len() as u32).to_le_bytes());
        bytes.extend(name.as_bytes());
        bytes.extend((values.len() as u32).to_le_bytes());
        values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
    }
    bytes
}

fn read(mut bytes: &[u8]) -> Found {
    let mut found = Found::default();
    let take =
        |bytes: &mut &[u8], count: usize| bytes.split_off(..count).expect("as many bytes as were written").to_vec();
    let length = |bytes: &mut &[u8]| u32::from_le_bytes(take(bytes, 4).try_into().expect("four bytes")) as usize;
    while !bytes.is_empty() {
        let count = length(&mut bytes);
        let name = String::from_utf8(take(&mut bytes, count)).expect("a name");
        let count = length(&mut bytes);
        let values = take(&mut bytes, 4 * count);
        let values = values.chunks_exact(4).map(|value| f32::from_le_bytes(value.try_into().expect("four bytes")));
        found.tensors.push((name, values.collect()));
    }
    found
}

fn found_in(folder: &Path, index: u64, task: &str) -> PathBuf {
    folder.join(format!("{index} {task}"))
}

fn fault_in(folder: &Path, index: u64) -> PathBuf {
    folder.join(format!("{index} fault"))
}
