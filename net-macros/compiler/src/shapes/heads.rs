//! Losses and metrics against the outputs that they belong to.

use super::{describe, producer};
use crate::errors::{Errors, Message};
use crate::graph::{HeadLoss, HeadMetric, LossTerm, Network, NodeId, Output};
use crate::layers::{Distribution, Facts, Inference, Values};
use crate::losses::{Loss, Needs};
use crate::metrics::Metric;
use crate::shape::{Element, Target};

/// What stands before the names of values of the validation, in the history that the runtime keeps.
const VALIDATION: &str = "val_";

/// Checks the losses and metrics of every output, and finds what they compare it with.
pub(super) fn heads(network: &mut Network, errors: &mut Errors) {
    for index in 0..network.outputs.len() {
        let output = &network.outputs[index];
        let losses = network.losses.iter().filter(|loss| loss.output == index);
        let metrics: Vec<&HeadMetric> = network.metrics.iter().filter(|metric| metric.output == index).collect();
        // What nothing better is known of, an erroneous loss among it, compares numbers.
        let is_head = losses.clone().next().is_some() || !metrics.is_empty();
        if is_head && output.name.to_string().starts_with(VALIDATION) {
            let text = format!(
                "`{}` cannot be the name of an output with a loss or a metric: in a history, `{VALIDATION}` begins the \
                 names of what is measured on validation data",
                output.name
            );
            errors.push(Message::new(output.name.span(), text).help("give the output another name"));
        }
        let numbers = is_head.then(|| Target { element: Element::F32, shape: output.shape.clone() });
        if output.declared.is_none() {
            network.outputs[index].target = numbers;
            continue;
        }
        let terms: Vec<&LossTerm> = losses.flat_map(|HeadLoss { terms, .. }| terms).collect();
        // Losses that compare with nothing need no target.
        let compares = |term: &&LossTerm| term.loss.target(&output.shape).is_some();
        let needs_none = metrics.is_empty() && !terms.is_empty() && !terms.iter().any(compares);
        let mut target = None;
        for LossTerm { loss, span, .. } in terms {
            errors_of_loss(network, output, loss, *span, errors);
            let Some(needs) = loss.target(&output.shape) else { continue };
            match &target {
                None => target = Some(needs),
                Some(first) if *first == needs => {}
                Some(first) => {
                    let text = format!(
                        "the losses of `{}` need different targets: {} and {}",
                        output.name,
                        in_words(first),
                        in_words(&needs)
                    );
                    let help = "`CategoricalCrossentropy` compares numbers (one-hot), `SparseCategoricalCrossentropy` class numbers";
                    errors.push(Message::new(*span, text).help(help));
                }
            }
        }
        let target = target.or(numbers.filter(|_| !needs_none));
        for HeadMetric { metric, span, .. } in metrics {
            if let Some(message) = target.as_ref().and_then(|target| metric_fault(output, metric, target)) {
                errors.push(Message { span: *span, ..message });
            }
        }
        network.outputs[index].target = target;
    }
}

fn in_words(Target { element, shape }: &Target) -> String {
    match element {
        Element::F32 => format!("numbers of shape {shape:?}"),
        Element::U32 if shape.is_empty() => "a class number".to_owned(),
        Element::U32 => format!("class numbers of shape {shape:?}"),
    }
}

