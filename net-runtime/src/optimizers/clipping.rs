//! Limits to gradients, applied while they are read.

/// Which limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Clipping {
    None,
    Value(f32),
    Norm(f32),
    GlobalNorm(f32),
}

/// The sum of squares, in `f64`: over 16 lanes whose order the length alone decides, so that it is the same everywhere.
pub(super) fn sum_of_squares(mut values: impl ExactSizeIterator<Item = f32>) -> f64 {
    const LANES: usize = 16;
    let mut lanes = [0.0_f64; LANES];
    for _ in 0..values.len() / LANES {
        for (lane, value) in lanes.iter_mut().zip(&mut values) {
            *lane += f64::from(value) * f64::from(value);
        }
    }
    let rest: f64 = values.map(|value| f64::from(value) * f64::from(value)).sum();
    lanes.iter().sum::<f64>() + rest
}

/// By what a gradient of this norm is multiplied so that its norm is at most `limit`.
pub(super) fn scale_to(limit: f32, norm: f64) -> f32 {
    let limit = f64::from(limit);
    if norm > limit { (limit / norm) as f32 } else { 1.0 }
}
