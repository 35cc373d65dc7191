//! Networks of other modules, announced with `extern network`: they compute, learn and are saved as if they had been
//! declared in the block.

use net_runtime::optimizers::{Adam, Optimizer};
use net_runtime::training::Trainer;
use net_runtime::{Batch, Error, Gradients, Mode, Network, RandomKey, Samples, Shape1, Shape3, Workspace, network};
use tests_common::{batch, numbers};

/// As another crate would have it: what the networks are made of is private.
mod models {
    mod vision {
        use net_runtime::network;

        network! {
            const WIDTH: usize = 3;

            network Stem(image: [8, 8, 2]) -> (stem: [4, 4, WIDTH]) {
                let stem = image -> Conv2d(WIDTH, 3, padding = same) -> relu -> MaxPool2d(2);
            }

            /// A picture's code and the map behind it.
            pub network Encoder(image: [8, 8, 2]) -> (code: [5], map: [4, 4, 4]) {
                let map = image -> Stem -> Conv2d(4, 3, padding = same) -> tanh;
                let code = map -> Flatten -> Dense(5) -> sigmoid;
                loss code: MeanSquaredError;
            }

            /// Draws at random in training.
            pub network Noisy(row: [64]) -> (noisy: [64]) {
                let noisy = row -> Dropout(0.5) -> Dense(64, bias = false) -> Dropout(0.25);
            }

            /// Its statistics are those of the last batch, or forget slowly.
            pub network Normed(row: [3]) -> (normed: [3]) {
                let normed = row -> BatchNorm(momentum = 0.0, name = last) -> tanh -> BatchNorm(momentum = 0.75, name = slow);
            }

            /// Class numbers go in beside numbers.
            pub network Read(_text: u32[3], row: [4]) -> (read: [2]) {
                let read = row -> Dense(2);
            }
        }
    }

    pub use vision::{Encoder, Noisy, Normed, Read};
}

/// The same text twice, in front of a network that is declared, and of one that is announced.
macro_rules! pairs {
    ($($encoder:tt)*) => {
        net_runtime::network! {
            $($encoder)*

            pub network Pair(left: [8, 8, 2], right: [8, 8, 2]) -> (same: [1], map: [4, 4, 4], direct: [5]) {
                layer eye = Encoder;
                let (a, map) = left -> eye;
                let (b, _) = right -> relu -> eye;
                let (direct, _) = (image = left) -> Encoder(name = other);
                let same = (a, b) -> Sub -> Dense(3) -> tanh -> Dense(1) -> sigmoid;
                loss same: BinaryCrossentropy;
                loss map: 0.5 * Huber;
                loss direct: CategoricalCrossentropy;
                metric same: Accuracy;
            }

            /// The other one inside of a network of the same block.
            pub network Twice(image: [8, 8, 2], other: [8, 8, 2]) -> (difference: [1]) {
                let (first, first_map, _) = (left = image, right = other) -> Pair;
                let (_, second_map, _) = (image, other) -> Pair(name = second);
                let difference = ((first_map, second_map) -> Mul -> GlobalAvgPool2d -> Dense(1), first) -> Add;
                loss difference: MeanSquaredError;
            }
        }
    };
}

/// One network on three rows, of which the second is what it makes of the first, and no gradient comes to the third.
macro_rules! uses {
    ($($normed:tt)*) => {
        net_runtime::network! {
            $($normed)*

            pub network Uses(row: [3], other: [3]) -> (twice: [3], apart: [3]) {
                layer norm = Normed;
                let once = row -> norm;
                let twice = once -> tanh -> norm;
                let apart = other -> norm;
                loss twice: MeanSquaredError;
            }
        }
    };
}

mod declared {
    uses! {
        network Normed(row: [3]) -> (normed: [3]) {
            let normed = row -> BatchNorm(momentum = 0.0, name = last) -> tanh -> BatchNorm(momentum = 0.75, name = slow);
        }
    }

