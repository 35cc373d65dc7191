//! A plan in words.

use std::fmt::{self, Write};

use proc_macro2::Ident;

use crate::plan::{
    Compute, GradientPlace, Grouped, Head, Holds, InInference, LayerCall, Layout, Moment, Place, Plan, Step, Sum,
    TensorId, Term, Wanted,
};
use crate::shape::Element;

/// What the plan of a network says: its parts, where each tensor lies, and what is computed in which order.
pub fn describe(plan: &Plan<'_>) -> String {
    let mut text = String::new();
    write_plan(plan, &mut text).expect("a string takes everything");
    text
}

fn write_plan(plan: &Plan<'_>, text: &mut String) -> fmt::Result {
    writeln!(text, "network {}", plan.network.name)?;
    section(text, "inputs", &["name", "shape"], inputs(plan))?;
    section(text, "outputs", &["name", "shape", "lies in"], outputs(plan))?;
    section(text, "fields", &["name", "made by", "holds"], fields(plan))?;
    let Sum { known, announced, .. } = &plan.table.parameters;
    let more = if announced.is_empty() { "" } else { ", and those of announced networks" };
    writeln!(text, "\n{known} parameters, {} bytes{more}", bytes(*known))?;
    let heads = ["name", "length", "bytes", "in training", "its gradient", "in inference"];
    section(text, "tensors: bytes of one sample, and the byte at which each starts", &heads, tensors(plan))?;
    section(text, "gradients of the inputs", &["name", "length", "bytes", "in training"], input_gradients(plan))?;
    memory(plan, "training", &plan.training, text)?;
    memory(plan, "inference", &plan.inference, text)?;
    let heads = ["", "result", "computed by", "from", "with", "then", "its gradient is wanted by"];
    section(text, "forward; backward is the same in reverse", &heads, steps(plan))?;
    section(text, "losses and metrics", &["output", "weight", "what", "computed from"], losses(plan))
}

/// A heading and a table whose columns have the width of their longest cell; nothing for a table without rows.
fn section(text: &mut String, heading: &str, heads: &[&str], rows: Vec<Vec<String>>) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n{heading}")?;
    let heads: Vec<String> = heads.iter().map(|&head| head.to_owned()).collect();
    let width = |column: usize| rows.iter().chain([&heads]).map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    for row in [&heads].into_iter().chain(&rows) {
        let mut line = String::new();
        for (cell, &width) in row.iter().zip(&widths) {
            match cell.chars().all(|digit| digit.is_ascii_digit()) {
                true => write!(line, "  {cell:>width$}")?,
                false => write!(line, "  {cell:<width$}")?,
            }
        }
        writeln!(text, "{}", line.trim_end())?;
    }
    Ok(())
}

fn bytes(floats: usize) -> usize {
    floats * size_of::<f32>()
}

fn start(floats: Option<usize>) -> String {
    floats.map_or_else(|| "none".to_owned(), |floats| bytes(floats).to_string())
}

fn tensor(plan: &Plan<'_>, tensor: TensorId) -> String {
    plan.tensors[tensor.0].name.to_string()
}

fn inputs(plan: &Plan<'_>) -> Vec<Vec<String>> {
    let inputs = plan.network.inputs.iter().map(|input| {
        let element = if input.element == Element::U32 { "u32" } else { "" };
        vec![input.name.to_string(), format!("{element}{:?}", input.shape)]
    });
    inputs.collect()
}

fn outputs(plan: &Plan<'_>) -> Vec<Vec<String>> {
    let outputs = plan.network.outputs.iter().zip(&plan.outputs);
    outputs
        .map(|(output, place)| vec![output.name.to_string(), format!("{:?}", output.shape), tensor(plan, place.tensor)])
        .collect()
}

fn fields(plan: &Plan<'_>) -> Vec<Vec<String>> {
    let fields = plan.fields.iter().map(|field| {
        let holds = match &field.holds {
            Holds::Weights(weights) => {
                let parameters = weights.named().map(|(name, parameter)| format!("{name} {:?}", parameter.dims));
                parameters.collect::<Vec<_>>().join(", ")
            }
            Holds::Network(_) => "the weights of that network".to_owned(),
        };
        vec![field.name.to_string(), field.source.clone(), holds]
    });
    fields.collect()
}

/// The tensors that some step computes; fusion has removed the others.
fn tensors(plan: &Plan<'_>) -> Vec<Vec<String>> {
    let kept = (0..plan.tensors.len()).filter(|&tensor| plan.training.tensors[tensor].is_some());
    kept.map(|index| {
        let len = plan.tensors[index].len;
        vec![
            tensor(plan, TensorId(index)),
            len.to_string(),
            bytes(len).to_string(),
            start(plan.training.tensors[index]),
            match plan.training.gradient_places[index] {
                GradientPlace::Own => start(plan.training.tensor_gradients[index]),
                GradientPlace::Over { mask: false } => "in place".to_owned(),
                GradientPlace::Over { mask: true } => "in place, masked".to_owned(),
            },
            start(plan.inference.tensors[index]),
        ]
    })
    .collect()
}

