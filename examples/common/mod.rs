//! What the examples share and what is no part of any network: options, data, pictures.

// Every example takes what it needs, and each is compiled with all of this.
#![allow(dead_code)]

pub mod arguments;
pub mod colors;
pub mod digits;
pub mod output;
pub mod picture;
pub mod scenes;
pub mod stamps;
pub mod stereo_pairs;
