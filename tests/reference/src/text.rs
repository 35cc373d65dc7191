//! A program as Rust source.

use std::fmt::Write;
use std::ops::Range;

use crate::graph::Input;
use crate::program::{Flow, Network, Program, Source, Stage, Statement, Template, What};
use crate::tensor::Dims;

/// The module in which the networks lie that a program announces.
const ANNOUNCED: &str = "announced";

/// The source of a program: `network! { ... }`, and before it a module with the networks that it announces.
pub fn source(program: &Program) -> String {
    let mut source = String::new();
    if let Some(announced) = announced(program) {
        writeln!(source, "mod {ANNOUNCED} {{\nnet_runtime::network! {{\n{announced}}}\n}}").unwrap();
    }
    writeln!(source, "net_runtime::network! {{\n{}}}", block(program)).unwrap();
    source
}

/// What stands in the block of the networks that are announced, if there are some.
pub fn announced(program: &Program) -> Option<String> {
    let mut text = String::new();
    networks(program, true).for_each(|declared| network(&mut text, program, declared));
    (!text.is_empty()).then_some(text)
}

/// What stands in the block of the program.
pub fn block(program: &Program) -> String {
    let mut text = String::new();
    for network in networks(program, true) {
        let (inputs, outputs) = (inputs(&network.inputs), outputs(&network.outputs));
        writeln!(text, "extern network self::{ANNOUNCED}::{}({inputs}) -> ({outputs});", network.name).unwrap();
    }
    for (declared, used) in program.templates.iter().zip(used(program).templates) {
        if used {
            template(&mut text, program, declared);
        }
    }
    networks(program, false).for_each(|declared| network(&mut text, program, declared));
    text
}

/// The networks that are used, of this block or of the other one.
fn networks(program: &Program, announced: bool) -> impl Iterator<Item = &Network> {
    let used = program.networks.iter().zip(used(program).networks).filter(|(_, used)| *used);
    used.map(|(network, _)| network).filter(move |network| network.announced == announced)
}

/// What the last network leads to.
struct Used {
    networks: Vec<bool>,
    templates: Vec<bool>,
}

fn used(program: &Program) -> Used {
    let mut used =
        Used { networks: vec![false; program.networks.len()], templates: vec![false; program.templates.len()] };
    let last = program.networks.len() - 1;
    used.networks[last] = true;
    for index in (0..=last).rev() {
        if used.networks[index] {
            program.networks[index].statements.iter().for_each(|statement| mark(statement, &mut used));
        }
    }
    for index in (0..program.templates.len()).rev() {
        if used.templates[index] {
            program.templates[index].statements.iter().for_each(|statement| mark(statement, &mut used));
        }
    }
    used
}

fn mark(statement: &Statement, used: &mut Used) {
    let (Statement::Shared { stages, .. } | Statement::Let { flow: Flow { stages, .. }, .. }) = statement;
    for stage in stages {
        match stage.what {
            What::Template(index) => used.templates[index] = true,
            What::Network(index) => used.networks[index] = true,
            What::Layer(_) | What::Shared(_) => {}
        }
    }
}

fn network(text: &mut String, program: &Program, network: &Network) {
    writeln!(text, "pub network {}({}) -> ({}) {{", network.name, inputs(&network.inputs), outputs(&network.outputs))
        .unwrap();
    network.statements.iter().for_each(|written| statement(text, program, written));
    for (output, terms) in &network.losses {
        let terms: Vec<String> = terms.iter().map(|(factor, loss)| format!("{factor:?} * {}", loss.text())).collect();
        writeln!(text, "    loss {}: {};", network.outputs[*output].0, terms.join(" + ")).unwrap();
    }
    text.push_str("}\n");
}

fn template(text: &mut String, program: &Program, template: &Template) {
    writeln!(text, "block {}({}) {{", template.name, template.inputs.join(", ")).unwrap();
    template.statements.iter().for_each(|written| statement(text, program, written));
    match template.results.as_slice() {
        [result] => writeln!(text, "    {result}").unwrap(),
        results => writeln!(text, "    ({})", results.join(", ")).unwrap(),
    }
    text.push_str("}\n");
}

