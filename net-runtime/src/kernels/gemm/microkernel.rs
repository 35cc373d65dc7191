//! The register tile: a few rows of a product, as wide as the registers allow, summed over the whole inner axis before anything is written.
//!
//! The left factor is read where it lies: each row begins at an offset of its own, and the inner axis is cut into segments
//! of equal length that begin at offsets of their own. So a matrix, its transpose, and the patches of a convolution (a
//! segment for each row of the kernel) are all the same. The right factor is packed into panels as wide as the tile.

#![expect(clippy::needless_range_loop, reason = "indices are rows and columns of registers, not places in a list")]

use std::mem::MaybeUninit;

use crate::kernels::elementwise::quick::Quick;
use crate::kernels::simd::{Isa, ROWS, Simd};
use crate::tensor::aligned::LINE;
use crate::tensor::param::Store;

/// Rows of a lower tile, of which two are little more than a [whole](ROWS) one.
pub(crate) const HALF: usize = 4;

/// Rows of a high tile, of one vector or two: six sums of one vector wait for each other, since two units have eight on their way, and two
/// vectors of neighbouring rows have little beside their multiply-adds.
const HIGH: usize = 2 * ROWS;

/// Steps along the inner axis that are one turn of a loop, if all their places are known from the first one's: then there is nothing beside
/// multiply-adds and the loads for them. The units for these have time for other instructions, but not for many where another thread
/// shares the core, who takes every second turn at them: twelve multiply-adds, eight loads, and five that count and ask ran at 70 % of the
/// peak on such a core, and without these five at 85 %.
const AT_ONCE: usize = 4;

/// Floats of the widest row of a tile: four vectors of AVX-512.
const WIDEST: usize = 64;

/// Floats of a right factor that no near cache holds.
pub(crate) const FAR: usize = 128 << 10;

/// Floats of the longest panel of the right factor that is asked for while the one before it is used.
pub(super) const PANEL: usize = 16 << 10;

/// Neighbours on the inner axis of a product.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Segment {
    /// Where it begins in the left factor, from the beginning of each row.
    pub a: usize,
    /// The row of the right factor that it begins with.
    pub b: usize,
}

/// What becomes of the sums over a part of an inner axis, which are the same to the bit as if it were whole.
#[derive(Clone, Copy)]
pub(super) struct Sums {
    /// Whether they go on from what is in the result, instead of from 0.
    pub go_on: bool,
    /// Whether nothing is added any more but what a [`Product`] says.
    pub end: bool,
}

impl Sums {
    pub const WHOLE: Self = Self { go_on: false, end: true };
}

/// How a right factor lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// In panels, by [`pack`].
    Packed,
    /// In panels of the whole width of a tile, so many rows apart: parts of it may be packed apart from each other.
    Panels(usize),
    /// Its rows so far apart; its columns are whole vectors.
    Rows(usize),
    /// Its columns one after the other, by [`few_columns`](super::few_columns). The left factor has neighbours side by side.
    Columns,
}

/// Some rows of a product `c = a · b`.
#[derive(Clone, Copy)]
pub(crate) struct Product<'a> {
    /// Where everything of the left factor is.
    pub a: &'a [f32],
    /// The segments of the inner axis.
    pub segments: &'a [Segment],
    /// Elements of a segment.
    pub len: usize,
    /// Distance of neighbours within a segment.
    pub step: usize,
    /// The right factor.
    pub b: &'a [f32],
    /// How the right factor lies there.
    pub layout: Layout,
    /// Number of rows of the right factor.
    pub inner: usize,
    /// Number of columns of the right factor.
    pub columns: usize,
    /// Added to each row of the product.
    pub bias: Option<&'a [f32]>,
    /// What results are put through on their way to memory, behind what `write` says.
    pub quick: Quick,
    /// What happens to what is there.
    pub write: Store,
}

impl<'a> Product<'a> {
    /// A matrix with rows of `inner` neighbouring elements, times a packed one of so many rows and columns, alone: what is not so is said
    /// beside it.
    pub(crate) fn of_matrices(a: &'a [f32], b: &'a [f32], [inner, columns]: [usize; 2]) -> Self {
        Self {
            a,
            segments: &[Segment { a: 0, b: 0 }],
            len: inner,
            step: 1,
            b,
            layout: Layout::Packed,
            inner,
            columns,
            bias: None,
            quick: Quick::Linear,
            write: Store::Set,
        }
    }
}

