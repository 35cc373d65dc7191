//! Two numbers for each column of a matrix, from all its rows, in an order that the shape fixes: mean and spread, or two sums of a
//! gradient.

use std::ops::Range;

use super::upstream::{InRegisters, Upstream};
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::parallel;

/// Columns that are worked on together: with [`ROWS`] rows they stay in the nearest cache.
const COLUMNS: usize = 128;

/// Rows that are worked on one after the other; more are halved first, so that rounding errors grow with the logarithm of
/// their number.
const ROWS: usize = 32;

/// Elements that a row should have, so that hardly any lane of a vector is idle.
const WIDE: usize = 64;

/// Lanes of the widest vector.
const LANES: usize = 16;

/// Rows of so few channels that several are looked at as one, whose elements are whole vectors: the number of elements of such
/// a wide row, a multiple of the channels.
pub(in crate::kernels) fn wide(channels: usize) -> usize {
    if channels == 0 || channels >= WIDE {
        return channels;
    }
    // Channels are below 64: the largest power of 2 in their number, up to 16, tells how many rows make whole vectors.
    let whole = channels * (LANES >> channels.trailing_zeros().min(LANES.ilog2()));
    whole * WIDE.div_ceil(whole)
}

/// Repeats values of channels up to the length of `place`.
pub(in crate::kernels) fn repeat(values: &[f32], place: &mut [f32]) {
    place.chunks_mut(values.len()).for_each(|place| place.copy_from_slice(&values[..place.len()]));
}

/// Mean, and variance (the mean squared distance from the mean, "biased"), of each channel of a matrix of `mean.len()` channels;
/// `work` has twice [`wide`] places.
///
/// Everything is taken from the first row, so that numbers far from zero lose nothing: their differences are nearly exact. Few rows
/// are read twice while they are near: their mean, then the squared distances from it. Groups are merged by the formula of Chan,
/// Golub and LeVeque (1983), which never takes a square from a square. So the relative error of a variance is below 1e-6, the
/// error of a mean some 1e-7 of itself and of the deviation. Without a row, all are 0.
pub(super) fn mean_and_variance(x: &[f32], mean: &mut [f32], variance: &mut [f32], work: &mut [f32]) {
    let channels = mean.len();
    let wide = wide(channels);
    if x.is_empty() {
        mean.fill(0.0);
        variance.fill(0.0);
        return;
    }
    assert!(x.len().is_multiple_of(channels) && variance.len() == channels, "x is no matrix of so many channels");
    let rows = x.len() / wide;
    let (body, rest) = x.split_at(rows * wide);
    let (means, squares) = work[..2 * wide].split_at_mut(wide);
    let isa = Isa::current();
    let leaf = |rows: Range<usize>, first: usize, mean: &mut [f32], squares: &mut [f32]| {
        let last = (rows.end - 1) * wide + first + mean.len();
        assert!(last <= body.len() && mean.len() == squares.len());
        let values = &body[rows.start * wide + first..last];
        let shift = &body[first..][..mean.len()];
        // SAFETY: `values` has so many rows, `wide` apart, of `mean.len()` elements each, as `shift` and `squares` have.
        unsafe { moments(isa, values, (rows.len(), wide), shift, mean, squares) };
    };
    let merge = |rows: [usize; 2], [mean, squares]: [&mut [f32]; 2], [other, more]: [&[f32]; 2]| {
        let [a, b] = rows.map(|rows| rows as f64);
        let [part, weight] = [b / (a + b), a * b / (a + b)].map(|factor| factor as f32);
        // SAFETY: the loop is safe; this machine has the instruction set.
        unsafe { merge_moments(isa, (part, weight), (mean, squares), (other, more)) };
    };
    if rows > 0 {
        reduce(rows, means, squares, &leaf, &merge);
    }

    // What the wide rows have for one channel, each of their columns and each element of the rest being a group.
    let groups = |channel: usize| {
        let of_column = |at: usize| (rows as f64, f64::from(body[at]) + f64::from(means[at]), f64::from(squares[at]));
        let columns = (channel..if rows > 0 { wide } else { 0 }).step_by(channels).map(of_column);
        columns.chain(rest.iter().skip(channel).step_by(channels).map(|&value| (1.0, f64::from(value), 0.0)))
    };
    let count = (x.len() / channels) as f64;
    for (channel, (mean, variance)) in mean.iter_mut().zip(variance).enumerate() {
        let whole = groups(channel).map(|(count, mean, _)| count * mean).sum::<f64>() / count;
        let spread =
            groups(channel).map(|(count, mean, squares)| squares + count * (mean - whole).powi(2)).sum::<f64>();
        (*mean, *variance) = (whole as f32, (spread / count) as f32);
    }
}

