//! A layer whose weights begin as the user says: `Dense(8, init = he_normal, bias_init = ones)`.

use std::rc::Rc;

use proc_macro2::TokenStream;

use super::signature::Given;
use super::{Holder, Inferred, Initial, Layer, Misfit, Use};
use crate::shape::{Element, Shape};
use crate::suggest::quoted;

/// How the weights of a layer begin that are meant by an argument.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The argument's name.
    pub argument: String,
    /// Which of the layer's weights.
    pub weights: Vec<usize>,
    /// How they begin.
    pub initial: Initial,
}

/// The layer with weights that begin so.
pub fn beginning(layer: Rc<dyn Layer>, chosen: Vec<Chosen>) -> Rc<dyn Layer> {
    if chosen.is_empty() { layer } else { Rc::new(Beginning { layer, chosen }) }
}

/// Weights of a layer that the argument `init`, or one called like `bias_init`, is about: those of the name before the `_init`, or
/// which end with it. Without a name it is the kernel, all kernels if there are several, or the only one.
pub fn meant(holder: &Holder, argument: &str) -> Vec<usize> {
    let which = |is: &dyn Fn(&str) -> bool| -> Vec<usize> {
        holder.parameters.iter().enumerate().filter(|(_, name)| is(name)).map(|(index, _)| index).collect()
    };
    let candidates = match argument.strip_suffix("_init") {
        Some(name) => [
            which(&|weight| weight == name),
            which(&|weight| weight.strip_suffix("_kernel") == Some(name)),
            which(&|weight| weight.strip_suffix(name).is_some_and(|rest| rest.ends_with('_'))),
        ],
        None => [
            which(&|weight| weight == "kernel"),
            which(&|weight| weight.ends_with("_kernel")),
            which(&|_| holder.parameters.len() == 1),
        ],
    };
    candidates.into_iter().find(|weights| !weights.is_empty()).unwrap_or_default()
}

/// The arguments that say how weights begin, for all of a layer.
pub fn arguments(holder: &Holder) -> String {
    let short = (!meant(holder, "init").is_empty()).then(|| "init".to_owned());
    let kernels = |name: &&&str| **name != "kernel" && holder.parameters.len() > 1;
    let named = holder.parameters.iter().filter(kernels).map(|name| format!("{name}_init"));
    quoted(&short.into_iter().chain(named).collect::<Vec<_>>())
}

#[derive(Debug)]
struct Beginning {
    layer: Rc<dyn Layer>,
    chosen: Vec<Chosen>,
}

impl Beginning {
    fn around(&self, layer: Rc<dyn Layer>) -> Rc<dyn Layer> {
        beginning(layer, self.chosen.clone())
    }
}

impl Layer for Beginning {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let mut facts = self.layer.infer(operands)?;
        let Some(weights) = &mut facts.weights else { return Ok(facts) };
        for Chosen { argument, weights: meant, initial } in &self.chosen {
            for index in meant {
                let name = weights.holder.parameters[*index];
                let parameter = &mut weights.parameters[*index];
                let [least, most] = initial.axes;
                if !(least..=most).contains(&parameter.dims.len()) {
                    let needs = if least == most { "two axes" } else { "at least two axes" };
                    let text = format!(
                        "`{}` makes weights of {needs}, but the {name} is {:?}",
                        initial.function, parameter.dims
                    );
                    return Err(Misfit { origins: false, ..Misfit::argument(argument.clone(), text) });
                }
                parameter.initial = initial.clone();
            }
        }
        Ok(facts)
    }

    fn given(&self, operands: &Given) -> Option<Rc<dyn Layer>> {
        self.layer.given(operands).map(|layer| self.around(layer))
    }

    fn halves(&self) -> Option<[Rc<dyn Layer>; 2]> {
        self.layer.halves().map(|halves| halves.map(|layer| self.around(layer)))
    }

    fn holder(&self) -> Option<&'static Holder> {
        self.layer.holder()
    }

    fn results(&self) -> usize {
        self.layer.results()
    }

    fn result_names(&self) -> &'static [&'static str] {
        self.layer.result_names()
    }

    fn takes(&self, operand: usize) -> Option<Element> {
        self.layer.takes(operand)
    }

    fn covers(&self, operand: &Shape, result: &Shape) -> Option<Shape> {
        self.layer.covers(operand, result)
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        self.layer.descriptor(of)
    }

    fn descriptor_type(&self) -> TokenStream {
        self.layer.descriptor_type()
    }

    fn runtime_path(&self) -> TokenStream {
        self.layer.runtime_path()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_means_the_weights_of_its_name() {
        static RECURRENT: Holder = Holder { name: "R", parameters: &["kernel", "recurrent_kernel", "bias"] };
        static HEADS: Holder =
            Holder { name: "H", parameters: &["query_kernel", "query_bias", "key_kernel", "key_bias"] };
        static FACTORS: Holder = Holder { name: "F", parameters: &["gamma", "beta"] };
        static TABLE: Holder = Holder { name: "T", parameters: &["embeddings"] };
        for (holder, argument, expected) in [
            (&RECURRENT, "init", &[0][..]),
            (&RECURRENT, "kernel_init", &[0]),
            (&RECURRENT, "recurrent_init", &[1]),
            (&RECURRENT, "recurrent_kernel_init", &[1]),
            (&RECURRENT, "bias_init", &[2]),
            (&HEADS, "init", &[0, 2]),
            (&HEADS, "bias_init", &[1, 3]),
            (&HEADS, "key_init", &[2]),
            (&HEADS, "key_bias_init", &[3]),
            (&FACTORS, "init", &[]),
            (&FACTORS, "beta_init", &[1]),
            (&FACTORS, "bias_init", &[]),
            (&FACTORS, "_init", &[]),
            (&TABLE, "init", &[0]),
            (&TABLE, "embeddings_init", &[0]),
        ] {
            assert_eq!(meant(holder, argument), expected, "{argument} of {holder:?}");
        }
        assert_eq!(arguments(&RECURRENT), "`init`, `recurrent_kernel_init`, `bias_init`");
        assert_eq!(arguments(&FACTORS), "`gamma_init`, `beta_init`");
        assert_eq!(arguments(&TABLE), "`init`");
    }
}
