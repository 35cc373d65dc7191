//! Additive scores, Σ factor · tanh(query + key) (Bahdanau et al., "Neural Machine Translation by Jointly Learning to Align and
//! Translate", 2015): of a block of keys and a block of queries, which lie side by side as columns. A hyperbolic tangent is
//! computed where its sum is, and again in the backward pass, so that no number for each query, key and element is kept.

use super::factors::Head;
use crate::kernels::simd::{Isa, Simd, dispatch, math};
use crate::tensor::exact::product;

/// Vectors of columns that are worked on together: each hyperbolic tangent is a long chain of operations.
const TOGETHER: usize = 4;

/// The keys of a block: element `d` of key `row` is at `values[row * distance + d]`.
#[derive(Clone, Copy)]
struct Keys {
    values: *const f32,
    distance: usize,
    rows: usize,
    dim: usize,
}

impl Keys {
    /// The keys of as many rows as a block of scores has, and a check that these are all there: of the keys, of the columns of
    /// queries, and of the factors.
    fn of_block(
        isa: Isa,
        key: Head<'_>,
        first: usize,
        queries: (&[f32], usize),
        factors: &[f32],
        block: &[f32],
    ) -> Self {
        let ((columns, width), dim) = (queries, key.dim);
        assert!(width > 0 && width.is_multiple_of(isa.lanes()) && block.len().is_multiple_of(width));
        assert!(columns.len() >= product(&[dim, width]) && factors.len() == dim);
        let rows = block.len() / width;
        let values = &key.values[first * key.distance..];
        assert!(rows == 0 || values.len() >= (rows - 1) * key.distance + dim);
        Self { values: values.as_ptr(), distance: key.distance, rows, dim }
    }
}

/// The scores of the keys from `first` on: a row of `block` for each, with a column for each query.
pub(super) fn scores(
    isa: Isa,
    key: Head<'_>,
    first: usize,
    queries: (&[f32], usize),
    factors: &[f32],
    block: &mut [f32],
) {
    let keys = Keys::of_block(isa, key, first, queries, factors, block);
    // SAFETY: so many keys, columns of whole vectors for each of their elements, as many factors, and a row of the block for each key.
    unsafe { scores_of_keys(isa, keys, queries.0.as_ptr(), queries.1, factors.as_ptr(), block.as_mut_ptr()) }
}

dispatch! {
    unsafe fn scores_of_keys(keys: Keys, queries: *const f32, width: usize, factors: *const f32, block: *mut f32)
        = scores_generic
}

#[inline(always)]
unsafe fn scores_generic<S: Simd>(keys: Keys, queries: *const f32, width: usize, factors: *const f32, block: *mut f32) {
    for row in 0..keys.rows {
        let mut column = 0;
        // SAFETY: the caller has the rows and columns, and the instruction set.
        unsafe {
            let (key, scores) = (keys.values.add(row * keys.distance), block.add(row * width));
            while column + TOGETHER * S::LANES <= width {
                sums::<S, TOGETHER>(key, keys.dim, queries.add(column), width, factors, scores.add(column));
                column += TOGETHER * S::LANES;
            }
            while column < width {
                sums::<S, 1>(key, keys.dim, queries.add(column), width, factors, scores.add(column));
                column += S::LANES;
            }
        }
    }
}

/// The scores of one key and of `N` vectors of queries.
#[inline(always)]
unsafe fn sums<S: Simd, const N: usize>(
    key: *const f32,
    dim: usize,
    queries: *const f32,
    width: usize,
    factors: *const f32,
    scores: *mut f32,
) {
    // SAFETY: the caller has `dim` elements and factors, `N` vectors of columns for each and of scores, and the instruction set.
    unsafe {
        let mut sums = [S::splat(0.0); N];
        for d in 0..dim {
            let (key, factor) = (S::splat(*key.add(d)), S::splat(*factors.add(d)));
            for (v, sum) in sums.iter_mut().enumerate() {
                let query = S::load(queries.add(d * width + v * S::LANES));
                *sum = S::mul_add(factor, math::tanh::<S>(S::add(query, key)), *sum);
            }
        }
        for (v, sum) in sums.into_iter().enumerate() {
            S::store(scores.add(v * S::LANES), sum);
        }
    }
}

