//! The table of a network's layers in Markdown, for its documentation.

use crate::graph::result_label;
use crate::summary::{CHAIN, is_input, order, thousands};
use crate::{NetworkInfo, RowInfo};

/// Finds what the name of a row's kind is to link to in the documentation, if to anything.
pub type Link<'l> = &'l dyn Fn(&RowInfo<'_>) -> Option<String>;

/// The layers of a network in the order of its [`Summary`](crate::Summary), as a table in Markdown: what each is, the
/// shape of its result, its parameters, and what it reads unless each reads the one before.
pub fn table(info: &NetworkInfo<'_>, link: Link<'_>) -> String {
    let order = order::as_keras(info);
    let (titles, rule) = if order.is_chain {
        ("| layer | is | output | parameters |", "| --- | --- | --- | ---: |")
    } else {
        ("| layer | is | reads | output | parameters |", "| --- | --- | --- | --- | ---: |")
    };
    let mut text = format!("{titles}\n{rule}\n");
    for row in order.rows.iter().map(|&index| &info.rows[index]) {
        let mut cells = vec![code(row.name), kind(row, link)];
        if !order.is_chain {
            cells.push(operands(info, row));
        }
        cells.push(outputs(row));
        cells.push(if row.parameters == 0 { String::new() } else { thousands(row.parameters as u64) });
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}

/// Text as it stands in a program. A bar would end the cell.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|"))
}

/// A row's kind with its arguments and the functions behind it.
fn kind(row: &RowInfo<'_>, link: Link<'_>) -> String {
    if is_input(row) {
        return "input".to_owned();
    }
    if let (CHAIN, Some(inner)) = (row.kind, row.inner) {
        let layers = inner.rows.iter().filter(|row| !is_input(row));
        let layers: Vec<String> = layers.map(|row| kind(row, link)).collect();
        return format!("{} ({})", layers.join(" → "), uses(row));
    }
    let called = match row.arguments {
        "" => code(row.kind),
        arguments => code(&format!("{}({arguments})", row.kind)),
    };
    let mut text = match link(row) {
        Some(target) => format!("[{called}]({target})"),
        None => called,
    };
    if !row.activation.is_empty() {
        text.push_str(" → ");
        text.push_str(&code(row.activation));
    }
    if row.uses.len() > 1 {
        text.push_str(&format!(" ({})", uses(row)));
    }
    text
}

fn uses(row: &RowInfo<'_>) -> String {
    match row.uses.len() {
        1 => "1 use".to_owned(),
        several => format!("{several} uses"),
    }
}

/// What a row reads, over all its uses.
fn operands(info: &NetworkInfo<'_>, row: &RowInfo<'_>) -> String {
    let operands = row.uses.iter().flat_map(|one_use| one_use.connected_to).map(|&from| {
        let name = code(info.rows[from.row].name);
        match result_label(info, from).as_str() {
            "" => name,
            label => format!("{name} ({label})"),
        }
    });
    operands.collect::<Vec<_>>().join(", ")
}

/// A shape that stays on one line.
fn unbroken(shape: &[usize]) -> String {
    format!("{shape:?}").replace(' ', "\u{a0}")
}

/// The shapes of a row's results, different ones of its uses each.
fn outputs(row: &RowInfo<'_>) -> String {
    let mut shapes: Vec<String> = Vec::new();
    for one_use in row.uses {
        let results: Vec<String> = one_use.outputs.iter().map(|shape| code(&unbroken(shape))).collect();
        let results = results.join(", ");
        if !shapes.contains(&results) {
            shapes.push(results);
        }
    }
    shapes.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_networks::{FUNCTIONAL, MIXED, STEREO};

    #[test]
    fn a_chain_needs_no_column_for_what_is_read() {
        let link = |row: &RowInfo<'_>| (row.kind == "Dense").then(|| "net_runtime::layers::Dense".to_owned());
        let expected = "\
| layer | is | output | parameters |
| --- | --- | --- | ---: |
| `x` | input | `[32]` |  |
| `y_dense` | [`Dense(64)`](net_runtime::layers::Dense) → `relu` | `[64]` | 2,112 |
| `y_dense_2` | [`Dense(16)`](net_runtime::layers::Dense) → `softmax` | `[16]` | 1,040 |
";
        assert_eq!(table(&FUNCTIONAL, &link), expected);
    }

    #[test]
    fn a_shared_chain_shows_its_layers_and_its_uses() {
        let text = table(&STEREO, &|_| None);
        let line = |name: &str| text.lines().find(|line| line.starts_with(&format!("| `{name}` "))).unwrap();
        assert_eq!(
            line("eye"),
            "| `eye` | `Conv2d(128, 3, padding = same)` → `relu` → `Conv2d(256, 3, padding = same)` → `relu` (2 uses) | \
             `left`, `right` | `[120,\u{a0}160,\u{a0}256]` | 298,752 |"
        );
        assert!(line("distance_concat").contains("| `eye` (use 0), `eye` (use 1) | `[120,\u{a0}320,\u{a0}256]` |"));
    }

    #[test]
    fn every_line_has_as_many_cells_as_the_first() {
        let text = table(&MIXED, &|_| None);
        let bars = |line: &str| line.replace("\\|", "").matches('|').count();
        assert!(text.lines().all(|line| bars(line) == 6), "{text}");
        assert_eq!(text.lines().count(), MIXED.rows.len() + 2);
    }
}
