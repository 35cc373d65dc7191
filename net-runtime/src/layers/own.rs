//! Layers of a program's own.

use crate::error::Error;
use crate::memory::mode::Mode;
use crate::memory::random::RandomKey;
use crate::parameters::gradient::Gradient;
use crate::parameters::initializers::{self, Seed};
use crate::tensor::any::Tensor;
use crate::tensor::exact::product;
use crate::tensor::param::Param;
use crate::tensor::shape::Shape;

/// A layer of your own, for operands of the shapes `X`.
///
/// The trait is implemented for a type that stands for the layer, and holds nothing. `X` is what goes in: the shape of a sample
/// ([`Shape1<8>`](crate::Shape1)), or a tuple with that of each operand; [`Indices`] around a shape is an operand of whole
/// numbers. One `impl` with parameters is the layer's shape rule.
///
/// ```
/// use net_runtime::layers::{Backward, Forward, Initial, Layer, Weight};
/// use net_runtime::prelude::*;
///
/// /// `y = gain · x + shift`, with two numbers for each feature.
/// pub struct Scale;
///
/// impl<const N: usize> Layer<Shape1<N>> for Scale {
///     const OUTPUT: &'static [usize] = &[N];
///     const WEIGHTS: &'static [Weight] =
///         &[Weight::new("gain", &[N], Initial::Ones), Weight::new("shift", &[N], Initial::Zeros)];
///
///     fn forward(Forward { x, weights, y, .. }: Forward<'_>) -> Result<(), Error> {
///         let (gain, shift) = (weights[0].values(), weights[1].values());
///         for (y, x) in y.chunks_exact_mut(N).zip(x[0].numbers().chunks_exact(N)) {
///             (0..N).for_each(|i| y[i] = gain[i] * x[i] + shift[i]);
///         }
///         Ok(())
///     }
///
///     fn backward(Backward { x, weights, dy, dx, gradients, .. }: Backward<'_>) {
///         let samples = || x[0].numbers().chunks_exact(N).zip(dy.chunks_exact(N));
///         if let Some([gain, shift]) = gradients {
///             let (gain, shift) = (gain.to_add(), shift.to_add());
///             for (x, dy) in samples() {
///                 (0..N).for_each(|i| gain[i] += dy[i] * x[i]);
///                 (0..N).for_each(|i| shift[i] += dy[i]);
///             }
///         }
///         if let Some(dx) = &mut dx[0] {
///             let gain = weights[0].values();
///             for (dx, (_, dy)) in dx.chunks_exact_mut(N).zip(samples()) {
///                 (0..N).for_each(|i| dx[i] = gain[i] * dy[i]);
///             }
///         }
///     }
/// }
///
/// network! {
///     extern layer self::Scale(x: [8]) -> (y: [8]);
///
///     pub network Scaled(row: [8]) -> (sum: [1]) {
///         let scaled = row -> Scale;
///         let sum = scaled -> tanh -> Dense(1);
///         loss sum: MeanSquaredError;
///     }
/// }
///
/// # fn main() -> Result<(), Error> {
/// let mut net = Scaled::new(42);
/// assert_eq!(Scaled::PARAMETERS, 16 + 9);
/// net.scaled_scale["gain"].values_mut()[0] = 2.0;
///
/// // Gradients are easily got wrong: compare them with finite differences.
/// net_runtime::testing::GradientCheck::default().of(&net)?;
/// # Ok(())
/// # }
/// ```
///
/// A block that uses the layer announces it with the shapes of what goes in and comes out, and your compiler proves them: with
/// another [`OUTPUT`](Self::OUTPUT), the program does not compile. It then is a stage like any other, `row -> Scale`,
/// `layer shared = Scale;`, `(a, b) -> Gate`; its weights are drawn, trained, saved, loaded and counted with the network's.
/// For other shapes, announce it again: `extern layer self::Scale as Scale3(x: [3]) -> (y: [3]);`. What else it depends on is a
/// part of its type: `pub type Shrink = Power<2>;`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no layer for operands of `{X}`",
    label = "no layer",
    note = "a layer of your own implements `net_runtime::layers::Layer<{X}>`"
)]
pub trait Layer<X: Operands>: 'static {
    /// The shape of its result, for each sample.
    const OUTPUT: &'static [usize];

    /// Its weights, each with a name of its own.
    const WEIGHTS: &'static [Weight] = &[];

    /// Floats for each sample that a forward pass in training keeps for the backward pass.
    const KEPT: usize = 0;

    /// What a sample costs, counted in multiplications with addition: the number of the result's elements if nothing is said.
    /// A network decides by it whether a batch is worth several threads.
    const MULTIPLY_ADDS: u64 = product(Self::OUTPUT) as u64;

    /// Whether the result of a sample depends on the others of its batch in training. Then a batch is never trained in parts.
    const MIXES_SAMPLES: bool = false;

    /// Computes the result.
    ///
    /// # Errors
    ///
    /// What the layer has to say, e.g. of an index without a row: the pass ends with it.
    fn forward(pass: Forward<'_>) -> Result<(), Error>;

    /// Computes the gradients by weights and operands, from that by the result.
    fn backward(pass: Backward<'_>);
}

/// What a forward pass computes from, and where to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Forward<'a> {
    /// Number of samples.
    pub samples: usize,
    /// What the pass is for.
    pub mode: Mode,
    /// What may be drawn at random in training: the backward pass has the same key.
    pub random: RandomKey,
    /// The operands: the samples of each one after another.
    pub x: &'a [Tensor<'a>],
    /// The weights, in the order of [`Layer::WEIGHTS`].
    pub weights: &'a [Param],
    /// The result. It may hold anything before, a NaN included.
    pub y: &'a mut [f32],
    /// What is kept for the backward pass, [`Layer::KEPT`] floats for each sample; it may hold anything before. Empty in
    /// inference.
    pub kept: &'a mut [f32],
}

