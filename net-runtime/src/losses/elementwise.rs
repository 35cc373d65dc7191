//! Losses that every element decides alone.

/// A loss that is the mean over the elements of a sample of a function of output and target: the function, and its derivative by
/// the output. [`elementwise_loss`] makes a loss of it.
pub(super) trait Elementwise {
    /// The function, in `f64`, for it is added up.
    fn at(&self, y: f32, t: f32) -> f64;

    /// Its derivative by the output.
    fn slope(&self, y: f32, t: f32) -> f32;
}

/// Makes a [`Loss`](super::Loss) of an [`Elementwise`] type.
macro_rules! elementwise_loss {
    ($loss:ty) => {
        impl $crate::losses::Loss for $loss {
            type Target = f32;
            const ALIKE_EVERYWHERE: bool = true;

            fn value(&self, output: &[f32], target: &[f32], _dims: &[usize]) -> f32 {
                $crate::losses::rows::mean(output, target, |y, t| self.at(y, t))
            }

            fn gradient(
                &self,
                output: &[f32],
                target: &[f32],
                _dims: &[usize],
                scale: f32,
                gradient: &mut [f32],
                write: $crate::tensor::param::Write,
            ) {
                let slope = |y, t| self.slope(y, t);
                $crate::losses::rows::mean_gradient(output, target, scale, gradient, write, slope);
            }
        }
    };
}
pub(super) use elementwise_loss;

/// -1, 0 or 1; a NaN for a NaN. (`f32::signum` of zero is not zero.)
pub(super) fn sign(number: f32) -> f32 {
    if number > 0.0 {
        1.0
    } else if number < 0.0 {
        -1.0
    } else {
        number
    }
}
