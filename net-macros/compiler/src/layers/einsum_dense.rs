//! `EinsumDense`: a product with a kernel along the axes that an equation says.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Backward, Facts, Holder, Inferred, Initial, Layer, Meaning, Misfit, Parameter as Weight, Reads, Takes, Use, Values,
    Weights, array, integer, multiply_adds, single,
};
use crate::arguments::{Arguments, Counts, Parameter};
use crate::shape::Shape;
use crate::suggest::quoted;

pub(super) const SIGNATURE: Signature = Signature {
    name: "EinsumDense",
    parameters: &[
        Parameter::required("equation"),
        Parameter::optional("outputs", "none"),
        Parameter::named("bias_axes", "none"),
    ],
    operands: Arity::One,
    build,
};

static AFFINE: Holder = Holder { name: "Affine", parameters: &["kernel", "bias"] };
static LINEAR: Holder = Holder { name: "Linear", parameters: &["kernel"] };

/// What stands for an axis in an equation, or for several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Index {
    Letter(char),
    /// One of those that `...` stands for.
    Rest(usize),
}

/// `...`, before it is known how many axes it stands for.
const REST: Index = Index::Rest(0);

#[derive(Debug)]
struct EinsumDense {
    input: Vec<Index>,
    kernel: Vec<Index>,
    output: Vec<Index>,
    /// Those of the kernel that the input does not have, in the order of the result, and their lengths.
    columns: Vec<(Index, usize)>,
    /// Which indices of the result a bias has; none without one.
    bias: Vec<Index>,
}

