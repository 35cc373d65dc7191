//! Networks that say what they have seen: one takes the noise off digits, another draws new ones.
//!
//! `cargo run --release --example autoencoder`

use common::arguments::Arguments;
use common::colors;
use common::digits::{self, Digit, SIDE};
use common::output;
use common::picture::{FAINT, INK, Picture};
use common::random::normal;
use net_runtime::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

network! {
    /// Takes the noise off a digit: through eight numbers, in which there is no room for noise.
    pub network Denoiser(noisy: [8, 8, 1]) -> (clean: [8, 8, 1], code: [8]) {
        let code = noisy
            -> Conv2d(16, 3, padding = same) -> relu
            -> Conv2d(32, 3, stride = 2, padding = same) -> relu
            -> Flatten -> Dense(64) -> relu -> Dense(8);
        let clean = code
            -> Dense(512) -> relu -> Reshape(4, 4, 32)
            -> Conv2dTranspose(16, 4, stride = 2, padding = same) -> relu
            -> Conv2d(1, 3, padding = same) -> sigmoid;

        loss clean: MeanSquaredError;
    }

    /// From two numbers to a digit.
    pub network Decoder(place: [2]) -> (digit: [64]) {
        let digit = place -> Dense(128) -> relu -> Dense(128) -> relu -> Dense(64) -> sigmoid;
    }

    /// A variational autoencoder (Kingma and Welling, Auto-Encoding Variational Bayes, 2013): it says where a digit belongs in a
    /// plane, and how sure it is; the decoder sees a place near that, drawn by `noise`, which is normal.
    pub network Variational(digit: [64], noise: [2]) -> (seen: [64], divergence: [2], mean: [2]) {
        layer decoder = Decoder;
        let features = digit -> Dense(128) -> relu -> Dense(64) -> relu;
        let mean = features -> Dense(2);
        let log_variance = features -> Dense(2);

        let deviation = log_variance -> Rescaling(0.5) -> exp;
        let place = (mean, (deviation, noise) -> Mul) -> Add;
        let seen = place -> decoder;

        // How far all places are from normal numbers (Kullback and Leibler): half of mean² + variance - 1 - ln(variance).
        let excess = (log_variance -> exp, log_variance) -> Sub -> Rescaling(0.5, offset = -0.5);
        let divergence = (mean -> square -> Rescaling(0.5), excess) -> Add;

        loss seen: BinaryCrossentropy;
        // The first is a mean over 64 pixels, the second one over two numbers.
        loss divergence: 0.03125 * Minimize;
    }
}

fn main() -> Result<(), Error> {
    let mut arguments = Arguments::read("Takes the noise off digits, maps them, and draws new ones.");
    let epochs: usize = arguments.number("epochs", 200, "passes over the digits, each with new noise");
    let noise: f32 = arguments.number("noise", 0.4, "deviation of the noise; ink is 1, paper 0");
    let seed: u64 = arguments.number("seed", 7, "what weights and noise are drawn from");
    arguments.finish();

    let (train, held_out) = digits::read(seed)?;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    denoise(&train, &held_out, (epochs, noise, seed), &mut rng)?;
    draw_new(train, &held_out, (epochs, seed), &mut rng)
}

fn denoise(
    train: &[Digit],
    held_out: &[Digit],
    (epochs, noise, seed): (usize, f32, u64),
    rng: &mut impl Rng,
) -> Result<(), Error> {
    println!("{}\n", Denoiser::summary());
    let steps = (epochs * train.len().div_ceil(32)) as u64;
    let mut trainer = Trainer::new(Denoiser::new(seed), Adam::new(Schedule::cosine(3e-3, steps)));
    for epoch in 0..epochs {
        let samples = noisy(train, noise, rng)?;
        let run = trainer.fit(&samples).initial_epoch(epoch).epochs(epoch + 1).seed(seed).silent();
        run.on_epoch_end(output::line_of(epochs)).run()?;
    }
    let test = noisy(held_out, noise, rng)?;
    let found = trainer.into_network().predict(&test)?;
    let [before, after] = [&test.noisy, &found.clean].map(|pictures| mean_square_error(pictures, &test.clean));
    println!(
        "mean square error of held-out digits: {before:.4} with the noise, {after:.4} without, {:.0} times less\n",
        before / after
    );
    draw_denoised(&test, &found.clean, before, after)?;
    draw_map(
        "autoencoder_codes.svg",
        "The codes of held-out digits, seen from where they are widest",
        &principal(&found.code),
        held_out,
    )
}

