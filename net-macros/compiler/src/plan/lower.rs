//! Graphs to a flat list of steps: inner networks are opened, reshaping disappears, every layer gets the constant that
//! describes it to the runtime.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote_spanned};

use super::parts::parts;
use super::{
    Activity, Compute, Constant, Field, Holds, InInference, InnerWorkspace, Kept, LayerCall, OutputPlace, Place, Step,
    Sum, Tensor, TensorId, WeightsPlace, announced_constant, input_constant,
};
use crate::graph::{Network, NetworkId, Node, Operation, OwnerId, Program, ValueId};
use crate::layers::{Distribution, Layer, TensorType, Use, Weights};
use crate::shape::Shape;

/// The flat form of a network.
#[derive(Debug, Default)]
pub(super) struct Lowered {
    pub(super) constants: Vec<Constant>,
    pub(super) tensors: Vec<Tensor>,
    pub(super) workspaces: Vec<InnerWorkspace>,
    pub(super) steps: Vec<Step>,
    pub(super) outputs: Vec<OutputPlace>,
    /// The steps whose result is a distribution, with the length of the last axis there.
    pub(super) distributions: BTreeMap<TensorId, (Distribution, usize)>,
    /// The steps that take the largest of each 2x2 pixels, with the shape of the image that they read.
    pub(super) pools_of_pairs: BTreeMap<TensorId, [usize; 3]>,
    /// Number of the parameters that steps compute with.
    pub(super) parameters: usize,
    /// What activities add to the loss.
    pub(super) activities: Vec<Activity>,
}

impl Lowered {
    /// Whether a step has weights that are frozen.
    pub(super) fn has_frozen(&self) -> bool {
        self.steps.iter().any(|step| match &step.compute {
            Compute::Layer(layer) => layer.facts.has_frozen_weights(),
            Compute::Announced { frozen, .. } => *frozen,
        })
    }

    /// The step that computes a tensor.
    pub(super) fn producer(&self, tensor: TensorId) -> usize {
        self.steps
            .iter()
            .position(|step| step.results.contains(&tensor))
            .expect("every tensor has a step that computes it")
    }

    /// Drops the constants that no step uses any more.
    pub(super) fn drop_unused_constants(&mut self) {
        let of_step = |step: &Step| {
            let activation = match &step.compute {
                Compute::Layer(LayerCall { activation: Some(fused), .. }) => Some(fused.constant.clone()),
                _ => None,
            };
            [Some(step.descriptor.clone()), activation]
        };
        let used: BTreeSet<Ident> = self.steps.iter().flat_map(of_step).flatten().collect();
        self.constants.retain(|constant| used.contains(&constant.name));
    }
}

/// The constants that every network has beside those of its layers: a layer may be called so, too.
const PUBLIC_CONSTANTS: [&str; 4] =
    ["PARAMETERS", "MULTIPLY_ADDS", "INFERENCE_BYTES_PER_SAMPLE", "TRAINING_BYTES_PER_SAMPLE"];

/// Lowers a network and what it uses.
pub(super) fn lower(program: &Program, id: NetworkId) -> Lowered {
    let network = &program.networks[id.0];
    // The gradients of inputs have places of their own, whose names are taken; so are those of the workspace's arena and of
    // the constants for announced networks.
    let inputs = (0..network.inputs.len()).map(|index| input_constant(network, index));
    let names =
        inputs.chain(PUBLIC_CONSTANTS.map(str::to_owned)).chain(["ARENA", "SHARE_WORKSPACES"].map(str::to_owned));
    let names = names.chain((0..program.networks.len()).map(announced_constant)).collect();
    let mut lowering = Lower {
        program,
        lowered: Lowered::default(),
        names,
        uses: BTreeMap::new(),
        streams: 0,
        weights: BTreeMap::new(),
        constants: BTreeMap::new(),
    };
    let inputs = (0..network.inputs.len()).map(Place::Input).collect();
    let places = lowering.network(id, inputs, &[], (1, false));
    for (output, place) in network.outputs.iter().zip(places) {
        let tensor = match place {
            Place::Tensor(tensor) => tensor,
            Place::Input(_) => lowering.copy(&output.name, place, &output.shape, 1),
        };
        lowering.lowered.outputs.push(OutputPlace { tensor, shape: output.shape.clone() });
    }
    lowering.lowered
}

