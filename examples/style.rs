//! Paints pictures in the style of others: pixels learn, weights do not.
//!
//! `cargo run --release --example style`

use std::f32::consts::TAU;

use common::arguments::Arguments;
use common::digits;
use common::picture::Picture;
use common::scenes::{SIDE, Scene};
use net_runtime::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};

network! {
    /// Which features go together (Gatys, Ecker and Bethge, A Neural Algorithm of Artistic Style, 2015), in each of four by four tiles:
    /// over the whole picture, a loud spot would make up for a dull rest.
    block gram(features, const SIDE) {
        let tiles = features -> Reshape(4, SIDE, 4, SIDE, 64) -> Permute(0, 2, 1, 3, 4) -> Reshape(16, SIDE * SIDE, 64);
        (tiles, tiles) -> Matmul(transpose_a = true)
    }

    /// What a picture looks like, near and from further away: its style as Gram matrices, its content as light and shade.
    ///
    /// The filters are random, and never trained: those carry style, too (Ustyuzhaninov, Brendel, Gatys and Bethge, Texture Synthesis
    /// Using Shallow Convolutional Networks with Random Filters, 2016).
    pub network Look(picture: [64, 64, 3]) -> (
        dots: [16, 64, 64], strokes: [16, 64, 64], shapes: [16, 64, 64], patches: [16, 64, 64], content: [32, 32]
    ) {
        let light = picture -> Rescaling(2, offset = -1);
        let half = light -> AvgPool2d(2);
        let quarter = half -> AvgPool2d(2);
        let dots = light -> Conv2d(64, 5, padding = same) -> relu -> gram(16) -> Rescaling(1.6e-2);
        let strokes = light -> Conv2d(64, 11, padding = same) -> relu -> gram(16) -> Rescaling(1.6e-2);
        let shapes = half -> Conv2d(64, 9, padding = same) -> relu -> gram(8) -> Rescaling(8e-2);
        let patches = quarter -> Conv2d(64, 7, padding = same) -> relu -> gram(4) -> Rescaling(0.32);
        let content = half -> Mean(2);

        loss dots: MeanSquaredError;
        loss strokes: MeanSquaredError;
        loss shapes: MeanSquaredError;
        loss patches: MeanSquaredError;
        loss content: 0.003 * MeanSquaredError;
    }
}

type Pictures = Batch<Shape3<64, 64, 3>>;

/// Pictures and styles of the table that is painted.
const CONTENTS: usize = 3;
const STYLES: usize = 4;

fn main() -> Result<(), Error> {
    let mut arguments = Arguments::read("Paints digits in the style of four patterns.");
    let epochs: usize = arguments.number("epochs", 200, "steps in which the pixels learn, of all pictures at once");
    let rate: f32 = arguments.number("rate", 0.02, "how far a pixel moves in a step");
    let seed: u64 = arguments.number("seed", 7, "what filters and pictures are drawn from");
    arguments.finish();

    println!("{}\n", Look::summary());
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (digits, _) = digits::read(seed)?;
    let contents: Vec<Vec<f32>> =
        digits.iter().take(CONTENTS).map(|digit| Scene::draw(digit, &mut rng).image).collect();
    let styles: [Vec<f32>; STYLES] = [waves, bricks, rings, weave].map(|pattern| paint(pattern, &mut rng));

    // Every picture in every style, all at once: a sample of a batch each.
    let look = Look::new(seed);
    let table = |of: fn(usize, usize) -> (usize, bool)| {
        let cells = (0..CONTENTS * STYLES).map(|cell| of(cell / STYLES, cell % STYLES));
        Batch::from_samples(
            cells.map(|(index, is_style)| if is_style { &styles[index][..] } else { &contents[index][..] }),
        )
    };
    let in_style = look.predict(&table(|_, style| (style, true))?)?;
    let picture: Pictures = table(|content, _| (content, false))?;
    let as_content = look.predict(&picture)?;
    let mut samples = LookSamples {
        picture,
        dots: in_style.dots,
        strokes: in_style.strokes,
        shapes: in_style.shapes,
        patches: in_style.patches,
        content: as_content.content,
    };
    // Half of it noise, for a style to begin with where a picture is plain.
    samples.picture.data_mut().iter_mut().for_each(|pixel| *pixel = 0.5 * *pixel + 0.5 * rng.random::<f32>());
    learn(&look, &mut samples, epochs, rate)?;
    draw(&contents, &styles, &samples.picture)
}

