//! Products of few rows with a large right factor, which comes from a far cache or from memory: each of its panels is used so seldom that
//! who waits for it waits longer than he computes. So a long panel is gone through in pieces, by all rows, and while they use one, the
//! next is on its way. A sum goes on where it was, so that it is the same to the bit as in one go.

use super::microkernel::{self, FAR, Layout, PANEL, Panel, Piece, Product, Segment, Sums};
use crate::kernels::simd::{Isa, ROWS, Simd, dispatch};
use crate::tensor::aligned::LINE;
use crate::tensor::param::Store;

/// Floats of a piece of a long panel: small beside the nearest cache.
const PIECE: usize = 4 << 10;

/// Rows of a product at most: more of them wait for the right factor seldom enough.
const FEW: usize = 48;

/// How many columns of a product of so many rows are computed so: those of whole panels, or none.
pub(super) fn columns(product: &Product<'_>, isa: Isa, rows: usize) -> usize {
    let Product { b, columns, write, .. } = *product;
    let few = (ROWS + 1..=FEW).contains(&rows);
    if !few || b.len() < FAR || matches!(product.layout, Layout::Rows(_)) {
        return 0;
    }
    let width = isa.tile_columns();
    let whole = columns - columns % width;
    // Of a long panel all rows ask for the next piece; of a short one, few rows ask for too little of the next panel by one line each.
    let waits = if is_long(product, width) { write == Store::Set } else { !is_one_line_enough(rows, width) };
    if waits { whole } else { 0 }
}

/// Whether a panel of so many columns is long.
fn is_long(product: &Product<'_>, width: usize) -> bool {
    product.segments.len() * product.len * width > PANEL
}

/// Whether groups of so many rows ask for all lines of a row of a panel that has so many columns, if each asks for one.
fn is_one_line_enough(rows: usize, width: usize) -> bool {
    rows > (width / LINE).saturating_sub(1) * ROWS
}

dispatch! {
    /// Computes a product whose sizes were checked, whose panels are whole: all of it, or a part of the inner axis of which these are the
    /// sums.
    pub(super) unsafe fn compute(product: &Product<'_>, sums: Sums, rows: &[usize], c: *mut f32, to: &[usize]) = compute_generic
}

#[inline(always)]
unsafe fn compute_generic<S: Simd>(product: &Product<'_>, sums: Sums, rows: &[usize], c: *mut f32, to: &[usize]) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        // A tile is four vectors wide, or two.
        if const { S::VECTORS > 2 } {
            panels_generic::<S, 4>(product, sums, rows, c, to);
        } else {
            panels_generic::<S, 2>(product, sums, rows, c, to);
        }
    }
}

/// All panels, of `N` vectors each.
#[inline(always)]
unsafe fn panels_generic<S: Simd, const N: usize>(
    product: &Product<'_>,
    sums: Sums,
    rows: &[usize],
    c: *mut f32,
    to: &[usize],
) {
    let Product { segments, len, step, b, inner, columns, .. } = *product;
    let width = N * S::LANES;
    let (distance, next) = match product.layout {
        Layout::Packed => (width, inner * width),
        Layout::Panels(pitch) => (width, pitch * width),
        Layout::Rows(stride) => (stride, width),
        Layout::Columns => unreachable!("transposed factors have no panels"),
    };
    let (all, in_pieces) = (segments.len() * len, distance == width && is_long(product, width));
    for (index, column) in (0..columns).step_by(width).enumerate() {
        let panel = Panel { begin: b.as_ptr().wrapping_add(index * next), distance, next, column, valid: width };
        // Behind the right factor is memory that another thread may write to.
        let follows = (index + 1) * next < b.len();
        let mut done = 0;
        loop {
            let begun: [Segment; 1];
            let (segments, len) = if in_pieces {
                let (Segment { a, b }, first) = (segments[done / len], done % len);
                begun = [Segment { a: a + first * step, b: b + first }];
                (&begun[..], (PIECE / width).min(len - first))
            } else {
                (segments, len)
            };
            let begins = done == 0;
            done += segments.len() * len;
            let ends = done == all;
            let ahead = match in_pieces {
                _ if ends && !follows => 0,
                true => len * width,
                false => next,
            };
            let sums = Sums { go_on: sums.go_on || !begins, end: sums.end && ends };
            let piece = Piece { segments, len, sums, ahead, stride: 0, beside: 0 };
            // SAFETY: the caller has checked the sizes of all three matrices for all panels.
            unsafe { piece_generic::<S, N>(product, panel, piece, rows, c, to) }
            if ends {
                break;
            }
        }
    }
}

/// All rows of a piece of a panel. With each row of the panel the first groups of rows ask for a line of what comes next, or for two if there
/// are few groups; all of them together for all of it. Lines one after the other are noticed by the processor, which goes on by itself;
/// where rows lie apart, each group asks for its own lines of a row.
#[inline(always)]
unsafe fn piece_generic<S: Simd, const N: usize>(
    product: &Product<'_>,
    panel: Panel,
    piece: Piece<'_>,
    rows: &[usize],
    c: *mut f32,
    to: &[usize],
) {
    let width = N * S::LANES;
    let lines = width.div_ceil(LINE);
    let each = if is_one_line_enough(rows.len(), width) { 1 } else { 2 };
    let (group, stride) = match panel.distance == width {
        true => (piece.segments.len() * piece.len * each * LINE, each * LINE),
        false => (each * LINE, panel.distance),
    };
    let mut asking = if piece.ahead == 0 { 0 } else { lines.div_ceil(each) };
    let mut piece = Piece { stride, beside: (each - 1) * LINE, ..piece };
    let mut row = 0;
    while row < rows.len() {
        if asking == 0 {
            (piece.ahead, piece.stride, piece.beside) = (0, 0, 0);
        }
        let count = microkernel::rows_of_tile(rows.len() - row);
        // SAFETY: the caller has checked the sizes; as many rows as a tile has at most.
        unsafe {
            microkernel::compute::<S, N, true>(
                product,
                panel,
                piece,
                (&rows[row..row + count], &to[row..row + count]),
                c,
            )
        }
        row += count;
        piece.ahead += group;
        asking = asking.saturating_sub(1);
    }
}
