//! Rows of a product, on which matrix products and convolutions stand: what is read and written is checked, and handed to the
//! [register tile](microkernel) in blocks of rows, panel after panel.

use std::mem::MaybeUninit;

use super::far;
use super::few_columns;
use super::microkernel::{self, FAR, Layout, PANEL, Panel, Piece, Product, Segment, Sums};
use super::pack::packed_len;
use crate::kernels::simd::{Isa, ROWS, Simd, dispatch};
use crate::tensor::aligned::LINE;
use crate::tensor::exact::{product, sum};
use crate::tensor::param::Store;

/// Rows whose places are looked up at a time: enough that a panel of the right factor is read seldom, few enough that
/// their part of the left factor stays in the cache.
const BLOCK: usize = 96;

/// How many rows of a right factor are gone through by all rows of a result, one after the other.
const ROWS_AT_ONCE: usize = 128;

/// Products of a kind, whose factors and results lie so many floats behind those of the one before.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub count: usize,
    pub a: usize,
    pub b: usize,
    pub c: usize,
}

impl Times {
    /// One alone.
    const ONCE: Self = Self { count: 1, a: 0, b: 0, c: 0 };
}

impl Product<'_> {
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
        let [Segment { a, b }] = *self.segments else { return self.compute_times(isa, Times::ONCE, rows, c) };
        if !self.is_read_in_pieces(isa) {
            return self.compute_times(isa, Times::ONCE, rows, c);
        }
        for first in (0..self.len).step_by(ROWS_AT_ONCE) {
            let len = ROWS_AT_ONCE.min(self.len - first);
            let segments: &[Segment] = &[Segment { a: a + first * self.step, b: b + first }];
            let sums = Sums { go_on: first > 0 || self.write == Store::Add, end: first + len == self.len };
            let piece = Product { segments, len, write: Store::Set, ..*self };
            piece.compute_rows(isa, (Some(sums), Times::ONCE), rows.clone(), c);
        }
    }

    /// The same of several products, for all of which the places of the rows are looked up once: short ones are hardly more work than that.
    pub(crate) fn compute_times(
        &self,
        isa: Isa,
        times: Times,
        rows: impl Iterator<Item = (usize, usize)>,
        c: &mut [f32],
    ) {
        self.compute_rows(isa, (None, times), rows, c);
    }

    /// Whether the rows of the right factor are so many and so far apart that a panel of them takes its own places in a cache, before other
    /// rows of the result have read it. Its panels are whole.
    fn is_read_in_pieces(&self, isa: Isa) -> bool {
        let far = matches!(self.layout, Layout::Rows(stride) if self.len.saturating_mul(stride) >= FAR);
        let whole = self.columns.is_multiple_of(isa.tile_columns());
        far && whole && self.len >= 2 * ROWS_AT_ONCE && self.write != Store::Mask
    }

    /// All of the inner axis, or a piece of it of which these are the sums.
    fn compute_rows(
        &self,
        isa: Isa,
        what: (Option<Sums>, Times),
        rows: impl Iterator<Item = (usize, usize)>,
        c: &mut [f32],
    ) {
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
            self.compute_block(isa, what, (begins, c, places), last);
        }
    }

    /// Writes the rows that begin at `rows` to `to`; the largest of both are given.
    fn compute_block(
        &self,
        isa: Isa,
        (sums, times): (Option<Sums>, Times),
        (rows, c, to): (&[usize], &mut [f32], &[usize]),
        (last_row, last_to): (usize, usize),
    ) {
        let Self { a, segments, len, step, b, inner, columns, bias, .. } = *self;
        if columns == 0 || times.count == 0 {
            return;
        }
        let [last_a, last_b, last_c] =
            [times.a, times.b, times.c].map(|distance| product(&[times.count - 1, distance]));
        assert!(sum(&[last_to, columns, last_c]) <= c.len(), "a row of a product has no place");
        if len > 0 && !segments.is_empty() {
            let last = segments.iter().fold(0, |last, segment| last.max(segment.a));
            let last = sum(&[last_row, last, product(&[len - 1, step]), last_a]);
            assert!(last < a.len(), "a row of a product reaches beyond its factor");
            let rows = segments.iter().fold(0, |rows, segment| rows.max(sum(&[segment.b, len])));
            match self.layout {
                Layout::Packed | Layout::Rows(_) | Layout::Columns => {
                    assert!(rows <= inner, "a segment reaches beyond its factor")
                }
                Layout::Panels(pitch) => {
                    let width = isa.tile_columns();
                    assert!(columns.is_multiple_of(width), "the last panel is not whole");
                    let end = sum(&[product(&[columns / width - 1, pitch]), rows]);
                    assert!(sum(&[product(&[end, width]), last_b]) <= b.len(), "a segment reaches beyond its factor");
                }
            }
        }
        match self.layout {
            Layout::Packed => {
                assert!(sum(&[packed_len(isa, inner, columns), last_b]) <= b.len(), "a packed factor is too short")
            }
            Layout::Panels(_) => {}
            Layout::Columns => {
                assert!(step == 1, "neighbours lie apart");
                assert!(sum(&[product(&[inner, columns]), last_b]) <= b.len(), "a factor is too short");
            }
            Layout::Rows(stride) => {
                assert!(columns.is_multiple_of(isa.lanes()), "the last columns are no whole vector");
                let end = sum(&[product(&[inner.saturating_sub(1), stride]), columns, last_b]);
                assert!(inner == 0 || end <= b.len(), "a factor is too short");
            }
        }
        assert!(bias.is_none_or(|bias| bias.len() == columns));
        // SAFETY: that every element that is read or written exists was checked just now, by sums that do not wrap: element (row, segment, k) of `a`
        // at `rows + segments + k * step`; the panels of `b` have as many elements as are computed there; a row of the
        // result has `columns` elements at `to`. The instruction set comes from `Isa::available`. Panels are whole where there are `sums`.
        unsafe {
            for time in 0..times.count {
                let (a, b) = (&a[time * times.a..], &b[time * times.b..]);
                Self { a, b, ..*self }.compute_checked(isa, sums, rows, c.as_mut_ptr().add(time * times.c), to);
            }
        }
    }

    /// Writes rows whose places were checked.
    ///
    /// # Safety
    ///
    /// This machine has the instruction set. Every element that is read or written exists; panels are whole where there are `sums`.
    unsafe fn compute_checked(&self, isa: Isa, sums: Option<Sums>, rows: &[usize], c: *mut f32, to: &[usize]) {
        let Self { b, inner, columns, bias, .. } = *self;
        // SAFETY: the caller's promise is passed on.
        unsafe {
            if let Some(sums) = sums {
                return far::compute(isa, self, sums, rows, c, to);
            }
            if self.layout == Layout::Columns {
                return few_columns::compute(isa, self, rows, c, to);
            }
            let whole = far::columns(self, isa, rows.len());
            if whole == 0 {
                return compute(isa, self, rows, c, to);
            }
            far::compute(isa, &Product { columns: whole, ..*self }, Sums::WHOLE, rows, c, to);
            if whole < columns {
                let (b, bias) = (&b[whole * inner..], bias.map(|bias| &bias[whole..]));
                let rest = Product { b, bias, columns: columns - whole, ..*self };
                compute(isa, &rest, rows, c.add(whole), to);
            }
        }
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
            Layout::Columns => unreachable!("transposed factors have no panels"),
        };
        let panel = product.b.as_ptr().wrapping_add(at);
        let panels = microkernel::panels_of_few_rows::<S>(rows.len());
        if panels > 1 && product.columns - column >= panels * valid {
            let valid = panels * valid;
            let wide = Panel { begin: panel, distance: row, next, column, valid };
            let Product { segments, len, .. } = *product;
            let piece = Piece { segments, len, sums: Sums::WHOLE, ahead: 0, stride: 0, beside: 0 };
            // SAFETY: the caller has checked the sizes of all three matrices for all panels.
            unsafe { microkernel::few_rows::<S>(product, wide, piece, (rows, to), c) }
            at += panels * next;
            column += valid;
            continue;
        }
        at += next;
        // A long panel would be gone again. Behind the right factor is memory that another thread may write to, from which that would be taken
        // away: a convolution of few channels took as long on two threads as on one.
        let next = if next <= PANEL && at < product.b.len() { next } else { 0 };
        let panel = Panel { begin: panel, distance: row, next, column, valid };
        // SAFETY: the caller has checked the sizes of all three matrices for all panels.
        unsafe {
            match vectors {
                1 if const { S::Half::LANES < S::LANES } && valid <= S::Half::LANES => {
                    panel_generic::<S::Half, 1>(product, panel, rows, c, to)
                }
                1 => panel_generic::<S, 1>(product, panel, rows, c, to),
                2 => panel_generic::<S, 2>(product, panel, rows, c, to),
                3 => panel_generic::<S, 3>(product, panel, rows, c, to),
                _ => panel_generic::<S, 4>(product, panel, rows, c, to),
            }
        }
        column += valid;
    }
}