/// Adam for pixels (Kingma and Ba, 2014): the network gives the gradient of its loss by its input.
fn learn(look: &Look, samples: &mut LookSamples, epochs: usize, rate: f32) -> Result<(), Error> {
    let mut workspace = LookWorkspace::new(samples.picture.len());
    let mut moments = vec![[0.0_f32; 2]; samples.picture.data().len()];
    for epoch in 1..=epochs {
        look.forward(&*samples, Mode::Training, &mut workspace)?;
        if epoch == 1 || epoch % 50 == 0 {
            println!("epoch {epoch:>4}/{epochs}  loss {:.6}", look.losses(&*samples, &workspace)?.total);
        }
        let gradient = look.backward_inputs(&*samples, &*samples, &mut workspace)?.picture.to_batch();
        let unbias = |beta: f32| 1.0 - beta.powi(epoch as i32);
        for ((pixel, &g), [m, v]) in samples.picture.data_mut().iter_mut().zip(gradient.data()).zip(&mut moments) {
            *m += 0.1 * (g - *m);
            *v += 0.001 * (g * g - *v);
            let moved = *pixel - rate * (*m / unbias(0.9)) / ((*v / unbias(0.999)).sqrt() + 1e-12);
            *pixel = moved.clamp(0.0, 1.0);
        }
    }
    Ok(())
}

/// A colour at a place, both from 0 to 1.
type Pattern = fn(f32, f32) -> [f32; 3];

fn paint(pattern: Pattern, rng: &mut impl Rng) -> Vec<f32> {
    let place = |index: usize| (index as f32 + 0.5) / SIDE as f32;
    let mut color = |index: usize| {
        pattern(place(index % SIDE), place(index / SIDE)).map(|channel| channel + rng.random_range(-0.04..0.04))
    };
    (0..SIDE * SIDE).flat_map(&mut color).map(|channel| channel.clamp(0.0, 1.0)).collect()
}

/// From one colour to another.
fn mix(from: [f32; 3], to: [f32; 3], share: f32) -> [f32; 3] {
    let share = share.clamp(0.0, 1.0);
    std::array::from_fn(|channel| from[channel] * (1.0 - share) + to[channel] * share)
}

/// Blue stripes that swing, as water does.
fn waves(x: f32, y: f32) -> [f32; 3] {
    let height = (TAU * (7.0 * y + 0.5 * (TAU * 2.0 * x).sin())).sin();
    mix([0.05, 0.15, 0.45], [0.75, 0.92, 0.95], 0.5 + 0.6 * height)
}

/// Red bricks in pale mortar.
fn bricks(x: f32, y: f32) -> [f32; 3] {
    let row = (y * 8.0).floor();
    let along = (x * 4.0 + 0.5 * (row % 2.0)).fract();
    let is_mortar = (y * 8.0).fract() < 0.18 || along < 0.09;
    let fired = 0.5 + 0.5 * (12.9 * row + 4.1 * (x * 4.0 + 0.5 * (row % 2.0)).floor()).sin();
    if is_mortar { [0.85, 0.82, 0.76] } else { mix([0.55, 0.16, 0.1], [0.78, 0.34, 0.2], fired) }
}

/// Yellow rings on violet.
fn rings(x: f32, y: f32) -> [f32; 3] {
    let (x, y) = ((x * 4.0).fract() - 0.5, (y * 4.0).fract() - 0.5);
    let distance = (x * x + y * y).sqrt();
    mix([0.3, 0.08, 0.4], [0.98, 0.85, 0.2], 6.0 * (0.14 - (distance - 0.3).abs()))
}

/// Green threads over and under each other.
fn weave(x: f32, y: f32) -> [f32; 3] {
    let (across, down) = (x * 10.0, y * 10.0);
    let is_over = (across.floor() + down.floor()) % 2.0 == 0.0;
    let round = |place: f32| (TAU / 2.0 * place.fract()).sin();
    let light = if is_over { round(down) } else { round(across) };
    let (dark, bright) =
        if is_over { ([0.02, 0.2, 0.1], [0.55, 0.9, 0.4]) } else { ([0.1, 0.1, 0.02], [0.9, 0.85, 0.55]) };
    mix(dark, bright, light)
}

/// A table: styles above, contents on the left, and what was painted.
fn draw(contents: &[Vec<f32>], styles: &[Vec<f32>], painted: &Pictures) -> Result<(), Error> {
    const ZOOM: usize = 2;
    const TILE: usize = SIDE * ZOOM + 8;
    const TOP: usize = 60;

    let mut picture = Picture::new(16 + (STYLES + 1) * TILE + 12, TOP + (CONTENTS + 1) * TILE + 12);
    picture.title("Pictures on the left, in the style of those above");
    picture.subtitle("Gram matrices of random filters; the pixels learn");
    let mut show = |row: usize, column: usize, pixels: &[f32]| {
        let room = |index: usize| if index == 0 { 0 } else { 12 };
        let (left, top) = (8 + column * TILE + room(column), TOP + row * TILE + room(row));
        picture.image(left, top, ZOOM, SIDE, pixels.as_chunks::<3>().0.iter().copied());
    };
    styles.iter().enumerate().for_each(|(style, pixels)| show(0, style + 1, pixels));
    contents.iter().enumerate().for_each(|(content, pixels)| show(content + 1, 0, pixels));
    (0..painted.len()).for_each(|cell| show(cell / STYLES + 1, cell % STYLES + 1, painted.sample(cell)));
    picture.save("style_pictures.svg")
}
