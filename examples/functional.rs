//! Networks as functions of tensors: five of them, their summaries and their pictures. The first is trained, too.
//!
//! `cargo run --release --example functional`

use std::path::PathBuf;

use common::arguments::Arguments;
use common::output;
use net_runtime::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

network! {
    /// The smallest: one chain of layers.
    pub network Functional(x: [32]) -> (teste: [16]) {
        let teste = x -> Dense(64) -> relu -> Dense(16, name = teste) -> softmax;

        loss teste: SparseCategoricalCrossentropy;
        metric teste: Accuracy;
    }

    /// Reads a handwritten digit; see `digits.rs`.
    pub network Digits(pixels: [64]) -> (digit: [10]) {
        let digit = pixels -> Dense(128) -> relu -> Dense(32) -> relu -> Dense(10) -> softmax;
    }

    /// Two outputs that share what lies before them; see `detector.rs`.
    pub network Detector(image: [64, 64, 3]) -> (classe: [10], localizacao: [4]) {
        let features = image
            -> Conv2d(128, 3) -> relu -> MaxPool2d(2)
            -> Conv2d(256, 3) -> relu -> MaxPool2d(2)
            -> Flatten;

        let classe = features -> Dense(64) -> relu -> Dense(10, name = classe) -> softmax;
        let localizacao = features -> Dense(64) -> relu -> Dense(4, name = localizacao) -> sigmoid;
    }

    /// Two inputs seen through the same weights; see `stereo.rs`.
    pub network Stereo(left: [120, 160, 3], right: [120, 160, 3]) -> (distance: [120, 160, 1]) {
        layer eye = Conv2d(128, 3, padding = same) -> relu -> Conv2d(256, 3, padding = same) -> relu;

        let distance = (left -> eye, right -> eye)
            -> Concat(axis = width)
            -> Conv2d(128, 3, stride = (1, 2), padding = same) -> relu
            -> Conv2d(32, 3, padding = same) -> relu
            -> Conv2d(1, 1) -> relu;
    }

    /// Two inputs of different kinds; see `price.rs`.
    pub network Price(picture: [8, 8, 1], metadata: [12]) -> (price: [1]) {
        let seen = picture -> Conv2d(16, 3) -> relu -> Conv2d(32, 3) -> relu -> Flatten;
        let known = metadata -> Dense(16) -> relu;
        let price = (seen, known) -> Concat -> Dense(32) -> relu -> Dense(1);
    }
}

fn main() -> Result<(), Error> {
    let mut arguments = Arguments::read("Shows the networks of all examples, and trains the smallest.");
    let epochs: usize = arguments.number("epochs", 5, "passes over the samples");
    let seed: u64 = arguments.number("seed", 7, "what the weights and the samples are drawn from");
    arguments.finish();

    for summary in [Functional::summary(), Digits::summary(), Detector::summary(), Stereo::summary(), Price::summary()]
    {
        println!("{summary}\n");
    }
    // A chain that is declared once is one row above, and has a table of its own.
    if let Some(eye) = Stereo::summary().layer("eye") {
        println!("{eye}\n");
    }

    plot("smallest", Functional::plot)?;
    plot("digits", Digits::plot)?;
    plot("detector", Detector::plot)?;
    plot("stereo", Stereo::plot)?;
    plot("price", Price::plot)?;

    let (train, test) = samples(seed)?;
    let mut trainer = Trainer::new(Functional::new(seed), Adam::new(1e-3));
    trainer.fit(&train).epochs(epochs).batch_size(32).seed(seed).run()?;
    println!("on samples it has not seen: {}", trainer.evaluate(&test)?);
    Ok(())
}

fn plot(name: &str, draw: impl Fn(PathBuf) -> Result<(), Error>) -> Result<(), Error> {
    let path = output::path(&format!("functional_{name}.svg"))?;
    draw(path.clone())?;
    output::wrote(&path);
    Ok(())
}

/// Points around sixteen places in a space of 32 dimensions, and which place each is from.
fn samples(seed: u64) -> Result<(FunctionalSamples, FunctionalSamples), Error> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let places: [[f32; 32]; 16] = [(); 16].map(|()| [(); 32].map(|()| rng.random_range(-1.0..1.0)));
    let mut draw = |count: usize| -> Result<FunctionalSamples, Error> {
        let classes: Vec<u32> = (0..count).map(|_| rng.random_range(0..16)).collect();
        let around = |&class: &u32| places[class as usize].map(|center| center + rng.random_range(-1.5..1.5));
        let points: Vec<f32> = classes.iter().flat_map(around).collect();
        Ok(FunctionalSamples { x: Batch::from_vec(points)?, teste: Batch::from_vec(classes)? })
    };
    Ok((draw(4_000)?, draw(1_000)?))
}
