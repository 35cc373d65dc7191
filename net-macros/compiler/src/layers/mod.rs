//! The layer kinds, each described in one place: its arguments, its operands, and the [`Facts`] of a use, which are all that
//! the other passes know of it.

mod activation;
mod activity_regularization;
mod adaptive_pool;
mod argmax;
mod attention;
mod attention_operands;
mod batch_norm;
mod blocks;
mod border;
mod category_encoding;
pub mod chosen;
mod compare;
mod concat;
mod conv;
mod conv_lstm;
mod conv_transpose;
mod dense;
mod depthwise_conv;
mod distance;
mod dot;
mod dropout;
mod einsum_dense;
mod embedding;
mod facts;
mod flatten;
mod global_pool;
mod glu;
mod group_norm;
mod layer_norm;
mod merge;
mod multi_head_attention;
mod noise;
mod normalization;
mod permute;
mod pool;
mod positions;
mod prelu;
mod recurrent;
mod reduce;
mod repeat;
mod rescaling;
mod reshape;
mod resize;
mod separable_conv;
mod sequence;
pub mod signature;
mod slice;
mod softmax;
mod split;
mod stack;
pub mod table;
mod terms;
mod weights;
mod window;
pub mod wrapper;

use std::borrow::Cow;
use std::rc::Rc;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use self::signature::Given;
use crate::arguments::{Axis, axis_names};
use crate::shape::{Element, Shape};
use crate::suggest::quoted;
pub(crate) use concat::copy;
pub use facts::{
    Backward, Derivative, Distribution, Facts, Fuses, InPlace, Inference, Inferred, Meaning, OnColumns, Outputs, Read,
    Reads, Runs, Saved, Takes, TensorType, Values,
};
pub use terms::{Constraint, Regularizer};
pub use weights::{Holder, Initial, Kind, Parameter, Setting, Weights};

/// A layer kind with its arguments.
pub trait Layer: std::fmt::Debug {
    /// The rule of the layer: what it is for operands of these shapes, all of which hold what it [takes](Self::takes).
    /// Asked once for each of its uses.
    fn infer(&self, operands: &[Shape]) -> Inferred;

    /// The same layer in a use that is given these of its [named operands](signature::Arity::Named): what `infer`, `takes`
    /// and `descriptor` of the result are asked is about them, and the runtime's functions take a list of them. `None` if
    /// that makes no difference.
    fn given(&self, _operands: &Given) -> Option<Rc<dyn Layer>> {
        None
    }

    /// The same layer twice, as the halves of a `Bidirectional` around it: the second one goes from the last step to the first,
    /// and all results stand where their steps are, zeros for those that a mask hides. `None` if it does not go from step to step.
    fn halves(&self) -> Option<[Rc<dyn Layer>; 2]> {
        None
    }

    /// The struct that holds its weights, if it has any.
    fn holder(&self) -> Option<&'static Holder> {
        None
    }

    /// What Keras calls its kernel in the names of arguments, where that is not `kernel`.
    fn kernel_is_called(&self) -> Option<&'static str> {
        None
    }

    /// Number of its results, which does not depend on what goes in.
    fn results(&self) -> usize {
        1
    }

    /// What its results are called, if there are several and they have names.
    fn result_names(&self) -> &'static [&'static str] {
        &[]
    }

    /// What an operand has to hold; `None` if it may be anything.
    fn takes(&self, _operand: usize) -> Option<Element> {
        Some(Element::F32)
    }

    /// For a window that slides over an image: the part of the image, from the first row and column on, that such a part
    /// of the result is computed from.
    fn covers(&self, _operand: &Shape, _result: &Shape) -> Option<Shape> {
        None
    }

    /// The runtime's descriptor of a use, an expression in `const` context: `::net_runtime::layers::Conv2d { ... }`.
    fn descriptor(&self, of: &Use<'_>) -> TokenStream;

    /// The type of the descriptor.
    fn descriptor_type(&self) -> TokenStream {
        self.runtime_path()
    }

    /// Name of the runtime's item that documents it: `layers::Conv2d`.
    fn runtime_path(&self) -> TokenStream;
}

/// A use of a layer whose [facts](Layer::infer) are known.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    /// Shapes of the operands.
    pub operands: &'a [Shape],
    /// Shape of the first result.
    pub output: &'a Shape,
    /// For a window that slides over an image: the part of the image that is there, and the part of the result that is
    /// computed. Elsewhere the whole.
    pub parts: [&'a Shape; 2],
    /// Numbers the random layers of a network; the others ignore it.
    pub stream: u64,
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
    /// The operand that should have an axis of steps and has none: if it is made by a layer that could give every step's, that is the
    /// cure.
    pub without_steps: Option<usize>,
}

/// What a message marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// The stage's name.
    Stage,
    /// The argument of this name, or the stage's name if it was left out.
    Argument(Cow<'static, str>),
    /// The operand with this index.
    Operand(usize),
}