/// Some columns of the right factor, as many as a tile is wide at most.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    pub begin: *const f32,
    /// How far apart its rows are.
    pub distance: usize,
    /// How far behind it the next one begins: a tile of [few rows](few_rows) has both, others ask for it ahead.
    pub next: usize,
    /// Its first column, and how many of them exist.
    pub column: usize,
    pub valid: usize,
}

/// What a tile does of the inner axis, and what it asks for meanwhile.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub segments: &'a [Segment],
    /// Elements of a segment.
    pub len: usize,
    pub sums: Sums,
    /// How far behind what is used is what is asked for with each row of the panel, in steps of the panel's rows or, for a part, of `stride`.
    pub ahead: usize,
    pub stride: usize,
    /// How far behind that is what a part asks for besides, if a row of its panel is more than a line.
    pub beside: usize,
}

/// How many of these rows the next tile of `N` vectors takes.
#[inline(always)]
pub(super) fn rows_of_next<S: Simd, const N: usize>(product: &Product<'_>, rows: &[usize]) -> usize {
    match rows.first_chunk::<HIGH>() {
        Some(rows) if is_high::<S, N>(product.step, rows) => HIGH,
        _ => rows_of_tile(rows.len()),
    }
}

/// Whether the registers have room for a high tile of so many vectors, where a whole tile is so many wide: those of AVX-512 do.
const fn has_room_for_high(whole: usize, vectors: usize) -> bool {
    whole > 2 && vectors <= 2
}

/// Tiles of so many rows, neighbours of the left factor, and columns.
pub(crate) fn tiles(isa: Isa, rows: usize, columns: usize) -> usize {
    let (width, lanes) = (isa.tile_columns(), isa.lanes());
    let of_panel = |vectors: usize| {
        let high = has_room_for_high(width / lanes, vectors);
        if vectors == 0 { 0 } else { rows.div_ceil(if high { HIGH } else { ROWS }) }
    };
    columns / width * of_panel(width / lanes) + of_panel((columns % width).div_ceil(lanes))
}

/// Whether a tile of `N` vectors has so many rows, if [there is room](has_room_for_high). The left factor's rows are read by an address
/// for each of them, or by one for neighbours.
#[inline(always)]
fn is_high<S: Simd, const N: usize>(step: usize, rows: &[usize; HIGH]) -> bool {
    if !has_room_for_high(S::VECTORS, N) {
        return false;
    }
    if step == 1 { N == 1 } else { rows.iter().enumerate().all(|(index, row)| *row == rows[0] + index) }
}

/// How many of so many rows the next tile takes that is not high. Fewer than a tile has, at the end, are computed by a lower one, not by one
/// that is partly empty. One or two rows alone would wait for the right factor, and for their own sums: two halves of those before and these
/// do not.
#[inline(always)]
pub(super) fn rows_of_tile(left: usize) -> usize {
    if (ROWS + 1..=2 * HALF).contains(&left) { HALF } else { left.min(ROWS) }
}

/// As many rows of a panel as a tile has at most.
#[inline(always)]
pub(super) unsafe fn compute<S: Simd, const N: usize, const PART: bool>(
    product: &Product<'_>,
    panel: Panel,
    piece: Piece<'_>,
    rows: (&[usize], &[usize]),
    c: *mut f32,
) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match rows.0.len() {
            1 if const { !PART && S::VECTORS > 2 } => {
                rows_generic::<S, N, 1, PART, false>(product, panel, piece, rows, c)
            }
            // One row of fewer vectors takes as long as two, for it waits for its own sums. A part waits for its panel.
            1 | 2 if !PART => rows_generic::<S, N, 2, PART, false>(product, panel, piece, rows, c),
            ..=HALF => rows_generic::<S, N, HALF, PART, false>(product, panel, piece, rows, c),
            HIGH if const { !PART && has_room_for_high(S::VECTORS, N) } => {
                if product.step == 1 {
                    rows_generic::<S, N, HIGH, PART, false>(product, panel, piece, rows, c);
                } else {
                    rows_generic::<S, N, HIGH, PART, true>(product, panel, piece, rows, c);
                }
            }
            _ => rows_generic::<S, N, ROWS, PART, false>(product, panel, piece, rows, c),
        }
    }
}