    pairs! {
        network Stem(image: [8, 8, 2]) -> (stem: [4, 4, 3]) {
            let stem = image -> Conv2d(3, 3, padding = same) -> relu -> MaxPool2d(2);
        }

        pub network Encoder(image: [8, 8, 2]) -> (code: [5], map: [4, 4, 4]) {
            let map = image -> Stem -> Conv2d(4, 3, padding = same) -> tanh;
            let code = map -> Flatten -> Dense(5) -> sigmoid;
        }
    }
}

mod announced {
    uses! {
        extern network super::models::Normed(row: [3]) -> (normed: [3]);
    }

    /// An announced network inside of an announced one.
    pub mod around {
        net_runtime::network! {
            extern network super::Uses(row: [3], other: [3]) -> (twice: [3], apart: [3]);

            pub network Around(row: [3], other: [3]) -> (twice: [3]) {
                let (twice, _) = (row, other) -> Uses(name = uses);
                loss twice: MeanSquaredError;
            }
        }
    }

    pairs! {
        extern network super::models::Encoder(image: [8, 8, 2]) -> (code: [5], map: [4, 4, 4]);
    }
}

use models::Read;

network! {
    const FEATURES: usize = 64;

    extern network self::models::Noisy as Shaken(row: [FEATURES]) -> (noisy: [32 * 2]);
    extern network Read(_text: u32[3], row: [4]) -> (read: [2]);

    network Draws(row: [64]) -> (first: [64], second: [64]) {
        layer shaken = Shaken;
        let first = row -> shaken;
        let second = row -> shaken;
        loss first: MeanSquaredError;
        loss second: MeanAbsoluteError;
    }

    /// Announced networks in a template have weights of each use.
    block shake(x) {
        let shaken = x -> Shaken;
        (shaken, x) -> Add
    }

    network Shakes(row: [64]) -> (row_3: [64]) {
        let row_2 = row -> shake;
        let row_3 = row_2 -> shake(name = again);
    }

    network Reader(text: u32[3], row: [4]) -> (read: [2]) {
        let read = (row = row, _text = text) -> Read;
        loss read: MeanSquaredError;
    }

    network Readers(text: u32[3], row: [4]) -> (read: [2]) {
        let read = (text, row -> tanh) -> Reader;
        loss read: MeanSquaredError;
    }
}

