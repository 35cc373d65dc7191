//! Networks that read one thing after another: a digit row by row, and a text letter by letter, which they then go on writing.
//!
//! `cargo run --release --example sequence`

use std::collections::BTreeSet;

use common::arguments::Arguments;
use common::digits::{self, Digit, SIDE};
use common::documents;
use common::output;
use common::picture::{INK, Picture, RIGHT, WRONG};
use net_runtime::data;
use net_runtime::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};

network! {
    /// Reads a digit as eight rows of eight pixels, from the top, and says what it is; and after each row, what it takes it for so far.
    pub network RowByRow(rows: [8, 8]) -> (digit: [10], so_far: [8, 10]) {
        layer guess = Dropout(0.3) -> Dense(10) -> softmax;
        let states = rows -> Lstm(96, sequences = true);
        let digit = states -> Slice(-1, 8, axis = 0) -> Flatten -> guess;
        let so_far = states -> guess;

        loss digit: SparseCategoricalCrossentropy;
        loss so_far: 0.1 * SparseCategoricalCrossentropy;
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
    let epochs: usize = arguments.number("epochs", 60, "passes over the digits");
    let text_epochs: usize = arguments.number("text-epochs", 12, "passes over the text");
    let letters: usize = arguments.number("letters", 600, "letters to write");
    let temperature: f32 = arguments.number("temperature", 0.5, "how daring the letters are chosen");
    let seed: u64 = arguments.number("seed", 7, "what weights and held-out digits are drawn from");
    arguments.finish();

    read_digits(epochs, seed)?;
    let text = documents::read()?;
    let writer = learn_to_write(&text, text_epochs, seed)?;
    let written = write(&writer, "\n## ", letters, temperature, seed)?;
    println!("\n{written}\n");
    judge(&written, &text)
}

fn read_digits(epochs: usize, seed: u64) -> Result<(), Error> {
    println!("{}\n", RowByRow::summary());
    let samples = |digits: &[Digit]| -> Result<RowByRowSamples, Error> {
        Ok(RowByRowSamples {
            rows: Batch::from_samples(digits.iter().map(|digit| &digit.pixels[..]))?,
            digit: Batch::from_vec(digits.iter().map(|digit| digit.class).collect())?,
            so_far: Batch::from_vec(digits.iter().flat_map(|digit| [digit.class; SIDE]).collect())?,
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
    let found = trainer.into_network().predict(&held_out)?;
    let is_right = |index: &usize| data::argmax(found.digit.sample(*index)) as u32 == held_out.digit.data()[*index];
    let percent = 100.0 * (0..held_out.rows.len()).filter(is_right).count() as f32 / held_out.rows.len() as f32;
    println!("read row by row: {percent:.2} % of {} held-out digits\n", held_out.rows.len());
    draw_digits(&held_out, &found.so_far, percent)
}

/// What is said after each row, beside that row.
fn draw_digits(held_out: &RowByRowSamples, so_far: &Batch<Shape2<8, 10>>, percent: f32) -> Result<(), Error> {
    const COLUMNS: usize = 8;
    const ZOOM: usize = 11;
    const TILE: usize = SIDE * ZOOM + 28;
    const TOP: usize = 60;

    let mut picture = Picture::new(COLUMNS * TILE + 24, TOP + 2 * TILE - 4);
    picture.title(&format!("Digits read row by row: {percent:.1} % of those held out are right in the end"));
    picture.subtitle("Beside each row what a recurrent network takes the digit for when it has seen so much");
    for index in 0..held_out.rows.len().min(2 * COLUMNS) {
        let (left, top) = (16 + index % COLUMNS * TILE, TOP + index / COLUMNS * TILE);
        picture.image(left, top, ZOOM, SIDE, held_out.rows.sample(index).iter().map(|ink| [1.0 - ink; 3]));
        for (row, probabilities) in so_far.sample(index).chunks_exact(10).enumerate() {
            let class = data::argmax(probabilities) as u32;
            let color = if class == held_out.digit.data()[index] { RIGHT } else { WRONG };
            let (x, y) = (left + SIDE * ZOOM + 8, top + row * ZOOM + 9);
            picture.centered(x as f32, y as f32, 11.0, color, &class.to_string());
        }
    }
    picture.save("sequence_digits.svg")
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

/// The words of a text that has to be told from others: three letters and more.
fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphabetic());
    words.filter(|word| word.len() >= 3).map(str::to_lowercase)
}

/// Counts the words of what was written that stand in the text, too, and draws it with the others in red.
fn judge(written: &str, text: &str) -> Result<(), Error> {
    const LETTERS: usize = 92;
    const WIDE: f32 = 7.6;

    let known: BTreeSet<String> = words(text).collect();
    let right = words(written).filter(|word| known.contains(word)).count();
    let title = format!("{right} of {} words stand in the documents", words(written).count());
    println!("{title}");

    let lines = lines(written, LETTERS);
    let mut picture = Picture::new(32 + (LETTERS as f32 * WIDE) as usize, 70 + 18 * lines.len());
    picture.title(&format!("Written letter by letter: {title} that it was learnt from"));
    picture.subtitle("Words that stand nowhere are red");
    for (row, line) in lines.iter().enumerate() {
        let mut column = 0;
        for word in line.split_inclusive(' ') {
            let is_known = words(word).all(|word| known.contains(&word));
            let color = if is_known { INK } else { WRONG };
            let (x, y) = (16.0 + WIDE * column as f32, (72 + 18 * row) as f32);
            picture.typed(x, y, WIDE, color, word.trim_end());
            column += word.chars().count();
        }
    }
    picture.save("sequence_text.svg")
}

/// The lines of a text, those that are longer than so many letters broken between words.
fn lines(text: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        lines.push(String::new());
        for word in line.split_inclusive(' ') {
            if lines.last().is_some_and(|line| line.len() + word.trim_end().len() > letters) {
                lines.push(String::new());
            }
            lines.last_mut().expect("a line has begun").push_str(word);
        }
    }
    lines
}