struct Lower<'p> {
    program: &'p Program,
    lowered: Lowered,
    /// Names of tensors that are taken, as constants have them, in upper case: two names may become one there, as those of
    /// `straße` and `strasse` do.
    names: BTreeSet<String>,
    /// How often each name was asked for.
    uses: BTreeMap<String, usize>,
    /// Number of random layers so far.
    streams: u64,
    /// The number of the first of the weights at each path of fields.
    weights: BTreeMap<Vec<String>, usize>,
    /// The constant that has each value, as text.
    constants: BTreeMap<String, Ident>,
}

impl Lower<'_> {
    /// Appends the steps of a network for operands at these places, which is applied so many times for each sample and may be
    /// frozen; `path` leads to its weights. Returns the places of its outputs.
    fn network(&mut self, id: NetworkId, inputs: Vec<Place>, path: &[Ident], of: (usize, bool)) -> Vec<Place> {
        let (times, frozen) = of;
        let program = self.program;
        let network = &program.networks[id.0];
        let parts = parts(network);
        let mut places: BTreeMap<ValueId, Place> = network.inputs.iter().map(|input| input.value).zip(inputs).collect();
        for node in &network.nodes {
            let operands: Vec<Place> = node.operands.iter().map(|value| places[value]).collect();
            let (times, frozen) = (times * network.times(node), frozen || node.frozen);
            let of = (path, times, frozen);
            let results = match &node.operation {
                Operation::Layer(layer) => self.layer((network, &parts), node, layer.as_ref(), operands, of),
                Operation::OpenSteps | Operation::CloseSteps => operands,
                Operation::Network(inner) => {
                    let mut inner_path = path.to_vec();
                    inner_path.extend(node.owner.map(|owner| network.owners[owner.0].name.clone()));
                    match program.networks[inner.0].announced {
                        None => self.network(*inner, operands, &inner_path, (times, frozen)),
                        Some(_) => self.announced(*inner, node, operands, inner_path, of),
                    }
                }
            };
            places.extend(node.results.iter().copied().zip(results));
        }
        network.outputs.iter().map(|output| places[&output.value.expect("an output of a sound network")]).collect()
    }

    /// Appends the step of a use of an announced network, whose weights are at `weights`.
    fn announced(
        &mut self,
        id: NetworkId,
        node: &Node,
        operands: Vec<Place>,
        weights: Vec<Ident>,
        (path, times, frozen): (&[Ident], usize, bool),
    ) -> Vec<Place> {
        let name = self.unique(path, &node.name);
        let outputs = &self.program.networks[id.0].outputs;
        let mut results = Vec::new();
        for output in outputs {
            let name = match outputs.len() {
                1 => name.clone(),
                _ => self.unique(&[], &format!("{name}_{}", output.name)),
            };
            results.push(self.tensor(&name, times * output.shape.iter().product::<usize>()));
        }
        self.streams += 1;
        let layer = Literal::u64_unsuffixed(self.streams);
        let kind = quote_spanned! { Span::mixed_site() => ::net_runtime::inner::Inner };
        let value = quote_spanned! { Span::mixed_site() => #kind { layer: #layer } };
        let descriptor = self.constant(&name, kind, value);
        let compute = Compute::Announced { weights, workspace: self.lowered.workspaces.len(), frozen };
        let name = format_ident!("{name}", span = Span::mixed_site());
        self.lowered.workspaces.push(InnerWorkspace { name, network: id, times });
        self.step(Step { compute, descriptor, operands, results, times })
    }

    /// Appends the step of a use of a layer; returns the places of its results.
    fn layer(
        &mut self,
        (network, parts): (&Network, &BTreeMap<ValueId, Shape>),
        node: &Node,
        layer: &dyn Layer,
        mut operands: Vec<Place>,
        (path, times, frozen): (&[Ident], usize, bool),
    ) -> Vec<Place> {
        let facts = if frozen && !node.frozen { Rc::new(node.facts().frozen()) } else { Rc::clone(node.facts()) };
        if facts.meaning.alias {
            return operands.into_iter().map(|place| self.activity((network, node), place, (path, times))).collect();
        }
        let shapes: Vec<Shape> = node.operands.iter().map(|&value| shape(network, value).clone()).collect();
        let part = |value: ValueId| parts.get(&value).unwrap_or_else(|| shape(network, value));
        let [there, computed] = [node.operands[0], node.results[0]].map(part);
        let output = shape(network, node.results[0]);
        if facts.takes.random {
            self.streams += 1;
        }
        let distribution = facts.meaning.values.distribution();
        if let (Some(_), [input @ Place::Input(_)]) = (distribution, &*operands) {
            // A cross-entropy behind it reads what goes in here, and looks for it in the arena.
            let logits = self.copy(&format_ident!("{}_logits", node.name), *input, &shapes[0], times);
            operands = vec![Place::Tensor(logits)];
        }
        let name = self.unique(path, &node.name);
        let of = Use { operands: &shapes, output, parts: [there, computed], stream: self.streams };
        let descriptor = self.constant(&name, layer.descriptor_type(), layer.descriptor(&of));
        let results: Vec<TensorId> = match facts.results.as_slice() {
            [_] => vec![self.tensor(&name, times * computed.iter().product::<usize>())],
            several => {
                let several = several.iter().enumerate();
                let name = |index: usize| format!("{name}_{}", index + 1);
                let len = |of: &TensorType| times * of.shape.iter().product::<usize>();
                several.map(|(index, of)| self.own_tensor(&name(index), len(of))).collect()
            }
        };
        let saved = facts.saved.iter().map(|saved| Kept {
            name: saved.name,
            tensor: self.own_tensor(&format!("{name}_{}", saved.name), times * saved.floats),
        });
        let call = LayerCall {
            facts: Rc::clone(&facts),
            saved: saved.collect(),
            weights: node.owner.map(|owner| self.weights(network, owner, path)),
            activation: None,
            image: <[usize; 3]>::try_from(computed.as_slice()).ok(),
            part: None,
            pooled: false,
            copies_nothing: false,
            inference: InInference::Same,
        };
        if let (true, &[height, width, channels]) = (facts.meaning.pairs, &**there)
            && [height, width] == [2 * computed[0], 2 * computed[1]]
        {
            self.lowered.pools_of_pairs.insert(results[0], [height, width, channels]);
        }
        if let Some(distribution) = distribution {
            self.lowered.distributions.insert(results[0], (distribution, *output.last().unwrap_or(&1)));
        }
        let places = self.step(Step { compute: Compute::Layer(call), descriptor, operands, results, times });
        places.into_iter().map(|place| self.activity((network, node), place, (path, times))).collect()
    }

    /// Notes what a result of a layer adds to the loss. Where the result is; what the losses read is in the arena.
    fn activity(
        &mut self,
        (network, node): (&Network, &Node),
        place: Place,
        (path, times): (&[Ident], usize),
    ) -> Place {
        let Some(regularizer) = node.facts().activity else { return place };
        let reads = match place {
            Place::Tensor(tensor) => tensor,
            Place::Input(_) => {
                let name =
                    path.iter().map(ToString::to_string).chain([node.name.clone()]).collect::<Vec<_>>().join("_");
                let name = format_ident!("{}", name.replace("r#", ""));
                self.copy(&name, place, shape(network, node.operands[0]), times)
            }
        };
        self.lowered.activities.push(Activity { reads, regularizer });
        Place::Tensor(reads)
    }

    /// The place of a layer's weights, which are those of an owner in the network at the end of a path.
    fn weights(&mut self, network: &Network, owner: OwnerId, path: &[Ident]) -> WeightsPlace {
        let owner = &network.owners[owner.0];
        let mut path = path.to_vec();
        path.push(owner.name.clone());
        let names = path.iter().map(ToString::to_string).collect();
        let parameters = &mut self.lowered.parameters;
        let first = *self.weights.entry(names).or_insert(*parameters);
        if first == *parameters {
            *parameters += owner.weights.as_ref().map_or(0, |weights| weights.parameters.len());
        }
        WeightsPlace { path, first }
    }

    /// Numbers of an input that have to get into the arena: they are an output, with at most their shape changed, or logits.
    fn copy(&mut self, name: &Ident, from: Place, shape: &Shape, times: usize) -> TensorId {
        let name = self.unique(&[], &name.to_string());
        let (layer, shapes) = (crate::layers::copy(), [shape.clone()]);
        let mut facts = layer.infer(&shapes).expect("everything can be copied");
        facts.meaning.concatenation = None;
        let of = Use { operands: &shapes, output: shape, parts: [shape, shape], stream: self.streams };
        let descriptor = self.constant(&name, layer.descriptor_type(), layer.descriptor(&of));
        let result = self.tensor(&name, times * shape.iter().product::<usize>());
        let call = LayerCall {
            facts: Rc::new(facts),
            weights: None,
            saved: Vec::new(),
            activation: None,
            image: None,
            part: None,
            pooled: false,
            copies_nothing: false,
            inference: InInference::Same,
        };
        let compute = Compute::Layer(call);
        self.step(Step { compute, descriptor, operands: vec![from], results: vec![result], times });
        result
    }

    fn step(&mut self, step: Step) -> Vec<Place> {
        let places = step.results.iter().map(|&tensor| Place::Tensor(tensor)).collect();
        self.lowered.steps.push(step);
        places
    }

    /// A tensor beside those that are called like their layers.
    fn own_tensor(&mut self, name: &str, len: usize) -> TensorId {
        let name = self.unique(&[], name);
        self.tensor(&name, len)
    }

    fn tensor(&mut self, name: &str, len: usize) -> TensorId {
        self.lowered.tensors.push(Tensor {
            name: format_ident!("{name}", span = Span::mixed_site()),
            len,
            within: None,
        });
        TensorId(self.lowered.tensors.len() - 1)
    }

    /// The constant of this value: one for all layers that are described alike, with the name of the first. Every constant is checked
    /// by rustc as a function is, and networks of many layers repeat themselves.
    fn constant(&mut self, name: &str, kind: TokenStream, value: TokenStream) -> Ident {
        let text = value.to_string();
        let new = || {
            let name = format_ident!("{}", name.to_uppercase(), span = Span::mixed_site());
            self.lowered.constants.push(Constant { name: name.clone(), kind, value });
            name
        };
        self.constants.entry(text).or_insert_with(new).clone()
    }

    /// A name for a tensor: that of its layer, with the names of the networks around it; further uses are numbered.
    fn unique(&mut self, path: &[Ident], name: &str) -> String {
        let base = path.iter().map(Ident::to_string).chain([name.to_owned()]).collect::<Vec<_>>().join("_");
        let base = base.replace("r#", "");
        let uses = self.uses.entry(base.clone()).or_insert(0);
        loop {
            *uses += 1;
            let candidate = if *uses == 1 { base.clone() } else { format!("{base}_use_{uses}") };
            if self.names.insert(candidate.to_uppercase()) {
                return candidate;
            }
        }
    }
}