fn statement(text: &mut String, program: &Program, statement: &Statement) {
    match statement {
        Statement::Shared { name, stages } => {
            let stages: Vec<String> = stages.iter().map(|written| stage(program, written)).collect();
            writeln!(text, "    layer {name} = {};", stages.join(" -> ")).unwrap();
        }
        Statement::Let { names, flow } => {
            let names: Vec<&str> = names.iter().map(|name| name.as_deref().unwrap_or("_")).collect();
            let sources: Vec<String> = flow.sources.iter().map(given).collect();
            let source = if sources.len() == 1 { sources[0].clone() } else { format!("({})", sources.join(", ")) };
            let stages: Vec<String> =
                [source].into_iter().chain(flow.stages.iter().map(|written| stage(program, written))).collect();
            let pattern = if names.len() == 1 { names[0].to_owned() } else { format!("({})", names.join(", ")) };
            writeln!(text, "    let {pattern} = {};", stages.join(" -> ")).unwrap();
        }
    }
}

fn given(Source { operand, value }: &Source) -> String {
    operand.map_or_else(|| value.clone(), |operand| format!("{operand} = {value}"))
}

fn stage(program: &Program, stage: &Stage) -> String {
    let (name, mut arguments) = match &stage.what {
        What::Layer(layer) => (layer.kind().to_owned(), layer.arguments()),
        What::Shared(name) => (name.clone(), Vec::new()),
        What::Template(index) => (program.templates[*index].name.clone(), Vec::new()),
        What::Network(index) => (program.networks[*index].name.clone(), Vec::new()),
    };
    arguments.extend(stage.name.as_ref().map(|name| format!("name = {name}")));
    arguments.extend(stage.frozen.then(|| "frozen = true".to_owned()));
    if arguments.is_empty() { name } else { format!("{name}({})", arguments.join(", ")) }
}

fn inputs(inputs: &[Input]) -> String {
    let input = |input: &Input| {
        let element = if input.element.name() == "f32" { "" } else { input.element.name() };
        format!("{}: {element}{}", input.name, shape(&input.dims))
    };
    inputs.iter().map(input).collect::<Vec<_>>().join(", ")
}

fn outputs(outputs: &[(String, Dims)]) -> String {
    outputs.iter().map(|(name, dims)| format!("{name}: {}", shape(dims))).collect::<Vec<_>>().join(", ")
}

fn shape(dims: &[usize]) -> String {
    format!("{dims:?}")
}

/// A module with a program and a call of the macro `case!`, which gives the program's last network one face for all: what its inputs
/// are made of, which of them have gradients, its outputs, and those with targets.
pub fn module(program: &Program, index: u64) -> String {
    let main = program.main();
    let list = |names: Vec<String>| names.join(", ");
    let batch = |input: &Input| {
        let shape = input.dims.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        let element = input.element.name();
        format!("{}: net_runtime::Batch<net_runtime::Shape{}<{shape}>, {element}>", input.name, input.dims.len())
    };
    let numbers = main.inputs.iter().filter(|input| input.element.name() == "f32");
    let mut heads: Vec<usize> = main.losses.iter().map(|(output, _)| *output).collect();
    heads.sort();
    let targets = match heads.as_slice() {
        [] => String::new(),
        heads => format!(", targets: [{}]", list(heads.iter().map(|output| main.outputs[*output].0.clone()).collect())),
    };
    format!(
        "mod program_{index} {{\n{}case! {{ inputs: {{ {} }}, numbers: [{}], outputs: [{}]{targets} }}\n}}\n",
        source(program),
        list(main.inputs.iter().map(batch).collect()),
        list(numbers.map(|input| input.name.clone()).collect()),
        list(main.outputs.iter().map(|(name, _)| name.clone()).collect()),
    )
}

/// The modules of programs of a seed, and a function `cases` that lists them with their numbers.
pub fn modules(seed: u64, indices: Range<u64>) -> String {
    let mut text = format!("/// The seed of these programs.\nconst SEED: u64 = {seed};\n");
    for index in indices.clone() {
        text.push_str(&module(&crate::program(seed, index), index));
    }
    text.push_str("/// The networks with their numbers.\nfn cases() -> Vec<(u64, Box<dyn Subject>)> {\nvec![\n");
    indices.for_each(|index| writeln!(text, "({index}, program_{index}::case()),").unwrap());
    text.push_str("]\n}\n");
    text
}
