//! Sources as modules and the paths in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// A module's path from the crate's root, which is the empty one.
pub type Name = Vec<String>;

/// A path that a module writes to something of its crate.
#[derive(Debug)]
pub struct Arrow {
    /// Where it is written.
    pub line: usize,
    /// From the crate's root, to an item or a module.
    pub to: Vec<String>,
    /// Whether it is a `pub use`.
    pub exports: bool,
}

/// A file.
#[derive(Debug, Default)]
pub struct Module {
    /// Within the crate's sources.
    pub file: PathBuf,
    /// What it defines, at whatever depth.
    pub items: BTreeSet<String>,
    /// The paths in it, but for code of tests.
    pub arrows: Vec<Arrow>,
    /// Modules in files of their own that exist in test builds alone.
    tests: BTreeSet<String>,
    /// Where `mod` declares files.
    children: BTreeSet<String>,
}

/// All modules of a crate that are files.
#[derive(Debug, Default)]
pub struct Crate {
    pub modules: BTreeMap<Name, Module>,
}

impl Crate {
    /// Reads all files in a folder.
    pub fn read(sources: &Path) -> Self {
        let mut found = Self::default();
        let mut folders = vec![sources.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("the folder of sources can be read") {
                let path = entry.expect("an entry of a folder").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = fs::read_to_string(&path).expect("a source can be read");
                    found.add(path.strip_prefix(sources).expect("within the folder"), &text);
                }
            }
        }
        assert!(!found.modules.is_empty(), "{} has no sources", sources.display());
        found
    }

    /// Adds one file.
    pub fn add(&mut self, file: &Path, text: &str) {
        let mut name: Name = file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
        name.pop_if(|last| matches!(&**last, "mod" | "lib"));
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut module = Module { file: file.into(), ..Module::default() };
        let tokens: Vec<_> = tokens.into_iter().collect();
        declared(&tokens, &mut module);
        Reader { here: &name, module: &mut module }.read(&tokens, &name);
        self.modules.insert(name, module);
    }

    /// The modules that are no tests.
    pub fn without_tests(&self) -> impl Iterator<Item = (&Name, &Module)> {
        self.modules.iter().filter(|(name, _)| {
            (0..name.len()).all(|depth| {
                let parent = self.modules.get(&name[..depth]);
                parent.is_none_or(|parent| !parent.tests.contains(&name[depth]))
            })
        })
    }

    /// The module that a path goes to, and the first name in it that is no module; `None` for a path to the module itself.
    pub fn target<'p>(&self, path: &'p [String]) -> (&'p [String], Option<&'p str>) {
        let depth = (0..=path.len()).rev().find(|&depth| self.modules.contains_key(&path[..depth]));
        let (module, rest) = path.split_at(depth.unwrap_or(0));
        (module, rest.first().map(|name| &**name))
    }
}

fn is(token: Option<&TokenTree>, text: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == text)
}

fn word(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

/// Whether an attribute, without its `#`, is there in test builds alone.
fn is_of_tests(attribute: &TokenTree) -> bool {
    let text = attribute.to_string().replace(' ', "");
    text == "[test]" || text == "[cfg(test)]" || text.starts_with("[cfg(all(test,")
}

/// The index behind the item at `index`.
fn behind_item(tokens: &[TokenTree], index: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    let end = tokens[index..].iter().position(ends).map_or(tokens.len(), |end| index + end + 1);
    // `use a::{b};`
    if is(tokens.get(end), ';') { end + 1 } else { end }
}

/// Notes the modules in files, and which of them are tests.
fn declared(tokens: &[TokenTree], module: &mut Module) {
    let mut of_tests = false;
    for (index, token) in tokens.iter().enumerate() {
        if index > 0 && is(tokens.get(index - 1), '#') {
            of_tests |= is_of_tests(token);
        }
        if word(Some(token)).as_deref() == Some("mod")
            && is(tokens.get(index + 2), ';')
            && let Some(name) = word(tokens.get(index + 1))
        {
            if of_tests {
                module.tests.insert(name.clone());
            }
            module.children.insert(name);
        }
        let ends = matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        of_tests &= !(ends || is(Some(token), ';'));
    }
}

/// Collects the paths of one file.
struct Reader<'m> {
    here: &'m [String],
    module: &'m mut Module,
}

