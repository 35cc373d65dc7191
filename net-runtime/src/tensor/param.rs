//! A tensor of a network's own.

use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::{ArrayViewD, ArrayViewMutD};

use super::aligned::AlignedBuffer;
use crate::tensor::exact::product;

/// Every version of every parameter of the process is another number, so that a packed form can tell from the version
/// alone whether it was made from these values, even after two parameters were swapped or one was cloned and changed.
static VERSIONS: AtomicU64 = AtomicU64::new(1);

fn next_version() -> u64 {
    VERSIONS.fetch_add(1, Ordering::Relaxed)
}

/// A tensor of a network's own in Keras's layout, aligned to 64 bytes: trained, or a statistic of what the network has seen.
///
/// A network's fields hold them, see [`weights`](crate::weights); [`Network::visit`](crate::Network::visit) shows all, with their
/// names. As an array of `ndarray` it is [`view`](Self::view) or [`view_mut`](Self::view_mut).
#[derive(Clone)]
pub struct Param {
    values: AlignedBuffer,
    dims: Box<[usize]>,
    version: u64,
    is_statistic: bool,
    frozen: Frozen,
}

/// Whether training leaves a parameter as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frozen {
    /// No.
    Never,
    /// Until it is thawed.
    ForNow,
    /// Always: `network!` says so, and has written no code to train it.
    ByProgram,
}

impl Param {
    /// A parameter of the given dimensions, all zero.
    ///
    /// # Panics
    ///
    /// If there is not as much memory; the message has the number of bytes.
    pub fn zeros(dims: &[usize]) -> Self {
        let values = AlignedBuffer::zeros(product(dims));
        Self { values, dims: dims.into(), version: next_version(), is_statistic: false, frozen: Frozen::Never }
    }

    /// The same as a statistic, such as a moving average: saved, but not trained. What a backward pass leaves as its gradient is the
    /// step that it takes, which a step of any optimizer adds; nothing else applies to it: no moments, decay or clipping.
    pub fn into_statistic(mut self) -> Self {
        self.is_statistic = true;
        self
    }

    /// Whether it is a statistic.
    pub fn is_statistic(&self) -> bool {
        self.is_statistic
    }

    /// The same for a part of a network that is declared with `frozen = true`: training never changes it.
    pub fn into_frozen(mut self) -> Self {
        self.frozen = Frozen::ByProgram;
        self
    }

    /// Whether training leaves it as it is: no step of an optimizer moves it, nor does a batch, if it is a statistic, whose layer then
    /// computes as in inference.
    pub fn is_frozen(&self) -> bool {
        self.frozen != Frozen::Never
    }

    /// Whether it is [frozen](Self::is_frozen) by the declaration of its network, and cannot be thawed.
    pub fn is_frozen_by_program(&self) -> bool {
        self.frozen == Frozen::ByProgram
    }

    /// Takes up what the declaration of its network says, where that is another: it may be from a network of which it was another
    /// part.
    pub(crate) fn declare_frozen(&mut self, frozen: bool) {
        if frozen != self.is_frozen_by_program() {
            self.frozen = if frozen { Frozen::ByProgram } else { Frozen::Never };
        }
    }

    /// Whether an optimizer changes it.
    pub fn is_trained(&self) -> bool {
        !self.is_statistic && !self.is_frozen()
    }

    /// Freezes it until it is thawed, or thaws it. What the program has frozen stays so.
    pub(crate) fn set_frozen(&mut self, frozen: bool) {
        if self.frozen != Frozen::ByProgram {
            self.frozen = if frozen { Frozen::ForNow } else { Frozen::Never };
        }
    }

    /// Length of every axis.
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The values in row-major order.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The values for writing; raises the version.
    pub fn values_mut(&mut self) -> &mut [f32] {
        self.version = next_version();
        &mut self.values
    }

    /// The values for writing, and the length of every axis; raises the version.
    pub(crate) fn values_and_dims_mut(&mut self) -> (&mut [f32], &[usize]) {
        self.version = next_version();
        (&mut self.values, &self.dims)
    }

    /// The values as an `ndarray` view.
    pub fn view(&self) -> ArrayViewD<'_, f32> {
        ArrayViewD::from_shape(&*self.dims, &self.values)
            .expect("a parameter holds as many values as its dimensions say")
    }

    /// The values as a mutable `ndarray` view; raises the version.
    pub fn view_mut(&mut self) -> ArrayViewMutD<'_, f32> {
        self.version = next_version();
        ArrayViewMutD::from_shape(&*self.dims, &mut self.values)
            .expect("a parameter holds as many values as its dimensions say")
    }

    /// A number that changes whenever the values may have changed, and is never used twice.
    pub fn version(&self) -> u64 {
        self.version
    }
}

impl std::fmt::Debug for Param {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Param{:?}", self.dims)
    }
}

/// Whether a result replaces what its place holds or is added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// Replace; the place may hold anything, a NaN included.
    Set,
    /// Add.
    Add,
}

impl Write {
    /// The same, for a gradient that takes the place of what a ReLU has made. It has no other contributions.
    ///
    /// # Panics
    ///
    /// If it is not the first contribution.
    pub fn masked(self) -> Store {
        assert!(self == Self::Set, "a gradient in the place of an activation is written once");
        Store::Mask
    }
}

/// What a layer does with the place of a gradient by its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// As [`Write::Set`].
    Set,
    /// As [`Write::Add`].
    Add,
    /// The place holds the input, which a ReLU has made: where it is positive, the gradient replaces it, elsewhere 0 does. So
    /// what is there at the end is the gradient before the ReLU.
    Mask,
}

impl From<Write> for Store {
    fn from(write: Write) -> Self {
        match write {
            Write::Set => Self::Set,
            Write::Add => Self::Add,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_moves_with_every_mutable_view_and_is_never_shared() {
        let mut first = Param::zeros(&[2, 3]);
        let mut second = first.clone();
        let before = first.version();
        first.view_mut()[[1, 2]] = 4.0;
        assert_ne!(first.version(), before);
        second.values_mut()[0] = 1.0;
        assert_ne!(first.version(), second.version());
        assert_eq!(first.values(), [0.0, 0.0, 0.0, 0.0, 0.0, 4.0]);
    }
}
