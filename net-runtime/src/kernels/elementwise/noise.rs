//! Normal numbers that are never kept: added to elements or multiplied with them, and drawn again whenever they are needed.

use super::arithmetic::put;
use super::dropout::{Draws, WORDS};
use crate::kernels::simd::{Isa, Simd, dispatch, math};
use crate::parallel::for_each_rows;
use crate::tensor::param::Store;

/// Blocks of words that are made together: a loop of so many is one of vectors.
const BLOCKS: usize = 16;

/// What a block of words holds: two pairs, of which each makes two normal numbers.
const PAIRS: usize = WORDS / 2;

/// `y = x + deviation · z` with a normal z for each element.
pub(crate) fn add(draws: &Draws, deviation: f32, x: &[f32], y: &mut [f32]) {
    each(draws, x, y, Store::Set, |x, z| x + deviation * z);
}

/// `y = x · (1 + deviation · z)` with a normal z for each element.
pub(crate) fn multiply(draws: &Draws, deviation: f32, x: &[f32], y: &mut [f32], store: Store) {
    each(draws, x, y, store, |x, z| x * (1.0 + deviation * z));
}

fn each(draws: &Draws, x: &[f32], y: &mut [f32], store: Store, f: impl Fn(f32, f32) -> f32 + Sync) {
    const ELEMENTS: usize = BLOCKS * WORDS;
    let isa = Isa::current();
    // Groups of rows hold a multiple of four elements, so every block of words belongs to one of them.
    for_each_rows(y, 1, |first, y| {
        let x = &x[first..][..y.len()];
        for (index, (y, x)) in y.chunks_mut(ELEMENTS).zip(x.chunks(ELEMENTS)).enumerate() {
            let mut normal = [[0.0; BLOCKS]; WORDS];
            // SAFETY: this machine has the instruction set.
            unsafe { draw(isa, draws, first / WORDS + index * BLOCKS, &mut normal) };
            let of = |(element, &x): (usize, &f32)| f(x, normal[element % WORDS][element / WORDS]);
            put(store, y, x.iter().enumerate().map(of));
        }
    });
}

dispatch! {
    /// Numbers of the standard normal distribution from the words of neighbouring blocks, two of each pair of words (Box and Muller,
    /// 1958): √(−2 · ln u) times cosine and sine of an angle, where u is above 0 and at most 1. Its first and third words make u of a
    /// pair, the others the angle.
    unsafe fn draw(draws: &Draws, first: usize, normal: &mut [[f32; BLOCKS]; WORDS]) = draw_generic
}

#[inline(always)]
unsafe fn draw_generic<S: Simd>(draws: &Draws, first: usize, normal: &mut [[f32; BLOCKS]; WORDS]) {
    /// Of a turn, the 24 upper bits of a word count such steps: the upper two are quarters, the others steps within one, from −π/4.
    const STEP: f32 = std::f32::consts::TAU / (1 << 24) as f32;
    const HALF_A_QUARTER: i32 = 1 << 21;

    let mut words = [[0_u32; WORDS]; BLOCKS];
    for (index, words) in words.iter_mut().enumerate() {
        *words = draws.words(first + index);
    }
    for pair in 0..PAIRS {
        let [mut shares, mut angles, mut odd, mut signs] = [[0.0_f32; BLOCKS]; 4];
        for (index, words) in words.iter().enumerate() {
            let [share, angle] = [words[2 * pair], words[2 * pair + 1]];
            shares[index] = ((share >> 8) + 1) as f32 / (1 << 24) as f32;
            angles[index] = ((angle >> 8 & 0x3f_ffff) as i32 - HALF_A_QUARTER) as f32 * STEP;
            odd[index] = (angle >> 30 & 1) as f32;
            signs[index] = if angle >> 31 == 0 { 1.0 } else { -1.0 };
        }
        for at in (0..BLOCKS).step_by(S::LANES) {
            // SAFETY: sixteen elements are whole vectors.
            unsafe {
                let [share, angle, odd, sign] = [&shares, &angles, &odd, &signs].map(|of| S::load(of.as_ptr().add(at)));
                let radius = S::mul(sign, S::sqrt(S::mul(S::splat(-2.0), math::ln::<S>(share))));
                let (sine, cosine) = math::sine_and_cosine::<S>(angle);
                let one = S::splat(1.0);
                let x = S::if_equal(odd, one, S::sub(S::splat(0.0), sine), cosine);
                let y = S::if_equal(odd, one, cosine, sine);
                S::store(normal[2 * pair].as_mut_ptr().add(at), S::mul(radius, x));
                S::store(normal[2 * pair + 1].as_mut_ptr().add(at), S::mul(radius, y));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::random::RandomKey;

    #[test]
    fn numbers_are_those_of_box_and_muller_on_every_instruction_set() {
        let draws = Draws::new(RandomKey { seed: 3, step: 4 }, 5);
        for isa in Isa::available() {
            let mut quarters = [0; 4];
            for first in [0, 7, usize::MAX - BLOCKS] {
                let mut normal = [[f32::NAN; BLOCKS]; WORDS];
                // SAFETY: the instruction set comes from `Isa::available`.
                unsafe { draw(isa, &draws, first, &mut normal) };
                let drawn: Vec<_> = (0..BLOCKS).map(|block| normal.map(|of| of[block])).collect();
                for (block, drawn) in drawn.iter().enumerate() {
                    let words = draws.words(first + block);
                    for pair in 0..PAIRS {
                        let [u, angle] = [words[2 * pair], words[2 * pair + 1]].map(|word| f64::from(word >> 8));
                        let radius = (-2.0 * ((u + 1.0) / 2_f64.powi(24)).ln()).sqrt();
                        let angle = std::f64::consts::TAU * (angle / 2_f64.powi(24) - 0.125);
                        quarters[(words[2 * pair + 1] >> 30) as usize] += 1;
                        for (index, exact) in [radius * angle.cos(), radius * angle.sin()].into_iter().enumerate() {
                            let found = drawn[2 * pair + index];
                            assert!((f64::from(found) - exact).abs() < 2e-6, "{isa:?}: {found} for {exact}");
                        }
                    }
                }
            }
            assert!(quarters.iter().all(|count| *count > 0));
        }
    }
}
