//! What the compiler knows about a network, as data for its summary and its picture. At run time it lies in constants; the
//! compiler itself draws, too, for the documentation.

/// A network, a shared chain of layers, or an inner network, as a table.
#[derive(Clone, Copy, Debug)]
pub struct NetworkInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its inputs and layers, each before its readers.
    pub rows: &'a [RowInfo<'a>],
    /// Its outputs.
    pub outputs: &'a [OutputInfo<'a>],
    /// Number of all elements of its weights, whether an optimizer changes them or not.
    pub parameters: usize,
    /// How many of them no optimizer changes: statistics of batches, and weights that are frozen.
    pub non_trainable_parameters: usize,
    /// Multiplications with addition that one sample needs in a forward pass.
    pub multiply_adds: u64,
    /// Bytes of activations per sample that inference needs.
    pub inference_bytes: usize,
    /// Bytes of activations and gradients per sample that a trainer needs.
    pub training_bytes: usize,
}

/// An input, a layer with the activation fused to it, a shared layer with all its uses, or an inner network.
#[derive(Clone, Copy, Debug)]
pub struct RowInfo<'a> {
    /// Its stable name, e.g. `features_conv2d`.
    pub name: &'a str,
    /// Its kind as the user wrote it, e.g. `Conv2d`, `Input`, `Chain`.
    pub kind: &'a str,
    /// Its arguments as the user wrote them, e.g. `256, 3`; empty without.
    pub arguments: &'a str,
    /// Functions applied to its result that belong to it, e.g. `relu`; empty without.
    pub activation: &'a str,
    /// Names of its results where its kind has several and names them, e.g. `sequences`, `hidden` and `cell`; else empty,
    /// and results go by their index.
    pub results: &'a [&'a str],
    /// Number of all elements of its weights; a shared layer's once.
    pub parameters: usize,
    /// How many of them no optimizer changes.
    pub non_trainable_parameters: usize,
    /// Whether it is declared as frozen.
    pub frozen: bool,
    /// Its uses: one for an inline layer, several for a shared one.
    pub uses: &'a [UseInfo<'a>],
    /// The rows of a chain or an inner network.
    pub inner: Option<&'a NetworkInfo<'a>>,
}

impl RowInfo<'_> {
    /// Of nothing: who writes rows for large networks says what differs from this.
    pub const EMPTY: Self = Self {
        name: "",
        kind: "",
        arguments: "",
        activation: "",
        results: &[],
        parameters: 0,
        non_trainable_parameters: 0,
        frozen: false,
        uses: &[],
        inner: None,
    };
}

/// One use of a row.
#[derive(Clone, Copy, Debug)]
pub struct UseInfo<'a> {
    /// Shapes of its results per sample.
    pub outputs: &'a [&'a [usize]],
    /// Where its operands come from; empty for an input.
    pub connected_to: &'a [Connection],
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
#[derive(Clone, Copy, Debug)]
pub struct OutputInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where it comes from.
    pub from: Connection,
}
