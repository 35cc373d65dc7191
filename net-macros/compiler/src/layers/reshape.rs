//! `Reshape`: the same elements under another shape.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Facts, Inferred, Layer, Meaning, Misfit, Use, elements, single};
use crate::arguments::{Arguments, Parameter};
use crate::shape::{Element, Shape};

pub(super) const SIGNATURE: Signature =
    Signature { name: "Reshape", parameters: &[Parameter::list("dims")], operands: Arity::One, build };

#[derive(Debug)]
struct Reshape {
    /// The lengths; `None` for the one that follows from the others.
    dims: Vec<Option<usize>>,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let dims = arguments.lengths("dims")?;
    if dims.is_empty() {
        arguments.reject("dims", "`Reshape` needs at least one length");
        return None;
    }
    Some(Rc::new(Reshape { dims }))
}

impl Layer for Reshape {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let operand = single(operands);
        let count = elements(operand);
        let known: Shape = self.dims.iter().copied().flatten().collect();
        let product = elements(&known);
        let open = known.len() < self.dims.len();
        let fits = if open { count.is_multiple_of(product) } else { count == product };
        if !fits {
            let dims: Vec<_> =
                self.dims.iter().map(|length| length.map_or("-1".to_owned(), |length| length.to_string())).collect();
            let dims = dims.join(", ");
            let verb = if open { "needs a multiple of" } else { "needs" };
            let text =
                format!("`Reshape` to [{dims}] {verb} {product} elements, but {{0}} is {operand:?}, which has {count}");
            let misfit = Misfit::argument("dims", text);
            // The last length, or the one that follows from the others, is the one that was most likely miscounted.
            let others = elements(&known[..known.len() - 1]);
            return Err(match known.split_last() {
                Some((_, rest)) if !open && count.is_multiple_of(others) => {
                    let lengths: Vec<String> = rest.iter().chain([&(count / others)]).map(usize::to_string).collect();
                    misfit.help(format!("`Reshape({})` has as many elements", lengths.join(", ")))
                }
                _ => misfit,
            });
        }
        let output = self.dims.iter().map(|length| length.unwrap_or(count / product)).collect();
        Ok(Facts { meaning: Meaning { alias: true, ..Meaning::default() }, ..Facts::of(output) })
    }

    fn takes(&self, _operand: usize) -> Option<Element> {
        None
    }

    fn descriptor(&self, _of: &Use<'_>) -> TokenStream {
        self.runtime_path()
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Reshape)
    }
}
