//! Everything that can be written in `network!` has a page in the runtime's documentation, which says how it is written, with the
//! arguments and defaults that the compiler has, and an example there or on a page beside it, which `cargo test` compiles. So have
//! optimizers, schedules and callbacks, of which the compiler knows nothing.

mod pages;

use net_compiler::arguments::usage;
use net_compiler::constraints::CONSTRAINTS;
use net_compiler::initializers::INITIALIZERS;
use net_compiler::layers::{table, wrapper};
use net_compiler::regularizers::REGULARIZERS;
use net_compiler::vocabulary::Vocabulary;
use net_compiler::{losses, metrics};
use pages::{Page, pages};

fn all_pages(of: &[&str]) -> Vec<Page> {
    of.iter().flat_map(|of| pages(of)).collect()
}

/// Looks for a page and an example of each: a name, and how it is written.
fn all_are_documented(entries: impl IntoIterator<Item = (&'static str, String)>, pages: &[Page]) {
    let mut missing = Vec::new();
    for (name, usage) in entries {
        if !pages.iter().any(|page| page.text.contains(&format!("`{usage}`"))) {
            missing.push(format!("{name}: no page with `{usage}`"));
        }
        if !pages.iter().any(|page| page.uses(name)) {
            missing.push(format!("{name}: no example"));
        }
    }
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}

fn of_vocabulary<T>(words: &Vocabulary<T>) -> impl Iterator<Item = (&'static str, String)> {
    words.entries.iter().map(|entry| (entry.name, usage(entry.name, entry.parameters)))
}

#[test]
fn layers() {
    let pages = all_pages(&["layers", "activations.rs", "tensor/activation.rs"]);
    let layers = || table::LAYERS.iter().map(|layer| (layer.name, layer.parameters));
    let stages = || layers().chain(wrapper::WRAPPERS.iter().map(|wrapper| (wrapper.name, wrapper.parameters)));
    // The lists of families link to the page of each.
    let lists = [("mod layers", "the list of layers"), ("mod activations", "the list of functions")];
    let text = |of: &str| pages.iter().find(|page| page.name == of).unwrap().text.clone();
    let texts = lists.map(|(of, _)| text(of));
    for (name, _) in stages() {
        // An editor goes there from the name.
        assert!(pages.iter().any(|page| page.name == name), "`{name}` has no page");
        let of_one_element = name.starts_with(char::is_lowercase);
        let (list, (_, what)) = (&texts[usize::from(of_one_element)], lists[usize::from(of_one_element)]);
        assert!(list.contains(&format!("[`{name}`]")), "{what} does not have `{name}`");
    }
    // A function without arguments is written as it is called.
    let written = |name: &str, parameters: &[_]| match parameters {
        [] if name.starts_with(char::is_lowercase) => name.to_owned(),
        _ => usage(name, parameters),
    };
    all_are_documented(stages().map(|(name, parameters)| (name, written(name, parameters))), &pages);
}

#[test]
fn the_table_of_the_macro_has_every_stage() {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../net-runtime/src/lib.rs")).unwrap();
    for layer in table::LAYERS {
        assert!(
            source.contains(&format!("[`{}`]", layer.name)),
            "the documentation of `network!` lacks `{}`",
            layer.name
        );
    }
}

#[test]
fn losses_and_metrics() {
    all_are_documented(losses::usages(), &pages("losses"));
    all_are_documented(metrics::usages(), &pages("metrics"));
}

#[test]
fn what_is_said_of_weights() {
    all_are_documented(
        of_vocabulary(&INITIALIZERS),
        &all_pages(&["parameters/initializers.rs", "parameters/initializers"]),
    );
    all_are_documented(of_vocabulary(&REGULARIZERS), &all_pages(&["regularizers.rs", "parameters/regularizer.rs"]));
    all_are_documented(of_vocabulary(&CONSTRAINTS), &all_pages(&["constraints.rs", "parameters/constraint.rs"]));
}

#[test]
fn optimizers_and_callbacks_have_an_example_on_their_page() {
    let optimizers = pages::implementing("Optimizer", "optimizers");
    assert!(optimizers.len() > 10, "{optimizers:?}");
    let callbacks = ["Checkpoint", "EarlyStopping", "ReduceLrOnPlateau", "Progress", "Callback"].map(str::to_owned);
    for (folder, names) in [("optimizers", optimizers), ("training", callbacks.to_vec())] {
        let pages = pages(folder);
        for name in names {
            let own = pages.iter().find(|page| page.name == name);
            assert!(own.is_some_and(|page| page.uses(&name)), "the page of `{name}` has no example");
        }
    }
}

#[test]
fn every_schedule_is_in_an_example() {
    let pages = pages("optimizers/schedule.rs");
    for name in ["piecewise", "exponential", "cosine", "cosine_restarts", "polynomial", "inverse_time", "one_cycle"] {
        let own = pages.iter().find(|page| page.name == name);
        assert!(own.is_some_and(|page| page.uses(name)), "`Schedule::{name}` has no example");
    }
}
