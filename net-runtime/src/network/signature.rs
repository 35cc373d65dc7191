//! What a network takes and gives.

/// An input or output of a network.
#[derive(Clone, Copy, Debug)]
pub struct Port {
    /// Its name.
    pub name: &'static str,
    /// Whether it holds classes or indices (`u32`), not numbers.
    pub classes: bool,
    /// Length of every axis of one sample.
    pub dims: &'static [usize],
}

/// The inputs and outputs of a network.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// In the order of the declaration.
    pub inputs: &'static [Port],
    /// In the order of the declaration.
    pub outputs: &'static [Port],
}
