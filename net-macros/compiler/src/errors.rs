//! Collects what is wrong, so that all of it can be told at once.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// What is wrong with the user's text. Every pass adds to it; none stops at its first error.
///
/// Dropping one without [`finish`](Self::finish) is a bug of the compiler, for errors would be lost; debug builds
/// say so.
#[derive(Default)]
pub struct Errors {
    found: Vec<Message>,
    finished: bool,
}

/// One error: where, what, and what to do.
#[derive(Clone, Debug)]
pub struct Message {
    /// The smallest token or group that is wrong.
    pub span: Span,
    /// One sentence: lower case, no final full stop, the user's names in backticks.
    pub text: String,
    /// Further facts, a line each.
    pub notes: Vec<String>,
    /// The cure, if it is known.
    pub help: Option<String>,
}

impl Message {
    /// An error with its first line.
    pub fn new(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into(), notes: Vec::new(), help: None }
    }

    /// Adds a fact.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds the cure.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The whole text as rustc shows it.
    pub fn rendered(&self) -> String {
        let mut lines = vec![self.text.clone()];
        lines.extend(self.notes.iter().cloned());
        lines.extend(self.help.iter().map(|help| format!("help: {help}")));
        lines.join("\n")
    }
}

impl Errors {
    /// Adds an error.
    pub fn push(&mut self, message: Message) {
        self.found.push(message);
    }

    /// Adds an error that has nothing but its first line.
    pub fn error(&mut self, span: Span, text: impl Into<String>) {
        self.push(Message::new(span, text));
    }

    /// Adds what a parser of single tokens has found.
    pub fn syntax(&mut self, error: syn::Error) {
        for error in error {
            self.error(error.span(), error.to_string());
        }
    }

    /// Adds a fact to every error from the one of this index on.
    pub fn note_since(&mut self, index: usize, note: &str) {
        for message in self.found.iter_mut().skip(index) {
            message.notes.push(note.to_owned());
        }
    }

    /// Whether nothing was found so far.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Number of errors so far: a pass compares it before and after a part to see whether that part is sound.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// The errors, in the order of their finding.
    pub fn finish(mut self) -> Vec<Message> {
        self.finished = true;
        std::mem::take(&mut self.found)
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        if cfg!(debug_assertions) && !self.finished && !std::thread::panicking() {
            panic!("errors were collected and never told");
        }
    }
}

/// The errors as items that make rustc show them.
pub fn compile_errors(messages: &[Message]) -> TokenStream {
    messages
        .iter()
        .map(|message| {
            let text = message.rendered();
            quote_spanned! { message.span => ::core::compile_error! { #text } }
        })
        .collect()
}
