//! What tensors are made of.

use super::argmax::argmax;

/// What a tensor holds: `f32` numbers, or `u32` classes and indices.
pub trait Element: Copy + Default + PartialEq + std::fmt::Debug + Send + Sync + 'static {}

impl Element for f32 {}
impl Element for u32 {}

/// Targets that are one class a sample: numbers, or one-hot rows.
pub trait Classes: Sized {
    /// Whether a row of several elements can be one class.
    const ROWS: bool;

    /// The class of one sample.
    fn class(sample: &[Self]) -> usize;
}

impl Classes for u32 {
    const ROWS: bool = false;

    fn class(sample: &[Self]) -> usize {
        sample[0] as usize
    }
}

impl Classes for f32 {
    const ROWS: bool = true;

    /// The [largest entry's index](argmax); a single number is the class itself, as in Keras.
    fn class(sample: &[Self]) -> usize {
        match sample {
            [class] => class.round() as usize,
            row => argmax(row),
        }
    }
}
