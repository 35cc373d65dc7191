//! The register tile, on which matrix products and convolutions stand: a few rows of a product, as wide as the registers
//! allow, summed over the whole inner axis before anything is written.
//!
//! The left factor is read where it lies: each row begins at an offset of its own, and the inner axis is cut into segments
//! of equal length that begin at offsets of their own. So a matrix, its transpose, and the patches of a convolution (a
//! segment for each row of the kernel) are all the same. The right factor is packed into panels as wide as the tile.

#![expect(clippy::needless_range_loop, reason = "indices are rows and columns of registers, not places in a list")]

use std::mem::MaybeUninit;

use super::transpose::transpose_part;
use crate::kernels::elementwise::quick::Quick;
use crate::kernels::simd::{Isa, ROWS, Simd, dispatch};
use crate::parallel;
use crate::tensor::exact::{product, sum};
use crate::tensor::param::Store;

/// Rows whose places are looked up at a time: enough that a panel of the right factor is read seldom, few enough that
/// their part of the left factor stays in the cache.
const BLOCK: usize = 96;

/// Rows of a lower tile, of which two are little more than a [whole](ROWS) one.
const HALF: usize = 4;

/// Floats of a right factor that no near cache holds.
const FAR: usize = 128 << 10;

/// How many of its rows are gone through by all rows of a result, one after the other.
const ROWS_AT_ONCE: usize = 128;

/// Floats of the longest panel of the right factor that is asked for while the one before it is used.
const PANEL: usize = 16 << 10;

/// Floats of the widest row of a tile: four vectors of AVX-512.
const WIDEST: usize = 64;

/// Neighbours on the inner axis of a product.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Segment {
    /// Where it begins in the left factor, from the beginning of each row.
    pub a: usize,
    /// The row of the right factor that it begins with.
    pub b: usize,
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

/// Length of the panels of a right factor with `inner` rows.
pub(crate) fn packed_len(isa: Isa, inner: usize, columns: usize) -> usize {
    product(&[inner, columns.next_multiple_of(isa.lanes())])
}

/// Packs a right factor: element (row, column) is at `row_at(row) + column * column_step`. A panel has all rows of as many
/// columns as a tile is wide; the last one may be narrower, and what is missing to a whole vector is 0.
pub(crate) fn pack(
    isa: Isa,
    b: &[f32],
    inner: usize,
    columns: usize,
    row_at: impl Fn(usize) -> usize,
    column_step: usize,
    packed: &mut [f32],
) {
    pack_rows(isa, b, [inner, columns], &row_at, column_step, packed);
}

/// The same, compiled once.
fn pack_rows(
    isa: Isa,
    b: &[f32],
    [inner, columns]: [usize; 2],
    row_at: &dyn Fn(usize) -> usize,
    column_step: usize,
    packed: &mut [f32],
) {
    let (tile, lanes) = (isa.tile_columns(), isa.lanes());
    let mut packed = &mut packed[..packed_len(isa, inner, columns)];
    for first in (0..columns).step_by(tile) {
        let valid = tile.min(columns - first);
        let width = valid.next_multiple_of(lanes);
        let (panel, rest) = packed.split_at_mut(inner * width);
        packed = rest;
        for (row, panel) in panel.chunks_exact_mut(width).enumerate() {
            let from = row_at(row) + first * column_step;
            if column_step == 1 {
                panel[..valid].copy_from_slice(&b[from..from + valid]);
            }
            panel[valid..].fill(0.0);
        }
        if column_step == 1 {
            continue;
        }
        // Rows that lie side by side are the columns of a matrix.
        let mut row = 0;
        while row < inner {
            let from = row_at(row);
            let most = column_step.clamp(1, inner - row);
            let count = 1 + (1..most).take_while(|next| row_at(row + next) == from + next).count();
            let (from, to) = (&b[from + first * column_step..], &mut panel[row * width..]);
            if count == 1 {
                let column = (0..valid).map(|column| from[column * column_step]);
                to.iter_mut().zip(column).for_each(|(place, value)| *place = value);
            } else {
                transpose_part(from, column_step, [valid, count], to, width);
            }
            row += count;
        }
    }
}

