//! What weights may be held to, as the user writes it: `kernel_constraint = max_norm(2)`.

use crate::arguments::{Arguments, Parameter};
use crate::elsewhere;
use crate::layers::Constraint;
use crate::vocabulary::{Entry, Vocabulary};

/// The constraints.
pub static CONSTRAINTS: Vocabulary<Constraint> = Vocabulary {
    one: "a constraint",
    example: "max_norm(2)",
    entries: ENTRIES,
    of_number: "max_norm",
    elsewhere: elsewhere::constraint,
};

/// Every constraint, sorted by name.
static ENTRIES: &[Entry<Constraint>] = &[
    Entry {
        name: "max_norm",
        parameters: &[Parameter::optional("max_value", "2.0"), Parameter::optional("axis", "0")],
        build: |arguments| {
            let most = length(arguments, "max_value", 2.0);
            let axes = arguments.places("axis", 0);
            Some(Constraint::Norm { range: [0.0, most?], rate: 1.0, axes: axes? })
        },
    },
    Entry {
        name: "min_max_norm",
        parameters: &[
            Parameter::optional("min_value", "0.0"),
            Parameter::optional("max_value", "1.0"),
            Parameter::optional("rate", "1.0"),
            Parameter::optional("axis", "0"),
        ],
        build: |arguments| {
            let least = length(arguments, "min_value", 0.0);
            let most = length(arguments, "max_value", 1.0);
            let rate = arguments.number_within("rate", Some(1.0), |rate| (0.0..=1.0).contains(&rate), "from 0 to 1");
            let axes = arguments.places("axis", 0);
            let (least, most) = (least?, most?);
            if least > most {
                let text = format!("`min_value` of `min_max_norm` must not be above `max_value`, which is {most}");
                arguments.reject("min_value", text);
                return None;
            }
            Some(Constraint::Norm { range: [least, most], rate: rate?, axes: axes? })
        },
    },
    Entry { name: "non_neg", parameters: &[], build: |_| Some(Constraint::NonNegative) },
    Entry {
        name: "unit_norm",
        parameters: &[Parameter::optional("axis", "0")],
        build: |arguments| Some(Constraint::Norm { range: [1.0, 1.0], rate: 1.0, axes: arguments.places("axis", 0)? }),
    },
];

fn length(arguments: &mut Arguments<'_>, name: &str, default: f32) -> Option<f32> {
    arguments.number_within(name, Some(default), |length| length >= 0.0, "at least 0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_are_sorted_by_name() {
        assert!(ENTRIES.is_sorted_by_key(|entry| entry.name));
    }
}
