//! What is done with blocks of scores: a column a query, whole vectors of them.

use crate::kernels::simd::{Isa, Simd, dispatch, math};

/// The score of what a query does not see: so low that nothing is left of it beside any other, and finite, so that a query that
/// sees nothing gives all keys the same weight, as Keras's does.
pub(super) const UNSEEN: f32 = -0.7 * f32::MAX;

/// Vectors of a row that are worked on together: each waits for long chains of operations.
const TOGETHER: usize = 4;

/// Calls a function with each group of vectors of a row, with its first column, and their number as its second parameter.
macro_rules! each_group {
    ($width:expr, $function:ident($($argument:expr),*)) => {{
        let (width, mut column) = ($width, 0);
        while column + TOGETHER * S::LANES <= width {
            $function::<S, TOGETHER>(column, $($argument),*);
            column += TOGETHER * S::LANES;
        }
        while column < width {
            $function::<S, 1>(column, $($argument),*);
            column += S::LANES;
        }
    }};
}

/// What is known of each query.
pub(super) struct Running<'a> {
    /// Its largest score so far.
    pub largest: &'a mut [f32],
    /// The sum of the exponentials of its scores less the largest.
    pub total: &'a mut [f32],
    /// What all that was computed before this block has to be multiplied by.
    pub shrink: &'a mut [f32],
}

/// Scores become the exponentials of scores less the largest so far; where some are dropped, times their factors, which the sums do
/// not have.
pub(super) fn exponentials(isa: Isa, width: usize, scores: &mut [f32], factors: Option<&[f32]>, running: Running<'_>) {
    let Running { largest, total, shrink } = running;
    assert!(width > 0 && width.is_multiple_of(isa.lanes()) && scores.len().is_multiple_of(width));
    assert!([largest.len(), total.len(), shrink.len()].iter().all(|len| *len >= width));
    assert!(factors.is_none_or(|factors| factors.len() >= scores.len()));
    let factors = factors.map_or(std::ptr::null(), <[f32]>::as_ptr);
    let running = [largest.as_mut_ptr(), total.as_mut_ptr(), shrink.as_mut_ptr()];
    // SAFETY: rows of `width` floats, whole vectors; factors, if there are any, are as many as scores.
    unsafe { exponentials_of_rows(isa, width, scores, factors, running) }
}

dispatch! {
    unsafe fn exponentials_of_rows(width: usize, scores: &mut [f32], factors: *const f32, running: [*mut f32; 3])
        = exponentials_generic
}

#[inline(always)]
unsafe fn exponentials_generic<S: Simd>(width: usize, scores: &mut [f32], factors: *const f32, running: [*mut f32; 3]) {
    let rows = scores.len() / width;
    // SAFETY: the caller's promise.
    unsafe { each_group!(width, exponentials_of_columns([rows, width], scores.as_mut_ptr(), factors, running)) }
}

#[inline(always)]
unsafe fn exponentials_of_columns<S: Simd, const N: usize>(
    column: usize,
    [rows, width]: [usize; 2],
    scores: *mut f32,
    factors: *const f32,
    [largest, total, shrink]: [*mut f32; 3],
) {
    // SAFETY: the caller has `N` vectors at this column of each row, and the instruction set.
    unsafe {
        let scores = scores.add(column);
        let before = load::<S, N>(largest.add(column));
        let mut most = before;
        for row in 0..rows {
            for (v, most) in most.iter_mut().enumerate() {
                // The maximum passes over a NaN: the exponentials do not.
                *most = S::max(S::load(scores.add(row * width + v * S::LANES)), *most);
            }
        }
        let mut sums = load::<S, N>(total.add(column));
        for v in 0..N {
            let smaller = math::exp_of_negative::<S>(S::sub(before[v], most[v]));
            sums[v] = S::mul(sums[v], smaller);
            S::store(shrink.add(column + v * S::LANES), smaller);
            S::store(largest.add(column + v * S::LANES), most[v]);
        }
        for row in 0..rows {
            for v in 0..N {
                let place = scores.add(row * width + v * S::LANES);
                let mut power = math::exp_of_negative::<S>(S::sub(S::load(place), most[v]));
                sums[v] = S::add(sums[v], power);
                if !factors.is_null() {
                    power = S::mul(power, S::load(factors.add(row * width + column + v * S::LANES)));
                }
                S::store(place, power);
            }
        }
        for (v, sum) in sums.into_iter().enumerate() {
            S::store(total.add(column + v * S::LANES), sum);
        }
    }
}

/// `N` vectors, one behind the other.
#[inline(always)]
unsafe fn load<S: Simd, const N: usize>(from: *const f32) -> [S::Vector; N] {
    // SAFETY: the caller has them, and the instruction set.
    unsafe {
        let mut vectors = [S::splat(0.0); N];
        for (v, vector) in vectors.iter_mut().enumerate() {
            *vector = S::load(from.add(v * S::LANES));
        }
        vectors
    }
}

/// What is known of each query when its scores are computed again.
pub(super) struct Known<'a> {
    /// Its largest score.
    pub largest: &'a [f32],
    /// 1 / the sum of the exponentials of its scores less the largest.
    pub inverse: &'a [f32],
    /// The product of its result and the gradient by it.
    pub along: &'a [f32],
}

