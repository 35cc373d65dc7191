//! Random programs.
//!
//! Half of what is drawn is drawn blindly, from the table of the layers. The other half are patterns that the compiler treats in a way
//! of its own: what it puts into a convolution, what it writes where it is joined, what is shared, losses that are computed from
//! logits.

mod actions;
mod body;
mod heads;

use std::collections::BTreeMap;

use body::{Body, Value};
use heads::{Kind, losses};

use crate::draw::Random;
use crate::graph::{Element, Input};
use crate::open::open;
use crate::program::{Flow, Network, Program, Statement, Template, What};
use crate::tensor::Dims;

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
    if random.percent(35) {
        freeze(random, &mut program)?;
    }
    let graph = open(&program)?;
    // Mere moves of an input teach nothing.
    (graph.nodes.len() >= 3).then_some(program)
}

/// Freezes some of what the last network uses, unless that leaves a loss with nothing to train.
fn freeze(random: &mut Random, program: &mut Program) -> Option<()> {
    let mut frozen = program.clone();
    let share = random.pick(&[20, 50, 80]);
    let statements = frozen.networks.last_mut()?.statements.iter_mut();
    for statement in statements {
        let (Statement::Shared { stages, .. } | Statement::Let { flow: Flow { stages, .. }, .. }) = statement;
        for stage in stages {
            stage.frozen = !matches!(stage.what, What::Shared(_)) && random.percent(share);
        }
    }
    if open(&frozen)?.has_something_to_train() {
        *program = frozen;
    }
    Some(())
}

fn next(names: &mut usize) -> usize {
    *names += 1;
    *names
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
    let mut body = Body {
        random,
        program,
        names,
        values,
        shared: BTreeMap::new(),
        statements: Vec::new(),
        inputs: Some(Vec::new()),
    };
    for _ in 0..body.random.pick(&[0, 0, 0, 0, 1]) {
        body.words()?;
    }
    for _ in 0..budget {
        body.action();
    }
    let outputs = body.outputs();
    let (values, statements) = (body.values, body.statements);
    // What was to read one may have come to nothing.
    let reads = |name: &String| {
        statements.iter().any(|statement| match statement {
            Statement::Let { flow, .. } => flow.sources.iter().any(|source| source.value == *name),
            Statement::Shared { .. } => false,
        })
    };
    inputs.extend(body.inputs.into_iter().flatten().filter(|input| reads(&input.name)));
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
    match random.below(20) {
        0..=2 => vec![random.pick(&[1, 2, 3, 5, 7, 8, 16, 17, 33])],
        3..=7 => vec![random.pick(&[1, 2, 3, 4, 5, 7, 8, 9, 12, 17, 33]), random.pick(&[1, 2, 3, 5, 8, 16, 17])],
        8 | 9 => {
            let mut side = || random.within(1, 6);
            vec![side(), side(), side(), random.pick(&[1, 2, 3, 5, 8, 17])]
        }
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
    let mut body =
        Body { random, program: &none, names, values, shared: BTreeMap::new(), statements: Vec::new(), inputs: None };
    for _ in 0..2 {
        body.action();
    }
    body.read_inputs(inputs.len());
    body.join_down_to(2);
    let results: Vec<String> = body.unread().map(|value| value.name.clone()).collect();
    let statements = body.statements;
    (!results.is_empty()).then(|| Template { name: format!("template{}", next(names)), inputs, statements, results })
}
