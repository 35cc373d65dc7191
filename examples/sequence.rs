//! Networks that read one thing after another: a digit row by row, and a text letter by letter, which they then go on writing.
//!
//! `cargo run --release --example sequence`

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::arguments::Arguments;
use common::digits::{self, Digit};
use common::output;
use net_runtime::data;
use net_runtime::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};

network! {
    /// Reads a digit as eight rows of eight pixels, from the top.
    pub network RowByRow(rows: [8, 8]) -> (digit: [10]) {
        let digit = rows -> Lstm(64) -> Dropout(0.2) -> Dense(10) -> softmax;

        loss digit: SparseCategoricalCrossentropy;
        metric digit: Accuracy;
    }

    /// Says which letter comes next, for each of 64 letters: what is trained.
    pub network Reader(letters: u32[64]) -> (next: [64, 96]) {
        layer code = Embedding(96, 32);
        layer memory = Lstm(192, sequences = true);
        layer guess = Dense(96) -> softmax;
        let next = letters -> code -> memory -> guess;

        loss next: SparseCategoricalCrossentropy;
        metric next: Accuracy;
    }

    /// The same for one letter, with what the letters before have left in the memory: what writes.
    pub network Writer(letter: u32[1], h: [192], c: [192]) -> (next: [96], h_after: [192], c_after: [192]) {
        layer code = Embedding(96, 32);
        layer memory = Lstm(192, states = true);
        layer guess = Dense(96) -> softmax;
        let (y, h_after, c_after) = (letter -> code, h, c) -> memory;
        let next = y -> guess;
    }
}

fn main() -> Result<(), Error> {
    let mut arguments =
        Arguments::read("Reads digits row by row, then learns this project's own documents and writes on.");
    let epochs: usize = arguments.number("epochs", 40, "passes over the digits");
    let text_epochs: usize = arguments.number("text-epochs", 12, "passes over the text");
    let letters: usize = arguments.number("letters", 600, "letters to write");
    let temperature: f32 = arguments.number("temperature", 0.5, "how daring the letters are chosen");
    let seed: u64 = arguments.number("seed", 7, "what weights and held-out digits are drawn from");
    arguments.finish();

    read_digits(epochs, seed)?;
    let text = documents()?;
    let writer = learn_to_write(&text, text_epochs, seed)?;
    let written = write(&writer, "\n## ", letters, temperature, seed)?;
    println!("\n{written}\n");
    let (known, words) = known_words(&written, &text);
    println!("{known} of {words} words stand in the documents");
    Ok(())
}

fn read_digits(epochs: usize, seed: u64) -> Result<(), Error> {
    println!("{}\n", RowByRow::summary());
    let samples = |digits: &[Digit]| -> Result<RowByRowSamples, Error> {
        Ok(RowByRowSamples {
            rows: Batch::from_samples(digits.iter().map(|digit| &digit.pixels[..]))?,
            digit: Batch::from_vec(digits.iter().map(|digit| digit.class).collect())?,
        })
    };
    let (train, held_out) = digits::read(seed)?;
    let (train, held_out) = (samples(&train)?, samples(&held_out)?);
    let steps = (epochs * train.rows.len().div_ceil(32)) as u64;
    let mut trainer = Trainer::new(RowByRow::new(seed), Adam::new(Schedule::cosine(4e-3, steps)));
    let history = trainer.fit(&train).epochs(epochs).seed(seed).validation(&held_out).run()?;
    let plot = output::path("sequence_history.svg")?;
    history.save_plot(&plot)?;
    output::wrote(&plot);
    let found = trainer.into_network().predict(&held_out)?.digit;
    let right =
        (0..found.len()).filter(|&index| data::argmax(found.sample(index)) as u32 == held_out.digit.data()[index]);
    println!(
        "read row by row: {:.2} % of {} held-out digits\n",
        100.0 * right.count() as f32 / found.len() as f32,
        found.len()
    );
    Ok(())
}

