//! Whole numbers to vectors that are learnt.

use super::{check, check_parameter};
use crate::error::Error;
use crate::kernels::embedding::gather;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::Table;

/// yᵢ = row xᵢ of a table, as Keras's `Embedding`: whole numbers `[..]` to `[.., width]` (Bengio et al., "A Neural Probabilistic Language
/// Model", 2003).
///
/// The gradient of the table has few rows that are not zero: those that a batch uses. Only these are written, found finite and
/// added up, in the order of the batch; a row of which the gradient is zero still follows its moments, as in Keras.
///
/// # In `network!`
///
/// `Embedding(rows, width)`: whole numbers below `rows`, e.g. `u32[steps]`, to `[steps, width]`. The weights are a
/// [`Table`](crate::weights::Table) `[rows, width]`, at first `random_uniform`. A number without a row is an error of the call,
/// [`Error::Row`].
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Mood(text: u32[20]) -> (mood: [2]) {
///         let words: [20, 16] = text -> Embedding(5_000, 16);
///         let mood = words -> GlobalAvgPool1d -> Dense(2) -> softmax;
///     }
/// }
/// assert_eq!(Mood::PARAMETERS, 5_000 * 16 + (16 * 2 + 2));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Embedding {
    /// Numbers of a sample.
    pub len: usize,
    /// Rows of the table; a number is below it.
    pub rows: usize,
    /// Elements of a row.
    pub width: usize,
}

impl Embedding {
    fn check(&self, n: usize, x: &[u32], name: &str, y: &[f32]) {
        check("x", x, n, &[self.len]);
        check(name, y, n, &[self.len, self.width]);
    }

    /// Computes `y` from `x`.
    ///
    /// # Errors
    ///
    /// [`Error::Row`] if a number is not below [`rows`](Self::rows).
    pub fn forward(&self, n: usize, x: &[u32], weights: &Table, y: &mut [f32]) -> Result<(), Error> {
        self.check(n, x, "y", y);
        check_parameter("table", weights.embeddings.values().len(), &[self.rows, self.width]);
        if let Some(index) = x.iter().position(|&number| number as usize >= self.rows) {
            return Err(Error::Row { sample: index / self.len, number: x[index], rows: self.rows });
        }
        gather(weights.embeddings.values(), self.width, x, y);
        Ok(())
    }

    /// Contributes to the gradient of the table: each row of `dy` to the row that it came from.
    ///
    /// # Panics
    ///
    /// Beside wrong lengths, where [`forward`](Self::forward) returns an error.
    pub fn backward_weights(&self, n: usize, x: &[u32], dy: &[f32], gradients: &mut Table<Gradient>) {
        self.check(n, x, "dy", dy);
        check_parameter("table", gradients.embeddings.len(), &[self.rows, self.width]);
        gradients.embeddings.contribute_rows(x, dy);
    }
}
