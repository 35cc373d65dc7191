//! Boxes and routes, with the columns of all boxes and bends given.

use super::ports::ports;
use super::{Edge, Layout, Passage, Ranked, Rect, Size};

/// Free room between ranks; edges that run far to the side get more, up to the second number.
const BETWEEN_RANKS: (f64, f64) = (46.0, 84.0);

/// Room around the whole.
const MARGIN: f64 = 8.0;

/// Height beside which edges run straight down where some of them are labelled: none cuts a label.
const LABEL: f64 = 20.0;

/// Boxes and routes from the columns of the vertices.
pub(super) fn finish(graph: &Ranked, sizes: &[Size], edges: &[Edge], middles: &[f64]) -> Layout {
    let left = graph.vertices.iter().zip(middles).map(|(vertex, middle)| middle - vertex.left);
    let left = left.fold(f64::INFINITY, f64::min).min(f64::MAX) - MARGIN;
    let right = graph.vertices.iter().zip(middles).map(|(vertex, middle)| middle + vertex.right);
    let width = right.fold(0.0_f64, |widest, right| widest.max(right - left)) + MARGIN;
    let middles: Vec<f64> = middles.iter().map(|middle| middle - left).collect();

    let bands = bands(graph, edges, &middles);
    let height = bands.last().map_or(0.0, |band| band.bottom) + MARGIN;
    let boxes: Vec<Rect> = sizes
        .iter()
        .zip(&graph.vertices)
        .zip(&middles)
        .map(|((size, vertex), middle)| {
            let Band { top, bottom, .. } = bands[vertex.rank];
            let top = (top + bottom - size.height) / 2.0;
            Rect { left: middle - size.width / 2.0, top, width: size.width, height: size.height }
        })
        .collect();

    let ends = ports(graph, edges, &boxes, &middles);
    let routes = graph.chains.iter().zip(edges).zip(&ends).map(|((chain, edge), &(upper, lower))| {
        let (&[first, .., last], false) = (chain.as_slice(), edge.from == edge.to) else { return Vec::new() };
        let passes = |vertex: usize, x: f64| {
            let band = &bands[graph.vertices[vertex].rank];
            Passage { x, enter: band.top - band.above, leave: band.bottom + band.below }
        };
        let mut route = vec![Passage { enter: boxes[first].bottom(), ..passes(first, upper) }];
        route.extend(chain[1..chain.len() - 1].iter().map(|&bend| passes(bend, middles[bend])));
        route.push(Passage { leave: boxes[last].top, ..passes(last, lower) });
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

/// The height that a rank takes. Between its top and its bottom are its boxes; above and below these, edges run straight
/// up and down beside the labels, where there are some.
struct Band {
    top: f64,
    bottom: f64,
    above: f64,
    below: f64,
}

/// The bands of all ranks from top to bottom.
fn bands(graph: &Ranked, edges: &[Edge], middles: &[f64]) -> Vec<Band> {
    let mut labels = vec![(0.0, 0.0); graph.ranks.len()];
    for (edge, chain) in edges.iter().zip(&graph.chains) {
        let (&[first, ..], &[.., last]) = (chain.as_slice(), chain.as_slice()) else { continue };
        let (upper, lower) = if edge.from < edge.to { edge.labels } else { (edge.labels.1, edge.labels.0) };
        if upper > 0.0 {
            labels[graph.vertices[first].rank].1 = LABEL;
        }
        if lower > 0.0 {
            labels[graph.vertices[last].rank].0 = LABEL;
        }
    }
    let mut top = MARGIN;
    let mut bands = Vec::with_capacity(graph.ranks.len());
    for (rank, &(above, below)) in graph.ranks.iter().zip(&labels) {
        let height = rank.iter().map(|&vertex| graph.vertices[vertex].height).fold(0.0, f64::max);
        top += above;
        bands.push(Band { top, bottom: top + height, above, below });
        let sideways = rank
            .iter()
            .flat_map(|&upper| graph.below[upper].iter().map(move |&lower| (middles[upper] - middles[lower]).abs()))
            .fold(0.0, f64::max);
        top += height + below + (BETWEEN_RANKS.0 + sideways / 10.0).min(BETWEEN_RANKS.1);
    }
    bands
}
