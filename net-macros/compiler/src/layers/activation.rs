//! Functions of one element: activations, and some of mathematics.

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::signature::{Arity, Signature};
use super::{
    Backward, Derivative, Distribution, Facts, InPlace, Inferred, Layer, Meaning, OnColumns, Reads, Use, Values, float,
    single,
};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;
use Derivative::{FromOperand, FromResult, Mask};

/// Functions without arguments: what each is called here and in the runtime, and its [`Function`].
macro_rules! without_arguments {
    ($($signature:ident $name:ident $function:expr;)+) => {
        $(pub(super) const $signature: Signature =
            plain(stringify!($name), |_| $function.named(stringify!($name), vec![]));)+
    };
}

// What their derivatives are computed from, the runtime's `Activation::derivative_from_input` says, too.
without_arguments! {
    ABS abs Function::of(FromOperand);
    EXP exp Function::of(FromResult);
    HARD_SIGMOID hard_sigmoid Function { values: Values::UnitInterval, ..Function::of(FromResult) };
    HARD_SILU hard_silu Function::of(FromOperand);
    HARD_TANH hard_tanh Function::of(FromOperand);
    LOG log Function::of(FromOperand);
    LOG_SIGMOID log_sigmoid Function { values: Values::LogProbabilities(Distribution::Sigmoid), ..Function::of(FromResult) };
    MISH mish Function::of(FromOperand);
    NEG neg Function::of(FromResult);
    RECIPROCAL reciprocal Function::of(FromResult);
    RELU6 relu6 Function { values: Values::NotNegative, ..Function::of(FromResult) };
    RSQRT rsqrt Function::of(FromResult);
    SELU selu Function::of(FromResult);
    SIGMOID sigmoid Function { values: Values::Probabilities(Distribution::Sigmoid), ..Function::of(FromResult) };
    SILU silu Function::of(FromOperand);
    SOFTPLUS softplus Function::of(FromResult);
    SOFTSIGN softsign Function::of(FromResult);
    SPARSE_PLUS sparse_plus Function::of(FromResult);
    SPARSE_SIGMOID sparse_sigmoid Function { values: Values::UnitInterval, ..Function::of(FromResult) };
    SQRT sqrt Function::of(FromResult);
    SQUARE square Function::of(FromOperand);
    TANH tanh Function::of(FromResult);
    TANH_SHRINK tanh_shrink Function::of(FromOperand);
}

pub(super) const RELU: Signature = Signature {
    parameters: &[
        Parameter::named("max_value", "none"),
        Parameter::named("slope", "0"),
        Parameter::named("threshold", "0"),
    ],
    ..plain("relu", relu)
};

/// The general form has a derivative that is not 1 or 0, or not by the sign of the result.
fn relu(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let slope = not_negative(arguments, "slope", Some(0.0));
    let max = arguments.number_or_none("max_value", |max| max >= 0.0, "at least 0");
    let threshold = not_negative(arguments, "threshold", Some(0.0));
    let (slope, max, threshold) = (slope?, max?, threshold?);
    let values = if slope == 0.0 { Values::NotNegative } else { Values::Any };
    match (slope, max, threshold) {
        (0.0, None, 0.0) => Function { values, ..Function::of(Mask) }.named("relu", vec![]),
        (_, None, 0.0) => Function { values, ..Function::of(FromResult) }.named("leaky_relu", vec![float(slope)]),
        (_, max, _) => {
            let max = max.map_or(quote!(::core::primitive::f32::INFINITY), float);
            Function { values, ..Function::of(FromResult) }
                .named("rectified_linear", vec![float(slope), max, float(threshold)])
        }
    }
}

pub(super) const LEAKY_RELU: Signature = Signature {
    parameters: &[Parameter::optional("slope", "0.2")],
    ..plain("leaky_relu", |arguments| {
        let slope = not_negative(arguments, "slope", Some(0.2))?;
        Function::of(FromResult).named("leaky_relu", vec![float(slope)])
    })
};

pub(super) const ELU: Signature = Signature {
    parameters: &[Parameter::optional("alpha", "1")],
    ..plain("elu", |arguments| {
        let alpha = not_negative(arguments, "alpha", Some(1.0))?;
        Function::of(FromResult).named("elu", vec![float(alpha)])
    })
};

pub(super) const CELU: Signature = Signature {
    parameters: &[Parameter::optional("alpha", "1")],
    ..plain("celu", |arguments| {
        let alpha = arguments.number_within("alpha", Some(1.0), |alpha| alpha > 0.0, "above 0")?;
        Function::of(FromResult).named("celu", vec![float(alpha)])
    })
};

