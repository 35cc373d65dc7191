//! What a network without losses and metrics is trained with: nothing.

use std::fmt;
use std::marker::PhantomData;

use super::traits::{Network, Samples};
use crate::error::Error;

/// The samples of a network without losses and metrics. There are none: whatever asks for their number is told that the network has
/// no loss.
///
/// What a program calls `<Network>Samples` is no name of this type, but one that rustc refuses, with what to write.
pub struct NoSamples<N>(PhantomData<fn() -> N>);

impl<N: Network> NoSamples<N> {
    /// That the network has no loss.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] always.
    pub fn refuse<T>(&self) -> Result<T, Error> {
        Err(Error::Invalid(format!(
            "`{}` has no loss to be trained by, and no metric: add to it e.g. `loss <output>: MeanSquaredError;`",
            N::INFO.name
        )))
    }
}

impl<N> Default for NoSamples<N> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<N> Clone for NoSamples<N> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<N> fmt::Debug for NoSamples<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoSamples")
    }
}

impl<N: Network + 'static> Samples for NoSamples<N> {
    type Inputs<'a> = N::Inputs<'a>;

    /// # Panics
    ///
    /// Always: [`count`](Self::count), which comes before, is an error.
    fn inputs(&self) -> N::Inputs<'_> {
        panic!("`{}` has no loss, and so no samples", N::INFO.name)
    }

    fn count(&self) -> Result<usize, Error> {
        self.refuse()
    }

    fn gather_into(&self, _indices: &[usize], _target: &mut Self) {}

    fn weigh_classes(&mut self, _head: &str, _weights: &[f32]) -> Result<(), Error> {
        self.refuse()
    }
}