fn shape(network: &Network, value: ValueId) -> &Shape {
    network.values[value.0].shape.as_ref().expect("a sound network has all its shapes")
}

/// The fields of the struct of a network with errors. Where it is not known what goes into a layer, each of its parameters is a single
/// number: the program around can name it, and never runs.
pub(super) fn known_fields(network: &Network) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for (index, owner) in network.owners.iter().enumerate() {
        let first_use = network.nodes.get(owner.first_use.0).filter(|node| node.owner == Some(OwnerId(index)));
        let holds = match &owner.operation {
            Operation::Layer(layer) => {
                let stand_in = || layer.holder().map(Weights::stand_in);
                owner.weights.clone().or_else(stand_in).map(Holds::Weights)
            }
            Operation::Network(id) => Some(Holds::Network(*id)),
            Operation::OpenSteps | Operation::CloseSteps => None,
        };
        if let Some(holds) = holds
            && fields.iter().all(|field| field.name != owner.name)
        {
            let source = first_use.map_or_else(|| owner.name.to_string(), |node| node.stage.kind.clone());
            let (name, frozen) = (owner.name.clone(), owner.frozen);
            fields.push(Field { name, source, shapes: None, uses: 1, frozen, holds });
        }
    }
    fields
}

/// The fields of a network's struct.
pub(super) fn fields(network: &Network) -> Vec<Field> {
    let mut uses = vec![0; network.owners.len()];
    for owner in network.nodes.iter().filter_map(|node| node.owner) {
        uses[owner.0] += 1;
    }
    network
        .owners
        .iter()
        .enumerate()
        .map(|(index, owner)| {
            let node = &network.nodes[owner.first_use.0];
            let stage = &node.stage;
            let source = match stage.arguments.as_str() {
                "" => stage.kind.clone(),
                arguments => format!("{}({arguments})", stage.kind),
            };
            let holds = match &owner.operation {
                Operation::Layer(_) => {
                    Holds::Weights(owner.weights.clone().expect("a layer that is an owner has weights"))
                }
                Operation::Network(id) => Holds::Network(*id),
                Operation::OpenSteps | Operation::CloseSteps => unreachable!("a border has no weights"),
            };
            let shapes = |values: &[ValueId]| values.iter().map(|&value| shape(network, value).clone()).collect();
            Field {
                name: owner.name.clone(),
                source,
                shapes: Some((shapes(&node.operands), shapes(&node.results))),
                uses: uses[index],
                frozen: owner.frozen,
                holds,
            }
        })
        .collect()
}

