//! What a generated network is: its traits, what its code calls beside layers, and networks inside of it.

pub mod announced;
pub(crate) mod checks;
pub(crate) mod info;
pub mod inner;
pub mod shares;
pub(crate) mod traits;
