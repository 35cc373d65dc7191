//! What was asked for on the command line.

use crate::subject::Subject;
use crate::{GROUPS, measure::Mode};

/// What is done instead of timing.
const ACTIONS: [&str; 5] = ["peak", "list", "size", "allocations", "counted"];

/// Words, of which each kind narrows the cases down.
pub struct Wanted {
    words: Vec<String>,
}

impl Wanted {
    /// Reads them; a word that is none ends the program, with those that are.
    pub fn read() -> Self {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let groups = GROUPS.iter().map(|&(name, _)| name);
        let names: Vec<&str> = groups.clone().chain(networks().map(|(_, network)| network.name())).collect();
        let modes = Mode::ALL.map(Mode::name);
        let known = |word: &str| names.contains(&word) || modes.contains(&word) || ACTIONS.contains(&word);
        if !words.iter().all(|word| known(word) || word.parse::<usize>().is_ok()) {
            eprintln!(
                "Measures networks.\n\n    benchmark [GROUP...] [NETWORK...] [train] [infer] [paced] [memory] [resident] [1] [32] ...\n    \
                 benchmark allocations|counted [GROUP...] [NETWORK...] [train] [infer] [1] [32] ...\n    benchmark size|list \
                 [GROUP...] [NETWORK...]\n    benchmark peak\n"
            );
            for &(group, networks) in GROUPS {
                let names = networks.iter().flat_map(|part| *part).map(|network| network.name());
                eprintln!("GROUP {group}, NETWORK {}", names.collect::<Vec<_>>().join(", "));
            }
            std::process::exit(2);
        }
        Self { words }
    }

    /// Whether a word was given.
    pub fn names(&self, word: &str) -> bool {
        self.words.iter().any(|given| given == word)
    }

    /// The networks that were asked for.
    pub fn networks(&self) -> impl Iterator<Item = &'static dyn Subject> {
        let groups: Vec<&str> = GROUPS.iter().map(|&(name, _)| name).collect();
        let names: Vec<&str> = networks().map(|(_, network)| network.name()).collect();
        networks()
            .filter(move |(group, network)| self.any_of(&groups, group) && self.any_of(&names, network.name()))
            .map(|(_, network)| network)
    }

    /// The batch sizes of a network that were asked for.
    pub fn batches(&self, network: &dyn Subject) -> impl Iterator<Item = usize> {
        let given: Vec<usize> = self.words.iter().filter_map(|word| word.parse().ok()).collect();
        network.batches().iter().copied().filter(move |batch| given.is_empty() || given.contains(batch))
    }

    /// What is measured. Where nothing is said, a list has everything, and all else training and prediction.
    pub fn modes(&self) -> impl Iterator<Item = Mode> {
        let names = Mode::ALL.map(Mode::name);
        let usual = |mode| matches!(mode, Mode::Train | Mode::Infer) || self.names("list");
        let said = self.words.iter().any(|word| names.contains(&word.as_str()));
        Mode::ALL.into_iter().filter(move |&mode| if said { self.names(mode.name()) } else { usual(mode) })
    }

    /// Whether a word is among those of its kind that were given, or none of them was.
    fn any_of(&self, kind: &[&str], word: &str) -> bool {
        let mut given = self.words.iter().filter(|word| kind.contains(&word.as_str())).peekable();
        given.peek().is_none() || given.any(|given| given == word)
    }
}

/// All networks, each with its group.
fn networks() -> impl Iterator<Item = (&'static str, &'static dyn Subject)> {
    GROUPS.iter().flat_map(|&(group, parts)| parts.iter().flat_map(|part| *part).map(move |&network| (group, network)))
}
