//! What is promised of every network at run time: the same bits on any number of threads, files that are whole and are
//! checked, errors instead of panics on data.

use net_runtime::prelude::*;
use tests_common::{bits, numbers};

network! {
    /// Every kind of kernel that works on threads, small.
    network Mixed(image: [17, 19, 3], row: [33]) -> (class: [10], map: [8, 9, 2]) {
        layer eye = Conv2d(12, 3, padding = same) -> relu;
        let seen = image -> eye -> MaxPool2d(2);
        let map = seen -> Conv2d(2, (2, 3), padding = same, dilation = 2) -> tanh;
        let flat = seen -> Conv2d(7, 1, bias = false) -> gelu -> AvgPool2d(2) -> Flatten -> Dropout(0.25);
        let class = (flat, row -> Dense(40) -> silu) -> Concat -> Dense(64) -> relu -> Dense(10) -> softmax;
        loss class: SparseCategoricalCrossentropy;
        loss map: 0.5 * Huber(0.1);
        metric class: Accuracy, TopK(3);
    }

    /// Large enough for threads, with convolutions by every form of Winograd's algorithm, and a dense layer with a long inner
    /// axis.
    network Wide(image: [36, 36, 16]) -> (code: [24]) {
        let seen = image -> Conv2d(32, 3) -> relu -> Conv2d(32, 3, stride = (1, 2), padding = same) -> relu;
        let code = seen -> Flatten -> Dense(24) -> tanh;
        loss code: MeanSquaredError;
    }

    /// A sample of the output takes four gigabytes.
    network Border(x: [1, 1, 1]) -> (y: [32769, 32769, 1]) {
        let y = x -> ZeroPad2d(16384);
    }

    network Other(row: [33]) -> (class: [10]) {
        let class = row -> Dense(10) -> softmax;
    }
}

fn samples(count: usize) -> MixedSamples {
    MixedSamples {
        image: Batch::from_vec(numbers(count * 17 * 19 * 3, 1)).unwrap(),
        row: Batch::from_vec(numbers(count * 33, 2)).unwrap(),
        class: Batch::from_vec((0..count as u32).map(|i| i * 7 % 10).collect()).unwrap(),
        map: Batch::from_vec(numbers(count * 8 * 9 * 2, 3)).unwrap(),
    }
}

fn trained() -> Result<Vec<u32>, Error> {
    let mut trainer = Trainer::new(Mixed::new(7), Adam::new(1e-2));
    trainer.fit(&samples(37)).epochs(2).batch_size(16).seed(3).silent().run()?;
    let mut bits = bits(trainer.network());
    let outputs = trainer.network().predict(&samples(5))?;
    bits.extend(outputs.class.data().iter().chain(outputs.map.data()).map(|value| value.to_bits()));
    Ok(bits)
}

/// Steps on their own and a prediction, which enter the pool by themselves where they are called outside of it.
fn stepped() -> Result<Vec<u32>, Error> {
    let samples = WideSamples {
        image: Batch::from_vec(numbers(5 * 36 * 36 * 16, 4)).unwrap(),
        code: Batch::from_vec(numbers(5 * 24, 5)).unwrap(),
    };
    let mut trainer = Trainer::new(Wide::new(7), Adam::new(1e-2));
    (0..3).try_for_each(|_| trainer.step(&samples).map(drop))?;
    let mut bits = bits(trainer.network());
    bits.extend(trainer.network().predict(&samples)?.code.data().iter().map(|value| value.to_bits()));
    Ok(bits)
}

#[test]
fn the_same_bits_on_any_number_of_threads() -> Result<(), Error> {
    let outside = [trained()?, stepped()?];
    for threads in [1, 2, 3, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let inside = pool.install(|| Ok::<_, Error>([trained()?, stepped()?]))?;
        assert!(inside == outside, "{threads} threads give other bits than the global pool");
    }
    Ok(())
}

#[test]
fn a_run_goes_into_the_pool_only_if_threads_pay() -> Result<(), Error> {
    let here = std::thread::current().id();
    for (batch, stays) in [(1, true), (16, rayon::current_num_threads() == 1)] {
        let (samples, mut stayed) = (samples(16), None);
        let mut trainer = Trainer::new(Mixed::new(7), Adam::new(1e-2));
        let fit = trainer.fit(&samples).batch_size(batch).silent().on_epoch_end(|_, _, _| {
            stayed = Some(std::thread::current().id() == here);
            Ok(())
        });
        fit.run()?;
        assert_eq!(stayed, Some(stays), "batches of {batch}");
    }
    Ok(())
}

#[test]
fn a_batch_predicts_what_its_samples_predict() -> Result<(), Error> {
    let net = Mixed::new(1);
    let all = samples(40);
    let together = net.predict(&all)?;
    let mut memory = MixedWorkspace::new(1);
    for index in [0, 31, 32, 39] {
        let inputs = MixedInputs { image: all.image.slice(index..index + 1), row: all.row.slice(index..index + 1) };
        let alone = net.predict_into(inputs, &mut memory)?;
        for (a, b) in alone.class.data().iter().zip(together.class.sample(index)) {
            assert!((a - b).abs() < 1e-6, "sample {index}: {a} alone, {b} in a batch");
        }
    }
    assert!(net.predict(&samples(0))?.class.is_empty(), "predicting nothing gives nothing");
    Ok(())
}

