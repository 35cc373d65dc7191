//! Losses that every row of the last axis decides alone.

use crate::tensor::param::Write;

/// A loss that is the mean over the rows of a sample of a function of a row of the output and one of the target.
/// [`rowwise_loss`] makes a loss of it.
pub(super) trait Rowwise {
    /// The function.
    fn at(&self, output: &[f32], target: &[f32]) -> f64;

    /// Its derivative by each element of the row, times `scale`.
    fn slopes(&self, output: &[f32], target: &[f32], scale: f32, gradient: &mut [f32], write: Write);
}

/// Makes a [`Loss`](super::Loss) of a [`Rowwise`] type.
macro_rules! rowwise_loss {
    ($loss:ty) => {
        impl $crate::losses::Loss for $loss {
            type Target = f32;
            const ALIKE_EVERYWHERE: bool = true;

            fn value(&self, output: &[f32], target: &[f32], dims: &[usize]) -> f32 {
                let length = $crate::losses::rows::length(dims);
                let rows = output.chunks_exact(length).zip(target.chunks_exact(length));
                let sum: f64 = rows.map(|(output, target)| self.at(output, target)).sum();
                (sum / (output.len() / length) as f64) as f32
            }

            fn gradient(
                &self,
                output: &[f32],
                target: &[f32],
                dims: &[usize],
                scale: f32,
                gradient: &mut [f32],
                write: $crate::tensor::param::Write,
            ) {
                let length = $crate::losses::rows::length(dims);
                let scale = scale / (output.len() / length) as f32;
                let rows = output.chunks_exact(length).zip(target.chunks_exact(length));
                for (gradient, (output, target)) in gradient.chunks_exact_mut(length).zip(rows) {
                    self.slopes(output, target, scale, gradient, write);
                }
            }
        }
    };
}
pub(super) use rowwise_loss;
