//! Writes words backwards: a small transformer, and a picture of where it looks.
//!
//! `cargo run --release --example transformer`

use std::collections::BTreeSet;

use common::arguments::Arguments;
use common::colors;
use common::documents;
use common::output;
use common::picture::{FAINT, INK, Picture, RIGHT, WRONG};
use net_runtime::data;
use net_runtime::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};

network! {
    /// Writes a word backwards, a letter at each of 16 places. The last attention is put together from its parts, so that where it
    /// looks is an output.
    pub network Backwards(word: u32[16]) -> (written: [16, 27], looks: [16, 16]) {
        let letters = word -> Embedding(27, 64) -> LearnedPositions;

        // An encoder (Vaswani et al., Attention Is All You Need, 2017): here each place can learn how long the word is.
        let seen = (letters, letters -> MultiHeadAttention(heads = 4, key_dim = 16)) -> Add -> LayerNorm;
        let known = (seen, seen -> Dense(128) -> relu -> Dense(64)) -> Add -> LayerNorm;

        let query = known -> Dense(64);
        let key = known -> Dense(64);
        let looks = (query, key) -> Matmul(transpose_b = true) -> Rescaling(0.125) -> softmax;
        let written = (looks, known -> Dense(64)) -> Matmul -> Dense(27) -> softmax;

        loss written: SparseCategoricalCrossentropy;
        metric written: Accuracy;
    }
}

/// Places of a word.
const PLACES: usize = 16;

/// Behind the end of a word.
const NO_LETTER: u32 = 0;

fn main() -> Result<(), Error> {
    let mut arguments = Arguments::read("Learns to write any word backwards from words of random letters.");
    let epochs: usize = arguments.number("epochs", 16, "passes over the words");
    let words: usize = arguments.number("words", 8_000, "words of random letters to train with");
    let seed: u64 = arguments.number("seed", 7, "what weights and words are drawn from");
    arguments.finish();

    println!("{}\n", Backwards::summary());
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let train = samples((0..words).map(|_| random_word(&mut rng)))?;
    let true_words = true_words()?;
    let test = samples(true_words.iter().map(|word| word.bytes().map(code).collect()))?;

    let steps = (epochs * words.div_ceil(32)) as u64;
    let mut trainer =
        Trainer::new(Backwards::new(seed), Adam::new(Schedule::cosine(0.0, steps).warmup(2e-3, steps / 10)));
    let history = trainer.fit(&train).epochs(epochs).seed(seed).validation(&test).run()?;
    let plot = output::path("transformer_history.svg")?;
    history.save_plot(&plot)?;
    output::wrote(&plot);

    let found = trainer.into_network().predict(&test)?;
    let written: Vec<String> = (0..true_words.len()).map(|index| word(found.written.sample(index))).collect();
    let is_right = |index: &usize| written[*index].chars().rev().eq(true_words[*index].chars());
    let right = (0..written.len()).filter(is_right).count();
    println!(
        "{right} of {} words of the documents here are written backwards without a mistake, such as",
        written.len()
    );
    for (word, written) in true_words.iter().zip(&written).filter(|(word, _)| word.len() > 9).take(5) {
        println!("  {word} -> {written}");
    }
    draw(&true_words, &written, &found.looks)
}

fn code(letter: u8) -> u32 {
    u32::from(letter - b'a') + 1
}

/// The most probable letter of each place, up to the first that is none.
fn word(probabilities: &[f32]) -> String {
    let codes = probabilities.chunks_exact(27).map(|place| data::argmax(place) as u32);
    codes.take_while(|&code| code != NO_LETTER).map(|code| char::from(b'a' + code as u8 - 1)).collect()
}

fn random_word(rng: &mut impl Rng) -> Vec<u32> {
    let length = rng.random_range(1..=PLACES);
    (0..length).map(|_| rng.random_range(1..27)).collect()
}

/// The words of this project's documents, which are not trained with.
fn true_words() -> Result<Vec<String>, Error> {
    let text = documents::read()?;
    let words = text.split(|letter: char| !letter.is_ascii_alphabetic()).map(str::to_ascii_lowercase);
    let words: BTreeSet<String> = words.filter(|word| (4..=PLACES).contains(&word.len())).collect();
    Ok(words.into_iter().collect())
}

fn samples(words: impl Iterator<Item = Vec<u32>>) -> Result<BackwardsSamples, Error> {
    let (mut word, mut written) = (Vec::new(), Vec::new());
    for letters in words {
        let rest = std::iter::repeat_n(NO_LETTER, PLACES - letters.len());
        word.extend(letters.iter().copied().chain(rest.clone()));
        written.extend(letters.iter().rev().copied().chain(rest));
    }
    Ok(BackwardsSamples { word: Batch::from_vec(word)?, written: Batch::from_vec(written)? })
}

/// For words of several lengths: a row for each letter that is written, in which it is dark where the network looks.
fn draw(words: &[String], written: &[String], looks: &Batch<Shape2<16, 16>>) -> Result<(), Error> {
    const ZOOM: usize = 16;
    const SIDE: usize = ZOOM * PLACES;
    const TOP: usize = 96;

    let lengths = [6, 10, 14];
    let shown: Vec<usize> =
        lengths.iter().filter_map(|&length| words.iter().position(|word| word.len() == length)).collect();
    let mut picture = Picture::new(shown.len() * (SIDE + 60) + 20, TOP + SIDE + 20);
    picture.title("Where a transformer looks while it writes words backwards");
    picture.subtitle(
        "A row for each letter that is written (left), a column for each letter of the word (above); where nothing is \
         left to write, it always looks at one place",
    );
    for (place, &index) in shown.iter().enumerate() {
        let left = 40 + place * (SIDE + 60);
        picture.image(left, TOP, ZOOM, PLACES, looks.sample(index).iter().map(|&look| colors::reds(look)));
        picture.frame([left as f32, TOP as f32, SIDE as f32, SIDE as f32], 1.0, "#d1d5db");
        for (column, letter) in words[index].chars().enumerate() {
            let x = (left + column * ZOOM + ZOOM / 2) as f32;
            picture.centered(x, TOP as f32 - 6.0, 13.0, INK, &letter.to_string());
        }
        let expected: Vec<char> = words[index].chars().rev().collect();
        for (row, letter) in written[index].chars().enumerate() {
            let color = if expected.get(row) == Some(&letter) { RIGHT } else { WRONG };
            picture.centered(left as f32 - 10.0, (TOP + row * ZOOM + 13) as f32, 13.0, color, &letter.to_string());
        }
        picture.text(left as f32, TOP as f32 - 24.0, 12.0, FAINT, &words[index]);
    }
    picture.save("transformer_attention.svg")
}
