//! What the examples share and what is no part of any network: options, data, pictures.

pub mod arguments;
pub mod colors;
pub mod digits;
pub mod documents;
pub mod output;
pub mod picture;
pub mod random;
pub mod scenes;
pub mod stamps;
pub mod stereo_pairs;
