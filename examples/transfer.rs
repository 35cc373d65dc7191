//! Learns from few examples what a network that has seen many others makes easy.
//!
//! `cargo run --release --example transfer`

use common::arguments::Arguments;
use common::digits::{self, Digit};
use common::output;
use common::picture::{Picture, RIGHT, WRONG};
use common::scenes::{self, Scene};
use net_runtime::data;
use net_runtime::prelude::*;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

network! {
    /// What the detector sees before it decides anything.
    pub network Trunk(image: [64, 64, 3]) -> (features: [3_456]) {
        let features = image
            -> Conv2d(32, 3) -> relu -> MaxPool2d(2)
            -> Conv2d(64, 3) -> relu -> MaxPool2d(2)
            -> Conv2d(96, 3) -> relu -> MaxPool2d(2)
            -> Flatten;
    }

    /// Trained on many scenes with the digits 0 to 5.
    pub network Detector(image: [64, 64, 3]) -> (class: [6], location: [4]) {
        layer trunk = Trunk;
        let features = image -> trunk;
        let class = features -> Dense(64) -> relu -> Dense(6) -> softmax;
        let location = features -> Dense(64) -> relu -> Dense(4) -> sigmoid;

        loss class: SparseCategoricalCrossentropy;
        loss location: 2.0 * MeanSquaredError;
        metric class: Accuracy;
    }

    /// Trained on few scenes with the digits 6 to 9, which the trunk has never seen.
    pub network Others(image: [64, 64, 3]) -> (other: [4]) {
        layer trunk = Trunk;
        let other = image -> trunk -> Dense(64) -> relu -> Dropout(0.3) -> Dense(4) -> softmax;

        loss other: SparseCategoricalCrossentropy;
        metric other: Accuracy;
    }
}

/// The first digit that the detector has not seen.
const FIRST_OTHER: u32 = 6;

fn main() -> Result<(), Error> {
    let mut arguments = Arguments::read("Finds digits from few scenes with the trunk of a detector of other digits.");
    let scenes: usize = arguments.number("scenes", 8_000, "scenes for the detector");
    let few: usize = arguments.number("few", 200, "scenes with the other digits to train with");
    let test_scenes: usize = arguments.number("test-scenes", 400, "scenes with the other digits to judge by");
    let epochs: usize = arguments.number("epochs", 30, "passes over the few scenes");
    let seed: u64 = arguments.number("seed", 7, "what weights and scenes are drawn from");
    arguments.finish();

    let (seen, unseen) = digits::read(seed)?;
    let of = |digits: &[Digit], wanted: fn(u32) -> bool| -> Vec<Digit> {
        digits.iter().filter(|digit| wanted(digit.class)).cloned().collect()
    };
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let many = detector_samples(&scenes::draw(&of(&seen, |class| class < FIRST_OTHER), scenes, &mut rng)?)?;
    let few = samples(&scenes::draw(&of(&seen, |class| class >= FIRST_OTHER), few, &mut rng)?)?;
    let test = samples(&scenes::draw(&of(&unseen, |class| class >= FIRST_OTHER), test_scenes, &mut rng)?)?;

    println!("the detector, on {scenes} scenes with the digits 0 to 5:");
    let steps = 3 * scenes.div_ceil(16) as u64;
    let mut trainer =
        Trainer::new(Detector::new(seed), Adam::new(Schedule::cosine(0.0, steps).warmup(2e-3, steps / 20)));
    trainer.fit(&many).epochs(3).batch_size(16).seed(seed).run()?;
    let file = output::path("transfer_detector.safetensors")?;
    trainer.into_network().save(&file)?;
    output::wrote(&file);

    let mut net = Others::new(seed);
    println!("\n{}\n", net.load_matching(&file)?);
    let mut trainer = Trainer::new(net, Adam::new(1e-3));
    trainer.freeze("trunk*")?;
    println!("{}\n", trainer.summary());
    println!("a new head on the frozen trunk, on {} scenes with the digits 6 to 9:", few.image.len());
    trainer.fit(&few).epochs(epochs).batch_size(16).seed(seed).run()?;
    let frozen = trainer.network().predict(&test)?.other;

    println!("thawed, with a small rate for the trunk:");
    let mut trainer = Trainer::new(trainer.into_network(), Adam::new(3e-4).rate("trunk*", 0.1));
    trainer.thaw("trunk*")?;
    trainer.fit(&few).epochs(epochs.div_ceil(3)).batch_size(16).seed(seed).run()?;
    let thawed = trainer.network().predict(&test)?.other;

    println!("from scratch, on the same scenes:");
    let mut trainer = Trainer::new(Others::new(seed), Adam::new(1e-3));
    trainer.fit(&few).epochs(epochs + epochs.div_ceil(3)).batch_size(16).seed(seed).run()?;
    let scratch = trainer.network().predict(&test)?.other;

    println!("\nof {test_scenes} scenes with digits that nobody has trained with are right:");
    for (name, found) in [("a new head", &frozen), ("thawed", &thawed), ("from scratch", &scratch)] {
        println!("  {name:<14} {:.1} %", percent_right(found, &test));
    }
    draw(few.image.len(), &test, &thawed, &scratch)
}