pub(super) const GELU: Signature = Signature {
    parameters: &[Parameter::named("approximate", "false")],
    ..plain("gelu", |arguments| {
        let approximate = arguments.flag("approximate", false)?;
        Function::of(FromOperand).named("gelu", vec![quote!(#approximate)])
    })
};

pub(super) const HARD_SHRINK: Signature = Signature {
    parameters: &[Parameter::optional("threshold", "0.5")],
    ..plain("hard_shrink", |arguments| {
        let threshold = not_negative(arguments, "threshold", Some(0.5))?;
        Function::of(FromResult).named("hard_shrink", vec![float(threshold)])
    })
};

pub(super) const SOFT_SHRINK: Signature = Signature {
    parameters: &[Parameter::optional("threshold", "0.5")],
    ..plain("soft_shrink", |arguments| {
        let threshold = not_negative(arguments, "threshold", Some(0.5))?;
        Function::of(FromResult).named("soft_shrink", vec![float(threshold)])
    })
};

pub(super) const SQUAREPLUS: Signature = Signature {
    parameters: &[Parameter::optional("b", "4")],
    ..plain("squareplus", |arguments| {
        let b = arguments.number_within("b", Some(4.0), |b| b > 0.0, "above 0")?;
        Function::of(FromResult).named("squareplus", vec![float(b)])
    })
};

pub(super) const THRESHOLD: Signature = Signature {
    parameters: &[Parameter::required("threshold"), Parameter::required("value")],
    ..plain("threshold", |arguments| {
        let threshold = arguments.number("threshold", None);
        let value = arguments.number("value", None);
        Function::of(FromOperand).named("threshold", vec![float(threshold?), float(value?)])
    })
};

pub(super) const CLIP: Signature = Signature {
    parameters: &[Parameter::required("low"), Parameter::required("high")],
    ..plain("clip", |arguments| {
        let low = arguments.number("low", None);
        let above = |high: f32| low.is_none_or(|low| low < high);
        let high = arguments.number_within("high", None, above, "above `low`");
        let (low, high) = (low?, high?);
        let values = match low {
            0.0.. if high <= 1.0 => Values::UnitInterval,
            0.0.. => Values::NotNegative,
            _ => Values::Any,
        };
        Function { values, ..Function::of(FromOperand) }.named("clip", vec![float(low), float(high)])
    })
};

type Build = fn(&mut Arguments<'_>) -> Option<Rc<dyn Layer>>;

const fn plain(name: &'static str, build: Build) -> Signature {
    Signature { name, parameters: &[], operands: Arity::One, build }
}

fn not_negative(arguments: &mut Arguments<'_>, parameter: &str, default: Option<f32>) -> Option<f32> {
    arguments.number_within(parameter, default, |number| number >= 0.0, "at least 0")
}

/// What is known of a function.
#[derive(Clone, Copy, Debug)]
struct Function {
    derivative: Derivative,
    values: Values,
}

impl Function {
    /// One of which no loss knows anything.
    const fn of(derivative: Derivative) -> Self {
        Self { derivative, values: Values::Any }
    }

    /// The layer that the runtime calls so.
    fn named(self, name: &'static str, arguments: Vec<TokenStream>) -> Option<Rc<dyn Layer>> {
        Some(Rc::new(Activation { function: self, name, arguments }))
    }
}

#[derive(Debug)]
struct Activation {
    function: Function,
    /// The runtime's function that makes it, and what that is given.
    name: &'static str,
    arguments: Vec<TokenStream>,
}

impl Layer for Activation {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let Function { derivative, values } = self.function;
        let from_operand = derivative == FromOperand;
        let input = Reads { operands: from_operand, results: derivative.of_result(), ..Reads::default() };
        let meaning = Meaning { keeps_shape: true, elementwise: Some(derivative), values, ..Meaning::default() };
        let in_place = if from_operand { InPlace::Never } else { InPlace::Stores };
        Ok(Facts {
            backward: Backward { input, ..Backward::default() },
            in_place,
            on_columns: OnColumns::Any,
            meaning,
            ..Facts::of(single(operands).clone())
        })
    }

    fn descriptor(&self, _of: &Use<'_>) -> TokenStream {
        let (path, arguments) = (self.runtime_path(), &self.arguments);
        quote!(#path(#(#arguments),*))
    }

    fn descriptor_type(&self) -> TokenStream {
        quote!(::net_runtime::activations::Activation)
    }

    fn runtime_path(&self) -> TokenStream {
        let name = Ident::new(self.name, Span::call_site());
        quote!(::net_runtime::activations::#name)
    }
}
