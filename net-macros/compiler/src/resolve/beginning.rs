//! How the weights of a stage begin, where the user says so.

use std::rc::Rc;

use proc_macro2::Ident;

use super::network::Builder;
use crate::errors::Message;
use crate::initializers;
use crate::layers::Layer;
use crate::layers::beginning::{Chosen, arguments, beginning, meant};
use crate::syntax::Value;

impl Builder<'_> {
    /// The layer of the stage `callee` with weights that begin as these arguments say; `None` if that cannot be, which has been told,
    /// `Some(None)` if that depends on a number that is not known, since a definition is checked.
    pub(super) fn beginning(
        &mut self,
        callee: &Ident,
        layer: Rc<dyn Layer>,
        of_weights: &[(Ident, Value)],
    ) -> Option<Option<Rc<dyn Layer>>> {
        let before = self.errors.len();
        let mut known = true;
        let mut chosen: Vec<Chosen> = Vec::new();
        for (argument, value) in of_weights {
            let text = argument.to_string();
            let weights = layer.holder().map_or_else(Vec::new, |holder| meant(holder, &text));
            if weights.is_empty() {
                let message = Message::new(argument.span(), format!("`{callee}` has no argument `{text}`"));
                self.errors.push(message.help(match layer.holder() {
                    Some(holder) => format!("how its weights begin is said by {}", arguments(holder)),
                    None => "it has no weights".to_owned(),
                }));
                continue;
            }
            if let Some(other) = chosen.iter().find(|other| other.weights == weights) {
                let text = match other.argument == text {
                    true => format!("`{text}` of `{callee}` is given twice"),
                    false => format!("`{}` and `{text}` of `{callee}` are about the same weights", other.argument),
                };
                self.errors.error(argument.span(), text);
                continue;
            }
            let callee = callee.to_string();
            match initializers::resolve(argument, value, &callee, self.constants, self.errors) {
                Some(initial) => chosen.push(Chosen { argument: text, weights, initial }),
                None => known = false,
            }
        }
        if self.errors.len() > before {
            return None;
        }
        // What is said of one weight counts more than what is said of several.
        chosen.sort_by_key(|chosen| std::cmp::Reverse(chosen.weights.len()));
        Some(known.then(|| beginning(layer, chosen)))
    }
}
