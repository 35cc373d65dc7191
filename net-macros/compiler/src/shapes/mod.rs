//! Finds the shape of every tensor by each layer's rule, and tells where one does not fit. A tensor whose shape could
//! not be found has none, and nothing that it feeds is reported.

mod describe;
mod heads;
mod reach;
mod steps;

use std::rc::Rc;

use proc_macro2::Span;

use crate::errors::{Errors, Message};
use crate::graph::{Annotation, Network, Node, NodeId, Operation, Origin, Program, Spans, Value, ValueId};
use crate::layers::{At, Facts, Inferred, Layer, Misfit, Parameter, TensorType, Weights};
use crate::shape::{Element, Shape};

/// Most elements that one sample of a tensor, or one kernel, may have: far more than any memory holds, and few enough
/// that their number in bytes, times any batch, fits 64 bits.
const MOST_ELEMENTS: usize = 1 << 40;

/// Whether a tensor of this shape is of a size that can be computed with; else the end of a sentence about it.
pub(crate) fn check_size(shape: &[usize]) -> Result<(), String> {
    let size = shape.iter().try_fold(1_usize, |size, length| size.checked_mul(*length));
    match size {
        Some(size) if size < MOST_ELEMENTS => Ok(()),
        _ => Err("which has more elements than any memory holds".to_owned()),
    }
}

/// Completes the graph: shapes of all values and weights, and the targets of the outputs.
pub fn shapes(program: &mut Program, errors: &mut Errors) {
    for index in 0..program.networks.len() {
        let (known, rest) = program.networks.split_at_mut(index);
        let Some(network) = rest.first_mut() else { continue };
        let before = errors.len();
        for node in 0..network.nodes.len() {
            node_shapes(network, known, NodeId(node), errors);
        }
        network.largest = largest(network, known);
        outputs(network, errors);
        heads::heads(network, errors);
        // A network that is wrong elsewhere has lost readers, so that nothing can be said about what reaches what.
        if errors.len() == before && errors.is_empty() {
            reach::reach(network, known, errors);
        }
    }
}

/// Elements of the largest tensor of a network whose shapes are known as far as they can be.
fn largest(network: &Network, known: &[Network]) -> usize {
    let own =
        network.values.iter().filter_map(|value| Some(value.times() * value.shape.as_ref()?.iter().product::<usize>()));
    let inner = network.nodes.iter().filter_map(|node| match node.operation {
        Operation::Network(inner) => network.times(node).checked_mul(known[inner.0].largest),
        Operation::Layer(_) | Operation::OpenSteps | Operation::CloseSteps => None,
    });
    // Of an announced one, the values are not known.
    let outputs = network.outputs.iter().map(|output| output.shape.iter().product());
    own.chain(inner).chain(outputs).max().unwrap_or(0)
}

