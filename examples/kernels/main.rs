//! Times products of matrices and convolutions, and compares them with the most multiply-adds that the same cores could
//! have done just before and after. Prints a table in Markdown.
//!
//! `cargo run --release --example kernels`, on a machine that does nothing else; or only some: `-- convolutions 1 exact`
//!
//! `cargo run --release --example kernels -- choices` times every algorithm of a sample of convolutions, and tells how good the choice among
//! them is; `choices --all` takes all of them, which are some thousands; `choices 1` those of one thread. Convolutions of your own are
//! `choices 16,32,28,3,1,8`: channels in and out, image, kernel, stride, batch.
//!
//! Convolutions are counted by their definition, so that Winograd's algorithm comes out above the peak.
//! `examples/rivals` has products by other crates beside ours.

mod choices;
mod convolutions;
mod measure;
mod products;

use choices::Shape;
use measure::Bench;
use net_runtime::{Arithmetic, machine};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("choices", words)) = words.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        let sample = |word: &str| word.strip_prefix("--sample=").and_then(|count| count.parse().ok());
        let is_known = |word: &String| ["1", "2", "--all"].contains(&word.as_str()) || sample(word).is_some();
        let (options, shapes): (Vec<String>, Vec<String>) = words.iter().cloned().partition(is_known);
        if let Some(mut shapes) = shapes.iter().map(|word| Shape::parse(word)).collect::<Option<Vec<_>>>() {
            let given = |word: &str| options.iter().any(|given| given == word);
            if shapes.is_empty() {
                let count = options.iter().find_map(|word| sample(word)).unwrap_or(choices::SAMPLE);
                shapes = Shape::sample(if given("--all") { usize::MAX } else { count });
            }
            return choices::run(if given("1") { 1 } else { 2 }, &shapes);
        }
    }
    let known = ["products", "convolutions", "1", "2", "fast", "exact"];
    if !words.iter().all(|word| known.contains(&word.as_str())) {
        eprintln!(
            "Times products and convolutions.\n\n    kernels [products] [convolutions] [1] [2] [fast] [exact]\n    kernels choices [1] [--sample=COUNT] [--all] [IN,OUT,IMAGE,KERNEL,STRIDE,BATCH ...]\n\n1 and 2 are threads."
        );
        std::process::exit(2);
    }
    // Of each kind of words one is it, or none was given.
    let wants = |kind: [&str; 2], word: &str| {
        words.iter().any(|given| given == word) || !words.iter().any(|given| kind.contains(&given.as_str()))
    };

    println!("{}, one thread: {:.0} GFLOP/s\n", machine::instruction_set(), machine::fma_peak());
    Bench::heads();
    for (threads, word) in [(1, "1"), (2, "2")] {
        if !wants(["1", "2"], word) {
            continue;
        }
        let mut bench = Bench::new(threads);
        if wants(["products", "convolutions"], "products") {
            for size in products::SIZES {
                bench.time(&products::name(size), products::operations(size), vec![products::ours(size)]);
            }
        }
        if wants(["products", "convolutions"], "convolutions") {
            for case in convolutions::cases() {
                for pass in case.passes() {
                    for (arithmetic, word) in [(Arithmetic::Fast, "fast"), (Arithmetic::Exact, "exact")] {
                        if wants(["fast", "exact"], word) {
                            let name = format!("{}, {}", case.name, pass.name());
                            bench.time(&name, case.operations(), vec![case.work(pass, arithmetic)]);
                        }
                    }
                }
            }
        }
    }
}
