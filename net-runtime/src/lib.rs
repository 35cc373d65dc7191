#![allow(missing_docs)]
pub use net_macros::network;
