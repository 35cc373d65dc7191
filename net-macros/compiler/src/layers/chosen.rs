//! A layer of whose weights the user says something: `Dense(8, init = he_normal, kernel_regularizer = l2(1e-4))`.
//!
//! Such arguments are in no layer's signature. They make another layer of it, with the same functions and other facts.

use std::rc::Rc;

use proc_macro2::TokenStream;

use super::signature::Given;
use super::{Constraint, Holder, Inferred, Initial, Kind, Layer, Misfit, Parameter, Regularizer, Use};
use crate::shape::{Element, Shape};
use crate::suggest::quoted;

/// What an argument says of the weights of a layer, or of what comes out of it.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The argument's name.
    pub argument: String,
    /// Which of the layer's weights it means; none if it is about the results.
    pub weights: Vec<usize>,
    /// What it says.
    pub says: Says,
}

/// What is said of weights.
#[derive(Clone, Debug)]
pub enum Says {
    /// How they begin.
    Initial(Initial),
    /// What they add to the loss, or what the results add.
    Regularizer(Regularizer),
    /// What is done to them after every step.
    Constraint(Constraint),
}

/// What kind of thing an argument says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// How weights begin.
    Beginning,
    /// What they add to the loss.
    Regularizer,
    /// What is done to them after every step.
    Constraint,
    /// What results add to the loss.
    Activity,
}

impl About {
    /// How the names of such arguments end.
    const ENDS: [(Self, &'static str); 3] =
        [(Self::Beginning, "_init"), (Self::Regularizer, "_regularizer"), (Self::Constraint, "_constraint")];

    /// What an argument of this name is about, and what its name says of which weights that is.
    pub fn named(argument: &str) -> Option<(Self, Option<&str>)> {
        match argument {
            "init" => Some((Self::Beginning, None)),
            "activity_regularizer" => Some((Self::Activity, None)),
            _ => Self::ENDS.iter().find_map(|(about, end)| Some((*about, Some(argument.strip_suffix(end)?)))),
        }
    }

    /// What the arguments of this kind say, as the beginning of a sentence about all that a layer has.
    pub fn said_by(self) -> &'static str {
        match self {
            Self::Beginning => "how its weights begin is said by",
            Self::Regularizer | Self::Activity => "what it adds to the loss is said by",
            Self::Constraint => "what its weights are held to is said by",
        }
    }

    /// The arguments of this kind, for all weights of a layer.
    pub fn arguments(self, layer: &dyn Layer) -> String {
        let Some((_, end)) = Self::ENDS.iter().find(|(about, _)| *about == self) else { return String::new() };
        let parameters = layer.holder().map_or(&[][..], |holder| holder.parameters);
        let alone = parameters.len() == 1 || parameters.contains(&"kernel");
        let first = match self {
            Self::Beginning => alone.then(|| "init".to_owned()),
            Self::Regularizer => Some("activity_regularizer".to_owned()),
            Self::Constraint | Self::Activity => None,
        };
        let shortened = |name: &&&str| self != Self::Beginning || !(parameters.len() == 1 || **name == "kernel");
        let stem = |name: &&str| match layer.kernel_is_called() {
            Some(called) if *name == "kernel" => called.to_owned(),
            _ => name.strip_suffix("_kernel").unwrap_or(name).to_owned(),
        };
        let named = parameters.iter().filter(shortened).map(|name| format!("{}{end}", stem(name)));
        quoted(&first.into_iter().chain(named).collect::<Vec<_>>())
    }
}

/// The layer of whose weights that is said.
pub fn chosen(layer: Rc<dyn Layer>, chosen: Vec<Chosen>) -> Rc<dyn Layer> {
    if chosen.is_empty() { layer } else { Rc::new(WithChosen { layer, chosen }) }
}

/// The weights of a layer that the beginning of an argument's name means, `bias` of `bias_init` or `bias_regularizer`: those of that name, or
/// with `_kernel` behind it, or which end with it; all kernels together are `kernel`, which one of them may be called otherwise. Without a
/// name it is the kernel, all kernels if there are several, or the only weight.
pub fn meant(layer: &dyn Layer, name: Option<&str>) -> Vec<usize> {
    let parameters = layer.holder().map_or(&[][..], |holder| holder.parameters);
    let which = |is: &dyn Fn(&str) -> bool| -> Vec<usize> {
        parameters.iter().enumerate().filter(|(_, name)| is(name)).map(|(index, _)| index).collect()
    };
    let candidates = match name {
        Some(name) => [
            which(&|weight| weight == name || (weight == "kernel" && layer.kernel_is_called() == Some(name))),
            which(&|weight| weight.strip_suffix("_kernel") == Some(name)),
            which(&|weight| weight.strip_suffix(name).is_some_and(|rest| rest.ends_with('_'))),
        ],
        None => [
            which(&|weight| weight == "kernel"),
            which(&|weight| weight.ends_with("_kernel")),
            which(&|_| parameters.len() == 1),
        ],
    };
    candidates.into_iter().find(|weights| !weights.is_empty()).unwrap_or_default()
}

#[derive(Debug)]
struct WithChosen {
    layer: Rc<dyn Layer>,
    chosen: Vec<Chosen>,
}

impl WithChosen {
    fn around(&self, layer: Rc<dyn Layer>) -> Rc<dyn Layer> {
        chosen(layer, self.chosen.clone())
    }
}

impl Chosen {
    /// Says it of one of the weights.
    fn say(&self, name: &str, parameter: &mut Parameter) -> Result<(), Misfit> {
        let misfit = |text: String| Misfit { origins: false, ..Misfit::argument(self.argument.clone(), text) };
        match &self.says {
            Says::Initial(initial) => {
                let [least, most] = initial.axes;
                if !(least..=most).contains(&parameter.dims.len()) {
                    let needs = if least == most { "two axes" } else { "at least two axes" };
                    let (function, dims) = (initial.function, &parameter.dims);
                    return Err(misfit(format!("`{function}` makes weights of {needs}, but the {name} is {dims:?}")));
                }
                parameter.initial = initial.clone();
            }
            Says::Regularizer(_) | Says::Constraint(_) if parameter.kind != Kind::Trained => {
                let text = format!("the {name} is not trained: only what is trained is regularized or constrained");
                return Err(misfit(text).help(format!("leave out `{}`", self.argument)));
            }
            Says::Regularizer(regularizer) => {
                regularizer.fits(name, &parameter.dims).map_err(misfit)?;
                parameter.regularizer = Some(*regularizer).filter(|regularizer| !regularizer.is_nothing());
            }
            Says::Constraint(constraint) => {
                let constraint = constraint.of_axes(parameter.dims.len()).map_err(|axis| {
                    let text = format!("the {name} is {:?} and has no axis {axis}", parameter.dims);
                    misfit(text).help("axes of weights count from 0; a kernel's last one has its outputs")
                })?;
                parameter.constraint = Some(constraint);
            }
        }
        Ok(())
    }
}

impl Layer for WithChosen {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let mut facts = self.layer.infer(operands)?;
        for chosen in &self.chosen {
            if let (Says::Regularizer(regularizer), []) = (&chosen.says, &*chosen.weights) {
                facts.activity = Some(*regularizer).filter(|regularizer| !regularizer.is_nothing());
            }
            let Some(weights) = &mut facts.weights else { continue };
            for &index in &chosen.weights {
                chosen.say(weights.holder.parameters[index], &mut weights.parameters[index])?;
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

    fn kernel_is_called(&self) -> Option<&'static str> {
        self.layer.kernel_is_called()
    }

    fn results(&self) -> usize {
        self.layer.results()
    }

    fn result_names(&self) -> &'static [&'static str] {
        self.layer.result_names()
    }

