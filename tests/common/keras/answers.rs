//! A file of answers, and the way through it: every step knows its path, for messages.

use std::path::PathBuf;

use serde_json::Value;

use super::compare::{self, Tolerance};
use super::formula;

/// One file of `answers/`.
pub struct Answers {
    theme: String,
    root: Value,
}

impl Answers {
    /// Reads `answers/<theme>.json`.
    pub fn read(theme: &str) -> Answers {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("keras/answers").join(theme).with_extension("json");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let root = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Answers { theme: theme.to_owned(), root }
    }

    /// The whole file.
    pub fn root(&self) -> Node<'_> {
        Node { path: self.theme.clone(), value: &self.root }
    }

    /// One case by its name.
    pub fn case(&self, name: &str) -> Node<'_> {
        self.root().at("cases").at(name)
    }
}

/// A place in a file of answers.
#[derive(Clone)]
pub struct Node<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Node<'a> {
    /// Where it is in the file, for messages.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The field of that name; there must be one.
    #[track_caller]
    pub fn at(&self, name: &str) -> Node<'a> {
        self.get(name).unwrap_or_else(|| panic!("{} has no `{name}`", self.path))
    }

    /// A field that need not be there.
    pub fn get(&self, name: &str) -> Option<Node<'a>> {
        self.value.get(name).map(|value| Node { path: format!("{}.{name}", self.path), value })
    }

    /// Fields with their names, sorted by these: where order means something, the file has a list of pairs.
    #[track_caller]
    pub fn fields(&self) -> Vec<(&'a str, Node<'a>)> {
        let fields = self.value.as_object().unwrap_or_else(|| panic!("{} is no object", self.path));
        fields.keys().map(|name| (name.as_str(), self.at(name))).collect()
    }

    /// The elements of a list.
    #[track_caller]
    pub fn list(&self) -> Vec<Node<'a>> {
        let elements = self.value.as_array().unwrap_or_else(|| panic!("{} is no list", self.path));
        elements.iter().enumerate().map(|(i, value)| Node { path: format!("{}[{i}]", self.path), value }).collect()
    }

    /// Whether it has fields.
    pub fn is_object(&self) -> bool {
        self.value.is_object()
    }

    /// A text.
    #[track_caller]
    pub fn text(&self) -> &'a str {
        self.value.as_str().unwrap_or_else(|| panic!("{} is no text", self.path))
    }

    /// A number, also one of the three that JSON cannot write.
    #[track_caller]
    pub fn number(&self) -> f64 {
        match self.value {
            Value::String(text) if text == "NaN" => f64::NAN,
            Value::String(text) if text == "inf" => f64::INFINITY,
            Value::String(text) if text == "-inf" => f64::NEG_INFINITY,
            value => value.as_f64().unwrap_or_else(|| panic!("{} is no number", self.path)),
        }
    }

    /// A whole number.
    #[track_caller]
    pub fn count(&self) -> usize {
        self.value.as_u64().unwrap_or_else(|| panic!("{} is no count", self.path)) as usize
    }

    /// A list of numbers.
    #[track_caller]
    pub fn numbers(&self) -> Vec<f64> {
        self.list().iter().map(Node::number).collect()
    }

    /// The shape of a recipe or of an answer.
    #[track_caller]
    pub fn shape(&self) -> Vec<usize> {
        self.at("shape").list().iter().map(Node::count).collect()
    }

    /// The tensor that a recipe makes, class numbers as floats.
    #[track_caller]
    pub fn tensor(&self) -> Vec<f32> {
        let count = self.shape().iter().product();
        let mut values = if let Some(range) = self.get("uniform") {
            let range = range.numbers();
            formula::uniform(self.at("key").text(), count, range[0], range[1])
        } else if let Some(values) = self.get("values") {
            values.numbers().iter().map(|&v| v as f32).collect()
        } else if self.get("one_hot").is_some() {
            self.one_hot()
        } else {
            self.class_numbers().iter().map(|&c| c as f32).collect()
        };
        for change in self.get("set").iter().flat_map(Node::list) {
            let change = change.list();
            values[change[0].count()] = change[1].number() as f32;
        }
        values
    }

    fn one_hot(&self) -> Vec<f32> {
        let shape = self.shape();
        let width = *shape.last().expect("one-hot rows have a width");
        let rows = shape.iter().product::<usize>() / width;
        let mut values = vec![0.0; rows * width];
        let classes = formula::classes(self.at("key").text(), rows, width as u32);
        for (row, class) in classes.into_iter().enumerate() {
            values[row * width + class as usize] = 1.0;
        }
        values
    }

    /// The class numbers that a recipe makes.
    #[track_caller]
    pub fn class_numbers(&self) -> Vec<u32> {
        if let Some(numbers) = self.get("class_numbers") {
            return numbers.list().iter().map(|n| n.count() as u32).collect();
        }
        let count = self.shape().iter().product();
        let classes = self.at("classes").count() as u32;
        formula::classes(self.at("key").text(), count, classes)
    }

    /// Panics unless `found` is what this answer says; the message has the worst entries.
    #[track_caller]
    pub fn check(&self, found: &[f32], tolerance: Tolerance) {
        if let Err(message) = compare::tensor(self, found, tolerance) {
            panic!("{message}");
        }
    }

    /// Panics unless the number is what this answer says.
    #[track_caller]
    pub fn check_number(&self, found: f64, tolerance: Tolerance) {
        if let Err(message) = compare::number(self, found, tolerance) {
            panic!("{message}");
        }
    }
}
