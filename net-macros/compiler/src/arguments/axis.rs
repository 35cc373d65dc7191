//! Axes among arguments: by name or by number.

use super::{Arguments, ungrouped};
use crate::constants::LARGEST;
use crate::errors::Message;
use crate::suggest;
use crate::syntax::Value;

/// The names that axes have.
const AXES: [&str; 6] = ["channels", "depth", "features", "height", "steps", "width"];

impl Arguments<'_> {
    /// An axis.
    pub fn axis(&mut self, parameter: &str, default: Axis) -> Option<Axis> {
        match self.value(parameter) {
            None => Some(default),
            Some(value) => self.axis_of(parameter, ungrouped(value)),
        }
    }

    /// Several axes, one behind the other or in one tuple.
    pub fn axes(&mut self, parameter: &str) -> Option<Vec<Axis>> {
        let values = self.flat(parameter);
        let axes: Vec<_> = values.into_iter().map(|value| self.axis_of(parameter, value)).collect();
        axes.into_iter().collect()
    }

    fn axis_of(&mut self, parameter: &str, value: &Value) -> Option<Axis> {
        if let Value::Word(word) = value
            && !self.constants.contains(&word.to_string())
        {
            let text = word.to_string();
            let known = AXES.iter().copied().find(|name| *name == text);
            if known.is_none() {
                let message = Message::new(word.span(), format!("unknown axis `{text}`"));
                let help = suggest::help(&text, AXES.iter().copied(), "an axis is a number or one of");
                self.errors.push(Message { help, ..message });
            }
            return known.map(Axis::Name);
        }
        if matches!(value, Value::Float { .. } | Value::Bool(_) | Value::Text(_)) {
            let right = |text: &str| AXES.contains(&text) || text.parse::<i64>().is_ok();
            self.wrong_kind(parameter, "a whole number or a word such as `width`", value, right);
            return None;
        }
        self.integer(parameter, value, -LARGEST).map(Axis::Index)
    }
}

/// An axis as the user names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Counted from 0 without the batch axis, negative ones from the end.
    Index(i64),
    /// By name.
    Name(&'static str),
}

impl Axis {
    /// Its index in a shape with so many axes; else what is wrong, as the end of a sentence about the shape.
    pub fn within(self, rank: usize) -> Result<usize, String> {
        let names = axis_names(rank);
        match self {
            Self::Name(name) => {
                names.iter().position(|candidate| *candidate == name).ok_or_else(|| format!("no axis `{name}`"))
            }
            Self::Index(index) => {
                let end = i64::try_from(rank).unwrap_or(i64::MAX);
                let from_start = if index < 0 { index + end } else { index };
                usize::try_from(from_start).ok().filter(|index| *index < rank).ok_or_else(|| format!("no axis {index}"))
            }
        }
    }
}

/// The names of the axes of a shape, outermost first; empty for ranks whose axes have none.
pub fn axis_names(rank: usize) -> &'static [&'static str] {
    match rank {
        1 => &["features"],
        2 => &["steps", "features"],
        3 => &["height", "width", "channels"],
        4 => &["depth", "height", "width", "channels"],
        _ => &[],
    }
}
