//! What weights and activities are held to: terms that they add to the loss, and constraints.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{float, integer};
use crate::arguments::Arguments;

/// A term of the loss, by a function of `net_runtime::regularizers`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Regularizer {
    /// Factors of the sum of all magnitudes and of the sum of all squares.
    Sums {
        /// Of the magnitudes.
        l1: f32,
        /// Of the squares.
        l2: f32,
    },
    /// The mean magnitude of the cosines between the vectors of a matrix.
    Orthogonal {
        /// What it is multiplied by.
        factor: f32,
        /// Whether the vectors are columns; else they are rows.
        columns: bool,
    },
}

impl Regularizer {
    /// Both sums, with factors that arguments called `l1` and `l2` say.
    pub fn sums(arguments: &mut Arguments<'_>) -> Option<Self> {
        let [l1, l2] = ["l1", "l2"].map(|name| Self::factor(arguments, name, 0.0));
        Some(Self::Sums { l1: l1?, l2: l2? })
    }

    /// A factor, by an argument.
    pub fn factor(arguments: &mut Arguments<'_>, name: &str, default: f32) -> Option<f32> {
        arguments.number_within(name, Some(default), |factor| factor >= 0.0, "at least 0")
    }

    /// Whether it adds nothing, whatever the numbers.
    pub fn is_nothing(self) -> bool {
        matches!(self, Self::Sums { l1: 0.0, l2: 0.0 } | Self::Orthogonal { factor: 0.0, .. })
    }

    /// Whether it can be one of the weight of this name and these dimensions; else a sentence about it.
    pub fn fits(self, name: &str, dims: &[usize]) -> Result<(), String> {
        let Self::Orthogonal { columns, .. } = self else { return Ok(()) };
        let &[rows, of_columns] = dims else {
            return Err(format!("`orthogonal` is for a matrix, but the {name} is {dims:?}"));
        };
        match if columns { of_columns } else { rows } {
            ..2 => {
                let vectors = if columns { "columns" } else { "rows" };
                Err(format!("`orthogonal` compares {vectors}, of which the {name}, {dims:?}, has one"))
            }
            _ => Ok(()),
        }
    }

    /// As generated code has it, an expression in `const` context.
    pub fn code(self) -> TokenStream {
        let name = |name: &str| Ident::new(name, proc_macro2::Span::mixed_site());
        match self {
            Self::Sums { l1, l2 } => {
                let [l1, l2] = [l1, l2].map(float);
                quote!(::net_runtime::regularizers::l1_l2(#l1, #l2))
            }
            Self::Orthogonal { factor, columns } => {
                let (factor, vectors) = (float(factor), name(if columns { "Columns" } else { "Rows" }));
                quote!(::net_runtime::regularizers::orthogonal(#factor, ::net_runtime::regularizers::Vectors::#vectors))
            }
        }
    }
}

/// What is done to weights after every step, by a function of `net_runtime::constraints`.
#[derive(Clone, Debug, PartialEq)]
pub enum Constraint {
    /// What is negative becomes 0.
    NonNegative,
    /// Vectors become longer or shorter.
    Norm {
        /// Their least and their largest length.
        range: [f32; 2],
        /// How much of the way there they go in a step.
        rate: f32,
        /// The axes that a vector has, from the first on; negative ones from the end until the weights are known.
        axes: Vec<i64>,
    },
}

impl Constraint {
    /// The same for a weight with so many axes, or the axis that it does not have.
    pub fn of_axes(&self, rank: usize) -> Result<Self, i64> {
        let Self::Norm { range, rate, axes } = self else { return Ok(self.clone()) };
        let end = i64::try_from(rank).unwrap_or(i64::MAX);
        let from_start = |&axis: &i64| match axis {
            0.. if axis < end => Ok(axis),
            ..0 if -end <= axis => Ok(axis + end),
            _ => Err(axis),
        };
        let mut axes = axes.iter().map(from_start).collect::<Result<Vec<i64>, i64>>()?;
        axes.sort_unstable();
        axes.dedup();
        Ok(Self::Norm { range: *range, rate: *rate, axes })
    }

    /// As generated code has it, an expression in `const` context.
    pub fn code(&self) -> TokenStream {
        match self {
            Self::NonNegative => quote!(::net_runtime::constraints::non_neg()),
            Self::Norm { range, rate, axes } => {
                let ([least, most], rate) = (range.map(float), float(*rate));
                let axes = axes.iter().map(|&axis| integer(usize::try_from(axis).unwrap_or_default()));
                quote!(::net_runtime::constraints::min_max_norm(#least, #most, #rate, &[#(#axes),*]))
            }
        }
    }
}
