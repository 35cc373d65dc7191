//! Where edges touch their boxes.

use super::{BETWEEN_PORTS, Edge, Ranked, Rect};

/// How far an edge that touches a side of its box alone may touch it from the middle, to be straight.
const ASIDE: f64 = 16.0;

/// Least distance of a port from the corner of its box.
const EDGE: f64 = 10.0;

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
pub(super) fn ports(graph: &Ranked, edges: &[Edge], boxes: &[Rect], middles: &[f64]) -> Vec<(f64, f64)> {
    let mut ends = vec![(0.0, 0.0); edges.len()];
    // Which ends are alone at their side of the box, and have no label to keep beside it.
    let mut free = vec![(false, false); edges.len()];
    for (index, rect) in boxes.iter().enumerate() {
        for at_bottom in [true, false] {
            let mut ports = ports_of_side(graph, edges, middles, index, at_bottom);
            ports.sort_by(|one, other| one.mean().total_cmp(&other.mean()));
            let wanted: f64 = ports.iter().map(|port| port.room).sum();
            let narrowing = (rect.width / wanted).min(1.0);
            // The room is at a port's right, where the label is; the last needs none up to the next.
            let last = ports.last().map_or(0.0, |port| port.room);
            let span = narrowing * (wanted - last);
            let mut x = rect.center() - span / 2.0;
            // A long label at the last port stays below or above its box.
            let label = if last > BETWEEN_PORTS { narrowing * last } else { 0.0 };
            let outside = x + span + label - rect.right();
            x -= outside.min(x - rect.left - EDGE).max(0.0);
            let alone = ports.len() == 1;
            for port in &ports {
                let free_port = alone && port.edges.len() == 1 && port.room <= BETWEEN_PORTS;
                for &edge in &port.edges {
                    if at_bottom {
                        (ends[edge].0, free[edge].0) = (x, free_port);
                    } else {
                        (ends[edge].1, free[edge].1) = (x, free_port);
                    }
                }
                x += narrowing * port.room;
            }
        }
    }
    for ((chain, ends), free) in graph.chains.iter().zip(&mut ends).zip(&free) {
        let (below, above) = match chain.as_slice() {
            [_, _] => (ends.1, ends.0),
            [_, first, .., last, _] => (middles[*first], middles[*last]),
            [_, bend, _] => (middles[*bend], middles[*bend]),
            _ => continue,
        };
        if free.0 && (ends.0 - below).abs() <= ASIDE {
            ends.0 = below;
        }
        if free.1 && (chain.len() > 2 || !free.0) && (ends.1 - above).abs() <= ASIDE {
            ends.1 = above;
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
