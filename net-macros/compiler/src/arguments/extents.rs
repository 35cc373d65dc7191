//! Numbers for each axis among arguments: extents of a window, what is added at the sides of an image.

use super::{Arguments, ungrouped};
use crate::errors::Message;
use crate::syntax::Value;

impl Arguments<'_> {
    /// A whole number of at least 1 for each axis of a window; one number stands for all.
    pub fn extents<const AXES: usize>(
        &mut self,
        parameter: &str,
        default: Option<[usize; AXES]>,
    ) -> Option<[usize; AXES]> {
        match self.value(parameter) {
            None => default,
            Some(value) => self.extents_of(parameter, value, 1),
        }
    }

    /// A whole number from 0 on for each axis, or the word `none`, which is also the default.
    pub fn extents_or_none<const AXES: usize>(&mut self, parameter: &str) -> Option<Option<[usize; AXES]>> {
        match self.value(parameter).map(ungrouped) {
            None => Some(None),
            Some(Value::Word(word)) if *word == "none" => Some(None),
            Some(value) => self.extents_of(parameter, value, 0).map(Some),
        }
    }

    /// So many whole numbers of at least `least`; one number stands for all.
    fn extents_of<const N: usize>(&mut self, parameter: &str, value: &Value, least: i64) -> Option<[usize; N]> {
        match ungrouped(value) {
            Value::Tuple { items, .. } => {
                let Ok(items) = <&[Value; N]>::try_from(items.as_slice()) else {
                    let several = match N {
                        1 => "",
                        2 => " or two",
                        _ => " or three",
                    };
                    let text = format!(
                        "`{parameter}` of `{}` is one number{several}, but these are {}",
                        self.callee,
                        items.len()
                    );
                    self.errors.error(value.span(), text);
                    return None;
                };
                all(items.each_ref().map(|item| self.natural(parameter, ungrouped(item), least)))
            }
            value => self.natural(parameter, value, least).map(|number| [number; N]),
        }
    }

    /// What is added to each axis, or taken away, before its first place and behind its last: `n`, `(height, width)` or
    /// `((top, bottom), (left, right))`; of a single axis `n` or `(before, after)`.
    pub fn sides<const AXES: usize>(&mut self, parameter: &str) -> Option<[[usize; 2]; AXES]> {
        let value = self.value(parameter)?;
        match ungrouped(value) {
            Value::Tuple { .. } if AXES == 1 => self.extents_of(parameter, value, 0).map(|sides| [sides; AXES]),
            Value::Tuple { items, .. } => {
                let Ok(items) = <&[Value; AXES]>::try_from(items.as_slice()) else {
                    let help = match AXES {
                        2 => "write `1`, `(height, width)` or `((top, bottom), (left, right))`",
                        _ => "write `1`, `(depth, height, width)` or `((front, back), (top, bottom), (left, right))`",
                    };
                    let text = format!("`{parameter}` of `{}` has {} parts", self.callee, items.len());
                    self.errors.push(Message::new(value.span(), text).help(help));
                    return None;
                };
                all(items.each_ref().map(|item| self.extents_of(parameter, item, 0)))
            }
            value => self.natural(parameter, value, 0).map(|number| [[number; 2]; AXES]),
        }
    }
}

/// All of them, if all are known.
fn all<T: Copy + Default, const N: usize>(found: [Option<T>; N]) -> Option<[T; N]> {
    found.iter().all(Option::is_some).then(|| found.map(Option::unwrap_or_default))
}
