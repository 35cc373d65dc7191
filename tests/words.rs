//! Networks that read words, step by step, and normalize batches: they learn, go on to the bit from a saved state, give the same bits on any number
//! of threads, and tell of a word that they do not know.

use net_runtime::prelude::*;
use tests_common::{bits, numbers};

network! {
    /// Its batches are whole, for their samples depend on each other.
    network Words(text: u32[12]) -> (score: [1]) {
        let score = text -> Embedding(300, 16) -> BatchNorm -> Lstm(24, sequences = true) -> Flatten
            -> Dense(64, bias = false) -> BatchNorm(momentum = 0.9) -> relu -> Dense(1);
        loss score: MeanSquaredError;
    }

    /// Its batches are divided into shares, of which each touches other rows.
    network Plain(text: u32[12]) -> (score: [1]) {
        let score = text -> Embedding(300, 16) -> Lstm(48) -> Dense(256) -> relu -> Dense(1);
        loss score: MeanSquaredError;
    }
}

/// Texts of a few words of many; what they are worth depends on the first ones.
fn texts(count: usize) -> (Batch<Shape1<12>, u32>, Batch<Shape1<1>>) {
    let words = (0..count * 12).map(|index| (index * index % 89 + index % 7) as u32).collect::<Vec<_>>();
    let score = words.chunks(12).map(|text| (text[0] % 5) as f32 - (text[1] % 3) as f32).collect();
    (Batch::from_vec(words).unwrap(), Batch::from_vec(score).unwrap())
}

fn on_threads<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

network! {
    /// Which words are there, and which numbers are large; the gradient goes by the second way alone.
    network Compared(text: u32[4], x: [4]) -> (there: [4], large: [4], sum: [4], most: [1]) {
        let there = text -> NotEqual(0);
        let part = x -> Dense(4, name = part) -> sigmoid;
        let most = (part, x) -> Mul -> argmax;
        let large = part -> Greater(0.5);
        let sum = (there, large, x -> Dense(4, name = other)) -> Mul;
    }
}

