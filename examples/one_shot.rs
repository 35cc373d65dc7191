//! Recognises what it has never been trained on, from one example of each kind.
//!
//! `cargo run --release --example one_shot`

use std::array::from_fn;

use common::arguments::Arguments;
use common::digits::{self, Digit, SIDE};
use common::output;
use common::picture::{FAINT, Picture, RIGHT, WRONG};
use net_runtime::data;
use net_runtime::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt, SeedableRng};

network! {
    /// How far apart two pictures are: in what the eye makes of them, and a little in their pixels, which know no class better than another.
    block apart(seen, picture, other_seen, other) {
        let pixels = (picture -> Flatten, other -> Flatten) -> Distance(squared) -> Rescaling(0.4);
        ((seen, other_seen) -> Distance(squared), pixels) -> Add
    }

    /// Which of five pictures shows the same as `query`? All six are seen by one eye, with one set of weights; what is nearest in
    /// what it makes of them is the answer (Snell, Swersky and Zemel, Prototypical Networks for Few-shot Learning, 2017).
    pub network OneShot(
        query: [8, 8, 1], a: [8, 8, 1], b: [8, 8, 1], c: [8, 8, 1], d: [8, 8, 1], e: [8, 8, 1]
    ) -> (same: [5]) {
        layer eye = Conv2d(32, 3, padding = same) -> relu
            -> Conv2d(32, 3, padding = same) -> relu -> MaxPool2d(2)
            -> Conv2d(64, 3, padding = same) -> relu -> Flatten -> Dense(64);
        let seen = query -> eye;
        let distances = (
            (seen, query, a -> eye, a) -> apart,
            (seen, query, b -> eye, b) -> apart,
            (seen, query, c -> eye, c) -> apart,
            (seen, query, d -> eye, d) -> apart,
            (seen, query, e -> eye, e) -> apart
        ) -> Concat;
        let same = distances -> Rescaling(-1) -> softmax;

        loss same: SparseCategoricalCrossentropy;
        metric same: Accuracy;
    }
}

/// Classes that a trial chooses from.
const WAYS: usize = 5;

/// Classes that are trained; the other five are tested.
const CHOICES: [[u32; WAYS]; 3] = [[0, 2, 4, 6, 8], [0, 1, 2, 3, 4], [1, 4, 5, 7, 8]];

fn main() -> Result<(), Error> {
    let mut arguments = Arguments::read("Recognises digits it has never been trained on, from one example of each.");
    let epochs: usize = arguments.number("epochs", 60, "passes, each over new trials");
    let trials: usize = arguments.number("trials", 3_000, "trials of an epoch");
    let test_trials: usize = arguments.number("test-trials", 500, "trials to judge by");
    let choices: usize = arguments.number("choices", CHOICES.len(), "how many choices of five classes to try");
    let seed: u64 = arguments.number("seed", 7, "what weights and trials are drawn from");
    arguments.finish();

    println!("{}\n", OneShot::summary());
    let (mut digits, held_out) = digits::read(seed)?;
    digits.extend(held_out);
    for (index, trained) in CHOICES.iter().take(choices).enumerate() {
        let (known, unknown): (Vec<Digit>, Vec<Digit>) =
            digits.iter().cloned().partition(|digit| trained.contains(&digit.class));
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let net = train(&Kinds::signs(&known), epochs, trials, seed, &mut rng)?;

        // No picture of these five digits has been trained with.
        let test = Kinds::as_they_are(&unknown).trials(test_trials, |pixels, _| pixels.to_vec(), &mut rng)?;
        let found = answers(&look(&net, &test, &mut rng)?);
        let raw = answers(&nearest_pixels(&test));
        println!(
            "trained on {trained:?}, tried on the other five, {test_trials} trials of one example each:\n  this network \
             {:.1} %, nearest neighbour of pixels {:.1} %, chance {:.0} %\n",
            percent_right(&found, &test),
            percent_right(&raw, &test),
            100.0 / WAYS as f32
        );
        if index == 0 {
            draw(&test, &found)?;
        }
    }
    Ok(())
}

fn train(kinds: &Kinds, epochs: usize, trials: usize, seed: u64, rng: &mut impl Rng) -> Result<OneShot, Error> {
    let steps = (epochs * trials.div_ceil(32)) as u64;
    let mut trainer = Trainer::new(OneShot::new(seed), Adam::new(Schedule::cosine(1e-3, steps)));
    for epoch in 0..epochs {
        let samples = kinds.trials(trials, bend, rng)?;
        let run = trainer.fit(&samples).initial_epoch(epoch).epochs(epoch + 1).seed(seed).silent();
        run.on_epoch_end(output::line_of(epochs)).run()?;
    }
    Ok(trainer.into_network())
}

