//! The pages of the runtime's documentation, read from its source.

use std::fs;
use std::path::{Path, PathBuf};

/// What stands above an item, or at the beginning of a module.
pub struct Page {
    /// The item, e.g. `Conv2d`, or the module, e.g. `mod activations`.
    pub name: String,
    /// Its text with lines joined.
    pub text: String,
    /// Its examples.
    examples: String,
}

impl Page {
    /// Whether an example uses this word.
    pub fn uses(&self, word: &str) -> bool {
        self.examples.split(|c: char| !c.is_alphanumeric() && c != '_').any(|found| found == word)
    }

    fn new(name: String, lines: &[&str]) -> Self {
        let (mut text, mut examples, mut fence) = (String::new(), String::new(), None);
        for line in lines {
            let line = line.strip_prefix(' ').unwrap_or(line);
            fence = match (fence, line.strip_prefix("```")) {
                (None, Some(kind)) => Some(kind != "text" && kind != "ignore"),
                (Some(_), Some(_)) => None,
                (fence, None) => fence,
            };
            let place = if fence == Some(true) { &mut examples } else { &mut text };
            place.push_str(line);
            place.push(' ');
        }
        Self { name, text, examples }
    }
}

/// All pages of a file or a folder of the runtime.
pub fn pages(of: &str) -> Vec<Page> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../net-runtime/src").join(of);
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    files.iter().flat_map(|file| of_file(file)).collect()
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_file() {
        files.push(path.to_owned());
        return;
    }
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        if is_source || path.is_dir() && !path.ends_with("tests") {
            collect(&path, files);
        }
    }
}

fn of_file(path: &Path) -> Vec<Page> {
    let source = fs::read_to_string(path).unwrap();
    let mut lines = source.lines().map(str::trim_start).peekable();
    let (mut pages, mut block) = (Vec::new(), Vec::new());
    while let Some(text) = lines.peek().and_then(|line| line.strip_prefix("//!")) {
        block.push(text);
        lines.next();
    }
    let parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).filter(|part| *part != "mod.rs").collect();
    let module = parts.last().unwrap().trim_end_matches(".rs");
    pages.push(Page::new(format!("mod {module}"), &block));
    block.clear();
    for line in lines {
        match line.strip_prefix("///") {
            Some(text) => block.push(text),
            None if line.starts_with("#[") => {}
            None => {
                if !block.is_empty() {
                    pages.extend(item(line).map(|name| Page::new(name.to_owned(), &block)));
                }
                block.clear();
            }
        }
    }
    pages
}

/// The name of the item that a line begins: behind its keywords, or first among what a macro is given.
fn item(line: &str) -> Option<&str> {
    let words = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.into_iter().find(|word| !["pub", "const", "fn", "struct", "enum", "trait", "type", "static"].contains(word))
}

/// The types of a folder that implement a trait.
pub fn implementing(of_trait: &str, folder: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../net-runtime/src").join(folder);
    let mut files = Vec::new();
    collect(&root, &mut files);
    let mut types = Vec::new();
    for file in files {
        let source = fs::read_to_string(file).unwrap();
        let lines = source.lines().filter(|line| line.starts_with("impl"));
        let of = lines.filter_map(|line| line.split_once(&format!(" {of_trait} for ")));
        types.extend(of.map(|(_, name)| name.split(['<', ' ']).next().unwrap().to_owned()));
    }
    types.sort();
    types
}
