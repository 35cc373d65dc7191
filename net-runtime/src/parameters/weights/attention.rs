//! The weights of attention layers.

use crate::tensor::param::Param;

/// Weights of `MultiHeadAttention`: a kernel and a bias for queries, keys, values and the output.
#[derive(Clone, Debug)]
pub struct MultiHead<T = Param> {
    /// `[features of a query, heads, key_dim]`
    pub query_kernel: T,
    /// `[heads, key_dim]`
    pub query_bias: T,
    /// `[features of a key, heads, key_dim]`
    pub key_kernel: T,
    /// `[heads, key_dim]`
    pub key_bias: T,
    /// `[features of a value, heads, value_dim]`
    pub value_kernel: T,
    /// `[heads, value_dim]`
    pub value_bias: T,
    /// `[heads, value_dim, outputs]`
    pub output_kernel: T,
    /// `[outputs]`
    pub output_bias: T,
}

/// Weights of `MultiHeadAttention` with `bias = false`.
#[derive(Clone, Debug)]
pub struct MultiHeadLinear<T = Param> {
    /// `[features of a query, heads, key_dim]`
    pub query_kernel: T,
    /// `[features of a key, heads, key_dim]`
    pub key_kernel: T,
    /// `[features of a value, heads, value_dim]`
    pub value_kernel: T,
    /// `[heads, value_dim, outputs]`
    pub output_kernel: T,
}

/// What `MultiHeadAttention` computes with: four kernels, and perhaps their biases; weights or their gradients.
pub trait MultiHeadWeights<T> {
    /// Kernel and bias of queries, keys, values and the output.
    fn parts(&self) -> [(&T, Option<&T>); 4];
    /// The same for writing.
    fn parts_mut(&mut self) -> [(&mut T, Option<&mut T>); 4];
}

impl<T> MultiHeadWeights<T> for MultiHead<T> {
    fn parts(&self) -> [(&T, Option<&T>); 4] {
        [
            (&self.query_kernel, Some(&self.query_bias)),
            (&self.key_kernel, Some(&self.key_bias)),
            (&self.value_kernel, Some(&self.value_bias)),
            (&self.output_kernel, Some(&self.output_bias)),
        ]
    }

    fn parts_mut(&mut self) -> [(&mut T, Option<&mut T>); 4] {
        [
            (&mut self.query_kernel, Some(&mut self.query_bias)),
            (&mut self.key_kernel, Some(&mut self.key_bias)),
            (&mut self.value_kernel, Some(&mut self.value_bias)),
            (&mut self.output_kernel, Some(&mut self.output_bias)),
        ]
    }
}

impl<T> MultiHeadWeights<T> for MultiHeadLinear<T> {
    fn parts(&self) -> [(&T, Option<&T>); 4] {
        [&self.query_kernel, &self.key_kernel, &self.value_kernel, &self.output_kernel].map(|kernel| (kernel, None))
    }

    fn parts_mut(&mut self) -> [(&mut T, Option<&mut T>); 4] {
        [&mut self.query_kernel, &mut self.key_kernel, &mut self.value_kernel, &mut self.output_kernel]
            .map(|kernel| (kernel, None))
    }
}

/// Weights of `Attention` with `scale = true`.
#[derive(Clone, Debug)]
pub struct ScaledScore<T = Param> {
    /// `[1]`: what the products of queries and keys are multiplied by.
    pub scale: T,
}

/// Weights of `Attention` with `score = concat`.
#[derive(Clone, Debug)]
pub struct ConcatScore<T = Param> {
    /// `[1]`: what sums of hyperbolic tangents are multiplied by.
    pub concat_score_weight: T,
}

/// Weights of `Attention` with `score = concat, scale = true`.
#[derive(Clone, Debug)]
pub struct ScaledConcatScore<T = Param> {
    /// `[1]`: what the sums of queries and keys are multiplied by.
    pub scale: T,
    /// `[1]`: what sums of hyperbolic tangents are multiplied by.
    pub concat_score_weight: T,
}

/// Weights of `AdditiveAttention`.
#[derive(Clone, Debug)]
pub struct AdditiveScore<T = Param> {
    /// `[features]`: what the hyperbolic tangents are multiplied by.
    pub scale: T,
}

/// Weights of the scores of `Attention` and `AdditiveAttention`, or their gradients.
#[derive(Debug)]
pub struct ScoreParts<R> {
    /// What products are multiplied by; of additive scores, what goes into the hyperbolic tangent.
    pub scale: Option<R>,
    /// What the hyperbolic tangents of additive scores are multiplied by: one number, or one for each feature.
    pub factors: Option<R>,
}

/// What scores are computed with; weights or their gradients.
pub trait ScoreWeights<T> {
    /// Its parts.
    fn parts(&self) -> ScoreParts<&T>;
    /// The same for writing.
    fn parts_mut(&mut self) -> ScoreParts<&mut T>;
}

/// Says which fields are the scale and the factors of a score.
macro_rules! score_weights {
    (@part $self:ident, none, $($borrow:tt)+) => { None };
    (@part $self:ident, $field:ident, $($borrow:tt)+) => { Some($($borrow)+ $self.$field) };
    ($($name:ident: $scale:tt, $factors:tt;)*) => {
        $(impl<T> ScoreWeights<T> for $name<T> {
            fn parts(&self) -> ScoreParts<&T> {
                ScoreParts { scale: score_weights!(@part self, $scale, &), factors: score_weights!(@part self, $factors, &) }
            }

            fn parts_mut(&mut self) -> ScoreParts<&mut T> {
                ScoreParts { scale: score_weights!(@part self, $scale, &mut), factors: score_weights!(@part self, $factors, &mut) }
            }
        })*
    };
}

score_weights! {
    ScaledScore: scale, none;
    ConcatScore: none, concat_score_weight;
    ScaledConcatScore: scale, concat_score_weight;
    AdditiveScore: none, scale;
}

/// None at all.
impl<T> ScoreWeights<T> for () {
    fn parts(&self) -> ScoreParts<&T> {
        ScoreParts { scale: None, factors: None }
    }

    fn parts_mut(&mut self) -> ScoreParts<&mut T> {
        ScoreParts { scale: None, factors: None }
    }
}
