//! Tables in text files, separated by commas: of numbers, and of names of classes.
//!
//! ```
//! use net_runtime::prelude::*;
//! use net_runtime::data;
//!
//! # let path = std::env::temp_dir().join(format!("net-runtime-{}-rooms.csv", std::process::id()));
//! std::fs::write(&path, "area, rooms, class\n52.5, 2, 0\n104, 4, 1\n").unwrap();
//!
//! let table = data::csv::read_numbers(&path)?;
//! assert_eq!(table.names().unwrap(), ["area", "rooms", "class"]);
//! let flats: Batch<Shape1<2>> = table.batch(0..2)?; // a sample for each row
//! let classes: Vec<u32> = table.classes(2)?;
//! assert_eq!((flats.sample(1), &classes[..]), (&[104.0, 4.0][..], &[0, 1][..]));
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), Error>(())
//! ```
//!
//! Classes that have names in the file are numbered in the order of their names:
//!
//! ```
//! use net_runtime::prelude::*;
//! use net_runtime::data;
//!
//! # let path = std::env::temp_dir().join(format!("net-runtime-{}-pets.csv", std::process::id()));
//! std::fs::write(&path, "weight,tail,pet\n4.2,28,cat\n21,35,dog\n3.9,30,cat\n").unwrap();
//!
//! let table = data::csv::read(&path)?;
//! let pets = table.labels(2)?;
//! let classes: Vec<u32> = table.classes_of(2, &pets)?;
//! assert_eq!((&pets[..], &classes[..]), (&["cat".to_string(), "dog".to_string()][..], &[0, 1, 0][..]));
//! let bodies: Batch<Shape1<2>> = table.batch(0..2)?;
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), Error>(())
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::tensor::batch::Batch;
use crate::tensor::shape::Shape;

/// What to do where a number is asked for and the name of a class is there.
const NAMED: &str = "`labels` and `classes_of` make class numbers of names";

/// A table, row by row, as [`read_numbers`] or [`read`] reads it. The [module](self) has examples.
#[derive(Clone, Debug)]
pub struct Table {
    path: PathBuf,
    names: Option<Vec<String>>,
    columns: usize,
    /// A NaN where a field is no finite number.
    values: Vec<f32>,
    /// What is written where a number does not say it, by the index of its value.
    texts: BTreeMap<usize, Box<str>>,
    /// The line of the file that each row is from.
    lines: Vec<u64>,
}

/// Reads a table of numbers. A first line without a single number in it is taken for the names of the columns, if one of its
/// fields is a name: has a letter, and is no word for a missing value such as `NA`. Spaces around a number do not matter, empty
/// lines are passed over.
///
/// # Errors
///
/// [`Error::Io`] if the file cannot be read; [`Error::File`], with line and column (both from 1), if a field is no
/// finite number, or a line has more or fewer fields than the first.
pub fn read_numbers(path: impl AsRef<Path>) -> Result<Table, Error> {
    read_table(path.as_ref(), false)
}

/// Reads a table that may have texts beside its numbers, such as the names of classes. Its first line, spaces and empty lines
/// are taken as by [`read_numbers`]. A field that is no number is an error only where a number is asked for.
///
/// # Errors
///
/// [`Error::Io`] if the file cannot be read; [`Error::File`], with the line, if it has more or fewer fields than the first, or
/// is not UTF-8.
pub fn read(path: impl AsRef<Path>) -> Result<Table, Error> {
    read_table(path.as_ref(), true)
}

