//! Says of every pixel what it shows: a small U-Net on pictures of digits.
//!
//! `cargo run --release --example segmentation`

use common::arguments::Arguments;
use common::colors;
use common::digits::{self, Digit};
use common::output;
use common::picture::{INK, Picture};
use common::scenes::{self, NOTHING};
use net_runtime::data;
use net_runtime::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

network! {
    block convolution(x, const N) {
        x -> Conv2d(N, 3, padding = same, bias = false) -> BatchNorm(momentum = 0.9) -> relu
    }

    /// A U-Net (Ronneberger, Fischer and Brox, 2015): down to eight by eight pixels, where a whole digit is seen, and up again,
    /// with the details from the way down.
    pub network Segmenter(image: [64, 64, 3]) -> (shows: [64, 64, 11]) {
        let fine = image -> convolution(16);
        let half = fine -> MaxPool2d(2) -> convolution(32) -> convolution(32);
        let quarter = half -> MaxPool2d(2) -> convolution(64) -> convolution(64);
        let whole = quarter -> MaxPool2d(2) -> convolution(128) -> convolution(128);

        let up_quarter = (whole -> Conv2dTranspose(64, 2, stride = 2), quarter) -> Concat -> convolution(64);
        let up_half = (up_quarter -> Conv2dTranspose(32, 2, stride = 2), half) -> Concat -> convolution(32);
        let up_fine = (up_half -> Conv2dTranspose(16, 2, stride = 2), fine) -> Concat -> convolution(16);
        let shows = up_fine -> Conv2d(11, 1) -> softmax;

        loss shows: SparseCategoricalCrossentropy;
        metric shows: MeanIou;
    }
}

const BATCH_SIZE: usize = 8;

fn main() -> Result<(), Error> {
    let mut arguments = Arguments::read("Says of every pixel whether it belongs to a digit, and to which.");
    let epochs: usize = arguments.number("epochs", 6, "passes over the scenes");
    let scenes: usize = arguments.number("scenes", 3_000, "scenes to train on");
    let test_scenes: usize = arguments.number("test-scenes", 300, "scenes to judge by");
    let seed: u64 = arguments.number("seed", 7, "what weights and scenes are drawn from");
    arguments.finish();

    println!("{}\n", Segmenter::summary());
    // What the network is judged by shows only digits that it has not been trained on.
    let (seen, unseen) = digits::read(seed)?;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let train = draw_scenes(&seen, scenes, &mut rng)?;
    let test = draw_scenes(&unseen, test_scenes, &mut rng)?;

    let steps = (epochs * scenes.div_ceil(BATCH_SIZE)) as u64;
    let rate = Schedule::cosine(0.0, steps).warmup(3e-3, steps / 10);
    let mut trainer = Trainer::new(Segmenter::new(seed), Adam::new(rate));
    let history = trainer.fit(&train).epochs(epochs).batch_size(BATCH_SIZE).seed(seed).validation(&test).run()?;
    let plot = output::path("segmentation_history.svg")?;
    history.save_plot(&plot)?;
    output::wrote(&plot);

    let shows = trainer.into_network().predict(&test)?.shows;
    let found: Vec<u32> = shows.data().chunks_exact(CLASSES).map(|pixel| data::argmax(pixel) as u32).collect();
    let overlaps = overlaps(&found, test.shows.data());
    println!("intersection over union on {test_scenes} held-out scenes:");
    for (class, overlap) in overlaps.iter().enumerate() {
        println!("  {:<10} {overlap:.3}", name(class as u32));
    }
    println!("  {:<10} {:.3}", "mean", mean(&overlaps));
    draw(&test, &found, mean(&overlaps))
}

/// The background and ten digits.
const CLASSES: usize = 11;

fn name(shown: u32) -> String {
    if shown == NOTHING { "background".into() } else { format!("digit {}", shown - 1) }
}

fn draw_scenes(digits: &[Digit], count: usize, rng: &mut impl Rng) -> Result<SegmenterSamples, Error> {
    let (mut images, mut shows) = (Vec::new(), Vec::new());
    for scene in scenes::draw(digits, count, rng)? {
        images.extend(scene.image);
        shows.extend(scene.mask);
    }
    Ok(SegmenterSamples { image: Batch::from_vec(images)?, shows: Batch::from_vec(shows)? })
}

/// For each class: pixels where it is both found and true, in parts of those where it is either.
fn overlaps(found: &[u32], truth: &[u32]) -> Vec<f32> {
    let pixels = || found.iter().zip(truth);
    let overlap = |class: u32| {
        let both = pixels().filter(|&(&found, &truth)| found == class && truth == class).count();
        let either = pixels().filter(|&(&found, &truth)| found == class || truth == class).count();
        both as f32 / either.max(1) as f32
    };
    (0..CLASSES as u32).map(overlap).collect()
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}

/// Pairs of a scene and the same scene with what was found in it.
fn draw(test: &SegmenterSamples, found: &[u32], overlap: f32) -> Result<(), Error> {
    const PAIRS: usize = 4;
    const ZOOM: usize = 2;
    const SIDE: usize = ZOOM * scenes::SIDE;
    const TOP: usize = 60;

    let shown = test.image.len().min(2 * PAIRS);
    let mut picture = Picture::new(16 + PAIRS * (2 * SIDE + 20), TOP + shown.div_ceil(PAIRS) * (SIDE + 16) + 30);
    picture.title(&format!("Held-out scenes, and what each pixel is found to show: mean IoU {overlap:.3}"));
    picture.subtitle("A colour for each digit");
    for index in 0..shown {
        let (left, top) = (16 + index % PAIRS * (2 * SIDE + 20), TOP + index / PAIRS * (SIDE + 16));
        let (pixels, _) = test.image.sample(index).as_chunks::<3>();
        let found = &found[index * scenes::SIDE * scenes::SIDE..][..scenes::SIDE * scenes::SIDE];
        let painted = pixels.iter().zip(found).map(|(&pixel, &class)| match class {
            NOTHING => pixel.map(|channel| 0.5 * channel),
            class => colors::of_digit(class - 1),
        });
        picture.image(left, top, ZOOM, scenes::SIDE, pixels.iter().copied());
        picture.image(left + SIDE, top, ZOOM, scenes::SIDE, painted);
    }
    let legend = (TOP + shown.div_ceil(PAIRS) * (SIDE + 16) + 12) as f32;
    for digit in 0..10_u32 {
        let left = 24.0 + 60.0 * digit as f32;
        picture.dot(left, legend - 4.0, 6.0, &colors::hex_of_digit(digit));
        picture.text(left + 12.0, legend, 13.0, INK, &digit.to_string());
    }
    picture.save("segmentation_scenes.svg")
}
