//! The parameters of a network in a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::problem::Source;
use super::read::{Limit, check_bytes, read_file};
use super::replace::replace_file;
use super::tensors::{expect_f32, floats, parse, serialize};
use crate::error::Error;
use crate::network::traits::Network;
use crate::tensor::name::Name;
use crate::tensor::param::Param;

/// What a file's `format` says when it was written here.
const FORMAT: &str = "net-runtime";

/// Values beyond a network's parameters that are still read: 64 MB.
const MORE: u64 = 16 << 20;

/// Writes a network's parameters as safetensors: a tensor of f32 for each, under its stable name and in its own layout.
///
/// # Errors
///
/// [`Error::Io`] if the file cannot be written. The old file, if there was one, is then still there.
pub fn save_parameters<N: Network>(net: &N, path: impl AsRef<Path>) -> Result<(), Error> {
    replace_file(path.as_ref(), &parameters_to_bytes(net)?)
}

/// The bytes of the file that [`save_parameters`] writes.
///
/// # Errors
///
/// [`Error::Invalid`] if two parameters have one name, as those of a network that was written by hand may have.
pub fn parameters_to_bytes<N: Network>(net: &N) -> Result<Vec<u8>, Error> {
    let mut tensors = Vec::new();
    net.visit(&mut |name, parameter| tensors.push((name.to_string(), parameter.dims(), parameter.values())));
    let metadata = [("format", FORMAT), ("network", N::INFO.name), ("version", env!("CARGO_PKG_VERSION"))];
    let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    serialize(tensors, &metadata).map_err(|problem| Error::Invalid(format!("`{}`: {problem}", N::INFO.name)))
}

/// Reads a network's parameters. Everything is checked first: after an error the network is as it was.
///
/// A file without metadata, e.g. one that another program wrote, is taken if its tensors are the network's.
///
/// # Errors
///
/// [`Error::Io`] if the file cannot be read; [`Error::File`] if it is no safetensors file, is cut off, says that it
/// belongs to another network, lacks a parameter, holds a tensor that the network has not, or one of another shape or
/// element type.
pub fn load_parameters<N: Network>(net: &mut N, path: impl AsRef<Path>) -> Result<(), Error> {
    let path = path.as_ref();
    let bytes = read_file(path, Some(limit::<N>()))?;
    take(net, Source::File(path), &bytes)
}

/// The same for the bytes of such a file, which need not lie in a file: `include_bytes!` makes them part of a program.
///
/// # Errors
///
/// [`Error::Bytes`] for what is [`Error::File`] there.
pub fn load_parameters_from_bytes<N: Network>(net: &mut N, bytes: &[u8]) -> Result<(), Error> {
    check_bytes(bytes, Some(limit::<N>()))?;
    take(net, Source::Memory, bytes)
}

/// A file that has a little more than the network is told what that is.
fn limit<N: Network>() -> Limit {
    let values = (N::INFO.parameters as u64).saturating_add(MORE);
    Limit { values, of: "all parameters of this network" }
}

/// Checks all tensors, and takes them over.
fn take<N: Network>(net: &mut N, source: Source<'_>, bytes: &[u8]) -> Result<(), Error> {
    take_over(source, bytes, N::INFO.name, &mut |each| net.visit_mut(each))
}

/// What is done with each parameter of a network.
type Each<'a> = dyn FnMut(Name<'_>, &mut Param) + 'a;

/// The same for a network of this name, whose parameters can be visited: compiled once, not for each network.
fn take_over(
    source: Source<'_>,
    bytes: &[u8],
    network: &str,
    visit: &mut dyn FnMut(&mut Each<'_>),
) -> Result<(), Error> {
    let mut parameters = BTreeMap::new();
    visit(&mut |name, parameter| {
        parameters.insert(name.to_string(), parameter.dims().to_vec());
    });
    let (file, metadata) = parse(source, bytes)?;
    if let Some(other) = metadata.get("network").filter(|&name| name != network) {
        return Err(source.problem(format!("holds the parameters of `{other}`, not of `{network}`")));
    }

    let found: BTreeSet<&str> = file.names().into_iter().collect();
    let missing = parameters.keys().map(String::as_str).filter(|name| !found.contains(name));
    let surplus = found.iter().copied().filter(|name| !parameters.contains_key(*name));
    let missing = quoted(&missing.collect::<Vec<_>>());
    let surplus = quoted(&surplus.collect::<Vec<_>>());
    match (missing, surplus) {
        (None, None) => {}
        (Some(missing), None) => return Err(source.problem(format!("lacks {missing}"))),
        (None, Some(surplus)) => {
            return Err(source.problem(format!("has {surplus}, which `{network}` has not")));
        }
        (Some(missing), Some(surplus)) => {
            return Err(source.problem(format!("lacks {missing}, and has {surplus}, which `{network}` has not")));
        }
    }

    let mut checked = BTreeMap::new();
    for (name, tensor) in file.iter() {
        expect_f32(source, name, tensor.dtype())?;
        let expected = parameters.get(name).map_or(&[][..], Vec::as_slice);
        if tensor.shape() != expected {
            return Err(source.problem(format!("tensor `{name}` should be {expected:?}, but is {:?}", tensor.shape())));
        }
        checked.insert(name.to_owned(), tensor.data());
    }

    visit(&mut |name, parameter| {
        if let Some(bytes) = checked.get(&name.to_string()) {
            for (value, number) in parameter.values_mut().iter_mut().zip(floats(bytes)) {
                *value = number;
            }
        }
    });
    Ok(())
}

/// Names of tensors for a message: the first few; `None` for no name.
pub(super) fn quoted(names: &[&str]) -> Option<String> {
    const SHOWN: usize = 4;
    let [first, ..] = names else { return None };
    if let [_] = names {
        return Some(format!("tensor `{first}`"));
    }
    let shown = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Some(match names.len().saturating_sub(SHOWN) {
        0 => format!("tensors {shown}"),
        more => format!("tensors {shown} and {more} more"),
    })
}

#[cfg(test)]
mod tests;