fn pictures(samples: usize, seed: u32) -> Batch<Shape3<8, 8, 2>> {
    batch(samples, seed)
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn gradient_bits(gradients: &impl Gradients) -> Vec<(String, Vec<u32>)> {
    let mut all = Vec::new();
    gradients.visit(&mut |name, gradient| all.push((name.to_string(), bits(gradient.values()))));
    all
}

fn poisoned<G: Gradients>() -> G {
    let mut gradients = G::zeros();
    gradients.visit_mut(&mut |_, gradient| gradient.values_mut().fill(f32::NAN));
    gradients
}

/// Whether two answers are the same to the bit. The gradient of an input that several layers read is summed in another
/// order: a declared network adds within its kernels, an announced one adds whole gradients.
fn same(name: &str, left: &[u32], right: &[u32]) -> bool {
    let close = |(&left, &right): (&u32, &u32)| {
        let (left, right) = (f32::from_bits(left), f32::from_bits(right));
        (left - right).abs() <= 1e-6 * (0.01 + left.abs())
    };
    left == right || name.contains("several readers") && left.len() == right.len() && left.iter().zip(right).all(close)
}

/// Everything that a network and its passes give, in bits.
macro_rules! everything {
    ($module:ident) => {{
        use $module::{Pair, PairGradients, PairInputs, PairOutputGradients, PairSamples, PairWorkspace};
        let net = Pair::new(5);
        let samples = PairSamples {
            left: pictures(3, 1),
            right: pictures(3, 2),
            same: Batch::from_vec(vec![1.0, 0.0, 1.0])?,
            map: batch(3, 3),
            direct: Batch::from_vec(numbers(15, 4).iter().map(|v| v.abs()).collect())?,
        };
        let mut all: Vec<(String, Vec<u32>)> = Vec::new();
        net.visit(&mut |name, param| all.push((name.to_string(), bits(param.values()))));
        let mut memory = PairWorkspace::new(1);
        for mode in [Mode::Inference, Mode::Training] {
            let outputs = net.forward(&samples, mode, &mut memory)?;
            all.extend(
                [outputs.same.data(), outputs.map.data(), outputs.direct.data()]
                    .map(|v| (format!("{mode:?}"), bits(v))),
            );
            let losses = net.losses(&samples, &memory)?;
            all.push(("losses".into(), bits(&[losses.total, losses.same, losses.map, losses.direct])));
        }
        let mut gradients: PairGradients = poisoned();
        let inputs = net.backward_both(&samples, &samples, &mut memory, &mut gradients)?;
        all.push(("by `left`, with several readers".into(), bits(inputs.left.data())));
        all.push(("by `right`".into(), bits(inputs.right.data())));
        all.extend(gradient_bits(&gradients));

        // A smaller batch; a gradient of one output alone, for the inputs, for the weights, and added.
        let by_map = batch(2, 8);
        let upstream = PairOutputGradients { map: Some(by_map.view()), ..Default::default() };
        let (left, right) = (pictures(2, 6), pictures(2, 7));
        let given = PairInputs { left: left.view(), right: right.view() };
        net.forward(given, Mode::Training, &mut memory)?;
        let inputs = net.backward_inputs(given, upstream, &mut memory)?;
        assert!(inputs.right.data().iter().all(|gradient| *gradient == 0.0), "`map` does not see `right`");
        all.extend([inputs.left.data(), inputs.right.data()].map(|v| ("by inputs alone".to_owned(), bits(v))));
        net.forward(given, Mode::Training, &mut memory)?;
        net.backward_add(given, upstream, &mut memory, &mut gradients)?;
        all.extend(gradient_bits(&gradients));
        net.forward(given, Mode::Training, &mut memory)?;
        let mut gradients: PairGradients = poisoned();
        net.backward(given, upstream, &mut memory, &mut gradients)?;
        all.extend(gradient_bits(&gradients));
        assert!(gradients.other.code_dense.kernel.values().iter().all(|gradient| *gradient == 0.0));
        all
    }};
}

#[test]
fn an_announced_network_computes_what_a_declared_one_does() -> Result<(), Error> {
    let (declared, announced) = (everything!(declared), everything!(announced));
    assert_eq!(declared.len(), announced.len());
    for (index, ((name, left), (other, right))) in declared.iter().zip(&announced).enumerate() {
        assert_eq!(name, other);
        assert!(same(name, left, right), "{name} differs, entry {index} of all");
    }
    assert!(declared.iter().any(|(name, _)| name == "eye.map_stem.stem_conv2d.kernel"));
    Ok(())
}

#[test]
fn it_does_inside_of_a_network_of_the_block_too() -> Result<(), Error> {
    macro_rules! everything {
        ($module:ident) => {{
            use $module::{Twice, TwiceGradients, TwiceSamples, TwiceWorkspace};
            let net = Twice::new(3);
            let samples = TwiceSamples { image: pictures(4, 1), other: pictures(4, 2), difference: batch(4, 3) };
            let (mut memory, mut gradients): (_, TwiceGradients) = (TwiceWorkspace::new(4), poisoned());
            let output = bits(net.forward(&samples, Mode::Training, &mut memory)?.difference.data());
            let inputs = net.backward_both(&samples, &samples, &mut memory, &mut gradients)?;
            let inputs = [bits(inputs.image.data()), bits(inputs.other.data())];
            let mut all = gradient_bits(&gradients);
            all.push(("output".into(), output));
            all.push(("by `image`, with several readers".into(), inputs[0].clone()));
            all.push(("by `other`, with several readers".into(), inputs[1].clone()));
            all
        }};
    }
    let (declared, announced) = (everything!(declared), everything!(announced));
    for ((name, left), (other, right)) in declared.iter().zip(&announced) {
        assert_eq!(name, other);
        assert!(same(name, left, right), "{name} differs");
    }
    Ok(())
}

#[test]
fn it_trains_to_the_same_weights_and_goes_on_from_a_file() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap();
    macro_rules! trained {
        ($module:ident) => {{
            use $module::{Pair, PairSamples};
            let samples = PairSamples {
                left: pictures(7, 1),
                right: pictures(7, 2),
                same: Batch::from_vec(vec![1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0])?,
                map: batch(7, 3),
                direct: Batch::from_vec([0.0, 1.0, 0.0, 0.0, 0.0].repeat(7))?,
            };
            let mut trainer = Trainer::new(Pair::new(5), Adam::new(0.01).clip_global_norm(1.0));
            let history = trainer.fit(&samples).epochs(3).batch_size(3).silent().run()?;
            assert!(history.get("loss").is_some_and(|losses| losses[2] < losses[0]));
            let state = folder.path().join(concat!(stringify!($module), ".state"));
            trainer.save_state(&state)?;
            let mut resumed = Trainer::<Pair, _>::load_state(&state, Adam::new(0.01).clip_global_norm(1.0))?;
            for trainer in [&mut trainer, &mut resumed] {
                trainer.fit(&samples).initial_epoch(3).epochs(5).batch_size(3).silent().run()?;
            }
            let weights = folder.path().join(concat!(stringify!($module), ".safetensors"));
            trainer.network().save(&weights)?;
            let mut all = [Vec::new(), Vec::new(), Vec::new()];
            for (net, all) in [trainer.network(), resumed.network(), &Pair::load(&weights)?].into_iter().zip(&mut all) {
                net.visit(&mut |name, param| all.push((name.to_string(), bits(param.values()))));
            }
            let [trained, resumed, loaded] = all;
            assert!(trained == resumed && trained == loaded);
            trained
        }};
    }
    let (declared, announced) = (trained!(declared), trained!(announced));
    assert!(declared == announced);
    let names: Vec<_> = announced.iter().map(|(name, _)| &**name).collect();
    assert_eq!(
        names[..3],
        ["eye.map_stem.stem_conv2d.kernel", "eye.map_stem.stem_conv2d.bias", "eye.map_conv2d.kernel"]
    );
    // A file of the one is one of the other.
    announced::Pair::load(folder.path().join("declared.safetensors"))?;
    Ok(())
}