/// Panels of a tile of one or two rows, which has eight sums on their way: two units take four cycles for each. Where panels of four vectors do
/// not have that many already; older instruction sets are not worth what that would take to compile.
#[inline(always)]
pub(super) const fn panels_of_few_rows<S: Simd>(rows: usize) -> usize {
    if S::LANES != 8 || rows > 2 {
        return 1;
    }
    8 / (rows * S::VECTORS)
}

/// One or two rows of [so many panels](panels_of_few_rows).
#[inline(always)]
pub(super) unsafe fn few_rows<S: Simd>(
    product: &Product<'_>,
    panels: Panel,
    piece: Piece<'_>,
    rows: (&[usize], &[usize]),
    c: *mut f32,
) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        if const { panels_of_few_rows::<S>(1) == 1 } {
            return;
        }
        match rows.0.len() {
            1 => rows_generic::<S, 8, 1, false, false>(product, panels, piece, rows, c),
            _ => rows_generic::<S, 4, 2, false, false>(product, panels, piece, rows, c),
        }
    }
}

/// Up to `R` rows of one panel: of the whole inner axis, or of a `PART` of it, whose panel is whole. Rows that are known to be neighbours in the
/// left factor are read `BESIDE` each other.
#[inline(always)]
unsafe fn rows_generic<S: Simd, const N: usize, const R: usize, const PART: bool, const BESIDE: bool>(
    product: &Product<'_>,
    Panel { begin, distance, next, column, valid }: Panel,
    piece: Piece<'_>,
    (rows, to): (&[usize], &[usize]),
    c: *mut f32,
) {
    let step = product.step;
    let (width, count) = (N * S::LANES, rows.len());
    let whole = valid == width;
    // SAFETY: the caller has checked the sizes. Rows beyond the last one read the last one again and are not written: those before go
    // through a tile in memory, which has room for all vectors. A part's vectors are whole.
    unsafe {
        let mut a = [product.a.as_ptr(); R];
        for (i, a) in a.iter_mut().enumerate() {
            *a = if BESIDE { a.add(*rows.get_unchecked(0) + i) } else { a.add(*rows.get_unchecked(i.min(count - 1))) };
        }
        let mut sums = [[S::splat(0.0); N]; R];
        if PART && piece.sums.go_on {
            for i in 0..R {
                let place = c.add(*to.get_unchecked(i.min(count - 1)) + column);
                for v in 0..N {
                    sums[i][v] = S::load(place.add(v * S::LANES));
                }
            }
        } else {
            // What is written is asked for now, to be there at the end.
            for to in to {
                for v in 0..N {
                    S::prefetch(c.wrapping_add(to + column + v * S::LANES));
                }
            }
        }
        for segment in piece.segments {
            let mut b = begin.add(segment.b * distance);
            let (mut ahead, mut at, mut left) = (b.wrapping_add(piece.ahead), segment.a, piece.len);
            let stride = if PART { piece.stride } else { distance };
            // A wide tile of few rows is of several panels.
            if !BESIDE && N <= S::VECTORS && step == 1 && distance == N * S::STORED {
                while left >= AT_ONCE {
                    if piece.ahead > 0 {
                        for _ in 0..AT_ONCE {
                            ask::<S, N, PART>(ahead, piece.beside);
                            ahead = ahead.wrapping_add(stride);
                        }
                    }
                    for k in 0..AT_ONCE {
                        add_products::<S, N, R>(&a, at + k, b.add(k * N * S::STORED), next, &mut sums);
                    }
                    b = b.wrapping_add(AT_ONCE * N * S::STORED);
                    at += AT_ONCE;
                    left -= AT_ONCE;
                }
            }
            for _ in 0..left {
                if !BESIDE {
                    ask::<S, N, PART>(ahead, piece.beside);
                }
                add_products::<S, N, R>(&a, at, b, next, &mut sums);
                b = b.wrapping_add(distance);
                ahead = ahead.wrapping_add(stride);
                at += step;
            }
        }
        if PART && !piece.sums.end {
            for i in 0..R {
                if i < count {
                    let place = c.add(*to.get_unchecked(i) + column);
                    for v in 0..N {
                        S::store(place.add(v * S::LANES), sums[i][v]);
                    }
                }
            }
            return;
        }
        if (R == 1 || R >= ROWS) && count == R && (whole || S::MASKS) {
            let mut places = [c; R];
            for i in 0..R {
                places[i] = c.add(*to.get_unchecked(i) + column);
            }
            finish::<S, N, R>(product, &mut sums, (column, valid), places);
            return;
        }
        // The others are few. They go through memory and are written row by row, instead of having code of their own for each size;
        // besides, accumulators that are indexed by a variable would live there during the loop.
        let mut tile = MaybeUninit::<[f32; ROWS * WIDEST]>::uninit();
        let tile = tile.as_mut_ptr().cast::<f32>();
        for i in 0..R {
            for v in 0..N {
                S::store(tile.add(i * width + v * S::LANES), sums[i][v]);
            }
        }
        for (row, to) in to.iter().enumerate() {
            let mut sums = [[S::splat(0.0); N]];
            for v in 0..N {
                sums[0][v] = S::load(tile.add(row * width + v * S::LANES));
            }
            finish::<S, N, 1>(product, &mut sums, (column, valid), [c.add(to + column)]);
        }
    }
}

