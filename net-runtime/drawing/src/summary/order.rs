//! The order of the rows: Keras sorts a model's layers by depth, counted from the outputs.

use std::collections::{BTreeMap, BTreeSet};

use crate::NetworkInfo;

/// One use of a row: indices of both.
type Node = (usize, usize);

/// How a summary lists a network.
pub(crate) struct Order {
    /// Indices of the rows, the deepest first.
    pub rows: Vec<usize>,
    /// Whether every row feeds just the next one, so that connections tell nothing.
    pub is_chain: bool,
}

/// The order in which Keras lists the same layers.
///
/// The depth of a use is the longest way from it to an output; a layer stands where its deepest use does, and layers
/// of equal depth in the order in which a walk from the outputs back to the inputs first meets them.
pub(crate) fn as_keras(info: &NetworkInfo<'_>) -> Order {
    let mut walk =
        Walk { info, finished: BTreeSet::new(), from_inputs: Vec::new(), met: vec![0; info.rows.len()], meetings: 0 };
    for output in info.outputs {
        walk.visit((output.from.row, output.from.use_index));
    }

    let mut row_depths = vec![0; info.rows.len()];
    let mut depths: BTreeMap<Node, usize> = BTreeMap::new();
    for &(row, use_index) in walk.from_inputs.iter().rev() {
        let depth = depths.get(&(row, use_index)).copied().unwrap_or(0).max(row_depths[row]);
        row_depths[row] = depth;
        depths.insert((row, use_index), depth);
        for operand in info.rows[row].uses[use_index].connected_to {
            let known = depths.entry((operand.row, operand.use_index)).or_insert(0);
            *known = (*known).max(depth + 1);
        }
    }

    // Rows that no output needs were not met: they have depth 0 and come first there, as an unused input in Keras.
    let mut rows: Vec<usize> = (0..info.rows.len()).collect();
    rows.sort_by_key(|&row| (std::cmp::Reverse(row_depths[row]), walk.met[row]));

    let different_depths: BTreeSet<usize> = row_depths.iter().copied().collect();
    let one_operand_each = info.rows.iter().all(|row| matches!(row.uses, [one] if one.connected_to.len() <= 1));
    Order { is_chain: one_operand_each && different_depths.len() == rows.len(), rows }
}

/// A depth-first walk from the outputs to the inputs.
struct Walk<'i> {
    info: &'i NetworkInfo<'i>,
    finished: BTreeSet<Node>,
    /// The uses, each after what it reads.
    from_inputs: Vec<Node>,
    /// When each row was first met, from 1; 0 for never.
    met: Vec<usize>,
    meetings: usize,
}

impl Walk<'_> {
    fn visit(&mut self, node: Node) {
        if self.finished.contains(&node) {
            return;
        }
        let (row, use_index) = node;
        if self.met[row] == 0 {
            self.meetings += 1;
            self.met[row] = self.meetings;
        }
        for operand in self.info.rows[row].uses[use_index].connected_to {
            self.visit((operand.row, operand.use_index));
        }
        self.finished.insert(node);
        self.from_inputs.push(node);
    }
}