fn input_gradients(plan: &Plan<'_>) -> Vec<Vec<String>> {
    let starts = plan.network.inputs.iter().zip(&plan.training.input_gradients);
    starts
        .filter(|(_, place)| place.is_some())
        .map(|(input, place)| {
            let len = input.shape.iter().product::<usize>();
            vec![input.name.to_string(), len.to_string(), bytes(len).to_string(), start(*place)]
        })
        .collect()
}

fn memory(plan: &Plan<'_>, pass: &str, layout: &Layout, text: &mut String) -> fmt::Result {
    let result = |step: usize| tensor(plan, plan.steps[step].result());
    let moment = match layout.peak.moment {
        Moment::Forward(step) => format!("forward computes `{}`", result(step)),
        Moment::Losses => "the losses are computed".to_owned(),
        Moment::Backward(step) => format!("backward goes through `{}`", result(step)),
        Moment::End => "everything is computed".to_owned(),
    };
    writeln!(
        text,
        "\n{pass}: {} bytes for each sample; most are in use when {moment}: {}",
        bytes(layout.floats),
        bytes(layout.peak.floats)
    )?;
    for Grouped { steps, samples, floats } in &layout.grouped {
        let [first, last] = [steps.start, steps.end - 1].map(result);
        writeln!(
            text,
            "`{first}` to `{last}` in groups of {samples} samples: {} bytes for each of a group",
            bytes(*floats)
        )?;
    }
    Ok(())
}

fn steps(plan: &Plan<'_>) -> Vec<Vec<String>> {
    let steps = plan.steps.iter().enumerate().map(|(index, Step { compute, descriptor, operands, results, times })| {
        let operands = operands.iter().map(|place| match *place {
            Place::Input(input) => plan.network.inputs[input].name.to_string(),
            Place::Tensor(operand) => tensor(plan, operand),
        });
        let path = |weights: &[Ident]| weights.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
        let (weights, then) = match compute {
            Compute::Layer(LayerCall { weights, activation, pooled, saved, copies_nothing, inference, .. }) => {
                let weights = weights.as_ref().map_or_else(String::new, |weights| path(&weights.path));
                let activation = activation.as_ref().map(|activation| activation.constant.to_string());
                let pool = pooled.then(|| "largest of 2x2".to_owned());
                let saved = saved.iter().map(|kept| format!("keeps {}", tensor(plan, kept.tensor)));
                let parts = copies_nothing.then(|| "copies nothing".to_owned());
                let inference = match inference {
                    InInference::Same => None,
                    InInference::Takes(taken) => {
                        let steps: Vec<_> = taken.steps.iter().map(ToString::to_string).collect();
                        Some(format!("with {} in inference", steps.join(", ")))
                    }
                    InInference::Taken => Some("in training alone".to_owned()),
                };
                let all = activation.into_iter().chain(pool).chain(parts).chain(saved).chain(inference);
                (weights, all.collect::<Vec<_>>().join(", "))
            }
            Compute::Announced { weights, workspace: _, frozen: _ } => (path(weights), String::new()),
        };
        let wanted = match plan.tensor_gradients[results[0].0] {
            Wanted { by_weights: true, by_inputs: true } => "weights and inputs",
            Wanted { by_weights: true, by_inputs: false } => "weights",
            Wanted { by_weights: false, by_inputs: true } => "inputs",
            Wanted { by_weights: false, by_inputs: false } => "nobody",
        };
        vec![
            (index + 1).to_string(),
            match compute {
                Compute::Layer(LayerCall { part: Some(part), .. }) => {
                    format!("{} from {}", tensor(plan, results[0]), bytes(part.start))
                }
                _ => results.iter().map(|&result| tensor(plan, result)).collect::<Vec<_>>().join(", "),
            },
            if *times == 1 { descriptor.to_string() } else { format!("{descriptor}, {times} times") },
            operands.collect::<Vec<_>>().join(", "),
            weights,
            then,
            wanted.to_owned(),
        ]
    });
    steps.collect()
}

fn losses(plan: &Plan<'_>) -> Vec<Vec<String>> {
    plan.heads.iter().flat_map(|head| head_rows(plan, head)).collect()
}

fn head_rows(plan: &Plan<'_>, head: &Head) -> Vec<Vec<String>> {
    let output = &plan.network.outputs[head.output];
    let last =
        |path: proc_macro2::TokenStream| path.into_iter().last().as_ref().map_or(String::new(), ToString::to_string);
    let losses = head.terms.iter().map(|Term { weight, loss, reads, from_logits }| {
        let logits = if *from_logits { ", the logits" } else { "" };
        let from = format!("{}{logits}", tensor(plan, *reads));
        vec![output.name.to_string(), weight.to_string(), last(loss.path()), from]
    });
    let metrics = head.metrics.iter().map(|metric| {
        let from = tensor(plan, plan.outputs[head.output].tensor);
        vec![
            output.name.to_string(),
            "metric".to_owned(),
            last(metric.metric.path(&output.shape, &metric.target)),
            from,
        ]
    });
    losses.chain(metrics).collect()
}
