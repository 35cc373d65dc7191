//! Whole numbers as zeros and ones.

use super::check;
use crate::error::Error;

/// Rows of `tokens` numbers that say which whole numbers there are, as Keras's `CategoryEncoding`: 1 where a number is, or how often it
/// comes, else 0. A row of one number is one-hot, one of several is multi-hot.
///
/// # In `network!`
///
/// `CategoryEncoding(tokens, mode = multi_hot)`, or `mode = one_hot` or `count`. Whole numbers `u32[numbers]` become one row
/// `[tokens]`; with `one_hot` each of them becomes a row. There are no weights. A number that is not below `tokens` is an error of
/// the call, [`Error::Token`].
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Encode(tags: u32[3]) -> (any: [5], how_often: [5]) {
///         let any = tags -> CategoryEncoding(5);
///         let how_often = tags -> CategoryEncoding(5, mode = count);
///     }
/// }
/// let tags = Batch::from_vec(vec![1, 4, 4]).unwrap();
/// let found = Encode::new(1).predict(&tags).unwrap();
/// assert_eq!(found.any.data(), [0.0, 1.0, 0.0, 0.0, 1.0]);
/// assert_eq!(found.how_often.data(), [0.0, 1.0, 0.0, 0.0, 2.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CategoryEncoding {
    /// Rows of a sample.
    pub rows: usize,
    /// Whole numbers that a row is of.
    pub numbers: usize,
    /// Length of a row; a number is below it.
    pub tokens: usize,
    /// Whether a number that comes several times is counted.
    pub count: bool,
}

impl CategoryEncoding {
    /// Computes `y` from `x`.
    ///
    /// # Errors
    ///
    /// [`Error::Token`] if a number is not below [`tokens`](Self::tokens).
    pub fn forward(&self, n: usize, x: &[u32], y: &mut [f32]) -> Result<(), Error> {
        check("x", x, n, &[self.rows, self.numbers]);
        check("y", y, n, &[self.rows, self.tokens]);
        if let Some(index) = x.iter().position(|&number| number as usize >= self.tokens) {
            return Err(Error::Token {
                sample: index / (self.rows * self.numbers),
                number: x[index],
                tokens: self.tokens,
            });
        }
        y.fill(0.0);
        for (row, numbers) in y.chunks_exact_mut(self.tokens.max(1)).zip(x.chunks_exact(self.numbers.max(1))) {
            for &number in numbers {
                let place = &mut row[number as usize];
                *place = if self.count { *place + 1.0 } else { 1.0 };
            }
        }
        Ok(())
    }
}
