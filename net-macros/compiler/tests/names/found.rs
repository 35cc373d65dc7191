//! What the compiler says of a name.

use net_compiler::constraints::CONSTRAINTS;
use net_compiler::elsewhere::{self, Here};
use net_compiler::initializers::INITIALIZERS;
use net_compiler::layers::{table, wrapper};
use net_compiler::regularizers::REGULARIZERS;
use net_compiler::vocabulary::Vocabulary;
use net_compiler::{losses, metrics};

/// What is here under a name, or instead.
pub enum Found {
    /// This.
    This(String),
    /// The same or another way to do it, as a sentence.
    Otherwise(String),
    /// It belongs elsewhere, as a sentence.
    Outside(String),
    /// Nothing, for this reason.
    Missing(String),
}

impl From<Here> for Found {
    fn from(here: Here) -> Self {
        match here {
            Here::Called(here) => Self::This(format!("`{here}`")),
            Here::OtherDefaults(text) | Here::Otherwise(text) => Self::Otherwise(text.to_owned()),
            Here::Outside(text) => Self::Outside(text.to_owned()),
            Here::Missing(what) => Self::Missing(what.to_owned()),
        }
    }
}

impl Found {
    /// What `help` says, without the words that it begins with.
    fn help(help: &str) -> Self {
        match help.strip_suffix(" not there yet") {
            Some(what) => Self::Missing(what.to_owned()),
            None => Self::This(help.strip_prefix("here it is called ").unwrap_or(help).to_owned()),
        }
    }

    pub fn text(&self) -> String {
        match self {
            Self::This(text) | Self::Otherwise(text) | Self::Outside(text) => text.clone(),
            Self::Missing(what) => format!("{what} not there yet"),
        }
    }

    /// How it is marked where the list is printed.
    pub fn mark(&self) -> char {
        match self {
            Self::This(_) => ' ',
            Self::Otherwise(_) => '~',
            Self::Outside(_) => 'o',
            Self::Missing(_) => '-',
        }
    }
}

/// How names of a kind are looked up.
pub type Find = fn(&str) -> Option<Found>;

/// A layer or a function.
pub fn stage(name: &str) -> Option<Found> {
    if table::find(name).is_some() || wrapper::find(name).is_some() {
        return Some(Found::This(format!("`{name}`")));
    }
    elsewhere::here(name).map(Found::from)
}

pub fn loss(name: &str) -> Option<Found> {
    same(losses::names(), name).or_else(|| elsewhere::head_loss(name).map(Found::from))
}

pub fn metric(name: &str) -> Option<Found> {
    same(metrics::names(), name).or_else(|| elsewhere::head_metric(name).map(Found::from))
}

fn same<'n>(mut ours: impl Iterator<Item = &'n str>, name: &str) -> Option<Found> {
    ours.any(|our| our == name).then(|| Found::This(format!("`{name}`")))
}

/// An optimizer, a schedule or a callback.
pub fn training(name: &str) -> Option<Found> {
    elsewhere::training(name).map(Found::from)
}

pub fn initializer(name: &str) -> Option<Found> {
    let own = || Found::Otherwise("weights of a layer of your own begin as its `WEIGHTS` say".to_owned());
    word(&INITIALIZERS, name).or_else(|| (name == "Initializer").then(own))
}

pub fn regularizer(name: &str) -> Option<Found> {
    let own = || Found::Missing("regularizers of one's own are".to_owned());
    word(&REGULARIZERS, name).or_else(|| (name == "Regularizer").then(own))
}

pub fn constraint(name: &str) -> Option<Found> {
    let own = || Found::Missing("constraints of one's own are".to_owned());
    word(&CONSTRAINTS, name).or_else(|| (name == "Constraint").then(own))
}

/// What is said of a weight.
fn word<T>(vocabulary: &Vocabulary<T>, name: &str) -> Option<Found> {
    let ours = vocabulary.entries.iter().map(|entry| entry.name);
    same(ours, name).or_else(|| (vocabulary.elsewhere)(name).map(|help| Found::help(&help)))
}
