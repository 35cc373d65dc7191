//! A network's file, whole and damaged in every way.

use std::path::PathBuf;

use tempfile::TempDir;

use super::super::matching::load_matching;
use super::super::tensors::write_borrowed;
use super::*;
use crate::memory::mode::Mode;
use crate::memory::random::RandomKey;
use crate::network::info::NetworkInfo;
use crate::network::traits::{Gradients, Inputs, ParamVisitor, Workspace};
use crate::parameters::gradient::Gradient;
use crate::tensor::name::Name;
use crate::tensor::param::Param;

/// A network that has parameters and computes nothing.
#[derive(Clone)]
struct Small {
    kernel: Param,
    bias: Param,
}

#[derive(Clone, Copy)]
struct Nothing;

impl Inputs for Nothing {
    fn samples(&self) -> Result<usize, Error> {
        Ok(0)
    }

    fn slice(&self, _: std::ops::Range<usize>) -> Self {
        Self
    }
}

impl Workspace for Nothing {
    fn new(_: usize) -> Self {
        Self
    }

    fn set_arithmetic(&mut self, _: crate::memory::mode::Arithmetic) {}

    fn set_random(&mut self, _: RandomKey) {}
}

impl Gradients for Nothing {
    fn zeros() -> Self {
        Self
    }