/// Asks for what is needed later, for a `PART` of a panel whose rows are several lines for two of them.
#[inline(always)]
fn ask<S: Simd, const N: usize, const PART: bool>(ahead: *const f32, beside: usize) {
    S::prefetch_later(ahead);
    if PART && N * S::LANES > LINE {
        S::prefetch_later(ahead.wrapping_add(beside));
    }
}

/// One step along the inner axis: adds an element of each row of the left factor times a row of the panel, or of neighbouring ones, the
/// next one of which is so far behind.
#[inline(always)]
unsafe fn add_products<S: Simd, const N: usize, const R: usize>(
    a: &[*const f32; R],
    at: usize,
    b: *const f32,
    next: usize,
    sums: &mut [[S::Vector; N]; R],
) {
    // SAFETY: the caller has the instruction set, and has checked the sizes of both factors.
    unsafe {
        let mut vectors = [S::splat(0.0); N];
        for (v, vector) in vectors.iter_mut().enumerate() {
            *vector = S::load(b.add(v / S::VECTORS * next + v % S::VECTORS * S::LANES));
        }
        for i in 0..R {
            let value = S::splat(*a[i].add(at));
            for v in 0..N {
                sums[i][v] = S::mul_add(value, vectors[v], sums[i][v]);
            }
        }
    }
}

/// Writes some rows of a tile, whose last vector need not be whole.
#[inline(always)]
unsafe fn finish<S: Simd, const N: usize, const R: usize>(
    product: &Product<'_>,
    sums: &mut [[S::Vector; N]; R],
    (column, valid): (usize, usize),
    places: [*mut f32; R],
) {
    let rest = valid - (N - 1) * S::LANES;
    // SAFETY: the caller has checked that the places have `valid` elements, and the bias as many elements as columns.
    unsafe {
        if let Some(bias) = product.bias {
            for v in 0..N {
                let bias = load_of::<S, N>(bias.as_ptr().add(column), v, rest);
                for i in 0..R {
                    sums[i][v] = S::add(sums[i][v], bias);
                }
            }
        }
        match product.write {
            Store::Add => {
                for i in 0..R {
                    for v in 0..N {
                        sums[i][v] = S::add(sums[i][v], load_of::<S, N>(places[i], v, rest));
                    }
                }
            }
            Store::Mask => {
                for i in 0..R {
                    for v in 0..N {
                        sums[i][v] = S::where_positive(load_of::<S, N>(places[i], v, rest), sums[i][v]);
                    }
                }
            }
            Store::Set => {}
        }
        product.quick.apply::<S, N, R>(sums);
        for i in 0..R {
            for v in 0..N {
                let place = places[i].add(v * S::LANES);
                if v + 1 == N && (S::MASKS || rest < S::LANES) {
                    S::store_part(place, rest, sums[i][v]);
                } else {
                    S::store(place, sums[i][v]);
                }
            }
        }
    }
}

/// Vector number `v` of `N`, of which the last one has but `rest` elements.
#[inline(always)]
unsafe fn load_of<S: Simd, const N: usize>(row: *const f32, v: usize, rest: usize) -> S::Vector {
    // SAFETY: the caller has the instruction set, and so many elements.
    unsafe {
        let place = row.add(v * S::LANES);
        if v + 1 == N && (S::MASKS || rest < S::LANES) {
            S::load_part(place, rest, S::splat(0.0))
        } else {
            S::load(place)
        }
    }
}