fn read_table(path: &Path, with_texts: bool) -> Result<Table, Error> {
    let failed = |source| Error::Io { path: path.into(), source };
    if is_device(&std::fs::metadata(path).map_err(failed)?) {
        return Err(Error::File { path: path.into(), problem: "is a device, not a file".into() });
    }
    let content = std::fs::read(path).map_err(failed)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(&*content);
    let mut lines = Lines { content: &content, byte: 0, line: 1 };
    let mut table = Table::empty(path);
    let mut record = csv::StringRecord::new();
    let mut first = true;
    while reader.read_record(&mut record).map_err(|error| table.error(problem(&error, &mut lines)))? {
        let line = lines.of(record.position());
        if std::mem::take(&mut first) {
            table.columns = record.len();
            if record.iter().all(|field| field.parse::<f32>().is_err()) && record.iter().any(is_name) {
                table.names = Some(record.iter().map(String::from).collect());
                continue;
            }
        }
        table.lines.push(line);
        for (column, field) in record.iter().enumerate() {
            let value = field.parse().ok().filter(|value: &f32| value.is_finite());
            if value.is_none() && !with_texts {
                let named =
                    "where classes have names, `data::csv::read` takes them, and `labels` and `classes_of` number them";
                return Err(table.no_number(table.len() - 1, column, field, named));
            }
            if with_texts && value.is_none_or(|value| value.to_string() != field) {
                table.texts.insert(table.values.len(), field.into());
            }
            table.values.push(value.unwrap_or(f32::NAN));
        }
    }
    Ok(table)
}

/// Whether reading might never end.
#[cfg(unix)]
fn is_device(file: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    file.file_type().is_char_device() || file.file_type().is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &std::fs::Metadata) -> bool {
    false
}

/// Whether a field of the first line names a column, and does not stand for a number that is missing.
fn is_name(field: &str) -> bool {
    const MISSING: [&str; 6] = ["na", "n/a", "null", "none", "nil", "missing"];
    field.contains(char::is_alphabetic) && !MISSING.iter().any(|word| field.eq_ignore_ascii_case(word))
}

/// Whether a field is a line of numbers with something else than commas between them.
fn is_several_numbers(field: &str) -> bool {
    let parts: Vec<_> = field.split([';', '|', '\t', ' ']).filter(|part| !part.is_empty()).collect();
    parts.len() > 1 && parts.iter().all(|part| part.parse::<f32>().is_ok())
}

/// Counts lines as an editor does. The reader's own count is where the record before ended, so that an empty line or a
/// carriage return puts it off.
struct Lines<'a> {
    content: &'a [u8],
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line where a record begins, from 1; positions must not go back.
    fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let start = position.map_or(0, csv::Position::byte) as usize;
        while let Some(byte) = self.content.get(self.byte)
            && (self.byte < start || matches!(byte, b'\r' | b'\n'))
        {
            self.line += u64::from(*byte == b'\n');
            self.byte += 1;
        }
        self.line
    }
}

/// What the reader found wrong, in our words.
fn problem(error: &csv::Error, lines: &mut Lines<'_>) -> String {
    let line = lines.of(error.position());
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("line {line}: the number of fields is {len}, but {expected_len} in the first line")
        }
        csv::ErrorKind::Utf8 { err, .. } => format!("line {line}, column {}: the text is not UTF-8", err.field() + 1),
        _ => error.to_string(),
    }
}

impl Table {
    fn empty(path: &Path) -> Self {
        let (values, texts, lines) = (Vec::new(), BTreeMap::new(), Vec::new());
        Self { path: path.into(), names: None, columns: 0, values, texts, lines }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The names of the columns, if the first line had names.
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// The rows, with a NaN where a field is no finite number, which may be in a table that [`read`] has read.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        (0..self.len()).map(|row| &self.values[row * self.columns..][..self.columns])
    }

    /// Some columns, counted from 0, as one sample a row.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if the table does not have these columns, or they are not as many as a sample has elements;
    /// [`Error::File`], with line and column, if a field of them is no finite number.
    pub fn batch<S: Shape>(&self, columns: Range<usize>) -> Result<Batch<S>, Error> {
        self.check_columns(&columns)?;
        if columns.len() != S::LEN {
            return Err(Error::Shape {
                what: format!("a range of columns for samples of shape {:?}", S::DIMS),
                expected: format!("{} columns", S::LEN),
                found: columns.len().to_string(),
            });
        }
        for (index, text) in &self.texts {
            let (row, column) = (index / self.columns, index % self.columns);
            if columns.contains(&column) && self.values[*index].is_nan() {
                return Err(self.no_number(row, column, text, NAMED));
            }
        }
        Batch::from_samples(self.rows().map(|row| &row[columns.clone()]))
    }

