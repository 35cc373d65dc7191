//! A price from inputs of different kinds: a picture of a digit, a description in words, and twelve measured numbers.
//!
//! `cargo run --release --example price`

use common::arguments::Arguments;
use common::digits::{self, Digit};
use common::picture::{FAINT, INK, Picture};
use common::stamps::Stamp;
use net_runtime::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

network! {
    /// What is seen.
    block see(picture) {
        picture -> Conv2d(16, 3) -> relu -> Conv2d(32, 3) -> relu -> Flatten -> Dense(32) -> relu
    }

    /// What is told; where no word is, nothing is read.
    block read(text) {
        let words = text -> Embedding(33, 16);
        let is_word = text -> NotEqual(0);
        (words, mask = is_word) -> Lstm(32)
    }

    /// What is measured, whatever its units are.
    block measure(metadata) {
        metadata -> Normalization -> Dense(32) -> relu
    }

    /// The price of a stamp, from all that is known.
    pub network Price(picture: [8, 8, 1], text: u32[40], metadata: [12]) -> (price: [1]) {
        let seen = picture -> see;
        let told = text -> read;
        let measured = metadata -> measure;
        let price = (seen, told, measured) -> Concat -> Dense(64) -> relu -> Dense(1);

        loss price: MeanSquaredError;
    }

    /// The same without the picture.
    pub network NoPicture(text: u32[40], metadata: [12]) -> (price: [1]) {
        let told = text -> read;
        let measured = metadata -> measure;
        let price = (told, measured) -> Concat -> Dense(64) -> relu -> Dense(1);

        loss price: MeanSquaredError;
    }

    /// The same without the text.
    pub network NoText(picture: [8, 8, 1], metadata: [12]) -> (price: [1]) {
        let seen = picture -> see;
        let measured = metadata -> measure;
        let price = (seen, measured) -> Concat -> Dense(64) -> relu -> Dense(1);

        loss price: MeanSquaredError;
    }

    /// The same without the numbers.
    pub network NoMetadata(picture: [8, 8, 1], text: u32[40]) -> (price: [1]) {
        let seen = picture -> see;
        let told = text -> read;
        let price = (seen, told) -> Concat -> Dense(64) -> relu -> Dense(1);

        loss price: MeanSquaredError;
    }
}

const BATCH_SIZE: usize = 32;

fn main() -> Result<(), Error> {
    let mut arguments =
        Arguments::read("Finds the price of a stamp from its picture, what is told of it, and what has been measured.");
    let epochs: usize = arguments.number("epochs", 12, "passes over the stamps");
    let stamps: usize = arguments.number("stamps", 20_000, "stamps to train on");
    let seed: u64 = arguments.number("seed", 7, "what weights and stamps are drawn from");
    arguments.finish();

    println!("{}\n", Price::summary());
    // What the network is judged by shows only digits that it has not been trained on.
    let (seen, unseen) = digits::read(seed)?;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let train = draw_stamps(&seen, stamps, &mut rng)?;
    let test = draw_stamps(&unseen, 2_000, &mut rng)?;
    let scale = Scale::of(&train);

    let (train, truth) = (samples(&train, scale)?, samples(&test, scale)?);
    let training = Training { epochs, seed, steps: (epochs * stamps.div_ceil(BATCH_SIZE)) as u64 };

    println!("from all three:");
    let mut net = Price::new(seed);
    net.measured_measure_normalization.adapt([train.metadata.view()])?;
    let all = training.run(net, &train)?.predict(&truth)?.price;
    println!("without the picture:");
    let mut net = NoPicture::new(seed);
    net.measured_measure_normalization.adapt([train.metadata.view()])?;
    let no_picture = training.run(net, &train.without_picture())?.predict(&truth.without_picture())?.price;
    println!("without the text:");
    let mut net = NoText::new(seed);
    net.measured_measure_normalization.adapt([train.metadata.view()])?;
    let no_text = training.run(net, &train.without_text())?.predict(&truth.without_text())?.price;
    println!("without the numbers:");
    let no_metadata =
        training.run(NoMetadata::new(seed), &train.without_metadata())?.predict(&truth.without_metadata())?.price;

    let found = [
        ("all three", scale.euros(&all)),
        ("without the picture", scale.euros(&no_picture)),
        ("without the text", scale.euros(&no_text)),
        ("without the numbers", scale.euros(&no_metadata)),
    ];
    let noise = root_mean_square(test.iter().map(|stamp| stamp.noise));
    println!("\nroot mean square error on {} stamps with digits not seen before:", test.len());
    println!("{:<22} {noise:6.2} euros", "the noise itself");
    for (name, prices) in &found {
        let error = error(prices, &test);
        println!("{name:<22} {error:6.2} euros, {:.2} times the noise", error / noise);
    }
    draw(&test, &found, noise)
}