/// The statistics after a step of training, by the names in `Uses`.
macro_rules! statistics {
    ($net:ident, $samples:expr) => {{
        let mut trainer = Trainer::new($net::new(5), Adam::new(0.01));
        trainer.step(&$samples)?;
        let mut all = Vec::new();
        trainer.network().visit(&mut |name, param| {
            let name = name.to_string();
            all.extend(name.contains("moving").then(|| (name.replace("uses.", ""), bits(param.values()))));
        });
        all
    }};
}

#[test]
fn statistics_move_use_by_use_whether_or_not_a_gradient_comes_there() -> Result<(), Error> {
    use announced::around::{Around, AroundSamples};
    let (row, other, twice) = (batch(4, 1), batch(4, 2), batch(4, 3));
    let expected = {
        use declared::{Uses, UsesSamples};
        let samples = UsesSamples { row: row.clone(), other: other.clone(), twice: twice.clone() };
        statistics!(Uses, samples)
    };
    let found = {
        use announced::{Uses, UsesSamples};
        let samples = UsesSamples { row: row.clone(), other: other.clone(), twice: twice.clone() };
        statistics!(Uses, samples)
    };
    assert_eq!(found, expected);
    let samples = AroundSamples { row, other: other.clone(), twice };
    assert_eq!(statistics!(Around, samples), expected);

    // What forgets all before has the statistics of the last use, though no gradient comes to it.
    let (name, mean) = &found[0];
    assert_eq!(name, "norm.last.moving_mean");
    for (channel, mean) in mean.iter().enumerate() {
        let right = other.data().iter().skip(channel).step_by(3).sum::<f32>() / 4.0;
        assert!((f32::from_bits(*mean) - right).abs() < 1e-6, "{} instead of {right}", f32::from_bits(*mean));
    }
    Ok(())
}