/// Digits with noise.
fn noisy(digits: &[Digit], deviation: f32, rng: &mut impl Rng) -> Result<DenoiserSamples, Error> {
    let noisy = digits
        .iter()
        .flat_map(|digit| &digit.pixels)
        .map(|ink| (ink + deviation * normal(rng)).clamp(0.0, 1.0))
        .collect();
    Ok(DenoiserSamples {
        noisy: Batch::from_vec(noisy)?,
        clean: Batch::from_samples(digits.iter().map(|digit| &digit.pixels[..]))?,
    })
}

fn mean_square_error(found: &Batch<Shape3<8, 8, 1>>, truth: &Batch<Shape3<8, 8, 1>>) -> f32 {
    let squares = found.data().iter().zip(truth.data()).map(|(a, b)| (a - b) * (a - b));
    squares.sum::<f32>() / found.data().len() as f32
}

/// The two principal components of codes, by power iteration (Hotelling, 1933).
fn principal(codes: &Batch<Shape1<8>>) -> Vec<[f32; 2]> {
    let count = codes.len() as f32;
    let mut centered: Vec<[f32; 8]> =
        (0..codes.len()).map(|index| std::array::from_fn(|at| codes.sample(index)[at])).collect();
    let mean: [f32; 8] = std::array::from_fn(|at| centered.iter().map(|code| code[at]).sum::<f32>() / count);
    centered.iter_mut().for_each(|code| code.iter_mut().zip(mean).for_each(|(value, mean)| *value -= mean));
    let dot = |a: &[f32; 8], b: &[f32; 8]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();

    let mut places = vec![[0.0; 2]; codes.len()];
    for component in 0..2 {
        let mut direction: [f32; 8] = std::array::from_fn(|at| 1.0 + at as f32);
        for _ in 0..100 {
            let mut next = [0.0; 8];
            for code in &centered {
                let along = dot(code, &direction);
                next.iter_mut().zip(code).for_each(|(sum, value)| *sum += along * value);
            }
            let length = dot(&next, &next).sqrt().max(f32::MIN_POSITIVE);
            direction = next.map(|value| value / length);
        }
        for (code, place) in centered.iter_mut().zip(&mut places) {
            place[component] = dot(code, &direction);
            code.iter_mut().zip(direction).for_each(|(value, along)| *value -= place[component] * along);
        }
    }
    places
}

fn draw_new(
    mut train: Vec<Digit>,
    held_out: &[Digit],
    (epochs, seed): (usize, u64),
    rng: &mut impl Rng,
) -> Result<(), Error> {
    println!("{}\n", Variational::summary());
    let steps = (epochs * train.len().div_ceil(32)) as u64;
    let mut trainer = Trainer::new(Variational::new(seed), Adam::new(Schedule::cosine(3e-3, steps)));
    for epoch in 0..epochs {
        train.shuffle(rng);
        let samples = variational(&train, rng)?;
        let run = trainer.fit(&samples).initial_epoch(epoch).epochs(epoch + 1).seed(seed).silent();
        run.on_epoch_end(output::line_of(epochs)).run()?;
    }
    let net = trainer.into_network();
    let places = net.predict(&variational(held_out, rng)?)?.mean;
    let places: Vec<[f32; 2]> = places.data().as_chunks::<2>().0.to_vec();
    draw_map("autoencoder_plane.svg", "Where held-out digits belong in the plane", &places, held_out)?;
    draw_plane(&net.decoder)
}

fn variational(digits: &[Digit], rng: &mut impl Rng) -> Result<VariationalSamples, Error> {
    let digit: Batch<Shape1<64>> = Batch::from_samples(digits.iter().map(|digit| &digit.pixels[..]))?;
    let noise = Batch::from_vec((0..2 * digits.len()).map(|_| normal(rng)).collect())?;
    Ok(VariationalSamples { seen: digit.clone(), digit, noise })
}

