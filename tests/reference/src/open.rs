//! From a program to its graph: shared layers, templates and inner networks are opened at every use.

use std::collections::BTreeMap;

use crate::graph::{Graph, Node, Weight};
use crate::losses::Head;
use crate::program::{Flow, Network, Program, Stage, Statement, What};
use crate::tensor::Dims;

/// The graph of a program's last network.
///
/// `None` if shapes do not fit: a generator may try.
pub fn open(program: &Program) -> Option<Graph> {
    let network = program.main();
    let mut open = Open { program, graph: Graph::default(), streams: 0 };
    open.graph.inputs = network.inputs.clone();
    open.graph.values = network.inputs.iter().map(|input| input.dims.clone()).collect();
    let outputs = open.network(network, (0..network.inputs.len()).collect(), &Place::default())?;
    let names = network.outputs.iter().map(|(name, _)| name.clone());
    open.graph.outputs = names.zip(outputs).collect();
    let head = |(output, terms): &(usize, Vec<_>)| Head { output: *output, terms: terms.clone() };
    open.graph.heads = network.losses.iter().map(head).collect();
    open.graph.heads.sort_by_key(|head| head.output);
    Some(open.graph)
}

/// The shapes of what a template makes of operands of these shapes, or any other stages.
pub fn shapes(
    program: &Program,
    shared: &BTreeMap<String, Vec<Stage>>,
    operands: &[Dims],
    stages: &[Stage],
) -> Option<Vec<Dims>> {
    let mut open = Open { program, graph: Graph { values: operands.to_vec(), ..Graph::default() }, streams: 0 };
    let scope = Scope { values: BTreeMap::new(), shared: shared.clone() };
    let results = open.stages((0..operands.len()).collect(), stages, &scope, &Place::default())?;
    Some(results.into_iter().map(|value| open.graph.values[value].clone()).collect())
}

struct Open<'p> {
    program: &'p Program,
    graph: Graph,
    /// Random streams so far, of the closed network that is being opened.
    streams: u64,
}

/// Where the stages being opened stand.
#[derive(Clone, Debug, Default)]
struct Place {
    /// What the names of weights begin with.
    prefix: String,
    /// The name of a shared layer of one stage: that of its weights.
    alone: Option<String>,
    /// The streams of the closed networks around.
    streams: Vec<u64>,
    /// Whether what is around is frozen.
    frozen: bool,
    /// Whether it is in a closed network.
    closed: bool,
}

impl Place {
    /// The name of what is called so here.
    fn name(&self, stage: &Stage) -> String {
        let own = stage.name.as_ref().or(self.alone.as_ref()).expect("what has weights has a name");
        format!("{}{own}", self.prefix)
    }
}

#[derive(Clone, Debug, Default)]
struct Scope {
    values: BTreeMap<String, usize>,
    shared: BTreeMap<String, Vec<Stage>>,
}