fn node_shapes(network: &mut Network, known: &[Network], id: NodeId, errors: &mut Errors) {
    let node = &network.nodes[id.0];
    let operands = node.operands.iter().map(|operand| network.values[operand.0].shape.clone()).collect();
    let Some(operands): Option<Vec<Shape>> = operands else { return };
    let mut facts = None;
    let outputs: Vec<Option<Shape>> = match &node.operation {
        Operation::Layer(layer) => {
            if let Some(position) = unfit_element(network, layer.as_ref(), id) {
                errors.push(position);
                return;
            }
            let around = steps::around(network, node);
            let inferred = infer(layer.as_ref(), &operands, &around);
            let inferred = inferred.map(|facts| if node.frozen { facts.frozen() } else { facts });
            let inferred = inferred.and_then(|facts| check_channels(network, node, &operands, &facts).map(|()| facts));
            match inferred {
                Ok(found) => {
                    let results = found.results.iter().map(|result| Some(result.shape.clone())).collect();
                    facts = Some(Rc::new(found));
                    results
                }
                Err(misfit) => {
                    errors.push(describe::misfit(network, id, misfit));
                    return;
                }
            }
        }
        Operation::Network(inner) => {
            if !inputs_fit(network, &known[inner.0], id, &operands, errors) {
                return;
            }
            let times = network.times(node);
            if let Err(fault) = check_size(&[times, known[inner.0].largest]) {
                let text = format!("a tensor of `{}` would be there {times} times, {fault}", node.stage.kind);
                errors.push(describe::within_template(network, id, Message::new(node.stage.span, text)));
                return;
            }
            let declared = |output: &crate::graph::Output| output.declared.as_ref().map(|_| output.shape.clone());
            known[inner.0].outputs.iter().map(declared).collect()
        }
        Operation::OpenSteps => match steps::opened(network, id, &operands) {
            Ok(shapes) => shapes.into_iter().map(Some).collect(),
            Err(message) => {
                errors.push(message);
                return;
            }
        },
        Operation::CloseSteps => steps::closed(network, node, operands).into_iter().map(Some).collect(),
    };
    let around = steps::around(network, &network.nodes[id.0]);
    if !weights_fit(network, id, facts.as_deref(), errors) {
        return;
    }
    if let Some(facts) = &facts {
        for (value, result) in network.nodes[id.0].results.iter().zip(&facts.results) {
            network.values[value.0].element = match facts.meaning.alias {
                true => network.values[network.nodes[id.0].operands[0].0].element,
                false => result.element,
            };
        }
    }
    if network.nodes[id.0].operation.is_border() {
        let node = &network.nodes[id.0];
        for (operand, result) in node.operands.iter().zip(&node.results) {
            network.values[result.0].element = network.values[operand.0].element;
        }
    }
    network.nodes[id.0].facts = facts;
    for (value, shape) in network.nodes[id.0].results.clone().into_iter().zip(outputs) {
        network.values[value.0].steps.clone_from(&around);
        network.values[value.0].shape = shape;
        annotation(network, value, errors);
    }
}

/// What a layer is for these operands, if its results and weights are of a size that can be computed with.
fn infer(layer: &dyn Layer, operands: &[Shape], around: &Shape) -> Inferred {
    let facts = layer.infer(operands)?;
    let too_large = |what: &str, shape: &[usize], fault: String| Misfit {
        at: At::Stage,
        text: format!("{what} would be {shape:?}, {fault}"),
        origins: true,
        fact: None,
        help: None,
        without_steps: None,
    };
    for TensorType { shape, .. } in &facts.results {
        let shape = [&**around, &**shape].concat();
        check_size(&shape).map_err(|fault| too_large("the result", &shape, fault))?;
    }
    for (name, Parameter { dims, .. }) in facts.weights.iter().flat_map(Weights::named) {
        check_size(dims).map_err(|fault| too_large(&format!("the {name}"), dims, fault))?;
    }
    Ok(facts)
}

/// How many channels images mostly have where they come from.
const CHANNELS: [usize; 3] = [1, 3, 4];

/// The least height or width of what is sooner an image than a list of channels.
const LARGE: usize = 8;

/// Tells when a layer of images is given a network's input that looks as PyTorch has them, channels first. Whoever means what
/// is written there says so by a `Reshape` to the same shape: an input alone is looked at.
fn check_channels(network: &Network, node: &Node, operands: &[Shape], facts: &Facts) -> Result<(), Misfit> {
    let ([operand], [shape]) = (&*node.operands, operands) else { return Ok(()) };
    let (Origin::Input(_), &[first, height, width]) = (&network.values[operand.0].origin, &**shape) else {
        return Ok(());
    };
    if !facts.meaning.of_image || !CHANNELS.contains(&first) || height.min(width) < LARGE {
        return Ok(());
    }
    let kind = &node.stage.kind;
    let plural = if first == 1 { "row" } else { "rows" };
    Err(Misfit {
        at: At::Stage,
        text: format!(
            "{{0}} is {shape:?}, for `{kind}` an image of {first} {plural} with {width} channels, which stand last"
        ),
        origins: true,
        fact: None,
        without_steps: None,
        help: Some(format!(
            "declare [{height}, {width}, {first}]; if it is meant so, say it by `Reshape({first}, {height}, {width})` before `{kind}`"
        )),
    })
}

