//! Random programs.
//!
//! Half of what is drawn is drawn blindly, from the table of the layers. The other half are patterns that the compiler treats in a way
//! of its own: what it puts into a convolution, what it writes where it is joined, what is shared, losses that are computed from
//! logits.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::draw::Random;
use crate::graph::{Element, Graph, Input};
use crate::layers::{
    self, Activation, Concat, Conv2d, Dense, Flatten, GlobalPool2d, Layer, Merge, Padding, Pool2d, Reshape, Softmax,
    Window,
};
use crate::losses::Loss;
use crate::open::{open, shapes};
use crate::program::{Flow, Network, Program, Stage, Statement, Template, What};
use crate::tensor::{Dims, elements};

/// The program of a seed and an index.
pub fn program(seed: u64, index: u64) -> Program {
    let mut random = Random::new(seed, index);
    loop {
        let mut attempt = Random::new(random.word(), index);
        if let Some(program) = draw(&mut attempt) {
            return program;
        }
    }
}

/// A program, unless what was drawn came to nothing.
fn draw(random: &mut Random) -> Option<Program> {
    let mut program = Program::default();
    let mut names = 0;
    if random.percent(45) {
        let announced = random.percent(50);
        let network = network(random, &mut program, &mut names, "Inner", announced, 3)?;
        program.networks.push(network);
    }
    for _ in 0..random.pick(&[0, 0, 0, 1, 1, 2]) {
        let template = template(random, &program, &mut names);
        program.templates.extend(template);
    }
    let budget = random.within(2, 6);
    let main = network(random, &mut program, &mut names, "Net", false, budget)?;
    program.networks.push(main);
    let graph = open(&program)?;
    // Mere moves of an input teach nothing.
    (graph.nodes.len() >= 3).then_some(program)
}

fn next(names: &mut usize) -> usize {
    *names += 1;
    *names
}

/// A value that is bound to a name.
#[derive(Clone, Debug)]
struct Value {
    name: String,
    dims: Dims,
    read: bool,
}

/// The statements of a network or a template, as they are being written.
struct Body<'a> {
    random: &'a mut Random,
    program: &'a Program,
    names: &'a mut usize,
    values: Vec<Value>,
    shared: BTreeMap<String, Vec<Stage>>,
    statements: Vec<Statement>,
}

fn network(
    random: &mut Random,
    program: &mut Program,
    names: &mut usize,
    name: &str,
    announced: bool,
    budget: usize,
) -> Option<Network> {
    let mut inputs = Vec::new();
    // What an inner network takes is to be there.
    let wanted: Vec<Dims> =
        program.networks.iter().flat_map(|network| &network.inputs).map(|input| input.dims.clone()).collect();
    for _ in 0..random.pick(&[1, 1, 1, 2, 2, 3]) {
        let dims = if !wanted.is_empty() && random.percent(70) {
            wanted[random.below(wanted.len())].clone()
        } else {
            input(random)
        };
        inputs.push(Input { name: format!("x{}", next(names)), dims, element: Element::F32 });
    }
    let values =
        inputs.iter().map(|input| Value { name: input.name.clone(), dims: input.dims.clone(), read: false }).collect();
    let mut body = Body { random, program, names, values, shared: BTreeMap::new(), statements: Vec::new() };
    for _ in 0..budget {
        body.action();
    }
    let outputs = body.outputs();
    let (values, statements) = (body.values, body.statements);
    if random.percent(10) {
        let element = Element::U32(10);
        inputs.push(Input { name: format!("_ids{}", next(names)), dims: vec![random.within(1, 4)], element });
    }
    let dims =
        |name: &String| values.iter().find(|value| value.name == *name).expect("an output is a value").dims.clone();
    let shapes = outputs.iter().map(|(name, _)| (name.clone(), dims(name))).collect();
    let mut network =
        Network { name: name.to_owned(), announced, inputs, outputs: shapes, statements, losses: Vec::new() };
    if random.percent(85) {
        let kinds: Vec<Kind> = outputs.iter().map(|(_, kind)| *kind).collect();
        losses(random, program, &mut network, &kinds)?;
    }
    Some(network)
}

