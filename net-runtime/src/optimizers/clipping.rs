//! Limits to gradients, applied while they are read.

/// Which limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Clipping {
    None,
    Value(f32),
    Norm(f32),
    GlobalNorm(f32),
}

/// By what a gradient of this norm is multiplied so that its norm is at most `limit`.
pub(super) fn scale_to(limit: f32, norm: f64) -> f32 {
    let limit = f64::from(limit);
    if norm > limit { (limit / norm) as f32 } else { 1.0 }
}
