//! The rows of a network's summary and the boxes of its picture: a row an input, a layer with the functions applied to
//! its result, a shared layer with all its uses, an inner network.

use std::collections::BTreeMap;

use super::Sum;
use super::lower::{Counted, count};
use super::readers::Readers;
use crate::graph::{
    Network, NetworkId, Node, NodeId, Operation, Origin, OwnerId, Program, Shared, SharedId, SharedUse, Stage, UseId,
    ValueId,
};
use crate::shape::Shape;
use crate::syntax::Announced;

/// The rows of a network or of a shared chain.
#[derive(Debug)]
pub struct Table {
    /// The name shown above it.
    pub name: String,
    /// The rows, each before its readers.
    pub rows: Vec<Row>,
    /// Name and origin of each output.
    pub outputs: Vec<(String, Connection)>,
    /// Number of all elements of its weights.
    pub parameters: Sum<usize>,
    /// How many of them no optimizer changes.
    pub statistics: Sum<usize>,
    /// Multiplications with addition for one sample.
    pub multiply_adds: Sum<u64>,
}

/// A row.
#[derive(Debug)]
pub struct Row {
    /// Its stable name.
    pub name: String,
    /// Its kind as the user wrote it.
    pub kind: String,
    /// Its arguments as the user wrote them.
    pub arguments: String,
    /// The functions applied to its result.
    pub activation: String,
    /// Number of all elements of its weights.
    pub parameters: Sum<usize>,
    /// How many of them no optimizer changes.
    pub statistics: Sum<usize>,
    /// Whether it is declared as frozen.
    pub frozen: bool,
    /// Names of its results, if its kind has several.
    pub results: &'static [&'static str],
    /// Its uses.
    pub uses: Vec<Use>,
    /// What is inside.
    pub inner: Inner,
}

/// What is inside of a row.
#[derive(Debug)]
pub enum Inner {
    /// Nothing: a layer or an input.
    Nothing,
    /// A chain of layers.
    Chain(Box<Table>),
    /// Another network of the block.
    Network(NetworkId),
}

/// A use of a row.
#[derive(Debug, Default)]
pub struct Use {
    /// Shapes of the results.
    pub outputs: Vec<Shape>,
    /// Origins of the operands.
    pub connected_to: Vec<Connection>,
}

/// A result of a use of a row.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// Index of the row.
    pub row: usize,
    /// Index of the use.
    pub use_index: usize,
    /// Index of the result.
    pub tensor: usize,
}

/// The table of a network.
pub(super) fn table(program: &Program, id: NetworkId) -> Table {
    let network = &program.networks[id.0];
    let readers = Readers::of_values(network);
    let mut rows = Rows::new(program, network, &readers);
    for input in &network.inputs {
        rows.input(input.name.to_string(), input.value, &input.shape);
    }
    for index in 0..network.nodes.len() {
        rows.node(NodeId(index));
    }
    let outputs = network
        .outputs
        .iter()
        .map(|output| (output.name.to_string(), rows.values[&output.value.expect("an output of a sound network")]));
    Table {
        name: network.name.to_string(),
        outputs: outputs.collect(),
        parameters: count(program, id, Counted::All),
        statistics: count(program, id, Counted::Fixed),
        multiply_adds: all_multiply_adds(program, id),
        rows: rows.rows,
    }
}

fn all_multiply_adds(program: &Program, id: NetworkId) -> Sum<u64> {
    let network = &program.networks[id.0];
    if network.announced.is_some() {
        return Sum { known: 0, announced: vec![(id, 1)], frozen: Vec::new() };
    }
    let mut sum = Sum::default();
    for node in 0..network.nodes.len() {
        add_multiply_adds(program, network, node, &mut sum);
    }
    sum
}

fn add_multiply_adds(program: &Program, network: &Network, node: usize, sum: &mut Sum<u64>) {
    let node = &network.nodes[node];
    let times = network.times(node);
    let all = |multiply_adds: u64| multiply_adds.saturating_mul(times as u64);
    match &node.operation {
        Operation::Layer(_) => sum.known = sum.known.saturating_add(all(node.facts().multiply_adds)),
        Operation::Network(inner) => {
            let inner = all_multiply_adds(program, *inner);
            sum.known = sum.known.saturating_add(all(inner.known));
            sum.announced.extend(inner.announced.iter().map(|&(id, often)| (id, often.saturating_mul(times))));
        }
        Operation::OpenSteps | Operation::CloseSteps => {}
    }
}