    fn visit(&self, _: &mut dyn FnMut(Name<'_>, &Gradient)) {}

    fn visit_mut(&mut self, _: &mut dyn FnMut(Name<'_>, &mut Gradient)) {}
}

impl Network for Small {
    type Inputs<'a> = Nothing;
    type Outputs = ();
    type OutputViews<'w> = ();
    type Workspace = Nothing;
    type Gradients = Nothing;

    const INFO: &'static NetworkInfo = &NetworkInfo {
        name: "Small",
        rows: &[],
        outputs: &[],
        parameters: 9,
        non_trainable_parameters: 0,
        multiply_adds: 6,
        inference_bytes: 0,
        training_bytes: 0,
    };

    fn new(seed: u64) -> Self {
        let mut net = Self { kernel: Param::zeros(&[2, 3]), bias: Param::zeros(&[3]) };
        for (index, value) in net.kernel.values_mut().iter_mut().enumerate() {
            *value = (seed * 100 + index as u64) as f32;
        }
        net.bias.values_mut().fill(seed as f32);
        net
    }

    fn forward(&self, _: Nothing, _: Mode, _: &mut Nothing) -> Result<(), Error> {
        Ok(())
    }

    fn reserve((): &mut (), _: usize) -> Result<(), Error> {
        Ok(())
    }

    fn append((): &mut (), (): ()) {}

    fn visit<'p>(&'p self, visitor: ParamVisitor<'_, 'p>) {
        visitor(Name::new("dense.kernel"), &self.kernel);
        visitor(Name::new("dense.bias"), &self.bias);
    }

    fn visit_mut(&mut self, visitor: &mut dyn FnMut(Name<'_>, &mut Param)) {
        visitor(Name::new("dense.kernel"), &mut self.kernel);
        visitor(Name::new("dense.bias"), &mut self.bias);
    }

    fn visit_with_gradients(&mut self, _: &Nothing, _: &mut dyn FnMut(Name<'_>, &mut Param, &Gradient)) {}
}

type NamedTensor<'t> = (&'t str, &'t [usize], &'t [f32]);

const KERNEL: NamedTensor<'static> = ("dense.kernel", &[2, 3], &[0.5; 6]);
const BIAS: NamedTensor<'static> = ("dense.bias", &[3], &[0.5; 3]);

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.safetensors");
    (folder, path)
}

fn write(path: &Path, tensors: &[NamedTensor<'_>], metadata: &[(&str, &str)]) {
    let metadata = metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let tensors = tensors.iter().map(|&(name, dims, values)| (name.to_owned(), dims, values));
    write_borrowed(path, tensors.collect(), &metadata).unwrap();
}

/// Loads a file that must be refused, checks that the network is untouched, and returns what is wrong with the file. Its bytes are
/// refused for the same reason.
fn refused(path: &Path) -> String {
    let mut net = Small::new(3);
    let versions = (net.kernel.version(), net.bias.version());
    let error = load_parameters(&mut net, path).unwrap_err();
    let Error::File { path: named, problem } = error else { panic!("not an error of a file: {error}") };
    assert_eq!(named, path);
    // But for the file that is larger than memory.
    if std::fs::metadata(path).unwrap().len() < 1 << 20 {
        let error = load_parameters_from_bytes(&mut net, &std::fs::read(path).unwrap()).unwrap_err();
        let Error::Bytes { problem: of_bytes } = error else { panic!("not an error of bytes: {error}") };
        assert_eq!(of_bytes, problem);
    }
    assert_eq!((net.kernel.version(), net.bias.version()), versions, "a refused file changed the network");
    problem
}

#[test]
fn a_saved_network_comes_back() {
    let (_folder, path) = place();
    save_parameters(&Small::new(7), &path).unwrap();
    let mut net = Small::new(1);
    let version = net.kernel.version();
    load_parameters(&mut net, &path).unwrap();
    assert_eq!(net.kernel.values(), Small::new(7).kernel.values());
    assert_eq!(net.bias.values(), Small::new(7).bias.values());
    assert_ne!(net.kernel.version(), version);
    let metadata = super::super::read_tensors(&path).unwrap().metadata;
    assert_eq!((metadata["network"].as_str(), metadata["format"].as_str()), ("Small", "net-runtime"));
}

#[test]
fn bytes_are_those_of_the_file() {
    let (_folder, path) = place();
    save_parameters(&Small::new(7), &path).unwrap();
    let bytes = parameters_to_bytes(&Small::new(7)).unwrap();
    assert_eq!(bytes, std::fs::read(&path).unwrap());
    let mut net = Small::new(1);
    let version = net.kernel.version();
    load_parameters_from_bytes(&mut net, &bytes).unwrap();
    assert_eq!(net.kernel.values(), Small::new(7).kernel.values());
    assert_eq!(net.bias.values(), Small::new(7).bias.values());
    assert_ne!(net.kernel.version(), version);
    let error = load_parameters_from_bytes(&mut net, b"weights").unwrap_err().to_string();
    assert_eq!(error, "the bytes of the file: is no safetensors file: it has 7 bytes, less than its length field");
}

#[test]
fn a_file_of_another_program_is_taken_if_its_tensors_fit() {
    let (_folder, path) = place();
    write(&path, &[KERNEL, BIAS], &[("format", "pt")]);
    let mut net = Small::new(1);
    load_parameters(&mut net, &path).unwrap();
    assert_eq!(net.bias.values(), [0.5; 3]);
}

#[test]
fn another_network_is_refused_even_if_its_tensors_fit() {
    let (_folder, path) = place();
    write(&path, &[KERNEL, BIAS], &[("network", "Stereo")]);
    assert_eq!(refused(&path), "holds the parameters of `Stereo`, not of `Small`");
}

#[test]
fn missing_and_surplus_tensors_are_named() {
    let (_folder, path) = place();
    let other: NamedTensor<'_> = ("conv.kernel", &[1], &[0.0]);
    write(&path, &[KERNEL], &[]);
    assert_eq!(refused(&path), "lacks tensor `dense.bias`");
    write(&path, &[KERNEL, BIAS, other], &[]);
    assert_eq!(refused(&path), "has tensor `conv.kernel`, which `Small` has not");
    write(&path, &[other], &[]);
    assert_eq!(
        refused(&path),
        "lacks tensors `dense.bias`, `dense.kernel`, and has tensor `conv.kernel`, which `Small` has not"
    );
    let names: Vec<String> = (0..9).map(|index| format!("layer_{index}")).collect();
    let mut many: Vec<NamedTensor<'_>> = names.iter().map(|name| (name.as_str(), BIAS.1, BIAS.2)).collect();
    many.extend([KERNEL, BIAS]);
    write(&path, &many, &[]);
    assert_eq!(
        refused(&path),
        "has tensors `layer_0`, `layer_1`, `layer_2`, `layer_3` and 5 more, which `Small` has not"
    );
}

#[test]
fn a_wrong_shape_is_told_with_both_shapes() {
    let (_folder, path) = place();
    write(&path, &[("dense.kernel", &[3, 2], &[0.5; 6]), BIAS], &[]);
    assert_eq!(refused(&path), "tensor `dense.kernel` should be [2, 3], but is [3, 2]");
}

#[test]
fn a_wrong_element_type_is_told() {
    let (_folder, path) = place();
    write(&path, &[KERNEL, BIAS], &[]);
    let bytes = std::fs::read(&path).unwrap();
    // I32 has the same length as F32, so that only the type is wrong.
    let at = bytes.windows(3).position(|window| window == b"F32").unwrap();
    let mut other = bytes;
    other[at] = b'I';
    std::fs::write(&path, &other).unwrap();
    assert_eq!(refused(&path), "tensor `dense.bias` should be of F32, but is of I32");
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    let (_folder, path) = place();
    save_parameters(&Small::new(7), &path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        refused(&path);
    }
    let mut longer = whole;
    longer.push(0);
    std::fs::write(&path, &longer).unwrap();
    assert_eq!(refused(&path), "is cut off or has been added to: its tensors do not fill it");
}

/// Takes a part of a file that must be refused, checks that the network is untouched, and returns what is wrong with the file.
fn refused_in_part(path: &Path) -> String {
    let mut net = Small::new(3);
    let versions = (net.kernel.version(), net.bias.version());
    let error = load_matching(&mut net, path).unwrap_err();
    assert_eq!((net.kernel.version(), net.bias.version()), versions, "a refused file changed the network");
    let Error::File { path: named, problem } = error else { panic!("not an error of a file: {error}") };
    assert_eq!(named, path);
    problem
}

#[test]
fn no_part_is_taken_of_a_damaged_file() {
    let (_folder, path) = place();
    let other: NamedTensor<'_> = ("conv.kernel", &[1], &[0.0]);
    write(&path, &[KERNEL, BIAS, other], &[]);
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        refused_in_part(&path);
    }
    std::fs::write(&path, [&whole[..], &[0]].concat()).unwrap();
    assert_eq!(refused_in_part(&path), "is cut off or has been added to: its tensors do not fill it");
    // Each change of one byte is that of a tensor which is told; that the file has others does not help.
    let changed = |tensor: &str, from: &[u8], to: &[u8]| {
        let begin = whole.windows(tensor.len()).position(|window| window == tensor.as_bytes()).unwrap();
        let at = begin + whole[begin..].windows(from.len()).position(|window| window == from).unwrap();
        let mut bytes = whole.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        std::fs::write(&path, bytes).unwrap();
        refused_in_part(&path)
    };
    assert_eq!(changed("dense.bias", b"F32", b"I32"), "tensor `dense.bias` should be of F32, but is of I32");
    assert_eq!(changed("dense.kernel", b"F32", b"U32"), "tensor `dense.kernel` should be of F32, but is of U32");
    let misplaced = changed("dense.kernel", b"offsets\":[", b"offsets\":[9");
    assert!(misplaced.contains("damaged") || misplaced.contains("cut off"), "{misplaced}");
    std::fs::write(&path, b"garbage, no tensors at all").unwrap();
    assert!(refused_in_part(&path).starts_with("is no safetensors file"));
    // A tensor that is not asked for may be of any type.
    let at = whole.windows(11).position(|window| window == b"conv.kernel").unwrap();
    let mut bytes = whole.clone();
    let at = at + bytes[at..].windows(3).position(|window| window == b"F32").unwrap();
    bytes[at] = b'I';
    std::fs::write(&path, bytes).unwrap();
    let matching = load_matching(&mut Small::new(3), &path).unwrap();
    assert_eq!((matching.taken.len(), &*matching.surplus), (2, &["conv.kernel".to_owned()][..]));
}

#[test]
fn garbage_and_impossible_headers_are_refused() {
    let (_folder, path) = place();
    for (bytes, told) in [
        (&b"garbage, no tensors at all"[..], "is no safetensors file"),
        (&[0xff; 64], "header would have more than 100 MB"),
        (&[0; 64], "is no safetensors file or damaged"),
        (b"\x08\0\0\0\0\0\0\0{\"a\":1} ", "is no safetensors file or damaged"),
        (b"\x02\0\0\0\0\0\0\0{}", "lacks tensors `dense.bias`, `dense.kernel`"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let problem = refused(&path);
        assert!(problem.contains(told), "{problem}");
    }
    // Far larger than any file of this network, yet without a byte on the disk.
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(1 << 40).unwrap();
    assert!(refused(&path).starts_with("is no safetensors file or damaged"));
    let header = format!(r#"{{"w":{{"dtype":"F32","shape":[{}],"data_offsets":[0,{}]}}}}"#, 1_u64 << 38, 1_u64 << 40);
    std::fs::write(&path, [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat()).unwrap();
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len((1 << 40) + 8 + header.len() as u64).unwrap();
    assert_eq!(refused(&path), "is larger than all parameters of this network");
}

#[test]
fn a_file_that_is_not_there_is_an_error_of_the_system() {
    let (_folder, path) = place();
    let mut net = Small::new(1);
    assert!(matches!(load_parameters(&mut net, &path), Err(Error::Io { .. })));
}