    fn takes(&self, operand: usize) -> Option<Element> {
        // What is regularized are numbers, also behind a layer that would pass on anything.
        let activity = self.chosen.iter().any(|chosen| chosen.weights.is_empty());
        self.layer.takes(operand).or(activity.then_some(Element::F32))
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
    use crate::layers::Facts;

    #[derive(Debug)]
    struct Of(&'static Holder, Option<&'static str>);

    impl Layer for Of {
        fn infer(&self, operands: &[Shape]) -> Inferred {
            Ok(Facts::of(operands[0].clone()))
        }

        fn holder(&self) -> Option<&'static Holder> {
            Some(self.0)
        }

        fn kernel_is_called(&self) -> Option<&'static str> {
            self.1
        }

        fn descriptor(&self, _of: &Use<'_>) -> TokenStream {
            TokenStream::new()
        }

        fn runtime_path(&self) -> TokenStream {
            TokenStream::new()
        }
    }

    #[test]
    fn an_argument_means_the_weights_of_its_name() {
        static AFFINE: Holder = Holder { name: "A", parameters: &["kernel", "bias"] };
        static RECURRENT: Holder = Holder { name: "R", parameters: &["kernel", "recurrent_kernel", "bias"] };
        static HEADS: Holder =
            Holder { name: "H", parameters: &["query_kernel", "query_bias", "key_kernel", "key_bias"] };
        static FACTORS: Holder = Holder { name: "F", parameters: &["gamma", "beta"] };
        static TABLE: Holder = Holder { name: "T", parameters: &["embeddings"] };
        let depthwise = Of(&AFFINE, Some("depthwise"));
        let [recurrent, heads, factors, table] = [&RECURRENT, &HEADS, &FACTORS, &TABLE].map(|holder| Of(holder, None));
        for (layer, argument, expected) in [
            (&recurrent, "init", &[0][..]),
            (&recurrent, "kernel_init", &[0]),
            (&recurrent, "recurrent_init", &[1]),
            (&recurrent, "recurrent_regularizer", &[1]),
            (&recurrent, "recurrent_kernel_init", &[1]),
            (&recurrent, "bias_constraint", &[2]),
            (&heads, "init", &[0, 2]),
            (&heads, "kernel_regularizer", &[0, 2]),
            (&heads, "bias_init", &[1, 3]),
            (&heads, "key_init", &[2]),
            (&heads, "key_bias_init", &[3]),
            (&factors, "init", &[]),
            (&factors, "beta_init", &[1]),
            (&factors, "bias_init", &[]),
            (&factors, "_init", &[]),
            (&table, "init", &[0]),
            (&table, "embeddings_init", &[0]),
            (&depthwise, "depthwise_regularizer", &[0]),
            (&depthwise, "kernel_regularizer", &[0]),
        ] {
            let (_, name) = About::named(argument).unwrap();
            assert_eq!(meant(layer, name), expected, "{argument} of {layer:?}");
        }
        assert_eq!(About::Beginning.arguments(&recurrent), "`init`, `recurrent_init`, `bias_init`");
        assert_eq!(About::Beginning.arguments(&factors), "`gamma_init`, `beta_init`");
        assert_eq!(About::Beginning.arguments(&table), "`init`");
        assert_eq!(About::Constraint.arguments(&depthwise), "`depthwise_constraint`, `bias_constraint`");
        assert_eq!(
            About::Regularizer.arguments(&recurrent),
            "`activity_regularizer`, `kernel_regularizer`, `recurrent_regularizer`, `bias_regularizer`"
        );
    }
}
