//! What weights and activities may add to the loss, as the user writes it: `kernel_regularizer = l2(1e-4)`.

use crate::arguments::Parameter;
use crate::elsewhere;
use crate::layers::Regularizer;
use crate::vocabulary::{Entry, Vocabulary};

/// The regularizers.
pub static REGULARIZERS: Vocabulary<Regularizer> = Vocabulary {
    one: "a regularizer",
    example: "l2(0.01)",
    entries: ENTRIES,
    of_number: "l2",
    elsewhere: elsewhere::regularizer,
};

/// Every regularizer, sorted by name.
static ENTRIES: &[Entry<Regularizer>] = &[
    Entry {
        name: "l1",
        parameters: &[Parameter::optional("l1", "0.01")],
        build: |arguments| Some(Regularizer::Sums { l1: Regularizer::factor(arguments, "l1", 0.01)?, l2: 0.0 }),
    },
    Entry {
        name: "l1_l2",
        parameters: &[Parameter::optional("l1", "0.0"), Parameter::optional("l2", "0.0")],
        build: Regularizer::sums,
    },
    Entry {
        name: "l2",
        parameters: &[Parameter::optional("l2", "0.01")],
        build: |arguments| Some(Regularizer::Sums { l1: 0.0, l2: Regularizer::factor(arguments, "l2", 0.01)? }),
    },
    Entry {
        name: "orthogonal",
        parameters: &[Parameter::optional("factor", "0.01"), Parameter::optional("mode", "rows")],
        build: |arguments| {
            let factor = Regularizer::factor(arguments, "factor", 0.01);
            let mode = arguments.word("mode", "rows", &["rows", "columns"]);
            Some(Regularizer::Orthogonal { factor: factor?, columns: mode? == "columns" })
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regularizers_are_sorted_by_name() {
        assert!(ENTRIES.is_sorted_by_key(|entry| entry.name));
    }
}
