//! The arguments of one stage, loss or metric, matched against what it takes.

mod axis;
mod bind;
mod extents;

use proc_macro2::{Ident, Span};

use crate::constants::{Constants, Failure, LARGEST};
use crate::elsewhere;
use crate::errors::{Errors, Message};
use crate::suggest;
use crate::syntax::{Stage, Value};

pub use axis::{Axis, axis_names};
pub use bind::{Beside, bind};
use bind::{misplaced_word, without_quotes};

/// One number, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counts {
    /// One.
    One(usize),
    /// Several.
    Several(Vec<usize>),
}

/// What a template's number is in one use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Decimal(f64),
}

/// One argument that a layer takes.
#[derive(Debug)]
pub struct Parameter<'n> {
    /// Its name.
    pub name: &'n str,
    /// What it is where the user says nothing, as the user would write it; `None` if the user has to say it.
    pub default: Option<&'static str>,
    /// Whether it takes every argument without a name.
    pub list: bool,
    /// Whether it is written with its name: what is easily taken for something else, since other libraries have another
    /// order.
    pub by_name: bool,
}

impl<'n> Parameter<'n> {
    /// One that has to be given.
    pub const fn required(name: &'n str) -> Self {
        Self { name, default: None, list: false, by_name: false }
    }

    /// One that has to be given with its name.
    pub const fn required_by_name(name: &'n str) -> Self {
        Self { by_name: true, ..Self::required(name) }
    }

    /// One with a default.
    pub const fn optional(name: &'n str, default: &'static str) -> Self {
        Self { name, default: Some(default), list: false, by_name: false }
    }

    /// One with a default that is given with its name or not at all. Those stand behind all others.
    pub const fn named(name: &'n str, default: &'static str) -> Self {
        Self { by_name: true, ..Self::optional(name, default) }
    }

    /// One that takes every argument without a name; at least one has to be given.
    pub const fn list(name: &'n str) -> Self {
        Self { name, default: None, list: true, by_name: false }
    }
}

/// `Conv2d(filters, kernel, stride = 1)`: how something is written.
pub fn usage(callee: &str, parameters: &[Parameter<'_>]) -> String {
    let parameters: Vec<_> = parameters
        .iter()
        .map(|parameter| match (parameter.default, parameter.list) {
            (Some(default), _) => format!("{} = {default}", parameter.name),
            (None, true) => format!("{}...", parameter.name),
            (None, false) if parameter.by_name => format!("{} = ...", parameter.name),
            (None, false) => parameter.name.to_owned(),
        })
        .collect();
    if parameters.is_empty() { callee.to_owned() } else { format!("{callee}({})", parameters.join(", ")) }
}

/// The arguments of one stage, and what reads them. Its functions tell what is wrong with an argument and return
/// `None` then.
pub struct Arguments<'a> {
    callee: &'a str,
    parameters: &'a [Parameter<'a>],
    given: Vec<Vec<&'a Value>>,
    constants: &'a Constants,
    errors: &'a mut Errors,
    /// The name that the user gives the stage with `name = ...`.
    pub name: Option<&'a Ident>,
    /// Whether the user says with `frozen = true` that training leaves its weights as they are.
    pub frozen: bool,
    /// What the user says of its weights: arguments such as `bias_init` and `kernel_regularizer`, of its activity, too.
    pub of_weights: Vec<(&'a Ident, &'a Value)>,
    /// Whether the arguments match the parameters; if not, that has been told, and what is asked of them is asked for its
    /// messages alone.
    pub sound: bool,
}

impl<'a> Arguments<'a> {
    fn values(&self, parameter: &str) -> &[&'a Value] {
        let index = self.parameters.iter().position(|candidate| candidate.name == parameter);
        index.map_or(&[], |index| self.given[index].as_slice())
    }

