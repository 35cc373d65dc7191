//! What may be wrong with a file's content.

use std::path::Path;

use safetensors::SafeTensorError;

use crate::error::Error;

/// Where bytes are from that may be wrong.
#[derive(Clone, Copy)]
pub(crate) enum Source<'p> {
    /// This file.
    File(&'p Path),
    /// The memory of the program.
    Memory,
}

impl Source<'_> {
    /// An error about the content.
    pub(super) fn problem(self, problem: String) -> Error {
        match self {
            Self::File(path) => Error::File { path: path.into(), problem },
            Self::Memory => Error::Bytes { problem },
        }
    }
}

/// What the reader found wrong, in words for whoever has the file.
pub(super) fn what_is_wrong(error: &SafeTensorError, length: u64) -> String {
    match error {
        SafeTensorError::HeaderTooSmall => {
            format!("is no safetensors file: it has {length} bytes, less than its length field")
        }
        SafeTensorError::HeaderTooLarge => "is no safetensors file: its header would have more than 100 MB".to_owned(),
        SafeTensorError::InvalidHeaderLength => {
            format!("is cut off within its header, or no safetensors file: it has {length} bytes")
        }
        SafeTensorError::MetadataIncompleteBuffer => {
            "is cut off or has been added to: its tensors do not fill it".to_owned()
        }
        SafeTensorError::InvalidOffset(name) => {
            format!("is damaged: tensor `{name}` does not lie where its header says")
        }
        other => format!("is no safetensors file or damaged: {other}"),
    }
}
