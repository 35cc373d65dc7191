//! What the compiler knows about a network, as data for its summary and its picture.

/// A network, a shared chain of layers, or an inner network, as a table.
#[derive(Debug)]
pub struct NetworkInfo {
    /// Its name.
    pub name: &'static str,
    /// Its inputs and layers, each before its readers.
    pub rows: &'static [RowInfo],
    /// Its outputs.
    pub outputs: &'static [OutputInfo],
    /// Number of trainable numbers.
    pub parameters: usize,
    /// Multiplications with addition that one sample needs in a forward pass.
    pub multiply_adds: u64,
    /// Bytes of activations per sample that inference needs.
    pub inference_bytes: usize,
    /// Bytes of activations and gradients per sample that training needs.
    pub training_bytes: usize,
}

/// An input, a layer with the activation fused to it, a shared layer with all its uses, or an inner network.
#[derive(Debug)]
pub struct RowInfo {
    /// Its stable name, e.g. `features_conv2d`.
    pub name: &'static str,
    /// Its kind as the user wrote it, e.g. `Conv2d`, `Input`, `Chain`.
    pub kind: &'static str,
    /// Its arguments as the user wrote them, e.g. `256, 3`; empty without.
    pub arguments: &'static str,
    /// Functions applied to its result that belong to it, e.g. `relu`; empty without.
    pub activation: &'static str,
    /// Number of trainable numbers; a shared layer's once.
    pub parameters: usize,
    /// Its uses: one for an inline layer, several for a shared one.
    pub uses: &'static [UseInfo],
    /// The rows of a chain or an inner network.
    pub inner: Option<&'static NetworkInfo>,
}

/// One use of a row.
#[derive(Debug)]
pub struct UseInfo {
    /// Shapes of its results per sample.
    pub outputs: &'static [&'static [usize]],
    /// Where its operands come from; empty for an input.
    pub connected_to: &'static [Connection],
}

/// A result of a row: Keras prints it as `name[use][tensor]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Index of the row.
    pub row: usize,
    /// Which use of the row.
    pub use_index: usize,
    /// Which result of that use.
    pub tensor: usize,
}

/// An output of a network.
#[derive(Debug)]
pub struct OutputInfo {
    /// Its name.
    pub name: &'static str,
    /// Where it comes from.
    pub from: Connection,
}
