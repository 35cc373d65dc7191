//! Where the boxes and bends stand in each rank, with its order given.

use super::{Ranked, straight};

/// Free room between the boxes of one rank, and around a bend.
const BETWEEN_BOXES: f64 = 32.0;
const AROUND_BENDS: f64 = 16.0;

/// Rounds of moving every rank to its neighbours.
const ROUNDS: usize = 48;

/// The middle of every vertex.
pub(super) fn columns(graph: &Ranked) -> Vec<f64> {
    let mut middles = vec![0.0; graph.vertices.len()];
    for rank in &graph.ranks {
        let wishes = vec![(0.0, 1.0); rank.len()];
        settle(graph, rank, &wishes, &mut middles);
    }
    // First each rank goes where the one before wants it, to spread the graph out; then where both neighbours do.
    for round in 0..ROUNDS {
        let both = round >= ROUNDS / 4;
        let (above, below) = if round % 2 == 0 { (true, both) } else { (both, true) };
        let ranks: Vec<&Vec<usize>> =
            if round % 2 == 0 { graph.ranks.iter().collect() } else { graph.ranks.iter().rev().collect() };
        for rank in ranks {
            let wishes: Vec<(f64, f64)> =
                rank.iter().map(|&vertex| wish(graph, vertex, above, below, &middles)).collect();
            settle(graph, rank, &wishes, &mut middles);
        }
    }
    straight::straighten(graph, &mut middles);
    middles
}

/// Where a vertex would best stand, and how much that matters.
fn wish(graph: &Ranked, vertex: usize, above: bool, below: bool, middles: &[f64]) -> (f64, f64) {
    let mut sum = 0.0;
    let mut total = 0.0;
    let sides = [(above, &graph.above[vertex]), (below, &graph.below[vertex])];
    for &other in sides.iter().filter(|(wanted, _)| *wanted).flat_map(|(_, side)| *side) {
        let weight = pull(graph, vertex, other);
        sum += weight * middles[other];
        total += weight;
    }
    if total == 0.0 { (middles[vertex], 0.1) } else { (sum / total, total) }
}

/// How much it matters that two neighbours stand below each other. A long edge should be straight before all; next the
/// way from box to box, past which it leads.
pub(super) fn pull(graph: &Ranked, one: usize, other: usize) -> f64 {
    match (graph.vertices[one].is_bend, graph.vertices[other].is_bend) {
        (true, true) => 8.0,
        (false, false) if is_link(graph, one, other) => 16.0,
        (false, false) => 4.0,
        _ => 1.0,
    }
}

/// Whether the edge between two neighbours is the only one at that side of either.
pub(super) fn is_link(graph: &Ranked, one: usize, other: usize) -> bool {
    let (upper, lower) =
        if graph.vertices[one].rank < graph.vertices[other].rank { (one, other) } else { (other, one) };
    graph.below[upper].len() == 1 && graph.above[lower].len() == 1
}

/// Least distance of the middles of two neighbours in a rank.
pub(super) fn distance(graph: &Ranked, left: usize, right: usize) -> f64 {
    let (left, right) = (&graph.vertices[left], &graph.vertices[right]);
    let gap = if left.is_bend || right.is_bend { AROUND_BENDS } else { BETWEEN_BOXES };
    left.right + gap + right.left
}

/// Puts the vertices of a rank as near to their wishes as their order and distances allow: the least squares, found
/// by merging neighbours that would come too close into blocks that move as one.
fn settle(graph: &Ranked, rank: &[usize], wishes: &[(f64, f64)], middles: &mut [f64]) {
    struct Block {
        first: usize,
        /// Where the block's first vertex would stand, and how much that matters.
        place: f64,
        weight: f64,
    }
    let mut offsets = vec![0.0; rank.len()];
    for index in 1..rank.len() {
        offsets[index] = offsets[index - 1] + distance(graph, rank[index - 1], rank[index]);
    }
    let mut blocks: Vec<Block> = Vec::new();
    for (index, &(wanted, weight)) in wishes.iter().enumerate() {
        let mut block = Block { first: index, place: wanted - offsets[index], weight };
        while let Some(before) = blocks.pop_if(|before| before.place > block.place) {
            let weight = before.weight + block.weight;
            let place = (before.place * before.weight + block.place * block.weight) / weight;
            block = Block { first: before.first, place, weight };
        }
        blocks.push(block);
    }
    for (index, block) in blocks.iter().enumerate() {
        let end = blocks.get(index + 1).map_or(rank.len(), |next| next.first);
        for position in block.first..end {
            middles[rank[position]] = block.place + offsets[position];
        }
    }
}
