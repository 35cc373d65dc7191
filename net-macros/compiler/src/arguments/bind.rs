//! Which argument is which: those that were given against those that can be, and what is said where they do not match.

use proc_macro2::{Ident, Span};

use super::{Arguments, Parameter, usage};
use crate::constants::Constants;
use crate::elsewhere;
use crate::errors::{Errors, Message};
use crate::suggest;
use crate::syntax::{Argument, Value};

/// What is taken beside the parameters, always with its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// The `name` of a stage, and whether it is `frozen`.
    Name,
    /// That, and what is said of its weights: `bias_init`, `kernel_regularizer`.
    NameAndWeights,
}

/// Matches arguments with parameters.
pub fn bind<'a>(
    callee: &'a Ident,
    callee_text: &'a str,
    items: &'a [Argument],
    parameters: &'a [Parameter<'a>],
    beside: Beside,
    constants: &'a Constants,
    errors: &'a mut Errors,
) -> Arguments<'a> {
    let before = errors.len();
    let mut given: Vec<Vec<&Value>> = parameters.iter().map(|_| Vec::new()).collect();
    let mut name = None;
    let mut frozen = None;
    let mut of_weights = Vec::new();
    let mut position = 0;
    let mut surplus = false;
    let mut named = false;
    for Argument { name: argument, value } in items {
        let Some(argument) = argument else {
            if named {
                errors.error(value.span(), "an argument without a name cannot follow one with a name");
                position = parameters.len();
                continue;
            }
            match parameters.get(position) {
                Some(parameter) if !parameter.by_name => {
                    given[position].push(value);
                    position += usize::from(!parameter.list);
                }
                _ if surplus => {}
                Some(parameter) if positional(items).count() <= parameters.len() => {
                    surplus = true;
                    errors.push(without_name(value, parameter, (callee_text, items), parameters, constants));
                }
                _ => {
                    surplus = true;
                    let first = positional(items).nth(parameters.len()).unwrap_or(value);
                    errors.push(too_many(first.span(), callee_text, parameters));
                }
            }
            continue;
        };
        named = true;
        let text = argument.to_string();
        if let Some(index) = parameters.iter().position(|parameter| parameter.name == text) {
            if given[index].is_empty() {
                given[index].push(value);
            } else {
                errors.error(argument.span(), format!("`{text}` of `{callee_text}` is given twice"));
            }
        } else if beside != Beside::Nothing && text == "name" {
            match value {
                Value::Word(_) if name.is_some() => errors.error(argument.span(), "`name` is given twice"),
                Value::Word(word) => name = Some(word),
                _ => {
                    let text = format!("`name` is a word such as `first`, but this is {}", value.found());
                    let is_name = |text: &str| syn::parse_str::<Ident>(text).is_ok();
                    errors.push(without_quotes(Message::new(value.span(), text), "name", value, is_name));
                }
            }
        } else if beside != Beside::Nothing && text == "frozen" {
            match value {
                Value::Bool(_) if frozen.is_some() => errors.error(argument.span(), "`frozen` is given twice"),
                Value::Bool(literal) => frozen = Some(literal.value()),
                _ => {
                    let text = format!("`frozen` is `true` or `false`, but this is {}", value.found());
                    let is_flag = |text: &str| matches!(text, "true" | "false");
                    errors.push(without_quotes(Message::new(value.span(), text), "frozen", value, is_flag));
                }
            }
        } else if beside == Beside::NameAndWeights && is_of_weights(&text) {
            of_weights.push((argument, value));
        } else {
            errors.push(unknown(argument, value, callee_text, parameters, constants));
            // Its value is checked as what it is called here.
            let here = counterpart(&text, parameters);
            let index = here.and_then(|here| parameters.iter().position(|parameter| parameter.name == here));
            given
                .iter_mut()
                .enumerate()
                .filter(|(place, given)| Some(*place) == index && given.is_empty())
                .for_each(|(_, given)| given.push(value));
        }
    }
    let missing: Vec<_> = parameters
        .iter()
        .zip(&given)
        .filter(|(parameter, given)| parameter.default.is_none() && given.is_empty())
        .map(|(parameter, _)| parameter.name)
        .collect();
    // What was misspelt is probably what is missing.
    if !missing.is_empty() && errors.len() == before {
        let noun = if missing.len() == 1 { "its argument" } else { "its arguments" };
        let text = format!("`{callee_text}` needs {noun} {}", suggest::quoted(&missing));
        errors.push(Message::new(callee.span(), text).help(format!("write `{}`", usage(callee_text, parameters))));
    }
    let sound = errors.len() == before;
    let frozen = frozen.unwrap_or_default();
    Arguments { callee: callee_text, parameters, given, constants, errors, name, frozen, of_weights, sound }
}