/// Tells when a loss does not fit its head.
fn errors_of_loss(network: &Network, output: &Output, loss: &Loss, span: proc_macro2::Span, errors: &mut Errors) {
    if loss.needs() == Needs::Distribution(Distribution::Softmax) && output.shape.last() == Some(&1) {
        let text = format!("`{}` is {:?}: with one class there is nothing to tell apart", output.name, output.shape);
        errors.push(Message::new(span, text).help("for yes or no use `sigmoid` and `BinaryCrossentropy`"));
        return;
    }
    if let Some((text, help)) = loss.misfit(&output.shape) {
        let text = text.replace("{}", &output.name.to_string());
        errors.push(Message::new(span, text).help(help));
        return;
    }
    let needs = loss.needs();
    let (becomes, words) = match needs {
        Needs::Numbers => return,
        Needs::Probabilities => ("probabilities", "-> sigmoid` or `-> softmax"),
        Needs::Distribution(Distribution::Softmax) => ("one probability for each class", "-> softmax"),
        Needs::Distribution(Distribution::Sigmoid) => ("independent probabilities", "-> sigmoid"),
    };
    let Some(end) = output.value.and_then(|value| producer(network, value)) else { return };
    let node = &network.nodes[end.0];
    let Some(facts) = &node.facts else { return };
    let values = facts.meaning.values;
    if !are_surely_others(values, needs) {
        if let Values::Probabilities(_) = values
            && let Some(message) = squashed_logits(network, end)
        {
            errors.push(message);
        }
        return;
    }
    let text = format!("`{}` needs {becomes}, but `{}` ends in `{}`", loss.name(), output.name, node.stage.kind);
    let help = match (values, loss.counterpart()) {
        (Values::Probabilities(_), Some(other)) => format!("end it with `{words}`, or use `{other}`"),
        (Values::LogProbabilities(found), _) if loss.takes_logits_of() == Some(found) => {
            format!("write `{words}` instead: a cross-entropy behind it is computed from the logits, stably")
        }
        (Values::LogProbabilities(_), _) => format!("write `{words}` instead"),
        _ => format!("end it with `{words}`"),
    };
    errors.push(Message::new(span, text).help(help));
}

/// What is wrong where something takes away numbers that logits need, before they become probabilities.
fn squashed_logits(network: &Network, distribution: NodeId) -> Option<Message> {
    let kind = &network.nodes[distribution.0].stage.kind;
    let mut before = producer(network, network.nodes[distribution.0].operands[0])?;
    loop {
        let node = &network.nodes[before.0];
        let Facts { meaning, inference, .. } = &**node.facts.as_ref()?;
        let all = match meaning.values {
            Values::Probabilities(_) | Values::UnitInterval => "outside 0 to 1",
            Values::NotNegative => "below 0",
            // The same numbers in another shape, or without some of them.
            _ if meaning.alias || *inference == Inference::Identity => {
                before = producer(network, node.operands[0])?;
                continue;
            }
            Values::Any | Values::LogProbabilities(_) | Values::Unknown => return None,
        };
        let earlier = &node.stage.kind;
        let text = format!("`{kind}` makes probabilities of any numbers, but `{earlier}` before it leaves none {all}");
        let message = describe::within_template(network, before, Message::new(node.stage.span, text));
        return Some(message.help(format!("leave out `-> {earlier}`")));
    }
}

/// Whether the numbers of a head are surely not those that a loss needs.
fn are_surely_others(values: Values, needs: Needs) -> bool {
    match (needs, values) {
        (Needs::Numbers, _) | (_, Values::Unknown) => false,
        (_, Values::Any | Values::NotNegative | Values::LogProbabilities(_)) => true,
        (Needs::Probabilities, Values::Probabilities(_) | Values::UnitInterval) => false,
        (Needs::Distribution(needed), Values::Probabilities(found)) => found != needed,
        (Needs::Distribution(needed), Values::UnitInterval) => needed == Distribution::Softmax,
    }
}

/// What is wrong with a metric, if anything is; its place is up to the caller.
fn metric_fault(output: &Output, metric: &Metric, target: &Target) -> Option<Message> {
    let span = output.name.span();
    let name = metric.name()?;
    if let Some((text, help)) = metric.misfit(&output.shape) {
        return Some(Message::new(span, text.replace("{}", &output.name.to_string())).help(help));
    }
    if !metric.compares(target.element) {
        let text = format!("`{name}` compares numbers, but the target of `{}` is a class number", output.name);
        return Some(
            Message::new(span, text).help("`Accuracy`, `F1`, `FBeta`, `Iou`, `MeanIou` and `Mcc` compare classes"),
        );
    }
    if target.element == Element::U32 && Some(&*target.shape) != output.shape.split_last().map(|(_, rest)| rest) {
        let text = format!(
            "`{name}` compares a class at every step, but the target of `{}` is labels, of which nobody knows where they are",
            output.name
        );
        return Some(Message::new(span, text).help("leave it out"));
    }
    let argument = metric.surplus(target.element)?;
    let (needs, has) = match target.element {
        Element::F32 => ("class numbers", "numbers"),
        Element::U32 => ("numbers", "class numbers"),
    };
    let text = format!("`{argument}` of `{name}` is for {needs}, but the target of `{}` is made of {has}", output.name);
    Some(Message::new(span, text).help("leave it out"))
}