/// Rows of digits with noise, what was made of them, and what they were.
fn draw_denoised(test: &DenoiserSamples, clean: &Batch<Shape3<8, 8, 1>>, before: f32, after: f32) -> Result<(), Error> {
    const COLUMNS: usize = 14;
    const ZOOM: usize = 6;
    const TILE: usize = SIDE * ZOOM + 6;
    const TOP: usize = 44;

    let mut picture = Picture::new(100 + COLUMNS * TILE, TOP + 3 * TILE + 8);
    picture.title(&format!("Held-out digits: mean square error {before:.3} with noise, {after:.3} without"));
    for (row, (name, pictures)) in
        [("noisy", &test.noisy), ("cleaned", clean), ("true", &test.clean)].into_iter().enumerate()
    {
        picture.text(16.0, (TOP + row * TILE + TILE / 2) as f32, 14.0, FAINT, name);
        for column in 0..pictures.len().min(COLUMNS) {
            let pixels = pictures.sample(column).iter().map(|ink| [1.0 - ink; 3]);
            picture.image(84 + column * TILE, TOP + row * TILE, ZOOM, SIDE, pixels);
        }
    }
    picture.save("autoencoder_denoised.svg")
}

/// A dot for each digit, in the colour of its class.
fn draw_map(file: &str, title: &str, places: &[[f32; 2]], digits: &[Digit]) -> Result<(), Error> {
    const SIDE: f32 = 460.0;
    const TOP: f32 = 44.0;

    let mut picture = Picture::new(SIDE as usize + 90, (TOP + SIDE) as usize + 20);
    picture.title(title);
    picture.frame([16.0, TOP, SIDE, SIDE], 1.0, "#d1d5db");
    let furthest = places.as_flattened().iter().fold(f32::MIN_POSITIVE, |furthest, place| furthest.max(place.abs()));
    for ([x, y], digit) in places.iter().zip(digits) {
        let place = |value: f32| (0.5 + 0.48 * value / furthest) * SIDE;
        picture.dot(16.0 + place(*x), TOP + SIDE - place(*y), 4.0, &colors::hex_of_digit(digit.class));
    }
    for digit in 0..10 {
        let top = TOP + 14.0 + 26.0 * digit as f32;
        picture.dot(SIDE + 34.0, top - 4.0, 6.0, &colors::hex_of_digit(digit));
        picture.text(SIDE + 46.0, top, 13.0, INK, &digit.to_string());
    }
    picture.save(file)
}

/// What the decoder sees all over the plane. Places are even in probability: as many digits belong between two as between the next.
fn draw_plane(decoder: &Decoder) -> Result<(), Error> {
    const COUNT: usize = 16;
    const ZOOM: usize = 4;
    const TILE: usize = SIDE * ZOOM + 3;
    const TOP: usize = 60;

    let place = |index: usize| normal_quantile((index as f32 + 0.5) / COUNT as f32);
    let places = (0..COUNT * COUNT).flat_map(|index| [place(index % COUNT), -place(index / COUNT)]);
    let digits = decoder.predict(&Batch::from_vec(places.collect())?)?.digit;
    let mut picture = Picture::new(32 + COUNT * TILE, TOP + COUNT * TILE + 16);
    picture.title("Digits that nobody has written");
    picture.subtitle("What the decoder makes of places in the plane");
    for index in 0..digits.len() {
        let pixels = digits.sample(index).iter().map(|ink| [1.0 - ink; 3]);
        picture.image(16 + index % COUNT * TILE, TOP + index / COUNT * TILE, ZOOM, SIDE, pixels);
    }
    picture.save("autoencoder_drawn.svg")
}

/// The number below which this share of normal numbers lies, by bisection of a logistic curve close to it (Bowling and others, A
/// Logistic Approximation to the Cumulative Normal Distribution, 2009).
fn normal_quantile(share: f32) -> f32 {
    let below = |x: f32| 1.0 / (1.0 + (-0.070_56 * x.powi(3) - 1.597_6 * x).exp());
    let (mut low, mut high) = (-6.0, 6.0);
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        if below(middle) < share { low = middle } else { high = middle }
    }
    low
}