    /// A column, counted from 0, as class numbers.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if there is no such column; [`Error::File`], with the line, if a field is no number, or one that is
    /// negative, not whole, or too large to be sure that it was written so (beyond 16,777,216).
    pub fn classes(&self, column: usize) -> Result<Vec<u32>, Error> {
        /// 2²⁴: every whole number up to it is an `f32`.
        const LARGEST: f32 = 16_777_216.0;
        self.check_columns(&(column..column.saturating_add(1)))?;
        let class = |(index, row): (usize, &[f32])| {
            let value = row[column];
            if (0.0..=LARGEST).contains(&value) && value.fract() == 0.0 {
                return Ok(value as u32);
            }
            Err(match self.texts.get(&(index * self.columns + column)) {
                Some(text) if value.is_nan() => self.no_number(index, column, text, NAMED),
                _ => self.error_at(index, column, &format!("{value} is no class number")),
            })
        };
        self.rows().enumerate().map(class).collect()
    }

    /// The different texts of a column, counted from 0, in the order of their letters: the names of classes, whose numbers
    /// [`classes_of`](Self::classes_of) finds. What a network says is put into words by them: `labels[argmax(found)]`, or
    /// [`ConfusionMatrix::with_names`](crate::metrics::ConfusionMatrix::with_names).
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if there is no such column; [`Error::File`], with the line, if a field is empty.
    pub fn labels(&self, column: usize) -> Result<Vec<String>, Error> {
        self.check_columns(&(column..column.saturating_add(1)))?;
        let mut labels = BTreeSet::new();
        for row in 0..self.len() {
            let text = self.text(row, column);
            if text.is_empty() {
                return Err(self.error_at(row, column, "the name of a class is missing"));
            }
            labels.insert(text);
        }
        Ok(labels.into_iter().collect())
    }

    /// A column, counted from 0, as the places of its texts among `labels`: class numbers. The labels are those of the table
    /// that a network was trained on, also where the table is another one, in which not every class need be.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if there is no such column; [`Error::File`], with the line, if a text is none of the labels.
    pub fn classes_of<T: AsRef<str>>(&self, column: usize, labels: &[T]) -> Result<Vec<u32>, Error> {
        self.check_columns(&(column..column.saturating_add(1)))?;
        let numbers: BTreeMap<&str, u32> = labels.iter().map(AsRef::as_ref).zip(0..).collect();
        let class = |row| {
            let text = self.text(row, column);
            numbers
                .get(&*text)
                .copied()
                .ok_or_else(|| self.error_at(row, column, &format!("`{text}` is none of {}", listed(labels))))
        };
        (0..self.len()).map(class).collect()
    }

    /// What stands in a field.
    fn text(&self, row: usize, column: usize) -> String {
        let index = row * self.columns + column;
        self.texts.get(&index).map_or_else(|| self.values[index].to_string(), |text| text.to_string())
    }

    fn check_columns(&self, columns: &Range<usize>) -> Result<(), Error> {
        if columns.start <= columns.end && columns.end <= self.columns {
            return Ok(());
        }
        Err(Error::Shape {
            what: format!("the table in {}", self.path.display()),
            expected: format!("columns {columns:?}, counted from 0"),
            found: format!("{} columns", self.columns),
        })
    }

    /// Tells that a field is no number; `named` is what to do where it is the name of a class.
    fn no_number(&self, row: usize, column: usize, field: &str, named: &str) -> Error {
        let mut problem = format!("`{field}` is no finite number");
        if is_several_numbers(field) {
            problem.push_str("; numbers are separated by commas");
        } else if is_name(field) && field.parse::<f32>().is_err() {
            problem.push_str("; ");
            problem.push_str(named);
        }
        self.error_at(row, column, &problem)
    }

    fn error_at(&self, row: usize, column: usize, problem: &str) -> Error {
        self.error(format!("line {}, column {}: {problem}", self.lines[row], column + 1))
    }

    fn error(&self, problem: String) -> Error {
        Error::File { path: self.path.clone(), problem }
    }
}

