//! `Distance`: how far two tensors are from each other.

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::signature::{Arity, Signature};
use super::{Backward, Facts, Inferred, Layer, Meaning, Misfit, Reads, Takes, Use, Values, elements, integer, single};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

pub(super) const SIGNATURE: Signature = Signature {
    name: "Distance",
    parameters: &[Parameter::optional("metric", "euclidean")],
    operands: Arity::Two,
    build,
};

/// The metrics, as the user and as the runtime calls them.
const METRICS: [(&str, &str); 4] =
    [("euclidean", "Euclidean"), ("squared", "Squared"), ("manhattan", "Manhattan"), ("cosine", "Cosine")];
const WORDS: [&str; 4] = [METRICS[0].0, METRICS[1].0, METRICS[2].0, METRICS[3].0];

#[derive(Debug)]
struct Distance {
    metric: &'static str,
}

fn build(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let metric = arguments.word("metric", "euclidean", &WORDS)?;
    Some(Rc::new(Distance { metric }))
}

impl Layer for Distance {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let (first, second) = (&operands[0], &operands[1]);
        if first != second {
            let text = format!("`Distance` needs equal shapes, but {{0}} is {first:?} and {{1}} is {second:?}");
            let misfit = Misfit::operand(1, text);
            return Err(match [first.as_slice(), second.as_slice()] {
                [[features], [_]] => {
                    misfit.help(format!("let {{1}} have {features} features, e.g. by `-> Dense({features})`"))
                }
                _ => misfit,
            });
        }
        let mut result = first.clone();
        if let Some(last) = result.last_mut() {
            *last = 1;
        }
        Ok(Facts {
            backward: Backward { input: Reads { operands: true, ..Reads::default() }, ..Backward::default() },
            takes: Takes { operand_list: true, ..Takes::default() },
            meaning: Meaning { values: Values::Any, ..Meaning::default() },
            ..Facts::of(result)
        })
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        let (len, rows) = single(of.operands).split_last().map_or((1, 1), |(len, rows)| (*len, elements(rows)));
        let [rows, len] = [rows, len].map(integer);
        let metric = METRICS.iter().find(|(word, _)| *word == self.metric).map_or("Euclidean", |(_, name)| name);
        let metric = Ident::new(metric, Span::mixed_site());
        quote!(::net_runtime::layers::Distance {
            rows: #rows,
            len: #len,
            metric: ::net_runtime::layers::DistanceMetric::#metric
        })
    }

    fn runtime_path(&self) -> TokenStream {
        quote!(::net_runtime::layers::Distance)
    }
}