#[test]
fn counts_and_summary_have_it_inside() {
    use announced::Pair;
    assert_eq!(Pair::PARAMETERS, declared::Pair::PARAMETERS);
    assert_eq!(Pair::PARAMETERS, 2 * models::Encoder::PARAMETERS + (5 * 3 + 3) + (3 + 1));
    assert_eq!(Pair::MULTIPLY_ADDS, declared::Pair::MULTIPLY_ADDS);
    assert_eq!(announced::Twice::PARAMETERS, declared::Twice::PARAMETERS);
    let inner = 3 * models::Encoder::TRAINING_BYTES_PER_SAMPLE;
    assert!(Pair::TRAINING_BYTES_PER_SAMPLE > inner, "the memory of three uses, and what is around them");
    let rows = |info: &net_runtime::NetworkInfo| {
        let rows = info.rows.iter().map(|row| (row.name, row.kind, row.parameters, row.inner.map(|inner| inner.name)));
        rows.collect::<Vec<_>>()
    };
    assert_eq!(rows(Pair::INFO), rows(declared::Pair::INFO));
    let summary = Pair::summary().to_string();
    assert!(summary.contains("eye") && summary.contains("Encoder"), "{summary}");
    let folder = tempfile::tempdir().unwrap();
    Pair::plot(folder.path().join("pair.svg")).unwrap();
}

#[test]
fn it_stands_in_templates_too() -> Result<(), Error> {
    let net = Shakes::new(1);
    let mut names = Vec::new();
    net.visit(&mut |name, _| names.push(name.to_string()));
    assert_eq!(names, ["row_2_shake_shaken_shaken.noisy_dense.kernel", "again_shaken_shaken.noisy_dense.kernel"]);
    let row = batch(2, 1);
    let second = net.predict(&row)?.row_3;
    assert_eq!(second.len(), 2);
    Ok(())
}

fn draw(net: &Draws, samples: &DrawsSamples, step: u64, memory: &mut DrawsWorkspace) -> f64 {
    memory.set_random(RandomKey { seed: 3, step });
    net.forward(samples, Mode::Training, memory).unwrap();
    f64::from(net.losses(samples, memory).unwrap().total)
}

#[test]
fn what_it_draws_depends_on_seed_step_and_use_and_is_drawn_again_by_backward() -> Result<(), Error> {
    let net = Draws::new(2);
    let samples = DrawsSamples { row: batch(4, 1), first: batch(4, 2), second: batch(4, 3) };
    let (mut memory, mut other) = (DrawsWorkspace::new(4), DrawsWorkspace::new(1));
    let first = draw(&net, &samples, 1, &mut memory);
    let outputs = memory.outputs()?.to_owned();
    assert_ne!(outputs.first, outputs.second, "each use draws for itself");
    draw(&net, &samples, 5, &mut other);
    assert_eq!(draw(&net, &samples, 1, &mut other), first);
    // Each pass of training is a step.
    net.forward(&samples, Mode::Training, &mut other)?;
    let next = other.outputs()?.to_owned();
    assert_ne!(next, outputs);
    draw(&net, &samples, 2, &mut other);
    assert_eq!(other.outputs()?.to_owned(), next);
    let plain = net.predict(&samples.row)?;
    assert_eq!(plain.first, plain.second, "nothing is drawn in inference");

    // With the draws held fast, the loss is smooth: its slope is the gradient's.
    let mut gradients: DrawsGradients = poisoned();
    draw(&net, &samples, 1, &mut memory);
    let by_row = net.backward_both(&samples, &samples, &mut memory, &mut gradients)?.row.to_batch();
    for (what, gradient) in [("row", by_row.data()), ("kernel", gradients.shaken.noisy_dense.kernel.values())] {
        let norm = gradient.iter().map(|g| g * g).sum::<f32>().sqrt();
        let mut at = |by: f32| {
            let (mut net, mut samples) = (net.clone(), samples.clone());
            let moved = match what {
                "row" => samples.row.data_mut(),
                _ => net.shaken.noisy_dense.kernel.values_mut(),
            };
            moved.iter_mut().zip(gradient).for_each(|(value, g)| *value += by * g / norm);
            draw(&net, &samples, 1, &mut memory)
        };
        let slope = (at(4e-3) - at(-4e-3)) / 8e-3;
        assert!((slope - f64::from(norm)).abs() < 2e-2 * f64::from(norm), "{what}: slope {slope}, gradient {norm}");
    }
    Ok(())
}

