//! Reading a safetensors file without trust in what it says: its length is that of a regular file, its header is read and looked
//! through before its tensors, and of these no more than there may be.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use safetensors::tensor::Metadata;
use safetensors::{SafeTensorError, SafeTensors};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::problem::{Source, what_is_wrong};
use crate::error::Error;

/// Length of the number before the header that tells the header's length.
pub(super) const LENGTH_BYTES: usize = 8;

/// The longest header that the format allows, in bytes.
const LONGEST_HEADER: u64 = 100_000_000;

/// What the tensors of a file may be at most.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    /// Values of f32.
    pub values: u64,
    /// What has as many, for a message.
    pub of: &'static str,
}

/// All bytes of a file whose tensors are within a limit. No memory is taken for one that is longer, or whose header makes no
/// sense.
///
/// # Errors
///
/// [`Error::Io`] if the file cannot be read, or memory cannot hold it; [`Error::File`] if it is no regular file, its header makes
/// no sense or has a key twice, its tensors do not fill it, or are longer than the limit.
pub(super) fn read_file(path: &Path, limit: Option<Limit>) -> Result<Vec<u8>, Error> {
    let source = Source::File(path);
    let failed = |source: io::Error| Error::Io { path: path.into(), source };
    // Before it is opened: a pipe would wait for somebody who writes to it.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(source.problem("is no regular file".to_owned()));
    }
    let mut file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();

    let mut bytes = Vec::new();
    read_on(&mut file, LENGTH_BYTES as u64, &mut bytes).map_err(failed)?;
    let header = header_length(source, &bytes, length)?;
    read_on(&mut file, header, &mut bytes).map_err(failed)?;
    let tensors = check_header(source, &bytes, length, limit)?;
    read_on(&mut file, tensors, &mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// The same looks at the bytes of a file that are in memory already.
///
/// # Errors
///
/// [`Error::Bytes`] for what is [`Error::File`] in a file.
pub(super) fn check_bytes(bytes: &[u8], limit: Option<Limit>) -> Result<(), Error> {
    let length = bytes.len() as u64;
    let header = header_length(Source::Memory, bytes, length)?;
    // Not longer than what is there, so that it fits into a `usize`.
    let (first, _) = bytes.split_at(LENGTH_BYTES + header as usize);
    check_header(Source::Memory, first, length, limit).map(drop)
}

/// The length of the header behind the first bytes of `length` in all: no more than there are.
fn header_length(source: Source<'_>, first: &[u8], length: u64) -> Result<u64, Error> {
    let wrong = |error: &SafeTensorError| source.problem(what_is_wrong(error, length));
    let header = first.first_chunk().map(|&length| u64::from_le_bytes(length));
    let header = header.ok_or_else(|| wrong(&SafeTensorError::HeaderTooSmall))?;
    if header > LONGEST_HEADER {
        return Err(wrong(&SafeTensorError::HeaderTooLarge));
    }
    if header > length.saturating_sub(LENGTH_BYTES as u64) {
        return Err(wrong(&SafeTensorError::InvalidHeaderLength));
    }
    Ok(header)
}

/// Looks through the header, with which the bytes end, of `length` in all. Gives the length of the tensors behind it.
fn check_header(source: Source<'_>, bytes: &[u8], length: u64, limit: Option<Limit>) -> Result<u64, Error> {
    let wrong = |error: &SafeTensorError| source.problem(what_is_wrong(error, length));
    match SafeTensors::read_metadata(bytes) {
        // The tensors are still to come.
        Ok(_) | Err(SafeTensorError::MetadataIncompleteBuffer) => {}
        Err(error) => return Err(wrong(&error)),
    }
    let told = |error: serde_json::Error| wrong(&SafeTensorError::InvalidHeaderDeserialization(error));
    let text = bytes.get(LENGTH_BYTES..).unwrap_or_default();
    match serde_json::from_slice(text).map_err(told)? {
        Keys::Once => {}
        Keys::Twice(key) => return Err(source.problem(format!("is damaged: its header has `{key}` twice"))),
    }
    let tensors = serde_json::from_slice::<Metadata>(text).map_err(told)?.data_len() as u64;
    if let Some(Limit { values, of }) = limit
        && tensors / size_of::<f32>() as u64 > values
    {
        return Err(source.problem(format!("is larger than {of}")));
    }
    if bytes.len() as u64 + tensors != length {
        return Err(wrong(&SafeTensorError::MetadataIncompleteBuffer));
    }
    Ok(tensors)
}

/// Appends the next bytes of a file, so many at most: it may have become shorter or longer meanwhile.
fn read_on(file: &mut File, length: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    // A file larger than memory is an error too, not the end of the process.
    bytes.try_reserve_exact(usize::try_from(length).unwrap_or(usize::MAX))?;
    file.take(length).read_to_end(bytes).map(drop)
}

/// Whether an object of some JSON has a key twice: readers differ in which of both counts.
enum Keys {
    Once,
    Twice(String),
}

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeysVisitor)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = Keys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
        let (mut seen, mut twice) = (BTreeSet::new(), Keys::Once);
        while let Some(key) = map.next_key::<String>()? {
            if let Keys::Twice(key) = map.next_value()? {
                twice = Keys::Twice(key);
            }
            twice = seen.replace(key).map_or(twice, Keys::Twice);
        }
        Ok(twice)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Keys, A::Error> {
        let mut twice = Keys::Once;
        while let Some(keys) = list.next_element()? {
            if let Keys::Twice(key) = keys {
                twice = Keys::Twice(key);
            }
        }
        Ok(twice)
    }

    fn visit_str<E>(self, _: &str) -> Result<Keys, E> {
        Ok(Keys::Once)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Keys, E> {
        Ok(Keys::Once)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Keys, E> {
        Ok(Keys::Once)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Keys, E> {
        Ok(Keys::Once)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Keys, E> {
        Ok(Keys::Once)
    }

    fn visit_unit<E>(self) -> Result<Keys, E> {
        Ok(Keys::Once)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a file of this header and these bytes behind it.
    fn refused(header: &str, length: u64, limit: Option<Limit>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat()).unwrap();
        File::options().write(true).open(&path).unwrap().set_len(8 + header.len() as u64 + length).unwrap();
        match read_file(&path, limit) {
            Err(Error::File { problem, .. }) => problem,
            Err(other) => panic!("{other}"),
            Ok(bytes) => format!("fine: {} bytes", bytes.len() - header.len() - 8),
        }
    }

    #[test]
    fn a_header_is_looked_through_before_memory_is_taken() {
        let tensor = |name: &str, range: [u64; 2]| {
            format!(
                "\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{}],\"data_offsets\":{range:?}}}",
                (range[1] - range[0]) / 4
            )
        };
        let (a, b) = (tensor("a", [0, 8]), tensor("b", [8, 12]));
        assert_eq!(refused(&format!("{{{a},{b}}}"), 12, None), "fine: 12 bytes");
        let filled = "is cut off or has been added to: its tensors do not fill it";
        for length in [0, 8, 13, 1 << 40] {
            assert_eq!(refused(&format!("{{{a},{b}}}"), length, None), filled);
        }
        let limit = |values| Some(Limit { values, of: "a bucket" });
        assert_eq!(refused(&format!("{{{a},{b}}}"), 12, limit(3)), "fine: 12 bytes");
        assert_eq!(refused(&format!("{{{a},{b}}}"), 12, limit(2)), "is larger than a bucket");
        // Without a byte on the disk, and larger than any memory.
        let large = tensor("a", [0, 1 << 40]);
        assert_eq!(refused(&format!("{{{large}}}"), 1 << 40, limit(1000)), "is larger than a bucket");
        assert!(refused("nonsense", 1 << 40, None).starts_with("is no safetensors file or damaged"));
    }

    #[test]
    fn a_key_that_is_there_twice_is_refused() {
        let tensor = "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
        let once = format!("{{\"__metadata__\":{{\"a\":\"1\",\"b\":\"2\"}},\"w\":{tensor}}}");
        assert_eq!(refused(&once, 4, None), "fine: 4 bytes");
        let twice = "is damaged: its header has `w` twice";
        assert_eq!(refused(&format!("{{\"w\":{tensor},\"w\":{tensor}}}"), 4, None), twice);
        assert_eq!(refused(&format!("{{\"w\":{tensor},\"\\u0077\":{tensor}}}"), 4, None), twice);
        let metadata = format!("{{\"__metadata__\":{{\"a\":\"1\",\"a\":\"2\"}},\"w\":{tensor}}}");
        assert_eq!(refused(&metadata, 4, None), "is damaged: its header has `a` twice");
    }

    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_read() {
        for path in ["/dev/zero", "/dev"] {
            let error = read_file(Path::new(path), None).unwrap_err().to_string();
            assert_eq!(error, format!("{path}: is no regular file"));
        }
    }
}
