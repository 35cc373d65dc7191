//! Words that are the value of an argument and may have arguments of their own: `init = he_normal`, `kernel_regularizer = l2(1e-4)`.

use proc_macro2::{Ident, Span};

use crate::arguments::{self, Arguments, Beside, Parameter};
use crate::constants::Constants;
use crate::errors::{Errors, Message};
use crate::suggest;
use crate::syntax::{self, Argument, Stage, Value};

/// One word, and what it means.
pub struct Entry<T> {
    /// The word.
    pub name: &'static str,
    /// Its arguments.
    pub parameters: &'static [Parameter<'static>],
    /// What it means with these arguments.
    pub build: fn(&mut Arguments<'_>) -> Option<T>,
}

/// All words that can be the value of an argument.
pub struct Vocabulary<T: 'static> {
    /// What each of them is: `an initializer`.
    pub one: &'static str,
    /// One of them.
    pub example: &'static str,
    /// The words, sorted.
    pub entries: &'static [Entry<T>],
    /// The word whose first argument a number alone probably is.
    pub of_number: &'static str,
    /// What other libraries call them.
    pub elsewhere: fn(&str) -> Option<String>,
}

impl<T> Vocabulary<T> {
    /// What the user wrote for an argument of a stage; `None` if it is none of these, which has been told, or if it depends on a
    /// number that is not known.
    pub fn resolve(
        &self,
        argument: &Ident,
        value: &Value,
        callee: &str,
        constants: &Constants,
        errors: &mut Errors,
    ) -> Option<T> {
        let (name, items) = match value {
            Value::Word(name) => (name, &[][..]),
            Value::Chain(stages) if stages.len() == 1 && stages[0].path.get_ident().is_some() => {
                (stages[0].name(), items(&stages[0]))
            }
            value => {
                errors.push(self.another_kind(argument, value, callee));
                return None;
            }
        };
        let text = name.to_string();
        let Some(entry) = self.find(&text) else {
            errors.push(self.unknown(name.span(), &text));
            return None;
        };
        let mut arguments = arguments::bind(name, &text, items, entry.parameters, Beside::Nothing, constants, errors);
        let built = (entry.build)(&mut arguments);
        built.filter(|_| arguments.sound)
    }

    /// What to say of a value that is no word.
    fn another_kind(&self, argument: &Ident, value: &Value, callee: &str) -> Message {
        let Self { one, example, of_number, .. } = self;
        let found = match value {
            Value::Chain(stages) if stages.len() == 1 => format!("`{value}`"),
            value => value.found(),
        };
        let text = format!("`{argument}` of `{callee}` is {one} such as `{example}`, but this is {found}");
        let message = Message::new(value.span(), text);
        let help = match value {
            Value::Integer { .. } | Value::Float { .. } | Value::Operation { .. } => {
                Some(format!("write `{argument} = {of_number}({value})`"))
            }
            Value::Text(literal) if self.find(&literal.value()).is_some() => {
                Some(format!("write it without quotes: `{argument} = {}`", literal.value()))
            }
            Value::Text(literal) => (self.elsewhere)(&literal.value()),
            Value::Chain(stages) if stages.len() == 1 => {
                let name = stages[0].name().to_string();
                match self.find(&name) {
                    Some(_) => {
                        let items = syntax::list(items(&stages[0]));
                        let items = if items.is_empty() { items } else { format!("({items})") };
                        Some(format!("write it without its path: `{argument} = {name}{items}`"))
                    }
                    None => (self.elsewhere)(&name),
                }
            }
            _ => None,
        };
        Message { help, ..message }
    }

    fn unknown(&self, place: Span, text: &str) -> Message {
        let kind = self.one.split_once(' ').map_or(self.one, |(_, kind)| kind);
        let message = Message::new(place, format!("unknown {kind} `{text}`"));
        let names = self.entries.iter().map(|entry| entry.name);
        let help = match text {
            "None" | "none" => Some("leave the argument out".to_owned()),
            _ => (self.elsewhere)(text).or_else(|| suggest::help(text, names, &format!("the {kind}s are"))),
        };
        Message { help, ..message }
    }

    fn find(&self, name: &str) -> Option<&'static Entry<T>> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

fn items(stage: &Stage) -> &[Argument] {
    stage.arguments.as_ref().map_or(&[], |arguments| &arguments.items)
}
