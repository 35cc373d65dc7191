//! Stages around stages: they have no kernels, but are opened into layers while names are resolved, as templates are.

use crate::arguments::Parameter;

/// How a stage around stages is written.
#[derive(Debug)]
pub struct Wrapper {
    /// Its name.
    pub name: &'static str,
    /// What it takes in parentheses.
    pub parameters: &'static [Parameter<'static>],
    /// What it is opened into.
    pub opens: Opens,
}

/// What a stage around stages is opened into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// The stages, applied to each step: steps are samples for them.
    EachStep,
}

/// Every stage around stages, sorted by name.
pub static WRAPPERS: &[Wrapper] =
    &[Wrapper { name: "TimeDistributed", parameters: &[Parameter::required("stages")], opens: Opens::EachStep }];

/// The one of this name.
pub fn find(name: &str) -> Option<&'static Wrapper> {
    WRAPPERS.iter().find(|wrapper| wrapper.name == name)
}