/// Pictures of one kind.
type Kind = Vec<Vec<f32>>;

/// Kinds of pictures, in groups from which the five of a trial are chosen.
struct Kinds {
    groups: Vec<Vec<Kind>>,
}

impl Kinds {
    /// A kind for each class, in one group.
    fn as_they_are(digits: &[Digit]) -> Self {
        let of_class = |class| digits.iter().filter(move |digit| digit.class == class);
        let kinds = (0..10).map(|class| of_class(class).map(|digit| digit.pixels.clone()).collect());
        Self { groups: vec![kinds.filter(|kind: &Kind| !kind.is_empty()).collect()] }
    }

    /// What an eye is to learn to tell apart, made of five classes: the upper half of each with the lower half of each, so that there are
    /// 25, in the eight ways in which a square is turned or seen in a mirror, a group for each. Those of a group are as hard to tell apart
    /// as digits are, and with so many the eye learns to tell signs apart in general.
    fn signs(digits: &[Digit]) -> Self {
        let classes = Self::as_they_are(digits).groups.concat();
        let joined = classes.iter().flat_map(|upper| classes.iter().map(|lower| join(upper, lower)));
        let joined: Vec<Kind> = joined.collect();
        let turned = |kind: &Kind, way: usize| kind.iter().map(|pixels| turn(pixels, way)).collect();
        Self { groups: (0..8).map(|way| joined.iter().map(|kind| turned(kind, way)).collect()).collect() }
    }

    /// Trials: five kinds, a picture of each, and another picture of one of them.
    fn trials<R: Rng>(
        &self,
        count: usize,
        show: fn(&[f32], &mut R) -> Vec<f32>,
        rng: &mut R,
    ) -> Result<OneShotSamples, Error> {
        let mut pictures: [Vec<f32>; WAYS] = from_fn(|_| Vec::new());
        let (mut queries, mut same) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let group = &self.groups[rng.random_range(0..self.groups.len())];
            let mut order: Vec<usize> = (0..group.len()).collect();
            let (chosen, _) = order.partial_shuffle(rng, WAYS);
            let right = rng.random_range(0..WAYS);
            for (place, (&mut kind, pictures)) in chosen.iter_mut().zip(&mut pictures).enumerate() {
                let kind = &group[kind];
                let example = rng.random_range(0..kind.len());
                let other = (example + rng.random_range(1..kind.len())) % kind.len();
                pictures.extend(show(&kind[example], rng));
                if place == right {
                    queries.extend(show(&kind[other], rng));
                }
            }
            same.push(right as u32);
        }
        let [a, b, c, d, e] = pictures.map(Batch::from_vec);
        Ok(OneShotSamples {
            query: Batch::from_vec(queries)?,
            a: a?,
            b: b?,
            c: c?,
            d: d?,
            e: e?,
            same: Batch::from_vec(same)?,
        })
    }
}

/// Upper and lower halves; of one class those of the same digit.
fn join(upper: &[Vec<f32>], lower: &[Vec<f32>]) -> Kind {
    const HALF: usize = SIDE * SIDE / 2;
    upper.iter().zip(lower).map(|(upper, lower)| [&upper[..HALF], &lower[HALF..]].concat()).collect()
}

/// One of the eight ways in which a square is turned or mirrored onto itself.
fn turn(pixels: &[f32], way: usize) -> Vec<f32> {
    let last = SIDE - 1;
    let at = |row: usize, column: usize| {
        let (row, column) = if way & 1 == 0 { (row, column) } else { (column, row) };
        let row = if way & 2 == 0 { row } else { last - row };
        let column = if way & 4 == 0 { column } else { last - column };
        pixels[row * SIDE + column]
    };
    (0..SIDE * SIDE).map(|index| at(index / SIDE, index % SIDE)).collect()
}

