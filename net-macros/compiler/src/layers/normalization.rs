//! `Normalization`: numbers of mean 0 and variance 1, by what is known of the data before training.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Backward, Facts, Holder, Inferred, Initial, Kind, Layer, Meaning, Misfit, Parameter as Weight, Reads, Takes, Use,
    Values, Weights, axes_help, elements, float, integer, runtime_layer, single,
};
use crate::arguments::{Arguments, Axis, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature = Signature {
    name: "Normalization",
    parameters: &[
        Parameter::named("axis", "-1"),
        Parameter::named("mean", "adapted"),
        Parameter::named("variance", "adapted"),
        Parameter::named("invert", "false"),
    ],
    operands: Arity::One,
    build,
};

static ADAPTED: Holder = Holder { name: "Adapted", parameters: &["mean", "variance"] };

#[derive(Debug)]
struct Normalization {
    /// The axes whose places have a mean each; the last one where there is none.
    axes: Vec<Axis>,
    /// Mean and variance, if they are told: one number, or one for each place.
    given: Option<[Vec<f32>; 2]>,
    invert: bool,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let axes = arguments.axes("axis");
    let invert = arguments.flag("invert", false);
    let given = match ["mean", "variance"].map(|name| arguments.is_given(name)) {
        [false, false] => None,
        [true, true] => {
            let (mean, variance) = (arguments.numbers("mean", None), arguments.numbers("variance", None));
            if let Some(least) = variance.as_ref().and_then(|numbers| numbers.iter().copied().find(|it| *it < 0.0)) {
                arguments.reject("variance", format!("a variance is at least 0, but this is {least}"));
                return None;
            }
            Some([mean?, variance?])
        }
        [mean, _] => {
            let [name, other] = if mean { ["mean", "variance"] } else { ["variance", "mean"] };
            arguments.reject(name, format!("`Normalization` with a `{name}` needs its `{other}`, too"));
            return None;
        }
    };
    Some(Rc::new(Normalization { axes: axes?, given, invert: invert? }))
}

/// A shape, cut where its places have numbers of their own.
struct Cut {
    outer: usize,
    len: usize,
    inner: usize,
    /// Dimensions of mean and variance.
    dims: Shape,
}

impl Normalization {
    fn cut(&self, operand: &Shape) -> Result<Cut, Misfit> {
        let rank = operand.len();
        let last = [Axis::Index(-1)];
        let mut axes = Vec::new();
        for axis in if self.axes.is_empty() { &last } else { self.axes.as_slice() } {
            axes.push(axis.within(rank).map_err(|fault| {
                Misfit::argument("axis", format!("{{0}} is {operand:?} and has {fault}")).help(axes_help(rank))
            })?);
        }
        axes.sort_unstable();
        axes.dedup();
        let (first, end) = (axes[0], axes[0] + axes.len());
        if !axes.iter().copied().eq(first..end) {
            let text = format!(
                "the axes of a `Normalization` are neighbours, but those of {{0}}, which is {operand:?}, are not"
            );
            return Err(Misfit::argument("axis", text).help("`Permute` before it brings them together"));
        }
        let dims = operand.iter().enumerate().map(|(axis, length)| if axes.contains(&axis) { *length } else { 1 });
        let [outer, len, inner] = [&operand[..first], &operand[first..end], &operand[end..]].map(elements);
        Ok(Cut { outer, len, inner, dims: dims.collect() })
    }
}

impl Layer for Normalization {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        let cut = self.cut(operand)?;
        for (name, numbers) in ["mean", "variance"].into_iter().zip(self.given.iter().flatten()) {
            if numbers.len() != 1 && numbers.len() != cut.len {
                let text = format!(
                    "`{name}` of `Normalization` has {} numbers, but {{0}}, which is {operand:?}, has {} places along the axis",
                    numbers.len(),
                    cut.len
                );
                return Err(Misfit::argument(name, text).help("one number is for all, else there is one for each"));
            }
        }
        let weight = |initial| Weight { kind: Kind::Adapted, ..Weight::trained(cut.dims.clone(), initial) };
        let parameters = || vec![weight(Initial::ZEROS), weight(Initial::ONES)];
        Ok(Facts {
            weights: self.given.is_none().then(|| Weights { holder: &ADAPTED, parameters: parameters() }),
            backward: Backward {
                input: Reads { weights: self.given.is_none(), ..Reads::default() },
                ..Backward::default()
            },
            takes: Takes { scratch: true, ..Takes::default() },
            meaning: Meaning { keeps_shape: true, values: Values::Any, ..Meaning::default() },
            ..Facts::of(operand.clone())
        })
    }

    fn holder(&self) -> Option<&'static Holder> {
        self.given.is_none().then_some(&ADAPTED)
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let Cut { outer, len, inner, .. } =
            self.cut(of.output).unwrap_or(Cut { outer: 1, len: 1, inner: 1, dims: Shape::new() });
        let [outer, len, inner] = [outer, len, inner].map(integer);
        let (path, invert) = (self.descriptor_type(), self.invert);
        let normalization = self.runtime_path();
        let sizes = quote!(#normalization { outer: #outer, len: #len, inner: #inner, invert: #invert });
        let Some(given) = &self.given else { return sizes };
        let [mean, variance] = given.each_ref().map(|numbers| {
            let numbers = numbers.iter().copied().map(float);
            quote!(&[#(#numbers),*])
        });
        quote!(#path { sizes: #sizes, mean: #mean, variance: #variance })
    }

    fn descriptor_type(&self) -> TokenStream {
        runtime_layer(if self.given.is_some() { "NormalizationBy" } else { "Normalization" })
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer("Normalization")
    }
}