/// Sums of a gradient for each channel: Σ dy, and Σ dy · (x − mean), with dy before what stands behind; `work` has three times [`wide`]
/// places, and once more if anything does.
pub(super) fn gradient_sums(
    upstream: &Upstream<'_>,
    mean: &[f32],
    (sums, products): (&mut [f32], &mut [f32]),
    work: &mut [f32],
) {
    let Upstream { x, dy, behind } = *upstream;
    let channels = mean.len();
    let wide = wide(channels);
    if x.is_empty() {
        sums.fill(0.0);
        products.fill(0.0);
        return;
    }
    assert!(x.len() == dy.len() && x.len().is_multiple_of(channels), "x and dy are no matrices of so many channels");
    assert!(sums.len() == channels && products.len() == channels);
    let rows = x.len() / wide;
    let body = rows * wide;
    let (means, work) = work.split_at_mut(wide);
    repeat(mean, means);
    let means = &*means;
    let (wide_sums, work) = work.split_at_mut(wide);
    let (wide_products, work) = work.split_at_mut(wide);
    let isa = Isa::current();
    let leaf = |rows: Range<usize>, first: usize, sums: &mut [f32], products: &mut [f32]| {
        let (columns, count) = (first..first + sums.len(), rows.len());
        let range = rows.start * wide + first..(rows.end - 1) * wide + columns.end;
        let means = &means[columns.clone()];
        assert_eq!(sums.len(), products.len());
        let behind = match upstream.applied(columns.clone()) {
            Err(behind) => behind,
            Ok(applied) => {
                let pair = (&x[range.clone()], &dy[range]);
                // SAFETY: both slices have so many rows, `wide` apart, of `sums.len()` elements each; so long are `means`, `products` and the
                // factors of what is applied.
                return unsafe { sum_pairs(isa, pair, (count, [wide; 2]), means, applied, (sums, products)) };
            }
        };
        let mut gradient = [0.0; ROWS * COLUMNS];
        let gradient = &mut gradient[..count * columns.len()];
        if columns.len() == wide {
            behind.gradient(isa, upstream, range.start, columns.clone(), gradient);
        } else {
            for (row, gradient) in rows.zip(gradient.chunks_exact_mut(columns.len())) {
                behind.gradient(isa, upstream, row * wide + first, columns.clone(), gradient);
            }
        }
        let distances = [wide, columns.len()];
        // SAFETY: the rows of `x` are `wide` apart, those of the gradient side by side; else as above.
        unsafe { sum_pairs(isa, (&x[range], gradient), (count, distances), means, None, (sums, products)) };
    };
    if rows > 0 {
        reduce(rows, wide_sums, wide_products, &leaf, &add);
    }
    let rest = match behind {
        None => &dy[body..],
        Some(_) if body == x.len() => &[],
        Some(behind) => {
            let rest = &mut work[..x.len() - body];
            behind.gradient(isa, upstream, body, 0..wide, rest);
            rest
        }
    };
    let columns = if rows > 0 { wide } else { 0 };
    for (channel, (sum, product)) in sums.iter_mut().zip(products).enumerate() {
        let (mut total, mut dot) = (0.0, 0.0);
        for at in (channel..columns).step_by(channels) {
            total += f64::from(wide_sums[at]);
            dot += f64::from(wide_products[at]);
        }
        for (x, dy) in x[body..].iter().zip(rest).skip(channel).step_by(channels) {
            total += f64::from(*dy);
            dot += f64::from(*dy) * (f64::from(*x) - f64::from(mean[channel]));
        }
        (*sum, *product) = (total as f32, dot as f32);
    }
}

/// Puts sums together.
pub(in crate::kernels) fn add(_: [usize; 2], sums: [&mut [f32]; 2], others: [&[f32]; 2]) {
    for (sums, others) in sums.into_iter().zip(others) {
        sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += other);
    }
}

/// Writes two numbers for each of the columns that begin with one, of some rows.
type Leaf<'a> = dyn Fn(Range<usize>, usize, &mut [f32], &mut [f32]) + Sync + 'a;

/// The same for columns that are known.
type LeafOfColumns<'a> = dyn Fn(Range<usize>, &mut [f32], &mut [f32]) + Sync + 'a;

/// Puts the numbers of other rows into those of rows: how many both are, and the numbers.
type Merge<'a> = dyn Fn([usize; 2], [&mut [f32]; 2], [&[f32]; 2]) + Sync + 'a;

