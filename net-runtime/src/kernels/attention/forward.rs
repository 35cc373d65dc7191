//! The forward pass.

use ndarray::{ArrayViewMut4, Axis};

use super::columns::{self, Running};
use super::dropped;
use super::factors::{Head, copy_row, cut};
use super::scores::{Block, Scores};
use super::sizes::{KEYS, QUERIES, STATISTICS, Sizes};
use super::units::Units;
use crate::kernels::gemm::transpose::{transpose, transpose_part};
use crate::kernels::simd::Isa;
use crate::parallel;
use crate::parallel::slots::Slots;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::exact;
use crate::tensor::param::Store;

/// `result = softmax(score(q, k)) · v` for every head, and, if they are wanted, the statistics that the backward pass reads.
pub(crate) fn forward(
    sizes: Sizes,
    scores: &Scores<'_>,
    [q, k, v]: [&[f32]; 3],
    result: &mut [f32],
    statistics: Option<&mut [f32]>,
    memory: &mut AlignedBuffer,
) {
    let Sizes { samples, queries, heads, value_dim, .. } = sizes;
    let isa = Isa::current();
    let kept = if statistics.is_some() { STATISTICS } else { 0 };
    assert!(statistics.as_ref().is_none_or(|statistics| statistics.len() == sizes.statistics()));
    assert_eq!([q.len(), k.len(), v.len(), result.len()], sizes.lens());
    let view =
        |values, len| ArrayViewMut4::from_shape((samples, queries, heads, len), values).expect("it has the size");
    let results = [view(result, value_dim), view(statistics.unwrap_or_default(), kept)];
    let units = Units { results, block: QUERIES };
    let threads = parallel::pays(sizes.cost());
    let need = exact::sum(&memory_of_unit(sizes, scores, sizes.width(isa, queries)));
    let slots = Slots::new(threads, units.count(), memory, need);
    units.for_each(threads, &|at, results| slots.with(|slot| unit(isa, sizes, scores, [q, k, v], at, results, slot)));
}

/// Floats of the pieces of memory that a unit works in.
fn memory_of_unit(sizes: Sizes, scores: &Scores<'_>, width: usize) -> [usize; 8] {
    let Sizes { key_dim, value_dim, .. } = sizes;
    let block = KEYS * width;
    let rows = exact::product(&[width, key_dim.max(value_dim)]);
    let [queries, sums] = [key_dim, value_dim].map(|dim| exact::product(&[dim, width]));
    let [mask, factors] = scores.needs().map(|needed| if needed { block } else { 0 });
    [rows, queries, block, sums, mask, factors, width, 2 * width]
}

/// A block of queries of one head of one sample.
fn unit(
    isa: Isa,
    sizes: Sizes,
    scores: &Scores<'_>,
    [q, k, v]: [&[f32]; 3],
    [sample, first, head]: [usize; 3],
    [mut result, mut statistics]: [ArrayViewMut4<'_, f32>; 2],
    slot: &mut [f32],
) {
    let Sizes { queries, keys, heads, key_heads, key_dim, value_dim, .. } = sizes;
    let count = result.len_of(Axis(1));
    let width = sizes.width(isa, count);
    let [rows, query_columns, block, sums, seen, factors, largest, more] =
        cut(slot, memory_of_unit(sizes, scores, width));
    let (total, shrink) = more.split_at_mut(width);

    let query = Head::new(q, [queries, heads, key_dim], sample, head);
    let [key, value] = [(k, key_dim), (v, value_dim)]
        .map(|(values, dim)| Head::new(values, [keys, key_heads, dim], sample, head / sizes.group()));
    query_columns.fill(0.0);
    transpose_part(&query.values[first * query.distance..], query.distance, [count, key_dim], query_columns, width);
    let scale = scores.score.scale();
    query_columns.iter_mut().for_each(|value| *value *= scale);
    largest.fill(f32::NEG_INFINITY);
    total.fill(0.0);

    let (mut begin, mut end) = (0, scores.reach(first + count, keys));
    loop {
        for key_first in (begin..end).step_by(KEYS) {
            let len = KEYS.min(end - key_first);
            let at = Block { sample, queries: [first, count], keys: [key_first, len], width, of: [queries, keys] };
            let block = &mut block[..len * width];
            scores.of_block(isa, key, key_first, (&*query_columns, width), block);
            scores.hide(isa, at, block, seen);
            if let Some(mask) = &scores.dropped {
                dropped::factors(isa, mask, at, [heads, head], &mut factors[..len * width]);
            }
            let factors = scores.dropped.is_some().then_some(&*factors);
            let running = Running { largest: &mut *largest, total: &mut *total, shrink: &mut *shrink };
            columns::exponentials(isa, width, block, factors, running);
            let store = if key_first == 0 { Store::Set } else { Store::Add };
            if store == Store::Add {
                columns::scale(isa, width, sums, shrink);
            }
            value.columns(key_first, len).times(isa, block, width, sums, value_dim, store);
        }
        if end == keys || !scores.is_blind(&largest[..count]) {
            break;
        }
        (begin, end) = (end, keys);
    }

    total.iter_mut().for_each(|total| *total = 1.0 / *total);
    columns::scale(isa, width, sums, total);
    transpose(sums, value_dim, rows, value_dim);
    let mut result = result.index_axis_mut(Axis(0), 0);
    let mut result = result.index_axis_mut(Axis(1), 0);
    for (mut place, row) in result.rows_mut().into_iter().zip(rows.chunks_exact(value_dim)) {
        copy_row(place.as_slice_mut().expect("the rows of a head are contiguous"), row);
    }
    if statistics.len_of(Axis(3)) > 0 {
        for (mut place, query) in statistics.rows_mut().into_iter().zip(0..) {
            [place[0], place[1]] = [largest[query], total[query]];
        }
    }
}