/// The error that a layer is given class numbers for numbers, or the reverse.
fn unfit_element(network: &Network, layer: &dyn Layer, id: NodeId) -> Option<Message> {
    let node = &network.nodes[id.0];
    let (index, found, needed) = node.operands.iter().enumerate().find_map(|(index, operand)| {
        let (found, needed) = (network.values[operand.0].element, layer.takes(index)?);
        (found != needed).then_some((index, found, needed))
    })?;
    let name = describe::operand(network, id, index);
    let [found, needed] = [found, needed].map(describe::element);
    let text = format!("`{}` computes with {needed}, but {name} holds {found}", node.stage.kind);
    let origin = describe::origin_of_operand(network, id, index);
    let message = Message::new(node.operand_spans[index], text).note(format!("{name} {origin}"));
    let message = describe::within_template(network, id, message);
    Some(message.help(match layer.takes(index) {
        Some(Element::U32) => "what it looks up is an input of whole numbers, declared as e.g. `text: u32[40]`",
        Some(Element::F32) | None => {
            "numbers are made of them by `-> Embedding(rows, width)` or `-> CategoryEncoding(tokens)`; leave out `u32` where it is declared if it holds others"
        },
    }))
}

/// Whether the operands are what an inner network declares; else that is told.
fn inputs_fit(network: &Network, inner: &Network, id: NodeId, operands: &[Shape], errors: &mut Errors) -> bool {
    let node = &network.nodes[id.0];
    let before = errors.len();
    for (index, (input, operand)) in inner.inputs.iter().zip(operands).enumerate() {
        let declared = &inner.values[input.value.0];
        let name = describe::operand(network, id, index);
        let kind = &node.stage.kind;
        let Some(expected) = &declared.shape else { continue };
        let element = network.values[node.operands[index].0].element;
        let text = if element != declared.element {
            let [found, expected] = [element, declared.element].map(describe::element);
            format!("the input `{}` of `{kind}` holds {expected}, but {name} holds {found}", input.name)
        } else if expected != operand {
            format!("the input `{}` of `{kind}` is {expected:?}, but {name} is {operand:?}", input.name)
        } else {
            continue;
        };
        let origin = describe::origin_of_operand(network, id, index);
        let declared = if inner.announced.is_some() { "announced" } else { "declared" };
        let line = input.name.span().start().line;
        let declared = format!("the input `{}` of `{kind}` is {declared} in line {line}", input.name);
        let message = Message::new(node.operand_spans[index], text).note(format!("{name} {origin}")).note(declared);
        errors.push(describe::within_template(network, id, message));
    }
    errors.len() == before
}

/// Whether a use of shared weights asks for the same weights as the first; else that is told.
fn weights_fit(network: &mut Network, id: NodeId, facts: Option<&Facts>, errors: &mut Errors) -> bool {
    let node = &network.nodes[id.0];
    let (Some(owner), Some(here)) = (node.owner, facts.and_then(|facts| facts.weights.as_ref())) else { return true };
    let Some(there) = &network.owners[owner.0].weights else {
        let owner = &mut network.owners[owner.0];
        owner.weights = Some(here.clone());
        owner.first_use = id;
        return true;
    };
    let mut both = here.named().zip(&there.parameters);
    let Some(((name, here), there)) = both.find(|((_, here), there)| here != there) else { return true };
    let shared = node.part_of.map_or_else(
        || format!("`{}`", network.owners[owner.0].name),
        |part| format!("`{}`", network.shared[part.shared.0].name),
    );
    let first_use = network.owners[owner.0].first_use;
    let text = format!(
        "the uses of {shared} ask for different weights: a {name} of {:?}, but here of {:?}",
        there.dims, here.dims
    );
    let use_line = |id: NodeId| describe::use_place(network, id).start().line;
    let given = |id: NodeId| {
        let shapes = network.nodes[id.0].operands.iter().filter_map(|operand| network.values[operand.0].shape.as_ref());
        shapes.map(|shape| format!("{shape:?}")).collect::<Vec<_>>().join(", ")
    };
    let message = Message::new(describe::use_place(network, id), text).note(format!(
        "its first use, in line {}, is given {}, this one {}",
        use_line(first_use),
        given(first_use),
        given(id)
    ));
    let message = describe::within_template(network, id, message);
    errors.push(message.help("declare a second `layer` for the other shape, or bring both to one shape first"));
    false
}

