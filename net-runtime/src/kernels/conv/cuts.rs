//! What the gradient of a kernel is cut into: its loops ask, and what counts their cost.

use crate::kernels::axis::Axis;
use crate::kernels::simd::Isa;

/// Output pixels that are in one product.
pub(super) const PIXELS: usize = 384;

/// Tasks that the gradient is cut into at least, if there are enough channels.
pub(super) const TASKS: usize = 8;

/// Lines of outputs that one product can have.
pub(super) const LINES: usize = 64;

/// Parts that the outputs are cut into where there are few channels; their gradients are added up in order.
pub(super) const PARTS: usize = 16;

/// Lines of outputs that are in one product, at most: a segment each. In one column they follow each other, and are a single one.
pub(super) fn lines_of_block(columns: Axis) -> usize {
    if columns.output == 1 { PIXELS } else { (PIXELS / columns.output.max(1)).clamp(1, LINES) }
}

/// Whether pixels of so many outputs are whole vectors, and not so far apart that they take each other's place in the cache.
pub(super) fn fit_in_place(isa: Isa, outputs: usize) -> bool {
    outputs.is_multiple_of(isa.lanes()) && outputs <= 256
}
