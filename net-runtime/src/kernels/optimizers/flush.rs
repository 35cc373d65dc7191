//! Numbers that are all but nothing.

/// Zero for what is all but a subnormal number.
///
/// Without a gradient a moment decays towards zero and would stay among the subnormals for ever, on which processors
/// are slow; 1e-37 is far below anything that moves a weight.
#[inline(always)]
pub(super) fn flush(moment: f32) -> f32 {
    if moment.abs() < 1e-37 { 0.0 } else { moment }
}