#[test]
fn a_saved_network_predicts_the_same_and_another_is_told_apart() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mixed.safetensors");
    let net = Mixed::new(5);
    net.save(&path)?;
    let loaded = Mixed::load(&path)?;
    assert_eq!(loaded.predict(&samples(3))?, net.predict(&samples(3))?);

    let error = Other::load(&path).unwrap_err().to_string();
    assert!(error.contains("Mixed") && error.contains("Other"), "{error}");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 8]).unwrap();
    assert!(Mixed::load(&path).is_err(), "a truncated file");
    assert!(matches!(Mixed::load(folder.path().join("none")), Err(Error::Io { .. })));
    Ok(())
}

#[test]
fn data_that_do_not_fit_are_an_error_that_names_them() -> Result<(), Error> {
    let mut trainer = Trainer::new(Mixed::new(5), Adam::new(1e-3));
    let good = samples(4);

    let mut short = good.clone();
    short.row = Batch::zeros(3);
    let error = trainer.step(&short).unwrap_err().to_string();
    assert_eq!(error, "`image` has 4 samples, but `row` has 3");
    let inputs = MixedInputs { image: good.image.view(), row: short.row.view() };
    assert_eq!(trainer.network().predict(inputs).unwrap_err().to_string(), error);

    let mut beyond = good.clone();
    beyond.class.data_mut()[2] = 10;
    let error = trainer.step(&beyond).unwrap_err().to_string();
    assert_eq!(error, "target `class` of sample 2 is class 10, but `class` has 10 classes, counted from 0");

    let mut broken = good.clone();
    broken.image.data_mut()[5] = f32::NAN;
    let before = trainer.network().class_dense.kernel.values().to_vec();
    let error = trainer.step(&broken).unwrap_err();
    assert!(matches!(error, Error::NotFinite { .. }), "{error}");
    assert_eq!(trainer.network().class_dense.kernel.values(), before, "the weights of before the step");

    assert!(trainer.fit(&MixedSamples::default()).silent().run().is_err(), "fitting nothing");
    assert!(trainer.step(&good)?.is_finite());
    Ok(())
}

#[test]
fn losses_are_never_computed_from_what_backward_has_written_over() -> Result<(), Error> {
    let (net, batch) = (Mixed::new(5), samples(3));
    let mut memory = MixedWorkspace::new(3);
    net.forward(&batch, Mode::Training, &mut memory)?;
    net.losses(&batch, &memory)?;
    net.backward(&batch, &batch, &mut memory, &mut MixedGradients::zeros())?;
    let error = net.losses(&batch, &memory).unwrap_err();
    assert!(matches!(error, Error::Order(_)), "{error}");
    net.forward(&batch, Mode::Inference, &mut memory)?;
    net.losses(&batch, &memory)?;
    Ok(())
}

#[test]
fn constants_tell_what_a_network_costs() {
    // eye, map, 7 of 1x1, dense 40, dense 64 of 7 * 4 * 4 + 40, dense 10
    let parameters = 27 * 12 + 12 + 6 * 12 * 2 + 2 + 12 * 7 + 33 * 40 + 40 + (112 + 40) * 64 + 64 + 640 + 10;
    assert_eq!(Mixed::PARAMETERS, parameters);
    let multiply_adds = 17 * 19 * 27 * 12 + 8 * 9 * 6 * 12 * 2 + 8 * 9 * 12 * 7 + 33 * 40 + (112 + 40) * 64 + 640;
    assert_eq!(Mixed::MULTIPLY_ADDS, multiply_adds as u64);
    const { assert!(Mixed::INFERENCE_BYTES_PER_SAMPLE < Mixed::TRAINING_BYTES_PER_SAMPLE) };
}

/// Whatever a system promises without having it, no address has more than 2^50 bytes.
#[test]
fn what_memory_cannot_hold_is_an_error_with_its_bytes() {
    let net = Border::new(0);
    let pixels = Batch::<Shape3<1, 1, 1>>::zeros(1 << 18);
    let bytes = (1_u64 << 18) * 32769 * 32769 * 4;
    let error = net.predict(&pixels).unwrap_err().to_string();
    let outputs = format!("262144 samples of shape [32769, 32769, 1], {bytes} bytes, are more than memory can hold");
    assert_eq!(error, outputs);
    let mut workspace = BorderWorkspace::new(0);
    let error = net.predict_into(&pixels, &mut workspace).map(drop).unwrap_err().to_string();
    assert!(
        error.starts_with("262144 samples of ") && error.ends_with("bytes, are more than memory can hold"),
        "{error}"
    );
    assert!(workspace.outputs().is_err());

    let (net, mut workspace) = (Other::new(0), OtherWorkspace::new(1));
    let row = Batch::<Shape1<33>>::zeros(1);
    net.predict_into(&row, &mut workspace).unwrap();
    for capacity in [1 << 46, usize::MAX / 8, usize::MAX] {
        let panicked = std::panic::catch_unwind(|| OtherWorkspace::new(capacity)).map(drop).unwrap_err();
        let text = panicked.downcast_ref::<String>().unwrap();
        assert!(
            text.starts_with(&format!("{capacity} samples of ")) && text.contains(" bytes, are more than"),
            "{text}"
        );
    }
}
