//! Where the boxes and bends stand, with the order of each rank given.

use super::{Edge, Layout, Passage, Ranked, Rect, Size};

/// Free room between the boxes of one rank, and around a bend.
const BETWEEN_BOXES: f64 = 32.0;
const AROUND_BENDS: f64 = 16.0;

/// Free room between ranks; edges that run far to the side get more, up to the second number.
const BETWEEN_RANKS: (f64, f64) = (46.0, 84.0);

/// Room around the whole.
const MARGIN: f64 = 8.0;

/// Distance up to which two boxes that only feed each other count as one below the other: the edge is drawn straight.
const NEARLY_STRAIGHT: f64 = 10.0;

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
    straighten(graph, &mut middles);
    middles
}

/// Where a vertex would best stand, and how much that matters.
fn wish(graph: &Ranked, vertex: usize, above: bool, below: bool, middles: &[f64]) -> (f64, f64) {
    let mut sum = 0.0;
    let mut total = 0.0;
    let sides = [(above, &graph.above[vertex]), (below, &graph.below[vertex])];
    for &other in sides.iter().filter(|(wanted, _)| *wanted).flat_map(|(_, side)| *side) {
        // A long edge should be straight before all; next the way from box to box, past which it leads.
        let weight = match (graph.vertices[vertex].is_bend, graph.vertices[other].is_bend) {
            (true, true) => 8.0,
            (false, false) if is_link(graph, vertex, other) => 16.0,
            (false, false) => 4.0,
            _ => 1.0,
        };
        sum += weight * middles[other];
        total += weight;
    }
    if total == 0.0 { (middles[vertex], 0.1) } else { (sum / total, total) }
}

/// Whether the edge between two neighbours is the only one at that side of either.
fn is_link(graph: &Ranked, one: usize, other: usize) -> bool {
    let (upper, lower) =
        if graph.vertices[one].rank < graph.vertices[other].rank { (one, other) } else { (other, one) };
    graph.below[upper].len() == 1 && graph.above[lower].len() == 1
}