/// What a backward pass computes from, and where to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Backward<'a> {
    /// Number of samples.
    pub samples: usize,
    /// That of the forward pass.
    pub random: RandomKey,
    /// The operands of the forward pass.
    pub x: &'a [Tensor<'a>],
    /// The weights.
    pub weights: &'a [Param],
    /// The result of the forward pass.
    pub y: &'a [f32],
    /// What the forward pass has kept; it may be written over.
    pub kept: &'a mut [f32],
    /// The gradient by the result.
    pub dy: &'a [f32],
    /// The gradients by the operands: to be set, whatever they hold. `None` for indices, and where nobody wants them.
    pub dx: &'a mut [Option<&'a mut [f32]>],
    /// The gradients by the weights, in their order, [to be added to](Gradient::to_add). `None` where nobody wants them.
    pub gradients: Option<&'a mut [Gradient]>,
}

/// A weight of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Weight {
    /// Its name.
    pub name: &'static str,
    /// Length of every axis.
    pub dims: &'static [usize],
    /// What it is at first.
    pub initial: Initial,
}

impl Weight {
    /// A weight of this name and these axes.
    pub const fn new(name: &'static str, dims: &'static [usize], initial: Initial) -> Self {
        Self { name, dims, initial }
    }

    /// One that is freshly drawn.
    pub(crate) fn draw(&self, seed: Seed) -> Param {
        match self.initial {
            Initial::Zeros => initializers::zeros(self.dims),
            Initial::Ones => initializers::ones(self.dims),
            Initial::Constant(value) => initializers::constant(self.dims, value),
            Initial::Uniform(limit) => initializers::random_uniform(self.dims, -limit, limit, seed),
            Initial::Normal(deviation) => initializers::random_normal(self.dims, 0.0, deviation, seed),
            Initial::GlorotUniform => initializers::glorot_uniform(self.dims, seed),
            Initial::VarianceScaling { scale, fan, distribution } => {
                initializers::variance_scaling(self.dims, scale, fan, distribution, seed)
            }
            Initial::Orthogonal(gain) => initializers::orthogonal(self.dims, gain, seed),
        }
    }
}

/// What a weight is at first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initial {
    /// Zeros.
    Zeros,
    /// Ones.
    Ones,
    /// This number.
    Constant(f32),
    /// Random, uniform between this to both sides of zero.
    Uniform(f32),
    /// Random, normal around zero with this standard deviation.
    Normal(f32),
    /// Random, by the lengths of its axes: [`initializers::glorot_uniform`].
    GlorotUniform,
    /// Random, by the lengths of its axes: [`initializers::variance_scaling`].
    VarianceScaling {
        /// The variance times the fan.
        scale: f32,
        /// Which fan.
        fan: initializers::Fan,
        /// How they lie around zero.
        distribution: initializers::Distribution,
    },
    /// Random, with orthogonal rows or columns of this length: [`initializers::orthogonal`].
    Orthogonal(f32),
}

/// Most operands of a layer.
pub(crate) const MOST_OPERANDS: usize = 6;

/// The shape of an operand, and that it holds whole numbers: classes or indices, `u32`.
#[derive(Clone, Copy, Debug)]
pub struct Indices<S>(std::marker::PhantomData<S>);

/// What a layer's operand is: a [`Shape`], or [`Indices`] of one.
pub trait Operand: 'static {
    /// Length of every axis of a sample.
    const DIMS: &'static [usize];
    /// Whether it holds whole numbers.
    const INDICES: bool = false;
}

impl<S: Shape> Operand for S {
    const DIMS: &'static [usize] = S::DIMS;
}

impl<S: Shape> Operand for Indices<S> {
    const DIMS: &'static [usize] = S::DIMS;
    const INDICES: bool = true;
}

/// What goes into a layer: an [`Operand`], or a tuple of two to six.
pub trait Operands: 'static {
    /// Axes of each operand, and whether it holds whole numbers.
    const LIST: &'static [(&'static [usize], bool)];
}

impl<A: Operand> Operands for A {
    const LIST: &'static [(&'static [usize], bool)] = &[(A::DIMS, A::INDICES)];
}

macro_rules! several {
    ($($($operand:ident)*;)*) => {$(
        impl<$($operand: Operand),*> Operands for ($($operand),*) {
            const LIST: &'static [(&'static [usize], bool)] = &[$(($operand::DIMS, $operand::INDICES)),*];
        }
    )*};
}

several! {
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
}