impl Misfit {
    /// A misfit that marks the stage.
    fn stage(text: impl Into<String>) -> Self {
        Self { at: At::Stage, text: text.into(), origins: true, fact: None, help: None, without_steps: None }
    }

    /// A misfit that marks an argument.
    fn argument(name: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        Self { at: At::Argument(name.into()), ..Self::stage(text) }
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

    fn without_steps(mut self, operand: usize) -> Self {
        self.without_steps = Some(operand);
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

/// The operand of a layer that takes sequences, as steps and features.
fn sequence(layer: &str, operands: &[Shape]) -> Result<[usize; 2], Misfit> {
    let operand = single(operands);
    <[usize; 2]>::try_from(operand.as_slice()).map_err(|_| {
        let misfit = Misfit::stage(format!("`{layer}` needs [steps, features], but {{0}} is {operand:?}"));
        misfit.without_steps(0).help(match operand.as_slice() {
            [steps] => format!("`Reshape({steps}, 1)` before it makes steps of one feature"),
            [height, width, channels] => {
                format!("`Reshape({height}, {})` before it makes a step of each row", width * channels)
            }
            _ => "`Reshape(steps, features)` before it makes a sequence of other shapes".to_owned(),
        })
    })
}

/// The operand of a layer that takes volumes, as depth, height, width and channels.
fn volume(layer: &str, operands: &[Shape]) -> Result<[usize; 4], Misfit> {
    let operand = single(operands);
    <[usize; 4]>::try_from(operand.as_slice()).map_err(|_| {
        let misfit =
            Misfit::stage(format!("`{layer}` needs [depth, height, width, channels], but {{0}} is {operand:?}"));
        misfit.help(match operand.as_slice() {
            [depth, height, width] => {
                format!("`Reshape({depth}, {height}, {width}, 1)` before it makes a volume of one channel")
            }
            _ => "`Reshape(depth, height, width, channels)` before it makes a volume of other shapes".to_owned(),
        })
    })
}

/// The operand of a layer over so many axes and channels: steps, an image or a volume, as its extents and its channels.
fn spatial<const AXES: usize>(layer: &str, operands: &[Shape]) -> Result<([usize; AXES], usize), Misfit> {
    match AXES {
        1 => sequence(layer, operands).map(drop),
        2 => image(layer, operands).map(drop),
        _ => volume(layer, operands).map(drop),
    }?;
    let operand = single(operands);
    Ok((std::array::from_fn(|axis| operand[axis]), operand[AXES]))
}

/// How two images become equally large.
fn same_images(first: &Shape, second: &Shape) -> &'static str {
    let lost = |axis: usize| match first[axis].abs_diff(second[axis]) {
        0 => true,
        // Half of an odd length, twice.
        1 => first[axis].max(second[axis]) % 2 == 1,
        _ => false,
    };
    match first.len() == 3 && lost(0) && lost(1) {
        true => {
            "a pool or stride of 2 loses the last place of an odd length: let lengths be even, or give it back by `-> ZeroPad2d(((0, 1), (0, 1)))`"
        }
        false => "`padding = same` keeps height and width; pools and strides have to be the same on both ways",
    }
}

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

/// What a layer that works along one axis asks of a shape.
#[derive(Clone, Copy, Debug, Default)]
struct Along {
    axis: usize,
    /// Elements of all axes before it.
    outer: usize,
    length: usize,
    /// Elements of all axes behind it.
    inner: usize,
}

impl Along {
    /// An axis of the first operand; the layer calls it `axis`.
    fn new(axis: Axis, operand: &Shape) -> Result<Self, Misfit> {
        let axis = axis.within(operand.len()).map_err(|fault| {
            Misfit::argument("axis", format!("{{0}} is {operand:?} and has {fault}")).help(axes_help(operand.len()))
        })?;
        let [outer, inner] = [&operand[..axis], &operand[axis + 1..]].map(elements);
        Ok(Self { axis, outer, length: operand[axis], inner })
    }

    /// As a descriptor has it.
    fn fields(self) -> TokenStream {
        let [outer, len, inner] = [self.outer, self.length, self.inner].map(integer);
        quote!(outer: #outer, len: #len, inner: #inner)
    }
}

/// Number of elements of a shape whose size was checked.
fn elements(shape: &[usize]) -> usize {
    shape.iter().fold(1, |product, length| product.saturating_mul(*length))
}

/// The runtime's layer of this name.
fn runtime_layer(name: &str) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    quote!(::net_runtime::layers::#name)
}

/// A number as generated code has it: without a suffix.
fn integer(number: usize) -> Literal {
    Literal::usize_unsuffixed(number)
}

/// How many multiplications with addition so many results take that are each computed from a patch of these lengths.
fn multiply_adds(results: &[usize], patch: &[usize]) -> u64 {
    [results, patch].concat().into_iter().fold(1_u64, |product, length| product.saturating_mul(length as u64))
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