/// Scores become weights, times their factors where some are dropped; the gradients by these, `gradients`, become those by the
/// scores. The scores of a query that sees nothing are constants.
pub(super) fn differentiate(
    isa: Isa,
    width: usize,
    scores: &mut [f32],
    gradients: &mut [f32],
    factors: Option<&[f32]>,
    known: Known<'_>,
) {
    let Known { largest, inverse, along } = known;
    assert!(width > 0 && width.is_multiple_of(isa.lanes()) && scores.len().is_multiple_of(width));
    assert!([largest.len(), inverse.len(), along.len()].iter().all(|len| *len >= width));
    assert!(gradients.len() == scores.len() && factors.is_none_or(|factors| factors.len() >= scores.len()));
    let factors = factors.map_or(std::ptr::null(), <[f32]>::as_ptr);
    let known = [largest.as_ptr(), inverse.as_ptr(), along.as_ptr()];
    // SAFETY: rows of `width` floats, whole vectors; factors, if there are any, are as many as scores.
    unsafe { differentiate_rows(isa, width, scores, gradients, factors, known) }
}

dispatch! {
    unsafe fn differentiate_rows(
        width: usize,
        scores: &mut [f32],
        gradients: &mut [f32],
        factors: *const f32,
        known: [*const f32; 3],
    ) = differentiate_generic
}

#[inline(always)]
unsafe fn differentiate_generic<S: Simd>(
    width: usize,
    scores: &mut [f32],
    gradients: &mut [f32],
    factors: *const f32,
    known: [*const f32; 3],
) {
    let (rows, places) = (scores.len() / width, [scores.as_mut_ptr(), gradients.as_mut_ptr()]);
    // SAFETY: the caller's promise.
    unsafe { each_group!(width, differentiate_columns([rows, width], places, factors, known)) }
}

#[inline(always)]
unsafe fn differentiate_columns<S: Simd, const N: usize>(
    column: usize,
    [rows, width]: [usize; 2],
    [scores, gradients]: [*mut f32; 2],
    factors: *const f32,
    known: [*const f32; 3],
) {
    // SAFETY: the caller has `N` vectors at this column of each row, and the instruction set.
    unsafe {
        let (one, unseen) = (S::splat(1.0), S::splat(UNSEEN));
        let [largest, inverse, along] = known.map(|known| load::<S, N>(known.add(column)));
        let mut live = inverse;
        for v in 0..N {
            live[v] = S::if_equal(largest[v], unseen, S::splat(0.0), inverse[v]);
        }
        for row in 0..rows {
            for v in 0..N {
                let at = row * width + column + v * S::LANES;
                let power = math::exp_of_negative::<S>(S::sub(S::load(scores.add(at)), largest[v]));
                let factor = if factors.is_null() { one } else { S::load(factors.add(at)) };
                let gradient = S::mul(S::load(gradients.add(at)), factor);
                S::store(scores.add(at), S::mul(S::mul(power, inverse[v]), factor));
                S::store(gradients.add(at), S::mul(S::mul(power, live[v]), S::sub(gradient, along[v])));
            }
        }
    }
}

/// Lowers a score where `seen` is 0.
pub(super) fn hide(isa: Isa, width: usize, scores: &mut [f32], seen: &[f32]) {
    assert!(width.is_multiple_of(isa.lanes()) && scores.len().is_multiple_of(width) && scores.len() == seen.len());
    // SAFETY: whole vectors, as many in both.
    unsafe { hide_all(isa, scores, seen) }
}

dispatch! {
    unsafe fn hide_all(scores: &mut [f32], seen: &[f32]) = hide_generic
}

#[inline(always)]
unsafe fn hide_generic<S: Simd>(scores: &mut [f32], seen: &[f32]) {
    for at in (0..scores.len()).step_by(S::LANES) {
        // SAFETY: the caller has whole vectors of both.
        unsafe {
            let place = scores.as_mut_ptr().add(at);
            let seen = S::load(seen.as_ptr().add(at));
            S::store(place, S::if_equal(seen, S::splat(0.0), S::splat(UNSEEN), S::load(place)));
        }
    }
}

/// Multiplies each row of `values` by `factors`, element by element.
pub(super) fn scale(isa: Isa, width: usize, values: &mut [f32], factors: &[f32]) {
    assert!(width > 0 && width.is_multiple_of(isa.lanes()));
    assert!(values.len().is_multiple_of(width) && factors.len() >= width);
    // SAFETY: rows of whole vectors, and as many factors.
    unsafe { scale_rows(isa, width, values, factors) }
}

dispatch! {
    unsafe fn scale_rows(width: usize, values: &mut [f32], factors: &[f32]) = scale_generic
}

#[inline(always)]
unsafe fn scale_generic<S: Simd>(width: usize, values: &mut [f32], factors: &[f32]) {
    for row in values.chunks_exact_mut(width) {
        for at in (0..width).step_by(S::LANES) {
            // SAFETY: the caller has whole vectors.
            unsafe {
                let place = row.as_mut_ptr().add(at);
                S::store(place, S::mul(S::load(place), S::load(factors.as_ptr().add(at))));
            }
        }
    }
}
