//! The proof of announcements (`extern const`, `extern network`): while the user's crate compiles, a `const` compares what
//! was announced with what is there, and says both in the message of a panic on the user's token.
//!
//! Everything here runs in the compiler alone.

use std::marker::PhantomData;

use super::inner_network::InnerNetwork;
pub use super::signature::{Port, Signature};

/// A text that is put together by the compiler: `panic!` can show one in a constant, but cannot format.
#[derive(Clone, Copy)]
pub struct Text {
    bytes: [u8; Self::CAPACITY],
    len: usize,
}

impl Text {
    /// Longer texts are cut off.
    const CAPACITY: usize = 1024;

    /// An empty text.
    pub const fn new() -> Self {
        Self { bytes: [0; Self::CAPACITY], len: 0 }
    }

    /// The text with another behind it.
    pub const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut index = 0;
        while index < text.len() && self.len < Self::CAPACITY {
            self.bytes[self.len] = text[index];
            self.len += 1;
            index += 1;
        }
        self
    }

    /// The text with a number behind it.
    pub const fn number(mut self, number: usize) -> Self {
        if number >= 10 {
            self = self.number(number / 10);
        }
        let digit = [b'0' + (number % 10) as u8];
        match str::from_utf8(&digit) {
            Ok(digit) => self.text(digit),
            Err(_) => self,
        }
    }

    /// The text with a list of lengths behind it: `[64, 64, 3]`.
    pub const fn dims(mut self, dims: &[usize]) -> Self {
        self = self.text("[");
        let mut axis = 0;
        while axis < dims.len() {
            if axis > 0 {
                self = self.text(", ");
            }
            self = self.number(dims[axis]);
            axis += 1;
        }
        self.text("]")
    }

    const fn kind(self, port: &Port) -> Self {
        let kind = if port.classes { self.text("u32") } else { self };
        kind.dims(port.dims)
    }

    const fn port(self, port: &Port) -> Self {
        self.text("`").text(port.name).text(": ").kind(port).text("`")
    }

    const fn ports(mut self, ports: &[Port]) -> Self {
        let mut index = 0;
        while index < ports.len() {
            if index > 0 {
                self = self.text(", ");
            }
            self = self.port(&ports[index]);
            index += 1;
        }
        self
    }

    /// As a string.
    pub const fn as_str(&self) -> &str {
        let bytes = self.bytes.split_at(self.len).0;
        match str::from_utf8(bytes) {
            Ok(text) => text,
            // Cut off in the middle of a letter.
            Err(error) => match str::from_utf8(bytes.split_at(error.valid_up_to()).0) {
                Ok(text) => text,
                Err(_) => "",
            },
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::new()
    }
}

/// Asks whether a type is a network, as a layer of a program's own also is: `Probe::<N>::SIGNATURE` is that of `N`, or [`Otherwise`]'s.
pub struct Probe<N>(PhantomData<N>);

impl<N: InnerNetwork> Probe<N> {
    /// The inputs and outputs of a network.
    pub const SIGNATURE: Option<Signature> = Some(N::SIGNATURE);
}

/// What [`Probe`] says of a type that is no network.
pub trait Otherwise {
    /// There is none.
    const SIGNATURE: Option<Signature> = None;
}

impl<N> Otherwise for Probe<N> {}

/// A type that was announced as a network, with a constant whose evaluation fails if it is none: rustc then tells that
/// failure, and nothing about the uses of a type that depends on it.
pub struct Announced<N, const NETWORK: bool>(PhantomData<N>);

/// An announced network that is one.
pub trait IsNetwork {
    /// Itself.
    type Network: InnerNetwork;
}

impl<N: InnerNetwork> IsNetwork for Announced<N, true> {
    type Network = N;
}

/// The network `N`; an error if the constant fails.
pub type Proven<N, const NETWORK: bool> = <Announced<N, NETWORK> as IsNetwork>::Network;

/// The part of an announced input or output that is not so, with a text that says what is.
#[derive(Clone, Copy)]
pub enum Fault {
    /// It has another name.
    Name(Text),
    /// It has another shape, or holds something else.
    Shape(Text),
    /// This axis alone has another length.
    Axis(usize, Text),
}