/// What this project says of itself.
fn documents() -> Result<String, Error> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |name: &str| {
        let path = project.join(name);
        fs::read_to_string(&path).map_err(|source| Error::Io { path, source })
    };
    Ok(read("README.md")? + &read("ARCHITECTURE.md")?)
}

/// Printable ASCII and the end of a line; of all other letters there are too few to learn.
fn code(letter: char) -> Option<u32> {
    match letter {
        '\n' => Some(0),
        ' '..='~' => Some(letter as u32 - ' ' as u32 + 1),
        _ => None,
    }
}

fn letter(code: u32) -> char {
    if code == 0 { '\n' } else { char::from_u32(code + ' ' as u32 - 1).unwrap_or(' ') }
}

fn learn_to_write(text: &str, epochs: usize, seed: u64) -> Result<Writer, Error> {
    const STEPS: usize = 64;

    println!("{}\n", Reader::summary());
    let codes: Vec<u32> = text.chars().filter_map(code).collect();
    let starts = || (0..codes.len() - STEPS).step_by(5);
    let samples = ReaderSamples {
        letters: Batch::from_samples(starts().map(|start| &codes[start..start + STEPS]))?,
        next: Batch::from_samples(starts().map(|start| &codes[start + 1..=start + STEPS]))?,
    };
    println!("{} letters, {} pieces of {STEPS}", codes.len(), samples.letters.len());
    let steps = (epochs * samples.letters.len().div_ceil(32)) as u64;
    let mut trainer = Trainer::new(Reader::new(seed), Adam::new(Schedule::cosine(4e-3, steps)).clip_global_norm(1.0));
    trainer.fit(&samples).epochs(epochs).seed(seed).run()?;
    // Weights have the same names in both networks.
    let path = output::path("sequence_reader.safetensors")?;
    trainer.into_network().save(&path)?;
    output::wrote(&path);
    let mut writer = Writer::new(seed);
    println!("{}", writer.load_matching(&path)?);
    Ok(writer)
}

/// Goes on after `begin`, a letter at a time; each is drawn from what the network expects.
fn write(writer: &Writer, begin: &str, letters: usize, temperature: f32, seed: u64) -> Result<String, Error> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut workspace = WriterWorkspace::new(1);
    let (mut h, mut c) = (Batch::zeros(1), Batch::zeros(1));
    let mut written = String::new();
    let mut last = 0;
    for wanted in begin.chars().map(Some).chain(std::iter::repeat_n(None, letters)) {
        let chosen = match wanted {
            Some(letter) => code(letter).unwrap_or(0),
            None => last,
        };
        written.push(letter(chosen));
        let chosen = [chosen];
        let input = WriterInputs { letter: View::from_slice(&chosen)?, h: h.view(), c: c.view() };
        let found = writer.predict_into(input, &mut workspace)?;
        last = choose(found.next.data(), temperature, &mut rng);
        (h, c) = (found.h_after.to_batch(), found.c_after.to_batch());
    }
    Ok(written)
}

/// Draws a letter; the lower the temperature, the surer it is the most probable one.
fn choose(probabilities: &[f32], temperature: f32, rng: &mut impl Rng) -> u32 {
    let weights: Vec<f32> = probabilities.iter().map(|probability| probability.powf(1.0 / temperature)).collect();
    let mut place = rng.random::<f32>() * weights.iter().sum::<f32>();
    for (code, weight) in weights.iter().enumerate() {
        place -= weight;
        if place < 0.0 {
            return code as u32;
        }
    }
    data::argmax(probabilities) as u32
}

/// How many words of three letters and more the text has, of how many.
fn known_words(written: &str, text: &str) -> (usize, usize) {
    let words = |text: &str| {
        let words = text.split(|letter: char| !letter.is_ascii_alphabetic());
        words.filter(|word| word.len() >= 3).map(str::to_lowercase).collect::<Vec<_>>()
    };
    let known: BTreeSet<String> = words(text).into_iter().collect();
    let written = words(written);
    (written.iter().filter(|word| known.contains(*word)).count(), written.len())
}