/// The same on several threads, if these pay: a panel is a task.
pub(crate) fn pack_by_panels(
    isa: Isa,
    threads: bool,
    b: &[f32],
    [inner, columns]: [usize; 2],
    row_at: &(dyn Fn(usize) -> usize + Sync),
    column_step: usize,
    packed: &mut [f32],
) {
    let tile = isa.tile_columns();
    let parts = columns.div_ceil(tile);
    let boundary = |part: usize| packed_len(isa, inner, columns.min(part * tile));
    let packed = &mut packed[..boundary(parts)];
    parallel::for_each_part(threads, parts, &boundary, packed, (&mut [], 0), &|part, packed, _| {
        let first = part * tile;
        let row_at = |row: usize| row_at(row) + first * column_step;
        pack(isa, b, inner, tile.min(columns - first), row_at, column_step, packed);
    });
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

    /// Writes so many rows of the product: row number i begins at `from(i)` in the left factor, and goes to `to(i)` in `c`.
    ///
    /// # Panics
    ///
    /// If a row or a segment reaches beyond the left factor, the right factor is too short, or a result has no place.
    pub(crate) fn compute(
        &self,
        isa: Isa,
        rows: usize,
        from: impl Fn(usize) -> usize,
        c: &mut [f32],
        to: impl Fn(usize) -> usize,
    ) {
        self.compute_at(isa, (0..rows).map(|row| (from(row), to(row))), c);
    }

    /// The same of rows for which it is cheaper to say both places at once, one row after the other.
    pub(crate) fn compute_at(&self, isa: Isa, rows: impl Iterator<Item = (usize, usize)> + Clone, c: &mut [f32]) {
        let [Segment { a, b }] = *self.segments else { return self.compute_rows(isa, rows, c) };
        if !self.is_read_in_pieces() {
            return self.compute_rows(isa, rows, c);
        }
        for first in (0..self.len).step_by(ROWS_AT_ONCE) {
            let len = ROWS_AT_ONCE.min(self.len - first);
            let segments: &[Segment] = &[Segment { a: a + first * self.step, b: b + first }];
            let mut piece = Product { segments, len, ..*self };
            if first > 0 {
                (piece.write, piece.bias) = (Store::Add, None);
            }
            if first + len < self.len {
                piece.quick = Quick::Linear;
            }
            piece.compute_rows(isa, rows.clone(), c);
        }
    }

    /// Whether the rows of the right factor are so many and so far apart that a panel of them takes its own places in a cache, before other
    /// rows of the result have read it.
    fn is_read_in_pieces(&self) -> bool {
        let far = matches!(self.layout, Layout::Rows(stride) if self.len.saturating_mul(stride) >= FAR);
        far && self.len >= 2 * ROWS_AT_ONCE && self.write != Store::Mask
    }

    /// All of the inner axis.
    fn compute_rows(&self, isa: Isa, rows: impl Iterator<Item = (usize, usize)>, c: &mut [f32]) {
        let (mut begins, mut places) =
            ([const { MaybeUninit::uninit() }; BLOCK], [const { MaybeUninit::uninit() }; BLOCK]);
        let mut rows = rows.fuse();
        loop {
            let (mut count, mut last) = (0, (0, 0));
            for ((begin, place), (from, to)) in begins.iter_mut().zip(&mut places).zip(&mut rows) {
                begin.write(from);
                place.write(to);
                last = (last.0.max(from), last.1.max(to));
                count += 1;
            }
            if count == 0 {
                return;
            }
            // SAFETY: so many of both were written just now.
            let (begins, places) = unsafe { (begins[..count].assume_init_ref(), places[..count].assume_init_ref()) };
            self.compute_block(isa, begins, c, places, last);
        }
    }

    /// Writes the rows that begin at `rows` to `to`; the largest of both are given.
    fn compute_block(
        &self,
        isa: Isa,
        rows: &[usize],
        c: &mut [f32],
        to: &[usize],
        (last_row, last_to): (usize, usize),
    ) {
        let Self { a, segments, len, step, b, inner, columns, bias, .. } = *self;
        if columns == 0 {
            return;
        }
        assert!(sum(&[last_to, columns]) <= c.len(), "a row of a product has no place");
        if len > 0 && !segments.is_empty() {
            let last = segments.iter().fold(0, |last, segment| last.max(segment.a));
            let last = sum(&[last_row, last, product(&[len - 1, step])]);
            assert!(last < a.len(), "a row of a product reaches beyond its factor");
            let rows = segments.iter().fold(0, |rows, segment| rows.max(sum(&[segment.b, len])));
            match self.layout {
                Layout::Packed | Layout::Rows(_) => assert!(rows <= inner, "a segment reaches beyond its factor"),
                Layout::Panels(pitch) => {
                    let width = isa.tile_columns();
                    assert!(columns.is_multiple_of(width), "the last panel is not whole");
                    let end = sum(&[product(&[columns / width - 1, pitch]), rows]);
                    assert!(product(&[end, width]) <= b.len(), "a segment reaches beyond its factor");
                }
            }
        }
        match self.layout {
            Layout::Packed => assert!(packed_len(isa, inner, columns) <= b.len(), "a packed factor is too short"),
            Layout::Panels(_) => {}
            Layout::Rows(stride) => {
                assert!(columns.is_multiple_of(isa.lanes()), "the last columns are no whole vector");
                let end = sum(&[product(&[inner.saturating_sub(1), stride]), columns]);
                assert!(inner == 0 || end <= b.len(), "a factor is too short");
            }
        }
        assert!(bias.is_none_or(|bias| bias.len() == columns));
        // SAFETY: that every element that is read or written exists was checked just now, by sums that do not wrap: element (row, segment, k) of `a`
        // at `rows + segments + k * step`; the panels of `b` have as many elements as are computed there; a row of the
        // result has `columns` elements at `to`. The instruction set comes from `Isa::available`.
        unsafe { compute(isa, self, rows, c.as_mut_ptr(), to) }
    }
}

