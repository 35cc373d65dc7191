//! The axis of the steps, which stages that are applied to each step do not see.

use super::describe;
use crate::errors::Message;
use crate::graph::{Network, Node, NodeId, Operation};
use crate::shape::Shape;

/// The shapes behind the border that takes the first axis away; or what is wrong with those before it.
pub(super) fn opened(network: &Network, id: NodeId, operands: &[Shape]) -> Result<Vec<Shape>, Message> {
    let node = &network.nodes[id.0];
    let kind = &node.stage.kind;
    for (index, operand) in operands.iter().enumerate() {
        let name = describe::operand(network, id, index);
        let fault = match (operand.as_slice(), operands[0].first()) {
            ([_] | [], _) => {
                format!(
                    "`{kind}` applies stages to each step, but {name} is {operand:?} and has no steps of several features"
                )
            }
            ([steps, ..], Some(first)) if steps != first => {
                format!(
                    "`{kind}` needs equally many steps, but {} has {first} and {name} {steps}",
                    describe::operand(network, id, 0)
                )
            }
            _ => continue,
        };
        let origin = format!("{name} {}", describe::origin_of_operand(network, id, index));
        let message = Message::new(node.operand_spans[index], fault).note(origin);
        let message = describe::within_template(network, id, message);
        return Err(match operand.as_slice() {
            [features] => {
                let reshape = || format!("`Reshape({features}, 1)` before it makes {features} steps of one feature");
                message.help(describe::every_step(network, node.operands[index]).unwrap_or_else(reshape))
            }
            _ => message,
        });
    }
    Ok(operands.iter().map(|operand| operand[1..].to_vec()).collect())
}

/// The shapes behind the border that gives the axis back.
pub(super) fn closed(network: &Network, node: &Node, operands: Vec<Shape>) -> Vec<Shape> {
    let steps = network.values[node.operands[0].0].steps.last().copied().unwrap_or(1);
    operands.into_iter().map(|operand| [vec![steps], operand].concat()).collect()
}

/// The axes that are taken from the results of a node.
pub(super) fn around(network: &Network, node: &Node) -> Shape {
    let Some(operand) = node.operands.first().map(|operand| &network.values[operand.0]) else { return Shape::new() };
    let mut steps = operand.steps.clone();
    match node.operation {
        Operation::OpenSteps => steps.extend(operand.shape.iter().filter_map(|shape| shape.first())),
        Operation::CloseSteps => drop(steps.pop()),
        Operation::Layer(_) | Operation::Network(_) => {}
    }
    steps
}
