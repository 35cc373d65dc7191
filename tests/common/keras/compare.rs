//! Comparing what we found with an answer.

use std::fmt::Write;

use super::answers::Node;

/// Sums and norms stand in the files with nine digits.
const NINE_DIGITS: f64 = 5e-9;

/// How many wrong entries a message shows.
const SHOWN: usize = 6;

/// An entry may be off by `of_entry` of itself plus `of_largest` of the tensor's largest entry.
///
/// The second part is what a sum of many products needs: its rounding error goes with the terms, not with what is left of
/// them.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// Of the entry itself.
    pub of_entry: f64,
    /// Of the tensor's largest entry.
    pub of_largest: f64,
}

impl Tolerance {
    // What is measured stands beside each: the largest deviation from Keras's answers, on x86-64 with FMA.

    /// Nothing is computed, only moved or chosen.
    pub const EXACT: Tolerance = Tolerance::new(0.0, 0.0);
    /// One function of one number, or a few operations: 3.7e-6 of the entry (a `huber` behind a sigmoid), mostly 1e-7.
    pub const ELEMENTWISE: Tolerance = Tolerance::new(4e-6, 1e-7);
    /// The same where a number near 1 is taken from 1, as in the slope of `tanh`: what is left are its last digits, some
    /// 1e-7 times what they are multiplied with. 2.2e-6 of the largest entry.
    pub const DIFFERENCE: Tolerance = Tolerance::new(4e-6, 4e-6);
    /// Sums of products, in one layer: 5.9e-7 of the largest entry.
    pub const LAYER: Tolerance = Tolerance::new(4e-6, 1e-6);
    /// Through a whole network, forward and back, and some steps of training: 2.3e-6 of the largest entry.
    pub const NETWORK: Tolerance = Tolerance::new(1e-5, 5e-6);
    /// Gradients of weights that are sums over 19,200 pixels, whose terms cancel. Here Keras's answers themselves are off
    /// by up to 9.6e-5 of the largest entry, against Keras in f64, and so by 8.6e-5 from ours.
    pub const PIXELS: Tolerance = Tolerance::new(1e-4, 1e-4);

    /// A tolerance of these two parts.
    pub const fn new(of_entry: f64, of_largest: f64) -> Tolerance {
        Tolerance { of_entry, of_largest }
    }
}

/// Compares every entry of the answer, and the sum and the norm where it has only some of them.
pub fn tensor(answer: &Node, found: &[f32], tolerance: Tolerance) -> Result<(), String> {
    let path = answer.path();
    let shape = answer.shape();
    let count: usize = shape.iter().product();
    if found.len() != count {
        return Err(format!("{path} is {shape:?}, {count} elements, but here are {}", found.len()));
    }
    let expected = entries(answer);
    let largest = largest_of(expected.iter().map(|entry| entry.value));
    let Tolerance { of_entry, of_largest } = tolerance;

    let slack = answer.get("slack").map(|slack| slack.numbers());
    let wrong: Vec<Wrong> = expected
        .iter()
        .enumerate()
        .map(|(k, entry)| Wrong {
            what: format!("[{}]", entry.index),
            expected: entry.value,
            found: f64::from(found[entry.index]),
            allowed: of_entry * entry.value.abs() + of_largest * largest + slack.as_ref().map_or(0.0, |slack| slack[k]),
        })
        .filter(Wrong::is_wrong)
        .collect();
    let checked = expected.len();

    let mut whole = Vec::new();
    let root = (count as f64).sqrt();
    let norm_of = |found: &[f32]| {
        let squares = found.iter().map(|&v| f64::from(v).powi(2));
        squares.sum::<f64>().sqrt()
    };
    if let Some(norm) = answer.get("norm") {
        let norm = norm.number();
        // The norm of an error that is everywhere as large as allowed.
        let error = (of_entry + NINE_DIGITS) * norm + of_largest * largest * root;
        whole.push(Wrong {
            what: " norm".to_owned(),
            expected: norm,
            found: norm_of(found),
            allowed: error + answer.get("norm_slack").map_or(0.0, |n| n.number()),
        });
        if let Some(sum) = answer.get("sum") {
            whole.push(Wrong {
                what: " sum".to_owned(),
                expected: sum.number(),
                found: found.iter().map(|&v| f64::from(v)).sum(),
                allowed: error * root,
            });
        }
    }
    whole.retain(Wrong::is_wrong);

    if wrong.is_empty() && whole.is_empty() {
        return Ok(());
    }
    Err(message(path, &shape, checked, wrong, whole))
}

/// Compares a lone number, its own size being the largest.
pub fn number(answer: &Node, found: f64, tolerance: Tolerance) -> Result<(), String> {
    let expected = answer.number();
    let wrong = Wrong {
        what: String::new(),
        expected,
        found,
        allowed: (tolerance.of_entry + tolerance.of_largest) * expected.abs(),
    };
    if wrong.is_wrong() {
        return Err(format!("{}{wrong}", answer.path()));
    }
    Ok(())
}

struct Entry {
    index: usize,
    value: f64,
}

impl Entry {
    /// The file has an f32 in as few digits as tell it from the next.
    fn new(index: usize, value: f64) -> Entry {
        Entry { index, value: f64::from(value as f32) }
    }
}

fn entries(answer: &Node) -> Vec<Entry> {
    if let Some(values) = answer.get("values") {
        let values = values.numbers().into_iter().enumerate();
        return values.map(|(index, value)| Entry::new(index, value)).collect();
    }
    let entries = answer.at("entries").list();
    entries
        .iter()
        .map(|entry| {
            let pair = entry.list();
            Entry::new(pair[0].count(), pair[1].number())
        })
        .collect()
}

fn largest_of(values: impl Iterator<Item = f64>) -> f64 {
    values.filter(|value| value.is_finite()).fold(0.0, |largest, value| largest.max(value.abs()))
}

struct Wrong {
    what: String,
    expected: f64,
    found: f64,
    allowed: f64,
}

impl Wrong {
    fn is_wrong(&self) -> bool {
        if self.expected.is_nan() || self.expected.is_infinite() {
            return !(self.expected == self.found || self.expected.is_nan() && self.found.is_nan());
        }
        self.found.is_nan() || (self.found - self.expected).abs() > self.allowed
    }

    fn excess(&self) -> f64 {
        let error = (self.found - self.expected).abs();
        if error.is_nan() { f64::INFINITY } else { error }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Wrong { what, expected, found, allowed } = self;
        let error = (found - expected).abs();
        let (expected, found) = (*expected as f32, *found as f32);
        write!(f, "{what}: Keras has {expected}, here is {found}; off by {error:.1e}, allowed {allowed:.1e}")
    }
}

fn message(path: &str, shape: &[usize], checked: usize, mut wrong: Vec<Wrong>, whole: Vec<Wrong>) -> String {
    let mut text = format!("{path} {shape:?}: {} of {checked} entries differ", wrong.len());
    wrong.sort_by(|a, b| b.excess().total_cmp(&a.excess()));
    for line in wrong.iter().take(SHOWN).chain(&whole) {
        write!(text, "\n  {line}").expect("a String takes all");
    }
    if wrong.len() > SHOWN {
        write!(text, "\n  and {} smaller ones", wrong.len() - SHOWN).expect("a String takes all");
    }
    text
}
