//! Where the boxes of a graph stand and how its edges run: layers from top to bottom.
//!
//! Own code: the uses of a shared layer need points of their own where edges leave and enter its box, with room for
//! labels, which the layout crates do not know; and the closest of those, a port of dagre, was young enough not to build
//! without its default features.
//!
//! The steps are Sugiyama's: an edge that runs back up is turned round; every box gets a rank below all it reads
//! ([`ranks`]); an edge over several ranks is cut into segments at bends between the boxes; the boxes and bends of
//! each rank are put in an order with few crossings ([`order`]) and then moved to where their neighbours are
//! ([`columns`]), the bends of one edge exactly below each other ([`straight`]); in the end every edge gets the points
//! where it touches its boxes ([`ports`]).

mod columns;
mod order;
mod place;
mod ports;
mod ranks;
mod straight;
#[cfg(test)]
mod tests;

/// A box to place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub width: f64,
    pub height: f64,
    /// Free room that the box needs at its right.
    pub room: f64,
}

/// An edge to draw. One from a box to itself takes part in nothing here: it fits into the box's `room`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    /// Edges of one source leave their box at the same point.
    pub source: usize,
    /// Widths of what is said at the right of its start and of its end.
    pub labels: (f64, f64),
}

impl Edge {
    /// Distance that its ends keep from those of other edges at the same box.
    pub fn room(&self) -> (f64, f64) {
        let room = |label: f64| BETWEEN_PORTS.max(if label > 0.0 { label + BESIDE_LABEL } else { 0.0 });
        (room(self.labels.0), room(self.labels.1))
    }
}

/// Free room at the right of a label.
const BESIDE_LABEL: f64 = 16.0;

/// Distance of the points where edges without labels leave and enter a box.
const BETWEEN_PORTS: f64 = 30.0;

/// A placed box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rect {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub fn right(&self) -> f64 {
        self.left + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.top + self.height
    }

    pub fn center(&self) -> f64 {
        self.left + self.width / 2.0
    }
}

/// A vertical piece of an edge, where it passes a rank between the boxes, or ends at one. Between the pieces it runs
/// through the gap of two ranks, where no box is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Passage {
    pub x: f64,
    pub enter: f64,
    pub leave: f64,
}

/// A finished layout.
#[derive(Debug)]
pub(super) struct Layout {
    pub boxes: Vec<Rect>,
    /// For each edge, its passages from the box it leaves to the box it enters; none for an edge to its own box.
    pub routes: Vec<Vec<Passage>>,
    pub width: f64,
    pub height: f64,
}

/// A box or a bend of an edge.
struct Vertex {
    rank: usize,
    /// How far it reaches from its middle.
    left: f64,
    right: f64,
    height: f64,
    is_bend: bool,
}

/// A graph in which every edge joins neighbouring ranks.
struct Ranked {
    /// The boxes, and after them the bends.
    vertices: Vec<Vertex>,
    /// The vertices of each rank from left to right.
    ranks: Vec<Vec<usize>>,
    /// For each edge, its vertices from top to bottom; empty for an edge to its own box.
    chains: Vec<Vec<usize>>,
    /// Neighbours of each vertex in the rank above and in the rank below, once for each edge.
    above: Vec<Vec<usize>>,
    below: Vec<Vec<usize>>,
}

/// Width that an edge takes where it passes between boxes.
const BEND: f64 = 8.0;

/// Places boxes. They are numbered in an order in which most edges lead to a higher number; the others run back up.
pub(super) fn layout(sizes: &[Size], edges: &[Edge]) -> Layout {
    let mut ranked = Ranked::new(sizes, edges);
    order::reduce_crossings(&mut ranked);
    let middles = columns::columns(&ranked);
    place::finish(&ranked, sizes, edges, &middles)
}

impl Ranked {
    fn new(sizes: &[Size], edges: &[Edge]) -> Self {
        let downward: Vec<(usize, usize)> =
            edges.iter().map(|edge| (edge.from.min(edge.to), edge.from.max(edge.to))).collect();
        let rank_of = ranks::assign(sizes.len(), &downward);
        let mut vertices: Vec<Vertex> = sizes
            .iter()
            .zip(&rank_of)
            .map(|(size, &rank)| Vertex {
                rank,
                left: size.width / 2.0,
                right: size.width / 2.0 + size.room,
                height: size.height,
                is_bend: false,
            })
            .collect();

        let mut chains = Vec::with_capacity(edges.len());
        for &(upper, lower) in &downward {
            let mut chain = Vec::new();
            if upper != lower {
                chain.push(upper);
                for rank in rank_of[upper] + 1..rank_of[lower] {
                    chain.push(vertices.len());
                    let half = BEND / 2.0;
                    vertices.push(Vertex { rank, left: half, right: half, height: 0.0, is_bend: true });
                }
                chain.push(lower);
            }
            chains.push(chain);
        }

        let mut ranks = vec![Vec::new(); rank_of.iter().max().map_or(0, |&last| last + 1)];
        for (index, vertex) in vertices.iter().enumerate() {
            ranks[vertex.rank].push(index);
        }
        let mut above = vec![Vec::new(); vertices.len()];
        let mut below = vec![Vec::new(); vertices.len()];
        for pair in chains.iter().flat_map(|chain| chain.windows(2)) {
            below[pair[0]].push(pair[1]);
            above[pair[1]].push(pair[0]);
        }
        Self { vertices, ranks, chains, above, below }
    }
}
