//! Scenes for the detector: a real digit in colour, somewhere on a darker background with a texture.

use net_runtime::Error;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::digits::{self, Digit};

/// Height and width of a scene.
pub const SIDE: usize = 64;

/// Left, top, width and height, in parts of the scene's side.
pub type Location = [f32; 4];

/// One scene and what is to be found in it.
pub struct Scene {
    /// Red, green and blue of every pixel, from 0 to 1, row by row.
    pub image: Vec<f32>,
    /// What the digit is.
    pub class: u32,
    /// The smallest box that holds all of the digit that can be seen.
    pub location: Location,
    /// What each pixel shows, row by row: [`NOTHING`], or `1 + class` where there is more ink than background.
    pub mask: Vec<u32>,
}

/// The background in a [`Scene::mask`].
pub const NOTHING: u32 = 0;

impl Scene {
    /// Puts a digit at a random place, 32 to 52 pixels large.
    pub fn draw(digit: &Digit, rng: &mut impl Rng) -> Self {
        let size = rng.random_range(32..=52);
        let (left, top) = (rng.random_range(0..=SIDE - size), rng.random_range(0..=SIDE - size));
        let color: [f32; 3] = bright_color(rng);
        let mut image = background(rng);
        let mut bounds = Bounds::default();
        let mut mask = vec![NOTHING; SIDE * SIDE];
        for y in 0..size {
            for x in 0..size {
                let ink = ink(digit, x, y, size);
                let pixel = &mut image[((top + y) * SIDE + left + x) * 3..][..3];
                for (channel, color) in pixel.iter_mut().zip(color) {
                    *channel += (color - *channel) * ink;
                }
                // Where there is less ink, the background is what one sees.
                if ink > 0.5 {
                    bounds.add(left + x, top + y);
                    mask[(top + y) * SIDE + left + x] = 1 + digit.class;
                }
            }
        }
        Self { image, class: digit.class, location: bounds.location(), mask }
    }
}

/// So many scenes, each with one of these digits.
///
/// # Errors
///
/// [`Error::Invalid`] if there are no digits.
pub fn draw(digits: &[Digit], count: usize, rng: &mut impl Rng) -> Result<Vec<Scene>, Error> {
    let no_digits = || Error::Invalid("there are no digits to draw".into());
    (0..count).map(|_| Ok(Scene::draw(digits.choose(rng).ok_or_else(no_digits)?, rng))).collect()
}

/// What a network sees of a channel: around zero, and one is a usual distance from it.
pub fn normalized(channel: f32) -> f32 {
    (channel - 0.3) / 0.3
}

/// The channel again.
pub fn shown(channel: f32) -> f32 {
    channel * 0.3 + 0.3
}

/// How much ink there is at a pixel of a digit drawn `size` pixels large, from 0 to 1.
fn ink(digit: &Digit, x: usize, y: usize, size: usize) -> f32 {
    let source = |position: usize| (position as f32 + 0.5) * digits::SIDE as f32 / size as f32 - 0.5;
    // Smooth between the eight by eight pixels, with edges that are sharper than that makes them.
    smooth_step(0.1, 0.7, digits::ink(&digit.pixels, source(x), source(y)))
}

fn smooth_step(from: f32, to: f32, value: f32) -> f32 {
    let part = ((value - from) / (to - from)).clamp(0.0, 1.0);
    part * part * (3.0 - 2.0 * part)
}

/// A colour that stands out from any background: one channel is full, the others are as they come.
fn bright_color(rng: &mut impl Rng) -> [f32; 3] {
    let mut color = [0.0; 3].map(|_: f32| rng.random_range(0.2..1.0));
    color[rng.random_range(0..3)] = 1.0;
    color
}

/// Dark clouds, coarse and fine, and a little noise.
fn background(rng: &mut impl Rng) -> Vec<f32> {
    let color = [0.0; 3].map(|_: f32| rng.random_range(0.08..0.32));
    let coarse = Clouds::new(16, rng);
    let fine = Clouds::new(5, rng);
    let mut image = Vec::with_capacity(SIDE * SIDE * 3);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let light = 1.0 + 0.7 * coarse.at(x, y) + 0.3 * fine.at(x, y);
            image.extend(color.map(|channel| (channel * light + rng.random_range(-0.03..0.03)).max(0.0)));
        }
    }
    image
}

