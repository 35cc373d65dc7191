//! The backward pass.

use ndarray::{ArrayViewMut4, Axis, s};

use super::additive;
use super::columns::{self, Known, UNSEEN};
use super::dropped;
use super::factors::{Head, copy_row, cut};
use super::scores::{Block, Score, Scores};
use super::sizes::{KEYS, QUERIES, STATISTICS, Sizes};
use super::units::Units;
use crate::kernels::gemm::transpose::{transpose, transpose_part};
use crate::kernels::reduce::dot_products::dot_products;
use crate::kernels::simd::Isa;
use crate::parallel;
use crate::parallel::slots::Slots;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::exact;
use crate::tensor::param::Store;

/// What the forward pass has left, and the gradient by its result.
#[derive(Clone, Copy)]
pub(crate) struct Upstream<'a> {
    pub result: &'a [f32],
    pub statistics: &'a [f32],
    pub gradient: &'a [f32],
}

/// Queries, keys and values become the gradients by them. Those by the factors of additive scores, of which there may be none, are
/// written apart for each sample and head of keys, for units of work are done in any order. A unit of work is a head of keys, with the queries that see it: of all
/// it reads and writes, nobody else does the one or the other.
pub(crate) fn backward(
    sizes: Sizes,
    scores: &Scores<'_>,
    [q, k, v]: [&mut [f32]; 3],
    by_factors: &mut [f32],
    upstream: Upstream<'_>,
    memory: &mut AlignedBuffer,
) {
    let Sizes { samples, queries, keys, key_heads, key_dim, value_dim, .. } = sizes;
    let isa = Isa::current();
    assert_eq!([q.len(), k.len(), v.len(), upstream.result.len()], sizes.lens());
    assert_eq!([upstream.gradient.len(), upstream.statistics.len()], [upstream.result.len(), sizes.statistics()]);
    let factors = scores.score.factors();
    assert!([0, key_dim].contains(&factors) && by_factors.len() == exact::product(&[samples, key_heads, factors]));
    let view = |values, steps, len| {
        ArrayViewMut4::from_shape((samples, steps, key_heads, len), values).expect("it has the size")
    };
    let results = [
        view(q, queries, sizes.group() * key_dim),
        view(k, keys, key_dim),
        view(v, keys, value_dim),
        view(by_factors, 1, factors),
    ];
    let units = Units { results, block: queries.max(1) };
    let threads = parallel::pays(sizes.cost());
    let need = exact::sum(&memory_of_unit(isa, sizes, scores, sizes.width(isa, queries)));
    let slots = Slots::new(threads, units.count(), memory, need);
    units.for_each(threads, &|[sample, _, head], views| {
        slots.with(|slot| Unit::new(isa, sizes, scores, upstream, [sample, head], slot).run(views));
    });
}

/// Floats of the pieces of memory that a unit works in.
fn memory_of_unit(isa: Isa, sizes: Sizes, scores: &Scores<'_>, width: usize) -> [usize; 16] {
    let Sizes { keys, key_dim, value_dim, .. } = sizes;
    let block = KEYS * width;
    let [key_row, value_row] = [key_dim, value_dim].map(|dim| dim.next_multiple_of(isa.lanes()));
    let [mask, factors] = scores.needs().map(|needed| if needed { block } else { 0 });
    let many = |rows: usize, len: usize| exact::product(&[rows, len]);
    [
        many(keys, key_dim),
        many(keys, value_dim),
        many(keys, key_row),
        many(keys, value_row),
        many(width, key_row),
        many(width, key_dim),
        many(width, value_row),
        many(width, value_dim),
        many(width, key_dim),
        many(width, key_dim),
        block,
        block,
        mask,
        factors,
        3 * width,
        many(scores.score.factors(), isa.lanes()),
    ]
}

/// A head of keys of one sample, and the heads of queries that see it.
struct Unit<'a> {
    isa: Isa,
    sizes: Sizes,
    scores: &'a Scores<'a>,
    upstream: Upstream<'a>,
    sample: usize,
    /// The head of keys.
    head: usize,
    keys: &'a mut [f32],
    values: &'a mut [f32],
    /// Gradients by keys and values, in rows of whole vectors.
    by_keys: &'a mut [f32],
    by_values: &'a mut [f32],
    /// The queries of a block, in rows of whole vectors, and transposed; so is the gradient by the result.
    queries: &'a mut [f32],
    query_columns: &'a mut [f32],
    gradients: &'a mut [f32],
    gradient_columns: &'a mut [f32],
    /// The gradient by a block of queries, transposed, and as it is to be written.
    by_query_columns: &'a mut [f32],
    by_queries: &'a mut [f32],
    /// Scores of a block, and the gradients by them.
    block: &'a mut [f32],
    by_block: &'a mut [f32],
    seen: &'a mut [f32],
    factors: &'a mut [f32],
    /// The largest score of each query, 1 / its sum, and the product of its result and the gradient by it.
    known: &'a mut [f32],
    /// The gradients by the factors of additive scores: a vector for each, whose lanes are to be added up.
    by_factors: &'a mut [f32],
}

