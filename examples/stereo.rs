//! How far away everything is that two cameras see, with one set of weights looking at both pictures.
//!
//! `cargo run --release --example stereo -- --epochs 2`

use common::arguments::Arguments;
use common::colors;
use common::picture::{INK, Picture};
use common::stereo_pairs::{FARTHEST, HEIGHT, NEAREST, Pair, WIDTH};
use net_runtime::prelude::*;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

network! {
    /// Distance of every pixel, from two cameras.
    ///
    /// The pictures are joined side by side, so that no window of the later layers sees the same place in both.
    pub network Stereo(left: [120, 160, 3], right: [120, 160, 3]) -> (distance: [120, 160, 1]) {
        // Declared once, used twice: one set of weights sees both images.
        layer eye = Conv2d(128, 3, padding = same) -> relu -> Conv2d(256, 3, padding = same) -> relu;

        let distance = (left -> eye, right -> eye)
            -> Concat(axis = width)
            -> Conv2d(128, 3, stride = (1, 2), padding = same) -> relu
            -> Conv2d(32, 3, padding = same) -> relu
            -> Conv2d(1, 1) -> relu;

        loss distance: MeanSquaredError;
    }

    /// The same with the pictures one behind the other: every window sees the same place in both.
    pub network StereoChannels(left: [120, 160, 3], right: [120, 160, 3]) -> (distance: [120, 160, 1]) {
        layer eye = Conv2d(128, 3, padding = same) -> relu -> Conv2d(256, 3, padding = same) -> relu;

        let distance = (left -> eye, right -> eye)
            -> Concat(axis = channels)
            -> Conv2d(128, 3, padding = same) -> relu
            -> Conv2d(32, 3, padding = same) -> relu
            -> Conv2d(1, 1) -> relu;

        loss distance: MeanSquaredError;
    }
}

fn main() -> Result<(), Error> {
    let mut arguments = Arguments::read("Finds the distance of every pixel from the pictures of two cameras.");
    let epochs: usize = arguments.number("epochs", 4, "passes over the pairs");
    let pairs: usize = arguments.number("pairs", 32, "pairs to train on");
    let test_pairs: usize = arguments.number("test-pairs", 4, "pairs to judge by");
    let seed: u64 = arguments.number("seed", 7, "what weights and pairs are drawn from");
    arguments.finish();

    println!("{}\n", Stereo::summary());
    println!("{}\n", StereoChannels::summary());
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let train = samples((0..pairs).map(|_| Pair::draw(&mut rng)))?;
    let test = samples((0..test_pairs).map(|_| Pair::draw(&mut rng)))?;
    let mean = train.distance.data().iter().sum::<f32>() / train.distance.data().len() as f32;
    let training = Training { epochs, steps: (epochs * pairs) as u64, seed };

    // The last relu starts from the mean distance: from zero it would answer nothing but zero for half of all seeds,
    // and what is zero learns nothing.
    println!("joined along the width:");
    let mut net = Stereo::new(seed);
    net.distance_conv2d_3.bias.values_mut().fill(mean);
    let along_width = training.run(net, &train)?.predict(&test)?.distance;

    println!("joined along the channels:");
    let mut net = StereoChannels::new(seed);
    net.distance_conv2d_3.bias.values_mut().fill(mean);
    let train = StereoChannelsSamples { left: train.left, right: train.right, distance: train.distance };
    let along_channels = training
        .run(net, &train)?
        .predict(StereoChannelsInputs { left: test.left.view(), right: test.right.view() })?
        .distance;

    let truth = test.distance.data();
    println!("\nroot mean square error on {test_pairs} pairs not seen before:");
    println!("  always answering {mean:.2} m   {:.3} m", error(&vec![mean; truth.len()], truth));
    println!("  joined along the width    {:.3} m", error(along_width.data(), truth));
    println!("  joined along the channels {:.3} m", error(along_channels.data(), truth));
    draw(&test, &along_width, &along_channels)
}