dispatch! {
    /// Computes a product whose sizes were checked.
    unsafe fn compute(product: &Product<'_>, rows: &[usize], c: *mut f32, to: &[usize]) = compute_generic
}

#[inline(always)]
unsafe fn compute_generic<S: Simd>(product: &Product<'_>, rows: &[usize], c: *mut f32, to: &[usize]) {
    let (mut column, mut at) = (0, 0);
    while column < product.columns {
        let valid = (S::VECTORS * S::LANES).min(product.columns - column);
        let vectors = valid.div_ceil(S::LANES);
        let (row, next) = match product.layout {
            Layout::Packed => (vectors * S::LANES, product.inner * vectors * S::LANES),
            Layout::Panels(pitch) => (S::VECTORS * S::LANES, pitch * S::VECTORS * S::LANES),
            Layout::Rows(stride) => (stride, valid),
        };
        let panel = product.b.as_ptr().wrapping_add(at);
        at += next;
        // A long panel would be gone again. Behind the right factor is memory that another thread may write to, from which that would be taken
        // away: a convolution of few channels took as long on two threads as on one.
        let ahead = if next <= PANEL && at < product.b.len() { next } else { 0 };
        // SAFETY: the caller has checked the sizes of all three matrices for all panels.
        unsafe {
            match vectors {
                1 => panel_generic::<S, 1>(product, (panel, row, ahead), (column, valid), rows, c, to),
                2 => panel_generic::<S, 2>(product, (panel, row, ahead), (column, valid), rows, c, to),
                3 => panel_generic::<S, 3>(product, (panel, row, ahead), (column, valid), rows, c, to),
                _ => panel_generic::<S, 4>(product, (panel, row, ahead), (column, valid), rows, c, to),
            }
        }
        column += valid;
    }
}

/// All rows of one panel of `N` vectors, which begins at a column, of which `valid` exist; the panel's rows have a distance,
/// and a panel that is asked for meanwhile is so far away, if that is not 0.
#[inline(always)]
unsafe fn panel_generic<S: Simd, const N: usize>(
    product: &Product<'_>,
    (panel, distance, next): (*const f32, usize, usize),
    (column, valid): (usize, usize),
    rows: &[usize],
    c: *mut f32,
    to: &[usize],
) {
    if N > S::VECTORS {
        return;
    }
    let mut row = 0;
    while row < rows.len() {
        // Fewer rows than a tile has, at the end, are computed by a lower one, not by one that is partly empty. One or two rows alone
        // would wait for the right factor, and for their own sums: two halves of those before and these do not.
        let count = match rows.len() - row {
            left if (ROWS + 1..=2 * HALF).contains(&left) => HALF,
            left => left.min(ROWS),
        };
        let part = (&rows[row..row + count], &to[row..row + count]);
        // As many lines of the next panel as a row has are asked for by the first groups of rows, one each.
        let ahead = if next > 0 && row < N * ROWS { next + row / ROWS * S::LANES } else { 0 };
        // SAFETY: the caller has checked the sizes; `part` is some of the rows, at most as many as the tile has.
        unsafe {
            match count {
                // One row takes as long as two, for it waits for its own sums.
                1 | 2 => rows_generic::<S, N, 2>(product, (panel, distance, ahead), (column, valid), part, c),
                3..=HALF => rows_generic::<S, N, HALF>(product, (panel, distance, ahead), (column, valid), part, c),
                _ => rows_generic::<S, N, ROWS>(product, (panel, distance, ahead), (column, valid), part, c),
            }
        }
        row += count;
    }
}

/// Up to `R` rows of one panel.
#[inline(always)]
unsafe fn rows_generic<S: Simd, const N: usize, const R: usize>(
    product: &Product<'_>,
    (panel, distance, ahead): (*const f32, usize, usize),
    (column, valid): (usize, usize),
    (rows, to): (&[usize], &[usize]),
    c: *mut f32,
) {
    let Product { segments, len, step, .. } = *product;
    let (width, count) = (N * S::LANES, rows.len());
    let whole = valid == width;
    // SAFETY: the caller has checked the sizes. Rows beyond the last one read the last one again and are not written: those before go
    // through `finish_edge`, which has room for all vectors.
    unsafe {
        let mut a = [product.a.as_ptr(); R];
        for (i, a) in a.iter_mut().enumerate() {
            *a = a.add(*rows.get_unchecked(i.min(count - 1)));
        }
        // What is written is asked for now, to be there at the end.
        for to in to {
            for v in 0..N {
                S::prefetch(c.wrapping_add(to + column + v * S::LANES));
            }
        }
        let mut sums = [[S::splat(0.0); N]; R];
        for segment in segments {
            let mut b = panel.add(segment.b * distance);
            let mut at = segment.a;
            for _ in 0..len {
                let mut vectors = [S::splat(0.0); N];
                for (v, vector) in vectors.iter_mut().enumerate() {
                    *vector = S::load(b.add(v * S::LANES));
                }
                S::prefetch_later(b.wrapping_add(ahead));
                for i in 0..R {
                    let value = S::splat(*a[i].add(at));
                    for v in 0..N {
                        sums[i][v] = S::mul_add(value, vectors[v], sums[i][v]);
                    }
                }
                b = b.wrapping_add(distance);
                at += step;
            }
        }
        if R == ROWS && count == R && (whole || S::MASKS) {
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

#[cfg(test)]
mod tests;
