//! What several tests share: numbers without pattern, questions to networks, and answers of Keras's.

pub mod keras;

use net_runtime::{Batch, Gradients, Network, Shape};
use rayon::ThreadPoolBuilder;

/// A fixed sequence without pattern, in -1..1 (xorshift: Marsaglia, Xorshift RNGs, 2003).
pub fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// So many samples of [`numbers`].
pub fn batch<S: Shape>(samples: usize, seed: u32) -> Batch<S> {
    Batch::from_vec(numbers(samples * S::LEN, seed)).expect("whole samples")
}

/// So many samples of [`numbers`] of which each is made positive.
pub fn positive_batch<S: Shape>(samples: usize, seed: u32) -> Batch<S> {
    let numbers = numbers(samples * S::LEN, seed);
    Batch::from_vec(numbers.into_iter().map(|number| (number + 1.0) / 2.0).collect()).expect("whole samples")
}

/// A class for each sample, from 0 to 9.
pub fn classes(samples: usize) -> Vec<u32> {
    (0..samples as u32).map(|index| index * 7 % 10).collect()
}

/// Every weight with its name.
pub fn named(net: &impl Network) -> Vec<(String, Vec<f32>)> {
    let mut named = Vec::new();
    net.visit(&mut |name, param| named.push((name.to_string(), param.values().to_vec())));
    named
}

/// All weights in one row.
pub fn weights(net: &impl Network) -> Vec<f32> {
    named(net).into_iter().flat_map(|(_, values)| values).collect()
}

/// Gives a network the weights of another one, in their order.
pub fn copy_weights(from: &impl Network, to: &mut impl Network) {
    let mut from = named(from).into_iter().map(|(_, values)| values);
    to.visit_mut(&mut |name, param| {
        let values = from.next().unwrap_or_else(|| panic!("there is no weight for {name}"));
        param.values_mut().copy_from_slice(&values);
    });
    assert_eq!(from.next(), None, "every weight has a place");
}

/// All weights in one row, to the bit.
pub fn bits(net: &impl Network) -> Vec<u32> {
    weights(net).iter().map(|value| value.to_bits()).collect()
}

/// The gradient by each weight.
pub fn gradient_values(gradients: &impl Gradients) -> Vec<Vec<f32>> {
    let mut all = Vec::new();
    gradients.visit(&mut |_, gradient| all.push(gradient.values().to_vec()));
    all
}

/// Calls it outside of a pool, and inside of pools of one, two and three threads.
pub fn everywhere(work: impl Fn() + Send + Sync) {
    work();
    for threads in [1, 2, 3] {
        ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads").install(&work);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// A file that the manifest does not name would be tested by nobody, and nobody would be told.
    #[test]
    fn every_test_and_example_is_in_its_manifest() {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for package in ["tests", "examples"] {
            let manifest = fs::read_to_string(project.join(package).join("Cargo.toml")).unwrap();
            for entry in fs::read_dir(project.join(package)).unwrap() {
                let entry = entry.unwrap().path();
                if entry.join("Cargo.toml").exists() {
                    // A package of its own.
                    continue;
                }
                let name = entry.file_name().unwrap().to_str().unwrap();
                let path = if entry.join("main.rs").exists() { format!("{name}/main.rs") } else { name.to_owned() };
                let listed = manifest.contains(&format!("path = \"{path}\""));
                assert!(listed || !path.ends_with(".rs"), "{package}/{path} is no target in {package}/Cargo.toml");
            }
        }
    }
}
