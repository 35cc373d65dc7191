//! What can go wrong at run time: always with data, files or requests, never with shapes inside a network, which the
//! compiler has checked.

use std::fmt;
use std::path::PathBuf;

/// An error of a public call. Nothing is lost when one is returned: networks, workspaces and files are as before,
/// unless the variant says otherwise.
///
/// `Debug` reads as `Display` does: what `fn main() -> Result<(), Error>` and `unwrap` print is the sentence.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Data do not have the shape that the type asks for.
    #[error("{what} should have {expected}, but has {found}")]
    Shape {
        /// What was converted or passed.
        what: String,
        /// The shape or length that is needed.
        expected: String,
        /// The shape or length that came.
        found: String,
    },
    /// Two inputs or targets of one call have different numbers of samples.
    #[error("`{first}` has {first_samples} samples, but `{second}` has {second_samples}")]
    Samples {
        /// The field that sets the number.
        first: &'static str,
        /// Its samples.
        first_samples: usize,
        /// The field that differs.
        second: &'static str,
        /// Its samples.
        second_samples: usize,
    },
    /// Calls came in an order that cannot work, e.g. backward without forward.
    #[error("{0}")]
    Order(&'static str),
    /// A class number that is not below the number of classes.
    #[error("target `{head}` of sample {sample} is class {class}, but `{head}` has {classes} classes, counted from 0")]
    Class {
        /// The output that the target belongs to.
        head: &'static str,
        /// Index of the sample in the call's data.
        sample: usize,
        /// The class found.
        class: u32,
        /// Number of classes.
        classes: usize,
    },
    /// A number for which a [`CategoryEncoding`](crate::layers::CategoryEncoding) has no place.
    #[error("sample {sample} has the number {number}, but a `CategoryEncoding` has {tokens} tokens, counted from 0")]
    Token {
        /// Index of the sample in the call's data.
        sample: usize,
        /// The number found.
        number: u32,
        /// Number of tokens.
        tokens: usize,
    },
    /// A number for which an [`Embedding`](crate::layers::Embedding) has no row.
    #[error("sample {sample} has the number {number}, but an `Embedding` has {rows} rows, counted from 0")]
    Row {
        /// Index of the sample in the call's data.
        sample: usize,
        /// The number found.
        number: u32,
        /// Number of rows.
        rows: usize,
    },
    /// A loss or gradient of a training step is infinite or a NaN, or a gradient is so large that the optimizer would make
    /// something infinite of it: its square, which Adam and RMSprop average, is beyond `f32` from 1.8e19 on. The step was not done.
    ///
    /// Weights are not looked at themselves. A step with such gradients can still make one that is not finite, where the
    /// learning rate is far too large. The loss of the next step tells, but by then the weights are those after the step.
    #[error("epoch {epoch}, batch {batch}: {what} is {value}; this step was not done")]
    NotFinite {
        /// Epoch, from 1.
        epoch: usize,
        /// Batch within the epoch, from 1.
        batch: usize,
        /// Which loss (by its head) or gradient (by its parameter).
        what: String,
        /// The value found.
        value: f32,
    },
    /// A request that makes no sense, e.g. a batch size of zero.
    #[error("{0}")]
    Invalid(String),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file was read, but is not what it should be.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, naming the tensor, line or field.
        problem: String,
    },
    /// The bytes of a file were given, but are not what they should be.
    #[error("the bytes of the file: {problem}")]
    Bytes {
        /// What is wrong, naming the tensor or field.
        problem: String,
    },
}

impl Error {
    /// The same about a sample that has another index, if it is about one.
    #[doc(hidden)]
    pub fn of_sample(self, index: &dyn Fn(usize) -> usize) -> Self {
        match self {
            Self::Class { head, sample, class, classes } => Self::Class { head, sample: index(sample), class, classes },
            Self::Token { sample, number, tokens } => Self::Token { sample: index(sample), number, tokens },
            Self::Row { sample, number, rows } => Self::Row { sample: index(sample), number, rows },
            other => other,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_main_prints_is_the_sentence() {
        let error = Error::Samples { first: "image", first_samples: 3, second: "class", second_samples: 4 };
        assert_eq!(format!("{error:?}"), "`image` has 3 samples, but `class` has 4");
        assert_eq!(format!("{error:#?}"), error.to_string());
    }
}
