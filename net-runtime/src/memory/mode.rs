//! How a pass is computed.

/// What a forward pass is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Keeps what the backward pass needs; dropout is active.
    Training,
    /// As [`Training`](Self::Training), but keeps only what gradients by weights need, as a trainer does: a backward pass behind it has
    /// no gradients by inputs. Where the first layers are declared `frozen`, it takes a fraction of the memory; elsewhere it is the same.
    TrainingWeights,
    /// Keeps nothing but the outputs; dropout does nothing.
    Inference,
}

impl Mode {
    /// Whether a backward pass can follow: layers do what they do in training.
    pub const fn trains(self) -> bool {
        match self {
            Self::Training | Self::TrainingWeights => true,
            Self::Inference => false,
        }
    }
}

/// How carefully convolutions are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arithmetic {
    /// Convolutions with three to seven taps along an axis use Winograd's algorithm where it pays: up to about twice as fast, with
    /// rounding errors some four times as large (see [`Conv2d`](crate::layers::Conv2d)), and a NaN or an infinity spreads over its
    /// tile, of 4x4 pixels for 3x3.
    /// Numbers are multiplied and added up before they cancel: where inputs, or their products with weights, reach 1e36, a result
    /// may be infinite or a NaN although its definition is finite.
    #[default]
    Fast,
    /// Every result is the sum of products that its definition says, each rounded to `f32`.
    Exact,
}
