//! The layer kinds, each described in one place: its arguments, its operands, its shape rule, its weights and its cost,
//! and how the runtime is called for it.

mod activation;
mod concat;
mod conv2d;
mod dense;
mod dropout;
mod flatten;
mod global_pool2d;
mod merge;
mod permute;
mod pool2d;
mod reshape;
mod softmax;
pub mod table;
mod window;
mod zero_pad2d;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::arguments::axis_names;
use crate::graph::Shape;
use crate::suggest::quoted;

/// A layer kind with its arguments.
///
/// What a layer is asked about shapes happens in this order: [`output`](Self::output) first; the rest only for operands
/// that it accepted.
pub trait Layer: std::fmt::Debug {
    /// The shape rule: the result's shape for operands of these shapes.
    fn output(&self, operands: &[Shape]) -> Result<Shape, Misfit>;

    /// The weights for operands of these shapes.
    fn weights(&self, _operands: &[Shape]) -> Option<Weights> {
        None
    }

    /// Multiplications with addition for one sample in a forward pass.
    fn multiply_adds(&self, _operands: &[Shape], _output: &Shape) -> u64 {
        0
    }

    /// How the runtime computes it.
    fn lowering(&self) -> Lowering;

    /// The distribution that it makes of its operand: a cross-entropy behind it is computed from the operand, stably.
    fn distribution(&self) -> Option<Distribution> {
        None
    }

    /// Whether its results lie between 0 and 1 as probabilities do, though no loss can take its operand for logits.
    fn within_unit_interval(&self) -> bool {
        false
    }

    /// Whether it takes the largest of each 2x2 pixels of such an image, and no pixel is left out or outside: then a
    /// convolution can do it with its results.
    fn pools_pairs(&self, _operand: &Shape, _output: &Shape) -> bool {
        false
    }

    /// The runtime's descriptor, an expression in `const` context: `::net_runtime::layers::Conv2d { ... }`. For an
    /// activation, an expression of type `::net_runtime::activations::Activation`. `stream` numbers the random layers of
    /// a network; the others ignore it.
    fn descriptor(&self, operands: &[Shape], output: &Shape, stream: u64) -> TokenStream;

    /// For a layer that puts its operands side by side: how many times, and the length of what it takes from each in turn.
    fn runs(&self, _operands: &[Shape]) -> Option<(usize, Vec<usize>)> {
        None
    }

    /// For a window that slides over an image: the part of the image, from the first row and column on, that such a part
    /// of the result is computed from.
    fn covers(&self, _operand: &Shape, _result: &Shape) -> Option<Shape> {
        None
    }

    /// For a window that slides over an image: the [descriptor](Self::descriptor) for an image of which only `parts[0]`
    /// is there and a result of which only `parts[1]` is computed.
    fn part_descriptor(&self, _operand: &Shape, _output: &Shape, _parts: [&Shape; 2]) -> Option<TokenStream> {
        None
    }

    /// Name of the runtime's item that documents it, and the type of its descriptor: `layers::Conv2d`.
    fn runtime_path(&self) -> TokenStream;
}

/// Weights of one layer: the struct of the runtime and what its constructors take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
    /// Which struct of `net_runtime::weights`.
    pub container: Container,
    /// Dimensions of the kernel.
    pub kernel: Vec<usize>,
}

/// The structs of `net_runtime::weights`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// Kernel and bias.
    Affine,
    /// Kernel alone.
    Linear,
}

impl Weights {
    /// Name and dimensions of each parameter, in the order of the struct's fields.
    pub fn parameters(&self) -> Vec<(&'static str, Vec<usize>)> {
        let outputs = *self.kernel.last().expect("a kernel has axes");
        let kernel = ("kernel", self.kernel.clone());
        match self.container {
            Container::Affine => vec![kernel, ("bias", vec![outputs])],
            Container::Linear => vec![kernel],
        }
    }

    /// Number of trainable numbers.
    pub fn count(&self) -> usize {
        self.parameters().iter().map(|(_, dims)| dims.iter().product::<usize>()).sum()
    }
}

/// How the runtime computes a layer: which functions the descriptor has, and what backward reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lowering {
    /// The same numbers in the same order under another shape: nothing is computed.
    Alias,
    /// `forward(n, x, weights, activation, y, scratch)`, `backward_weights`, `backward_input`.
    Weighted {
        /// Whether its result, an image, may be a part of a larger tensor: `within(part)` has the same functions.
        within: bool,
    },
    /// An elementwise function. If its derivative can be computed from its result, it can be fused into the layer before it.
    Activation {
        /// What its derivative needs.
        derivative: Derivative,
    },
    /// `forward(n, x, y)` and `backward(n, [x,] [y,] dy, dx, write)`.
    Unary {
        /// Whether backward reads the operand.
        reads_input: bool,
        /// Whether backward reads the result.
        reads_output: bool,
        /// Whether backward can write where the operand lies.
        in_place: InPlace,
    },
    /// `forward(n, x, y, random)` and `backward(n, dy, dx, write, random)`; in inference the result is the operand.
    Random,
    /// `forward(n, &[x...], y)` and `backward(n, k, [&[x...],] dy, dx, write)`.
    Merge {
        /// Whether backward reads the operands.
        reads_inputs: bool,
        /// Whether backward can write where an operand lies.
        in_place: InPlace,
    },
}