/// What the networks see.
fn normalized(scenes: &[Scene]) -> Result<Batch<Shape3<64, 64, 3>>, Error> {
    Batch::from_vec(scenes.iter().flat_map(|scene| &scene.image).map(|&channel| scenes::normalized(channel)).collect())
}

fn detector_samples(scenes: &[Scene]) -> Result<DetectorSamples, Error> {
    Ok(DetectorSamples {
        image: normalized(scenes)?,
        class: Batch::from_vec(scenes.iter().map(|scene| scene.class).collect())?,
        location: Batch::from_samples(scenes.iter().map(|scene| &scene.location[..]))?,
    })
}

fn samples(scenes: &[Scene]) -> Result<OthersSamples, Error> {
    Ok(OthersSamples {
        image: normalized(scenes)?,
        other: Batch::from_vec(scenes.iter().map(|scene| scene.class - FIRST_OTHER).collect())?,
    })
}

fn is_right(found: &Batch<Shape1<4>>, test: &OthersSamples, index: usize) -> bool {
    data::argmax(found.sample(index)) as u32 == test.other.data()[index]
}

fn percent_right(found: &Batch<Shape1<4>>, test: &OthersSamples) -> f32 {
    let right = (0..found.len()).filter(|&index| is_right(found, test, index)).count();
    100.0 * right as f32 / found.len() as f32
}

/// The first scenes, with what both say: right in green, wrong in red.
fn draw(few: usize, test: &OthersSamples, thawed: &Batch<Shape1<4>>, scratch: &Batch<Shape1<4>>) -> Result<(), Error> {
    const COLUMNS: usize = 8;
    const ZOOM: usize = 2;
    const SIDE: usize = ZOOM * scenes::SIDE;
    const TOP: usize = 60;

    let shown = test.image.len().min(2 * COLUMNS);
    let mut picture = Picture::new(16 + COLUMNS * (SIDE + 12), TOP + shown.div_ceil(COLUMNS) * (SIDE + 34));
    picture.title(&format!(
        "Learnt from {few} scenes: {:.1} % right with a trunk that knows other digits, {:.1} % from scratch",
        percent_right(thawed, test),
        percent_right(scratch, test)
    ));
    picture.subtitle("Under each scene what both say: with the trunk, and from scratch");
    for index in 0..shown {
        let (left, top) = (16 + index % COLUMNS * (SIDE + 12), TOP + index / COLUMNS * (SIDE + 34));
        let (pixels, _) = test.image.sample(index).as_chunks::<3>();
        picture.image(left, top, ZOOM, scenes::SIDE, pixels.iter().map(|pixel| pixel.map(scenes::shown)));
        for (place, found) in [(0.25, thawed), (0.75, scratch)] {
            let text = (data::argmax(found.sample(index)) as u32 + FIRST_OTHER).to_string();
            let color = if is_right(found, test, index) { RIGHT } else { WRONG };
            picture.centered(left as f32 + place * SIDE as f32, (top + SIDE + 18) as f32, 15.0, color, &text);
        }
    }
    picture.save("transfer_scenes.svg")
}
