//! The sizes of F(4x4, 3x3): its tiles, its points, its transformed weights, and which convolutions are large enough.

use crate::kernels::conv::sweep::{BANDS, Sweep, Window};
use crate::kernels::simd::Isa;
use crate::tensor::aligned::LINE;
use crate::tensor::exact;

/// Points of a tile.
pub(crate) const POINTS: usize = 36;

/// Pixels that a tile has one way.
pub(crate) const TILE: usize = 4;

/// Tiles that are worked on together: the weights of all points, which no near cache holds, are read once for so many.
pub(crate) const GROUP: usize = 28;

/// Groups of images at least: each is a task, and reads all weights.
const GROUPS: usize = 4;

/// Channels below which the transforms cost more than they save.
pub(crate) const FEWEST_CHANNELS: usize = 16;

/// Whether a convolution by this window can be done so, with so many filters.
pub(crate) fn applies(isa: Isa, window: &Window, filters: usize) -> bool {
    let axis = |sweep: Sweep| sweep.taps == 3 && sweep.stride == 1 && sweep.dilation == 1 && sweep.output >= TILE;
    let channels = |count: usize| count >= FEWEST_CHANNELS && count.is_multiple_of(isa.lanes());
    axis(window.rows) && axis(window.columns) && channels(window.channels) && channels(filters)
}

/// Images that are worked on together where each has so few tiles that they are less than a group; there are to be some groups left.
pub(crate) fn images_together(n: usize, tiles: usize) -> usize {
    (GROUP / tiles.max(1)).min(n / GROUPS).max(1)
}

/// Rows of tiles of a band: as many as make a group, if there are bands enough of `n` images then.
pub(crate) fn band_of_tiles(n: usize, [down, across]: [usize; 2]) -> usize {
    (GROUP / across.max(1)).max(1).min(down.div_ceil(BANDS.div_ceil(n.max(1)))).max(1)
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
