//! Named tensors of f32 in a safetensors file.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use safetensors::tensor::{Dtype, View};
use safetensors::{SafeTensorError, SafeTensors};

use super::problem::{Source, what_is_wrong};
use super::read::{LENGTH_BYTES, Limit, read_file};
use super::replace::replace_file;
use crate::error::Error;

/// What a file of tensors holds.
///
/// ```
/// use net_runtime::io::{Tensor, Tensors, read_tensors, write_tensors};
///
/// # let path = std::env::temp_dir().join(format!("net-runtime-{}-doc.safetensors", std::process::id()));
/// let mut scales = Tensors::default();
/// scales.tensors.insert("mean".to_owned(), Tensor { dims: vec![2], values: vec![0.5, 0.25] });
/// scales.metadata.insert("made by".to_owned(), "me".to_owned());
/// write_tensors(&path, &scales)?;
/// assert_eq!(read_tensors(&path)?, scales);
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), net_runtime::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensors {
    /// The tensors by their names.
    pub tensors: BTreeMap<String, Tensor>,
    /// What was written along with them.
    pub metadata: BTreeMap<String, String>,
}

/// A tensor of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Length of every axis.
    pub dims: Vec<usize>,
    /// The values in row-major order.
    pub values: Vec<f32>,
}

/// Writes tensors and what is said of them, for [`read_tensors`] and for other programs. The same content makes the same
/// file to the byte, and the file is replaced as a whole: whoever reads it finds the old content or the new.
///
/// # Errors
///
/// [`Error::Io`] if the file cannot be written; [`Error::Invalid`] if a tensor has another number of values than its
/// dimensions say.
pub fn write_tensors(path: impl AsRef<Path>, content: &Tensors) -> Result<(), Error> {
    let tensors = content.tensors.iter().map(|(name, tensor)| (name.clone(), &*tensor.dims, &*tensor.values));
    write_borrowed(path.as_ref(), tensors.collect(), &content.metadata)
}

/// [`write_tensors`] of tensors that lie elsewhere, each a name, its dimensions and its values: without a copy.
///
/// # Errors
///
/// As [`write_tensors`], and [`Error::Invalid`] if two tensors have one name.
pub(crate) fn write_borrowed(
    path: &Path,
    tensors: Vec<(String, &[usize], &[f32])>,
    metadata: &BTreeMap<String, String>,
) -> Result<(), Error> {
    let file =
        serialize(tensors, metadata).map_err(|problem| Error::Invalid(format!("{}: {problem}", path.display())))?;
    replace_file(path, &file)
}

/// The bytes of such a file; an error is what is wrong with a tensor.
pub(super) fn serialize(
    tensors: Vec<(String, &[usize], &[f32])>,
    metadata: &BTreeMap<String, String>,
) -> Result<Vec<u8>, String> {
    let mut names = BTreeSet::new();
    let mut borrowed = Vec::new();
    for (name, dims, values) in tensors {
        if dims.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim)) != Some(values.len()) {
            return Err(format!("tensor `{name}` of {dims:?} has {} values", values.len()));
        }
        if !names.insert(name.clone()) {
            return Err(format!("two tensors are called `{name}`"));
        }
        borrowed.push((name, Borrowed { dims, values }));
    }
    let metadata = metadata.clone().into_iter().collect();
    let mut file = safetensors::serialize(borrowed, Some(metadata)).map_err(|error| error.to_string())?;
    sort_header(&mut file);
    Ok(file)
}

/// Reads all tensors of a file.
///
/// # Errors
///
/// [`Error::Io`] if the file cannot be read; [`Error::File`] if it is no safetensors file, is cut off, or has a tensor
/// that is not of f32.
pub fn read_tensors(path: impl AsRef<Path>) -> Result<Tensors, Error> {
    read_tensors_within(path.as_ref(), None)
}

/// The same for a file whose tensors are within a limit.
pub(crate) fn read_tensors_within(path: &Path, limit: Option<Limit>) -> Result<Tensors, Error> {
    let source = Source::File(path);
    let bytes = read_file(path, limit)?;
    let (file, metadata) = parse(source, &bytes)?;
    let tensors = file.iter().map(|(name, tensor)| {
        expect_f32(source, name, tensor.dtype())?;
        let values = floats(tensor.data()).collect();
        Ok((name.to_owned(), Tensor { dims: tensor.shape().to_vec(), values }))
    });
    Ok(Tensors { tensors: tensors.collect::<Result<_, Error>>()?, metadata })
}

/// The tensors and the metadata in the bytes of a file.
pub(super) fn parse<'b>(
    source: Source<'_>,
    bytes: &'b [u8],
) -> Result<(SafeTensors<'b>, BTreeMap<String, String>), Error> {
    let told = |error: SafeTensorError| source.problem(what_is_wrong(&error, bytes.len() as u64));
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(told)?;
    let metadata = header.metadata().iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
    let file = SafeTensors::deserialize(bytes).map_err(told)?;
    Ok((file, metadata))
}

/// An error unless a tensor's elements are f32.
pub(super) fn expect_f32(source: Source<'_>, name: &str, found: Dtype) -> Result<(), Error> {
    match found {
        Dtype::F32 => Ok(()),
        other => Err(source.problem(format!("tensor `{name}` should be of F32, but is of {other}"))),
    }
}