/// All rows of one panel of `N` vectors. The next one is asked for meanwhile, if it is not 0 away.
#[inline(always)]
unsafe fn panel_generic<S: Simd, const N: usize>(
    product: &Product<'_>,
    panel: Panel,
    rows: &[usize],
    c: *mut f32,
    to: &[usize],
) {
    if N > S::VECTORS {
        return;
    }
    let Product { segments, len, .. } = *product;
    let mut row = 0;
    while row < rows.len() {
        let count = microkernel::rows_of_next::<S, N>(product, &rows[row..]);
        if panel.column == 0 {
            ask_for_rows::<S>(product, &rows[row + count..rows.len().min(row + count + ROWS)]);
        }
        let part = (&rows[row..row + count], &to[row..row + count]);
        // As many lines of the next panel as a row has are asked for by the first groups of rows, one each.
        let (line, lines) = (row / ROWS, (N * S::LANES).div_ceil(LINE));
        let ahead = if panel.next > 0 && line < lines { panel.next + line * LINE } else { 0 };
        let piece = Piece { segments, len, sums: Sums::WHOLE, ahead, stride: 0, beside: 0 };
        // SAFETY: the caller has checked the sizes; `part` is some of the rows, at most as many as the tile has.
        unsafe { microkernel::compute::<S, N, false>(product, panel, piece, part, c) }
        row += count;
    }
}

/// Neighbours in a row of the left factor from which on it is asked for.
const LONG: usize = 32;

/// Asks for rows of the left factor, as far as they do not overlap: the processor notices each of them by itself when some of its lines have
/// been waited for. Not for the patches of an image, whose lines have been read for others or just written.
#[inline(always)]
fn ask_for_rows<S: Simd>(product: &Product<'_>, rows: &[usize]) {
    let Product { a, segments, len, step, .. } = *product;
    let [Segment { a: first, .. }] = *segments else { return };
    if step != 1 || len < LONG {
        return;
    }
    for (index, &row) in rows.iter().enumerate() {
        let len = rows.get(index + 1).map_or(len, |next| len.min(next.abs_diff(row)));
        let begin = a.as_ptr().wrapping_add(row + first);
        for line in (0..len).step_by(LINE) {
            S::prefetch(begin.wrapping_add(line));
        }
    }
}

#[cfg(test)]
mod tests;
