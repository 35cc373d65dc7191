//! Pictures of two cameras side by side, with the true distance of everything that the left one sees.

use std::f32::consts::TAU;

use rand::{Rng, RngExt};

/// Pixels down.
pub const HEIGHT: usize = 120;
/// Pixels across.
pub const WIDTH: usize = 160;

/// Distance of the nearest things, in metres.
pub const NEAREST: f32 = 1.0;
/// Distance of the farthest things, in metres.
pub const FARTHEST: f32 = 3.0;

/// Distance between the cameras times their focal length: metres times pixels.
const BASELINE: f32 = 8.0;

/// The cameras are turned a little towards each other: what is this far away, both see at the same place.
const CONVERGENCE: f32 = 1.5;

/// What two cameras see, and the truth.
pub struct Pair {
    /// Red, green and blue from -1 to 1, row by row.
    pub left: Vec<f32>,
    /// The same of the right camera.
    pub right: Vec<f32>,
    /// Metres, for every pixel of the left picture.
    pub distance: Vec<f32>,
}

impl Pair {
    /// A wall with some boards before it. Every one has a texture of its own that says nothing about its distance, so
    /// that one picture alone tells nothing.
    pub fn draw(rng: &mut impl Rng) -> Self {
        let wall = Board::wall(rng);
        let mut boards: Vec<Board> = (0..rng.random_range(4..=7)).map(|_| Board::before(&wall, rng)).collect();
        boards.sort_by(|a, b| a.distance.total_cmp(&b.distance));
        let mut pair = Self { left: Vec::new(), right: Vec::new(), distance: Vec::new() };
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let (x, y) = (x as f32, y as f32);
                let seen = |shift: fn(&Board) -> f32| {
                    let board = boards.iter().find(|board| board.covers(x + shift(board), y)).unwrap_or(&wall);
                    (board, board.texture.at(x + shift(board), y))
                };
                let (board, color) = seen(|_| 0.0);
                pair.left.extend(color);
                pair.distance.push(board.distance);
                pair.right.extend(seen(Board::disparity).1);
            }
        }
        pair
    }
}

/// Something flat, parallel to the pictures. Positions are those in the left picture.
struct Board {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
    distance: f32,
    texture: Texture,
}

impl Board {
    fn before(wall: &Self, rng: &mut impl Rng) -> Self {
        let (width, height) = (rng.random_range(25.0..70.0), rng.random_range(25.0..70.0));
        Self {
            left: rng.random_range(-0.3 * width..WIDTH as f32 - 0.7 * width),
            top: rng.random_range(-0.3 * height..HEIGHT as f32 - 0.7 * height),
            width,
            height,
            distance: rng.random_range(NEAREST..wall.distance),
            texture: Texture::draw(rng),
        }
    }

    /// Behind everything else, and everywhere.
    fn wall(rng: &mut impl Rng) -> Self {
        let distance = rng.random_range(0.75 * FARTHEST..FARTHEST);
        let (start, size) = (-1e6, 2e6);
        Self { left: start, top: start, width: size, height: size, distance, texture: Texture::draw(rng) }
    }

    fn covers(&self, x: f32, y: f32) -> bool {
        (0.0..self.width).contains(&(x - self.left)) && (0.0..self.height).contains(&(y - self.top))
    }

    /// By how many pixels the right camera sees it further to the left.
    fn disparity(&self) -> f32 {
        BASELINE * (1.0 / self.distance - 1.0 / CONVERGENCE)
    }
}

/// Waves in three colours, which are known between the pixels too.
struct Texture([[Wave; 5]; 3]);

struct Wave {
    along_x: f32,
    along_y: f32,
    phase: f32,
}

impl Texture {
    fn draw(rng: &mut impl Rng) -> Self {
        Self([(); 3].map(|()| [(); 5].map(|()| Wave::draw(rng))))
    }

    fn at(&self, x: f32, y: f32) -> [f32; 3] {
        self.0.each_ref().map(|waves| {
            let sum: f32 = waves.iter().map(|wave| (wave.along_x * x + wave.along_y * y + wave.phase).sin()).sum();
            (0.5 * sum).tanh()
        })
    }
}

impl Wave {
    fn draw(rng: &mut impl Rng) -> Self {
        let frequency = TAU / rng.random_range(5.0..12.0);
        // Not along the vertical: what only changes from row to row looks the same to both cameras.
        let direction: f32 = rng.random_range(-1.0..1.0);
        Self {
            along_x: frequency * direction.cos(),
            along_y: frequency * direction.sin(),
            phase: rng.random_range(0.0..TAU),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::Xoshiro256PlusPlus;

    use super::*;

    #[test]
    fn what_the_left_camera_sees_the_right_one_sees_elsewhere() {
        let pair = Pair::draw(&mut Xoshiro256PlusPlus::seed_from_u64(3));
        assert_eq!((pair.left.len(), pair.right.len()), (HEIGHT * WIDTH * 3, HEIGHT * WIDTH * 3));
        assert!(pair.distance.iter().all(|distance| (NEAREST..FARTHEST).contains(distance)));
        // Whole pixels are near enough where the picture does not change fast: most of them agree.
        let mut agreeing = 0;
        for (index, distance) in pair.distance.iter().enumerate() {
            let shift = (BASELINE * (1.0 / distance - 1.0 / CONVERGENCE)).round() as isize;
            let (x, y) = ((index % WIDTH) as isize - shift, index / WIDTH);
            if (0..WIDTH as isize).contains(&x) {
                let right = &pair.right[(y * WIDTH + x as usize) * 3..][..3];
                let left = &pair.left[index * 3..][..3];
                agreeing += usize::from(left.iter().zip(right).all(|(left, right)| (left - right).abs() < 0.5));
            }
        }
        assert!(agreeing > HEIGHT * WIDTH * 7 / 10, "{agreeing}");
    }
}
