//! Stable names of layers: `<let>_<kind>`, then `_2`, `_3` within the same `let`.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span};

use crate::errors::{Errors, Message};

/// The names that a network's layers have so far.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeMap<String, Span>,
    /// Whether the names that are given were given before: to a shared layer, in an earlier use.
    pub(super) known: bool,
}

/// The names within one `let` or one shared layer.
#[derive(Debug)]
pub(super) struct Prefix {
    prefix: String,
    counts: BTreeMap<String, usize>,
    /// Whether the prefix is the whole name: so it is for a shared layer of one stage.
    alone: bool,
    /// Whether its `let` binds a name that is bound already, which is told; its layers then share names, too.
    bound_twice: bool,
}

impl Prefix {
    pub(super) fn new(name: &Ident, alone: bool) -> Self {
        Self { alone, ..Self::of(name.to_string()) }
    }

    /// The names that begin with this one.
    pub(super) fn of(prefix: String) -> Self {
        Self { prefix, counts: BTreeMap::new(), alone: false, bound_twice: false }
    }

    /// The names of several layers that the only stage is opened into.
    pub(super) fn opened(&self) -> Self {
        Self { bound_twice: self.bound_twice, ..Self::of(self.prefix.clone()) }
    }

    /// Whether the prefix is the whole name.
    pub(super) fn is_alone(&self) -> bool {
        self.alone
    }

    /// The names within a `let` that binds a name anew, which is told.
    pub(super) fn bound_twice(self) -> Self {
        Self { bound_twice: true, ..self }
    }

    /// The next name for a layer of this kind.
    pub(super) fn next(&mut self, kind: &str) -> String {
        let Self { prefix, counts, alone, .. } = self;
        if *alone {
            return prefix.clone();
        }
        let count = counts.entry(kind.to_owned()).or_insert(0);
        *count += 1;
        if *count == 1 { format!("{prefix}_{kind}") } else { format!("{prefix}_{kind}_{count}") }
    }
}

impl Names {
    /// Names a layer: as the user says, else by its place. Tells if the name is taken, but for a further use of a shared
    /// layer, whose names are known.
    pub(super) fn name(
        &mut self,
        chosen: Option<&Ident>,
        prefix: &mut Prefix,
        kind: &str,
        span: Span,
        errors: &mut Errors,
    ) -> Ident {
        let name = match chosen {
            Some(chosen) => chosen.clone(),
            None => Ident::new(&prefix.next(kind), span),
        };
        if self.known || prefix.bound_twice && chosen.is_none() {
            return name;
        }
        if let Some(first) = self.taken.get(&name.to_string()) {
            let message = Message::new(name.span(), format!("two layers are called `{name}`"));
            errors.push(
                message
                    .note(format!("the first is in line {}", first.start().line))
                    .help("give one of them another name with the argument `name = ...`"),
            );
        } else {
            self.taken.insert(name.to_string(), name.span());
        }
        name
    }
}

/// `MaxPool2d` as `max_pool2d`.
pub(super) fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, &letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| letters[before]);
        let ends_word = before.is_some_and(|before| before.is_lowercase() || before.is_numeric());
        let begins_word =
            before.is_some_and(char::is_uppercase) && letters.get(index + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (ends_word || begins_word) {
            snake.push('_');
        }
        // A few letters have no single small one; they stay, so that the name stays a name.
        let mut small = letter.to_lowercase();
        match (small.next(), small.next()) {
            (Some(small), None) => snake.push(small),
            _ => snake.push(letter),
        }
    }
    snake
}
