//! Writes random networks for the test `random`: of which seed, how many, or which one, is up to the environment.

use std::path::Path;
use std::{env, fs};

/// The number in a variable of the environment, if it is set.
fn optional(variable: &str) -> Option<u64> {
    println!("cargo::rerun-if-env-changed={variable}");
    let value = env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is `{value}`, which is no whole number")))
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let seed = optional("NETWORK_SEED").unwrap_or(1);
    let folder = env::var("OUT_DIR").expect("cargo says where a build script writes");
    let path = Path::new(&folder).join("random_networks.rs");
    let indices = match optional("NETWORK_ONLY") {
        Some(only) => only..only + 1,
        None => 0..optional("NETWORK_COUNT").unwrap_or(60),
    };
    fs::write(path, net_reference::text::modules(seed, indices)).expect("cargo's folder can be written");
}