/// The shape of an input.
fn input(random: &mut Random) -> Dims {
    match random.below(10) {
        0 | 1 => vec![random.pick(&[1, 2, 3, 5, 7, 8, 16, 17, 33])],
        2 => vec![random.within(1, 7), random.pick(&[1, 2, 3, 5, 8, 16, 17])],
        _ => {
            let height = random.pick(&[1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
            let width = random.pick(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
            // Channels that stand first would be a slip, and are told to be one.
            let channels =
                if height < 5 { random.within(1, 5) } else { random.pick(&[1, 2, 3, 4, 5, 7, 8, 16, 16, 17]) };
            vec![height, width, channels]
        }
    }
}

fn template(random: &mut Random, program: &Program, names: &mut usize) -> Option<Template> {
    let dims = input(random);
    let inputs: Vec<String> = (0..random.pick(&[1, 1, 2])).map(|_| format!("p{}", next(names))).collect();
    let values = inputs.iter().map(|name| Value { name: name.clone(), dims: dims.clone(), read: false }).collect();
    let none = Program { templates: Vec::new(), ..program.clone() };
    let mut body = Body { random, program: &none, names, values, shared: BTreeMap::new(), statements: Vec::new() };
    for _ in 0..2 {
        body.action();
    }
    body.read_inputs(inputs.len());
    body.join_down_to(2);
    let results: Vec<String> = body.unread().map(|value| value.name.clone()).collect();
    let statements = body.statements;
    (!results.is_empty()).then(|| Template { name: format!("template{}", next(names)), inputs, statements, results })
}

/// What is known of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Any numbers.
    Numbers,
    /// Probabilities along the last axis.
    Classes,
    /// Independent probabilities.
    Answers,
}

impl Body<'_> {
    fn name(&mut self, letter: char) -> String {
        format!("{letter}{}", next(self.names))
    }

    fn unread(&self) -> impl Iterator<Item = &Value> {
        self.values.iter().filter(|value| !value.read)
    }

    /// A value to go on from: mostly one that nobody has read.
    fn any(&mut self) -> Value {
        let unread: Vec<Value> = self.unread().cloned().collect();
        if !unread.is_empty() && self.random.percent(70) {
            return unread[self.random.below(unread.len())].clone();
        }
        self.values[self.random.below(self.values.len())].clone()
    }

    fn any_image(&mut self) -> Option<Value> {
        let images: Vec<Value> = self.values.iter().filter(|value| value.dims.len() == 3).cloned().collect();
        (!images.is_empty()).then(|| images[self.random.below(images.len())].clone())
    }

    /// A stage of a layer; one with weights is given a name.
    fn layer(&mut self, layer: Rc<dyn Layer>, operands: &[Dims]) -> Stage {
        let name = (!layer.weights(operands).is_empty()).then(|| self.name('w'));
        Stage { what: What::Layer(layer), name }
    }

    /// Binds what stages make of values; `None` if they do not fit.
    fn bind(&mut self, sources: &[Value], stages: Vec<Stage>) -> Option<Vec<Value>> {
        let dims: Vec<Dims> = sources.iter().map(|source| source.dims.clone()).collect();
        let results = shapes(self.program, &self.shared, &dims, &stages)?;
        if results.iter().any(|dims| elements(dims) > 4000) {
            return None;
        }
        let sources: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
        for value in self.values.iter_mut().filter(|value| sources.contains(&value.name)) {
            value.read = true;
        }
        let results: Vec<Value> =
            results.into_iter().map(|dims| Value { name: self.name('v'), dims, read: false }).collect();
        let names = results.iter().map(|value| Some(value.name.clone())).collect();
        self.statements.push(Statement::Let { names, flow: Flow { sources, stages } });
        self.values.extend(results.clone());
        Some(results)
    }

    /// The stages of layers, one behind the other, as far as they fit.
    fn chain(&mut self, dims: &Dims, layers: Vec<Rc<dyn Layer>>) -> (Vec<Stage>, Dims) {
        let (mut stages, mut dims) = (Vec::new(), dims.clone());
        for layer in layers {
            let operands = [dims.clone()];
            if let Some(results) = layer.results(&operands) {
                stages.push(self.layer(layer, &operands));
                dims = results[0].clone();
            }
        }
        (stages, dims)
    }

    /// A random chain of layers with one operand.
    fn random_chain(&mut self, dims: &Dims, length: usize) -> Vec<Stage> {
        if dims.len() == 3 && self.random.percent(45) {
            let layers = self.convolution(dims);
            return self.chain(dims, layers).0;
        }
        let (mut stages, mut dims) = (Vec::new(), dims.clone());
        for _ in 0..length {
            let operands = [dims];
            let Some(layer) = layers::draw(self.random, &operands) else { break };
            dims = layer.results(&operands).expect("it was drawn for them").remove(0);
            stages.push(self.layer(layer, &operands));
        }
        stages
    }

    /// A convolution with what the compiler may put into it.
    fn convolution(&mut self, dims: &Dims) -> Vec<Rc<dyn Layer>> {
        let mut layers: Vec<Rc<dyn Layer>> = Vec::new();
        let padding = self.random.pick(&[Padding::Valid, Padding::Same]);
        let size = self.random.pick(&[[1, 1], [3, 3], [3, 3], [3, 3], [2, 3]]);
        let filters = self.random.pick(&[1, 3, 8, 16, 16, 32]);
        if filters * elements(dims) * size[0] * size[1] > 300_000 {
            return layers;
        }
        let window = Window { size, stride: [1, 1], dilation: [1, 1], padding };
        layers.push(Rc::new(Conv2d { filters, window, bias: self.random.percent(80) }));
        let mut rest = vec![0, 1, 2];
        rest.truncate(self.random.within(1, 3));
        for _ in rest {
            match self.random.below(6) {
                0 | 1 => layers.push(Rc::new(Activation::Relu)),
                2 | 3 => {
                    let window = Window { size: [2, 2], stride: [2, 2], dilation: [1, 1], padding: Padding::Valid };
                    layers.push(Rc::new(Pool2d { max: true, window }));
                }
                4 => layers.push(Rc::new(Flatten)),
                _ => layers.extend(layers::activation(self.random)),
            }
        }
        layers
    }

    /// One or a few more statements.
    fn action(&mut self) {
        match self.random.below(100) {
            0..=37 => {
                let value = self.any();
                let length = self.random.within(1, 4);
                let stages = self.random_chain(&value.dims, length);
                if !stages.is_empty() {
                    self.bind(&[value], stages);
                }
            }
            38..=54 => {
                self.merge();
            }
            55..=59 => {
                self.gate();
            }
            60..=72 => {
                self.share();
            }
            73..=80 => {
                self.join();
            }
            81..=90 => {
                self.use_template();
            }
            _ => {
                self.use_network();
            }
        }
    }

    fn merge(&mut self) -> Option<()> {
        for _ in 0..10 {
            let count = self.random.pick(&[2, 2, 2, 3]);
            let operands: Vec<Value> = (0..count).map(|_| self.any()).collect();
            let dims: Vec<Dims> = operands.iter().map(|operand| operand.dims.clone()).collect();
            if let Some(layer) = layers::draw(self.random, &dims) {
                let result = self.bind(&operands, vec![Stage { what: What::Layer(layer), name: None }])?;
                if self.random.percent(40) {
                    let activation = layers::activation(self.random)?;
                    self.bind(&result, vec![Stage { what: What::Layer(activation), name: None }])?;
                }
                return Some(());
            }
        }
        None
    }

    /// A weight for each channel of an image (squeeze and excite).
    fn gate(&mut self) -> Option<()> {
        let image = self.any_image()?;
        let channels = image.dims[2];
        let pool = GlobalPool2d { max: self.random.percent(30) };
        let layers: Vec<Rc<dyn Layer>> = vec![
            Rc::new(pool),
            Rc::new(Dense { units: channels, bias: true }),
            layers::activation(self.random)?,
            Rc::new(Reshape { dims: vec![1, 1, channels], open: None }),
        ];
        let stages = self.chain(&image.dims, layers).0;
        let gate = self.bind(std::slice::from_ref(&image), stages)?.remove(0);
        let operands = if self.random.percent(70) { [image, gate] } else { [gate, image] };
        let merge = self.random.pick(&[Merge::Mul, Merge::Mul, Merge::Add, Merge::Sub, Merge::Maximum]);
        self.bind(&operands, vec![Stage { what: What::Layer(Rc::new(merge)), name: None }])?;
        Some(())
    }

    /// A layer or chain with one set of weights for several uses.
    fn share(&mut self) -> Option<()> {
        let first = self.any();
        let length = self.random.within(1, 3);
        let mut stages = self.random_chain(&first.dims, length);
        if stages.iter().all(|stage| stage.name.is_none()) {
            return None;
        }
        if let [stage] = stages.as_mut_slice() {
            // It goes by the name of the shared layer.
            stage.name = None;
        }
        let (name, mut results) = self.declare(std::slice::from_ref(&first), stages)?;
        let used = || vec![Stage { what: What::Shared(name.clone()), name: None }];
        let same: Vec<Value> = self.values.iter().filter(|value| value.dims == first.dims).cloned().collect();
        for _ in 0..self.random.pick(&[1, 1, 2]) {
            let mut operand = same[self.random.below(same.len())].clone();
            if operand.name == first.name && self.random.percent(80) {
                let activation = layers::activation(self.random)?;
                operand = self.bind(&[operand], vec![Stage { what: What::Layer(activation), name: None }])?.remove(0);
            }
            results.extend(self.bind(&[operand], used())?);
        }
        if self.random.percent(60) {
            let layer =
                layers::draw(self.random, &results.iter().map(|result| result.dims.clone()).collect::<Vec<_>>())?;
            self.bind(&results, vec![Stage { what: What::Layer(layer), name: None }])?;
        }
        Some(())
    }

    /// Declares a shared layer and uses it; `None` if it does not fit.
    fn declare(&mut self, operands: &[Value], stages: Vec<Stage>) -> Option<(String, Vec<Value>)> {
        let name = self.name('s');
        self.shared.insert(name.clone(), stages.clone());
        self.statements.push(Statement::Shared { name: name.clone(), stages });
        let results = self.bind(operands, vec![Stage { what: What::Shared(name.clone()), name: None }]);
        if results.is_none() {
            self.statements.pop();
        }
        Some((name, results?))
    }

    /// Convolutions whose images are joined.
    fn join(&mut self) -> Option<()> {
        let image = self.any_image()?;
        let same: Vec<Value> = self
            .values
            .iter()
            .filter(|value| value.dims.len() == 3 && value.dims[..2] == image.dims[..2])
            .cloned()
            .collect();
        let (relu, filters) = (self.random.percent(60), self.random.pick(&[1, 3, 8, 16]));
        let mut joined = Vec::new();
        for _ in 0..self.random.pick(&[2, 2, 3]) {
            let operand = same[self.random.below(same.len())].clone();
            let size = self.random.pick(&[[1, 1], [3, 3], [3, 1]]);
            let window = Window { size, stride: [1, 1], dilation: [1, 1], padding: Padding::Same };
            let mut layers: Vec<Rc<dyn Layer>> = vec![Rc::new(Conv2d { filters, window, bias: true })];
            if relu != self.random.percent(10) {
                layers.push(Rc::new(Activation::Relu));
            }
            let stages = self.chain(&operand.dims, layers).0;
            joined.extend(self.bind(&[operand], stages)?);
        }
        let axis = self.random.below(3);
        let concat = vec![Stage { what: What::Layer(Rc::new(Concat { axis })), name: None }];
        let result = self.bind(&joined, concat)?;
        if self.random.percent(85) {
            let stages = self.random_chain(&result[0].dims, 1);
            if !stages.is_empty() {
                self.bind(&result, stages)?;
            }
        }
        Some(())
    }

    fn use_template(&mut self) -> Option<()> {
        let count = self.program.templates.len();
        for _ in 0..if count > 0 { 10 } else { 0 } {
            let index = self.random.below(count);
            let operands: Vec<Value> = self.program.templates[index].inputs.iter().map(|_| self.any()).collect();
            let stage = Stage { what: What::Template(index), name: Some(self.name('t')) };
            if let Some(results) = self.bind(&operands, vec![stage]) {
                if results.len() == 1 && self.random.percent(30) {
                    let stage = Stage { what: What::Template(index), name: Some(self.name('t')) };
                    self.bind(&results, vec![stage]);
                }
                return Some(());
            }
        }
        None
    }

    fn use_network(&mut self) -> Option<()> {
        if self.program.networks.is_empty() {
            return None;
        }
        let index = self.random.below(self.program.networks.len());
        let network = &self.program.networks[index];
        if network.inputs.iter().any(|input| input.element != Element::F32) {
            return None;
        }
        let operands = |body: &mut Self| {
            let of = |input: &Input| {
                let fit: Vec<Value> = body.values.iter().filter(|value| value.dims == input.dims).cloned().collect();
                (!fit.is_empty()).then(|| fit[body.random.below(fit.len())].clone())
            };
            network.inputs.iter().map(of).collect::<Option<Vec<Value>>>()
        };
        if self.random.percent(50) {
            let stage = Stage { what: What::Network(index), name: Some(self.name('n')) };
            let operands = operands(self)?;
            self.bind(&operands, vec![stage])?;
            return Some(());
        }
        let first = operands(self)?;
        let (name, _) = self.declare(&first, vec![Stage { what: What::Network(index), name: None }])?;
        let second = operands(self)?;
        self.bind(&second, vec![Stage { what: What::Shared(name), name: None }])?;
        Some(())
    }

    /// Reads what of the first values was not read.
    fn read_inputs(&mut self, count: usize) {
        for index in 0..count {
            if !self.values[index].read {
                let value = self.values[index].clone();
                let stages = self.random_chain(&value.dims, 2);
                let flatten = || vec![Stage { what: What::Layer(Rc::new(Flatten)), name: None }];
                let stages = if stages.is_empty() { flatten() } else { stages };
                if self.bind(std::slice::from_ref(&value), stages).is_none() {
                    self.bind(&[value], flatten());
                }
            }
        }
    }

    /// Joins unread values until so many are left.
    fn join_down_to(&mut self, most: usize) {
        while self.unread().count() > most {
            let pair: Vec<Value> = self.unread().take(2).cloned().collect();
            let mut flat = Vec::new();
            for value in pair {
                if value.dims.len() == 1 {
                    flat.push(value);
                    continue;
                }
                let mut layers: Vec<Rc<dyn Layer>> = vec![Rc::new(Flatten)];
                if elements(&value.dims) > 200 {
                    layers.push(Rc::new(Dense { units: 7, bias: true }));
                }
                let stages = self.chain(&value.dims, layers).0;
                flat.extend(self.bind(&[value], stages).expect("any shape can be flattened"));
            }
            let concat = Stage { what: What::Layer(Rc::new(Concat { axis: 0 })), name: None };
            self.bind(&flat, vec![concat]).expect("vectors can be joined");
        }
    }

    /// Makes outputs of all that nobody has read.
    fn outputs(&mut self) -> Vec<(String, Kind)> {
        let inputs = self.values.len() - self.bound();
        self.read_inputs(inputs);
        let most = self.random.within(1, 3);
        self.join_down_to(most);
        let mut outputs = Vec::new();
        let ends: Vec<Value> = self.unread().cloned().collect();
        for end in ends {
            let kind = match self.random.below(10) {
                0..=2 => Kind::Classes,
                3..=4 => Kind::Answers,
                _ => Kind::Numbers,
            };
            let output = match kind {
                Kind::Numbers => Some((end.name.clone(), kind)),
                _ => self.head(&end, kind, &mut outputs).map(|name| (name, kind)),
            };
            outputs.push(output.unwrap_or((end.name, Kind::Numbers)));
        }
        // A value that is read inside is an output, too.
        if self.random.percent(25) {
            let inner: Vec<Value> = self.values[inputs..].iter().filter(|value| value.read).cloned().collect();
            if !inner.is_empty() {
                let name = inner[self.random.below(inner.len())].name.clone();
                if outputs.iter().all(|(other, _)| *other != name) {
                    outputs.insert(self.random.below(outputs.len() + 1), (name, Kind::Numbers));
                }
            }
        }
        outputs
    }

    /// Number of values that statements bind.
    fn bound(&self) -> usize {
        let names = |statement: &Statement| match statement {
            Statement::Let { names, .. } => names.len(),
            Statement::Shared { .. } => 0,
        };
        self.statements.iter().map(names).sum()
    }

    /// Probabilities of a value.
    fn head(&mut self, value: &Value, kind: Kind, outputs: &mut Vec<(String, Kind)>) -> Option<String> {
        let classes = self.random.pick(&[2, 3, 5, 8, 17]);
        let logits = |body: &mut Self| {
            let mut layers: Vec<Rc<dyn Layer>> = Vec::new();
            if value.dims.len() == 3 && body.random.percent(50) {
                let window = Window { size: [1, 1], stride: [1, 1], dilation: [1, 1], padding: Padding::Valid };
                layers.push(Rc::new(Conv2d { filters: classes, window, bias: body.random.percent(80) }));
            } else {
                if value.dims.len() > 2 {
                    layers.push(Rc::new(Flatten));
                }
                layers.push(Rc::new(Dense { units: classes, bias: body.random.percent(80) }));
            }
            body.chain(&value.dims, layers).0
        };
        let function: Rc<dyn Layer> =
            if kind == Kind::Classes { Rc::new(Softmax) } else { Rc::new(Activation::Sigmoid) };
        let function = || Stage { what: What::Layer(function.clone()), name: None };
        match self.random.below(10) {
            // The mean of two opinions: no logits belong to it.
            0 => {
                let stages = [logits(self), vec![function()]].concat();
                let first = self.bind(std::slice::from_ref(value), stages)?.remove(0);
                let dense = Rc::new(Dense { units: first.dims[first.dims.len() - 1], bias: true });
                let stages = match first.dims.len() {
                    3 => return Some(first.name),
                    _ => [self.chain(&first.dims, vec![dense]).0, vec![function()]].concat(),
                };
                let second = self.bind(std::slice::from_ref(&first), stages)?.remove(0);
                let average = Stage { what: What::Layer(Rc::new(Merge::Average)), name: None };
                Some(self.bind(&[first, second], vec![average])?.remove(0).name)
            }
            // Somebody else reads the logits.
            1..=3 => {
                let stages = logits(self);
                let logits = self.bind(std::slice::from_ref(value), stages)?;
                outputs.push((logits[0].name.clone(), Kind::Numbers));
                Some(self.bind(&logits, vec![function()])?.remove(0).name)
            }
            _ => {
                let stages = [logits(self), vec![function()]].concat();
                Some(self.bind(std::slice::from_ref(value), stages)?.remove(0).name)
            }
        }
    }
}

/// Gives a network losses that reach all of its weights.
fn losses(random: &mut Random, program: &Program, network: &mut Network, kinds: &[Kind]) -> Option<()> {
    let mut whole = program.clone();
    whole.networks.push(network.clone());
    let graph = open(&whole)?;
    let mut order: Vec<usize> = (0..kinds.len()).collect();
    for index in 1..order.len() {
        order.swap(index, random.below(index + 1));
    }
    let mut heads: Vec<usize> = Vec::new();
    for output in order {
        let all: Vec<usize> = heads.iter().copied().chain([output]).collect();
        if reached(&graph, &all) > reached(&graph, &heads) || random.percent(70) {
            heads.push(output);
        }
    }
    if reached(&graph, &heads) < graph.weights.len() || heads.is_empty() {
        return None;
    }
    heads.sort();
    for output in heads {
        let terms = terms(random, kinds[output], &network.outputs[output].1);
        network.losses.push((output, terms));
    }
    Some(())
}

/// How many weights lead to these outputs.
fn reached(graph: &Graph, outputs: &[usize]) -> usize {
    let mut values: Vec<bool> = vec![false; graph.values.len()];
    outputs.iter().for_each(|output| values[graph.outputs[*output].1] = true);
    let mut weights = vec![false; graph.weights.len()];
    for node in graph.nodes.iter().rev() {
        if node.results.iter().any(|result| values[*result]) {
            node.operands.iter().for_each(|operand| values[*operand] = true);
            node.weights.iter().for_each(|weight| weights[*weight] = true);
        }
    }
    weights.into_iter().filter(|reached| *reached).count()
}

/// The losses of a head.
fn terms(random: &mut Random, kind: Kind, dims: &[usize]) -> Vec<(f32, Loss)> {
    let share = random.pick(&[0.0, 0.0, 0.1, 1.0]);
    let classes = dims.last().copied().unwrap_or(1);
    let mut losses = vec![Loss::MeanSquaredError, Loss::MeanAbsoluteError, Loss::Huber(random.pick(&[0.1, 0.5, 1.0]))];
    match kind {
        Kind::Classes if classes > 1 && random.percent(50) => losses = vec![Loss::SparseCategoricalCrossentropy],
        Kind::Classes if classes > 1 => losses.insert(0, Loss::CategoricalCrossentropy(share)),
        Kind::Answers => losses.insert(0, Loss::BinaryCrossentropy(share)),
        Kind::Classes | Kind::Numbers => {
            let first = random.below(losses.len());
            losses.swap(0, first);
        }
    }
    losses.truncate(random.pick(&[1, 1, 2]));
    losses.into_iter().map(|loss| (random.pick(&[1.0, 1.0, 0.5, 2.0, 0.3]), loss)).collect()
}
