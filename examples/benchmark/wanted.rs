//! What was asked for on the command line.

use crate::timing::Case;

/// The networks' names.
const NETWORKS: &[&str] = &[
    "mlp",
    "detector",
    "fine_tuning",
    "stereo",
    "lstm",
    "gru",
    "encoder",
    "conv1d",
    "separable",
    "unet",
    "batch_norm",
    "lenet",
    "residual",
    "autoencoder",
    "inception",
    "stem",
];

/// What is timed of them.
const MODES: [&str; 3] = ["train", "infer", "paced"];

/// Words, of which each narrows the cases down.
pub struct Wanted {
    words: Vec<String>,
}

impl Wanted {
    /// Reads them; a word that is none ends the program, with those that are.
    pub fn read() -> Self {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let known = |word: &str| NETWORKS.contains(&word) || MODES.contains(&word) || ["peak", "list"].contains(&word);
        if !words.iter().all(|word| known(word) || word.parse::<usize>().is_ok()) {
            eprintln!(
                "Times networks.\n\n    benchmark [NETWORK...] [train] [infer] [1] [32] ...\n    benchmark paced [1] [32] \
                 [256]\n    benchmark peak\n    benchmark list\n\nNETWORK is one of {}.",
                NETWORKS.join(", ")
            );
            std::process::exit(2);
        }
        Self { words }
    }

    /// Whether a word was given.
    pub fn names(&self, word: &str) -> bool {
        self.words.iter().any(|given| given == word)
    }

    /// Whether a case is to be timed. Where a list was asked for, it is printed instead.
    pub fn take(&self, case: Case) -> bool {
        let wanted = self.has(case);
        let list = self.names("list");
        if wanted && list {
            println!("{},{},{}", case.network, case.mode, case.batch);
        }
        wanted && !list
    }

    /// Whether a case is among what was asked for: of each kind of words one is it, or none was given. Who wants the paced
    /// one says so, or wants a list.
    fn has(&self, case: Case) -> bool {
        let any_of = |kind: &[&str], word: &str| {
            let mut given = self.words.iter().filter(|word| kind.contains(&word.as_str())).peekable();
            given.peek().is_none() || given.any(|given| given == word)
        };
        let mut batches = self.words.iter().filter_map(|word| word.parse::<usize>().ok()).peekable();
        any_of(NETWORKS, case.network)
            && any_of(&MODES, case.mode)
            && (case.mode != "paced" || self.names("paced") || self.names("list"))
            && (batches.peek().is_none() || batches.any(|given| given == case.batch))
    }
}
