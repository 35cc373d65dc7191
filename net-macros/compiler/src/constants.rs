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
        self.number(value)
    }

    /// The number that a value stands for where decimals may: `1 / 255` is one of them.
    pub fn evaluate_decimal(&self, value: &Value) -> Result<f64, Failure> {
        self.number(value)
    }

    fn number<N: Number>(&self, value: &Value) -> Result<N, Failure> {
        let other_kind = || Some(Message::new(value.span(), format!("expected {}, found {}", N::KIND, value.found())));
        match value {
            Value::Integer { minus, literal } => match literal.base10_parse::<i64>() {
                Ok(number) => Ok(N::from_whole(if minus.is_some() { -number } else { number })),
                Err(_) => Err(Some(Message::new(literal.span(), format!("the number {literal} is too large")))),
            },
            Value::Float { minus, literal } => match N::from_decimal(literal) {
                Some(number) => Ok(if minus.is_some() { -number } else { number }),
                None => Err(other_kind()),
            },
            Value::Word(name) => self.constant(name).map(N::from_whole),
            Value::Tuple { items, .. } if items.len() == 1 => self.number(&items[0]),
            Value::Operation { first, rest } => {
                let mut result: N = self.number(first)?;
                for (operator, span, operand) in rest {
                    let operand: N = self.number(operand)?;
                    result = result.calculate(*operator, operand).map_err(|text| {
                        let calculation = format!("{} {} {}", result.text(), operator.symbol(), operand.text());
                        Some(Message::new(*span, format!("{calculation} {text}")))
                    })?;
                }
                Ok(result)
            }
            Value::Chain(stages) => Err(match stages.first() {
                Some(stage) if stages.len() == 1 && stage.arguments.is_none() => {
                    let (name, text) = (stage.name(), format!("`{stage}` is not known here"));
                    Some(Message::new(name.span(), text).help(match self.contains(&name.to_string()) {
                        true => format!("within the block it is called `{name}`"),
                        false => format!("announce it: `extern const {stage} = ...;`, and write `{name}` here"),
                    }))
                }
                Some(stage) if stages.len() == 1 && stage.path.segments.len() > 1 => {
                    let text = format!("`{stage}` is not known here");
                    let message = Message::new(stage.name().span(), text);
                    Some(message.help("only a constant can be announced: `extern const path = 10;`"))
                }
                _ => other_kind(),
            }),
            Value::Bool(_) | Value::Text(_) | Value::Tuple { .. } => Err(other_kind()),
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
                        "declare it in this block, `const {text}: usize = ...;`, or announce your program's: `extern const path::{text} = ...;`"
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

/// What is calculated with.
trait Number: Copy + std::ops::Neg<Output = Self> {
    /// For messages.
    const KIND: &'static str;

    /// For messages.
    fn text(self) -> String;

    fn from_whole(number: i64) -> Self;

    /// Of a number with a point, if there may be one.
    fn from_decimal(literal: &syn::LitFloat) -> Option<Self>;

    /// The result, or what is wrong with the calculation.
    fn calculate(self, operator: Operator, right: Self) -> Result<Self, &'static str>;
}

const TOO_LARGE: &str = "is too large";
const DIVISION_BY_ZERO: &str = "is a division by zero";

impl Number for i64 {
    const KIND: &'static str = "a whole number";

    fn text(self) -> String {
        self.to_string()
    }

    fn from_whole(number: i64) -> Self {
        number
    }

    fn from_decimal(_: &syn::LitFloat) -> Option<Self> {
        None
    }

    fn calculate(self, operator: Operator, right: Self) -> Result<Self, &'static str> {
        match operator {
            Operator::Add => self.checked_add(right).ok_or(TOO_LARGE),
            Operator::Subtract => self.checked_sub(right).ok_or(TOO_LARGE),
            Operator::Multiply => self.checked_mul(right).ok_or(TOO_LARGE),
            Operator::Divide => match self.checked_rem(right) {
                None => Err(DIVISION_BY_ZERO),
                Some(0) => self.checked_div(right).ok_or(TOO_LARGE),
                Some(_) => Err("is not a whole number"),
            },
        }
    }
}

/// In twice the precision that the runtime computes in, so that a result is rounded once.
impl Number for f64 {
    const KIND: &'static str = "a number";

    fn text(self) -> String {
        // Not hundreds of digits.
        if self.abs() < 1e16 { self.to_string() } else { format!("{self:e}") }
    }

    fn from_whole(number: i64) -> Self {
        number as Self
    }

    fn from_decimal(literal: &syn::LitFloat) -> Option<Self> {
        literal.base10_parse().ok()
    }

    fn calculate(self, operator: Operator, right: Self) -> Result<Self, &'static str> {
        let result = match operator {
            Operator::Add => self + right,
            Operator::Subtract => self - right,
            Operator::Multiply => self * right,
            Operator::Divide if right == 0.0 => return Err(DIVISION_BY_ZERO),
            Operator::Divide => self / right,
        };
        Some(result).filter(|result| result.is_finite()).ok_or(TOO_LARGE)
    }
}
