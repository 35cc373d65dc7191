//! Long edges run straight: all bends of one stand exactly below each other, and so do boxes that only feed each other.
//!
//! Vertices that are joined by a link, an edge's segment that is alone at both of its ends, become one column, which has
//! one place. Where two links cross, they cannot both be straight: one of them is cut, and joins two columns. What is left
//! of the order of the ranks are least distances of columns; no column can be both left and right of another, so that
//! there are places for all. The columns then move towards those they are joined to, as the vertices of single ranks did.

use std::collections::BTreeMap;

use super::Ranked;
use super::columns::{distance, is_link, pull};

/// Rounds of moving all columns to their neighbours, and of settling their distances in each.
const ROUNDS: usize = 24;
const SETTLING: usize = 40;

/// Puts vertices that are joined by links below each other.
pub(super) fn straighten(graph: &Ranked, middles: &mut [f64]) {
    let columns = Columns::new(graph);
    let mut places = columns.means(middles);
    let mut multipliers = vec![0.0; columns.apart.len()];
    for _ in 0..ROUNDS {
        // Half the way at a time: two columns that only want to stand below each other would swap places otherwise.
        let wishes = columns.wishes(&places);
        let wanted = places.iter().zip(&wishes).map(|(place, wish)| f64::midpoint(*place, *wish));
        places = wanted.collect();
        columns.settle(&mut places, &mut multipliers);
    }
    columns.keep_apart(&mut places);
    for (middle, &column) in middles.iter_mut().zip(&columns.of_vertex) {
        *middle = places[column];
    }
}

/// The columns of a graph.
struct Columns {
    of_vertex: Vec<usize>,
    /// Neighbours in some rank, the left one first, with the least distance of their middles.
    apart: Vec<(usize, usize, f64)>,
    /// Columns joined by an edge, and how much that matters.
    joined: Vec<(usize, usize, f64)>,
    /// How much the place of each matters: the sum over its edges.
    weights: Vec<f64>,
}

impl Columns {
    fn new(graph: &Ranked) -> Self {
        let cuts = cuts(graph);
        let mut of_vertex: Vec<usize> = (0..graph.vertices.len()).collect();
        for &upper in graph.ranks.iter().flatten() {
            if let [lower] = *graph.below[upper]
                && is_link(graph, upper, lower)
                && !cuts[upper]
            {
                of_vertex[lower] = of_vertex[upper];
            }
        }
        let mut apart: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for pair in graph.ranks.iter().flat_map(|rank| rank.windows(2)) {
            let least = apart.entry((of_vertex[pair[0]], of_vertex[pair[1]])).or_insert(0.0);
            *least = least.max(distance(graph, pair[0], pair[1]));
        }
        let mut joined = Vec::new();
        let mut weights = vec![0.0; graph.vertices.len()];
        for pair in graph.chains.iter().flat_map(|chain| chain.windows(2)) {
            let (upper, lower) = (of_vertex[pair[0]], of_vertex[pair[1]]);
            if upper != lower {
                let weight = pull(graph, pair[0], pair[1]);
                joined.push((upper, lower, weight));
                weights[upper] += weight;
                weights[lower] += weight;
            }
        }
        // Whatever nothing is joined to stays where it is, and gives way.
        weights.iter_mut().filter(|weight| **weight == 0.0).for_each(|weight| *weight = 0.1);
        let apart = apart.into_iter().map(|((left, right), least)| (left, right, least)).collect();
        Self { of_vertex, apart, joined, weights }
    }

    /// The mean place of the vertices of each column.
    fn means(&self, middles: &[f64]) -> Vec<f64> {
        let mut sums = vec![(0.0, 0); middles.len()];
        for (&middle, &column) in middles.iter().zip(&self.of_vertex) {
            sums[column].0 += middle;
            sums[column].1 += 1;
        }
        sums.into_iter().map(|(sum, count)| sum / f64::from(count.max(1))).collect()
    }

    /// Where each column would best stand: the mean of those it is joined to.
    fn wishes(&self, places: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; places.len()];
        let mut joined = vec![false; places.len()];
        for &(upper, lower, weight) in &self.joined {
            sums[upper] += weight * places[lower];
            sums[lower] += weight * places[upper];
            (joined[upper], joined[lower]) = (true, true);
        }
        let wish = |column: usize| if joined[column] { sums[column] / self.weights[column] } else { places[column] };
        (0..places.len()).map(wish).collect()
    }

    /// Moves columns apart that stand too close, each by as little as its weight asks for: the least squares under the
    /// distances, by Hildreth's method, which goes from distance to distance and corrects each by its multiplier.
    fn settle(&self, places: &mut [f64], multipliers: &mut [f64]) {
        multipliers.fill(0.0);
        for _ in 0..SETTLING {
            for (&(left, right, least), multiplier) in self.apart.iter().zip(&mut *multipliers) {
                let (left_gives, right_gives) = (1.0 / self.weights[left], 1.0 / self.weights[right]);
                let missing = least - (places[right] - places[left]);
                let change = (missing / (left_gives + right_gives)).max(-*multiplier);
                *multiplier += change;
                places[left] -= change * left_gives;
                places[right] += change * right_gives;
            }
        }
    }

    /// Makes up for what the settling, which comes near and no more, has left too close.
    fn keep_apart(&self, places: &mut [f64]) {
        for _ in 0..places.len() {
            let mut moved = false;
            for &(left, right, least) in &self.apart {
                if places[right] < places[left] + least {
                    places[right] = places[left] + least;
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
    }
}

/// For each vertex, whether the link below it is cut, since it crosses one of a longer edge.
fn cuts(graph: &Ranked) -> Vec<bool> {
    let mut positions = vec![0; graph.vertices.len()];
    for rank in &graph.ranks {
        for (position, &vertex) in rank.iter().enumerate() {
            positions[vertex] = position;
        }
    }
    let mut links: Vec<Vec<(usize, usize, usize)>> = vec![Vec::new(); graph.ranks.len()];
    for chain in &graph.chains {
        for pair in chain.windows(2).filter(|pair| is_link(graph, pair[0], pair[1])) {
            links[graph.vertices[pair[0]].rank].push((chain.len(), pair[0], pair[1]));
        }
    }
    let mut cuts = vec![false; graph.vertices.len()];
    for segments in &mut links {
        // The longest first: each stays straight unless it crosses one that does.
        segments.sort_by_key(|&(length, upper, _)| (std::cmp::Reverse(length), upper));
        let mut straight: Vec<(usize, usize)> = Vec::new();
        for &(_, upper, lower) in &*segments {
            let place = (positions[upper], positions[lower]);
            if straight.iter().any(|other| (other.0 < place.0) != (other.1 < place.1)) {
                cuts[upper] = true;
            } else {
                straight.push(place);
            }
        }
    }
    cuts
}
