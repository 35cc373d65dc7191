//! What happens to a part of a matrix product while it is still in the cache.

use std::ops::Range;

use crate::tensor::activations::Activation;

/// Adds a bias to each row and applies an activation.
#[derive(Clone, Copy)]
pub(crate) struct Epilogue<'a> {
    pub bias: Option<&'a [f32]>,
    pub activation: Activation,
}

impl Epilogue<'_> {
    /// Nothing to do.
    pub const NONE: Epilogue<'static> = Epilogue { bias: None, activation: Activation::Linear };

    /// Works on a part of a row, the columns `columns` of the whole.
    pub fn apply(self, columns: Range<usize>, row: &mut [f32]) {
        if let Some(bias) = self.bias {
            row.iter_mut().zip(&bias[columns]).for_each(|(value, bias)| *value += bias);
        }
        self.activation.apply_part(row);
    }

    /// Works on whole rows.
    pub fn apply_rows(self, rows: &mut [f32]) {
        if let Some(bias) = self.bias {
            for row in rows.chunks_exact_mut(bias.len()) {
                row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
            }
        }
        self.activation.apply_part(rows);
    }
}
