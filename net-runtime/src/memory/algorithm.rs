//! The algorithms of convolutions, and the passes that each has one for.

/// How a pass over a convolution is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Products by their definition: pixels by weights, or for the gradient of weights pixels by pixels, tap after tap.
    Direct,
    /// By their definition, with all taps of a few channels as the rows of one product.
    FewChannels,
    /// By their definition, with the channels of a few filters as the columns of a product.
    FewFilters,
    /// By their definition, with the patches of few pixels as the rows of a dense layer, whose weights are read once, where they lie. For the
    /// gradient of weights of one tap, with any pixels that are such rows as they lie.
    Patches,
    /// Winograd's algorithm over tiles of 4x4 outputs.
    Winograd,
    /// Winograd's algorithm over few tiles, of 2x2 or 4x4 outputs: some filters are a task.
    FewTiles,
    /// The transpose of that over 4x4, over tiles of 4x4 upstream gradients.
    Adjoint,
    /// Winograd's algorithm along rows, whose tiles have several of them.
    Rows,
    /// Winograd's algorithm along columns.
    Columns,
    /// Winograd's algorithm over the even and odd rows and columns of a convolution of stride 2.
    Strided,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Adjoint,
        Self::Winograd,
        Self::FewTiles,
        Self::Rows,
        Self::Columns,
        Self::Strided,
        Self::FewChannels,
        Self::FewFilters,
        Self::Patches,
        Self::Direct,
    ];

    /// Whether every product of the definition is computed.
    pub(crate) fn is_by_definition(self) -> bool {
        match self {
            Self::Direct | Self::FewChannels | Self::FewFilters | Self::Patches => true,
            Self::Winograd | Self::FewTiles | Self::Adjoint | Self::Rows | Self::Columns | Self::Strided => false,
        }
    }
}

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// The result.
    Forward,
    /// The gradient of the input.
    InputGradient,
    /// The gradient of the weights.
    WeightGradient,
}