#[test]
fn class_numbers_are_handed_through() -> Result<(), Error> {
    let net = Readers::new(1);
    let samples =
        ReadersSamples { text: Batch::from_vec(vec![1, 2, 3, 4, 5, 6])?, row: batch(2, 1), read: batch(2, 2) };
    let tanh = Batch::<Shape1<4>>::from_vec(samples.row.data().iter().map(|x| x.tanh()).collect())?;
    let expected = net.read_reader.read_read.predict(models_read_inputs(&samples.text, &tanh))?.read;
    let found = net.predict(samples.inputs())?.read;
    // The hyperbolic tangent of the standard library is another one in the last digit.
    let close = |(found, expected): (&f32, &f32)| (found - expected).abs() < 1e-6;
    assert!(found.data().iter().zip(expected.data()).all(close), "{found:?}, not {expected:?}");
    let (mut memory, mut gradients) = (ReadersWorkspace::new(2), poisoned());
    net.forward(&samples, Mode::Training, &mut memory)?;
    net.backward(&samples, &samples, &mut memory, &mut gradients)?;
    gradients.visit(&mut |name, gradient| assert!(gradient.values().iter().any(|g| *g != 0.0), "{name}"));
    Ok(())
}

fn models_read_inputs<'a>(text: &'a Batch<Shape1<3>, u32>, row: &'a Batch<Shape1<4>>) -> <Read as Network>::Inputs<'a> {
    use net_runtime::inner::{InnerNetwork, Tensor};
    Read::inputs(&[Tensor::U32(text.data()), Tensor::F32(row.data())]).unwrap()
}

#[test]
fn what_does_not_fit_into_memory_is_an_error_and_leaves_no_outputs() -> Result<(), Error> {
    use net_runtime::inner::{Inner, Tensor};
    let encoder = models::Encoder::new(1);
    let mut memory = <models::Encoder as Network>::Workspace::new(1);
    let picture = pictures(1, 1);
    let (mut code, mut map) = (vec![0.0; 5], vec![0.0; 63]);
    let inner = Inner { layer: 1 };
    let mut forward = |tensors: &[Tensor<'_>], map: &mut [f32]| {
        let (mode, key) = (Mode::Training, RandomKey::default());
        inner
            .forward(&encoder, tensors, &mut [&mut code, map], mode, key, &mut memory)
            .map_err(|error| error.to_string())
    };
    assert!(forward(&[Tensor::F32(picture.data())], &mut map).unwrap_err().contains("64 elements, but has 63"));
    assert!(forward(&[Tensor::F32(&picture.data()[1..])], &mut map).unwrap_err().contains("multiple of 128"));
    assert!(forward(&[Tensor::U32(&[1; 128])], &mut map).unwrap_err().contains("`f32` samples"));
    assert!(forward(&[], &mut map).is_err());
    Ok(())
}