/// Two numbers for each column, of so many rows: `leaf(rows, first column, ..)` writes those of a few rows, `merge(numbers of rows,
/// .., ..)` puts those of other rows into them.
pub(in crate::kernels) fn reduce(rows: usize, first: &mut [f32], second: &mut [f32], leaf: &Leaf, merge: &Merge) {
    let columns = first.len();
    let threads = parallel::elements_pay(rows * columns);
    let boundary = |part: usize| columns.min(part * COLUMNS);
    let parts = columns.div_ceil(COLUMNS);
    parallel::for_each_part_of(threads, parts, &boundary, (first, second), (&mut [], 0), &|part, (a, b), _| {
        let leaf = |rows: Range<usize>, a: &mut [f32], b: &mut [f32]| leaf(rows, part * COLUMNS, a, b);
        reduce_rows(threads, 0..rows, a, b, &leaf, merge);
    });
}

fn reduce_rows(
    threads: bool,
    rows: Range<usize>,
    first: &mut [f32],
    second: &mut [f32],
    leaf: &LeafOfColumns,
    merge: &Merge,
) {
    if rows.len() <= ROWS {
        return leaf(rows, first, second);
    }
    let middle = rows.start + rows.len() / 2;
    let (mut other, mut more) = ([0.0; COLUMNS], [0.0; COLUMNS]);
    let (other, more) = (&mut other[..first.len()], &mut more[..first.len()]);
    // Below so many elements a fork costs more than it saves.
    let threads = threads && parallel::elements_pay(rows.len() * first.len());
    parallel::join(
        threads,
        || reduce_rows(threads, rows.start..middle, first, second, leaf, merge),
        || reduce_rows(threads, middle..rows.end, other, more, leaf, merge),
    );
    merge([middle - rows.start, rows.end - middle], [first, second], [other, more]);
}

dispatch! {
    /// Mean of the distances from `shift`, and sum of the squared distances from that mean, of the first `mean.len()` elements of
    /// some rows: (how many, how far apart).
    unsafe fn moments(
        values: &[f32],
        rows: (usize, usize),
        shift: &[f32],
        mean: &mut [f32],
        squares: &mut [f32],
    ) = moments_generic
}

#[expect(clippy::needless_range_loop, reason = "indices are registers, not places in a list")]
#[inline(always)]
unsafe fn moments_generic<S: Simd>(
    values: &[f32],
    (rows, step): (usize, usize),
    shift: &[f32],
    mean: &mut [f32],
    squares: &mut [f32],
) {
    let len = mean.len();
    // SAFETY: the caller has checked that every row has `len` elements, and so have the other slices.
    unsafe {
        let (count, zero) = (S::splat(rows as f32), S::splat(0.0));
        let (values, shift) = (values.as_ptr(), shift.as_ptr());
        let (mean, squares) = (mean.as_mut_ptr(), squares.as_mut_ptr());
        let mut at = 0;
        // Four vectors at a time, so that no addition waits for the one before.
        while at + 4 * S::LANES <= len {
            let mut shifts = [zero; 4];
            for v in 0..4 {
                shifts[v] = S::load(shift.add(at + v * S::LANES));
            }
            let mut means = [zero; 4];
            for row in 0..rows {
                for v in 0..4 {
                    let value = S::load(values.add(row * step + at + v * S::LANES));
                    means[v] = S::add(means[v], S::sub(value, shifts[v]));
                }
            }
            for v in 0..4 {
                means[v] = S::div(means[v], count);
            }
            let mut sums = [zero; 4];
            for row in 0..rows {
                for v in 0..4 {
                    let value = S::load(values.add(row * step + at + v * S::LANES));
                    let distance = S::sub(S::sub(value, shifts[v]), means[v]);
                    sums[v] = S::mul_add(distance, distance, sums[v]);
                }
            }
            for v in 0..4 {
                S::store(mean.add(at + v * S::LANES), means[v]);
                S::store(squares.add(at + v * S::LANES), sums[v]);
            }
            at += 4 * S::LANES;
        }
        while at < len {
            let from = load_at::<S>(shift, len, at, zero);
            let (mut sum, mut squared) = (zero, zero);
            for row in 0..rows {
                sum = S::add(sum, S::sub(load_at::<S>(values.add(row * step), len, at, zero), from));
            }
            let center = S::div(sum, count);
            for row in 0..rows {
                let value = load_at::<S>(values.add(row * step), len, at, zero);
                let distance = S::sub(S::sub(value, from), center);
                squared = S::mul_add(distance, distance, squared);
            }
            store_at::<S>(mean, len, at, center);
            store_at::<S>(squares, len, at, squared);
            at += S::LANES;
        }
    }
}

dispatch! {
    /// Puts moments of other rows into those of some: δ = other − mean, mean += part · δ, squares += more + weight · δ².
    unsafe fn merge_moments(
        factors: (f32, f32),
        moments: (&mut [f32], &mut [f32]),
        others: (&[f32], &[f32]),
    ) = merge_moments_generic
}

