//! Finds a digit in a picture: what it is, and where it is.
//!
//! `cargo run --release --example detector`

use common::arguments::Arguments;
use common::digits::{self, Digit};
use common::output;
use common::picture::{Picture, RIGHT, WRONG};
use common::scenes::{self, Location, intersection_over_union};
use net_runtime::data;
use net_runtime::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

network! {
    /// Finds one object in an RGB image: what it is, and where it is.
    pub network Detector(image: [64, 64, 3]) -> (class: [10], location: [4]) {
        let features = image
            -> Conv2d(128, 3) -> relu -> MaxPool2d(2)
            -> Conv2d(256, 3) -> relu -> MaxPool2d(2)
            -> Flatten;

        let class = features -> Dense(64) -> relu -> Dense(10) -> softmax;
        let location = features -> Dense(64) -> relu -> Dense(4) -> sigmoid;

        loss class: CategoricalCrossentropy;
        loss location: 2.0 * MeanSquaredError;
        metric class: Accuracy;
        metric location: MeanAbsoluteError;
    }
}

const BATCH_SIZE: usize = 16;

fn main() -> Result<(), Error> {
    let mut arguments = Arguments::read("Finds a digit in colour on a textured background: its class and its box.");
    let epochs: usize = arguments.number("epochs", 3, "passes over the scenes");
    let scenes: usize = arguments.number("scenes", 8_000, "scenes to train on");
    let test_scenes: usize = arguments.number("test-scenes", 500, "scenes to judge by");
    let seed: u64 = arguments.number("seed", 7, "what weights and scenes are drawn from");
    arguments.finish();

    println!("{}\n", Detector::summary());
    // What the network is judged by shows only digits that it has not been trained on.
    let (seen, unseen) = digits::read(seed)?;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let train = draw_scenes(&seen, scenes, &mut rng)?;
    let test = draw_scenes(&unseen, test_scenes, &mut rng)?;

    // The two wide dense layers learn nothing from steps that are large from the first one on: begin slowly.
    let steps = (epochs * scenes.div_ceil(BATCH_SIZE)) as u64;
    let rate = Schedule::cosine(0.0, steps).warmup(2e-3, steps / 20);
    let mut trainer = Trainer::new(Detector::new(seed), Adam::new(rate));
    let history = trainer.fit(&train).epochs(epochs).batch_size(BATCH_SIZE).seed(seed).validation(&test).run()?;
    let plot = output::path("detector_history.svg")?;
    history.save_plot(&plot)?;
    output::wrote(&plot);

    let found = trainer.into_network().predict(&test)?;
    let right = (0..test_scenes)
        .filter(|&index| data::argmax(found.class.sample(index)) == data::argmax(test.class.sample(index)));
    println!("classes right: {:.1} %", 100.0 * right.count() as f32 / test_scenes as f32);
    println!(
        "mean intersection over union of the boxes: {:.3}",
        overlaps(&found, &test).sum::<f32>() / test_scenes as f32
    );
    draw(&test, &found)
}

fn draw_scenes(digits: &[Digit], count: usize, rng: &mut impl Rng) -> Result<DetectorSamples, Error> {
    let mut images = Vec::with_capacity(count * scenes::SIDE * scenes::SIDE * 3);
    let mut classes = Vec::with_capacity(count);
    let mut locations = Vec::with_capacity(count);
    for scene in scenes::draw(digits, count, rng)? {
        images.extend(scene.image.into_iter().map(scenes::normalized));
        classes.push(scene.class);
        locations.extend(scene.location);
    }
    Ok(DetectorSamples {
        image: Batch::from_vec(images)?,
        class: data::one_hot(&classes)?,
        location: Batch::from_vec(locations)?,
    })
}

fn location(locations: &Batch<Shape1<4>>, index: usize) -> Location {
    std::array::from_fn(|side| locations.sample(index)[side])
}

fn overlaps(found: &DetectorOutputs, truth: &DetectorSamples) -> impl Iterator<Item = f32> {
    let overlap = |index| intersection_over_union(location(&found.location, index), location(&truth.location, index));
    (0..truth.location.len()).map(overlap)
}

/// The first scenes with the true boxes (white) and the found ones.
fn draw(test: &DetectorSamples, found: &DetectorOutputs) -> Result<(), Error> {
    const COLUMNS: usize = 6;
    const ZOOM: usize = 3;
    const SIDE: usize = ZOOM * scenes::SIDE;
    const TOP: usize = 48;

    let scenes_shown = test.image.len().min(2 * COLUMNS);
    let mut picture = Picture::new(16 + COLUMNS * (SIDE + 16), TOP + scenes_shown.div_ceil(COLUMNS) * (SIDE + 36));
    picture.title("Held-out scenes: true boxes in white, found ones in green, in red where the class is wrong");
    for (index, overlap) in overlaps(found, test).take(scenes_shown).enumerate() {
        let (left, top) = (16 + index % COLUMNS * (SIDE + 16), TOP + index / COLUMNS * (SIDE + 36));
        let (pixels, _) = test.image.sample(index).as_chunks::<3>();
        picture.image(left, top, ZOOM, scenes::SIDE, pixels.iter().map(|pixel| pixel.map(scenes::shown)));

        let (class, truth) = (data::argmax(found.class.sample(index)), data::argmax(test.class.sample(index)));
        let (color, text) = match class == truth {
            true => ("#22c55e", format!("{class} · IoU {overlap:.2}")),
            false => ("#ef4444", format!("{class}, not {truth} · IoU {overlap:.2}")),
        };
        let (left, top) = (left as f32, top as f32);
        let mut frame = |locations, line, color: &str| {
            let [x, y, width, height] = location(locations, index).map(|part| part * SIDE as f32);
            picture.frame([left + x, top + y, width, height], line, color);
        };
        frame(&test.location, 1.5, "#ffffff");
        frame(&found.location, 3.0, color);
        picture.text(left, top + SIDE as f32 + 20.0, 15.0, if class == truth { RIGHT } else { WRONG }, &text);
    }
    picture.save("detector_scenes.svg")
}