impl<'a> Unit<'a> {
    fn new(
        isa: Isa,
        sizes: Sizes,
        scores: &'a Scores<'a>,
        upstream: Upstream<'a>,
        [sample, head]: [usize; 2],
        slot: &'a mut [f32],
    ) -> Self {
        let lens = memory_of_unit(isa, sizes, scores, sizes.width(isa, sizes.queries));
        let [
            keys,
            values,
            by_keys,
            by_values,
            queries,
            query_columns,
            gradients,
            gradient_columns,
            by_query_columns,
            by_queries,
            block,
            by_block,
            seen,
            factors,
            known,
            by_factors,
        ] = cut(slot, lens);
        Self {
            isa,
            sizes,
            scores,
            upstream,
            sample,
            head,
            keys,
            values,
            by_keys,
            by_values,
            queries,
            query_columns,
            gradients,
            gradient_columns,
            by_query_columns,
            by_queries,
            block,
            by_block,
            seen,
            factors,
            known,
            by_factors,
        }
    }

    fn run(mut self, [mut q, mut k, mut v, mut by_factors]: [ArrayViewMut4<'_, f32>; 4]) {
        let Sizes { queries, key_dim, value_dim, .. } = self.sizes;
        gather(&k, self.keys, key_dim);
        gather(&v, self.values, value_dim);
        self.by_keys.fill(0.0);
        self.by_values.fill(0.0);
        self.by_factors.fill(0.0);
        for index in 0..self.sizes.group() {
            for first in (0..queries).step_by(QUERIES) {
                let count = QUERIES.min(queries - first);
                let part = s![.., first..first + count, .., index * key_dim..(index + 1) * key_dim];
                let mut q = q.slice_mut(part);
                self.block_of_queries(self.head * self.sizes.group() + index, first, &q);
                scatter(self.by_queries, key_dim, &mut q);
            }
        }
        let [key_row, value_row] = [key_dim, value_dim].map(|dim| dim.next_multiple_of(self.isa.lanes()));
        scatter(self.by_keys, key_row, &mut k);
        scatter(self.by_values, value_row, &mut v);
        for (sum, lanes) in by_factors.iter_mut().zip(self.by_factors.chunks_exact(self.isa.lanes())) {
            *sum = lanes.iter().sum();
        }
    }

    /// Leaves the gradient by a block of queries of one head in `by_queries`, and adds to those by keys and values.
    fn block_of_queries(&mut self, head: usize, first: usize, q: &ArrayViewMut4<'_, f32>) {
        let Self { isa, sizes, scores, sample, .. } = *self;
        let Sizes { queries, keys, heads, key_dim, value_dim, .. } = sizes;
        let count = q.len_of(Axis(1));
        let width = sizes.width(isa, count);
        let [key_row, value_row] = [key_dim, value_dim].map(|dim| dim.next_multiple_of(isa.lanes()));
        let [result, gradient] = [self.upstream.result, self.upstream.gradient]
            .map(|values| Head::new(values, [queries, heads, value_dim], sample, head));
        let statistics = Head::new(self.upstream.statistics, [queries, heads, STATISTICS], sample, head);

        gather(q, self.queries, key_row);
        let scale = scores.score.scale();
        self.queries[..count * key_row].iter_mut().for_each(|value| *value *= scale);
        to_columns(self.queries, [count, key_dim, key_row], self.query_columns, width);
        for (place, step) in self.gradients.chunks_exact_mut(value_row).zip(first..first + count) {
            let (values, rest) = place.split_at_mut(value_dim);
            copy_row(values, gradient.row(step));
            rest.fill(0.0);
        }
        to_columns(self.gradients, [count, value_dim, value_row], self.gradient_columns, width);
        let (largest, more) = self.known.split_at_mut(width);
        let (inverse, along) = more.split_at_mut(width);
        // No more is left of what lies beside the last query.
        [&mut *largest, &mut *inverse, &mut *along].into_iter().for_each(|known| known.fill(0.0));
        for (index, step) in (first..first + count).enumerate() {
            [largest[index], inverse[index]] = [statistics.row(step)[0], statistics.row(step)[1]];
        }
        let results = (&result.values[first * result.distance..], result.distance);
        dot_products(isa, value_dim, (self.gradients, value_row), results, &mut along[..count]);

        let reach = scores.reach(first + count, keys);
        let blind = largest[..count].contains(&UNSEEN);
        let ranges = [0..reach, reach..if blind { keys } else { reach }];
        for key_first in ranges.iter().flat_map(|range| range.clone().step_by(KEYS)) {
            let end = if key_first < reach { reach } else { keys };
            let len = KEYS.min(end - key_first);
            let at = Block { sample, queries: [first, count], keys: [key_first, len], width, of: [queries, keys] };
            let (block, by_block) = (&mut self.block[..len * width], &mut self.by_block[..len * width]);
            let [key, value] = [(&*self.keys, key_dim), (&*self.values, value_dim)].map(|(values, dim)| Head {
                values,
                distance: dim,
                dim,
            });
            scores.of_block(isa, key, key_first, (&*self.query_columns, width), block);
            scores.hide(isa, at, block, self.seen);
            value.rows(key_first).times(isa, self.gradient_columns, width, by_block, len, Store::Set);
            if let Some(mask) = &scores.dropped {
                dropped::factors(isa, mask, at, [heads, head], &mut self.factors[..len * width]);
            }
            let factors = scores.dropped.is_some().then_some(&*self.factors);
            let known = Known { largest, inverse, along };
            columns::differentiate(isa, width, block, by_block, factors, known);
            let [weights, by_scores] =
                [&*block, &*by_block].map(|values| Head { values, distance: width, dim: count }.rows(0));
            let by_values = &mut self.by_values[key_first * value_row..];
            weights.times(isa, self.gradients, value_row, by_values, len, Store::Add);
            let by_keys = &mut self.by_keys[key_first * key_row..];
            match scores.score {
                Score::Product { .. } => {
                    by_scores.times(isa, self.queries, key_row, by_keys, len, Store::Add);
                    let store = if key_first == 0 { Store::Set } else { Store::Add };
                    key.columns(key_first, len).times(isa, by_block, width, self.by_query_columns, key_dim, store);
                }
                Score::Additive { factors } => {
                    if key_first == 0 {
                        self.by_query_columns[..key_dim * width].fill(0.0);
                    }
                    // What lies beside the last query is no gradient.
                    by_block.chunks_exact_mut(width).for_each(|row| row[count..].fill(0.0));
                    let gradients = additive::Gradients {
                        queries: &mut *self.by_query_columns,
                        keys: (by_keys, key_row),
                        factors: &mut *self.by_factors,
                    };
                    let queries = (&*self.query_columns, width);
                    additive::differentiate(isa, key, key_first, queries, factors, by_block, gradients);
                }
            }
        }
        let by_query_columns = &mut self.by_query_columns[..key_dim * width];
        by_query_columns.iter_mut().for_each(|value| *value *= scale);
        transpose(by_query_columns, key_dim, self.by_queries, key_dim);
    }
}

/// Copies the rows of a head to rows of `len` floats, with zeros at their ends.
fn gather(head: &ArrayViewMut4<'_, f32>, rows: &mut [f32], len: usize) {
    for (row, place) in head.rows().into_iter().zip(rows.chunks_exact_mut(len)) {
        let row = row.to_slice().expect("the rows of a head are contiguous");
        let (values, rest) = place.split_at_mut(row.len());
        copy_row(values, row);
        rest.fill(0.0);
    }
}

/// Copies the beginnings of rows of `len` floats to the rows of a head.
fn scatter(rows: &[f32], len: usize, head: &mut ArrayViewMut4<'_, f32>) {
    for (mut place, row) in head.rows_mut().into_iter().zip(rows.chunks_exact(len)) {
        let place = place.as_slice_mut().expect("the rows of a head are contiguous");
        let len = place.len();
        copy_row(place, &row[..len]);
    }
}

/// Writes so many rows, of so many floats, so far apart, as columns; what lies beside them becomes 0.
fn to_columns(rows: &[f32], [count, dim, distance]: [usize; 3], columns: &mut [f32], width: usize) {
    columns.fill(0.0);
    transpose_part(rows, distance, [count, dim], columns, width);
}
