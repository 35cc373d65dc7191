//! The book and the pages at the top of the repository: their links lead somewhere, every chapter is named, every listing is run,
//! and every message of the compiler is one that it gives.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn book() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A page of Markdown.
struct Page {
    path: PathBuf,
    text: String,
}

/// A fenced block: what stands behind its fence, and its lines.
struct Block {
    kind: String,
    text: String,
}

impl Page {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, text }
    }

    /// The lines outside of fenced blocks, and the blocks.
    fn parts(&self) -> (Vec<&str>, Vec<Block>) {
        let (mut prose, mut blocks) = (Vec::new(), Vec::new());
        let mut block: Option<Block> = None;
        for line in self.text.lines() {
            match (line.strip_prefix("```"), &mut block) {
                (Some(kind), None) => block = Some(Block { kind: kind.to_owned(), text: String::new() }),
                (Some(_), Some(_)) => blocks.extend(block.take()),
                (None, Some(block)) => block.text.extend([line, "\n"]),
                (None, None) => prose.push(line),
            }
        }
        assert!(block.is_none(), "{}: a block has no end", self.path.display());
        (prose, blocks)
    }

    fn blocks(&self) -> Vec<Block> {
        self.parts().1
    }

    /// Where its links and pictures are, outside of code: in parentheses behind `]`, or in an attribute of HTML.
    fn links(&self) -> Vec<String> {
        let mut links = Vec::new();
        for line in self.parts().0 {
            // Every other piece between backticks is code.
            let text = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
            for (begin, end) in [("](", ')'), (" href=\"", '"'), (" src=\"", '"')] {
                let rests = text.split(begin).skip(1);
                links.extend(rests.filter_map(|rest| rest.split_once(end)).map(|(link, _)| link.to_owned()));
            }
        }
        links
    }

    /// What a link to one of its headings has behind `#`.
    fn anchors(&self) -> BTreeSet<String> {
        let headings = self.parts().0.into_iter().filter(|line| line.starts_with('#'));
        headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
    }
}

/// As mdBook and GitHub make it of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|&c| c.is_alphanumeric() || " -_".contains(c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn chapters() -> Vec<Page> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(book().join("src")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.iter().all(|path| path.extension().is_some_and(|extension| extension == "md")), "{paths:?}");
    paths.into_iter().map(Page::read).collect()
}

fn pages() -> Vec<Page> {
    let top = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "BENCHMARKS.md",
        "examples/data/README.md",
        "tests/keras/README.md",
    ];
    let top = top.into_iter().map(|name| Page::read(book().join("..").join(name)));
    top.chain(chapters()).collect()
}

/// What is wrong with a link from a page; nothing with one to another site.
fn fault(page: &Page, link: &str) -> Option<String> {
    if link.contains("://") {
        return None;
    }
    let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
    let path = match file {
        "" => page.path.clone(),
        _ => page.path.parent()?.join(file),
    };
    if !path.exists() {
        return Some("no such file".to_owned());
    }
    // mdBook makes `.html` of the ending, which is right for chapters alone.
    if page.path.starts_with(book().join("src")) && file.contains('/') {
        return Some("leads out of the book".to_owned());
    }
    let heading = heading?;
    let anchors = Page::read(path).anchors();
    (!anchors.contains(heading)).then(|| format!("no heading `{heading}`, but {anchors:?}"))
}

#[test]
fn links_lead_somewhere() {
    let mut faults = Vec::new();
    let mut links = 0;
    for page in pages() {
        for link in page.links() {
            links += 1;
            faults.extend(fault(&page, &link).map(|fault| format!("{}: ({link}): {fault}", page.path.display())));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(links > 30, "only {links} links were found");
}

#[test]
fn every_chapter_is_named_and_tested() {
    let summary = Page::read(book().join("src/SUMMARY.md"));
    let named: BTreeSet<String> = summary.links().into_iter().collect();
    let there = chapters().into_iter().map(|page| page.path.file_name().unwrap().to_str().unwrap().to_owned());
    let there: BTreeSet<String> = there.filter(|name| name != "SUMMARY.md").collect();
    assert_eq!(named, there, "what SUMMARY.md names, and what is there");
    assert_eq!(network_book::CHAPTERS.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>(), there);
}

/// A listing that is passed over would grow old.
#[test]
fn every_listing_is_compiled_and_run() {
    const OTHERS: [&str; 3] = ["console", "text", "toml"];
    let mut listings = 0;
    for page in chapters() {
        for Block { kind, text } in page.blocks() {
            let known = kind == "rust" || OTHERS.contains(&&*kind);
            assert!(known, "{}: `{kind}` is no kind of block here:\n{text}", page.path.display());
            if kind == "rust" {
                listings += 1;
                assert!(text.contains("fn main()"), "{}: no whole program:\n{text}", page.path.display());
            }
        }
    }
    assert!(listings > 30, "only {listings} listings were found");
}

/// What rustc says of the programs in `tests/ui/fail`, which a test there keeps.
fn messages() -> Vec<String> {
    let folder = book().join("../tests/ui/fail");
    let themes = fs::read_dir(folder).unwrap().map(|theme| theme.unwrap().path());
    let files = themes.flat_map(|theme| fs::read_dir(theme).unwrap()).map(|file| file.unwrap().path());
    let messages = files.filter(|file| file.extension().is_some_and(|extension| extension == "stderr"));
    messages.map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn every_message_is_one_of_the_compiler() {
    let messages = messages();
    let mut shown = 0;
    for page in chapters() {
        for Block { text, .. } in page.blocks() {
            if text.starts_with("error") || text.starts_with("warning") {
                shown += 1;
                // To the end of a line.
                assert!(
                    messages.iter().any(|message| format!("{message}\n").contains(&text)),
                    "{}: no program in `tests/ui/fail` has this message:\n{text}",
                    page.path.display()
                );
            }
        }
    }
    assert!(shown > 20, "only {shown} messages were found");
}