/// What is wrong with an equation, and what to do about it.
type Fault = (String, &'static str);

const FORM: &str =
    "write e.g. `\"sf,fd->sd\"`: the axes of the input, of the kernel and of the result, each by a letter";
const LETTERS: &str = "an axis is a letter; `...` stands for all axes of the input that have none";

/// The indices of one of the three parts of an equation.
fn indices(part: &str) -> Result<Vec<Index>, Fault> {
    let mut found = Vec::new();
    let mut rest = part;
    while let Some(first) = rest.chars().next() {
        let index = if let Some(after) = rest.strip_prefix("...") {
            rest = after;
            REST
        } else if first.is_ascii_alphabetic() {
            rest = &rest[1..];
            Index::Letter(first)
        } else {
            return Err((format!("`{first}` in the equation of `EinsumDense` is no axis"), LETTERS));
        };
        if found.contains(&index) {
            let text = format!("`{}` stands twice in `{part}` of the equation of `EinsumDense`", written(&[index]));
            return Err((text, "each axis has a letter of its own"));
        }
        found.push(index);
    }
    Ok(found)
}

fn written(indices: &[Index]) -> String {
    let text = |index: &Index| match index {
        Index::Letter(letter) => letter.to_string(),
        Index::Rest(_) => "...".to_owned(),
    };
    indices.iter().map(text).collect()
}

/// Input, kernel and result of an equation that is one product of matrices.
fn parsed(text: &str) -> Result<[Vec<Index>; 3], Fault> {
    let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let parts = text.split_once("->").and_then(|(factors, output)| Some((factors.split_once(',')?, output)));
    let Some(((input, kernel), output)) = parts.filter(|((_, kernel), _)| !kernel.contains(',')) else {
        return Err((format!("\"{text}\" is no equation of `EinsumDense`"), FORM));
    };
    let [input, kernel, output] = [indices(input)?, indices(kernel)?, indices(output)?];
    if kernel.contains(&REST) {
        return Err((
            "`...` in the kernel of `EinsumDense` stands for axes whose lengths nobody knows".into(),
            LETTERS,
        ));
    }
    if input.contains(&REST) != output.contains(&REST) {
        let text = "`...` of `EinsumDense` stands in the input or in the result alone";
        return Err((text.into(), "write it in both: all axes that have no letter stay as they are"));
    }
    let name = |index: &Index| written(&[*index]);
    for index in &kernel {
        match (input.contains(index), output.contains(index)) {
            (false, false) => {
                let text = format!("axis `{}` of `EinsumDense` is in the kernel alone", name(index));
                return Err((text, "what is added up along it does not depend on the input: leave it out"));
            }
            (true, true) => {
                let text =
                    format!("axis `{}` of `EinsumDense` is in the input, in the kernel and in the result", name(index));
                return Err((
                    text,
                    "a kernel of its own for each place of an axis is not there: `Matmul` multiplies matrices one by one",
                ));
            }
            _ => {}
        }
    }
    if let Some(index) = input.iter().find(|index| !kernel.contains(index) && !output.contains(index)) {
        let text = format!("axis `{}` of `EinsumDense` is in the input alone", name(index));
        return Err((text, "`Sum` before it adds up along an axis; else it stands in the result, too"));
    }
    if let Some(index) = output.iter().find(|index| !input.contains(index) && !kernel.contains(index)) {
        let text =
            format!("axis `{}` of the result of `EinsumDense` is neither in the input nor in the kernel", name(index));
        return Err((text, FORM));
    }
    if output.is_empty() {
        return Err((
            "the result of `EinsumDense` has no axis".into(),
            "a single number is an axis of length 1: `EinsumDense(\"f,fd->d\", 1)`",
        ));
    }
    Ok([input, kernel, output])
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let text = arguments.text_or_none("equation", "sf,fd->sd");
    let lengths = arguments.counts_or_none("outputs");
    let bias = arguments.text_or_none("bias_axes", "d");
    let (text, lengths, bias) = (text??, lengths?, bias?);
    let [input, kernel, output] = match parsed(&text) {
        Ok(parts) => parts,
        Err((fault, help)) => {
            arguments.reject_with("equation", fault, help);
            return None;
        }
    };
    let added: Vec<Index> = output.iter().copied().filter(|index| kernel.contains(index)).collect();
    let lengths = match lengths {
        None => vec![],
        Some(Counts::One(length)) => vec![length],
        Some(Counts::Several(lengths)) => lengths,
    };
    if lengths.len() != added.len() {
        let letters: Vec<String> = added.iter().map(|index| written(&[*index])).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        let text = match (added.len(), lengths.len()) {
            (0, _) => {
                "the kernel of this `EinsumDense` adds no axis to the result, whose length were to be given".to_owned()
            }
            (_, 0) => {
                format!("`EinsumDense` needs `outputs`, here the length of {}, which the kernel adds", quoted(&letters))
            }
            (_, given) => format!(
                "`outputs` of `EinsumDense` are the lengths of {}, which the kernel adds, but these are {given}",
                quoted(&letters)
            ),
        };
        let help = match added.len() {
            0 => "leave it out: all lengths are those of the input",
            _ => "the others are those of the input; Keras has all of them in its `output_shape`",
        };
        let at = if lengths.is_empty() { "equation" } else { "outputs" };
        arguments.reject_with(at, text, help);
        return None;
    }
    let bias = match bias.as_deref().map(indices) {
        None => vec![],
        Some(Ok(bias)) if bias.iter().all(|index| *index != REST && output.contains(index)) => bias,
        Some(Ok(_)) => {
            let text =
                format!("`bias_axes` of `EinsumDense` are some of `{}`, the axes of the result", written(&output));
            arguments.reject_with("bias_axes", text, "a bias has a number for each place along these");
            return None;
        }
        Some(Err((fault, help))) => {
            arguments.reject_with("bias_axes", fault, help);
            return None;
        }
    };
    let columns = added.into_iter().zip(lengths).collect();
    Some(Rc::new(EinsumDense { input, kernel, output, columns, bias }))
}

/// The axes of a use: in each of the three, one behind the other.
struct Axes {
    /// With an index for each axis, as the output.
    input: Vec<Index>,
    output: Vec<Index>,
    /// Those of input and result, in the order of the result.
    rows: Vec<Index>,
    /// Those of input and kernel, and those of kernel and result, in the order of the kernel.
    contracted: Vec<Index>,
    columns: Vec<Index>,
    /// The length of each index.
    lengths: Vec<(Index, usize)>,
}

impl Axes {
    fn length(&self, index: Index) -> usize {
        self.lengths.iter().find(|(known, _)| *known == index).map_or(1, |(_, length)| *length)
    }

    fn shape(&self, indices: &[Index]) -> Shape {
        indices.iter().map(|index| self.length(*index)).collect()
    }
}

/// Where these are among others.
fn places(of: &[Index], among: &[Index]) -> Vec<usize> {
    of.iter().filter_map(|index| among.iter().position(|other| other == index)).collect()
}

impl EinsumDense {
    /// An index for each axis of a term that may have `...` in it, which stands for so many.
    fn spread(term: &[Index], count: usize) -> Vec<Index> {
        let each = |index: &Index| match index {
            Index::Rest(_) => (0..count).map(Index::Rest).collect(),
            letter => vec![*letter],
        };
        term.iter().flat_map(each).collect()
    }

    fn axes(&self, operand: &Shape) -> Result<Axes, Misfit> {
        let letters = self.input.iter().filter(|index| **index != REST).count();
        let rank = operand.len();
        let fits = if self.input.contains(&REST) { rank >= letters } else { rank == letters };
        if !fits {
            let text = format!(
                "`{}` of the equation of `EinsumDense` has {letters} axes, but {{0}}, which is {operand:?}, has {rank}",
                written(&self.input)
            );
            let misfit = Misfit::argument("equation", text);
            return Err(match (&self.input[..], &self.output[..]) {
                ([first, input @ ..], [same, output @ ..]) if first == same && input.len() == rank => {
                    misfit.help(format!(
                        "the batch axis is never written: `\"{},{}->{}\"`",
                        written(input),
                        written(&self.kernel),
                        written(output)
                    ))
                }
                _ => misfit.help(LETTERS),
            });
        }
        let count = rank - letters;
        let [input, output] = [&self.input, &self.output].map(|term| Self::spread(term, count));
        let lengths = input.iter().copied().zip(operand.iter().copied()).chain(self.columns.iter().copied()).collect();
        let of = |term: &[Index], other: &[Index]| term.iter().copied().filter(|index| other.contains(index)).collect();
        let [rows, contracted, columns] =
            [of(&output, &input), of(&self.kernel, &input), of(&self.kernel, &self.output)];
        Ok(Axes { input, output, rows, contracted, columns, lengths })
    }

    fn weights_holder(&self) -> &'static Holder {
        if self.bias.is_empty() { &LINEAR } else { &AFFINE }
    }

    /// The lengths of the axes of the bias: from the first axis of the result that it has on, 1 where it is the same all along.
    fn bias(&self, axes: &Axes) -> Shape {
        let first = axes.output.iter().position(|index| self.bias.contains(index)).unwrap_or(axes.output.len());
        let length = |index: &Index| if self.bias.contains(index) { axes.length(*index) } else { 1 };
        axes.output[first..].iter().map(length).collect()
    }
}