/// `the labels a, b, c`, the first few of them.
fn listed<T: AsRef<str>>(labels: &[T]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<_> = labels.iter().take(SHOWN).map(|label| format!("`{}`", label.as_ref())).collect();
    let more = if labels.len() > SHOWN { ", ..." } else { "" };
    format!("the labels {}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::shape::{Shape1, Shape2};

    /// Reads numbers from a file with this content; in messages its name is `table.csv`.
    fn read(name: &str, content: &[u8]) -> Result<Table, String> {
        with_file(name, content, |path| read_numbers(path))
    }

    fn with_file(name: &str, content: &[u8], read: impl Fn(&Path) -> Result<Table, Error>) -> Result<Table, String> {
        let path = std::env::temp_dir().join(format!("net-runtime-{}-{name}.csv", std::process::id()));
        std::fs::write(&path, content).unwrap();
        let result = read(&path).map_err(|error| relative(&error, &path));
        std::fs::remove_file(&path).unwrap();
        result
    }

    fn relative(error: &Error, path: &Path) -> String {
        error.to_string().replace(&*path.to_string_lossy(), "table.csv")
    }

    #[test]
    fn the_digits_that_ship_are_a_table() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data/digits.csv");
        let table = read_numbers(path).unwrap();
        assert_eq!((table.len(), table.columns(), table.names()), (1797, 65, None));
        let pixels: Batch<Shape2<8, 8>> = table.batch(0..64).unwrap();
        assert_eq!(pixels.sample(0)[..8], [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0]);
        let digits = table.classes(64).unwrap();
        assert_eq!(digits[..3], [0, 1, 2]);
        assert!(digits.iter().all(|&digit| digit < 10));
    }

    #[test]
    fn names_spaces_quotes_and_empty_lines() {
        let table = read("names", b"\xef\xbb\xbfheight, width\r\n1, 2.5\n\n\"-3\",4e1").unwrap();
        assert_eq!(table.names(), Some(&["height".to_string(), "width".to_string()][..]));
        assert!(table.rows().eq([&[1.0, 2.5], &[-3.0, 40.0]]));
        assert!(read("empty", b"").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let problem = |name, content: &[u8]| read(name, content).unwrap_err();
        for (name, content, place) in [("word", "1,2\n3,cat\n", "line 2"), ("first", "1,cat\n3,4\n", "line 1")] {
            let told = "`cat` is no finite number; where classes have names, `data::csv::read` takes them, and `labels` \
                        and `classes_of` number them";
            assert_eq!(problem(name, content.as_bytes()), format!("table.csv: {place}, column 2: {told}"));
        }
        assert_eq!(problem("missing", b"a,b\n\n1,\n"), "table.csv: line 3, column 2: `` is no finite number");
        assert_eq!(problem("returns", b"1\r\n2\r\n?\r\n"), "table.csv: line 3, column 1: `?` is no finite number");
        assert_eq!(problem("nan", b"1\nNaN\n"), "table.csv: line 2, column 1: `NaN` is no finite number");
        assert_eq!(problem("large", b"1\n1e39\n"), "table.csv: line 2, column 1: `1e39` is no finite number");
        assert_eq!(
            problem("ragged", b"1,2\n3,4\n5\n"),
            "table.csv: line 3: the number of fields is 1, but 2 in the first line"
        );
        assert_eq!(problem("binary", b"1,2\n3,\xff\n"), "table.csv: line 2, column 2: the text is not UTF-8");
        let error = read_numbers("no/such/table.csv").unwrap_err();
        assert!(matches!(&error, Error::Io { .. }) && error.to_string().starts_with("no/such/table.csv: "));
    }

    #[test]
    fn a_first_line_of_missing_values_or_of_other_separators_is_no_line_of_names() {
        let problem = |name, content: &[u8]| read(name, content).unwrap_err();
        for (name, line, told) in [
            ("empty-fields", ",", "``"),
            ("question-marks", "?,?", "`?`"),
            ("words", "NA,n/a", "`NA`"),
            ("dashes", "-,-", "`-`"),
        ] {
            let told = format!("table.csv: line 1, column 1: {told} is no finite number");
            assert_eq!(problem(name, format!("{line}\n1,2\n").as_bytes()), told);
            assert_eq!(problem(name, line.as_bytes()), told);
        }
        for (name, line) in [("semicolons", "1;2;3"), ("spaces", "1 2.5"), ("tabs", "1\t2"), ("bars", "1|2")] {
            let told = format!("line 1, column 1: `{line}` is no finite number; numbers are separated by commas");
            assert_eq!(problem(name, line.as_bytes()), format!("table.csv: {told}"));
        }
        let told = "table.csv: line 2, column 1: `1;2` is no finite number; numbers are separated by commas";
        assert_eq!(problem("names-semicolons", b"a;b\n1;2\n"), told);
        // The first column of an index has no name; a column may be called like a missing value.
        let table = read("index", b",height,none\n0,1,2\n").unwrap();
        assert_eq!((table.names().unwrap().len(), table.len()), (3, 1));
        if cfg!(unix) {
            assert_eq!(read_numbers("/dev/zero").unwrap_err().to_string(), "/dev/zero: is a device, not a file");
        }
    }

    #[test]
    fn columns_become_samples_and_classes_or_errors() {
        let table = read("columns", b"1,2,0\n3,4,1.5\n").unwrap();
        assert_eq!(table.batch::<Shape1<2>>(0..2).unwrap().data(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(
            table.batch::<Shape1<2>>(0..3).unwrap_err().to_string(),
            "a range of columns for samples of shape [2] should have 2 columns, but has 3"
        );
        let error = relative(&table.batch::<Shape1<2>>(2..4).unwrap_err(), &table.path);
        assert_eq!(error, "the table in table.csv should have columns 2..4, counted from 0, but has 3 columns");
        let error = relative(&table.classes(2).unwrap_err(), &table.path);
        assert_eq!(error, "table.csv: line 2, column 3: 1.5 is no class number");
        assert!(table.classes(3).is_err() && table.classes(usize::MAX).is_err());
    }

    #[test]
    fn names_of_classes_become_numbers() {
        let pets = |name, content: &[u8]| with_file(name, content, |path| super::read(path)).unwrap();
        let table = pets("pets", b"size,pet,since\n1.50,dog,07\n2,cat,7\n\n3,dog,\n");
        assert_eq!(table.names().unwrap().len(), 3);
        assert_eq!(table.batch::<Shape1<1>>(0..1).unwrap().data(), [1.5, 2.0, 3.0]);
        let labels = table.labels(1).unwrap();
        assert_eq!(labels, ["cat", "dog"]);
        assert_eq!(table.classes_of(1, &labels).unwrap(), [1, 0, 1]);
        assert_eq!(table.classes_of(1, &["owl", "dog", "cat"]).unwrap(), [1, 2, 1]);
        // As it is written, not as a number.
        assert_eq!(table.labels(0).unwrap(), ["1.50", "2", "3"]);

        let told = |error: Error| relative(&error, &table.path);
        assert_eq!(told(table.labels(2).unwrap_err()), "table.csv: line 5, column 3: the name of a class is missing");
        let error = told(table.classes_of(1, &["dog"]).unwrap_err());
        assert_eq!(error, "table.csv: line 3, column 2: `cat` is none of the labels `dog`");
        let no_number =
            "line 2, column 2: `dog` is no finite number; `labels` and `classes_of` make class numbers of names";
        assert_eq!(told(table.classes(1).unwrap_err()), format!("table.csv: {no_number}"));
        assert_eq!(told(table.batch::<Shape1<2>>(0..2).unwrap_err()), format!("table.csv: {no_number}"));
        let error = told(table.batch::<Shape1<1>>(2..3).unwrap_err());
        assert_eq!(error, "table.csv: line 5, column 3: `` is no finite number");
        assert!(table.rows().last().unwrap()[2].is_nan());
        assert!(table.labels(3).is_err() && table.classes_of(usize::MAX, &labels).is_err());

        // Numbers are names, too; without a line of names for the columns, and of no rows.
        assert_eq!(read("numbered", b"1,5\n2,-3\n").unwrap().labels(1).unwrap(), ["-3", "5"]);
        assert_eq!(pets("no-names", b"1,cat\n").labels(1).unwrap(), ["cat"]);
        assert!(pets("no-rows", b"size,pet\n").labels(1).unwrap().is_empty());
    }
}
