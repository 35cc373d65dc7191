//! Reads handwritten digits: 64 pixels in, one of ten classes out.
//!
//! `cargo run --release --example digits`

use common::arguments::Arguments;
use common::picture::{Picture, RIGHT, WRONG};
use common::{digits, output};
use net_runtime::data;
use net_runtime::prelude::*;

network! {
    /// Reads one handwritten digit.
    pub network Digits(pixels: [64]) -> (digit: [10]) {
        let digit = pixels -> Dense(128) -> relu -> Dense(32) -> relu -> Dense(10) -> softmax;

        loss digit: SparseCategoricalCrossentropy;
        metric digit: Accuracy;
    }
}

fn main() -> Result<(), Error> {
    let mut arguments = Arguments::read("Reads handwritten digits with a small dense network.");
    let epochs: usize = arguments.number("epochs", 60, "passes over the digits to train on");
    let seed: u64 = arguments.number("seed", 7, "what the weights and the held-out fifth are drawn from");
    let seeds: u64 = arguments.number("seeds", 1, "how many seeds to try, one after the other");
    arguments.finish();

    println!("{}\n", Digits::summary());
    let samples = read()?;

    let mut accuracies = Vec::new();
    for seed in seed..seed + seeds {
        let (train, held_out) = data::split(&samples, 0.2, seed)?;
        let (net, history) = train_on(&train, epochs, seed)?;
        let found = net.predict(&held_out)?.digit;
        let wrong = wrong(&found, &held_out.digit);
        let accuracy = 100.0 * (1.0 - wrong.len() as f32 / held_out.digit.len() as f32);
        println!("seed {seed}: {accuracy:.2} % of {} held-out digits are read right", held_out.digit.len());

        if accuracies.is_empty() {
            let plot = output::path("digits_history.svg")?;
            history.save_plot(&plot)?;
            output::wrote(&plot);
            draw(&held_out, &found, &wrong)?;
            save_and_load(&net, &held_out, &found)?;
        }
        accuracies.push(accuracy);
    }
    if let 3.. = accuracies.len() {
        accuracies.sort_by(f32::total_cmp);
        println!("median of {seeds} seeds: {:.2} %", accuracies[accuracies.len() / 2]);
    }
    Ok(())
}

fn read() -> Result<DigitsSamples, Error> {
    let table = data::csv::read_numbers(digits::path())?;
    let mut pixels = table.batch(0..64)?;
    for grey in pixels.data_mut() {
        *grey /= 16.0;
    }
    Ok(DigitsSamples { pixels, digit: Batch::from_vec(table.classes(64)?)? })
}

fn train_on(train: &DigitsSamples, epochs: usize, seed: u64) -> Result<(Digits, History), Error> {
    let mut trainer = Trainer::new(Digits::new(seed), Adam::new(1e-3));
    let history = trainer.fit(train).epochs(epochs).batch_size(32).seed(seed).run()?;
    Ok((trainer.into_network(), history))
}

/// The class with the largest probability, and that probability.
fn best(probabilities: &[f32]) -> (u32, f32) {
    let class = data::argmax(probabilities);
    (class as u32, probabilities[class])
}

/// The samples whose most probable class is not the true one.
fn wrong(found: &Batch<Shape1<10>>, truth: &Batch<Shape0, u32>) -> Vec<usize> {
    (0..truth.len()).filter(|&index| best(found.sample(index)).0 != truth.data()[index]).collect()
}

/// What is read from a file gives the same predictions.
fn save_and_load(net: &Digits, held_out: &DigitsSamples, found: &Batch<Shape1<10>>) -> Result<(), Error> {
    let path = output::path("digits.safetensors")?;
    net.save(&path)?;
    output::wrote(&path);
    if Digits::load(&path)?.predict(held_out)?.digit != *found {
        return Err(Error::Invalid("the network that was loaded predicts something else".into()));
    }
    println!("loaded again: the same predictions");
    Ok(())
}

/// The digits that are read wrong, then those that the network was least sure of.
fn draw(held_out: &DigitsSamples, found: &Batch<Shape1<10>>, wrong: &[usize]) -> Result<(), Error> {
    const COLUMNS: usize = 12;
    const ROWS: usize = 5;
    const TILE: usize = 80;
    const TOP: usize = 60;

    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by(|&a, &b| best(found.sample(a)).1.total_cmp(&best(found.sample(b)).1));
    order.sort_by_key(|index| !wrong.contains(index));

    let mut picture = Picture::new(COLUMNS * TILE + 16, TOP + ROWS * (TILE + 24) + 8);
    picture.title(&format!("{} of {} held-out digits are read right", found.len() - wrong.len(), found.len()));
    picture.subtitle("Wrong ones in red with the true digit, then those with the least certain predictions");
    for (place, &index) in order.iter().take(COLUMNS * ROWS).enumerate() {
        let (left, top) = (16 + place % COLUMNS * TILE, TOP + place / COLUMNS * (TILE + 24));
        let pixels = held_out.pixels.sample(index).iter().map(|&grey| [1.0 - grey; 3]);
        picture.image(left, top, 8, digits::SIDE, pixels);

        let ((class, probability), truth) = (best(found.sample(index)), held_out.digit.data()[index]);
        let (color, text) = if class == truth {
            (RIGHT, format!("{class} · {:.0} %", 100.0 * probability))
        } else {
            (WRONG, format!("{class}, not {truth}"))
        };
        let (left, top) = (left as f32, top as f32);
        picture.frame([left, top, 64.0, 64.0], if class == truth { 1.0 } else { 3.0 }, color);
        picture.centered(left + 32.0, top + 80.0, 13.0, color, &text);
    }
    picture.save("digits_predictions.svg")
}