#[expect(clippy::extra_unused_type_parameters, reason = "the loop is the same for every vector, its code is not")]
#[inline(always)]
unsafe fn merge_moments_generic<S>(
    (part, weight): (f32, f32),
    (mean, squares): (&mut [f32], &mut [f32]),
    (other, more): (&[f32], &[f32]),
) {
    for (((mean, squares), other), more) in mean.iter_mut().zip(squares).zip(other).zip(more) {
        let distance = other - *mean;
        *mean += part * distance;
        *squares += more + weight * distance * distance;
    }
}

dispatch! {
    /// Σ dy, and Σ dy · (x − mean), of the first `mean.len()` elements of some rows: how many, and how far apart those of both are.
    unsafe fn sum_pairs(
        pair: (&[f32], &[f32]),
        rows: (usize, [usize; 2]),
        mean: &[f32],
        applied: InRegisters<'_>,
        sums: (&mut [f32], &mut [f32]),
    ) = sum_pairs_generic
}

#[inline(always)]
unsafe fn sum_pairs_generic<S: Simd>(
    pair: (&[f32], &[f32]),
    rows: (usize, [usize; 2]),
    mean: &[f32],
    applied: InRegisters<'_>,
    (sums, products): (&mut [f32], &mut [f32]),
) {
    let len = mean.len();
    let mut at = 0;
    // SAFETY: the caller has checked that every row, the means and what is applied have `len` elements.
    unsafe {
        while at + 2 * S::LANES <= len {
            let (totals, dots) = sums_of::<S, 2>(pair, rows, mean, applied, (len, at));
            for v in 0..2 {
                S::store(sums.as_mut_ptr().add(at + v * S::LANES), totals[v]);
                S::store(products.as_mut_ptr().add(at + v * S::LANES), dots[v]);
            }
            at += 2 * S::LANES;
        }
        while at < len {
            let ([total], [dot]) = sums_of::<S, 1>(pair, rows, mean, applied, (len, at));
            store_at::<S>(sums.as_mut_ptr(), len, at, total);
            store_at::<S>(products.as_mut_ptr(), len, at, dot);
            at += S::LANES;
        }
    }
}

/// Both sums of `N` vectors of columns, from column `at` of `len` on.
#[expect(clippy::needless_range_loop, reason = "indices are registers, not places in a list")]
#[inline(always)]
unsafe fn sums_of<S: Simd, const N: usize>(
    (x, dy): (&[f32], &[f32]),
    (rows, [step, step_of_dy]): (usize, [usize; 2]),
    mean: &[f32],
    applied: InRegisters<'_>,
    (len, at): (usize, usize),
) -> ([S::Vector; N], [S::Vector; N]) {
    // SAFETY: the caller has the instruction set, and so many rows of `len` elements.
    unsafe {
        let zero = S::splat(0.0);
        let (mut means, mut totals, mut dots) = ([zero; N], [zero; N], [zero; N]);
        for v in 0..N {
            means[v] = load_at::<S>(mean.as_ptr(), len, at + v * S::LANES, zero);
        }
        match applied {
            None => {
                for row in 0..rows {
                    let (x, dy) = (x.as_ptr().add(row * step), dy.as_ptr().add(row * step_of_dy));
                    for v in 0..N {
                        let dy = load_at::<S>(dy, len, at + v * S::LANES, zero);
                        let distance = S::sub(load_at::<S>(x, len, at + v * S::LANES, means[v]), means[v]);
                        totals[v] = S::add(totals[v], dy);
                        dots[v] = S::mul_add(dy, distance, dots[v]);
                    }
                }
            }
            Some((pieces, [scale, shift])) => {
                let (mut scales, mut shifts) = ([zero; N], [zero; N]);
                for v in 0..N {
                    scales[v] = load_at::<S>(scale.as_ptr(), len, at + v * S::LANES, zero);
                    shifts[v] = load_at::<S>(shift.as_ptr(), len, at + v * S::LANES, zero);
                }
                for row in 0..rows {
                    let (x, dy) = (x.as_ptr().add(row * step), dy.as_ptr().add(row * step_of_dy));
                    for v in 0..N {
                        let distance = S::sub(load_at::<S>(x, len, at + v * S::LANES, means[v]), means[v]);
                        let z = S::mul_add(distance, scales[v], shifts[v]);
                        let dy = pieces.gradient::<S>(z, load_at::<S>(dy, len, at + v * S::LANES, zero));
                        totals[v] = S::add(totals[v], dy);
                        dots[v] = S::mul_add(dy, distance, dots[v]);
                    }
                }
            }
        }
        (totals, dots)
    }
}

#[cfg(test)]
mod tests;