impl Layer for EinsumDense {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let axes = self.axes(single(operands))?;
        let [result, contracted, kernel] =
            [&axes.output, &axes.contracted, &self.kernel].map(|indices| axes.shape(indices));
        let kernel = Weight::trained(kernel, Initial::GLOROT_UNIFORM);
        let bias = (!self.bias.is_empty()).then(|| Weight::trained(self.bias(&axes), Initial::ZEROS));
        Ok(Facts {
            weights: Some(Weights {
                holder: self.weights_holder(),
                parameters: std::iter::once(kernel).chain(bias).collect(),
            }),
            multiply_adds: multiply_adds(&result, &contracted),
            backward: Backward {
                weights: Reads { operands: true, ..Reads::default() },
                input: Reads { weights: true, ..Reads::default() },
                ..Backward::default()
            },
            takes: Takes { scratch: true, ..Takes::default() },
            meaning: Meaning { values: Values::Any, ..Meaning::default() },
            ..Facts::of(result)
        })
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.weights_holder())
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let Ok(axes) = self.axes(single(of.operands)) else {
            let path = self.runtime_path();
            return quote!(#path { input: &[], input_axes: &[], kernel: &[], kernel_axes: &[], contracted: 0, result: &[], output_axes: &[], bias: &[] });
        };
        let by_matrix = |first: &[Index], second: &[Index]| [first, second].concat();
        let made = by_matrix(&axes.rows, &axes.columns);
        let input = array(single(of.operands));
        let input_axes = array(&places(&by_matrix(&axes.rows, &axes.contracted), &axes.input));
        let kernel = array(&axes.shape(&self.kernel));
        let kernel_axes = array(&places(&by_matrix(&axes.contracted, &axes.columns), &self.kernel));
        let contracted = integer(axes.contracted.len());
        let result = array(&axes.shape(&made));
        let output_axes = array(&places(&axes.output, &made));
        let bias = array(&self.bias(&axes));
        quote!(::net_runtime::layers::EinsumDense {
            input: &#input,
            input_axes: &#input_axes,
            kernel: &#kernel,
            kernel_axes: &#kernel_axes,
            contracted: #contracted,
            result: &#result,
            output_axes: &#output_axes,
            bias: &#bias
        })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::EinsumDense)
    }
}
