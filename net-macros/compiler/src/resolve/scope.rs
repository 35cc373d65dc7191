//! The names of one network: inputs, values and shared layers, in one namespace.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span};

use crate::errors::{Errors, Message};
use crate::graph::ValueId;

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entity {
    /// A tensor.
    Value(ValueId),
    /// A shared layer, by its index among the declared ones.
    Layer(usize),
    /// Something erroneous, which has been told.
    Poison,
}

/// A name with what it stands for.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: Ident,
    /// What the user declared it as: `input`, `value` or `layer`.
    pub(super) role: &'static str,
    pub(super) entity: Entity,
    used: bool,
}

/// The names that are bound so far, and those that will be.
#[derive(Debug, Default)]
pub(super) struct Scope {
    entries: Vec<Entry>,
    by_name: BTreeMap<String, usize>,
    /// Names that are known to be bound twice.
    forgiven: BTreeSet<String>,
    /// Where each name is bound, anywhere in the network, and whether to a layer, if that could be read.
    later: BTreeMap<String, (Span, Option<bool>)>,
}

impl Scope {
    /// Announces a name that is bound somewhere.
    pub(super) fn announce(&mut self, name: &Ident, layer: Option<bool>) {
        self.later.entry(name.to_string()).or_insert_with(|| (name.span(), layer));
    }

    /// Notes that a name is known to be bound twice: it is not told again.
    pub(super) fn forgive(&mut self, name: &Ident) {
        self.forgiven.insert(name.to_string());
    }

    /// Binds a name; tells if it is taken.
    pub(super) fn bind(&mut self, name: &Ident, role: &'static str, entity: Entity, errors: &mut Errors) {
        if let Some(&index) = self.by_name.get(&name.to_string()) {
            if self.forgiven.contains(&name.to_string()) {
                return;
            }
            let first = &mut self.entries[index];
            let message = Message::new(name.span(), format!("`{name}` is bound twice"));
            let article = if first.role == "input" { "an" } else { "a" };
            let note = format!("it is already {article} {} in line {}", first.role, first.name.span().start().line);
            errors.push(message.note(note).help("every name is bound once; choose another one"));
            // Which of both is meant where it is used, nobody knows: what would be wrong with the first is no message.
            first.entity = Entity::Poison;
            return;
        }
        self.by_name.insert(name.to_string(), self.entries.len());
        self.entries.push(Entry { name: name.clone(), role, entity, used: false });
    }

    /// What a name stands for, without counting as a use.
    pub(super) fn peek(&self, name: &str) -> Option<&Entry> {
        self.by_name.get(name).map(|index| &self.entries[*index])
    }

    /// What a name stands for.
    pub(super) fn find(&mut self, name: &str) -> Option<&Entry> {
        let index = *self.by_name.get(name)?;
        self.entries[index].used = true;
        Some(&self.entries[index])
    }

    /// Where a name that is not bound yet will be, and whether to a layer.
    pub(super) fn bound_later(&self, name: &str) -> Option<(Span, Option<bool>)> {
        self.later.get(name).copied().filter(|_| !self.by_name.contains_key(name))
    }

    /// The names of this role.
    pub(super) fn names(&self, roles: &'static [&'static str]) -> impl Iterator<Item = String> {
        self.entries.iter().filter(|entry| roles.contains(&entry.role)).map(|entry| entry.name.to_string())
    }

    /// Tells which names nobody uses.
    pub(super) fn tell_unused(&self, errors: &mut Errors) {
        for Entry { name, role, entity, used } in &self.entries {
            let text = name.to_string();
            let poison = matches!(entity, Entity::Poison);
            if *used || poison || text.starts_with('_') {
                continue;
            }
            let what = if *role == "layer" { "shared layer" } else { role };
            errors.push(
                Message::new(name.span(), format!("the {what} `{text}` is never used"))
                    .help(format!("remove it, or call it `_{text}`")),
            );
        }
    }
}
