//! The graphs of the modules in each folder, and what is wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::read::{Arrow, Crate, Module, Name};

/// How the file of a folder itself (`lib.rs`, `mod.rs`) is called beside the modules in it.
const ITSELF: &str = "mod";

/// Who needs whom in one folder, each with a place that says so.
type Needs<'c> = BTreeMap<&'c str, BTreeMap<&'c str, String>>;

fn place(module: &Module, arrow: &Arrow) -> String {
    format!("{}:{}: `{}`", module.file.display(), arrow.line, path(&arrow.to))
}

/// Arrows that are no exports: the module, where it goes, and what it asks for there.
fn arrows(found: &Crate) -> impl Iterator<Item = (&Name, &Module, &Arrow, &[String], Option<&str>)> {
    found.without_tests().flat_map(move |(name, module)| {
        let arrows = module.arrows.iter().filter(|arrow| !arrow.exports);
        arrows.map(move |arrow| {
            let (target, item) = found.target(&arrow.to);
            (name, module, arrow, target, item)
        })
    })
}

/// Whether a module only exports something again.
fn is_exported(module: &Module, item: &str) -> bool {
    let mut exports = module.arrows.iter().filter(|arrow| arrow.exports);
    !module.items.contains(item) && exports.any(|arrow| arrow.to.last().is_some_and(|last| last == item || last == "*"))
}

/// Imports from the crate's root, and from modules that only export what is asked for.
pub fn imports(found: &Crate) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, module, arrow, target, item) in arrows(found) {
        let Some(item) = item else { continue };
        // What a module writes out within itself is looked up by rustc alone.
        if target == &name[..] {
            continue;
        }
        if target.is_empty() {
            faults.push(format!("{} is imported from the crate's root", place(module, arrow)));
        } else if is_exported(&found.modules[target], item) {
            faults.push(format!("{} is defined elsewhere", place(module, arrow)));
        }
    }
    faults
}

fn path(module: &[String]) -> String {
    ["crate"].into_iter().chain(module.iter().map(|part| &**part)).collect::<Vec<_>>().join("::")
}

/// The folders that hold modules, each with who needs whom in it.
fn folders(found: &Crate) -> BTreeMap<&[String], Needs<'_>> {
    let mut folders = BTreeMap::<&[String], Needs<'_>>::new();
    for (name, _) in found.without_tests() {
        for depth in 0..name.len() {
            folders.entry(&name[..depth]).or_default().entry(&name[depth]).or_default();
        }
    }
    for (name, module, arrow, target, _) in arrows(found) {
        let common = name.iter().zip(target).take_while(|(a, b)| a == b).count();
        let [from, to] = [name, target].map(|path| path.get(common).map_or(ITSELF, |part| &**part));
        if from != to {
            let needs = folders.entry(&name[..common]).or_default().entry(from).or_default();
            needs.entry(to).or_insert_with(|| place(module, arrow));
        }
    }
    folders
}

/// The shortest way through a graph from a module back to it.
fn shortest_circle<'c>(needs: &Needs<'c>, start: &'c str) -> Option<Vec<&'c str>> {
    let mut ways = vec![vec![start]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let last = way.last().copied().unwrap_or(start);
            for &next in needs.get(last).into_iter().flat_map(BTreeMap::keys) {
                let way = [&way[..], &[next]].concat();
                if next == start {
                    return Some(way);
                }
                if seen.insert(next) {
                    longer.push(way);
                }
            }
        }
        ways = longer;
    }
    None
}

/// The circles in every folder, a shortest one for each module that is in one; each circle once.
pub fn circles(found: &Crate) -> Vec<String> {
    let mut faults = Vec::new();
    for (folder, needs) in folders(found) {
        let mut told = BTreeSet::new();
        for &start in needs.keys() {
            let Some(circle) = shortest_circle(&needs, start) else { continue };
            if !told.insert(circle.iter().copied().collect::<BTreeSet<_>>()) {
                continue;
            }
            let mut fault = format!("{}: {}", path(folder), circle.join(" -> "));
            for pair in circle.windows(2) {
                let _ = write!(fault, "\n    {}", needs[pair[0]][pair[1]]);
            }
            faults.push(fault);
        }
    }
    faults
}

/// The graph of every folder, a line for each module in it.
pub fn print(found: &Crate) -> String {
    let mut text = String::new();
    for (folder, needs) in folders(found) {
        let _ = writeln!(text, "  {}", path(folder));
        for (module, needs) in needs {
            let needs: Vec<_> = needs.into_keys().collect();
            let arrow = if needs.is_empty() { "" } else { " -> " };
            let _ = writeln!(text, "    {module}{arrow}{}", needs.join(", "));
        }
    }
    text
}