/// As another hand might have written it: turned by up to 17 degrees, larger or smaller, slanted, and moved by up to a pixel.
fn bend(pixels: &[f32], rng: &mut impl Rng) -> Vec<f32> {
    let (turn, slant): (f32, f32) = (rng.random_range(-0.3..0.3), rng.random_range(-0.3..0.3));
    let size: f32 = rng.random_range(0.85..1.15);
    let moved = [0.0; 2].map(|_: f32| rng.random_range(-1.0..1.0));
    let middle = (SIDE - 1) as f32 / 2.0;
    let at = |row: usize, column: usize| {
        let (y, x) = (row as f32 - middle, column as f32 - middle);
        let y_before = (y * turn.cos() - x * turn.sin()) / size + middle + moved[0];
        let x_before = (y * (turn.sin() + slant) + x * turn.cos()) / size + middle + moved[1];
        digits::ink(pixels, x_before, y_before)
    };
    (0..SIDE * SIDE).map(|index| at(index / SIDE, index % SIDE)).collect()
}

/// What the network says of trials when it looks at each a few times, its pictures bent as they were in training.
fn look(net: &OneShot, trials: &OneShotSamples, rng: &mut impl Rng) -> Result<Vec<f32>, Error> {
    const LOOKS: usize = 8;

    let mut sum = net.predict(trials)?.same.into_vec();
    for _ in 1..LOOKS {
        let mut bent = trials.clone();
        for pictures in [&mut bent.query, &mut bent.a, &mut bent.b, &mut bent.c, &mut bent.d, &mut bent.e] {
            for index in 0..pictures.len() {
                let picture = bend(pictures.sample(index), rng);
                pictures.sample_mut(index).copy_from_slice(&picture);
            }
        }
        sum.iter_mut().zip(net.predict(&bent)?.same.data()).for_each(|(sum, same)| *sum += same);
    }
    Ok(sum)
}

fn examples(samples: &OneShotSamples) -> [&Batch<Shape3<8, 8, 1>>; WAYS] {
    [&samples.a, &samples.b, &samples.c, &samples.d, &samples.e]
}

/// What the network is compared with: the squared distances of the pixels, made negative, so that the nearest is the largest.
fn nearest_pixels(samples: &OneShotSamples) -> Vec<f32> {
    let nearness = |index: usize, example: &Batch<_>| {
        let pixels = samples.query.sample(index).iter().zip(example.sample(index));
        -pixels.map(|(a, b)| (a - b) * (a - b)).sum::<f32>()
    };
    (0..samples.query.len()).flat_map(|index| examples(samples).map(|example| nearness(index, example))).collect()
}

fn answers(nearness: &[f32]) -> Vec<usize> {
    nearness.chunks_exact(WAYS).map(data::argmax).collect()
}

fn percent_right(found: &[usize], samples: &OneShotSamples) -> f32 {
    let right = found.iter().zip(samples.same.data()).filter(|&(&found, &same)| found == same as usize);
    100.0 * right.count() as f32 / found.len() as f32
}

/// The first trials: the query, then the examples, with the answer framed.
fn draw(samples: &OneShotSamples, found: &[usize]) -> Result<(), Error> {
    const ZOOM: usize = 6;
    const TILE: usize = SIDE * ZOOM + 10;
    const TOP: usize = 60;
    const WIDE: usize = (WAYS + 1) * TILE + 50;

    let shown = found.len().min(14);
    let mut picture = Picture::new(2 * WIDE + 16, TOP + shown.div_ceil(2) * (TILE + 8) + 8);
    picture.title(&format!("Which of five shows the same? {:.1} % are right", percent_right(found, samples)));
    picture.subtitle("None of these digits was trained; the network's answer is framed, in red where it is wrong");
    for (index, &answer) in found.iter().enumerate().take(shown) {
        let (left, top) = (16 + index % 2 * WIDE, TOP + index / 2 * (TILE + 8));
        let grey =
            |batch: &Batch<Shape3<8, 8, 1>>| batch.sample(index).iter().map(|ink| [1.0 - ink; 3]).collect::<Vec<_>>();
        picture.image(left, top, ZOOM, SIDE, grey(&samples.query).into_iter());
        picture.text((left + TILE) as f32 - 2.0, (top + TILE / 2) as f32, 14.0, FAINT, "→");
        for (place, example) in examples(samples).into_iter().enumerate() {
            let left = left + TILE + 16 + place * TILE;
            picture.image(left, top, ZOOM, SIDE, grey(example).into_iter());
            if place == answer {
                let color = if answer == samples.same.data()[index] as usize { RIGHT } else { WRONG };
                picture.frame([left as f32 - 2.0, top as f32 - 2.0, 52.0, 52.0], 3.0, color);
            }
        }
    }
    picture.save("one_shot_trials.svg")
}