/// Compares a value with the shapes that the user wrote behind its names.
fn annotation(network: &mut Network, value: ValueId, errors: &mut Errors) {
    let Value { annotations, shape: Some(shape), .. } = &network.values[value.0] else { return };
    let Some(Annotation { name, shape: expected, spans }) =
        annotations.iter().find(|annotation| annotation.shape != *shape)
    else {
        return;
    };
    let id = producer(network, value);
    let origin = describe::origin(network, value, id);
    let message = Message::new(
        differing(expected, shape, spans),
        format!("`{name}` is declared as {expected:?}, but is {shape:?}"),
    )
    .note(format!("`{name}` {origin}"));
    let message = id.into_iter().fold(message, |message, id| describe::within_template(network, id, message));
    errors.push(message.help(format!("write `{name}: {shape:?}`, or change the stages before it")));
    network.values[value.0].shape = None;
}

/// Compares the outputs with their declarations.
fn outputs(network: &Network, errors: &mut Errors) {
    for output in &network.outputs {
        let (Some(value), Some(spans)) = (output.value, &output.declared) else { continue };
        let value_of = &network.values[value.0];
        let Some(shape) = &value_of.shape else { continue };
        let name = &output.name;
        if value_of.element == Element::U32 {
            let text = format!("the output `{name}` would hold whole numbers (`u32`)");
            errors.push(Message::new(name.span(), text).help(
                "an output holds numbers (`f32`): leave out `u32` where its input is declared, or make numbers of it, e.g. by `-> Embedding(rows, width)`",
            ));
        } else if *shape != output.shape {
            let text = format!("the output `{name}` is declared as {:?}, but is {shape:?}", output.shape);
            let origin = describe::origin(network, value, None);
            let change = match (output.shape.as_slice(), shape.as_slice()) {
                ([length], found) if *length == found.iter().product() => "end it with `-> Flatten`".to_owned(),
                (declared, found) if declared.iter().product::<usize>() == found.iter().product() => {
                    let lengths: Vec<_> = declared.iter().map(usize::to_string).collect();
                    format!("end it with `-> Reshape({})`", lengths.join(", "))
                }
                ([_], [_, _]) => "change the stages before it: `Flatten` makes one axis of all".to_owned(),
                ([height, width, declared], [rows, columns, channels])
                    if declared == channels && height > rows && width > columns && rows * 2 > *height =>
                {
                    "change the stages before it: `padding = same` keeps height and width".to_owned()
                }
                _ => "change the stages before it".to_owned(),
            };
            errors.push(
                Message::new(differing(&output.shape, shape, spans), text)
                    .note(format!("`{name}` {origin}"))
                    .help(format!("declare `{name}: {shape:?}`, or {change}")),
            );
        }
    }
}

/// The axis that differs, if it is one, else the whole shape.
fn differing(expected: &Shape, found: &Shape, spans: &Spans) -> Span {
    if expected.len() != found.len() {
        return spans.whole;
    }
    let mut differing = (0..expected.len()).filter(|axis| expected[*axis] != found[*axis]);
    match (differing.next(), differing.next()) {
        (Some(axis), None) => spans.axes.get(axis).copied().unwrap_or(spans.whole),
        _ => spans.whole,
    }
}

/// The node that a value comes from.
fn producer(network: &Network, value: ValueId) -> Option<NodeId> {
    match network.values[value.0].origin {
        Origin::Node { node, .. } => Some(node),
        Origin::Input(_) | Origin::Poison => None,
    }
}
