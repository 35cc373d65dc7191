//! Stable names of parameters.

use std::fmt;

/// The stable name of a parameter, e.g. `encoder.features_conv2d.kernel`: the inner networks that lead to it, its layer,
/// and what it is there.
///
/// An inner network does not know its name in the network around it, which puts that in front while parameters are
/// visited; so a visit allocates nothing. `to_string` makes a name that can be kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name<'n> {
    first: &'static str,
    rest: Option<&'n Name<'n>>,
}

impl Name<'_> {
    /// The name of a parameter in the network it belongs to: `features_conv2d.kernel`.
    pub const fn new(name: &'static str) -> Self {
        Self { first: name, rest: None }
    }

    /// The name that it has where its network is the inner network `network`.
    pub const fn within(&self, network: &'static str) -> Name<'_> {
        Name { first: network, rest: Some(self) }
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut name = self;
        while let Some(rest) = name.rest {
            write!(f, "{}.", name.first)?;
            name = rest;
        }
        f.write_str(name.first)
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl PartialEq<str> for Name<'_> {
    fn eq(&self, text: &str) -> bool {
        let (mut name, mut text) = (self, text);
        while let Some(rest) = name.rest {
            match text.strip_prefix(name.first).and_then(|text| text.strip_prefix('.')) {
                Some(others) => (name, text) = (rest, others),
                None => return false,
            }
        }
        name.first == text
    }
}

impl PartialEq<&str> for Name<'_> {
    fn eq(&self, text: &&str) -> bool {
        self == *text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_begins_with_the_networks_around_it() {
        let own = Name::new("features_conv2d.kernel");
        let inner = own.within("encoder");
        let outer = inner.within("left");
        assert_eq!(own.to_string(), "features_conv2d.kernel");
        assert_eq!(outer.to_string(), "left.encoder.features_conv2d.kernel");
        assert_eq!(format!("{inner:?}"), "\"encoder.features_conv2d.kernel\"");
        assert!(outer == "left.encoder.features_conv2d.kernel");
        for other in ["left.encoder", "left.encoder.features_conv2d.bias", "leftencoder.features_conv2d.kernel", ""] {
            assert!(outer != other, "{other}");
        }
    }
}
