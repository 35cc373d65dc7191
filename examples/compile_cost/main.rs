//! What a network costs to compile: networks of 10, 100 and 500 layers, over an empty crate that depends on the runtime.
//! Prints the tables of `BENCHMARKS.md`.
//!
//! `cargo run --release --example compile_cost`, on a machine that does nothing else; some ten minutes.

mod networks;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::time::{Duration, Instant};
use std::{env, fs};

use common::arguments::Arguments;
use networks::{Family, network};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What is measured of a program, with the arguments of cargo.
const BUILDS: [(&str, &[&str]); 3] =
    [("check", &["check"]), ("debug build", &["build"]), ("release build", &["build", "--release"])];

/// Trains and predicts, so that everything that is generated is used.
const MAIN: &str = "
fn main() {
    let samples = NetSamples::default();
    let mut trainer = net_runtime::training::Trainer::new(Net::new(1), net_runtime::optimizers::Adam::new(1e-3));
    let outcome = trainer.fit(&samples).epochs(1).run();
    let outputs = trainer.into_network().predict(&net_runtime::Batch::zeros(1));
    println!(\"{} {} {}\", outcome.is_ok(), outputs.is_ok(), Net::summary());
}
";

/// Calls the compiler on a file, as rustc does when it meets the macro, and prints the median in seconds.
const EXPANSION: &str = "
fn main() {
    let text = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let mut times: Vec<f64> = (0..15)
        .map(|_| {
            let tokens = text.parse().unwrap();
            let start = std::time::Instant::now();
            std::hint::black_box(net_compiler::compile(tokens));
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(\"{}\", times[times.len() / 2]);
}
";

fn main() -> Outcome<()> {
    let mut arguments = Arguments::read("Measures what networks cost to compile, and prints tables.");
    let runs: usize = arguments.number("runs", 5, "builds of each kind, of which the median counts");
    let largest: usize = arguments.number("layers", 500, "layers of the largest network");
    arguments.finish();

    let folder = Folder::new()?;
    let expansion = Package::new(&folder.0, "expansion", "net-compiler", "net-macros/compiler", EXPANSION)?;
    let program = Package::new(&folder.0, "program", "net-runtime", "net-runtime", "fn main() {}")?;
    for build in [&["build"][..], &["build", "--release"]] {
        expansion.cargo(build)?;
    }
    let mut empty = Vec::new();
    for (_, build) in BUILDS {
        empty.push(program.measure(build, "fn main() {}", runs)?);
    }

    println!(
        "| network | layers | expansion, optimised | expansion, as in dev | check | debug build | release build |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for family in Family::ALL {
        for layers in [10, 100, 500].into_iter().filter(|&layers| layers <= largest) {
            let text = network(family, layers);
            let file = folder.0.join("network.txt");
            fs::write(&file, &text)?;
            let mut cells = Vec::new();
            for profile in ["release", "debug"] {
                cells.push(format!("{:.3} s", expansion.run(profile, &file)?));
            }
            let source = format!("net_runtime::network! {{\n{text}}}\n{MAIN}");
            for ((_, build), empty) in BUILDS.iter().zip(&empty) {
                let time = program.measure(build, &source, runs)?.saturating_sub(*empty);
                cells.push(format!("{:.2} s", time.as_secs_f64()));
            }
            println!("| {} | {layers} | {} |", family.name(), cells.join(" | "));
        }
    }
    println!("\n| the empty crate | |\n| --- | ---: |");
    for ((name, _), time) in BUILDS.iter().zip(empty) {
        println!("| {name} | {:.2} s |", time.as_secs_f64());
    }

    println!("\n| clean build of `net-macros` with its dependencies | |\n| --- | ---: |");
    for (name, build) in [("debug", &["build"][..]), ("release", &["build", "--release"])] {
        let target = folder.0.join(format!("clean-{name}"));
        let start = Instant::now();
        let arguments = [build, &["--package", "net-macros", "--locked", "--target-dir"]].concat();
        succeed(cargo(&project()).args(arguments).arg(&target))?;
        println!("| {name} | {:.1} s |", start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// The folder of the workspace.
fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A new folder among the temporary ones of the system, which is removed with all that is in it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Outcome<Self> {
        let folder = env::temp_dir().join(format!("network-compile-cost-{}", process::id()));
        fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, which clears that place.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A package with one dependency of this workspace, whose program changes.
struct Package {
    folder: PathBuf,
    name: &'static str,
}

impl Package {
    fn new(parent: &Path, name: &'static str, dependency: &str, path: &str, main: &str) -> Outcome<Self> {
        let root = project();
        let folder = parent.join(name);
        fs::create_dir_all(folder.join("src"))?;
        let manifest = format!(
            "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependency} = {{ path = {:?} }}\n",
            root.join(path)
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        fs::write(folder.join("src/main.rs"), main)?;
        Ok(Self { folder, name })
    }

    fn cargo(&self, arguments: &[&str]) -> Outcome<()> {
        succeed(cargo(&self.folder).args(arguments))
    }

    /// The median time of a build of this source alone, everything that it depends on being there; nothing is left of
    /// the build before.
    fn measure(&self, build: &[&str], source: &str, runs: usize) -> Outcome<Duration> {
        fs::write(self.folder.join("src/main.rs"), source)?;
        self.cargo(build)?;
        let mut times = Vec::new();
        for _ in 0..runs.max(1) {
            self.cargo(&["clean", "--package", self.name])?;
            self.cargo(&["clean", "--release", "--package", self.name])?;
            let start = Instant::now();
            self.cargo(build)?;
            times.push(start.elapsed());
        }
        times.sort();
        Ok(times[times.len() / 2])
    }

    /// Seconds that the program prints.
    fn run(&self, profile: &str, argument: &Path) -> Outcome<f64> {
        let program = self.folder.join("target").join(profile).join(self.name);
        let output = Command::new(program).arg(argument).output()?;
        Ok(String::from_utf8(output.stdout)?.trim().parse()?)
    }
}

/// Cargo in a folder, with a target directory there whatever this program was given.
fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(folder).env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_TARGET_DIR");
    command
}

fn succeed(command: &mut Command) -> Outcome<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr)).into())
}
