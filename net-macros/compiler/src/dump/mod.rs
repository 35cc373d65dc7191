//! What was compiled, for people to read: `NETWORK_DUMP=<folder>` makes the macro write `<Name>.plan.txt` and `<Name>.rs`
//! for each network into `<folder>/<crate>`.

mod code;
mod plan;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;

use crate::errors::Message;
use crate::expand;
use crate::plan::Plan;

pub use code::{Formatted, format};
pub use plan::describe;

/// The environment variable with the folder.
pub const VARIABLE: &str = "NETWORK_DUMP";

/// What is generated for a `network!` block so that cargo compiles its crate again when [`VARIABLE`] changes: rustc notes
/// for cargo which variables `option_env!` has read.
pub(crate) fn tracked() -> TokenStream {
    quote! { const _: () = { let _ = ::core::option_env!(#VARIABLE); }; }
}

/// Writes plan and code of every network of the block; an error for each that cannot be written.
pub(crate) fn write(folder: &Path, plans: &[Plan<'_>]) -> Vec<Message> {
    let folder = match std::env::var_os("CARGO_CRATE_NAME") {
        Some(name) => folder.join(name),
        None => folder.to_owned(),
    };
    let own = plans.iter().filter(|plan| plan.network.announced.is_none());
    let failures = own.filter_map(|plan| {
        let error = write_network(&folder, plan, plans).err()?;
        let message =
            format!("cannot write the plan and the code of `{}` into {}", plan.network.name, folder.display());
        let message = Message::new(plan.network.keyword, message).note(format!("{error}"));
        Some(message.help(format!("set `{VARIABLE}` to a folder that can be written to, or unset it")))
    });
    failures.collect()
}

fn write_network(folder: &Path, plan: &Plan<'_>, all: &[Plan<'_>]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let name = plan.network.name.to_string();
    let place = plan.network.keyword;
    let head = format!("// `{name}` of {}", place.file());
    let base = free(folder, &name, place, &head);
    let Formatted { text, problem } = format(&without_rustdoc(expand::expand_network(plan, all)));
    let problem = problem.map_or_else(String::new, |problem| format!("// Not formatted: {problem}.\n"));
    replace(&base.with_extension("plan.txt"), &format!("{head}\n\n{}", describe(plan)))?;
    replace(&base.with_extension("rs"), &format!("{head}\n{problem}\n{text}"))
}

/// Items without the attributes that are for rustdoc alone: a picture in SVG is nothing to read among code.
fn without_rustdoc(items: TokenStream) -> TokenStream {
    let is_for_rustdoc = |token: &TokenTree| {
        let TokenTree::Group(group) = token else { return false };
        let mut tokens = group.stream().into_iter();
        matches!(tokens.next(), Some(TokenTree::Ident(word)) if word == "cfg_attr")
            && matches!(tokens.next(), Some(TokenTree::Group(list))
                if matches!(list.stream().into_iter().next(), Some(TokenTree::Ident(word)) if word == "doc"))
    };
    let mut kept = TokenStream::new();
    let mut tokens = items.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let begins = matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '#');
        if begins && tokens.peek().is_some_and(is_for_rustdoc) {
            tokens.next();
        } else {
            kept.extend([token]);
        }
    }
    kept
}

/// Path of the files of a network without an extension: a second network of the name gets a number, that neither is lost.
/// It is one if it stands elsewhere in what this process compiles, or if the file there says that it is of another source.
fn free(folder: &Path, name: &str, place: Span, head: &str) -> PathBuf {
    /// Where each network stands whose files this process has written.
    static WRITTEN: LazyLock<Mutex<BTreeMap<PathBuf, String>>> = LazyLock::new(Mutex::default);
    let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    let place = format!("{}:{}:{}", place.file(), place.start().line, place.start().column);
    let names = (1..).map(|number| if number == 1 { name.to_owned() } else { format!("{name}_{number}") });
    let mut candidates = names.map(|name| folder.join(name));
    let is_free = |path: &PathBuf| match written.get(path) {
        Some(other) => *other == place,
        None => {
            let there = fs::read_to_string(path.with_extension("rs"));
            there.is_err() || there.is_ok_and(|text| text.lines().next() == Some(head))
        }
    };
    let path = candidates.find(is_free).expect("there is always another number");
    written.insert(path.clone(), place);
    path
}

/// Writes a file aside and renames it: nobody reads half of it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let aside = path.with_extension(format!("{}.part", std::process::id()));
    let outcome = fs::write(&aside, text).and_then(|()| fs::rename(&aside, path));
    if outcome.is_err() {
        // What matters is why it failed; there may be nothing to remove.
        let _ = fs::remove_file(&aside);
    }
    outcome
}
