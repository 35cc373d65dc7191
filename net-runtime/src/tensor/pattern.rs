//! Patterns for the names of parameters: which part of a network something is said of.

use std::collections::BTreeSet;

/// Names that an error about an unknown pattern shows.
const SHOWN: usize = 12;

/// Whether a pattern means the parameter of this name: the pattern, in which each `*` stands for any text, is the whole name, e.g.
/// `features_conv2d.kernel`, or what is before one of its dots: a layer, e.g. `features*`, or an inner network.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let ends = name.match_indices('.').map(|(dot, _)| dot).chain([name.len()]);
    ends.into_iter().any(|end| is_like(pattern.as_bytes(), &name.as_bytes()[..end]))
}

/// Whether a text is a pattern with some text in the place of each `*`.
fn is_like(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut place) = (0, 0);
    // Behind the last `*`, and how much of the text that stands for.
    let mut last_star = None;
    while place < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                last_star = Some((at + 1, place));
                at += 1;
            }
            Some(letter) if *letter == text[place] => (at, place) = (at + 1, place + 1),
            _ => {
                let Some((behind, taken)) = &mut last_star else { return false };
                *taken += 1;
                (at, place) = (*behind, *taken);
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

/// What is wrong with a pattern that means none of these parameters, given to this function: with the layers that there are.
pub(crate) fn unknown(function: &str, pattern: &str, names: &mut dyn Iterator<Item = &str>) -> String {
    let mut seen = BTreeSet::new();
    let mut layers: Vec<String> = Vec::new();
    for name in names {
        let layer = name.rsplit_once('.').map_or(name, |(layer, _)| layer);
        if seen.insert(layer.to_owned()) {
            layers.push(format!("`{layer}`"));
        }
    }
    let more = match layers.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    layers.truncate(SHOWN);
    let there = if layers.is_empty() { "no layer has weights".to_owned() } else { layers.join(", ") };
    format!("`{function}` has `{pattern}`, but no parameter is called so; there are {there}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_name_or_what_is_before_a_dot() {
        let name = "encoder.features_conv2d.kernel";
        for (pattern, expected) in [
            (name, true),
            ("encoder", true),
            ("encoder.features_conv2d", true),
            ("encoder.features*", true),
            ("*kernel", true),
            ("*.kernel", true),
            ("*conv2d", true),
            ("*c*c*k*", true),
            ("*", true),
            ("**", true),
            ("features*", false),
            ("encoder.features", false),
            ("encode", false),
            ("kernel", false),
            ("*bias", false),
            ("", false),
            ("encoder.features_conv2d.kernel*x", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern}");
        }
        assert!(matches("*abab", "ababab") && !matches("a*aa", "aab"));
    }

    #[test]
    fn the_error_shows_the_layers_once_and_not_too_many() {
        let error = unknown("freeze", "feat", &mut ["a.kernel", "a.bias", "b.c.kernel"].into_iter());
        assert_eq!(error, "`freeze` has `feat`, but no parameter is called so; there are `a`, `b.c`");
        let many: Vec<_> = (0..20).map(|layer| format!("l{layer}.kernel")).collect();
        assert!(unknown("", "x", &mut many.iter().map(String::as_str)).ends_with("`l11` and 8 more"));
    }
}
