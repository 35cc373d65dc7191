//! The constants of a block, and arithmetic with them.

use std::collections::BTreeMap;

use proc_macro2::Ident;

use crate::errors::{Errors, Message};
use crate::suggest;
use crate::syntax::{Operator, Value};

/// Largest number that an argument or an axis may have: sums and products of two of them fit 64 bits.
pub const LARGEST: i64 = i32::MAX as i64;

/// The constants that are known so far.
#[derive(Clone, Debug)]
pub struct Constants {
    values: BTreeMap<String, Option<usize>>,
    /// Whether a word is a stage. What is known of layers is above arguments and constants; here it serves for what to say
    /// of a word that is no constant.
    is_stage: fn(&str) -> bool,
}

/// Why a calculation has no result; `None` if that was told where the constant was declared.
pub type Failure = Option<Message>;

impl Constants {
    /// None yet, in a language with these stages.
    pub fn new(is_stage: fn(&str) -> bool) -> Self {
        Self { values: BTreeMap::new(), is_stage }
    }

    /// Whether a word is a stage.
    pub fn is_stage(&self, word: &str) -> bool {
        (self.is_stage)(word)
    }

    /// Adds a constant; without a value if that could not be found, which has been told.
    pub fn declare(&mut self, name: &Ident, value: Option<usize>) {
        self.values.insert(name.to_string(), value);
    }

    /// What is declared of a constant, if that could be found.
    pub fn value(&self, name: &Ident) -> Option<usize> {
        self.values.get(&name.to_string()).copied().flatten()
    }

    /// Whether there is a constant of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The whole number that a value stands for.
    pub fn evaluate(&self, value: &Value) -> Result<i64, Failure> {
        match value {
            Value::Integer { minus, literal } => match literal.base10_parse::<i64>() {
                Ok(number) => Ok(if minus.is_some() { -number } else { number }),
                Err(_) => Err(Some(Message::new(literal.span(), format!("the number {literal} is too large")))),
            },
            Value::Word(name) => self.constant(name),
            Value::Tuple { items, .. } if items.len() == 1 => self.evaluate(&items[0]),
            Value::Operation { first, rest } => {
                let mut result = self.evaluate(first)?;
                for (operator, span, operand) in rest {
                    let operand = self.evaluate(operand)?;
                    result = calculate(result, *operator, operand).map_err(|text| {
                        Some(Message::new(*span, format!("{result} {} {operand} {text}", operator.symbol())))
                    })?;
                }
                Ok(result)
            }
            Value::Chain(stages) => Err(Some(match stages.first() {
                Some(stage) if stages.len() == 1 && stage.arguments.is_none() => {
                    let (name, text) = (stage.name(), format!("`{stage}` is not known here"));
                    Message::new(name.span(), text).help(match self.contains(&name.to_string()) {
                        true => format!("within the block it is called `{name}`"),
                        false => format!("announce it: `extern const {stage} = ...;`, and write `{name}` here"),
                    })
                }
                Some(stage) if stages.len() == 1 && stage.path.segments.len() > 1 => {
                    let text = format!("`{stage}` is not known here");
                    Message::new(stage.name().span(), text)
                        .help("only a constant can be announced: `extern const path = 10;`")
                }
                _ => not_whole(value),
            })),
            Value::Float { .. } | Value::Bool(_) | Value::Text(_) | Value::Tuple { .. } => Err(Some(not_whole(value))),
        }
    }

    fn constant(&self, name: &Ident) -> Result<i64, Failure> {
        let text = name.to_string();
        match self.values.get(&text) {
            Some(Some(value)) => Ok(i64::try_from(*value).unwrap_or(i64::MAX)),
            Some(None) => Err(None),
            None => {
                if text == "None" {
                    let message = Message::new(name.span(), "every axis has a fixed length, so it cannot be `None`");
                    return Err(Some(message.help("leave out the batch axis, and write the other lengths as numbers")));
                }
                let message = Message::new(name.span(), format!("unknown constant `{text}`"));
                Err(Some(match suggest::nearest(&text, self.values.keys().map(String::as_str)) {
                    Some(near) => message.help(format!("did you mean `{near}`?")),
                    None if text.starts_with(char::is_uppercase) => message.help(format!(
                        "declare it: `const {text}: usize = ...;`, or announce your crate's: `extern const path::{text} = ...;`"
                    )),
                    None => message.help(format!("declare it: `const {text}: usize = ...;`")),
                }))
            }
        }
    }

    /// The length of an axis: at least 1.
    pub fn length(&self, value: &Value, what: &str, errors: &mut Errors) -> Option<usize> {
        match self.evaluate(value) {
            Ok(number @ 1..=LARGEST) => usize::try_from(number).ok(),
            Ok(number) if number < 1 => {
                errors.error(value.span(), format!("{what} must be at least 1, but this is {number}"));
                None
            }
            Ok(number) => {
                errors.error(value.span(), format!("{what} must be at most {LARGEST}, but this is {number}"));
                None
            }
            Err(failure) => {
                failure.into_iter().for_each(|message| errors.push(message));
                None
            }
        }
    }
}

fn not_whole(value: &Value) -> Message {
    Message::new(value.span(), format!("expected a whole number, found {}", value.found()))
}

fn calculate(left: i64, operator: Operator, right: i64) -> Result<i64, &'static str> {
    const TOO_LARGE: &str = "is too large";
    match operator {
        Operator::Add => left.checked_add(right).ok_or(TOO_LARGE),
        Operator::Subtract => left.checked_sub(right).ok_or(TOO_LARGE),
        Operator::Multiply => left.checked_mul(right).ok_or(TOO_LARGE),
        Operator::Divide => match left.checked_rem(right) {
            None => Err("is a division by zero"),
            Some(0) => left.checked_div(right).ok_or(TOO_LARGE),
            Some(_) => Err("is not a whole number"),
        },
    }
}
