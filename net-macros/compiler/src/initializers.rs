//! How weights may begin, as the user writes it: `init = he_normal`.

use crate::arguments::{Arguments, Parameter};
use crate::elsewhere;
use crate::layers::{Initial, Setting};
use crate::vocabulary::{Entry, Vocabulary};

/// The initializers.
pub static INITIALIZERS: Vocabulary<Initial> = Vocabulary {
    one: "an initializer",
    example: "he_normal",
    entries: ENTRIES,
    of_number: "constant",
    elsewhere: elsewhere::initializer,
};

const SCALED_NORMAL: &[Parameter<'static>] = &[Parameter::named("mean", "0.0"), Parameter::named("stddev", "0.05")];

/// Every initializer, sorted by name.
static ENTRIES: &[Entry<Initial>] = &[
    Entry {
        name: "constant",
        parameters: &[Parameter::required("value")],
        build: |arguments| Some(Initial::fixed("constant").with(Setting::Number(arguments.number("value", None)?))),
    },
    Entry { name: "glorot_normal", parameters: &[], build: |_| Some(Initial::random("glorot_normal")) },
    Entry { name: "glorot_uniform", parameters: &[], build: |_| Some(Initial::random("glorot_uniform")) },
    Entry { name: "he_normal", parameters: &[], build: |_| Some(Initial::random("he_normal")) },
    Entry { name: "he_uniform", parameters: &[], build: |_| Some(Initial::random("he_uniform")) },
    Entry {
        name: "identity",
        parameters: &[Parameter::optional("gain", "1.0")],
        build: |arguments| {
            let gain = arguments.number("gain", Some(1.0))?;
            Some(Initial::fixed("identity").with(Setting::Number(gain)).of_axes(2, 2))
        },
    },
    Entry { name: "lecun_normal", parameters: &[], build: |_| Some(Initial::random("lecun_normal")) },
    Entry { name: "lecun_uniform", parameters: &[], build: |_| Some(Initial::random("lecun_uniform")) },
    Entry { name: "ones", parameters: &[], build: |_| Some(Initial::ONES) },
    Entry {
        name: "orthogonal",
        parameters: &[Parameter::optional("gain", "1.0")],
        build: |arguments| {
            let gain = arguments.number("gain", Some(1.0))?;
            Some(Initial::random("orthogonal").with(Setting::Number(gain)).of_axes(2, usize::MAX))
        },
    },
    Entry {
        name: "random_normal",
        parameters: SCALED_NORMAL,
        build: |arguments| normal(arguments, Initial::random("random_normal")),
    },
    Entry {
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
    Entry {
        name: "truncated_normal",
        parameters: SCALED_NORMAL,
        build: |arguments| normal(arguments, Initial::random("truncated_normal")),
    },
    Entry {
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
    Entry { name: "zeros", parameters: &[], build: |_| Some(Initial::ZEROS) },
];

fn normal(arguments: &mut Arguments<'_>, initial: Initial) -> Option<Initial> {
    let mean = arguments.number("mean", Some(0.0));
    let deviation = arguments.number_within("stddev", Some(0.05), |deviation| deviation >= 0.0, "at least 0");
    Some(initial.with(Setting::Number(mean?)).with(Setting::Number(deviation?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initializers_are_sorted_by_name() {
        assert!(ENTRIES.is_sorted_by_key(|entry| entry.name));
    }
}