impl Open<'_> {
    fn network(&mut self, network: &Network, operands: Vec<usize>, place: &Place) -> Option<Vec<usize>> {
        if operands.len() != network.inputs.len() {
            return None;
        }
        let mut scope = Scope::default();
        for (input, value) in network.inputs.iter().zip(operands) {
            if self.graph.values[value] != input.dims {
                return None;
            }
            scope.values.insert(input.name.clone(), value);
        }
        self.statements(&network.statements, &mut scope, place)?;
        Some(network.outputs.iter().map(|(name, _)| scope.values[name]).collect())
    }

    fn statements(&mut self, statements: &[Statement], scope: &mut Scope, place: &Place) -> Option<()> {
        for statement in statements {
            match statement {
                Statement::Shared { name, stages } => {
                    scope.shared.insert(name.clone(), stages.clone());
                }
                Statement::Let { names, flow: Flow { sources, stages } } => {
                    let operands = sources.iter().map(|source| scope.values[&source.value]).collect();
                    let results = self.stages(operands, stages, scope, place)?;
                    if results.len() != names.len() {
                        return None;
                    }
                    for (name, value) in names.iter().zip(results) {
                        scope.values.extend(name.clone().map(|name| (name, value)));
                    }
                }
            }
        }
        Some(())
    }

    fn stages(&mut self, mut values: Vec<usize>, stages: &[Stage], scope: &Scope, place: &Place) -> Option<Vec<usize>> {
        for stage in stages {
            values = self.stage(values, stage, scope, place)?;
        }
        Some(values)
    }

    fn stage(&mut self, operands: Vec<usize>, stage: &Stage, scope: &Scope, place: &Place) -> Option<Vec<usize>> {
        let program = self.program;
        match &stage.what {
            What::Layer(layer) => {
                let dims: Vec<Dims> = operands.iter().map(|operand| self.graph.values[*operand].clone()).collect();
                let results = layer.results(&dims)?;
                let frozen = place.frozen || stage.frozen;
                let mut weights = Vec::new();
                for (index, (parameter, dims)) in layer.weights(&dims).into_iter().enumerate() {
                    let statistic = layer.statistics().contains(&parameter).then(|| layer.kept_of_statistics());
                    weights.push(self.weight(Weight {
                        name: layer.weight_name(&place.name(stage), index, parameter),
                        dims,
                        statistic,
                        // What is frozen adds nothing to the loss, and is held to nothing.
                        regularizer: layer.regularizer(parameter).filter(|_| !frozen),
                        constraint: layer.constraint(parameter).filter(|_| !frozen),
                    })?);
                }
                let mut streams = place.streams.clone();
                // A layer that has several draws from none here.
                if layer.streams() > 0 {
                    streams.push(self.streams + 1);
                    self.streams += layer.streams();
                }
                let first = self.graph.values.len();
                self.graph.values.extend(results);
                let results: Vec<usize> = (first..self.graph.values.len()).collect();
                self.graph.nodes.push(Node {
                    layer: layer.clone(),
                    operands,
                    results: results.clone(),
                    weights,
                    frozen,
                    closed: place.closed,
                    streams,
                });
                Some(results)
            }
            What::Shared(name) => {
                let stages = &scope.shared[name];
                let alone = (stages.len() == 1).then(|| name.clone());
                self.stages(operands, stages, scope, &Place { alone, ..place.clone() })
            }
            What::Template(index) => {
                let template = &program.templates[*index];
                if operands.len() != template.inputs.len() {
                    return None;
                }
                let values = template.inputs.iter().cloned().zip(operands).collect();
                let prefix = format!("{}_", place.name(stage));
                let mut scope = Scope { values, shared: BTreeMap::new() };
                self.statements(
                    &template.statements,
                    &mut scope,
                    &Place {
                        prefix,
                        alone: None,
                        streams: place.streams.clone(),
                        frozen: place.frozen || stage.frozen,
                        closed: place.closed,
                    },
                )?;
                Some(template.results.iter().map(|name| scope.values[name]).collect())
            }
            What::Network(index) => {
                let network = &program.networks[*index];
                let mut inner = Place {
                    prefix: format!("{}.", place.name(stage)),
                    alone: None,
                    streams: place.streams.clone(),
                    frozen: place.frozen || stage.frozen,
                    closed: place.closed || network.announced,
                };
                if !network.announced {
                    return self.network(network, operands, &inner);
                }
                // It draws from streams of its own.
                self.streams += 1;
                inner.streams.push(self.streams);
                let outside = std::mem::take(&mut self.streams);
                let results = self.network(network, operands, &inner);
                self.streams = outside;
                results
            }
        }
    }

    /// The number of the weights of this name; `None` if they have another shape elsewhere.
    fn weight(&mut self, weight: Weight) -> Option<usize> {
        let weights = &mut self.graph.weights;
        let index = weights.iter().position(|other| other.name == weight.name).unwrap_or_else(|| {
            weights.push(weight.clone());
            weights.len() - 1
        });
        (weights[index].dims == weight.dims).then_some(index)
    }
}
