//! What an optimizer remembers.

use std::ops::{Deref, DerefMut};

use crate::tensor::aligned::AlignedBuffer;

/// A number for each element of one parameter that an optimizer keeps from step to step, under a name by which it is
/// saved.
#[derive(Clone)]
pub struct Moment {
    name: &'static str,
    values: AlignedBuffer,
}

impl Moment {
    /// `len` zeros. With `len` 0 the moment is not used and not saved.
    pub fn zeros(name: &'static str, len: usize) -> Self {
        Self { name, values: AlignedBuffer::zeros(len) }
    }

    /// `len` times this value. With `len` 0 the moment is not used and not saved.
    pub fn filled(name: &'static str, len: usize, value: f32) -> Self {
        let mut moment = Self::zeros(name, len);
        moment.values.fill(value);
        moment
    }

    /// Its name, e.g. `velocity`.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl Deref for Moment {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values
    }
}

impl DerefMut for Moment {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Moment({}, {})", self.name, self.values.len())
    }
}