    fn value(&self, parameter: &str) -> Option<&'a Value> {
        self.values(parameter).first().copied()
    }

    /// What is called.
    pub fn callee(&self) -> &'a str {
        self.callee
    }

    /// Whether the user gives it.
    pub fn is_given(&self, parameter: &str) -> bool {
        self.value(parameter).is_some()
    }

    /// Where each argument stands.
    pub fn spans(&self) -> Vec<(String, Span)> {
        let first = |(parameter, given): (&Parameter<'_>, &Vec<&Value>)| {
            Some((parameter.name.to_owned(), given.first()?.span()))
        };
        let of_weights = self.of_weights.iter().map(|(name, value)| (name.to_string(), value.span()));
        self.parameters.iter().zip(&self.given).filter_map(first).chain(of_weights).collect()
    }

    /// Tells that an argument's value is wrong.
    pub fn reject(&mut self, parameter: &str, text: impl Into<String>) {
        if let Some(value) = self.value(parameter) {
            self.errors.error(value.span(), text);
        }
    }

    /// The same, with what to do about it.
    pub fn reject_with(&mut self, parameter: &str, text: impl Into<String>, help: impl Into<String>) {
        if let Some(value) = self.value(parameter) {
            self.errors.push(Message::new(value.span(), text).help(help));
        }
    }

    fn fail(&mut self, failure: Failure) {
        failure.into_iter().for_each(|message| self.errors.push(message));
    }

    /// Tells that a value is of another kind; `right` says which strings would be right without their quotes.
    fn wrong_kind(&mut self, parameter: &str, expected: &str, value: &Value, right: impl Fn(&str) -> bool) {
        let text = format!("`{parameter}` of `{}` is {expected}, but this is {}", self.callee, value.found());
        let message = without_quotes(Message::new(value.span(), text), parameter, value, right);
        let word = match value {
            Value::Word(word) => Some(word.to_string()),
            Value::Text(literal) => Some(literal.value()),
            _ => None,
        };
        let misplaced = word.and_then(|word| misplaced_word(self.callee, &word, self.parameters, self.constants));
        let help = misplaced.filter(|_| message.help.is_none()).or(message.help.clone());
        self.errors.push(Message { help, ..message });
    }

    /// A whole number from `least` on.
    fn integer(&mut self, parameter: &str, value: &Value, least: i64) -> Option<i64> {
        if matches!(value, Value::Float { .. } | Value::Bool(_) | Value::Text(_) | Value::Tuple { .. }) {
            self.wrong_kind(parameter, "a whole number", value, |text| text.parse::<i64>().is_ok());
            return None;
        }
        if let Value::Word(word) = value
            && !self.constants.contains(&word.to_string())
            && misplaced_word(self.callee, &word.to_string(), self.parameters, self.constants).is_some()
        {
            self.wrong_kind(parameter, "a whole number", value, |_| false);
            return None;
        }
        match self.constants.evaluate(value) {
            Ok(number) if number < least => {
                let text = format!("`{parameter}` of `{}` must be at least {least}, but this is {number}", self.callee);
                self.errors.error(value.span(), text);
                None
            }
            Ok(number) if number > LARGEST => {
                let text =
                    format!("`{parameter}` of `{}` must be at most {LARGEST}, but this is {number}", self.callee);
                self.errors.error(value.span(), text);
                None
            }
            Ok(number) => Some(number),
            Err(failure) => {
                self.fail(failure);
                None
            }
        }
    }

    fn natural(&mut self, parameter: &str, value: &Value, least: i64) -> Option<usize> {
        self.integer(parameter, value, least).and_then(|number| usize::try_from(number).ok())
    }

    /// Number of errors so far: what has no value without a new error depends on a number that is not known yet.
    pub fn errors_so_far(&self) -> usize {
        self.errors.len()
    }

    /// A whole number from 0 on.
    pub fn whole(&mut self, parameter: &str) -> Option<i64> {
        self.value(parameter).and_then(|value| self.integer(parameter, ungrouped(value), 0))
    }

    /// A whole number from 0 on, or a decimal.
    pub fn amount(&mut self, parameter: &str) -> Option<Amount> {
        let value = ungrouped(self.value(parameter)?);
        match (self.constants.evaluate(value), self.constants.evaluate_decimal(value)) {
            (Err(_), Ok(number)) => Some(Amount::Decimal(number)),
            _ if matches!(value, Value::Bool(_) | Value::Text(_) | Value::Tuple { .. }) => {
                self.wrong_kind(parameter, "a number", value, |text| text.parse::<f32>().is_ok());
                None
            }
            _ => self.integer(parameter, value, 0).map(Amount::Whole),
        }
    }

    /// A whole number from 0 on, or `none`, which is the default.
    pub fn whole_or_none(&mut self, parameter: &str) -> Option<Option<i64>> {
        match self.value(parameter).map(ungrouped) {
            None => Some(None),
            Some(Value::Word(word)) if word == "none" => Some(None),
            Some(value) => self.integer(parameter, value, 0).map(Some),
        }
    }

    /// A whole number of at least 1.
    pub fn count(&mut self, parameter: &str, default: Option<usize>) -> Option<usize> {
        match self.value(parameter) {
            None => default,
            Some(value) => self.natural(parameter, ungrouped(value), 1),
        }
    }

    /// A place on an axis: a whole number, negative ones counted from the end.
    pub fn place(&mut self, parameter: &str, default: i64) -> Option<i64> {
        match self.value(parameter) {
            None => Some(default),
            Some(value) => self.integer(parameter, ungrouped(value), -LARGEST),
        }
    }

    /// One place on an axis, or several in a tuple.
    pub fn places(&mut self, parameter: &str, default: i64) -> Option<Vec<i64>> {
        if !self.is_given(parameter) {
            return Some(vec![default]);
        }
        let places: Vec<_> =
            self.flat(parameter).into_iter().map(|value| self.integer(parameter, value, -LARGEST)).collect();
        places.into_iter().collect()
    }

    /// One whole number of at least 1, or several in a tuple.
    pub fn counts(&mut self, parameter: &str) -> Option<Counts> {
        let value = ungrouped(self.value(parameter)?);
        let Value::Tuple { items, .. } = value else {
            return self.natural(parameter, value, 1).map(Counts::One);
        };
        let counts: Vec<_> = items.iter().map(|item| self.natural(parameter, ungrouped(item), 1)).collect();
        counts.into_iter().collect::<Option<_>>().map(Counts::Several)
    }

    /// One whole number from 0 on, or several in a tuple.
    pub fn wholes(&mut self, parameter: &str) -> Option<Vec<usize>> {
        match ungrouped(self.value(parameter)?) {
            Value::Tuple { items, .. } => items
                .iter()
                .map(|item| self.natural(parameter, ungrouped(item), 0))
                .collect::<Vec<_>>()
                .into_iter()
                .collect(),
            value => Some(vec![self.natural(parameter, value, 0)?]),
        }
    }

    /// The same as [`counts`](Self::counts), or the word `none`, which is also the default.
    pub fn counts_or_none(&mut self, parameter: &str) -> Option<Option<Counts>> {
        match self.value(parameter).map(ungrouped) {
            None => Some(None),
            Some(Value::Word(word)) if *word == "none" => Some(None),
            Some(_) => self.counts(parameter).map(Some),
        }
    }

    /// A text in quotes, of which one is given as an example, or the word `none`, which is also the default.
    pub fn text_or_none(&mut self, parameter: &str, example: &str) -> Option<Option<String>> {
        match self.value(parameter).map(ungrouped) {
            None => Some(None),
            Some(Value::Text(literal)) => Some(Some(literal.value())),
            Some(Value::Word(word)) if *word == "none" => Some(None),
            Some(value) => {
                self.wrong_kind(parameter, &format!("a text such as `{example:?}`"), value, |_| false);
                None
            }
        }
    }

    /// `true` or `false`.
    pub fn flag(&mut self, parameter: &str, default: bool) -> Option<bool> {
        match self.value(parameter).map(ungrouped) {
            None => Some(default),
            Some(Value::Bool(literal)) => Some(literal.value),
            Some(value) => {
                let before = self.errors.len();
                self.wrong_kind(parameter, "`true` or `false`", value, |text| matches!(text, "true" | "false"));
                self.errors.help_since(before, &format!("write `{parameter} = true` or `{parameter} = false`"));
                None
            }
        }
    }

    /// A finite number. It may be the result of a calculation with decimals: `1 / 255`.
    pub fn number(&mut self, parameter: &str, default: Option<f32>) -> Option<f32> {
        match self.value(parameter) {
            None => default,
            Some(value) => self.number_of(parameter, ungrouped(value)),
        }
    }

    /// One finite number, or several in a tuple.
    pub fn numbers(&mut self, parameter: &str, default: Option<f32>) -> Option<Vec<f32>> {
        let Some(value) = self.value(parameter).map(ungrouped) else { return default.map(|number| vec![number]) };
        let Value::Tuple { items, .. } = value else {
            return self.number_of(parameter, value).map(|number| vec![number]);
        };
        let numbers: Vec<_> = items.iter().map(|item| self.number_of(parameter, ungrouped(item))).collect();
        numbers.into_iter().collect()
    }

    fn number_of(&mut self, parameter: &str, value: &Value) -> Option<f32> {
        let number = match value {
            Value::Float { minus, literal } => {
                literal.base10_parse::<f32>().ok().map(|number| if minus.is_some() { -number } else { number })
            }
            Value::Integer { .. } | Value::Word(_) | Value::Operation { .. } => {
                match self.constants.evaluate_decimal(value) {
                    Ok(number) => Some(number as f32),
                    Err(failure) => {
                        self.fail(failure);
                        return None;
                    }
                }
            }
            Value::Bool(_) | Value::Text(_) | Value::Tuple { .. } | Value::Chain(_) => {
                self.wrong_kind(parameter, "a number", value, |text| text.parse::<f32>().is_ok());
                return None;
            }
        };
        let finite = number.filter(|number| number.is_finite());
        if finite.is_none() {
            self.errors.error(value.span(), format!("`{parameter}` of `{}` is too large", self.callee));
        }
        finite
    }

    /// A number for which `valid` holds; `range` says in words which those are.
    pub fn number_within(
        &mut self,
        parameter: &str,
        default: Option<f32>,
        valid: impl Fn(f32) -> bool,
        range: &str,
    ) -> Option<f32> {
        let number = self.number(parameter, default)?;
        if valid(number) {
            return Some(number);
        }
        let text = format!("`{parameter}` of `{}` must be {range}, but this is {number}", self.callee);
        let before = self.errors.len();
        self.reject(parameter, text);
        if parameter == "rate" && number > 1.0 && number < 100.0 {
            self.errors.help_since(before, &format!("a share, not per cent: `{}`", number / 100.0));
        }
        None
    }

    /// A number for which `valid` holds, or `none`, which is the default.
    pub fn number_or_none(&mut self, parameter: &str, valid: impl Fn(f32) -> bool, range: &str) -> Option<Option<f32>> {
        match self.value(parameter).map(ungrouped) {
            None => Some(None),
            Some(Value::Word(word)) if word == "none" => Some(None),
            Some(_) => self.number_within(parameter, None, valid, range).map(Some),
        }
    }

    /// One of some words.
    pub fn word(
        &mut self,
        parameter: &str,
        default: &'static str,
        choices: &'static [&'static str],
    ) -> Option<&'static str> {
        self.word_or(parameter, default, choices, |_| None)
    }

    /// One of some words; `unfit` is `help` for another one that is no slip of the pen.
    pub fn word_or(
        &mut self,
        parameter: &str,
        default: &'static str,
        choices: &'static [&'static str],
        unfit: impl Fn(&str) -> Option<&'static str>,
    ) -> Option<&'static str> {
        let Some(value) = self.value(parameter).map(ungrouped) else { return Some(default) };
        let (text, found) = match value {
            Value::Word(word) => (word.to_string(), format!("`{word}`")),
            Value::Text(literal) => (literal.value(), value.found()),
            _ => (String::new(), value.found()),
        };
        let chosen = choices.iter().copied().find(|choice| *choice == text);
        if matches!(value, Value::Word(_)) && chosen.is_some() {
            return chosen;
        }
        let (last, others) = choices.split_last().map_or(("", &[][..]), |(last, others)| (*last, others));
        let either = format!("{} or `{last}`", suggest::quoted(others));
        let message =
            Message::new(value.span(), format!("`{parameter}` of `{}` is {either}, but this is {found}", self.callee));
        let near = || suggest::nearest(&text, choices.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        let help = unfit(&text).map(str::to_owned).or_else(near);
        self.errors.push(match (chosen, help) {
            (Some(chosen), _) => message.help(format!("write it without quotes: `{parameter} = {chosen}`")),
            (None, Some(help)) => message.help(help),
            (None, None) => match value {
                // PyTorch counts rows and columns.
                Value::Integer { .. } | Value::Tuple { .. } if parameter == "padding" => {
                    message.help(elsewhere::counted_padding(self.callee))
                }
                _ => message,
            },
        });
        None
    }

    /// One stage, or several one behind the other.
    pub fn stages(&mut self, parameter: &str) -> Option<Vec<Stage>> {
        match ungrouped(self.value(parameter)?) {
            Value::Chain(stages) => Some(stages.clone()),
            Value::Word(name) => Some(vec![Stage { path: name.clone().into(), arguments: None }]),
            value => {
                self.wrong_kind(parameter, "a stage, or several, such as `Dense(8) -> relu`", value, |_| false);
                None
            }
        }
    }

    /// Lengths, one behind the other or in one tuple; one of them may be -1, which is `None` here.
    pub fn lengths(&mut self, parameter: &str) -> Option<Vec<Option<usize>>> {
        let mut lengths = Vec::new();
        let mut sound = true;
        for value in self.flat(parameter) {
            let Some(number) = self.integer(parameter, value, -LARGEST) else {
                sound = false;
                continue;
            };
            if number < -1 || number == 0 {
                let text = format!(
                    "`{parameter}` of `{}` must be at least 1, or -1 for the one that follows from the others, but this is {number}",
                    self.callee
                );
                self.errors.error(value.span(), text);
                sound = false;
            } else if number == -1 && lengths.contains(&None) {
                self.errors.error(value.span(), format!("only one of `{parameter}` of `{}` can be -1", self.callee));
                sound = false;
            } else {
                lengths.push(usize::try_from(number).ok());
            }
        }
        sound.then_some(lengths)
    }

    /// The values of a list, with a single tuple taken apart.
    fn flat(&self, parameter: &str) -> Vec<&'a Value> {
        match self.values(parameter) {
            [Value::Tuple { items, .. }] => items.iter().map(ungrouped).collect(),
            values => values.iter().map(|value| ungrouped(value)).collect(),
        }
    }
}

/// A value without parentheses that only group.
fn ungrouped(value: &Value) -> &Value {
    match value {
        Value::Tuple { items, .. } if items.len() == 1 => ungrouped(&items[0]),
        value => value,
    }
}
