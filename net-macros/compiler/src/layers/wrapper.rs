//! Stages around stages: they have no kernels, but are opened into layers while names are resolved, as templates are.

use std::rc::Rc;

use super::signature::NamedOperand;
use super::{Layer, concat, merge};
use crate::arguments::Parameter;

/// How a stage around stages is written.
#[derive(Debug)]
pub struct Wrapper {
    /// Its name.
    pub name: &'static str,
    /// What it takes in parentheses.
    pub parameters: &'static [Parameter<'static>],
    /// Which of these are stages.
    pub stages: &'static [&'static str],
    /// What it is opened into.
    pub opens: Opens,
}

/// What a stage around stages is opened into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// The stages, applied to each step: steps are samples for them.
    EachStep,
    /// A layer that goes from step to step twice, in both directions, and what merges the two.
    BothDirections,
}

/// Every stage around stages, sorted by name.
pub static WRAPPERS: &[Wrapper] = &[
    Wrapper {
        name: "Bidirectional",
        parameters: &[
            Parameter::required("stage"),
            Parameter::named("backward", "stage"),
            Parameter::named("merge", "concat"),
        ],
        stages: &["stage", "backward"],
        opens: Opens::BothDirections,
    },
    Wrapper {
        name: "TimeDistributed",
        parameters: &[Parameter::required("stages")],
        stages: &["stages"],
        opens: Opens::EachStep,
    },
];

/// The one of this name.
pub fn find(name: &str) -> Option<&'static Wrapper> {
    WRAPPERS.iter().find(|wrapper| wrapper.name == name)
}

/// Whether a word among the arguments of a stage is a stage.
pub fn takes_stage(stage: &str, argument: Option<&str>) -> bool {
    find(stage).is_some_and(|wrapper| argument.is_none_or(|argument| wrapper.stages.contains(&argument)))
}

/// How the results of both directions become one.
pub const MERGES: &[&str] = &["concat", "sum", "mul", "ave", "none"];

/// The layer that such a word stands for, with its name; `None` for `none`, which leaves both results as they are.
pub fn merge(word: &str) -> Option<(&'static str, Rc<dyn Layer>)> {
    match word {
        "concat" => Some(("Concat", concat::along_last())),
        "sum" => Some(("Add", merge::sum())),
        "mul" => Some(("Mul", merge::product())),
        "ave" => Some(("Average", merge::average())),
        _ => None,
    }
}

/// The states among what a layer takes that goes from step to step.
pub fn states(operands: &[NamedOperand]) -> Vec<&'static str> {
    operands.iter().map(|operand| operand.name).filter(|name| !matches!(*name, "x" | "mask")).collect()
}

/// What an operand of both directions is for one of them: the input and the mask are the same, a state is its own or none of
/// its.
pub fn of_direction(name: &'static str, direction: &str) -> Option<&'static str> {
    match name {
        "x" | "mask" => Some(name),
        state => state.strip_prefix(direction)?.strip_prefix('_'),
    }
}

/// What a layer takes that goes in both directions, by the names of its states: the input, the states of both, and a mask.
pub fn both_ways(states: &[&str]) -> &'static [NamedOperand] {
    const X: NamedOperand = NamedOperand::required("x");
    const MASK: NamedOperand = NamedOperand::named("mask");
    match states {
        ["state"] => const { &[X, NamedOperand::named("forward_state"), NamedOperand::named("backward_state"), MASK] },
        ["h", "c"] => {
            const {
                &[
                    X,
                    NamedOperand::named("forward_h").with("forward_c"),
                    NamedOperand::named("forward_c").with("forward_h"),
                    NamedOperand::named("backward_h").with("backward_c"),
                    NamedOperand::named("backward_c").with("backward_h"),
                    MASK,
                ]
            }
        }
        _ => const { &[X, MASK] },
    }
}