fn shape_of(network: &Network, value: ValueId) -> Shape {
    network.values[value.0].whole_shape().expect("a sound network has all its shapes")
}

struct Rows<'p> {
    program: &'p Program,
    network: &'p Network,
    rows: Vec<Row>,
    /// Where each value comes from.
    values: BTreeMap<ValueId, Connection>,
    /// The row of each shared layer that was used.
    shared: BTreeMap<SharedId, usize>,
    readers: &'p Readers,
}

impl<'p> Rows<'p> {
    fn new(program: &'p Program, network: &'p Network, readers: &'p Readers) -> Self {
        Self { program, network, rows: Vec::new(), values: BTreeMap::new(), shared: BTreeMap::new(), readers }
    }

    fn input(&mut self, name: String, value: ValueId, shape: &Shape) {
        self.values.insert(value, Connection { row: self.rows.len(), use_index: 0, tensor: 0 });
        self.rows.push(Row {
            name,
            kind: "Input".into(),
            arguments: String::new(),
            activation: String::new(),
            parameters: Sum::default(),
            statistics: Sum::default(),
            frozen: false,
            results: &[],
            uses: vec![Use { outputs: vec![shape.clone()], connected_to: Vec::new() }],
            inner: Inner::Nothing,
        });
    }

    fn node(&mut self, id: NodeId) {
        let node = &self.network.nodes[id.0];
        match node.part_of {
            Some(part) if self.network.shared[part.shared.0].chain => self.part(part),
            _ if node.operation.is_border() => self.border(node),
            Some(part) => match self.shared.get(&part.shared) {
                Some(&row) => self.another_use(row, node),
                None => {
                    self.shared.insert(part.shared, self.rows.len());
                    self.layer(node);
                }
            },
            None if self.joins_its_operand(node) => self.join(node),
            None => self.layer(node),
        }
    }

    /// Whether a function belongs to the row of its operand: it is the only reader, in the same flow.
    fn joins_its_operand(&self, node: &Node) -> bool {
        let Operation::Layer(_) = &node.operation else { return false };
        let [operand] = *node.operands else { return false };
        let value = &self.network.values[operand.0];
        let Origin::Node { node: producer, .. } = value.origin else { return false };
        let producer = &self.network.nodes[producer.0];
        is_function(&node.stage)
            && value.name.is_none()
            && self.readers.within(operand.0).len() == 1
            && producer.part_of == node.part_of
            && matches!(producer.operation, Operation::Layer(_))
    }

    fn join(&mut self, node: &Node) {
        let connection = self.values[&node.operands[0]];
        let activation = &mut self.rows[connection.row].activation;
        if !activation.is_empty() {
            activation.push_str(", ");
        }
        activation.push_str(&node.stage.to_string());
        self.values.insert(node.results[0], connection);
    }

    /// What is computed at the border of stages that are applied to each step: nothing, so it has no row.
    fn border(&mut self, node: &Node) {
        for (operand, &result) in node.operands.iter().zip(&node.results) {
            let connection = self.values[operand];
            self.values.insert(result, connection);
        }
    }

    fn uses(&self, first: &Node, last: &Node) -> Use {
        Use {
            outputs: last.results.iter().map(|&value| shape_of(self.network, value)).collect(),
            connected_to: first.operands.iter().map(|value| self.values[value]).collect(),
        }
    }

    fn results(&mut self, node: &Node, row: usize, use_index: usize) {
        for (tensor, &value) in node.results.iter().enumerate() {
            self.values.insert(value, Connection { row, use_index, tensor });
        }
    }

    fn layer(&mut self, node: &Node) {
        let row = self.rows.len();
        let (inner, results) = match &node.operation {
            Operation::Layer(layer) => (Inner::Nothing, layer.result_names()),
            Operation::Network(inner) => {
                let announced = self.program.networks[inner.0].announced.as_ref();
                let is_layer = announced.is_some_and(|announced| announced.what == Announced::Layer);
                (if is_layer { Inner::Nothing } else { Inner::Network(*inner) }, &[] as &[_])
            }
            Operation::OpenSteps | Operation::CloseSteps => return self.border(node),
        };
        self.rows.push(Row {
            name: node.name.clone(),
            kind: node.around.iter().rev().fold(node.stage.kind.clone(), |kind, around| format!("{around}({kind})")),
            arguments: node.stage.arguments.clone(),
            activation: String::new(),
            parameters: self.count(node, Counted::All),
            statistics: self.count(node, Counted::Fixed),
            frozen: node.frozen && self.has_weights(node),
            results,
            uses: vec![self.uses(node, node)],
            inner,
        });
        self.results(node, row, 0);
    }