/// Where the gradients are added to.
pub(super) struct Gradients<'a> {
    /// Those by the queries: columns.
    pub queries: &'a mut [f32],
    /// Those by the keys of the block: rows, so far apart.
    pub keys: (&'a mut [f32], usize),
    /// Those by the factors: a vector for each, whose lanes are to be added up.
    pub factors: &'a mut [f32],
}

/// Adds the gradients by queries, keys and factors, from those by a block of scores.
pub(super) fn differentiate(
    isa: Isa,
    key: Head<'_>,
    first: usize,
    queries: (&[f32], usize),
    factors: &[f32],
    block: &[f32],
    gradients: Gradients<'_>,
) {
    let keys = Keys::of_block(isa, key, first, queries, factors, block);
    let Gradients { queries: by_queries, keys: (by_keys, distance), factors: by_factors } = gradients;
    assert!(by_queries.len() >= product(&[keys.dim, queries.1]));
    assert!(by_factors.len() == product(&[keys.dim, isa.lanes()]) && distance >= keys.dim);
    assert!(by_keys.len() >= product(&[keys.rows, distance]));
    let places = Places {
        queries: by_queries.as_mut_ptr(),
        keys: by_keys.as_mut_ptr(),
        distance,
        factors: by_factors.as_mut_ptr(),
    };
    // SAFETY: as above; and a gradient for each column, for each element of a key, and a vector for each factor.
    unsafe { differentiate_keys(isa, keys, queries.0.as_ptr(), queries.1, factors.as_ptr(), block.as_ptr(), places) }
}

/// Where the gradients lie.
#[derive(Clone, Copy)]
struct Places {
    queries: *mut f32,
    keys: *mut f32,
    /// Floats from key to key.
    distance: usize,
    factors: *mut f32,
}

dispatch! {
    unsafe fn differentiate_keys(
        keys: Keys,
        queries: *const f32,
        width: usize,
        factors: *const f32,
        block: *const f32,
        places: Places,
    ) = differentiate_generic
}

#[inline(always)]
unsafe fn differentiate_generic<S: Simd>(
    keys: Keys,
    queries: *const f32,
    width: usize,
    factors: *const f32,
    block: *const f32,
    places: Places,
) {
    for row in 0..keys.rows {
        for d in 0..keys.dim {
            // SAFETY: the caller has the rows and columns, and the instruction set.
            unsafe {
                let (key, factor) = (S::splat(*keys.values.add(row * keys.distance + d)), S::splat(*factors.add(d)));
                let of = (queries.add(d * width), block.add(row * width), places.queries.add(d * width));
                let by_factor = places.factors.add(d * S::LANES);
                let mut sums = [S::splat(0.0), S::load(by_factor)];
                let mut column = 0;
                while column + TOGETHER * S::LANES <= width {
                    slopes::<S, TOGETHER>([key, factor], of, column, &mut sums);
                    column += TOGETHER * S::LANES;
                }
                while column < width {
                    slopes::<S, 1>([key, factor], of, column, &mut sums);
                    column += S::LANES;
                }
                S::store(by_factor, sums[1]);
                *places.keys.add(row * places.distance + d) += S::sum(sums[0]);
            }
        }
    }
}

/// Adds to the gradients by one element of `N` vectors of queries, and to the sums for that of a key and for a factor.
#[inline(always)]
unsafe fn slopes<S: Simd, const N: usize>(
    [key, factor]: [S::Vector; 2],
    (queries, block, by_queries): (*const f32, *const f32, *mut f32),
    column: usize,
    [by_key, by_factor]: &mut [S::Vector; 2],
) {
    // SAFETY: the caller has `N` vectors at this column of all three, and the instruction set.
    unsafe {
        let mut tangents = [S::splat(0.0); N];
        for (v, tangent) in tangents.iter_mut().enumerate() {
            let query = S::load(queries.add(column + v * S::LANES));
            *tangent = math::tanh::<S>(S::add(query, key));
        }
        for (v, tangent) in tangents.into_iter().enumerate() {
            let at = column + v * S::LANES;
            let upstream = S::load(block.add(at));
            *by_factor = S::mul_add(upstream, tangent, *by_factor);
            // The derivative of a hyperbolic tangent is 1 less its square.
            let slope = S::sub(S::splat(1.0), S::mul(tangent, tangent));
            let gradient = S::mul(S::mul(upstream, factor), slope);
            *by_key = S::add(*by_key, gradient);
            S::store(by_queries.add(at), S::add(S::load(by_queries.add(at)), gradient));
        }
    }
}