/// What is not so about the announced number of a network's inputs and outputs; of what is no network, nothing is said
/// here.
pub const fn count_fault(network: &str, inputs: usize, outputs: usize, real: Option<Signature>) -> Option<Text> {
    let Some(real) = real else { return None };
    let (role, announced, real) = if real.inputs.len() != inputs {
        ("input", inputs, real.inputs)
    } else if real.outputs.len() != outputs {
        ("output", outputs, real.outputs)
    } else {
        return None;
    };
    let text = Text::new().text("`").text(network).text("` is announced with ").number(announced).text(" ").text(role);
    let text = text.text(if announced == 1 { "" } else { "s" }).text(", but it has ").number(real.len());
    Some(text.text(": ").ports(real))
}

/// What is not so about an announced input.
pub const fn input_fault(network: &str, index: usize, announced: Port, real: Option<Signature>) -> Option<Fault> {
    let Some(real) = real else { return None };
    fault(network, "input", index, announced, real.inputs)
}

/// What is not so about an announced output.
pub const fn output_fault(network: &str, index: usize, announced: Port, real: Option<Signature>) -> Option<Fault> {
    let Some(real) = real else { return None };
    fault(network, "output", index, announced, real.outputs)
}

const fn fault(network: &str, role: &str, index: usize, announced: Port, real: &[Port]) -> Option<Fault> {
    // Another number of them has been told.
    if index >= real.len() {
        return None;
    }
    let real = &real[index];
    let text = Text::new().text("`").text(network).text("` is announced with the ").text(role).text(" ");
    let text = text.port(&announced).text(", but ");
    // What a layer takes has no names but those of its announcement.
    if !real.name.is_empty() && !same(announced.name, real.name) {
        return Some(Fault::Name(text.text(role).text(" ").number(index + 1).text(" is ").port(real)));
    }
    let text = text.text("it is ").kind(real);
    if announced.classes != real.classes || announced.dims.len() != real.dims.len() {
        return Some(Fault::Shape(text));
    }
    let (mut differing, mut last, mut axis) = (0, 0, 0);
    while axis < real.dims.len() {
        if announced.dims[axis] != real.dims[axis] {
            (differing, last) = (differing + 1, axis);
        }
        axis += 1;
    }
    match differing {
        0 => None,
        1 => Some(Fault::Axis(last, text)),
        _ => Some(Fault::Shape(text)),
    }
}

/// Whether two texts are the same.
pub(super) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut index = 0;
    while index < a.len() && index < b.len() && a[index] == b[index] {
        index += 1;
    }
    index == a.len() && index == b.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: Port = Port { name: "image", classes: false, dims: &[64, 64, 3] };

    fn told(announced: Port) -> (&'static str, String) {
        match fault("Eye", "input", 0, announced, &[IMAGE]) {
            None => ("nothing", String::new()),
            Some(Fault::Name(text)) => ("name", text.as_str().to_owned()),
            Some(Fault::Shape(text)) => ("shape", text.as_str().to_owned()),
            Some(Fault::Axis(1, text)) => ("axis 1", text.as_str().to_owned()),
            Some(Fault::Axis(..)) => ("another axis", String::new()),
        }
    }

    #[test]
    fn a_fault_is_told_with_what_was_announced_and_what_is() {
        assert_eq!(told(IMAGE).0, "nothing");
        let said = |shape: &str| format!("`Eye` is announced with the input `{shape}`, but it is [64, 64, 3]");
        assert_eq!(told(Port { dims: &[64, 7, 3], ..IMAGE }), ("axis 1", said("image: [64, 7, 3]")));
        assert_eq!(told(Port { dims: &[7, 7, 3], ..IMAGE }), ("shape", said("image: [7, 7, 3]")));
        assert_eq!(told(Port { dims: &[64, 64], ..IMAGE }), ("shape", said("image: [64, 64]")));
        assert_eq!(told(Port { classes: true, ..IMAGE }), ("shape", said("image: u32[64, 64, 3]")));
        let (place, text) = told(Port { name: "img", ..IMAGE });
        let expected = "`Eye` is announced with the input `img: [64, 64, 3]`, but input 1 is `image: [64, 64, 3]`";
        assert_eq!((place, &*text), ("name", expected));
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_off_between_letters() {
        let mut text = Text::new().number(1_203_000).text(" ");
        for _ in 0..Text::CAPACITY {
            text = text.text("ä");
        }
        assert!(text.as_str().starts_with("1203000 ää"));
        assert_eq!(text.as_str().chars().filter(|letter| *letter == 'ä').count(), (Text::CAPACITY - 8) / 2);
        let odd = (0..Text::CAPACITY).fold(Text::new().text("-"), |text, _| text.text("ä"));
        assert_eq!(odd.as_str().len(), Text::CAPACITY - 1);
    }
}
