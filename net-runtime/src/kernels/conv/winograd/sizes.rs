//! The sizes of F(4x4, 3x3): its tiles, its points, its transformed weights, and which convolutions are large enough.

use crate::kernels::conv::sweep::{Sweep, Window};
use crate::kernels::simd::Isa;
use crate::tensor::aligned::LINE;
use crate::tensor::exact;

/// Points of a tile.
pub(crate) const POINTS: usize = 36;

/// Pixels that a tile has one way.
pub(crate) const TILE: usize = 4;

/// Tiles that are worked on together: the weights of all points, which no near cache holds, are read once for so many.
pub(crate) const GROUP: usize = 28;

/// Channels below which the transforms cost more than they save.
pub(crate) const FEWEST_CHANNELS: usize = 16;

/// Tiles below which the transformed weights, four times as many as the weights, cost more than they save: each of them is written and
/// read for few products then. With this, a VGG-11 for images of 32x32, whose last convolutions have one to four tiles, predicted one
/// image in 2.4 milliseconds instead of 2.6 to 3.5, and was trained by one in 41 instead of 48.
const FEWEST_TILES: usize = 8;

/// Whether a convolution of so many images by this window is done so, with so many filters.
pub(crate) fn fits(isa: Isa, n: usize, window: &Window, filters: usize) -> bool {
    let axis = |sweep: Sweep| sweep.taps == 3 && sweep.stride == 1 && sweep.dilation == 1 && sweep.output >= TILE;
    let channels = |count: usize| count >= FEWEST_CHANNELS && count.is_multiple_of(isa.lanes());
    let [down, across] = [window.rows, window.columns].map(|sweep| sweep.output.div_ceil(TILE));
    let tiles = n.saturating_mul(down * across);
    axis(window.rows) && axis(window.columns) && channels(window.channels) && channels(filters) && tiles >= FEWEST_TILES
}

/// Distance of two points that are so long. Theirs are large powers of two, often: a cache finds room for few places that
/// are so far apart.
pub(crate) fn pitch(len: usize) -> usize {
    exact::sum(&[len, LINE])
}

/// Where the last point ends of points that are so far apart and so long.
pub(crate) fn end_of_points(step: usize, len: usize) -> usize {
    exact::sum(&[exact::product(&[POINTS - 1, step]), len])
}

/// Floats of the transformed weights.
pub(crate) fn weights_len(isa: Isa, channels: usize, filters: usize) -> usize {
    panel_start(isa, filters.div_ceil(isa.tile_columns()), channels, filters)
}

/// Where the transformed weights of a panel of filters begin.
pub(crate) fn panel_start(isa: Isa, panel: usize, channels: usize, filters: usize) -> usize {
    let before = filters.min(panel * isa.tile_columns());
    exact::product(&[POINTS, exact::sum(&[exact::product(&[channels, before]), panel * pitch(0)])])
}

/// Floats from the first to the last of the pixels that a tile covers, of so many channels, in lines that are so far apart.
pub(super) fn six_by_six(line: usize, channels: usize) -> usize {
    exact::sum(&[exact::product(&[5, line]), exact::product(&[6, channels])])
}
