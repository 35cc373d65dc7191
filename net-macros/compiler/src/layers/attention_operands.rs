//! What attention takes: queries, keys, values and masks.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::Misfit;
use super::signature::{Given, NamedOperand};
use crate::shape::Shape;

/// A query; what it looks for and what it finds there, both the same if one of them is left out, and the query itself if both are.
pub(super) const QUERY: NamedOperand = NamedOperand::required("query");
pub(super) const KEY: NamedOperand = NamedOperand::optional("key");
pub(super) const VALUE: NamedOperand = NamedOperand::optional("value").with("key");
/// What each query sees.
pub(super) const MASK: NamedOperand = NamedOperand::named("mask");

/// Which of them a use is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sources {
    /// Operands that are query, key and value.
    pub count: usize,
    /// Whether there is a mask behind them.
    pub masked: bool,
}

/// The shapes of a use.
pub(super) struct Shapes {
    pub queries: usize,
    pub keys: usize,
    /// Features of query, key and value.
    pub inputs: [usize; 3],
}

impl Shapes {
    /// For what does not fit, which has been told.
    pub const STAND_IN: Self = Self { queries: 1, keys: 1, inputs: [1; 3] };
}

impl Sources {
    /// A query alone.
    pub const ONE: Self = Self { count: 1, masked: false };

    pub fn of(operands: &Given) -> Self {
        let count = ["query", "key", "value"].into_iter().filter(|name| operands.has(name)).count();
        Self { count, masked: operands.has("mask") }
    }

    /// Which operand is query, key and value.
    pub fn roles(self) -> [usize; 3] {
        [0, 1, 2].map(|role| role.min(self.count - 1))
    }

    /// Where the mask is among the operands.
    pub fn mask(self) -> Option<usize> {
        self.masked.then_some(self.count)
    }

    /// The shapes of operands of the layer of this name, or why they do not fit.
    pub fn shapes(self, name: &str, operands: &[Shape]) -> Result<Shapes, Misfit> {
        let mut pairs = [[0; 2]; 3];
        for (pair, role) in pairs.iter_mut().zip(self.roles()) {
            let operand = &operands[role];
            *pair = <[usize; 2]>::try_from(operand.as_slice()).map_err(|_| {
                let text = format!("`{name}` needs [steps, features], but {{{role}}} is {operand:?}");
                Misfit::operand(role, text).without_steps(role).help(match operand.as_slice() {
                    [features] => format!("`Reshape({features}, 1)` before it makes {features} steps of one feature"),
                    _ => "`Reshape(steps, features)` before it makes steps of other shapes".to_owned(),
                })
            })?;
        }
        let [[queries, _], [keys, _], [values, _]] = pairs;
        if keys != values {
            let text = format!(
                "key and value of `{name}` need equally many steps, but {{1}} is {:?} and {{2}} is {:?}",
                operands[1], operands[2]
            );
            return Err(Misfit::operand(2, text).help("they are given as `(query, key, value)`"));
        }
        if let Some((index, mask)) = self.mask().map(|index| (index, &operands[index]))
            && *mask != [keys]
            && *mask != [queries, keys]
        {
            let text = format!("the mask of `{name}` is [{keys}] or [{queries}, {keys}], but {{{index}}} is {mask:?}");
            return Err(Misfit::operand(index, text)
                .help("it has a number for each key, or for each query and key: 0 where a key is not seen"));
        }
        Ok(Shapes { queries, keys, inputs: pairs.map(|[_, features]| features) })
    }

    /// What the mask is, as a descriptor has it.
    pub fn mask_kind(self, operands: &[Shape]) -> TokenStream {
        let kind = match self.mask().and_then(|index| operands.get(index)) {
            None => "None",
            Some(mask) if mask.len() == 1 => "Keys",
            Some(_) => "Pairs",
        };
        let kind = Ident::new(kind, Span::mixed_site());
        quote!(::net_runtime::layers::AttentionMask::#kind)
    }
}