/// Random light and shade, from -1 to 1, that changes smoothly over `cell` pixels.
struct Clouds {
    cell: usize,
    columns: usize,
    values: Vec<f32>,
}

impl Clouds {
    fn new(cell: usize, rng: &mut impl Rng) -> Self {
        let columns = SIDE / cell + 2;
        let values = (0..columns * columns).map(|_| rng.random_range(-1.0..1.0)).collect();
        Self { cell, columns, values }
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        let place = |position: usize| position as f32 / self.cell as f32;
        digits::bilinear(place(x), place(y), |column, row| self.values[row as usize * self.columns + column as usize])
    }
}

/// The pixels seen so far: first and one past the last, in x and y.
#[derive(Default)]
struct Bounds(Option<[usize; 4]>);

impl Bounds {
    fn add(&mut self, x: usize, y: usize) {
        let [left, top, right, bottom] = self.0.unwrap_or([x, y, x + 1, y + 1]);
        self.0 = Some([left.min(x), top.min(y), right.max(x + 1), bottom.max(y + 1)]);
    }

    fn location(&self) -> Location {
        let [left, top, right, bottom] = self.0.unwrap_or_default();
        [left, top, right - left, bottom - top].map(|pixels| pixels as f32 / SIDE as f32)
    }
}

/// How well two boxes agree: the area they share, in parts of the area they cover together.
pub fn intersection_over_union(a: Location, b: Location) -> f32 {
    let shared = |axis: usize| {
        let end = (a[axis] + a[axis + 2]).min(b[axis] + b[axis + 2]);
        (end - a[axis].max(b[axis])).max(0.0)
    };
    let intersection = shared(0) * shared(1);
    let union = a[2] * a[3] + b[2] * b[3] - intersection;
    if union > 0.0 { intersection / union } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::Xoshiro256PlusPlus;

    use super::*;

    /// A digit of which all pixels are ink.
    fn block() -> Digit {
        Digit { pixels: vec![1.0; digits::SIDE * digits::SIDE], class: 8 }
    }

    #[test]
    fn the_box_is_around_what_is_bright() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
        for _ in 0..50 {
            let scene = Scene::draw(&block(), &mut rng);
            assert!(scene.image.iter().all(|value| (0.0..=1.0).contains(value)));
            let [left, top, width, height] = scene.location.map(|part| (part * SIDE as f32) as usize);
            let brightest = |x: usize, y: usize| {
                scene.image[(y * SIDE + x) * 3..][..3].iter().fold(0.0, |brightest: f32, &value| brightest.max(value))
            };
            assert!((28..=52).contains(&width) && (28..=52).contains(&height), "{width} x {height}");
            assert!(left + width <= SIDE && top + height <= SIDE);
            assert!(brightest(left + width / 2, top + height / 2) > 0.99);
            for y in 0..SIDE {
                for x in 0..SIDE {
                    let inside = (left..left + width).contains(&x) && (top..top + height).contains(&y);
                    assert!(inside || brightest(x, y) < 0.85, "pixel {x}, {y} outside the box is bright");
                }
            }
        }
    }

    #[test]
    fn the_mask_marks_what_is_bright() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
        let scene = Scene::draw(&block(), &mut rng);
        let brightest = |pixel: usize| scene.image[pixel * 3..][..3].iter().fold(0.0, |a: f32, &b| a.max(b));
        assert!(scene.mask.iter().enumerate().all(|(pixel, &class)| match class {
            NOTHING => brightest(pixel) < 0.85,
            class => class == 9 && brightest(pixel) > 0.5,
        }));
        assert!(scene.mask.iter().filter(|&&class| class != NOTHING).count() > 28 * 28);
    }

    #[test]
    fn the_same_seed_gives_the_same_scene() {
        let draw = |seed| Scene::draw(&block(), &mut Xoshiro256PlusPlus::seed_from_u64(seed)).image;
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }

    #[test]
    fn agreement_of_boxes() {
        let unit = [0.0, 0.0, 0.5, 0.5];
        assert_eq!(intersection_over_union(unit, unit), 1.0);
        assert_eq!(intersection_over_union(unit, [0.5, 0.5, 0.5, 0.5]), 0.0);
        assert!((intersection_over_union(unit, [0.25, 0.0, 0.5, 0.5]) - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(intersection_over_union([0.0; 4], [0.0; 4]), 0.0);
    }
}
