//! What the user says of the weights of a stage, and of its activity.

use std::rc::Rc;

use proc_macro2::Ident;

use super::network::Builder;
use crate::constraints::CONSTRAINTS;
use crate::errors::Message;
use crate::initializers::INITIALIZERS;
use crate::layers::chosen::{About, Chosen, Says, chosen, meant};
use crate::layers::{Layer, Regularizer};
use crate::regularizers::REGULARIZERS;
use crate::syntax::Value;

impl Builder<'_> {
    /// The layer of the stage `callee` of whose weights these arguments say something; `None` if that cannot be, which has been told,
    /// `Some(None)` if that depends on a number that is not known, since a definition is checked.
    pub(super) fn chosen(
        &mut self,
        callee: &Ident,
        layer: Rc<dyn Layer>,
        of_weights: &[(Ident, Value)],
    ) -> Option<Option<Rc<dyn Layer>>> {
        let before = self.errors.len();
        let mut known = true;
        let mut all: Vec<(About, Chosen)> = Vec::new();
        for (argument, value) in of_weights {
            let text = argument.to_string();
            let Some((about, name)) = About::named(&text) else { continue };
            let weights = if about == About::Activity { Vec::new() } else { meant(layer.as_ref(), name) };
            if weights.is_empty() && about != About::Activity {
                let message = Message::new(argument.span(), format!("`{callee}` has no argument `{text}`"));
                self.errors.push(message.help(match (layer.holder(), about) {
                    (Some(_), _) => format!("{} {}", about.said_by(), about.arguments(layer.as_ref())),
                    (None, About::Regularizer) => {
                        "it has no weights; what comes out of it has an `activity_regularizer`".to_owned()
                    }
                    (None, _) => "it has no weights".to_owned(),
                }));
                continue;
            }
            let same = |(other, chosen): &&(About, Chosen)| *other == about && chosen.weights == weights;
            if let Some((_, other)) = all.iter().find(same) {
                let text = match other.argument == text {
                    true => format!("`{text}` of `{callee}` is given twice"),
                    false => format!("`{}` and `{text}` of `{callee}` are about the same weights", other.argument),
                };
                self.errors.error(argument.span(), text);
                continue;
            }
            match self.says(callee, argument, about, value) {
                Some(says) => all.push((about, Chosen { argument: text, weights, says })),
                None => known = false,
            }
        }
        if self.errors.len() > before {
            return None;
        }
        // What is said of one weight counts more than what is said of several.
        all.sort_by_key(|(_, chosen)| std::cmp::Reverse(chosen.weights.len()));
        Some(known.then(|| chosen(layer, all.into_iter().map(|(_, chosen)| chosen).collect())))
    }

    /// What an argument says; `None` if it says nothing that can be, which has been told, or if it depends on a number that is not known.
    fn says(&mut self, callee: &Ident, argument: &Ident, about: About, value: &Value) -> Option<Says> {
        let (callee, constants) = (callee.to_string(), self.constants);
        match about {
            About::Beginning => {
                INITIALIZERS.resolve(argument, value, &callee, constants, self.errors).map(Says::Initial)
            }
            About::Constraint => {
                CONSTRAINTS.resolve(argument, value, &callee, constants, self.errors).map(Says::Constraint)
            }
            About::Regularizer | About::Activity => {
                let regularizer = REGULARIZERS.resolve(argument, value, &callee, constants, self.errors)?;
                if let (Regularizer::Orthogonal { .. }, About::Activity) = (regularizer, about) {
                    let text = "`orthogonal` is about the vectors of a matrix of weights, and an activity is none";
                    let help = "an activity has `l1(..)`, `l2(..)` or `l1_l2(..)`";
                    self.errors.push(Message::new(value.span(), text).help(help));
                    return None;
                }
                Some(Says::Regularizer(regularizer))
            }
        }
    }
}
