//! In which order the boxes and bends of each rank stand, so that few edges cross.

use super::Ranked;

/// Passes over all ranks. Where this many have not found the best order, more hardly ever do.
const SWEEPS: usize = 24;

/// Sorts every rank by where each vertex's neighbours are in the rank before, downwards and upwards in turn, and keeps
/// the best of the orders met. Of equally good ones the first stays, which is closest to the order of declaration.
pub(super) fn reduce_crossings(graph: &mut Ranked) {
    let mut positions = vec![0; graph.vertices.len()];
    for rank in 0..graph.ranks.len() {
        number(&graph.ranks[rank], &mut positions);
    }
    let mut best: Option<(usize, Vec<Vec<usize>>)> = None;
    for sweep in 0..SWEEPS {
        let downwards = sweep % 2 == 0;
        let last = graph.ranks.len().saturating_sub(1);
        for step in 0..graph.ranks.len() {
            let rank = if downwards { step } else { last - step };
            let neighbours = if downwards { &graph.above } else { &graph.below };
            sort_rank(&mut graph.ranks[rank], neighbours, &positions);
            number(&graph.ranks[rank], &mut positions);
        }
        let crossings = crossings(graph, &positions);
        if best.as_ref().is_none_or(|(fewest, _)| crossings < *fewest) {
            best = Some((crossings, graph.ranks.clone()));
        }
        if crossings == 0 {
            break;
        }
    }
    if let Some((_, ranks)) = best {
        graph.ranks = ranks;
    }
}

fn number(rank: &[usize], positions: &mut [usize]) {
    for (position, &vertex) in rank.iter().enumerate() {
        positions[vertex] = position;
    }
}

/// Sorts by the mean position of the neighbours; a vertex without any keeps its place among the others.
fn sort_rank(rank: &mut [usize], neighbours: &[Vec<usize>], positions: &[usize]) {
    let mean = |vertex: usize| {
        let around = &neighbours[vertex];
        match around.len() {
            0 => positions[vertex] as f64,
            count => around.iter().map(|&other| positions[other] as f64).sum::<f64>() / count as f64,
        }
    };
    rank.sort_by(|&left, &right| mean(left).total_cmp(&mean(right)));
}

/// Number of pairs of segments that cross.
fn crossings(graph: &Ranked, positions: &[usize]) -> usize {
    let mut crossings = 0;
    for rank in &graph.ranks {
        let segments: Vec<(usize, usize)> = rank
            .iter()
            .flat_map(|&upper| graph.below[upper].iter().map(move |&lower| (upper, lower)))
            .map(|(upper, lower)| (positions[upper], positions[lower]))
            .collect();
        for (index, first) in segments.iter().enumerate() {
            crossings += segments[index + 1..]
                .iter()
                .filter(|second| first.0 != second.0 && (first.0 < second.0) != (first.1 <= second.1))
                .filter(|second| first.1 != second.1)
                .count();
        }
    }
    crossings
}
