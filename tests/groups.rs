//! What is computed for a group of samples after the other. In a trainer, what is frozen before everything that is trained: with the same
//! results to the bit. In inference, all but layers of many weights: with those of each sample alone.

use std::ops::Range;

use net_runtime::prelude::*;
use net_runtime::{Element, Shape};
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

network! {
    /// Two runs of large images, between them layers of many weights, which read what the first run and the inputs have; a sum over the
    /// whole network, parts of a larger tensor, an image with a loss by its logits, an activity, and a recurrent layer in the end.
    network Pictures(image: [64, 64, 3], other: [64, 64, 1], words: u32[12])
        -> (picture: [64, 64, 1], class: [5], code: [16]) {
        let first = image -> Conv2d(24, 3, padding = same) -> BatchNorm -> relu;
        let second = (first -> Conv2d(16, 3, padding = same), other -> Conv2d(8, 1)) -> Concat -> relu;
        let sum = (first, second) -> Add;
        let code = sum -> MaxPool2d(8) -> Flatten -> Dense(16, activity_regularizer = l2(0.01)) -> tanh;
        let read = words -> Embedding(50, 8) -> Lstm(32);
        let again = (code, read) -> Concat -> Dense(2048) -> Reshape((16, 16, 8))
            -> UpSampling2d(4) -> Conv2d(24, 3, padding = same) -> Dropout(0.5) -> relu;
        let picture = (again, sum) -> Add -> Conv2d(4, 3, padding = same) -> relu
            -> Conv2d(1, 3, padding = same) -> sigmoid;
        let class = (again, first) -> Concat -> AvgPool2d(16) -> Conv2d(5, 1) -> GlobalAvgPool2d -> softmax;
        loss picture: BinaryCrossentropy;
        loss class: SparseCategoricalCrossentropy;
    }
}

/// Some of these samples.
fn part(samples: &PicturesSamples, range: Range<usize>) -> PicturesSamples {
    fn of<S: Shape, T: Element>(all: &Batch<S, T>, range: &Range<usize>) -> Batch<S, T> {
        let each = all.data().len() / all.len();
        Batch::from_vec(all.data()[range.start * each..range.end * each].to_vec()).unwrap()
    }
    PicturesSamples {
        image: of(&samples.image, &range),
        other: of(&samples.other, &range),
        words: of(&samples.words, &range),
        picture: of(&samples.picture, &range),
        class: of(&samples.class, &range),
    }
}

#[test]
fn predictions_of_many_are_those_of_each_sample_alone() {
    let net = Pictures::new(5);
    let count = 41;
    let all = PicturesSamples {
        image: positive_batch(count, 1),
        other: positive_batch(count, 2),
        words: Batch::from_vec((0..count * 12).map(|index| (index * index % 47) as u32).collect()).unwrap(),
        picture: positive_batch(count, 3),
        class: Batch::from_vec((0..count).map(|index| index as u32 % 5).collect()).unwrap(),
    };
    let run = |samples: &PicturesSamples, workspace: &mut PicturesWorkspace| {
        let found = net.forward(samples, Mode::Inference, workspace).unwrap();
        let found = [found.picture.data(), found.class.data(), found.code.data()].map(<[f32]>::to_vec);
        (found, net.losses(samples, workspace).unwrap().total)
    };
    let mut alone = PicturesWorkspace::new(1);
    let alone: Vec<_> = (0..count).map(|index| run(&part(&all, index..index + 1), &mut alone)).collect();
    // Groups of either run, with a smaller one at the end, and fewer samples than a group has; in memory that has been used for others.
    let mut workspace = PicturesWorkspace::new(0);
    for count in [count, 3, 17, 30] {
        let (found, loss) = run(&part(&all, 0..count), &mut workspace);
        for (index, (expected, _)) in alone[..count].iter().enumerate() {
            for (found, expected) in found.iter().zip(expected) {
                let found = &found[index * expected.len()..][..expected.len()];
                let far = found.iter().zip(expected).find(|(found, expected)| (*found - *expected).abs() > 2e-5);
                assert_eq!(far, None, "sample {index} of {count}");
            }
        }
        let mean = alone[..count].iter().map(|(_, loss)| loss).sum::<f32>() / count as f32;
        assert!((loss - mean).abs() < 1e-4 * mean, "{loss} {mean}");
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
    for mode in [Mode::Training, Mode::TrainingWeights, Mode::Inference] {
        let error = net.forward(&samples, mode, &mut workspace).unwrap_err().to_string();
        assert!(error.starts_with("sample 70 has the number 50"), "{mode:?}: {error}");
    }
    // The next pass is one of all samples again.
    samples.words = words(75);
    assert_eq!(net.forward(&samples, Mode::TrainingWeights, &mut workspace).unwrap().class.len(), 75);
}