/// Which of a network's weights are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// All.
    All,
    /// Those that no optimizer changes.
    Fixed,
}

impl Counted {
    /// The number of these among the weights of a layer.
    pub(super) fn of(self, weights: &Weights) -> usize {
        match self {
            Self::All => weights.count(),
            Self::Fixed => weights.count_statistics(),
        }
    }

    /// The number of these among the weights of a network, which may be frozen as a part of another.
    pub(super) fn of_network(self, program: &Program, id: NetworkId, frozen: bool) -> Sum<usize> {
        match self {
            Self::Fixed if frozen => {
                let Sum { known, announced, .. } = count(program, id, Self::All);
                Sum { known, announced: Vec::new(), frozen: announced }
            }
            Self::All | Self::Fixed => count(program, id, self),
        }
    }
}

/// The number of a network's weights, those of inner networks included.
pub(super) fn count(program: &Program, id: NetworkId, of: Counted) -> Sum<usize> {
    let network = &program.networks[id.0];
    if network.announced.is_some() {
        return Sum { known: 0, announced: vec![(id, 1)], frozen: Vec::new() };
    }
    let mut sum = Sum::default();
    for owner in &network.owners {
        match &owner.operation {
            Operation::Layer(_) => sum.known += owner.weights.as_ref().map_or(0, |weights| of.of(weights)),
            Operation::Network(inner) => sum.add(of.of_network(program, *inner, owner.frozen)),
            Operation::OpenSteps | Operation::CloseSteps => {}
        }
    }
    sum
}
