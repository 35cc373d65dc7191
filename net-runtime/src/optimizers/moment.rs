//! What an optimizer remembers.

use std::ops::{Deref, DerefMut};

use crate::tensor::aligned::AlignedBuffer;

/// A parameter of a network, before the first step.
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'a> {
    /// Its name, e.g. `features_conv2d.kernel`.
    pub name: &'a str,
    /// The lengths of its axes.
    pub dims: &'a [usize],
    /// Its elements, in row-major order.
    pub values: &'a [f32],
}

impl Parameter<'_> {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no element: of what is not trained.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// Numbers that an optimizer keeps of one parameter from step to step, mostly one for each element, under a name by which they are
/// saved.
#[derive(Clone)]
pub struct Moment {
    name: &'static str,
    len: [usize; 1],
    values: AlignedBuffer,
}

impl Moment {
    /// `len` zeros. With `len` 0 the moment is not used and not saved.
    pub fn zeros(name: &'static str, len: usize) -> Self {
        Self { name, len: [len], values: AlignedBuffer::zeros(len) }
    }

    /// `len` times this value. With `len` 0 the moment is not used and not saved.
    pub fn filled(name: &'static str, len: usize, value: f32) -> Self {
        let mut moment = Self::zeros(name, len);
        moment.values.fill(value);
        moment
    }

    /// These values. With none the moment is not used and not saved.
    pub fn of(name: &'static str, values: &[f32]) -> Self {
        let mut moment = Self::zeros(name, values.len());
        moment.values.copy_from_slice(values);
        moment
    }

    /// Its length, as dimensions.
    pub(super) fn dims(&self) -> &[usize] {
        &self.len
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
