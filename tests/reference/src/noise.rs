//! How much the rounding of `f32` may change a result.
//!
//! A tolerance for all networks would be too small for one whose sums cancel and far too large for all others. So the interpreter
//! computes everything again with random changes in the last bits of all that is read and written (Parker, "Monte Carlo Arithmetic",
//! 1997): how far the results move is how far the runtime's may be off.

use crate::draw::Random;
use crate::tensor::Tensor;

/// The largest change of an element, relative to it: sixty-four times what rounding changes at most, as much as sums of some hundred
/// terms and the transforms of Winograd's algorithm come to, and more than once. What so much noise moves a result by is what it may be
/// off; and where so much noise chooses another side of a kink, rounding may, too.
const SIZE: f64 = 64.0 * 6e-8;

/// Random changes of elements, or none.
#[derive(Clone, Debug)]
pub struct Noise(Option<Random>);

impl Noise {
    /// Everything as it is.
    pub fn none() -> Self {
        Self(None)
    }

    /// Changes by this seed.
    pub fn new(seed: u64) -> Self {
        Self(Some(Random::new(seed, 0x4015E)))
    }

    /// Other changes, for what is computed apart.
    pub fn another(&mut self) -> Self {
        Self(self.0.as_mut().map(|random| Random::new(random.word(), 0)))
    }

    /// A tensor as it may be read or written in `f32`. A zero stays one: what is exactly zero is so in the runtime, too.
    pub fn round(&mut self, tensor: &Tensor) -> Tensor {
        match &mut self.0 {
            None => tensor.clone(),
            Some(random) => tensor.map(|element| element * (1.0 + SIZE * random.number())),
        }
    }
}

/// What a tensor has to be, and how far each element may be off.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The numbers.
    pub values: Tensor,
    /// The bound of the error of each.
    pub tolerance: f64,
}

/// What the last step of a computation may always be off, relative to the largest element.
const LEAST: f64 = 1e-6;

/// A result that noise changes more than this, relative to its largest element, hangs on a coin.
const MOST: f64 = 1e-3;

impl Expected {
    /// From a result, and the same result with noise.
    pub fn new(values: Tensor, noisy: &[&Tensor]) -> Self {
        let change = |noisy: &&Tensor| values.zip(noisy, |a, b| (a - b).abs()).largest();
        let change = noisy.iter().map(change).fold(0.0, f64::max);
        let tolerance = change + LEAST * values.largest() + f64::from(f32::MIN_POSITIVE);
        Self { values, tolerance }
    }

    /// The same if rounding leaves enough of it to be compared. `scale` is the size of what it was computed with.
    pub fn certain(self, scale: f64) -> Option<Self> {
        // What is no number, as after steps that diverge, is compared with nothing.
        if self.values.data.iter().any(|element| !element.is_finite()) {
            return None;
        }
        let largest = self.values.largest();
        // What is zero by cancellation is no more than noise in `f32`; here it may be exactly zero, whatever the noise, where equal
        // terms are taken from each other.
        let noise = 1e-5 * scale.max(1.0);
        if largest < 1e-9 * scale.max(1.0) && self.tolerance < noise {
            return Some(Self { tolerance: noise, ..self });
        }
        (self.tolerance <= MOST * largest.max(1e-3 * scale)).then_some(self)
    }

    /// How far the element that is furthest off is from what is right, as a part of the tolerance.
    pub fn use_of_tolerance(&self, found: &[f32]) -> f64 {
        let off = found.iter().zip(&self.values.data).map(|(found, right)| (f64::from(*found) - right).abs());
        off.fold(0.0, f64::max) / self.tolerance
    }

    /// The first element that is further off than it may be: its index, what was found and what is right.
    pub fn fault(&self, found: &[f32]) -> Option<String> {
        if found.len() != self.values.data.len() {
            return Some(format!("{} elements instead of {}", found.len(), self.values.data.len()));
        }
        let off = |found: f32, right: f64| (f64::from(found) - right).abs();
        let wrong = |(found, right): (&f32, &f64)| off(*found, *right) > self.tolerance || found.is_nan();
        let count = found.iter().zip(&self.values.data).filter(|(found, right)| wrong((*found, *right))).count();
        let index = found.iter().zip(&self.values.data).position(wrong)?;
        Some(format!(
            "{count} of {} elements are wrong; number {index} of {:?} is {:e} instead of {:e}, with a tolerance of {:e}",
            found.len(),
            self.values.dims,
            found[index],
            self.values.data[index],
            self.tolerance
        ))
    }
}
