//! What a generated network is: its traits, what its code calls beside layers, and networks inside of it.

pub mod announced;
pub(crate) mod checks;
pub mod frozen;
pub(crate) mod info;
pub mod inner;
pub(crate) mod inner_network;
pub(crate) mod into;
pub(crate) mod no_samples;
pub(crate) mod own;
pub(crate) mod pass;
pub mod shares;
pub(crate) mod signature;
pub(crate) mod traits;
pub mod visits;