#[test]
fn a_comparison_has_no_gradient() -> Result<(), Error> {
    let (net, text) = (Compared::new(3), Batch::from_vec(vec![3_u32, 0, 1, 0, 0, 2, 2, 0])?);
    let x: Batch<Shape1<4>> = Batch::from_vec(numbers(8, 5))?;
    let inputs = ComparedInputs { text: text.view(), x: x.view() };
    let found = net.predict(inputs)?;
    assert_eq!(found.there.data(), [1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
    assert!(found.large.data().iter().all(|value| [0.0, 1.0].contains(value)));
    assert!(found.most.data().iter().all(|most| [0.0, 1.0, 2.0, 3.0].contains(most)));
    let mut workspace = ComparedWorkspace::new(2);
    net.forward(inputs, Mode::Training, &mut workspace)?;
    let mut gradients = ComparedGradients::zeros();
    let upstream: Batch<Shape1<4>> = Batch::from_vec(vec![1.0; 8])?;
    let upstream = || ComparedOutputGradients {
        there: Some(upstream.view()),
        large: Some(upstream.view()),
        sum: Some(upstream.view()),
        most: None,
    };
    let by_inputs = net.backward_both(inputs, upstream(), &mut workspace, &mut gradients)?.x.data().to_vec();
    assert!(gradients.part.kernel.values().iter().all(|value| *value == 0.0));
    let factors = found.there.data().iter().zip(found.large.data()).map(|(there, large)| there * large);
    let kernel = net.other.kernel.values();
    for (index, found) in by_inputs.iter().enumerate() {
        let (sample, input) = (index / 4, index % 4);
        let row = kernel[4 * input..][..4].iter();
        let expected: f32 = row.zip(factors.clone().skip(4 * sample)).map(|(weight, factor)| weight * factor).sum();
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    Ok(())
}

#[test]
fn training_gives_the_same_bits_on_any_number_of_threads() {
    let (text, score) = texts(150);
    let train = || -> Result<_, Error> {
        let samples = WordsSamples { text: text.clone(), score: score.clone() };
        let mut words = Trainer::new(Words::new(1), Adam::new(1e-2));
        let history = words.fit(&samples).epochs(12).batch_size(50).silent().run()?;
        let losses = history.get("loss").expect("a loss");
        assert!(losses[11] < 0.2 * losses[0], "{losses:?}");
        let samples = PlainSamples { text: text.clone(), score: score.clone() };
        let mut plain = Trainer::new(Plain::new(1), Adam::new(1e-2));
        plain.fit(&samples).epochs(3).batch_size(128).silent().run()?;
        let found: Vec<u32> =
            words.network().predict(&text)?.score.data().iter().map(|value| value.to_bits()).collect();
        Ok((bits(words.network()), bits(plain.network()), found))
    };
    let one = on_threads(1, train).unwrap();
    for threads in [2, 3] {
        assert!(on_threads(threads, train).unwrap() == one, "{threads} threads");
    }
}

#[test]
fn statistics_are_saved_and_training_goes_on_to_the_bit() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap();
    let (text, score) = texts(60);
    let samples = WordsSamples { text, score };
    let mut trainer = Trainer::new(Words::new(2), AdamW::new(1e-2).weight_decay(0.1));
    for _ in 0..3 {
        trainer.step(&samples)?;
    }
    let (state, weights) = (folder.path().join("state.safetensors"), folder.path().join("weights.safetensors"));
    trainer.save_state(&state)?;
    trainer.network().save(&weights)?;
    let mut resumed = Trainer::<Words, _>::load_state(&state, AdamW::new(1e-2).weight_decay(0.1))?;
    assert!(bits(&Words::load(&weights)?) == bits(trainer.network()));
    for _ in 0..2 {
        trainer.step(&samples)?;
        resumed.step(&samples)?;
    }
    assert!(bits(trainer.network()) == bits(resumed.network()));
    // Of 16 and 64 channels: two factors that are trained, two statistics.
    let table = Words::summary().to_string();
    let trained = 300 * 16 + (16 + 24 + 1) * 4 * 24 + 12 * 24 * 64 + 2 * 80 + 65;
    assert_eq!(Words::PARAMETERS, trained + 2 * 80);
    assert!(table.replace(',', "").contains("Non-trainable params: 160"), "{table}");
    Ok(())
}

#[test]
fn statistics_move_with_steps_and_not_by_decay() -> Result<(), Error> {
    let (text, score) = texts(40);
    let samples = WordsSamples { text, score };
    let mut trainer = Trainer::new(Words::new(3), AdamW::new(0.1).weight_decay(5.0));
    let before = trainer.network().clone();
    trainer.step(&samples)?;
    let [before, after] = [&before, trainer.network()].map(|net| &net.score_batch_norm);
    assert_ne!(before.moving_mean.values(), after.moving_mean.values());
    // The rows of the table begin within 0.05: a variance of 1 goes down by all but the hundredth part of it.
    assert!(after.moving_variance.values().iter().all(|value| (0.99..0.9901).contains(value)));
    Ok(())
}

#[test]
fn a_word_without_a_row_is_told_and_nothing_else_happens() -> Result<(), Error> {
    let (text, score) = texts(100);
    let mut words = text.data().to_vec();
    words[70 * 12 + 3] = 300;
    let wrong: Batch<Shape1<12>, u32> = Batch::from_vec(words)?;
    let message = "sample 70 has the number 300, but an `Embedding` has 300 rows, counted from 0";
    let net = Plain::new(4);
    assert_eq!(net.predict(&wrong).unwrap_err().to_string(), message);
    let mut workspace = PlainWorkspace::new(1);
    assert_eq!(net.predict_into(&wrong, &mut workspace).unwrap_err().to_string(), message);
    assert_eq!(net.forward(&wrong, Mode::Training, &mut workspace).unwrap_err().to_string(), message);
    assert!(net.predict_into(&text, &mut workspace).is_ok());

    let mut trainer = Trainer::new(net.clone(), Adam::new(1e-2));
    let samples = PlainSamples { text: wrong, score };
    assert_eq!(trainer.step(&samples).unwrap_err().to_string(), message);
    assert_eq!(trainer.fit(&samples).batch_size(100).silent().run().unwrap_err().to_string(), message);
    assert!(bits(trainer.network()) == bits(&net));
    Ok(())
}

/// Every gradient of a table, whether rows of another batch were there or not, is what a sum over all words gives.
#[test]
fn gradients_of_rows_add_up() -> Result<(), Error> {
    let net = Plain::new(5);
    let mut workspace = PlainWorkspace::new(8);
    let mut gradients = PlainGradients::zeros();
    let mut separate = Vec::new();
    let upstream: Batch<Shape1<1>> = Batch::from_vec(numbers(8, 3))?;
    let upstream = PlainOutputGradients { score: Some(upstream.view()) };
    let (all, _) = texts(16);
    for part in [0..8, 8..16] {
        let text: Batch<Shape1<12>, u32> = Batch::from_vec(all.data()[part.start * 12..part.end * 12].to_vec())?;
        net.forward(&text, Mode::Training, &mut workspace)?;
        net.backward(&text, upstream, &mut workspace, &mut gradients)?;
        separate.push(gradients.score_embedding.embeddings.values().to_vec());
    }
    let text: Batch<Shape1<12>, u32> = Batch::from_vec(all.data()[..8 * 12].to_vec())?;
    net.forward(&text, Mode::Training, &mut workspace)?;
    net.backward_add(&text, upstream, &mut workspace, &mut gradients)?;
    for ((sum, first), second) in
        gradients.score_embedding.embeddings.values().iter().zip(&separate[0]).zip(&separate[1])
    {
        assert!((sum - (first + second)).abs() <= 1e-6 * (first.abs() + second.abs()), "{sum} for {first} + {second}");
    }
    Ok(())
}