    fn another_use(&mut self, row: usize, node: &Node) {
        let uses = self.uses(node, node);
        let use_index = self.rows[row].uses.len();
        self.rows[row].uses.push(uses);
        self.results(node, row, use_index);
    }

    /// A node of a chain: the chain is one row, whose operands and results are those of each use.
    fn part(&mut self, part: UseId) {
        let UseId { shared, use_index } = part;
        let row = match self.shared.get(&shared) {
            Some(&row) => row,
            None => {
                self.shared.insert(shared, self.rows.len());
                let chain = self.chain(shared);
                self.rows.push(Row {
                    name: self.network.shared[shared.0].name.to_string(),
                    kind: "Chain".into(),
                    arguments: String::new(),
                    activation: String::new(),
                    parameters: chain.parameters.clone(),
                    statistics: chain.statistics.clone(),
                    frozen: chain.rows.iter().any(|row| row.frozen) && chain.statistics.is_all_of(&chain.parameters),
                    results: &[],
                    uses: Vec::new(),
                    inner: Inner::Chain(Box::new(chain)),
                });
                self.rows.len() - 1
            }
        };
        if self.rows[row].uses.len() > use_index {
            return;
        }
        let SharedUse { operands, results } = &self.network.shared[shared.0].uses[use_index];
        self.rows[row].uses.push(Use {
            outputs: results.iter().map(|&value| shape_of(self.network, value)).collect(),
            connected_to: operands.iter().map(|value| self.values[value]).collect(),
        });
        for (tensor, &value) in results.iter().enumerate() {
            // A chain may hand on what it was given.
            self.values.entry(value).or_insert(Connection { row, use_index, tensor });
        }
    }

    /// The table of a chain, with the shapes of its first use.
    fn chain(&self, shared: SharedId) -> Table {
        let mut rows = Rows::new(self.program, self.network, self.readers);
        let Shared { name, uses, chain: _ } = &self.network.shared[shared.0];
        let SharedUse { operands, results } = &uses[0];
        for (operand, &value) in operands.iter().enumerate() {
            let name = if operands.len() == 1 { "input".into() } else { format!("input_{}", operand + 1) };
            rows.input(name, value, &shape_of(self.network, value));
        }
        let first_use = Some(UseId { shared, use_index: 0 });
        let mut cost = Sum::default();
        // Within it, layers that are shared again have one place of weights.
        let mut owners: BTreeMap<OwnerId, usize> = BTreeMap::new();
        for (index, node) in self.network.nodes.iter().enumerate().filter(|(_, node)| node.part_of == first_use) {
            let known = node.owner.and_then(|owner| owners.get(&owner).copied());
            match known {
                Some(row) => rows.another_use(row, node),
                None if node.operation.is_border() => rows.border(node),
                None if rows.joins_its_operand(node) => rows.join(node),
                None => {
                    owners.extend(node.owner.map(|owner| (owner, rows.rows.len())));
                    rows.layer(node);
                }
            }
            add_multiply_adds(self.program, self.network, index, &mut cost);
        }
        let outputs = results.iter().enumerate().map(|(index, value)| {
            let name = if results.len() == 1 { name.to_string() } else { format!("{name}_{}", index + 1) };
            (name, rows.values[value])
        });
        let (mut parameters, mut statistics) = (Sum::default(), Sum::default());
        for row in &rows.rows {
            parameters.add(row.parameters.clone());
            statistics.add(row.statistics.clone());
        }
        Table {
            name: name.to_string(),
            outputs: outputs.collect(),
            parameters,
            statistics,
            multiply_adds: cost,
            rows: rows.rows,
        }
    }

    /// Whether there is anything to freeze; an announced network mostly has weights.
    fn has_weights(&self, node: &Node) -> bool {
        let count = self.count(node, Counted::All);
        count.known > 0 || !count.announced.is_empty()
    }

    fn count(&self, node: &Node, of: Counted) -> Sum<usize> {
        match &node.operation {
            Operation::Layer(_) => {
                let known = node.facts().weights.as_ref().map_or(0, |weights| of.of(weights));
                Sum { known, ..Sum::default() }
            }
            Operation::Network(inner) => of.of_network(self.program, *inner, node.frozen),
            Operation::OpenSteps | Operation::CloseSteps => Sum::default(),
        }
    }
}

/// Functions are in lower case.
fn is_function(stage: &Stage) -> bool {
    stage.kind.starts_with(|first: char| first.is_lowercase())
}