/// Whether an argument of this name says something of weights, whichever a layer has.
fn is_of_weights(name: &str) -> bool {
    name == "init" || ["_init", "_regularizer", "_constraint"].iter().any(|end| name.ends_with(end))
}

/// Offers to leave out the quotes of what is right without them.
pub(super) fn without_quotes(
    message: Message,
    parameter: &str,
    value: &Value,
    right: impl Fn(&str) -> bool,
) -> Message {
    match value {
        Value::Text(literal) if right(&literal.value()) => {
            message.help(format!("write it without quotes: `{parameter} = {}`", literal.value()))
        }
        _ => message,
    }
}

/// What to do about a word that is no constant, where it can be told from the word: an activation, a word of another
/// argument, an argument's own name.
pub(super) fn misplaced_word(
    callee: &str,
    word: &str,
    parameters: &[Parameter<'_>],
    constants: &Constants,
) -> Option<String> {
    if word == "None" {
        return Some("leave it out, which means its default".to_owned());
    }
    // A function of ours has no activation behind it; for one, such a word says how it is computed.
    let function = constants.is_stage(callee) && callee.starts_with(char::is_lowercase);
    if constants.is_stage(word) && !function {
        return Some(format!("an activation is a stage of its own: `{callee}(...) -> {word}`"));
    }
    let named = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
    match word {
        "same" | "valid" if named("padding") => Some(format!("write `padding = {word}`")),
        "frozen" => Some("write `frozen = true`".to_owned()),
        _ if named(word) => Some(format!("it is the name of an argument: write `{word} = ...`")),
        _ => None,
    }
}

/// The arguments without a name.
fn positional(items: &[Argument]) -> impl Iterator<Item = &Value> {
    items.iter().filter(|item| item.name.is_none()).map(|item| &item.value)
}

/// An argument without a name where `parameter` would be next, which is written with its name.
fn without_name(
    value: &Value,
    parameter: &Parameter<'_>,
    (callee, items): (&str, &[Argument]),
    parameters: &[Parameter<'_>],
    constants: &Constants,
) -> Message {
    let others: Vec<_> = parameters.iter().filter(|parameter| !parameter.by_name).map(|other| other.name).collect();
    let text = match others.len() {
        0 => format!("`{}` of `{callee}` is written with its name", parameter.name),
        _ => format!("`{callee}` takes only {} without a name", suggest::quoted(&others).replace(", ", " and ")),
    };
    let word = match value {
        Value::Word(word) => Some(word.to_string()),
        Value::Text(literal) => Some(literal.value()),
        _ => None,
    };
    let given: Vec<&Value> = positional(items).collect();
    let help = word
        .and_then(|word| misplaced_word(callee, &word, parameters, constants))
        .or_else(|| elsewhere::order(callee, &given))
        .unwrap_or_else(|| format!("write `{} = {value}`", parameter.name));
    Message::new(value.span(), text).help(help)
}

fn too_many(span: Span, callee: &str, parameters: &[Parameter<'_>]) -> Message {
    let text = match parameters.len() {
        0 => return Message::new(span, format!("`{callee}` takes no arguments")),
        1 => format!("`{callee}` takes one argument"),
        count => format!("`{callee}` takes at most {count} arguments"),
    };
    Message::new(span, text).help(format!("write `{}`", usage(callee, parameters)))
}

/// The parameter that an argument of Keras or PyTorch is here.
fn counterpart(name: &str, parameters: &[Parameter<'_>]) -> Option<&'static str> {
    let ours = |here: &&&str| parameters.iter().any(|parameter| parameter.name == **here);
    elsewhere::argument(name).iter().find(ours).copied()
}

fn unknown(
    argument: &Ident,
    value: &Value,
    callee: &str,
    parameters: &[Parameter<'_>],
    constants: &Constants,
) -> Message {
    let text = argument.to_string();
    let message = Message::new(argument.span(), format!("`{callee}` has no argument `{text}`"));
    if let Some(here) = counterpart(&text, parameters) {
        return message.help(format!("here it is called `{here}`"));
    }
    if text == "activation" {
        let given = match value {
            Value::Word(word) => word.to_string(),
            Value::Text(literal) => literal.value(),
            _ => String::new(),
        };
        let name = if constants.is_stage(&given) { &given } else { "relu" };
        return message.help(format!("an activation is a stage of its own: `{callee}(...) -> {name}`"));
    }
    if let Some(help) = elsewhere::surplus_argument(callee, &text) {
        return message.help(help);
    }
    let names: Vec<_> = parameters.iter().map(|parameter| parameter.name).collect();
    let all = if names.len() == 1 { "its argument is" } else { "its arguments are" };
    match suggest::help(&text, names.into_iter(), all) {
        Some(help) => message.help(help),
        None => message.help(format!("`{callee}` takes no arguments")),
    }
}
