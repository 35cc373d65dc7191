//! Heads whose losses have no target, targets of another length than the output, or the whole batch as one: trained from a user's
//! program.

use net_runtime::prelude::*;
use tests_common::{batch, numbers};

network! {
    /// Three looks of one shared layer: two at what is alike, one at another thing.
    network Faces(a: [6], alike: [6], other: [6]) -> (apart: [2], size: [4], far: [1]) {
        layer face = Dense(4);
        let size = a -> face -> square;
        let far = (alike -> face, other -> face) -> Distance;
        let apart = ((a -> face, alike -> face) -> Distance, (a -> face, other -> face) -> Distance) -> Concat;
        loss apart: Triplet(0.5);
        loss size: 0.01 * Minimize;
        loss far: Contrastive(2.0) + 0.1 * Minimize;
    }
}

fn faces(n: usize) -> Result<FacesSamples, Error> {
    let far = Batch::from_vec((0..n).map(|sample| (sample % 2) as f32).collect())?;
    Ok(FacesSamples { a: batch(n, 1), alike: batch(n, 2), other: batch(n, 3), far })
}

#[test]
fn heads_without_targets_are_trained() -> Result<(), Error> {
    let samples = faces(12)?;
    let mut trainer = Trainer::new(Faces::new(3), Adam::new(1e-2));
    let before = trainer.evaluate(&samples)?;
    let history = trainer.fit(&samples).epochs(30).batch_size(5).silent().run()?;
    let after = trainer.evaluate(&samples)?;
    assert!(after.get("loss") < before.get("loss"), "{before} {after}");
    assert!(history.get("apart_loss").is_some() && history.get("size_loss").is_some(), "{:?}", history.names());
    let error = trainer.fit(&samples).class_weights("apart", &[1.0, 2.0]).silent().run().unwrap_err().to_string();
    assert!(error.contains("apart") && error.contains("far"), "{error}");
    Ok(())
}

#[test]
fn what_is_minimized_is_the_mean_of_the_output() -> Result<(), Error> {
    let samples = faces(7)?;
    let net = Faces::new(5);
    let mut workspace = FacesWorkspace::new(7);
    let found = net.forward(&samples, Mode::Training, &mut workspace)?;
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    let (size, missing) = (mean(found.size.data()), |row: &[f32]| (row[0] - row[1] + 0.5).max(0.0));
    let apart = mean(&found.apart.data().chunks(2).map(missing).collect::<Vec<_>>());
    let losses = net.losses(&samples, &workspace)?;
    assert!((losses.size - size).abs() < 1e-6 && (losses.apart - apart).abs() < 1e-6, "{losses:?}");
    assert!((losses.total - (losses.apart + 0.01 * losses.size + losses.far)).abs() < 1e-6, "{losses:?}");
    Ok(())
}

network! {
    /// A word from steps of sound.
    network Speech(sound: [9, 4]) -> (text: [9, 4]) {
        let text = sound -> Dense(16) -> tanh -> Dense(4) -> softmax;
        loss text: Ctc(labels = 3);
    }
}

/// Each label is three steps in which its own feature is large; after training, the steps spell the labels.
#[test]
fn labels_are_found_in_steps() -> Result<(), Error> {
    let words = [[1, 2, 3], [3, 1, 0], [2, 2, 0], [1, 3, 1], [2, 0, 0], [3, 2, 3]];
    let mut sound = vec![0.0; words.len() * 36];
    for (sample, word) in words.iter().enumerate() {
        for (place, label) in word.iter().enumerate() {
            sound[sample * 36 + (3 * place + 1) * 4 + *label as usize] = 1.0;
        }
    }
    let samples = SpeechSamples { sound: Batch::from_vec(sound)?, text: Batch::from_vec(words.concat())? };
    let mut trainer = Trainer::new(Speech::new(1), Adam::new(2e-2));
    trainer.fit(&samples).epochs(150).batch_size(4).silent().run()?;
    let found = trainer.network().predict(&samples.sound)?;
    for (sample, word) in words.iter().enumerate() {
        let classes: Vec<usize> = found.text.sample(sample).chunks(4).map(net_runtime::data::argmax).collect();
        let mut spelt = Vec::new();
        for (step, &class) in classes.iter().enumerate() {
            if class != 0 && (step == 0 || classes[step - 1] != class) {
                spelt.push(class as u32);
            }
        }
        let labels: Vec<u32> = word.iter().copied().filter(|label| *label != 0).collect();
        assert_eq!(spelt, labels, "sample {sample}: {classes:?}");
    }
    Ok(())
}

network! {
    /// Areas, of which a batch has one overlap.
    network Areas(image: [6, 5, 2]) -> (mask: [6, 5, 1]) {
        let mask = image -> Conv2d(1, 3, padding = same) -> sigmoid;
        loss mask: Dice;
    }
}

network! {
    /// The same, with an overlap for each sample.
    network AreasApart(image: [6, 5, 2]) -> (mask: [6, 5, 1]) {
        let mask = image -> Conv2d(1, 3, padding = same) -> sigmoid;
        loss mask: Dice(over = sample);
    }
}

/// In a batch that is cut into shares, each would have an overlap of its own.
#[test]
fn a_batch_with_one_overlap_is_no_sum_of_shares() -> Result<(), Error> {
    const { assert!(Areas::MIXES_SAMPLES && !AreasApart::MIXES_SAMPLES) };
    let n = 64;
    let samples = AreasSamples {
        image: batch(n, 4),
        mask: Batch::from_vec(numbers(n * 30, 5).iter().map(|number| if *number > 0.0 { 1.0 } else { 0.0 }).collect())?,
    };
    let mut trainer = Trainer::new(Areas::new(2), Sgd::new(0.0));
    let found = trainer.fit(&samples).epochs(1).batch_size(n).silent().run()?;
    let masks = trainer.network().predict(&samples.image)?;
    let both: f32 = masks.mask.data().iter().zip(samples.mask.data()).map(|(p, t)| p * t).sum();
    let areas: f32 = masks.mask.data().iter().chain(samples.mask.data()).sum();
    let loss = found.get("loss").expect("it was trained")[0];
    assert!((loss as f32 - (1.0 - 2.0 * both / areas)).abs() < 1e-5, "{loss}");
    Ok(())
}
