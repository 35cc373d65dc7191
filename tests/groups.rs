//! What is frozen before everything that is trained: a trainer computes it for a group of samples after the other, with the same
//! results to the bit.

use net_runtime::prelude::*;
use tests_common::{classes, everywhere, positive_batch};

network! {
    block features(x) {
        x -> Conv2d(32, 3, padding = same) -> BatchNorm -> relu -> MaxPool2d(2)
    }

    /// Branches that are written into parts of a larger tensor, words, and a layer with so many weights for its work that groups end
    /// before it; trained is what is behind them.
    network Declared(image: [32, 32, 3], words: u32[48]) -> (class: [10], seen: [16, 16, 40]) {
        let one = image -> features(frozen = true, name = one);
        let two = image -> Conv2d(8, 3, padding = same, frozen = true, name = two) -> relu -> AvgPool2d(2);
        let seen = (one, two) -> Concat;
        let read = words -> Embedding(50, 32, frozen = true, name = read) -> tanh -> Flatten
            -> Dense(24, frozen = true, name = many);
        let code = seen -> GlobalAvgPool2d -> Dense(12, frozen = true, name = code) -> tanh;
        let class = (code, read) -> Concat -> Dropout(0.25) -> Dense(10, name = head) -> softmax;
        loss class: SparseCategoricalCrossentropy;
        metric class: Accuracy;
    }

    /// The same, with nothing frozen.
    network Free(image: [32, 32, 3], words: u32[48]) -> (class: [10], seen: [16, 16, 40]) {
        let one = image -> features(name = one);
        let two = image -> Conv2d(8, 3, padding = same, name = two) -> relu -> AvgPool2d(2);
        let seen = (one, two) -> Concat;
        let read = words -> Embedding(50, 32, name = read) -> tanh -> Flatten -> Dense(24, name = many);
        let code = seen -> GlobalAvgPool2d -> Dense(12, name = code) -> tanh;
        let class = (code, read) -> Concat -> Dropout(0.25) -> Dense(10, name = head) -> softmax;
        loss class: SparseCategoricalCrossentropy;
        metric class: Accuracy;
    }
}

/// Batches of some groups, with and without a smaller one at their end, of one, and smaller than that.
const BATCHES: [usize; 4] = [75, 64, 20, 1];

fn words(count: usize) -> Batch<Shape1<48>, u32> {
    Batch::from_vec((0..count * 48).map(|index| (index * index % 53 % 50) as u32).collect()).unwrap()
}

fn samples(count: usize) -> DeclaredSamples {
    let class = Batch::from_vec(classes(count)).unwrap();
    DeclaredSamples { image: positive_batch(count, 1), words: words(count), class }
}

fn nets() -> (Declared, Free) {
    let (mut declared, mut free) = (Declared::new(3), Free::new(3));
    for_both(&mut declared);
    for_both(&mut free);
    for part in ["one*", "two", "read", "many", "code"] {
        free.freeze(part).unwrap();
    }
    (declared, free)
}

/// Statistics that no batch has.
fn for_both<N: Network>(net: &mut N) {
    net.visit_mut(&mut |name, param| {
        if name.to_string().contains("moving") {
            param.values_mut().iter_mut().enumerate().for_each(|(at, value)| *value = 0.3 + 0.05 * at as f32);
        }
    });
}

fn bits<N: Network>(net: &N) -> Vec<(String, Vec<u32>)> {
    let mut values = Vec::new();
    net.visit(&mut |name, param| {
        values.push((name.to_string(), param.values().iter().map(|value| value.to_bits()).collect()));
    });
    values
}

#[test]
fn a_trainer_keeps_of_a_frozen_part_what_the_rest_reads() {
    // What there is for the batch: both branches joined, the words, and little else.
    let joined = 16 * 16 * 40;
    let [declared, free] =
        [Declared::TRAINING_BYTES_PER_SAMPLE, Free::TRAINING_BYTES_PER_SAMPLE].map(|bytes| bytes / 4);
    assert!((joined..2 * joined).contains(&declared), "{declared} floats instead of {joined}");
    assert!(free > 6 * declared, "{free} {declared}");
}

#[test]
fn a_trainer_does_the_same_steps_as_without_groups() {
    // Not so few samples that what is declared as frozen is trained in shares, as no network is whose `BatchNorm` could be thawed.
    let batches = [75, 64, 61, 1];
    everywhere(|| {
        let (declared, free) = nets();
        let mut in_groups = Trainer::new(declared, Adam::new(1e-2));
        let mut at_once = Trainer::new(free, Adam::new(1e-2));
        for count in batches {
            let DeclaredSamples { image, words, class } = samples(count);
            let same = FreeSamples { image: image.clone(), words: words.clone(), class: class.clone() };
            let losses =
                [in_groups.step(&DeclaredSamples { image, words, class }).unwrap(), at_once.step(&same).unwrap()];
            assert_eq!(losses[0].to_bits(), losses[1].to_bits(), "{count} samples");
            assert_eq!(bits(in_groups.network()), bits(at_once.network()), "{count} samples");
        }
    });
}

#[test]
fn outputs_and_gradients_are_those_of_a_pass_without_groups() {
    let (net, _) = nets();
    for count in BATCHES {
        let samples = samples(count);
        let run = |mode| {
            let (mut workspace, mut gradients) = (DeclaredWorkspace::new(0), DeclaredGradients::zeros());
            let found = net.forward(&samples, mode, &mut workspace).unwrap();
            let outputs = [found.class.data().to_vec(), found.seen.data().to_vec()];
            net.backward(&samples, &samples, &mut workspace, &mut gradients).unwrap();
            // A pass without groups in the memory of one with them, and the other way round.
            let other = if mode == Mode::Training { Mode::TrainingWeights } else { Mode::Training };
            net.forward(&samples, other, &mut workspace).unwrap();
            let again = net.forward(&samples, Mode::Inference, &mut workspace).unwrap();
            (outputs, gradients.head.kernel.values().to_vec(), again.seen.data().to_vec())
        };
        assert_eq!(run(Mode::TrainingWeights), run(Mode::Training), "{count} samples");
    }
}

#[test]
fn an_error_names_the_sample_of_the_batch() {
    let (net, _) = nets();
    let mut samples = samples(75);
    let mut numbers = samples.words.data().to_vec();
    numbers[70 * 48 + 5] = 50;
    samples.words = Batch::from_vec(numbers).unwrap();
    let mut workspace = DeclaredWorkspace::new(0);
    for mode in [Mode::Training, Mode::TrainingWeights] {
        let error = net.forward(&samples, mode, &mut workspace).unwrap_err().to_string();
        assert!(error.starts_with("sample 70 has the number 50"), "{mode:?}: {error}");
    }
    // The next pass is one of all samples again.
    samples.words = words(75);
    assert_eq!(net.forward(&samples, Mode::TrainingWeights, &mut workspace).unwrap().class.len(), 75);
}