/// Least distance of the middles of two neighbours in a rank.
fn distance(graph: &Ranked, left: usize, right: usize) -> f64 {
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

/// Makes the bends of each long edge stand exactly below each other where their neighbours leave room for that.
fn straighten(graph: &Ranked, middles: &mut [f64]) {
    let mut positions = vec![0; graph.vertices.len()];
    for rank in &graph.ranks {
        for (position, &vertex) in rank.iter().enumerate() {
            positions[vertex] = position;
        }
    }
    for chain in graph.chains.iter().filter(|chain| chain.len() > 2) {
        let bends = &chain[1..chain.len() - 1];
        let mut room = (f64::NEG_INFINITY, f64::INFINITY);
        for &bend in bends {
            let rank = &graph.ranks[graph.vertices[bend].rank];
            if let Some(&left) = positions[bend].checked_sub(1).and_then(|position| rank.get(position)) {
                room.0 = room.0.max(middles[left] + distance(graph, left, bend));
            }
            if let Some(&right) = rank.get(positions[bend] + 1) {
                room.1 = room.1.min(middles[right] - distance(graph, bend, right));
            }
        }
        if room.0 <= room.1 {
            let mean = bends.iter().map(|&bend| middles[bend]).sum::<f64>() / bends.len() as f64;
            for &bend in bends {
                middles[bend] = mean.clamp(room.0, room.1);
            }
        }
    }
}

/// Boxes and routes from the columns of the vertices.
pub(super) fn finish(graph: &Ranked, sizes: &[Size], edges: &[Edge], middles: &[f64]) -> Layout {
    let left = graph.vertices.iter().zip(middles).map(|(vertex, middle)| middle - vertex.left);
    let left = left.fold(f64::INFINITY, f64::min).min(f64::MAX) - MARGIN;
    let right = graph.vertices.iter().zip(middles).map(|(vertex, middle)| middle + vertex.right);
    let width = right.fold(0.0_f64, |widest, right| widest.max(right - left)) + MARGIN;
    let middles: Vec<f64> = middles.iter().map(|middle| middle - left).collect();

    let rows = rows(graph, &middles);
    let height = rows.last().map_or(0.0, |row| row.1) + MARGIN;
    let boxes: Vec<Rect> = sizes
        .iter()
        .zip(&graph.vertices)
        .zip(&middles)
        .map(|((size, vertex), middle)| {
            let (top, bottom) = rows[vertex.rank];
            let top = (top + bottom - size.height) / 2.0;
            Rect { left: middle - size.width / 2.0, top, width: size.width, height: size.height }
        })
        .collect();

    let ends = ports(graph, edges, &boxes, &middles);
    let routes = graph.chains.iter().zip(edges).zip(&ends).map(|((chain, edge), &(upper, lower))| {
        let (&[first, .., last], false) = (chain.as_slice(), edge.from == edge.to) else { return Vec::new() };
        let mut route =
            vec![Passage { x: upper, enter: boxes[first].bottom(), leave: rows[graph.vertices[first].rank].1 }];
        route.extend(chain[1..chain.len() - 1].iter().map(|&bend| {
            let (enter, leave) = rows[graph.vertices[bend].rank];
            Passage { x: middles[bend], enter, leave }
        }));
        route.push(Passage { x: lower, enter: rows[graph.vertices[last].rank].0, leave: boxes[last].top });
        if edge.from > edge.to {
            route.reverse();
            for passage in &mut route {
                std::mem::swap(&mut passage.enter, &mut passage.leave);
            }
        }
        route
    });
    Layout { routes: routes.collect(), boxes, width, height }
}

/// Top and bottom of every rank.
fn rows(graph: &Ranked, middles: &[f64]) -> Vec<(f64, f64)> {
    let mut top = MARGIN;
    let mut rows = Vec::with_capacity(graph.ranks.len());
    for rank in &graph.ranks {
        let height = rank.iter().map(|&vertex| graph.vertices[vertex].height).fold(0.0, f64::max);
        rows.push((top, top + height));
        let sideways = rank
            .iter()
            .flat_map(|&upper| graph.below[upper].iter().map(move |&lower| (middles[upper] - middles[lower]).abs()))
            .fold(0.0, f64::max);
        top += height + (BETWEEN_RANKS.0 + sideways / 10.0).min(BETWEEN_RANKS.1);
    }
    rows
}

/// Edges that touch a box at one point.
struct Port {
    /// The source of the edges, if they leave the box there.
    source: Option<usize>,
    edges: Vec<usize>,
    /// Sum of where the edges lead.
    sum: f64,
    /// Distance to the next port.
    room: f64,
}

impl Port {
    fn mean(&self) -> f64 {
        self.sum / self.edges.len() as f64
    }
}

/// Where each edge touches its upper and its lower box: side by side, in the order of where they come from or go to.
fn ports(graph: &Ranked, edges: &[Edge], boxes: &[Rect], middles: &[f64]) -> Vec<(f64, f64)> {
    let mut ends = vec![(0.0, 0.0); edges.len()];
    for (index, rect) in boxes.iter().enumerate() {
        for at_bottom in [true, false] {
            let mut ports = ports_of_side(graph, edges, middles, index, at_bottom);
            ports.sort_by(|one, other| one.mean().total_cmp(&other.mean()));
            let wanted: f64 = ports.iter().map(|port| port.room).sum();
            let narrowing = (rect.width / wanted).min(1.0);
            // The room is at a port's right, where the label is; the last needs none up to the next.
            let last = ports.last().map_or(0.0, |port| port.room);
            let mut x = rect.center() - narrowing * (wanted - last) / 2.0;
            for port in &ports {
                for &edge in &port.edges {
                    if at_bottom {
                        ends[edge].0 = x;
                    } else {
                        ends[edge].1 = x;
                    }
                }
                x += narrowing * port.room;
            }
        }
    }
    for (chain, ends) in graph.chains.iter().zip(&mut ends) {
        if let &[upper, lower] = chain.as_slice()
            && is_link(graph, upper, lower)
            && (ends.0 - ends.1).abs() <= NEARLY_STRAIGHT
        {
            let middle = f64::midpoint(ends.0, ends.1);
            *ends = (middle, middle);
        }
    }
    ends
}

/// The ports at the top or the bottom of a box.
fn ports_of_side(graph: &Ranked, edges: &[Edge], middles: &[f64], index: usize, at_bottom: bool) -> Vec<Port> {
    let mut ports: Vec<Port> = Vec::new();
    for (number, (edge, chain)) in edges.iter().zip(&graph.chains).enumerate() {
        let (end, next) = match chain.as_slice() {
            [first, second, ..] if at_bottom => (*first, *second),
            [.., second, last] if !at_bottom => (*last, *second),
            _ => continue,
        };
        if end != index {
            continue;
        }
        let leaves = edge.from == index;
        let source = leaves.then_some(edge.source);
        let room = if leaves { edge.room().0 } else { edge.room().1 };
        match ports.iter_mut().find(|port| leaves && port.source == source) {
            Some(port) => {
                port.edges.push(number);
                port.sum += middles[next];
                port.room = port.room.max(room);
            }
            None => ports.push(Port { source, edges: vec![number], sum: middles[next], room }),
        }
    }
    ports
}