/// The numbers in a tensor's bytes, which are little-endian on every machine.
pub(super) fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> {
    let (numbers, _) = bytes.as_chunks();
    numbers.iter().map(|&number| f32::from_le_bytes(number))
}

/// Puts the keys of a file's header in order: the format leaves theirs open, and the writer's differs on every run.
fn sort_header(file: &mut [u8]) {
    let Some(length) = file.first_chunk().map(|&length| u64::from_le_bytes(length)) else { return };
    let Ok(length) = usize::try_from(length) else { return };
    let Some(header) = file.get_mut(LENGTH_BYTES..).and_then(|rest| rest.get_mut(..length)) else { return };
    // Objects within objects are as deep as it goes. A `Value` for an object would keep its keys in order only as long as
    // no crate of the program asks serde_json for the order of the text. Written again it has the same length, but for
    // the padding.
    if let Ok(entries) = serde_json::from_slice::<BTreeMap<String, BTreeMap<String, serde_json::Value>>>(header)
        && let Ok(sorted) = serde_json::to_vec(&entries)
        && sorted.len() <= header.len()
    {
        header.fill(b' ');
        header[..sorted.len()].copy_from_slice(&sorted);
    }
}

/// A tensor to write.
struct Borrowed<'t> {
    dims: &'t [usize],
    values: &'t [f32],
}

impl View for Borrowed<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        self.dims
    }

    fn data(&self) -> Cow<'_, [u8]> {
        if cfg!(target_endian = "little") {
            Cow::Borrowed(bytemuck::cast_slice(self.values))
        } else {
            Cow::Owned(self.values.iter().flat_map(|value| value.to_le_bytes()).collect())
        }
    }

    fn data_len(&self) -> usize {
        size_of_val(self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> BTreeMap<String, String> {
        ["step", "seed", "format", "network", "\"quoted\" ü"].map(|key| (key.to_owned(), format!("{key} 7"))).into()
    }

    fn write(path: &Path) -> Result<(), Error> {
        let tensors: Vec<(String, &[usize], &[f32])> = vec![
            ("b.kernel".to_owned(), &[2, 3], &[1.0, -2.5, f32::MIN_POSITIVE, f32::NAN, -0.0, f32::INFINITY]),
            ("a.bias".to_owned(), &[1], &[0.1]),
            ("empty \"ü\"".to_owned(), &[0, 5], &[]),
        ];
        write_borrowed(path, tensors, &metadata())
    }

    #[test]
    fn what_is_written_is_read_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.safetensors");
        write(&path).unwrap();
        let read = read_tensors(&path).unwrap();
        assert_eq!(read.metadata, metadata());
        assert_eq!(read.tensors.keys().collect::<Vec<_>>(), ["a.bias", "b.kernel", "empty \"ü\""]);
        let kernel = &read.tensors["b.kernel"];
        assert_eq!(kernel.dims, [2, 3]);
        let bits: Vec<u32> = kernel.values.iter().map(|value| value.to_bits()).collect();
        let expected = [1.0, -2.5, f32::MIN_POSITIVE, f32::NAN, -0.0, f32::INFINITY].map(f32::to_bits);
        assert_eq!(bits, expected);
        assert_eq!(read.tensors["empty \"ü\""].dims, [0, 5]);
    }

    #[test]
    fn the_same_content_makes_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let contents: BTreeSet<Vec<u8>> = (0..10)
            .map(|_| {
                write(&path).unwrap();
                std::fs::read(&path).unwrap()
            })
            .collect();
        assert_eq!(contents.len(), 1);
        let text = contents.iter().map(|file| String::from_utf8_lossy(file)).collect::<String>();
        let places: Vec<_> =
            ["\"format\"", "\"network\"", "\"seed\"", "\"step\"", "\"a.bias\"", "\"data_offsets\"", "\"dtype\""]
                .map(|key| text.find(key).expect("the key is in the header"))
                .into();
        assert!(places.is_sorted(), "{text}");
    }

    #[test]
    fn refuses_two_tensors_of_one_name_and_values_that_do_not_fill_the_shape() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let twice: Vec<(String, &[usize], &[f32])> =
            vec![("w".to_owned(), &[1], &[0.0]), ("w".to_owned(), &[1], &[0.0])];
        let error = write_borrowed(&path, twice, &BTreeMap::new()).unwrap_err().to_string();
        assert!(error.ends_with("two tensors are called `w`"), "{error}");
        for (dims, values) in [(&[2usize, 2][..], &[0.0f32; 3][..]), (&[usize::MAX, 2], &[])] {
            let error = write_borrowed(&path, vec![("w".to_owned(), dims, values)], &BTreeMap::new()).unwrap_err();
            assert!(error.to_string().contains("tensor `w` of ["), "{error}");
        }
        let wrong = Tensor { dims: vec![2, 2], values: vec![0.0; 3] };
        let tensors = Tensors { tensors: [("w".to_owned(), wrong)].into(), ..Tensors::default() };
        let error = write_tensors(&path, &tensors).unwrap_err().to_string();
        assert!(error.ends_with("tensor `w` of [2, 2] has 3 values"), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn what_was_read_can_be_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        write(&first).unwrap();
        write_tensors(&second, &read_tensors(&first).unwrap()).unwrap();
        assert_eq!(std::fs::read(&first).unwrap(), std::fs::read(&second).unwrap());
    }
}