fn samples(pairs: impl Iterator<Item = Pair>) -> Result<StereoSamples, Error> {
    let (mut left, mut right, mut distance) = (Vec::new(), Vec::new(), Vec::new());
    for pair in pairs {
        left.extend(pair.left);
        right.extend(pair.right);
        distance.extend(pair.distance);
    }
    Ok(StereoSamples {
        left: Batch::from_vec(left)?,
        right: Batch::from_vec(right)?,
        distance: Batch::from_vec(distance)?,
    })
}

/// How both are trained.
struct Training {
    epochs: usize,
    steps: u64,
    seed: u64,
}

impl Training {
    /// A pair at a time. Adam's first steps are as large as its last ones, so without a slow start they can push the
    /// last relu below zero everywhere.
    fn run<N: Trainable>(&self, net: N, samples: &N::Samples) -> Result<N, Error> {
        const SLOW_STEPS: u64 = 16;
        let falling = self.steps.saturating_sub(SLOW_STEPS).max(1);
        let rate = Schedule::cosine(0.0, falling).warmup(7e-4, SLOW_STEPS);
        let mut trainer = Trainer::new(net, Adam::new(rate));
        trainer.fit(samples).epochs(self.epochs).batch_size(1).seed(self.seed).run()?;
        Ok(trainer.into_network())
    }
}

/// Root mean square, in metres.
fn error(found: &[f32], truth: &[f32]) -> f32 {
    let squares: f32 = found.iter().zip(truth).map(|(found, truth)| (found - truth).powi(2)).sum();
    (squares / truth.len() as f32).sqrt()
}

type Distances = Batch<Shape3<HEIGHT, WIDTH, 1>>;

/// For some pairs: what the cameras see, the truth, and what both networks make of it, with their errors.
fn draw(test: &StereoSamples, along_width: &Distances, along_channels: &Distances) -> Result<(), Error> {
    const COLUMN: usize = WIDTH + 12;
    const ROW: usize = HEIGHT + 30;
    const TOP: usize = 78;

    let shown = test.distance.len().min(2);
    let mut picture = Picture::new(20 + 7 * COLUMN, TOP + shown * ROW + 8);
    picture.title("What two cameras see, and the distance of every pixel");
    picture.subtitle(&format!(
        "From {NEAREST} m (dark) to {FARTHEST} m (bright); errors from 0 (white) to 1 m (dark red), their root mean square \
         below. Views joined along the width meet in no window: the answer is the mean"
    ));
    let titles = ["left", "right", "truth", "along the width", "its error", "along the channels", "its error"];
    for (column, title) in titles.iter().enumerate() {
        picture.text((16 + column * COLUMN) as f32, TOP as f32 - 8.0, 12.0, INK, title);
    }
    for index in 0..shown {
        let top = TOP + index * ROW;
        let mut column = 0;
        let mut place = |colors: Vec<[f32; 3]>| {
            picture.image(16 + column * COLUMN, top, 1, WIDTH, colors.into_iter());
            column += 1;
        };
        for camera in [&test.left, &test.right] {
            let (pixels, _) = camera.sample(index).as_chunks::<3>();
            place(pixels.iter().map(|pixel| pixel.map(|channel| 0.5 + 0.5 * channel)).collect());
        }
        let truth = test.distance.sample(index);
        let color = |distance: &f32| colors::viridis((distance - NEAREST) / (FARTHEST - NEAREST));
        place(truth.iter().map(color).collect());
        for found in [along_width, along_channels] {
            let found = found.sample(index);
            place(found.iter().map(color).collect());
            place(found.iter().zip(truth).map(|(found, truth)| colors::reds((found - truth).abs())).collect());
        }
        for (column, found) in [(4, along_width), (6, along_channels)] {
            let text = format!("{:.2} m", error(found.sample(index), truth));
            picture.text((16 + column * COLUMN) as f32, (top + HEIGHT) as f32 + 16.0, 12.0, INK, &text);
        }
    }
    picture.save("stereo_distances.svg")
}
