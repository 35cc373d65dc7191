//! `Dot` and `Matmul`: products of two tensors along an axis of each.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Backward, Facts, Inferred, Layer, Meaning, Misfit, Reads, Takes, Use, Values, array, axes_help, elements, integer,
    runtime_layer,
};
use crate::arguments::{Arguments, Axis, Parameter};
use crate::shape::Shape;

pub(super) const DOT: Signature = Signature {
    name: "Dot",
    parameters: &[Parameter::optional("axes", "-1"), Parameter::named("normalize", "false")],
    operands: Arity::Two,
    build: dot,
};

pub(super) const MATMUL: Signature = Signature {
    name: "Matmul",
    parameters: &[Parameter::named("transpose_a", "false"), Parameter::named("transpose_b", "false")],
    operands: Arity::Two,
    build: matmul,
};

/// Which axes are summed over.
#[derive(Debug)]
enum Product {
    /// One of each operand.
    Dot { axes: [Axis; 2], normalize: bool },
    /// Of matrices: the last of the first operand and the last but one of the second; of a transposed one the other.
    Matmul { transposed: [bool; 2] },
}

fn dot(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let axes = arguments.axes("axes");
    let normalize = arguments.flag("normalize", false);
    let axes = match axes?.as_slice() {
        [] => [Axis::Index(-1); 2],
        [axis] => [*axis; 2],
        [first, second] => [*first, *second],
        more => {
            let text = format!("`axes` of `Dot` is one axis, or one of each operand, but these are {}", more.len());
            arguments.reject("axes", text);
            return None;
        }
    };
    Some(Rc::new(Product::Dot { axes, normalize: normalize? }))
}

fn matmul(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let transpose_a = arguments.flag("transpose_a", false);
    let transpose_b = arguments.flag("transpose_b", false);
    Some(Rc::new(Product::Matmul { transposed: [transpose_a?, transpose_b?] }))
}

/// The shapes of a use.
struct Shapes {
    /// Products of a sample.
    products: usize,
    len: usize,
    /// Outer and inner axis of both operands.
    factors: [[usize; 2]; 2],
    result: Shape,
}

impl Product {
    fn shapes(&self, operands: &[Shape]) -> Result<Shapes, Misfit> {
        let (first, second) = (&operands[0], &operands[1]);
        let (axes, leading) = match self {
            Self::Dot { axes, .. } => {
                let mut found = [0; 2];
                for (index, (found, axis)) in found.iter_mut().zip(axes).enumerate() {
                    let operand = &operands[index];
                    *found = axis.within(operand.len()).map_err(|wrong| {
                        let text = format!("`Dot` has {wrong} in {{{index}}}, which is {operand:?}");
                        Misfit::argument("axes", text).help(axes_help(operand.len()))
                    })?;
                }
                (found, 0)
            }
            Self::Matmul { transposed } => {
                let rank = first.len();
                if rank < 2 || rank != second.len() || first[..rank - 2] != second[..rank - 2] {
                    let text = format!(
                        "`Matmul` needs two matrices, or equally many, but {{0}} is {first:?} and {{1}} is {second:?}"
                    );
                    return Err(Misfit::operand(1, text).help(match [first.as_slice(), second.as_slice()] {
                        [[one], [other]] if one == other => "the product of two vectors is `-> Dot`".to_owned(),
                        [[_], _] | [_, [_]] => "`Reshape` makes a matrix of one row or column of a vector".to_owned(),
                        _ => "all axes but the last two have to be the same".to_owned(),
                    }));
                }
                let axis = |index: usize, plain: usize, other: usize| if transposed[index] { other } else { plain };
                ([axis(0, rank - 1, rank - 2), axis(1, rank - 2, rank - 1)], rank - 2)
            }
        };
        let len = first[axes[0]];
        if len != second[axes[1]] {
            let name = self.name();
            let text = format!("`{name}` needs axes of one length, but {{0}} is {first:?} and {{1}} is {second:?}");
            let fact =
                format!("axis {} of {{0}} has {len}, axis {} of {{1}} has {}", axes[0], axes[1], second[axes[1]]);
            let misfit = Misfit::operand(1, text).fact(fact);
            return Err(match self {
                Self::Matmul { transposed: [_, false] } if second[second.len() - 1] == len => {
                    misfit.help("`Matmul(transpose_b = true)` takes the second one transposed")
                }
                _ => misfit,
            });
        }
        let factors = [0, 1].map(|index: usize| {
            let (operand, axis) = (&operands[index], axes[index]);
            [elements(&operand[leading..axis]), elements(&operand[axis + 1..])]
        });
        let others = |index: usize| {
            let axis = axes[index];
            operands[index].iter().enumerate().skip(leading).filter(move |(at, _)| *at != axis).map(|(_, len)| *len)
        };
        let mut result: Shape = first[..leading].iter().copied().chain(others(0)).chain(others(1)).collect();
        if result.is_empty() {
            result.push(1);
        }
        Ok(Shapes { products: elements(&first[..leading]), len, factors, result })
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Dot { .. } => "Dot",
            Self::Matmul { .. } => "Matmul",
        }
    }
}

impl Layer for Product {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let shapes = self.shapes(operands)?;
        let multiply_adds = (elements(&shapes.result) as u64).saturating_mul(shapes.len as u64);
        Ok(Facts {
            multiply_adds,
            backward: Backward { input: Reads { operands: true, ..Reads::default() }, ..Backward::default() },
            takes: Takes { operand_list: true, scratch: true, ..Takes::default() },
            meaning: Meaning { values: Values::Any, ..Meaning::default() },
            ..Facts::of(shapes.result)
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let nothing = || Shapes { products: 1, len: 1, factors: [[1; 2]; 2], result: vec![1] };
        let Shapes { products, len, factors, .. } = self.shapes(of.operands).unwrap_or_else(|_| nothing());
        let [products, len] = [products, len].map(integer);
        let [first, second] = factors.map(|factor| array(&factor));
        let normalize = matches!(self, Self::Dot { normalize: true, .. });
        quote!(::net_runtime::layers::Dot {
            products: #products,
            len: #len,
            first: #first,
            second: #second,
            normalize: #normalize
        })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(self.name())
    }
}