/// What the derivative of an elementwise function is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derivative {
    /// Its operand.
    FromOperand,
    /// Its result.
    FromResult,
    /// Whether its result is positive: it is 1 there, else 0.
    Mask,
}

impl Derivative {
    /// Whether its result is enough.
    pub fn from_result(self) -> bool {
        matches!(self, Self::FromResult | Self::Mask)
    }
}

/// Whether a layer's backward pass can write the gradient by an operand where the operand lies, which it replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InPlace {
    /// No: it reads the operand meanwhile, or adds up several terms there.
    Never,
    /// `backward` takes any of the runtime's `Store`s.
    Stores,
    /// Where operands are read, by `backward_in_place(n, dy, x, store)`.
    Replaces,
}

/// What a layer makes of logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// One probability a class, along the last axis.
    Softmax,
    /// An independent probability each.
    Sigmoid,
}

/// Why operands do not fit a layer.
#[derive(Clone, Debug)]
pub struct Misfit {
    /// What is to be marked.
    pub at: At,
    /// One sentence: lower case, no final full stop, shapes as `[14, 14, 256]`. Where it speaks of an operand, it says
    /// `{0}`, `{1}` and so on, which is replaced by the operand's name or description.
    pub text: String,
    /// Whether to tell where the operands' shapes come from.
    pub origins: bool,
    /// A further fact that is told with the origins, e.g. `they differ on axis 2`.
    pub fact: Option<String>,
    /// The cure, if it is known; `{0}` as in the text.
    pub help: Option<String>,
}

/// What a message marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The stage's name.
    Stage,
    /// The argument of this name, or the stage's name if it was left out.
    Argument(&'static str),
    /// The operand with this index.
    Operand(usize),
}

impl Misfit {
    /// A misfit that marks the stage.
    fn stage(text: impl Into<String>) -> Self {
        Self { at: At::Stage, text: text.into(), origins: true, fact: None, help: None }
    }

    /// A misfit that marks an argument.
    fn argument(name: &'static str, text: impl Into<String>) -> Self {
        Self { at: At::Argument(name), ..Self::stage(text) }
    }

    /// A misfit that marks an operand.
    fn operand(index: usize, text: impl Into<String>) -> Self {
        Self { at: At::Operand(index), ..Self::stage(text) }
    }

    fn fact(mut self, fact: impl Into<String>) -> Self {
        self.fact = Some(fact.into());
        self
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The operand of a layer that takes images, as height, width and channels.
fn image(layer: &str, operands: &[Shape]) -> Result<[usize; 3], Misfit> {
    let operand = single(operands);
    <[usize; 3]>::try_from(operand.as_slice()).map_err(|_| {
        let misfit = Misfit::stage(format!("`{layer}` needs [height, width, channels], but {{0}} is {operand:?}"));
        misfit.help(match operand.as_slice() {
            [height, width] => format!("`Reshape({height}, {width}, 1)` before it makes an image of one channel"),
            [_, _, _, _] => "the batch axis is never written: declare `[height, width, channels]`".to_owned(),
            _ => "`Reshape(height, width, channels)` before it makes an image of other shapes".to_owned(),
        })
    })
}

/// How two images become equally large.
const SAME_IMAGES: &str = "`padding = same` keeps height and width; pools and strides have to be the same on both ways";

/// The operand of a layer with one; `resolve` has made sure of their number.
fn single(operands: &[Shape]) -> &Shape {
    static SCALAR: Shape = Shape::new();
    operands.first().unwrap_or(&SCALAR)
}

/// How axes are named, for shapes with so many.
fn axes_help(rank: usize) -> String {
    let names = axis_names(rank);
    let count = "axes count from 0, without the batch axis";
    if names.is_empty() {
        count.to_owned()
    } else {
        format!("{count}; {} {}", if rank == 1 { "here it is" } else { "here they are" }, quoted(names))
    }
}

/// Number of elements of a shape whose size was checked.
fn elements(shape: &[usize]) -> usize {
    shape.iter().fold(1, |product, length| product.saturating_mul(*length))
}

/// A number as generated code has it: without a suffix.
fn integer(number: usize) -> Literal {
    Literal::usize_unsuffixed(number)
}

/// `[64, 64, 3]`
fn array(numbers: &[usize]) -> TokenStream {
    let numbers = numbers.iter().copied().map(integer);
    quote!([#(#numbers),*])
}

/// A finite number as generated code has it.
pub(crate) fn float(number: f32) -> TokenStream {
    let literal = Literal::f32_suffixed(number.abs());
    if number.is_sign_negative() { quote!(-#literal) } else { quote!(#literal) }
}
