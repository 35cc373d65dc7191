//! A part of a network's parameters from the file of another.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::parameters::quoted;
use super::problem::Source;
use super::read::read_file;
use super::tensors::{expect_f32, floats, parse};
use crate::error::Error;
use crate::network::traits::Network;

/// What [`load_matching`] has taken from a file, and what not. All names are those of the network, but for the surplus.
///
/// ```text
/// taken: tensors `features_conv2d.kernel`, `features_conv2d.bias`, `features_conv2d_2.kernel`, `features_conv2d_2.bias` and 4 more
/// missing in the file: tensors `head.kernel`, `head.bias`
/// of another shape: `class_dense.kernel` is [64, 10] in the file, but [64, 3] in the network
/// surplus in the file: tensor `location_dense.kernel`
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// The parameters that have their values from the file now.
    pub taken: Vec<String>,
    /// The parameters that are not in the file.
    pub missing: Vec<String>,
    /// The tensors of the file that are no parameter of the network.
    pub surplus: Vec<String>,
    /// The parameters that have another shape in the file, and are as they were.
    pub of_another_shape: Vec<OtherShape>,
}

/// A parameter that has another shape in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherShape {
    /// Its name.
    pub name: String,
    /// Length of every axis in the network.
    pub expected: Vec<usize>,
    /// Length of every axis in the file.
    pub found: Vec<usize>,
}

impl fmt::Display for Matching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { taken, missing, surplus, of_another_shape } = self;
        let list = |names: &[String]| {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            quoted(&names).unwrap_or_default()
        };
        write!(f, "taken: {}", list(taken))?;
        if !missing.is_empty() {
            write!(f, "\nmissing in the file: {}", list(missing))?;
        }
        for OtherShape { name, expected, found } in of_another_shape {
            write!(f, "\nof another shape: `{name}` is {found:?} in the file, but {expected:?} in the network")?;
        }
        if !surplus.is_empty() {
            write!(f, "\nsurplus in the file: {}", list(surplus))?;
        }
        Ok(())
    }
}

/// Reads those of a network's parameters that are in a file of another network, or of another version of it, under the same names and
/// in the same shapes. The rest stays as it is. Everything is checked first: after an error the network is as it was.
///
/// # Errors
///
/// [`Error::Io`] if the file cannot be read; [`Error::File`] if it is no safetensors file, is cut off, has a tensor of one of these names
/// that is not of f32, or has none of the parameters.
pub fn load_matching<N: Network>(net: &mut N, path: impl AsRef<Path>) -> Result<Matching, Error> {
    load_matching_as(net, path, "", "")
}

/// The same for the tensors of the file whose names begin with `from`, which are taken for parameters whose names begin with `to`
/// instead: from "features" to "trunk", `features_conv2d.kernel` is `trunk_conv2d.kernel`; from "encoder." to "", those of an inner network
/// are the network's own. Nothing else is looked at.
///
/// # Errors
///
/// As [`load_matching`].
pub fn load_matching_as<N: Network>(
    net: &mut N,
    path: impl AsRef<Path>,
    from: &str,
    to: &str,
) -> Result<Matching, Error> {
    let path = path.as_ref();
    let bytes = read_file(path, None)?;
    let source = Source::File(path);
    let (file, _) = parse(source, &bytes)?;
    let mut names = file.names();
    names.sort_unstable();
    let mut found = BTreeMap::new();
    for name in names.iter().filter_map(|name| name.strip_prefix(from)) {
        let in_file = format!("{from}{name}");
        if let Ok(tensor) = file.tensor(&in_file) {
            found.insert(format!("{to}{name}"), (in_file, tensor));
        }
    }
    let mut matching = Matching::default();
    let mut taken = BTreeMap::new();
    let mut checked = Ok(());
    net.visit(&mut |name, parameter| {
        let name = name.to_string();
        if !name.starts_with(to) {
            return;
        }
        let Some((in_file, tensor)) = found.remove(&name) else { return matching.missing.push(name) };
        if tensor.shape() != parameter.dims() {
            let (expected, found) = (parameter.dims().to_vec(), tensor.shape().to_vec());
            return matching.of_another_shape.push(OtherShape { name, expected, found });
        }
        if checked.is_ok() {
            checked = expect_f32(source, &in_file, tensor.dtype());
        }
        matching.taken.push(name.clone());
        taken.insert(name, tensor);
    });
    checked?;
    matching.surplus = found.into_values().map(|(in_file, _)| in_file).collect();
    if taken.is_empty() {
        let there = quoted(&names).unwrap_or_else(|| "no tensors".to_owned());
        let what = if to.is_empty() { String::new() } else { format!(" that begins with `{to}`") };
        let fault = format!("has no parameter of `{}`{what} in its shape: it has {there}", N::INFO.name);
        return Err(source.problem(fault));
    }
    net.visit_mut(&mut |name, parameter| {
        if let Some(tensor) = taken.get(&name.to_string()) {
            for (value, number) in parameter.values_mut().iter_mut().zip(floats(tensor.data())) {
                *value = number;
            }
        }
    });
    Ok(matching)
}