impl Reader<'_> {
    /// Reads what stands in a module `at`: the file's or one that is written out in it.
    fn read(&mut self, tokens: &[TokenTree], at: &[String]) {
        let mut index = 0;
        while index < tokens.len() {
            if is(tokens.get(index), '#') && tokens.get(index + 1).is_some_and(is_of_tests) {
                index = behind_item(tokens, index + 2);
                continue;
            }
            let TokenTree::Ident(ident) = &tokens[index] else {
                if let TokenTree::Group(group) = &tokens[index] {
                    let inner: Vec<_> = group.stream().into_iter().collect();
                    self.read(&inner, at);
                }
                index += 1;
                continue;
            };
            let next = tokens.get(index + 1);
            index = match &*ident.to_string() {
                "use" if !is(next, '<') => {
                    let end = behind_item(tokens, index);
                    let exports = index > 0 && is_public(&tokens[..index]);
                    self.import(&tokens[index + 1..end], (at, Vec::new()), exports);
                    end
                }
                "mod" => match tokens.get(index + 2) {
                    Some(TokenTree::Group(group)) => {
                        let inner: Vec<_> = group.stream().into_iter().collect();
                        let name = word(next).expect("a module has a name");
                        self.read(&inner, &[at, &[name]].concat());
                        index + 3
                    }
                    _ => index + 1,
                },
                "struct" | "enum" | "union" | "trait" | "fn" | "const" | "static" | "type" => {
                    self.module.items.extend(word(next));
                    index + 1
                }
                "macro_rules" => {
                    self.module.items.extend(word(tokens.get(index + 2)));
                    index + 1
                }
                first if !continues(&tokens[..index]) && is(next, ':') && is(tokens.get(index + 2), ':') => {
                    let mut path = vec![first.to_string()];
                    let mut end = index + 1;
                    while let (true, true, Some(name)) =
                        (is(tokens.get(end), ':'), is(tokens.get(end + 1), ':'), word(tokens.get(end + 2)))
                    {
                        path.push(name);
                        end += 3;
                    }
                    self.arrow(ident.span().start().line, at, path, false);
                    end
                }
                _ => index + 1,
            };
        }
    }

    /// Reads a tree of imports: what stands between `use` and `;`, or a part of that behind a path.
    fn import(&mut self, tokens: &[TokenTree], (at, mut path): (&[String], Vec<String>), exports: bool) {
        let Some(first) = tokens.first() else { return };
        let line = first.span().start().line;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if ident == "as" => break,
                TokenTree::Ident(ident) => path.push(ident.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == '*' => path.push("*".into()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
                TokenTree::Group(group) => {
                    let inner: Vec<_> = group.stream().into_iter().collect();
                    for part in inner.split(|token| is(Some(token), ',')) {
                        self.import(part, (at, path.clone()), exports);
                    }
                    return;
                }
            }
        }
        path.pop_if(|last| last == "self");
        self.arrow(line, at, path, exports);
    }

    fn arrow(&mut self, line: usize, at: &[String], path: Vec<String>, exports: bool) {
        let first = path.first().map(|first| &**first);
        let is_child = first.is_some_and(|first| self.module.children.contains(first));
        let mut rest = &path[..];
        let mut to = match first {
            Some("crate") => Vec::new(),
            Some("self" | "super") => at.to_vec(),
            _ if is_child && at == self.here => at.to_vec(),
            _ => return,
        };
        while let [first @ ("crate" | "self" | "super"), ..] = &rest.iter().map(|name| &**name).collect::<Vec<_>>()[..]
        {
            if *first == "super" {
                to.pop();
            }
            rest = &rest[1..];
        }
        to.extend_from_slice(rest);
        self.module.arrows.push(Arrow { line, to, exports });
    }
}

/// Whether a path goes on behind these tokens.
fn continues(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Punct(first), TokenTree::Punct(second)]
        if first.as_char() == ':' && first.spacing() == Spacing::Joint && second.as_char() == ':')
}

/// Whether `pub` or `pub(...)` stands at the end.
fn is_public(before: &[TokenTree]) -> bool {
    let before = match before {
        [before @ .., TokenTree::Group(_)] => before,
        before => before,
    };
    word(before.last()).as_deref() == Some("pub")
}