fn draw_stamps<'a>(digits: &'a [Digit], count: usize, rng: &mut impl Rng) -> Result<Vec<Stamp<'a>>, Error> {
    let no_digits = || Error::Invalid("there are no digits to draw stamps from".into());
    (0..count).map(|_| Ok(Stamp::draw(digits.choose(rng).ok_or_else(no_digits)?, rng))).collect()
}

/// A network learns best what is around zero and not much larger than one.
#[derive(Clone, Copy)]
struct Scale {
    mean: f32,
    deviation: f32,
}

impl Scale {
    fn of(stamps: &[Stamp<'_>]) -> Self {
        let mean = stamps.iter().map(|stamp| stamp.price).sum::<f32>() / stamps.len() as f32;
        Self { mean, deviation: root_mean_square(stamps.iter().map(|stamp| stamp.price - mean)) }
    }

    fn euros(self, prices: &Batch<Shape1<1>>) -> Vec<f32> {
        prices.data().iter().map(|price| self.mean + self.deviation * price).collect()
    }
}

fn samples(stamps: &[Stamp<'_>], scale: Scale) -> Result<PriceSamples, Error> {
    Ok(PriceSamples {
        picture: Batch::from_samples(stamps.iter().map(|stamp| &*stamp.digit.pixels))?,
        text: Batch::from_samples(stamps.iter().map(|stamp| &stamp.text[..]))?,
        metadata: Batch::from_samples(stamps.iter().map(|stamp| &stamp.numbers[..]))?,
        price: Batch::from_vec(stamps.iter().map(|stamp| (stamp.price - scale.mean) / scale.deviation).collect())?,
    })
}

impl PriceSamples {
    fn without_picture(&self) -> NoPictureSamples {
        let Self { text, metadata, price, .. } = self.clone();
        NoPictureSamples { text, metadata, price }
    }

    fn without_text(&self) -> NoTextSamples {
        let Self { picture, metadata, price, .. } = self.clone();
        NoTextSamples { picture, metadata, price }
    }

    fn without_metadata(&self) -> NoMetadataSamples {
        let Self { picture, text, price, .. } = self.clone();
        NoMetadataSamples { picture, text, price }
    }
}

/// How all are trained.
struct Training {
    epochs: usize,
    seed: u64,
    steps: u64,
}

impl Training {
    fn run<N: Trainable>(&self, net: N, samples: &N::Samples) -> Result<N, Error> {
        let mut trainer = Trainer::new(net, Adam::new(Schedule::cosine(2e-3, self.steps)));
        trainer.fit(samples).epochs(self.epochs).batch_size(BATCH_SIZE).seed(self.seed).run()?;
        Ok(trainer.into_network())
    }
}

fn root_mean_square(values: impl ExactSizeIterator<Item = f32>) -> f32 {
    let count = values.len() as f32;
    (values.map(|value| value * value).sum::<f32>() / count).sqrt()
}

fn error(prices: &[f32], stamps: &[Stamp<'_>]) -> f32 {
    root_mean_square(prices.iter().zip(stamps).map(|(price, stamp)| price - stamp.price))
}

/// Prices found against true prices, for each network.
fn draw(stamps: &[Stamp<'_>], found: &[(&str, Vec<f32>)], noise: f32) -> Result<(), Error> {
    const SIDE: f32 = 230.0;
    const TOP: f32 = 92.0;
    const DEAREST: f32 = 120.0;

    let mut picture = Picture::new(found.len() * (SIDE as usize + 44) + 44, SIDE as usize + 148);
    picture.title("Prices found (upwards) against true prices, in euros");
    picture.subtitle(&format!("No network can come closer than the noise, {noise:.2} euros"));
    for (index, (name, prices)) in found.iter().enumerate() {
        let left = 44.0 + index as f32 * (SIDE + 44.0);
        let place = |price: f32| (price / DEAREST).clamp(0.0, 1.0) * SIDE;
        picture.text(left, TOP - 10.0, 14.0, INK, &format!("{name}: error {:.2}", error(prices, stamps)));
        picture.frame([left, TOP, SIDE, SIDE], 1.0, "#d1d5db");
        for mark in (0..=120).step_by(30) {
            let (at, text) = (place(mark as f32), mark.to_string());
            picture.centered(left + at, TOP + SIDE + 18.0, 11.0, FAINT, &text);
            picture.centered(left - 14.0, TOP + SIDE - at + 4.0, 11.0, FAINT, &text);
        }
        picture.line([left, TOP + SIDE], [left + SIDE, TOP], "#9ca3af");
        let centers = prices.iter().zip(stamps);
        let centers = centers.map(|(&price, stamp)| [left + place(stamp.price), TOP + SIDE - place(price)]);
        picture.dots(centers, 1.2, "#2563eb");
    }
    picture.save("price_errors.svg")
}
