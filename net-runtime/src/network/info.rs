//! The tables of networks, as they lie in the constants of generated code.

/// A network, a shared chain of layers, or an inner network, as a table.
pub type NetworkInfo = net_drawing::NetworkInfo<'static>;

/// An input, a layer with the activation fused to it, a shared layer with all its uses, or an inner network.
pub type RowInfo = net_drawing::RowInfo<'static>;

/// One use of a row.
pub type UseInfo = net_drawing::UseInfo<'static>;

/// An output of a network.
pub type OutputInfo = net_drawing::OutputInfo<'static>;

/// A network's layers with their shapes, parameters and connections: what a program prints.
pub type Summary = net_drawing::Summary<'static>;
