//! How weights may begin, as the user writes it: `init = he_normal`.

use proc_macro2::Ident;

use crate::arguments::{self, Arguments, Beside, Parameter};
use crate::constants::Constants;
use crate::elsewhere;
use crate::errors::{Errors, Message};
use crate::layers::{Initial, Setting};
use crate::suggest;
use crate::syntax::{self, Value};

/// How an initializer is written.
struct Signature {
    name: &'static str,
    parameters: &'static [Parameter<'static>],
    build: fn(&mut Arguments<'_>) -> Option<Initial>,
}

const SCALED_NORMAL: &[Parameter<'static>] = &[Parameter::named("mean", "0.0"), Parameter::named("stddev", "0.05")];

/// Every initializer, sorted by name.
static INITIALIZERS: &[Signature] = &[
    Signature {
        name: "constant",
        parameters: &[Parameter::required("value")],
        build: |arguments| Some(Initial::fixed("constant").with(Setting::Number(arguments.number("value", None)?))),
    },
    Signature { name: "glorot_normal", parameters: &[], build: |_| Some(Initial::random("glorot_normal")) },
    Signature { name: "glorot_uniform", parameters: &[], build: |_| Some(Initial::random("glorot_uniform")) },
    Signature { name: "he_normal", parameters: &[], build: |_| Some(Initial::random("he_normal")) },
    Signature { name: "he_uniform", parameters: &[], build: |_| Some(Initial::random("he_uniform")) },
    Signature {
        name: "identity",
        parameters: &[Parameter::optional("gain", "1.0")],
        build: |arguments| {
            let gain = arguments.number("gain", Some(1.0))?;
            Some(Initial::fixed("identity").with(Setting::Number(gain)).of_axes(2, 2))
        },
    },
    Signature { name: "lecun_normal", parameters: &[], build: |_| Some(Initial::random("lecun_normal")) },
    Signature { name: "lecun_uniform", parameters: &[], build: |_| Some(Initial::random("lecun_uniform")) },
    Signature { name: "ones", parameters: &[], build: |_| Some(Initial::ONES) },
    Signature {
        name: "orthogonal",
        parameters: &[Parameter::optional("gain", "1.0")],
        build: |arguments| {
            let gain = arguments.number("gain", Some(1.0))?;
            Some(Initial::random("orthogonal").with(Setting::Number(gain)).of_axes(2, usize::MAX))
        },
    },
    Signature {
        name: "random_normal",
        parameters: SCALED_NORMAL,
        build: |arguments| normal(arguments, Initial::random("random_normal")),
    },
    Signature {
        name: "random_uniform",
        parameters: &[Parameter::named("low", "-0.05"), Parameter::named("high", "0.05")],
        build: |arguments| {
            let [low, high] = [("low", -0.05), ("high", 0.05)].map(|(name, of)| arguments.number(name, Some(of)));
            let (low, high) = (low?, high?);
            if low > high {
                arguments.reject("low", format!("`low` of `random_uniform` must not be above `high`, which is {high}"));
                return None;
            }
            Some(Initial::random("random_uniform").with(Setting::Number(low)).with(Setting::Number(high)))
        },
    },
    Signature {
        name: "truncated_normal",
        parameters: SCALED_NORMAL,
        build: |arguments| normal(arguments, Initial::random("truncated_normal")),
    },
    Signature {
        name: "variance_scaling",
        parameters: &[
            Parameter::named("scale", "1.0"),
            Parameter::named("mode", "fan_in"),
            Parameter::named("distribution", "truncated_normal"),
        ],
        build: |arguments| {
            let scale = arguments.number_within("scale", Some(1.0), |scale| scale > 0.0, "above 0");
            let mode = arguments.word("mode", "fan_in", &["fan_in", "fan_out", "fan_avg"]);
            let distribution = arguments.word(
                "distribution",
                "truncated_normal",
                &["truncated_normal", "uniform", "untruncated_normal"],
            );
            let fan = match mode? {
                "fan_in" => "In",
                "fan_out" => "Out",
                _ => "Average",
            };
            let distribution = match distribution? {
                "truncated_normal" => "TruncatedNormal",
                "uniform" => "Uniform",
                _ => "Normal",
            };
            let initial = Initial::random("variance_scaling").with(Setting::Number(scale?));
            Some(initial.with(Setting::Word("Fan", fan)).with(Setting::Word("Distribution", distribution)))
        },
    },
    Signature { name: "zeros", parameters: &[], build: |_| Some(Initial::ZEROS) },
];

fn normal(arguments: &mut Arguments<'_>, initial: Initial) -> Option<Initial> {
    let mean = arguments.number("mean", Some(0.0));
    let deviation = arguments.number_within("stddev", Some(0.05), |deviation| deviation >= 0.0, "at least 0");
    Some(initial.with(Setting::Number(mean?)).with(Setting::Number(deviation?)))
}

/// What the user wrote for an argument of a stage; `None` if it is none, which has been told, or if it depends on a number that
/// is not known.
pub fn resolve(
    argument: &Ident,
    value: &Value,
    callee: &str,
    constants: &Constants,
    errors: &mut Errors,
) -> Option<Initial> {
    let (name, items) = match value {
        Value::Word(name) => (name, &[][..]),
        Value::Chain(stages) if stages.len() == 1 && stages[0].path.get_ident().is_some() => {
            let items = stages[0].arguments.as_ref().map_or(&[][..], |arguments: &syntax::Arguments| &arguments.items);
            (stages[0].name(), items)
        }
        value => {
            let text = format!(
                "`{argument}` of `{callee}` is an initializer such as `he_normal`, but this is {}",
                value.found()
            );
            let message = Message::new(value.span(), text);
            errors.push(match value {
                Value::Integer { .. } | Value::Float { .. } => {
                    message.help(format!("write `{argument} = constant({value})`"))
                }
                Value::Text(literal) => match elsewhere::initializer(&literal.value()) {
                    _ if find(&literal.value()).is_some() => {
                        message.help(format!("write it without quotes: `{argument} = {}`", literal.value()))
                    }
                    Some(help) => message.help(help),
                    None => message,
                },
                _ => message,
            });
            return None;
        }
    };
    let text = name.to_string();
    let Some(signature) = find(&text) else {
        let message = Message::new(name.span(), format!("unknown initializer `{text}`"));
        let names = INITIALIZERS.iter().map(|signature| signature.name);
        let help = elsewhere::initializer(&text).or_else(|| suggest::help(&text, names, "the initializers are"));
        errors.push(Message { help, ..message });
        return None;
    };
    let mut arguments = arguments::bind(name, &text, items, signature.parameters, Beside::Nothing, constants, errors);
    let built = (signature.build)(&mut arguments);
    built.filter(|_| arguments.sound)
}

fn find(name: &str) -> Option<&'static Signature> {
    INITIALIZERS.iter().find(|signature| signature.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initializers_are_sorted_by_name() {
        assert!(INITIALIZERS.is_sorted_by_key(|signature| signature.name));
    }
}
